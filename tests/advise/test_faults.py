"""What no setting mends in a stem is told once, beside the plan."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from ama_analysis.advise import advise, complete_session
from ama_analysis.advise.faults import faults_of
from ama_analysis.audio import Audio, Block, open_audio, write_audio
from ama_analysis.measure import measure_sound
from ama_analysis.roles import role_from_name
from ama_analysis.session import Track, track_of
from tests.real_data import SESSIONS, needs_real_data
from tests.signals import noise, silence, sine


def test_silent_and_clipped_stems_are_told_muted_ones_are_not(tmp_path):
    sounds = {
        "bass": sine(80.0),
        "gone": silence(),
        "hot": Audio(np.clip(80.0 * noise().samples, -1.0, 1.0), 48_000),
        "muted": silence(),
    }
    for name, sound in sounds.items():
        write_audio(tmp_path / f"{name}.wav", sound, subtype="PCM_16")
    tracks = [track_of(tmp_path / f"{name}.wav") for name in sounds]
    tracks[-1] = replace(tracks[-1], muted=True)
    plan = advise(complete_session("faults", tracks))
    silent, clipped = (one for one in plan.warnings if "gone" in one or "hot" in one)
    assert silent == "Nothing is to be heard in gone."
    assert clipped.startswith("Track hot is clipped: at ")
    assert "32-bit float" in clipped
    assert not any("muted" in one for one in plan.warnings)


def test_faults_are_told_by_the_name_that_a_daw_gives_and_not_by_its_id(tmp_path):
    for name, sound in {
        "a": sine(220.0),
        "b": sine(220.0),
        "c": sine(330.0),
        "d": silence(),
    }.items():
        write_audio(tmp_path / f"{name}.wav", sound, subtype="PCM_16")
    (tmp_path / "e.wav").write_bytes(b"RIFF")
    names = ("Piano", "Piano copy", "Organ", "Nothing", "Broken")
    tracks = [
        track_of(tmp_path / f"{file}.wav", track_id=str(place), name=name)
        for place, (file, name) in enumerate(zip("abcde", names, strict=True))
    ]
    warnings = advise(complete_session("faults", tracks)).warnings
    assert "Nothing is to be heard in Nothing." in warnings
    (same,) = (one for one in warnings if "the same sound" in one)
    assert same.startswith("Piano and Piano copy are the same sound, which counts 2 times")
    (broken,) = (one for one in warnings if "left out" in one)
    assert broken.startswith("Track Broken was left out: ")


def told(name: str, left: Block, right: Block) -> list[str]:
    track = Track(id="0", name=name, path=Path("0.wav"), role=role_from_name(name).role)
    heard = measure_sound(Audio(np.concatenate((left, right)), 48_000))
    return list(faults_of([track], {"0": heard}))


def test_what_is_wrong_with_the_sides_of_a_stem_is_told():
    one, other = (noise(channels=1, seed=seed).samples for seed in (1, 2))
    assert told("vox", one, one) == told("synth", one, other) == told("synth", one, 0.5 * one) == []
    (dead,) = told("synth", one, 0.0 * one)
    assert dead.startswith("Track synth is stereo, but its right side is silent")
    (quiet,) = told("vox", 0.5 * one, one)
    assert quiet.startswith("The left side of track vox is 6.0 dB quieter than the right one")
    (opposed,) = told("synth", one, 0.2 * other - one)
    assert opposed.startswith("Left and right of track synth oppose each other (correlation -0.98)")


def test_an_offset_and_noise_between_the_phrases_are_told():
    voice = np.tile(noise(channels=1).samples, 20)
    voice[:, (np.arange(voice.shape[1]) // 24_000) % 4 > 1] = 0.0
    voice *= np.hanning(4_800).astype(np.float32).repeat(200)[None, : voice.shape[1]]
    assert told("vox", voice, voice) == []
    (offset,) = told("vox", voice - 0.05, voice - 0.05)
    assert offset.startswith("Track vox has a DC offset of -0.05 of full scale")
    hiss = noise(channels=1, rms_dbfs=-48.0, duration_s=20.0, seed=3).samples
    (noisy,) = told("vox", voice + hiss, voice + hiss)
    assert noisy.startswith("Steady hum or hiss at -48 dBFS goes on between the phrases of")


@needs_real_data
def test_the_stems_of_real_sessions_have_no_such_faults():
    paths = sorted(p for p in SESSIONS.glob("*/*") if p.suffix in {".flac", ".ogg", ".m4a"})
    for path in (p for p in paths if p.stem != "mix"):
        track = track_of(path)
        said = faults_of([track], {track.id: measure_sound(open_audio(path))})
        assert [one for one in said if "clipped" not in one] == [], path
