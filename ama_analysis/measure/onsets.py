"""How many notes and hits begin: peaks of the spectral flux.

The flux is librosa's onset strength: the mean over mel bands of the rise in dB (Boeck, Krebs & Schedl, ISMIR 2012, name its kind "LogFiltSpecFlux";
the peak picking is theirs too): a frame is an onset where the flux is the largest within 30 ms, exceeds its mean over 100 ms on
either side by a threshold, and 30 ms have passed since the last one. Bands are floored 60 dB below the loudest band so far,
so that noise between the notes does not count.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ama_analysis.bands import Floats

THRESHOLD_DB: Final = 1.5
"""Above the mean around it; steady noise stays below it (a test says so)."""
FLOOR_DB: Final = -60.0
_NEAR_S: Final = 0.03
_AROUND_S: Final = 0.1


class OnsetCounter:
    """Takes mel spectra (n, bands) in dB, one row a frame; `count` is the number of onsets so far."""

    def __init__(self, *, frame_rate_hz: float) -> None:
        """Prepare for a number of frames per second."""
        self._near = max(1, round(_NEAR_S * frame_rate_hz))
        self._around = max(self._near + 1, round(_AROUND_S * frame_rate_hz))
        self._flux: Floats = np.zeros(2 * self._around)
        self._last: Floats | None = None
        self._loudest = -np.inf
        self._since = self._near
        self.count = 0

    def add(self, mel_db: Floats) -> None:
        """Count the onsets up to 100 ms before the last of these frames."""
        if not mel_db.shape[0]:
            return
        loudest = np.maximum.accumulate(np.append(self._loudest, mel_db.max(axis=1)))[1:]
        self._loudest = float(loudest[-1])
        floored = np.maximum(mel_db, (loudest + FLOOR_DB)[:, None])
        before = floored[:1] if self._last is None else self._last
        rise = np.diff(np.concatenate((before, floored)), axis=0)
        self._last = floored[-1:]
        flux = np.maximum(rise, 0.0, out=rise).mean(axis=1, dtype=np.float64)
        self._pick(np.concatenate((self._flux, flux)))

    def end(self) -> None:
        """Count what was held back for want of frames after it."""
        self._pick(np.concatenate((self._flux, np.zeros(self._around))))

    def _pick(self, flux: Floats) -> None:
        around = sliding_window_view(flux, 2 * self._around + 1)
        near = around[:, self._around - self._near : self._around + self._near + 1]
        here = around[:, self._around]
        peak = (here >= near.max(axis=1)) & (here > around.mean(axis=1) + THRESHOLD_DB)
        last = -self._since
        for at in np.flatnonzero(peak).tolist():
            if at + 1 - last > self._near:
                self.count += 1
                last = at + 1
        self._since = peak.size - last
        self._flux = flux[-2 * self._around :]
