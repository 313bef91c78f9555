"""The OSC namespace against a service in this process: every address, every answer."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from ama_analysis.plan import ACTIONS
from ama_bridge.osc_server import ADDRESSES, OscServer, reference_table
from ama_bridge.wire import flat_values
from tests.bridge.plans import EVERY_ACTION, RATE_HZ, FakeAnalyst
from tests.bridge.services import QUIET_S, Client, client_of, service, tell_session, write_stems

FLOAT32_RELATIVE = 1e-6
"""OSC's f has 24 bits of mantissa."""
LARGEST_DATAGRAM = 1023
NONSENSE_ROUNDS = 400
LEFT_OUT = {"/ama/v1/hello"}
"""A random reply port would send the answers elsewhere."""


@pytest.fixture
def analyst() -> FakeAnalyst:
    return FakeAnalyst()


@pytest.fixture
def server(tmp_path: Path, analyst: FakeAnalyst) -> Iterator[OscServer]:
    with service(tmp_path / "state", analyst) as running:
        yield running


@pytest.fixture
def client(server: OscServer) -> Iterator[Client]:
    with client_of(server) as talking:
        yield talking


@pytest.fixture
def stems(tmp_path: Path) -> dict[str, Path]:
    return write_stems(tmp_path / "stems")


def test_hello_is_welcomed_with_version_and_protocol(client: Client) -> None:
    answer = client.ask("/hello", "r1", "test")
    assert answer.path == "/welcome"
    assert answer.arguments[0] == "r1"
    assert answer.arguments[2] == 1


def test_answers_go_to_the_reply_port_once_it_is_registered(
    server: OscServer, client: Client
) -> None:
    with client_of(server) as ear:
        client.send("/hello", "r1", "test", ear.port)
        assert ear.next().path == "/welcome"
        client.send("/ping", "r2")
        assert ear.next().arguments == ["r2"]
        with pytest.raises(TimeoutError):
            client.next(QUIET_S)


def test_a_sender_that_never_said_hello_is_answered_at_its_own_port_too(
    server: OscServer, client: Client
) -> None:
    with client_of(server) as ear, client_of(server) as stranger:
        client.send("/hello", "r1", "test", ear.port)
        ear.next()
        assert stranger.ask("/ping", "r2").arguments == ["r2"]
        assert ear.next().arguments == ["r2"]


@pytest.mark.parametrize("port", [-1, 65_536, 2**31 - 1])
def test_a_reply_port_that_is_none_is_refused(client: Client, port: int) -> None:
    answer = client.ask("/hello", "r1", "test", port)
    assert (answer.path, answer.arguments[1]) == ("/error", "AMA-501")


def test_ping_is_answered_with_pong(client: Client) -> None:
    answer = client.ask("/ping", "p")
    assert (answer.path, answer.arguments) == ("/pong", ["p"])


def test_commit_names_the_missing_indices(client: Client, stems: dict[str, Path]) -> None:
    client.ask("/session/begin", "b", "song", "test", float(RATE_HZ), 4)
    track = ("kick", "Kick", 0.0, 0.0, 0, str(stems["kick"]), "")
    client.ask("/session/track", "t", "song", 1, *track)
    answer = client.ask("/session/commit", "c", "song")
    assert answer.arguments[:2] == ["c", "AMA-204"]
    assert "0, 2, 3" in str(answer.arguments[2])


def test_sending_an_index_again_replaces_its_track(
    client: Client, stems: dict[str, Path], tmp_path: Path
) -> None:
    client.ask("/session/begin", "b", "song", "test", float(RATE_HZ), 1)
    for name, fader_db in (("kick", 0.0), ("bass", -3.0)):
        values = (name, name, fader_db, 0.0, 0, str(stems[name]), "")
        assert client.ask("/session/track", name, "song", 0, *values).path == "/ok"
    client.send("/session/commit", "c", "song")
    assert client.until("/ok", "/error")[-1].path == "/ok"
    kept = json.loads((tmp_path / "state/sessions/song.json").read_text(encoding="utf-8"))
    assert [t["id"] for t in kept["session"]["tracks"].values()] == ["bass"]


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
    _, count, path = answers[-1].arguments
    assert count == len(EVERY_ACTION)
    assert json.loads(Path(str(path)).read_text(encoding="utf-8"))["schema"] == "ama.plan/1"


def test_the_engine_may_be_left_out(client: Client, stems: dict[str, Path]) -> None:
    tell_session(client, stems)
    client.send("/suggest", "s", "song")
    assert client.until("/suggestions/end", "/error")[-1].path == "/suggestions/end"


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


def test_daws_of_later_versions_are_refused_with_what_to_do(
    client: Client, stems: dict[str, Path]
) -> None:
    tell_session(client, stems)
    for daw in ("reaper", "ardour", "garageband"):
        answer = client.ask("/apply", "a", "song", daw)
        assert answer.arguments[:2] == ["a", "AMA-502"]
        assert "folder" in str(answer.arguments[2])


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
    client.until("/ok")
    analyst.gate.set()
    answers = client.until("/error")
    assert answers[-1].arguments[:2] == ["second", "AMA-801"]
    assert any(a.path == "/suggestions/end" and a.arguments[0] == "first" for a in answers)


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


@pytest.mark.parametrize(
    ("path", "arguments"),
    [
        ("/session/track", (0, "a", "a", 0.0, 0.0, 0, "/x.wav", "")),
        ("/session/reference", ("/x.wav",)),
        ("/session/mix", ("/x.wav",)),
        ("/session/commit", ()),
        ("/suggest", ("auto",)),
        ("/apply", ("folder",)),
        ("/render", ("mix.wav",)),
    ],
)
def test_an_unknown_session_is_an_error_of_its_own(
    client: Client, path: str, arguments: tuple[object, ...]
) -> None:
    answer = client.ask(path, "r", "nowhere", *arguments)
    assert answer.arguments[:2] == ["r", "AMA-205"]


