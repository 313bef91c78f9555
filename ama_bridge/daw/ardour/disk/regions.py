"""The regions of an Ardour track as the parts of an edit list, or a reason why they cannot be.

What Ardour does when it plays a playlist (libs/ardour: AudioPlaylist::read, AudioRegion::read_at): regions lie over each other by their layer, an
opaque one replaces what is below it between its fades, a fade lets through what is below by an inverse curve of its own, muted regions do
not count, a region with fewer channels than the track repeats them. All of that an `EditList` says.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element

from ama_analysis.audio import AudioFile, Curve, EditList, Part, Source, open_audio
from ama_analysis.errors import AudioFileError
from ama_bridge.daw.ardour.disk.elements import (
    number,
    switched,
    whole,
)
from ama_bridge.daw.ardour.disk.timeline import Timeline, UnreadTimeError

_DEFAULT_FADE_FRAMES: Final = 64
"""AudioRegion::set_default_fade_in: straight, 64 samples."""
_STEPS: Final = 16
"""Straight pieces by which one piece of an exponential curve is drawn."""
_MOST_CHANNELS: Final = 2
_LONGEST_SHOWN: Final = 200


class NotPlainError(Exception):
    """A track's regions cannot be read; the text is the reason, as a part of a sentence."""


@dataclass(frozen=True, slots=True)
class Sources:
    """A session's sound files: `nodes` by their id, and the folders in which those named without a path are looked for."""

    nodes: Mapping[str, Element]
    folders: tuple[Path, ...]
    sample_rate_hz: int
    _opened: dict[Path, AudioFile] = field(default_factory=dict)

    def source(self, source_id: str) -> tuple[Source, float]:
        """Return a channel of a file, and the gain that Ardour gives it; `NotPlainError` where it is no sound file at the session's rate."""
        node = self.nodes.get(source_id)
        if node is None:
            message = "a region names a source that the session does not have"
            raise NotPlainError(message)
        name = node.get("name", "")
        if node.get("playlist"):
            message = f"its region {name!r} is several in one (combined)"
            raise NotPlainError(message)
        path = self._found(name)
        file = self.opened(path)
        if file.file_rate_hz != self.sample_rate_hz:
            message = f"its file {path.name} has {file.file_rate_hz} Hz and the session {self.sample_rate_hz} Hz"
            raise NotPlainError(message)
        state = path.stat()
        source = Source(
            path=path,
            channel=whole(node, "channel"),
            bytes=state.st_size,
            changed_ns=state.st_mtime_ns,
        )
        return source, number(node, "gain", 1.0)

    def opened(self, path: Path) -> AudioFile:
        """Return a source's file as it was found."""
        if path not in self._opened:
            try:
                self._opened[path] = open_audio(path)
            except AudioFileError as error:
                raise NotPlainError(error.message.rstrip(".")) from error
            if self._opened[path].by_av:
                message = f"its file {path.name} is of a kind that cannot be read from any place"
                raise NotPlainError(message)
        return self._opened[path]

    def _found(self, name: str) -> Path:
        candidates = [Path(name)] if Path(name).is_absolute() else [f / name for f in self.folders]
        for path in candidates:
            with suppress(OSError, ValueError):  # a name that no file can have
                if path.is_file():
                    return path
        message = f"its file {name[:_LONGEST_SHOWN]} is missing"
        raise NotPlainError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Regions:
    """What a playlist plays: parts in the order of their layers, at frames of the session's timeline; and what they do not say."""

    parts: tuple[Part, ...]
    notes: tuple[str, ...] = ()

    def edit_list(self, start: int, sample_rate_hz: int) -> EditList:
        """Return the stem that begins at frame `start` of the timeline."""
        parts = tuple(replace(part, at_frame=part.at_frame - start) for part in self.parts)
        return EditList(
            sample_rate_hz=sample_rate_hz,
            channels=len(parts[0].sources),
            frames=max(part.at_frame + part.frames for part in parts),
            parts=parts,
        )


def regions_of(
    playlist: Element,
    *,
    channels: int,
    gains: Sequence[float],
    sources: Sources,
    timeline: Timeline,
    use_fades: bool,
) -> Regions:
    """Return what a track of so many channels plays, each channel with a gain; `NotPlainError` says why it cannot be read."""
    heard = [r for r in playlist.iterfind("Region") if not switched(r, "muted", default=False)]
    if not heard:
        message = "it has no audible region"
        raise NotPlainError(message)
    heard.sort(key=lambda region: number(region, "layering-index", 0.0))
    parts = []
    notes = []
    for region in heard:
        if region.find("RegionFXPlugin") is not None:
            notes.append(f"effects of the region {region.get('name')!r} are not in it")
        try:
            parts.append(_part_of(region, channels, gains, sources, timeline, use_fades=use_fades))
        except UnreadTimeError as error:
            message = f"its region {region.get('name')!r} lies {error}"
            raise NotPlainError(message) from error
        except ValueError as error:
            message = f"its region {region.get('name')!r} is damaged ({error})"
            raise NotPlainError(message) from error
    return Regions(parts=tuple(parts), notes=tuple(notes))


