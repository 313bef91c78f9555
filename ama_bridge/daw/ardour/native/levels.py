"""What AMA Level adds to faders, read over OSC: fader and level together are the fader that AMA hears (scripts/ardour/level.lua).

The scripts' journals tell which tracks have one, by the name that the track had then; it is the last plugin there that stands as AMA
left it, whatever its gain is now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ama_bridge.daw.ardour import ace
from ama_bridge.daw.ardour.native import reading
from ama_bridge.daw.ardour.native.surface import Surface
from ama_bridge.daw.ardour.native.values import OFF_DB, MixerStrip
from ama_bridge.daw.ardour.rack import FADER_LEVEL
from ama_bridge.daw.ardour.script_journals import Left, left_by_scripts


class Levels:
    """Reads the levels of one session."""

    def __init__(self, folder: Path, session: str) -> None:
        """Take the mailbox folder with the journals, and the session's name."""
        self._folder, self._session = folder, session
        self._read_at = 0

    def are_new(self) -> bool:
        """Return whether a script may have set one since they were read: whatever it does ends with a file in the mailbox."""
        return self._written_at() != self._read_at

    def _written_at(self) -> int:
        return self._folder.stat().st_mtime_ns if self._folder.is_dir() else 0

    def added(self, surface: Surface, strips: Sequence[MixerStrip]) -> tuple[MixerStrip, ...]:
        """Return the strips, each fader with its level."""
        self._read_at = self._written_at()
        left = [
            one
            for one in left_by_scripts(self._folder, self._session)
            if one.key == FADER_LEVEL.key
        ]
        return tuple(_with_level(surface, strip, left) for strip in strips)


def _with_level(surface: Surface, strip: MixerStrip, left: Sequence[Left]) -> MixerStrip:
    mine = [one.settings for one in left if one.name == strip.name and strip.kind != "V"]
    if not mine or strip.gain_db <= OFF_DB:
        return strip
    for plugin in reversed(strip.plugins):
        known = {p.which: p for p in reading.parameters(surface, strip.ssid, plugin.position)}
        for settings in mine:
            bands = {which: v for which, v in settings.items() if which != ace.MASTER_GAIN}
            if all(which in known and known[which].is_at(v) for which, v in bands.items()):
                return replace(strip, gain_db=strip.gain_db + known[ace.MASTER_GAIN].value)
    return strip
