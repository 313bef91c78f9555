"""A copy of a REAPER project with other faders, pans and polarity, and AMA's JSFX where they are wanted; every other byte is the project's.

What is written: the volume and pan in a track's VOLPAN line, IPHASE, PLAYOFFS for a delay, and effects behind the track's own (an FX chain where it
has none). What only REAPER can write (its own effects, sends of side-chains) stays with AMA Apply and is told so. The copy is read again, and what
it says is compared with what was asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from ama_analysis.plan import MASTER, Gain, MixPlan, Pan, Polarity, Suggestion
from ama_bridge.daw.port import ReadBack, Skipped
from ama_bridge.daw.reaper.jsfx_inserts import jsfx_inserts
from ama_bridge.daw.reaper.jsfx_text import BeyondError, effect_lines
from ama_bridge.daw.reaper.project.chains import BY_SCRIPT, NotWrittenError, chain_changes
from ama_bridge.daw.reaper.project.rpp import (
    Change,
    Chunk,
    Line,
    Word,
    line_end_of,
    parsed,
    replaced,
)
from ama_bridge.daw.reaper.project.strip import BALANCE_MODES, ProjectStrip, strips_of
from ama_bridge.daw.repeats import PLACING, set_anew

_NO_JSFX: Final = (
    f"effects are not written into a copy unless they are AMA's JSFX (--with-jsfx); {BY_SCRIPT}"
)
_UNWRITTEN: Final = {
    "sidechain": f"a side-chain needs a send; {BY_SCRIPT}",
    "limiter": f"AMA has no limiter of its own; {BY_SCRIPT}",
}
_CLOSE: Final = 1e-6
_SWITCHED_OFF: Final = 1
_IN_SAMPLES: Final = 2
"""The bits of a playback offset's second number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """A copy's bytes, and what became of each suggestion."""

    data: bytes
    applied: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    read_back: tuple[ReadBack, ...]


@dataclass(slots=True)
class _Copy:
    """One copy as it is made."""

    project: Chunk
    line_end: bytes
    changes: list[Change] = field(default_factory=list)
    applied: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def skip(self, suggestion: Suggestion, reason: str) -> None:
        self.skipped.append(Skipped(suggestion=suggestion.id, reason=reason))

    def put(self, word: Word, text: str) -> None:
        self.changes.append(Change(word.start, word.stop, text.encode()))


def copy_of(project: Chunk, plan: MixPlan, *, jsfx: str | None) -> Copied:
    """Return a project with what a plan suggests for it; tracks are known by their ids, `jsfx` is the folder of AMA's JSFX (None: no effects)."""
    copy = _Copy(project, line_end_of(project.data))
    tracks = {strip.id: (chunk, strip) for chunk, strip in strips_of(project)}
    anew = set_anew(plan.suggestions)
    copy.skipped += [Skipped(suggestion=name, reason=why) for name, why in anew.items()]
    wanted = [s for s in plan.suggestions if s.id not in anew]
    for track_id in dict.fromkeys(s.track for s in wanted):
        mine = [s for s in wanted if s.track == track_id]
        place = tracks.get(track_id)
        if place is None and track_id != MASTER:
            for suggestion in mine:
                copy.skip(suggestion, "the project does not have its track")
            continue
        if place is not None:
            for suggestion in mine:
                _set(copy, suggestion, *place)
        effects = [s for s in mine if s.action.kind not in PLACING]
        _insert(copy, effects, place, plan.session.sample_rate_hz, jsfx=jsfx)
    data = replaced(project.data, copy.changes)
    return Copied(
        data=data,
        applied=tuple(s.id for s in plan.suggestions if s.id in set(copy.applied)),
        skipped=tuple(copy.skipped),
        read_back=tuple(_read_back(data, [s for s in wanted if s.id in set(copy.applied)])),
    )


def _set(copy: _Copy, suggestion: Suggestion, track: Chunk, strip: ProjectStrip) -> None:
    action = suggestion.action
    try:
        if isinstance(action, Gain):
            _set_fader(copy, action, track, strip)
        elif isinstance(action, Pan):
            _set_pan(copy, action, track, strip)
        elif isinstance(action, Polarity):
            _set_polarity(copy, action, track)
        else:
            return
    except NotWrittenError as error:
        copy.skip(suggestion, str(error))
    else:
        copy.applied.append(suggestion.id)


