"""A gate among the suggestions: its words, its four values, its static curve, and what is decided of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.web.browser.conftest import Desk
from tests.web.browser.hands import Hands
from tests.web.services import Ear, Web

pytestmark = pytest.mark.browser

GATE = "gate:kick"
EDITED = {"threshold_db": -40.0, "ratio": 4.0, "attack_ms": 0.5, "release_ms": 250.0}
SIDE, LEFT, TOP = 34.0, 27.0, 3.0
"""The picture's square: how high it is, and where it begins."""
FLOOR_DB = -80.0
DRAWN = 0.06
"""The picture's numbers have one digit."""


@pytest.fixture
def plan(web: Web, ear: Ear, stems: dict[str, Path]) -> str:
    web.tell_session(stems)
    web.do("/suggest", session="song")
    found: str = ear.until_job("suggest", "done")["result"]["plan"]
    return found


def points(hands: Hands, line: str) -> list[tuple[float, float]]:
    """Return the corners of a line of the gate's picture in dB: what goes in, what comes out."""
    path = hands.card(GATE).locator(f"svg.mini path.{line}").get_attribute("d") or ""
    pairs = re.findall(r"[ML]([-\d.]+) ([-\d.]+)", path)
    return [(FLOOR_DB * (1 - (float(x) - LEFT) / SIDE), FLOOR_DB * (float(y) - TOP) / SIDE) for x, y in pairs]  # fmt: skip


def drawn_as(hands: Hands, threshold_db: float, ratio: float) -> None:
    """The curve has its corner at the threshold, falls by the ratio from there to the floor, and the threshold is marked."""
    close = DRAWN * -FLOOR_DB / SIDE
    shut_db = threshold_db + (FLOOR_DB - threshold_db) / ratio
    expected = [(shut_db, FLOOR_DB), (threshold_db, threshold_db), (0.0, 0.0)]
    for there, asked in zip(points(hands, "mini-line"), expected, strict=True):
        assert there == pytest.approx(asked, abs=close)
    assert [x for x, _ in points(hands, "mini-mark")] == pytest.approx([threshold_db] * 2, abs=close)  # fmt: skip


def test_a_gate_is_read_drawn_and_all_its_values_are_edited(
    small_desk: Desk, web: Web, plan: str
) -> None:
    hands = small_desk()
    hands.see_plan(plan)
    card = hands.card(GATE)
    assert card.locator(".what").inner_text() == "Gate 2.5:1 below −26.0 dB, 1/180 ms"
    drawn_as(hands, -26.0, 2.5)
    card.focus()
    hands.page.keyboard.press("e")
    assert [f.get_attribute("name") for f in card.locator(".editor input").all()] == list(EDITED)
    for name, value in EDITED.items():
        card.locator(f"[name={name}]").fill(f"{value:g}")
    drawn_as(hands, -40.0, 4.0)
    hands.page.keyboard.press("Enter")
    hands.wait_standing(GATE, "edited")
    assert card.locator(".what").inner_text() == "Gate 4:1 below −40.0 dB, 0.5/250 ms"
    assert "Gate 2.5:1 below −26.0 dB" in card.locator(".was").inner_text()
    hands.settled()
    kept: dict[str, Any] = web.get(f"/plans/{plan}")["decisions"][GATE]
    assert (kept["verdict"], kept["values"]) == ("edit", EDITED)


@pytest.mark.parametrize(
    ("name", "typed", "told"),
    [
        ("threshold_db", "3", "Threshold lies between -80 and 0 dB."),
        ("ratio", "0.9", "Ratio lies between 1 and 20 : 1."),
        ("attack_ms", "0", "Attack lies between 0.01 and 500 ms."),
        ("release_ms", "6000", "Release lies between 1 and 5000 ms."),
    ],
)
def test_what_a_gate_cannot_have_is_refused_in_place(
    small_desk: Desk, plan: str, name: str, typed: str, told: str
) -> None:
    hands = small_desk()
    hands.see_plan(plan)
    card = hands.card(GATE)
    card.focus()
    hands.page.keyboard.press("e")
    card.locator(f"[name={name}]").fill(typed)
    hands.page.keyboard.press("Enter")
    complaint = card.locator(".editor .problem")
    complaint.wait_for()
    assert complaint.inner_text() == told
    drawn_as(hands, -26.0, 2.5)


def test_a_gate_is_accepted_rejected_and_left_undecided(
    small_desk: Desk, web: Web, plan: str
) -> None:
    hands = small_desk()
    hands.see_plan(plan)
    hands.card(GATE).focus()
    for key, standing in (("a", "accepted"), ("r", "rejected"), ("u", "undecided"), ("a", "accepted")):  # fmt: skip
        hands.page.keyboard.press(key)
        hands.wait_standing(GATE, standing)
    hands.settled()
    assert web.get(f"/plans/{plan}")["decisions"][GATE]["verdict"] == "accept"


@pytest.mark.parametrize("width", [1100, 1440])
def test_an_effect_and_its_mark_stay_in_their_column(
    small_desk: Desk, plan: str, width: int
) -> None:
    hands = small_desk(width=width)
    hands.see_plan(plan)
    assert hands.card(GATE).locator(".mark").is_visible()
    wider = """
    () => [...document.querySelectorAll(".card .effect")].filter((e) => e.scrollWidth > e.clientWidth).map((e) => e.innerText)
    """
    assert hands.evaluate(wider) == []
