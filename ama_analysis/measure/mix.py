"""A mix or a reference to the profile by which it is compared with a target.

What the figures mean: `MixProfile`, how they are compared: `distance`. One short-time Fourier transform of L+R and L-R serves: 32768 points, hop 8192,
periodic Hann at 44.1 and 48 kHz (proportionally more or fewer points at other rates, so that a mix at 96 kHz compares with a reference at
44.1 kHz), scaled so that the powers of a frame's bins add up to its mean square. Frames are not padded, but for a sound shorter than one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from typing import Final, Protocol

import numpy as np

from ama_analysis import fourier
from ama_analysis.audio import Audio, Block, Sound
from ama_analysis.bands import BandSums, Floats, third_octave_edges
from ama_analysis.k_weighting import REFERENCE_LUFS
from ama_analysis.measure.loudness import LoudnessMeter
from ama_analysis.measure.movement import BroadBandMeter, Movement
from ama_analysis.measure.spectrum import fft_size_for
from ama_analysis.measure.stereo import WaveformFigures, WaveformMeter
from ama_analysis.measure.track import loudness_of
from ama_analysis.measure.true_peak import TruePeakMeter
from ama_analysis.measure.windows import Windows, power_window
from ama_analysis.measurements import Loudness, MixProfile
from ama_analysis.style_profile import (
    AF_FFT_SIZE,
    LEAST_RMS,
    MidSideSpectrum,
    af_bark_ln,
    af_width,
)

_HOPS: Final = 4
_GROUP: Final = 4
_BACKLOG: Final = 4
"""So many blocks may wait for a group of meters, so that these work where rendering leaves a core free."""
_MOVING_STEP: Final = 2
"""Of windows that overlap by three quarters every second one tells how bands move."""


class MidSideMeter:
    """Takes blocks of (channels, n); `result` gives mean power and mean magnitude per bin of mid and side.

    `movement` says how the 28 third-octave bands and the broad ones move, unless nobody asks.
    """

    def __init__(self, *, sample_rate_hz: int, channels: int, movement: bool) -> None:
        """Prepare for a rate."""
        self._rate, self._channels = sample_rate_hz, channels
        self._size = fft_size_for(sample_rate_hz, AF_FFT_SIZE)
        hop = self._size // _HOPS
        self._windows = Windows(channels=channels, size=self._size, hop=hop, group=_GROUP)
        self._window = power_window(self._size)
        self._power = np.zeros((2, self._size // 2 + 1))
        self._magnitude = np.zeros_like(self._power)
        self._count = 0
        self.movement = None
        if movement:
            step_hz, bins = sample_rate_hz / self._size, self._size // 2 + 1
            self.movement = _MovementMeter(sample_rate_hz, bin_step_hz=step_hz, bins=bins)

    def add(self, block: Block) -> None:
        """Measure on."""
        block = mid_side(block)
        if self.movement is not None:
            self.movement.broad.add(block[:1])
        for group in self._windows.add(block):
            self._read(group)

    def result(self) -> MidSideSpectrum:
        """End the measurement and return it."""
        missing = self._size - self._windows.frames
        for group in self._windows.finish(max(missing, 0)):
            self._read(group)
        count = max(self._count, 1)
        power, magnitude = self._power / count, self._magnitude / count
        return MidSideSpectrum(
            bin_hz=np.fft.rfftfreq(self._size, 1.0 / self._rate),
            mid_power=power[0],
            side_power=power[1],
            mid_magnitude=magnitude[0],
            side_magnitude=magnitude[1],
        )

    def _read(self, group: Block) -> None:
        magnitude = np.abs(fourier.rfft(group * self._window))
        self._magnitude[: self._channels] += magnitude.sum(axis=1)
        magnitude *= magnitude
        self._power[: self._channels] += magnitude.sum(axis=1)
        if self.movement is not None:
            self.movement.read(magnitude)
        self._count += group.shape[1]


class _MovementMeter:
    """How bands move: `thirds` from the powers of the mid-side meter's windows, `broad` from the mid itself."""

    def __init__(self, sample_rate_hz: int, *, bin_step_hz: float, bins: int) -> None:
        edges_hz = third_octave_edges()[2:31]
        self._bands = BandSums(edges_hz, bin_step_hz=bin_step_hz, bins=bins)
        self.thirds = Movement(edges_hz.size - 1)
        self.broad = BroadBandMeter(sample_rate_hz=sample_rate_hz)

    def read(self, powers: Block) -> None:
        """Take the powers (channels, windows, bins) of mid and side."""
        self.thirds.add(self._bands(powers[:, ::_MOVING_STEP].sum(axis=0)))

    def moved(self, profile: MixProfile) -> MixProfile:
        """Return the profile with what was heard."""
        crest_db, range_db = self.broad.result()
        return replace(
            profile,
            third_octave_quiet_db=self.thirds.quiet_db(),
            third_octave_loud_db=self.thirds.loud_db(),
            band_range_db=range_db,
            band_crest_db=crest_db,
        )


