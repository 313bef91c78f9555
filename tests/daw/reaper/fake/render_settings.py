"""What GetSetProjectInfo and GetSetProjectInfo_String know of rendering, with values as a user may have left them."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Final

NUMBERS: Final = {
    "RENDER_SETTINGS": 0.0, "RENDER_BOUNDSFLAG": 1.0, "RENDER_CHANNELS": 2.0, "RENDER_SRATE": 0.0, "RENDER_STARTPOS": 0.0, "RENDER_ENDPOS": 0.0,
    "RENDER_TAILFLAG": 18.0, "RENDER_TAILMS": 1000.0, "RENDER_ADDTOPROJ": 1.0, "RENDER_DITHER": 3.0, "RENDER_NORMALIZE": 1.0,
    "RENDER_NORMALIZE_TARGET": 0.7, "RENDER_BRICKWALL": 0.9, "RENDER_FADEIN": 0.5, "RENDER_FADEOUT": 0.5, "RENDER_FADEINSHAPE": 1.0,
    "RENDER_FADEOUTSHAPE": 2.0,
}  # fmt: skip
"""Deliberately no good for stems: normalised, dithered, added to the project. A script that forgets one gets a wrong file."""
NEW_NUMBERS: Final = {
    "RENDER_PADSTART": 0.25,
    "RENDER_PADEND": 0.25,
    "RENDER_TRIMSTART": 0.001,
    "RENDER_TRIMEND": 0.001,
    "RENDER_DELAY": 0.0,
}
"""Not in every REAPER 6."""
TEXTS: Final = {
    "RENDER_FILE": "", "RENDER_PATTERN": "$project master", "RENDER_FORMAT": "l3pmQAEAAA==", "RENDER_FORMAT2": "", "RENDER_METADATA": "",
}  # fmt: skip
READ_ONLY: Final = ("RENDER_TARGETS", "RENDER_STATS")

_DEFAULT_SINKS: Final = {"evaw": b"evaw\x18\x00\x01"}
SUBTYPES: Final = {0x10: "PCM_16", 0x18: "PCM_24", 0x20: "FLOAT", 0x40: "DOUBLE"}


@dataclass
class RenderSettings:
    """The settings of the render dialog."""

    numbers: dict[str, float] = field(default_factory=lambda: {**NUMBERS, **NEW_NUMBERS})
    texts: dict[str, str] = field(default_factory=lambda: dict(TEXTS))

    def values(self) -> dict[str, float | str]:
        """Return every setting, for a test to compare."""
        return {**self.numbers, **self.texts}

    def set_text(self, key: str, value: str) -> None:
        """Set a text; four letters of a format stand for its default settings and read as those."""
        if key == "RENDER_FORMAT" and value in _DEFAULT_SINKS:
            value = base64.b64encode(_DEFAULT_SINKS[value]).decode()
        self.texts[key] = value

    def subtype(self) -> str | None:
        """Return soundfile's word for the WAV that is asked for; None for another kind of file."""
        sink = base64.b64decode(self.texts["RENDER_FORMAT"] or "")
        return SUBTYPES.get(sink[4], "PCM_24") if sink[:4] == b"evaw" and len(sink) > 4 else None
