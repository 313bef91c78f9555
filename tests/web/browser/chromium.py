"""A real Chromium, and pages in it that are watched: what a console complains of and what leaves the machine fails the test."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page, Request

CHROMIUM: Final = next(
    (found for name in ("chromium", "google-chrome", "chrome") if (found := shutil.which(name))), ""
)
PATIENCE_MS: Final = 20_000
"""How long a test waits for what the page should show; it comes within a second or, where audio is rendered, a few."""
_HOME: Final = re.compile(r"^(http://127\.0\.0\.1:\d+/|blob:http://127\.0\.0\.1:|data:)")
Scheme = Literal["dark", "light"]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run Chromium without a window; sounds play without a click first."""
    from playwright.sync_api import sync_playwright

    arguments = ["--autoplay-policy=no-user-gesture-required"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Watch:
    """What happened in a page that should not; `expects` names complaints that the test provokes."""

    expects: tuple[str, ...] = ()
    complaints: list[str] = field(default_factory=list)

    def on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not any(
            text in message.text for text in self.expects
        ):
            self.complaints.append(f"{message.type}: {message.text}")

    def on_request(self, request: Request) -> None:
        if not _HOME.match(request.url):
            self.complaints.append(f"a request left the machine: {request.url}")

    def on_dialog(self, text: str) -> None:
        self.complaints.append(f"a script opened a dialog: {text}")


@contextmanager
def watched_page(
    browser: Browser,
    *,
    width: int = 1440,
    height: int = 950,
    scheme: Scheme = "dark",
    expects: tuple[str, ...] = (),
    script: str = "",
) -> Iterator[Page]:
    """Give a page of its own (nothing stored before); when it closes nothing may have gone wrong in it."""
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
    )
    context.set_default_timeout(PATIENCE_MS)
    watch = Watch(expects)
    page = context.new_page()
    page.on("console", watch.on_console)
    page.on("request", watch.on_request)
    page.on("pageerror", lambda error: watch.complaints.append(f"script: {error}"))
    page.on("dialog", lambda dialog: watch.on_dialog(dialog.message))
    if script:
        page.add_init_script(script)
    try:
        yield page
    finally:
        context.close()
    assert not watch.complaints, watch.complaints
