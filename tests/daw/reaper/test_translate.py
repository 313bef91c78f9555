"""A plan in REAPER's terms: nothing is lost, what is asked of an equaliser has the cookbook's response, and closed effects say that they are."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence
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
    Gain,
    HighPass,
    Limiter,
    LowPass,
    MasterEq,
    MixPlan,
    Pan,
    Polarity,
    Sidechain,
)
from ama_bridge.daw.bandwidth import bandwidth_of, q_of
from ama_bridge.daw.documents import document_bytes, document_from_bytes
from ama_bridge.daw.reaper.bands import LOWEST_Q
from ama_bridge.daw.reaper.request import Band, Control, Insert, Request, Strip
from ama_bridge.daw.reaper.translate import request_of
from tests.daw.plans import plan_with
from tests.daw.reaper.plans import GUIDS, RATE, export_in, session_of, stems_in

EXACT_DB = 1e-9
ONE_POLE_DB = {HighPass: 0.5, LowPass: 1.2}
"""A filter of 12 dB/oct in the place of one of 6: what its second pole adds at 20 Hz for a cutoff of 80 Hz, at 20 kHz for one of 8 kHz."""
NOT_VERIFIED = "its sound is not verified"
COMP = Compressor(threshold_db=-24.0, ratio=3.0, attack_ms=20.0, release_ms=200.0, knee_db=6.0, makeup_db=2.5)  # fmt: skip


@pytest.fixture
def stems(tmp_path: Path) -> Path:
    return stems_in(tmp_path / "stems")


def translated(plan: MixPlan, ticked: Collection[str] | None = None) -> Request:
    every = frozenset(s.id for s in plan.suggestions)
    request = request_of(
        plan,
        request_id="song-1",
        mailbox=Path("mailbox"),
        ask=True,
        ticked=every if ticked is None else frozenset(ticked),
    )
    assert document_from_bytes(Request, document_bytes(request), name="x") == request
    told = [one.id for one in request.suggestions] + [one.suggestion for one in request.skipped]
    assert sorted(told) == sorted(every)
    return request


def strip_of(request: Request, track: str) -> Strip:
    return next(one for one in request.strips if one.track == GUIDS.get(track, track))


def the_bands(insert: Insert) -> list[Band]:
    return [band for part in insert.parts for band in part.bands]


def values(insert: Insert) -> dict[str, float]:
    (part,) = insert.parts
    return {one.name: one.value for one in part.values}


def response_db(bands: Sequence[Band], freq_hz: np.ndarray) -> np.ndarray:
    """Return what the cookbook says of sections of the second order, on the axis of the bilinear transform."""
    total = np.zeros_like(freq_hz)
    for band in bands:
        h: np.ndarray
        s = 1j * np.tan(np.pi * freq_hz / RATE) / math.tan(math.pi * band.freq_hz / RATE)
        a = 10.0 ** (band.gain_db / 40.0)
        q = q_of(band.bandwidth_oct)
        match band.shape:
            case "bell":
                h = (s**2 + s * a / q + 1) / (s**2 + s / (a * q) + 1)
            case "low_shelf":
                h = a * (s**2 + s * math.sqrt(a) / q + a) / (a * s**2 + s * math.sqrt(a) / q + 1)
            case "high_shelf":
                h = a * (a * s**2 + s * math.sqrt(a) / q + 1) / (s**2 + s * math.sqrt(a) / q + a)
            case "high_pass":
                h = s**2 / (s**2 + s / q + 1)
            case _:
                h = 1 / (s**2 + s / q + 1)
        total += 20.0 * np.log10(np.abs(h))
    return total


def butterworth_db(action: HighPass | LowPass, freq_hz: np.ndarray) -> np.ndarray:
    w = np.tan(np.pi * freq_hz / RATE) / math.tan(math.pi * action.cutoff_hz / RATE)
    ratio = 1.0 / w if isinstance(action, HighPass) else w
    return np.asarray(-10.0 * np.log10(1.0 + ratio ** (action.slope_db_per_oct / 3.0)))


HEARD_HZ = np.geomspace(20.0, 20_000.0, 300)


def test_faders_and_pans_go_over_as_they_are(stems: Path) -> None:
    session = session_of(stems, faders={"bass": (-4.0, 0.25)})
    plan = plan_with(session, ("bass", Gain(delta_db=-2.0, fader_db=-6.0)), ("bass", Pan(pan=-0.5)))
    request = translated(plan)
    assert strip_of(request, "bass").controls == (
        Control(suggestion="gain:bass:0", control="fader_db", value=-6.0, expected=-4.0),
        Control(suggestion="pan:bass:1", control="pan", value=-0.5, expected=0.25),
    )
    assert [one.because for one in request.suggestions] == ["It was measured."] * 2
    assert request.session == "Song"


def test_stems_of_anywhere_find_their_tracks_by_name_and_expect_nothing(stems: Path) -> None:
    session = session_of(stems, reaper=False)
    request = translated(
        plan_with(session, ("vox", Gain(delta_db=3.0, fader_db=3.0)), (MASTER, COMP))
    )
    vox, master = request.strips
    assert (vox.track, vox.name, vox.by_name, vox.controls[0].expected) == (
        "vox",
        "Vox",
        True,
        None,
    )
    assert (master.track, master.by_name) == (MASTER, False)
    assert request.session == ""


def test_a_project_that_was_never_saved_has_no_name_to_be_found_by(stems: Path) -> None:
    """AMA calls such a session by its folder; REAPER knows no such project."""
    export_in(stems, {}, name="")
    plan = plan_with(session_of(stems), ("vox", Pan(pan=0.5)))
    assert translated(plan).session == ""


def test_a_fader_that_stays_is_told(stems: Path) -> None:
    request = translated(plan_with(session_of(stems), ("vox", Gain(delta_db=0.0, fader_db=0.0))))
    assert request.skipped[0].reason == "the fader stays where it is"
    assert request.strips == ()


def test_a_fader_beyond_the_top_is_told(stems: Path) -> None:
    request = translated(plan_with(session_of(stems), ("vox", Gain(delta_db=15.0, fader_db=15.0))))
    assert "+15.0 dB is beyond where the fader usually ends" in request.suggestions[0].because


def test_the_later_of_two_faders_counts(stems: Path) -> None:
    gains = [("vox", Gain(delta_db=db, fader_db=db)) for db in (1.0, 2.0)]
    request = translated(plan_with(session_of(stems), *gains))
    assert [control.value for control in strip_of(request, "vox").controls] == [2.0]
    assert request.skipped[0].reason == "gain:vox:1 sets the gain of this strip anew"


def test_a_suggestion_for_no_track_of_the_session_is_told(stems: Path) -> None:
    request = translated(plan_with(session_of(stems), ("gong", Pan(pan=0.1))))
    assert request.skipped[0].reason == "the session has no track gong"


def test_polarity_and_delay_are_two_controls_of_one_suggestion(stems: Path) -> None:
    request = translated(
        plan_with(session_of(stems), ("kick", Polarity(invert=True, delay_ms=1.5)))
    )
    controls = strip_of(request, "kick").controls
    assert [(c.control, c.value, c.expected) for c in controls] == [
        ("polarity", 1.0, 0.0),
        ("delay_ms", 1.5, 0.0),
    ]
    assert "media playback offset becomes 1.50 ms" in request.suggestions[0].because
    (skipped,) = translated(plan_with(session_of(stems), ("kick", Polarity(invert=False)))).skipped
    assert skipped.reason == "it asks for nothing"


@pytest.mark.parametrize("kind", [HighPass, LowPass])
@pytest.mark.parametrize("slope", SLOPES_DB_PER_OCT)
def test_slopes_are_sections_of_a_butterworth_filter(stems: Path, kind, slope: int) -> None:
    action = kind(cutoff_hz=80.0 if kind is HighPass else 8000.0, slope_db_per_oct=slope)
    request = translated(plan_with(session_of(stems), ("vox", action)))
    (insert,) = strip_of(request, "vox").inserts
    bands = the_bands(insert)
    assert len(bands) == math.ceil(slope / 12)
    assert all(20.0 <= band.freq_hz <= 24_000.0 for band in bands)
    wanted, found = butterworth_db(action, HEARD_HZ), response_db(bands, HEARD_HZ)
    apart = np.max(np.abs(wanted - found))
    assert apart < (EXACT_DB if slope % 12 == 0 else ONE_POLE_DB[kind])
    assert ("no 6 dB/oct" in insert.note) == (slope % 12 != 0)


@pytest.mark.parametrize("cutoff_hz", [22.0, 25.0, 40.0])
def test_a_low_filter_of_6_db_says_how_far_it_is_off(stems: Path, cutoff_hz: float) -> None:
    action = HighPass(cutoff_hz=cutoff_hz, slope_db_per_oct=6)
    (insert,) = strip_of(translated(plan_with(session_of(stems), ("vox", action))), "vox").inserts
    apart = np.max(
        np.abs(butterworth_db(action, HEARD_HZ) - response_db(the_bands(insert), HEARD_HZ))
    )
    told = float(insert.note.rpartition(", ")[2].split()[0])
    assert told == pytest.approx(apart, abs=0.051), "one digit is shown"


@pytest.mark.parametrize("q", [0.3, 0.707, 1.2, 6.0])
@pytest.mark.parametrize("shape", ["bell", "low_shelf", "high_shelf"])
def test_a_band_carries_its_quality_as_octaves(stems: Path, shape, q: float) -> None:
    action = EqBand(type=shape, freq_hz=2000.0, gain_db=-4.0, q=q)
    (insert,) = strip_of(translated(plan_with(session_of(stems), ("vox", action))), "vox").inserts
    (band,) = the_bands(insert)
    assert (band.shape, band.freq_hz, band.gain_db) == (shape, 2000.0, -4.0)
    assert q_of(band.bandwidth_oct) == pytest.approx(q) == pytest.approx(band.q)


def test_reaeqs_default_of_two_octaves_is_about_a_plain_shelf() -> None:
    """The reason why shelves get the relation of bells."""
    assert q_of(2.0) == pytest.approx(2.0 / 3.0)
    assert bandwidth_of(q_of(1.3)) == pytest.approx(1.3)


def test_a_band_that_is_wider_than_reaeqs_is_told(stems: Path) -> None:
    action = EqBand(type="bell", freq_hz=500.0, gain_db=2.0, q=0.15)
    request = translated(plan_with(session_of(stems), ("vox", action)))
    (insert,) = strip_of(request, "vox").inserts
    assert the_bands(insert)[0].q == LOWEST_Q
    assert "ends at 4 octaves" in request.suggestions[0].because


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        (EqBand(type="bell", freq_hz=500.0, gain_db=14.0, q=1.0), r"end at \+12 dB"),
        (HighPass(cutoff_hz=12.0), "from 20 Hz"),
        (EqBand(type="high_shelf", freq_hz=23_900.0, gain_db=2.0, q=0.7), "rate of 48000 Hz"),
        (LowPass(cutoff_hz=30_000.0), "rate of 48000 Hz"),
        (LowPass(cutoff_hz=500.0, slope_db_per_oct=6), "no 6 dB/oct, and its widest filter is"),
    ],
)
def test_what_reaeq_does_not_have_is_skipped_with_the_reason(
    stems: Path, action: Action, reason: str
) -> None:
    request = translated(plan_with(session_of(stems), ("vox", action)))
    assert request.strips == ()
    assert re.search(reason, request.skipped[0].reason)


def test_an_equaliser_takes_at_most_five_bands_and_keeps_those_of_a_suggestion_together(
    stems: Path,
) -> None:
    bells: list[Action] = [
        EqBand(type="bell", freq_hz=hz, gain_db=-2.0, q=1.0) for hz in (200.0, 900.0, 3000.0)
    ]
    actions: list[Action] = [
        HighPass(cutoff_hz=80.0, slope_db_per_oct=48),
        *bells,
        LowPass(cutoff_hz=15_000.0),
    ]
    request = translated(plan_with(session_of(stems), *(("vox", action) for action in actions)))
    first, second = strip_of(request, "vox").inserts
    assert [(one.key, one.label, len(the_bands(one))) for one in (first, second)] == [
        ("eq", "AMA EQ", 5),
        ("eq2", "AMA EQ 2", 3),
    ]
    named = [part.suggestion for insert in (first, second) for part in insert.parts]
    assert len(named) == len(set(named)) == len(actions)


def test_closed_effects_say_that_their_sound_is_not_verified_and_faders_do_not(stems: Path) -> None:
    actions: list[tuple[str, Action]] = [
        ("vox", Gain(delta_db=-1.0, fader_db=-1.0)),
        ("vox", Pan(pan=0.2)),
        ("vox", HighPass(cutoff_hz=80.0)),
        ("vox", EqBand(type="bell", freq_hz=300.0, gain_db=-2.0, q=1.0)),
        ("vox", COMP),
        (MASTER, MasterEq(type="high_shelf", freq_hz=8000.0, gain_db=1.0, q=0.7)),
        (MASTER, Limiter(ceiling_dbtp=-1.0, gain_db=3.0)),
    ]
    request = translated(plan_with(session_of(stems), *actions))
    honest = {one.id for one in request.suggestions if NOT_VERIFIED not in one.because}
    assert honest == {"gain:vox:0", "pan:vox:1"}
    every = [insert for strip in request.strips for insert in strip.inserts]
    assert all(NOT_VERIFIED in insert.note for insert in every)
    assert len(every) == 4


def test_a_compressors_times_become_time_constants(stems: Path) -> None:
    """A plan's times reach 99.8 % of a step, 2 pi time constants."""
    request = translated(plan_with(session_of(stems), ("vox", COMP)))
    (insert,) = strip_of(request, "vox").inserts
    assert (insert.key, insert.label, insert.device) == ("comp", "AMA Comp", "reacomp")
    assert values(insert) == {
        "threshold_db": -24.0,
        "ratio": 3.0,
        "attack_ms": pytest.approx(20.0 / (2.0 * math.pi)),
        "release_ms": pytest.approx(200.0 / (2.0 * math.pi)),
        "knee_db": 6.0,
        "makeup_db": 2.5,
        "rms_ms": 0.0,
    }
    assert 1.0 - math.exp(-2.0 * math.pi) == pytest.approx(0.998, abs=2e-4)


