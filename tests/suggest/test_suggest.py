"""The two doors: every audible track has its say, nothing moves twice, and the same input gives the same plan."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, replace

import pytest

from ama_analysis.audio import open_audio
from ama_analysis.measure import measure_session
from ama_analysis.measure.envelope import measure_envelope
from ama_analysis.plan import Gain, HighPass, MasterEq
from ama_analysis.presets import load_target, target_names
from ama_analysis.session import Session, track_of
from ama_analysis.suggest import (
    RULES,
    suggest_master_dynamics,
    suggest_master_eq,
    suggest_tracks,
)
from tests.real_data import SESSIONS, needs_real_data
from tests.signals import silence
from tests.suggest import band as made
from tests.suggest import factory

HITTING = measure_envelope(made.band(hits_db=6.0, duration_s=8.0))
SPREAD_LU = 14.0
"""The loudest and the softest of scrambled stems may lie this far apart afterwards: 6 dB to each side, and a lead."""


def band():
    tracks = [
        factory.track("Kick", "kick", fader_db=3.0),
        factory.track("Bass", "bass", pan=-0.5),
        factory.track("Gtr L", "guitar", fader_db=-9.0),
        factory.track("Gtr R", "guitar"),
        factory.track("Vox", "lead vocal", fader_db=-6.0),
        factory.track("Muted", "keys", muted=True),
        factory.track("Silent", "keys"),
        factory.track("Broken", "keys"),
    ]
    stems = {t.id: factory.stem() for t in tracks[:6]}
    stems["Kick"] = factory.stem(low_hz=40.0, high_hz=4000.0, crest=12.0, onsets_hz=2.0)
    stems["Bass"] = factory.stem(low_hz=40.0, high_hz=1500.0, low_side=0.3)
    stems["Vox"] = factory.stem(
        low_hz=160.0, points=[(40.0, -62.0), (50.0, -62.0)], loud_crest=17.0
    )
    stems["Silent"] = factory.stem(lufs=None)
    pairs = [
        factory.pair("Kick", "Bass", overlap=0.6, low_overlap=0.7),
        factory.pair("Gtr L", "Gtr R", overlap=0.7),
        factory.pair("Gtr R", "Vox", overlap=0.4, second_masked=0.5, masked_freq_hz=2000.0),
    ]
    return factory.session(*tracks), factory.measured(stems, pairs)


def as_text(suggestions):
    return json.dumps([asdict(s) for s in suggestions])


def test_every_audible_track_gets_a_level_and_a_number():
    session, measured = band()
    suggestions = suggest_tracks(session, measured, factory.pop())
    levels = [s.track for s in suggestions if isinstance(s.action, Gain)]
    assert levels == ["Kick", "Bass", "Gtr L", "Gtr R", "Vox"]
    assert all(re.search(r"\d", s.because) for s in suggestions)


def test_muted_silent_and_unmeasured_tracks_get_nothing():
    session, measured = band()
    spoken_of = {s.track for s in suggest_tracks(session, measured, factory.pop())}
    assert spoken_of.isdisjoint({"Muted", "Silent", "Broken"})


def test_the_band_is_treated_as_an_engineer_would():
    session, measured = band()
    ids = [s.id for s in suggest_tracks(session, measured, factory.pop())]
    for expected in (
        "pan:Bass",
        "sidechain:Bass",
        "pan:Gtr L",
        "pan:Gtr R",
        "masking:Gtr R",
        "level:Vox",
        "high_pass:Vox",
        "compressor:Vox",
    ):
        assert expected in ids
    assert not {"high_pass:Kick", "pan:Kick", "pan:Vox", "stereo_bass:Kick"} & set(ids)


def test_ids_are_unique_and_ordered_by_track_then_rule():
    session, measured = band()
    suggestions = suggest_tracks(session, measured, factory.pop())
    ids = [s.id for s in suggestions]
    assert len(set(ids)) == len(ids)
    tracks = [t.id for t in session.tracks]
    rules = [rule.id for rule in RULES]
    keys = [(tracks.index(s.track), rules.index(s.rule)) for s in suggestions]
    assert keys == sorted(keys)


def test_same_input_gives_the_same_plan_byte_for_byte():
    target = factory.pop()
    texts = set()
    for _ in range(2):
        session, measured = band()
        texts.add(as_text(suggest_tracks(session, measured, target)))
    assert len(texts) == 1


def test_values_are_plain_numbers_that_json_can_carry():
    session, measured = band()
    target = factory.pop()
    mix = factory.mix_like(target, points=[(250.0, 8.0), (315.0, 8.0)])
    for suggestion in (
        *suggest_tracks(session, measured, target),
        *suggest_master_eq(mix, target),
        *suggest_master_dynamics(mix, target, HITTING),
    ):
        for value in asdict(suggestion.action).values():
            assert type(value) in (float, int, str, bool)


def test_session_without_sound_gets_nothing():
    session = factory.session(factory.track("A", "bass"))
    assert suggest_tracks(session, factory.measured({}), factory.pop()) == ()
    assert suggest_tracks(factory.session(), factory.measured({}), factory.pop()) == ()
    mix, envelope = factory.mix_like(factory.pop()), measure_envelope(silence(duration_s=2.0))
    assert suggest_master_dynamics(mix, factory.pop(), envelope) == ()


def test_unsure_roles_make_unsure_suggestions():
    session, measured = band()
    doubtful = replace(
        session, tracks=tuple(replace(t, role_confidence=0.4) for t in session.tracks)
    )
    for sure, unsure in zip(
        (s for s in suggest_tracks(session, measured, factory.pop()) if s.rule == "level"),
        (s for s in suggest_tracks(doubtful, measured, factory.pop()) if s.rule == "level"),
        strict=True,
    ):
        assert unsure.confidence < sure.confidence


@pytest.mark.parametrize("name", target_names())
def test_every_target_can_be_suggested_for(name):
    session, measured = band()
    target = load_target(name)
    assert suggest_tracks(session, measured, target)
    mix = factory.mix_like(target, points=[(300.0, 12.0), (250.0, 12.0), (400.0, 10.0)])
    assert any(isinstance(s.action, MasterEq) for s in suggest_master_eq(mix, target))
    assert suggest_master_dynamics(mix, target, HITTING)[-1].id == "limiter:master"


@needs_real_data
@pytest.mark.parametrize("name", ["evr_potassium", "lmms_makeme", "mdn_funk"])
def test_real_sessions_get_sane_suggestions(name):
    rows = json.loads((SESSIONS / name / "session.json").read_text(encoding="utf-8"))["tracks"]
    tracks = tuple(track_of(SESSIONS / name / row["file"], name=row["name"]) for row in rows)
    session = Session(name=name, tracks=tracks, sample_rate_hz=44_100, duration_s=25.0)
    measured = measure_session(session, lambda track: open_audio(track.path))
    suggestions = suggest_tracks(session, measured, factory.pop())
    gains = {s.track: s.action for s in suggestions if isinstance(s.action, Gain)}
    assert set(gains) == {t.id for t in tracks if not measured.tracks[t.id].silent}
    low = {t.id for t in tracks if t.role in {"kick", "bass"}}
    cutoffs = [
        s.action.cutoff_hz for s in suggestions if isinstance(s.action, HighPass) and s.track in low
    ]
    assert all(cutoff <= 35.0 for cutoff in cutoffs)
    moved = [
        (measured.tracks[track].loudness.integrated_lufs or 0.0) + gain.delta_db
        for track, gain in gains.items()
        if gain.delta_db
    ]
    assert not moved or max(moved) - min(moved) <= SPREAD_LU
