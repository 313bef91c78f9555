"""What of a track is not AMA's to change: all of a track that the user has locked, a fader or pan that follows automation.

What holds one side of a pair holds the other side too, or the image would lean.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from ama_analysis.plan import Action, Gain, Suggestion
from ama_analysis.session import CONTROLS, Control, Track
from ama_analysis.suggest.rule import Voice
from ama_analysis.suggest.stereo_pairs import stereo_pairs

_CONTROLS: Final[dict[str, Control]] = {"gain": "fader", "pan": "pan"}


def held(voices: Sequence[Voice], control: Control) -> tuple[str, ...]:
    """Return for each voice why a control of its track stays as it is, empty where it may be moved."""
    own = [_held(voice.track, control) for voice in voices]
    reasons = list(own)
    for left, right in stereo_pairs(voices).tolist():
        for one, other in ((left, right), (right, left)):
            if own[other] and not own[one]:
                reasons[one] = f"{voices[other].track.name}, its other side, stays"
    return tuple(reasons)


def _held(track: Track, control: Control) -> str:
    if track.locked:
        return "it is locked"
    return f"its {control} follows automation" if control in track.automated else ""


def permitted(voices: Sequence[Voice], proposals: Iterable[Suggestion]) -> list[Suggestion]:
    """Return the proposals without those that change what is held; that a fader stays may be said of any."""
    stays = {
        (voice.track.id, control)
        for control in CONTROLS
        for voice, why in zip(voices, held(voices, control), strict=True)
        if why
    }
    return [s for s in proposals if _keeps(s.action) or (s.track, _control(s.action)) not in stays]


def _keeps(action: Action) -> bool:
    return isinstance(action, Gain) and action.delta_db == 0.0


def _control(action: Action) -> Control:
    return _CONTROLS.get(action.kind, "effects")
