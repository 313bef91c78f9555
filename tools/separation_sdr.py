"""How well separation works, for whoever has the weights and songs with their stems (MUSDB18-HQ's layout):

    python tools/separation_sdr.py FOLDER [--weights DIR] [--songs N] [--out results.csv]

FOLDER holds a folder a song with `mixture.wav` and `vocals.wav`, `drums.wav`, `bass.wav`, `other.wav` (`test/` of MUSDB18-HQ, for one). For each song and
part it prints 10 log10(sum s^2 / sum (s - e)^2), over both channels and the whole song: the SDR of the Music Demixing Challenge (Mitsufuji et al.
2022). That is not BSS Eval's (museval), in which Open-Unmix's published figures are: the two differ by up to some dB and must not be mixed. Beside it
stands the SDR of the mix itself as estimate, so the gain is their difference. The median over songs is the last line of each part.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from ama_analysis.audio import AudioFile, Block, as_stereo, open_audio
from ama_analysis.errors import AmaError
from ama_analysis.models.separation import Model, Stretch, separated
from ama_analysis.models.umx_model import UmxModel
from ama_analysis.models.umx_weights import weights_in
from ama_bridge.config import read_settings

SMALLEST = 1e-7
"""Added to both energies, as the challenge does, so that silence has a figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One part of one song: SDR of the estimate, and of the mix taken for it, dB."""

    song: str
    part: str
    sdr_db: float
    mix_sdr_db: float


class _Reader:
    """A stem, read in whatever pieces are asked for."""

    def __init__(self, file: AudioFile) -> None:
        self._blocks = file.blocks()
        self._held = np.zeros((2, 0), np.float32)

    def take(self, frames: int) -> Block:
        """Return the next frames; silence where the stem has ended."""
        while self._held.shape[1] < frames:
            block = next(self._blocks, None)
            more = np.zeros((2, frames), np.float32) if block is None else as_stereo(block)
            self._held = np.concatenate((self._held, more), axis=1)
        taken, self._held = self._held[:, :frames], self._held[:, frames:]
        return taken


def scores_of(song: Path, model: Model) -> list[Score]:
    """Return the scores of the parts of a song that have a stem beside the mixture; memory does not grow with the length."""
    mixture = open_audio(song / "mixture.wav")
    stems = {
        part: _Reader(open_audio(song / f"{part}.wav", sample_rate_hz=mixture.sample_rate_hz))
        for part in model.targets
        if (song / f"{part}.wav").is_file()
    }
    energies = {part: np.full(3, SMALLEST) for part in stems}
    for stretch in separated(mixture, model):
        for part, reader in stems.items():
            energies[part] += _energies(reader, stretch, part)
    return [
        Score(
            song=song.name,
            part=part,
            sdr_db=float(10.0 * np.log10(true / error)),
            mix_sdr_db=float(10.0 * np.log10(true / mix_error)),
        )
        for part, (true, error, mix_error) in energies.items()
    ]


def _energies(reader: _Reader, stretch: Stretch, part: str) -> np.ndarray:
    true = reader.take(stretch.mix.shape[1])
    estimates = (as_stereo(stretch.parts[part]), as_stereo(stretch.mix))
    errors = [true, *(true - estimate for estimate in estimates)]
    return np.array([np.square(one, dtype=np.float64).sum() for one in errors])


def songs_in(folder: Path) -> list[Path]:
    """Return the songs of a folder, and of the folders in it."""
    found: Iterator[Path] = chain(folder.glob("*/mixture.wav"), folder.glob("*/*/mixture.wav"))
    return sorted(path.parent for path in found)


def main() -> int:
    """Print a line a part and song, then the medians."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--weights", type=Path, default=read_settings().weights_dir)
    parser.add_argument("--songs", type=int, help="only the first so many")
    parser.add_argument("--out", type=Path, help="a CSV file")
    given = parser.parse_args()
    songs = songs_in(given.folder)[: given.songs]
    if not songs:
        print(f"{given.folder} holds no folder with a mixture.wav", file=sys.stderr)
        return 2
    try:
        model = UmxModel(weights_in(given.weights))
    except AmaError as error:
        print(error.sentence(), file=sys.stderr)
        return 2
    scores = []
    for song in songs:
        for score in scores_of(song, model):
            scores.append(score)
            print(f"{score.song:40} {score.part:8} {score.sdr_db:6.2f} dB, the mix {score.mix_sdr_db:6.2f} dB", flush=True)  # fmt: skip
    for part in model.targets:
        own = [(score.sdr_db, score.mix_sdr_db) for score in scores if score.part == part]
        if own:
            sdr, mix = np.median(own, axis=0)
            print(
                f"{'median of ' + str(len(own)):40} {part:8} {sdr:6.2f} dB, the mix {mix:6.2f} dB"
            )
    if given.out:
        with given.out.open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file)
            rows.writerow(("song", "part", "sdr_db", "mix_sdr_db"))
            rows.writerows(
                (s.song, s.part, f"{s.sdr_db:.4f}", f"{s.mix_sdr_db:.4f}") for s in scores
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
