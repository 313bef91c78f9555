"""How AMA and its scripts in the real Ardour talk: requests that are broken, texts over OSC, a sandbox, wishes."""

from __future__ import annotations

import json

import pytest

from tests.daw.ardour import requests
from tests.daw.ardour.ardour_lua import Listener, bench, texts
from tests.daw.ardour.made_sessions import lua_text, needs_ardour
from tests.daw.ardour.requests import control, request
from tests.daw.ardour.round_trip.read import HALF, applied, reasons, whole_plan

pytestmark = [needs_ardour, pytest.mark.ardour]


def test_skipped_by_translation_goes_into_the_result_as_it_is(desk, kick):
    desk.ask(
        request(
            kick(controls=(control("g", "gain", HALF, 1.0),)),
            skipped=(requests.skipped("lim", "Ardour has no limiter."),),
        ),
    )
    desk.run("apply()")
    assert reasons(applied(desk)) == {"lim": "Ardour has no limiter."}


BROKEN = {
    '{"schema": "ama.ardour/2"}': "another version of AMA",
    "[1,": "cannot be read (JSON:",
    '{"schema": "ama.ardour/1", "id": "x", "suggestions": [], "strips": [{"track": 1}]}': "no text at track",
    '{"schema": "ama.ardour/1"}': "no text at id",
    "": "nothing to apply",
}


def test_a_broken_request_is_told_and_changes_nothing(desk):
    for number, text in enumerate(BROKEN, 1):
        (desk.folder / f"{number}.json").write_text(text, encoding="utf-8")
    said = desk.run(f"""local before = state()
      for number = 1, {len(BROKEN)} do
        post({lua_text(desk.folder)} .. "/" .. number .. ".json", {lua_text(desk.mailbox / "request.json")})
        shown = {{}}
        apply({{globals = window({{}})}}) print("SHOWN", #shown, shown[1].text)
      end
      print("SAME", state() == before)""")
    told = [line.split("\t")[1:] for line in said.splitlines() if line.startswith("SHOWN")]
    assert [count for count, _ in told] == ["1"] * len(BROKEN)
    assert all(expected in text for expected, (_, text) in zip(BROKEN.values(), told, strict=True))
    assert "SAME\ttrue" in said
    assert {p.name for p in desk.mailbox.iterdir()} == {"request.json"}


def test_texts_go_to_the_port_that_the_request_names(desk, kick, voice):
    listener = Listener()
    document = whole_plan(kick, voice) | {"answer_port": listener.port}
    desk.ask(document)
    desk.run("apply()")
    sent = texts(listener.messages())
    listener.close()
    assert json.loads(sent["result", "plan-1"][0]) == desk.read("result-plan-1.json")
    assert set(sent) == {("begun", "plan-1"), ("result", "plan-1")}


def test_in_a_sandbox_all_goes_over_osc_and_ama_keeps_the_files(desk, kick, voice):
    """Without `io` the scripts read through Ardour and only send; the test keeps their texts as AMA does."""
    listener = Listener()
    sandboxed = bench(desk.session, desk.folder, port=listener.port)
    sandboxed.ask(whole_plan(kick, voice))
    sandboxed.run("apply({sandboxed = true})", save=True)
    assert [p.name for p in desk.mailbox.iterdir()] == ["request.json"]
    sent = texts(listener.messages())
    result = json.loads(sent["result", "plan-1"][0])
    assert len(result["applied"]) == 10
    (desk.mailbox / "journal-plan-1.json").write_text(
        sent["journal", "plan-1"][-1], encoding="utf-8"
    )
    sandboxed.put("journals.json", {"schema": "ama.journals/1", "ids": ["plan-1"]})
    said = sandboxed.run('revert({sandboxed = true}) print("NAMES", names("Kick"), fader("Kick"))')
    assert "NAMES\tFader\t1.0" in said
    assert len(json.loads(texts(listener.messages())["revert", "plan-1"][0])["restored"]) == 10
    listener.close()


def test_a_wish_to_revert_is_read_once_and_asks_nothing(desk, kick):
    desk.ask(request(kick(controls=(control("g", "gain", HALF, 1.0),))))
    desk.put(
        "revert.json",
        {"schema": "ama.revert/1", "ask": False, "id": "plan-1", "answer_port": 0},
    )
    said = desk.run('apply() revert({globals = window({})}) print("FADER", fader("Kick"), #shown)')
    assert "FADER\t1.0\t0" in said
    assert not (desk.mailbox / "revert.json").exists()
