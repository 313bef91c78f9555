"""One browser and one service for all tests of the page; a plan of the shipped example, made once, on which every test begins anew."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ama_analysis.data import data_folder
from ama_bridge.bootstrap import assistant_for
from ama_bridge.config import Settings
from tests.web.browser.chromium import CHROMIUM, chromium, watched_page
from tests.web.browser.hands import Hands
from tests.web.services import Ear, Served, Web, served, web_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser

Desk = Callable[..., Hands]
LATE = ("AssertionError", "TimeoutError", "ArdourDiedError")
"""A browser, and a DAW beside it, may be late on a busy machine; what fails three times in a row is broken."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=2, only_rerun=list(LATE)))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.skip("no Chromium here: its tests of the page are left out")
    pytest.importorskip("playwright", reason="Playwright is not installed: no tests of the page")
    with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the shipped example: seven stems, and two songs under references/."""
    folder = tmp_path_factory.mktemp("music") / "potassium"
    shutil.copytree(data_folder("examples"), folder)
    return folder


@pytest.fixture(scope="session")
def real(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A service with the real analysis; what was measured is kept, so that planning again takes a moment."""
    folder = tmp_path_factory.mktemp("service")
    settings = Settings(state_dir=folder / "state", cache_dir=folder / "cache")
    assistant = assistant_for(settings)
    with served(settings.state_dir, assistant=assistant) as running:
        yield running


@pytest.fixture(scope="session")
def example_plan(real: Served, example: Path) -> str:
    """The id of a plan for the example, which aims at its two references."""
    ear = Ear(real.url)
    with web_of(real) as web:
        web.do("/session/open", path=str(example), session="potassium")
        for name in ("caesium.ogg", "rubidium.ogg"):
            reference = str(example / "references" / name)
            web.do("/session/reference", session="potassium", path=reference)
        web.do("/session/commit", session="potassium")
        web.do("/suggest", session="potassium")
        plan: str = ear.until_job("suggest", "done")["result"]["plan"]
    return plan


@pytest.fixture
def plan(real: Served, example_plan: str) -> str:
    """The example's plan with nothing decided."""
    with web_of(real) as web:
        web.do("/decide", plan=example_plan, suggestion_id="*", decision="clear")
    return example_plan


@pytest.fixture
def suggestions(real: Served, plan: str) -> list[dict[str, Any]]:
    with web_of(real) as web:
        found: list[dict[str, Any]] = web.get(f"/plans/{plan}")["plan"]["suggestions"]
    return found


@pytest.fixture
def real_web(real: Served) -> Iterator[Web]:
    with web_of(real) as asking:
        yield asking


@pytest.fixture
def pages(browser: Browser) -> Iterator[Callable[[AbstractContextManager[Any]], Any]]:
    with ExitStack() as opened:
        yield opened.enter_context


@pytest.fixture
def desk(browser: Browser, real: Served, pages: Callable[..., Any]) -> Desk:
    """Open pages of the service with the real analysis; options as `watched_page` has them."""
    return lambda **options: Hands(pages(watched_page(browser, **options)), real.url)


@pytest.fixture
def small_desk(browser: Browser, at: Served, pages: Callable[..., Any]) -> Desk:
    """Open pages of a service of the test's own, whose analyst answers when the test lets it."""
    return lambda **options: Hands(pages(watched_page(browser, **options)), at.url)
