"""AMA's core: audio to numbers, numbers to suggestions, suggestions to audio. No network, no DAW, no printing.

    from ama_analysis import StemMixer, load_preset

`StemMixer` mixes stems, `load_preset` gives a chain file's plugins. Both are imported when they are first asked for, since what they
stand on takes a while to load.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ama_analysis.render import load_preset
    from ama_analysis.stem_mixer import StemMixer

__all__ = ["StemMixer", "load_preset"]


def __getattr__(name: str) -> object:
    if name == "StemMixer":
        from ama_analysis.stem_mixer import StemMixer

        return StemMixer
    if name == "load_preset":
        from ama_analysis.render import load_preset

        return load_preset
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
