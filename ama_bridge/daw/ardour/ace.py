"""Ardour's own plugins as tables: their ports, their neutral settings, and where a band, a filter or a level goes.

`which` is the index among all control ports, as Ardour's Lua counts. Ranges are those of the plugins' descriptions
(libs/plugins/*.ttl, share/scripts/HiAndLowPass.lua), checked against the installed ones in tests/daw/ardour/test_ace.py.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from ama_bridge.daw.ardour.request import Setting

EQ: Final = "urn:ardour:a-eq"
COMPRESSOR: Final = "urn:ardour:a-comp"
COMPRESSOR_STEREO: Final = "urn:ardour:a-comp#stereo"
EXPANDER: Final = "urn:ardour:a-exp"
EXPANDER_STEREO: Final = "urn:ardour:a-exp#stereo"
FILTERS: Final = "ACE High/Low Pass Filter"
"""A Lua script that ships with Ardour, found by its name."""
LIMITER_STEREO: Final = "http://gareus.org/oss/lv2/dpl#stereo"
"""x42's digital peak limiter, which Ardour does not ship."""


class Port(NamedTuple):
    """One control port; `low` to `high` is what it takes (an output's range is what it shows)."""

    symbol: str
    low: float
    high: float
    default: float
    output: bool = False


def _dynamics(
    *, attack: float, release: float, ratio: float, threshold: float, swapped: bool = False
) -> tuple[Port, ...]:
    """Return the ports that a-comp and a-exp share; a-exp#stereo has its level meters the other way round."""
    meters = [Port(name, -60.0, 10.0, -60.0, output=True) for name in ("inlevel", "outlevel")]
    return (
        Port("att", 0.1, 100.0, attack),
        Port("rel", 1.0, 2000.0, release),
        Port("kn", 0.0, 8.0, 0.0),
        Port("rat", 1.0, ratio, 4.0),
        Port("thr", -60.0, 0.0, threshold),
        Port("mak", 0.0, 30.0, 0.0),
        Port("gr", 0.0, 45.0, 0.0, output=True),
        *(reversed(meters) if swapped else meters),
        Port("sidech", 0.0, 1.0, 0.0),
        Port("enable", 0.0, 1.0, 1.0),
    )


_COMP: Final = _dynamics(attack=10.0, release=80.0, ratio=20.0, threshold=0.0)


def _bell(nth: int, freq_hz: float) -> tuple[Port, ...]:
    return (
        Port(f"freq{nth}", 20.0, 20_000.0, freq_hz),
        Port(f"g{nth}", -20.0, 20.0, 0.0),
        Port(f"bw{nth}", 0.1, 4.0, 1.0),
    )


PORTS: Final[dict[str, tuple[Port, ...]]] = {
    EQ: (
        Port("freql", 20.0, 20_000.0, 160.0),
        Port("gl", -20.0, 20.0, 0.0),
        *_bell(1, 300.0),
        *_bell(2, 1000.0),
        *_bell(3, 2500.0),
        *_bell(4, 6000.0),
        Port("freqh", 20.0, 20_000.0, 9000.0),
        Port("gh", -20.0, 20.0, 0.0),
        Port("master", -20.0, 20.0, 0.0),
        *(Port(f"filtog{name}", 0.0, 1.0, 1.0) for name in "l1234h"),
        Port("enable", 0.0, 1.0, 1.0),
    ),
    COMPRESSOR: _COMP,
    COMPRESSOR_STEREO: _COMP,
    EXPANDER: _dynamics(attack=0.1, release=500.0, ratio=100.0, threshold=-30.0),
    EXPANDER_STEREO: _dynamics(
        attack=0.1, release=500.0, ratio=100.0, threshold=-30.0, swapped=True
    ),
    FILTERS: (
        Port("High Pass Steepness", 0.0, 4.0, 1.0),
        Port("High Pass Cut off frequency", 5.0, 20_000.0, 100.0),
        Port("High Pass Resonance", 0.1, 6.0, 0.707),
        Port("Low Pass Steepness", 0.0, 4.0, 1.0),
        Port("Low Pass Cut off frequency", 20.0, 20_000.0, 18_000.0),
        Port("Low Pass Resonance", 0.1, 6.0, 0.707),
        Port("Enable", 0.0, 1.0, 1.0),
    ),
    LIMITER_STEREO: (
        Port("enable", 0.0, 1.0, 1.0),
        Port("gain", -10.0, 30.0, 0.0),
        Port("threshold", -10.0, 0.0, -1.0),
        Port("release", 0.001, 1.0, 0.01),
        Port("truepeak", 0.0, 1.0, 0.0),
        Port("level", -10.0, 20.0, 0.0, output=True),
        Port("latency", 0.0, 1024.0, 0.0, output=True),
    ),
}
"""Control ports by plugin, in their order: the index is `which`."""


class BellPorts(NamedTuple):
    """Where one bell of a-eq is set."""

    freq: int
    gain: int
    bandwidth: int
    switch: int


class ShelfPorts(NamedTuple):
    """Where one shelf of a-eq is set."""

    freq: int
    gain: int
    switch: int


class PassPorts(NamedTuple):
    """Where one side of the High/Low Pass filter is set."""

    steepness: int
    freq: int
    resonance: int


BELLS: Final = tuple(BellPorts(2 + 3 * n, 3 + 3 * n, 4 + 3 * n, 18 + n) for n in range(4))
LOW_SHELF: Final = ShelfPorts(0, 1, 17)
HIGH_SHELF: Final = ShelfPorts(14, 15, 22)
MASTER_GAIN: Final = 16
STOPS_SHORT_DB: Final = 0.046
"""a-eq glides from 0 dB towards a band's gain by a share of the rest every 64 samples, and stops when less than 0.05 dB is left: 0.04 at 44.1 kHz."""
SIDECHAIN: Final = 9
"""The switch of a-comp's side-chain input."""
HIGH_PASS: Final = PassPorts(0, 1, 2)
LOW_PASS: Final = PassPorts(3, 4, 5)


def _settings(values: dict[int, float]) -> tuple[Setting, ...]:
    return tuple(Setting(which=which, value=value) for which, value in sorted(values.items()))


_EQ_OFF: Final = {
    **dict.fromkeys((1, 3, 6, 9, 12, 15, MASTER_GAIN, *range(17, 23)), 0.0),
    23: 1.0,
}
EQ_BASE: Final = _settings(_EQ_OFF)
"""All bands off and flat, the plugin on."""
FILTERS_BASE: Final = _settings({0: 0.0, 3: 0.0, 6: 1.0})
"""Both filters off (both are on by default), the plugin on."""
COMPRESSOR_BASE: Final = _settings({3: 1.0, 5: 0.0, 9: 0.0, 10: 1.0})
"""1:1, no make-up, no side-chain, the plugin on."""
EXPANDER_BASE: Final = COMPRESSOR_BASE
"""The same ports."""
LIMITER_BASE: Final = _settings({0: 1.0, 1: 0.0, 2: 0.0, 4: 1.0})
"""No gain, ceiling 0 dB, true peaks, the plugin on."""


def reaching(gain_db: float) -> float:
    """Return the gain to set for a band of a-eq to come to a gain."""
    return math.copysign(abs(gain_db) + STOPS_SHORT_DB, gain_db) if gain_db else 0.0


def in_range(uri: str, which: int, value: float) -> float:
    """Return the value nearest to `value` that a port takes."""
    port = PORTS[uri][which]
    return min(max(value, port.low), port.high)
