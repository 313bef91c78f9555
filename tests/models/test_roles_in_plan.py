"""A track called "Audio 07" gets its role from its sound; one whose name speaks keeps it."""

from dataclasses import replace

import numpy as np
import pytest

from ama_analysis.advise import advise, role_hearing, session_from_paths
from ama_analysis.advise.role_hearing import told_of
from ama_analysis.audio import Audio, write_audio
from ama_analysis.measure.track import MeasuredTrack
from ama_analysis.models import role_net as nets
from ama_analysis.models import yamnet
from ama_analysis.models.role_classes import CLASS_OF
from ama_analysis.models.role_sound import LEAST_SURE
from ama_analysis.roles import RoleGuess
from ama_bridge.cache_folder import CacheFolder
from ama_bridge.wire import plan_from_json, plan_to_json
from tests.models.role_stems import RATE_HZ, bass, hats, kick
from tests.real_data import SESSIONS, needs_real_data

VOICE = RoleGuess(role="lead vocal", confidence=0.9)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("unnamed")
    silent = Audio(np.zeros((2, 3 * RATE_HZ), np.float32), RATE_HZ)
    stems = {"Audio 01": kick(), "Audio 07": bass(), "synth": hats(), "Audio 09": silent}
    for name, sound in stems.items():
        write_audio(place / f"{name}.wav", sound)
    return place


@pytest.fixture(scope="module")
def plan(folder):
    return advise(session_from_paths([folder]), engine="rules")


def test_names_that_say_nothing_are_told_by_the_sound(plan):
    track = plan.session.track("Audio 07")
    assert (track.role, track.role_from) == ("bass", "sound")
    assert LEAST_SURE <= track.role_confidence < 1.0
    assert CLASS_OF[plan.session.track("Audio 01").role] == "drums"


def test_a_name_that_speaks_is_not_overruled(plan):
    track = plan.session.track("synth")
    assert (track.role, track.role_from) == ("synth", "name")


def test_silence_sounds_like_nothing(plan):
    track = plan.session.track("Audio 09")
    assert (track.role, track.role_confidence, track.role_from) == ("other", 0.0, "name")


def test_the_plan_and_its_reasons_say_that_it_was_the_sound(plan):
    sure = plan.session.track("Audio 07").role_confidence
    assert any(f"Audio 07 a bass ({sure:.2f})" in warning for warning in plan.warnings)
    mine = [s for s in plan.suggestions if s.track == "Audio 07"]
    assert mine
    assert all(f"(Audio 07 sounds like a bass, {sure:.2f}.)" in s.because for s in mine)
    others = [s for s in plan.suggestions if s.track in {"synth", "master"}]
    assert not any("sounds like" in s.because for s in others)


def test_a_plan_keeps_where_its_roles_are_from(plan):
    again = plan_from_json(plan_to_json(plan))
    assert again.session == plan.session


def test_the_same_stems_are_told_alike_with_a_cache_and_again(folder, plan, tmp_path):
    cache = CacheFolder(tmp_path, limit_bytes=1 << 24)
    for _ in range(2):
        heard = advise(session_from_paths([folder]), engine="rules", cache=cache)
        assert heard.session.tracks == plan.session.tracks
    told = advise(plan.session, engine="rules", cache=cache)
    assert told.session.tracks == plan.session.tracks


def told_guesses(plan, *, widths, pans=(0.0, 0.0), lead=None):
    """Return the roles of "Audio 01" and "Audio 07", both taken for voices, of these widths and pans; "synth" leads by its name where that is said."""
    guesses = dict.fromkeys(("Audio 01", "Audio 07"), VOICE)
    pan = dict(zip(guesses, pans, strict=True))
    blank = {
        name: replace(
            plan.session.track(name),
            role_from="name",
            role="other",
            role_confidence=0.0,
            pan=pan[name],
        )
        for name in guesses
    }
    named = replace(plan.session.track("synth"), role=lead or "synth")
    tracks = tuple({**blank, "synth": named}.get(t.id, t) for t in plan.session.tracks)
    heard = {}
    for name, width in zip(guesses, widths, strict=True):
        measured = plan.measurements.tracks[name]
        measured = replace(measured, stereo=replace(measured.stereo, width=width))
        heard[name] = MeasuredTrack(measurements=measured, grid=np.zeros((1, 40), np.float32))
    return role_hearing._with_lead(replace(plan.session, tracks=tracks), guesses, heard)


def told_voices(plan, **given):
    """Return the roles of `told_guesses`."""
    return {name: guess.role for name, guess in told_guesses(plan, **given).items()}


