"""What was learned of the user is shown, and forgotten when the user says so twice."""

from __future__ import annotations

import pytest

from tests.web.browser.conftest import Desk
from tests.web.services import Web

pytestmark = pytest.mark.browser


def test_what_was_learned_is_forgotten_only_when_asked_twice(
    desk: Desk, plan: str, real_web: Web
) -> None:
    real_web.do("/decide", plan=plan, suggestion_id="*", decision="accept")
    hands = desk()
    hands.see_plan(plan)
    hands.page.click("button[aria-label='What AMA has learned of you']")
    dialog = hands.page.locator("#preferences")
    dialog.get_by_text("It stays on this machine.").wait_for()
    lessons = len(real_web.get("/preferences")["lessons"])
    assert lessons > 0
    dialog.get_by_text("Forget all of it").click()
    assert len(real_web.get("/preferences")["lessons"]) == lessons
    dialog.get_by_text("Keep it").click()
    assert len(real_web.get("/preferences")["lessons"]) == lessons
    dialog.get_by_text("Forget all of it").click()
    dialog.get_by_role("button", name="Forget it").click()
    dialog.get_by_text("Nothing yet.").wait_for()
    assert real_web.get("/preferences")["lessons"] == []