def _set_fader(copy: _Copy, action: Gain, track: Chunk, strip: ProjectStrip) -> None:
    if "fader" in strip.automated:
        raise NotWrittenError("its fader follows automation")
    if abs(action.fader_db - strip.fader_db) < _CLOSE:
        raise NotWrittenError("the fader stays where it is")
    sign = "-" if strip.volume < 0 else ""
    volume = 10.0 ** (action.fader_db / 20.0)
    copy.put(_word(track, "VOLPAN", 1), sign + number_text(volume))


def _set_pan(copy: _Copy, action: Pan, track: Chunk, strip: ProjectStrip) -> None:
    if "pan" in strip.automated:
        raise NotWrittenError("its pan follows automation")
    if strip.pan_mode not in BALANCE_MODES:
        raise NotWrittenError("its pan mode is no balance: choose balance in its pan menu")
    copy.put(_word(track, "VOLPAN", 2), number_text(action.pan))


def _set_polarity(copy: _Copy, action: Polarity, track: Chunk) -> None:
    changes = []
    if action.invert:
        word = _word(track, "IPHASE", 1)
        changes.append((word, "0" if word.text == "1" else "1"))
    if action.delay_ms > 0:
        changes += _delayed(action.delay_ms, _line(track, "PLAYOFFS"))
    for word, text in changes:
        copy.put(word, text)


def _delayed(delay_ms: float, line: Line) -> list[tuple[Word, str]]:
    if len(line.words) < 3:
        raise NotWrittenError(f"the project writes no playback offsets; {BY_SCRIPT}")
    bits = line.whole(2)
    if bits & _IN_SAMPLES and not bits & _SWITCHED_OFF:
        raise NotWrittenError(f"its playback offset is given in samples; {BY_SCRIPT}")
    now_s = 0.0 if bits & _SWITCHED_OFF else line.number(1, 0.0)
    return [(line.words[1], number_text(now_s + delay_ms / 1000.0)), (line.words[2], "0")]


def _line(track: Chunk, key: str) -> Line:
    line = track.line(key)
    if line is None:
        raise NotWrittenError(f"its track has no line {key}; {BY_SCRIPT}")
    return line


def _word(track: Chunk, key: str, at: int) -> Word:
    line = _line(track, key)
    if at >= len(line.words):
        raise NotWrittenError(f"its line {key} is short; {BY_SCRIPT}")
    return line.words[at]


def _insert(
    copy: _Copy,
    suggestions: Sequence[Suggestion],
    place: tuple[Chunk, ProjectStrip] | None,
    sample_rate_hz: int,
    *,
    jsfx: str | None,
) -> None:
    """Write the effects of a track, or of the master where `place` is None."""
    able = [s for s in suggestions if s.action.kind not in _UNWRITTEN]
    for suggestion in suggestions:
        reason = _UNWRITTEN.get(suggestion.action.kind, _NO_JSFX if jsfx is None else "")
        if reason:
            copy.skip(suggestion, reason)
    if jsfx is None or not able:
        return
    found = jsfx_inserts(able, sample_rate_hz)
    copy.skipped += [Skipped(suggestion=one, reason=reason) for one, reason in found.left_out]
    left = {one for one, _ in found.left_out}
    wanted = {s.id: s for s in able if s.id not in left}
    track_id = MASTER if place is None else place[1].id
    try:
        effects = [
            effect_lines(insert, wanted.keys(), unique=f"{track_id} {insert.key}", folder=jsfx)
            for insert in found.inserts
        ]
        chunk = copy.project if place is None else place[0]
        changes = list(chain_changes(chunk, effects, on_master=place is None))
    except (BeyondError, NotWrittenError) as error:
        for suggestion in wanted.values():
            copy.skip(suggestion, str(error))
    else:
        copy.changes += changes
        copy.applied += wanted


def number_text(value: float) -> str:
    """Return a number as REAPER writes it: at most 14 decimals, no zeros at its end."""
    text = f"{value:.14f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def _read_back(data: bytes, suggestions: Sequence[Suggestion]) -> Iterator[ReadBack]:
    """Yield faders and pans as AMA's own reader finds them in the copy."""
    strips = {strip.id: strip for _, strip in strips_of(parsed(data))}
    for suggestion in suggestions:
        action = suggestion.action
        if isinstance(action, Gain):
            yield ReadBack(
                suggestion=suggestion.id,
                what="fader_db",
                asked=action.fader_db,
                read=strips[suggestion.track].fader_db,
            )
        elif isinstance(action, Pan):
            yield ReadBack(
                suggestion=suggestion.id,
                what="pan",
                asked=action.pan,
                read=strips[suggestion.track].pan,
            )
