"""AMA Apply as its user sees it: ticks, cancelling, and what happens while the window is open."""

from __future__ import annotations

import pytest

from ama_bridge.daw.mailbox import Mailbox
from tests.daw.reaper.applying import Desk, applied, control, reasons, request, strip


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def test_what_is_ticked_is_applied(desk):
    track = desk.project.add("Vox")
    desk.start(
        request(
            [strip(track, control("g", "fader_db", -3.0), control("p", "pan", 0.5))],
            ask=True,
            unticked=["p"],
        )
    )
    assert not (desk.mailbox / "request.json").exists()
    desk.fake.window.click_on("Apply 1 of 2")
    desk.fake.spin(1)
    result = desk.read("result-r1.json")
    assert applied(result) == {"g"}
    assert reasons(result) == {"p": "not ticked in REAPER"}
    assert any("1 suggestion applied and read back." in text for text in desk.fake.window.texts)


def test_cancelling_changes_nothing_and_leaves_no_undo_point(desk):
    track = desk.project.add("Vox")
    before = desk.project.state()
    desk.start(request([strip(track, control("g", "fader_db", -3.0))], ask=True))
    desk.fake.window.close()
    desk.fake.spin(1)
    assert reasons(desk.read("result-r1.json")) == {"g": "the preview in REAPER was cancelled"}
    assert desk.project.state() == before
    assert desk.fake.undo_points == []


def test_what_ama_called_off_while_the_window_was_open_is_not_done(desk):
    track = desk.project.add("Vox")
    before = desk.project.state()
    desk.start(request([strip(track, control("g", "fader_db", -3.0))], ask=True))
    Mailbox(desk.mailbox, "REAPER").call_off("r1")
    desk.fake.window.click_on("Apply 1 of 1")
    desk.fake.spin(1)
    assert "called it off" in reasons(desk.read("result-r1.json"))["g"]
    assert any("nothing was set" in text for text in desk.fake.window.texts)
    assert desk.project.state() == before
    assert desk.fake.undo_points == []


def test_a_recording_that_began_while_the_window_was_open_is_left_alone(desk):
    track = desk.project.add("Vox")
    desk.start(request([strip(track, control("g", "fader_db", -3.0))], ask=True))
    desk.project.play_state = 5
    desk.fake.window.click_on("Apply 1 of 1")
    desk.fake.spin(1)
    assert reasons(desk.read("result-r1.json")) == {"g": "REAPER is recording"}


def test_without_a_request_it_says_so(desk):
    desk.post("request.json", {})
    (desk.mailbox / "request.json").unlink()
    desk.fake.run(desk.text("apply"))
    desk.fake.spin(0.3)
    assert any("nothing to apply" in text for text in desk.fake.window.texts)
