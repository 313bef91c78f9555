"""The balance of another section of the same song, on songs made of known instruments and on real ones."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ama_analysis.audio import Audio, open_audio, read_audio
from ama_analysis.data import data_folder
from ama_analysis.errors import CancelledError
from ama_analysis.measure.heard_balance import heard_balance
from ama_analysis.session import Session, Track
from tests.real_data import REFERENCES, SESSIONS, needs_real_data
from tests.signals import silence

RATE = 22_050
BAR_S, BARS = 2.0, 5
REPEATED_DB = 0.5
"""What repeats sample for sample is read this closely (measured: 0.23 dB)."""
FITTED_DB = 1.5
"""Notes that do not come back are told by their spectra (measured: 0.4 dB)."""
PAN = 0.05
"""Measured: 0.006."""
REAL_DB = {"lmms_dearjondoe": 0.5, "lmms_makeme": 1.9, "lmms_mauiwowi": 0.8, "mdn_funk": 1.3}
"""Mean fader errors of the tracks that sound in both halves: 0.23, 1.41, 0.48 and 0.87 dB measured."""
SOUNDS_DB = 30.0
"""A track that lies further below the loudest one is not counted: it cannot be heard in the mix."""
GAINS_DB = {"kick": -2.0, "snare": -8.0, "bass": -4.0, "pluck": -11.0}
PANS = {"kick": 0.0, "snare": 0.3, "bass": 0.0, "pluck": -0.4}


def struck(sound, times_s):
    out = np.zeros(round(BARS * BAR_S * RATE) + sound.size)
    for t in times_s:
        at = round(t * RATE)
        out[at : at + sound.size] += sound
    return out[: round(BARS * BAR_S * RATE)]


def decay(length_s, time_s):
    return np.exp(-np.arange(round(length_s * RATE)) / RATE / time_s)


def tone(freq_hz, length_s, time_s, harmonics):
    t = np.arange(round(length_s * RATE)) / RATE
    waves = [np.sin(2 * np.pi * freq_hz * k * t) / k for k in range(1, harmonics + 1)]
    return sum(waves) * decay(length_s, time_s)


def section(bar_of, *, notes_hz, seed):
    """Return the stems of a section: drums repeat sample for sample, the bass and the plucked notes play others each time."""
    random = np.random.default_rng(seed)
    hit = np.random.default_rng(7).standard_normal(round(0.2 * RATE)) * decay(0.2, 0.05)
    kick = np.sin(2 * np.pi * 55 * np.cumsum(1 + 3 * decay(0.3, 0.03)) / RATE) * decay(0.3, 0.1)
    starts = np.arange(BARS) * BAR_S
    stems = {
        "kick": struck(kick, [b + t for b in starts for t in bar_of["kick"]]),
        "snare": struck(hit, [b + t for b in starts for t in bar_of["snare"]]),
    }
    for name, octave, every, length in (("bass", 0.25, 0.5, 0.45), ("pluck", 2.0, 0.25, 0.6)):
        line = np.zeros(round(BARS * BAR_S * RATE))
        for t in np.arange(0, BARS * BAR_S - 0.01, every):
            detuned = 1 + 0.002 * random.standard_normal()
            freq_hz = float(random.choice(notes_hz)) * octave * detuned
            line += struck(tone(freq_hz, length, 0.2, 4), [t])
        stems[name] = line
    return {n: Audio(np.tile(0.2 * x, (2, 1)).astype(np.float32), RATE) for n, x in stems.items()}


def mixed(stems, gains_db, pans):
    total = np.zeros((2, round(BARS * BAR_S * RATE)))
    for name, stem in stems.items():
        sides = np.array([[1 - max(pans[name], 0.0)], [1 + min(pans[name], 0.0)]])
        total += 10 ** (gains_db[name] / 20) * sides * stem.samples
    return Audio(total.astype(np.float32), RATE)


NOTES_HZ = (220.0, 261.6, 293.7, 329.6)
HERE = section({"kick": (0.0, 1.0), "snare": (0.5, 1.5)}, notes_hz=NOTES_HZ, seed=1)
THERE = section({"kick": (0.0, 0.7, 1.25), "snare": (0.51, 1.77)}, notes_hz=NOTES_HZ, seed=2)
REFERENCE = mixed(THERE, GAINS_DB, PANS)


def session_of(names, **track):
    tracks = tuple(Track(id=n, name=n, path=Path(f"{n}.wav"), **track) for n in names)
    return Session(name="made", tracks=tracks, sample_rate_hz=RATE, duration_s=BARS * BAR_S)


def heard(stems=HERE, reference=REFERENCE, **track):
    return heard_balance(session_of(stems, **track), lambda t: stems[t.id], reference)


FOUND = heard()


def apart(found, wanted):
    errors = {f.track: f.fader_db - wanted[f.track] for f in found.faders if f.track in wanted}
    middle = np.median(list(errors.values()))
    return {name: error - middle for name, error in errors.items()}


def test_drums_that_repeat_are_read_closely():
    errors = apart(FOUND, {n: GAINS_DB[n] for n in ("kick", "snare")})
    assert max(map(abs, errors.values())) < REPEATED_DB


def test_lines_that_play_other_notes_are_told_by_their_spectra():
    errors = apart(FOUND, GAINS_DB)
    assert max(map(abs, errors.values())) < FITTED_DB
    assert all(f.heard for f in FOUND.faders)


def test_pans_are_those_of_the_reference():
    for fader in FOUND.faders:
        assert fader.pan == pytest.approx(PANS[fader.track], abs=PAN), fader.track


def test_what_repeats_is_surer_than_what_does_not():
    errors = {f.track: f.error_db for f in FOUND.faders}
    assert max(errors["kick"], errors["snare"]) < min(errors["bass"], errors["pluck"])


def test_a_stem_turned_up_gets_its_fader_turned_down():
    louder = {**HERE, "bass": Audio(HERE["bass"].samples * np.float32(4.0), RATE)}
    before, after = ({f.track: f for f in x.faders} for x in (FOUND, heard(louder)))
    by_db = after["bass"].fader_db - before["bass"].fader_db
    assert by_db == pytest.approx(-20 * np.log10(4.0), abs=0.1)


def test_the_loudness_of_the_reference_moves_all_faders_alike():
    quiet = heard(reference=Audio(REFERENCE.samples * np.float32(0.1), RATE))
    moved = [a.fader_db - b.fader_db for a, b in zip(quiet.faders, FOUND.faders, strict=True)]
    assert moved == pytest.approx([-20.0] * len(moved), abs=0.1)


def test_present_faders_and_pans_do_not_matter():
    assert heard(fader_db=-7.0, pan=0.6) == FOUND


def test_the_same_sounds_give_the_same_balance():
    assert heard() == FOUND


def test_a_stem_at_another_rate_and_in_mono_is_heard_alike():
    from ama_analysis.audio import resampled

    kick = resampled(Audio(HERE["kick"].samples[:1], RATE), 44_100)
    found = heard({**HERE, "kick": kick})
    assert apart(found, GAINS_DB)["kick"] == pytest.approx(
        apart(FOUND, GAINS_DB)["kick"], abs=REPEATED_DB
    )


def test_a_silent_stem_is_not_heard_and_keeps_its_fader():
    stems = {**HERE, "fx": silence(duration_s=BARS * BAR_S, sample_rate_hz=RATE)}
    fader = heard(stems, fader_db=-3.0, pan=0.2).faders[-1]
    assert (fader.track, fader.heard, fader.fader_db, fader.pan) == ("fx", False, -3.0, 0.2)


EXAMPLE = ("minilogue_synth", "pad_bass", "snare", "vox_lead")


def copies(*later_s):
    """Return the example's stems several times over, each time beginning later in them."""
    sounds = {name: read_audio(data_folder("examples") / f"{name}.flac") for name in EXAMPLE}
    rate = sounds["snare"].sample_rate_hz
    frames = min(sound.frames for sound in sounds.values())
    return {
        f"{name} {one}": Audio(np.roll(sound.samples[:, :frames], -round(s * rate), axis=1), rate)
        for name, sound in sounds.items()
        for one, s in enumerate(later_s)
    }


