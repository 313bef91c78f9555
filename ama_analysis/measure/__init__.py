"""Sound to numbers: tracks, sessions, mixes, and targets made of references.

Everything here streams: it reads blocks, keeps sums, and needs no more memory for three hours than for three minutes. Nothing is printed, logged
or written. What is seldom asked for (`recover`, `recover_kin`, `heard_balance`: the faders that a mix or a reference holds) is not loaded from here, since it would take
each start of AMA a tenth of a second. Conventions of the figures: `ama_analysis.measurements`; definitions and sources: the modules of this folder.
"""

from __future__ import annotations

from ama_analysis.measure.loudness import LoudnessMeter, ProgrammeLoudness
from ama_analysis.measure.mix import measure_mix
from ama_analysis.measure.reference import reference_target
from ama_analysis.measure.session import SessionMeter, measure_file, measure_session
from ama_analysis.measure.track import measure_sound
from ama_analysis.measure.true_peak import TruePeakMeter

__all__ = [
    "LoudnessMeter",
    "ProgrammeLoudness",
    "SessionMeter",
    "TruePeakMeter",
    "measure_file",
    "measure_mix",
    "measure_session",
    "measure_sound",
    "reference_target",
]
