"""A stem that is not one file but pieces of files: what a DAW calls a track's regions, as a small JSON file of its own.

    {"schema": "ama.stem/1", "sample_rate_hz": 48000, "channels": 2, "frames": 480000,
     "parts": [{"sources": [{"path": "/song/Vox%L.wav", "channel": 0, ...}, {"path": "/song/Vox%R.wav", ...}],
                "at_frame": 96000, "skip_frames": 0, "frames": 48000, "gains": [1.0, 1.0], "covers": true,
                "fade_in": {"frames": [0, 64], "gains": [0, 1]}, ...}, ...]}

So the sound of a session that lies on disk as it was recorded is read in blocks from where it is, and nothing is copied. A part has one source
for each channel. Parts lie over each other in their order, the last on top: a part that `covers` replaces what is below it between its
fades, and fades it by `under_fade_in` and `under_fade_out` (1 minus the fade where there is none); one that does not is added.
`open_audio` opens such a file (its name ends in `SUFFIX`) like any sound file.
"""

from __future__ import annotations

import json
import math
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ama_analysis.audio.names import file_name
from ama_analysis.audio.sound import BLOCK_FRAMES, Block
from ama_analysis.codec import CodecError, from_json, to_json
from ama_analysis.errors import AudioFileError

if TYPE_CHECKING:
    from soundfile import SoundFile

SCHEMA: Final = "ama.stem/1"
SUFFIX: Final = ".stem.json"
_OPEN_FILES: Final = 24
"""So many sources stay open while a stem is decoded; a system may allow a process as few as 256."""
_KEPT: Final = 64
"""Edit lists that are kept as they were read: those of a large session."""
_HIGHEST_GAIN: Final = 1e5
"""+100 dB."""

_Gains: TypeAlias = NDArray[np.float32]


def _check_gains(gains: Sequence[float]) -> None:
    for gain in gains:
        if not abs(gain) <= _HIGHEST_GAIN:
            message = f"a gain of {gain!r}"
            raise ValueError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A gain over time: straight lines between points, frames ascending from 0."""

    frames: tuple[float, ...]
    gains: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.frames) < 2 or len(self.frames) != len(self.gains):
            message = f"a curve has {len(self.frames)} frames and {len(self.gains)} gains"
            raise ValueError(message)
        if any(b < a for a, b in zip(self.frames, self.frames[1:], strict=False)):
            message = "a curve goes back in time"
            raise ValueError(message)
        _check_gains(self.gains)

    @property
    def length(self) -> float:
        """The last point, in frames."""
        return self.frames[-1]

    def between(self, start: int, stop: int) -> _Gains:
        """Return the gains of the frames from `start` to `stop`."""
        at = np.arange(start, stop)
        return np.interp(at, self.frames, self.gains).astype(np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One channel of a sound file. A file of another size than `bytes` is not it; with `changed_ns`, what was measured of an earlier state is not taken for this one's."""

    path: Path
    channel: int
    bytes: int
    changed_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of the sources from `skip_frames` on, `frames` long, heard from `at_frame` on with `gains` (one a channel, below 0 inverts)."""

    sources: tuple[Source, ...]
    at_frame: int
    skip_frames: int
    frames: int
    gains: tuple[float, ...]
    covers: bool = True
    fade_in: Curve | None = None
    under_fade_in: Curve | None = None
    fade_out: Curve | None = None
    under_fade_out: Curve | None = None
    envelope: Curve | None = None

    def __post_init__(self) -> None:
        if self.at_frame < 0 or self.skip_frames < 0 or self.frames <= 0:
            message = f"a part lies at {self.at_frame}, {self.frames} frames long from {self.skip_frames} on"
            raise ValueError(message)
        if len(self.sources) != len(self.gains):
            message = f"a part has {len(self.sources)} sources and {len(self.gains)} gains"
            raise ValueError(message)
        _check_gains(self.gains)

    def gain_between(self, start: int, stop: int) -> _Gains | None:
        """Return the gain of the part's frames from `start` to `stop`, fades and envelope together; None where it is 1."""
        if not self.envelope and not self._in_fade(start, stop):
            return None
        gain = self.envelope.between(start, stop) if self.envelope else np.ones(stop - start, np.float32)  # fmt: skip
        if self.fade_in and (end := min(stop, math.ceil(self.fade_in.length))) > start:
            gain[: end - start] *= self.fade_in.between(start, end)
        if self.fade_out and (begin := max(start, self._late)) < stop:
            gain[begin - start :] *= self.fade_out.between(begin - self._late, stop - self._late)
        return gain

    def left_below(self, start: int, stop: int) -> _Gains | None:
        """Return what is left of the parts below, in the part's frames from `start` to `stop`; None where it is all."""
        if not self.covers:
            return None
        left = np.zeros(stop - start, np.float32)
        if self.fade_in and (end := min(stop, math.ceil(self.fade_in.length))) > start:
            left[: end - start] = _under(self.fade_in, self.under_fade_in, start, end)
        if self.fade_out and (begin := max(start, self._late)) < stop:
            inner = (begin - self._late, stop - self._late)
            left[begin - start :] = _under(self.fade_out, self.under_fade_out, *inner)
        return left

    def _in_fade(self, start: int, stop: int) -> bool:
        begins = self.fade_in is not None and start < self.fade_in.length
        return begins or (self.fade_out is not None and stop > self._late)

    @property
    def _late(self) -> int:
        """The frame of the part at which its fade out begins."""
        return self.frames - (round(self.fade_out.length) if self.fade_out else 0)


