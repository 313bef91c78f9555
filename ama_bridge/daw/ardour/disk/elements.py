"""An Ardour session file as a tree, and its attributes as numbers.

The file is read by expat, which stops at a document type: so there are no entities, neither bombs nor files from elsewhere.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from ama_analysis.errors import SessionError

OLDEST_VERSION: Final = 6000
"""Ardour 6: before it, tracks and regions are written in another way."""
_LARGEST_BYTES: Final = 256 << 20
_HINT: Final = "Save it anew in Ardour, or export stems."


def session_tree(path: Path) -> Element:
    """Return the root of an Ardour session file; `SessionError` (AMA-204) where it is none, or an older Ardour's."""
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            message = f"{path} is larger than 256 MiB."
            raise SessionError(message, hint="Export stems instead.", code="AMA-204")
        root = _parsed(path.read_bytes())
    except OSError as error:
        message = f"{path} cannot be read ({error.strerror})."
        raise SessionError(message, hint="Check the name.", code="AMA-204") from error
    except (expat.ExpatError, ValueError, LookupError) as error:
        message = f"{path} is not an Ardour session ({error})."
        raise SessionError(message, hint=_HINT, code="AMA-204") from error
    if root.tag != "Session":
        message = f"{path} is not an Ardour session (it holds a {root.tag[:40]})."
        raise SessionError(message, hint=_HINT, code="AMA-204")
    if whole(root, "version") < OLDEST_VERSION:
        message = f"{path} was written by an Ardour older than 6."
        raise SessionError(message, hint="Open and save it in Ardour 6 or later.", code="AMA-204")
    return root


def _parsed(data: bytes) -> Element:
    parser = expat.ParserCreate()
    builder = TreeBuilder()

    def refuse(*_: object) -> None:
        message = "it declares a document type, which Ardour never writes"
        raise ValueError(message)

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda tag, attributes: _ignored(builder.start(tag, attributes))
    parser.EndElementHandler = lambda tag: _ignored(builder.end(tag))
    parser.CharacterDataHandler = builder.data
    parser.buffer_text = True
    parser.Parse(data, True)  # noqa: FBT003  # expat's signature
    return builder.close()


def _ignored(_: object) -> None:
    return None


def whole(node: Element, name: str, default: int = 0) -> int:
    """Return an attribute as a whole number."""
    try:
        return int(node.get(name, default))
    except ValueError:
        return default


def number(node: Element, name: str, default: float) -> float:
    """Return an attribute as a finite number."""
    try:
        found = float(node.get(name, default))
    except ValueError:
        return default
    return found if math.isfinite(found) else default


def switched(node: Element, name: str, *, default: bool) -> bool:
    """Return an attribute as true or false ("1", "yes", "true")."""
    text = node.get(name)
    return default if text is None else text.lower() in {"1", "y", "yes", "true"}
