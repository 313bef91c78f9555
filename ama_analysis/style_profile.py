"""The spectral half of a mix's profile, and the profile of a style that exists as nothing but a curve.

`MidSideSpectrum` holds mean powers and magnitudes per FFT bin and gives every figure of `MixProfile` that follows from them; a measured
mix (`measure.mix`) and a style's curve both end in it, so that they are compared by the same formulas.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from ama_analysis.bands import (
    OCTAVE_HZ,
    THIRD_OCTAVE_HZ,
    TONAL_BANDS,
    Floats,
    band_powers,
    bark_matrix,
    erb_bands,
    octave_edges,
    third_octave_edges,
)
from ama_analysis.k_weighting import OFFSET_LU, REFERENCE_LUFS, k_weighting_power
from ama_analysis.measurements import Levels, MixProfile

AF_FFT_SIZE: Final = 32_768
"""Diff-MST's, at 44.1 kHz."""
AF_FLOOR: Final = 1e-8
"""Diff-MST's floor of squares and of Bark sums."""
LEAST_RMS: Final = 1e-4
"""The square root of that floor."""
SIDE_FLOOR_DB: Final = -40.0
"""AF*: the side's bands are floored this far below the mid's."""
LOW_HZ: Final = 120.0
"""Below this lies the low end of the stereo figures."""
WIDTH_LIMIT_DB: Final = 60.0
"""Width is cut to this much on both sides: no side at all (mono), or no mid at all (one channel inverted)."""
BAND_FLOOR: Final = 1e-8
"""A third-octave band holds no less than this share of the whole (-80 dB)."""
MONO_LOSS_LIMIT_LU: Final = 60.0
_RATE_HZ: Final = 44_100
_FIT_ROUNDS: Final = 8
_BELOW_DB_PER_OCT: Final = 12.0
_ABOVE_DB_PER_OCT: Final = -24.0
"""How power density falls below the lowest and above the highest band of a style's curve, where released mixes are filtered."""
_RAYLEIGH: Final = math.sqrt(math.pi / 4.0)
"""Mean magnitude over root mean power of a bin of Gaussian noise."""
_NOTHING: Final = 1e-16


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class MidSideSpectrum:
    """Per bin (equally spaced, `bin_hz`): mean power of (L+R)/2 and (L-R)/2, adding up to mean squares, and mean magnitude."""

    bin_hz: Floats
    mid_power: Floats
    side_power: Floats
    mid_magnitude: Floats
    side_magnitude: Floats

    def third_octave_db(self) -> Levels:
        """Return the 28 bands, normalised to a sum of 0 dB."""
        whole = self.mid_power + self.side_power
        power = band_powers(third_octave_edges()[2:31], self.bin_hz, whole)
        share = power / max(float(power.sum()), _NOTHING)
        return _levels(10.0 * np.log10(np.maximum(share, BAND_FLOOR)))

    def width_by_octave_db(self) -> Levels:
        """Return side over mid in 10 octaves, cut to +-60 dB; an octave without anything counts as mono."""
        mid, side = (
            np.maximum(band_powers(octave_edges(), self.bin_hz, power), _NOTHING)
            for power in (self.mid_power, self.side_power)
        )
        ratio = np.where(side > _NOTHING, 10.0 * np.log10(side / mid), -WIDTH_LIMIT_DB)
        return _levels(np.clip(ratio, -WIDTH_LIMIT_DB, WIDTH_LIMIT_DB))

    def erb_db(self) -> tuple[Levels, Levels]:
        """Return mid and side in 40 ERB bands against both together."""
        mid, side = (
            band_powers(erb_bands()[1], self.bin_hz, power)
            for power in (self.mid_power, self.side_power)
        )
        whole = max(float(mid.sum() + side.sum()), _NOTHING)
        mid_db, side_db = (
            _levels(10.0 * np.log10(np.maximum(power / whole, BAND_FLOOR))) for power in (mid, side)
        )
        return mid_db, side_db

    def low_side_share(self) -> float:
        """Return side over mid and side below 120 Hz."""
        low = self.bin_hz < LOW_HZ
        side, mid = float(self.side_power[low].sum()), float(self.mid_power[low].sum())
        return side / (mid + side) if mid + side > _NOTHING else 0.0

    def mono_loss_lu(self) -> float:
        """Return by how much loudness falls when both channels carry their mean, at most 60 LU."""
        weight = _k_weights(self.bin_hz.size, round(2.0 * float(self.bin_hz[-1])))
        mid = float(np.sum(weight * self.mid_power))
        both = mid + float(np.sum(weight * self.side_power))
        if both <= _NOTHING:
            return 0.0
        return min(10.0 * math.log10(both / max(mid, _NOTHING)), MONO_LOSS_LIMIT_LU)

    def tilt_db_per_oct(self) -> float:
        """Return the slope of power density over the third-octave bands from 100 Hz to 4 kHz."""
        edges = third_octave_edges()[2:31]
        density = np.array(self.third_octave_db()) - 10.0 * np.log10(np.diff(edges))
        centre = THIRD_OCTAVE_HZ[TONAL_BANDS]
        use = (centre > 99.0) & (centre < 4040.0) & (edges[1:] <= self.bin_hz[-1])
        octave = np.log2(centre[use])
        octave -= octave.mean()
        return float(np.sum(octave * density[use]) / np.sum(octave**2))


