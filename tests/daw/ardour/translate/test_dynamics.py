"""Every combination of boxes sounds as auditioned, and dynamics are fitted behind what is ticked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import chain, combinations

import numpy as np
import pytest

from ama_analysis.errors import CancelledError
from ama_analysis.plan import (
    EqBand,
    Gain,
    Gate,
    Pan,
)
from ama_analysis.render.strip import strip_settings
from ama_analysis.session import Track
from ama_bridge.daw.ardour import ace
from ama_bridge.daw.ardour.pan_law import azimuth_of, coefficient, dialled, mono_gains
from ama_bridge.daw.ardour.request import Request
from ama_bridge.daw.ardour.translate import request_of
from ama_bridge.daw.documents import holds
from tests.daw.ardour.translate.made import (
    GATE,
    IDS,
    SAME,
    STEEP,
    session_of,
    settings_of,
    strip_of,
    translated,
)
from tests.daw.plans import plan_with


def heard_gains(request: Request, track: Track, ticked: Collection[str], channels: int) -> tuple[float, float]:  # fmt: skip
    """Return what Ardour does to left and right by fader (with AMA Level) and panner, when these boxes are ticked."""
    shown = dialled(fader_db=track.fader_db, pan=track.pan, channels=channels)
    values = {"gain": coefficient(shown.fader_db), "pan": azimuth_of(shown.pan)}
    written: dict[str, float] = {}
    for strip in request.strips:
        if strip.track != track.id:
            continue
        for control in strip.controls:
            if holds(control, ticked):
                assert control.control not in written
                assert control.expected == pytest.approx(values[control.control])
                written[control.control] = control.value
        assert not strip.inserts
        assert strip.level is not None or "gain" not in written
    values |= written
    azimuth = values["pan"]
    sides = mono_gains(azimuth) if channels == 1 else (min(1.0, 2.0 - 2.0 * azimuth), min(1.0, 2.0 * azimuth))  # fmt: skip
    whole = values["gain"]
    return whole * sides[0], whole * sides[1]


def subsets(ids: Sequence[str]) -> Sequence[tuple[str, ...]]:
    return list(chain.from_iterable(combinations(ids, n) for n in range(len(ids) + 1)))


@pytest.mark.parametrize(("name", "channels"), [("mono", 1), ("stereo", 2)])
def test_every_combination_of_boxes_sounds_as_auditioned(stems, name, channels):
    rng = np.random.default_rng(channels)
    for _ in range(40):
        top_db = 3.0 if channels == 1 else 6.0
        place = (
            float(rng.uniform(-30.0, top_db)),
            float(rng.choice([-1, 0, 1, rng.uniform(-1, 1)])),
        )
        session = session_of(stems, mono=place, stereo=place)
        track = session.track(IDS[name])
        to_db = float(rng.uniform(-40.0, 20.0))
        plan = plan_with(
            session,
            (
                track.id,
                Gain(delta_db=float(np.clip(to_db - track.fader_db, -60, 60)), fader_db=to_db),
            ),
            (track.id, Pan(pan=float(rng.choice([-1, 0, 1, rng.uniform(-1, 1)])))),
        )
        request = translated(plan)
        for ticked in subsets([one.id for one in request.suggestions]):
            chosen = [s for s in plan.suggestions if s.id in ticked]
            ours = strip_settings(track, chosen).gains()[:, 0]
            found = heard_gains(request, track, ticked, channels)
            assert np.array(found) == pytest.approx(ours, rel=SAME, abs=1e-7)


def test_a_negative_make_up_is_a_level(stems):
    plan = plan_with(session_of(stems), ("231", replace(STEEP, makeup_db=-5.0)))
    compressor, level = strip_of(translated(plan), "231").inserts
    assert settings_of(compressor, ["compressor:231:0"])[5] == 0.0
    assert settings_of(level, ["compressor:231:0"])[ace.MASTER_GAIN] == pytest.approx(-5.0, abs=0.5)


def test_a_compressor_is_fitted_behind_what_is_ticked(stems):
    plan = plan_with(
        session_of(stems),
        ("231", EqBand(type="low_shelf", freq_hz=8000.0, gain_db=-20.0, q=0.7)),
        ("231", STEEP),
    )
    behind, alone = (translated(plan, t) for t in (None, ["compressor:231:1"]))
    thresholds = [
        settings_of(strip_of(request, "231").inserts[1], ["compressor:231:1"])
        for request in (behind, alone)
    ]
    assert thresholds[0] != thresholds[1]
    assert [one.ticked for one in alone.suggestions] == [False, True]


def test_a_compressor_is_fitted_behind_the_gate_and_the_gate_before_all_else(stems):
    squeeze = replace(STEEP, threshold_db=-36.0)
    cut = EqBand(type="low_shelf", freq_hz=8000.0, gain_db=-20.0, q=0.7)
    gated = plan_with(session_of(stems), ("17", squeeze), ("17", GATE), ("17", cut))
    behind, alone = (
        strip_of(translated(gated, ticked), "17").inserts
        for ticked in (["compressor:17:0", "gate:17:1"], ["compressor:17:0"])
    )
    both = strip_of(translated(gated), "17").inserts
    squeezed = [settings_of(one[2], ["compressor:17:0"]) for one in (behind, alone)]
    assert squeezed[0] != squeezed[1]
    assert behind[0] == both[0] == alone[0]


def test_a_gate_that_a_exp_cannot_follow_is_skipped_with_how_far_it_is_off(stems):
    slow = Gate(threshold_db=-6.0, ratio=20.0, attack_ms=500.0, release_ms=5.0)
    (skipped,) = translated(plan_with(session_of(stems), ("17", slow))).skipped
    assert skipped.reason.startswith("a-exp cannot follow it: level within ")


@pytest.mark.parametrize("action", [STEEP, GATE], ids=["compressor", "gate"])
def test_it_can_be_stopped_while_dynamics_are_fitted(stems, action):
    plan = plan_with(session_of(stems), ("305", action), ("231", action))
    seen: list[float] = []

    def stop(fraction: float, stage: str) -> None:
        seen.append(fraction)
        if fraction >= 0.5:
            raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        request_of(
            plan,
            request_id="1",
            mailbox="m",
            answer_port=0,
            ask=False,
            ticked=frozenset(s.id for s in plan.suggestions),
            on_progress=stop,
        )
    assert seen[0] < 0.5
