"""From the page into the real Ardour and back: what is accepted there is set here, what Ardour's dialog leaves ticked too, and all of it goes back."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ama_bridge.daw.ardour.native import Ardour
from tests.daw.ardour.made_sessions import make_session, needs_ardour
from tests.daw.ardour.studio import RATE_HZ, WORK_S, Desk, document, mixer, press_export, stems
from tests.daw.ardour.window import (
    free_port,
    make_home,
    needs_window,
    opened,
    screen,
    wait_until,
    with_osc_on,
)
from tests.web.browser.chromium import watched_page
from tests.web.browser.hands import Hands

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [needs_ardour, needs_window, pytest.mark.ardour, pytest.mark.browser]


@pytest.fixture
def studio(tmp_path: Path) -> Desk:
    session = make_session(tmp_path / "song", stems(), rate=RATE_HZ)
    with_osc_on(session)
    return Desk(make_home(tmp_path / "desk", rate=RATE_HZ), session, free_port())


@pytest.fixture
def page_url(studio: Desk) -> Iterator[str]:
    """The page of a service that runs as a user starts it."""
    port = free_port()
    with subprocess.Popen(
        [sys.executable, "-m", "ama_bridge", "serve", "--http-port", str(port)],
        env=studio.environment(),
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        try:
            assert "AMA listens" in running.stdout.readline()
            yield f"http://127.0.0.1:{port}/"
        finally:
            running.terminate()


@pytest.fixture
def display() -> Iterator[str]:
    with screen() as shown:
        yield shown


def test_what_the_page_applies_is_set_in_ardour_and_taken_back(
    studio: Desk, display: str, browser: Browser, page_url: str, pages: Callable[..., Any]
) -> None:
    scripts = studio.home.settings / "ui_scripts"
    with opened(studio.home, studio.session, display):
        wait_until(scripts.is_file, WORK_S, "Ardour wrote no ui_scripts")
    studio.ama("install", "ardour")
    hands = Hands(pages(watched_page(browser)), page_url)
    page = hands.page
    with (
        opened(studio.home, studio.session, display) as window,
        Ardour(port=studio.home.port) as ardour,
    ):
        before = mixer(ardour.strips())
        hands.visit()
        press_export(studio, window, ardour, slot=3)
        page.wait_for_selector(".card", timeout=WORK_S * 1000)
        window.wait_for("AMA Apply", WORK_S)
        window.answer("AMA Apply", "alt+c")  # an Escape may cancel the next dialog too
        wait_until(studio.receipt(1).is_file, WORK_S, "no receipt")
        assert mixer(ardour.strips()) == before

        page.locator(".card:not(.stays)", has_text="Fader").first.locator(".accept").click()
        hands.settled()
        page.click("#open-apply")
        page.check("#apply-drawer input[value=ardour]")
        page.uncheck("#apply-ask")
        page.click("#apply")
        receipt = page.locator(".receipt", has_text="Ardour: 1 applied")
        receipt.wait_for(timeout=WORK_S * 1000)
        assert mixer(ardour.strips()) != before
        page.click("#revert")
        page.locator(".receipt.reverted").first.wait_for(timeout=WORK_S * 1000)
        assert mixer(ardour.strips()) == before

        page.check("#apply-ask")
        page.click("#apply")
        window.wait_for("AMA Apply", WORK_S)
        page.wait_for_selector("#apply-drawer .progress:not([hidden])")
        window.say_ok("AMA Apply")
        window.answer("AMA Apply", "alt+c")
        wait_until(studio.receipt(3).is_file, WORK_S, "no receipt of what was ticked")
        applied = len(document(studio.receipt(3))["applied"])
        page.locator(".receipt", has_text=f"Ardour: {applied} applied").first.wait_for()
        assert applied > 1