def test_suggesting_before_the_commit_is_refused(client: Client) -> None:
    client.ask("/session/begin", "b", "song", "test", float(RATE_HZ), 1)
    assert client.ask("/suggest", "s", "song", "auto").arguments[:2] == ["s", "AMA-204"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"index": 2}, "AMA-501"),
        ({"index": -1}, "AMA-501"),
        ({"pan": 1.5}, "AMA-501"),
        ({"fader_db": 100.0}, "AMA-501"),
        ({"fader_db": float("nan")}, "AMA-501"),
        ({"track_id": ""}, "AMA-202"),
        ({"track_id": "x" * 300}, "AMA-501"),
        ({"stem_path": "/nowhere/kick.wav"}, "AMA-101"),
        ({"stem_path": "kick.wav"}, "AMA-101"),
        ({"stem_path": ""}, "AMA-101"),
        ({"stem_path": "/" + "x" * 5000}, "AMA-101"),
        ({"mute": "no"}, "AMA-501"),
    ],
)
def test_tracks_that_cannot_be_are_refused(
    client: Client, stems: dict[str, Path], change: dict[str, object], code: str
) -> None:
    client.ask("/session/begin", "b", "song", "test", float(RATE_HZ), 2)
    values: dict[str, object] = {
        "index": 0,
        "track_id": "kick",
        "name": "Kick",
        "fader_db": 0.0,
        "pan": 0.0,
        "mute": 0,
        "stem_path": str(stems["kick"]),
        "plugins": "",
    }
    answer = client.ask("/session/track", "t", "song", *(values | change).values())
    assert answer.arguments[:2] == ["t", code]
    assert answer.size <= LARGEST_DATAGRAM


def test_two_tracks_of_one_id_are_refused(client: Client, stems: dict[str, Path]) -> None:
    client.ask("/session/begin", "b", "song", "test", float(RATE_HZ), 2)
    values = ("kick", "Kick", 0.0, 0.0, 0, str(stems["kick"]), "")
    client.ask("/session/track", "t", "song", 0, *values)
    assert client.ask("/session/track", "t", "song", 1, *values).arguments[1] == "AMA-202"


@pytest.mark.parametrize("count", [0, -1, 2**31 - 1])
def test_a_track_count_that_cannot_be_is_refused(client: Client, count: int) -> None:
    answer = client.ask("/session/begin", "b", "song", "test", float(RATE_HZ), count)
    assert answer.arguments[1] == "AMA-501"


def test_numbers_are_taken_in_every_type_that_clients_send(
    client: Client, stems: dict[str, Path]
) -> None:
    begun = client.ask("/session/begin", "b", "song", "test", RATE_HZ, 1.0, tags="sssif")
    assert begun.path == "/ok"
    values = ("t", "song", 0, "kick", "Kick", -3.0, 1, False, str(stems["kick"]), "")
    assert client.ask("/session/track", *values, tags="sshssdiFss").path == "/ok"


def test_every_address_of_the_table_has_a_handler_and_answers_to_no_arguments(
    client: Client,
) -> None:
    for path in ADDRESSES:
        answer = client.ask(path.removeprefix("/ama/v1"))
        assert answer.arguments[:2] == ["", "AMA-501"], path


def test_every_address_refuses_one_argument_too_many(client: Client) -> None:
    for path, address in ADDRESSES.items():
        if any(p.repeated for p in address.parameters):
            continue
        values = [{"s": "x", "i": 1, "f": 1.0}[p.type] for p in address.parameters]
        answer = client.ask(path.removeprefix("/ama/v1"), *values, "more")
        assert answer.arguments[:2] == ["x", "AMA-501"], path


def test_the_reference_table_names_every_kind_once() -> None:
    paths = [row[0] for row in reference_table()]
    assert len(paths) == len(set(paths)) == len(ADDRESSES) + len(ACTIONS) + 1
    gain = next(row for row in reference_table() if row[0] == "/ama/v1/suggestion/gain")
    assert gain[1] == ("s:rid s:id s:track f:delta_db f:fader_db f:confidence s:because")


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


def test_well_formed_nonsense_is_answered_and_never_unforeseen(
    client: Client, stems: dict[str, Path]
) -> None:
    tell_session(client, stems)
    client.send("/suggest", "s", "song", "auto")
    client.until("/suggestions/end")
    rng = random.Random(2026)  # noqa: S311  # seeded: the same nonsense every time
    words = ("song", "", "kick", "*", "../x", "edit", "accept", "folder", "gain:kick", "x" * 900)
    numbers = (0, 1, -1, 7, 2**31 - 1, -(2**31), 0.0, -0.5, 1e30, float("nan"), float("inf"))
    for at in range(NONSENSE_ROUNDS):
        address = rng.choice([a for a in ADDRESSES.values() if a.path not in LEFT_OUT])
        values: list[object] = []
        for parameter in address.parameters[1:]:
            as_asked = rng.random() < 0.8
            values.append(rng.choice(words if (parameter.type == "s") == as_asked else numbers))
        rid = f"n{at}"
        client.send(address.path.removeprefix("/ama/v1"), rid, *values)
        answer = client.next()
        while answer.arguments[0] != rid:
            answer = client.next()
        assert answer.arguments[1:2] != ["AMA-999"], (address.path, values)
        assert answer.size <= LARGEST_DATAGRAM
    client.send("/ping", "end")
    while client.until("/pong")[-1].arguments != ["end"]:
        pass
