"""Plans and a DAW that asks, over OSC: what it is offered, what waits for the user and what does not, what comes back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ama_analysis.plan import MixPlan
from ama_bridge.daw.port import Move
from ama_bridge.wire import plan_from_bytes
from tests.bridge.daws import AskingDaw, assistant_with
from tests.bridge.plans import EVERY_ACTION, FakeAnalyst
from tests.bridge.services import Answer, Client, client_of, service, tell_session

EVERYTHING = {f"{action.kind}:{track}" for track, action in EVERY_ACTION}
REJECTED, ACCEPTED = "pan:bass", "gain:kick"


@pytest.fixture
def daw() -> AskingDaw:
    return AskingDaw()


@pytest.fixture
def client(tmp_path: Path, daw: AskingDaw, analyst: FakeAnalyst) -> Iterator[Client]:
    assistant = assistant_with(tmp_path / "state", daw, analyst)
    with service(tmp_path / "state", assistant=assistant) as server, client_of(server) as talking:
        yield talking


def suggested(client: Client, *more: str) -> list[Answer]:
    client.send("/suggest", "s", "song", "auto", *more)
    return client.until("/suggestions/end", "/error")


def ids(plan: MixPlan) -> set[str]:
    return {s.id for s in plan.suggestions}


def test_a_suggestion_for_a_daw_is_offered_there_when_the_plan_is_ready(
    client: Client, stems: dict[str, Path], daw: AskingDaw
) -> None:
    tell_session(client, stems, daw="studio")
    assert suggested(client, "studio")[-1].path == "/suggestions/end"
    applied = client.until("/applied")[-1]
    assert applied.arguments[:3] == ["s", len(EVERYTHING), 0]
    ((plan, ask, agreed),) = daw.offers
    assert ids(plan) == EVERYTHING
    assert ask
    assert agreed == frozenset(), "nobody has agreed to anything before the dialog"


@pytest.mark.parametrize("name", ["folder", "garageband"])
def test_a_daw_that_cannot_ask_is_refused_before_the_work(
    client: Client, stems: dict[str, Path], name: str
) -> None:
    tell_session(client, stems)
    assert suggested(client, name)[0].path == "/error"


def test_a_dialog_offers_all_that_was_not_rejected(
    client: Client, stems: dict[str, Path], daw: AskingDaw
) -> None:
    tell_session(client, stems)
    suggested(client)
    client.ask("/decide", "d", REJECTED, "reject")
    client.ask("/decide", "d", ACCEPTED, "accept")
    client.send("/apply", "a", "song", "studio")
    applied = client.until("/applied")[-1]
    ((plan, ask, agreed),) = daw.offers
    assert ask
    assert ids(plan) == EVERYTHING - {REJECTED}
    assert agreed == frozenset({ACCEPTED})
    receipt = json.loads(Path(str(applied.arguments[3])).read_text(encoding="utf-8"))
    assert receipt["skipped"] == [{"suggestion": REJECTED, "reason": "rejected"}]


def test_without_a_dialog_only_what_was_accepted_is_handed_over(
    client: Client, stems: dict[str, Path], daw: AskingDaw
) -> None:
    tell_session(client, stems)
    suggested(client)
    client.ask("/decide", "d", ACCEPTED, "accept")
    client.send("/apply", "a", "song", "studio", 0)
    applied = client.until("/applied")[-1]
    ((plan, ask, _),) = daw.offers
    assert not ask
    assert ids(plan) == {ACCEPTED}
    assert applied.arguments[1:3] == [1, len(EVERYTHING) - 1]


def test_waiting_for_the_user_holds_nothing_else_up(
    client: Client, stems: dict[str, Path], daw: AskingDaw
) -> None:
    tell_session(client, stems)
    suggested(client)
    daw.user.clear()
    client.send("/apply", "a", "song", "studio")
    job = client.until("/job")[-1].arguments[1]
    assert job == "studio-apply-1"
    client.send("/apply", "f", "song", "folder")
    client.send("/render", "r", "song", "mix.wav")
    rest = {client.until("/applied", "/rendered")[-1].path for _ in range(2)}
    assert rest == {"/applied", "/rendered"}
    assert client.ask("/status", "q").arguments[4:6] != [0, ""], "the dialog still waits"
    daw.user.set()
    assert client.until("/applied")[-1].arguments[0] == "a"


def test_waiting_for_the_user_can_be_cancelled(
    client: Client, stems: dict[str, Path], daw: AskingDaw
) -> None:
    tell_session(client, stems)
    suggested(client)
    daw.user.clear()
    client.send("/apply", "a", "song", "studio")
    job = str(client.until("/job")[-1].arguments[1])
    client.send("/cancel", "c", job)
    assert client.until("/error")[-1].arguments[:2] == ["a", "AMA-801"]


def test_what_was_set_is_taken_back(client: Client) -> None:
    for ask, conflicts in ((0, 0), (1, 1)):
        client.send("/revert", "r", "studio", ask)
        reverted = client.until("/reverted", "/error")[-1]
        assert reverted.arguments[:3] == ["r", 1, conflicts]
        document = json.loads(Path(str(reverted.arguments[3])).read_text(encoding="utf-8"))
        assert document["schema"] == "ama.reverted/1"
        assert document["restored"] == ["bass: pan"]


def test_files_that_were_written_cannot_be_taken_back(client: Client) -> None:
    answer = client.ask("/revert", "r", "folder")
    assert (answer.path, answer.arguments[:2]) == ("/error", ["r", "AMA-502"]), "no job begins"


def test_where_the_faders_stand_in_the_daw_is_what_the_plan_begins_with(
    client: Client, stems: dict[str, Path], daw: AskingDaw
) -> None:
    daw.moves = (
        Move(session="song", track_name="Kick", fader_db=-11.0),
        Move(session="song", track_name="Kick", pan=0.5, muted=True),
        Move(session="another", track_name="Bass", fader_db=-33.0),
    )
    tell_session(client, stems, daw="studio")
    assert daw.watched.wait(20.0)
    path = Path(str(suggested(client)[-1].arguments[2]))
    plan = plan_from_bytes(path.read_bytes(), name="plan", folder=path.parent)
    kick, bass = plan.session.tracks
    assert (kick.fader_db, kick.pan, kick.muted) == (-11.0, 0.5, True)
    assert (bass.fader_db, bass.pan) == (-6.0, 0.0)


def plan_of(client: Client) -> MixPlan:
    path = Path(str(suggested(client)[-1].arguments[2]))
    return plan_from_bytes(path.read_bytes(), name="plan", folder=path.parent)


def test_a_service_that_starts_again_waits_to_hear_where_the_faders_stand_now(
    tmp_path: Path, stems: dict[str, Path], analyst: FakeAnalyst
) -> None:
    state, before, daw = tmp_path / "state", AskingDaw(), AskingDaw()
    first = assistant_with(state, before, analyst)
    with service(state, assistant=first) as server, client_of(server) as client:
        tell_session(client, stems, daw="studio")
    daw.moves = (Move(session="song", track_name="Kick", fader_db=-11.0),)
    daw.reached.clear()
    again = assistant_with(state, daw, analyst)
    with service(state, assistant=again) as server, client_of(server) as client:
        again.take_up()
        client.send("/suggest", "s", "song")
        client.until("/progress", "/job")
        daw.reached.set()
        assert plan_of(client).session.tracks[0].fader_db == -11.0


def test_faders_that_the_stems_contain_do_not_count_twice(
    client: Client, stems: dict[str, Path], daw: AskingDaw
) -> None:
    daw.moves = (Move(session="song", track_name="Kick", fader_db=-11.0),)
    values = ("song", "studio", 44_100.0, len(stems), "post_fader")
    assert client.ask("/session/begin", "b", *values).path == "/ok"
    for at, (name, path) in enumerate(stems.items()):
        told = (name, name.title(), 0.0, 0.0, 0, str(path), "")
        assert client.ask("/session/track", "t", "song", at, *told).path == "/ok"
    client.send("/session/commit", "c", "song")
    client.until("/ok")
    path = Path(str(suggested(client)[-1].arguments[2]))
    plan = plan_from_bytes(path.read_bytes(), name="plan", folder=path.parent)
    assert {t.fader_db for t in plan.session.tracks} == {0.0}
    assert not daw.watched.is_set()


def exported(folder: Path, stems: dict[str, Path]) -> Path:
    """Write a session.json beside stems, as an export does."""
    tracks = [
        {"id": n, "name": n, "stem": str(p), "fader_db": -2.0, "automated": ["fader"]}
        for n, p in stems.items()
    ]
    document = {"schema": "ama.session/1", "daw": "studio", "name": "song", "tracks": tracks}
    (folder / "session.json").write_text(json.dumps(document), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("foo", "x", 0, 1, ""), "'foo' is no kind of text"),
        (("session", "x", 5, 2, ""), "There is no part 5 of 2"),
        (("session", "x", 0, "0", ""), "must be a whole number, not the text '0'"),
    ],
)
def test_a_text_that_cannot_be_is_refused(
    client: Client, arguments: tuple[object, ...], told: str
) -> None:
    answer = client.ask("/daw/text", *arguments)
    assert (answer.path, answer.arguments[1]) == ("/error", "AMA-501")
    assert told in str(answer.arguments[2])


def test_stems_that_were_bounced_in_no_known_way_are_refused(client: Client) -> None:
    answer = client.ask("/session/begin", "b", "song", "studio", 44_100.0, 1, "xxx")
    assert (answer.path, answer.arguments[1]) == ("/error", "AMA-501")
    assert "'xxx' is not a way to bounce stems" in str(answer.arguments[2])


def test_a_session_that_comes_as_text_is_worked_on_and_offered(
    client: Client, stems: dict[str, Path], daw: AskingDaw, tmp_path: Path
) -> None:
    daw.export = exported(tmp_path, stems)
    client.ask("/subscribe", "e")
    assert client.ask("/daw/text", "session", "export-1", 0, 1, "{}").path == "/ok"
    while not daw.offers:
        client.ask("/ping", "p")
    assert {t.fader_db for t in daw.offers[0][0].session.tracks} == {-2.0}


def test_what_was_exported_while_no_service_ran_is_offered_when_one_starts(
    tmp_path: Path, stems: dict[str, Path], daw: AskingDaw, analyst: FakeAnalyst
) -> None:
    daw.export = exported(stems["kick"].parent, stems)
    assistant = assistant_with(tmp_path / "state", daw, analyst)
    with service(tmp_path / "state", assistant=assistant) as server, client_of(server) as client:
        assistant.exports.begin()
        while not daw.offers:
            client.ask("/ping", "p")
        assistant.exports.begin()
        assert client.ask("/status", "q").arguments[3] == 1, "one plan, once"
        plan = plan_of(client)
        assert {t.fader_db for t in plan.session.tracks} == {-2.0}, "it is the session now"
        assert any("follows automation" in told for told in plan.session.warnings)
    assert daw.export is None
