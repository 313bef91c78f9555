"""Which part of a reference counts: the section that was chosen, else the loudest coherent part of a long file, else all of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ama_analysis.audio import AudioFile, Sound, open_audio
from ama_analysis.bands import Floats
from ama_analysis.errors import AudioFileError
from ama_analysis.measure import LoudnessMeter, ProgrammeLoudness, TruePeakMeter
from ama_analysis.measurements import MixProfile
from ama_analysis.reference import Reference

WHOLE_TO_S: Final = 60.0
"""A reference up to this long is compared as a whole; so is, at most, a part of a longer one."""
LEAST_PART_S: Final = 30
"""A chorus, or sixteen bars at 128 beats a minute: enough for a loudness range (3 s windows) and a stable spectrum."""
AS_GOOD_DB: Final = 0.5
"""Of parts whose score is this close to the best, the longest is taken; a difference of level that small is hardly heard (AMA's choice)."""
LEAST_SECTION_S: Final = 1.0
"""A shorter section has no more than a frame or two of the spectrum (0.74 s each) and next to no gated loudness blocks (0.4 s)."""
PAST_END_S: Final = 1.0
"""Players show whole seconds, so a section may be written to end up to this much after the file does."""
_FLOOR_POWER: Final = 1e-7
"""-70 dBFS, BS.1770's absolute gate, carried over to plain power: what is quieter counts as silence."""


def open_reference(reference: Reference) -> AudioFile:
    """Return the reference's file, or the section of it that was chosen.

    `AudioFileError` as `open_audio`, and AMA-103 for a section that lies outside the file or is shorter than `LEAST_SECTION_S`.
    """
    return section_of_file(open_audio(reference.path), reference)


def is_long(reference: Reference, file: AudioFile) -> bool:
    """Return whether a part of the reference counts in place of all of it: no section was chosen, and there is more than `WHOLE_TO_S`."""
    return reference.start_s is None and file.duration_s > WHOLE_TO_S


def section_of_file(file: AudioFile, reference: Reference) -> AudioFile:
    """Return the part of a file that a reference chose; errors as `open_reference`."""
    if reference.start_s is None:
        return file
    stop_s = file.duration_s if reference.stop_s is None else reference.stop_s
    hint = f"It is {file.duration_s:.1f} s long."
    if reference.start_s >= file.duration_s or stop_s > file.duration_s + PAST_END_S:
        message = f"{reference.path} does not have the section {reference.section}."
        raise AudioFileError(message, hint=hint, code="AMA-103")
    part = file.section(reference.start_s, stop_s)
    if part.duration_s < LEAST_SECTION_S:
        message = f"The section {reference.section} of {reference.path} is shorter than {LEAST_SECTION_S:g} s."
        raise AudioFileError(message, hint=hint, code="AMA-103")
    return part


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """What one pass through a whole reference tells: the mean square of each whole second, its loudness, and its true peak in dBTP."""

    powers: Floats
    loudness: ProgrammeLoudness
    true_peak_dbtp: float | None

    def around(self, part: MixProfile) -> MixProfile:
        """Return a part's profile with the loudness, range, peak and peak-to-loudness ratio of the whole.

        These four say how a whole programme moves: a mix from intro to end has the range of a song, never that of a chorus, and would
        be asked for a compressor that the reference does not have. Spectrum, image and crest stay those of the part.
        """
        loudness, peak = self.loudness, self.true_peak_dbtp
        if loudness.integrated_lufs is None or peak is None:
            return part
        return replace(
            part,
            integrated_lufs=loudness.integrated_lufs,
            loudness_range_lu=loudness.loudness_range_lu or 0.0,
            true_peak_dbtp=peak,
            plr_db=peak - loudness.integrated_lufs,
        )


def programme_of(sound: Sound) -> Programme:
    """Listen through a whole sound, in one pass and bounded memory (the rest of a second at the end has no power of its own)."""
    rate, channels = sound.sample_rate_hz, sound.channels
    loudness = LoudnessMeter(sample_rate_hz=rate, channels=channels, dual_mono=True)
    peak = TruePeakMeter(sample_rate_hz=rate, channels=channels)
    powers = []
    for block in sound.blocks(rate):
        loudness.add(block)
        peak.add(block)
        if block.shape[1] == rate:
            powers.append(float(np.mean(np.square(block, dtype=np.float64))))
    return Programme(
        powers=np.array(powers), loudness=loudness.result(), true_peak_dbtp=peak.true_peak_dbtp
    )


def coherent_part_s(powers: Floats) -> tuple[int, int]:
    """Return start and stop (whole seconds) of the loudest coherent part of a sound, given its power second by second.

    Of all stretches of 30 to 60 s, each scores its mean power in dB less the standard deviation of its seconds' levels: loud, and evenly
    so, which a build-up with the first bars of a chorus is not. The longest of those as good as the best (`AS_GOOD_DB`) is taken, of
    these the one that scores highest, of equals the first. Everything where the sound is not longer than 30 s. The loudest pieces are
    what Matchering compares too (it keeps pieces of 15 s whose RMS reaches the mean); taking one coherent stretch is AMA's choice.
    """
    if powers.size <= LEAST_PART_S:
        return 0, powers.size
    floored = np.maximum(powers, _FLOOR_POWER)
    levels_db = 10.0 * np.log10(floored)
    lengths = range(min(int(WHOLE_TO_S), powers.size), LEAST_PART_S - 1, -1)
    best: list[tuple[int, int, float]] = []
    for length in lengths:
        scores = 10.0 * np.log10(_means(floored, length)) - _deviations(levels_db, length)
        start = int(np.argmax(scores))
        best.append((start, start + length, float(scores[start])))
    enough = max(score for *_, score in best) - AS_GOOD_DB
    return next((start, stop) for start, stop, score in best if score >= enough)


def _means(values: Floats, length: int) -> Floats:
    sums = np.concatenate(([0.0], np.cumsum(values)))
    return np.maximum((sums[length:] - sums[:-length]) / length, _FLOOR_POWER)


def _deviations(levels_db: Floats, length: int) -> Floats:
    windows = np.lib.stride_tricks.sliding_window_view(levels_db, length)
    return windows.std(axis=1)
