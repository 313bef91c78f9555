"""The sound files that a system is given: stems as they are, or cut and with a strip printed into them; references and mixes, cut."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ama_analysis.audio import (
    BLOCK_FRAMES,
    Block,
    DerivedSound,
    Sound,
    as_stereo,
    in_memory,
    open_audio,
    write_audio,
)
from ama_analysis.evaluate.balance import Strip
from ama_analysis.evaluate.job import Stem
from ama_analysis.evaluate.loudness import integrated_lufs, k_weighted
from ama_analysis.evaluate.suite import SuiteSession

UNITY = Strip(gain_db=0.0, pan=0.0)


@dataclass(frozen=True, slots=True)
class Printed(DerivedSound):
    """A stem with a strip printed into it; stereo where the strip pans."""

    strip: Strip

    @property
    def channels(self) -> int:
        """Two where the stem has two or the strip pans."""
        return self.sound.channels if self.strip.pan == 0.0 else 2

    def blocks(self, block_frames: int = BLOCK_FRAMES) -> Iterator[Block]:
        """Yield the stem's blocks times the strip's factors."""
        factors = np.array(self.strip.factors(), np.float32)[:, None]
        for block in self.sound.blocks(block_frames):
            wide = as_stereo(block) if self.channels == 2 else block
            yield wide * factors[: self.channels]


@dataclass(frozen=True, slots=True, kw_only=True)
class HumanMix:
    """The mix that a session's gains and pans make, itself a stereo sound (for sessions without a mix file)."""

    session: SuiteSession
    sample_rate_hz: int

    @property
    def channels(self) -> int:
        """Two."""
        return 2

    @property
    def frames(self) -> int:
        """The length of the longest stem."""
        return max(sound.frames for sound in self._strips())

    def blocks(self, block_frames: int = BLOCK_FRAMES) -> Iterator[Block]:
        """Sum the stems."""
        parts = [sound.blocks(block_frames) for sound in self._strips()]
        while True:
            blocks = [block for block in (next(part, None) for part in parts) if block is not None]
            if not blocks:
                return
            mix = np.zeros((2, max(block.shape[1] for block in blocks)), np.float32)
            for block in blocks:
                mix[:, : block.shape[1]] += block
            yield mix

    def _strips(self) -> list[Sound]:
        return [
            Printed(
                open_audio(track.path, sample_rate_hz=self.sample_rate_hz),
                Strip(gain_db=track.gain_db, pan=track.pan),
            )
            for track in self.session.tracks
        ]


def rate_of(session: SuiteSession) -> int:
    """Return the rate that most stems have (the higher of two as common)."""
    counted = Counter(open_audio(track.path).file_rate_hz for track in session.tracks)
    return max(counted, key=lambda rate: (counted[rate], rate))


def duration_s(session: SuiteSession) -> float:
    """Return the length of the longest stem."""
    return max(open_audio(track.path).duration_s for track in session.tracks)


def loudness_of_tracks(
    session: SuiteSession, span_s: tuple[float, float] | None = None
) -> dict[str, float]:
    """Return the loudness at the human's faders, LUFS, of the tracks that have one (in a span of the session), by id."""
    found = {}
    for track in session.tracks:
        file = open_audio(track.path)
        if span_s is not None and span_s[0] >= file.duration_s:
            continue
        part = in_memory(file.section(*span_s) if span_s else file)
        weighted = k_weighted(as_stereo(part.samples).astype(np.float64), part.sample_rate_hz)
        lufs = integrated_lufs(weighted, part.sample_rate_hz)
        if math.isfinite(lufs):
            found[track.id] = lufs + track.gain_db
    return found


def plain_stems(session: SuiteSession, folder: Path) -> tuple[Stem, ...]:
    """Return the stems at unity: the files themselves, or a WAV of those that libsndfile cannot read or that have another rate."""
    rate = rate_of(session)
    stems = []
    for track in session.tracks:
        file = open_audio(track.path, sample_rate_hz=rate)
        path = track.path.absolute()
        if file.by_av or file.file_rate_hz != rate:
            path = folder / f"{track.id}.wav"
            write_audio(path, file, subtype="FLOAT")
        stems.append(Stem(id=track.id, name=track.name, path=path, strip=UNITY))
    return tuple(stems)


def printed_stems(
    session: SuiteSession,
    strips: Mapping[str, Strip],
    folder: Path,
    span_s: tuple[float, float] | None,
) -> tuple[Stem, ...]:
    """Write the stems (or a span of them) with strips printed into them; a stem that ends before the span is a second of silence."""
    rate = rate_of(session)
    stems = []
    for track in session.tracks:
        path = folder / f"{track.id}.wav"
        file = open_audio(track.path, sample_rate_hz=rate)
        strip = strips[track.id]
        if span_s is not None and span_s[0] >= file.duration_s:
            strip = Strip(gain_db=-200.0, pan=strip.pan)
            file = file.section(0.0, 1.0)
        elif span_s is not None:
            file = file.section(*span_s)
        write_audio(path, Printed(file, strip), subtype="FLOAT")
        stems.append(Stem(id=track.id, name=track.name, path=path, strip=UNITY))
    return tuple(stems)


def mix_file(
    session: SuiteSession, folder: Path, span_s: tuple[float, float] | None = None
) -> Path:
    """Return the human's mix as a file that libsndfile reads: its own, or one summed from gains and pans; cut to a span if asked."""
    if session.mix is not None and span_s is None and not open_audio(session.mix).by_av:
        return session.mix.absolute()
    whole = session.mix
    if whole is None:
        whole = folder / "human.wav"
        write_audio(
            whole, HumanMix(session=session, sample_rate_hz=rate_of(session)), subtype="FLOAT"
        )
        if span_s is None:
            return whole
    file = open_audio(whole)
    path = folder / "human-part.wav"
    write_audio(path, file.section(*span_s) if span_s else file, subtype="FLOAT")
    return path


def readable_reference(path: Path, folder: Path) -> Path:
    """Return a reference that libsndfile reads: itself or a WAV of it."""
    file = open_audio(path)
    if not file.by_av:
        return path.absolute()
    written = folder / f"{path.stem}.wav"
    if not written.exists():
        write_audio(written, file, subtype="FLOAT")
    return written
