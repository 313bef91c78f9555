"""AMA's windows in REAPER, drawn with gfx and with ReaImGui: what stands in them, mouse, wheel, keys, sizes, and that they cost nothing."""

from __future__ import annotations

from functools import partial

import pytest

from tests.daw.fake_reaper import FakeReaper
from tests.daw.reaper.exporting import LUAS
from tests.daw.reaper.fake.imgui import ENTER as IMGUI_ENTER
from tests.daw.reaper.fake.imgui import ESCAPE as IMGUI_ESCAPE
from tests.daw.reaper.windows import (
    ASK,
    COUNT,
    DOWN,
    END,
    ENTER,
    ESCAPE,
    HOME,
    LEFT,
    PAGE_DOWN,
    SPACE,
    TAB,
    UP,
    bundle,
    offers,
    shown,
)

LONG = (
    "This one goes on and on, with the figures that it was made from and a file /a/very/"
    + "long/" * 60
    + "path.wav"
)
BOX = -20
"""How far left of its text a tick box stands."""


@pytest.fixture(params=LUAS)
def lua(request):
    return request.param


def fully(fake) -> list[str]:
    """Return the texts between head and buttons that are seen whole."""
    window = fake.window
    bars = [
        each for each in window.last.rectangles if each.width == window.get("w") and each.x == 0
    ]
    head, foot = bars[-2], bars[-1]
    return [
        each.text
        for each in window.last.texts
        if head.height <= each.y and each.y + each.height <= foot.y
    ]


def test_suggestions_stand_by_track_with_reason_and_count(tmp_path, lua):
    fake = shown(tmp_path, offers() + ASK, lua=lua)
    texts = fake.window.texts
    assert fake.window.title == "AMA Apply"
    assert [text for text in texts if text.startswith(("Track", "Label"))] == [
        "Track 0", "Label 0", "Label 1", "Label 2", "Track 1", "Label 3", "Label 4", "Label 5",
    ]  # fmt: skip
    assert texts.count("It is too loud.") == 6
    assert "Apply 3 of 6" in texts
    assert not any(each.cut for each in fake.window.last.texts)


@pytest.mark.parametrize("place", [0, BOX])
def test_a_click_on_box_or_text_ticks_and_the_button_tells(tmp_path, place):
    fake = shown(tmp_path, offers() + ASK)
    fake.window.click_beside("Label 1", place or 5)
    fake.window.click_beside("Label 2", place or 5)
    fake.spin(0.5)
    assert "Apply 3 of 6" in fake.window.texts
    fake.window.click_beside("Label 3", place or 5)
    fake.spin(0.3)
    fake.window.click_on("Apply 4 of 6")
    assert not fake.spin(0.5)
    assert fake.console == ["s0 s1 s3 s4"]
    assert not fake.window.is_open


def test_a_tracks_own_box_ticks_all_of_it_or_none(tmp_path):
    fake = shown(tmp_path, offers() + ASK)
    fake.window.click_on("Track 0")
    fake.spin(0.3)
    assert "Apply 4 of 6" in fake.window.texts
    fake.window.click_on("Track 0")
    fake.spin(0.3)
    assert "Apply 1 of 6" in fake.window.texts


def test_all_none_and_a_button_that_cannot_be_pressed(tmp_path):
    fake = shown(tmp_path, offers() + ASK)
    fake.window.click_on("None")
    fake.spin(0.3)
    fake.window.click_on("Apply 0 of 6")
    fake.window.press(ENTER)
    fake.spin(0.5)
    assert fake.console == []
    fake.window.click_on("All")
    fake.spin(0.3)
    fake.window.press(ENTER)
    fake.spin(0.3)
    assert fake.console == ["s0 s1 s2 s3 s4 s5"]


@pytest.mark.parametrize("imgui", [False, True])
def test_keys_that_were_meant_for_something_else_do_nothing(tmp_path, imgui):
    fake = FakeReaper(folder=tmp_path, imgui=imgui)
    fake.run(bundle(offers() + ASK), name="AMA Apply")
    for _ in range(10):  # somebody types while the window comes up
        for key in (DOWN, SPACE, ENTER, ESCAPE):
            fake.window.press(key)
        if fake.imgui:
            fake.imgui.key(IMGUI_ENTER)
    fake.spin(0.4)
    assert fake.console == []
    fake.window.events.clear()
    fake.spin(0.5)
    (fake.imgui.key(IMGUI_ENTER) if fake.imgui else fake.window.press(ENTER))
    assert not fake.spin(0.5)
    assert fake.console == ["s0 s2 s4"]


