"""Ardour as a DAW: what becomes of a hand-over when the scripts are not there, do not start, answer by one way or the other, or fall silent.

The Ardour is real, and has no window, so that no action of its starts by itself; the test plays AMA's script, as a file and over OSC. The scripts
themselves run in test_round_trip and test_window.
"""

from __future__ import annotations

import json
import math
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ama_analysis.errors import CancelledError, DeliveryError
from ama_analysis.plan import Gain, MixPlan, Pan, Suggestion
from ama_analysis.session import Session, Track
from ama_bridge import cli
from ama_bridge.daw.ardour import pan_law
from ama_bridge.daw.ardour.adapter import ArdourDaw
from ama_bridge.daw.ardour.install import Script, install
from ama_bridge.daw.ardour.mailbox import ArdourMailbox
from ama_bridge.daw.ardour.native import Ardour
from ama_bridge.daw.ardour.places import Place
from ama_bridge.daw.documents import Applied, Result, ValueRead, document_bytes
from ama_bridge.daw.lua_scripts import quoted
from ama_bridge.daw.port import Skipped, receipt_at, receipt_bytes
from ama_bridge.daw.waiting import Patience
from ama_bridge.osc_packets import Argument, encode
from ama_bridge.service.live import LiveMoves
from tests.bridge.plans import plan_of
from tests.bridge.services import write_stems
from tests.daw.ardour.hardour import Hardour, free_port, needs_hardour, running, wait_until
from tests.daw.ardour.made_sessions import MadeTrack, make_session

pytestmark = [pytest.mark.ardour, needs_hardour]

HASTE = Patience(start_s=0.4, work_s=0.6, user_s=0.6, alive_s=0.2)
PATIENT_S = 10.0
READ_DB = 0.001
CHUNK = 700


@pytest.fixture(scope="module")
def hardour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hardour]:
    folder = tmp_path_factory.mktemp("adapter")
    tracks = [MadeTrack(name="Kick"), MadeTrack(name="Bass", channels=2)]
    with running(make_session(folder / "song", tracks)) as started:
        yield started


def settings(
    folder: Path, *, installed: bool = True, mailbox: Path | None = None
) -> tuple[Place, ...]:
    """Return the settings of an Ardour in which AMA's scripts have slots."""
    place = Place(version=7, folder=folder / "ardour7")
    place.folder.mkdir(parents=True, exist_ok=True)
    names = ("AMA Export", "AMA Apply", "AMA Revert") if installed else ()
    box = quoted(str(mailbox or folder / "mail"))
    scripts = [Script(name=n, file=f"{n}.lua", text=f"-- {n} {box}\n") for n in names]
    install(place, scripts, running=lambda _: ())
    return (place,)


@pytest.fixture
def daw(hardour: Hardour, tmp_path: Path) -> ArdourDaw:
    there = settings(tmp_path)
    box = ArdourMailbox(tmp_path / "mail")
    return ArdourDaw(mailbox=box, places=lambda: there, port=hardour.port, patience=HASTE)


@pytest.fixture
def plan(tmp_path: Path) -> MixPlan:
    """Return a plan of two faders and a pan; its ids are those of stems, so that names find the tracks."""
    stems = write_stems(tmp_path / "stems")
    tracks = tuple(Track(id=n, name=n.title(), path=p) for n, p in stems.items())
    session = Session(name="song", tracks=tracks, sample_rate_hz=44_100, duration_s=0.1)
    actions = {
        "kick": Gain(delta_db=-3.0, fader_db=-3.0),
        "bass": Gain(delta_db=-6.0, fader_db=-6.0),
    }
    suggestions = [
        Suggestion(id=f"level:{n}", track=n, action=a, because="It is loud.", confidence=0.5)
        for n, a in actions.items()
    ]
    wide = Pan(pan=0.25)
    suggestions.append(
        Suggestion(id="pan:bass", track="bass", action=wide, because="It is wide.", confidence=0.5)
    )
    whole = plan_of(replace(session, tracks=tracks))
    return replace(whole, session=session, suggestions=tuple(suggestions), verification=None)


