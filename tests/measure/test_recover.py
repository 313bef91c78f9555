"""Faders and pans read from a mix: exact where it is linear, honest where it is not."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ama_analysis.advise import complete_session, stems_of
from ama_analysis.audio import Audio, in_memory, open_audio, resampled
from ama_analysis.errors import CancelledError
from ama_analysis.measure.recover import recover_faders
from ama_analysis.session import track_of
from tests.measure.made_mixes import Crumbs, mix_of, session_of, stem
from tests.real_data import SESSIONS, needs_real_data
from tests.signals import silence

FADER_DB, PAN = 0.1, 0.02
"""The accuracy asked of a linear mix."""
ROUNDING_DB = 0.002
"""16-bit rounding of a mix, as measured in stems 40 dB under it."""
LMMS = ("lmms_dearjondoe", "lmms_makeme", "lmms_mauiwowi")


def below_18_khz(audio):
    spectrum = np.fft.rfft(audio.samples)
    spectrum[:, np.fft.rfftfreq(audio.frames, 1 / audio.sample_rate_hz) > 18_000] = 0
    return Audio(np.fft.irfft(spectrum, audio.frames).astype(np.float32), audio.sample_rate_hz)


def recovered(stems, mix, **options):
    session, sound_of = session_of(stems)
    return recover_faders(session, sound_of, mix, **options)


def check(found, gains_db, pans, *, fader_db=FADER_DB, pan=PAN):
    assert [f.certain for f in found.faders] == [True] * len(gains_db)
    assert [f.fader_db for f in found.faders] == pytest.approx(gains_db, abs=fader_db)
    assert [f.pan for f in found.faders] == pytest.approx(pans, abs=pan)


STEMS = [stem(1), stem(2, channels=1), stem(3, duration_s=4.0), stem(4, channels=1)]
GAINS_DB = [-3.0, -12.5, 4.0, -20.0]
PANS = [0.0, -0.6, 0.35, 1.0]


def test_mono_and_stereo_stems_are_found_where_they_are():
    found = recovered(STEMS, mix_of(STEMS, GAINS_DB, PANS))
    check(found, GAINS_DB, PANS, fader_db=ROUNDING_DB, pan=0.001)
    assert found.linear
    assert found.residual_db < -100.0
    assert found.offset_ms == 0.0


@pytest.mark.parametrize("late", [-20_011, 777, 60_000])
def test_a_mix_that_lies_elsewhere_is_laid_on_the_stems(late):
    mix = mix_of(STEMS, GAINS_DB, PANS)
    shifted = (
        np.concatenate((np.zeros((2, late), np.float32), mix.samples), axis=1)
        if late > 0
        else mix.samples[:, -late:]
    )
    found = recovered(STEMS, Audio(np.ascontiguousarray(shifted), 44_100))
    assert found.offset_ms == pytest.approx(1000 * late / 44_100)
    check(found, GAINS_DB, PANS)
    assert found.linear


def test_a_stem_that_slipped_by_milliseconds_is_told():
    slipped = np.concatenate((np.zeros((2, 150), np.float32), STEMS[0].samples[:, :-150]), axis=1)
    mix = mix_of([Audio(slipped, 44_100), *STEMS[1:]], GAINS_DB, PANS)
    found = recovered(STEMS, mix)
    assert found.faders[0].slip_ms == pytest.approx(1000 * 150 / 44_100)
    assert [f.slip_ms for f in found.faders[1:]] == [0.0] * 3
    check(found, GAINS_DB, PANS)
    assert found.linear


def test_a_stem_upside_down_is_told_with_its_fader():
    mix = mix_of([Audio(-STEMS[0].samples, 44_100), *STEMS[1:]], GAINS_DB, PANS)
    found = recovered(STEMS, mix)
    check(found, GAINS_DB, PANS)
    assert [f.inverted for f in found.faders] == [True, False, False, False]


def test_a_limited_mix_is_not_linear():
    mix = mix_of(STEMS, GAINS_DB, PANS)
    loud = 8.0 * mix.samples / np.abs(mix.samples).max()
    assert not recovered(STEMS, Audio(np.tanh(loud), 44_100)).linear


def test_a_mix_with_more_than_the_stems_is_not_linear():
    mix = mix_of(STEMS, GAINS_DB, PANS)
    found = recovered(STEMS[1:], mix)
    assert not found.linear
    assert found.residual_db > -20.0


def test_a_stem_that_the_mix_lacks_is_absent():
    found = recovered(STEMS, mix_of(STEMS[:3], GAINS_DB[:3], PANS[:3]))
    assert [f.absent for f in found.faders] == [False, False, False, True]
    assert found.linear


def test_identical_and_silent_stems_keep_what_they_have():
    stems = [STEMS[0], STEMS[1], STEMS[0], silence(duration_s=6.0, sample_rate_hz=44_100)]
    found = recovered(stems, mix_of(stems, GAINS_DB, PANS))
    assert [f.certain for f in found.faders] == [False, True, False, False]
    for fader in (found.faders[0], found.faders[2], found.faders[3]):
        assert (fader.fader_db, fader.pan) == (-1.5, 0.25)
    assert "same" in found.faders[0].doubt
    assert "silent" in found.faders[3].doubt
    assert found.faders[1].fader_db == pytest.approx(GAINS_DB[1], abs=FADER_DB)
    assert found.linear


def test_a_silent_mix_tells_nothing():
    found = recovered(STEMS, silence(duration_s=6.0, sample_rate_hz=44_100))
    assert not found.linear
    assert not any(f.certain for f in found.faders)


def test_sizes_of_blocks_do_not_matter():
    mix = mix_of(STEMS, GAINS_DB, PANS)
    crumbs = [Crumbs(one, 1_000 + 77 * i) for i, one in enumerate(STEMS)]
    assert recovered(crumbs, Crumbs(mix, 3_333)) == recovered(STEMS, mix)


def test_a_mix_at_another_rate_is_resampled():
    """Below 18 kHz: what a resampler takes from the top of white or pink noise is no part of music."""
    stems = [below_18_khz(one) for one in STEMS]
    found = recovered(stems, resampled(mix_of(stems, GAINS_DB, PANS), 48_000))
    check(found, GAINS_DB, PANS)
    assert found.linear


@needs_real_data
def test_a_human_mix_at_another_rate_is_read_within_the_accuracy():
    document, rows, session = real_session("lmms_makeme")
    mix = resampled(in_memory(open_audio(SESSIONS / "lmms_makeme" / "mix.flac")), 48_000)
    found = recover_faders(session, stems_of(session), mix)
    common_db = document["mix"]["mix_gain_db"]
    check(found, [row["gain_db"] + common_db for row in rows], [row["pan"] for row in rows])
    assert found.linear


@needs_real_data
def test_a_stem_that_barely_begins_in_an_excerpt_is_not_called_absent():
    _, rows, session = real_session("evr_rubidium")
    mix = in_memory(open_audio(SESSIONS / "evr_rubidium" / "mix.flac"))
    excerpt = Audio(np.ascontiguousarray(mix.samples[:, 57_000:409_800]), mix.sample_rate_hz)
    found = recover_faders(session, stems_of(session), excerpt)
    assert not any(fader.absent for fader in found.faders)
    for row, fader in zip(rows, found.faders, strict=True):
        assert not fader.certain or fader.fader_db == pytest.approx(row["gain_db"], abs=FADER_DB)


def test_one_cancels_by_raising_from_progress():
    def stop(fraction, stage):
        if fraction > 0.5:
            message = "The job was cancelled."
            raise CancelledError(message)

    with pytest.raises(CancelledError):
        recovered(STEMS, mix_of(STEMS, GAINS_DB, PANS), on_progress=stop)


def real_session(name):
    folder = SESSIONS / name
    document = json.loads((folder / "session.json").read_text(encoding="utf-8"))
    rows = document["tracks"]
    tracks = [track_of(folder / row["file"], track_id=Path(row["file"]).stem) for row in rows]
    return document, rows, complete_session(name, tracks)


@needs_real_data
@pytest.mark.parametrize("name", LMMS)
def test_the_faders_of_a_human_mix_are_read_from_it(name):
    document, rows, session = real_session(name)
    found = recover_faders(session, stems_of(session), open_audio(SESSIONS / name / "mix.flac"))
    common_db = document["mix"]["mix_gain_db"]
    check(found, [row["gain_db"] + common_db for row in rows], [row["pan"] for row in rows])
    assert found.linear
    assert found.residual_db < -75.0


@needs_real_data
@pytest.mark.parametrize("seed", [1, 2])
def test_scrambled_faders_of_real_stems_are_read(seed):
    _, rows, session = real_session("lmms_makeme")
    random = np.random.default_rng(seed)
    gains_db = [row["gain_db"] + random.uniform(-12, 12) for row in rows]
    pans = [float(random.uniform(-0.7, 0.7)) for _ in rows]
    sound_of = stems_of(session)
    mix = mix_of([in_memory(sound_of(t)) for t in session.tracks], gains_db, pans)
    found = recover_faders(session, sound_of, mix)
    check(found, gains_db, pans)
    assert found.linear
