"""The engine that matches references: faders, pans and equaliser bands solved for together, from measured statistics and not from audio.

cross-spectra + profiles -> `model` (the distance and its derivatives in closed form) -> `solve` -> values and reasons (`matcher`)
"""

from __future__ import annotations

from ama_analysis.suggest.match.expect import KnownBalance, KnownFader
from ama_analysis.suggest.match.matcher import Matcher

__all__ = ["KnownBalance", "KnownFader", "Matcher"]
