"""One channel strip: polarity, gate, high-pass, low-pass, EQ, compressor, side-chain, fader, pan.

Pan law: a linear balance, L *= 1 - max(pan, 0) and R *= 1 + min(pan, 0); mono goes to both sides at full level first. The centre is at
unity. This is what REAPER's default stereo balance does at 0 dB.

Pedalboard's Compressor (JUCE's) senses the peak of each channel by itself: the channels of a stereo track are not linked. The level is
y += (1 - c)(|x| - y) with c = exp(-2 pi / (fs t)), t the attack while |x| > y and else the release: after the time that is set, the
level has gone 99.8 % of the way (the time constant is a sixth of it). Measured in tests/render/test_dynamics.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from ama_analysis.audio import Block
from ama_analysis.chains import PluginSetting
from ama_analysis.plan import Action, Gain, Pan, Sidechain, Suggestion
from ama_analysis.render.plugins import (
    board_of,
    compressor_settings,
    in_order,
    settings_at,
    settings_of,
)
from ama_analysis.session import Track

_KEY_FLOOR: Final = np.float32(1e-9)
"""Added to a side-chain's key so that its gain can be read off where the trigger crosses zero; -180 dBFS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StripSettings:
    """What is set on one strip; fader, pan and mute are the session's where no suggestion changes them."""

    plugins: tuple[PluginSetting, ...]
    sidechains: tuple[Sidechain, ...]
    fader_db: float
    pan: float
    muted: bool

    def gains(self) -> Block:
        """Return fader and pan as factors for left and right, (2, 1)."""
        level = 0.0 if self.muted else 10.0 ** (self.fader_db / 20.0)
        left, right = 1.0 - max(self.pan, 0.0), 1.0 + min(self.pan, 0.0)
        return np.array([[level * left], [level * right]], np.float32)


def strip_settings(track: Track, suggestions: Iterable[Suggestion]) -> StripSettings:
    """Return the strip of a track with those of the suggestions that are for it; where two set one fader or pan, the later counts."""
    actions = in_order(s.action for s in suggestions if s.track == track.id)
    return StripSettings(
        plugins=tuple(one for action in actions for one in settings_of(action)),
        sidechains=tuple(action for action in actions if isinstance(action, Sidechain)),
        fader_db=_last_fader_db(actions, track.fader_db),
        pan=_last_pan(actions, track.pan),
        muted=track.muted,
    )


def _last_fader_db(actions: Iterable[Action], fader_db: float) -> float:
    return [fader_db, *(a.fader_db for a in actions if isinstance(a, Gain))][-1]


def _last_pan(actions: Iterable[Action], pan: float) -> float:
    return [pan, *(a.pan for a in actions if isinstance(a, Pan))][-1]


class Ducking:
    """The gain that a side-chain puts on its track, from the trigger's samples.

    A compressor that is fed the trigger's rectified peak (the louder channel) answers with gain times key: their quotient is the gain,
    sample by sample and with just the ballistics and knee that a compressor on the track itself has. Both channels get the same gain.
    """

    def __init__(self, action: Sidechain, sample_rate_hz: int) -> None:
        """Make the compressor."""
        self.trigger = action.trigger
        self._rate = sample_rate_hz
        self._board = board_of(compressor_settings(action))
        self._makeup = np.float32(10.0 ** (action.makeup_db / 20.0))

    def gain(self, trigger: Block) -> Block:
        """Return the gain (1, frames) that goes with the next frames of the trigger (1 or 2 channels)."""
        key = np.max(np.abs(trigger), axis=0, keepdims=True) + _KEY_FLOOR
        answer = self._board.process(key, self._rate, reset=False)
        return answer / key * self._makeup


class Strip:
    """A strip at work: it keeps the state of its plugins from step to step."""

    def __init__(self, settings: StripSettings, sample_rate_hz: int) -> None:
        """Make the plugins."""
        plugins = settings_at(settings.plugins, sample_rate_hz)
        self._rate = sample_rate_hz
        self._board = board_of(plugins) if plugins else None
        self._duckings = [Ducking(action, sample_rate_hz) for action in settings.sidechains]
        self.gains = settings.gains()

    def process(self, block: Block, triggers: Mapping[str, Block]) -> Block:
        """Return the next frames before the fader; a trigger that is not there (it is muted) does not duck."""
        if self._board is not None:
            block = self._board.process(block, self._rate, reset=False)
        for ducking in self._duckings:
            if ducking.trigger in triggers:
                block = block * ducking.gain(triggers[ducking.trigger])
        return block

    def at_bus(self, block: Block, triggers: Mapping[str, Block]) -> Block:
        """Return the next frames behind fader and pan."""
        return self.process(block, triggers) * self.gains
