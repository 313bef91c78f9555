"""Comparing at equal loudness turns down and never up."""

from __future__ import annotations

import pytest

from ama_analysis.render import loudness_match_gains


@pytest.mark.parametrize(
    ("before", "after", "gains"),
    [(-18.0, -14.0, (0.0, -4.0)), (-14.0, -18.0, (-4.0, 0.0)), (-16.0, -16.0, (0.0, 0.0))],
)
def test_the_louder_one_is_turned_down(before, after, gains):
    assert loudness_match_gains(before, after) == gains


@pytest.mark.parametrize(("before", "after"), [(None, -14.0), (-14.0, None), (None, None)])
def test_silence_leaves_both_alone(before, after):
    assert loudness_match_gains(before, after) == (0.0, 0.0)
