"""AMA Listen, and what AMA Export becomes when it is done: a heartbeat, a window that tells how far AMA is, and requests that are taken."""

from __future__ import annotations

import json

import pytest

from tests.daw.reaper.exporting import LUAS, Song, gone

QUARTER_S = 15 * 60
CALLS_A_SECOND = 250
"""`reaper.` calls while nothing happens: thirty ticks, five listings of a mailbox with few files, a heartbeat."""


@pytest.fixture(params=LUAS)
def song(request, tmp_path):
    song = Song(tmp_path, lua=request.param).band()
    song.service_runs()
    return song


def request(
    song: Song, *, ask: bool, fader_db: float = -12.0, name: str = "p1"
) -> dict[str, object]:
    bass = song.project["Bass"]
    offered = {"id": "level:bass", "track": bass.guid, "track_name": "Bass", "label": "Fader to -12 dB", "because": "Too loud.", "ticked": True}  # fmt: skip
    control = {"suggestion": "level:bass", "control": "fader_db", "value": fader_db, "expected": None, "when": [], "unless": []}  # fmt: skip
    strip = {
        "track": bass.guid,
        "name": "Bass",
        "by_name": False,
        "controls": [control],
        "inserts": [],
    }
    return {"schema": "ama.reaper/1", "id": name, "session": "", "ask": ask, "mailbox": "", "suggestions": [offered], "skipped": [], "strips": [strip]}  # fmt: skip


def test_a_heartbeat_comes_every_second_and_goes_at_the_end(song):
    song.run("listen")
    song.fake.spin(0.5)
    first = song.read("heartbeat.json")
    assert (first["schema"], first["script"], first["project"]) == (
        "ama.heartbeat/1",
        "AMA Listen",
        "Song",
    )
    assert first["version"].startswith("7.38")
    assert first["actions"]["AMA Listen"].startswith("_RS")
    ages = []
    for _ in range(20):
        song.fake.spin(1)
        ages.append(song.fake.clock.unix_s() - song.read("heartbeat.json")["time_s"])
    assert max(ages) < 2.5
    song.fake.window.close()
    song.fake.spin(1)
    assert not song.fake.running
    assert not (song.mailbox / "heartbeat.json").exists()


def test_it_ends_by_itself_after_a_quarter_of_an_hour(song):
    song.run("listen")
    assert song.fake.spin(QUARTER_S - 5)
    assert not song.fake.spin(10)
    assert not song.fake.window.is_open
    assert not (song.mailbox / "heartbeat.json").exists()


def test_a_script_that_is_ended_takes_its_heartbeat_along(song):
    song.run("listen")
    song.fake.spin(2)
    song.fake.stop()
    assert not (song.mailbox / "heartbeat.json").exists()


def test_waiting_costs_next_to_nothing_and_draws_nothing(song):
    song.run("listen")
    song.fake.spin(3)
    calls, files, frames = song.fake.api_calls, song.fake.calls["io.open"], song.fake.window.frames
    song.fake.spin(10)
    assert song.fake.api_calls - calls < 10 * CALLS_A_SECOND
    assert song.fake.calls["io.open"] - files < 10 * 10  # heartbeat, service, status
    assert song.fake.window.frames == frames


def test_a_request_is_taken_and_asked_in_the_same_script(song):
    song.run("listen")
    song.fake.spin(1)
    song.post("request.json", request(song, ask=True))
    song.fake.spin(0.5)
    assert not (song.mailbox / "request.json").exists()
    assert song.fake.window.title == "AMA Apply"
    before = song.read("heartbeat.json")["time_s"]
    song.fake.spin(3)
    assert song.read("heartbeat.json")["time_s"] > before  # it still listens
    song.fake.window.click_on("Apply 1 of 1")
    song.fake.spin(1)
    result = song.read("result-p1.json")
    assert [one["suggestion"] for one in result["applied"]] == ["level:bass"]
    assert song.project["Bass"].volume == pytest.approx(10 ** (-12 / 20))
    assert len(song.fake.undo_points) == 1
    song.fake.window.press(27)
    song.fake.spin(1)
    assert song.fake.running  # AMA Listen goes on
    song.post("request.json", request(song, ask=False, fader_db=-6.0, name="p2"))
    song.fake.spin(1)
    assert song.read("result-p2.json")["applied"]


def test_a_wish_to_take_back_is_carried_out(song):
    song.run("listen")
    song.post("request.json", request(song, ask=False))
    song.fake.spin(1)
    song.post("revert.json", {"schema": "ama.revert/1", "id": "", "ask": False})
    song.fake.spin(1)
    (path,) = song.mailbox.glob("reverted-*.json")
    assert json.loads(path.read_text(encoding="utf-8"))["restored"]
    assert song.project["Bass"].volume == 0.5


