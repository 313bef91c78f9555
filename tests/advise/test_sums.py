"""A bus or a mix among the stems, made of the example's real ones, counts once: plain, mastered, coded with losses, worked on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pedalboard
import pytest
import soundfile

from ama_analysis.advise import advise, complete_session
from ama_analysis.advise.sums import STRONGEST, without_sums
from ama_analysis.audio import Audio, as_stereo, open_audio, read_audio, write_audio
from ama_analysis.cache import NO_CACHE, Contents
from ama_analysis.measure import recover
from ama_analysis.measure.masking import fitted, slots_for
from ama_analysis.measure.sums import suspects
from ama_analysis.measure.track import measure_track
from ama_analysis.plan import MixPlan
from ama_analysis.progress import silent
from ama_analysis.session import Session, track_of
from tests.advise.example import example_session

RATE_HZ = 44_100
MANY_S = 6.0
FADERS_DB = {"vox_lead": -1.0, "pad_bass": -6.0, "outro_drum": 2.0, "snare": -3.5, "mallet": -9.0}
DRUMS = ("outro_drum", "snare")
BAND = ("vox_lead", "pad_bass", "snare")
"""What was worked on is told from three parts on."""
GLUE = (pedalboard.Compressor(-30.0, 4.0, 5.0, 80.0), pedalboard.HighShelfFilter(4000.0, 4.0))
MASTER = (
    pedalboard.LowShelfFilter(90.0, 2.0),
    pedalboard.Compressor(-20.0, 2.0, 20.0, 150.0),
    pedalboard.Limiter(-1.0),
)


@pytest.fixture(scope="module")
def session() -> Session:
    return replace(example_session(), references=())


def sum_of(session: Session, ids) -> np.ndarray:
    """Return the sum of tracks behind faders that are not the session's, (2, frames)."""
    stems = {
        track_id: as_stereo(read_audio(session.track(track_id).path).samples) for track_id in ids
    }
    total = np.zeros((2, max(stem.shape[1] for stem in stems.values())), np.float32)
    for track_id, stem in stems.items():
        total[:, : stem.shape[1]] += stem * np.float32(10.0 ** (FADERS_DB[track_id] / 20.0))
    return 0.8 * total / np.abs(total).max()


def with_file(session: Session, path, samples: np.ndarray, **changed) -> Session:
    if path.suffix == ".mp3":
        soundfile.write(path, samples.T, RATE_HZ, format="MP3")
    else:
        write_audio(path, Audio(np.ascontiguousarray(samples), RATE_HZ), subtype="PCM_24")
    track = replace(track_of(path), **changed)
    tracks = [track, *(t for t in session.tracks if t.id in FADERS_DB)]
    return complete_session("with a bounce", tracks)


def said_of(plan: MixPlan, track_id: str) -> list[str]:
    return [one for one in plan.warnings if one.startswith(f"Track {track_id} ")]


def test_a_plan_with_a_rough_mix_among_the_stems_is_the_plan_without_it(session, tmp_path):
    made = with_file(session, tmp_path / "Sunday 3.wav", sum_of(session, FADERS_DB))
    plan = advise(made)
    (said,) = said_of(plan, "Sunday 3")
    assert "left out: it is a mix of the other tracks, which" in said
    assert "--mix" in said
    without = advise(complete_session("with a bounce", made.tracks[1:]))
    assert plan.suggestions == without.suggestions
    assert plan.session.tracks == without.session.tracks
    assert plan.measurements == without.measurements


@pytest.mark.parametrize("name", ["2bus.mp3", "print.wav"])
def test_a_mix_is_known_behind_a_codec_and_a_master(session, tmp_path, name):
    mix = sum_of(session, FADERS_DB)
    if name == "print.wav":
        mix = pedalboard.Pedalboard(list(MASTER))(mix, RATE_HZ)
    plan = advise(with_file(session, tmp_path / name, mix), target="pop")
    (said,) = said_of(plan, name[:-4])
    assert "left out: it is a mix of the other tracks, mastered or coded with losses" in said
    assert set(plan.measurements.tracks) == set(FADERS_DB)


def test_a_bus_is_left_out_and_its_parts_are_named(session, tmp_path):
    plan = advise(with_file(session, tmp_path / "group.wav", sum_of(session, DRUMS)))
    (said,) = said_of(plan, "group")
    assert said.endswith("it is the sum of SNARE and OUTRO DRUM, which would count twice.")
    assert "group" not in {track.id for track in plan.session.tracks}


def test_a_bus_that_was_worked_on_stays_and_is_told(session, tmp_path):
    glued = pedalboard.Pedalboard(list(GLUE))(sum_of(session, BAND), RATE_HZ)
    plan = advise(with_file(session, tmp_path / "glued.wav", glued))
    (said,) = said_of(plan, "glued")
    assert said.startswith("Track glued is VOX LEAD, PAD BASS and SNARE together, worked on")
    assert "glued" in {track.id for track in plan.session.tracks}


def test_what_is_muted_or_alone_is_nobodys_sum(session, tmp_path):
    muted = with_file(session, tmp_path / "rough.wav", sum_of(session, FADERS_DB), muted=True)
    plan = advise(muted)
    assert "rough" in {track.id for track in plan.session.tracks}
    assert said_of(plan, "rough") == []
    assert not any("twice" in one for one in advise(session).warnings)


def phrases(rng: np.random.Generator, at: int) -> np.ndarray:
    """Return noise in a band of its own that comes and goes, (1, frames); with another generator it sounds alike and is not the same."""
    frames = round(MANY_S * RATE_HZ)
    hz = np.fft.rfftfreq(frames, 1.0 / RATE_HZ)
    low_hz = 60.0 * 1.5**at
    spectrum = np.fft.rfft(rng.standard_normal(frames)) * ((hz > low_hz) & (hz < 2.0 * low_hz))
    plays = np.repeat(np.random.default_rng(at).integers(0, 2, 30), frames // 30)
    noise = np.fft.irfft(spectrum, frames)
    return (0.02 * plays * noise / noise.std())[None, :].astype(np.float32)


@pytest.mark.parametrize("kind", ["mix", "lookalike"])
def test_among_many_tracks_the_strongest_parts_tell_what_is_no_sum(tmp_path, monkeypatch, kind):
    rng = np.random.default_rng(1)
    parts = [phrases(rng, at) for at in range(STRONGEST + 2)]
    heard = parts if kind == "mix" else [phrases(rng, at) for at in range(STRONGEST + 2)]
    paths = [tmp_path / f"part {at}.wav" for at in range(len(parts))]
    for path, samples in zip(
        [*paths, tmp_path / "all.wav"], [*parts, np.sum(heard, axis=0)], strict=True
    ):
        write_audio(path, Audio(samples, RATE_HZ), subtype="PCM_24")
    session = complete_session("many", [track_of(p) for p in [*paths, tmp_path / "all.wav"]])
    slots = slots_for(session.duration_s)
    measured = [
        measure_track(open_audio(t.path), slots=slots, on_progress=silent) for t in session.tracks
    ]
    assert suspects([fitted(one.grid, slots.count) for one in measured])
    read: list[object] = []
    monkeypatch.setattr(recover, "recover_faders", counted(recover.recover_faders, read))
    left, _ = without_sums(
        session, measured, cache=NO_CACHE, contents=Contents(NO_CACHE), on_progress=silent
    )
    assert len(read) == (kind == "mix")
    assert ("all" in {t.id for t in left.tracks}) == (kind == "lookalike")


def counted(function, calls):
    def called(*arguments, **named):
        calls.append(arguments)
        return function(*arguments, **named)

    return called
