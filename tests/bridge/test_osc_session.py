"""OSC: who is there, and a session that is told track by track."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from ama_analysis.plan import ACTIONS
from ama_analysis.reference import Reference
from ama_bridge.offline import read_plan
from ama_bridge.osc_server import ADDRESSES, OscServer, reference_table
from ama_bridge.service.analyst import RealAnalyst
from tests.bridge.plans import RATE_HZ
from tests.bridge.services import PATIENCE_S, QUIET_S, Client, client_of, service, tell_session
from tests.bridge.stems import write_song

LARGEST_DATAGRAM = 1023
NONSENSE_ROUNDS = 400
BURST = 2000
"""Datagrams without a pause: eight times what a system keeps by itself for whoever does not take them."""
SENDER = """
import socket, sys
from ama_bridge.osc_packets import encode

service, reply_port, burst = map(int, sys.argv[1:])
datagrams = [encode("/ama/v1/ping", (f"p{at}",)) for at in range(burst)]
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
    sender.connect(("127.0.0.1", service))
    sender.send(encode("/ama/v1/hello", ("h", "burst", reply_port)))
    for datagram in datagrams:
        sender.send(datagram)
"""
LEFT_OUT = {"/ama/v1/hello"}
"""A random reply port would send the answers elsewhere."""


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


def test_a_burst_from_another_process_is_answered_to_the_last_datagram(server: OscServer) -> None:
    with client_of(server) as ear:
        arguments = [str(server.port), str(ear.port), str(BURST)]
        sending = subprocess.Popen([sys.executable, "-c", SENDER, *arguments])
        assert ear.next().path == "/welcome"
        heard = [ear.next().arguments[0] for _ in range(BURST)]
        assert sending.wait(PATIENCE_S) == 0
    assert heard == [f"p{at}" for at in range(BURST)]


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


@pytest.mark.parametrize("shut", [float("-inf"), -1000.0, -200.0])
def test_a_fader_that_is_shut_stands_at_the_lowest(
    client: Client, stems: dict[str, Path], tmp_path: Path, shut: float
) -> None:
    client.ask("/session/begin", "b", "song", "test", float(RATE_HZ), 1)
    values = ("kick", "Kick", shut, 0.0, 0, str(stems["kick"]), "")
    assert client.ask("/session/track", "t", "song", 0, *values).path == "/ok"
    client.send("/session/commit", "c", "song")
    client.until("/ok")
    kept = json.loads((tmp_path / "state/sessions/song.json").read_text(encoding="utf-8"))
    assert kept["session"]["tracks"]["0"]["fader_db"] == -200.0


def test_two_tracks_of_one_id_are_refused(client: Client, stems: dict[str, Path]) -> None:
    client.ask("/session/begin", "b", "song", "test", float(RATE_HZ), 2)
    values = ("kick", "Kick", 0.0, 0.0, 0, str(stems["kick"]), "")
    client.ask("/session/track", "t", "song", 0, *values)
    assert client.ask("/session/track", "t", "song", 1, *values).arguments[1] == "AMA-202"


def test_references_and_their_sections_are_kept_each_once(
    client: Client, stems: dict[str, Path], tmp_path: Path
) -> None:
    tell_session(client, stems)
    song = stems["bass"]
    for section in ("", "@1:02-1:34", "@62-94", "@0:00-", "@-0:05.5"):
        answer = client.ask("/session/reference", "r", "song", f"{song}{section}")
        assert (answer.path, answer.arguments) == ("/ok", ["r"])
    client.send("/session/commit", "c", "song")
    client.until("/ok")
    kept = json.loads((tmp_path / "state/sessions/song.json").read_text(encoding="utf-8"))
    sections = ("", "@1:02-1:34", "@0:00-", "@0:00-0:05.5")
    assert kept["session"]["references"] == [f"{song}{section}" for section in sections]


@pytest.mark.parametrize(
    ("reference", "code"),
    [
        ("{bass}@1:34-1:02", "AMA-501"),
        ("{bass}@1:75-", "AMA-501"),
        ("{bass}@chorus", "AMA-501"),
        ("/nowhere/song.flac@1-2", "AMA-101"),
        ("song.flac@1-2", "AMA-101"),
        ("@1-2", "AMA-101"),
        ("/" + "x" * 5000 + "@1-2", "AMA-101"),
    ],
)
def test_references_that_cannot_be_are_refused(
    client: Client, stems: dict[str, Path], reference: str, code: str
) -> None:
    tell_session(client, stems)
    answer = client.ask("/session/reference", "r", "song", reference.format(bass=stems["bass"]))
    assert answer.arguments[:2] == ["r", code]
    assert answer.size <= LARGEST_DATAGRAM


def test_a_section_of_a_reference_is_what_the_service_compares_with(tmp_path: Path) -> None:
    files = write_song(tmp_path / "song")
    stems = {name: files[name] for name in ("kick", "bass")}
    with service(tmp_path / "state", RealAnalyst()) as server, client_of(server) as client:
        tell_session(client, stems)
        client.ask("/session/reference", "r", "song", f"{files['hats']}@9-12")
        client.send("/session/commit", "c", "song")
        refused = client.until("/ok", "/error")[-1]
        assert refused.arguments[1] == "AMA-103"
        assert "does not have the section 0:09-0:12" in str(refused.arguments[2])
        tell_session(client, stems)
        client.ask("/session/reference", "r", "song", f"{files['hats']}@1-3")
        client.send("/session/commit", "c", "song")
        assert client.until("/ok", "/error")[-1].path == "/ok"
        client.send("/suggest", "s", "song", "auto")
        end = client.until("/suggestions/end", "/error")[-1]
    plan = read_plan(Path(str(end.arguments[2])))
    assert plan.target.references == ("hats.wav@0:01-0:03",)
    assert plan.session.references == (Reference(path=files["hats"], start_s=1.0, stop_s=3.0),)


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
