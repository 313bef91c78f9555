"""Accept, reject, undecided, edit, undo: by button and by key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.bridge.plans import FakeAnalyst
from tests.web.browser.conftest import Desk
from tests.web.services import Web

pytestmark = pytest.mark.browser


def decisions(web: Web, plan: str) -> dict[str, Any]:
    found: dict[str, Any] = web.get(f"/plans/{plan}")["decisions"]
    return found


def test_the_keyboard_walks_decides_and_takes_back(
    desk: Desk, plan: str, suggestions: list[dict[str, Any]], real_web: Web
) -> None:
    first, second = (each["id"] for each in suggestions[:2])
    hands = desk()
    hands.see_plan(plan)
    press = hands.page.keyboard.press
    press("j")
    press("a")
    hands.wait_standing(first, "accepted")
    press("j")
    press("r")
    hands.wait_standing(second, "rejected")
    press("u")
    hands.wait_standing(second, "undecided")
    press("Control+z")
    hands.wait_standing(second, "rejected")
    press("Control+z")
    hands.wait_standing(second, "undecided")
    press("Control+z")
    hands.wait_standing(first, "undecided")
    press("Control+Shift+z")
    hands.wait_standing(first, "accepted")
    press("k")
    assert hands.evaluate("document.activeElement.dataset.id") == first
    hands.settled()
    hands.page.reload()
    hands.wait_standing(first, "accepted")
    assert {k: v["verdict"] for k, v in decisions(real_web, plan).items()} == {first: "accept"}


def test_accept_all_is_one_step_and_so_is_its_undo(
    desk: Desk, plan: str, suggestions: list[dict[str, Any]], real_web: Web
) -> None:
    hands = desk()
    hands.see_plan(plan)
    hands.page.click("#accept-rest")
    hands.page.wait_for_selector(f"#open-apply:has-text('Apply {len(suggestions)}')")
    hands.page.click("button[aria-label^=Undo]")
    hands.page.wait_for_function("() => !document.querySelector('.card[data-standing=accepted]')")
    hands.page.wait_for_selector("#clear-all:disabled")
    hands.settled()
    hands.page.reload()
    hands.page.wait_for_selector(".card")
    assert decisions(real_web, plan) == {}


def test_an_edit_is_drawn_sent_and_kept(
    desk: Desk, plan: str, suggestions: list[dict[str, Any]], real_web: Web
) -> None:
    filtered = next(s for s in suggestions if s["kind"] == "high_pass")
    hands = desk()
    hands.see_plan(plan)
    card = hands.card(filtered["id"])
    card.get_by_label("Change the values").click()
    card.locator("[name=cutoff_hz]").fill("95,5")
    card.locator("[name=cutoff_hz]").press("Enter")
    hands.wait_standing(filtered["id"], "edited")
    assert card.locator(".what").inner_text().startswith("High-pass at 95.5 Hz")
    assert "AMA suggested" in card.locator(".was").inner_text()
    hands.page.wait_for_function("() => !document.querySelector('.editor')")
    hands.settled()
    kept = decisions(real_web, plan)[filtered["id"]]
    assert (kept["verdict"], kept["values"]["cutoff_hz"]) == ("edit", 95.5)
    assert kept["values"]["slope_db_per_oct"] == filtered["values"]["slope_db_per_oct"]
    card.get_by_text("Use AMA").click()
    hands.wait_standing(filtered["id"], "accepted")


def test_a_faders_step_takes_its_place_along(
    desk: Desk, plan: str, suggestions: list[dict[str, Any]], real_web: Web
) -> None:
    fader = next(s for s in suggestions if s["kind"] == "gain" and s["values"]["delta_db"])
    stood_at = fader["values"]["fader_db"] - fader["values"]["delta_db"]
    hands = desk()
    hands.see_plan(plan)
    hands.card(fader["id"]).focus()
    hands.page.keyboard.press("e")
    hands.card(fader["id"]).locator("[name=delta_db]").fill("-2")
    hands.page.keyboard.press("Enter")
    hands.wait_standing(fader["id"], "edited")
    hands.settled()
    values = decisions(real_web, plan)[fader["id"]]["values"]
    assert values["delta_db"] == -2.0
    assert values["fader_db"] == pytest.approx(stood_at - 2.0)


def test_what_cannot_be_is_refused_in_place_and_escape_leaves(
    desk: Desk, plan: str, suggestions: list[dict[str, Any]], real_web: Web
) -> None:
    filtered = next(s for s in suggestions if s["kind"] == "high_pass")
    hands = desk()
    hands.see_plan(plan)
    card = hands.card(filtered["id"])
    said = card.locator(".what").inner_text()
    card.focus()
    hands.page.keyboard.press("Enter")
    card.locator("[name=cutoff_hz]").fill("90000")
    hands.page.keyboard.press("Enter")
    complaint = card.locator(".editor .problem")
    complaint.wait_for()
    assert complaint.inner_text() == "Cutoff lies between 5 and 20000 Hz."
    hands.page.keyboard.press("Escape")
    assert card.locator(".editor").count() == 0
    assert card.locator(".what").inner_text() == said
    assert hands.evaluate("document.activeElement.dataset.id") == filtered["id"]
    assert decisions(real_web, plan) == {}


def test_every_kind_of_suggestion_has_words_a_picture_and_fields(
    small_desk: Desk, web: Web, ear: Any, stems: dict[str, Path]
) -> None:
    web.tell_session(stems)
    web.do("/suggest", session="song")
    plan = ear.until_job("suggest", "done")["result"]["plan"]
    found = web.get(f"/plans/{plan}")["plan"]["suggestions"]
    hands = small_desk()
    hands.see_plan(plan)
    for each in found:
        card = hands.card(each["id"])
        assert "{" not in card.locator(".what").inner_text()
        assert card.locator("svg.mini path, svg.mini rect").count() > 1
        card.focus()
        hands.page.keyboard.press("e")
        assert card.locator(".editor label").count() > 0, each["kind"]
        hands.page.keyboard.press("Enter")
        hands.wait_standing(each["id"], "edited")
    hands.settled()
    kept = web.get(f"/plans/{plan}")["decisions"]
    for each in found:
        same = {**kept[each["id"]]["values"], **kept[each["id"]]["words"]}
        expected = {k: float(v) if isinstance(v, bool) else v for k, v in each["values"].items()}
        assert same == pytest.approx(expected), each["kind"]


def test_what_was_decided_stays_when_the_rest_is_accepted(
    desk: Desk, plan: str, suggestions: list[dict[str, Any]], real_web: Web
) -> None:
    hands = desk()
    hands.see_plan(plan)
    rejected, *rest = (each["id"] for each in suggestions)
    assert hands.page.inner_text("#accept-rest") == "Accept all"
    hands.card(rejected).locator(".reject").click()
    hands.wait_standing(rejected, "rejected")
    assert hands.page.inner_text("#accept-rest") == "Accept the rest"
    hands.page.click("#accept-rest")
    hands.page.wait_for_selector("#accept-rest:disabled")
    hands.settled()
    said = {k: v["verdict"] for k, v in decisions(real_web, plan).items()}
    assert said == {rejected: "reject"} | dict.fromkeys(rest, "accept")


def test_what_was_decided_stays_when_the_rest_of_a_track_is_rejected(
    desk: Desk, plan: str, suggestions: list[dict[str, Any]], real_web: Web
) -> None:
    hands = desk()
    hands.see_plan(plan)
    lead = [each["id"] for each in suggestions if each["track"] == "vox_lead"]
    hands.card(lead[1]).locator(".accept").click()
    head = hands.page.locator(".group-head", has_text="vox_lead")
    head.get_by_text("Reject the rest").click()
    hands.page.wait_for_selector(".group[data-track=vox_lead] .group-verdicts button:disabled")
    hands.settled()
    said = {k: v["verdict"] for k, v in decisions(real_web, plan).items()}
    assert said == dict.fromkeys(lead, "reject") | {lead[1]: "accept"}


def test_an_edit_is_sent_though_another_session_is_opened_before(
    small_desk: Desk, web: Web, ear: Any, stems: dict[str, Path]
) -> None:
    web.tell_session(stems)
    web.tell_session(stems, "another")
    web.do("/suggest", session="song")
    plan = ear.until_job("suggest", "done")["result"]["plan"]
    hands = small_desk()
    hands.see_plan(plan)
    held = hands.hold_first("**/decide")
    first, second = (hands.page.locator(".card").nth(at) for at in (1, 0))
    with hands.page.expect_request("**/decide"):
        first.locator(".accept").click()
    second.get_by_label("Change the values").click()
    second.locator(".editor input").first.fill("-1.25")
    second.locator(".editor input").first.press("Enter")
    hands.page.click(".session:has-text('another')")
    hands.page.wait_for_selector(".card", state="hidden")
    held[0].continue_()
    hands.settled()
    said = [each["verdict"] for each in decisions(web, plan).values()]
    assert sorted(said) == ["accept", "edit"]


def test_the_next_card_has_the_focus_where_a_decided_one_leaves_the_list(
    desk: Desk, plan: str, suggestions: list[dict[str, Any]]
) -> None:
    hands = desk()
    hands.see_plan(plan)
    order = hands.evaluate(
        "() => [...document.querySelectorAll('.card')].map((each) => each.dataset.id)"
    )
    hands.page.check(".list-head input[value=undecided]")
    for key in ("j", "j", "a", "r"):
        hands.page.keyboard.press(key)
    hands.page.wait_for_function(
        f"() => document.querySelectorAll('.card').length === {len(order) - 2}"
    )
    assert hands.evaluate("document.activeElement.dataset.id") == order[3]
    hands.page.check(".list-head input[value=kept]")
    assert hands.page.locator(".card").get_attribute("data-id") == order[1]


def test_the_focus_stays_in_its_part_of_the_page_where_a_control_goes_away(
    small_desk: Desk, analyst: FakeAnalyst, web: Web, stems: dict[str, Path]
) -> None:
    web.tell_session(stems)
    analyst.gate.clear()
    hands = small_desk()
    hands.visit(session="song")
    focused = "() => document.activeElement.id"
    hands.page.press("#suggest", "Enter")
    hands.page.wait_for_selector("#suggesting .progress:not([hidden])")
    assert hands.evaluate(focused) == "suggesting"
    analyst.gate.set()
    hands.page.wait_for_selector(".card")
    assert hands.evaluate(focused) == "suggesting"
    hands.page.press("#accept-rest", "Enter")
    hands.page.wait_for_selector("#accept-rest:disabled")
    assert hands.evaluate(focused) == "suggestions"


def test_skip_links_move_the_focus_and_leave_the_address_alone(desk: Desk, plan: str) -> None:
    hands = desk()
    hands.see_plan(plan)
    address = hands.evaluate("location.hash")
    assert plan in address
    for part in ("suggestions", "player"):
        hands.page.press(f".skip[href='#{part}']", "Enter")
        assert hands.evaluate("document.activeElement.id") == part
        assert hands.evaluate("location.hash") == address


def test_suggest_pressed_twice_asks_once(
    small_desk: Desk, analyst: FakeAnalyst, web: Web, stems: dict[str, Path]
) -> None:
    web.tell_session(stems)
    analyst.gate.clear()
    hands = small_desk()
    hands.visit(session="song")
    asked: list[str] = []
    hands.page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    hands.page.dblclick("#suggest")
    hands.page.wait_for_selector("#suggesting .progress:not([hidden])")
    analyst.gate.set()
    hands.page.wait_for_selector(".card")
    assert asked.count("suggest") == 1
