"""Items at frames of their track's timeline: the parts of an edit list, or the sound file itself where a track is just that.

Every stem begins at the project's zero, at the rate of the files that the track plays (REAPER resamples others as it plays them; AMA does not, so
that a track with files of two rates is left out).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from ama_analysis.audio import Curve, EditList, Part, Source
from ama_bridge.daw.reaper.project import fades
from ama_bridge.daw.reaper.project.items import Item, Take
from ama_bridge.daw.reaper.project.media import Media, MediaFiles, NotPlainError
from ama_bridge.daw.reaper.project.mixing import ItemMix, covering
from ama_bridge.daw.reaper.project.rpp import Chunk

_MOST_LOOPS: Final = 4096
_NORMAL, _SWAPPED, _DOWNMIX, _LEFT, _RIGHT = range(5)
"""A take's channel mode (CHANMODE) as far as AMA reads it."""
_PRODUCT_STEPS: Final = 8
"""Points between two of the curves that are multiplied, so that the product of straight lines is drawn well."""


class _Heard(NamedTuple):
    item: Item
    take: Take
    media: Media
    covers: bool


class _Piece(NamedTuple):
    """`frames` of a source from `skip` on, heard from the item's frame `at` on."""

    at: int
    skip: int
    frames: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackSettings:
    """What of a track is before its fader: `gain` (below 0 where its polarity is turned), and by how much it plays later, s."""

    gain: float
    later_s: float
    mixing: ItemMix


def stem_of(items: Sequence[Item], settings: TrackSettings, files: MediaFiles) -> EditList | Path:
    """Return what a track's items play; `NotPlainError` where AMA cannot say."""
    heard = [
        _Heard(item, take, media, covers and take is item.takes[0])
        for item, covers in covering(items, settings.mixing)
        for take in item.takes
        if take.source is not None and (media := _media(item, take.source, files)) is not None
    ]
    if not heard:
        message = "it has no audible item"
        raise NotPlainError(message)
    rates = sorted({each.media.file.file_rate_hz for each in heard})
    if len(rates) > 1:
        message = f"its files have several sample rates ({', '.join(map(str, rates))} Hz)"
        raise NotPlainError(message)
    channels = 2 if any(_is_wide(each) for each in heard) else 1
    parts = [p for each in heard for p in _parts(each, channels, rates[0], settings)]
    if not parts:
        message = "its items lie behind the end of their files"
        raise NotPlainError(message)
    return _whole_file(parts, heard) or EditList(
        sample_rate_hz=rates[0],
        channels=channels,
        frames=max(part.at_frame + part.frames for part in parts),
        parts=tuple(parts),
    )


def _media(item: Item, source: Chunk, files: MediaFiles) -> Media | None:
    try:
        return files.of(source)
    except NotPlainError as error:
        message = f"{error} (item {item.name!r})"
        raise NotPlainError(message) from error


def _whole_file(parts: Sequence[Part], heard: Sequence[_Heard]) -> Path | None:
    """Return the file that is the whole track, unchanged, from zero on; None where it is not that simple."""
    part, media = parts[0], heard[0].media
    plain = (
        len(parts) == 1
        and part.at_frame == part.skip_frames == 0
        and part.frames == media.file.file_frames
        and part.gains == (1.0,) * media.file.channels
        and [source.channel for source in part.sources] == list(range(media.file.channels))
        and part.fade_in is part.fade_out is part.envelope is None
    )
    return media.path if plain else None


def _is_wide(heard: _Heard) -> bool:
    both = heard.media.file.channels > 1 and heard.take.channel_mode in {_NORMAL, _SWAPPED}
    return both or heard.take.pan != 0


def _parts(heard: _Heard, channels: int, rate: int, settings: TrackSettings) -> Iterator[Part]:
    item, take, media, covers = heard
    start = round((item.position_s + settings.later_s) * rate)
    frames = round((item.end_s + settings.later_s) * rate) - start
    if frames <= 0:
        return
    shape = _Shape.of(item, take, frames, rate)
    gain = settings.gain * item.volume * take.volume
    for piece in _pieces(media, round(take.offset_s * rate), frames, loops=item.loops):
        cut = max(-(start + piece.at), 0)  # what would lie before zero
        if cut >= piece.frames:
            continue
        at, length = piece.at + cut, piece.frames - cut
        curves = shape.whole() if (at, length) == (0, frames) else shape.between(at, at + length)
        for number, (rows, share) in enumerate(_rows(heard, channels)):
            yield Part(
                sources=tuple(_source(media, row) for row in rows),
                at_frame=start + at,
                skip_frames=media.start + piece.skip + cut,
                frames=length,
                gains=_gains(gain * share, take.pan, channels),
                covers=covers and number == 0,
                **curves,
            )


