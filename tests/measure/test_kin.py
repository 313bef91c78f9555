"""Faders of references that are mixes of these very stems: wherever they lie, whatever was done to them; and none where they are not."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from ama_analysis.advise import complete_session, stems_of
from ama_analysis.audio import (
    Audio,
    as_stereo,
    in_memory,
    open_audio,
    resampled,
    write_audio,
)
from ama_analysis.errors import CancelledError
from ama_analysis.measure.recover import recover_faders
from ama_analysis.measure.recover_kin import recover_from_reference
from ama_analysis.session import track_of
from tests.measure.made_mixes import Crumbs, mix_of, session_of, stem
from tests.real_data import REFERENCES, SESSIONS, needs_real_data
from tests.signals import noise

PLAIN_DB, PLAIN_PAN = 0.02, 0.003
"""Single-precision sums, and 16-bit files."""
MASTERED_DB, MASTERED_PAN = 0.25, 0.03
"""What a limiter, an equaliser and a codec leave together, on noise."""
ERRORS = 4.0
"""No fader is further off than so many of its standard errors..."""
SMALL_DB = 0.05
"""... and this."""
RATE = 44_100


def coloured(seed, low_hz, high_hz, **options):
    """Return a stem whose spectrum falls by 12 dB an octave outside a range."""
    audio = stem(seed, duration_s=12.0, **options)
    hz = np.maximum(np.fft.rfftfreq(audio.frames, 1.0 / audio.sample_rate_hz), 1.0)
    shape = np.minimum(hz / low_hz, 1.0) ** 2 * np.minimum(high_hz / hz, 1.0) ** 2
    samples = np.fft.irfft(np.fft.rfft(audio.samples) * shape, audio.frames)
    return Audio(samples.astype(np.float32), audio.sample_rate_hz)


STEMS = [
    coloured(1, 40.0, 200.0, channels=1),
    coloured(2, 150.0, 2_000.0),
    coloured(3, 300.0, 5_000.0, channels=1),
    coloured(4, 3_000.0, 15_000.0),
    coloured(5, 100.0, 8_000.0),
]
GAINS_DB = [-3.0, -9.5, 2.0, 4.0, -14.0]
PANS = [0.0, -0.6, 0.35, 0.0, 0.8]
MIX = mix_of(STEMS, GAINS_DB, PANS)


def found_in(reference, stems=STEMS, **options):
    session, sound_of = session_of(stems)
    return recover_from_reference(session, sound_of, reference, **options)


def off(found, gains_db=GAINS_DB):
    """Return by how much each fader is off, less what all are."""
    off_db = np.array([f.fader_db for f in found.faders]) - gains_db
    return off_db - np.median(off_db)


def check(found, fader_db, pan, gains_db=GAINS_DB, pans=PANS):
    assert found is not None
    assert [f.certain for f in found.faders] == [True] * len(gains_db)
    assert np.abs(off(found, gains_db)).max() < fader_db
    assert [f.pan for f in found.faders] == pytest.approx(pans, abs=pan)
    for fader, away_db in zip(found.faders, off(found, gains_db), strict=True):
        assert abs(away_db) < ERRORS * fader.error_db + SMALL_DB


def limited(audio):
    """Return samples through a limiter that works most of the time: its gain follows the peaks of each millisecond, and recovers in 80."""
    step = RATE // 1_000
    peak = np.abs(audio.samples).max(axis=0)
    held = np.pad(peak, (0, -peak.size % step)).reshape(-1, step).max(axis=1)
    for index in range(1, held.size):
        held[index] = max(held[index], held[index - 1] * np.exp(-0.001 / 0.08))
    gains = np.minimum(np.quantile(held, 0.3) / np.maximum(held, 1e-9), 1.0)
    gain = np.interp(np.arange(audio.frames), step * np.arange(gains.size), gains)
    return Audio((audio.samples * gain).astype(np.float32), audio.sample_rate_hz)


def equalised(audio):
    """Return samples with up to 4 dB more at the top and 3 dB less in the middle, without phase."""
    hz = np.maximum(np.fft.rfftfreq(audio.frames, 1.0 / audio.sample_rate_hz), 1.0)
    tone_db = 4.0 / (1.0 + (6_000.0 / hz) ** 2) - 3.0 * np.exp(-(np.log2(hz / 500.0) ** 2))
    samples = np.fft.irfft(np.fft.rfft(audio.samples) * 10 ** (tone_db / 20), audio.frames)
    return Audio(samples.astype(np.float32), audio.sample_rate_hz)


def coded(audio, kind="OGG", subtype="VORBIS"):
    """Return samples that went through a lossy coder."""
    peak = np.abs(audio.samples).max()
    file = io.BytesIO()
    with soundfile.SoundFile(file, "w", audio.sample_rate_hz, 2, subtype, format=kind) as out:
        for block in Audio(0.9 * audio.samples / peak, audio.sample_rate_hz).blocks(8_192):
            out.write(block.T)
    file.seek(0)
    samples, rate = soundfile.read(file, dtype="float32", always_2d=True)
    return Audio(np.ascontiguousarray(samples.T), rate)


def inside(audio, before_s, after_s):
    """Return samples with another music around them."""
    other = noise(seed=901, sample_rate_hz=RATE, duration_s=before_s + after_s, pink=True).samples
    before = round(before_s * RATE)
    parts = (other[:, :before], as_stereo(audio.samples), other[:, before:])
    return Audio(np.concatenate(parts, axis=1), RATE)


def part(audio, start, stop=None):
    return Audio(np.ascontiguousarray(audio.samples[:, start:stop]), audio.sample_rate_hz)


def test_a_mix_of_faders_is_read_as_it_is():
    found = found_in(MIX)
    check(found, PLAIN_DB, PLAIN_PAN)
    assert found.linear
    assert found.offset_ms == 0.0
    assert [f.fader_db for f in found.faders] == pytest.approx(GAINS_DB, abs=PLAIN_DB)


@pytest.mark.parametrize(("start", "stop"), [(100_003, None), (0, 300_001), (150_001, 400_000)])
def test_a_part_of_the_mix_is_enough(start, stop):
    found = found_in(part(MIX, start, stop))
    check(found, PLAIN_DB, PLAIN_PAN)
    assert found.offset_ms == pytest.approx(-1000.0 * start / RATE, abs=1e-6)


def test_stems_are_found_somewhere_inside_a_long_reference():
    found = found_in(inside(MIX, 40.0, 25.0))
    check(found, PLAIN_DB, PLAIN_PAN)
    assert found.offset_ms == pytest.approx(40_000.0, abs=1e-6)


def test_a_reference_that_begins_otherwise_is_read_where_it_agrees():
    """Stems begin 5 s before: there the reference holds something else."""
    found = found_in(inside(part(MIX, 5 * RATE), 30.0, 0.0))
    check(found, 10 * PLAIN_DB, 10 * PLAIN_PAN)
    assert found.heard_s < 8.0


@pytest.mark.parametrize("kind", [("OGG", "VORBIS"), ("MP3", "MPEG_LAYER_III")])
def test_a_lossy_copy_is_read(kind):
    found = found_in(coded(part(MIX, 30_011), *kind))
    check(found, MASTERED_DB, MASTERED_PAN)
    assert not found.linear
    assert found.kinship > 0.9


@pytest.mark.parametrize("master", [limited, equalised, lambda a: equalised(limited(a))])
def test_what_a_master_does_is_told_from_faders(master):
    found = found_in(master(MIX))
    check(found, MASTERED_DB, MASTERED_PAN)
    assert not found.linear


def test_a_master_at_another_rate_in_a_lossy_file_at_another_place_is_read():
    master = resampled(coded(equalised(limited(part(MIX, 70_001)))), 48_000)
    check(found_in(master), MASTERED_DB, MASTERED_PAN)


def test_a_stem_that_slipped_is_found_where_it_lies():
    late = np.concatenate((np.zeros((2, 170), np.float32), STEMS[4].samples[:, :-170]), axis=1)
    mix = mix_of([*STEMS[:4], Audio(late, RATE)], GAINS_DB, PANS)
    found = found_in(coded(mix))
    check(found, MASTERED_DB, MASTERED_PAN)
    assert found.faders[4].slip_ms == pytest.approx(1000.0 * 170 / RATE, abs=0.01)
    assert [f.slip_ms for f in found.faders[:4]] == [0.0] * 4


def test_a_stem_that_was_played_anew_is_not_certain():
    """Of the same part, but not the same samples: the others are read, this one is not believed."""
    other = coloured(55, 150.0, 2_000.0)
    found = found_in(mix_of([STEMS[0], other, *STEMS[2:]], GAINS_DB, PANS))
    assert found is not None
    others = [0, 2, 3, 4]
    assert all(found.faders[k].certain for k in others)
    assert np.abs(off(found)[others]).max() < MASTERED_DB
    assert found.faders[1].absent or not found.faders[1].certain


def test_a_stem_that_the_mix_lacks_is_absent():
    found = found_in(mix_of(STEMS[:4], GAINS_DB[:4], PANS[:4]))
    assert [f.absent for f in found.faders] == [False, False, False, False, True]


def test_a_stem_that_rests_where_the_mix_was_taken_says_nothing():
    rests = STEMS[4].samples.copy()
    rests[:, 6 * RATE :] = 0.0
    stems = [*STEMS[:4], Audio(rests, RATE)]
    found = found_in(part(mix_of(stems, GAINS_DB, PANS), 6 * RATE), stems)
    assert found is not None
    assert "does not play" in found.faders[4].doubt
    assert not found.faders[4].certain


def test_other_music_is_no_kin():
    assert found_in(inside(STEMS[0], 1.0, 20.0), STEMS[1:]) is None


def test_one_loop_that_repeats_is_no_mix():
    """Another section of the song: one stem plays the same bar, the others do not."""
    bar = STEMS[0].samples[:, : 2 * RATE]
    loop = Audio(np.ascontiguousarray(np.tile(bar, (1, 6))), RATE)
    section = mix_of([loop, *(coloured(60 + k, 200.0, 9_000.0) for k in range(4))], GAINS_DB, PANS)
    assert found_in(section, [loop, *STEMS[1:]]) is None


def test_silence_is_no_kin():
    silent = Audio(np.zeros((2, 12 * RATE), np.float32), RATE)
    assert found_in(silent) is None
    assert found_in(MIX, [silent, silent]) is None


def test_the_same_input_gives_the_same_faders_whatever_the_blocks():
    reference = inside(part(MIX, 2_000), 14.0, 0.0)
    crumbs = [Crumbs(one, 1_000 + 77 * i) for i, one in enumerate(STEMS)]
    assert found_in(Crumbs(reference, 3_333), crumbs) == found_in(reference)


def test_a_file_at_another_rate_is_read_in_parts_as_in_the_whole(tmp_path):
    path = tmp_path / "long.wav"
    write_audio(path, resampled(inside(MIX, 31.0, 45.0), 48_000))
    check(found_in(open_audio(path, sample_rate_hz=RATE)), MASTERED_DB, MASTERED_PAN)


def test_a_limited_rough_mix_is_read_too_without_its_common_gain():
    session, sound_of = session_of(STEMS)
    loud = limited(MIX)
    found = recover_faders(session, sound_of, Audio(4.0 * loud.samples, RATE))
    check(found, MASTERED_DB, MASTERED_PAN)
    assert not found.linear
    assert np.median([f.fader_db for f in found.faders]) == pytest.approx(-1.5)


def test_one_cancels_by_raising_from_progress():
    def stop(fraction, stage):
        if fraction > 0.5:
            message = "The job was cancelled."
            raise CancelledError(message)

    with pytest.raises(CancelledError):
        found_in(MIX, on_progress=stop)


def test_progress_never_goes_back():
    told = []
    found_in(MIX, on_progress=lambda fraction, stage: told.append(fraction))
    assert told == sorted(told)
    assert told[-1] == 1.0


def scrambled(name, seed):
    """Return a real session with 12 dB and 0.7 of pan baked into its stems, and the truth that restores the human's mix."""
    folder = SESSIONS / name
    document = json.loads((folder / "session.json").read_text(encoding="utf-8"))
    rows = document["tracks"]
    tracks = [track_of(folder / row["file"], track_id=Path(row["file"]).stem) for row in rows]
    session = complete_session(name, tracks)
    random = np.random.default_rng(seed)
    stems, gains_db, pans = {}, [], []
    for track, row in zip(session.tracks, rows, strict=True):
        audio = in_memory(stems_of(session)(track))
        baked = sides_of(random.uniform(-12.0, 12.0), random.uniform(-0.7, 0.7))
        left, right = sides_of(row["gain_db"], row["pan"]) / baked
        stems[track.id] = Audio(
            np.ascontiguousarray(as_stereo(audio.samples) * baked[:, None], dtype=np.float32),
            audio.sample_rate_hz,
        )
        gains_db.append(20 * np.log10(max(left, right)))
        pans.append(1 - left / right if left < right else right / left - 1)
    return session, lambda track: stems[track.id], gains_db, pans


