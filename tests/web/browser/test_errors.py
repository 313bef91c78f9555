"""Every refusal is shown with its sentence, where it belongs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ama_analysis.errors import WorkError
from tests.bridge.plans import FakeAnalyst
from tests.web.browser.conftest import Desk
from tests.web.services import Web

pytestmark = pytest.mark.browser

REFUSED = ("the server responded with a status of 4",)
"""Chromium notes each refusal in its console."""


def test_a_folder_that_is_not_there_is_told_in_the_chooser(
    small_desk: Desk, tmp_path: Path
) -> None:
    hands = small_desk(expects=REFUSED)
    hands.visit()
    hands.open_chooser("#open-folder")
    hands.go_to(tmp_path / "nowhere")
    problem = hands.page.locator("#chooser .problem")
    problem.wait_for()
    assert "nowhere" in problem.inner_text()
    hands.go_to(tmp_path)
    problem.wait_for(state="hidden")


def test_the_button_opens_what_the_path_says_and_nothing_else(
    small_desk: Desk, web: Web, stems: dict[str, Path], tmp_path: Path
) -> None:
    folder = next(iter(stems.values())).parent
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(next(iter(stems.values())), other)
    hands = small_desk(expects=REFUSED)
    hands.visit()
    hands.open_chooser("#open-folder")
    hands.go_to(other)
    place, choose = hands.page.locator("#chooser .path"), hands.page.locator("#choose")
    place.fill(str(tmp_path / "nowhere"))
    choose.click()
    hands.page.locator("#chooser .problem:visible").wait_for()
    assert choose.is_disabled()
    assert web.state()["sessions"] == []
    place.fill(f"'{folder}'")
    choose.click()
    hands.page.wait_for_selector(".session[aria-current=true]")
    assert [each["folder"] for each in web.state()["sessions"]] == [str(folder)]


def test_a_file_that_is_named_is_chosen_in_its_folder(
    small_desk: Desk, web: Web, stems: dict[str, Path]
) -> None:
    web.tell_session(stems)
    song = next(iter(stems.values()))
    hands = small_desk()
    hands.visit()
    hands.open_chooser("#add-reference")
    hands.page.locator("#chooser .path").fill(str(song))
    hands.page.locator("#chooser .path").press("Enter")
    chosen = hands.page.locator("#chooser .file[aria-pressed=true]")
    chosen.wait_for()
    assert song.name in chosen.inner_text()
    hands.page.click("#choose")
    hands.page.locator(".references li", has_text=song.name).wait_for()


def test_a_file_that_is_dropped_does_not_take_the_page_away(small_desk: Desk) -> None:
    hands = small_desk()
    hands.visit()
    drop = """
    (type) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.setData(type, "file:///song.flac");
      const event = new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true });
      return !document.body.dispatchEvent(event);
    }
    """
    assert hands.evaluate(drop, "text/uri-list")
    assert not hands.evaluate(drop, "text/plain")


def test_work_that_fails_says_why_beside_its_button(
    small_desk: Desk, web: Web, analyst: FakeAnalyst, stems: dict[str, Path]
) -> None:
    analyst.fails_with = WorkError("kick.wav ends in the middle.", hint="Bounce it again.")
    web.tell_session(stems)
    hands = small_desk()
    hands.visit()
    hands.page.click("#suggest")
    problem = hands.page.locator("#suggesting .problem")
    problem.wait_for()
    assert problem.inner_text() == "kick.wav ends in the middle. Bounce it again."
    analyst.fails_with = None
    hands.page.click("#suggest")
    hands.page.wait_for_selector(".card")
    problem.wait_for(state="hidden")


def test_a_problem_is_told_at_its_session_and_goes_when_the_aim_changes(
    small_desk: Desk, web: Web, analyst: FakeAnalyst, stems: dict[str, Path]
) -> None:
    analyst.fails_with = WorkError("kick.wav ends in the middle.", hint="Bounce it again.")
    web.tell_session(stems, "one")
    web.tell_session(stems, "two")
    hands = small_desk()
    hands.visit(session="one")
    hands.page.click("#suggest")
    problem = hands.page.locator("#suggesting .problem")
    problem.wait_for()
    hands.page.click(".session:has-text('two')")
    problem.wait_for(state="hidden")
    hands.page.click(".session:has-text('one')")
    problem.wait_for()
    hands.page.check("#aim input[value=style]")
    problem.wait_for(state="hidden")


def test_a_time_that_is_none_is_told_before_anything_is_sent(
    desk: Desk, plan: str, example: Path
) -> None:
    hands = desk()
    hands.see_plan(plan)
    field = hands.page.get_by_label("From (m:ss)").first
    field.fill("one minute")
    field.press("Enter")
    problem = hands.page.locator("#aim .problem").first
    problem.wait_for()
    assert problem.inner_text().startswith("one minute is not a time.")


def test_a_section_outside_of_its_song_is_told_where_it_was_typed(
    desk: Desk, example: Path, real_web: Web
) -> None:
    real_web.do("/session/open", path=str(example), session="sectioned")
    reference = str(example / "references" / "caesium.ogg")
    real_web.do("/session/reference", session="sectioned", path=reference)
    real_web.do("/session/commit", session="sectioned")
    hands = desk(expects=REFUSED)
    hands.visit(session="sectioned")
    hands.page.wait_for_selector(".references li")
    field = hands.page.get_by_label("From (m:ss)")
    field.fill("9:00")
    field.press("Enter")
    problem = hands.page.locator("#aim .problem:visible")
    problem.wait_for()
    hands.page.wait_for_selector(".section input[aria-invalid=true]")
    (session,) = (each for each in real_web.state()["sessions"] if each["name"] == "sectioned")
    assert session["references"] == [reference], "what is refused is not kept"
    assert session["committed"]
    assert field.input_value() == "9:00", "it stays to be corrected"
    field.press("Escape")
    problem.wait_for(state="hidden")
    assert field.input_value() == ""