@lru_cache(maxsize=4)
def _k_weights(bins: int, sample_rate_hz: int) -> Floats:
    """Return the power gain of the K-weighting at bins from 0 Hz to half the rate."""
    return k_weighting_power(np.linspace(0.0, sample_rate_hz / 2.0, bins), sample_rate_hz)


def _levels(values: Floats) -> Levels:
    return tuple(float(value) for value in values)


def af_width(mid_power: float, side_power: float) -> float:
    """Return Diff-MST's stereo width: mean (L-R)^2 over mean (L+R)^2, of powers at -16 LUFS."""
    return 4.0 * side_power / max(4.0 * mid_power, AF_FLOOR)


def af_bark_ln(spectrum: MidSideSpectrum, *, gain: float) -> tuple[Levels, Levels]:
    """Return the natural logarithms of the Bark sums of L+R and L-R times `gain`, the side floored 40 dB below the mid."""
    size = 2 * (spectrum.bin_hz.size - 1)
    matrix = bark_matrix(round(2.0 * float(spectrum.bin_hz[-1])), size)
    mid = np.maximum(2.0 * gain * (matrix @ spectrum.mid_magnitude), AF_FLOOR)
    side = np.maximum(2.0 * gain * (matrix @ spectrum.side_magnitude), AF_FLOOR)
    side = np.maximum(side, mid * 10.0 ** (SIDE_FLOOR_DB / 20.0))
    return _levels(np.log(mid)), _levels(np.log(side))


