"""What a rule is, and what it looks at.

A rule is a function from a scene (or from the bus) to suggestions, with an id that its suggestions carry: "id:track", or "id:track:n"
where it speaks more than once of a track. Rules do not know of each other; `agree` merges what they say.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from ama_analysis.envelope import Envelope
from ama_analysis.measurements import (
    MixProfile,
    PairMeasurements,
    SessionMeasurements,
    TrackMeasurements,
)
from ama_analysis.plan import MASTER, Action, Suggestion
from ama_analysis.preferences import NO_TASTE, Taste
from ama_analysis.roles import Role, spoken_role
from ama_analysis.session import Session, Track
from ama_analysis.suggest import by_hand
from ama_analysis.suggest.master_dynamics import MasterDynamics
from ama_analysis.target import RoleStyle, Target

LEADS: Final[frozenset[Role]] = frozenset({"lead vocal"})
LOW_END: Final[frozenset[Role]] = frozenset({"kick", "bass"})
LINE_UP_COHERENCE: Final = 0.6
"""Below this two tracks are hardly recordings of one event (AMA's choice). Above it they still may have gone through different filters: a kick behind a 150 Hz
high-pass reads 0.7 to 0.9 with the other sign (measured). So the confidence is the coherence, and a listen decides."""
UNSURE: Final = 0.35
"""The confidence in a suggestion for a track whose role is not known at all (AMA's choice)."""

BOTH_SIDES_LU: Final = 10.0 * math.log10(2.0)
"""What a mono stem gains in a mix, where it goes to both sides at full level."""

Seen = TypeVar("Seen")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Generic[Seen]):
    """A rule: what it is called and the function that speaks; the docstring says what it hears, what it does, and its source."""

    id: str
    propose: Callable[[Seen], tuple[Suggestion, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """An audible track: not muted or shut, measured, not silent. `level_lufs` is the loudness of what it plays at the present fader."""

    track: Track
    heard: TrackMeasurements
    style: RoleStyle
    level_lufs: float

    @property
    def role(self) -> Role:
        """The role of the track."""
        return self.track.role

    @property
    def named(self) -> bool:
        """Whether its role is known."""
        return self.role != "other"

    @property
    def trust(self) -> float:
        """How far a suggestion that rests on the role may be trusted, 0..1."""
        return max(self.track.role_confidence if self.named else 0.0, UNSURE)

    @property
    def active(self) -> float:
        """The part of the session for which it plays, 0..1."""
        return max(self.heard.dynamics.active_fraction, 0.01)

    @property
    def playing_power(self) -> float:
        """Its share of the mix: power at its loudness, for the part of the time that it plays."""
        return float(10.0 ** (self.level_lufs / 10.0)) * self.active


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The audible tracks in the session's order, the pairs of them, and the target.

    `envelopes` of stems before their faders, by track id, where they are at hand (of the whole or of its loud part): with them compressors
    are set by what they do. `taste` is what was learned of the user.
    """

    voices: tuple[Voice, ...]
    pairs: tuple[PairMeasurements, ...]
    target: Target
    envelopes: Mapping[str, Envelope] = field(default_factory=dict)
    taste: Taste = NO_TASTE

    @property
    def by_id(self) -> Mapping[str, Voice]:
        """The voices by track id."""
        return {voice.track.id: voice for voice in self.voices}

    @property
    def mix_lufs(self) -> float:
        """The loudness of all voices together at their present faders, as a power sum."""
        return 10.0 * math.log10(sum(voice.playing_power for voice in self.voices))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bus:
    """The mix on the master bus and the target; `dynamics` are compressor and limiter as they fit behind its equaliser (None: silence, or not asked yet)."""

    mix: MixProfile
    target: Target
    dynamics: MasterDynamics | None = None


def scene_of(
    session: Session,
    measurements: SessionMeasurements,
    target: Target,
    *,
    envelopes: Mapping[str, Envelope] | None = None,
    taste: Taste = NO_TASTE,
) -> Scene:
    """Return the scene: muted, shut, unmeasured and silent tracks have no voice in it."""
    voices = []
    for track in session.tracks:
        heard = measurements.tracks.get(track.id)
        if track.silenced or heard is None or heard.loudness.played_lufs is None:
            continue
        level = heard.loudness.played_lufs + track.fader_db
        if heard.channels == 1:
            level += BOTH_SIDES_LU
        voices.append(
            Voice(track=track, heard=heard, style=target.roles[track.role], level_lufs=level)
        )
    ids = {voice.track.id for voice in voices}
    pairs = tuple(pair for pair in measurements.pairs if {pair.first, pair.second} <= ids)
    return Scene(
        voices=tuple(voices), pairs=pairs, target=target, envelopes=envelopes or {}, taste=taste
    )


def speak(
    rule: str,
    voice: Voice | None,
    action: Action,
    because: str,
    *,
    confidence: float,
    nth: int = 0,
    learned_db: float = 0.0,
) -> Suggestion:
    """Return the suggestion of a rule for a voice (None: the master); `nth` counts where a rule speaks more than once.

    Where the role is from the track's sound, the reason says so too.
    """
    track = MASTER if voice is None else voice.track.id
    tail = f":{nth}" if nth else ""
    return Suggestion(
        id=f"{rule}:{track}{tail}",
        track=track,
        action=action,
        because=because if voice is None else f"{because}{_by_sound(voice.track)}",
        confidence=by_hand.sure(confidence),
        learned_db=learned_db,
    )


def _by_sound(track: Track) -> str:
    if track.role_from == "name":
        return ""
    return f" ({track.name} sounds like {spoken_role(track.role)}, {track.role_confidence:.2f}.)"
