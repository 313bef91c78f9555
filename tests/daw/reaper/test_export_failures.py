"""What goes wrong in the middle of an export: whatever it is, the render settings, the selection and the effects are the user's again."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.daw.reaper.exporting import LUAS, Song, gone, noise
from tests.daw.reaper.fake.rendering import Outcome

Failure = Callable[[Song], None]
Users = tuple[dict[str, float | str], dict[str, bool], dict[str, bool]]

LEAST = 50
"""Injected failures that the project promises."""


def fails(call: str, nth: int) -> Failure:
    """The nth call of the render raises."""
    return lambda song: song.fake.fail(call, nth=nth, returns=gone)


def refuses(call: str, nth: int) -> Failure:
    """The nth call does nothing and gives something that is not so."""
    odd = {"GetSetProjectInfo": 77.0, "GetSetProjectInfo_String": (False, "")}
    return lambda song: song.fake.fail(call, nth=nth, returns=odd[call])


def renders(outcome: Outcome, track: str) -> Failure:
    def inject(song: Song) -> None:
        song.fake.rendering.outcomes[track] = outcome

    return inject


def file_fails(call: str, nth: int | None) -> Failure:
    return lambda song: song.fake.fail(call, nth=nth, returns="no space left on device")


BROKEN: tuple[Outcome, ...] = ("stub", "nothing", "short")
NUMBERS, TEXTS = "GetSetProjectInfo", "GetSetProjectInfo_String"
FAILURES: dict[str, Failure] = {
    **{f"{NUMBERS} raises, {nth}": fails(NUMBERS, nth) for nth in (1, 2, 3, 9, 22, 25, 26, 30, 35, 38, 41, 43, 50, 60, 70, 80)},
    **{f"{NUMBERS} lies, {nth}": refuses(NUMBERS, nth) for nth in (24, 27, 33, 36, 39, 42, 47, 55, 65, 75)},
    **{f"{TEXTS} raises, {nth}": fails(TEXTS, nth) for nth in range(1, 19, 2)},
    **{f"{TEXTS} lies, {nth}": refuses(TEXTS, nth) for nth in range(5, 17, 2)},
    **{f"{outcome} of {track}": renders(outcome, track) for outcome in BROKEN for track in ("*", "Bass", "Kick")},
    **{f"{call} raises, {nth}": fails(call, nth) for call, nth in (
        ("IsTrackSelected", 1), ("IsTrackSelected", 4), ("SetOnlyTrackSelected", 1), ("SetOnlyTrackSelected", 3), ("SetOnlyTrackSelected", 5),
        ("SetTrackSelected", 1), ("SetTrackSelected", 3), ("file_exists", 2), ("Main_OnCommand", 1), ("TrackFX_SetEnabled", 1),
        ("TrackFX_SetEnabled", 2), ("TrackFX_GetFXGUID", 1), ("TrackFX_GetFXGUID", 4), ("GetMasterTrack", 1), ("ValidatePtr2", 2),
    )},
    **{f"{call} fails, {nth}": file_fails(call, nth) for call, nth in (("io.open", 3), ("io.open", 5), ("io.open", None), ("os.rename", 1), ("os.rename", None))},
}  # fmt: skip


def at_work(folder, lua: str) -> Song:
    song = Song(folder, lua=lua).band()
    song.project["Vox"].selected = song.project["Drums"].selected = True
    song.project.render.texts["RENDER_FORMAT2"] = "l3pmQAEAAA=="  # the user renders MP3 beside it
    for name in ("Bass", "Kick"):
        effect = song.fake.add_effect("ReaComp")
        song.project[name].fx.append(effect)
    song.has_inserted(song.project["Bass"], song.project["Bass"].fx[0])
    song.service_runs()
    return song


def users(song: Song) -> Users:
    """Return what is the user's: render settings, selection, effects."""
    return (
        song.project.render.values(),
        {track.guid: track.selected for track in song.project.strips()},
        {fx.guid: fx.enabled for track in song.project.strips() for fx in track.fx},
    )


def after(song: Song, before: Users) -> Users:
    """Return what was the user's before, without tracks that are gone."""
    there = {track.guid for track in song.project.strips()}
    effects = {fx.guid for track in song.project.strips() for fx in track.fx}
    settings, selected, enabled = before
    return (
        settings,
        {guid: on for guid, on in selected.items() if guid in there},
        {guid: on for guid, on in enabled.items() if guid in effects},
    )


def test_enough_is_let_fail():
    assert len(FAILURES) >= LEAST


@pytest.mark.parametrize("failure", FAILURES)
def test_settings_selection_and_effects_are_the_users_again(failure, tmp_path):
    lua = LUAS[list(FAILURES).index(failure) % 2]
    song = at_work(tmp_path, lua)
    before = users(song)
    song.run("export", bounced="post_effects")
    FAILURES[failure](song)
    song.fake.spin(3)
    assert users(song) == after(song, before)
    assert song.fake.undo_points == []
    song.fake.faults.clear()
    song.fake.stop()
    assert users(song) == after(song, before)
    told = list(song.exports.glob("*/session.json"))
    for path in told:  # what was exported is whole
        document = json.loads(path.read_text(encoding="utf-8"))
        assert document["tracks"]
        assert all((path.parent / one["stem"]).stat().st_size > 44 for one in document["tracks"])
    assert told or song.said("Nothing was exported") or song.said("AMA's mailbox")


