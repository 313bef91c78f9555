"""The main job, on the example session: it ends nearer to its references, or says that it cannot."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import soundfile

from ama_analysis.advise import (
    advise,
    picture_of_plan,
    relocated,
    render_plan,
    session_from_paths,
    stems_of,
)
from ama_analysis.advise.effects import DROP_ABOVE, EXCERPT_S, MARK_ABOVE
from ama_analysis.advise.guide import RulesGuide
from ama_analysis.advise.listening import Watched
from ama_analysis.advise.targets import target_for
from ama_analysis.audio import read_audio, write_audio
from ama_analysis.data import data_folder
from ama_analysis.distance import distance
from ama_analysis.errors import (
    CancelledError,
    OptionError,
    PlanError,
    PresetError,
    SessionError,
)
from ama_analysis.measure import LoudnessMeter, TruePeakMeter, measure_mix
from ama_analysis.plan import MASTER, EqBand, Gain, Limiter, Suggestion
from ama_analysis.progress import silent
from ama_analysis.render import Mixdown
from tests.advise.example import example_session
from tests.real_data import SESSIONS, needs_real_data
from tests.signals import noise, sine
from tests.signals import silence as quiet

EQUAL_LU = 0.1
"""What loudness matching may miss: the meter's own tolerance (EBU Tech 3341)."""
ROUNDING_AF = 1e-6
"""One track taken out of a sum of 32-bit floats and another put in."""
CEILING_DB = 0.01
"""24-bit samples are rounded after the ceiling was met."""


@pytest.fixture(scope="module")
def plan():
    return advise(example_session())


@pytest.fixture(scope="module")
def plan_by_rules():
    """The plan of the rules, which weigh each suggestion by rendering (the engine that matches predicts: `test_matching`)."""
    return advise(example_session(), engine="rules")


def distances(plan):
    """Return the verified distance before and after."""
    assert plan.verification is not None
    return plan.verification.before, plan.verification.after


def levels(path):
    audio = read_audio(path)
    meter = LoudnessMeter(sample_rate_hz=audio.sample_rate_hz, channels=2)
    peak = TruePeakMeter(sample_rate_hz=audio.sample_rate_hz, channels=2)
    meter.add(audio.samples)
    peak.add(audio.samples)
    return meter.result().integrated_lufs, peak.true_peak_dbtp


def test_the_example_comes_nearer_to_its_references(plan):
    before, after = distances(plan)
    assert after < 0.5 * before
    assert plan.verification.parts["tonal_db"][1] <= plan.verification.parts["tonal_db"][0]


def test_every_track_has_a_reason_with_a_number(plan):
    for track in plan.session.tracks:
        reasons = [s.because for s in plan.suggestions if s.track == track.id]
        assert any(any(c.isdigit() for c in reason) for reason in reasons), track.id


def test_every_suggestion_carries_its_measured_effect(plan_by_rules):
    for suggestion in plan_by_rules.suggestions:
        assert suggestion.effect is not None
        assert suggestion.effect.marked == (suggestion.effect.distance_delta > MARK_ABOVE)
        assert 9.0 < suggestion.effect.excerpt_s < 11.5


def test_an_effect_is_what_leaving_the_suggestion_out_does(plan_by_rules):
    """Each fader move, weighed by hand on the same excerpt: two mixes of all tracks, with it and without it."""
    session, sound_of = plan_by_rules.session, stems_of(plan_by_rules.session)
    target = target_for(None, session.references, silent)
    watched = Watched(Mixdown(session=session, sound_of=sound_of))
    measure_mix(watched)
    span_s = watched.loudest_part_s(EXCERPT_S)

    def far(suggestions):
        mix = Mixdown(
            session=session,
            suggestions=suggestions,
            sound_of=lambda track: sound_of(track).section(*span_s),
            master=False,
        )
        profile = measure_mix(mix)
        assert profile is not None
        return distance(profile, target).total

    on_tracks = tuple(s for s in plan_by_rules.suggestions if s.track != MASTER)
    moves = [s for s in on_tracks if s.action.kind == "gain" and s.action.delta_db]
    assert moves
    for move in moves:
        delta = far(on_tracks) - far(tuple(s for s in on_tracks if s is not move))
        assert move.effect.distance_delta == pytest.approx(delta, abs=ROUNDING_AF)
        moved_lu = move.effect.track_loudness_delta_lu
        assert moved_lu == pytest.approx(move.action.delta_db, abs=EQUAL_LU)