def _under(fade: Curve, under: Curve | None, start: int, stop: int) -> _Gains:
    """Return what a fade leaves of the parts below: its own curve for that, else 1 minus the fade."""
    return under.between(start, stop) if under else np.float32(1.0) - fade.between(start, stop)


@dataclass(frozen=True, slots=True, kw_only=True)
class EditList:
    """A stem made of parts."""

    sample_rate_hz: int
    channels: int
    frames: int
    parts: tuple[Part, ...]
    schema: Literal["ama.stem/1"] = field(default=SCHEMA)

    def __post_init__(self) -> None:
        if self.channels < 1 or self.frames <= 0:
            message = f"it has {self.channels} channels and {self.frames} frames"
            raise ValueError(message)
        if any(len(part.sources) != self.channels for part in self.parts):
            message = f"a part does not have {self.channels} sources"
            raise ValueError(message)

    def blocks(self, start: int, frames: int, block_frames: int = BLOCK_FRAMES) -> Iterator[Block]:
        """Decode from frame `start` on; `AudioFileError` (AMA-101, AMA-102) for a source that is gone or damaged."""
        stop = min(start + frames, self.frames)
        with _OpenFiles() as files:
            for at in range(start, stop, block_frames):
                yield self._block(files, at, min(at + block_frames, stop))

    def _block(self, files: _OpenFiles, start: int, stop: int) -> Block:
        block = np.zeros((self.channels, stop - start), np.float32)
        for part in self.parts:
            first = max(start, part.at_frame)
            last = min(stop, part.at_frame + part.frames)
            if first >= last:
                continue
            inner = (first - part.at_frame, last - part.at_frame)
            samples = files.samples(part, *inner)
            if (gain := part.gain_between(*inner)) is not None:
                samples *= gain
            samples *= np.asarray(part.gains, np.float32)[:, np.newaxis]
            below = block[:, first - start : last - start]
            if (left := part.left_below(*inner)) is not None:
                below *= left
            below += samples
        return block


class _OpenFiles:
    """Sources that stay open while one stem is decoded."""

    def __init__(self) -> None:
        self._open: OrderedDict[Path, SoundFile] = OrderedDict()

    def __enter__(self) -> _OpenFiles:
        return self

    def __exit__(self, *_: object) -> None:
        with ExitStack() as stack:
            for file in self._open.values():
                stack.callback(file.close)

    def samples(self, part: Part, start: int, stop: int) -> Block:
        """Return a part's frames from `start` to `stop`, silence where a source is shorter."""
        import soundfile

        samples = np.zeros((len(part.sources), stop - start), np.float32)
        read: dict[Path, NDArray[np.float32]] = {}
        for row, source in enumerate(part.sources):
            try:
                if source.path not in read:
                    read[source.path] = self._read(source, part.skip_frames + start, stop - start)
            except (soundfile.LibsndfileError, OSError) as error:
                message = f"{source.path} cannot be decoded ({error})."
                raise AudioFileError(message, hint="The session's own file is damaged.") from error
            found = read[source.path]
            if source.channel >= found.shape[1]:
                message = f"{source.path} has no channel {source.channel + 1}."
                raise AudioFileError(message, hint="Make the plan again from the session.")
            samples[row, : found.shape[0]] = found[:, source.channel]
        return samples

    def _read(self, source: Source, start: int, frames: int) -> NDArray[np.float32]:
        file = self._file(source.path)
        if start >= file.frames:
            return np.zeros((0, file.channels), np.float32)
        if file.tell() != start:
            file.seek(start)
        return np.asarray(file.read(frames, dtype="float32", always_2d=True))

    def _file(self, path: Path) -> SoundFile:
        import soundfile

        if path in self._open:
            self._open.move_to_end(path)
            return self._open[path]
        while len(self._open) >= _OPEN_FILES:
            self._open.popitem(last=False)[1].close()
        self._open[path] = soundfile.SoundFile(file_name(path))
        return self._open[path]


def is_edit_list(path: Path) -> bool:
    """Say whether a file's name is that of an edit list."""
    return path.name.endswith(SUFFIX)


def edit_list_bytes(edits: EditList) -> bytes:
    """Return an edit list as its file holds it; the same list gives the same bytes."""
    return (json.dumps(to_json(edits, EditList), ensure_ascii=False) + "\n").encode()


def read_edit_list(path: Path) -> EditList:
    """Return the edit list in a file; `AudioFileError` (AMA-102) where it does not fit, (AMA-101) where a source is gone or has another size."""
    try:
        state = path.stat()
        edits = _parsed(path, state.st_mtime_ns, state.st_size)
    except (OSError, ValueError, RecursionError, CodecError) as error:
        message = f"{path} is not a stem's description ({error})."
        raise AudioFileError(message, hint="Make the plan again from the session.") from error
    for source in {source.path: source for part in edits.parts for source in part.sources}.values():
        try:
            same = source.path.stat().st_size == source.bytes
        except OSError:
            same = False
        if not same:
            message = f"{source.path}, of which {path.name} is made, is gone or has changed."
            raise AudioFileError(
                message, hint="Make the plan again from the session.", code="AMA-101"
            )
    return edits


@lru_cache(maxsize=_KEPT)
def _parsed(path: Path, changed_ns: int, size: int) -> EditList:  # noqa: ARG001  # which state of the file is meant
    """Return what is in a file; a stem is opened many times while it is worked on."""
    edits: EditList = from_json(json.loads(path.read_bytes()), EditList)
    return edits
