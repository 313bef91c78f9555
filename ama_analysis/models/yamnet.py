"""What YAMNet hears in a few seconds: the first twelve layers of Google's network for 521 kinds of sound, in numpy. Pure, but for the weights that ship.

    figures_of_sound    (frames,) at 16 kHz to `FIGURES` figures, none below zero

Spectra of 25 ms every 10 ms, in 64 mel bands from 125 to 7500 Hz, as ln(magnitude + 0.001); pictures of 96 of them; a convolution, then pairs of one for
each channel (3 x 3) and one across channels, a matrix product (MobileNet: Howard et al., arXiv:1704.04861). The mean over time and bands of what the twelfth layer
gives, and over pictures, are the figures: timbre without the names that the last layers learn to give it. Weights are Google's 8-bit ones (models/yamnet.md); sums are
made in 32 bits, where TensorFlow Lite rounds what goes between layers to 8.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ama_analysis import fourier
from ama_analysis.errors import WeightsError
from ama_analysis.models.weights import Tensors, read_weights, shipped

KIND: Final = "ama.yamnet/1"
NAME: Final = "yamnet"
RATE_HZ: Final = 16_000
FIGURES: Final = 512
LAYERS: Final = 12
PICTURE_FRAMES: Final = 96
PICTURE_BANDS: Final = 64
_FRAME, _HOP, _SIZE = 400, 160, 512
_LOW_HZ, _HIGH_HZ = 125.0, 7500.0
_FLOOR: Final = 0.001
_HALVED: Final = frozenset({3, 5, 7})
"""The layers that halve a picture's height and width (the first does too)."""

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Layer:
    """Weights and biases for each channel by itself (3, 3, channels), then across channels (channels, more)."""

    depth: Array
    depth_bias: Array
    point: Array
    point_bias: Array
    step: int


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Encoder:
    """The first convolution (9, channels), the layers behind it, and the checksum of all weights."""

    first: Array
    first_bias: Array
    layers: Sequence[Layer]
    sha256: str


@lru_cache(maxsize=2)
def encoder(path: Path | None = None) -> Encoder:
    """Return the network of a weight file, the one that AMA ships unless another is named; `WeightsError` (AMA-902) for a file that is not whole."""
    place = shipped(NAME) if path is None else path
    found = read_weights(place, kind=KIND)
    try:
        layers = [_layer(found.tensors, at) for at in range(2, LAYERS + 1)]
        made = Encoder(
            first=found.tensors["1.weights"],
            first_bias=found.tensors["1.bias"],
            layers=layers,
            sha256=found.sha256,
        )
        if encoded(made, np.zeros((1, PICTURE_FRAMES, PICTURE_BANDS), np.float32)).size == FIGURES:
            return made
    except (KeyError, ValueError):
        pass
    message = f"The weight file {place} does not fit this version of AMA."
    raise WeightsError(message, hint="Take the one that came with AMA.")


def figures_of_sound(samples: NDArray[Any]) -> Array:
    """Return `FIGURES` figures of (frames,) at `RATE_HZ`; what is shorter than a picture (0.975 s) is followed by silence, an unfinished picture is left out."""
    whole = np.asarray(samples, np.float32)
    shortest = _FRAME + (PICTURE_FRAMES - 1) * _HOP
    if whole.size < shortest:
        whole = np.pad(whole, (0, shortest - whole.size))
    levels = log_mel(whole)
    count = levels.shape[0] // PICTURE_FRAMES
    pictures = levels[: count * PICTURE_FRAMES].reshape(count, PICTURE_FRAMES, PICTURE_BANDS)
    return np.asarray(encoded(encoder(), pictures).mean(axis=0))


def log_mel(samples: Array) -> Array:
    """Return (spectra, `PICTURE_BANDS`) of (frames,) at `RATE_HZ`: ln(magnitude + 0.001) in mel bands."""
    frames = sliding_window_view(samples, _FRAME)[::_HOP]
    padded = np.zeros((frames.shape[0], _SIZE), np.float32)
    padded[:, :_FRAME] = frames * _hann()
    return np.log(np.abs(fourier.rfft(padded)) @ _mel_bands() + np.float32(_FLOOR))


def encoded(network: Encoder, pictures: Array) -> Array:
    """Return (pictures, `FIGURES`) of (pictures, `PICTURE_FRAMES`, `PICTURE_BANDS`)."""
    size = (PICTURE_FRAMES // 2, PICTURE_BANDS // 2)
    taps = _taps(pictures[..., None], 2, size)
    values = np.stack([tap[..., 0] for tap in taps], axis=-1) @ network.first
    values = np.maximum(values + network.first_bias, 0.0)
    for layer in network.layers:
        size = (values.shape[1] // layer.step, values.shape[2] // layer.step)
        each = np.tile(layer.depth_bias, (values.shape[0], *size, 1))
        for tap, weights in zip(
            _taps(values, layer.step, size), layer.depth.reshape(9, -1), strict=True
        ):
            each += tap * weights
        values = np.maximum(np.maximum(each, 0.0) @ layer.point + layer.point_bias, 0.0)
    return np.asarray(values.mean(axis=(1, 2)))


def _taps(values: Array, step: int, size: tuple[int, int]) -> list[Array]:
    """Return the nine shifted pictures that a 3 x 3 convolution weighs, with zeros around as TensorFlow puts them: with a step of 2 behind only."""
    before = 1 if step == 1 else 0
    padded = np.pad(values, ((0, 0), (before, 1), (before, 1), (0, 0)))
    rows, columns = (step * (n - 1) + 1 for n in size)
    return [
        padded[:, i : i + rows : step, j : j + columns : step] for i in range(3) for j in range(3)
    ]


def _layer(tensors: Tensors, at: int) -> Layer:
    """Return a layer with its weights in 32 bits; KeyError where one is missing."""
    depth, point = (
        tensors[f"{at}.{kind}.weights"].astype(np.float32) * tensors[f"{at}.{kind}.scale"]
        for kind in ("depth", "point")
    )
    return Layer(
        depth=depth,
        depth_bias=tensors[f"{at}.depth.bias"],
        point=point,
        point_bias=tensors[f"{at}.point.bias"],
        step=2 if at in _HALVED else 1,
    )


@lru_cache(maxsize=1)
def _hann() -> Array:
    return (0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(_FRAME) / _FRAME)).astype(np.float32)


@lru_cache(maxsize=1)
def _mel_bands() -> Array:
    """Return (bins, bands): triangles on the scale 1127 ln(1 + f/700), of height 1 (TensorFlow's `linear_to_mel_weight_matrix`)."""
    bins = 1127.0 * np.log1p(np.arange(_SIZE // 2 + 1) * RATE_HZ / _SIZE / 700.0)[:, None]
    low, high = 1127.0 * np.log1p(np.array([_LOW_HZ, _HIGH_HZ]) / 700.0)
    edges = np.linspace(low, high, PICTURE_BANDS + 2)
    rise = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    fall = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    return np.maximum(0.0, np.minimum(rise, fall)).astype(np.float32)