def faders(ardour: Ardour) -> dict[str, float]:
    return {strip.name: strip.gain_db for strip in ardour.strips()}


def deliver(daw: ArdourDaw, plan: MixPlan, folder: Path, **more: Any) -> Any:
    folder.mkdir(exist_ok=True)
    return daw.apply(plan, plan_id="song-0001", folder=folder, **more)


def result_of(request: dict[str, Any]) -> Result:
    """Answer as AMA Apply does that applied the first and left out the others; some text makes it longer than a datagram."""
    first, *others = [one["id"] for one in request["suggestions"]]
    values = (ValueRead(what="gain", asked=0.5, read=0.5),)
    reason = "not ticked in Ardour" + " ü" * CHUNK
    return Result(
        id=request["id"],
        applied=(Applied(suggestion=first, values=values),),
        skipped=tuple(Skipped(suggestion=name, reason=reason) for name in others),
    )


def send(port: int, *arguments: Argument) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.sendto(encode("/ama/v1/daw/text", arguments), ("127.0.0.1", port))


def send_text(port: int, what: str, name: str, text: str) -> None:
    step = CHUNK // 2  # no letter here takes more than two bytes
    parts = [text[at : at + step] for at in range(0, len(text), step)] or [""]
    for at, chunk in reversed(list(enumerate(parts))):  # any order will do
        send(port, what, name, at, len(parts), chunk)


Play = Callable[[dict[str, Any], ArdourMailbox], None]


@contextmanager
def script(box: ArdourMailbox, play: Play, wish: str = "request.json") -> Iterator[None]:
    """Play AMA's script: take the wish out of the mailbox when it comes, then do what the test says."""
    ended = threading.Event()

    def run() -> None:
        path = box.folder / wish
        while not path.is_file():
            if ended.wait(0.01):
                return
        document = json.loads(path.read_text(encoding="utf-8"))
        path.unlink()
        play(document, box)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(PATIENT_S)


def test_an_answer_in_the_mailbox_becomes_a_receipt(
    daw: ArdourDaw, plan: MixPlan, tmp_path: Path
) -> None:
    def play(request: dict[str, Any], box: ArdourMailbox) -> None:
        path = box.folder / f"result-{request['id']}.json"
        path.write_bytes(document_bytes(result_of(request)))

    with script(daw.mailbox, play):
        receipt = deliver(daw, plan, tmp_path / "song-0001-1", ask=True)
    assert (receipt.daw, receipt.plan, receipt.notes) == ("ardour", "song-0001", ())
    assert len(receipt.applied) == 1
    assert {one.suggestion for one in receipt.skipped} | set(receipt.applied) == {
        s.id for s in plan.suggestions
    }
    (read,) = receipt.read_back
    assert (read.suggestion, read.what, read.asked, read.read) == (
        receipt.applied[0],
        "gain",
        0.5,
        0.5,
    )
    assert {p.name for p in (tmp_path / "song-0001-1").iterdir()} == {"request.json", "result.json"}


def test_an_answer_over_osc_alone_does_as_well_and_is_kept(
    daw: ArdourDaw, plan: MixPlan, tmp_path: Path
) -> None:
    """In Ardour's sandbox a script cannot write."""
    journal = {"schema": "ama.ardour.journal/1", "id": "song-0001-2"}

    def play(request: dict[str, Any], box: ArdourMailbox) -> None:
        send_text(request["answer_port"], "begun", request["id"], "")
        send_text(request["answer_port"], "journal", request["id"], json.dumps(journal))
        text = document_bytes(result_of(request)).decode("utf-8")
        send_text(request["answer_port"], "result", request["id"], text)

    with script(daw.mailbox, play):
        receipt = deliver(daw, plan, tmp_path / "song-0001-2")
    assert len(receipt.applied) == 1
    assert len(receipt.skipped) == 2
    box = daw.mailbox
    assert box.journals() == ("song-0001-2",)
    assert json.loads((box.folder / "journal-song-0001-2.json").read_bytes()) == journal
    assert (box.folder / "result-song-0001-2.json").is_file()


