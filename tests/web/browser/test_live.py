"""Every open page is in step, and one that lost its service finds it again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ama_analysis.plan import MixPlan
from ama_analysis.progress import OnProgress
from ama_analysis.session import Session
from ama_bridge.daw.port import Move, OnMove, OnStanding
from tests.bridge.daws import AskingDaw, assistant_with
from tests.bridge.plans import FakeAnalyst
from tests.bridge.services import Client, tell_session
from tests.web.browser.chromium import watched_page
from tests.web.browser.conftest import Desk
from tests.web.browser.hands import Hands
from tests.web.services import Ear, Served, Web, served, web_of

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


def test_suggestions_for_another_session_are_offered_under_its_name(
    small_desk: Desk, analyst: FakeAnalyst, web: Web, stems: dict[str, Path]
) -> None:
    web.tell_session(stems, "one")
    web.tell_session(stems, "two")
    analyst.gate.clear()
    hands = small_desk()
    hands.visit(session="one")
    hands.page.click("#suggest")
    hands.page.wait_for_selector("#suggesting .progress:not([hidden])")
    hands.page.click(".session:has-text('two')")
    hands.page.wait_for_selector(".session[aria-current=true]:has-text('two')")
    analyst.gate.set()
    notice = hands.page.locator(".notice")
    notice.wait_for()
    assert "New suggestions for one." in notice.inner_text()
    assert hands.page.locator(".card").count() == 0
    assert hands.evaluate("location.hash") == "#session=two"
    notice.get_by_text("Show").click()
    hands.page.wait_for_selector(".card")
    assert hands.page.inner_text(".session[aria-current=true] .name") == "one"
    assert hands.evaluate("location.hash") == "#session=one&plan=one-0001"


def test_new_suggestions_that_this_page_asked_for_leave_an_open_editor_alone(
    small_desk: Desk, web: Web, ear: Any, stems: dict[str, Path]
) -> None:
    web.tell_session(stems)
    web.do("/suggest", session="song")
    hands = small_desk()
    hands.see_plan(ear.until_job("suggest", "done")["result"]["plan"])
    hands.page.keyboard.press("j")
    hands.page.keyboard.press("e")
    field = hands.page.locator(".editor input").first
    field.fill("-1.25")
    hands.page.click("#suggest")
    notice = hands.page.locator(".notice")
    notice.wait_for()
    assert field.input_value() == "-1.25"
    field.press("Escape")
    notice.get_by_text("Show").click()
    hands.page.wait_for_function("() => location.hash.endsWith('song-0002')")


def test_what_is_decided_while_ama_is_away_is_sent_when_it_is_back(
    browser: Browser, pages: Callable[..., Any], tmp_path: Path, stems: dict[str, Path]
) -> None:
    page = pages(watched_page(browser, expects=("net::ERR_", "Failed to load resource")))
    with served(tmp_path / "state", FakeAnalyst()) as first:
        with web_of(first) as web:
            ear = Ear(first.url)
            web.tell_session(stems)
            web.do("/suggest", session="song")
            plan = ear.until_job("suggest", "done")["result"]["plan"]
        hands = Hands(page, first.url)
        hands.see_plan(plan)
    page.wait_for_selector("[data-connection=lost]")
    edited, accepted = page.locator(".card").nth(0), page.locator(".card").nth(1)
    edited.get_by_label("Change the values").click()
    edited.locator(".editor input").first.fill("-1.25")
    edited.locator(".editor input").first.press("Enter")
    accepted.locator(".accept").click()
    page.wait_for_selector(".count:has-text('2 not sent yet')")
    with served(tmp_path / "state", FakeAnalyst(), http_port=first.port) as second:
        page.wait_for_selector("[data-connection=open]")
        hands.settled()
        assert "not sent" not in page.inner_text(".count")
        assert not page.locator(".problem:visible").count()
        with web_of(second) as web:
            decisions = web.get(f"/plans/{plan}")["decisions"]
        assert sorted(each["verdict"] for each in decisions.values()) == ["accept", "edit"]
        page.click("button[aria-label^=Undo]")
        page.wait_for_function(
            "() => document.querySelectorAll('.card[data-standing=accepted]').length === 0"
        )
        assert edited.get_attribute("data-standing") == "edited"
        hands.settled()
        page.goto("about:blank")


def test_another_address_in_the_same_window_opens_what_it_names(
    small_desk: Desk, web: Web, ear: Any, stems: dict[str, Path]
) -> None:
    web.tell_session(stems, "one")
    web.do("/suggest", session="one")
    plan = ear.until_job("suggest", "done")["result"]["plan"]
    web.tell_session(stems, "two")
    hands = small_desk()
    hands.visit(session="two")
    hands.page.wait_for_selector(".session[aria-current=true]:has-text('two')")
    hands.evaluate("plan => { location.hash = `session=one&plan=${plan}`; }", plan)
    hands.page.wait_for_selector(".card")
    assert hands.page.inner_text(".session[aria-current=true] .name") == "one"
    hands.evaluate("() => { location.hash = 'session=two'; }")
    hands.page.wait_for_selector(".session[aria-current=true]:has-text('two')")
    assert not hands.page.locator(".card:visible").count()


def test_what_was_not_sent_yet_is_sent_after_a_reload(
    desk: Desk, plan: str, suggestions: list[dict[str, Any]], real_web: Web
) -> None:
    hands = desk(expects=("net::ERR_", "Failed to load resource"))
    hands.see_plan(plan)
    hands.page.route("**/v1/decide", lambda route: route.abort())
    first, second = (each["id"] for each in suggestions[:2])
    with hands.page.expect_event("requestfailed"):
        hands.card(first).locator(".accept").click()
    hands.card(second).locator(".reject").click()
    hands.wait_standing(second, "rejected")
    assert real_web.get(f"/plans/{plan}")["decisions"] == {}
    hands.page.unroute("**/v1/decide")
    hands.page.reload()
    hands.wait_standing(first, "accepted")
    hands.wait_standing(second, "rejected")
    hands.settled()
    decisions = real_web.get(f"/plans/{plan}")["decisions"]
    assert {name: each["verdict"] for name, each in decisions.items()} == {
        first: "accept",
        second: "reject",
    }
    assert hands.evaluate("sessionStorage.getItem('ama.unsent')") == "[]", "and only once"


@pytest.mark.parametrize("width", [700, 1280, 1600])
def test_a_notice_leaves_free_what_decides_for_all(
    small_desk: Desk, web: Web, ear: Any, stems: dict[str, Path], width: int
) -> None:
    web.tell_session(stems)
    web.do("/suggest", session="song")
    hands = small_desk(width=width, height=800)
    hands.see_plan(ear.until_job("suggest", "done")["result"]["plan"])
    hands.page.keyboard.press("j")
    hands.page.keyboard.press("a")
    hands.page.wait_for_selector(".card[data-standing=accepted]")
    web.do("/suggest", session="song")
    hands.page.locator(".notice").wait_for()
    for scrolled in (0, 600):
        hands.evaluate("y => scrollTo(0, y)", scrolled)
        assert hands.evaluate(REACHED, ["#accept-rest", ".top .primary", "#suggest", "#render"])


REACHED = """
(names) => names.every((name) => {
  const element = document.querySelector(name);
  const box = element.getBoundingClientRect();
  if (box.width === 0 || box.bottom > innerHeight || box.top < 0) return true;
  const at = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return !at.closest(".notices");
})
"""


def test_a_plan_and_a_session_are_removed_after_a_question(
    small_desk: Desk, web: Web, ear: Any, stems: dict[str, Path]
) -> None:
    for name in ("one", "one", "two"):
        web.tell_session(stems, name)
        web.do("/suggest", session=name)
        ear.until_job("suggest", "done")
    hands, other = small_desk(), small_desk()
    for each in (hands, other):
        each.see_plan("one-0002")
    hands.page.get_by_label("Remove this plan", exact=True).click()
    hands.page.keyboard.press("Enter")
    hands.page.wait_for_selector("#remove", state="hidden")
    assert len(web.state()["plans"]) == 3, "Enter keeps"
    hands.page.get_by_label("Remove this plan", exact=True).click()
    hands.page.click("#remove-now")
    for each in (hands, other):
        each.page.wait_for_function("() => location.hash === '#session=one&plan=one-0001'")
    hands.page.get_by_label("Remove one", exact=True).click()
    assert "1 plan" not in hands.page.inner_text("#remove"), "no number where there is one"
    hands.page.click("#remove-now")
    for each in (hands, other):
        each.page.wait_for_selector(".session[aria-current=true]:has-text('two')")
        assert each.page.locator(".session").count() == 1
    assert hands.page.locator(".card").count()


def test_a_removal_that_is_refused_says_why(
    small_desk: Desk, web: Web, analyst: FakeAnalyst, stems: dict[str, Path]
) -> None:
    web.tell_session(stems)
    analyst.gate.clear()
    web.do("/suggest", session="song")
    hands = small_desk(expects=("the server responded with a status of 503",))
    hands.visit(session="song")
    hands.page.get_by_label("Remove song", exact=True).click()
    hands.page.click("#remove-now")
    problem = hands.page.locator("#remove .problem")
    problem.wait_for()
    assert problem.inner_text() == "song is worked on (suggest-1). Wait for it, or cancel it."
    analyst.gate.set()


def test_faders_stand_where_they_are_in_the_daw_now_and_where_the_mix_has_them(
    browser: Browser, pages: Callable[..., Any], tmp_path: Path, stems: dict[str, Path]
) -> None:
    daw, told = WatchedDaw(), "() => document.querySelector('.tracks td').textContent"
    assistant = assistant_with(tmp_path / "s", daw, Recovering())
    with served(tmp_path / "s", assistant=assistant) as at, web_of(at) as web:
        web.tell_session(stems, daw=daw.name)
        hands = Hands(pages(watched_page(browser)), at.url)
        hands.visit(session="song")
        hands.page.wait_for_selector(".tracks td:has-text('\u22126.0')")
        daw.on_move(Move(session="song", track_name="Kick", fader_db=-200.0))
        hands.page.wait_for_selector(".tracks td:has-text('\u2212\u221e')")
        web.do("/session/mix", session="song", path=str(stems["kick"]))
        web.do("/session/commit", session="song")
        hands.page.click("#suggest")
        hands.page.wait_for_selector(".card")
        hands.page.wait_for_selector(".tracks td:has-text('\u22123.5')")
        assert hands.evaluate(told) == "\u22123.5"
        hands.page.goto("about:blank")


class WatchedDaw(AskingDaw):
    """One whose faders the test moves."""

    on_move: OnMove

    def watch(self, on_move: OnMove, on_standing: OnStanding, stopping: threading.Event) -> None:
        self.on_move = on_move
        super().watch(on_move, on_standing, stopping)


class Recovering(FakeAnalyst):
    """Reads the kick's fader from the mix."""

    def advise(
        self, session: Session, *, engine: str, target: str | None, on_progress: OnProgress
    ) -> MixPlan:
        plan = super().advise(session, engine=engine, target=target, on_progress=on_progress)
        kick, *rest = plan.session.tracks
        tracks = (replace(kick, fader_db=-3.5), *rest)
        return replace(plan, session=replace(plan.session, tracks=tracks))