def test_of_voices_without_a_name_one_leads(plan):
    told = told_voices(plan, widths=(0.0, 0.0))
    assert sorted(told.values()) == ["backing vocal", "lead vocal"]
    told = told_voices(plan, widths=(0.0, 0.0), lead="lead vocal")
    assert set(told.values()) == {"backing vocal"}


def test_the_voice_in_the_middle_leads_whichever_weighs_more(plan):
    for middle, widths in (("Audio 01", (0.1, 0.9)), ("Audio 07", (0.9, 0.1))):
        assert told_voices(plan, widths=widths)[middle] == "lead vocal"
    for middle, pans in (("Audio 01", (0.0, 0.6)), ("Audio 07", (-0.6, 0.0))):
        assert told_voices(plan, widths=(0.0, 0.0), pans=pans)[middle] == "lead vocal"


def test_a_voice_in_the_middle_that_is_hardly_there_does_not_lead(plan, monkeypatch):
    weights = {"Audio 01": -20.0, "Audio 07": -35.0}
    monkeypatch.setattr(role_hearing, "_weight", lambda track, heard: weights[track.id])
    assert told_voices(plan, widths=(0.9, 0.1))["Audio 01"] == "lead vocal"
    weights["Audio 07"] = -30.0
    assert told_voices(plan, widths=(0.9, 0.1))["Audio 07"] == "lead vocal"


def test_where_no_voice_is_in_the_middle_the_heaviest_leads(plan, monkeypatch):
    weights = {"Audio 01": -20.0, "Audio 07": -22.0}
    monkeypatch.setattr(role_hearing, "_weight", lambda track, heard: weights[track.id])
    assert told_voices(plan, widths=(0.9, 0.5))["Audio 01"] == "lead vocal"


@pytest.mark.parametrize(
    ("weights", "widths", "sure"),
    [((-20.0, -20.0), (0.1, 0.1), 0.5), ((-20.0, -29.0), (0.1, 0.9), 0.97)],
    ids=["two alike", "one in the middle and louder"],
)
def test_a_voice_is_as_surely_the_lead_as_it_stands_out(plan, monkeypatch, weights, widths, sure):
    by_id = dict(zip(("Audio 01", "Audio 07"), weights, strict=True))
    monkeypatch.setattr(role_hearing, "_weight", lambda track, heard: by_id[track.id])
    told = told_guesses(plan, widths=widths)
    assert told["Audio 01"].role == "lead vocal"
    for name in by_id:
        assert told[name].confidence == pytest.approx(VOICE.confidence * sure, abs=0.01)
    named = told_guesses(plan, widths=widths, lead="lead vocal")
    assert {guess.confidence for guess in named.values()} == {VOICE.confidence}


@needs_real_data
def test_the_lead_of_a_real_song_is_told_from_its_backing_vocals(tmp_path):
    names = ("vox_lead", "bgvox_main", "bgvox_alt", "bgvox_harmony")
    for at, name in enumerate(names):
        (tmp_path / f"Audio {at}.flac").symlink_to(SESSIONS / "evr_caesium" / f"{name}.flac")
    plan = advise(session_from_paths([tmp_path]), engine="rules")
    told = [plan.session.track(f"Audio {at}").role for at in range(len(names))]
    assert told == ["lead vocal", "backing vocal", "backing vocal", "backing vocal"]


@pytest.mark.parametrize(("module", "loaded"), [(nets, nets.role_net), (yamnet, yamnet.encoder)])
def test_weights_that_are_damaged_leave_roles_to_the_names(
    folder, tmp_path, monkeypatch, module, loaded
):
    for name in ("roles", "yamnet"):
        (tmp_path / f"{name}.safetensors").write_bytes(b"nothing")
    loaded.cache_clear()
    monkeypatch.setattr(module, "shipped", lambda name: tmp_path / f"{name}.safetensors")
    try:
        plan = advise(session_from_paths([folder]), engine="rules")
    finally:
        loaded.cache_clear()
    assert {t.role for t in plan.session.tracks} == {"other", "synth"}
    assert any("Roles are told from names alone" in warning for warning in plan.warnings)


def test_nothing_is_said_where_all_names_speak(plan):
    assert told_of([replace(t, role_from="name") for t in plan.session.tracks]) == ()


@needs_real_data
@pytest.mark.parametrize("name", ["evr_rubidium"])
def test_sessions_whose_names_speak_are_left_as_they_are(name):
    session = session_from_paths(sorted((SESSIONS / name).glob("*.flac")))
    session = replace(session, tracks=tuple(t for t in session.tracks if t.id != "mix"))
    assert all(t.role_confidence > 0.0 for t in session.tracks)
    plan = advise(session, engine="rules")
    assert plan.session.tracks == session.tracks
    assert not any("sound" in warning for warning in plan.warnings)
