"""Ardour through its own OSC surface, without scripts: a client and a watch on its mixer, and as much of a request as OSC can do."""

from __future__ import annotations

from ama_bridge.daw.ardour.native.apply import apply_natively
from ama_bridge.daw.ardour.native.client import Ardour
from ama_bridge.daw.ardour.native.levels import Levels
from ama_bridge.daw.ardour.native.revert import revert_natively
from ama_bridge.daw.ardour.native.session import refreshed
from ama_bridge.daw.ardour.native.values import MixerStrip

__all__ = [
    "Ardour",
    "Levels",
    "MixerStrip",
    "apply_natively",
    "refreshed",
    "revert_natively",
]
