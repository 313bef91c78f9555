"""Plans for projects on disk: 500 random ones into copies, and what AMA Apply is told of the project later."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from ama_analysis.audio import write_audio
from ama_analysis.plan import (
    Compressor,
    EqBand,
    FilterShape,
    Gain,
    Gate,
    HighPass,
    LowPass,
    MasterEq,
    Pan,
    Polarity,
)
from ama_analysis.session import Session, track_of
from ama_bridge.daw.reaper.jsfx_text import sliders_of
from ama_bridge.daw.reaper.project.copies import copy_of
from ama_bridge.daw.reaper.project.file import project_chunk
from ama_bridge.daw.reaper.project.rpp import parsed
from ama_bridge.daw.reaper.project.strip import strips_of
from ama_bridge.daw.reaper.translate import request_of
from ama_bridge.daw.session_files import session_in
from tests.daw.reaper.made_plans import gain, pan, plan_of, suggestion
from tests.daw.reaper.made_projects import (
    VST,
    MadeItem,
    MadeProject,
    MadeTrack,
    envelope,
    guid,
)
from tests.signals import noise

RATE_HZ = 48_000
READ = 1e-9
"""Fourteen decimals of a linear gain."""
PLANS = 500


def some_project(rng, folder):
    """Return a project with tracks of many kinds, on disk."""
    tracks = tuple(
        MadeTrack(
            name=f"T{n} 'x\" `",
            volume=round(float(rng.uniform(0, 2)), 6),
            pan=round(float(rng.uniform(-1, 1)), 6),
            inverted=bool(rng.integers(2)),
            effects=VST if rng.integers(2) else "",
            items=tuple(MadeItem(file="a.wav") for _ in range(int(rng.integers(3)))),
        )
        for n in range(int(rng.integers(1, 9)))
    )
    line_end = ("\n", "\r\n")[int(rng.integers(2))]
    return project_chunk(MadeProject(tracks=tracks, line_end=line_end).write(folder / "song.rpp"))


def some_action(rng):
    """Return one of the actions that a copy can hold."""
    shapes: tuple[FilterShape, ...] = ("bell", "low_shelf", "high_shelf")
    slopes = (6, 12, 18, 24, 36, 48)
    actions = (
        lambda: Gain(delta_db=1.0, fader_db=rng.uniform(-60, 12)),
        lambda: Pan(pan=rng.uniform(-1, 1)),
        lambda: Polarity(invert=bool(rng.integers(2)), delay_ms=rng.uniform(0.1, 20)),
        lambda: HighPass(
            cutoff_hz=rng.uniform(20, 400), slope_db_per_oct=slopes[rng.integers(len(slopes))]
        ),
        lambda: LowPass(cutoff_hz=rng.uniform(2_000, 18_000)),
        lambda: EqBand(
            type=shapes[rng.integers(len(shapes))],
            freq_hz=rng.uniform(30, 15_000),
            gain_db=rng.uniform(-12, 12),
            q=rng.uniform(0.2, 8),
        ),
        lambda: Compressor(
            threshold_db=rng.uniform(-50, 0),
            ratio=rng.uniform(1, 10),
            attack_ms=rng.uniform(0.1, 100),
            release_ms=rng.uniform(10, 900),
            knee_db=rng.uniform(0, 12),
            makeup_db=rng.uniform(0, 9),
        ),
        lambda: Gate(
            threshold_db=rng.uniform(-80, 0),
            ratio=rng.uniform(1, 20),
            attack_ms=rng.uniform(0.01, 500),
            release_ms=rng.uniform(1, 5000),
        ),
    )
    return actions[rng.integers(len(actions))]()


def some_plan(rng, project):
    strips = [strip for _, strip in strips_of(project)]
    tracks = tuple(dataclasses.replace(track_of(Path("a.wav"), track_id=s.id), fader_db=s.fader_db, pan=s.pan) for s in strips)  # fmt: skip
    session = Session(name="song", tracks=tracks, sample_rate_hz=RATE_HZ, duration_s=1.0)
    asked = []
    for n in range(int(rng.integers(1, 20))):
        track = strips[int(rng.integers(len(strips)))].id
        asked.append(suggestion(track, some_action(rng), f" {n}"))
    asked.append(suggestion("master", MasterEq(type="bell", freq_hz=400, gain_db=-2, q=1)))
    return plan_of(session, *asked)


def without_amas(data):
    """Return a copy's lines without what a copy may differ in: the numbers of three lines a track, and AMA's effects."""
    kept = []
    skipping = 0
    lines = data.decode().split("\n")
    for at, line in enumerate(lines):
        words = line.split()
        if words[:1] == ["BYPASS"] and "<JS AMA/" in lines[at + 1]:
            skipping = 7
        if skipping:
            skipping -= 1
        elif words[:1] in (["VOLPAN"], ["IPHASE"], ["PLAYOFFS"]) and line.startswith("    ") and not line.startswith("      "):  # fmt: skip
            kept.append((words[0], tuple(words[3:])))
        else:
            kept.append((line, ()))
    return kept


def test_500_random_plans_are_in_their_copies_and_nothing_else(tmp_path):
    rng = np.random.default_rng(500)
    applied = set_bands = gates = 0
    for _ in range(PLANS):
        project = some_project(rng, tmp_path)
        plan = some_plan(rng, project)
        copied = copy_of(project, plan, jsfx="AMA")
        told = [*copied.applied, *(s.suggestion for s in copied.skipped)]
        assert sorted(told) == sorted(s.id for s in plan.suggestions)
        for read in copied.read_back:
            assert read.read == pytest.approx(read.asked, abs=READ)
        made = parsed(copied.data)
        assert len(strips_of(made)) == len(strips_of(project))
        new = set(without_amas(copied.data)) - set(without_amas(project.data))
        allowed = {"<FXCHAIN", "<MASTERFXLIST", "SHOW 0", "LASTSEL 0", "DOCKED 0", ">"}
        assert {line.strip() for line, _ in new} <= allowed
        applied += len(copied.applied)
        gates += copied.data.count(b"<JS AMA/ama_gate.jsfx")
        set_bands += copied.data.count(b"<JS AMA/ama_eq.jsfx")
        assert copied.data.count(b"\r\n") in {0, copied.data.count(b"\n")}
    assert applied > 4 * PLANS
    assert set_bands > PLANS
    assert gates > PLANS / 2


def test_taking_a_plan_back_by_a_plan_gives_the_first_numbers(tmp_path):
    """Faders and pans of a copy, set back to what the project had, read as the project's."""
    rng = np.random.default_rng(7)
    project = some_project(rng, tmp_path)
    before = {strip.id: strip for _, strip in strips_of(project)}
    plan = some_plan(rng, project)
    moved = plan_of(plan.session, *(gain(t, -7.0) for t in before), *(pan(t, 0.3) for t in before))
    copied = parsed(copy_of(project, moved, jsfx=None).data)
    back = plan_of(plan.session, *(gain(t, s.fader_db) for t, s in before.items()), *(pan(t, s.pan) for t, s in before.items()))  # fmt: skip
    after = {s.id: s for _, s in strips_of(parsed(copy_of(copied, back, jsfx=None).data))}
    for track, strip in before.items():
        assert after[track].volume == pytest.approx(strip.volume, abs=1e-12)
        assert after[track].pan == pytest.approx(strip.pan, abs=1e-12)


