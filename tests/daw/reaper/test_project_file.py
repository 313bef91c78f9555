"""REAPER projects read from disk: written by the format's rules (`made_projects`), with sound of known samples."""

from __future__ import annotations

import dataclasses
import shutil

import numpy as np
import pytest
import soundfile

from ama_analysis.audio import EditList, read_audio
from ama_analysis.errors import SessionError
from ama_bridge.daw.reaper.project.file import project_file_in, read_project
from ama_bridge.daw.session_files import session_in
from tests.daw.reaper.made_projects import (
    VST,
    MadeItem,
    MadeProject,
    MadeTrack,
    envelope,
    guid,
)

RATE_HZ = 48_000
EXACT = 2e-7
"""One gain in 32-bit floats."""
DRAWN = 3e-3
"""Curves are drawn by 32 straight lines: the steepest shape leaves them by so much of full scale."""

_rng = np.random.default_rng(11)


def noise(frames, channels=1):
    return (0.2 * _rng.standard_normal((channels, frames))).astype(np.float32)


def wav(path, samples, rate=RATE_HZ):
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples.T, rate, subtype="FLOAT")
    return samples


def read(tmp_path, *tracks, **project):
    return read_project(MadeProject(tracks=tracks, **project).write(tmp_path / "song.rpp"))


def session_at(path, tmp_path):
    session = session_in(path, stems_dir=tmp_path / "stems")
    assert session is not None
    return session


def heard(tmp_path, *items, mix=1, **track):
    """Return the samples of a project's one track, as AMA reads them."""
    made = MadeProject(tracks=(MadeTrack(items=items, **track),), item_mix=mix)
    session = session_at(made.write(tmp_path / "song.rpp"), tmp_path)
    return read_audio(session.tracks[0].path).samples


def left_out(tmp_path, *items, **track):
    """Return why a track with these items is left out, beside one that is not."""
    wav(tmp_path / "plain.wav", noise(100))
    plain = MadeTrack(name="Plain", items=(MadeItem(file="plain.wav"),))
    found = read(tmp_path, plain, MadeTrack(name="Odd", items=items, **track))
    assert [t.name for t in found.tracks] == ["Plain"]
    assert [name for name, _ in found.left_out] == ["Odd"]
    return found.left_out[0][1]


def notes(tmp_path, *tracks, **project):
    """Return what is told of a project whose tracks all have an item."""
    wav(tmp_path / "plain.wav", noise(100))
    item = MadeItem(file="plain.wav", length_s=100 / RATE_HZ)
    full = [dataclasses.replace(t, items=t.items or (item,)) for t in tracks]
    found = read(tmp_path, *full, **project)
    assert not found.left_out
    return list(found.warnings)


def test_tracks_names_faders_pans_and_mutes_are_those_of_the_file(tmp_path):
    wav(tmp_path / "a.wav", noise(4_800))
    item = MadeItem(file="a.wav", length_s=0.1)
    found = read(
        tmp_path,
        MadeTrack(name="Vox / Ü 'lead' \"1\" <2>", volume=0.5, pan=-0.25, items=(item,)),
        MadeTrack(name="", volume=0.0, pan=0.75, muted=True, effects=VST, items=(item,)),
        MadeTrack(name="Loud", volume=2.0, items=(item,)),
    )
    assert [t.name for t in found.tracks] == ["Vox / Ü 'lead' \"1\" <2>", "Track 2", "Loud"]
    assert [t.id for t in found.tracks] == [guid(1), guid(2), guid(3)]
    assert [t.fader_db for t in found.tracks] == pytest.approx([-6.0206, -200, 6.0206], abs=1e-4)
    assert [t.pan for t in found.tracks] == [-0.25, 0.75, 0.0]
    assert [t.muted for t in found.tracks] == [False, True, False]
    assert [t.plugins for t in found.tracks] == [(), ("VST: ReaComp (Cockos)",), ()]
    assert found.sample_rate_hz == RATE_HZ
    assert found.name == "song"


def test_a_track_that_is_one_whole_file_at_zero_is_that_file(tmp_path):
    wav(tmp_path / "Media" / "a.wav", noise(4_801, 2))
    found = read(
        tmp_path, MadeTrack(items=(MadeItem(file="Media/a.wav", length_s=4_801 / RATE_HZ),))
    )
    assert found.tracks[0].stem == tmp_path / "Media" / "a.wav"


@pytest.mark.parametrize(
    "change",
    [
        {"position_s": 1.0},
        {"offset_s": 0.01},
        {"length_s": 0.05},
        {"volume": 0.5},
        {"take_volume": -1.0},
        {"fade_in": "0 0.01 0 0 0 0 0"},
        {"channel_mode": 1},
        {"pan": 0.5},
    ],
)
def test_a_track_that_is_anything_else_is_an_edit_list(tmp_path, change):
    wav(tmp_path / "a.wav", noise(4_800, 2))
    item = MadeItem(**{"file": "a.wav", "length_s": 0.1} | change)
    assert isinstance(read(tmp_path, MadeTrack(items=(item,))).tracks[0].stem, EditList)


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


