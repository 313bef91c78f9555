"""OSC: suggestions, decisions, delivery, rendering, and jobs that are stopped or fail."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ama_bridge.osc_server import OscServer
from ama_bridge.wire import flat_values
from tests.bridge.plans import DROPPED, EVERY_ACTION, FakeAnalyst
from tests.bridge.services import QUIET_S, Client, client_of, tell_session

FLOAT32_RELATIVE = 1e-6
"""OSC's f has 24 bits of mantissa."""
LARGEST_DATAGRAM = 1023


def test_suggestions_come_one_a_datagram_with_values_in_fixed_order(
    client: Client, stems: dict[str, Path]
) -> None:
    tell_session(client, stems)
    client.send("/suggest", "s", "song", "auto")
    answers = client.until("/suggestions/end")
    assert answers[0].path == "/job"
    assert answers[1].path == "/progress"
    suggested = [a for a in answers if a.path.startswith("/suggestion/")]
    assert [a.path.rpartition("/")[2] for a in suggested] == [a.kind for _, a in EVERY_ACTION]
    for answer, (track, action) in zip(suggested, EVERY_ACTION, strict=True):
        rid, suggestion_id, on_track, *values, confidence, because = answer.arguments
        assert (rid, suggestion_id, on_track) == ("s", f"{action.kind}:{track}", track)
        assert because == "The kick is 2.3 dB above its place."
        assert confidence == 0.75
        assert values == [
            pytest.approx(v, rel=FLOAT32_RELATIVE) if isinstance(v, float) else v
            for v in flat_values(action)
        ]
    (dropped,) = [a for a in answers if a.path.startswith("/dropped/")]
    assert dropped.path == "/dropped/eq_band"
    assert dropped.arguments[1:4] == [DROPPED.id, "bass", "low_shelf"]
    assert dropped.arguments[-1] == DROPPED.because
    _, count, path = answers[-1].arguments
    assert count == len(EVERY_ACTION)
    assert json.loads(Path(str(path)).read_text(encoding="utf-8"))["schema"] == "ama.plan/1"


def test_the_engine_may_be_left_out(client: Client, stems: dict[str, Path]) -> None:
    tell_session(client, stems)
    client.send("/suggest", "s", "song")
    assert client.until("/suggestions/end", "/error")[-1].path == "/suggestions/end"


def test_an_engine_that_is_none_is_refused_at_once(client: Client, stems: dict[str, Path]) -> None:
    tell_session(client, stems)
    answer = client.ask("/suggest", "s", "song", "magic")
    assert (answer.path, answer.arguments[:2]) == ("/error", ["s", "AMA-501"]), "no job begins"
    assert "auto, rules, cnn or reference" in str(answer.arguments[2])


def test_every_datagram_stays_below_1024_bytes_and_long_reasons_end_at_a_word(
    client: Client, stems: dict[str, Path], analyst: FakeAnalyst
) -> None:
    analyst.because = "Der Baß überdeckt die Bassdrum — 63 Hz, 低い, um 4,2 dB. " * 60
    tell_session(client, stems)
    client.send("/suggest", "s", "song", "auto")
    answers = client.until("/suggestions/end")
    assert max(a.size for a in answers) <= LARGEST_DATAGRAM
    for answer in answers:
        if answer.path.startswith("/suggestion/"):
            because = str(answer.arguments[-1])
            assert because.endswith("…")
            assert analyst.because.startswith(because[:-1])
            assert analyst.because[len(because) - 1] in " ,.:;"


def test_decide_apply_hands_over_what_was_accepted_and_says_why_not_the_rest(
    client: Client, stems: dict[str, Path]
) -> None:
    tell_session(client, stems)
    client.send("/suggest", "s", "song", "auto")
    client.until("/suggestions/end")
    assert client.ask("/decide", "d1", "gain:kick", "accept").path == "/ok"
    assert client.ask("/decide", "d2", "pan:bass", "reject").path == "/ok"
    assert client.ask("/decide", "d3", "eq_band:kick", "edit", "bell", 400.0, -3.0).path == "/ok"
    client.send("/apply", "a", "song", "folder")
    applied = client.until("/applied", "/error")[-1]
    assert applied.arguments[:3] == ["a", 2, len(EVERY_ACTION) - 2]
    receipt = json.loads(Path(str(applied.arguments[3])).read_text(encoding="utf-8"))
    assert receipt["applied"] == ["gain:kick", "eq_band:kick"]
    reasons = {entry["suggestion"]: entry["reason"] for entry in receipt["skipped"]}
    assert reasons["pan:bass"] == "rejected"
    assert reasons["limiter:master"] == "not accepted yet"
    folder = Path(str(applied.arguments[3])).parent
    plan = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    assert [s["values"] for s in plan["suggestions"]] == [
        {"delta_db": -2.25, "fader_db": -8.25},
        {"type": "bell", "freq_hz": 400.0, "gain_db": -3.0, "q": 1.3},
    ]
    assert {p.name for p in (folder / "presets").iterdir()} == {
        "kick.json",
        "bass.json",
        "master.json",
    }


