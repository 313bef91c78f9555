"""From a folder to a receipt, as a user does it; in the middle of it a reload."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.bridge.plans import FakeAnalyst
from tests.web.browser.conftest import Desk
from tests.web.browser.hands import Hands

pytestmark = pytest.mark.browser


def test_a_user_comes_from_a_folder_to_a_receipt(
    desk: Desk, example: Path, example_plan: str
) -> None:
    """`example_plan` has measured the same files before."""
    folder = example.parent / "My first song"
    shutil.copytree(example, folder, dirs_exist_ok=True)
    hands = desk()
    page = hands.page
    hands.visit()
    hands.open_folder(folder)
    page.wait_for_selector(".session[aria-current=true]:has-text('My first song')")
    hands.add_references(folder / "references", "caesium.ogg", "rubidium.ogg")
    page.click("#suggest")
    page.wait_for_selector(".card")
    assert "nearer" in page.inner_text(".headline")
    assert page.locator(".chart .curve").count() == 3

    page.locator(".group-head", has_text="vox_lead").get_by_text("Accept all").click()
    page.locator(".group[data-track=master] .card").first.locator(".reject").click()
    page.wait_for_function(
        "() => /accepted · 1 rejected/.test(document.querySelector('.count').textContent)"
    )
    kept = page.locator(".card[data-standing=accepted]").count()

    page.click("#open-apply")
    page.check("#apply-drawer input[value=folder]")
    page.click("#apply")
    receipt = page.locator(".receipt").first
    receipt.wait_for()
    assert receipt.locator(".receipt-list.applied li").count() == kept
    assert receipt.locator("h4").inner_text().startswith(f"A folder: {kept} applied")
    delivery = Path(receipt.locator(".delivery-path").inner_text())
    written = json.loads((delivery / "receipt.json").read_text())
    assert len(written["applied"]) == kept


def test_a_reload_in_the_middle_of_the_work_finds_it_again(
    small_desk: Desk, analyst: FakeAnalyst, stems: dict[str, Path]
) -> None:
    analyst.gate.clear()
    hands = small_desk()
    opened(hands, stems)
    hands.page.click("#suggest")
    hands.page.wait_for_selector("#suggesting .progress:not([hidden]) >> text=measuring")
    hands.page.reload()
    hands.page.wait_for_selector("#suggesting .progress:not([hidden]) >> text=measuring")
    assert not hands.page.is_visible("#suggest")
    analyst.gate.set()
    hands.page.wait_for_selector(".card")
    assert hands.page.is_visible("#suggest")


def test_cancel_stops_the_work_and_leaves_no_complaint(
    small_desk: Desk, analyst: FakeAnalyst, stems: dict[str, Path]
) -> None:
    analyst.gate.clear()
    hands = small_desk()
    opened(hands, stems)
    hands.page.click("#suggest")
    hands.page.click("#suggesting .progress >> text=Cancel")
    hands.page.wait_for_selector("#suggest:visible")
    assert not hands.page.is_visible("#suggesting .problem")
    analyst.gate.set()


def opened(hands: Hands, stems: dict[str, Path]) -> None:
    hands.visit()
    hands.open_folder(next(iter(stems.values())).parent)
    hands.page.wait_for_selector(".session[aria-current=true]")


def test_a_section_is_kept_with_its_reference(desk: Desk, example: Path) -> None:
    hands = desk()
    hands.visit()
    with_name = example.parent / "sections"
    with_name.mkdir(exist_ok=True)
    for stem in ("snare.flac", "vox_lead.flac"):
        (with_name / stem).write_bytes((example / stem).read_bytes())
    hands.open_folder(with_name)
    hands.page.wait_for_selector(".session[aria-current=true]:has-text('sections')")
    hands.add_references(example / "references", "caesium.ogg")
    first = hands.page.get_by_label("From (m:ss)")
    first.fill("0:02")
    with hands.page.expect_response(lambda response: response.url.endswith("/session/commit")):
        first.press("Enter")
    hands.page.reload()
    hands.page.wait_for_selector(".references li")
    assert hands.page.get_by_label("From (m:ss)").input_value() in {"0:02", "2"}
