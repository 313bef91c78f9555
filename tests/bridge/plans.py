"""Plans, sessions and an analyst for tests of the bridge: made by hand, every kind of action in them, no audio needed."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from ama_analysis.advise import Rendered, Written
from ama_analysis.audio import Audio, write_audio
from ama_analysis.measurements import (
    BandLevels,
    Dynamics,
    Features,
    Loudness,
    MixProfile,
    PairMeasurements,
    SessionMeasurements,
    Spectrum,
    Stereo,
    TrackMeasurements,
)
from ama_analysis.plan import (
    Action,
    Compressor,
    Effect,
    EqBand,
    Gain,
    Gate,
    HighPass,
    Limiter,
    LowPass,
    MasterEq,
    MixPlan,
    Pan,
    Polarity,
    Sidechain,
    Suggestion,
    TargetSummary,
    Verification,
)
from ama_analysis.progress import OnProgress
from ama_analysis.reference import Reference
from ama_analysis.session import Session, Track

RATE_HZ = 44_100

EVERY_ACTION: tuple[tuple[str, Action], ...] = (
    ("kick", Gain(delta_db=-2.25, fader_db=-8.25)),
    ("bass", Pan(pan=-0.1)),
    ("bass", HighPass(cutoff_hz=31.7, slope_db_per_oct=24)),
    ("kick", LowPass(cutoff_hz=9_000.0)),
    ("kick", EqBand(type="bell", freq_hz=312.5, gain_db=-2.4, q=1.3)),
    (
        "bass",
        Compressor(threshold_db=-21.5, ratio=3.2, attack_ms=12.0, release_ms=180.0, makeup_db=1.5),
    ),
    (
        "bass",
        Sidechain(trigger="kick", threshold_db=-30.0, ratio=4.0, attack_ms=3.0, release_ms=90.0),
    ),
    ("kick", Gate(threshold_db=-26.0, ratio=2.5, attack_ms=1.0, release_ms=180.0)),
    ("bass", Polarity(invert=True, delay_ms=0.42)),
    ("master", MasterEq(type="high_shelf", freq_hz=8_000.0, gain_db=1.1, q=0.7)),
    ("master", Limiter(ceiling_dbtp=-1.0, gain_db=3.0)),
)

DROPPED = Suggestion(
    id="match_eq:bass:1",
    track="bass",
    action=EqBand(type="low_shelf", freq_hz=120.0, gain_db=1.5, q=0.7),
    because="The mix is thin. Tried and dropped: it takes the mix away from the target.",
    confidence=0.6,
    effect=Effect(
        distance_delta=0.02,
        tonal_delta_db=0.4,
        width_delta_db=0.0,
        track_loudness_delta_lu=0.3,
        excerpt_s=10.0,
        marked=True,
    ),
)


def _noise(seed: int, count: int) -> tuple[float, ...]:
    return tuple(np.random.default_rng(seed).normal(-40.0, 9.0, count).tolist())


def _bands(count: int) -> BandLevels:
    return BandLevels(
        freq_hz=_noise(1, count),
        left_db=_noise(2, count),
        right_db=_noise(3, count),
        mid_db=_noise(4, count),
        side_db=_noise(5, count),
    )


def track_measurements(*, silent: bool = False) -> TrackMeasurements:
    """Return figures that no sound has, with all digits that a float can have."""
    level = None if silent else -18.123456789012345
    return TrackMeasurements(
        sample_rate_hz=RATE_HZ,
        channels=2,
        duration_s=1 / 3,
        loudness=Loudness(
            integrated_lufs=level,
            loudness_range_lu=level,
            max_momentary_lufs=level,
            max_short_term_lufs=level,
            true_peak_dbtp=level,
            sample_peak_dbfs=level,
        ),
        dynamics=Dynamics(
            rms_dbfs=level,
            crest_factor_db=level,
            noise_floor_dbfs=level,
            active_fraction=0.1 + 0.2,
            active_rms_dbfs=level,
            active_crest_factor_db=level,
            onset_rate_hz=2.0,
            dc_offset=1e-17,
        ),
        spectrum=Spectrum(
            third_octave=_bands(31),
            erb=_bands(40),
            quiet_db=_noise(6, 31),
            loud_db=_noise(7, 31),
            fine_freq_hz=_noise(8, 120),
            fine_db=_noise(9, 120),
            tilt_db_per_oct=level,
        ),
        stereo=Stereo(
            width=0.2, balance_db=-0.0, correlation=1.0, low_correlation=1.0, low_side_share=0.0
        ),
        features=Features(
            rms_energy=0.1,
            spectral_centroid_hz=1234.5,
            spectral_rolloff_hz=4321.0,
            spectral_bandwidth_hz=900.0,
            zero_crossing_rate=0.05,
            mfcc=_noise(10, 13),
            dynamic_range_db=12.0,
        ),
    )


def mix_profile() -> MixProfile:
    """Return a profile that no mix has."""
    return MixProfile(
        integrated_lufs=-14.0,
        loudness_range_lu=6.0,
        true_peak_dbtp=-1.0,
        plr_db=13.0,
        crest_db=14.0,
        third_octave_db=_noise(11, 28),
        width_db=-9.0,
        width_by_octave_db=_noise(12, 10),
        correlation=0.6,
        low_side_share=0.01,
        mono_loss_lu=0.4,
        tilt_db_per_oct=-4.5,
        af_rms=(0.1, 0.11),
        af_crest_db=(14.0, 14.5),
        af_width=0.2,
        af_imbalance=0.01,
        af_mid_ln=_noise(13, 24),
        af_side_ln=_noise(14, 24),
    )


def verification() -> Verification:
    """Return a before and after."""
    return Verification(
        metric="AF*",
        before=0.4,
        after=0.1 + 0.2,
        parts={"tonal_db": (4.0, 3.0), "af_width": (0.1, 0.05)},
        mix_before=mix_profile(),
        mix_after=mix_profile(),
        aim=mix_profile(),
        aim_spread_db=_noise(15, 28),
    )


def session_of(folder: Path, name: str = "song") -> Session:
    """Return a session of a kick and a bass whose stems would lie in `folder`."""
    return Session(
        name=name,
        sample_rate_hz=RATE_HZ,
        duration_s=2.5,
        tracks=(
            Track(id="kick", name="Kick In", path=folder / "kick.wav", role="kick", fader_db=-6.0),
            Track(
                id="bass",
                name="Бас \U0001f3b8",
                path=folder / "bass.wav",
                role="bass",
                role_confidence=0.9,
                pan=0.25,
                plugins=("ReaEQ", "ReaComp"),
            ),
        ),
        references=(
            Reference(path=folder / "reference.flac"),
            Reference(path=folder / "reference.flac", start_s=62.1, stop_s=94.0),
            Reference(path=folder / "other@home.ogg", start_s=0.1),
        ),
        mix=folder / "mix.wav",
        warnings=("Resampled to 44100 Hz: bass.",),
    )


def plan_of(session: Session, *, because: str = "The kick is 2.3 dB above its place.") -> MixPlan:
    """Return a plan with a suggestion of every kind."""
    effect = Effect(
        distance_delta=-0.01,
        tonal_delta_db=-0.2,
        width_delta_db=0.0,
        track_loudness_delta_lu=None,
        excerpt_s=10.0,
        marked=True,
    )
    disputed = replace(effect, predicted=True, checked_delta=0.012, disputed=True)
    suggestions = tuple(
        Suggestion(
            id=f"{action.kind}:{track}",
            track=track,
            action=action,
            because=because,
            confidence=0.75,
            effect=disputed if at == 3 else effect if at % 2 else None,
        )
        for at, (track, action) in enumerate(EVERY_ACTION)
    )
    return MixPlan(
        engine="rules",
        target=TargetSummary(name="neutral", kind="style", loudness_lufs=-14.0, ceiling_dbtp=-1.0),
        session=session,
        measurements=SessionMeasurements(
            tracks={"kick": track_measurements(), "bass": track_measurements(silent=True)},
            pairs=(
                PairMeasurements(
                    first="kick",
                    second="bass",
                    overlap=0.4,
                    low_overlap=0.6,
                    first_masked=0.1,
                    second_masked=0.3,
                    masked_freq_hz=63.0,
                    delay_ms=0.4,
                    inverted=True,
                    coherence=0.8,
                ),
            ),
            skipped={"fx": "The file is cut short."},
        ),
        suggestions=suggestions,
        verification=verification(),
        warnings=("The target has no reference.",),
        dropped=tuple(d for d in (DROPPED,) if d.track in {t.id for t in session.tracks}),
    )


@dataclass
class FakeAnalyst:
    """An analyst that answers at once, or when the test lets it: `gate` open means that nothing waits."""

    because: str = "The kick is 2.3 dB above its place."
    gate: threading.Event = field(default_factory=threading.Event)
    started: threading.Event = field(default_factory=threading.Event)
    fails_with: Exception | None = None
    rendered: list[tuple[tuple[str, ...], str | None]] = field(default_factory=list)
    gains: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gate.set()

    def complete_session(
        self,
        name: str,
        tracks: Sequence[Track],
        *,
        sample_rate_hz: int | None,
        references: Sequence[Reference],
        mix: Path | None,
    ) -> Session:
        return Session(
            name=name,
            tracks=tuple(tracks),
            sample_rate_hz=sample_rate_hz or RATE_HZ,
            duration_s=2.5,
            references=tuple(references),
            mix=mix,
            warnings=("Resampled to 44100 Hz: bass.",),
        )

    def advise(
        self, session: Session, *, engine: str, target: str | None, on_progress: OnProgress
    ) -> MixPlan:
        if self.fails_with:
            raise self.fails_with
        on_progress(0.1, "measuring")
        self.started.set()
        while not self.gate.wait(0.01):
            on_progress(0.5, "measuring")
        plan = plan_of(session, because=self.because)
        return replace(plan, target=replace(plan.target, name=target)) if target else plan

    def render(
        self,
        plan: MixPlan,
        out: Path,
        *,
        before: Path | None,
        track: str | None,
        on_progress: OnProgress,
    ) -> Rendered:
        self.rendered.append((tuple(s.id for s in plan.suggestions), track))
        actions = (s.action for s in plan.suggestions)
        self.gains.extend(a.delta_db for a in actions if isinstance(a, Gain))
        for path in (out, *((before,) if before else ())):
            write_audio(path, Audio(np.zeros((2, 64), np.float32), RATE_HZ))
        after = Written(path=out, integrated_lufs=-14.0, true_peak_dbtp=-1.0, gain_db=0.0)
        return Rendered(after=after, before=replace(after, path=before) if before else None)

    def render_reference(
        self, reference: Reference, out: Path, *, on_progress: OnProgress
    ) -> Rendered:
        if self.fails_with:
            raise self.fails_with
        write_audio(out, Audio(np.zeros((2, 64), np.float32), RATE_HZ))
        after = Written(path=out, integrated_lufs=-9.0, true_peak_dbtp=-1.0, gain_db=0.0)
        return Rendered(after=after)