def test_what_the_script_writes_itself_is_not_written_over(daw: ArdourDaw) -> None:
    """A later state of the journal lies there already when an older one arrives as text."""
    daw.mailbox.folder.mkdir(parents=True)
    path = daw.mailbox.folder / "journal-x-1.json"
    path.write_text("{}")
    assert daw.take_text("journal", "x-1", (0, 1), '{"older": 1}') is None
    assert path.read_text() == "{}"


def test_a_fader_that_stays_is_told_and_not_asked_for(
    daw: ArdourDaw, plan: MixPlan, tmp_path: Path
) -> None:
    offered: list[str] = []

    def play(request: dict[str, Any], box: ArdourMailbox) -> None:
        offered.extend(one["id"] for one in request["suggestions"])
        path = box.folder / f"result-{request['id']}.json"
        path.write_bytes(document_bytes(result_of(request)))

    first, *others = plan.suggestions
    keep = replace(first, id="keep:kick", action=Gain(delta_db=0.0, fader_db=0.0))
    with script(daw.mailbox, play):
        receipt = deliver(daw, replace(plan, suggestions=(keep, *others)), tmp_path / "song-0003-1")
    assert offered == [s.id for s in others]
    assert {s.suggestion: s.reason for s in receipt.skipped}["keep:kick"].endswith("where it is")


def test_a_plan_of_ardours_own_tracks_is_for_its_session_alone(
    daw: ArdourDaw, plan: MixPlan, tmp_path: Path
) -> None:
    """Ids of stems mean whichever session is open; ids of Ardour's mean the one that they came from."""
    wanted = []

    def play(request: dict[str, Any], box: ArdourMailbox) -> None:
        wanted.append(request["session"])
        path = box.folder / f"result-{request['id']}.json"
        path.write_bytes(document_bytes(result_of(request)))

    tracks = plan.session.tracks
    ids = {track.id: str(100 + at) for at, track in enumerate(tracks)}
    session = replace(plan.session, tracks=tuple(replace(t, id=ids[t.id]) for t in tracks))
    suggestions = tuple(replace(s, track=ids[s.track]) for s in plan.suggestions)
    from_ardour = replace(plan, session=session, suggestions=suggestions)
    for at, one in enumerate((plan, from_ardour)):
        with script(daw.mailbox, play):
            deliver(daw, one, tmp_path / f"song-0002-{at}")
    assert wanted == ["", "song"]


def test_an_ardour_that_is_not_there_is_told_at_once_and_nothing_waits_for_it(
    daw: ArdourDaw, plan: MixPlan, tmp_path: Path
) -> None:
    nobody = replace(daw, port=free_port())
    with pytest.raises(DeliveryError, match="No Ardour answers") as caught:
        deliver(nobody, plan, tmp_path / "song-0001-3")
    assert caught.value.code == "AMA-704"
    assert not daw.mailbox.request.exists()


@pytest.mark.parametrize("port", [None, 0])
def test_an_offer_waits_in_the_mailbox_until_the_user_presses_the_button(
    daw: ArdourDaw, plan: MixPlan, tmp_path: Path, port: int | None
) -> None:
    """OSC may be off, or the script may not start by itself."""
    offering = replace(daw, port=free_port()) if port == 0 else daw
    folder = tmp_path / "song-0004-1"
    receipt = deliver(offering, plan, folder, ask=True, agreed=frozenset())
    assert {one.reason for one in receipt.skipped} == {"it waits in Ardour: press AMA Apply there"}
    request = json.loads(daw.mailbox.request.read_text(encoding="utf-8"))
    assert (request["id"], request["answer_port"]) == ("song-0004-1", 0)
    text = document_bytes(result_of(request)).decode("utf-8")
    offering.take_text("result", request["id"], (0, 1), text)
    written = json.loads((folder / "receipt.json").read_text(encoding="utf-8"))
    assert len(written["applied"]) == 1
    assert len(written["read_back"]) == 1


