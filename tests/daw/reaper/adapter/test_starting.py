"""In which way AMA Apply is started."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path

import pytest

from ama_analysis.errors import DeliveryError
from ama_analysis.plan import MixPlan
from ama_bridge.daw.port import Daw, LookedAfter
from ama_bridge.daw.reaper.adapter import ReaperDaw
from ama_bridge.daw.reaper.places import Place
from tests.daw.reaper.adapter.reaper import (
    COMMAND,
    closed_port,
    deliver,
    known_actions,
    osc_line,
    osc_port,
    surfaces,
    web_line,
)
from tests.daw.reaper.played_script import beat, script
from tests.daw.reaper.web_server import Reaper, serving


def test_it_is_a_daw_that_asks_and_is_looked_after(daw: ReaperDaw) -> None:
    as_daw: Daw = daw
    assert (as_daw.name, as_daw.asks) == ("reaper", True)
    assert isinstance(daw, LookedAfter)


def test_a_script_that_waits_in_reaper_takes_the_request_by_itself(
    daw: ReaperDaw, plan: MixPlan, tmp_path: Path
) -> None:
    beat(daw.mailbox.folder)
    with script(daw.mailbox.folder):
        receipt = deliver(daw, plan, tmp_path / "song-0001-1", ask=True)
    assert (receipt.daw, receipt.plan, receipt.notes) == ("reaper", "song-0001", ())
    told = {one.suggestion for one in receipt.skipped} | set(receipt.applied)
    assert told == {s.id for s in plan.suggestions}
    (read,) = receipt.read_back
    assert (read.what, read.asked, read.read) == ("fader_db", -3.0, -3.0)
    assert {p.name for p in (tmp_path / "song-0001-1").iterdir()} == {"request.json", "result.json"}


def test_the_web_interface_starts_it_by_its_command_id(
    daw: ReaperDaw, plan: MixPlan, tmp_path: Path, folder: Path
) -> None:
    known_actions(daw, folder)
    with serving(Reaper()) as reaper:
        surfaces(folder, osc_line(closed_port(socket.SOCK_DGRAM)), web_line(reaper.server_port))
        with script(daw.mailbox.folder):
            receipt = deliver(daw, plan, tmp_path / "song-0001-2")
    assert len(receipt.applied) == 1
    assert reaper.commands == [COMMAND], "once, and not over OSC too"


@pytest.mark.parametrize("web", [False, True])
def test_osc_starts_it_where_there_is_no_web_interface_or_a_silent_one(
    daw: ReaperDaw, plan: MixPlan, tmp_path: Path, folder: Path, web: bool
) -> None:
    known_actions(daw, folder)
    with osc_port() as (port, heard, asked):
        lines = [web_line(closed_port(socket.SOCK_STREAM))] if web else []
        surfaces(folder, *lines, osc_line(port))
        with script(daw.mailbox.folder, started=heard):
            receipt = deliver(daw, plan, tmp_path / "song-0001-3")
    assert len(receipt.applied) == 1
    assert asked == [f"/action/str {COMMAND}"]


def test_an_old_heartbeat_is_nobody_who_waits(
    daw: ReaperDaw, plan: MixPlan, tmp_path: Path
) -> None:
    beat(daw.mailbox.folder, age_s=5.0)
    with pytest.raises(DeliveryError, match="no AMA script waits in REAPER") as caught:
        deliver(daw, plan, tmp_path / "song-0001-4")
    assert caught.value.code == "AMA-704"
    assert "nothing was set" in caught.value.message
    assert not daw.mailbox.request.exists()


def test_a_reaper_that_does_not_answer_is_told_and_nothing_waits_for_it(
    daw: ReaperDaw, plan: MixPlan, tmp_path: Path, folder: Path
) -> None:
    known_actions(daw, folder)
    surfaces(folder, osc_line(closed_port(socket.SOCK_DGRAM)))
    with pytest.raises(DeliveryError, match="No REAPER answers over OSC") as caught:
        deliver(daw, plan, tmp_path / "song-0001-5")
    assert caught.value.code == "AMA-704"
    assert not daw.mailbox.request.exists()


def test_without_a_command_id_nothing_can_be_started(
    daw: ReaperDaw, plan: MixPlan, tmp_path: Path, folder: Path
) -> None:
    surfaces(folder, osc_line(9))
    with pytest.raises(DeliveryError, match="run any of AMA's actions in it once"):
        deliver(daw, plan, tmp_path / "song-0001-6")


def test_of_two_reapers_the_one_is_meant_whose_scripts_ran(
    daw: ReaperDaw, plan: MixPlan, tmp_path: Path, folder: Path
) -> None:
    portable = tmp_path / "portable"
    portable.mkdir()
    both = replace(daw, places=lambda: (Place(folder=folder), Place(folder=portable)))
    known_actions(daw, portable)
    with osc_port() as (port, heard, asked):
        surfaces(folder, osc_line(closed_port(socket.SOCK_DGRAM)))
        surfaces(portable, osc_line(port))
        with script(daw.mailbox.folder, started=heard):
            deliver(both, plan, tmp_path / "song-0001-7")
    assert len(asked) == 1
