"""The gain of filters as they are rendered, not as their formulas say: Pedalboard's coefficients have 32 bits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ama_analysis.plan import Action
from ama_analysis.render.plugins import board_of, in_order, settings_at, settings_of

_RING_S: Final = 5.0
"""A bell at 20 Hz with a quality of 20 has rung down by 130 dB."""
_FINER: Final = 2
"""The spectrum's bins are so many times as near as the impulse is long."""
_LEAST: Final = 1e-15


def rendered_response_db(
    actions: Iterable[Action], freq_hz: NDArray[np.float64], sample_rate_hz: int
) -> NDArray[np.float64]:
    """Return what linear actions (filters, bands) do to a sound at frequencies below half the rate, dB, read off an impulse's way through them."""
    plugins = tuple(one for action in in_order(actions) for one in settings_of(action))
    frames = 1 << int(_RING_S * sample_rate_hz).bit_length()
    impulse = np.zeros((1, frames), np.float32)
    impulse[0, 0] = 1.0
    board = board_of(settings_at(plugins, sample_rate_hz))
    rung = board.process(impulse, sample_rate_hz)[0].astype(np.float64)
    gain = np.abs(np.fft.rfft(rung, _FINER * frames))
    bin_hz = np.arange(gain.size) * (sample_rate_hz / (_FINER * frames))
    gain_db: NDArray[np.float64] = 20.0 * np.log10(
        np.maximum(np.interp(freq_hz, bin_hz, gain), _LEAST)
    )
    return gain_db
