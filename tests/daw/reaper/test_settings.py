"""AMA Settings on the fake REAPER: what it shows, what it keeps."""

from __future__ import annotations

import pytest

from tests.daw.reaper.exporting import LUAS, Song

ENTER, ESCAPE = 13, 27


@pytest.fixture(params=LUAS)
def song(request, tmp_path):
    return Song(tmp_path, lua=request.param)


def opened(song: Song) -> None:
    song.run("settings")
    song.fake.spin(0.3)


def test_it_shows_where_it_looks_and_whether_ama_runs(song):
    opened(song)
    assert song.said(f"Mailbox: {song.mailbox}")
    assert song.said("as it was installed")
    assert song.said("AMA does not run")
    song.service_runs(99)
    song.fake.spin(1.5)
    assert song.said("AMA runs")
    assert song.said("process 99")


def test_ama_is_started_from_it(song):
    opened(song)
    song.fake.window.click_on("Start")
    song.fake.spin(0.5)
    assert song.fake.processes == [(f'ama serve --state "{song.state}"', -1)]


def test_choices_are_kept_for_good_whichever_way_it_is_closed(song):
    for close in (
        lambda: song.fake.window.press(ESCAPE),
        lambda: song.fake.window.press(ENTER),
        lambda: song.fake.window.close(),
    ):
        song.fake.ext_state.clear()
        opened(song)
        song.fake.window.click_on("After fader and pan")
        song.fake.window.click_on("AMA EQ, AMA Compressor, AMA Gate")
        song.fake.spin(0.5)
        close()
        assert not song.fake.spin(1)
        assert song.fake.ext_state == {("AMA", "stems"): "post_fader", ("AMA", "devices"): "ama"}
        assert {("AMA", "stems"), ("AMA", "devices")} <= song.fake.persistent


def test_folder_and_command_are_changed_and_forgotten(song, tmp_path):
    opened(song)
    song.fake.answers.append(f"  {tmp_path}/other, with a comma/reaper ")
    song.fake.window.click_beside("The folder that AMA", 430)
    song.fake.spin(0.5)
    assert song.fake.ext_state["AMA", "mailbox"] == f"{tmp_path}/other, with a comma/reaper"
    assert song.said("set here")
    assert (tmp_path / "other, with a comma" / "reaper").is_dir()
    song.fake.answers.extend(["/opt/my ama/ama", None])
    for _ in range(2):
        song.fake.window.click_beside("How AMA's program", 430)
        song.fake.spin(0.5)
    assert song.fake.ext_state["AMA", "command"] == "/opt/my ama/ama"
    song.fake.window.click_on("Start")
    song.fake.spin(0.5)
    assert song.fake.processes[-1][0].startswith('"/opt/my ama/ama" serve --state "')
    song.fake.answers.append("")
    song.fake.window.click_beside("The folder that AMA", 430)
    song.fake.spin(0.5)
    assert ("AMA", "mailbox") not in song.fake.ext_state
    assert song.said(f"Mailbox: {song.mailbox}")


def test_a_mailbox_that_cannot_be_is_told(song):
    song.state.write_text("in the way")
    opened(song)
    assert song.said("AMA cannot be reached")