def test_every_number_of_a_jsfx_is_within_its_sliders_range(tmp_path):
    rng = np.random.default_rng(9)
    project = some_project(rng, tmp_path)
    for _ in range(50):
        made = parsed(copy_of(project, some_plan(rng, project), jsfx="AMA").data)
        chains = [c for track, _ in strips_of(made) for c in track.of_kind("FXCHAIN")]
        for effect in (e for chain in chains for e in chain.of_kind("JS")):
            known = sliders_of(Path(effect.head.text(1)).stem)
            words = next(iter(effect.lines())).words
            for slider in known.values():
                assert slider.low <= float(words[slider.number - 1].raw) <= slider.high


def test_a_fader_that_reaper_moves_is_not_amas_to_change(tmp_path):
    items = (MadeItem(file="one.wav"),)
    write_audio(tmp_path / "one.wav", noise(duration_s=1.0))
    tracks = (
        MadeTrack(name="A", items=items, lines=envelope("VOLENV2", (0, 1), (1, 0.5))),
        MadeTrack(name="B", items=items),
    )
    path = MadeProject(tracks=tracks).write(tmp_path / "song.rpp")
    session = session_in(path, stems_dir=tmp_path / "stems")
    assert session is not None
    moved = {t.name: t.automated for t in session.tracks}
    assert moved == {"A": ("fader",), "B": ()}


def test_what_the_project_says_of_automation_and_pan_modes_reaches_the_script(tmp_path):
    tracks = (
        MadeTrack(name="A", lines=envelope("VOLENV2", (0, 1), (1, 0.5))),
        MadeTrack(name="B", lines="PANMODE 6"),
        MadeTrack(name="C", pan_law=0.707946),
    )
    path = MadeProject(tracks=tracks).write(tmp_path / "song.rpp")
    session = Session(
        name="song",
        tracks=tuple(track_of(tmp_path / "x.wav", track_id=guid(n), name="ABC"[n - 1]) for n in (1, 2, 3)),
        sample_rate_hz=RATE_HZ,
        duration_s=1.0,
        project=path,
    )  # fmt: skip
    plan = plan_of(session, gain(guid(1), -3.0), pan(guid(2), 0.5), pan(guid(3), 0.5))
    request = request_of(plan, request_id="r", mailbox=tmp_path, ask=False, ticked=frozenset())
    reasons = {s.suggestion: s.reason for s in request.skipped}
    assert "automation" in reasons[f"gain:{guid(1)}"]
    assert "dual pan" in reasons[f"pan:{guid(2)}"]
    assert "pan law is -3.0 dB" in request.suggestions[0].because
    path.write_text("gone")
    again = request_of(plan, request_id="r", mailbox=tmp_path, ask=False, ticked=frozenset())
    assert again.skipped == ()
