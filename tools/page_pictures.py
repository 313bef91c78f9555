"""Make docs/page_*.png: `python -m tools.page_pictures`, from a checkout with the test tools and Chromium.

A real service works on the shipped example (its faders as examples/session.json has them), and a real browser shows its page.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ama_analysis.audio import open_audio
from ama_analysis.data import data_folder
from ama_bridge.bootstrap import assistant_for
from ama_bridge.config import Settings
from tests.web.browser.chromium import Scheme, chromium, watched_page
from tests.web.browser.hands import Hands
from tests.web.services import Ear, Web, served, web_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser

DOCS: Final = Path(__file__).resolve().parents[1] / "docs"
SESSION: Final = "potassium"
STEMS: Final = "stems"
LISTENED_S: Final = 3.0


def told(web: Web, music: Path) -> None:
    """Tell the example as a DAW would."""
    document = json.loads((music / "session.json").read_text(encoding="utf-8"))
    stems = document["tracks"]
    rate_hz = open_audio(music / stems[0]["file"]).file_rate_hz
    whole = {"session": SESSION, "daw": "ardour", "sample_rate": rate_hz, "track_count": len(stems)}
    web.do("/session/begin", **whole)
    for index, stem in enumerate(stems):
        track = {
            "track_id": stem["id"],
            "name": stem["name"].capitalize(),
            "fader_db": stem["fader_db"],
            "pan": stem["pan"],
            "mute": 0,
            "stem_path": str(music / stem["file"]),
            "plugins": "",
        }
        web.do("/session/track", session=SESSION, index=index, **track)
    for reference in document["references"]:
        web.do("/session/reference", session=SESSION, path=str(music / reference))
    web.do("/session/commit", session=SESSION)


def suggested(web: Web, ear: Ear, **options: str) -> str:
    """Return the id of a plan."""
    web.do("/suggest", **options)
    plan: str = ear.until_job("suggest", "done")["result"]["plan"]
    return plan


def decided(hands: Hands) -> None:
    """Accept all but one, which is rejected, and change a fader."""
    page = hands.page
    if page.is_enabled("#clear-all"):
        page.click("#clear-all")
        page.wait_for_selector("#clear-all:disabled")
    page.click("#accept-rest")
    page.wait_for_selector("#accept-rest:disabled")
    page.locator(".card:has(.mark)").last.locator(".reject").click()
    page.wait_for_selector(".card[data-standing=rejected]")
    fader = page.locator(".card", has_text="Fader").first
    fader.get_by_label("Change the values").click()
    fader.locator("[name=delta_db]").fill("9.5")
    page.keyboard.press("Enter")
    page.wait_for_selector(".card[data-standing=edited]")
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")


def whole(hands: Hands, plan: str) -> None:
    """The desk while the mix plays."""
    hands.see_plan(plan)
    decided(hands)
    hands.render()
    hands.played_beyond(LISTENED_S)


def editing(hands: Hands, plan: str) -> None:
    """A band that is being changed, between other kinds."""
    hands.see_plan(plan)
    card = hands.page.locator(".card", has_text="bell").first
    card.get_by_label("Change the values").click()
    card.locator("[name=gain_db]").fill("2.2")
    hands.evaluate("scrollTo(0, document.body.scrollHeight)")


def applying(hands: Hands, plan: str) -> None:
    """The drawer with a receipt."""
    hands.see_plan(plan)
    hands.page.click("#open-apply")
    hands.page.check("#apply-drawer input[value=folder]")
    hands.page.click("#apply")
    hands.page.wait_for_selector(".receipt")


def balance(hands: Hands, plan: str) -> None:
    """The tonal balance against its target, read at a band."""
    hands.see_plan(plan)
    if hands.page.is_visible("#unfold"):
        hands.page.click("#unfold")
    hands.page.check("input[value=difference]", force=True)
    box = hands.page.locator(".chart").bounding_box()
    if box:
        hands.page.mouse.move(box["x"] + 0.62 * box["width"], box["y"] + 0.5 * box["height"])


def main() -> None:
    """Make all of them."""
    folder = Path(tempfile.gettempdir()) / "ama-pictures"
    shutil.rmtree(folder, ignore_errors=True)
    music = folder / "potassium"
    shutil.copytree(data_folder("examples"), music)
    settings = Settings(state_dir=folder / "state", cache_dir=folder / "cache")
    with (
        served(settings.state_dir, assistant=assistant_for(settings)) as service,
        chromium() as browser,
        web_of(service) as web,
    ):
        told(web, music)
        ear = Ear(service.url)
        plan = suggested(web, ear, session=SESSION)
        shot = partial(take, browser, service.url, plan)
        shot("page", whole, size=(1440, 1000))
        shot("page_balance", balance, part=".balance", size=(1500, 900))
        shot("page_apply", applying, size=(1280, 900))
        shot("page_narrow", whole, size=(700, 1000), scheme="light")
        web.do("/session/open", path=str(music), session=STEMS)
        ruled = suggested(web, ear, session=STEMS, target="rock")
        master = ".group[data-track=master]"
        take(browser, service.url, ruled, "page_edit", editing, part=master, size=(1280, 1900))
    shutil.rmtree(folder)


def take(
    browser: Browser,
    url: str,
    plan: str,
    name: str,
    act: Callable[[Hands, str], None],
    *,
    size: tuple[int, int],
    part: str = "",
    scheme: Scheme = "dark",
) -> None:
    """Let something happen on a page of its own, and keep how it looks."""
    width, height = size
    path = DOCS / f"{name}.png"
    with watched_page(browser, width=width, height=height, scheme=scheme) as page:
        act(Hands(page, url), plan)
        if part:
            page.locator(part).screenshot(path=path)
        else:
            page.screenshot(path=path)


if __name__ == "__main__":
    main()
