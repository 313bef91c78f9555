"""How much AMA Apply asks of REAPER, and what is left when any one of its calls fails."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from tests.daw.reaper.applying import (
    BELL,
    REACOMP,
    Desk,
    applied,
    band,
    control,
    insert,
    part,
    request,
    strip,
)
from tests.daw.reaper.fake.reacomp import ReaComp
from tests.daw.reaper.fake.reaeq import ReaEQ
from tests.daw.reaper.fake.signatures import StalePointerError

TRACKS = 64
MOST_CALLS = 3000  # issue 6: a REAPER user feels each


def long_plan(desk):
    draw = random.Random(1)  # noqa: S311  # a plan of a test
    strips = []
    for at in range(TRACKS):
        shape = draw.choice(("bell", "high_pass", "low_shelf", "high_shelf"))
        one = band(
            shape, draw.uniform(40, 12_000), 0.0 if shape == "high_pass" else draw.uniform(-6, 6)
        )
        values = {"threshold_db": draw.uniform(-40, 0), "ratio": draw.uniform(1.5, 8), "attack_ms": draw.uniform(0.3, 20), "release_ms": draw.uniform(5, 80),
                  "knee_db": draw.uniform(0, 12), "makeup_db": draw.uniform(0, 5), "rms_ms": 0.0}  # fmt: skip
        strips.append(strip(desk.project.add(f"Track {at}"), control(f"g{at}", "fader_db", draw.uniform(-12, 3), 0.0),
                            insert("reaeq", part(f"e{at}", one)), insert("reacomp", part(f"c{at}", **values))))  # fmt: skip
    return strips


@pytest.mark.parametrize("eq_gain", ["linear", "db"])
@pytest.mark.parametrize("fifth_on", [True, False])
def test_a_plan_for_64_tracks_asks_little_of_reaper(tmp_path, eq_gain, fifth_on):
    desk = Desk(tmp_path, eq_gain=eq_gain, eq_fifth_on=fifth_on)
    result = desk.apply(request(long_plan(desk)))
    assert len(result["applied"]) == 3 * TRACKS
    assert desk.fake.api_calls < MOST_CALLS
    assert len(desk.fake.undo_points) == 1


def test_a_plugin_that_64_tracks_lack_is_found_missing_in_one_run(tmp_path):
    desk = Desk(tmp_path)
    strips = long_plan(desk)
    desk.project.tracks[-1].automate("Volume")
    desk.fake.missing_effects.add("VST: ReaComp (Cockos)")
    result = desk.apply(request(strips))
    assert len(result["applied"]) == 2 * TRACKS - 1
    assert len(result["skipped"]) == TRACKS + 1
    assert desk.fake.api_calls < 2 * MOST_CALLS
    assert len(desk.fake.undo_points) == 1


MOST_SEARCHED = 4000  # calls where no curve is the known one and every figure has to be searched
STRANGE = {"Threshold": lambda n: f"{90 * n * n - 80:+.1f}", "Ratio": lambda n: f"{1 + 30 * n**3:.2f}", "Attack": lambda n: f"{0.05 * 10_000**n:.2f}",
           "Release": lambda n: f"{5000**n:.0f}"}  # fmt: skip


def test_a_plugin_with_other_curves_is_searched_in_few_steps(tmp_path, monkeypatch):
    original = ReaComp.__init__

    def changed(self, *arguments):
        original(self, *arguments)
        self._parameters = tuple(
            replace(each, show=STRANGE.get(each.name, each.show)) for each in self._parameters
        )

    monkeypatch.setattr(ReaComp, "__init__", changed)
    monkeypatch.setattr(ReaEQ, "norm_of", lambda _self, _at, _raw: 0.37)
    desk = Desk(tmp_path)
    result = desk.apply(request(long_plan(desk)))
    assert len(result["applied"]) == 3 * TRACKS
    assert desk.fake.api_calls < MOST_SEARCHED


SPARED = {
    "Undo_BeginBlock2", "Undo_EndBlock2", "PreventUIRefresh", "TrackList_AdjustWindows", "ValidatePtr2", "defer", "set_action_options",
    "get_action_context", "ReverseNamedCommandLookup", "GetResourcePath", "GetExtState", "GetOS", "RecursiveCreateDirectory",
}  # fmt: skip
"""What keeps the books, and what a script does before it has read a request: without them nothing is left to check."""


def busy(folder, **variants):
    desk = Desk(folder, **variants)
    bass, kick, vox = (desk.project.add(name, D_VOL=0.7) for name in ("Bass", "Kick", "Vox"))
    vox.automate("Volume", active=False)
    return desk, request([
        strip(bass, insert("reaeq", part("e", BELL, band("low_pass", 9000.0))), insert("reacomp", part("d", **REACOMP), hears=kick), control("g", "fader_db", -3.0)),
        strip(vox, insert("ama_eq", part("f", BELL)), control("h", "fader_db", -2.0), control("p", "pan", 0.2), control("q", "delay_ms", 1.5)),
        strip("master", insert("realimit", part("l", threshold_db=-3.0, ceiling_db=-1.0, release_ms=100.0))),
    ])  # fmt: skip


def called(tmp_path, **variants):
    desk, asked = busy(tmp_path / "first", eq_fifth_on=True, **variants)
    desk.apply(asked)
    return sorted(name for name in desk.fake.calls if "." not in name and name not in SPARED)


def refuse(*_):
    message = "REAPER says no"
    raise StalePointerError(message)


@pytest.mark.parametrize(
    ("variants", "occurrences"),
    [
        ({}, (1, 4)),
        ({"lua": "5.3", "version": "6.80", "eq_gain": "db", "formats_ahead": False}, (2,)),
    ],
)
def test_whatever_call_fails_the_result_is_true_and_goes_back_exactly(
    tmp_path, variants, occurrences
):
    names = called(tmp_path, **variants)
    assert len(names) > 25
    for name in names:
        for nth in occurrences:
            desk, asked = busy(tmp_path / f"{name}{nth}", eq_fifth_on=True, **variants)
            before = desk.project.state()
            desk.fake.fail(name, nth=nth, returns=refuse)
            result = desk.apply(asked)
            told = [
                one["suggestion"]
                for key in ("applied", "skipped", "conflicting")
                for one in result[key]
            ]
            assert sorted(told) == sorted(one["id"] for one in asked["suggestions"]), (name, nth)
            assert len(desk.fake.undo_points) <= 1, (name, nth)
            check_there(desk, result)
            desk.fake.faults.clear()
            if desk.journals():
                assert not desk.revert()["conflicting"], (name, nth)
            assert desk.project.state() == before, (name, nth)


def check_there(desk, result):
    """What the result calls applied is there, and nothing else of AMA's."""
    there = {"AMA EQ", "AMA Comp", "AMA Limiter"}
    found = {
        (track.name, fx.shown_name)
        for track in desk.project.strips()
        for fx in track.fx
        if fx.shown_name in there
    }
    of = {
        "e": ("Bass", "AMA EQ"),
        "d": ("Bass", "AMA Comp"),
        "f": ("Vox", "AMA EQ"),
        "l": ("MASTER", "AMA Limiter"),
    }
    assert found == {of[name] for name in applied(result) if name in of}
    assert bool(desk.project["Kick"].sends) is ("d" in applied(result))
