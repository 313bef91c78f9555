"""The page can be read: contrast, widths, names for what can be pressed, nothing that jumps."""

from __future__ import annotations

import pytest

from tests.web.browser.chromium import Scheme
from tests.web.browser.conftest import Desk

pytestmark = pytest.mark.browser

AA = 4.5
"""WCAG 2.1, 1.4.3: the contrast of text with what is behind it."""
AA_LARGE = 3.0
"""The same for text of 24 px, or 18.66 px in bold."""
LOW_CONTRAST = """
([least, leastLarge]) => {
  const rgb = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const linear = (c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const over = (top, under) => { const a = top[3] ?? 1; return [0, 1, 2].map((i) => a * top[i] + (1 - a) * under[i]); };
  const behind = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.unshift(rgb(getComputedStyle(at).backgroundColor));
    return layers.reduce((under, top) => over(top, under), [255, 255, 255]);
  };
  const found = [];
  for (const element of document.querySelectorAll("body *")) {
    const text = [...element.childNodes].filter((n) => n.nodeType === 3 && n.textContent.trim()).map((n) => n.textContent.trim()).join(" ");
    if (!text || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    if (element.closest(":disabled, .unseen, option, .skip")) continue;
    const style = getComputedStyle(element);
    const under = behind(element);
    const pair = [light(over(rgb(style.color), under)), light(under)].sort((a, b) => b - a);
    const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? leastLarge : least)) found.push(`${ratio.toFixed(2)}: ${text.slice(0, 40)} (${element.className})`);
  }
  return found;
}
"""


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_text_stands_out_from_what_is_behind_it(desk: Desk, plan: str, scheme: Scheme) -> None:
    hands = desk(scheme=scheme)
    hands.see_plan(plan)
    cards = hands.page.locator(".card")
    cards.nth(0).locator(".accept").click()
    cards.nth(1).locator(".reject").click()
    hands.page.wait_for_selector(".card[data-standing=rejected]")
    assert hands.evaluate(LOW_CONTRAST, [AA, AA_LARGE]) == []
    hands.page.click("#open-apply")
    assert hands.evaluate(LOW_CONTRAST, [AA, AA_LARGE]) == []


@pytest.mark.parametrize("width", [700, 1100, 1920])
def test_nothing_is_wider_than_the_window(desk: Desk, plan: str, width: int) -> None:
    hands = desk(width=width)
    hands.see_plan(plan)
    assert hands.evaluate("document.documentElement.scrollWidth") <= width
    wider = """
    (width) => [...document.querySelectorAll("main *")].filter((e) => e.checkVisibility() && e.getBoundingClientRect().right > width + 1).map((e) => e.className)
    """
    assert hands.evaluate(wider, width) == []
    hands.page.click("#open-apply")
    assert hands.evaluate("document.documentElement.scrollWidth") <= width


def test_everything_that_can_be_pressed_has_a_name(desk: Desk, plan: str) -> None:
    hands = desk()
    hands.see_plan(plan)
    nameless = """
    () => [...document.querySelectorAll("button, a, input, select, [role=slider]")]
      .filter((e) => e.checkVisibility())
      .filter((e) => !(e.ariaLabel || e.innerText?.trim() || e.labels?.length || e.title))
      .map((e) => e.outerHTML.slice(0, 80))
    """
    assert hands.evaluate(nameless) == []


def test_deciding_moves_nothing(desk: Desk, plan: str) -> None:
    hands = desk()
    hands.see_plan(plan)
    tops = "() => [...document.querySelectorAll('.card')].map((e) => e.getBoundingClientRect().top + scrollY)"
    before = hands.evaluate(tops)
    hands.page.locator(".card").nth(2).locator(".accept").click()
    hands.page.locator(".card").nth(3).locator(".reject").click()
    hands.page.wait_for_selector(".card[data-standing=rejected]")
    assert hands.evaluate(tops) == before


IN_SIGHT = """
(card) => {
  const box = card.getBoundingClientRect();
  const bar = document.getElementById("player").getBoundingClientRect();
  const over = document.elementFromPoint(box.x + box.width / 2, box.y + 4);
  return box.top >= 0 && box.bottom <= bar.top && card.contains(over);
}
"""


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1440, 900), (1920, 1080), (820, 1180)])
def test_suggestions_are_in_sight_when_they_come(
    desk: Desk, plan: str, width: int, height: int
) -> None:
    hands = desk(width=width, height=height)
    hands.see_plan(plan)
    assert hands.page.locator(".card").nth(0).evaluate(IN_SIGHT)
    assert hands.page.is_visible(".headline")
    is_beside = width >= 1560
    assert hands.page.is_visible(".chart") is is_beside
    assert hands.page.is_visible("#unfold") is not is_beside
    if not is_beside:
        hands.page.click("#unfold")
        hands.page.wait_for_selector(".chart .curve.after")
        assert hands.page.is_visible(".result .figures")


def test_on_a_magnified_page_the_suggestion_with_the_focus_is_in_sight(
    desk: Desk, plan: str
) -> None:
    """1280 x 720 pixels at 200 %."""
    hands = desk(width=640, height=360)
    hands.see_plan(plan)
    for _ in range(3):
        hands.page.keyboard.press("j")
        focused = hands.page.locator(".card:focus")
        assert focused.evaluate(IN_SIGHT)
    assert hands.evaluate("document.getElementById('player').offsetHeight") < 60


def test_forced_colours_tell_what_is_chosen(desk: Desk, plan: str) -> None:
    hands = desk()
    hands.page.emulate_media(forced_colors="active")
    hands.see_plan(plan)
    cards = hands.page.locator(".card")
    cards.nth(0).locator(".accept").click()
    cards.nth(1).locator(".reject").click()
    hands.page.wait_for_selector(".card[data-standing=rejected]")
    ground = "e => getComputedStyle(e).backgroundColor"
    pairs = [
        (cards.nth(0).locator(".accept"), cards.nth(0).locator(".reject")),
        (cards.nth(1).locator(".reject"), cards.nth(1).locator(".accept")),
        *(
            (
                hands.page.locator(f"[name={name}]:checked + span").first,
                hands.page.locator(f"[name={name}]:not(:checked) + span").first,
            )
            for name in ("aim", "shown")
        ),
    ]
    for chosen, other in pairs:
        assert chosen.evaluate(ground) != other.evaluate(ground)
    edge = "e => getComputedStyle(e).borderTopStyle"
    assert cards.nth(0).evaluate(edge) != cards.nth(1).evaluate(edge)
    bar = cards.nth(0).locator(".effect-bar")
    assert bar.evaluate("e => getComputedStyle(e).borderTopWidth") == "1px"


def test_the_tonal_balance_is_read_with_the_arrow_keys(desk: Desk, plan: str) -> None:
    hands = desk()
    hands.see_plan(plan)
    hands.page.click("#unfold")
    chart = hands.page.locator(".chart")
    chart.focus()
    hands.page.keyboard.press("ArrowRight")
    hands.page.keyboard.press("ArrowRight")
    said = chart.get_attribute("aria-valuetext") or ""
    assert said.startswith("40 Hz: before")
    assert hands.page.inner_text(".readout") == said