def test_an_edited_step_takes_the_fader_with_it(client: Client, stems: dict[str, Path]) -> None:
    tell_session(client, stems)
    client.send("/suggest", "s", "song", "auto")
    client.until("/suggestions/end")
    assert client.ask("/decide", "d", "gain:kick", "edit", -1.0).path == "/ok"
    client.send("/apply", "a", "song", "folder")
    receipt = Path(str(client.until("/applied")[-1].arguments[3]))
    plan = json.loads((receipt.parent / "plan.json").read_text(encoding="utf-8"))
    assert plan["suggestions"][0]["values"] == {"delta_db": -1.0, "fader_db": -7.0}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("nothing:here", "accept"), "AMA-402"),
        (("gain:kick", "maybe"), "AMA-501"),
        (("gain:kick", "edit"), "AMA-501"),
        (("gain:kick", "edit", 1.0, 9.0), "AMA-501"),
        (("gain:kick", "edit", 1.0, 2.0, 3.0), "AMA-501"),
        (("gain:kick", "edit", "loud"), "AMA-501"),
        (("gain:kick", "edit", 400.0), "AMA-501"),
        (("gain:kick", "accept", 1.0), "AMA-501"),
        (("*", "edit", 1.0), "AMA-501"),
        (("high_pass:bass", "edit", 40.0, 13.0), "AMA-501"),
    ],
)
def test_decisions_that_do_not_fit_are_refused(
    client: Client, stems: dict[str, Path], arguments: tuple[object, ...], code: str
) -> None:
    tell_session(client, stems)
    client.send("/suggest", "s", "song", "auto")
    client.until("/suggestions/end")
    answer = client.ask("/decide", "d", *arguments)
    assert (answer.path, answer.arguments[:2]) == ("/error", ["d", code])


def test_deciding_before_any_plan_is_refused(client: Client) -> None:
    assert client.ask("/decide", "d", "gain:kick", "accept").arguments[1] == "AMA-402"


def test_a_daw_that_nobody_knows_is_refused_with_those_that_are_known(
    client: Client, stems: dict[str, Path]
) -> None:
    tell_session(client, stems)
    answer = client.ask("/apply", "a", "song", "garageband")
    assert answer.arguments[:2] == ["a", "AMA-502"]
    assert "folder, ardour, reaper" in str(answer.arguments[2])


def test_render_writes_into_the_renders_folder(
    client: Client, stems: dict[str, Path], tmp_path: Path
) -> None:
    tell_session(client, stems)
    client.send("/suggest", "s", "song", "auto")
    path = client.until("/suggestions/end")[-1].arguments[2]
    for named in ("song", path, Path(str(path)).stem):
        client.send("/render", "r", named, "mix.wav")
        rendered = client.until("/rendered", "/error")[-1]
        assert rendered.arguments == ["r", str(tmp_path / "state/renders/mix.wav")]
        assert Path(str(rendered.arguments[1])).is_file()


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../mix.wav", "/somewhere/mix.wav", "a/b.wav", "a\\b.wav", ".hidden.wav", "mix.exe",
     "C:mix.wav", "mix\n.wav", f"{'x' * 300}.wav"],
)  # fmt: skip
def test_render_names_that_lead_elsewhere_are_refused(
    client: Client, stems: dict[str, Path], tmp_path: Path, name: str
) -> None:
    tell_session(client, stems)
    client.send("/suggest", "s", "song", "auto")
    client.until("/suggestions/end")
    answer = client.ask("/render", "r", "song", name)
    assert answer.arguments[:2] == ["r", "AMA-501"]
    assert not (tmp_path / "state/renders").exists()