def test_what_reaper_does_not_take_back_at_once_is_told_and_put_back_at_the_end(tmp_path):
    song = at_work(tmp_path, "5.4")
    before = users(song)
    song.fake.after("Main_OnCommand", lambda *_: song.fake.fail("GetSetProjectInfo", returns=gone))
    song.export()
    assert users(song)[0] != before[0]
    assert song.said("are not as they were")
    song.fake.faults.clear()
    song.fake.stop()
    assert users(song) == before


@pytest.mark.parametrize("name", ["Bass", "Vox", "Drums"])
def test_a_track_that_is_deleted_meanwhile_does_no_harm(name, tmp_path):
    song = Song(tmp_path).band()
    song.project["Vox"].selected = song.project["Drums"].selected = True
    before = users(song)
    song.fake.rendering.meanwhile = lambda: song.project.delete(song.project[name])
    song.export()
    assert users(song) == after(song, before)


def test_a_track_that_cannot_be_rendered_is_left_out_and_the_others_are_there(tmp_path):
    song = at_work(tmp_path, "5.4")
    song.fake.rendering.outcomes.update(Bass="stub", Kick="nothing", Snare="short")
    song.export()
    assert [one["name"] for one in song.document()["tracks"]] == ["Vox"]
    reasons = song.left_out()
    assert reasons["Bass"] == "REAPER rendered an empty file of it"
    assert reasons["Kick"] == "REAPER rendered no file of it"
    assert "0.2 of 0.5 seconds" in reasons["Snare"] or "0.3 of 0.5 seconds" in reasons["Snare"]
    assert sorted(path.name for path in song.folder.iterdir()) == ["04 Vox.wav", "session.json"]


@pytest.mark.parametrize("content", [b"no sound at all", b"RIFF\0\0\0\0WAVE", b""])
def test_a_file_that_is_no_wav_is_left_out(content, tmp_path):
    song = at_work(tmp_path, "5.4")

    def spoil(*_: object) -> None:
        next(song.folder.glob("*03.wav")).write_bytes(content)

    song.fake.after("Main_OnCommand", spoil)
    song.export()
    assert len(song.document()["tracks"]) == 3
    (reason,) = [why for why in song.left_out().values() if "folder" not in why]
    assert "cannot be read" in reason or "empty file" in reason
    assert len(list(song.folder.iterdir())) == 4


def test_a_reaper_without_stems_before_the_fader_says_so(tmp_path):
    song = at_work(tmp_path, "5.3")
    own = song.project.render.numbers

    def forgets(_project: object, key: str, value: float, is_set: bool) -> None:
        if key == "RENDER_SETTINGS" and is_set:
            own[key] = float(int(value) & ~8192)

    song.fake.after("GetSetProjectInfo", forgets)
    song.run("export", bounced="post_effects")
    song.fake.spin(2)
    assert song.said("cannot render stems before the fader")
    assert own["RENDER_SETTINGS"] == 0.0


def test_whole_numbers_in_the_stems_are_told(tmp_path):
    song = at_work(tmp_path, "5.4")
    texts = song.project.render

    def only_default(_project: object, key: str, value: str, is_set: bool) -> None:
        if key == "RENDER_FORMAT" and is_set and value.startswith("ZXZhdyA"):
            texts.texts[key] = "bDNwbUAB"

    song.fake.after("GetSetProjectInfo_String", only_default)
    song.export()
    assert song.said("is cut off")
    assert song.document()["tracks"]


def test_samples_that_reaper_does_not_give_leave_a_track_out(tmp_path):
    song = Song(tmp_path)
    for at in range(3):
        song.project.add(f"T{at}", sound=noise(at))
    song.fake.fail("GetAudioAccessorSamples", nth=2, returns=-1)
    song.fake.fail("CreateTrackAudioAccessor", nth=3, returns=None)
    song.export("raw")
    assert [one["name"] for one in song.document()["tracks"]] == ["T0"]
    assert set(song.left_out().values()) == {"REAPER does not give its samples"}
    assert song.fake.accessors == []
    assert len(list(song.folder.glob("*.wav"))) == 1


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    song = at_work(tmp_path, "5.4")
    song.exports.write_text("in the way")
    song.run("export", bounced="post_effects")
    song.fake.spin(1)
    assert song.said("cannot be made")
    assert song.fake.rendering.log == []


def test_nothing_is_rendered_where_reaper_would_ask_about_a_file(tmp_path):
    song = at_work(tmp_path, "5.4")
    song.fake.fail("file_exists", nth=2, returns=True)
    song.run("export", bounced="post_effects")
    song.fake.spin(1)
    assert song.said("REAPER would write over")
    assert song.fake.rendering.log == []
