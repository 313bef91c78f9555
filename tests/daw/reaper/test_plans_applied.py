"""Random plans, translated by AMA and applied by the very scripts in the fake REAPER: every suggestion is done as it was asked, or skipped before."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ama_analysis.plan import (
    MASTER,
    SLOPES_DB_PER_OCT,
    Action,
    Compressor,
    EqBand,
    FilterShape,
    Gain,
    Gate,
    HighPass,
    Limiter,
    LowPass,
    MasterEq,
    Pan,
    Polarity,
    Sidechain,
)
from ama_analysis.session import Session
from ama_bridge.daw.documents import document_bytes
from ama_bridge.daw.reaper.request import Request
from ama_bridge.daw.reaper.translate import request_of
from tests.daw.plans import plan_with
from tests.daw.reaper.applying import Desk
from tests.daw.reaper.plans import GUIDS, export_in, session_of, stems_in

PLANS = 12
SHOWN = 0.051
"""What REAPER's displays round away, as a share: the least that is shown in whole milliseconds is 10 ms."""
SHOWN_LEAST = 0.051
"""And at least one half of a tenth."""

Rng = np.random.Generator


def _between(rng: Rng, low: float, high: float) -> float:
    return round(float(rng.uniform(low, high)), 2)


def _hz(rng: Rng, low: float, high: float) -> float:
    return round(float(np.exp(rng.uniform(np.log(low), np.log(high)))), 1)


def _dynamics(rng: Rng) -> Compressor:
    return Compressor(
        threshold_db=_between(rng, -50.0, 0.0),
        ratio=_between(rng, 1.0, 20.0),
        attack_ms=_between(rng, 5.0, 200.0),
        release_ms=_between(rng, 50.0, 2000.0),
        knee_db=_between(rng, 0.0, 24.0),
        makeup_db=_between(rng, -6.0, 15.0),
    )


def _gate(rng: Rng) -> Gate:
    return Gate(
        threshold_db=_between(rng, -80.0, 0.0),
        ratio=_between(rng, 1.0, 20.0),
        attack_ms=_between(rng, 0.01, 500.0),
        release_ms=_between(rng, 1.0, 5000.0),
    )


def _ducked(like: Compressor) -> Sidechain:
    return Sidechain(
        trigger=GUIDS["kick"],
        threshold_db=like.threshold_db,
        ratio=like.ratio,
        attack_ms=like.attack_ms,
        release_ms=like.release_ms,
    )


def _fader(gain_db: float) -> Gain:
    return Gain(delta_db=gain_db, fader_db=gain_db)


def _band(rng: Rng) -> EqBand:
    shapes: tuple[FilterShape, ...] = ("bell", "low_shelf", "high_shelf")
    return EqBand(
        type=shapes[int(rng.integers(3))],
        freq_hz=_hz(rng, 30.0, 16_000.0),
        gain_db=_between(rng, -15.0, 15.0),
        q=_between(rng, 0.2, 12.0),
    )


def _on_a_track(rng: Rng, name: str) -> Action:
    slope = int(rng.choice(SLOPES_DB_PER_OCT))
    kinds: list[Callable[[], Action]] = [
        lambda: _fader(_between(rng, -20.0, 10.0)),
        lambda: Pan(pan=_between(rng, -1.0, 1.0)),
        lambda: Polarity(invert=bool(rng.integers(2)), delay_ms=_between(rng, 0.0, 20.0)),
        lambda: HighPass(cutoff_hz=_hz(rng, 10.0, 400.0), slope_db_per_oct=slope),
        lambda: LowPass(cutoff_hz=_hz(rng, 3000.0, 24_000.0), slope_db_per_oct=slope),
        lambda: _dynamics(rng),
        lambda: _gate(rng),
        lambda: _band(rng),
    ]
    if name != "kick":
        kinds.append(lambda: _ducked(_dynamics(rng)))
    return kinds[int(rng.integers(len(kinds)))]()


def random_actions(rng: Rng) -> list[tuple[str, Action]]:
    actions: list[tuple[str, Action]] = []
    for name in GUIDS:
        kinds: set[str] = set()
        for _ in range(int(rng.integers(1, 7))):
            action = _on_a_track(rng, name)
            if action.kind not in kinds or action.kind == "eq_band":
                actions.append((name, action))
            kinds.add(action.kind)
    actions.append((MASTER, MasterEq(type="bell", freq_hz=_hz(rng, 40.0, 9000.0), gain_db=_between(rng, -3.0, 2.0), q=1.0)))  # fmt: skip
    actions.append((MASTER, Limiter(ceiling_dbtp=-1.0, gain_db=_between(rng, -2.0, 8.0))))
    return actions


def desk_for(folder: Path, seed: int, session: Session) -> Desk:
    """Return a fake REAPER with the session's tracks; the even ones as one half of the sources have REAPER, the odd ones as the other."""
    if seed % 2:
        desk = Desk(folder, eq_gain="db", eq_curve="quarter", texts="kilo", lua="5.3")
    else:
        desk = Desk(folder)
    for track in session.tracks:
        desk.project.add(track.name, guid=track.id)
    return desk


def translated(session: Session, actions: Sequence[tuple[str, Action]]) -> Request:
    plan = plan_with(session, *actions)
    every = frozenset(s.id for s in plan.suggestions)
    request = request_of(plan, request_id="r1", mailbox="m", ask=False, ticked=every)
    return replace(request, session="")


@pytest.mark.parametrize("devices", ["cockos", "ama"])
@pytest.mark.parametrize("seed", range(PLANS))
def test_what_amas_plan_asks_for_the_scripts_do(tmp_path: Path, seed: int, devices: str) -> None:
    stems = export_in(stems_in(tmp_path / "stems"), {}, devices=devices, bounced="post_effects")
    session = session_of(stems)
    request = translated(session, random_actions(np.random.default_rng(seed)))
    desk = desk_for(tmp_path / "desk", seed, session)
    before = desk.project.state()
    result = desk.apply(json.loads(document_bytes(request)))
    assert result["conflicting"] == []
    assert {one["suggestion"] for one in result["applied"]} == {s.id for s in request.suggestions}
    assert [(s["suggestion"], s["reason"]) for s in result["skipped"]] == [(s.suggestion, s.reason) for s in request.skipped]  # fmt: skip
    for one in result["applied"]:
        for value in one["values"]:
            near = max(SHOWN * abs(value["asked"]), SHOWN_LEAST)
            assert value["read"] == pytest.approx(value["asked"], abs=near), (one, value)
    report = desk.revert()
    assert report["conflicting"] == []
    assert desk.project.state() == before
