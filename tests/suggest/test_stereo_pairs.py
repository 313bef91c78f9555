"""Which names say left and right of one another, and that what shapes one side shapes the other."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ama_analysis.advise.effects import most_harmful, sifted
from ama_analysis.plan import Effect, HighPass, Suggestion
from ama_analysis.presets import load_target
from ama_analysis.roles import Role
from ama_analysis.suggest import suggest_tracks
from ama_analysis.suggest.rule import Voice, scene_of
from ama_analysis.suggest.stereo_pairs import other_sides, stereo_pairs
from tests.suggest import factory


def voices(*names: str, role: Role = "guitar", width: float = 0.0) -> tuple[Voice, ...]:
    tracks = [factory.track(name, role) for name in names]
    stems = {name: factory.stem(width=width) for name in names}
    scene = scene_of(factory.session(*tracks), factory.measured(stems), load_target("pop"))
    return scene.voices


def pairs_in(row: Sequence[Voice]) -> list[tuple[str, str]]:
    return [
        (row[left].track.name, row[right].track.name) for left, right in stereo_pairs(row).tolist()
    ]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("OH_L", "OH_R"),
        ("oh-l", "OH R"),
        ("OHL", "OHR"),
        ("Gtr 2.L", "Gtr 2.R"),
        ("Left Piano", "Right Piano"),
        ("RoomLeft", "RoomRight"),
        ("Gitarre links", "Gitarre rechts"),
        ("Guitare gauche", "Guitare droite"),
        ("L", "R"),
    ],
)
def test_names_that_differ_by_their_side_are_a_pair(left: str, right: str):
    assert pairs_in(voices(right, "Bass", left)) == [(left, right)]


@pytest.mark.parametrize(
    "names",
    [
        ("Gtr 1 L", "Gtr 2 R"),
        ("Gtr L", "Gtr"),
        ("Gtr L", "Gtr L "),
        ("Gtr L", "Gtr R", "GTR_R"),  # which?
        ("L R", "R L"),
        ("Lead", "Read"),
    ],
)
def test_other_names_are_not(names: tuple[str, ...]):
    assert pairs_in(voices(*names)) == []


def test_stereo_stems_and_tracks_of_two_roles_are_no_pair():
    assert pairs_in(voices("Gtr L", "Gtr R", width=0.1)) == []
    left, right = voices("Top L", role="overheads"), voices("Top R", role="keys")
    assert pairs_in((*left, *right)) == []


RUMBLE = ((31.5, -63.0), (40.0, -63.0), (50.0, -63.0))


def test_what_shapes_one_side_shapes_the_other():
    names = ("Room L", "Room R", "Vox")
    tracks = [factory.track(name, "acoustic guitar") for name in names]
    stems = {name: factory.stem(low_hz=160.0) for name in names}
    stems["Room R"] = factory.stem(low_hz=160.0, points=RUMBLE, loud_crest=17.0)
    session, measured = factory.session(*tracks), factory.measured(stems)
    said = suggest_tracks(session, measured, load_target("pop"))
    shaping = [s for s in said if s.action.kind not in {"gain", "pan"}]
    left, right = ([s for s in shaping if s.track == name] for name in names[:2])
    assert {s.rule for s in right} >= {"high_pass", "compressor"}
    assert [(s.rule, s.action) for s in left] == [(s.rule, s.action) for s in right]
    assert all(s.because.startswith("The same as on Room R, its other side") for s in left)
    assert not [s for s in shaping if s.track == "Vox"]


def high_pass(track: str, delta: float) -> Suggestion:
    effect = Effect(
        distance_delta=delta,
        tonal_delta_db=0.0,
        width_delta_db=0.0,
        track_loudness_delta_lu=0.0,
        excerpt_s=10.0,
    )
    return Suggestion(
        id=f"high_pass:{track}",
        track=track,
        action=HighPass(cutoff_hz=90.0),
        because="It rumbles.",
        confidence=0.8,
        effect=effect,
    )


@pytest.mark.parametrize(
    ("left", "right", "stays"),
    [(0.004, -0.003, True), (0.004, 0.001, False), (0.0015, 0.0015, False)],
)
def test_what_both_sides_get_stays_or_goes_together(left: float, right: float, stays: bool):
    row = voices("OH L", "OH R")
    both = (high_pass("OH L", left), high_pass("OH R", right))
    assert bool(sifted(both, 0.05, other_sides(row))) is stays
    assert len(sifted(both, 0.05)) == 1 or not stays


def test_the_most_harmful_suggestion_goes_with_its_twin():
    both = (high_pass("OH L", 0.003), high_pass("OH R", 0.003), high_pass("Vox", 0.004))
    assert most_harmful(both, other_sides(voices("OH L", "OH R"))) == {s.id for s in both[:2]}
    assert most_harmful(both) == {"high_pass:Vox"}
    assert most_harmful(()) == frozenset()
