"""What tests of the matcher share: the matcher of a made session, and balances that are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ama_analysis.plan import Gain, Suggestion
from ama_analysis.suggest import scene_of
from ama_analysis.suggest.match import KnownBalance, KnownFader, Matcher
from ama_analysis.suggest.match.expect import ReadFrom
from ama_analysis.suggest.rule import Scene
from ama_analysis.target import Target
from tests.suggest.match.material import Made

ROUNDED_DB = 0.11
"""A fader is set to 0.1 dB."""
ROUNDED_PAN = 0.011


def scene(made: Made, target: Target) -> Scene:
    return scene_of(made.session, made.measured, target)


def matcher(made: Made, target: Target, known: KnownBalance | None = None) -> Matcher:
    return Matcher(scene(made, target), made.spectra, made.before, known)


def balance_of(
    faders_db: Mapping[str, float],
    *,
    error_db: float = 0.01,
    pan: float = 0.0,
    read_from: ReadFrom = "waveform",
) -> KnownBalance:
    """Return faders as a reference has them, all at one pan."""
    return KnownBalance(
        reference="rough.wav",
        faders={
            track: KnownFader(
                read_from=read_from, fader_db=fader, error_db=error_db, pan=pan, pan_error=0.001
            )
            for track, fader in faders_db.items()
        },
    )


def faders(suggestions: Sequence[Suggestion]) -> dict[str, Gain]:
    return {s.track: s.action for s in suggestions if isinstance(s.action, Gain)}
