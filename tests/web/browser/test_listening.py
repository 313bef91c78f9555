"""What is heard: the right file, at the right place, without a gap or a click; and when a render is stale."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest

from ama_analysis.audio import Audio, write_audio
from ama_analysis.cache import NO_CACHE
from ama_analysis.errors import AudioFileError
from ama_analysis.measure import measure_file
from tests.bridge.plans import FakeAnalyst
from tests.web.browser.conftest import Desk
from tests.web.browser.hands import Hands
from tests.web.browser.sound import EAR, heard_in
from tests.web.services import Ear, Served, Web

pytestmark = pytest.mark.browser

PLACE_S = 0.35
"""How far the place that is shown may lie from what was heard a moment before; a busy machine draws a few frames a second."""
RATE_HZ = 44_100


def files(real: Served) -> tuple[Path, Path]:
    """Return the newest render, before and after."""
    folder = Path(real.assistant.status().state_folder) / "renders"
    newest = max(folder.glob("audition-*-before.flac"), key=lambda path: path.stat().st_mtime)
    return newest, newest.with_name(newest.name.replace("-before", ""))


def test_switching_changes_what_sounds_and_keeps_the_place(
    desk: Desk, plan: str, real: Served
) -> None:
    hands = desk(script=EAR)
    hands.see_plan(plan)
    hands.render()
    before, after = files(real)
    hands.played_beyond(0.8)
    from_s = hands.position_s()
    as_after, to_s = heard_in(hands.page, after, before), hands.position_s()
    assert from_s - PLACE_S < as_after.at_s < to_s + PLACE_S
    hands.page.keyboard.press("x")
    assert hands.page.get_attribute(".side.before", "aria-pressed") == "true"
    hands.played_beyond(to_s + 0.5)
    from_s = hands.position_s()
    as_before, to_s = heard_in(hands.page, before, after), hands.position_s()
    assert from_s - PLACE_S < as_before.at_s < to_s + PLACE_S
    hands.page.keyboard.press("2")
    hands.page.keyboard.press("Space")
    assert hands.page.get_attribute("#play", "aria-label") == "Play"


SWITCHED = """
async ([before, after, rate]) => {
  const { createPlayer } = await import("/static/js/player.js");
  const context = new OfflineAudioContext(1, rate, rate);
  context.resume = () => Promise.resolve();
  const Real = window.AudioContext;
  window.AudioContext = function () { return context; };
  const player = createPlayer(() => {});
  const bytes = (text) => Uint8Array.from(atob(text), (each) => each.charCodeAt(0)).buffer;
  await player.load({ before: bytes(before), after: bytes(after), rate_hz: rate });
  player.play();
  delete context.resume;
  const at = (s, act) => context.suspend(s).then(() => { act(); context.resume(); });
  at(0.25, () => player.listenTo("before"));
  at(0.5, () => player.listenTo("after"));
  at(0.75, () => player.seek(0.3));
  const rendered = await context.startRendering();
  window.AudioContext = Real;
  return Array.from(rendered.getChannelData(0));
}
"""
BEFORE_LEVEL, AFTER_LEVEL = 0.25, 0.5
TONE_HZ = 220.0


def test_a_switch_has_neither_gap_nor_click(desk: Desk, plan: str, tmp_path: Path) -> None:
    sounds = []
    time_s = np.arange(round(1.2 * RATE_HZ)) / RATE_HZ
    for name, level in (("before", BEFORE_LEVEL), ("after", AFTER_LEVEL)):
        tone = (level * np.sin(2 * np.pi * TONE_HZ * time_s)).astype(np.float32)
        write_audio(tmp_path / f"{name}.wav", Audio(tone[None], RATE_HZ))
        sounds.append(base64.b64encode((tmp_path / f"{name}.wav").read_bytes()).decode())
    hands = desk()
    hands.visit()
    heard = np.array(hands.evaluate(SWITCHED, [*sounds, RATE_HZ]))

    steepest = AFTER_LEVEL * 2 * np.pi * TONE_HZ / RATE_HZ
    assert np.max(np.abs(np.diff(heard))) < 1.2 * steepest, "a click"
    period = RATE_HZ // int(TONE_HZ)
    played = heard[int(0.05 * RATE_HZ) : int(0.74 * RATE_HZ)]
    loudest = np.abs(played[: played.size // period * period]).reshape(-1, period).max(axis=1)
    assert loudest.min() > 0.97 * BEFORE_LEVEL, "a gap"
    for at_s, level in ((0.2, AFTER_LEVEL), (0.4, BEFORE_LEVEL), (0.6, AFTER_LEVEL)):
        piece = heard[int(at_s * RATE_HZ) :][: 4 * period]
        assert np.abs(piece).max() == pytest.approx(level, rel=0.01)


def test_a_stale_render_is_told_and_undo_makes_it_fresh(
    desk: Desk, plan: str, suggestions: list[dict[str, Any]]
) -> None:
    hands = desk()
    hands.see_plan(plan)
    hands.render()
    first = suggestions[0]["id"]
    hands.card(first).locator(".accept").click()
    hands.wait_standing(first, "accepted")
    assert not hands.page.is_visible(".stale"), "accepting changes nothing that is heard"
    hands.card(first).locator(".reject").click()
    hands.page.wait_for_selector(".stale:visible")
    hands.page.keyboard.press("Control+z")
    hands.page.wait_for_selector(".stale", state="hidden")
    hands.page.keyboard.press("Control+Shift+z")
    hands.page.click("#render-again")
    hands.page.wait_for_selector(".stale", state="hidden")


def test_one_suggestion_and_one_track_are_heard_by_themselves(
    desk: Desk, plan: str, suggestions: list[dict[str, Any]], real: Served
) -> None:
    fader = next(s for s in suggestions if s["kind"] == "gain" and s["values"]["delta_db"] > 3)
    hands = desk(script=EAR)
    hands.see_plan(plan)
    hands.card(fader["id"]).get_by_label("Hear this one alone").click()
    hands.page.wait_for_selector("#play[data-playing=true]")
    assert hands.page.inner_text(".subject-name").startswith(f"Only {fader['track']}")
    hands.played_beyond(0.5)
    heard_in(hands.page, files(real)[1])
    group = hands.page.locator(f".group[data-track={fader['track']}]")
    group.get_by_text("Hear the track").click()
    hands.page.wait_for_selector(".subject-name:has-text('by itself')")
    hands.page.wait_for_selector(".stale", state="hidden")
    hands.page.wait_for_selector("#player .progress", state="hidden")
    hands.page.wait_for_selector("#play[data-playing=true]")
    hands.page.click("#whole-mix")
    assert hands.page.inner_text(".subject-name") == "The whole mix"
    assert hands.page.get_attribute("#play", "aria-label") == "Play", (
        "what the bar does not name is silent"
    )


def test_nothing_plays_under_the_name_of_something_else(
    desk: Desk, plan: str, suggestions: list[dict[str, Any]]
) -> None:
    hands = desk(expects=("the server responded with a status of 4",))
    hands.see_plan(plan)
    hands.render()
    held = hands.hold_first("**/v1/render")
    with hands.page.expect_request("**/v1/render"):
        hands.card(suggestions[-1]["id"]).get_by_label("Hear this one alone").click()
    hands.page.wait_for_selector(".subject-name:has-text('Only')")
    hands.page.keyboard.press("Space")
    assert hands.page.get_attribute("#play", "aria-label") == "Play"
    held[0].fulfill(status=400, json={"code": "AMA-300", "message": "No."})
    hands.page.wait_for_selector("#player .problem:visible")
    with hands.page.expect_response("**/v1/render"):
        hands.page.keyboard.press("Space")
    hands.page.wait_for_selector("#play[data-playing=true]")
    assert not hands.page.is_visible(".stale"), "what plays is what the bar names"


def test_a_render_that_nobody_waits_for_any_more_is_called_off(
    small_desk: Desk, analyst: FakeAnalyst, web: Web, ear: Ear, stems: dict[str, Path]
) -> None:
    web.tell_session(stems)
    web.do("/suggest", session="song")
    plan = ear.until_job("suggest", "done")["result"]["plan"]
    web.tell_session(stems, "other")
    analyst.gate.clear()
    web.do("/suggest", session="other")
    hands = small_desk()
    hands.see_plan(plan)
    alone = hands.page.get_by_label("Hear this one alone")
    with hands.page.expect_response("**/v1/render"):
        alone.nth(0).click()
    for at in (1, 2):
        with hands.page.expect_response("**/v1/cancel"):
            alone.nth(at).click()
    analyst.gate.set()
    ear.until_job("render", "done")
    states = [each["state"] for each in web.state()["jobs"] if each["kind"] == "render"]
    assert sorted(states) == ["cancelled", "cancelled", "done"]
    heard = hands.page.locator(".card").nth(2).get_attribute("data-id")
    assert analyst.rendered == [((heard,), None)]


def test_a_loop_is_dragged_and_ended(desk: Desk, plan: str) -> None:
    hands = desk()
    hands.see_plan(plan)
    hands.render()
    box = hands.page.locator(".waveform").bounding_box()
    assert box is not None
    mouse, middle = hands.page.mouse, box["y"] + box["height"] / 2
    mouse.move(box["x"] + 0.5 * box["width"], middle)
    mouse.down()
    mouse.move(box["x"] + 0.6 * box["width"], middle, steps=4)
    mouse.up()
    hands.page.wait_for_selector(".loop-region:visible")
    hands.page.wait_for_function(
        "() => { const [m, t] = document.querySelector('.time .at').textContent.split(':').map(Number); return t > 5.4 && t < 6.7; }"
    )
    hands.page.keyboard.press("Escape")
    hands.page.wait_for_selector(".loop-region", state="hidden")


def test_blind_hides_which_is_which_until_it_is_revealed(desk: Desk, plan: str) -> None:
    hands = desk()
    hands.see_plan(plan)
    hands.render()
    hands.page.click("#blind")
    assert hands.page.locator(".side").all_inner_texts() == ["X", "Y"]
    assert not hands.page.is_visible("#player >> text=Before")
    verdict, wave = (hands.page.locator(name).bounding_box() for name in (".blind-verdict", ".waveform"))  # fmt: skip
    assert verdict is not None
    assert wave is not None
    assert verdict["y"] + verdict["height"] <= wave["y"], "all of the waveform is free"
    hands.page.get_by_text("X is better").press("Enter")
    has_focus = "document.activeElement.id"
    assert hands.evaluate(has_focus) == "player"
    said = hands.page.inner_text(".blind-verdict")
    assert said.startswith("You chose")
    assert hands.page.locator(".side").all_inner_texts() == ["A\nBefore", "B\nAfter"]
    hands.page.locator(".blind-verdict").get_by_label("Close").press("Enter")
    hands.page.wait_for_selector(".blind-verdict", state="hidden")
    assert hands.evaluate(has_focus) == "player"


HAS_FOCUS = "() => document.activeElement.id === 'player'"


def test_the_bar_has_the_focus_when_its_button_goes(desk: Desk, plan: str) -> None:
    hands = desk()
    hands.see_plan(plan)
    hands.page.wait_for_selector("#render:visible, #player.loaded")
    if hands.page.is_visible("#render"):
        hands.page.locator("#render").press("Enter")
        hands.page.wait_for_function(HAS_FOCUS)
    hands.page.locator(".card").nth(0).locator(".reject").click()
    hands.page.locator("#render-again").press("Enter")
    hands.page.wait_for_function(HAS_FOCUS)


def test_a_reference_is_heard_as_loud_as_the_mix_and_keeps_its_own_place(
    desk: Desk, plan: str, real: Served
) -> None:
    hands = desk(script=EAR)
    hands.see_plan(plan)
    hands.render()
    hands.played_beyond(0.8)
    buttons = hands.page.locator(".heard-reference")
    assert buttons.all_inner_texts() == ["C\ncaesium.ogg", "D\nrubidium.ogg"]
    with hands.page.expect_response("**/v1/sound/*-reference.flac"):
        hands.page.keyboard.press("3")
    hands.page.wait_for_selector(".heard-reference[aria-pressed=true]")
    assert hands.page.inner_text(".subject-name") == "Reference: caesium.ogg"
    hands.played_beyond(0.5)
    (caesium,) = (Path(real.assistant.status().state_folder) / "renders").glob("*-reference.flac")
    heard_in(hands.page, caesium)
    reference_db = gain_db(hands)
    hands.evaluate("() => document.querySelector('.waveform').focus()")
    hands.page.keyboard.press("End")
    hands.page.wait_for_selector("#play[data-playing=false]")
    hands.page.keyboard.press("x")
    assert hands.page.get_attribute(".side.after", "aria-pressed") == "true"
    assert hands.page.inner_text(".subject-name") == "The whole mix"
    assert 0.8 <= hands.position_s() < 5.0, "the mix waits where it was left"
    hands.page.click("#play")
    hands.page.wait_for_selector("#play[data-playing=true]")
    after = next(
        name for name in fetched(hands) if not name.endswith(("-before.flac", "-reference.flac"))
    )
    apart_db = loudness_lufs(caesium) - loudness_lufs(caesium.with_name(after))
    turned_db = gain_db(hands) - reference_db
    assert abs(turned_db) > 1.0, "or nothing would have to be turned down"
    assert turned_db == pytest.approx(apart_db, abs=0.01)
    assert max(gain_db(hands), reference_db) == pytest.approx(0.0), "the quieter is not turned up"


def fetched(hands: Hands) -> list[str]:
    """Return the names of the sounds that the page has fetched."""
    names = "() => performance.getEntriesByType('resource').map(({ name }) => name)"
    return [
        urlsplit(url).path.rpartition("/")[2]
        for url in hands.evaluate(names)
        if "/v1/sound/" in url
    ]


def loudness_lufs(path: Path) -> float:
    """Return how loud a render is."""
    lufs = measure_file(path, content=None, cache=NO_CACHE).loudness.integrated_lufs
    assert lufs is not None
    return lufs


def gain_db(hands: Hands) -> float:
    """Return the gain of what sounds."""
    loudest = "() => Math.max(...window.gains.map(({ gain }) => gain.value))"
    return float(20.0 * np.log10(hands.evaluate(loudest)))


def test_a_reference_that_is_gone_is_told_and_the_mix_plays_on(
    small_desk: Desk, web: Web, ear: Ear, analyst: FakeAnalyst, stems: dict[str, Path]
) -> None:
    web.tell_session(stems)
    web.do("/session/reference", session="song", path=str(stems["bass"]))
    web.do("/session/commit", session="song")
    web.do("/suggest", session="song")
    plan = ear.until_job("suggest", "done")["result"]["plan"]
    hands = small_desk()
    hands.see_plan(plan)
    hands.page.click("#render")
    hands.page.wait_for_selector("#player.loaded")
    analyst.fails_with = AudioFileError("bass.wav does not exist.", code="AMA-101")
    hands.page.keyboard.press("3")
    problem = hands.page.locator("#player .problem")
    problem.wait_for()
    assert problem.inner_text() == "bass.wav does not exist."
    hands.page.wait_for_selector(".heard-reference[aria-busy=false][aria-pressed=false]")
    analyst.fails_with = None
    hands.page.keyboard.press("3")
    hands.page.wait_for_selector(".heard-reference[aria-pressed=true]")
    problem.wait_for(state="hidden")
