"""What is locked or automated stays, and the balance comes to what is locked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ama_analysis.plan import Action, Compressor, EqBand, Gain, HighPass, Pan, Suggestion
from ama_analysis.suggest.balance import balance
from ama_analysis.suggest.held import held, permitted
from ama_analysis.suggest.level import leave_fader, move_fader
from ama_analysis.suggest.rule import Scene, scene_of
from tests.suggest import factory

TOO_LOUD_DB = 8.0
ROUNDING_DB = 0.11
BAND = {"Kick": "kick", "Bass": "bass", "Gtr": "guitar", "Keys": "keys", "Vox": "lead vocal"}


def scene(faders=None, *, roles=None, **changed) -> Scene:
    """Return the scene of a band; `changed` are fields of the track of that name."""
    roles = roles or BAND
    tracks = [
        replace(
            factory.track(name, role, fader_db=(faders or {}).get(name, 0.0)),
            **changed.get(name, {}),
        )
        for name, role in roles.items()
    ]
    heard = {name: factory.stem() for name in roles}
    return scene_of(factory.session(*tracks), factory.measured(heard), factory.pop())


def balanced(**shifted_db):
    """Return faders of the band with every track in its place, but for those that are shifted."""
    return {
        p.voice.track.id: p.wanted_lu - p.now_lu + shifted_db.get(p.voice.track.id, 0.0)
        for p in balance(scene())
    }


def moves(of: Scene):
    return {p.voice.track.id: p.delta_db for p in balance(of)}


def test_a_locked_lead_that_is_too_loud_stays_and_all_others_come_to_it():
    faders = balanced(Vox=TOO_LOUD_DB)
    assert moves(scene(faders))["Vox"] < 0.0
    around = moves(scene(faders, Vox={"locked": True}))
    assert around.pop("Vox") == 0.0
    assert all(0.0 < move <= TOO_LOUD_DB + ROUNDING_DB for move in around.values())


def test_an_automated_fader_stays_and_does_not_say_where_the_others_go():
    faders = balanced(Vox=TOO_LOUD_DB)
    assert set(moves(scene(faders, Vox={"automated": ("fader",)})).values()) == {0.0}


def test_of_two_sides_of_a_recording_neither_moves_where_one_is_locked():
    roles = {**BAND, "OH L": "overheads", "OH R": "overheads"}
    faders = dict.fromkeys(("OH L", "OH R"), 15.0)
    of = scene(faders, roles=roles, **{"OH R": {"automated": ("fader",)}})
    assert moves(scene(faders, roles=roles))["OH L"] < 0.0
    assert moves(of)["OH L"] == moves(of)["OH R"] == 0.0
    assert held(of.voices, "fader")[-2:] == (
        "OH R, its other side, stays",
        "its fader follows automation",
    )
    assert not any(held(of.voices, "pan"))


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"locked": True}, "it is locked"),
        ({"automated": ("fader",)}, "its fader follows automation"),
    ],
)
def test_the_reason_says_why_a_fader_stays(changed, why):
    of = scene(balanced(Vox=TOO_LOUD_DB), Vox=changed)
    assert "Vox" not in {s.track for s in move_fader(of)}
    (said,) = (s for s in leave_fader(of) if s.track == "Vox")
    assert f"{why}: leave it." in said.because


ACTIONS: dict[str, Action] = {
    "fader": Gain(delta_db=-2.0, fader_db=-2.0),
    "pan": Pan(pan=0.3),
    "high_pass": HighPass(cutoff_hz=80.0, slope_db_per_oct=12),
    "eq": EqBand(type="bell", freq_hz=300.0, gain_db=-2.0, q=1.0),
    "compressor": Compressor(
        threshold_db=-20.0, ratio=2.0, attack_ms=10.0, release_ms=100.0, knee_db=6.0, makeup_db=0.0
    ),
}


def proposed(track):
    return [
        Suggestion(id=f"{kind}:{track}", track=track, action=action, because="1", confidence=0.5)
        for kind, action in ACTIONS.items()
    ]


@pytest.mark.parametrize(
    ("changed", "left"),
    [
        ({}, set(ACTIONS)),
        ({"locked": True}, set()),
        ({"automated": ("fader",)}, set(ACTIONS) - {"fader"}),
        ({"automated": ("pan",)}, set(ACTIONS) - {"pan"}),
    ],
)
def test_nothing_is_permitted_that_changes_what_is_held(changed, left):
    of = scene(Vox=changed)
    said = permitted(of.voices, [*proposed("Vox"), *proposed("Gtr")])
    assert {s.id.partition(":")[0] for s in said if s.track == "Vox"} == left
    assert len([s for s in said if s.track == "Gtr"]) == len(ACTIONS)


def test_that_a_locked_fader_is_right_may_be_said():
    stays = replace(proposed("Vox")[0], action=Gain(delta_db=0.0, fader_db=0.0))
    assert permitted(scene(Vox={"locked": True}).voices, [stays]) == [stays]
