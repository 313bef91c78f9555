"""Who may be a sum of others, told from grids of power."""

from __future__ import annotations

import numpy as np
import pytest

from ama_analysis.measure.sums import Suspect, suspects

SLOTS, BANDS = 100, 40


def grids(count: int) -> list[np.ndarray]:
    """Return grids of tracks that play now and then, each with a tone of its own."""
    random = np.random.default_rng(3)
    plays = random.random((count, SLOTS, 1)) < 0.5
    colour = 10.0 ** random.uniform(-4.0, 0.0, (count, 1, BANDS))
    return list((plays * colour * random.random((count, SLOTS, BANDS))).astype(np.float32))


def test_tracks_that_play_by_themselves_are_no_sums():
    assert suspects(grids(8)) == ()


def test_a_bus_is_found_with_its_parts_the_strongest_first():
    tracks = grids(6)
    bus = 0.1 * tracks[1] + 4.0 * tracks[2] + tracks[4]
    assert suspects([*tracks, 1e-3 * bus]) == (Suspect(track=6, parts=(2, 4, 1)),)


def test_sums_come_from_the_weakest_on():
    tracks = grids(5)
    bus = 0.1 * (tracks[0] + tracks[1])
    found = suspects([10.0 * np.sum(tracks, axis=0), bus, *tracks])
    assert [one.track for one in found] == [1, 0]


def test_a_copy_or_a_layer_of_one_track_is_no_sum():
    tracks = grids(5)
    layer = tracks[3] * np.random.default_rng(4).uniform(0.5, 1.5, (SLOTS, BANDS))
    assert suspects([*tracks, tracks[0]]) == ()
    assert suspects([*tracks, layer]) == ()


@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_sum_needs_two_others(count: int):
    assert suspects(grids(count)) == ()


def test_silence_is_neither_sum_nor_part():
    tracks = grids(4)
    silence = np.zeros_like(tracks[0])
    assert suspects([*tracks, silence]) == ()
    assert suspects([silence, *tracks, 2.0 * tracks[0] + tracks[1]]) == (
        Suspect(track=5, parts=(1, 2)),
    )
