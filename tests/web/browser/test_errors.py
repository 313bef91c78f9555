"""Every refusal is shown with its sentence, where it belongs."""

from __future__ import annotations

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
    hands.page.locator("#aim").get_by_text("Style").click()
    problem.wait_for(state="hidden")


def test_a_time_that_is_none_is_told_before_anything_is_sent(
    desk: Desk, plan: str, example: Path
) -> None:
    hands = desk()
    hands.see_plan(plan)
    field = hands.page.get_by_label("From (m:ss)").first
    field.fill("one minute")
    field.press("Tab")
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
    field.press("Tab")
    hands.page.locator("#aim .problem:visible, #suggesting .problem:visible").first.wait_for()
