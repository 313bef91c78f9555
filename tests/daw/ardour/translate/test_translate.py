"""A plan in Ardour's own terms: nothing is lost, faders and pans sound as auditioned whichever boxes are ticked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ama_analysis.errors import AudioFileError
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
    Pan,
    Polarity,
    Sidechain,
)
from ama_bridge.daw.ardour import ace
from ama_bridge.daw.ardour.pan_law import coefficient
from ama_bridge.daw.ardour.request import Strip
from ama_bridge.daw.documents import document_bytes
from ama_bridge.daw.labels import label_of
from tests.daw.ardour.translate.made import (
    GATE,
    IDS,
    STEEP,
    session_of,
    settings_of,
    strip_of,
    translated,
)
from tests.daw.plans import plan_with


def test_a_fader_beyond_the_top_is_helped_by_a_level(stems):
    plan = plan_with(session_of(stems), ("305", Gain(delta_db=11.0, fader_db=11.0)))
    request = translated(plan)
    strip = strip_of(request, "305")
    assert strip.controls[0].value == pytest.approx(coefficient(11.0))
    assert strip.level is not None
    assert (strip.level.uri, ace.PORTS[ace.EQ][ace.MASTER_GAIN].symbol) == (ace.EQ, "master")
    assert "AMA Level" in request.suggestions[0].because


def test_a_fader_far_beyond_the_top_is_skipped(stems):
    plan = plan_with(session_of(stems), ("305", Gain(delta_db=30.0, fader_db=30.0)))
    (skipped,) = translated(plan).skipped
    assert skipped.reason == "it is 24.0 dB more than Ardour's fader has"


def test_a_fader_that_stays_is_not_asked_about(stems):
    session = session_of(stems, mono=(-3.5, 0.0))
    request = translated(plan_with(session, ("231", Gain(delta_db=0.0, fader_db=-3.5))))
    assert request.strips == ()
    assert request.skipped[0].reason == "the fader stays where it is"


def test_of_two_faders_the_later_one_counts(stems):
    plan = plan_with(
        session_of(stems),
        ("305", Gain(delta_db=-1.0, fader_db=-1.0)),
        ("305", Gain(delta_db=-2.0, fader_db=-2.0)),
    )
    request = translated(plan)
    assert [one.id for one in request.suggestions] == ["gain:305:1"]
    assert request.skipped[0].reason == "gain:305:1 sets the gain of this strip anew"


def test_a_suggestion_for_no_track_of_the_session_is_told(stems):
    request = translated(plan_with(session_of(stems), ("gong", Pan(pan=0.1))))
    assert request.skipped[0].reason == "the session has no track gong"


def test_plugins_stand_in_the_auditions_order(stems):
    plan = plan_with(
        session_of(stems),
        ("305", Gain(delta_db=9.0, fader_db=9.0)),
        ("305", Sidechain(trigger="17", threshold_db=-30.0, ratio=2.0, attack_ms=3.0, release_ms=90.0)),
        ("305", STEEP),
        ("305", EqBand(type="bell", freq_hz=300.0, gain_db=-3.0, q=1.0)),
        ("305", LowPass(cutoff_hz=9000.0)),
        ("305", HighPass(cutoff_hz=60.0, slope_db_per_oct=24)),
        ("305", GATE),
    )  # fmt: skip
    strip = strip_of(translated(plan), "305")
    assert [one.label for one in strip.inserts] == ["AMA Gate", "AMA Filters", "AMA Filters 2", "AMA EQ", "AMA Compressor", "AMA Ducker"]  # fmt: skip
    assert strip.level is not None
    assert len({one.key for one in strip.inserts}) == len(strip.inserts)
    gate, filters, second, _, compressor, ducker = strip.inserts
    assert (gate.uri, gate.stereo_uri) == (ace.EXPANDER, "")
    assert settings_of(gate, [])[3] == 1.0
    assert settings_of(gate, ["gate:305:6"])[3] > 1.0
    assert "dB RMS of the audition's" in gate.note
    assert (filters.type, filters.uri) == ("lua", ace.FILTERS)
    assert {part.suggestion for part in filters.parts} == {"high_pass:305:5", "low_pass:305:4"}
    assert {part.suggestion for part in second.parts} == {"high_pass:305:5"}
    assert (compressor.uri, compressor.stereo_uri) == (ace.COMPRESSOR, "")
    assert (ducker.uri, ducker.stereo_uri) == (ace.COMPRESSOR, ace.COMPRESSOR_STEREO)
    assert ducker.sidechain_from == "17"
    assert settings_of(ducker, ["sidechain:305:1"])[ace.SIDECHAIN] == 1.0
    assert "dB RMS of the audition's" in compressor.note


def test_filters_share_a_plugin_and_each_box_switches_its_own(stems):
    plan = plan_with(session_of(stems), ("231", HighPass(cutoff_hz=60.0)), ("231", LowPass(cutoff_hz=9000.0)))  # fmt: skip
    (insert,) = strip_of(translated(plan), "231").inserts
    high, low = settings_of(insert, ["high_pass:231:0"]), settings_of(insert, ["low_pass:231:1"])
    assert (high[0], high[1], high[3]) == (1.0, 60.0, 0.0)
    assert (low[0], low[3], low[4]) == (0.0, 1.0, 9000.0)


def test_the_master_is_the_strip_called_master(stems):
    plan = plan_with(
        session_of(stems),
        (MASTER, MasterEq(type="low_shelf", freq_hz=90.0, gain_db=1.5, q=0.7)),
        (MASTER, Compressor(threshold_db=-18.0, ratio=2.0, attack_ms=30.0, release_ms=200.0)),
        (MASTER, Limiter(ceiling_dbtp=-1.0, gain_db=2.5)),
    )
    strip = strip_of(translated(plan), MASTER)
    assert not strip.by_name
    assert [one.label for one in strip.inserts] == ["AMA EQ", "AMA Compressor", "AMA Limiter"]
    limiter = strip.inserts[-1]
    assert limiter.if_missing.startswith("Ardour ships no limiter")
    assert "2.5 dB" in limiter.if_missing
    assert "-1.0 dBTP" in limiter.if_missing
    assert {1: 2.5, 2: -1.0}.items() <= settings_of(limiter, ["limiter:master:2"]).items()


def test_a_limiter_without_range_says_what_to_do(stems):
    for limiter in (Limiter(ceiling_dbtp=-12.0, gain_db=0.0), Limiter(ceiling_dbtp=-1.0, gain_db=-40.0)):  # fmt: skip
        (skipped,) = translated(plan_with(session_of(stems), (MASTER, limiter))).skipped
        assert "x42's limiter has no such range" in skipped.reason
        assert f"{limiter.gain_db:.1f} dB" in skipped.reason


def test_polarity_is_turned_from_where_it_was(stems):
    request = translated(plan_with(session_of(stems), ("231", Polarity(invert=True))))
    (control,) = strip_of(request, "231").controls
    assert (control.control, control.value, control.expected) == ("polarity", 1.0, 0.0)


def test_a_delay_is_skipped_with_the_samples_to_move_by(stems):
    request = translated(plan_with(session_of(stems), ("231", Polarity(invert=True, delay_ms=2.0))))
    assert "2.00 ms (88 samples)" in request.skipped[0].reason
    assert "turn its polarity" in request.skipped[0].reason
    nothing = translated(plan_with(session_of(stems), ("231", Polarity(invert=False))))
    assert nothing.skipped[0].reason == "it asks for nothing"


def test_a_muted_trigger_ducks_nothing(stems):
    session = session_of(stems)
    tracks = tuple(replace(t, muted=t.id == "17") for t in session.tracks)
    duck = Sidechain(trigger="17", threshold_db=-30.0, ratio=2.0, attack_ms=3.0, release_ms=90.0)
    request = translated(plan_with(replace(session, tracks=tracks), ("305", duck)))
    assert request.skipped[0].reason == "The hits, to which it listens, is muted"


def test_a_band_above_the_rate_is_skipped(stems):
    band = EqBand(type="bell", freq_hz=21_900.0, gain_db=3.0, q=1.0)
    (skipped,) = translated(plan_with(session_of(stems), ("231", band))).skipped
    assert skipped.reason == "it lies above what a rate of 44100 Hz holds"


def test_what_is_off_the_audition_says_by_how_much(stems):
    wide = EqBand(type="bell", freq_hz=900.0, gain_db=12.0, q=0.15)
    request = translated(plan_with(session_of(stems), ("231", wide)))
    (insert,) = strip_of(request, "231").inserts
    assert insert.note.startswith("within ")
    assert request.suggestions[0].because == f"It was measured. In Ardour: {insert.note}."


def test_a_session_of_stems_is_matched_by_name(stems):
    session = session_of(stems, ardour=False)
    duck = Sidechain(trigger="hits", threshold_db=-30.0, ratio=2.0, attack_ms=3.0, release_ms=90.0)
    plan = plan_with(session, ("mono", Gain(delta_db=0.0, fader_db=0.0)), ("stereo", duck))
    request = translated(plan)
    mono = strip_of(request, "mono")
    assert (mono.name, mono.by_name) == ("mono", True)
    assert mono.controls[0].value == pytest.approx(coefficient(3.0))
    assert mono.controls[0].expected is None
    assert strip_of(request, "hits") == Strip(track="hits", name="hits", by_name=True)


def test_the_dialogs_words_are_an_engineers():
    expected: dict[str, Action] = {
        "-2.5 dB fader": Gain(delta_db=-2.5, fader_db=-8.0),
        "fader stays at -8.0 dB": Gain(delta_db=0.0, fader_db=-8.0),
        "pan to the centre": Pan(pan=0.0),
        "pan 30 % left": Pan(pan=-0.3),
        "high-pass 80 Hz, 24 dB/oct": HighPass(cutoff_hz=80.0, slope_db_per_oct=24),
        "low-pass 9 kHz, 12 dB/oct": LowPass(cutoff_hz=9000.0),
        "-3.0 dB at 250 Hz, Q 1.4": EqBand(type="bell", freq_hz=250.0, gain_db=-3.0, q=1.4),
        "+2.0 dB high shelf at 8 kHz": MasterEq(type="high_shelf", freq_hz=8000.0, gain_db=2.0, q=0.7),
        "compressor 4:1 at -30.0 dB, +2.0 dB make-up": STEEP,
        "gate 2.5:1 below -30.0 dB": GATE,
        "polarity turned and delayed by 0.42 ms": Polarity(invert=True, delay_ms=0.42),
        "limiter, +3.0 dB into -1.0 dBTP": Limiter(ceiling_dbtp=-1.0, gain_db=3.0),
    }  # fmt: skip
    for words, action in expected.items():
        assert label_of(action) == words
    duck = Sidechain(trigger="17", threshold_db=-30.0, ratio=2.0, attack_ms=3.0, release_ms=90.0)
    assert label_of(duck, trigger="Kick") == "ducked by Kick: compressor 2:1 at -30.0 dB"


def _any_action(rng: np.random.Generator, *, master: bool) -> Action:
    def log(low: float, high: float) -> float:
        return float(np.exp(rng.uniform(np.log(low), np.log(high))))

    slope = int(rng.choice(SLOPES_DB_PER_OCT))
    shape = rng.choice(["bell", "low_shelf", "high_shelf"])
    gain_db, q = float(rng.uniform(-24, 24)), log(0.1, 20.0)
    if master:
        made: tuple[Action, ...] = (
            MasterEq(type=shape, freq_hz=log(10, 40_000), gain_db=gain_db, q=q),
            Limiter(ceiling_dbtp=float(rng.uniform(-24, 0)), gain_db=float(rng.uniform(-60, 60))),
        )
    else:
        made = (
            Gain(delta_db=1.0, fader_db=float(rng.uniform(-200, 60))),
            Pan(pan=float(rng.uniform(-1, 1))),
            HighPass(cutoff_hz=log(5, 20_000), slope_db_per_oct=slope),
            LowPass(cutoff_hz=log(20, 40_000), slope_db_per_oct=slope),
            EqBand(type=shape, freq_hz=log(10, 40_000), gain_db=gain_db, q=q),
            Polarity(invert=bool(rng.integers(2)), delay_ms=float(rng.choice([0.0, 3.3]))),
        )
    return made[int(rng.integers(len(made)))]


def test_any_plan_has_a_request_in_which_every_suggestion_stands_once(stems):
    rng = np.random.default_rng(9)
    session = session_of(stems)
    for _ in range(25):
        tracks = [str(rng.choice([*IDS.values(), MASTER])) for _ in range(int(rng.integers(0, 20)))]
        actions = [(track, _any_action(rng, master=track == MASTER)) for track in tracks]
        request = translated(plan_with(session, *actions))
        for strip in request.strips:
            assert len({one.key for one in strip.inserts}) == len(strip.inserts)
            for insert in strip.inserts:
                ports = ace.PORTS[insert.uri]
                for part in insert.parts:
                    whichs = [one.which for one in part.settings]
                    assert len(set(whichs)) == len(whichs)
                    assert all(ports[s.which].low <= s.value <= ports[s.which].high for s in part.settings)  # fmt: skip


def test_the_same_plan_gives_the_same_bytes(stems):
    plan = plan_with(session_of(stems), ("305", STEEP), ("231", HighPass(cutoff_hz=40.0)))
    assert document_bytes(translated(plan)) == document_bytes(translated(plan))


def test_a_stem_that_is_gone_is_told(stems):
    session = session_of(stems)
    gone = tuple(replace(t, path=t.path.with_name("gone.wav")) for t in session.tracks)
    with pytest.raises(AudioFileError):
        translated(plan_with(replace(session, tracks=gone), ("305", STEEP)))
