"""What was learned reaches the plan by every engine, and the plan keeps its promises."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from ama_analysis.advise import advise
from ama_analysis.models.gain_suggest import learned_faders, suggest_learned
from ama_analysis.plan import Gain
from ama_analysis.preferences import (
    NO_PREFERENCES,
    NO_TASTE,
    Lesson,
    Liking,
    Nudge,
    Preferences,
    Taste,
    Votes,
)
from ama_analysis.roles import Role
from ama_analysis.suggest import scene_of
from ama_analysis.suggest.match.expect import expectations
from ama_bridge.wire import plan_bytes
from tests.advise.example import example_session
from tests.models.stems import sounds
from tests.models.test_gain import scene_at, told
from tests.suggest import factory

WISH_DB = 2.0
ROUNDING_DB = 0.11
"""A fader is set to 0.1 dB before and after."""
SESSIONS = 20


def taste(role: str, offset_db: float) -> Taste:
    liking = Liking(offset_db=offset_db, spread_db=0.3, sessions=9, applied_db=offset_db)
    return Taste(faders={role: liking})


def taught(style: str, **offsets_db: float) -> Preferences:
    nudges = {
        role.replace("_", " "): Nudge(offset_db=offset, by="edit")
        for role, offset in offsets_db.items()
    }
    return Preferences(
        lessons=tuple(
            Lesson(plan=f"p{n}", session=f"s{n}", style=style, faders=nudges)
            for n in range(SESSIONS)
        )
    )


def faders(plan):
    return {s.track: s for s in plan.suggestions if isinstance(s.action, Gain)}


@cache
def planned(engine, *, learned):
    wishes = taught("reference", lead_vocal=WISH_DB, snare=-WISH_DB)
    return advise(
        example_session(), engine=engine, preferences=wishes if learned else NO_PREFERENCES
    )


@pytest.mark.parametrize("engine", ["rules", "reference", "cnn"])
def test_every_engine_says_what_it_learned_and_is_never_worse(engine):
    with_it = planned(engine, learned=True)
    spoken = [s for s in faders(with_it).values() if s.learned_db]
    assert {s.track for s in spoken} == {"vox_lead", "snare"}
    for suggestion in spoken:
        assert f"{suggestion.learned_db:+.1f} dB, as you usually have the" in suggestion.because
    assert with_it.verification is not None
    assert with_it.verification.after <= with_it.verification.before


def test_a_fader_goes_further_by_just_what_was_learned():
    with_it = faders(planned("rules", learned=True))["vox_lead"]
    own = faders(planned("rules", learned=False))["vox_lead"]
    assert with_it.learned_db == pytest.approx(WISH_DB, abs=0.2)  # shrunken
    gained_db = with_it.action.fader_db - own.action.fader_db
    assert gained_db == pytest.approx(with_it.learned_db, abs=ROUNDING_DB)


def test_lessons_that_say_nothing_leave_the_plan_byte_for_byte():
    accepted = Preferences(
        lessons=tuple(
            Lesson(
                plan=f"p{n}",
                session=f"s{n}",
                style="reference",
                faders={"bass": Nudge(offset_db=0.0, by="accept")},
                rules={"level": Votes(kept=1.0, refused=0.0)},
            )
            for n in range(SESSIONS)
        )
    )
    again = advise(example_session(), engine="rules", preferences=accepted)
    assert plan_bytes(again) == plan_bytes(planned("rules", learned=False))


def places(faders):
    """Return where the faders are wanted, LU against the bass."""
    wanted = {one.voice.track.id: one.wanted_lu for one in faders}
    return {track: level - wanted["bass"] for track, level in wanted.items()}


def vocal_role(scene):
    return next(v.role for v in scene.voices if v.track.id == "vocals")


def test_the_gain_predictor_puts_only_the_liked_role_elsewhere():
    scene = scene_at(dict.fromkeys(sounds(), 0.0))
    own = places(learned_faders(scene.voices, told()))
    liked = places(learned_faders(scene.voices, told(), taste=taste(vocal_role(scene), WISH_DB)))
    moved = {track: liked[track] - own[track] for track in own}
    assert moved == pytest.approx(dict.fromkeys(own, 0.0) | {"vocals": WISH_DB}, abs=1e-9)


def test_the_gain_predictor_adds_nothing_where_the_user_has_the_fader_already():
    """Faders that were set count as evidence; what is there because the user likes it so must not be added again."""
    set_by_hand = {"bass": 0.0, "hihat": -3.0, "vocals": 1.0, "pad": 6.0}
    scene = scene_at(set_by_hand)
    own = places(learned_faders(scene.voices, told()))
    there = set_by_hand | {"vocals": set_by_hand["vocals"] + WISH_DB}
    liking = taste(vocal_role(scene), WISH_DB)
    liked = places(learned_faders(scene_at(there).voices, told(), taste=liking))
    moved = {track: liked[track] - own[track] for track in own}
    assert moved == pytest.approx(dict.fromkeys(own, 0.0) | {"vocals": WISH_DB}, abs=1e-9)


def test_the_gain_predictor_says_so():
    scene = scene_at(dict.fromkeys(sounds(), 0.0))
    role = next(v.role for v in scene.voices if v.track.id == "vocals")
    said = suggest_learned(replace(scene, taste=taste(role, WISH_DB)), told())
    assert {s.track for s in said if "as you usually have" in s.because} == {"vocals"}
    assert {s.learned_db for s in said if s.track == "vocals"} == {WISH_DB}


def test_the_solver_expects_faders_where_the_user_has_them():
    roles: dict[str, Role] = {
        "Kick": "kick",
        "Bass": "bass",
        "Gtr": "guitar",
        "Vox": "lead vocal",
    }
    at = {"Kick": 6.0, "Bass": -6.0, "Gtr": 7.0, "Vox": -9.0}
    tracks = [factory.track(name, role, fader_db=at[name]) for name, role in roles.items()]
    session = factory.session(*tracks)
    measured = factory.measured({name: factory.stem() for name in roles})

    def expected(learned: Taste) -> dict[str, float]:
        scene = scene_of(session, measured, factory.pop(), taste=learned)
        return {one.voice.track.id: one.gain_db for one in expectations(scene, None)}

    own, liked = expected(NO_TASTE), expected(taste("lead vocal", WISH_DB))
    assert liked["Vox"] - own["Vox"] == pytest.approx(WISH_DB, abs=ROUNDING_DB)
    assert liked["Gtr"] == own["Gtr"]
