"""Open-Unmix as a function from a stretch of stereo to its parts.

Transform and models are the `openunmix` package's own; its Wiener filter behind them runs in doubles (`umx_filter`).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ama_analysis.audio import Block
from ama_analysis.errors import WeightsError
from ama_analysis.models.extra import required
from ama_analysis.models.umx_filter import filtered
from ama_analysis.models.umx_weights import UmxFile, UmxSettings, UmxWeights

EXTRA: Final = "separation"
WIENER_FRAMES: Final = 300
"""So many frames are filtered at once (7 s), `openunmix`'s default."""
_LEGACY: Final = frozenset({"sample_rate", "stft.window", "transform.0.window"})
"""What the files of 2019 hold beside the model's own tensors."""
_LAYER: Final = re.compile(r"lstm\.weight_ih_l(\d+)")
_HINT: Final = "Take the published files, or those that openunmix 1.3 saved."

Tick: TypeAlias = Callable[[], None]


class UmxModel:
    """A separator made of checked weights; gives the same parts for the same samples on one machine."""

    def __init__(self, weights: UmxWeights) -> None:
        """Load every target's model; `MissingExtraError` without the extra, `WeightsError` for files that do not fit."""
        self._torch: Any = required("torch", extra=EXTRA)
        library, settings = _openunmix(), weights.settings
        self.targets, self.sample_rate_hz = weights.targets, settings.sample_rate_hz
        self._shortest = settings.fft_size
        self._forward, self._back = library.make_filterbanks(
            n_fft=settings.fft_size,
            n_hop=settings.hop_size,
            center=True,
            sample_rate=float(settings.sample_rate_hz),
        )
        self._models = [_target_model(library, file, settings) for file in weights.files]

    def parts_of(self, samples: Block, tick: Tick) -> NDArray[np.float32]:
        """Return (targets, 2, frames) of (2, frames) at the model's rate; `tick` is called after each target and may raise to cancel."""
        if not samples.any():
            return np.zeros((len(self.targets), *samples.shape), np.float32)
        torch, frames = self._torch, samples.shape[1]
        padded = np.pad(samples, ((0, 0), (0, max(self._shortest - frames, 0))))
        with torch.inference_mode():
            heard = torch.from_numpy(np.ascontiguousarray(padded))[None]
            mix = torch.view_as_complex(self._forward(heard)[0].contiguous())
            magnitudes = self._magnitudes(mix.abs(), tick)
            parts = np.empty((len(self.targets), 2, frames), np.float32)
            spectra = self._spectra(magnitudes, mix)
            for part, spectrum in zip(parts, spectra, strict=True):
                told = torch.view_as_real(spectrum)
                part[:] = self._back(told, length=padded.shape[1]).numpy()[:, :frames]
        return parts

    def _magnitudes(self, mix: Any, tick: Tick) -> Any:  # noqa: ANN401  # tensors
        """Return what each model takes for the magnitudes of its part, (targets, 2, bins, frames)."""
        found = self._torch.empty((len(self._models), *mix.shape))
        for part, model in zip(found, self._models, strict=True):
            part[:] = model(mix[None])[0]
            tick()
        return found

    def _spectra(self, magnitudes: Any, mix: Any) -> Any:  # noqa: ANN401  # tensors
        """Return the spectra of the parts, (targets, 2, bins, frames); of a single target as it came, since there is nothing to weigh it against."""
        torch = self._torch
        if len(self._models) == 1:
            return magnitudes * torch.sgn(mix)
        found = torch.empty(magnitudes.shape, dtype=torch.complex64)
        for start in range(0, mix.shape[-1], WIENER_FRAMES):
            part = slice(start, start + WIENER_FRAMES)
            found[..., part] = filtered(torch, magnitudes[..., part], mix[..., part])
        return found


def _openunmix() -> Any:  # noqa: ANN401  # a module without types
    """Return `openunmix.model`, with an empty module in the place of torchaudio while it is imported.

    The package imports torchaudio at its top, though model and filter use nothing of it; and torchaudio 2.11, the last on PyPI, raises when it
    meets a torch of another CUDA (2.15 has another).
    """
    absent = "torchaudio" not in sys.modules
    if absent:
        sys.modules["torchaudio"] = ModuleType("torchaudio")
    try:
        return required("openunmix.model", extra=EXTRA)
    finally:
        if absent:
            del sys.modules["torchaudio"]


def _target_model(library: Any, file: UmxFile, settings: UmxSettings) -> Any:  # noqa: ANN401  # torch's types are not here
    state = _state_of(file)
    try:
        hidden, inputs = state["fc1.weight"].shape
        layers = {int(found[1]) for name in state if (found := _LAYER.match(name))}
        built = library.OpenUnmix(
            nb_bins=settings.fft_size // 2 + 1,
            nb_channels=settings.channels,
            hidden_size=hidden,
            nb_layers=len(layers),
            unidirectional="lstm.weight_ih_l0_reverse" not in state,
            max_bin=inputs // settings.channels,
        )
        built.load_state_dict({k: v for k, v in state.items() if k not in _LEGACY})
        built.freeze()
    except (RuntimeError, KeyError, ValueError, AttributeError, TypeError) as error:
        raise _refused(file, "does not hold an Open-Unmix model of these settings") from error
    return built


def _state_of(file: UmxFile) -> Mapping[str, Any]:
    """Return the tensors of a file; nothing in it is executed (`weights_only`)."""
    torch: Any = required("torch", extra=EXTRA)
    try:
        state = torch.load(file.path, map_location="cpu", weights_only=True)
        sound = all(bool(torch.isfinite(tensor).all()) for tensor in state.values())
    except Exception as error:  # torch raises whatever its unpickler met
        raise _refused(file, "cannot be read as tensors") from error
    if not sound:
        raise _refused(file, "holds values that are not numbers")
    return dict(state)


def _refused(file: UmxFile, why: str) -> WeightsError:
    return WeightsError(f"The weight file {file.path} {why}.", hint=_HINT)
