"""A second plan over a first one in the real Ardour: fader and AMA Level are one, VCAs lower a fader's top, AMA's plugins of before do nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ama_bridge.daw.ardour.pan_law import coefficient
from ama_bridge.daw.ardour.request import Strip
from tests.daw.ardour.ardour_lua import Bench
from tests.daw.ardour.made_sessions import MadeTrack, Take, lua_text, make_session, needs_ardour
from tests.daw.ardour.requests import (
    EQ_OFF,
    LEVEL,
    bell,
    comp,
    control,
    eq,
    part,
    request,
    settings,
)

pytestmark = [needs_ardour, pytest.mark.ardour]

FAR_DB, VCA_DB, SAME_DB = 10.3, -6.0, 1e-3
COMP_OFF = settings({3: 1.0, 5: 0.0, 9: 0.0, 10: 1.0})
SLAVED = """Session:vca_manager():create_vca(1, "Drums")
Session:route_by_name("Snare"):to_slavable():assign(Session:vca_manager():vca_by_name("Drums"))"""
STRIPS = """local function at(name) return 20 * math.log(fader(name), 10) end
local function vca(value) Session:vca_manager():vca_by_name("Drums"):gain_control():set_value(value, NOGROUP) end
local function level(name) local all = shown_processors(name)
  return (ARDOUR.LuaAPI.get_processor_param(all[#all - 1], 16, true)) end """


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    noise = np.random.default_rng(1).uniform(-0.1, 0.1, (1, 12_000)).astype(np.float32)
    tracks = [MadeTrack(name=name, takes=[Take(samples=noise)]) for name in ("Lead", "Snare")]
    return make_session(tmp_path_factory.mktemp("made") / "song", tracks, lua=SLAVED)


def gain(to_db: float, from_db: float, name: str = "g"):
    return control(name, "gain", coefficient(to_db), coefficient(from_db))


def plan(number: int, *strips: Strip) -> dict[str, Any]:
    heard = (*(strip.track for strip in strips), "master")
    return request(*strips, id=f"plan-{number}", plan=f"plan {number}", heard=heard)


def run(desk: Bench, lua: str, *plans: dict[str, Any]) -> dict[str, list[str]]:
    """Run it, with plan(N) to apply the nth, and return its lines by their first word."""
    for number, each in enumerate(plans, 1):
        desk.put(f"{number}.json", each)
    wanted = f"{lua_text(desk.mailbox)} .. '/' .. number .. '.json'"
    apply = f"post({wanted}, {lua_text(desk.mailbox / 'request.json')}) return action({lua_text(desk.paths['apply'])}, options)()"
    said = desk.run(f"{STRIPS} local function plan(number, options) {apply} end {lua}")
    lines = (line.split("\t") for line in said.splitlines() if "\t" in line)
    return {word: rest for word, *rest in lines}


def exported(desk: Bench) -> dict[str, float]:
    """Return the faders of the newest export."""
    documents = sorted((desk.session.parent / "export").glob("*/session.json"))
    (document,) = (desk.read(str(path)) for path in documents[-1:])
    return {track["name"]: track["fader_db"] for track in document["tracks"]}


def test_fader_and_level_are_one_from_plan_to_plan(desk, ids):
    lead = lambda *controls: Strip(track=ids["Lead"], name="Lead", controls=controls, level=LEVEL)  # noqa: E731
    said = run(
        desk,
        """local before = state()
        local one = plan(1) print("FIRST", at("Lead"), level("Lead"), #one.applied) export()
        local two = plan(2) print("SECOND", at("Lead"), level("Lead"), #two.applied)
        local again = plan(2) print("AGAIN", at("Lead"), level("Lead"), #again.applied)
        fader("Lead", 0.5) local moved = plan(3) print("MOVED", moved.conflicting[1].reason)
        fader("Lead", 10 ^ (2 / 20)) revert() revert() print("BACK", at("Lead"), level("Lead"))
        revert() print("SAME", state() == before)""",
        plan(1, lead(gain(FAR_DB, 0.0))),
        plan(2, lead(gain(2.0, FAR_DB))),
        plan(3, lead(gain(0.0, 2.0))),
    )
    assert [float(x) for x in said["FIRST"]] == pytest.approx(
        [6.0206, FAR_DB - 6.0206, 1], abs=SAME_DB
    )
    assert exported(desk)["Lead"] == pytest.approx(FAR_DB, abs=SAME_DB)
    assert [float(x) for x in said["SECOND"]] == pytest.approx([2.0, 0.0, 1], abs=SAME_DB)
    assert said["AGAIN"] == said["SECOND"]
    assert said["MOVED"] == ["the fader was moved since (-6.0 dB instead of +2.0 dB)"]
    assert [float(x) for x in said["BACK"]] == pytest.approx([6.0206, FAR_DB - 6.0206], abs=SAME_DB)
    assert said["SAME"] == ["true"]


def test_a_fader_under_a_vca_ends_lower_and_the_rest_is_in_the_level(desk, ids):
    """Ardour shows a fader and its VCA together: 2.0 x 0.5 is 0 dB."""
    snare = Strip(track=ids["Snare"], name="Snare", controls=(gain(6.0, VCA_DB),), level=LEVEL)
    said = run(
        desk,
        f'vca({coefficient(VCA_DB)}) export() local one = plan(1) print("SNARE", at("Snare"), level("Snare"), #one.applied) export()',
        plan(1, snare),
    )
    top_db = 6.0206 + VCA_DB
    assert [float(x) for x in said["SNARE"]] == pytest.approx(
        [top_db, 6.0 - top_db, 1], abs=SAME_DB
    )
    assert exported(desk)["Snare"] == pytest.approx(6.0, abs=SAME_DB)


def test_a_fader_whose_vca_is_closed_is_left_out_with_the_reason(desk, ids):
    snare = Strip(track=ids["Snare"], name="Snare", controls=(gain(6.0, -200.0),), level=LEVEL)
    said = run(
        desk,
        """vca(0) local one = plan(1) print("WHY", one.skipped[1].reason)""",
        plan(1, snare),
    )
    assert said["WHY"] == [
        "+6.0 dB of the fader are out of reach: it follows VCAs that stand too low"
    ]


def compressed(name: str = "squeeze", track: str = "master"):
    insert = comp(part(name, {4: -20.0, 3: 4.0}), base=COMP_OFF)
    return Strip(track=track, name="Master", inserts=(insert,))


COMPRESSOR = """local function ratio() return (ARDOUR.LuaAPI.get_processor_param(shown_processors("master")[1], 3, true)) end """


def test_plugins_of_an_earlier_plan_that_the_new_one_does_not_use_do_nothing(desk, ids):
    lead = Strip(track=ids["Lead"], name="Lead", inserts=(eq(bell("a", 1, 300.0, -2.0)),))
    said = run(
        desk,
        COMPRESSOR
        + """local start = state()
        plan(1) local first = state() print("ONE", ratio())
        local again = plan(1) print("AGAIN", ratio(), #again.notes)
        revert()
        local two = plan(2) print("TWO", ratio(), #two.applied, two.notes[1])
        local twice = plan(2) print("TWICE", #twice.notes)
        revert() revert() print("BACK", state() == first)
        plan(2) plan(3) print("THREE", ratio())
        revert() revert() revert() print("START", state() == start)""",
        plan(1, compressed(), lead),
        plan(2, Strip(track=ids["Lead"], name="Lead", inserts=(eq(bell("b", 2, 900.0, 1.5)),))),
        plan(3, compressed()),
    )
    assert said["ONE"] == ["4.0"]
    assert said["AGAIN"] == ["4.0", "0"]
    assert said["TWO"] == [
        "1.0",
        "1",
        "AMA Comp of an earlier plan on Master does nothing from now on.",
    ]
    assert said["TWICE"] == ["0"]
    assert said["BACK"] == ["true"]
    assert said["THREE"] == ["4.0"]
    assert said["START"] == ["true"]


def test_what_an_earlier_plan_left_has_a_box_and_stays_where_that_is_empty(desk, ids):
    lead = Strip(track=ids["Lead"], name="Lead", controls=(gain(-3.0, 0.0),), level=LEVEL)
    said = run(
        desk,
        COMPRESSOR
        + """plan(1)
        local answers = {function(rows) for _, row in ipairs(rows) do
            if row.type == "checkbox" then print("BOX" .. row.key, row.title) end end
          local ticks = as_shown(rows) ticks.s2 = false return ticks end}
        local two = plan(2, {globals = window(answers)}) print("TWO", ratio(), #two.applied, two.notes[1])
        local touched = shown_processors("master")[1] ARDOUR.LuaAPI.set_processor_param(touched, 4, -30)
        local three = plan(2) print("HAND", ratio(), three.notes[1])""",
        plan(1, compressed()),
        plan(2, lead),
    )
    assert said["BOXs2"] == ["AMA Comp of an earlier plan does nothing from now on"]
    before = "AMA Comp of an earlier plan on Master works as before: "
    assert said["TWO"] == ["4.0", "1", f"{before}not ticked in Ardour."]
    assert said["HAND"] == ["4.0", f"{before}it was changed by hand since AMA set it."]


def test_an_empty_box_of_the_new_plan_leaves_the_earlier_plugin_and_says_so(desk):
    said = run(
        desk,
        COMPRESSOR
        + """plan(1) local two = plan(2, {globals = window({function(rows)
          local ticks = as_shown(rows) ticks.s1 = false return ticks end})})
        print("TWO", ratio(), two.notes[1])""",
        plan(1, compressed()),
        plan(
            2,
            compressed(),
            Strip(
                track="master",
                name="Master",
                inserts=(eq(bell("b", 1, 90.0, 1.0), base=settings(EQ_OFF)),),
            ),
        ),
    )
    assert said["TWO"] == [
        "4.0",
        "AMA Comp of an earlier plan on Master works as before: nothing was ticked that sets it.",
    ]
