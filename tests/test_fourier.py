"""Transforms without scipy.fft around them are those of scipy.fft to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import fft

from ama_analysis import fourier

SHAPES = [(384, 2048), (2, 3, 8192), (1, 1, 16384), (5, 1024)]


def windows(shape):
    return np.random.default_rng(1).standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize("shape", SHAPES)
def test_spectra_are_those_of_scipy(shape):
    ours = fourier.rfft(windows(shape))
    assert ours.dtype == np.complex64
    np.testing.assert_array_equal(ours, fft.rfft(windows(shape), axis=-1))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("factor", [1, 4])
def test_windows_are_those_of_scipy(shape, factor):
    spectra = fourier.rfft(windows(shape))
    size = factor * shape[-1]
    ours = fourier.irfft(spectra, size)
    assert ours.dtype == np.float32
    np.testing.assert_array_equal(ours, fft.irfft(spectra, n=size, axis=-1))


def test_views_with_strides_are_taken():
    line = windows((4, 4096))
    overlapping = np.lib.stride_tricks.sliding_window_view(line, 1024, axis=1)[:, ::256]
    np.testing.assert_array_equal(fourier.rfft(overlapping), fft.rfft(overlapping, axis=-1))


def test_without_the_compiled_module_scipy_does_the_work(monkeypatch):
    expected = fourier.rfft(windows((3, 2048)))

    def missing():
        raise ImportError

    monkeypatch.setattr(fourier, "_compiled", missing)
    fourier._transforms.cache_clear()
    try:
        np.testing.assert_array_equal(fourier.rfft(windows((3, 2048))), expected)
        np.testing.assert_allclose(fourier.irfft(expected, 2048), windows((3, 2048)), atol=1e-5)
    finally:
        fourier._transforms.cache_clear()


@pytest.mark.parametrize("least", [1, 2, 7, 11, 16, 17, 4099, 100_003, 529_201])
def test_quick_sizes_are_those_of_scipy(least):
    assert fourier.quick_size(least) == fft.next_fast_len(least, real=True)


def test_short_windows_are_continued_with_silence():
    short = windows((3, 700)).astype(np.float64)
    ours = fourier.rfft(short, 1024)
    assert ours.dtype == np.complex128
    np.testing.assert_array_equal(ours, fft.rfft(short, n=1024, axis=-1))