def test_make_up_that_wet_does_not_have_goes_into_further_levels(stems: Path) -> None:
    loud = replace(COMP, makeup_db=14.0)
    request = translated(plan_with(session_of(stems), ("vox", loud), ("vox", loud)))
    inserts = strip_of(request, "vox").inserts
    assert [one.key for one in inserts] == ["comp", "level", "level2", "comp2", "level3", "level4"]
    of_first = [values(one) for one in inserts[:3]]
    assert sum(one["makeup_db"] for one in of_first) == pytest.approx(14.0)
    assert max(one["makeup_db"] for one in of_first) <= 20.0 * math.log10(2.0)
    assert [one["ratio"] for one in of_first] == [3.0, 1.0, 1.0]
    assert {part.suggestion for one in inserts[:3] for part in one.parts} == {"compressor:vox:0"}


def test_a_side_chain_listens_to_its_trigger_which_stands_in_the_request(stems: Path) -> None:
    action = Sidechain(
        trigger="kick", threshold_db=-30.0, ratio=4.0, attack_ms=1.0, release_ms=90.0
    )
    session = session_of(stems, reaper=False)
    request = translated(plan_with(session, ("bass", action)))
    (insert,) = request.strips[1].inserts
    assert (insert.label, insert.sidechain_from) == ("AMA Ducker", "kick")
    assert [strip.track for strip in request.strips] == ["kick", "bass"]
    assert request.suggestions[0].label.startswith("ducked by Kick")
    muted = tuple(replace(t, muted=t.name == "Kick") for t in session.tracks)
    plan = plan_with(replace(session, tracks=muted), ("bass", action))
    assert translated(plan).skipped[0].reason == "Kick, to which it listens, is muted"


