"""The door to the analysis: what the bridge asks of it, imported when it is first asked for (numpy and its friends take a while)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from ama_analysis.cache import NO_CACHE, Cache
from ama_analysis.errors import OptionError
from ama_analysis.plan import MixPlan
from ama_analysis.preferences import NO_PREFERENCES, Preferences
from ama_analysis.progress import OnProgress
from ama_analysis.reference import Reference
from ama_analysis.session import Session, Track

if TYPE_CHECKING:
    from ama_analysis.advise import KeptSums, Rendered
    from ama_analysis.models.umx_weights import UmxWeights

ENGINES: Final = ("auto", "rules", "cnn", "reference")
"""What an engine may be called: `ama_analysis.advise.ENGINES`, without loading the analysis."""


def check_engine(engine: str) -> None:
    """Refuse a name that is no engine's."""
    if engine not in ENGINES:
        message = f"There is no engine {engine!r}."
        raise OptionError(message, hint=f"Choose {', '.join(ENGINES[:-1])} or {ENGINES[-1]}.")


class Analyst(Protocol):
    """What a service needs from the analysis; tests put a fake in its place."""

    def complete_session(
        self,
        name: str,
        tracks: Sequence[Track],
        *,
        sample_rate_hz: int | None,
        references: Sequence[Reference],
        mix: Path | None,
    ) -> Session:
        """Return the session after a look into its files."""

    def advise(
        self, session: Session, *, engine: str, target: str | None, on_progress: OnProgress
    ) -> MixPlan:
        """Return a verified plan; `target` is a style's name or the path of a .toml file."""

    def render(
        self,
        plan: MixPlan,
        out: Path,
        *,
        before: Path | None,
        track: str | None,
        on_progress: OnProgress,
    ) -> Rendered:
        """Write the mix, or one track by itself, and the same before it if asked for, then both equally loud."""

    def render_reference(
        self, reference: Reference, out: Path, *, on_progress: OnProgress
    ) -> Rendered:
        """Write what counts of a reference."""


class RealAnalyst:
    """The analysis itself; one thread at a time renders."""

    def __init__(
        self,
        cache: Cache = NO_CACHE,
        preferences: Callable[[], Preferences] = lambda: NO_PREFERENCES,
        weights: Callable[[], UmxWeights | None] = lambda: None,
        *,
        gain_weights: Path | None = None,
        sums_dir: Path | None = None,
    ) -> None:
        """Take the cache of measurements, who tells what was learned of the user, what gives the weights by which references are taken apart, and the gain predictor's.

        Below `sums_dir` lies what of a render may spare the next one work.
        """
        self._cache = cache
        self._preferences = preferences
        self._weights = weights
        self._gain_weights = gain_weights
        self._sums_dir = sums_dir
        self._sums: KeptSums | None = None

    def complete_session(
        self,
        name: str,
        tracks: Sequence[Track],
        *,
        sample_rate_hz: int | None,
        references: Sequence[Reference],
        mix: Path | None,
    ) -> Session:
        """Return the session after a look into its files."""
        from ama_analysis import advise

        return advise.complete_session(
            name, tracks, sample_rate_hz=sample_rate_hz, references=references, mix=mix
        )

    def advise(
        self, session: Session, *, engine: str, target: str | None, on_progress: OnProgress
    ) -> MixPlan:
        """Return a verified plan; `target` is a style's name or the path of a .toml file."""
        from ama_analysis import advise

        return advise.advise(
            session,
            engine=engine,
            target=target,
            cache=self._cache,
            preferences=self._preferences(),
            gain_weights=self._gain_weights,
            separation=self._weights() if session.references else None,
            on_progress=on_progress,
        )

    def render(
        self,
        plan: MixPlan,
        out: Path,
        *,
        before: Path | None,
        track: str | None,
        on_progress: OnProgress,
    ) -> Rendered:
        """Write the mix, or one track by itself, and the same before it if asked for, then both equally loud."""
        from ama_analysis import advise

        if self._sums is None and self._sums_dir is not None:
            self._sums = advise.KeptSums(self._sums_dir)
        return advise.render_plan(
            plan,
            out,
            before=before,
            track=track,
            loudness_match=before is not None,
            sums=self._sums,
            on_progress=on_progress,
        )

    def render_reference(
        self, reference: Reference, out: Path, *, on_progress: OnProgress
    ) -> Rendered:
        """Write what counts of a reference."""
        from ama_analysis import advise

        return advise.render_reference(reference, out, on_progress=on_progress)
