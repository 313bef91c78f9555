"""What AMA brings for REAPER: its scripts, its JSFX and its OSC pattern file, as they are installed and as ReaPack offers them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ama_bridge.daw import lua_scripts
from ama_bridge.daw.reaper.install import ShippedFile

PATTERN_FILE: Final = "AMA.ReaperOSC"
_FOLDER: Final = Path(lua_scripts.__file__).parent / "scripts" / "reaper"


def items(*, mailbox: str = "", command: str = "") -> tuple[ShippedFile, ...]:
    """Return every file that is installed.

    `mailbox` is the folder through which AMA and the scripts hand each other files, `command` what starts `ama`; where they are empty, the
    scripts find out for themselves.
    """
    values: dict[str, lua_scripts.Value] = {"mailbox": mailbox, "command": command}
    scripts = (
        ShippedFile(
            kind="script",
            file=f"{lua_scripts.SCRIPTS[name]}.lua",
            text=lua_scripts.script(name, values),
        )
        for name in lua_scripts.scripts_of("reaper")
    )
    effects = (
        ShippedFile(kind="effect", file=path.name, text=path.read_text(encoding="utf-8"))
        for path in sorted((_FOLDER / "jsfx").glob("*.jsfx"))
    )
    pattern = (_FOLDER / PATTERN_FILE).read_text(encoding="utf-8")
    return (*scripts, *effects, ShippedFile(kind="osc", file=PATTERN_FILE, text=pattern))