def test_a_stem_that_gets_next_to_nothing_was_not_found():
    """Of two copies the solver gives one nothing, which is no fader that was read to a decibel or two."""
    mixed_later = sum(stem.samples for stem in copies(1.3).values())
    found = heard(copies(0.0, 3.1), Audio(np.asarray(mixed_later, np.float32), 44_100)).faders
    assert min(fader.fader_db for fader in found if fader.heard) > -20.0


def test_another_song_with_the_same_sounds_has_no_balance_to_tell():
    """However many copies of the stems there are, from which later passes could put together a little of everything."""
    song = read_audio(data_folder("examples") / "references" / "rubidium.ogg")
    assert heard(copies(0.0, 0.7, 1.4), song) is None


def test_another_song_has_no_balance_to_tell():
    others = section({"kick": (0.3, 1.1), "snare": (0.9,)}, notes_hz=(185.0, 207.7), seed=3)
    noise = np.random.default_rng(5).standard_normal(REFERENCE.samples.shape) * 0.05
    other = Audio((others["pluck"].samples + noise).astype(np.float32), RATE)
    drums = {name: HERE[name] for name in ("kick", "snare", "bass")}
    assert heard(drums, other) is None


def test_a_silent_reference_has_no_balance_to_tell():
    assert heard(reference=silence(duration_s=5.0, sample_rate_hz=RATE)) is None


