"""AMA Export on the fake REAPER: what it tells of a project, its stems, and that the project and the render settings stay as they are."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ama_analysis.advise import session_from_paths
from tests.daw.nasty_names import NASTY_NAMES
from tests.daw.reaper.exporting import FRAMES, LUAS, RATE, Song, noise
from tests.daw.reaper.fake.items import Item
from tests.daw.reaper.fake.project import Send

EXACT = 1e-7
"""32-bit floats, as they went in."""


@pytest.fixture(params=LUAS)
def song(request, tmp_path):
    return Song(tmp_path, lua=request.param).band()


def test_tracks_are_told_as_reaper_shows_them(song):
    bass = song.project["Bass"]
    bass.fx.append(song.fake.add_effect("ReaEQ"))
    bass.fx.append(song.fake.add_effect("Someone's Chorus"))
    bass.fx[1].enabled = False
    bass.automate("Volume")
    song.export()
    document = song.document()
    assert {key: document[key] for key in ("schema", "daw", "daw_version", "name", "bounced", "devices", "mix", "sample_rate_hz")} == {
        "schema": "ama.session/1", "daw": "reaper", "daw_version": "7.38", "name": "Song", "bounced": "post_effects", "devices": "cockos",
        "mix": None, "sample_rate_hz": RATE,
    }  # fmt: skip
    told = song.track("Bass")
    assert told["id"] == bass.guid
    assert told["fader_db"] == pytest.approx(20 * math.log10(0.5))
    assert (told["pan"], told["pan_mode"], told["automated"]) == (-0.25, 3, ["fader"])
    assert [(each["name"], each["enabled"]) for each in told["plugins"]] == [
        ("VST: ReaEQ (Cockos)", True),
        (bass.fx[1].shown_name, False),
    ]
    assert [one["group"] for one in document["tracks"]] == ["Drums", "Drums", "", ""]
    assert [one["stem"] for one in document["tracks"]] == [
        "01 Kick.wav",
        "02 Snare.wav",
        "03 Bass.wav",
        "04 Vox.wav",
    ]
    assert "-6.02 dB" in song.left_out()["Drums"]


def test_stems_are_the_sound_before_the_fader_and_ama_reads_them(song):
    song.project["Vox"].effect_gain = 0.5
    song.export()
    np.testing.assert_allclose(song.stem("Bass"), noise(3), atol=EXACT)
    np.testing.assert_allclose(song.stem("Vox"), noise(4) * np.float32(0.5), atol=EXACT)
    assert song.stem("Kick").shape == (2, FRAMES)
    session = session_from_paths([song.folder])
    assert [track.id for track in session.tracks] == [
        one["id"] for one in song.document()["tracks"]
    ]
    assert session.tracks[2].pan == -0.25
    assert any("Drums" in warning for warning in session.warnings)


def test_stems_behind_the_fader_have_it_inside(song):
    song.export("post_fader")
    left = noise(3)[0] * np.float32(0.5)
    np.testing.assert_allclose(song.stem("Bass")[0], left, atol=EXACT)
    assert song.document()["bounced"] == "post_fader"


def test_stems_without_effects_are_read_from_the_items_and_touch_nothing(song):
    song.project["Vox"].effect_gain = 0.5
    song.project["Snare"].values["B_MUTE"] = 1.0
    song.export("raw")
    np.testing.assert_allclose(song.stem("Vox"), noise(4), atol=EXACT)
    np.testing.assert_allclose(
        song.stem("Kick"), np.broadcast_to(noise(1, channels=1), (2, FRAMES)), atol=EXACT
    )
    assert song.track("Snare")["muted"] is True
    assert song.fake.rendering.log == []
    assert song.fake.accessors == []


def test_long_sound_is_read_in_pieces_without_a_gap(tmp_path):
    song = Song(tmp_path)
    long = noise(7, frames=300_001)
    song.project.add("Long", sound=long)
    song.export("raw")
    np.testing.assert_allclose(
        song.stem("Long"), long, atol=1e-6
    )  # positions in seconds: interpolated by the fake


def test_nothing_of_the_users_is_changed(song):
    song.project["Vox"].selected = song.project.master.selected = True
    render, state = song.project.render.values(), song.project.state()
    for bounced in ("post_effects", "post_fader", "raw"):
        song.export(bounced)
        song.fake.stop()
    assert song.project.render.values() == render
    assert song.project.state() == state
    assert song.fake.undo_points == []
    assert [track.name for track in song.project.strips() if track.selected] == ["MASTER", "Vox"]
    assert not song.project.dirty


def test_the_render_is_one_pass_of_whole_floats_without_tail_or_normalising(song):
    song.export()
    ((settings, files),) = song.fake.rendering.log
    assert len(files) == 4
    wanted = {
        "RENDER_SETTINGS": 8194, "RENDER_NORMALIZE": 0, "RENDER_TAILFLAG": 0, "RENDER_ADDTOPROJ": 0, "RENDER_DITHER": 0, "RENDER_SRATE": RATE,
        "RENDER_BOUNDSFLAG": 0, "RENDER_FORMAT2": "", "RENDER_DELAY": 0,
    }  # fmt: skip
    assert {key: settings[key] for key in wanted} == wanted
    assert song.project.render.subtype() is None  # the user renders MP3, as before


def test_ama_is_told_and_started_where_it_does_not_run(song):
    song.export()
    note = song.read("exported.json")
    assert note["schema"] == "ama.exported/1"
    assert note["folder"] == str(song.folder)
    assert song.fake.processes == [(f'ama serve --state "{song.state}"', -1)]
    song.fake.stop()
    song.service_runs()
    song.export()
    assert len(song.fake.processes) == 1


def test_each_export_has_a_folder_of_its_own(song):
    for _ in range(3):
        song.export()
        song.fake.stop()
    folders = list(song.exports.iterdir())
    assert len(folders) == 3
    assert all((folder / "session.json").exists() for folder in folders)


def test_a_project_that_was_never_saved_is_exported_to_a_temporary_folder(tmp_path):
    environment = {"HOME": str(tmp_path / "home"), "TMPDIR": f"{tmp_path}/temp/"}
    song = Song(tmp_path, saved=False, environment=environment).band()
    song.export()
    (folder,) = (tmp_path / "temp" / "AMA").iterdir()
    assert (folder / "session.json").exists()
    assert [p.suffix for p in sorted(folder.iterdir())] == [".wav"] * 4 + [".json"]


def tracks_that_have_no_stem(song):
    project = song.project
    project.add("Empty")
    project.add("Muted", sound=noise(9), B_MUTE=1)
    bus = project.add("Reverb")
    project["Vox"].sends.append(Send(bus))
    project.add("Synth", midi=True)
    project.add("Late", sound=noise(5)).items = [Item(100.0, 2.0)]
    project.add("Off", sound=noise(5)).items = [Item(0.0, 0.1, muted=True)]
    project.add("Nothing in it").items = [Item(0.0, 0.2, take=None)]
    project.add("Drum machine", midi=True).fx.append(song.fake.add_effect("ReaSynth"))


def test_what_has_no_stem_is_left_out_with_its_reason(song):
    tracks_that_have_no_stem(song)
    song.project.time_selection = (0.0, FRAMES / RATE)
    song.run("export")
    song.fake.spin(0.3)
    song.fake.window.click_on("The time selection")
    song.fake.window.click_on("Export")
    song.fake.spin(5)
    reasons = song.left_out()
    reasons.pop("Drums")
    assert reasons == {
        "Empty": "nothing is on it",
        "Muted": "it is muted, and REAPER renders no sound of it",
        "Reverb": "it is a bus: it has only what other tracks send to it",
        "Synth": "it has MIDI alone, and no instrument of its own",
        "Late": "nothing is on it in the time that is exported",
        "Off": "nothing is on it",
        "Nothing in it": "nothing is on it",
    }
    assert "Drum machine" in [one["name"] for one in song.document()["tracks"]]


def test_instruments_have_no_sound_before_the_effects(tmp_path):
    song = Song(tmp_path).band()
    song.project.add("Keys", midi=True).fx.append(song.fake.add_effect("ReaSynth"))
    song.export("raw")
    assert song.left_out()["Keys"] == "it has MIDI alone, and its instrument is an effect"


def test_a_muted_folder_mutes_what_is_in_it(song):
    song.project["Drums"].values["B_MUTE"] = 1.0
    song.export()
    assert {"Kick", "Snare"} <= set(song.left_out())
    assert [one["name"] for one in song.document()["tracks"]] == ["Bass", "Vox"]


def test_solo_is_respected_and_told_before(song):
    song.project["Drums"].values["I_SOLO"] = 2.0
    song.project["Vox"].values["B_SOLO_DEFEAT"] = 1.0
    song.run("export")
    song.fake.spin(0.3)
    assert song.said("Tracks are soloed")
    song.fake.window.press(13)
    song.fake.spin(5)
    assert [one["name"] for one in song.document()["tracks"]] == ["Kick", "Snare", "Vox"]
    assert song.left_out()["Bass"] == "other tracks are soloed, and it is not"


def test_only_the_time_selection_is_exported_where_the_user_wants_that(song):
    song.project.time_selection = (0.1, 0.3)
    song.run("export")
    song.fake.spin(0.3)
    song.fake.window.click_on("The time selection")
    song.fake.window.click_on("Export")
    song.fake.spin(5)
    assert song.stem("Vox").shape == (2, round(0.2 * RATE))
    assert (song.document()["start_s"], song.document()["end_s"]) == (0.1, 0.3)


@pytest.mark.parametrize("lua", LUAS)
def test_stems_that_are_behind_the_fader_all_the_same_are_told_as_such(tmp_path, lua):
    song = Song(tmp_path, lua=lua, pre_fader="ignored").band()
    song.project["Kick"].fx.append(song.fake.add_effect("ReaEQ"))
    song.export()
    assert song.document()["bounced"] == "post_fader"
    assert song.document()["before_fader_heard"] is False
    assert song.said("rendered them behind it")
    assert song.fake.accessors == []


def test_that_stems_are_before_the_fader_is_seen_where_a_track_tells(song):
    song.export()
    assert song.document()["before_fader_heard"] is True
    song.fake.stop()
    song.project["Bass"].effect_gain = 0.7  # an effect, so the level says nothing
    song.project["Bass"].fx.append(song.fake.add_effect("ReaEQ"))
    song.export()
    assert song.document()["before_fader_heard"] is False
    assert song.document()["bounced"] == "post_effects"


@pytest.mark.parametrize(
    "change", [{"D_VOL": 1.0, "D_PAN": 0.0}, {"D_VOL": 0.5, "sound": noise(1) * 1e-6}]
)
def test_where_no_track_tells_nothing_is_claimed(tmp_path, change):
    song = Song(tmp_path)
    song.project.add("Only", **{"sound": noise(1), **change})
    song.export()
    assert song.document()["before_fader_heard"] is False
    assert song.document()["bounced"] == "post_effects"


def test_amas_own_effects_are_not_heard_and_not_told(song):
    comp = song.fake.add_effect("ReaComp")
    song.project["Bass"].fx.append(comp)
    song.has_inserted(song.project["Bass"], comp)
    heard = []
    song.fake.rendering.meanwhile = lambda: heard.append(comp.enabled)
    song.export()
    assert heard == [False]
    assert comp.enabled
    assert song.track("Bass")["plugins"] == []
    assert song.fake.undo_points == []


def test_pan_mode_and_law_are_told(song):
    song.project["Vox"].values.update(I_PANMODE=6.0, D_PANLAW=0.5)
    song.project.path.write_text("<REAPER_PROJECT 0.1\n  PANLAW 0.70794578\n>\n", encoding="utf-8")
    song.export()
    assert song.track("Vox")["pan_mode"] == 6
    assert song.track("Vox")["pan_law_db"] == pytest.approx(-6.02, abs=0.01)
    assert song.track("Bass")["pan_law_db"] == pytest.approx(-3.0, abs=0.01)


NAMES = [name for name in NASTY_NAMES if "\0" not in name]
"""REAPER's names end at a null character."""


