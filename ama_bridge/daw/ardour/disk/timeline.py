"""Ardour's three ways of writing time, as frames.

Ardour 6 writes samples ("88200"). Since 7 a position is "a564480000", superclocks, of which the file says how many make a second, or "b1920",
1920ths of a quarter note, which the tempo map turns into time; a length is "a564480000@a0", how long and from where.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element

from ama_analysis.errors import SessionError
from ama_analysis.rates import MAX_RATE_HZ, MIN_RATE_HZ
from ama_bridge.daw.ardour.disk.elements import number, whole

_SUPERCLOCKS_PER_SECOND: Final = 282_240_000
"""Ardour 7's, where the file does not say."""
_TICKS_PER_QUARTER: Final = 1920
_LATEST_S: Final = 7 * 24 * 3600.0
"""A position that is later than any recording is damage."""


class UnreadTimeError(Exception):
    """A position is written in a way that cannot be turned into frames; the text completes "it lies ..."."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tempo:
    quarters: float
    seconds: float
    quarters_per_second: float
    ramped: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """Turns a session's times into frames at its sample rate."""

    sample_rate_hz: int
    superclocks_per_second: int
    tempos: tuple[_Tempo, ...]

    def position(self, text: str) -> int:
        """Return a position in frames from the session's zero."""
        return round(self._seconds(text) * self.sample_rate_hz)

    def length(self, text: str) -> int:
        """Return a length in frames, "how long@from where" or samples."""
        distance, _, origin = text.partition("@")
        if not distance.startswith("b"):
            return self.position(distance)
        start = self._seconds(origin or "a0")
        try:
            at_quarters = self._quarters(start) + int(distance[1:]) / _TICKS_PER_QUARTER
        except (ValueError, OverflowError) as error:
            message = f"for {distance[:40]!r}, which AMA cannot read"
            raise UnreadTimeError(message) from error
        return round((self._seconds_of(at_quarters) - start) * self.sample_rate_hz)

    def region_position(self, length: str, position: str | None) -> int:
        """Return where a region lies: since Ardour 7 its length says so, before it `position`."""
        if position is not None:
            return self.position(position)
        return self.position(length.partition("@")[2] or "0")

    def _seconds(self, text: str) -> float:
        try:
            if text.startswith("a"):
                seconds = int(text[1:]) / self.superclocks_per_second
            elif text.startswith("b"):
                seconds = self._seconds_of(int(text[1:]) / _TICKS_PER_QUARTER)
            else:
                seconds = int(text) / self.sample_rate_hz
        except (ValueError, OverflowError) as error:
            message = f"at {text[:40]!r}, which AMA cannot read"
            raise UnreadTimeError(message) from error
        if abs(seconds) > _LATEST_S:
            message = "more than a week away"
            raise UnreadTimeError(message)
        return seconds

    def _seconds_of(self, quarters: float) -> float:
        tempo = self._tempo(bisect_right([t.quarters for t in self.tempos], quarters))
        return tempo.seconds + (quarters - tempo.quarters) / tempo.quarters_per_second

    def _quarters(self, seconds: float) -> float:
        tempo = self._tempo(bisect_right([t.seconds for t in self.tempos], seconds))
        return tempo.quarters + (seconds - tempo.seconds) * tempo.quarters_per_second

    def _tempo(self, after: int) -> _Tempo:
        if not self.tempos:
            message = "in beats, of which the session has no tempo"
            raise UnreadTimeError(message)
        tempo = self.tempos[max(after - 1, 0)]
        if tempo.ramped:
            message = "in beats where the tempo changes gradually"
            raise UnreadTimeError(message)
        return tempo


def timeline_of(root: Element) -> Timeline:
    """Return what turns the times of a session into frames; `SessionError` (AMA-204) for a rate that AMA does not read."""
    rate = whole(root, "sample-rate")
    if not MIN_RATE_HZ <= rate <= MAX_RATE_HZ:
        message = f"The session has a sample rate of {rate} Hz."
        raise SessionError(message, hint="AMA reads 8 kHz to 192 kHz.", code="AMA-204")
    tempo_map = root.find("TempoMap")
    if tempo_map is None:
        return Timeline(rate, _SUPERCLOCKS_PER_SECOND, ())
    clocks = whole(tempo_map, "superclocks-per-second", _SUPERCLOCKS_PER_SECOND)
    clocks = clocks if clocks > 0 else _SUPERCLOCKS_PER_SECOND
    tempos = [_tempo_of(node, clocks) for node in tempo_map.iterfind("Tempos/Tempo")]
    known = sorted((t for t in tempos if t is not None), key=lambda tempo: tempo.quarters)
    return Timeline(rate, clocks, tuple(known))


def _tempo_of(node: Element, superclocks_per_second: int) -> _Tempo | None:
    per_minute, note_type = number(node, "npm", 0.0), number(node, "note-type", 4.0)
    beats, _, ticks = node.get("quarters", "0:0").partition(":")
    try:
        quarters = int(beats) + int(ticks or 0) / _TICKS_PER_QUARTER
    except ValueError:
        return None
    if per_minute <= 0 or note_type <= 0:
        return None
    return _Tempo(
        quarters=quarters,
        seconds=whole(node, "sclock") / superclocks_per_second,
        quarters_per_second=per_minute / 60 * 4 / note_type,
        ramped=number(node, "enpm", per_minute) != per_minute or "Ramp" in node.get("type", ""),
    )
