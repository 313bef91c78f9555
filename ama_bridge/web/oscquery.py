"""The OSC namespace as OSCQuery describes it (Vidvox's proposal): a tree of nodes as JSON, each readable whole or by one attribute.

    GET /ama/v1/suggest          {"FULL_PATH": "/ama/v1/suggest", "TYPE": "ss", "ACCESS": 2, "DESCRIPTION": ..., "RANGE": [...]}
    GET /ama/v1/suggest?TYPE     {"TYPE": "ss"}
    GET /?HOST_INFO              where the OSC service listens, and which attributes are answered

Every address is written to alone (ACCESS 2). TYPE tells the arguments that must be there; where some may be left out OVERLOADS tells the
longer forms. Arguments that come any number of times are told once.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final, TypeAlias, get_args

from ama_analysis.errors import OptionError
from ama_analysis.session import FADER_RANGE_DB
from ama_bridge.config import HOST
from ama_bridge.handlers import CLEAR
from ama_bridge.intake import MAX_TRACKS
from ama_bridge.osc_table import ADDRESSES, Address, Parameter
from ama_bridge.service.analyst import ENGINES
from ama_bridge.store import Verdict
from ama_bridge.web.answering import Refused

WRITE_ONLY: Final = 2
NO_VALUE: Final = 0
ATTRIBUTES: Final = (
    "FULL_PATH",
    "CONTENTS",
    "TYPE",
    "ACCESS",
    "DESCRIPTION",
    "RANGE",
    "OVERLOADS",
)
EXTENSIONS: Final = {
    "ACCESS": True,
    "VALUE": False,
    "RANGE": True,
    "DESCRIPTION": True,
    "TAGS": False,
    "EXTENDED_TYPE": False,
    "UNIT": False,
    "CRITICAL": False,
    "CLIPMODE": False,
    "OVERLOADS": True,
    "HTML": False,
    "LISTEN": False,
    "PATH_CHANGED": False,
}
Node: TypeAlias = dict[str, Any]
_ON_OFF: Final[Node] = {"VALS": [0, 1]}
RANGES: Final[dict[str, Node]] = {
    "reply_port": {"MIN": 0, "MAX": 65_535},
    "track_count": {"MIN": 1, "MAX": MAX_TRACKS},
    "index": {"MIN": 0, "MAX": MAX_TRACKS - 1},
    "sample_rate": {"MIN": 8_000, "MAX": 192_000},
    "bounced": {"VALS": ["", "post_fader"]},
    "fader_db": {"MIN": FADER_RANGE_DB[0], "MAX": FADER_RANGE_DB[1]},
    "pan": {"MIN": -1.0, "MAX": 1.0},
    "mute": _ON_OFF,
    "on": _ON_OFF,
    "ask": _ON_OFF,
    "mix": _ON_OFF,
    "engine": {"VALS": list(ENGINES)},
    "decision": {"VALS": [*get_args(Verdict), CLEAR]},
}
"""What arguments may be, by their names; a test holds them against what the service takes."""


def host_info(osc_port: int) -> Node:
    """Return where the OSC service listens, and what of the proposal is answered."""
    return {
        "NAME": "AMA",
        "EXTENSIONS": EXTENSIONS,
        "OSC_IP": HOST,
        "OSC_PORT": osc_port,
        "OSC_TRANSPORT": "UDP",
    }


def node_at(path: str) -> Node:
    """Return the node of an address or of one of its parents; `OptionError` (AMA-502) where there is none."""
    node = tree()
    for part in filter(None, path.split("/")):
        try:
            node = node["CONTENTS"][part]
        except KeyError:
            message = f"AMA has no address {path[:60]!r}."
            hint = "GET / with Accept: application/json lists all."
            raise OptionError(message, hint=hint, code="AMA-502") from None
    return node


def attribute(node: Node, name: str) -> Node | None:
    """Return one attribute of a node, None where it has none of that name; `Refused` (400) where AMA does not know it."""
    if name not in ATTRIBUTES:
        known = ", ".join(("HOST_INFO", *ATTRIBUTES))
        message = f"{name[:60]!r} is no attribute that AMA answers."
        raise Refused(400, message, hint=f"It answers {known}.")
    return {name: node[name]} if name in node else None


@lru_cache(maxsize=1)
def tree() -> Node:
    """Return the root with everything below it."""
    root = _container("/")
    for address in ADDRESSES.values():
        node, here = root, ""
        *parents, last = address.path.strip("/").split("/")
        for part in parents:
            here = f"{here}/{part}"
            node = node["CONTENTS"].setdefault(part, _container(here))
        node["CONTENTS"][last] = _method(address)
    return root


def _container(path: str) -> Node:
    return {"FULL_PATH": path, "ACCESS": NO_VALUE, "CONTENTS": {}}


def _method(address: Address) -> Node:
    parameters = [p for p in address.parameters if not p.by_name]
    shortest = sum(not p.optional for p in parameters)
    longer = [_form(parameters[:n]) for n in range(shortest + 1, len(parameters) + 1)]
    return {
        "FULL_PATH": address.path,
        "ACCESS": WRITE_ONLY,
        "DESCRIPTION": f"{address.about} Arguments: {address.arguments}. Answer: {address.answer}.",
        **_form(parameters[:shortest]),
        **({"OVERLOADS": longer} if longer else {}),
    }


def _form(parameters: list[Parameter]) -> Node:
    return {
        "TYPE": "".join(p.type for p in parameters),
        "RANGE": [RANGES.get(p.name) for p in parameters],
    }
