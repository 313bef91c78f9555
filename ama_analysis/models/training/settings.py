"""The settings of a training; two runs with the same settings, data and seed on a CPU give the same weights."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from ama_analysis.errors import OptionError


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How the gain predictor is trained. Defaults are those of the weights that ship; chances are per session and step."""

    steps: int = 600
    sessions: int = 16
    """Sessions a step."""
    members: int = 3
    seed: int = 0
    rate: float = 2e-3
    """The highest learning rate; it rises over the first tenth and falls as a cosine."""
    decay: float = 0.05
    stems: int = 14
    """Of a session, at most; chosen at random from larger ones."""
    pictures: int = 1
    """Of a stem, chosen at random."""
    drop: float = 0.4
    """Up to this part of the stems is left out."""
    double: float = 0.1
    tell_role: float = 0.4
    name_role: float = 0.35
    """How often the role is the collector's, and how often the name's; else none is told."""
    tell_style: float = 0.5
    tell_reference: float = 0.3
    reference_db: float = 3.0
    """A reference's spectrum is the mix's own, this far off (standard deviation)."""
    scramble_pan: float = 0.7
    tilt_db: float = 3.0
    """Pictures are tilted by up to this over their bands, and bent by half of it."""
    noise: float = 0.1
    """Of the figures, in their standard deviations."""
    pan_weight: float = 0.2
    threads: int = 1

    def __post_init__(self) -> None:
        wrong = {
            "steps": self.steps < 1,
            "sessions": self.sessions < 1,
            "members": not 1 <= self.members <= 16,
            "rate": not 0.0 < self.rate <= 1.0,
            "seed": self.seed < 0,
        }
        for name, bad in wrong.items():
            if bad:
                message = f"The training's {name} is {getattr(self, name)!r}."
                raise OptionError(message, hint="docs/models.md tells what it may be.")

    def smoke(self) -> Self:
        """Return a recipe that takes seconds: to see that everything runs, not to learn."""
        return replace(self, steps=min(self.steps, 40), sessions=4, members=1)
