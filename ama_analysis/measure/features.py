"""The classic features by librosa's definitions, streamed: frame 2048, hop 512, centred with zeros, periodic Hann, at the sound's own rate.

They are written here in numpy because importing librosa takes seconds and its functions want the whole file in memory; a test compares each
with librosa's own. Averages are over all frames. The MFCCs need the loudest mel band of the whole file (librosa floors the mel
spectrum 80 dB below it), so levels are counted and summed in bins of 0.1 dB until it is known.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ama_analysis import fourier
from ama_analysis.audio import Block
from ama_analysis.bands import Floats, Rows
from ama_analysis.measure.histogram import LevelHistogram
from ama_analysis.measure.mel_sums import MELS, MelSums
from ama_analysis.measure.onsets import OnsetCounter
from ama_analysis.measure.windows import Windows, line_of
from ama_analysis.measurements import Features, Levels

FRAME: Final = 2048
HOP: Final = 512
MFCCS: Final = 13
ROLLOFF_SHARE: Final = 0.85
CROSSING_THRESHOLD: Final = 1e-10
TOP_DB: Final = 80.0
_AMIN: Final = 1e-10
_GROUP: Final = 768
"""Windows a call: so many that two threads seldom wait for the interpreter's lock, few enough for the cache (DECISIONS 26)."""
_ROWS: Final = 64
"""Of a matrix product: from about twice as many on a BLAS starts threads, of which there are enough."""
_BLOCK: Final = 32
_TINY: Final = float(np.finfo(np.float32).tiny)


