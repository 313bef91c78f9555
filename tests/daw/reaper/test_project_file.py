"""REAPER projects read from disk: tracks, files, folders and what is told, written by the format's rules (`made_projects`)."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
import soundfile

from ama_analysis.audio import EditList
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
from tests.daw.reaper.read_projects import (
    EXACT,
    RATE_HZ,
    heard,
    left_out,
    noise,
    notes,
    read,
    session_at,
    wav,
)


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
