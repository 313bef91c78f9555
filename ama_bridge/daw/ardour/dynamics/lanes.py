"""A whole sound behind a-comp or a-exp: followed in lanes of a second side by side, each from a little before its beginning."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from ama_bridge.daw.ardour.dynamics.audition import Audition
from ama_bridge.daw.ardour.dynamics.devices import AceDynamics, Floats, followed, speed

_LANE_S: Final = 1.0
_LEAST_WARM_S, _MOST_WARM_S = 0.3, 3.0


def followed_whole(
    audition: Audition,
    setting: AceDynamics,
    static: Callable[[Floats], Floats],
    begin_db: Floats,
) -> Floats:
    """Return what follows a static curve on a whole sound, (detectors, samples).

    Each lane begins 0.3 s or three release times (of up to a second) before, where `begin_db` (detectors, samples) stands there.
    """
    rate_hz, level = audition.rate_hz, audition.level_db
    detectors, samples = level.shape
    lane = max(round(_LANE_S * rate_hz), 1)
    warm_s = min(max(_LEAST_WARM_S, 0.003 * setting.release_ms), _MOST_WARM_S)
    warm = round(warm_s * rate_hz)
    lanes = max(-(-samples // lane), 1)
    around = ((warm, lanes * lane - samples),)
    index = np.arange(lanes)[None, :] * lane + np.arange(warm + lane)[:, None]
    speeds = [np.float32(speed(ms, rate_hz)) for ms in (setting.attack_ms, setting.release_ms)]
    found = np.empty((detectors, lanes, lane), np.float32)
    for detector in range(detectors):
        asked = np.pad(static(level[detector]), around)
        begin = np.pad(begin_db[detector], around)[index[0]]
        found[detector] = followed(asked[index], speeds[0], speeds[1], begin)[warm:].T
    return np.ascontiguousarray(found.reshape(detectors, -1)[:, :samples])
