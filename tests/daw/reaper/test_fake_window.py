"""The fake's gfx window: what is drawn can be found, clicked, typed into and closed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.daw.fake_reaper import FakeReaper, MistakeError, ScriptError
from tests.daw.reaper.fake.window import ENTER, Window

LIST = """
    gfx.init("AMA Apply", 300, 200)
    gfx.setfont(1, "Arial", 16)
    local ticked, last = false, 0
    local function again()
      gfx.set(0.2, 0.3, 0.4)
      gfx.rect(0, 0, gfx.w, gfx.h)
      gfx.set(1, 1, 1, 0.5)
      gfx.x, gfx.y = 40, 50
      gfx.drawstr(ticked and "on" or "off")
      gfx.x, gfx.y = 100, 100
      gfx.drawstr("Apply", 5, 200, 130)
      local down = gfx.mouse_cap & 1
      if down == 1 and last == 0 and gfx.mouse_x < 40 and gfx.mouse_y > 50 and gfx.mouse_y < 66 then ticked = not ticked end
      last = down
      if gfx.mouse_wheel ~= 0 then reaper.ShowConsoleMsg("wheel " .. gfx.mouse_wheel) gfx.mouse_wheel = 0 end
      local key = gfx.getchar()
      if key == -1 then return reaper.ShowConsoleMsg("closed") end
      if key == 13 then return reaper.ShowConsoleMsg("enter") end
      gfx.update()
      reaper.defer(again)
    end
    again()
"""


def window(folder: Path) -> tuple[FakeReaper, Window]:
    fake = FakeReaper(folder=folder)
    fake.run(LIST)
    fake.spin(0.1)
    return fake, fake.window


def test_what_was_drawn_is_known_with_place_and_colour(tmp_path: Path) -> None:
    fake, shown = window(tmp_path)
    assert shown.title == "AMA Apply"
    assert shown.texts == ["off", "Apply"]
    off, apply = shown.last.texts
    assert (off.x, off.y, off.width, off.height, off.colour) == (40, 50, 24, 16, (1, 1, 1, 0.5))
    assert apply.middle == pytest.approx((150, 115))
    assert shown.last.rectangles[0].width == 300
    assert not apply.cut
    fake.stop()


def test_clicks_keys_wheel_and_closing_arrive_one_by_one(tmp_path: Path) -> None:
    fake, shown = window(tmp_path)
    shown.click_beside("off", -20)
    shown.scroll(-1)
    fake.spin(0.5)
    assert shown.texts[0] == "on"
    shown.click_on("Apply")
    fake.spin(0.5)
    assert shown.texts[0] == "on"
    assert fake.console == ["wheel -120.0"]
    shown.close()
    fake.spin(0.5)
    assert fake.console[-1] == "closed"
    assert not fake.running


def test_a_key_ends_it(tmp_path: Path) -> None:
    fake, shown = window(tmp_path)
    shown.press(ENTER)
    fake.spin(0.5)
    assert fake.console == ["enter"]
    assert not shown.is_open


def test_a_text_that_is_not_there_cannot_be_clicked(tmp_path: Path) -> None:
    fake, shown = window(tmp_path)
    with pytest.raises(AssertionError, match="not among"):
        shown.click_on("Cancel")
    fake.stop()


IMGUI = """
    local context = reaper.ImGui_CreateContext("AMA")
    local ticked = true
    local function again()
      local visible, open = reaper.ImGui_Begin(context, "AMA Apply###AMA", true)
      if visible then
        if reaper.ImGui_Checkbox(context, "Bass###one", ticked) then ticked = not ticked end
        reaper.ImGui_BeginDisabled(context, ticked)
        if reaper.ImGui_Button(context, "Apply###two") then reaper.ShowConsoleMsg("apply") end
        reaper.ImGui_EndDisabled(context)
        {extra}
        reaper.ImGui_End(context)
      end
      if open then reaper.defer(again) else reaper.ShowConsoleMsg("closed") end
    end
    again()
"""


def test_reaimgui_is_there_when_switched_on_and_its_widgets_are_pressed_by_name(
    tmp_path: Path,
) -> None:
    fake = FakeReaper(folder=tmp_path, imgui=True)
    fake.run(IMGUI.replace("{extra}", ""))
    fake.spin(0.1)
    assert fake.imgui is not None
    assert fake.imgui.texts == ["Bass", "Apply"]
    fake.imgui.press("Apply")  # nothing: it is off
    fake.imgui.press("Bass")
    fake.spin(0.1)
    fake.imgui.press("Apply")
    fake.spin(0.1)
    assert fake.console == ["apply"]
    assert not fake.imgui.find("Bass").on
    fake.imgui.close()
    fake.spin(0.1)
    assert fake.console == ["apply", "closed"]


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ("reaper.ImGui_PushID(context, 'x')", "window is ended"),
        ("reaper.ImGui_EndChild(context)", "child is ended"),
        ("reaper.ImGui_Button(context, 'x###two')", "two widgets"),
        ("reaper.ImGui_Text(context, 5)", "must be string"),
        ("reaper.ImGui_Flourish(context)", "attempt to call a nil value"),
    ],
)
def test_reaimgui_is_strict_as_well(extra: str, said: str, tmp_path: Path) -> None:
    fake = FakeReaper(folder=tmp_path, imgui=True)
    with pytest.raises((MistakeError, ScriptError), match=said):
        fake.run(IMGUI.replace("{extra}", extra))


def test_a_context_that_is_not_used_for_a_tick_is_gone(tmp_path: Path) -> None:
    fake = FakeReaper(folder=tmp_path, imgui=True)
    fake.run("""
        local context, ticks = reaper.ImGui_CreateContext("AMA"), 0
        local function again()
          ticks = ticks + 1
          if ticks < 4 then return reaper.defer(again) end
          assert(not pcall(reaper.ImGui_Begin, context, "x", true))
        end
        again()""")
    assert not fake.spin(1)