def mid_side(block: Block) -> Block:
    """Return mid and side of stereo; mono, which is nothing but mid, as it is."""
    if block.shape[0] == 1:
        return block
    both = np.empty_like(block)
    np.add(block[0], block[1], out=both[0])
    np.subtract(block[0], block[1], out=both[1])
    both *= np.float32(0.5)
    return both


def measure_mix(sound: Sound, *, movement: bool = True) -> MixProfile | None:
    """Return the profile of a mix or reference, None when it is silent; bounded memory, one pass.

    Without `movement` it does not say how bands move, which the distance does not look at. Lets through what decoding (`AudioFileError`) raises.
    """
    rate, channels = sound.sample_rate_hz, sound.channels
    waveform = WaveformMeter(channels=channels)
    programme = LoudnessMeter(sample_rate_hz=rate, channels=channels, dual_mono=True)
    peak = TruePeakMeter(sample_rate_hz=rate, channels=channels)
    spectrum = MidSideMeter(sample_rate_hz=rate, channels=channels, movement=movement)
    _feed(sound, ((spectrum,), (waveform, programme, peak)))
    figures = waveform.result()
    profile = _profile(figures, loudness_of(figures, programme.result(), peak), spectrum.result())
    if profile is None or spectrum.movement is None:
        return profile
    return spectrum.movement.moved(profile)


class _Meter(Protocol):
    def add(self, block: Block) -> None: ...


def _feed(sound: Sound, groups: Sequence[Sequence[_Meter]]) -> None:
    """Give a sound's blocks to meters, each group in a thread of its own while the next blocks are decoded or rendered.

    A meter sees the blocks one after the other, so its figures do not depend on the threads. What is in memory already needs none: excerpts are
    measured many at a time.
    """

    def read(meters: Sequence[_Meter], block: Block) -> None:
        for meter in meters:
            meter.add(block)

    if isinstance(sound, Audio):
        for block in sound.blocks():
            for meters in groups:
                read(meters, block)
        return
    with ExitStack() as stack:
        readers = [
            (stack.enter_context(ThreadPoolExecutor(1, thread_name_prefix="mix")), meters)
            for meters in groups
        ]
        waiting: deque[Future[None]] = deque()
        for block in sound.blocks():
            while len(waiting) > _BACKLOG * len(groups):
                waiting.popleft().result()
            own = block.copy()
            waiting.extend(pool.submit(read, meters, own) for pool, meters in readers)
        for future in waiting:
            future.result()


def _profile(
    waveform: WaveformFigures, loudness: Loudness, spectrum: MidSideSpectrum
) -> MixProfile | None:
    if loudness.integrated_lufs is None or loudness.true_peak_dbtp is None:
        return None
    gain = 10.0 ** ((REFERENCE_LUFS - loudness.integrated_lufs) / 20.0)
    powers = np.array([waveform.left_power, waveform.right_power])
    rms = np.sqrt(np.maximum(powers * gain**2, LEAST_RMS**2))
    peaks = np.maximum(np.array(waveform.peaks) * gain, LEAST_RMS)
    crest_db: Floats = 20.0 * np.log10(peaks / rms)
    mid_ln, side_ln = af_bark_ln(spectrum, gain=gain)
    erb_mid_db, erb_side_db = spectrum.erb_db()
    total = float(powers.sum())
    return MixProfile(
        integrated_lufs=loudness.integrated_lufs,
        loudness_range_lu=loudness.loudness_range_lu or 0.0,
        true_peak_dbtp=loudness.true_peak_dbtp,
        plr_db=loudness.true_peak_dbtp - loudness.integrated_lufs,
        crest_db=float(crest_db.mean()),
        third_octave_db=spectrum.third_octave_db(),
        width_db=waveform.width_db,
        width_by_octave_db=spectrum.width_by_octave_db(),
        correlation=waveform.correlation,
        low_side_share=spectrum.low_side_share(),
        mono_loss_lu=spectrum.mono_loss_lu(),
        tilt_db_per_oct=spectrum.tilt_db_per_oct(),
        af_rms=(float(rms[0]), float(rms[1])),
        af_crest_db=(float(crest_db[0]), float(crest_db[1])),
        af_width=af_width(waveform.mid_power * gain**2, waveform.side_power * gain**2),
        af_imbalance=abs(float(powers[1] - powers[0])) / total if total > 0.0 else 0.0,
        af_mid_ln=mid_ln,
        af_side_ln=side_ln,
        erb_mid_db=erb_mid_db,
        erb_side_db=erb_side_db,
    )