def test_the_same_session_gives_the_same_plan(plan):
    assert advise(example_session()) == plan


def test_before_and_after_are_equally_loud_and_below_the_ceiling(plan, tmp_path):
    out, before = tmp_path / "after.wav", tmp_path / "before.wav"
    rendered = render_plan(plan, out, before=before, loudness_match=True)
    (after_lufs, after_peak), (before_lufs, before_peak) = levels(out), levels(before)
    assert after_lufs == pytest.approx(before_lufs, abs=EQUAL_LU)
    assert rendered.before is not None
    assert rendered.after.integrated_lufs == pytest.approx(after_lufs, abs=EQUAL_LU)
    assert rendered.before.true_peak_dbtp == pytest.approx(before_peak, abs=0.1)
    assert max(after_peak, before_peak) <= -1.0 + CEILING_DB
    assert max(rendered.after.gain_db, rendered.before.gain_db) <= 0.0


def test_a_render_keeps_the_ceiling_of_its_limiter(plan, tmp_path):
    suggestions = tuple(
        replace(s, action=Limiter(ceiling_dbtp=-3.0, gain_db=12.0))
        if s.action.kind == "limiter"
        else s
        for s in plan.suggestions
    )
    out = tmp_path / "loud.wav"
    render_plan(replace(plan, suggestions=suggestions), out)
    assert levels(out)[1] <= -3.0 + CEILING_DB


def test_a_track_by_itself_is_written_twice_at_equal_loudness(plan, tmp_path):
    out, before = tmp_path / "after.wav", tmp_path / "before.wav"
    render_plan(plan, out, before=before, track="vox_lead", loudness_match=True)
    assert levels(out)[0] == pytest.approx(levels(before)[0], abs=EQUAL_LU)
    with pytest.raises(SessionError, match="There is no track 'kazoo'"):
        render_plan(plan, out, track="kazoo")


def test_a_render_never_writes_over_what_the_session_reads(plan, tmp_path):
    stem = plan.session.tracks[0].path
    for path in (stem, plan.session.references[0].path):
        with pytest.raises(OptionError, match="is an input"):
            render_plan(plan, path)
    with pytest.raises(OptionError, match="named twice"):
        render_plan(plan, tmp_path / "a.wav", before=tmp_path / "a.wav")


def test_stems_may_lie_elsewhere_when_the_plan_is_rendered(plan, tmp_path):
    with pytest.raises(PlanError, match=r"has no vox_lead\.flac"):
        relocated(plan, tmp_path)
    assert relocated(plan, data_folder("examples")).session == plan.session
    track = replace(plan.session.tracks[0], path=tmp_path / "gone.wav")
    lost = replace(plan, session=replace(plan.session, tracks=(track, *plan.session.tracks[1:])))
    with pytest.raises(PlanError, match="is not at"):
        render_plan(lost, tmp_path / "mix.wav")


def test_the_picture_is_a_picture_of_some_size(plan, tmp_path):
    path = tmp_path / "balance.png"
    picture_of_plan(plan, path)
    head = path.read_bytes()[:24]
    assert head.startswith(b"\x89PNG")
    assert int.from_bytes(head[16:20], "big") >= 1000
    with pytest.raises(PlanError, match="no verified"):
        picture_of_plan(plan.only(frozenset()), path)


def test_one_cancels_by_raising_from_progress():
    def stop(fraction, stage):
        if fraction > 0.3:
            message = "The job was cancelled."
            raise CancelledError(message)

    with pytest.raises(CancelledError):
        advise(example_session(), on_progress=stop)


def test_progress_rises_to_its_end(plan):
    seen = []
    advise(example_session(), on_progress=lambda fraction, stage: seen.append(fraction))
    assert seen[-1] == pytest.approx(1.0, abs=0.02)
    assert all(0.0 <= value <= 1.0 for value in seen)


def test_an_engine_that_there_is_not_is_refused():
    with pytest.raises(OptionError) as caught:
        advise(example_session(), engine="magic")
    assert caught.value.code == "AMA-501"


def test_an_unknown_target_is_refused():
    with pytest.raises(PresetError, match="polka"):
        advise(example_session(), target="polka")


