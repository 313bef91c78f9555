"""Gates on their way to REAPER: AMA Gate for everybody, in front of AMA's other effects, read back, taken back, and skipped where it is not installed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from ama_analysis.plan import Action, Compressor, EqBand, Gate, HighPass
from ama_bridge.daw.documents import document_bytes
from ama_bridge.daw.reaper.request import Request
from ama_bridge.daw.reaper.translate import request_of
from tests.daw.plans import plan_with
from tests.daw.reaper import applying
from tests.daw.reaper.applying import BELL, REACOMP, Desk, applied, insert, part, reasons, strip
from tests.daw.reaper.plans import GUIDS, export_in, session_of, stems_in

ACTION = Gate(threshold_db=-42.5, ratio=2.5, attack_ms=1.25, release_ms=180.0)
GATE = {name: value for name, value in asdict(ACTION).items() if name != "kind"}
COMP = Compressor(threshold_db=-24.0, ratio=3.0, attack_ms=20.0, release_ms=200.0)
THEIRS = "VST: Somebody's (Else)"
SLIDERS = ("Threshold (dB)", "Ratio", "Attack (ms)", "Release (ms)")


@pytest.fixture
def stems(tmp_path: Path) -> Path:
    return stems_in(tmp_path / "stems")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "desk")


def asked_of(stems: Path, actions: Sequence[Action]) -> Request:
    """Return what AMA asks of REAPER for actions on the vocal."""
    plan = plan_with(session_of(stems), *(("vox", action) for action in actions))
    every = frozenset(s.id for s in plan.suggestions)
    request = request_of(plan, request_id="r1", mailbox="m", ask=False, ticked=every)
    return replace(request, session="")


@pytest.mark.parametrize("devices", ["cockos", "ama"])
def test_a_gate_is_amas_own_for_everybody_and_stands_first(stems: Path, devices: str) -> None:
    export_in(stems, {}, devices=devices)
    deeper = replace(ACTION, threshold_db=-60.0)
    request = asked_of(stems, (COMP, HighPass(cutoff_hz=80.0), ACTION, deeper))
    gate, second, *others = next(s for s in request.strips if s.track == GUIDS["vox"]).inserts
    assert (gate.key, gate.label, gate.device) == ("gate", "AMA Gate", "ama_gate")
    assert (second.key, second.label) == ("gate2", "AMA Gate 2")
    assert [one.key for one in others] == ["eq", "comp"]
    assert {one.name: one.value for one in gate.parts[0].values} == GATE
    (offered, _) = (one for one in request.suggestions if one.id.startswith("gate"))
    assert offered.label == "gate 2.5:1 below -42.5 dB"
    assert offered.because.endswith(
        "In REAPER: AMA Gate (JSFX), the audition's formulas, tested outside REAPER."
    )


@pytest.mark.parametrize("installed", [True, False])
def test_where_amas_jsfx_are_not_installed_the_gate_alone_is_skipped(
    tmp_path: Path, stems: Path, *, installed: bool
) -> None:
    bell = EqBand(type="bell", freq_hz=400.0, gain_db=-3.0, q=1.0)
    request = asked_of(stems, (ACTION, bell))
    desk = Desk(tmp_path / "desk", own_effects=installed)
    vox = desk.project.add("Vox", guid=GUIDS["vox"])
    result = desk.apply(json.loads(document_bytes(request)))
    if installed:
        assert [fx.shown_name for fx in vox.fx] == ["AMA Gate", "AMA EQ"]
        assert reasons(result) == {}
    else:
        assert [fx.shown_name for fx in vox.fx] == ["AMA EQ"]
        assert reasons(result) == {
            "gate:vox:0": "AMA Gate (JSFX) is not installed in REAPER (`ama install reaper`)"
        }


def test_a_gate_is_set_first_of_amas_effects_read_back_and_taken_back(desk: Desk) -> None:
    snare = desk.project.add("Snare")
    snare.fx.append(desk.fake.add_effect(THEIRS))
    before = desk.project.state()
    both = (insert("ama_gate", part("g", **GATE)), insert("reaeq", part("e", BELL)))
    result = desk.apply(applying.request([strip(snare, *both)]))
    assert [one["suggestion"] for one in result["applied"]] == ["g", "e"]
    theirs, gate, _ = snare.fx
    assert (theirs.shown_name, gate.shown_name) == (THEIRS, "AMA Gate")
    there = {each.name: each.native(gate.get(at)) for at, each in enumerate(gate.parameters)}
    assert [there[name] for name in SLIDERS] == pytest.approx(list(GATE.values()))
    read = {value["what"]: value["read"] for value in result["applied"][0]["values"]}
    assert read == {f"AMA Gate {name}": pytest.approx(value) for name, value in GATE.items()}
    assert not desk.revert()["conflicting"]
    assert desk.project.state() == before


def test_a_gate_that_was_turned_by_hand_stays(desk: Desk) -> None:
    snare = desk.project.add("Snare")
    desk.apply(applying.request([strip(snare, insert("ama_gate", part("g", **GATE)))]))
    snare.fx[0].set(SLIDERS.index("Ratio"), 0.5)
    (kept,) = desk.revert()["conflicting"]
    assert (kept["what"], kept["reason"]) == (
        "AMA Gate",
        "it was changed by hand since AMA set it",
    )
    assert [fx.shown_name for fx in snare.fx] == ["AMA Gate"]


def test_a_gate_of_a_later_plan_goes_in_front_of_what_stands(desk: Desk) -> None:
    track = desk.project.add("Snare")
    track.fx.append(desk.fake.add_effect(THEIRS))
    tone = [insert("ama_eq", part("e", BELL)), insert("reacomp", part("c", **REACOMP))]
    desk.apply(applying.request([strip(track, *tone)]))
    gated = [insert("ama_gate", part("g", **GATE)), *tone]
    result = desk.apply(applying.request([strip(track, *gated)], name="r2"))
    assert applied(result) == {"g", "e", "c"}
    names = [THEIRS, "AMA Gate", "AMA EQ", "AMA Comp"]
    assert [fx.shown_name for fx in track.fx] == names
    desk.revert()
    assert [fx.shown_name for fx in track.fx] == [names[0], *names[2:]]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({**GATE, "ratio": 60.0}, "AMA Gate ratio goes from 1 to 20, 60 was asked"),
        ({**GATE, "makeup_db": 3.0}, "AMA Gate has nothing that is makeup_db"),
    ],
)
def test_what_amas_gate_does_not_have_is_refused(
    desk: Desk, values: dict[str, float], reason: str
) -> None:
    snare = desk.project.add("Snare")
    asked = [strip(snare, insert("ama_gate", part("g", **values)))]
    assert reasons(desk.apply(applying.request(asked))) == {"g": reason}
    assert snare.fx == []
