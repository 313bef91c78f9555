"""Renders that use what was rendered before: the same sound, less work, bounded room on the disk."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ama_analysis.advise import KeptSums, render_plan
from ama_analysis.audio import Audio, in_memory, open_audio, write_audio
from ama_analysis.measurements import SessionMeasurements
from ama_analysis.plan import (
    MASTER,
    Action,
    EqBand,
    Gain,
    Limiter,
    MixPlan,
    Sidechain,
    Suggestion,
    TargetSummary,
)
from ama_analysis.render import Exchanged
from ama_analysis.render.mixdown import TrackSound
from ama_analysis.session import Session, Track

RATE_HZ = 48_000
TRACKS = 6
ROUNDING = 2.0**-21
"""What taking a strip out of a sum of 32-bit floats and putting another in may move a sample below full scale."""


@pytest.fixture
def plan(tmp_path: Path) -> MixPlan:
    noise = np.random.default_rng(7)
    tracks = []
    for at in range(TRACKS):
        path = tmp_path / f"{at}.wav"
        samples = 0.05 * noise.standard_normal((1 + at % 2, RATE_HZ * 3 + 999 * at))
        write_audio(path, Audio(samples.astype(np.float32), RATE_HZ))
        tracks.append(Track(id=f"t{at}", name=f"t{at}", path=path, role="other", role_confidence=1))
    actions: list[tuple[str, Action]] = [
        ("t0", EqBand(type="bell", freq_hz=900.0, gain_db=5.0, q=1.0)),
        ("t1", Gain(delta_db=-4.0, fader_db=-4.0)),
        ("t2", Sidechain(trigger="t0", threshold_db=-30.0, ratio=4.0, attack_ms=5.0, release_ms=80.0, makeup_db=0.0)),
        (MASTER, Limiter(ceiling_dbtp=-1.0, gain_db=3.0)),
    ]  # fmt: skip
    return MixPlan(
        engine="rules",
        target=TargetSummary(name="pop", kind="style", loudness_lufs=-14.0, ceiling_dbtp=-1.0),
        session=Session(
            name="song", sample_rate_hz=RATE_HZ, duration_s=3.0, tracks=tuple(tracks)
        ),
        measurements=SessionMeasurements(tracks={}, pairs=(), skipped={}),
        suggestions=tuple(
            Suggestion(id=f"{action.kind}:{track}", track=track, action=action, because="so", confidence=1.0, effect=None)
            for track, action in actions
        ),
        verification=None,
    )  # fmt: skip


def without(plan: MixPlan, track: str) -> MixPlan:
    return replace(plan, suggestions=tuple(s for s in plan.suggestions if s.track != track))


def samples_of(path: Path) -> np.ndarray:
    return in_memory(open_audio(path)).samples


def files_below(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.w64"))


def test_renders_with_kept_sums_sound_as_renders_without(plan: MixPlan, tmp_path: Path) -> None:
    sums = KeptSums(tmp_path / "sums")
    for at, each in enumerate((plan, without(plan, "t0"), without(plan, "t2"), plan)):
        alone, before = tmp_path / f"{at}.flac", tmp_path / f"{at}-before.flac"
        again, before_again = tmp_path / f"{at}-sums.flac", tmp_path / f"{at}-before-sums.flac"
        render_plan(each, alone, before=before, loudness_match=True)
        render_plan(each, again, before=before_again, loudness_match=True, sums=sums)
        for one, other in ((alone, again), (before, before_again)):
            np.testing.assert_allclose(samples_of(one), samples_of(other), atol=ROUNDING)


def test_only_what_changed_is_rendered_again(plan: MixPlan, tmp_path: Path) -> None:
    sums, session = KeptSums(tmp_path / "sums"), plan.session
    in_memory(sums.sum_of(session, plan.suggestions))
    same = sums.sum_of(session, plan.suggestions)
    assert isinstance(same, Exchanged)
    assert (same.was, same.now) == ((), ())
    changed = sums.sum_of(session, without(plan, "t1").suggestions)
    assert isinstance(changed, Exchanged)
    assert [sound.track.id for sound in changed.now if isinstance(sound, TrackSound)] == ["t1"]
    as_it_was = sums.sum_of(session, ())
    assert not isinstance(
        as_it_was, Exchanged
    )  # half of the tracks: one walk through all is no more work


def test_a_stem_that_was_written_anew_is_rendered_anew(plan: MixPlan, tmp_path: Path) -> None:
    sums, session = KeptSums(tmp_path / "sums"), plan.session
    in_memory(sums.sum_of(session, plan.suggestions))
    stem = session.tracks[0].path
    os.utime(stem, ns=(1, 1))
    assert not isinstance(sums.sum_of(session, plan.suggestions), Exchanged)


def test_a_walk_that_ends_early_keeps_nothing(plan: MixPlan, tmp_path: Path) -> None:
    sums, session = KeptSums(tmp_path / "sums"), plan.session
    walk = sums.sum_of(session, plan.suggestions).blocks()
    next(walk)
    del walk
    assert not isinstance(sums.sum_of(session, plan.suggestions), Exchanged)
    assert files_below(tmp_path / "sums") == []


def test_what_is_kept_stays_within_bounds(plan: MixPlan, tmp_path: Path) -> None:
    folder, session = tmp_path / "sums", plan.session
    sums = KeptSums(folder, most_bytes=3_000_000)  # two of 1.2 MB
    for at in range(4):
        loud = tuple(
            replace(s, action=Gain(delta_db=float(at), fader_db=float(at)))
            for s in plan.suggestions
            if s.track == "t1"
        )
        everywhere = tuple(
            replace(one, id=f"gain:{track.id}", track=track.id)
            for one in loud
            for track in session.tracks
        )
        in_memory(sums.sum_of(session, everywhere))
        assert len(files_below(folder)) == min(at + 1, 2)
    small = KeptSums(tmp_path / "small", most_bytes=1000)
    in_memory(small.sum_of(session, plan.suggestions))
    assert files_below(tmp_path / "small") == []


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    left = tmp_path / "sums-of-another"
    left.mkdir()
    (left / "1.w64").write_bytes(b"RIFF")
    sums = KeptSums(tmp_path)
    assert not left.exists()
    del sums
    assert list(tmp_path.iterdir()) == []
