"""Delay and polarity: recovered from shifted, inverted, coloured copies of real and made sounds."""

from __future__ import annotations

import numpy as np
import pytest

from ama_analysis.audio import Audio, Block, open_audio, read_audio, write_audio
from ama_analysis.measure.alignment import Alignment, align, close_pair, section_of
from ama_analysis.roles import Role
from ama_analysis.session import Track
from tests.real_data import SESSIONS, needs_real_data
from tests.signals import noise

DELAY_MS = 1.3
"""Not a whole number of samples at 44.1 kHz (57.33)."""
EXACT_MS = 0.003
"""A copy: a tenth of a sample."""
COLOURED_MS = 0.2
"""A copy through a gentle low-pass, which itself delays."""
SURE = 0.8
UNSURE = 0.3


def delayed(samples: Block, frames: float) -> Block:
    size = samples.shape[1] + 8192
    turn = np.exp(-2j * np.pi * np.fft.rfftfreq(size) * frames)
    shifted = np.fft.irfft(np.fft.rfft(samples, size) * turn, size)
    return shifted[:, : samples.shape[1]].astype(np.float32)


def low_passed(samples: Block, pole: float = 0.8) -> Block:
    taps = (1.0 - pole) * pole ** np.arange(200)
    return np.convolve(samples[0], taps)[None, : samples.shape[1]].astype(np.float32)


def found(first: Block, second: Block, rate_hz: int = 44_100) -> Alignment:
    alignment = align(first, rate_hz, second, rate_hz)
    assert alignment is not None
    return alignment


def kick() -> Audio:
    return read_audio(SESSIONS / "evr_caesium" / "kick.flac")


@needs_real_data
@pytest.mark.parametrize("sign", [1, -1])
def test_a_kick_delayed_by_1_3_ms_and_perhaps_inverted(sign: int):
    first = section_of(kick(), 5.0, 15.0)
    second = sign * delayed(first, DELAY_MS * 44.1)
    alignment = found(first, second)
    assert alignment.delay_ms == pytest.approx(DELAY_MS, abs=EXACT_MS)
    assert alignment.inverted == (sign < 0)
    assert alignment.coherence > 0.99


@needs_real_data
def test_a_second_microphone_of_another_colour_and_with_noise():
    first = section_of(kick(), 5.0, 15.0)
    hiss = 0.1 * first.std() * noise(channels=1, duration_s=11.0).samples[:, : first.shape[1]] / 0.1
    second = -low_passed(delayed(first, DELAY_MS * 44.1)) + hiss.astype(np.float32)
    alignment = found(first, second)
    assert alignment.delay_ms == pytest.approx(DELAY_MS, abs=COLOURED_MS)
    assert alignment.inverted
    assert alignment.coherence > SURE


@needs_real_data
def test_different_tracks_are_not_taken_for_one_source():
    first = section_of(kick(), 15.0, 25.0)
    second = section_of(read_audio(SESSIONS / "evr_caesium" / "vox_lead.flac"), 15.0, 25.0)
    assert found(first, second).coherence < UNSURE


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("delay_ms", [-19.5, -3.0, 0.0, 0.4, 19.5])
def test_delays_of_either_sign_up_to_20_ms(delay_ms: float, sign: int):
    first = noise(channels=1, duration_s=3.0).samples
    alignment = found(first, sign * delayed(first, delay_ms * 48.0), 48_000)
    assert alignment.delay_ms == pytest.approx(delay_ms, abs=EXACT_MS)
    assert alignment.inverted == (sign < 0)


def test_recordings_at_different_rates_are_compared():
    import soxr

    first = noise(channels=1, duration_s=3.0).samples
    second = soxr.resample(delayed(first, 96)[0], 48_000, 44_100)[None, :]
    alignment = align(first, 48_000, second, 44_100)
    assert alignment is not None
    assert alignment.delay_ms == pytest.approx(2.0, abs=EXACT_MS)


def test_unlike_noise_has_next_to_no_coherence():
    one, other = (noise(channels=1, duration_s=5.0, seed=seed).samples for seed in (1, 2))
    assert found(one, other, 48_000).coherence < 0.05


def test_nothing_is_found_where_one_is_silent():
    sound = noise(channels=1).samples
    assert align(sound, 48_000, 0.0 * sound, 48_000) is None
    assert align(sound, 48_000, sound[:, :0], 48_000) is None


def track(name: str, role: Role) -> Track:
    from pathlib import Path

    return Track(id=name, name=name, path=Path(name), role=role)


@pytest.mark.parametrize(
    ("first", "second", "close"),
    [
        (("Kick In", "kick"), ("Kick Out", "kick"), True),
        (("Snare Top", "snare"), ("Snare Btm", "snare"), True),
        (("Bass DI", "bass"), ("Bass Amp", "bass"), True),
        (("Room mic 1", "drums"), ("Room mic 2", "drums"), True),
        (("Keys L", "keys"), ("Keys R", "keys"), True),
        (("Keys", "keys"), ("Piano", "keys"), False),
        (("BV 1", "backing vocal"), ("BV 2", "backing vocal"), True),
        (("Kick", "kick"), ("Bass", "bass"), False),
        (("Choir", "backing vocal"), ("Oohs", "backing vocal"), False),
    ],
)
def test_close_pairs_are_told_by_role_and_name(
    first: tuple[str, Role], second: tuple[str, Role], close: bool
):
    assert close_pair(track(*first), track(*second)) is close
    assert close_pair(track(*second), track(*first)) is close


def test_a_section_of_a_file_is_the_section_of_its_samples(tmp_path):
    audio = noise(duration_s=3.0)
    path = tmp_path / "noise.wav"
    write_audio(path, audio, subtype="FLOAT")
    assert section_of(open_audio(path), 1.0, 2.5) == pytest.approx(section_of(audio, 1.0, 2.5))
    assert section_of(open_audio(path), 2.5, 9.0).shape == (1, 24_000)
    assert section_of(open_audio(path), 5.0, 9.0).shape == (1, 0)