def test_silent_stems_give_an_empty_plan_that_says_so(tmp_path):
    write_audio(tmp_path / "a.wav", quiet())
    write_audio(tmp_path / "b.wav", quiet())
    plan = advise(session_from_paths([tmp_path]))
    assert plan.suggestions == ()
    assert any("nothing to hear" in warning for warning in plan.warnings)


def test_a_stem_that_breaks_in_the_middle_is_left_out_and_the_others_go_on(tmp_path):
    write_audio(tmp_path / "bass.wav", sine(80, duration_s=4.0))
    write_audio(tmp_path / "keys.wav", noise(duration_s=4.0, pink=True))
    bad = noise(duration_s=4.0).samples.copy()
    bad[0, 100_000] = np.nan
    soundfile.write(tmp_path / "bad.wav", bad.T, 48_000, subtype="FLOAT")
    plan = advise(session_from_paths([tmp_path]))
    assert {t.id for t in plan.session.tracks} == {"bass", "keys"}
    assert any("bad" in w and "not numbers" in w for w in plan.warnings)


def test_odd_stems_are_no_reason_to_fail(tmp_path):
    """DC, one sample, mono, other rates, over full scale and silence, all in one session."""
    write_audio(tmp_path / "keys.wav", noise(duration_s=3.0, pink=True))
    soundfile.write(tmp_path / "dc.wav", np.full((48_000, 2), 0.3), 48_000)
    soundfile.write(tmp_path / "one.wav", np.array([[0.5]]), 48_000)
    soundfile.write(
        tmp_path / "loud.wav",
        8 * noise(duration_s=2.0, sample_rate_hz=96_000).samples.T,
        96_000,
        subtype="FLOAT",
    )
    soundfile.write(tmp_path / "low.wav", noise(channels=1, sample_rate_hz=8_000).samples.T, 8_000)
    write_audio(tmp_path / "quiet.wav", quiet())
    plan = advise(session_from_paths([tmp_path]))
    before, after = distances(plan)
    assert after <= before
    out = tmp_path / "out" / "mix.wav"
    out.parent.mkdir()
    render_plan(plan, out)
    assert levels(out)[1] <= plan.target.ceiling_dbtp + CEILING_DB


def test_a_given_mix_that_is_not_the_sum_is_told(tmp_path):
    session = example_session()
    write_audio(tmp_path / "other.wav", noise(duration_s=3.0))
    plan = advise(replace(session, mix=tmp_path / "other.wav"))
    assert any("other.wav differs from the sum" in warning for warning in plan.warnings)


@needs_real_data
@pytest.mark.parametrize("name", ["lmms_makeme", "nc_easton_ellises_falcon69", "evr_rubidium"])
def test_real_sessions_are_never_left_worse(name, tmp_path):
    plan = advise(session_from_paths([SESSIONS / name]), target="pop")
    before, after = distances(plan)
    assert after <= before
    told = {s.track for s in (*plan.suggestions, *plan.dropped)}
    assert told >= {t.id for t in plan.session.tracks}
    assert not {s.id for s in plan.dropped} & {s.id for s in plan.suggestions}
    out = tmp_path / "mix.wav"
    render_plan(plan, out)
    assert levels(out)[1] <= plan.target.ceiling_dbtp + CEILING_DB


def test_what_was_tried_and_harms_is_told_and_not_done(monkeypatch):
    session = example_session()
    shrill = Suggestion(
        id=f"shrill:{session.tracks[0].id}",
        track=session.tracks[0].id,
        action=EqBand(type="bell", freq_hz=4000.0, gain_db=20.0, q=0.7),
        because="It is dull.",
        confidence=0.6,
    )
    proposed = RulesGuide.tracks
    monkeypatch.setattr(RulesGuide, "tracks", lambda guide: (*proposed(guide), shrill))
    plan = advise(session, engine="rules")
    (told,) = [s for s in plan.dropped if s.id == shrill.id]
    assert told.action == shrill.action
    assert told.effect is not None
    assert told.effect.distance_delta > DROP_ABOVE
    assert told.because.startswith("It is dull. Tried and dropped: it takes the mix away")
    assert shrill.id not in {s.id for s in plan.suggestions}


def test_a_move_of_nothing_is_a_reason_not_a_move(plan):
    kept = [s for s in plan.suggestions if s.rule == "keep"]
    assert all(isinstance(s.action, Gain) and s.action.delta_db == 0.0 for s in kept)
