"""Which names say left and right of one another."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ama_analysis.presets import load_target
from ama_analysis.roles import Role
from ama_analysis.suggest.rule import Voice, scene_of
from ama_analysis.suggest.stereo_pairs import stereo_pairs
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
