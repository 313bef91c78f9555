"""All stems side by side: each figure against the cross-spectra of all windows at once, written out in float64."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pytest

from ama_analysis.audio import Audio, as_stereo
from ama_analysis.bands import band_matrix
from ama_analysis.cross_spectra import CrossSpectra, band_centres_hz, band_edges_hz
from ama_analysis.measure.spectrum import fft_size_for, vorbis_window
from ama_analysis.measure.together import (
    MOST_SAMPLED,
    MOST_SEGMENTS,
    MOST_WINDOWS,
    TogetherMeter,
)
from tests.signals import noise, silence, sine

SIZE = 32_768
"""Samples a window at 44.1 kHz."""
FLOAT32 = 2e-6
"""Transforms and sums in float32 against float64, of the loudest product."""
MEAN_SQUARE = 8e-3
"""Of a channel's mean square: what leaks below the lowest band's edge, 17.8 Hz; 0.005 measured with pink noise from 20 Hz upwards."""
SAMPLED = 0.05
"""470 of 940 windows of steady noise in bands with at least 1 % of all bins (ten): 0.02 measured."""


def together(stems: Mapping[str, Audio], *, step: int = 1 << 16) -> CrossSpectra:
    frames = max(stem.frames for stem in stems.values())
    rate_hz = next(iter(stems.values())).sample_rate_hz
    meter = TogetherMeter(list(stems), sample_rate_hz=rate_hz, frames=frames)
    padded = [np.pad(s.samples, ((0, 0), (0, frames - s.frames))) for s in stems.values()]
    for start in range(0, frames, step):
        meter.add([samples[:, start : start + step] for samples in padded])
    return meter.result()


def windows_of(stems: Mapping[str, Audio]) -> np.ndarray:
    """Return the spectra (2 n, windows, bins) of all channels in float64, lefts first."""
    rate = next(iter(stems.values())).sample_rate_hz
    size = fft_size_for(rate, SIZE)
    hop, frames = size // 2, max(stem.frames for stem in stems.values())
    count = math.ceil(frames / hop) + 1
    padded = np.zeros((2, len(stems), (count + 1) * hop))
    for place, stem in enumerate(stems.values()):
        padded[:, place, hop : hop + stem.frames] = as_stereo(stem.samples)
    channels = padded.reshape(2 * len(stems), -1)
    cut = np.lib.stride_tricks.sliding_window_view(channels, size, axis=1)[:, ::hop]
    return np.fft.rfft(cut * vorbis_window(size).astype(float)) * 2.0 / size


def expected(stems: Mapping[str, Audio]) -> np.ndarray:
    """Return (bands, 2 n, 2 n): the sums over windows and bins of Re(x_i conj(x_j)), over the time."""
    rate = next(iter(stems.values())).sample_rate_hz
    spectra = windows_of(stems)
    bin_hz = np.fft.rfftfreq(fft_size_for(rate, SIZE), 1.0 / rate)
    weights = band_matrix(band_edges_hz(), bin_hz)
    products = np.einsum("iwf,jwf->fij", spectra, spectra.conj(), optimize=True).real
    hop, frames = fft_size_for(rate, SIZE) // 2, max(stem.frames for stem in stems.values())
    return np.einsum("bf,fij->bij", weights, products) * hop / frames


def stems_at(rate_hz: int) -> dict[str, Audio]:
    """Return a stereo stem, a mono one, one that ends early, a coherent pair (one inverted), and a tone."""

    def made(seed: int, *, channels: int = 2, duration_s: float = 2.6) -> Audio:
        return noise(
            seed=seed, channels=channels, duration_s=duration_s, sample_rate_hz=rate_hz, pink=True
        )

    stereo = made(1)
    inverted = Audio(np.float32(-0.5) * stereo.samples, rate_hz)
    return {
        "stereo": stereo,
        "mono": made(2, channels=1),
        "short": made(3, duration_s=1.1),
        "inverted": inverted,
        "tone": sine(1100.0, duration_s=2.6, sample_rate_hz=rate_hz),
    }


@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 96_000])
def test_products_are_the_cross_spectra_of_all_channels(rate_hz):
    stems = stems_at(rate_hz)
    found = together(stems)
    wanted = expected(stems)
    assert found.tracks == tuple(stems)
    assert found.mean.shape == (band_centres_hz().size, 10, 10)
    assert np.abs(found.mean - wanted).max() < FLOAT32 * wanted.max()
    assert float(found.lengths.sum()) == pytest.approx(1.0)


def test_coherent_tracks_add_and_inverted_ones_cancel_as_their_waveforms_do():
    stems = stems_at(44_100)
    whole = together({**stems, "sum": Audio(2.0 * stems["stereo"].samples, 44_100)}).mean
    names = [*stems, "sum"]
    left = {name: place for place, name in enumerate(names)}
    loud = whole[:, left["stereo"], left["stereo"]]
    audible = loud > 1e-6 * loud.max()
    for name, factor in (("inverted", -0.5), ("sum", 2.0)):
        cross = whole[:, left["stereo"], left[name]]
        assert cross[audible] == pytest.approx(factor * loud[audible], rel=1e-4)


def test_a_channels_products_add_up_to_its_mean_square():
    stems = stems_at(44_100)
    spectra = together(stems)
    covered = stems["mono"].frames
    powers = np.einsum("bii->i", spectra.mean)
    for place, stem in enumerate(stems.values()):
        left, right = np.sum(as_stereo(stem.samples).astype(float) ** 2, axis=1) / covered
        assert powers[place] == pytest.approx(left, rel=MEAN_SQUARE)
        assert powers[len(stems) + place] == pytest.approx(right, rel=MEAN_SQUARE)


def test_segments_follow_the_time():
    """What sounds in the first half fills the first half of the segments; the last one holds the half-filled window at the end."""
    first = noise(seed=1, duration_s=20.0, pink=True)
    stems = {"first": first, "whole": noise(seed=2, duration_s=40.0, pink=True)}
    spectra = together(stems)
    assert spectra.lengths.size > 4
    powers = np.einsum("sbii->si", spectra.products)[:, :2]
    ends = np.cumsum(spectra.lengths)
    early, late = ends < 0.48, ends - spectra.lengths > 0.52
    usual = float(np.mean(first.samples[0].astype(float) ** 2))
    assert powers[early, 0] == pytest.approx(usual, rel=0.25)
    assert np.all(powers[late, 0] == 0.0)
    inside = np.flatnonzero(late)[:-1]
    assert powers[inside, 1] == pytest.approx(powers[inside, 1].mean(), rel=0.25)


def test_a_short_session_is_not_diluted_by_the_windows_that_it_does_not_have():
    """5 windows are one group of 4 and one of a single window."""
    stems = {"tone": sine(1000.0, duration_s=4 * SIZE / 2 / 44_100, sample_rate_hz=44_100)}
    spectra = together(stems)
    powers = np.einsum("sbii->si", spectra.products)[:, 0]
    level = float(np.mean(stems["tone"].samples[0].astype(float) ** 2))
    assert spectra.lengths == pytest.approx([4 / 5, 1 / 5])
    assert float(spectra.lengths @ powers) == pytest.approx(level, rel=MEAN_SQUARE)


def test_figures_do_not_depend_on_the_sizes_of_blocks():
    stems = stems_at(44_100)
    whole = together(stems)
    chopped = together(stems, step=997)
    assert_same(whole, chopped)


def test_the_same_stems_give_the_same_bytes():
    stems = stems_at(48_000)
    assert_same(together(stems), together(stems))


def assert_same(one: CrossSpectra, other: CrossSpectra) -> None:
    assert one.tracks == other.tracks
    for name in ("products", "lengths", "samples", "sample_bands", "sample_segments"):
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes()


def test_a_long_session_is_sampled_evenly_and_its_levels_stay():
    """Four minutes at 8 kHz, with windows of half a second that overlap by half."""
    rate_hz, duration_s = 8_000, 240.0
    stems = {
        "noise": noise(seed=1, channels=1, duration_s=duration_s, sample_rate_hz=rate_hz),
        "half": noise(seed=2, channels=1, duration_s=duration_s / 2, sample_rate_hz=rate_hz),
    }
    spectra, whole = together(stems), expected(stems)
    counted = duration_s * rate_hz / (fft_size_for(rate_hz, SIZE) // 2)
    assert counted > MOST_WINDOWS
    assert spectra.products.shape[0] == MOST_SEGMENTS
    assert spectra.samples.shape[0] <= MOST_SAMPLED
    audible = band_centres_hz() < 0.9 * rate_hz / 2
    loud = whole[audible, 0, 0]
    wide = loud > 0.01 * loud.sum()
    assert wide.sum() > 10
    assert spectra.mean[audible, 0, 0][wide] == pytest.approx(loud[wide], rel=SAMPLED)
    half = np.einsum("b->", spectra.mean[:, 1, 1]) / np.einsum("b->", spectra.mean[:, 0, 0])
    assert half == pytest.approx(0.5, abs=0.02)
    assert np.all(spectra.mean[band_centres_hz() > rate_hz] == 0.0)


def test_samples_are_spectra_of_their_bands_and_segments():
    """A tone's rows lie in its own band; a stem that has ended has nothing but zeros."""
    stems = stems_at(44_100)
    spectra = together(stems)
    windows, rows, channels = spectra.samples.shape
    assert (spectra.sample_segments.size, spectra.sample_bands.size) == (windows, rows)
    assert channels == 10
    assert np.all(np.diff(spectra.sample_segments) >= 0)
    place = list(stems).index("tone")
    power = np.abs(spectra.samples[:, :, place]).mean(axis=0)
    band = int(spectra.sample_bands[int(np.argmax(power))])
    assert band_edges_hz()[band] < 1100.0 < band_edges_hz()[band + 1]
    late = spectra.samples[-2:, :, list(stems).index("short")]
    assert np.all(late == 0.0)


def test_some_of_the_tracks_are_those_of_the_whole():
    stems = stems_at(44_100)
    spectra = together(stems)
    chosen = spectra.only(["tone", "stereo"])
    alone = together({name: stems[name] for name in ("tone", "stereo")})
    assert chosen.tracks == ("tone", "stereo")
    assert chosen.products == pytest.approx(
        alone.products, abs=FLOAT32 * float(alone.products.max())
    )
    assert chosen.samples.shape[2] == 4
    assert chosen.samples.tobytes() == alone.samples.tobytes()
    with pytest.raises(ValueError, match="not in"):
        spectra.only(["kazoo"])


def test_silence_has_products_of_nothing():
    spectra = together({"quiet": silence(duration_s=1.0), "loud": noise(duration_s=1.0)})
    assert np.all(spectra.mean[:, 0] == 0.0)
    assert np.einsum("bii->i", spectra.mean)[1] > 0.0


def test_one_sample_is_a_sound():
    click = Audio(np.ones((1, 1), np.float32), 44_100)
    spectra = together({"click": click})
    assert np.all(np.isfinite(spectra.products))
    assert np.einsum("bii->i", spectra.mean) == pytest.approx(1.0, rel=0.05)