def sides_of(gain_db, pan):
    return 10 ** (gain_db / 20) * np.array([1 - max(pan, 0.0), 1 + min(pan, 0.0)])


@needs_real_data
@pytest.mark.parametrize(
    ("name", "start_s"), [("evr_rubidium", 0.0), ("lmms_dearjondoe", 2.3), ("mdn_funk", 2.3)]
)
def test_a_lossy_copy_of_a_human_mix_is_read_from_scrambled_stems(name, start_s):
    session, sound_of, gains_db, pans = scrambled(name, 1)
    mix = in_memory(open_audio(SESSIONS / name / "mix.flac"))
    copy = coded(part(mix, round(start_s * mix.sample_rate_hz)))
    found = recover_from_reference(session, sound_of, copy)
    assert found is not None
    assert np.abs(off(found, gains_db)).mean() < 0.2
    assert [f.pan for f in found.faders] == pytest.approx(pans, abs=0.1)


@needs_real_data
def test_a_released_master_of_the_whole_song_is_known_for_what_it_is():
    """The stems are an excerpt from 192 s on; the master begins 7.8462 s into the song (both in their session.json)."""
    folder = SESSIONS / "evr_caesium"
    names = ("alt_hats", "kick", "minilogue_synth", "vox_lead", "bgvox_main", "bgvox_alt")
    session = complete_session(
        "excerpt", [track_of(folder / f"{name}.flac", track_id=name) for name in names]
    )
    master = open_audio(SESSIONS / "whole_evr_caesium" / "master.m4a", sample_rate_hz=RATE)
    found = recover_from_reference(session, stems_of(session), master)
    assert found is not None
    assert found.offset_ms == pytest.approx(1000.0 * (192.0 - 7.8462), abs=5.0)
    synth = next(f for f in found.faders if f.track == "minilogue_synth")
    assert -synth.slip_ms == pytest.approx(3.9, abs=0.1)


