"""The items of a REAPER track as parts of an edit list, or a reason why they cannot be.

What of an item counts: position, length, start in the source, loops, fades, item and take volume, take pan, polarity, channel mode, a straight take
volume envelope, mute, which take plays. Stretched or pitched takes, stretch markers, reversed sections and automation of takes other than
that leave the track out, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from ama_bridge.daw.reaper.project import fades
from ama_bridge.daw.reaper.project.effects import Effect, effects_of
from ama_bridge.daw.reaper.project.envelopes import Envelope, envelope_of
from ama_bridge.daw.reaper.project.media import NotPlainError
from ama_bridge.daw.reaper.project.rpp import Chunk, Line

LATEST_S: Final = 7 * 24 * 3600.0
"""A position that is later than any recording is damage."""
_AUDIBLE_FADE_S: Final = 0.1
"""A curved fade that is longer is told, since its curve is not known for certain."""
_SAME: Final = 1e-9
_TAKE_ENVELOPES: Final = {
    "PANENV": "pan",
    "MUTEENV": "mute",
    "PITCHENV": "pitch",
}


@dataclass(slots=True)
class Take:
    """One take of an item as it is written."""

    selected: bool = False
    name: str = ""
    offset_s: float = 0.0
    volume: float = 1.0
    pan: float = 0.0
    rate: float = 1.0
    semitones: float = 0.0
    channel_mode: int = 0
    source: Chunk | None = None
    volume_envelope: Envelope | None = None
    moving: list[str] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    stretched: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fade:
    """A fade's length, s, and its shape; `bent` says that its curvature was changed too."""

    length_s: float
    shape: int
    bent: bool

    @property
    def uncertain(self) -> bool:
        """Whether it is long, and not straight."""
        curved = self.bent or self.shape != fades.STRAIGHT
        return curved and self.length_s > _AUDIBLE_FADE_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One audible item; `takes` are those that are heard."""

    position_s: float
    length_s: float
    loops: bool
    volume: float
    fade_in: Fade
    fade_out: Fade
    lane: float
    takes: tuple[Take, ...]

    @property
    def end_s(self) -> float:
        """Where it ends."""
        return self.position_s + self.length_s

    @property
    def name(self) -> str:
        """The name of the take that is heard."""
        return self.takes[0].name

    @property
    def notes(self) -> Iterator[str]:
        """What of the item does not count, or is not certain."""
        for take in self.takes:
            if names := [effect.name for effect in take.effects if effect.on]:
                yield f"effects of its item {take.name!r} ({', '.join(names)}) are not in it"
        if self.fade_in.uncertain or self.fade_out.uncertain:
            yield "its long curved fades are drawn as REAPER's pictures show them"


def items_of(track: Chunk) -> list[Item]:
    """Return a track's audible items in time's order; `NotPlainError` where one is not plain."""
    found = [item for chunk in track.of_kind("ITEM") if (item := _item(chunk)) is not None]
    return sorted(found, key=lambda item: (item.position_s, -item.length_s))


def _item(chunk: Chunk) -> Item | None:
    length_s = chunk.number("LENGTH", 1, 0.0)
    if chunk.whole("MUTE", 1) or length_s <= 0:
        return None
    takes = _heard(_takes(chunk), together=bool(chunk.whole("ALLTAKES", 1)))
    if not takes:
        return None
    position_s = chunk.number("POSITION", 1, 0.0)
    if position_s < 0 or position_s + length_s > LATEST_S:
        message = f"its item {takes[0].name!r} lies at {position_s:g} s, {length_s:g} s long"
        raise NotPlainError(message)
    for take in takes:
        _check_plain(take)
    return Item(
        position_s=position_s,
        length_s=length_s,
        loops=bool(chunk.whole("LOOP", 1)),
        volume=chunk.number("VOLPAN", 1, 1.0),
        fade_in=_fade(chunk, "FADEIN"),
        fade_out=_fade(chunk, "FADEOUT"),
        lane=chunk.number("YPOS", 1, 0.0),
        takes=takes,
    )


def _heard(takes: Sequence[Take], *, together: bool) -> tuple[Take, ...]:
    """Return the takes that are heard: the one that is chosen (the first unless one says so), or all together."""
    chosen = next((take for take in takes if take.selected), takes[0])
    return tuple(take for take in (takes if together else (chosen,)) if take.source is not None)


def _takes(item: Chunk) -> list[Take]:
    takes = [Take()]
    for each in item.content():
        if isinstance(each, Chunk):
            _read_chunk(takes[-1], each)
        elif each.key == "TAKE":
            flags = {word.text for word in each.words[1:]}
            takes.append(Take(selected="SEL" in flags))
        else:
            _read_line(takes[-1], each)
    return takes


def _read_line(take: Take, line: Line) -> None:
    match line.key:
        case "NAME":
            take.name = line.text(1)
        case "SOFFS":
            take.offset_s = line.number(1, 0.0)
        case "VOLPAN":  # the item's volume, then the first take's pan and volume
            take.pan, take.volume = line.number(2, 0.0), line.number(3, 1.0)
        case "TAKEVOLPAN":
            take.pan, take.volume = line.number(1, 0.0), line.number(2, 1.0)
        case "PLAYRATE":
            take.rate, take.semitones = line.number(1, 1.0), line.number(3, 0.0)
        case "CHANMODE":
            take.channel_mode = line.whole(1)
        case "SM":
            take.stretched = True
        case _:
            pass


def _read_chunk(take: Take, chunk: Chunk) -> None:
    match chunk.kind:
        case "SOURCE":
            take.source = chunk
        case "TAKEFX":
            take.effects = effects_of(chunk)
        case "VOLENV":
            take.volume_envelope = envelope_of(chunk, neutral=1.0)
        case "PANENV" | "MUTEENV" | "PITCHENV" as kind:
            neutral = 1.0 if kind == "MUTEENV" else 0.0
            if (envelope := envelope_of(chunk, neutral=neutral)) and envelope.moves:
                take.moving.append(_TAKE_ENVELOPES[kind])
        case _:
            pass


def _check_plain(take: Take) -> None:
    reason = ""
    if abs(take.rate - 1) > _SAME:
        reason = f"is played at {take.rate:g} of its speed"
    elif abs(take.semitones) > _SAME:
        reason = f"is pitched by {take.semitones:+g} semitones"
    elif take.stretched:
        reason = "has stretch markers"
    elif take.moving:
        reason = f"has an envelope ({', '.join(take.moving)})"
    elif take.volume_envelope is not None and not take.volume_envelope.straight:
        reason = "has a curved volume envelope"
    if reason:
        message = f"its item {take.name!r} {reason}"
        raise NotPlainError(message)


def _fade(item: Chunk, key: str) -> Fade:
    """Return a fade: an automatic one (of a crossfade) counts before the one that was drawn."""
    line = item.line(key)
    if line is None:
        return Fade(length_s=0.0, shape=fades.STRAIGHT, bent=False)
    automatic_s = line.number(3, 0.0)
    return Fade(
        length_s=automatic_s if automatic_s > 0 else max(line.number(2, 0.0), 0.0),
        shape=fades.shape_of(line.number(1, 0.0)),
        bent=abs(line.number(6, 0.0)) > _SAME,
    )