@pytest.mark.parametrize("how", ["escape", "button", "closed"])
def test_cancelling_is_told_once(tmp_path, lua, how):
    fake = shown(tmp_path, offers() + ASK, lua=lua)
    {
        "escape": lambda: fake.window.press(ESCAPE),
        "button": lambda: fake.window.click_on("Cancel"),
        "closed": fake.window.close,
    }[how]()
    assert not fake.spin(0.5)
    assert fake.console == ["cancelled"]


def test_keys_go_through_the_rows_and_space_ticks(tmp_path):
    fake = shown(tmp_path, offers() + ASK)
    for key in (DOWN, DOWN, DOWN, SPACE, UP, SPACE, DOWN, DOWN):
        fake.window.press(key)
    fake.spin(0.5)
    for key in (DOWN, DOWN, DOWN, SPACE):
        fake.window.press(key)
    fake.spin(0.5)
    fake.window.press(ENTER)
    fake.spin(0.3)
    assert fake.console == ["s1 s2"]


def test_tab_goes_to_the_buttons(tmp_path):
    fake = shown(tmp_path, offers() + ASK)
    for key in (TAB, LEFT, LEFT, SPACE):
        fake.window.press(key)
    assert not fake.spin(0.5)
    assert fake.console == ["cancelled"]
    fake = shown(tmp_path / "2", offers() + ASK)
    for key in (TAB, TAB, TAB, DOWN, SPACE, TAB, ENTER):
        fake.window.press(key)
    fake.spin(0.6)
    assert fake.console == ["s0 s1 s2 s4"]


def test_long_lists_scroll_by_wheel_keys_and_bar(tmp_path):
    fake = shown(tmp_path, offers(COUNT) + ASK)
    window = fake.window
    assert "Label 0" in fully(fake)
    assert f"Label {COUNT - 1}" not in window.texts
    window.scroll(-3)
    fake.spin(0.2)
    assert "Label 0" not in fully(fake)
    window.press(END)
    fake.spin(0.2)
    assert f"Label {COUNT - 1}" in fully(fake)
    window.press(HOME)
    window.press(PAGE_DOWN)
    fake.spin(0.2)
    assert "Label 0" not in fully(fake)
    window.click(window.get("w") - 8, window.get("h") - 70)
    fake.spin(0.3)
    assert f"Label {COUNT - 1}" in fully(fake)
    window.press(HOME)
    for _ in range(COUNT):
        window.press(DOWN)
    fake.spin(COUNT / 10)
    window.press(SPACE)  # on row 40 of 54: headings count
    fake.spin(0.3)
    assert any(name in fully(fake) for name in ("Label 29", "Label 28"))


def test_scrolling_ends_at_both_ends(tmp_path):
    fake = shown(tmp_path, offers(COUNT) + ASK)
    fake.window.scroll(50)
    fake.spin(0.2)
    first = fake.window.find("Label 0").y
    fake.window.scroll(-500)
    fake.spin(0.2)
    assert f"Label {COUNT - 1}" in fully(fake)
    fake.window.scroll(499)
    fake.spin(0.2)
    assert fake.window.find("Label 0").y == first


def test_a_press_that_is_let_go_elsewhere_does_nothing(tmp_path):
    fake = shown(tmp_path, offers() + ASK)
    window = fake.window
    here, there = window.find("Label 1").middle, window.find("Apply 3 of 6").middle
    for place, buttons in ((here, 0), (here, 1), (there, 1), (there, 0), (here, 0)):
        window.events.append(partial(window._mouse, *place, buttons))
    fake.spin(0.5)
    assert "Apply 3 of 6" in window.texts
    assert fake.console == []


def test_a_click_on_what_is_scrolled_behind_the_buttons_is_the_buttons(tmp_path):
    fake = shown(tmp_path, offers(COUNT) + ASK)
    foot = fake.window.find("Cancel")
    fake.window.click(60, foot.middle[1])
    fake.spin(0.3)
    assert f"Apply {COUNT // 2} of {COUNT}" in fake.window.texts


