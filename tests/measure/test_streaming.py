"""Block sizes that must not matter, memory that must not grow, and sounds that are hardly any."""

from __future__ import annotations

import math
import tracemalloc
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace

import numpy as np
import pytest

from ama_analysis.audio import BLOCK_FRAMES, Audio, Block
from ama_analysis.measure import measure_mix, measure_sound
from ama_analysis.measure.windows import Windows
from ama_analysis.measurements import TrackMeasurements
from tests.signals import noise, silence

GROWTH = 1.1
"""Peak memory of half an hour over that of a minute; measured: 1.00."""


@dataclass(frozen=True)
class Chopped:
    """A sound in blocks of any lengths, not what `Sound` promises: the meters take them all."""

    audio: Audio
    seed: int
    sample_rate_hz: int = 44_100

    @property
    def channels(self) -> int:
        return self.audio.channels

    @property
    def frames(self) -> int:
        return self.audio.frames

    def blocks(self, block_frames: int = BLOCK_FRAMES) -> Iterator[Block]:
        random, at = np.random.default_rng(self.seed), 0
        while at < self.frames:
            count = int(2.0 ** random.uniform(0.0, 16.0))
            yield self.audio.samples[:, at : at + count]
            at += count


@dataclass(frozen=True)
class Long:
    """Noise of any length, made block by block."""

    frames: int
    sample_rate_hz: int = 8_000
    channels: int = 2

    def blocks(self, block_frames: int = BLOCK_FRAMES) -> Iterator[Block]:
        block = noise(duration_s=block_frames / 8_000, sample_rate_hz=8_000).samples
        for start in range(0, self.frames, block_frames):
            yield block[:, : self.frames - start]


@pytest.fixture(scope="module")
def tune() -> Audio:
    """Nine seconds of bursts, so that gates and maxima have something to decide."""
    samples = noise(duration_s=9.0, pink=True, sample_rate_hz=44_100).samples
    gain = np.repeat(10.0 ** (np.random.default_rng(3).uniform(-60, 0, 90) / 20.0), 4_410)
    return Audio((samples * gain).astype(np.float32), 44_100)


@pytest.mark.parametrize("seed", range(4))
def test_block_sizes_do_not_matter_in_the_last_bit(tune: Audio, seed: int):
    assert measure_sound(Chopped(tune, seed)) == measure_sound(tune)
    assert measure_mix(Chopped(tune, seed)) == measure_mix(tune)


@pytest.mark.parametrize(
    ("size", "hop", "group", "lead"), [(64, 16, 3, 48), (10, 10, 4, 0), (33, 7, 1, 5)]
)
def test_windows_are_those_of_the_padded_sound(size: int, hop: int, group: int, lead: int):
    sound = noise(duration_s=0.05).samples
    windows = Windows(channels=2, size=size, hop=hop, group=group, lead=lead)
    given = [
        part.copy()
        for block in Chopped(Audio(sound, 48_000), 1).blocks()
        for part in windows.add(block)
    ]
    given += [part.copy() for part in windows.finish(hop)]
    padded = np.pad(sound, ((0, 0), (lead, hop)))
    expected = np.lib.stride_tricks.sliding_window_view(padded, size, axis=1)[:, ::hop]
    assert {part.shape[1] for part in given[:-1]} == {group}
    assert np.array_equal(np.concatenate(given, axis=1), expected)


def peak_bytes(seconds: int) -> int:
    sound = Long(8_000 * seconds)
    tracemalloc.start()
    measure_sound(sound)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def test_memory_does_not_grow_with_length():
    measure_sound(Long(8_000))
    assert peak_bytes(1_800) < GROWTH * peak_bytes(60)


def figures(measured: TrackMeasurements) -> list[float]:
    """Return all numbers of a measurement."""

    def walk(value: object) -> Iterator[float]:
        if isinstance(value, dict):
            for part in value.values():
                yield from walk(part)
        elif isinstance(value, tuple | list):
            for part in value:
                yield from walk(part)
        elif isinstance(value, int | float):
            yield float(value)

    return list(walk(asdict(measured)))


HARDLY: dict[str, Block] = {
    "nothing": np.zeros((2, 0), np.float32),
    "one sample": np.full((1, 1), 0.5, np.float32),
    "two samples": np.array([[0.5, -0.5]], np.float32),
    "offset": np.full((2, 30_000), 0.1, np.float32),
    "tiny": np.full((2, 30_000), 1e-30, np.float32) * np.float32(1e-8),
    "huge": noise().samples * np.float32(1e6),
    "left only": np.concatenate((noise(channels=1).samples, silence(channels=1).samples)),
    "alternating": np.tile(np.array([[1.0, -1.0]], np.float32), (2, 9_000)),
}


@pytest.mark.parametrize("rate_hz", [8_000, 44_100, 192_000])
@pytest.mark.parametrize("name", HARDLY)
def test_odd_sounds_give_finite_figures_or_none_without_a_warning(name: str, rate_hz: int):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with np.errstate(all="raise", under="ignore"):
            measured = measure_sound(Audio(HARDLY[name], rate_hz))
            measure_mix(Audio(HARDLY[name], rate_hz))
    assert np.isfinite(figures(measured)).all()


@pytest.mark.parametrize("name", ["nothing", "one sample", "offset", "tiny"])
def test_sounds_with_nothing_to_hear_are_silent(name: str):
    measured = measure_sound(Audio(HARDLY[name], 48_000))
    assert measured.silent
    assert measured.loudness.max_momentary_lufs is None


def test_an_offset_has_peaks_and_a_level_all_the_same():
    measured = measure_sound(Audio(HARDLY["offset"], 48_000))
    assert measured.loudness.sample_peak_dbfs == pytest.approx(-20.0, abs=0.01)
    assert measured.dynamics.rms_dbfs == pytest.approx(-20.0, abs=0.01)
    assert measured.dynamics.dc_offset == pytest.approx(0.1)


def test_mono_measures_as_the_same_sound_in_both_channels():
    mono = noise(channels=1, pink=True, duration_s=4.0)
    both = Audio(np.repeat(mono.samples, 2, axis=0), 48_000)
    one, two = measure_sound(mono), measure_sound(both)
    same = replace(one, channels=2, loudness=two.loudness)
    assert figures(same) == pytest.approx(figures(two), abs=1e-4)
    assert one.loudness.true_peak_dbtp == two.loudness.true_peak_dbtp
    assert one.loudness.integrated_lufs == pytest.approx(
        (two.loudness.integrated_lufs or 0.0) - 10.0 * math.log10(2.0), abs=0.01
    )


def test_progress_rises_to_one():
    seen: list[float] = []
    measure_sound(noise(duration_s=5.0), on_progress=lambda fraction, _stage: seen.append(fraction))
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