def channels_of(playlist: Element, inputs: int) -> int:
    """Return the channels of a track: its inputs, or those of its regions where it has none; `NotPlainError` for more than two."""
    found = inputs or max((whole(r, "channels", 1) for r in playlist.iterfind("Region")), default=1)
    if found > _MOST_CHANNELS:
        message = f"it has {found} channels"
        raise NotPlainError(message)
    return max(found, 1)


def _part_of(
    region: Element,
    channels: int,
    gains: Sequence[float],
    sources: Sources,
    timeline: Timeline,
    *,
    use_fades: bool,
) -> Part:
    length = region.get("length", "0")
    frames = timeline.length(length)
    held = _region_sources(region, sources)
    amplitude = number(region, "scale-amplitude", 1.0)
    rows = [held[channel % len(held)] for channel in range(channels)]
    fade_in, under_in = _fade(region, "In", timeline) if use_fades else (None, None)
    fade_out, under_out = _fade(region, "Out", timeline) if use_fades else (None, None)
    envelope = None
    if switched(region, "envelope-active", default=False):
        envelope = _curve(region.find("Envelope"), timeline)
    return Part(
        sources=tuple(source for source, _ in rows),
        at_frame=timeline.region_position(length, region.get("position")),
        skip_frames=timeline.position(region.get("start", "0")),
        frames=frames,
        gains=tuple(g * amplitude * own for g, (_, own) in zip(gains, rows, strict=True)),
        covers=switched(region, "opaque", default=True),
        fade_in=fade_in,
        under_fade_in=under_in,
        fade_out=fade_out,
        under_fade_out=under_out,
        envelope=envelope,
    )


def _region_sources(region: Element, sources: Sources) -> list[tuple[Source, float]]:
    found: list[tuple[Source, float]] = []
    while (source_id := region.get(f"source-{len(found)}")) is not None:
        found.append(sources.source(source_id))
    if not found:
        message = f"its region {region.get('name')!r} has no source"
        raise NotPlainError(message)
    return found


def _fade(region: Element, end: str, timeline: Timeline) -> tuple[Curve | None, Curve | None]:
    """Return a region's fade and what it leaves of the regions below, None where there is no fade."""
    if not switched(region, f"fade-{end.lower()}-active", default=True):
        return None, None
    node = region.find(f"Fade{end}")
    if node is None or switched(node, "default", default=False):
        gains = (0.0, 1.0) if end == "In" else (1.0, 0.0)
        default = Curve(frames=(0.0, float(_DEFAULT_FADE_FRAMES)), gains=gains)
        return _as_played(default), None
    inverse = region.find(f"InverseFade{end}")
    under = _curve(region.find(f"InvFade{end}") if inverse is None else inverse, timeline)
    return _as_played(_curve(node, timeline)), _as_played(under)


def _as_played(fade: Curve | None) -> Curve | None:
    """Return a fade as Curve::get_vector plays it: its last frame has the last point's gain already."""
    if fade is None or fade.length <= 1:
        return None
    scale = (fade.length - 1) / fade.length
    return Curve(
        frames=(*(frame * scale for frame in fade.frames), fade.length),
        gains=(*fade.gains, fade.gains[-1]),
    )


def _curve(node: Element | None, timeline: Timeline) -> Curve | None:
    """Return the curve in a node, None where there is none or it has one point."""
    points = None if node is None else node.find("AutomationList")
    events = None if points is None else points.find("events")
    if points is None or events is None or not events.text:
        return None
    words = events.text.split()
    frames = [float(timeline.position(word)) for word in words[::2]]
    gains = [_finite(word) for word in words[1::2]]
    if len(frames) < 2 or len(frames) != len(gains):
        return None
    if points.get("interpolation-style") in {"Exponential", "Logarithmic"}:
        drawn = list(_exponential(frames, gains))
        frames, gains = [frame for frame, _ in drawn], [gain for _, gain in drawn]
    return Curve(frames=tuple(frames), gains=tuple(gains))


def _exponential(frames: Sequence[float], gains: Sequence[float]) -> Iterator[tuple[float, float]]:
    """Draw a curve that is straight where a fader's way is (Ardour's interpolate_gain) by short straight pieces."""
    for start, stop, low, high in zip(frames, frames[1:], gains, gains[1:], strict=False):
        for step in range(_STEPS):
            share = step / _STEPS
            way = _way(low) + share * (_way(high) - _way(low))
            yield start + share * (stop - start), low if step == 0 else _gain_at(way)
    yield frames[-1], gains[-1]


def _way(gain: float) -> float:
    """Return where a fader stands for a gain (libs/pbd: gain_to_slider_position)."""
    return ((6 * math.log2(gain) + 192) / 198) ** 8 if gain > 2.0**-32 else 0.0


def _gain_at(way: float) -> float:
    return 2.0 ** ((way**0.125 * 198 - 192) / 6) if way > 0 else 0.0


def _finite(word: str) -> float:
    value = float(word)
    if not math.isfinite(value):
        message = f"a gain of {word}"
        raise ValueError(message)
    return value
