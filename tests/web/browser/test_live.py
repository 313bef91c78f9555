"""Every open page is in step, and one that lost its service finds it again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.bridge.plans import FakeAnalyst
from tests.bridge.services import Client, tell_session
from tests.web.browser.chromium import watched_page
from tests.web.browser.conftest import Desk
from tests.web.browser.hands import Hands
from tests.web.services import Served, Web, served, web_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

WINDOWS = 8
"""More than the six connections that Chromium opens to a host."""


def test_a_second_page_sees_the_first_ones_decision(
    desk: Desk, plan: str, suggestions: list[dict[str, Any]]
) -> None:
    one, two = desk(), desk(width=1100)
    one.see_plan(plan)
    two.see_plan(plan)
    first = suggestions[0]["id"]
    one.card(first).locator(".accept").click()
    two.wait_standing(first, "accepted")
    two.card(first).locator(".reject").click()
    one.wait_standing(first, "rejected")


def test_many_windows_of_one_browser_are_all_in_step(
    desk: Desk, plan: str, suggestions: list[dict[str, Any]], real: Served
) -> None:
    first = suggestions[0]["id"]
    hands = desk()
    windows = [hands, *(Hands(hands.page.context.new_page(), real.url) for _ in range(WINDOWS - 1))]
    for each in windows:
        each.see_plan(plan)
    windows[-1].card(first).locator(".accept").click()
    for each in windows:
        each.wait_standing(first, "accepted")
    windows[0].page.close()
    windows[1].card(first).locator(".reject").click()
    windows[-1].wait_standing(first, "rejected")


def test_undo_leaves_alone_what_another_page_decided_since(
    desk: Desk, plan: str, suggestions: list[dict[str, Any]]
) -> None:
    one, two = desk(), desk()
    one.see_plan(plan)
    two.see_plan(plan)
    first = suggestions[0]["id"]
    one.card(first).locator(".accept").click()
    two.wait_standing(first, "accepted")
    two.card(first).locator(".reject").click()
    one.wait_standing(first, "rejected")
    one.page.keyboard.press("Control+z")
    one.page.wait_for_selector("button[aria-label^=Undo]:disabled")
    assert one.standing(first) == two.standing(first) == "rejected"


def test_what_a_daw_tells_over_osc_appears_by_itself(
    small_desk: Desk, osc: Client, stems: dict[str, Path]
) -> None:
    hands = small_desk()
    hands.visit()
    hands.page.wait_for_selector("#no-session:visible")
    tell_session(osc, stems, "From the DAW", daw="ardour")
    hands.page.wait_for_selector(".session[aria-current=true]:has-text('From the DAW')")
    hands.page.wait_for_selector(f".tracks tbody tr:nth-child({len(stems)})")
    assert hands.page.locator(".tracks tbody tr").count() == len(stems)
    osc.send("/suggest", "s", "From the DAW")
    hands.page.wait_for_selector(".card")


def test_new_suggestions_of_someone_else_do_not_take_the_page_away_from_work(
    small_desk: Desk, web: Web, ear: Any, stems: dict[str, Path]
) -> None:
    web.tell_session(stems)
    web.do("/suggest", session="song")
    plan = ear.until_job("suggest", "done")["result"]["plan"]
    hands = small_desk()
    hands.see_plan(plan)
    hands.page.keyboard.press("j")
    hands.page.keyboard.press("a")
    hands.page.wait_for_selector(".card[data-standing=accepted]")
    web.do("/suggest", session="song")
    notice = hands.page.locator(".notice")
    notice.wait_for()
    assert hands.page.locator(".card[data-standing=accepted]").count() == 1
    notice.get_by_text("Show").click()
    hands.page.wait_for_function("() => !document.querySelector('.card[data-standing=accepted]')")


def test_a_page_that_lost_its_service_finds_it_again(
    browser: Browser, pages: Callable[..., Any], tmp_path: Path, stems: dict[str, Path]
) -> None:
    page = pages(watched_page(browser, expects=("net::ERR_", "Failed to load resource")))
    with served(tmp_path / "state", FakeAnalyst()) as first:
        hands = Hands(page, first.url)
        hands.visit()
    page.wait_for_selector("[data-connection=lost]")
    assert page.inner_text(".light") == "AMA does not answer"
    with served(tmp_path / "state", FakeAnalyst(), http_port=first.port) as second:
        with web_of(second) as web:
            web.tell_session(stems, "afterwards")
        page.wait_for_selector("[data-connection=open]")
        page.wait_for_selector(".session[aria-current=true]:has-text('afterwards')")
        page.goto("about:blank")