def test_a_limiters_gain_becomes_the_distance_of_threshold_and_ceiling(stems: Path) -> None:
    plan = plan_with(session_of(stems), (MASTER, Limiter(ceiling_dbtp=-1.0, gain_db=4.5)))
    (insert,) = strip_of(translated(plan), MASTER).inserts
    assert values(insert) == {"threshold_db": -5.5, "ceiling_db": -1.0, "release_ms": 100.0}
    plan = plan_with(session_of(stems), (MASTER, Limiter(ceiling_dbtp=-1.0, gain_db=-20.0)))
    assert "+19" not in translated(plan).skipped[0].reason
    assert "19.0 dB are needed" in translated(plan).skipped[0].reason


@pytest.mark.parametrize(
    ("bounced", "turned", "delay_ms"),
    [("post_fader", 0.0, 3.5), ("post_effects", None, 3.5), ("raw", 1.0, 1.5)],
)
def test_polarity_and_delay_come_on_top_of_what_the_stems_have_already(
    stems: Path, bounced: str, turned: float | None, delay_ms: float
) -> None:
    export_in(stems, {"kick": {"inverted": True, "delay_ms": 2.0}}, bounced=bounced)
    actions = Polarity(invert=True), Polarity(invert=False, delay_ms=1.5)
    first, second = (translated(plan_with(session_of(stems), ("kick", one))) for one in actions)
    (delay,) = strip_of(second, "kick").controls
    assert (delay.value, delay.expected) == (delay_ms, 2.0)
    if turned is None:
        assert "its polarity is turned already" in first.skipped[0].reason
    else:
        (polarity,) = strip_of(first, "kick").controls
        assert (polarity.value, polarity.expected) == (turned, 1.0)


