"""The gain predictor's network in numpy: what `gain_net` computes, without torch, which takes longer to import than this to run.

All members of the file's ensemble answer; their mean counts, and how far they lie apart is added to what they say of their own errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ama_analysis.models import gain_shapes as shapes

Array = NDArray[np.float32]
Tensors = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Inputs:
    """The stems of one session: figures (n, INPUTS); a stack of pictures (k, bands, frames) a stem, dB / 40 + 1; style; reference (REFERENCE_WIDTH,)."""

    figures: Array
    pictures: tuple[Array, ...]
    style: int
    reference: Array


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Answers:
    """By stem (n,): gain in dB (mean 0), where it sits (-1 to +1), and the standard errors that the predictor expects of them."""

    gain_db: Array
    gain_error_db: Array
    place: Array
    place_error: Array


def answers_of(members: tuple[Tensors, ...], inputs: Inputs) -> Answers:
    """Return what the members of an ensemble say together."""
    said = np.stack([_answer(tensors, inputs) for tensors in members]).astype(np.float64)
    gain, place = shapes.GAIN_UNIT_DB * said[..., 0], said[..., 2]
    own = 2.0 * np.square(
        shapes.GAIN_UNIT_DB * np.exp(said[..., 1])
    )  # a Laplace scale b has variance 2 b^2
    own_place = 2.0 * np.square(np.exp(said[..., 3]))
    return Answers(
        gain_db=gain.mean(0).astype(np.float32),
        gain_error_db=np.sqrt(own.mean(0) + gain.var(0)).astype(np.float32),
        place=place.mean(0).astype(np.float32),
        place_error=np.sqrt(own_place.mean(0) + place.var(0)).astype(np.float32),
    )


def _answer(tensors: Tensors, inputs: Inputs) -> Array:
    apart = (inputs.figures - tensors["middle"]) / tensors["spread"]
    figures: Array = np.clip(apart, np.float32(-4.0), np.float32(4.0))
    views = np.stack([_view(tensors, pictures) for pictures in inputs.pictures])
    told = _relu(_linear(tensors, "figures", figures))
    stems = _relu(_linear(tensors, "stem", np.concatenate((views, told), axis=1)))
    count = np.log(np.array([len(stems)], np.float32))
    style = tensors["style.weight"][inputs.style]
    around = np.concatenate((stems.mean(0), stems.max(0), count, style, inputs.reference))
    context = _relu(_linear(tensors, "context", around[None]))
    both = np.concatenate((stems, np.broadcast_to(context, stems.shape)), axis=1)
    said = _linear(tensors, "answer", _relu(_linear(tensors, "together", both)))
    gain = said[:, 0] + figures @ tensors["straight.weight"][0]
    columns = (
        gain - gain.mean(),
        np.clip(said[:, 1], *shapes.LOG_SCALE),
        np.tanh(said[:, 2]),
        np.clip(said[:, 3], *shapes.LOG_PLACE_SCALE),
    )
    return np.stack(columns, axis=1)


def _view(tensors: Tensors, pictures: Array) -> Array:
    """Return the mean of what a stem's pictures look like, zeros where there are none."""
    if not len(pictures):
        return np.zeros(shapes.PICTURE_WIDTH, np.float32)
    images = pictures[:, None]
    for number in range(len(shapes.CHANNELS)):
        images = _relu(_convolved(tensors, f"convolutions.{number}", images))
    flat = images.mean(axis=3).reshape(len(pictures), -1)
    view: Array = _relu(_linear(tensors, "picture", flat)).mean(0)
    return view


def _convolved(tensors: Tensors, name: str, images: Array) -> Array:
    """Return (k, out, rows / 2, columns / 2) of (k, in, rows, columns): 3 x 3, stride 2, a border of zeros."""
    weight = tensors[f"{name}.weight"]
    padded = np.pad(images, ((0, 0), (0, 0), (1, 1), (1, 1)))
    patches = sliding_window_view(padded, (3, 3), axis=(2, 3))[:, :, ::2, ::2]
    rows = patches.transpose(0, 2, 3, 1, 4, 5).reshape(-1, weight[0].size)
    out = rows @ weight.reshape(len(weight), -1).T + tensors[f"{name}.bias"]
    shape = (len(images), patches.shape[2], patches.shape[3], len(weight))
    return np.ascontiguousarray(out.reshape(shape).transpose(0, 3, 1, 2))


def _linear(tensors: Tensors, name: str, values: Array) -> Array:
    out: Array = values @ tensors[f"{name}.weight"].T + tensors[f"{name}.bias"]
    return out


def _relu(values: Array) -> Array:
    return np.maximum(values, np.float32(0.0))