def test_long_texts_are_wrapped_at_every_size_and_nothing_is_cut(tmp_path, lua):
    fake = shown(tmp_path, offers(2, because=LONG) + ASK, lua=lua)
    for width, height in ((720, 640), (320, 300), (1400, 900), (240, 200)):
        fake.window.resize(width, height)
        fake.spin(0.3)
        assert not [each for each in fake.window.last.texts if each.cut], (width, height)
        if width > 300:
            assert LONG.replace(" ", "").startswith("".join(fully(fake)[2:4]).replace(" ", "")[:30])


def test_on_a_screen_of_high_resolution_everything_is_as_large(tmp_path):
    fake = shown(tmp_path, offers() + ASK)
    small = fake.window.find("Label 0")
    fake.window.variables[b"ext_retina"] = 2.0
    fake.window.resize(1440, 1280)
    fake.spin(0.3)
    large = fake.window.find("Label 0")
    assert large.height == 2 * small.height
    assert large.x == 2 * small.x
    fake.window.click_on("Label 1")
    fake.spin(0.3)
    assert "Apply 4 of 6" in fake.window.texts


def test_where_sizes_are_in_pixels_the_window_is_made_as_large_as_it_should_be(tmp_path):
    fake = FakeReaper(folder=tmp_path)
    fake.run(bundle(PAIR + offers() + ASK), name="AMA Apply")
    fake.scripts[-1].window.variables[b"ext_retina"] = 1.0
    fake.after("gfx.init", lambda *_: fake.window.variables.__setitem__(b"ext_retina", 1.5), nth=1)
    fake.spin(0.3)
    assert (fake.window.get("w"), fake.window.get("h")) == (1080, 960)


def test_an_open_window_draws_only_when_something_has_changed(tmp_path):
    fake = shown(tmp_path, offers(COUNT) + ASK)
    fake.spin(1)
    frames, measured = fake.window.frames, fake.calls["gfx.measurestr"]
    fake.spin(5)
    assert fake.window.frames == frames
    fake.window.click_on("Label 1")
    fake.spin(1)
    assert fake.window.frames > frames
    assert fake.calls["gfx.measurestr"] - measured < 5  # texts are measured once


def test_the_row_below_the_mouse_is_lit(tmp_path):
    fake = shown(tmp_path, offers() + ASK)
    label = fake.window.find("Label 1")

    def ground() -> tuple[float, ...]:
        under = [
            each for each in fake.window.last.rectangles
            if each.filled and each.x <= label.x <= each.x + each.width and each.y <= label.y <= each.y + each.height
        ]  # fmt: skip
        return under[-1].colour

    before = ground()
    fake.window.events.append(lambda: fake.window._mouse(*label.middle, 0))
    fake.spin(0.2)
    assert sum(ground()) > sum(before)


PAIR = """
window.say("First", "One\\n\\nTwo", function() reaper.ShowConsoleMsg("first") end)
window.warn("Second", "Mind this.", function() reaper.ShowConsoleMsg("second") end)
"""


def test_what_is_opened_later_stands_before_it_until_it_is_closed(tmp_path):
    fake = shown(tmp_path, PAIR)
    assert (fake.window.title, fake.window.texts[0]) == ("Second", "Mind this.")
    fake.window.press(ENTER)
    fake.spin(0.3)
    assert (fake.window.title, fake.window.texts[:2]) == ("First", ["One", "Two"])
    fake.window.press(ESCAPE)
    assert not fake.spin(0.3)
    assert fake.console == ["second", "first"]
    assert fake.window.opened == 1


def test_closing_the_window_cancels_everything_in_it(tmp_path):
    fake = shown(tmp_path, PAIR)
    fake.window.close()
    assert not fake.spin(0.3)
    assert fake.console == ["second", "first"]


def test_what_a_cancelled_question_says_comes_in_a_new_window(tmp_path):
    body = 'window.choose("Which", {{key = "a", text = "A", on = true}}, function(c) window.say("Told", c and "x" or "nothing chosen") end)'
    fake = shown(tmp_path, body)
    fake.window.close()
    fake.spin(0.3)
    assert (fake.window.title, fake.window.texts[0]) == ("Told", "nothing chosen")


CHOOSE = """
window.choose("Which", {
  {heading = "One"}, {key = "a", text = "A", on = true}, {key = "b", text = "B", because = "better"}, {note = "Mind."},
  {heading = "Two"}, {key = "c", text = "C", on = true, group = "two"}, {key = "d", text = "D", group = "two"},
}, function(chosen) reaper.ShowConsoleMsg(chosen and chosen[""] .. chosen.two or "none") end)
"""