def test_boxes_stand_as_they_were_agreed(stems: Path) -> None:
    plan = plan_with(session_of(stems), ("vox", Pan(pan=0.2)), ("bass", Pan(pan=-0.2)))
    request = translated(plan, ["pan:bass:1"])
    assert {one.id: one.ticked for one in request.suggestions} == {"pan:vox:0": False, "pan:bass:1": True}  # fmt: skip


def test_automation_and_other_pan_modes_are_left_alone_with_a_reason(stems: Path) -> None:
    told: dict[str, dict[str, object]] = {
        "kick": {"automated": ["fader"]},
        "bass": {"pan_mode": 6, "automated": []},
        "vox": {"pan_mode": 3, "automated": ["pan"]},
    }
    export_in(stems, told)
    moves = [(name, Gain(delta_db=-1.0, fader_db=-1.0)) for name in GUIDS]
    pans = [(name, Pan(pan=0.2)) for name in GUIDS]
    request = translated(plan_with(session_of(stems), *moves, *pans))
    assert {one.id for one in request.suggestions} == {"gain:bass:1", "gain:vox:2", "pan:kick:3"}
    reasons = {one.suggestion: one.reason for one in request.skipped}
    assert reasons["gain:kick:0"] == "its fader follows automation"
    assert "dual pan" in reasons["pan:bass:4"]
    assert reasons["pan:vox:5"] == "its pan follows automation"


