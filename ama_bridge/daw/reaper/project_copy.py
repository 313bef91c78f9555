"""A copy of a REAPER project with other faders, pans and polarity, and AMA's JSFX where they are wanted; every other byte is the project's.

What is written: the volume and pan in a track's VOLPAN line, IPHASE, PLAYOFFS for a delay, and effects behind the track's own (an FX chain where it
has none). What only REAPER can write (its own effects, sends of side-chains) stays with AMA Apply and is told so. The copy is read again, and what
it says is compared with what was asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from ama_analysis.plan import MASTER, Gain, MixPlan, Pan, Polarity, Suggestion
from ama_bridge.daw.port import ReadBack, Skipped
from ama_bridge.daw.reaper.jsfx_inserts import jsfx_inserts
from ama_bridge.daw.reaper.jsfx_text import BeyondError, effect_lines
from ama_bridge.daw.reaper.project_strip import BALANCE_MODES, Strip, strips_of
from ama_bridge.daw.reaper.request import Insert
from ama_bridge.daw.reaper.rpp import (
    Change,
    Chunk,
    Line,
    Word,
    joined,
    line_end_of,
    parsed,
    replaced,
)

BY_SCRIPT: Final = "it stays with AMA Apply in REAPER"
_NO_JSFX: Final = (
    f"effects are not written into a copy unless they are AMA's JSFX (--with-jsfx); {BY_SCRIPT}"
)
_CLOSE: Final = 1e-6
_SWITCHED_OFF: Final = 1
_IN_SAMPLES: Final = 2
"""The bits of a playback offset's second number."""
_MASTER_BEFORE: Final = ("MASTER_SEL", "MASTER_FX", "MASTER_VOLUME")
"""Behind the first of these lines that is there the master's chain stands."""


class NotWrittenError(Exception):
    """A suggestion that stays out of the copy; the text is the reason."""


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


def copy_of(project: Chunk, plan: MixPlan, *, with_jsfx: bool) -> Copied:
    """Return a project with what a plan suggests for it; tracks are known by their ids."""
    copy = _Copy(project, line_end_of(project.data))
    tracks = {strip.id: (chunk, strip) for chunk, strip in strips_of(project)}
    wanted = _without_repeats(copy, plan.suggestions)
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
        _insert(copy, mine, place, plan.session.sample_rate_hz, with_jsfx=with_jsfx)
    data = replaced(project.data, copy.changes)
    return Copied(
        data=data,
        applied=tuple(s.id for s in plan.suggestions if s.id in set(copy.applied)),
        skipped=tuple(copy.skipped),
        read_back=tuple(_read_back(data, [s for s in wanted if s.id in set(copy.applied)])),
    )


def _without_repeats(copy: _Copy, suggestions: Sequence[Suggestion]) -> list[Suggestion]:
    """Leave out what a later suggestion sets anew, as in the audition."""
    once = {"gain", "pan", "polarity"}
    last = {(s.track, s.action.kind): s for s in suggestions}
    kept = []
    for suggestion in suggestions:
        final = last[suggestion.track, suggestion.action.kind]
        if suggestion.action.kind in once and final is not suggestion:
            copy.skip(suggestion, f"{final.id} sets the {suggestion.action.kind} of this track anew")  # fmt: skip
        else:
            kept.append(suggestion)
    return kept


def _set(copy: _Copy, suggestion: Suggestion, track: Chunk, strip: Strip) -> None:
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


def _set_fader(copy: _Copy, action: Gain, track: Chunk, strip: Strip) -> None:
    if "fader" in strip.automated:
        raise NotWrittenError("its fader follows automation")
    if abs(action.fader_db - strip.fader_db) < _CLOSE:
        raise NotWrittenError("the fader stays where it is")
    sign = "-" if strip.volume < 0 else ""
    volume = 10.0 ** (action.fader_db / 20.0)
    copy.put(_word(track, "VOLPAN", 1), sign + number_text(volume))


def _set_pan(copy: _Copy, action: Pan, track: Chunk, strip: Strip) -> None:
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
    place: tuple[Chunk, Strip] | None,
    sample_rate_hz: int,
    *,
    with_jsfx: bool,
) -> None:
    """Write the effects of a track, or of the master where `place` is None."""
    effects = [s for s in suggestions if s.action.kind not in {"gain", "pan", "polarity"}]
    able = [s for s in effects if s.action.kind not in {"sidechain", "limiter"}]
    for suggestion in effects:
        if not with_jsfx and suggestion in able:
            copy.skip(suggestion, _NO_JSFX)
        elif suggestion not in able:
            what = "a side-chain needs a send" if suggestion.action.kind == "sidechain" else "AMA has no limiter of its own"  # fmt: skip
            copy.skip(suggestion, f"{what}; {BY_SCRIPT}")
    if not with_jsfx or not able:
        return
    found = jsfx_inserts(able, sample_rate_hz)
    copy.skipped += [Skipped(suggestion=one, reason=reason) for one, reason in found.left_out]
    left = {one for one, _ in found.left_out}
    wanted = [s for s in able if s.id not in left]
    track_id = MASTER if place is None else place[1].id
    try:
        lines = list(_effects_text(found.inserts, {s.id for s in wanted}, track_id))
        if lines:
            chunk = copy.project if place is None else place[0]
            copy.changes.append(_chain_change(copy, chunk, lines, on_master=place is None))
    except (BeyondError, NotWrittenError) as error:
        for suggestion in wanted:
            copy.skip(suggestion, str(error))
    else:
        copy.applied += [s.id for s in wanted]


def _effects_text(inserts: Sequence[Insert], ticked: Collection[str], track: str) -> Iterator[str]:
    for insert in inserts:
        yield from effect_lines(insert, ticked, unique=f"{track} {insert.key} {sorted(ticked)}")


def _chain_change(copy: _Copy, chunk: Chunk, lines: Sequence[str], *, on_master: bool) -> Change:
    """Return the change that puts effects behind those of a track (or of the master), in a chain of its own where it has none."""
    if not chunk.whole("MASTER_FX" if on_master else "FX", 1, 1):
        raise NotWrittenError("the track's effects are switched off")
    kind = "MASTERFXLIST" if on_master else "FXCHAIN"
    data = copy.project.data
    chain = next(chunk.of_kind(kind), None)
    if chain is not None:
        return Change(
            chain.end, chain.end, joined(lines, _indent(data, chain.start) + 2, copy.line_end)
        )
    whole = [f"<{kind}", *(f"  {each}" for each in ("SHOW 0", "LASTSEL 0", "DOCKED 0", *lines)), ">"]  # fmt: skip
    at = _behind_line(chunk) if on_master else _before_items(chunk)
    indent = _indent(data, chunk.start) + 2
    return Change(at, at, joined(whole, indent, copy.line_end))


def _before_items(track: Chunk) -> int:
    """Return where a track's effects stand: at the beginning of the line of its first item, or of its end."""
    items = next(track.of_kind("ITEM"), None)
    at = track.end if items is None else items.start
    return track.data.rfind(b"\n", 0, at) + 1


def _behind_line(project: Chunk) -> int:
    for key in _MASTER_BEFORE:
        line = project.line(key)
        if line is not None:
            return project.data.find(b"\n", line.words[-1].stop) + 1
    raise NotWrittenError(f"the project has no line of its master track; {BY_SCRIPT}")


def _indent(data: bytes, at: int) -> int:
    return at - data.rfind(b"\n", 0, at) - 1


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