def test_files_of_two_rates_on_one_track_are_told_and_on_two_tracks_are_read(tmp_path):
    wav(tmp_path / "a.wav", noise(4_800))
    wav(tmp_path / "b.wav", noise(4_410), 44_100)
    a, b = MadeItem(file="a.wav", length_s=0.1), MadeItem(file="b.wav", length_s=0.1)
    assert "44100, 48000 Hz" in left_out(tmp_path, a, b)
    found = read(tmp_path, MadeTrack(items=(a,)), MadeTrack(items=(b,)), rate_used=False)
    assert [t.stem.name for t in found.tracks] == ["a.wav", "b.wav"]
    assert found.sample_rate_hz == RATE_HZ


def test_fixed_lanes_are_told_where_there_are_several(tmp_path):
    wav(tmp_path / "a.wav", noise(4_800))
    upper = MadeItem(file="a.wav", length_s=0.1, lines="YPOS 0 0.5")
    lower = MadeItem(file="a.wav", length_s=0.1, lines="YPOS 0.5 0.5")
    assert "lanes" in left_out(tmp_path, upper, lower, lines="FREEMODE 2")


@pytest.mark.parametrize("quoted", ["Media\\a.wav", "D:\\Old Songs\\song\\Media\\a.wav", "/home/x/song/Media/a.wav", "..\\song\\Media\\a.wav"])  # fmt: skip
def test_a_project_from_another_machine_finds_its_files_beside_it(tmp_path, quoted):
    wav(tmp_path / "Media" / "a.wav", noise(4_800))
    found = read(tmp_path, MadeTrack(items=(MadeItem(file=quoted, length_s=0.1),)))
    assert found.tracks[0].stem == tmp_path / "Media" / "a.wav"


def test_a_file_in_the_recording_folder_is_found_by_its_bare_name(tmp_path):
    wav(tmp_path / "Media" / "a.wav", noise(4_800))
    found = read(tmp_path, MadeTrack(items=(MadeItem(file="a.wav", length_s=0.1),)))
    assert found.tracks[0].stem == tmp_path / "Media" / "a.wav"


@pytest.mark.parametrize(
    ("suffix", "kind"), [(".flac", "FLAC"), (".ogg", "VORBIS"), (".mp3", "MP3")]
)
def test_files_of_other_kinds_are_read(tmp_path, suffix, kind):
    samples = noise(48_000)
    soundfile.write(tmp_path / f"a{suffix}", samples.T, RATE_HZ)
    sound = heard(tmp_path, MadeItem(file=f"a{suffix}", kind=kind, position_s=0.5, length_s=1.0))
    assert sound.shape[1] == 72_000
    decoded, _ = soundfile.read(tmp_path / f"a{suffix}", dtype="float32")
    np.testing.assert_allclose(sound[0, 24_000:], decoded[:48_000], atol=1e-4)


def test_folders_give_groups_and_mute_what_is_in_them(tmp_path):
    wav(tmp_path / "a.wav", noise(4_800))
    item = MadeItem(file="a.wav", length_s=0.1)
    found = read(
        tmp_path,
        MadeTrack(name="Band", folder="1 1"),
        MadeTrack(name="Drums", folder="1 1", muted=True),
        MadeTrack(name="Kick", items=(item,)),
        MadeTrack(name="Snare", folder="2 -1", items=(item,)),
        MadeTrack(name="Bass", folder="2 -1", items=(item,)),
        MadeTrack(name="Vox", items=(item,)),
    )
    assert {t.name: (t.group, t.muted) for t in found.tracks} == {
        "Kick": ("Drums", True),
        "Snare": ("Drums", True),
        "Bass": ("Band", False),
        "Vox": ("", False),
    }
    assert not found.left_out


def test_what_folders_do_is_told(tmp_path):
    told = notes(
        tmp_path,
        MadeTrack(name="Drums", folder="1 1", volume=0.5, pan=0.5, effects=VST),
        MadeTrack(name="Kick", folder="2 -1"),
    )
    assert any(
        "folder Drums" in t and "-6.0 dB" in t and "+0.50" in t and "ReaComp" in t for t in told
    )


@pytest.mark.parametrize(
    ("track", "says"),
    [
        ({"effects": VST}, "effects (VST: ReaComp (Cockos))"),
        ({"pan_law": 0.707946}, "pan law of -3.0 dB"),
        ({"lines": "PANMODE 6"}, "dual pan"),
        ({"lines": "PANMODE 5\nWIDTH 0.5"}, "stereo pan"),
        ({"lines": envelope("VOLENV2", (0, 1), (1, 0.5))}, "automation (fader)"),
        ({"lines": envelope("PANENV2", (0, 1))}, "automation (pan)"),
        ({"soloed": True}, "Solo is not counted (Track)"),
        ({"lines": "AUXRECV 1 0 1 0 0 0 0 0 0 -1:U 0 -1 ''"}, "sent to it (Other)"),
    ],
)
def test_what_a_track_does_beyond_its_items_is_told(tmp_path, track, says):
    told = notes(tmp_path, MadeTrack(**track), MadeTrack(name="Other"))
    assert any(says in t for t in told), told