def test_a_session_json_that_is_odd_or_another_daws_tells_nothing(stems: Path) -> None:
    plan = plan_with(session_of(stems), ("kick", Gain(delta_db=-1.0, fader_db=-1.0)))
    for text in ("{", "[]", '{"schema": "ama.session/1", "daw": "ardour"}'):
        (stems / "session.json").write_text(text)
        assert len(translated(plan).suggestions) == 1
    export_in(stems, {"kick": {"automated": "fader", "pan_mode": "3"}}, devices=7)
    assert len(translated(plan).suggestions) == 1


def test_users_of_amas_own_jsfx_get_the_auditions_values(stems: Path) -> None:
    export_in(stems, {}, devices="ama")
    bells = [EqBand(type="bell", freq_hz=100.0 * n, gain_db=15.0, q=0.15) for n in range(1, 8)]
    actions: list[Action] = [HighPass(cutoff_hz=12.0, slope_db_per_oct=18), *bells, COMP]
    plan = plan_with(session_of(stems), *(("vox", action) for action in actions), (MASTER, Limiter(ceiling_dbtp=-1.0, gain_db=1.0)))  # fmt: skip
    request = translated(plan)
    eq, comp = strip_of(request, "vox").inserts
    assert (eq.device, comp.device) == ("ama_eq", "ama_compressor")
    first, *others = the_bands(eq)
    assert (first.shape, first.freq_hz, first.slope_db_per_oct) == ("high_pass", 12.0, 18)
    assert [(b.gain_db, b.q, b.slope_db_per_oct) for b in others] == [(15.0, 0.15, None)] * 7
    assert values(comp) == {
        "threshold_db": COMP.threshold_db,
        "ratio": COMP.ratio,
        "attack_ms": COMP.attack_ms,
        "release_ms": COMP.release_ms,
        "knee_db": COMP.knee_db,
        "makeup_db": COMP.makeup_db,
    }
    assert eq.if_missing
    assert NOT_VERIFIED not in eq.note + comp.note
    (limiter,) = strip_of(request, MASTER).inserts
    assert (limiter.device, limiter.if_missing) == ("realimit", "")
