"""The whole list of REAPER's Lua API, where it is: 756 calls of REAPER 7.38 and the names that only extensions have."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

from tests.daw.reaper.fake.signatures import Argument, Signature
from tests.real_data import SESSIONS

_LIST = SESSIONS.parents[1] / "daw" / "reascript_api.json"

needs_api_list = pytest.mark.skipif(
    not _LIST.is_file(), reason="the list of REAPER's API (shared/daw) is not here"
)


@cache
def _document() -> Mapping[str, Any]:
    return json.loads(_LIST.read_text(encoding="utf-8"))


def whole_api() -> dict[str, Signature]:
    """Return every call by the name that api.txt has for it: without `reaper.`, with `gfx.`."""
    return {
        name.removeprefix("reaper."): Signature(
            name.removeprefix("reaper."),
            tuple(Argument(each["type"], each["name"], each["optional"]) for each in entry["args"]),
            tuple(each["type"] for each in entry["returns"]),
        )
        for name, entry in _document()["lua"].items()
    }


def extension_names() -> frozenset[str]:
    """Return names that are in `reaper` only where an extension is installed."""
    return frozenset(
        name.removeprefix("reaper.") for name in _document()["extension_functions_not_native"]
    )
