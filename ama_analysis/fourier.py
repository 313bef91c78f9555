"""Real transforms of many windows at once, by scipy's compiled pocketfft.

Importing `scipy.fft` takes 0.2 s, a third of what AMA needs to start (it loads scipy.special and, by way of an array API, numpy.f2py); the compiled module in it
takes 3 ms. So that one is loaded by itself, and where it does not lie where it is expected, `scipy.fft` does the same work. Both give
the same to the last bit (tests/test_fourier.py), since the one calls the other.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_FORWARD_PLAIN: Final = 0
_BACKWARD_BY_LENGTH: Final = 2
"""pocketfft's words for no factor, and for 1/n."""


def rfft(windows: NDArray[Any], size: int | None = None) -> NDArray[Any]:
    """Return the spectra of the last axis, continued with silence to `size` where it is shorter; in the precision of the windows."""
    if size is not None and windows.shape[-1] < size:
        whole = np.zeros((*windows.shape[:-1], size), windows.dtype)
        whole[..., : windows.shape[-1]] = windows
        windows = whole
    spectra: NDArray[Any] = _transforms()[0](windows)
    return spectra


def irfft(spectra: NDArray[Any], size: int) -> NDArray[Any]:
    """Return windows of `size` from spectra along the last axis; missing bins count as zero."""
    if spectra.shape[-1] < size // 2 + 1:
        whole = np.zeros((*spectra.shape[:-1], size // 2 + 1), spectra.dtype)
        whole[..., : spectra.shape[-1]] = spectra
        spectra = whole
    windows: NDArray[Any] = _transforms()[1](spectra, size)
    return windows


def quick_size(least: int) -> int:
    """Return the smallest size from `least` on that has no prime factor above 5, of which transforms are quick."""
    best = 1 << max(least - 1, 1).bit_length()
    fives = 1
    while fives < best:
        threes = fives
        while threes < best:
            best = min(best, threes << max(-(-least // threes) - 1, 0).bit_length())
            threes *= 3
        fives *= 5
    return best


@lru_cache(maxsize=1)
def _transforms() -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return the transform and its inverse."""
    try:
        compiled = _compiled()
        return (
            lambda x: compiled.r2c(x, (x.ndim - 1,), True, _FORWARD_PLAIN, None, 1),  # noqa: FBT003  # pocketfft's own signature
            lambda x, n: compiled.c2r(x, (x.ndim - 1,), n, False, _BACKWARD_BY_LENGTH, None, 1),  # noqa: FBT003  # the same
        )
    except (ImportError, AttributeError):
        from scipy import fft

        return (
            lambda x: fft.rfft(x, axis=-1, workers=1),
            lambda x, n: fft.irfft(x, n=n, axis=-1, workers=1),
        )


def _compiled() -> Any:  # noqa: ANN401  # a compiled module
    """Return pocketfft's compiled module without the packages around it; `ImportError` where it is not as expected."""
    found = importlib.util.find_spec("scipy")
    if found is None or not found.origin:
        raise ImportError
    folder = Path(found.origin).parent / "fft" / "_pocketfft"
    for suffix in importlib.machinery.EXTENSION_SUFFIXES:
        path = folder / f"pypocketfft{suffix}"
        if path.is_file():
            loader = importlib.machinery.ExtensionFileLoader("pypocketfft", str(path))
            spec = importlib.util.spec_from_file_location("pypocketfft", path, loader=loader)
            if spec is not None:
                module = importlib.util.module_from_spec(spec)
                loader.exec_module(module)
                one = np.ones((1, 8), np.float32)
                if module.r2c(one, (1,), True, 0, None, 1).dtype == np.complex64:  # noqa: FBT003  # pocketfft's signature
                    return module
    raise ImportError