class FeatureMeter:
    """Takes blocks of (channels, n) one after the other, looks at the mean of the channels; `result` ends the measurement."""

    def __init__(self, *, sample_rate_hz: int) -> None:
        """Prepare for a rate."""
        self._windows = Windows(channels=1, size=FRAME, hop=HOP, group=_GROUP, lead=FRAME // 2)
        self._window = np.sin(np.pi * np.arange(FRAME) / FRAME).astype(np.float32) ** 2
        self._bin_hz = np.arange(FRAME // 2 + 1) * (sample_rate_hz / FRAME)
        place = self._bin_hz / self._bin_hz[-1]
        self._moments = np.stack((np.ones(place.size), place, place**2), axis=1, dtype=np.float32)
        self._mel = MelSums(sample_rate_hz=sample_rate_hz, fft_size=FRAME)
        self._mel_levels = _MelLevels()
        self._onsets = OnsetCounter(frame_rate_hz=sample_rate_hz / HOP)
        self._powers = LevelHistogram(low_db=-120.0, high_db=40.0, step_db=0.05)
        self._sums = np.zeros(4)
        self._crossings = 0
        self._frames = 0

    def add(self, block: Block) -> None:
        """Measure on."""
        mono = block if block.shape[0] == 1 else (block[:1] + block[1:]) * np.float32(0.5)
        for group in self._windows.add(mono):
            self._read(group, stop=None)

    def result(self, *, gate_dbfs: float) -> tuple[Features, int]:
        """End the measurement; return the features and the number of onsets. The dynamic range counts frames above `gate_dbfs`."""
        for group in self._windows.finish(FRAME // 2):
            self._read(group, stop=self._windows.frames)
        self._onsets.end()
        rms, centroid, rolloff, bandwidth = self._sums / max(self._frames, 1)
        high = self._powers.percentile_db(0.95, gate_dbfs)
        low = self._powers.percentile_db(0.10, gate_dbfs)
        features = Features(
            rms_energy=float(rms),
            spectral_centroid_hz=float(centroid),
            spectral_rolloff_hz=float(rolloff),
            spectral_bandwidth_hz=float(bandwidth),
            zero_crossing_rate=self._crossings / (max(self._frames, 1) * FRAME),
            mfcc=self._mel_levels.mfcc(),
            dynamic_range_db=0.0 if high is None or low is None else high - low,
        )
        return features, self._onsets.count

    def _read(self, group: Block, *, stop: int | None) -> None:
        frames, hops = group[0], line_of(group, HOP)[0].reshape(-1, HOP)
        start = self._frames * HOP - FRAME // 2
        self._crossings += crossings(hops, start=start, stop=stop)
        self._frames += frames.shape[0]
        power = in_frames(np.einsum("hn,hn->h", hops, hops)) / np.float32(FRAME)
        self._powers.add(power)
        magnitudes = np.abs(fourier.rfft(frames * self._window))
        spectra = magnitudes * magnitudes
        mel_db = 10.0 * np.log10(np.maximum(self._mel(spectra), np.float32(_AMIN)))
        self._mel_levels.add(mel_db)
        self._onsets.add(mel_db)
        shape = self._shape_of(magnitudes)
        self._sums += (np.sqrt(power, dtype=np.float64).sum(), *shape)

    def _shape_of(self, magnitudes: Rows) -> tuple[float, float, float]:
        """Return the sums over frames of centroid, rolloff and bandwidth."""
        rows = range(0, magnitudes.shape[0], _ROWS)
        moments = np.concatenate([magnitudes[at : at + _ROWS] @ self._moments for at in rows])
        moments = moments.astype(np.float64)
        heard = moments[:, 0] > _TINY
        total = np.where(heard, moments[:, 0], 1.0)
        centroid = moments[:, 1] / total
        bandwidth = np.sqrt(np.maximum(moments[:, 2] / total - centroid**2, 0.0))
        rolloff = self._bin_hz[rolloff_bins(magnitudes)]
        top_hz = self._bin_hz[-1]
        return (
            top_hz * float(centroid[heard].sum()),
            float(rolloff.sum()),
            top_hz * float(bandwidth[heard].sum()),
        )


def rolloff_bins(magnitudes: Rows) -> NDArray[np.int64]:
    """Return the first bin of each row (n, bins) up to which lie `ROLLOFF_SHARE` of its sum; 0 for a row of nothing.

    Sums run over blocks of bins first, then over the bins of the one block where the share is reached.
    """
    count, bins = magnitudes.shape
    blocks = bins // _BLOCK
    inner = magnitudes[:, : blocks * _BLOCK].reshape(count, blocks, _BLOCK)
    rest = magnitudes[:, blocks * _BLOCK :].sum(axis=1, keepdims=True)
    sums = np.concatenate((np.einsum("nbk->nb", inner), rest), axis=1)
    running = np.cumsum(sums, axis=1, dtype=np.float64)
    goal = ROLLOFF_SHARE * running[:, -1:]
    block = (running >= goal).argmax(axis=1)[:, None]
    before = np.take_along_axis(running - sums, block, axis=1)
    within = np.minimum(block * _BLOCK + np.arange(_BLOCK), bins - 1)
    fine = before + np.cumsum(
        np.take_along_axis(magnitudes, within, axis=1), axis=1, dtype=np.float64
    )
    short = (fine < goal).sum(axis=1)
    return np.minimum(block[:, 0] * _BLOCK + np.minimum(short, _BLOCK - 1), bins - 1)


def in_frames(of_hops: NDArray[Any]) -> NDArray[Any]:
    """Return the sums over frames of what is known of each hop (n,): one a frame, n - 3."""
    return sliding_window_view(of_hops, FRAME // HOP).sum(axis=1)


def crossings(hops: Rows, *, start: int, stop: int | None) -> int:
    """Return the zero crossings in overlapping frames, summed over frames, of a line of hops (n, HOP).

    The first frame begins at sample `start`; crossings to samples before the sound's second or from `stop` on are none (the sound is continued
    by its first and last sample, as librosa does). Crossings are counted eight at a time: a byte of a sum of HOP / 8 words holds up to 255.
    """
    negative = hops.ravel() < np.float32(-CROSSING_THRESHOLD)
    crossing = np.zeros(negative.size, np.bool_)
    np.not_equal(negative[1:], negative[:-1], out=crossing[1:])
    crossing[: max(0, 1 - start)] = False
    if stop is not None:
        crossing[max(0, stop - start) :] = False
    eighths = crossing.view(np.uint64).reshape(-1, HOP // 8).sum(axis=1).view(np.uint8)
    of_hops = eighths.reshape(-1, 8).sum(axis=1, dtype=np.int64)
    first = int(np.count_nonzero(crossing[: -FRAME + HOP : HOP]))
    return int(in_frames(of_hops).sum()) - first


class _MelLevels:
    """The distribution of the level of each mel band, in bins of `STEP_DB`, with the sum of what lies in each."""

    LOW_DB: Final = -100.0
    STEP_DB: Final = 0.1
    BINS: Final = 2000

    def __init__(self) -> None:
        self._count = np.zeros(MELS * self.BINS, np.int64)
        self._sum = np.zeros(MELS * self.BINS)
        self._loudest = self.LOW_DB
        self._first = np.arange(MELS)[None, :] * self.BINS

    def add(self, mel_db: Floats) -> None:
        self._loudest = max(self._loudest, float(mel_db.max()))
        level = (mel_db - np.float32(self.LOW_DB)) * np.float32(1.0 / self.STEP_DB)
        place = level.astype(np.int64)
        np.minimum(place, self.BINS - 1, out=place)
        place += self._first
        np.add.at(self._count, place.ravel(), 1)
        np.add.at(self._sum, place.ravel(), mel_db.ravel().astype(np.float64))

    def mean_db(self) -> Floats:
        """Return each band's mean, levels more than `TOP_DB` below the loudest counted as that."""
        count, sums = (a.reshape(MELS, self.BINS) for a in (self._count, self._sum))
        floor = max(self._loudest - TOP_DB, self.LOW_DB)
        cut = round((floor - self.LOW_DB) / self.STEP_DB)
        floored = count[:, :cut].sum(axis=1) * floor
        return (floored + sums[:, cut:].sum(axis=1)) / max(int(count[0].sum()), 1)

    def mfcc(self) -> Levels:
        """Return the first coefficients of the orthonormal cosine transform (type II) of the mean."""
        return tuple(float(value) for value in cosine_matrix() @ self.mean_db())


def cosine_matrix() -> NDArray[np.float64]:
    """Return the first `MFCCS` rows of the orthonormal DCT-II over the mel bands."""
    row, band = np.arange(MFCCS)[:, None], np.arange(MELS)[None, :]
    matrix = math.sqrt(2.0 / MELS) * np.cos(np.pi * row * (2 * band + 1) / (2 * MELS))
    matrix[0] /= math.sqrt(2.0)
    return matrix