def test_an_export_shows_how_far_ama_is_and_ends_with_its_answer(song):
    song.export()
    assert song.said("AMA has been told and begins soon")
    name = song.read("exported.json")["id"]
    song.post(
        "status.json",
        {"schema": "ama.status/1", "id": name, "share": 0.4, "stage": "measuring Vox", "error": ""},
    )
    song.fake.spin(1)
    assert song.said("AMA: Measuring Vox ...")
    bar = [
        each
        for each in song.fake.window.last.rectangles
        if each.filled and each.height < 10 and each.colour[1] > 0.6
    ]
    assert bar
    song.post(
        "status.json",
        {"schema": "ama.status/1", "id": "another", "share": 1, "stage": "x", "error": ""},
    )
    song.fake.spin(1)
    assert song.said("AMA has been told")
    song.post(
        "status.json",
        {"schema": "ama.status/1", "id": name, "share": 0, "stage": "", "error": "No loudness."},
    )
    song.fake.spin(1)
    assert song.said("No loudness.")
    song.post("request.json", request(song, ask=False))
    assert not song.fake.spin(3)
    assert song.read("result-p1.json")["applied"]
    assert not (song.mailbox / "heartbeat.json").exists()


def test_a_service_that_does_not_start_is_told_with_the_command(tmp_path):
    song = Song(tmp_path).band()
    song.export()
    assert song.said("AMA starts ...")
    song.fake.spin(31)
    assert song.said("AMA did not start.")
    assert song.said(f'ama serve --state "{song.state}"'.split()[0])
    song.service_runs()
    song.fake.spin(1)
    assert song.said("AMA has been told")


@pytest.mark.parametrize("answer", [None, gone])
def test_where_no_program_can_be_started_the_user_is_told(tmp_path, answer):
    song = Song(tmp_path).band()
    song.fake.execute = lambda *arguments: answer(*arguments) if answer else None
    song.export()
    song.fake.spin(1)
    assert song.said("AMA does not run.")
    song.fake.execute = lambda *_: ""
    song.fake.window.click_on("Start AMA")
    song.fake.spin(1)
    assert song.said("AMA starts ...")


def test_an_old_sign_of_a_service_is_none(tmp_path):
    song = Song(tmp_path)
    song.post(
        "service.json",
        {"schema": "ama.service/1", "pid": 1, "time_s": song.fake.clock.unix_s() - 11},
    )
    song.run("listen")
    song.fake.spin(1)
    assert song.said("AMA does not run.")


def test_broken_files_in_the_mailbox_do_no_harm(song):
    song.run("listen")
    for name in ("service.json", "status.json", "actions.json"):
        (song.mailbox / name).write_bytes(b'{"schema": "ama.')
    song.fake.spin(2)
    song.post(
        "status.json", {"schema": "ama.status/1", "id": 5, "share": [], "stage": None, "error": {}}
    )
    song.fake.spin(2)
    assert song.fake.running
    (song.mailbox / "request.json").write_bytes(b"{")
    song.fake.spin(1)
    assert song.said("request.json cannot be read")


def test_a_request_that_cannot_be_taken_away_is_carried_out_once(song):
    song.run("listen")
    song.post("request.json", request(song, ask=False))
    song.fake.fail("os.remove", returns="it is used by another program")
    song.fake.spin(3)
    assert (song.mailbox / "request.json").exists()
    assert len(song.fake.undo_points) == 1
    song.fake.faults.clear()
    (song.mailbox / "request.json").unlink()
    song.fake.spin(1)
    song.post("request.json", request(song, ask=False, fader_db=-3.0))
    song.fake.spin(1)
    assert len(song.fake.undo_points) == 2


def test_where_ama_stops_in_the_middle_the_user_is_told(song):
    song.run("listen")
    song.post("request.json", request(song, ask=False))
    song.fake.fail("CountTracks", nth=1, returns=gone)
    song.fake.spin(1)
    assert song.fake.running
    assert song.said("stopped") or song.read("result-p1.json")["skipped"]


def test_every_script_notes_what_its_action_is_called(tmp_path):
    song = Song(tmp_path).band()
    song.run("listen")
    song.fake.stop()
    song.run("apply")
    song.fake.stop()
    noted = song.read("actions.json")
    assert noted["resource_path"] == str(song.fake.resource_path)
    assert set(noted["actions"]) == {"AMA Listen", "AMA Apply"}
    assert all(song.fake.actions.lookup(name) for name in noted["actions"].values())
    other = noted | {"resource_path": "/elsewhere"}
    song.post("actions.json", other)
    song.run("settings")
    assert set(song.read("actions.json")["actions"]) == {
        "AMA Settings"
    }  # another REAPER's are no good here


def test_in_reaper_6_it_runs_without_what_came_later(tmp_path):
    song = Song(tmp_path, lua="5.3", version="6.80").band()
    song.service_runs()
    song.run("export")
    song.fake.spin(0.3)
    assert not song.said("before the fader")  # REAPER 7 has that
    song.fake.window.press(13)
    song.fake.spin(3)
    assert song.document()["bounced"] == "post_fader"
    assert len(song.document()["tracks"]) == 4


def test_a_mailbox_that_cannot_be_written_to_is_told(tmp_path):
    song = Song(tmp_path).band()
    song.state.write_text("in the way")
    song.run("listen")
    song.fake.spin(0.5)
    assert song.said("cannot be written to; AMA Settings sets another.")
    song.fake.stop()
    song.run("export")
    song.fake.spin(0.5)
    assert song.said("cannot be written to")
