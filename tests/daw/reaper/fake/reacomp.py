"""ReaComp and ReaLimit: parameters, scales and texts as others measured them in REAPER 7.79.

Nobody measured ReaComp's pre-comp, filter, RMS size and knee scales, nor ReaLimit's release: here they are curves, so that a script must search.
"""

from __future__ import annotations

import math
from typing import Final

from tests.daw.reaper.fake.effects import Effect, Parameter, amplitude_to_db, shown_db
from tests.daw.reaper.fake.reaeq import Texts

AUX: Final = 2
INPUTS: Final = 1084
"""SignIn counts through a long list of inputs; 2 of 1084 is the auxiliary pair, which channels 3 and 4 are (as MPL's sidechain scripts, in ReaPack, set it). How it is shown nobody has told: here in the words of ReaComp's own window."""


def _switch(norm: float) -> str:
    return "ON" if norm >= 0.5 else "OFF"


def _input(norm: float) -> str:
    return {0: "Main L+R", AUX: "Auxiliary L+R"}.get(round(norm * INPUTS), "?")


class ReaComp(Effect):
    """The stock compressor: 24 parameters."""

    def __init__(self, texts: Texts = "plain") -> None:
        unit = "" if texts == "plain" else " "
        db, ms, hz = (f" {each}" if unit else "" for each in ("dB", "ms", "Hz"))

        def level(norm: float) -> str:
            return shown_db(amplitude_to_db(2 * norm), db)

        def ratio(norm: float) -> str:
            end = ":1" if unit else ""
            return f"inf{end}" if norm >= 1 else f"{1 + 99 * norm:.2f}{end}"

        super().__init__(
            "VST: ReaComp (Cockos)",
            (
                Parameter("Threshold", 0.5, level, 0.0, 2.0),
                Parameter("Ratio", 3 / 99, ratio),
                Parameter("Attack", 3 / 500, lambda norm: f"{500 * norm:.1f}{ms}"),
                Parameter("Release", 100 / 5000, lambda norm: f"{5000 * norm:.0f}{ms}"),
                Parameter("Pre-comp", 0.0, lambda norm: f"{250 * norm**2:.1f}{ms}"),
                Parameter("resvd", 0.0),
                Parameter("Lowpass", 1.0, lambda norm: f"{20 * 1000**norm:.0f}{hz}"),
                Parameter("Hipass", 0.0, lambda norm: f"{20_000 * norm**3:.0f}{hz}"),
                Parameter("SignIn", 0.0, _input),
                Parameter("AudIn", 0.0, _switch),
                Parameter("Dry", 0.0, level, 0.0, 2.0),
                Parameter("Wet", 0.5, level, 0.0, 2.0),
                Parameter("Filter Preview", 0.0, _switch),
                Parameter(
                    "RMS size",
                    0.005 ** (1 / 3),
                    lambda norm: f"{1000 * norm**3:.1f}{ms}",
                    0.0,
                    10.0,
                ),
                Parameter("Knee", 0.0, lambda norm: f"{24 * norm**2:.1f}{db}"),
                Parameter("Auto Make Up Gain", 0.0, _switch),
                Parameter("Auto Release", 0.0, _switch),
                Parameter("Legacy Attack/Knee Options", 0.25),
                Parameter("Deprecated Broken Anti-Alias", 0.0),
                Parameter("Multichannel Mode", 0.0),
                Parameter("Metering Index", 0.0),
            ),
        )


class ReaLimit(Effect):
    """The stock limiter: threshold and ceiling in decibels, and a release that runs backwards."""

    def __init__(self, texts: Texts = "plain") -> None:
        db, ms = ("", "") if texts == "plain" else (" dB", " ms")
        super().__init__(
            "VST: ReaLimit (Cockos)",
            (
                Parameter("Threshold", 60 / 72, lambda norm: shown_db(72 * norm - 60, db)),
                Parameter("Ceiling", 1.0, lambda norm: shown_db(24 * norm - 24, db)),
                Parameter("Release", 0.8, lambda norm: f"{1000 * math.pow(1 - norm, 2):.1f}{ms}"),
            ),
        )
