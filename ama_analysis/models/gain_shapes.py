"""The sizes and words that the gain predictor's network, its training and its inference share. Pure Python."""

from __future__ import annotations

from typing import Final

from ama_analysis.models.gain_figures import NAMES, SHAPE_BANDS
from ama_analysis.models.gain_pictures import BANDS

KIND: Final = "ama.gain/1"
INPUTS: Final = len(NAMES) + 1
"""Figures, and where the rules would put the stem."""
CHANNELS: Final = (8, 16, 32)
"""Of three convolutions, 3 x 3 with a stride of two."""
PICTURE_WIDTH: Final = 32
FIGURE_WIDTH: Final = 48
STEM_WIDTH: Final = 64
STYLE_WIDTH: Final = 6
REFERENCE_WIDTH: Final = SHAPE_BANDS + 1
"""The spectral shape of what is to be matched, and whether there is one."""
OUTPUTS: Final = 4
"""Gain, log of its scale, place from left to right, log of its scale."""
KEPT_BANDS: Final = BANDS // 8
GAIN_UNIT_DB: Final = 6.0
"""The network counts gains in units of this."""
LOG_SCALE: Final = (-2.0, 1.2)
"""The scale of a gain lies between 0.8 and 20 dB."""
LOG_PLACE_SCALE: Final = (-4.0, 0.0)

STYLES: Final = (
    "any",
    "pop",
    "rock",
    "electronic",
    "hip-hop",
    "jazz",
    "orchestral",
    "acoustic",
    "latin",
    "game",
)
"""What the style token can say; "any" is learned as what holds for all."""
_WORDS: Final = (
    ("hip-hop", ("hip-hop", "hip hop", "rap", "trap")),
    ("latin", ("latin", "bossa", "samba", "salsa", "reggae", "dub", "calypso", "tango", "zouk")),
    ("jazz", ("jazz", "swing", "bebop", "blues", "dixie")),
    ("orchestral", ("orchestra", "classical", "film", "symphon")),
    ("rock", ("rock", "metal", "punk", "funk")),
    ("acoustic", ("acoustic", "folk", "country", "singer")),
    ("electronic", ("electro", "techno", "house", "ambient", "trance", "synth", "dance")),
    ("game", ("game", "tracker", "freedoom", "planetblupi", "openmsx")),
    ("pop", ("pop", "r&b", "soul", "disco", "ballad")),
)


def style_number(words: str) -> int:
    """Return the number of the style that words (a genre, a target's name) speak of, 0 for none of them."""
    plain = words.lower()
    for style, parts in _WORDS:
        if any(part in plain for part in parts):
            return STYLES.index(style)
    return 0
