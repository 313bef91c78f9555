"""Names come from anybody's files: they are shown as text, whatever is in them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from ama_analysis.audio import Audio, write_audio
from tests.web.browser.conftest import Desk
from tests.web.services import Web

pytestmark = pytest.mark.browser

RATE_HZ = 44_100
HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "<script>alert(2)<∕script>",
    "\"quoted\" 'twice' &amp; more",
    "\u202eesrever לחן",
    "🥁 drums 🎚️",
    "a" * 120,
)


def test_hostile_names_are_text_everywhere(small_desk: Desk, web: Web, tmp_path: Path) -> None:
    folder = tmp_path / '<b>bold</b> "s" שיר 🎧'.replace("/", "∕")
    folder.mkdir()
    noise = np.random.default_rng(1).normal(0.0, 0.05, (1, RATE_HZ // 10)).astype(np.float32)
    for name in HOSTILE:
        write_audio(folder / f"{name}.wav", Audio(noise, RATE_HZ))
    hands = small_desk()
    hands.visit()
    hands.open_chooser("#open-folder")
    hands.go_to(folder)
    hands.page.wait_for_function(
        "n => document.querySelectorAll('#chooser .file').length === n", arg=len(HOSTILE)
    )
    listed = set(hands.page.locator("#chooser .file .name").all_inner_texts())
    assert listed == {f"{name}.wav" for name in HOSTILE}
    hands.page.click("#choose")
    hands.page.wait_for_selector(".session[aria-current=true]")
    assert hands.page.inner_text(".session .name") == folder.name
    assert set(hands.page.locator(".tracks .name").all_inner_texts()) == set(HOSTILE)
    assert (
        hands.evaluate("document.querySelectorAll('img[src=x], main script, main b').length") == 0
    )
    assert hands.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_no_two_controls_are_told_alike(desk: Desk, plan: str) -> None:
    hands = desk()
    hands.see_plan(plan)
    hands.page.wait_for_selector(".references li")
    client = hands.page.context.new_cdp_session(hands.page)
    nodes = client.send("Accessibility.getFullAXTree")["nodes"]
    told = [
        tuple(node.get(part, {}).get("value", "") for part in ("role", "name", "description"))
        for node in nodes
        if node.get("role", {}).get("value") in {"button", "textbox", "combobox"}
    ]
    alike = [each for each, count in Counter(told).items() if count > 1]
    assert not alike
    assert any(name == "Accept (a)" and "Fader" in about for _, name, about in told)
