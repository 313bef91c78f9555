"""What a user does on the page, in a few words."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, Route


@dataclass(frozen=True)
class Hands:
    """A user at a page."""

    page: Page
    url: str

    def visit(self, *, session: str = "", plan: str = "") -> None:
        from urllib.parse import urlencode

        named = urlencode({k: v for k, v in (("session", session), ("plan", plan)) if v})
        self.page.goto(f"{self.url}#{named}")
        self.page.wait_for_selector("[data-connection=open]")

    def see_plan(self, plan: str) -> None:
        """Show a plan with all its suggestions."""
        self.visit(session=plan.rpartition("-")[0], plan=plan)
        self.page.wait_for_selector(".card")

    def open_folder(self, folder: Path) -> None:
        self.open_chooser("#open-folder")
        self.go_to(folder)
        self.page.click("#choose")

    def open_chooser(self, button: str) -> None:
        """Press a button that asks for files, and wait until the first folder is listed."""
        self.page.click(button)
        self.page.wait_for_function("() => document.querySelector('#chooser .path').value")

    def go_to(self, folder: Path) -> None:
        """Type a folder in the chooser."""
        place = self.page.locator("#chooser .path")
        place.fill(str(folder))
        place.press("Enter")
        self.page.wait_for_function(
            "folder => document.querySelector(`#chooser[data-folder='${CSS.escape(folder)}'], #chooser .problem:not([hidden])`)",
            arg=str(folder),
        )

    def add_references(self, folder: Path, *names: str) -> None:
        self.open_chooser("#add-reference")
        self.go_to(folder)
        for name in names:
            self.page.locator("#chooser .file", has_text=name).click()
        self.page.click("#choose")
        self.page.wait_for_function(
            "n => document.querySelectorAll('.references li').length >= n", arg=len(names)
        )

    def card(self, suggestion_id: str) -> Locator:
        return self.page.locator(f".card[data-id='{suggestion_id}']")

    def standing(self, suggestion_id: str) -> str:
        return self.card(suggestion_id).get_attribute("data-standing") or ""

    def settled(self) -> None:
        """Wait until the service knows every decision."""
        self.page.wait_for_selector("#suggestions[aria-busy=false]")

    def wait_standing(self, suggestion_id: str, standing: str) -> None:
        self.page.wait_for_selector(f".card[data-id='{suggestion_id}'][data-standing={standing}]")

    def render(self) -> None:
        """Render before and after, or take the render that is there, and wait until it plays."""
        self.page.wait_for_selector("#render:visible, #player.loaded")
        self.evaluate(
            "() => document.querySelector(document.querySelector('#player.loaded') ? '#play' : '#render').click()"
        )
        self.page.wait_for_selector("#play[data-playing=true]")

    def played_beyond(self, seconds: float) -> None:
        self.page.wait_for_function(
            "s => { const [m, t] = document.querySelector('.time .at').textContent.split(':').map(Number); return 60 * m + t >= s; }",
            arg=seconds,
        )

    def hold_first(self, address: str) -> list[Route]:
        """Hold back the first request to an address; the list has it, to be answered, once it is asked."""
        held: list[Route] = []
        self.page.route(address, lambda route: route.continue_() if held else held.append(route))
        return held

    def position_s(self) -> float:
        minutes, seconds = self.page.inner_text(".time .at").split(":")
        return 60.0 * float(minutes) + float(seconds)

    def evaluate(self, script: str, arg: Any = None) -> Any:
        return self.page.evaluate(script, arg)
