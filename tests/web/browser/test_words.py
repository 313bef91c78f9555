"""How the page writes figures and sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.web.browser.conftest import Desk
from tests.web.browser.hands import Hands
from tests.web.services import Web

pytestmark = pytest.mark.browser


def say(hands: Hands, module: str, name: str, *given: Any) -> str:
    script = f"async (given) => (await import('/static/js/{module}.js')).{name}(...given)"
    said: str = hands.evaluate(script, list(given))
    return said


def test_figures_are_rounded_before_they_are_taken_apart(small_desk: Desk) -> None:
    hands = small_desk()
    hands.visit()
    times = [
        (59.94, "0:59.9"),
        (59.96, "1:00.0"),
        (119.99, "2:00.0"),
        (0, "0:00.0"),
        (75.25, "1:15.3"),
    ]
    assert [say(hands, "words", "clock", at) for at, _ in times] == [told for _, told in times]
    assert say(hands, "words", "clock", 59.6, 0) == "1:00"
    tones = [
        (85, "85 Hz"),
        (99.96, "100 Hz"),
        (999.4, "999 Hz"),
        (999.6, "1 kHz"),
        (1250, "1.25 kHz"),
    ]
    assert [say(hands, "words", "hertz", hz) for hz, _ in tones] == [told for _, told in tones]


def test_a_fader_that_is_shut_stands_at_minus_infinity(small_desk: Desk) -> None:
    hands = small_desk()
    hands.visit()
    places = [(-200.0, "\u2212\u221e"), (-199.9, "\u2212199.9"), (-6.0, "\u22126.0"), (0.0, "0.0")]
    assert [say(hands, "words", "fader", at_db) for at_db, _ in places] == [t for _, t in places]


def test_a_reason_has_the_signs_of_print(small_desk: Desk) -> None:
    hands = small_desk()
    hands.visit()
    reason = "kick-2 sits at -7.9 LU (-31 dB), wants +1.5 +-2.0, at 8-12 kHz."
    printed = "kick-2 sits at \u22127.9 LU (\u221231 dB), wants +1.5 \u00b12.0, at 8-12 kHz."
    assert say(hands, "words", "typeset", reason) == printed


def test_a_fader_above_what_many_reach_is_marked(small_desk: Desk) -> None:
    hands = small_desk()
    hands.visit()
    for fader_db, is_marked in ((14.9, True), (6.0, False), (-3.0, False)):
        told = say(hands, "words", "inWords", "gain", {"delta_db": 2.0, "fader_db": fader_db})
        assert ("many faders end at +6" in told) is is_marked


def test_a_stage_names_what_is_heard_and_no_file(small_desk: Desk) -> None:
    hands = small_desk()
    hands.visit()
    name = "audition-my-song-1a2b-9zx.flac"
    before = name.replace(".flac", "-before.flac")
    assert say(hands, "audition", "stageInWords", f"writing {name}") == "writing after"
    assert say(hands, "audition", "stageInWords", f"writing {before}") == "writing before"
    assert say(hands, "audition", "stageInWords", "listening to bass") == "listening to bass"


def test_what_was_dropped_stands_folded_below_its_tracks_suggestions(
    small_desk: Desk, web: Web, stems: dict[str, Path]
) -> None:
    web.tell_session(stems)
    web.do("/suggest", session="song")
    hands = small_desk()
    hands.visit(session="song")
    hands.page.wait_for_selector(".group[data-track=bass] .dropped")
    part = hands.page.locator(".dropped:visible")
    assert part.count() == 1, "only the bass has one"
    assert part.locator("summary").inner_text() == "1 tried and dropped"
    assert not part.locator("li").is_visible()
    part.locator("summary").click()
    told = part.locator("li").inner_text()
    assert "+1.5 dB low shelf at 120 Hz, Q 0.7" in told
    assert "further" in told
    assert "Tried and dropped" in told
    hands.page.click("label:has([value=undecided])")
    part.wait_for(state="hidden")


def test_an_effect_that_a_render_does_not_find_is_in_doubt(
    small_desk: Desk, web: Web, stems: dict[str, Path]
) -> None:
    web.tell_session(stems)
    web.do("/suggest", session="song")
    hands = small_desk()
    hands.visit(session="song")
    hands.page.wait_for_selector(".card .doubt")
    doubts = hands.page.locator(".card .doubt")
    assert set(doubts.all_inner_texts()) == {"in doubt"}
    assert "its loudest 10 s come to: 3 % further." in (doubts.first.get_attribute("title") or "")
    assert doubts.count() < hands.page.locator(".card").count()