def test_effects_that_are_off_are_not_told(tmp_path):
    off = VST.replace("BYPASS 0 0 0", "BYPASS 1 0 0")
    offline = VST.replace("BYPASS 0 0 0", "BYPASS 0 1 0")
    assert notes(tmp_path, MadeTrack(effects=off), MadeTrack(effects=offline)) == []


def test_effects_in_a_container_are_told_by_their_own_names(tmp_path):
    inner = "\n".join(f"  {line}" for line in VST.replace('0 "" 19', '0 "Glue" 19').split("\n"))
    chain = f'BYPASS 0 0 0\n<CONTAINER Container "Parallel" ""\n  CONTAINER_CFG 2 2 2 0\n{inner}\n>\nFXID {{1}}'
    assert any("effects (Parallel, Glue)" in t for t in notes(tmp_path, MadeTrack(effects=chain)))


def test_what_the_master_does_is_told(tmp_path):
    chain = "\n".join(["<MASTERFXLIST", *(f"  {line}" for line in VST.split("\n")), ">"])
    told = notes(tmp_path, MadeTrack(), lines=chain, master_volume=0.5)
    assert any("master track has effects (VST: ReaComp (Cockos))" in t for t in told)
    assert any("master fader stands at -6.0 dB" in t for t in told)


def test_busses_and_tracks_that_go_nowhere_are_left_out(tmp_path):
    wav(tmp_path / "a.wav", noise(4_800))
    item = MadeItem(file="a.wav", length_s=0.1)
    found = read(
        tmp_path,
        MadeTrack(name="Vox", items=(item,)),
        MadeTrack(name="Reverb", lines="AUXRECV 0 0 1 0 0 0 0 0 0 -1:U 0 -1 ''", effects=VST),
        MadeTrack(name="Guide", to_master=False, items=(item,)),
        MadeTrack(name="Empty"),
    )
    assert [t.name for t in found.tracks] == ["Vox"]
    assert dict(found.left_out).keys() == {"Reverb", "Guide"}
    assert any("sends (Reverb)" in t for t in found.warnings)


def test_items_of_a_frozen_track_are_those_that_play(tmp_path):
    samples = wav(tmp_path / "frozen.wav", noise(4_800))
    before = "<FREEZE 1\n  <ITEM\n    POSITION 0\n    LENGTH 9\n    <SOURCE MIDI\n    >\n  >\n>"
    item = MadeItem(file="frozen.wav", length_s=0.1)
    np.testing.assert_allclose(heard(tmp_path, item, lines=before), samples, atol=EXACT)


def test_two_tracks_of_one_guid_are_still_two(tmp_path):
    wav(tmp_path / "a.wav", noise(4_800))
    item = MadeItem(file="a.wav", length_s=0.1)
    found = read(tmp_path, MadeTrack(number=9, items=(item,)), MadeTrack(number=9, items=(item,)))
    assert [t.id for t in found.tracks] == [guid(9), f"{guid(9)}-2"]


def test_a_project_without_any_plain_track_says_why(tmp_path):
    with pytest.raises(
        SessionError, match=r"song\.rpp has no track .*Track: .*gone\.wav is missing"
    ):
        read(tmp_path, MadeTrack(items=(MadeItem(file="gone.wav"),)))


@pytest.mark.parametrize(("text", "says"), [("", "does not begin"), ("<RPPCHAIN\n>\n", "holds a RPPCHAIN"), ("<REAPER_PROJECT\n", "cut off")])  # fmt: skip
def test_what_is_no_project_is_said_in_a_sentence(tmp_path, text, says):
    (tmp_path / "x.rpp").write_text(text)
    with pytest.raises(SessionError, match=says) as caught:
        read_project(tmp_path / "x.rpp")
    assert caught.value.code == "AMA-204"


def test_a_folder_with_one_project_means_it_and_with_two_asks_which(tmp_path):
    wav(tmp_path / "a.wav", noise(4_800))
    made = MadeProject(tracks=(MadeTrack(items=(MadeItem(file="a.wav", length_s=0.1),)),))
    assert project_file_in(tmp_path) is None
    song = made.write(tmp_path / "song.RPP")
    session = session_at(tmp_path, tmp_path)
    assert session.project == song
    assert [t.id for t in session.tracks] == [guid(1)]
    shutil.copy(song, tmp_path / "song-ama.rpp")
    with pytest.raises(SessionError, match=r"several projects: song-ama\.rpp, song\.RPP"):
        session_in(tmp_path, stems_dir=tmp_path / "stems")


def test_reading_writes_nothing_beside_the_project(tmp_path):
    folder = tmp_path / "song"
    wav(folder / "a.wav", noise(4_800))
    made = MadeProject(tracks=(MadeTrack(items=(MadeItem(file="a.wav", length_s=0.05),)),))
    path = made.write(folder / "song.rpp")
    before = path.read_bytes()
    session_in(path, stems_dir=tmp_path / "stems")
    assert sorted(p.name for p in folder.iterdir()) == ["a.wav", "song.rpp"]
    assert path.read_bytes() == before
