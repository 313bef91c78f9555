"""The HTTP side of the service: a JSON interface with the verbs of the OSC namespace, a description of it for OSCQuery, and the page.

`listening` takes the port, `server` serves it in a thread of its own, `app` is what is served; nothing else of AMA imports Starlette or
uvicorn. Everything stays on 127.0.0.1, and `guard` refuses what pages of other origins send.
"""

from ama_bridge.web.listening import Listening
from ama_bridge.web.server import PageServer

__all__ = ["Listening", "PageServer"]