def _pieces(media: Media, offset: int, frames: int, *, loops: bool) -> list[_Piece]:
    """Return which frames of the source are heard when; a source that ends is silent, or begins again."""
    if not loops:
        at, skip = max(-offset, 0), max(offset, 0)
        left = media.frames - skip
        to_file_end = media.start + media.frames >= media.file.file_frames
        length = frames - at if to_file_end and left > 0 else min(frames - at, left)
        return [_Piece(at, skip, length)] if length > 0 else []
    if media.frames <= 0:
        return []
    pieces: list[_Piece] = []
    at, skip = 0, offset % media.frames
    while at < frames:
        if len(pieces) >= _MOST_LOOPS:
            message = f"its item loops more than {_MOST_LOOPS} times"
            raise NotPlainError(message)
        length = min(media.frames - skip, frames - at)
        pieces.append(_Piece(at, skip, length))
        at, skip = at + length, 0
    return pieces


def _rows(heard: _Heard, channels: int) -> list[tuple[list[int], float]]:
    """Return which channels of the file go where, and at which share; two lists are added."""
    mode = heard.take.channel_mode
    if not _NORMAL <= mode <= _RIGHT:
        message = f"its item {heard.take.name!r} takes its channels in a way that AMA does not read (mode {mode})"
        raise NotPlainError(message)
    if heard.media.file.channels == 1:
        return [([0] * channels, 1.0)]
    if mode == _DOWNMIX:
        return [([0] * channels, 0.5), ([1] * channels, 0.5)]
    if mode in {_LEFT, _RIGHT}:
        return [([mode - _LEFT] * channels, 1.0)]
    return [([0, 1] if mode == _NORMAL else [1, 0], 1.0)]


def _source(media: Media, channel: int) -> Source:
    return Source(path=media.path, channel=channel, bytes=media.bytes, changed_ns=media.changed_ns)


def _gains(gain: float, pan: float, channels: int) -> tuple[float, ...]:
    """Return the gain of each channel; a take's pan is taken as a balance."""
    if channels == 1:
        return (gain,)
    return (gain * (1.0 - max(pan, 0.0)), gain * (1.0 + min(pan, 0.0)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    """An item's fades and its take's volume envelope, in frames of the item."""

    frames: int
    fade_in: Curve | None
    fade_out: Curve | None
    envelope: Curve | None

    @staticmethod
    def of(item: Item, take: Take, frames: int, rate: int) -> _Shape:
        rising = min(round(item.fade_in.length_s * rate), frames)
        falling = min(round(item.fade_out.length_s * rate), frames)
        return _Shape(
            frames=frames,
            fade_in=fades.fade_in(item.fade_in.shape, rising),
            fade_out=fades.fade_out(item.fade_out.shape, falling),
            envelope=_curve(take, rate),
        )

    def whole(self) -> dict[str, Curve | None]:
        """Return the curves of a part that is the whole item."""
        return {"fade_in": self.fade_in, "fade_out": self.fade_out, "envelope": self.envelope}

    def between(self, start: int, stop: int) -> dict[str, Curve | None]:
        """Return the curves of a part that is some of the item's frames: one envelope that is all of them together."""
        placed = [(self.fade_in, 0.0), (self.envelope, 0.0)]
        if self.fade_out is not None:
            placed.append((self.fade_out, self.frames - self.fade_out.length))
        curves = [(curve, at) for curve, at in placed if curve is not None]
        corners = {float(start), float(stop)}
        for curve, at in curves:
            corners |= {at + f for f in curve.frames if start < at + f < stop}
        ordered = sorted(corners)
        steps = np.arange(_PRODUCT_STEPS) / _PRODUCT_STEPS
        at_frames = np.concatenate([*(a + (b - a) * steps for a, b in pairwise(ordered)), [stop]])
        gains = np.ones(at_frames.shape)
        for curve, at in curves:
            gains *= np.interp(at_frames - at, curve.frames, curve.gains)
        if np.all(gains == 1.0):
            return {}
        frames = tuple(float(f) for f in at_frames - start)
        return {"envelope": Curve(frames=frames, gains=tuple(float(g) for g in gains))}


def _curve(take: Take, rate: int) -> Curve | None:
    if take.volume_envelope is None:
        return None
    points = sorted(take.volume_envelope.points)
    if len(points) == 1:
        points = [*points, (points[0][0] + 1.0, points[0][1])]
    return Curve(
        frames=tuple(at_s * rate for at_s, _ in points), gains=tuple(gain for _, gain in points)
    )