def test_an_offer_that_was_answered_while_no_service_ran_gets_its_receipt_with_the_next(
    daw: ArdourDaw, plan: MixPlan, tmp_path: Path
) -> None:
    offering = replace(daw, port=free_port())
    first, second = tmp_path / "song-0005-1", tmp_path / "song-0005-2"
    deliver(offering, plan, first, ask=True, agreed=frozenset())
    request = json.loads(daw.mailbox.request.read_text(encoding="utf-8"))
    daw.mailbox.request.unlink()
    daw.mailbox.path_of("result", first.name).write_bytes(document_bytes(result_of(request)))
    deliver(offering, plan, second, ask=True, agreed=frozenset())
    written = json.loads((first / "receipt.json").read_text(encoding="utf-8"))
    assert len(written["applied"]) == 1
    assert [p.name for p in daw.mailbox.folder.glob("left-*")] == [f"left-{second.name}.json"]


def test_an_offer_that_nobody_saw_gives_way_to_the_next_and_its_receipt_says_so(
    daw: ArdourDaw, plan: MixPlan, tmp_path: Path
) -> None:
    offering = replace(daw, port=free_port())
    first = tmp_path / "song-0006-1"
    receipt = deliver(offering, plan, first, ask=True, agreed=frozenset())
    (first / "receipt.json").write_bytes(receipt_bytes(receipt))
    deliver(offering, plan, tmp_path / "song-0006-2", ask=True, agreed=frozenset())
    replaced = receipt_at(first / "receipt.json")
    assert replaced is not None
    assert {one.reason for one in replaced.skipped} == {
        "a later plan took its place before it was answered"
    }


@pytest.mark.parametrize("installed", [True, False])
def test_without_scripts_plain_osc_sets_what_it_can(
    daw: ArdourDaw, plan: MixPlan, tmp_path: Path, hardour: Hardour, installed: bool
) -> None:
    """Where they are installed they do not start, since this Ardour has no window."""
    there = settings(tmp_path / "other", installed=installed, mailbox=daw.mailbox.folder)
    with Ardour(port=hardour.port) as ardour:
        before = faders(ardour)
    receipt = deliver(replace(daw, places=lambda: there), plan, tmp_path / "song-0001-4")
    (note,) = receipt.notes
    assert ("did not start" if installed else "not installed") in note
    assert set(receipt.applied) == {s.id for s in plan.suggestions}
    assert not daw.mailbox.request.exists()
    with Ardour(port=hardour.port) as ardour:
        set_now = faders(ardour)
        gains = {
            r.suggestion: 20.0 * math.log10(r.read) for r in receipt.read_back if r.what == "gain"
        }
        assert set_now["Bass"] == pytest.approx(gains["level:bass"], abs=READ_DB)
        reverted = daw.revert()
        assert len(reverted.restored) == 3
        assert faders(ardour) == pytest.approx(before, abs=READ_DB)
        assert faders(ardour) != pytest.approx(set_now, abs=READ_DB)


def test_scripts_that_look_into_another_mailbox_are_not_started(
    daw: ArdourDaw, tmp_path: Path
) -> None:
    there = settings(tmp_path / "other", mailbox=tmp_path / "elsewhere")
    with pytest.raises(DeliveryError, match="installed for another state folder"):
        replace(daw, places=lambda: there).revert()


def test_plain_osc_sets_nothing_that_the_user_has_not_agreed_to(
    daw: ArdourDaw, plan: MixPlan, tmp_path: Path, hardour: Hardour
) -> None:
    folder = tmp_path / "song-0001-5"
    receipt = deliver(daw, plan, folder, ask=True, agreed=frozenset({"level:bass"}))
    assert receipt.applied == ("level:bass",)
    assert {one.suggestion for one in receipt.skipped} == {"level:kick", "pan:bass"}
    assert all("nobody could ask you" in one.reason for one in receipt.skipped)
    with Ardour(port=hardour.port) as ardour:
        assert faders(ardour)["Kick"] == pytest.approx(0.0, abs=READ_DB)
    daw.revert()


