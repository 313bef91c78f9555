"""The engine that matches references: faders, pans and equaliser bands solved for together, from measured statistics and not from audio.

cross-spectra + profiles -> `model` (the distance and its derivatives in closed form) -> `solve` -> values and reasons (`matcher`)
"""

from __future__ import annotations

from typing import Final

from ama_analysis.suggest.match.expect import KnownBalance, KnownFader
from ama_analysis.suggest.match.matcher import Matcher

__all__ = ["SPOKEN", "KnownBalance", "KnownFader", "Matcher"]

SPOKEN: Final[tuple[tuple[str, str, str, str], ...]] = (
    (
        "match_level",
        "cross-spectra of all tracks, the references' spectrum and image, the balance of the roles",
        "moves a fader to where the roles' balance and the nearest match together want it, at most 6 dB from the former",
        "AF loss, Vanka et al. 2024; sufficient statistics in place of audio: AMA",
    ),
    (
        "match_pan",
        "the same",
        "opens or narrows the image towards the references'; low end and leads stay in the middle",
        "De Man et al. 2014 for the middle",
    ),
    (
        "match_eq",
        "what the faders leave, and who holds the energy there",
        "at most three bells or shelves a track, -6 dB to what the stem bears; frequency and Q are solved too",
        "RBJ cookbook; more than 3 to 4 bands suggest going back to the recording (Senior)",
    ),
    (
        "match_master_eq",
        "what the tracks leave, on the mix as measured",
        "at most eight bands, -9 to +6 dB, each of which does AF* no harm",
        "parametric fit of the residual; weights are AMA's choice (DECISIONS 35)",
    ),
    (
        "read_level, read_pan",
        "a reference that is a mix of these very stems",
        "the faders and pans that its waveform holds, as they are",
        "DECISIONS 36",
    ),
    (
        "heard_level, heard_pan",
        "a reference with other bars of the same song",
        "faders and pans within the error with which its balance was heard",
        "DECISIONS 37",
    ),
)
"""What the engine says beside the rules that clean: id, what it hears, what it does, source."""