def test_a_running_job_is_cancelled(
    client: Client, stems: dict[str, Path], analyst: FakeAnalyst
) -> None:
    tell_session(client, stems)
    analyst.gate.clear()
    client.send("/suggest", "s", "song", "auto")
    job = client.until("/job")[-1].arguments[1]
    assert analyst.started.wait(20.0)
    client.send("/cancel", "x", job)
    ends: dict[str, list[object]] = {}
    while len(ends) < 2:  # the two come in either order
        answer = client.until("/ok", "/error")[-1]
        ends[answer.path] = answer.arguments[:2]
    assert ends == {"/ok": ["x"], "/error": ["s", "AMA-801"]}


def test_a_waiting_job_is_cancelled_and_the_one_before_it_goes_on(
    client: Client, stems: dict[str, Path], analyst: FakeAnalyst
) -> None:
    tell_session(client, stems)
    analyst.gate.clear()
    client.send("/suggest", "first", "song", "auto")
    client.until("/job")
    client.send("/suggest", "second", "song", "auto")
    second = client.until("/job")[-1].arguments[1]
    client.send("/cancel", "x", second)
    answers = client.until("/ok")
    assert ["second", "AMA-801"] in [a.arguments[:2] for a in answers if a.path == "/error"]
    analyst.gate.set()
    assert client.until("/suggestions/end")[-1].arguments[0] == "first"


def test_ping_is_answered_while_a_job_runs_and_status_names_it(
    client: Client, stems: dict[str, Path], analyst: FakeAnalyst
) -> None:
    tell_session(client, stems)
    analyst.gate.clear()
    client.send("/suggest", "s", "song", "auto")
    assert analyst.started.wait(20.0)
    client.send("/ping", "p")
    client.until("/pong")
    client.send("/status", "st")
    status = client.until("/status")[-1].arguments
    assert status[2:6] == [1, 0, 1, "suggest-1"]
    analyst.gate.set()
    client.until("/suggestions/end")


def test_an_error_that_nobody_foresaw_is_answered_and_the_service_goes_on(
    client: Client, stems: dict[str, Path], analyst: FakeAnalyst
) -> None:
    tell_session(client, stems)
    analyst.fails_with = ZeroDivisionError("division by zero")
    client.send("/suggest", "s", "song", "auto")
    assert client.until("/error")[-1].arguments[:2] == ["s", "AMA-999"]
    analyst.fails_with = None
    client.send("/suggest", "s2", "song", "auto")
    assert client.until("/suggestions/end", "/error")[-1].path == "/suggestions/end"


def test_a_subscriber_hears_of_the_work_of_others_until_it_has_enough(
    server: OscServer, client: Client, stems: dict[str, Path]
) -> None:
    with client_of(server) as listener:
        assert listener.ask("/subscribe", "sub").path == "/ok"
        tell_session(client, stems)
        client.send("/suggest", "s", "song", "auto")
        client.until("/suggestions/end")
        heard = [listener.next()]
        while heard[-1].arguments[1:] != ["suggest", "song-0001"]:
            heard.append(listener.next())
        assert {a.arguments[0] for a in heard} == {"sub"}
        assert {"/event", "/progress"} == {a.path for a in heard}
        assert listener.ask("/subscribe", "sub", 0).path == "/ok"
        client.ask("/decide", "d", "*", "accept")
        with pytest.raises(TimeoutError):
            listener.next(QUIET_S)


def test_two_clients_decide_each_on_its_own_plan(
    server: OscServer, client: Client, stems: dict[str, Path], tmp_path: Path
) -> None:
    with client_of(server) as other:
        for each, session in ((client, "first"), (other, "second")):
            tell_session(each, stems, session)
            each.send("/suggest", "s", session, "auto")
            each.until("/suggestions/end")
        assert client.ask("/decide", "d", "gain:kick", "accept").path == "/ok"
        assert other.ask("/decide", "d", "gain:kick", "reject").path == "/ok"
    verdicts = {
        path.stem: json.loads(path.read_text(encoding="utf-8"))["decisions"]["gain:kick"]["verdict"]
        for path in (tmp_path / "state/decisions").iterdir()
    }
    assert verdicts == {"first-0001": "accept", "second-0002": "reject"}


def test_a_decision_from_a_sender_without_a_plan_goes_to_the_newest_that_has_it(
    server: OscServer, client: Client, stems: dict[str, Path], tmp_path: Path
) -> None:
    for session in ("old", "new"):
        tell_session(client, stems, session)
        client.send("/suggest", "s", session, "auto")
        client.until("/suggestions/end")
    with client_of(server) as other:
        assert other.ask("/decide", "d", "*", "accept").path == "/ok"
    assert [p.stem for p in (tmp_path / "state/decisions").iterdir()] == ["new-0002"]