def test_one_of_each_group_is_chosen(tmp_path, lua):
    fake = shown(tmp_path, CHOOSE, lua=lua)
    fake.window.click_on("B")
    fake.window.click_on("D")
    fake.spin(0.5)
    fake.window.click_on("OK")
    fake.spin(0.3)
    assert fake.console == ["bd"]


WORK = """
local progress = window.progress("Work")
local done = 0
local function go_on()
  done = done + 1
  if progress.step(done / 60, "Step " .. done) and done < 60 then
    return reaper.defer(go_on)
  end
  progress.done()
  reaper.ShowConsoleMsg(tostring(done))
end
go_on()
"""


def test_progress_is_seen_and_ends(tmp_path):
    fake = shown(tmp_path, WORK)
    assert any(text.startswith("Step") for text in fake.window.texts)
    assert not fake.spin(3)
    assert fake.console == ["60"]
    assert not fake.window.is_open


@pytest.mark.parametrize("how", ["button", "key", "closed"])
def test_work_can_be_stopped(tmp_path, how):
    fake = shown(tmp_path, WORK)
    {
        "button": lambda: fake.window.click_on("Stop"),
        "key": lambda: fake.window.press(ESCAPE),
        "closed": fake.window.close,
    }[how]()
    assert not fake.spin(3)
    assert int(fake.console[0]) < 60


def test_work_in_one_piece_is_drawn_step_by_step(tmp_path):
    body = """
      local progress = window.progress("Work")
      for at = 1, 5 do progress.step(at / 5, "Step " .. at) end
      progress.done()"""
    fake = shown(tmp_path, body)
    assert fake.window.frames >= 5
    assert not fake.window.is_open


# -- ReaImGui -------------------------------------------------------------------------------------------------------------------


def imgui(tmp_path, body, **variants):
    fake = shown(tmp_path, body, imgui=True, **variants)
    return fake, fake.imgui


def test_with_reaimgui_it_draws_the_same_window(tmp_path, lua):
    fake, surface = imgui(tmp_path, offers() + ASK, lua=lua)
    assert fake.window.opened == 0
    assert surface.title == "AMA Apply"
    for text in (
        "Track 0 (2 of 3)",
        "Label 0",
        "It is too loud.",
        "Apply 3 of 6",
        "All",
        "None",
        "Cancel",
    ):
        assert text in surface.texts
    surface.press("Label 1")
    fake.spin(0.2)
    surface.press("Track 1")
    fake.spin(0.2)
    surface.press("Apply 6 of 6")
    assert not fake.spin(0.5)
    assert fake.console == ["s0 s1 s2 s3 s4 s5"]


@pytest.mark.parametrize(
    ("key", "said"), [(IMGUI_ENTER, "s0 s2 s4"), (IMGUI_ESCAPE, "cancelled"), (0, "cancelled")]
)
def test_with_reaimgui_keys_and_closing_do_the_same(tmp_path, key, said):
    fake, surface = imgui(tmp_path, offers() + ASK)
    surface.key(key) if key else surface.close()
    assert not fake.spin(0.5)
    assert fake.console == [said]


def test_with_reaimgui_a_button_that_is_off_does_nothing(tmp_path):
    fake, surface = imgui(tmp_path, offers() + ASK)
    surface.press("None")
    fake.spin(0.2)
    surface.press("Apply 0 of 6")
    surface.key(IMGUI_ENTER)
    fake.spin(0.5)
    assert fake.console == []


def test_with_reaimgui_texts_choices_work_and_folded_windows_are_there_too(tmp_path):
    fake, surface = imgui(tmp_path, CHOOSE)
    surface.press("B")
    fake.spin(0.2)
    surface.collapsed = True
    fake.spin(0.2)
    surface.collapsed = False
    fake.spin(0.2)
    surface.press("OK")
    fake.spin(0.3)
    assert fake.console == ["bc"]
    fake, surface = imgui(tmp_path / "2", PAIR)
    assert surface.texts[0] == "Mind this."
    surface.press("Close")
    fake.spin(0.2)
    surface.press("Close")
    assert not fake.spin(0.3)
    assert fake.console == ["second", "first"]
    fake, surface = imgui(tmp_path / "3", WORK)
    assert not fake.spin(3)
    assert fake.console == ["60"]