@pytest.mark.parametrize("ask", [True, False])
def test_a_script_that_begins_and_falls_silent_leaves_it_uncertain(
    daw: ArdourDaw, plan: MixPlan, tmp_path: Path, ask: bool
) -> None:
    with (
        script(daw.mailbox, lambda request, box: None),
        pytest.raises(DeliveryError, match="no result came") as caught,
    ):
        deliver(daw, plan, tmp_path / "song-0001-6", ask=ask)
    assert caught.value.code == "AMA-705"
    assert "AMA Revert" in caught.value.hint


def test_cancelling_withdraws_what_no_script_has_read(
    daw: ArdourDaw, plan: MixPlan, tmp_path: Path
) -> None:
    waiting = replace(daw, patience=Patience())
    seen = []

    def on_progress(fraction: float, stage: str) -> None:
        seen.append(stage)
        if "AMA Apply" in stage:
            assert daw.mailbox.request.exists()
            message = "enough"
            raise CancelledError(message)

    with pytest.raises(CancelledError):
        deliver(waiting, plan, tmp_path / "song-0001-7", ask=True, on_progress=on_progress)
    assert seen[-1] == "starting AMA Apply"
    assert not daw.mailbox.request.exists()


def called_off(box: ArdourMailbox) -> list[str]:
    """Return what scripts are told that nobody waits for any more."""
    return [p.name[len("called-off-") : -len(".json")] for p in box.folder.glob("called-off-*")]


def test_cancelling_calls_off_what_a_script_has_in_its_dialog(
    daw: ArdourDaw, plan: MixPlan, tmp_path: Path
) -> None:
    waiting = replace(daw, patience=Patience())

    def on_progress(fraction: float, stage: str) -> None:
        if stage == "AMA Apply in Ardour":
            raise KeyboardInterrupt

    with script(daw.mailbox, lambda request, box: None), pytest.raises(KeyboardInterrupt):
        deliver(waiting, plan, tmp_path / "song-0001-7", ask=True, on_progress=on_progress)
    assert called_off(daw.mailbox) == ["song-0001-7"]


def test_a_user_who_does_not_answer_is_not_waited_for_and_it_is_called_off(
    daw: ArdourDaw, plan: MixPlan, tmp_path: Path
) -> None:
    wishes = []

    def begin(wish: dict[str, Any], box: ArdourMailbox) -> None:
        wishes.append(wish["wish"])

    with (
        script(daw.mailbox, begin, wish="revert.json"),
        pytest.raises(DeliveryError, match="no result came") as caught,
    ):
        daw.revert(ask=True)
    assert "still open there does nothing any more" in caught.value.hint
    assert called_off(daw.mailbox) == wishes


def test_what_is_answered_or_was_never_begun_is_not_called_off(
    daw: ArdourDaw, plan: MixPlan, tmp_path: Path
) -> None:
    """An offer stays in the mailbox under its id, for the user who presses AMA Apply later."""

    def play(request: dict[str, Any], box: ArdourMailbox) -> None:
        path = box.folder / f"result-{request['id']}.json"
        path.write_bytes(document_bytes(result_of(request)))

    with script(daw.mailbox, play):
        deliver(daw, plan, tmp_path / "song-0005-1", ask=True)
    deliver(daw, plan, tmp_path / "song-0005-2", ask=True, agreed=frozenset())
    assert daw.mailbox.request.exists()
    assert called_off(daw.mailbox) == []


def test_while_one_waits_for_the_user_another_is_refused(
    daw: ArdourDaw, plan: MixPlan, tmp_path: Path
) -> None:
    with daw.mailbox.held(), pytest.raises(DeliveryError, match="waits for Ardour already"):
        deliver(daw, plan, tmp_path / "song-0001-8")


def test_revert_brings_what_the_script_answers(daw: ArdourDaw) -> None:
    item = {"what": "fader", "track": "121", "name": "Bass"}
    answer = {
        "schema": "ama.taken_back/1",
        "id": "song-0001-1",
        "restored": [item],
        "gone": [],
        "conflicting": [item | {"reason": "it was moved since"}],
    }

    def play(wish: dict[str, Any], box: ArdourMailbox) -> None:
        assert wish["ask"] is False
        (box.folder / "reverted-song-0001-1.json").write_text(json.dumps(answer))

    with script(daw.mailbox, play, wish="revert.json"):
        reverted = daw.revert()
    assert (reverted.id, reverted.restored) == ("song-0001-1", ("Bass: fader",))
    assert reverted.conflicting == ("Bass: fader (it was moved since)",)


