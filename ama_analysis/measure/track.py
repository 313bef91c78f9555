"""One sound to all its figures, in one pass and in bounded memory."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ama_analysis.audio import Block, Sound
from ama_analysis.measure.dynamics import LevelFigures, LevelMeter, level_db
from ama_analysis.measure.features import FeatureMeter
from ama_analysis.measure.loudness import LoudnessMeter, ProgrammeLoudness
from ama_analysis.measure.spectrum import Slots, SpectrumFigures, SpectrumMeter
from ama_analysis.measure.stereo import WaveformFigures, WaveformMeter
from ama_analysis.measure.true_peak import TruePeakMeter
from ama_analysis.measurements import Dynamics, Loudness, Stereo, TrackMeasurements
from ama_analysis.progress import OnProgress, silent

SILENT_POWER = 1e-9
"""-90 dBFS: a sound with less than that beside its DC offset is silence, whatever its ends' clicks read on a loudness meter."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class MeasuredTrack:
    """The figures of a track and the grid (slots, ERB bands) of its mean power over time, from which masking is told."""

    measurements: TrackMeasurements
    grid: NDArray[np.float32]


class TrackMeter:
    """All meters side by side."""

    def __init__(self, *, sample_rate_hz: int, channels: int, slots: Slots) -> None:
        """Prepare for a rate and mono or stereo."""
        self._rate, self._channels = sample_rate_hz, channels
        self._frames = 0
        self._waveform = WaveformMeter(channels=channels)
        self._loudness = LoudnessMeter(sample_rate_hz=sample_rate_hz, channels=channels)
        self._peak = TruePeakMeter(sample_rate_hz=sample_rate_hz, channels=channels)
        self._levels = LevelMeter(sample_rate_hz=sample_rate_hz, channels=channels)
        self._spectrum = SpectrumMeter(
            sample_rate_hz=sample_rate_hz, channels=channels, slots=slots
        )
        self._features = FeatureMeter(sample_rate_hz=sample_rate_hz)

    def add(self, block: Block) -> None:
        """Measure on."""
        self._frames += block.shape[1]
        for meter in (self._waveform, self._loudness, self._peak, self._levels, self._spectrum):
            meter.add(block)
        self._features.add(block)

    def result(self) -> MeasuredTrack:
        """End the measurement and return it."""
        waveform, levels = self._waveform.result(), self._levels.result()
        spectrum = self._spectrum.result(gate_dbfs=levels.gate_dbfs)
        features, onsets = self._features.result(gate_dbfs=levels.gate_dbfs)
        duration_s = self._frames / self._rate
        measurements = TrackMeasurements(
            sample_rate_hz=self._rate,
            channels=self._channels,
            duration_s=duration_s,
            loudness=loudness_of(waveform, self._loudness.result(), self._peak),
            dynamics=_dynamics(waveform, levels, onsets, duration_s),
            spectrum=spectrum.spectrum(),
            stereo=_stereo(waveform, spectrum),
            features=features,
        )
        return MeasuredTrack(measurements=measurements, grid=spectrum.grid)


def loudness_of(
    waveform: WaveformFigures, programme: ProgrammeLoudness, peak: TruePeakMeter
) -> Loudness:
    """Put loudness and peaks together; a sound of nothing but an offset has no loudness."""
    heard = waveform.moving_power > SILENT_POWER
    return Loudness(
        integrated_lufs=programme.integrated_lufs if heard else None,
        loudness_range_lu=programme.loudness_range_lu if heard else None,
        max_momentary_lufs=programme.max_momentary_lufs if heard else None,
        max_short_term_lufs=programme.max_short_term_lufs if heard else None,
        true_peak_dbtp=peak.true_peak_dbtp,
        sample_peak_dbfs=peak.sample_peak_dbfs,
        foreground_lufs=programme.foreground_lufs if heard else None,
    )


def _dynamics(
    waveform: WaveformFigures, levels: LevelFigures, onsets: int, duration_s: float
) -> Dynamics:
    rms, peak = level_db(waveform.power), max(waveform.peaks)
    peak_dbfs = 20.0 * math.log10(peak) if peak > 0.0 else None
    active, active_s = levels.active_rms_dbfs, levels.active_fraction * duration_s
    return Dynamics(
        rms_dbfs=rms,
        crest_factor_db=None if rms is None or peak_dbfs is None else peak_dbfs - rms,
        noise_floor_dbfs=levels.noise_floor_dbfs,
        active_fraction=levels.active_fraction,
        active_rms_dbfs=active,
        active_crest_factor_db=(
            None if active is None or peak_dbfs is None else peak_dbfs - active
        ),
        onset_rate_hz=onsets / active_s if active_s > 0.0 else 0.0,
        dc_offset=max(waveform.means, key=abs),
        clips=waveform.clips,
        two_levels=levels.two_levels,
        steady_noise_dbfs=levels.steady_noise_dbfs,
    )


def _stereo(waveform: WaveformFigures, spectrum: SpectrumFigures) -> Stereo:
    low_correlation, low_side_share = spectrum.low_end()
    mono = waveform.side_power == 0.0
    return Stereo(
        width=0.0 if mono else 10.0 ** (waveform.width_db / 20.0),
        balance_db=waveform.balance_db,
        correlation=waveform.correlation,
        low_correlation=low_correlation,
        low_side_share=low_side_share,
    )


def measure_track(sound: Sound, *, slots: Slots, on_progress: OnProgress) -> MeasuredTrack:
    """Return a track's figures and its grid over the given slots."""
    meter = TrackMeter(sample_rate_hz=sound.sample_rate_hz, channels=sound.channels, slots=slots)
    done, frames = 0, max(sound.frames, 1)
    for block in sound.blocks():
        meter.add(block)
        done += block.shape[1]
        on_progress(min(done / frames, 1.0), "measuring")
    return meter.result()


def measure_sound(sound: Sound, *, on_progress: OnProgress = silent) -> TrackMeasurements:
    """Return every figure of a sound, read once from start to end in bounded memory.

    Silence and a mere DC offset give None for levels that do not exist. Lets through what decoding (`AudioFileError`) or `on_progress` raises.
    """
    slots = Slots(slot_s=1e9, count=1)
    return measure_track(sound, slots=slots, on_progress=on_progress).measurements
