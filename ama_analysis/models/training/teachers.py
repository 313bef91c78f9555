"""What the right answer is: where a human put the faders, or (`solver_teacher`) where AMA's solver would.

human_gains    told by the session, else read from its mix by least squares, else 0 dB for stems at the level of the mix
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from ama_analysis.audio import open_audio
from ama_analysis.measure.recover import recover_faders
from ama_analysis.models.training.material import Multitrack
from ama_analysis.session import Session, Track


class Teacher(Protocol):
    """Whoever says where the faders belong; `name` tells one from another (empty for the human)."""

    @property
    def name(self) -> str:
        """What is kept is kept under this name too."""

    def gains(self, multitrack: Multitrack) -> tuple[float | None, ...] | None:
        """Return a gain (dB) for every track, None for one of which nothing can be said; None where no answer can be had at all."""


@dataclass(frozen=True, slots=True)
class HumanTeacher:
    """The human who mixed the session."""

    name: str = ""

    def gains(self, multitrack: Multitrack) -> tuple[float | None, ...] | None:
        """Return `human_gains`."""
        return human_gains(multitrack)


HUMAN: Final = HumanTeacher()


def human_gains(multitrack: Multitrack) -> tuple[float | None, ...] | None:
    """Return a gain (dB) for every track, None for one that the mix does not tell; None where no answer can be had at all."""
    if multitrack.told or multitrack.mix is None:
        return tuple(track.gain_db for track in multitrack.tracks)
    return gains_of_mix(multitrack)


def gains_of_mix(multitrack: Multitrack) -> tuple[float | None, ...] | None:
    """Return the gains with which the mix holds the stems, read by least squares; None where it is no sum of them."""
    if multitrack.mix is None or any(track.stream is not None for track in multitrack.tracks):
        return None
    sounds = {str(at): open_audio(track.path) for at, track in enumerate(multitrack.tracks)}
    mix = open_audio(multitrack.mix)
    session = Session(
        name=multitrack.name,
        tracks=tuple(
            Track(id=str(at), name=track.name, path=track.path)
            for at, track in enumerate(multitrack.tracks)
        ),
        sample_rate_hz=mix.sample_rate_hz,
        duration_s=max(sound.duration_s for sound in sounds.values()),
    )
    found = recover_faders(session, lambda track: sounds[track.id], mix)
    if found.kinship == 0.0:
        return None
    return tuple(
        fader.fader_db if fader.certain and not fader.absent else None for fader in found.faders
    )
