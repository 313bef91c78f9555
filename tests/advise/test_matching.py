"""The engine that matches references, from stems to verified plan, on the example session and on small made ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ama_analysis.advise import advise, session_from_paths, stems_of
from ama_analysis.advise.effects import MARK_ABOVE
from ama_analysis.advise.engine import ALREADY_THERE
from ama_analysis.advise.guide import CHECKED, disputed
from ama_analysis.advise.targets import target_for
from ama_analysis.audio import in_memory, write_audio
from ama_analysis.distance import distance
from ama_analysis.errors import CancelledError, OptionError
from ama_analysis.measure import measure_mix
from ama_analysis.plan import MASTER, Gain, MixPlan, Suggestion
from ama_analysis.progress import silent
from ama_analysis.reference import Reference
from ama_analysis.render import Mixdown
from ama_analysis.session import Session
from ama_analysis.suggest import scene_of
from ama_analysis.suggest.match import Matcher
from ama_bridge.wire import plan_bytes
from tests.advise.example import example_session
from tests.real_data import SESSIONS, needs_real_data
from tests.side_by_side import heard_together
from tests.signals import noise, sine

EFFECT = 0.15
"""Of the largest rendered effect, over the whole sound; 0.055 measured on the example, 0.03 on made stems."""
LARGE_AF = 2e-3
"""Effects from here on must have the sign of the render: the engine drops what harms by as much."""


@pytest.fixture(scope="module")
def plan() -> MixPlan:
    return advise(example_session())


def on_tracks(plan: MixPlan) -> tuple[Suggestion, ...]:
    return tuple(s for s in plan.suggestions if s.track != MASTER)


def test_with_references_auto_is_the_engine_that_matches_them(plan):
    assert plan.engine == "reference"
    assert plan.target.kind == "reference"
    assert len(plan.target.references) == len(plan.session.references) > 0
    rules = advise(replace(example_session(), references=()))
    assert rules.engine == "rules"
    assert rules.target.kind == "style"


def test_the_example_comes_to_less_than_half_of_its_distance(plan):
    assert plan.verification is not None
    assert plan.verification.after < 0.5 * plan.verification.before


def test_every_suggestion_has_a_reason_and_an_effect(plan):
    for suggestion in plan.suggestions:
        assert any(letter.isdigit() for letter in suggestion.because)
        effect = suggestion.effect
        assert effect is not None
        assert effect.marked == (effect.distance_delta > MARK_ABOVE)
        rendered = not effect.predicted or effect.checked_delta is not None
        assert rendered == (effect.excerpt_s > 0.0)


def test_the_largest_foretold_effects_are_checked_by_render(plan):
    effects = [s.effect for s in on_tracks(plan) if s.effect is not None and s.effect.predicted]
    checked = [abs(e.distance_delta) for e in effects if e.checked_delta is not None]
    others = [abs(e.distance_delta) for e in effects if e.checked_delta is None]
    assert len(checked) >= CHECKED
    assert others
    assert max(others) <= min(checked)


@pytest.mark.parametrize(
    ("foretold", "checked", "told_apart"),
    [
        (-0.042, -0.001, True),
        (-0.001, -0.042, True),
        (-0.004, 0.004, True),
        (-0.010, -0.006, False),
        (-0.0001, 0.00005, False),
        (-0.010, 0.0, True),
        (0.0, 0.0, False),
    ],
)
def test_an_effect_is_disputed_where_the_render_says_something_else(foretold, checked, told_apart):
    assert disputed(foretold, checked) == told_apart


def test_what_is_disputed_says_so_in_the_plan(plan):
    for suggestion in plan.suggestions:
        effect = suggestion.effect
        assert effect is not None
        checked = effect.checked_delta
        known = checked is not None and disputed(effect.distance_delta, checked)
        assert effect.disputed == known


def test_no_suggestion_is_left_that_harms(plan):
    for suggestion in plan.suggestions:
        assert suggestion.effect is not None
        if suggestion.action.kind != "limiter":
            assert suggestion.effect.distance_delta < LARGE_AF


def test_foretold_effects_are_those_of_whole_renders(plan):
    """Each suggestion for a track left out by hand, rendered to the end and measured; the crest is nobody's but the dynamics'."""
    session, suggestions = plan.session, on_tracks(plan)
    target = target_for(None, session.references, silent)
    scene = scene_of(session, plan.measurements, target)
    heard = [voice.track for voice in scene.voices]
    spectra = heard_together(session, stems_of(session), heard)
    assert plan.verification is not None
    matcher = Matcher(scene, spectra, plan.verification.mix_before)
    stems = {track.id: in_memory(stems_of(session)(track)) for track in session.tracks}

    def far(some: tuple[Suggestion, ...]) -> float:
        mix = Mixdown(
            session=session,
            suggestions=some,
            sound_of=lambda track: stems[track.id],
            master=False,
        )
        profile = measure_mix(mix)
        assert profile is not None
        found = distance(profile, target)
        return found.total - found.crest

    told = [s for s in matcher.with_effects(suggestions) if s.effect and s.effect.predicted]
    foretold = np.array([s.effect.distance_delta for s in told if s.effect])
    whole = far(suggestions)
    rendered = np.array([whole - far(_without(suggestions, s)) for s in told])
    assert np.abs(foretold - rendered).max() < EFFECT * np.abs(rendered).max()
    large = np.abs(rendered) > LARGE_AF
    assert large.any()
    assert np.array_equal(np.sign(foretold[large]), np.sign(rendered[large]))


def _without(suggestions: tuple[Suggestion, ...], one: Suggestion) -> tuple[Suggestion, ...]:
    return tuple(s for s in suggestions if s.id != one.id)


def test_the_same_session_gives_the_same_bytes(plan):
    assert plan_bytes(advise(example_session())) == plan_bytes(plan)


def test_without_references_there_is_nothing_to_match():
    with pytest.raises(OptionError, match="needs a reference") as caught:
        advise(replace(example_session(), references=()), engine="reference")
    assert caught.value.code == "AMA-501"


def test_a_mix_that_already_is_its_reference_is_left_as_it_is(tmp_path):
    session = example_session()
    mix = Mixdown(session=session, sound_of=stems_of(session), master=False)
    write_audio(tmp_path / "mix.wav", in_memory(mix), subtype="FLOAT")
    plan = advise(replace(session, references=(Reference(path=tmp_path / "mix.wav"),)))
    assert ALREADY_THERE in plan.warnings
    assert plan.verification is not None
    assert plan.verification.after == plan.verification.before
    assert plan.suggestions
    for suggestion in plan.suggestions:
        assert isinstance(suggestion.action, Gain)
        assert suggestion.action.delta_db == 0.0


@pytest.fixture
def small(tmp_path) -> Session:
    """A tone, noise, and a louder noise to be like."""
    write_audio(tmp_path / "bass.wav", sine(80.0, duration_s=4.0))
    write_audio(tmp_path / "keys.wav", noise(duration_s=4.0, pink=True))
    (tmp_path / "references").mkdir()
    like = noise(duration_s=4.0, pink=True, rms_dbfs=-14.0, seed=5)
    write_audio(tmp_path / "references" / "like.wav", like)
    session = session_from_paths([tmp_path / "bass.wav", tmp_path / "keys.wav"])
    reference = Reference(path=tmp_path / "references" / "like.wav")
    return replace(session, references=(reference,))


def test_one_track_alone_can_be_matched(small):
    alone = replace(small, tracks=tuple(t for t in small.tracks if t.id == "keys"))
    plan = advise(alone)
    assert plan.engine == "reference"
    assert plan.verification is not None
    assert plan.verification.after <= plan.verification.before


@pytest.mark.parametrize("out", [{"muted": True}, {"fader_db": -200.0}])
@pytest.mark.parametrize("engine", ["reference", "rules"])
def test_a_track_that_is_muted_or_shut_is_left_alone(small, out, engine):
    tracks = tuple(replace(t, **out) if t.id == "bass" else t for t in small.tracks)
    plan = advise(replace(small, tracks=tracks), engine=engine)
    assert "keys" in {s.track for s in plan.suggestions}
    assert "bass" not in {s.track for s in plan.suggestions}


def test_stems_that_cancel_give_a_plan(small, tmp_path):
    keys = noise(duration_s=4.0, pink=True)
    write_audio(tmp_path / "inverted.wav", replace(keys, samples=-keys.samples))
    found = session_from_paths([tmp_path / f"{name}.wav" for name in ("bass", "keys", "inverted")])
    plan = advise(replace(found, references=small.references))
    assert plan.verification is not None
    assert plan.verification.after <= plan.verification.before


HEARD = "listening to stems and references"


def test_one_cancels_while_the_tracks_are_heard_together(small):
    seen: list[str] = []

    def stop(fraction: float, stage: str) -> None:
        seen.append(stage)
        if stage.startswith(HEARD):
            message = "The job was cancelled."
            raise CancelledError(message)

    with pytest.raises(CancelledError):
        advise(small, on_progress=stop)
    assert seen[-1].startswith(HEARD)


@needs_real_data
@pytest.mark.parametrize("name", ["nc_easton_ellises_falcon69"])
def test_real_sessions_come_nearer_to_their_own_mix(name):
    """The mix that a human made of these stems, as the reference of the stems at 0 dB."""
    folder = SESSIONS / name
    stems = [p for p in sorted(folder.glob("*.flac")) if p.stem not in {"mix", "master"}]
    session = session_from_paths(stems)
    plan = advise(replace(session, references=(Reference(path=folder / "mix.flac"),)))
    assert plan.verification is not None
    assert plan.verification.after < plan.verification.before
