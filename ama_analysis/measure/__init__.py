"""Sound to numbers: tracks, sessions, mixes, and targets made of references.

Everything here streams: it reads blocks, keeps sums, and needs no more memory for three hours than for three minutes. Nothing is printed, logged
or written. Conventions of the figures: `ama_analysis.measurements`; definitions and sources: the modules of this folder.
"""

from __future__ import annotations

from ama_analysis.measure.heard_balance import heard_balance, worth_hearing
from ama_analysis.measure.kinship import Probes
from ama_analysis.measure.loudness import LoudnessMeter, ProgrammeLoudness
from ama_analysis.measure.mix import measure_mix
from ama_analysis.measure.recover import recover_faders
from ama_analysis.measure.recover_kin import loud_moments_s, recover_from_reference
from ama_analysis.measure.reference import reference_target
from ama_analysis.measure.session import SessionMeter, measure_file, measure_session
from ama_analysis.measure.track import measure_sound
from ama_analysis.measure.true_peak import TruePeakMeter

__all__ = [
    "LoudnessMeter",
    "Probes",
    "ProgrammeLoudness",
    "SessionMeter",
    "TruePeakMeter",
    "heard_balance",
    "loud_moments_s",
    "measure_file",
    "measure_mix",
    "measure_session",
    "measure_sound",
    "recover_faders",
    "recover_from_reference",
    "reference_target",
    "worth_hearing",
]
