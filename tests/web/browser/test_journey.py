"""From a folder to a receipt, as a user does it; in the middle of it a reload."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import soundfile

from tests.bridge.plans import FakeAnalyst
from tests.web.browser.conftest import Desk
from tests.web.browser.hands import Hands
from tests.web.services import Web

if TYPE_CHECKING:
    from playwright.sync_api import Route

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
    page.click("#unfold")
    page.wait_for_selector(".chart .curve")
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
    hands.page.locator("#suggest").press("Enter")
    assert hands.evaluate("document.activeElement.id") == "suggesting"
    hands.page.locator("#suggesting .progress >> text=Cancel").press("Enter")
    hands.page.wait_for_selector("#suggest:visible")
    assert hands.evaluate("document.activeElement.id") == "suggesting"
    assert not hands.page.is_visible("#suggesting .problem")
    analyst.gate.set()


def opened(hands: Hands, stems: dict[str, Path]) -> None:
    hands.visit()
    hands.open_folder(next(iter(stems.values())).parent)
    hands.page.wait_for_selector(".session[aria-current=true]")


@pytest.fixture
def with_reference(
    desk: Desk, example: Path, real_web: Web, request: pytest.FixtureRequest
) -> Hands:
    """A page that shows a session of its own with a reference."""
    name = request.node.name
    folder = example.parent / name
    folder.mkdir(exist_ok=True)
    for stem in ("snare.flac", "vox_lead.flac"):
        (folder / stem).write_bytes((example / stem).read_bytes())
    real_web.do("/session/open", path=str(folder), session=name)
    reference = str(example / "references" / "caesium.ogg")
    real_web.do("/session/reference", session=name, path=reference)
    real_web.do("/session/commit", session=name)
    hands = desk()
    hands.visit(session=name)
    hands.page.wait_for_selector(".references li")
    return hands


def references(web: Web, request: pytest.FixtureRequest) -> list[str]:
    (found,) = (each for each in web.state()["sessions"] if each["name"] == request.node.name)
    return [Path(each).name for each in found["references"]]


def test_a_section_is_typed_from_end_to_end(
    with_reference: Hands, real_web: Web, request: pytest.FixtureRequest
) -> None:
    page = with_reference.page
    page.get_by_label("From (m:ss)").click()
    page.keyboard.type("2")
    page.keyboard.press("Tab")
    page.keyboard.type("0:06.50")
    with page.expect_response(lambda response: response.url.endswith("/session/commit")):
        page.keyboard.press("Enter")
    page.wait_for_function("() => document.activeElement.value === '0:06.5'")
    assert references(real_web, request) == ["caesium.ogg@0:02-0:06.5"]
    page.get_by_label("to (m:ss)").fill("7")
    with page.expect_response(lambda response: response.url.endswith("/session/commit")):
        page.focus("#add-reference")
    page.wait_for_function("() => document.querySelectorAll('.section input')[1].value === '0:07'")
    page.reload()
    page.wait_for_selector(".references li")
    assert page.get_by_label("From (m:ss)").input_value() == "0:02"
    assert references(real_web, request) == ["caesium.ogg@0:02-0:07"]


def test_a_reference_that_goes_hands_the_focus_on(
    with_reference: Hands, example: Path, real_web: Web, request: pytest.FixtureRequest
) -> None:
    page = with_reference.page
    other = str(example / "references" / "rubidium.ogg")
    real_web.do("/session/reference", session=request.node.name, path=other)
    page.wait_for_selector(".references li >> nth=1")
    page.get_by_label("Take caesium.ogg out").press("Enter")
    page.wait_for_function("() => document.querySelectorAll('.references li').length === 1")
    assert page.get_by_label("Take rubidium.ogg out").evaluate("e => e === document.activeElement")
    page.keyboard.press("Enter")
    page.wait_for_function("() => !document.querySelector('.references li')")
    assert page.locator("#add-reference").evaluate("e => e === document.activeElement")
    assert references(real_web, request) == []


def test_a_track_is_locked_and_freed_beside_its_name(
    with_reference: Hands, real_web: Web, request: pytest.FixtureRequest
) -> None:
    def locked() -> list[str]:
        (found,) = (s for s in real_web.state()["sessions"] if s["name"] == request.node.name)
        return [track["id"] for track in found["tracks"] if track["locked"]]

    page = with_reference.page
    lock = page.get_by_role("button", name="Lock vox_lead")
    lock.click()
    page.wait_for_selector("[aria-label='Lock vox_lead'][aria-pressed=true]")
    assert locked() == ["vox_lead"]
    page.reload()
    page.wait_for_selector("[aria-label='Lock vox_lead'][aria-pressed=true]")
    lock.click()
    page.wait_for_selector("[aria-label='Lock vox_lead'][aria-pressed=false]")
    assert locked() == []


def test_what_suggest_aimed_at_stays_chosen(small_desk: Desk, stems: dict[str, Path]) -> None:
    hands = small_desk()
    opened(hands, stems)
    hands.page.click("#suggest")
    hands.page.wait_for_selector(".card")
    hands.page.wait_for_selector(".plan-picker option", state="attached")
    assert hands.page.is_visible("#add-reference"), "references are still to be added"


def test_a_note_is_said_once(small_desk: Desk, stems: dict[str, Path]) -> None:
    note = "The target has no reference."

    def noted(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "warnings": [note]})

    hands = small_desk(width=1920)
    hands.page.route("**/session/open", noted)
    opened(hands, stems)
    hands.page.locator("#session .notes", has_text=note).wait_for()
    hands.page.click("#suggest")
    hands.page.wait_for_selector(".card")
    assert hands.page.get_by_text(note).count() == 1
    hands.page.reload()
    hands.page.wait_for_selector(".card")
    assert hands.page.locator(".result").get_by_text(note).count() == 1


def test_one_file_without_an_instruments_name_is_asked_about(
    small_desk: Desk, stems: dict[str, Path], tmp_path: Path
) -> None:
    for name in ("Evening Walk.wav", "kick.wav"):
        (tmp_path / name).mkdir()
        shutil.copy(next(iter(stems.values())), tmp_path / name / name)
    hands = small_desk()
    hands.visit()
    hands.open_folder(tmp_path / "Evening Walk.wav")
    hands.page.locator("#session .notes", has_text="ama separate").wait_for()
    hands.open_folder(tmp_path / "kick.wav")
    hands.page.locator("#session .notes", has_text="ama separate").wait_for(state="hidden")


def test_what_was_opened_before_is_offered_unless_it_is_open(
    small_desk: Desk, stems: dict[str, Path]
) -> None:
    folder = next(iter(stems.values())).parent
    other = f"/elsewhere/{folder.name}"
    hands = small_desk(script=f"localStorage.setItem('ama.recent', JSON.stringify([{other!r}]))")
    opened(hands, stems)
    hands.page.click(".recent summary")
    assert hands.page.locator(".recent li").all_inner_texts() == [other]


def test_files_go_into_the_folder_that_was_chosen_with_the_mix(
    desk: Desk, plan: str, tmp_path: Path
) -> None:
    hands = desk()
    hands.see_plan(plan)
    hands.page.click("#accept-rest")
    hands.settled()
    hands.page.click("#open-apply")
    hands.page.check("#apply-drawer input[value=folder]")
    assert hands.page.inner_text("#apply-folder") == "AMA\u2019s own folder"
    hands.page.check("#apply-mix")
    hands.open_chooser("#choose-output")
    hands.go_to(tmp_path)
    hands.page.click("#choose")
    assert hands.page.inner_text("#apply-folder") == str(tmp_path)
    hands.page.click("#apply")
    written = hands.page.locator(".delivery-path", has_text=str(tmp_path))
    written.wait_for()
    (made,) = tmp_path.iterdir()
    assert written.inner_text() == str(made)
    assert soundfile.info(made / "mix.wav").duration > 10.0, "all of it"
    assert (made / "settings.txt").is_file()
