"""A finished mix to its parts, stretch by stretch, in bounded memory; what the parts leave of the mix is kept, so that all together are the mix.

    separated      a `Sound` to blocks of every part
    write_parts    a `Sound` to a folder of WAV files and separation.json (`separation_document`)

The mix is cut into stretches of `CHUNK_S` that overlap by two margins and a fade. The margins are thrown away, since a model hears least at the
ends of what it is given; in the fade one stretch goes over into the next, linearly, so that the weights sum to one. A stretch is
resampled to the model's rate and back by itself. Parts have the rate, the channels and the length of the mix.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from ama_analysis.audio import Audio, Block, Sound, as_stereo, audio_writer, resampled
from ama_analysis.models.umx_model import Tick
from ama_analysis.models.umx_weights import RESIDUAL
from ama_analysis.progress import OnProgress, silent

CHUNK_S: Final = 30.0
MARGIN_S: Final = 0.5
"""Longer than the 93 ms of a window (AMA's choice)."""
FADE_S: Final = 1.0
"""AMA's choice."""
QUIETEST_DB: Final = -200.0
"""What the level of nothing at all is written as."""
_LEAST_RATIO: Final = 10.0 ** (QUIETEST_DB / 10.0)


class Model(Protocol):
    """What takes a stretch of stereo apart (`umx_model.UmxModel`)."""

    @property
    def targets(self) -> tuple[str, ...]:
        """The names of the parts."""

    @property
    def sample_rate_hz(self) -> int:
        """The only rate that it knows."""

    def parts_of(self, samples: Block, tick: Tick) -> NDArray[np.float32]:
        """Return (targets, 2, frames) of (2, frames); call `tick` after each target."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Stretch:
    """Some frames of the mix and of every part, all (channels, frames); the parts, the residual among them, sum to the mix."""

    mix: Block
    parts: Mapping[str, Block]


def separated(
    sound: Sound,
    model: Model,
    *,
    chunk_s: float = CHUNK_S,
    on_progress: OnProgress = silent,
) -> Iterator[Stretch]:
    """Yield the sound's parts from its start to its end; progress comes several times a stretch, what it raises ends the work."""
    rate = sound.sample_rate_hz
    margin, fade = round(MARGIN_S * rate), round(FADE_S * rate)
    overlap = 2 * margin + fade
    length = max(round(chunk_s * rate), 2 * overlap)
    rise = np.clip((np.arange(overlap) - margin + 0.5) / fade, 0.0, 1.0).astype(np.float32)
    ticks = _Ticks(sound.frames, length, overlap, len(model.targets), on_progress)
    before: NDArray[np.float32] | None = None
    for chunk, is_last in _chunks(sound, length, overlap):
        ticks()
        parts = _parts_of(chunk, rate, model, ticks)
        if before is not None:
            parts[..., :overlap] = before * (1.0 - rise) + parts[..., :overlap] * rise
        done = chunk.shape[1] if is_last else length - overlap
        before = parts[..., done:].copy()
        yield _stretch(chunk[:, :done], parts[..., :done], model.targets)
    on_progress(1.0, _STAGE)


_STAGE: Final = "taking the mix apart"


class _Ticks:
    """Counts what a model has done of all that it will have to."""

    def __init__(
        self, frames: int, length: int, overlap: int, targets: int, on_progress: OnProgress
    ) -> None:
        chunks = 1 + max(math.ceil((frames - length) / (length - overlap)), 0)
        self._all, self._done, self._on_progress = chunks * (targets + 1), -1, on_progress

    def __call__(self) -> None:
        """Report once before each stretch and after each target, when it still has the Wiener filter before it."""
        self._done += 1
        self._on_progress(min(self._done / self._all, 1.0), _STAGE)


def _chunks(sound: Sound, length: int, overlap: int) -> Iterator[tuple[Block, bool]]:
    """Yield stretches of `length` that overlap, and whether one is the last, which is shorter but for a whole overlap and more."""
    held = np.zeros((sound.channels, 0), np.float32)
    for block in sound.blocks():
        held = np.concatenate((held, block), axis=1)
        while held.shape[1] > length:
            yield held[:, :length], False
            held = held[:, length - overlap :]
    if held.shape[1]:
        yield held, True


def _parts_of(chunk: Block, rate: int, model: Model, tick: Tick) -> NDArray[np.float32]:
    """Return (targets, channels, frames) of a stretch at any rate."""
    stereo = np.ascontiguousarray(as_stereo(chunk))
    heard = resampled(Audio(stereo, rate), model.sample_rate_hz).samples
    parts = model.parts_of(heard, tick)
    if model.sample_rate_hz != rate:
        back = [resampled(Audio(part, model.sample_rate_hz), rate).samples for part in parts]
        parts = np.stack([_of_length(part, chunk.shape[1]) for part in back])
    if chunk.shape[0] == 1:
        parts = parts.mean(axis=1, keepdims=True)
    return parts


def _of_length(samples: Block, frames: int) -> Block:
    return np.pad(samples[:, :frames], ((0, 0), (0, max(frames - samples.shape[1], 0))))


def _stretch(mix: Block, parts: NDArray[np.float32], targets: tuple[str, ...]) -> Stretch:
    residual = mix - parts.sum(axis=0)
    return Stretch(mix=mix, parts={**dict(zip(targets, parts, strict=True)), RESIDUAL: residual})


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The files of the parts by name, and how the residual, and the sum of all files less the mix, lie against the mix in dB."""

    files: Mapping[str, Path]
    residual_db: float
    sum_error_db: float


def write_parts(
    sound: Sound, model: Model, folder: Path, *, on_progress: OnProgress = silent
) -> Written:
    """Write each part as NAME.wav (32-bit float, since parts may go over full scale) into a folder that exists.

    Until all is done no file has its name. Raises what the sound, the writers and `on_progress` raise.
    """
    names = (*model.targets, RESIDUAL)
    files = {name: folder / f"{name}.wav" for name in names}
    energy = dict.fromkeys(("mix", "residual", "error"), 0.0)
    with ExitStack() as stack:
        writers = {
            name: stack.enter_context(
                audio_writer(
                    path,
                    sample_rate_hz=sound.sample_rate_hz,
                    channels=sound.channels,
                    subtype="FLOAT",
                )
            )
            for name, path in files.items()
        }
        for stretch in separated(sound, model, on_progress=on_progress):
            for name, block in stretch.parts.items():
                writers[name].write(block)
            summed = np.sum(list(stretch.parts.values()), axis=0, dtype=np.float64)
            energy["mix"] += _energy(stretch.mix)
            energy["residual"] += _energy(stretch.parts[RESIDUAL])
            energy["error"] += _energy(stretch.mix - summed)
    return Written(
        files=files,
        residual_db=_relative_db(energy["residual"], energy["mix"]),
        sum_error_db=_relative_db(energy["error"], energy["mix"]),
    )


def _energy(block: NDArray[np.floating]) -> float:
    return float(np.square(block, dtype=np.float64).sum())


def _relative_db(part: float, whole: float) -> float:
    return 10.0 * math.log10(max(part / whole, _LEAST_RATIO)) if whole else QUIETEST_DB
