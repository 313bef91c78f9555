"""The sound of a track's items: places, volumes, fades, takes, loops and envelopes, with samples that are known."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from ama_analysis.audio import read_audio
from tests.daw.reaper.made_projects import (
    MadeItem,
    MadeProject,
    MadeTrack,
    envelope,
)
from tests.daw.reaper.read_projects import (
    DRAWN,
    EXACT,
    RATE_HZ,
    heard,
    left_out,
    noise,
    session_at,
    wav,
)


def test_position_start_length_and_volumes_are_heard_to_the_sample(tmp_path):
    samples = wav(tmp_path / "a.wav", noise(48_000))
    item = MadeItem(file="a.wav", position_s=0.25, offset_s=0.125, length_s=0.5, volume=0.5, take_volume=1.5)  # fmt: skip
    sound = heard(tmp_path, item)
    assert sound.shape == (1, 36_000)
    assert not sound[:, :12_000].any()
    np.testing.assert_allclose(sound[:, 12_000:], 0.75 * samples[:, 6_000:30_000], atol=EXACT)


def test_polarity_is_turned_by_the_switch_and_by_a_negative_volume(tmp_path):
    samples = wav(tmp_path / "a.wav", noise(4_800))
    item = MadeItem(file="a.wav", length_s=0.1)
    np.testing.assert_allclose(heard(tmp_path, item, inverted=True), -samples, atol=EXACT)
    turned = dataclasses.replace(item, take_volume=-1.0)
    np.testing.assert_allclose(heard(tmp_path, turned), -samples, atol=EXACT)
    np.testing.assert_allclose(heard(tmp_path, turned, inverted=True), samples, atol=EXACT)


def test_channel_modes_and_take_pan(tmp_path):
    wide = wav(tmp_path / "s.wav", noise(4_800, 2))
    item = MadeItem(file="s.wav", length_s=0.1)

    def as_mode(mode):
        return heard(tmp_path, dataclasses.replace(item, channel_mode=mode))

    np.testing.assert_allclose(as_mode(1), wide[::-1], atol=EXACT)
    np.testing.assert_allclose(as_mode(2), wide.mean(axis=0, keepdims=True), atol=EXACT)
    np.testing.assert_allclose(as_mode(3), wide[:1], atol=EXACT)
    np.testing.assert_allclose(as_mode(4), wide[1:], atol=EXACT)
    panned = heard(tmp_path, dataclasses.replace(item, pan=0.25))
    np.testing.assert_allclose(panned, wide * np.array([[0.75], [1.0]]), atol=EXACT)


def test_a_mono_and_a_stereo_item_make_a_stereo_track(tmp_path):
    mono = wav(tmp_path / "m.wav", noise(4_800))
    wide = wav(tmp_path / "s.wav", noise(4_800, 2))
    sound = heard(
        tmp_path,
        MadeItem(file="m.wav", length_s=0.1),
        MadeItem(file="s.wav", position_s=0.1, length_s=0.1),
    )
    np.testing.assert_allclose(sound[:, :4_800], np.vstack([mono, mono]), atol=EXACT)
    np.testing.assert_allclose(sound[:, 4_800:], wide, atol=EXACT)


def test_a_source_that_ends_is_silent_and_a_looped_one_begins_again(tmp_path):
    samples = wav(tmp_path / "a.wav", noise(1_000))
    item = MadeItem(file="a.wav", offset_s=200 / RATE_HZ, length_s=2_500 / RATE_HZ)
    silent = np.zeros((1, 2_500), np.float32)
    silent[:, :800] = samples[:, 200:]
    np.testing.assert_allclose(heard(tmp_path, item), silent, atol=EXACT)
    looped = heard(tmp_path, dataclasses.replace(item, loop=True))
    np.testing.assert_allclose(looped, np.tile(samples, 3)[:, 200:2_700], atol=EXACT)


def test_fades_and_an_envelope_go_through_the_seams_of_a_loop(tmp_path):
    wav(tmp_path / "a.wav", np.ones((1, 1_000), np.float32))
    item = MadeItem(
        file="a.wav",
        length_s=4_800 / RATE_HZ,
        loop=True,
        fade_in="0 0.05 0 0 0 0 0",
        fade_out="0 0.05 0 0 0 0 0",
        lines=envelope("VOLENV", (0, 1.0), (0.1, 0.5)),
    )
    at = np.arange(4_800) / 4_800
    expected = np.minimum(2 * at, 2 - 2 * at) * (1 - 0.5 * at)
    np.testing.assert_allclose(heard(tmp_path, item)[0], expected, atol=DRAWN)


def test_a_straight_fade_is_exact(tmp_path):
    wav(tmp_path / "a.wav", np.ones((1, 4_800), np.float32))
    item = MadeItem(file="a.wav", length_s=0.1, fade_in="0 0.05 0 0 0 0 0", fade_out="0 0.025 0 0 0 0 0")  # fmt: skip
    expected = np.ones(4_800)
    expected[:2_400] = np.arange(2_400) / 2_400
    expected[3_600:] = 1 - np.arange(1_200) / 1_200
    np.testing.assert_allclose(heard(tmp_path, item)[0], expected, atol=1e-6)


@pytest.mark.parametrize("shape", ["0", "1", "2", "3", "4", "5", "5.1"])
def test_every_fade_rises_from_nothing_and_its_mirror_falls(tmp_path, shape):
    wav(tmp_path / "a.wav", np.ones((1, 4_800), np.float32))
    item = MadeItem(file="a.wav", length_s=0.1, fade_in=f"{shape} 0.05 0 1 0 0 0", fade_out=f"{shape} 0.05 0 1 0 0 0")  # fmt: skip
    sound = heard(tmp_path, item)[0]
    assert sound[0] == 0.0
    assert np.all(np.diff(sound[:2_400]) >= 0)
    np.testing.assert_allclose(sound[1:2_400], sound[:2_400:-1], atol=DRAWN)


def test_an_automatic_crossfade_counts_before_the_fade_that_was_drawn(tmp_path):
    wav(tmp_path / "a.wav", np.ones((1, 4_800), np.float32))
    item = MadeItem(file="a.wav", length_s=0.1, fade_in="0 0.05 0.01 0 0 0 0")
    assert heard(tmp_path, item)[0, 480] == pytest.approx(1.0)


@pytest.mark.parametrize(("mix", "expected"), [(0, (1, 1.25, 0.25)), (1, (1, 1.25, 1.25)), (2, (1, 0.25, 0.25))])  # fmt: skip
def test_items_over_each_other_are_mixed_or_replaced_as_the_project_says(tmp_path, mix, expected):
    """A whole second, a quarter that begins in it and ends behind it, and one inside it."""
    wav(tmp_path / "a.wav", np.ones((1, 48_000), np.float32))
    below = MadeItem(file="a.wav", length_s=1.0)
    later = MadeItem(file="a.wav", position_s=0.9, length_s=0.5, volume=0.25)
    inside = MadeItem(file="a.wav", position_s=0.5, length_s=0.1, volume=0.25)
    sound = heard(tmp_path, below, later, inside, mix=mix)[0]
    assert tuple(sound[[1_000, 45_000, 26_000]]) == pytest.approx(expected)


def test_a_crossfade_is_heard_on_both_sides_where_later_items_replace(tmp_path):
    wav(tmp_path / "a.wav", np.ones((1, 48_000), np.float32))
    first = MadeItem(file="a.wav", length_s=0.5, fade_out="0 0 0.1 0 0 0 0")
    second = MadeItem(file="a.wav", position_s=0.4, length_s=0.5, fade_in="0 0 0.1 0 0 0 0")
    np.testing.assert_allclose(heard(tmp_path, first, second, mix=2)[0], 1.0, atol=1e-6)


def test_the_chosen_take_is_heard_or_all_of_them(tmp_path):
    one = wav(tmp_path / "1.wav", noise(4_800))
    two = wav(tmp_path / "2.wav", noise(4_800))
    takes = 'TAKE SEL\nNAME two\nTAKEVOLPAN 0 0.5 -1\nSOFFS 0\nPLAYRATE 1 1 0 -1 0 0.0025\nCHANMODE 0\n<SOURCE WAVE\n  FILE "2.wav"\n>\nTAKE NULL'
    item = MadeItem(file="1.wav", length_s=0.1, lines=takes)
    np.testing.assert_allclose(heard(tmp_path, item), 0.5 * two, atol=EXACT)
    unchosen = dataclasses.replace(item, lines=takes.replace("TAKE SEL", "TAKE"))
    np.testing.assert_allclose(heard(tmp_path, unchosen), one, atol=EXACT)
    both = dataclasses.replace(item, yes_all_takes=True)
    np.testing.assert_allclose(heard(tmp_path, both), one + 0.5 * two, atol=EXACT)


def test_a_section_is_the_part_of_its_file(tmp_path):
    samples = wav(tmp_path / "a.wav", noise(48_000))
    item = MadeItem(file="a.wav", length_s=0.4, offset_s=0.05, section="LENGTH 0.25\nSTARTPOS 0.5\nOVERLAP 0.01")  # fmt: skip
    expected = np.zeros((1, 19_200), np.float32)
    expected[:, :9_600] = samples[:, 26_400:36_000]
    sound = heard(tmp_path, item)
    np.testing.assert_allclose(sound, expected[:, : sound.shape[1]], atol=EXACT)
    looped = heard(tmp_path, dataclasses.replace(item, loop=True))
    np.testing.assert_allclose(looped, np.tile(samples[:, 24_000:36_000], 3)[:, 2_400:21_600], atol=EXACT)  # fmt: skip


def test_muted_items_do_not_count(tmp_path):
    samples = wav(tmp_path / "a.wav", noise(4_800))
    item = MadeItem(file="a.wav", length_s=0.1)
    both = heard(tmp_path, item, dataclasses.replace(item, muted=True, position_s=0.05))
    np.testing.assert_allclose(both, samples, atol=EXACT)


def test_a_playback_offset_moves_the_track_and_cuts_what_comes_before_zero(tmp_path):
    samples = wav(tmp_path / "a.wav", noise(4_800))
    item = MadeItem(file="a.wav", length_s=0.1)
    text = MadeProject(tracks=(MadeTrack(items=(item,)),)).text()

    def with_offset(line):
        (tmp_path / "song.rpp").write_text(text.replace("PLAYOFFS 0 1", line))
        session = session_at(tmp_path / "song.rpp", tmp_path)
        return read_audio(session.tracks[0].path).samples

    np.testing.assert_allclose(with_offset("PLAYOFFS 0.01 0")[:, 480:], samples, atol=EXACT)
    np.testing.assert_allclose(with_offset("PLAYOFFS -0.01 0"), samples[:, 480:], atol=EXACT)
    np.testing.assert_allclose(with_offset("PLAYOFFS 0.01 1"), samples, atol=EXACT)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"rate": 0.98}, "0.98 of its speed"),
        ({"pitch": -2.0}, "-2 semitones"),
        ({"lines": "SM 0 0 + 0.5 0.6"}, "stretch markers"),
        ({"file": "gone.wav"}, "gone.wav is missing"),
        ({"kind": "MIDI", "file": ""}, "MIDI"),
        ({"kind": "RPP_PROJECT", "file": "sub.rpp"}, "project inside"),
        ({"kind": "ODD", "file": ""}, "'ODD'"),
        ({"section": "LENGTH 0.1\nMODE 3\nSTARTPOS 0"}, "backwards"),
        ({"channel_mode": 67}, "mode 67"),
        ({"position_s": -1.0}, "-1 s"),
        ({"position_s": 1e9}, "1e+09 s"),
        ({"lines": envelope("PANENV", (0, 0.5))}, "envelope (pan)"),
        ({"lines": envelope("PITCHENV", (0, 1))}, "envelope (pitch)"),
        ({"lines": envelope("VOLENV", (0, 1, 5), (1, 0))}, "curved volume envelope"),
        ({"lines": envelope("VOLENV", (0, 1), (1, 0), extra="VOLTYPE 1")}, "curved volume"),
        ({"muted": True}, "no audible item"),
    ],
)
def test_what_is_not_plain_leaves_the_track_out_with_its_reason(tmp_path, change, reason):
    wav(tmp_path / "a.wav", noise(4_800))
    (tmp_path / "sub.rpp").write_text("x")
    assert reason in left_out(tmp_path, MadeItem(**{"file": "a.wav", "length_s": 0.1} | change))


@pytest.mark.parametrize(
    "lines",
    [
        envelope("PANENV", (0, 0.5), active=0),
        envelope("PANENV", (0, 0)),
        envelope("MUTEENV", (0, 1)),
        envelope("VOLENV", (0, 1, 5), (1, 1)),
    ],
)
def test_an_envelope_that_is_off_or_moves_nothing_does_no_harm(tmp_path, lines):
    samples = wav(tmp_path / "a.wav", noise(4_800))
    item = MadeItem(file="a.wav", length_s=0.1, lines=lines)
    np.testing.assert_allclose(heard(tmp_path, item), samples, atol=EXACT)


def test_a_straight_take_envelope_is_heard(tmp_path):
    wav(tmp_path / "a.wav", np.ones((1, 4_800), np.float32))
    lines = envelope("VOLENV", (0, 0.5), (0.05, 1.5))
    sound = heard(tmp_path, MadeItem(file="a.wav", length_s=0.1, lines=lines))[0]
    assert tuple(sound[[0, 1_200, 2_400, 4_000]]) == pytest.approx((0.5, 1.0, 1.5, 1.5), abs=1e-5)
