"""A side-chain in the real Ardour: it is heard, and nobody listens in a circle."""

from __future__ import annotations

import numpy as np
import pytest

from ama_bridge.daw.ardour.request import Strip
from tests.daw.ardour.exported_mix import exported_mix
from tests.daw.ardour.made_sessions import lua_text, needs_ardour
from tests.daw.ardour.requests import comp, part, request
from tests.daw.ardour.round_trip.read import NAME, NO_GROUP, applied, done, reasons

pytestmark = [needs_ardour, pytest.mark.ardour]


DUCKED_DB, SAME_DB = 10.0, 0.1
"""A peak some 30 dB over the threshold at 20:1 takes more than 10 dB; exports of the same mixer differ by the noise's place alone."""


def level_db(desk, lua=""):
    """What the real Ardour's master holds of the voice alone, dB RMS, behind the first moments."""
    alone = f'for _, name in ipairs{{"Kick", "Pad"}} do Session:route_by_name(name):gain_control():set_value(0, {NO_GROUP}) end '
    mix = exported_mix(desk.session, frames=24_000, rate=48_000, lua=alone + lua)
    return 20 * np.log10(np.std(mix[:, 6_000:20_000]))


def test_a_sidechain_is_heard(desk, kick, voice):
    """The voice's compressor listens to the kick, before the kick's fader; cut off from it, it does nothing."""
    duck = comp(part("duck", {4: -50.0, 3: 20.0, 9: 1.0, 0: 0.1}), sidechain_from=kick().track)
    desk.ask(request(voice(inserts=(duck,))))
    before = level_db(desk)
    said = desk.run('apply() print("NAMES", names("Kick"))', save=True)
    assert "NAMES\tsend 1, Fader" in said
    assert level_db(desk) < before - DUCKED_DB
    cut = f'Session:route_by_name("Kick"):nth_send(0):to_send():gain_control():set_value(0, {NO_GROUP})'
    assert level_db(desk, cut) == pytest.approx(before, abs=SAME_DB)
    said = desk.run('revert() print("NAMES", names("Kick"))')
    assert "NAMES\tFader" in said


def test_two_tracks_do_not_listen_to_each_other(desk, kick, voice, ids):
    """A loop would stop Ardour's graph; one that an earlier plan began is seen too."""
    squeeze = {4: -30.0, 9: 1.0}
    pad = Strip(
        track=ids["Pad"],
        name="Pad",
        inserts=(comp(part("p", squeeze), sidechain_from=voice().track),),
    )
    desk.ask(
        request(
            kick(inserts=(comp(part("k", squeeze), sidechain_from=kick().track),)),
            voice(inserts=(comp(part("v", squeeze), sidechain_from=kick().track),)),
            pad,
        )
    )
    loop = request(
        kick(inserts=(comp(part("k", squeeze), sidechain_from=ids["Pad"]),)), id="plan-2"
    )
    desk.put("loop.json", loop)
    said = desk.run(f"""apply() post({lua_text(desk.mailbox / "loop.json")}, {lua_text(desk.mailbox / "request.json")})
      local result = action({lua_text(desk.paths["apply"])})() print("LOOP", result.skipped[1].reason)""")
    assert done(applied(desk)) == {"v", "p"}
    assert reasons(applied(desk)) == {"k": '"Kick" would listen to itself by way of "Kick"'}
    assert 'LOOP\t"Kick" would listen to itself by way of "Pad"' in said


def test_a_plugin_that_listens_is_reused_where_it_hears_the_same_track(desk, kick, voice, ids):
    first = voice(inserts=(comp(part("v", {4: -30.0, 9: 1.0}), sidechain_from=kick().track),))
    again = voice(inserts=(comp(part("v", {4: -20.0, 9: 1.0}), sidechain_from=kick().track),))
    other = voice(inserts=(comp(part("v", {4: -20.0, 9: 1.0}), sidechain_from=ids["Pad"]),))
    for number, strip in enumerate((first, again, other), 1):
        desk.put(f"{number}.json", request(strip, id=f"plan-{number}"))
    said = desk.run(f"""local START = state()
      for number = 1, 3 do
        post({lua_text(desk.mailbox)} .. "/" .. number .. ".json", {lua_text(desk.mailbox / "request.json")})
        local result = action({lua_text(desk.paths["apply"])})()
        print("STEP", #result.applied, names("Kick"), names({lua_text(NAME)}))
      end
      revert() revert() print("BACK", state() == START)""")
    steps = [line.split("\t")[1:] for line in said.splitlines() if line.startswith("STEP")]
    both = ["send 1, Fader", "ACE EQ, ACE Compressor (stereo), Fader"]
    assert steps == [["1", *both], ["1", *both], ["0", *both]]
    assert (
        "another AMA Comp of AMA is there already"
        in reasons(applied(desk, "result-plan-3.json"))["v"]
    )
    assert "BACK\ttrue" in said