def test_a_job_is_cancelled_by_raising_from_progress():
    def stop(fraction, stage):
        if fraction > 0.5:
            message = "The job was cancelled."
            raise CancelledError(message)

    with pytest.raises(CancelledError):
        heard_balance(session_of(HERE), lambda t: HERE[t.id], REFERENCE, on_progress=stop)


def test_progress_goes_from_nothing_to_all():
    told = []
    heard_balance(
        session_of(HERE), lambda t: HERE[t.id], REFERENCE, on_progress=lambda f, s: told.append(f)
    )
    assert told == sorted(told)
    assert told[-1] == 1.0


def halves(name, seed=0):
    """Return ids, scrambled stems of the first half, the human mix of the second, wanted faders, and what sounds in both."""
    rows = json.loads((SESSIONS / name / "session.json").read_text(encoding="utf-8"))["tracks"]
    random, stems, wanted, levels = np.random.default_rng(seed), {}, {}, {}
    for row in rows:
        audio = read_audio(SESSIONS / name / row["file"])
        half, scrambled_db = audio.frames // 2, random.uniform(-12.0, 12.0)
        first, second = audio.samples[:, :half], audio.samples[:, half:]
        track = Path(row["file"]).stem
        stems[track] = replace(audio, samples=first * np.float32(10 ** (scrambled_db / 20)))
        wanted[track] = row["gain_db"] - scrambled_db
        power = min(float(np.square(part).mean()) for part in (first, second))
        levels[track] = 10 * np.log10(max(power, 1e-12)) + row["gain_db"]
    mix = read_audio(SESSIONS / name / "mix.flac")
    counted = [t for t, level in levels.items() if level > max(levels.values()) - SOUNDS_DB]
    return (
        stems,
        Audio(mix.samples[:, mix.frames // 2 :].copy(), mix.sample_rate_hz),
        wanted,
        counted,
    )


@needs_real_data
@pytest.mark.parametrize("name", sorted(REAL_DB))
def test_the_human_balance_is_told_from_the_other_half_of_a_song(name):
    stems, mix, wanted, counted = halves(name)
    found = heard_balance(session_of(stems), lambda t: stems[t.id], mix)
    errors = apart(found, {track: wanted[track] for track in counted})
    assert np.mean(np.abs(list(errors.values()))) < REAL_DB[name]


@needs_real_data
@pytest.mark.parametrize("other", ["evr_caesium", "lmms_makeme"])
def test_the_mix_of_another_session_is_told_from_the_same_song(other):
    stems, _, _, _ = halves("lmms_dearjondoe")
    mix = open_audio(SESSIONS / other / "mix.flac")
    assert heard_balance(session_of(stems), lambda t: stems[t.id], mix) is None


@needs_real_data
def test_a_long_release_is_told_from_the_same_song():
    stems, _, _, _ = halves("evr_rubidium")
    release = open_audio(sorted(REFERENCES.glob("*.ogg"))[0])
    assert heard_balance(session_of(stems), lambda t: stems[t.id], release) is None
