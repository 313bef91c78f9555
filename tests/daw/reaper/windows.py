"""Windows of AMA's alone: a script that opens one with `window`, and tells on REAPER's console what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from ama_bridge.daw import lua_scripts
from tests.daw.fake_reaper import FakeReaper

UP, DOWN, PAGE_UP, PAGE_DOWN, HOME, END = (
    30064,
    1685026670,
    1885828464,
    1885824110,
    1752132965,
    6647396,
)
LEFT, RIGHT, ESCAPE, ENTER, SPACE, TAB = 1818584692, 1919379572, 27, 13, 32, 9

ASK: Final = """
local function say(ticked)
  local found = {}
  for _, one in ipairs(asked.suggestions) do
    if ticked and ticked[one.id] then found[#found + 1] = one.id end
  end
  reaper.ShowConsoleMsg(ticked and table.concat(found, " ") or "cancelled")
end
window.ask(asked, say)
"""
SETTLED_S: Final = 0.7
"""Until then a window that comes up by itself hears no keys."""
COUNT: Final = 40
"""Suggestions of the long list: more than a screen shows."""


def offers(count: int = 6, *, because: str = "It is too loud.") -> str:
    """Return a request as Lua: three suggestions a track, every other one ticked."""
    lines = [
        f'{{id = "s{at}", track = "{{{at // 3}}}", track_name = "Track {at // 3}", label = "Label {at}", because = {lua_scripts.quoted(because)}, ticked = {"true" if at % 2 == 0 else "false"}}}'
        for at in range(count)
    ]
    return "local asked = {skipped = {}, suggestions = {" + ", ".join(lines) + "}}\n"


def bundle(body: str) -> str:
    """Return a script with `window` and what it needs."""
    loaders = lua_scripts._loaders('include("reaper/window")', {})
    return f'{loaders}local window = include("reaper/window")\n{body}'


def shown(folder: Path, body: str, **variants: Any) -> FakeReaper:
    """Run a script until its window stands."""
    fake = FakeReaper(folder=folder, **variants)
    fake.run(bundle(body), name="AMA Apply")
    fake.spin(SETTLED_S)
    return fake