@pytest.mark.parametrize("lua", LUAS)
def test_any_name_becomes_a_file_that_ama_finds(tmp_path, lua):
    song = Song(tmp_path, lua=lua)
    for at, name in enumerate(NAMES):
        song.project.add(name, sound=noise(at))
    song.export()
    document = song.document()
    assert len(document["tracks"]) == len(NAMES)
    assert all((song.folder / one["stem"]).is_file() for one in document["tracks"])
    assert len(session_from_paths([song.folder]).tracks) == len(NAMES)


def test_on_windows_folders_have_their_own_separators(tmp_path):
    song = Song(tmp_path, system="Win64").band()
    song.export()
    assert len(song.document()["tracks"]) == 4
    ((command, wait),) = song.fake.processes
    assert wait == -2
    assert command.startswith('ama serve --state "C:\\')


def test_nothing_to_export_is_said_and_leaves_nothing(tmp_path):
    song = Song(tmp_path)
    song.run("export")
    song.fake.spin(0.3)
    assert song.said("There is nothing in this project.")
    song.project.add("Muted", sound=noise(1), B_MUTE=1)
    song.export()
    song.fake.spin(0.5)
    assert song.said("Nothing was exported: there is no track to export: Muted: it is muted")
    assert not song.exports.exists()


def test_reaper_is_left_alone_while_it_records(song):
    song.project.play_state = 5
    song.run("export")
    song.fake.spin(0.3)
    assert song.said("REAPER is recording")
    assert song.fake.rendering.log == []


def test_cancelling_the_question_does_nothing(song):
    song.run("export")
    song.fake.spin(0.3)
    song.fake.window.press(27)
    assert not song.fake.spin(1)
    assert not song.exports.exists()


def test_stopping_in_the_middle_leaves_nothing(tmp_path):
    song = Song(tmp_path)
    for at in range(3):
        song.project.add(f"Long {at}", sound=noise(at, frames=300_000))
    song.run("export", bounced="raw")
    song.fake.spin(0.15)
    song.fake.window.click_on("Stop")
    song.fake.spin(1, until=lambda: song.said("Nothing was exported"))
    assert song.said("the export was cancelled")
    assert not any(song.exports.iterdir())


def test_settings_say_what_is_proposed_and_whose_effects_are_wanted(song):
    song.fake.ext_state["AMA", "stems"] = "post_fader"
    song.fake.ext_state["AMA", "devices"] = "ama"
    song.run("export")
    song.fake.spin(0.3)
    song.fake.window.press(13)
    song.fake.spin(5)
    assert (song.document()["bounced"], song.document()["devices"]) == ("post_fader", "ama")