@needs_real_data
@pytest.mark.parametrize("name", ["evr_potassium", "lmms_makeme"])
def test_other_songs_and_other_sections_are_no_kin(name):
    session, sound_of, _, _ = scrambled(name, 2)
    song = open_audio(REFERENCES / "joshua_morin_on_the_run.ogg", sample_rate_hz=RATE)
    assert recover_from_reference(session, sound_of, song.section(20.0, 80.0)) is None
    mix = in_memory(open_audio(SESSIONS / name / "mix.flac"))

    def early(track):
        return part(sound_of(track), 0, 9 * RATE)

    assert recover_from_reference(session, early, part(mix, 10 * RATE)) is None


def test_a_stem_whose_one_side_is_missing_is_not_read_closely():
    dead = Audio(STEMS[1].samples * np.array([[1.0], [0.0]], np.float32), RATE)
    found = found_in(MIX, [STEMS[0], dead, *STEMS[2:]])
    assert found is not None
    assert found.faders[1].error_db == pytest.approx(3.0)
    assert not found.faders[1].certain
    assert all(f.certain for f in (found.faders[0], *found.faders[2:]))


def test_a_stem_that_was_printed_to_one_side_is_read_all_the_same():
    stems = [Audio(STEMS[1].samples * np.array([[1.0], [0.0]], np.float32), RATE)]
    stems = [STEMS[0], *stems, *STEMS[2:]]
    found = found_in(mix_of(stems, GAINS_DB, [0.0] * 5), stems)
    assert found is not None
    assert all(f.certain for f in found.faders)