def test_revert_without_scripts_is_refused_and_says_what_to_do(daw: ArdourDaw) -> None:
    with pytest.raises(DeliveryError, match="nothing was taken back") as caught:
        daw.revert()
    assert caught.value.code == "AMA-706"
    assert not daw.mailbox.revert.exists()


def test_faders_and_pans_that_move_in_ardour_arrive_in_the_session(
    daw: ArdourDaw, plan: MixPlan, hardour: Hardour
) -> None:
    live = LiveMoves()
    tracks = plan.session.tracks

    def now(name: str) -> Track:
        return next(t for t in live.over("ardour", "song", tracks) if t.name == name)

    with Ardour(port=hardour.port) as ardour:
        ardour.set_gain("Kick", -4.5)
        live.follow(daw)
        try:
            wait_until(lambda: now("Kick").fader_db != 0.0, PATIENT_S, "where it stood")
            assert now("Kick").fader_db == pytest.approx(-4.5, abs=READ_DB)
            ardour.set_pan("Bass", -0.5)
            wait_until(lambda: now("Bass").pan != 0.0, PATIENT_S, "the pan that was moved")
            assert now("Bass").pan == pytest.approx(-0.5, abs=0.001)
            assert live.over("ardour", "another song", tracks) == tracks
        finally:
            live.close()
            ardour.set_gain("Kick", 0.0)
            ardour.set_pan("Bass", 0.0)


def test_a_suggestion_begins_where_the_open_ardour_stands(
    tmp_path: Path,
    hardour: Hardour,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """No scripts are needed for that; what no strip is called stays and is told."""
    stems = {name.title(): path for name, path in write_stems(tmp_path / "made").items()}
    folder = tmp_path / "stems"
    folder.mkdir()
    for name in ("Kick", "Bass", "Other"):
        shutil.copy(stems.get(name, stems["Kick"]), folder / f"{name}.wav")
    monkeypatch.setenv("AMA_ARDOUR_PORT", str(hardour.port))
    monkeypatch.setenv("AMA_STATE", str(tmp_path / "state"))
    command = ["suggest", str(folder), "--daw", "ardour", "--json", "--no-cache"]
    with Ardour(port=hardour.port) as ardour:
        ardour.set_gain("Kick", -7.5)
        ardour.set_pan("Bass", 0.5)
        try:
            assert cli.main(command) == 0
        finally:
            ardour.set_gain("Kick", 0.0)
            ardour.set_pan("Bass", 0.0)
    session = json.loads(capsys.readouterr().out)["session"]
    tracks = {track["name"]: track for track in session["tracks"]}
    wanted = pan_law.sounding(fader_db=-7.5, pan=0.0, channels=1)
    assert tracks["Kick"]["fader_db"] == pytest.approx(wanted.fader_db, abs=READ_DB)
    assert tracks["Bass"]["pan"] != 0.0
    assert tracks["Other"]["fader_db"] == 0.0
    assert any("Other is left as it was" in one for one in session["warnings"])
    monkeypatch.setenv("AMA_ARDOUR_PORT", str(free_port()))
    assert cli.main(command) == 1
    assert "No Ardour answers" in capsys.readouterr().err


def test_an_ardour_that_goes_away_while_a_script_works_leaves_it_uncertain(
    daw: ArdourDaw, plan: MixPlan, tmp_path: Path
) -> None:
    """It has an Ardour of its own, which ends in the middle."""
    with running(make_session(tmp_path / "song", [MadeTrack(name="Kick")])) as another:
        waiting = replace(daw, port=another.port, patience=replace(Patience(), alive_s=0.2))
        with (
            script(daw.mailbox, lambda request, box: another.end()),
            pytest.raises(DeliveryError, match="went away") as caught,
        ):
            deliver(waiting, plan, tmp_path / "song-0001-9", ask=True)
    assert caught.value.code == "AMA-705"
