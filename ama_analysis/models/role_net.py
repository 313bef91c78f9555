"""The classifier of roles from sound: a few small networks that are asked together. Pure numpy; weights in the format of `weights`.

Figures of a window are brought to mean 0 and spread 1 and cut at `CUT`; each network hears one kind of them (`role_figures.PARTS`, told by how many its first layer takes) and has
layers of weights and biases with the larger of x and x/10 between them.
A track's logits are the mean of those of its windows and of all networks; divided by a temperature that was fitted on sessions that no network had learned
from, their softmax says how likely each role is (Guo et al., "On Calibration of Modern Neural Networks", ICML 2017).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ama_analysis.errors import WeightsError
from ama_analysis.models.role_figures import FIGURES, PARTS
from ama_analysis.models.weights import Tensors, read_weights, shipped, weights_to_bytes
from ama_analysis.roles import ROLES

KIND: Final = "ama.roles/2"
NAME: Final = "roles"
CUT: Final = 5.0
LEAK: Final = 0.1

Array = NDArray[np.float32]
Layers = Sequence[tuple[Array, Array]]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class RoleNet:
    """The networks, how figures are scaled for them, the temperature, and the checksum of all that."""

    mean: Array
    spread: Array
    networks: Sequence[Layers]
    temperature: float = 1.0
    sha256: str = ""

    def scaled(self, figures: Array) -> Array:
        """Return figures (n, FIGURES) as the networks take them."""
        return np.clip((figures - self.mean) / self.spread, -CUT, CUT).astype(np.float32)

    def logits(self, figures: Array) -> Array:
        """Return (n, roles): the mean of what all networks say of each window."""
        scaled = self.scaled(figures)
        return np.mean([forward(each, scaled[:, part_of(each)]) for each in self.networks], axis=0)

    def chances(self, figures: Array) -> NDArray[np.float64]:
        """Return how likely each of `ROLES` is for the track whose windows these are."""
        return softmax(self.logits(figures).mean(axis=0, dtype=np.float64) / self.temperature)


def part_of(layers: Layers) -> slice:
    """Return which figures a network hears; ValueError where it takes another number than any kind has."""
    taken = layers[0][0].shape[0]
    for part in PARTS:
        if part.stop - part.start == taken:
            return part
    message = f"no kind of figures has {taken} of them"
    raise ValueError(message)


def forward(layers: Layers, values: Array) -> Array:
    """Return what a network makes of rows of scaled figures."""
    for at, (weights, bias) in enumerate(layers):
        values = values @ weights + bias
        if at < len(layers) - 1:
            values = np.maximum(values, LEAK * values)
    return values


def softmax(logits: NDArray[Any]) -> NDArray[np.float64]:
    """Return chances that sum to one over the last axis."""
    risen = np.exp(logits - logits.max(axis=-1, keepdims=True), dtype=np.float64)
    return np.asarray(risen / risen.sum(axis=-1, keepdims=True))


@lru_cache(maxsize=4)
def role_net(path: Path | None = None) -> RoleNet:
    """Return the networks in a weight file, those that AMA ships unless another is named; `WeightsError` (AMA-902) for a file that is not whole."""
    place = shipped(NAME) if path is None else path
    found = read_weights(place, kind=KIND)
    try:
        return _of_tensors(found.tensors, float(found.about["temperature"]), found.sha256)
    except (KeyError, TypeError, ValueError) as error:
        message = f"The weight file {place} does not fit this version of AMA."
        raise WeightsError(message, hint="Take the one that came with AMA.") from error


def net_to_bytes(net: RoleNet, about: dict[str, Any]) -> bytes:
    """Return a weight file; `about` may say more of the networks, in JSON."""
    tensors: dict[str, NDArray[Any]] = {"mean": net.mean, "spread": net.spread}
    for one, layers in enumerate(net.networks):
        for at, (weights, bias) in enumerate(layers):
            tensors[f"{one}.{at}.weights"] = weights.astype(np.float16)
            tensors[f"{one}.{at}.bias"] = bias.astype(np.float16)
    said = {
        **about,
        "temperature": net.temperature,
        "roles": list(ROLES),
        "networks": len(net.networks),
    }
    return weights_to_bytes(tensors, kind=KIND, about=said)


def _of_tensors(tensors: Tensors, temperature: float, sha256: str) -> RoleNet:
    """Return the networks; KeyError or ValueError where tensors are missing or do not fit each other."""
    whole = {name: tensor.astype(np.float32) for name, tensor in tensors.items()}
    networks: list[list[tuple[Array, Array]]] = []
    while f"{len(networks)}.0.weights" in whole:
        layers: list[tuple[Array, Array]] = []
        while f"{len(networks)}.{len(layers)}.weights" in whole:
            name = f"{len(networks)}.{len(layers)}"
            layers.append((whole[f"{name}.weights"], whole[f"{name}.bias"]))
        networks.append(layers)
    net = RoleNet(
        mean=whole["mean"],
        spread=whole["spread"],
        networks=networks,
        temperature=temperature,
        sha256=sha256,
    )
    if net.logits(np.zeros((1, FIGURES), np.float32)).shape != (1, len(ROLES)):
        message = "the networks tell other roles"
        raise ValueError(message)
    return net