def profile_from_curve(
    third_octave_db: Sequence[float],
    width_by_octave_db: Sequence[float],
    *,
    plr_db: float,
    crest_db: float,
    loudness_range_lu: float,
    loudness_lufs: float,
    true_peak_dbtp: float,
) -> MixProfile:
    """Return the profile that a steady mix of this tonal curve (28 bands, any level) and these widths (10 octaves) would have.

    Power density runs smoothly through the bands and meets each band's power; it is scaled to -16 LUFS; magnitudes are those of noise
    of that power (Rayleigh). Left and right are alike in level.
    """
    if len(third_octave_db) != 28 or len(width_by_octave_db) != 10:
        message = "a style has 28 third-octave levels and 10 octave widths"
        raise ValueError(message)
    spectrum = _steady_spectrum(np.array(third_octave_db), np.array(width_by_octave_db))
    mid_ln, side_ln = af_bark_ln(spectrum, gain=1.0)
    whole_mid, whole_side = float(spectrum.mid_power.sum()), float(spectrum.side_power.sum())
    rms = math.sqrt(whole_mid + whole_side)
    erb_mid_db, erb_side_db = spectrum.erb_db()
    return MixProfile(
        integrated_lufs=loudness_lufs,
        loudness_range_lu=loudness_range_lu,
        true_peak_dbtp=true_peak_dbtp,
        plr_db=plr_db,
        crest_db=crest_db,
        third_octave_db=spectrum.third_octave_db(),
        width_db=10.0 * math.log10(whole_side / whole_mid),
        width_by_octave_db=spectrum.width_by_octave_db(),
        correlation=(whole_mid - whole_side) / (whole_mid + whole_side),
        low_side_share=spectrum.low_side_share(),
        mono_loss_lu=spectrum.mono_loss_lu(),
        tilt_db_per_oct=spectrum.tilt_db_per_oct(),
        af_rms=(rms, rms),
        af_crest_db=(crest_db, crest_db),
        af_width=af_width(whole_mid, whole_side),
        af_imbalance=0.0,
        af_mid_ln=mid_ln,
        af_side_ln=side_ln,
        erb_mid_db=erb_mid_db,
        erb_side_db=erb_side_db,
    )


def _steady_spectrum(band_db: Floats, octave_width_db: Floats) -> MidSideSpectrum:
    """Return the spectrum of noise of a curve and widths, at -16 LUFS."""
    bin_hz = np.fft.rfftfreq(AF_FFT_SIZE, 1.0 / _RATE_HZ)
    power = _power_per_bin(band_db, bin_hz)
    ratio = 10.0 ** (_interpolated(bin_hz, OCTAVE_HZ, octave_width_db) / 10.0)
    loudness = OFFSET_LU + 10.0 * math.log10(
        2.0 * float(np.sum(k_weighting_power(bin_hz, _RATE_HZ) * power))
    )
    power *= 10.0 ** ((REFERENCE_LUFS - loudness) / 10.0)
    mid, side = power / (1.0 + ratio), power * ratio / (1.0 + ratio)
    return MidSideSpectrum(
        bin_hz=bin_hz,
        mid_power=mid,
        side_power=side,
        mid_magnitude=_RAYLEIGH * np.sqrt(mid),
        side_magnitude=_RAYLEIGH * np.sqrt(side),
    )


def _interpolated(bin_hz: Floats, centre_hz: Floats, value: Floats) -> Floats:
    """Return values between centres, linear over log frequency, held at the ends."""
    return np.interp(np.log2(np.maximum(bin_hz, 1.0)), np.log2(centre_hz), value)


def _power_per_bin(band_db: Floats, bin_hz: Floats) -> Floats:
    """Return power per bin that adds up to the bands' powers, its density running on in a straight line (dB over octaves)."""
    edges = third_octave_edges()[2:31]
    centre = THIRD_OCTAVE_HZ[TONAL_BANDS]
    wanted_db = band_db - 10.0 * np.log10(np.sum(10.0 ** (band_db / 10.0)))
    density_db = wanted_db - 10.0 * np.log10(np.diff(edges))
    octave = np.log2(np.maximum(bin_hz, 1.0))
    beyond_db = _BELOW_DB_PER_OCT * np.minimum(octave - np.log2(edges[0]), 0.0)
    beyond_db += _ABOVE_DB_PER_OCT * np.maximum(octave - np.log2(edges[-1]), 0.0)
    power = np.zeros_like(bin_hz)
    for _ in range(_FIT_ROUNDS):
        power = 10.0 ** ((_interpolated(bin_hz, centre, density_db) + beyond_db) / 10.0)
        power[0] = 0.0
        density_db = density_db + wanted_db - 10.0 * np.log10(band_powers(edges, bin_hz, power))
    return power
