"""What plain OSC does where AMA's scripts are not installed: it sets what was agreed to, and hears where faders stand."""

from __future__ import annotations

import json
import math
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from ama_analysis.errors import DeliveryError
from ama_analysis.plan import MixPlan
from ama_analysis.session import Track
from ama_bridge import cli
from ama_bridge.daw.ardour import pan_law
from ama_bridge.daw.ardour.adapter import ArdourDaw
from ama_bridge.daw.ardour.native import Ardour
from ama_bridge.service.live import LiveMoves
from tests.bridge.services import write_stems
from tests.daw.ardour.adapter.played import PATIENT_S, READ_DB, deliver, faders, settings
from tests.daw.ardour.hardour import Hardour, free_port, needs_hardour, wait_until

pytestmark = [pytest.mark.ardour, needs_hardour]


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
