"""Multitracks to examples for the roles: the figures of each stem's windows, and the role that its collector tells.

A folder holds multitracks in any layout that `material` knows. Where a stem is General MIDI its program says the role, and stems of programs on whose role people
differ are left out, as are stems of whose role nothing plain is said. The folder that was named is what they come from.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ama_analysis.audio import Audio
from ama_analysis.errors import AudioFileError
from ama_analysis.models.role_figures import FIGURES
from ama_analysis.models.role_windows import energies_of, figures_at, loudest_windows
from ama_analysis.models.training.material import LearnedTrack, Multitrack, found_in
from ama_analysis.models.training.role_words import role_of_program
from ama_analysis.models.training.sounds import opening_of
from ama_analysis.progress import OnProgress, silent
from ama_analysis.roles import ROLES, Role
from ama_analysis.whole_file import whole_file

_NONE: Final = np.zeros((0, FIGURES), np.float32)
_HEARD: Final = "tone and yamnet of 3 s"
"""What is kept; another text makes it worked out anew."""
_STEP_S: Final = 0.4
_LONGEST_S: Final = 300.0
_SPEEDS: Final = (0.8, 1.25)
"""A second hearing of each stem is played so much slower or faster at least and most: another pitch, another tempo, another body."""
_DULLEST_HZ, _DRIVES, _ROOMS_S = 3000.0, (1.0, 8.0), (0.2, 2.0)
_DRUM_ROLES: Final = frozenset({"kick", "snare", "toms", "overheads", "percussion", "drums"})


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class RoleExamples:
    """Windows (n, figures), and for each its role (index in `ROLES`) and its track; tracks have a session and a name, sessions a source.

    `second` windows are of the second hearing: to learn from, not to be asked for.
    """

    figures: NDArray[np.float32]
    second: NDArray[np.bool_]
    role: NDArray[np.int64]
    track: NDArray[np.int64]
    sessions: tuple[str, ...]
    sources: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def track_role(self) -> NDArray[np.int64]:
        """The role of each track."""
        roles = np.zeros(len(self.sessions), np.int64)
        roles[self.track] = self.role
        return roles


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Figures:
    """The figures of a stem as it is, and as `_otherwise` makes it."""

    plain: NDArray[np.float32]
    second: NDArray[np.float32]


def role_to_learn(track: LearnedTrack) -> Role | None:
    """Return the role that a stem is an example of; None where none is told, or none that is plain."""
    told = track.role if track.role_confidence > 0.0 else None
    if track.program is not None and told not in _DRUM_ROLES:
        return role_of_program(track.program)
    return told


def examples_in(
    folders: Sequence[Path], *, kept: Path | None = None, on_progress: OnProgress = silent
) -> RoleExamples:
    """Return the examples of all multitracks below the folders; figures of those that `kept` has are not worked out again.

    Each stem is heard twice, as it is and otherwise (`second`). Stems that cannot be read, and those of whose role nothing is said, are left out.
    `SessionError` for a folder without multitracks.
    """
    multitracks = [(folder.name, one) for folder in folders for one in found_in(folder)]
    found: list[tuple[_Figures, int, str, str, str]] = []
    for done, (source, one) in enumerate(multitracks):
        on_progress(done / len(multitracks), f"listening to {one.name}")
        for track, role, figures in _heard(one, kept):
            if figures.plain.shape[0]:
                found.append((figures, ROLES.index(role), one.name, source, track.name))
    on_progress(1.0, "listening")
    counts = [len(each[0].plain) + len(each[0].second) for each in found]
    seconds = [np.arange(n) >= len(each[0].plain) for n, each in zip(counts, found, strict=True)]
    return RoleExamples(
        figures=np.concatenate([_NONE, *(p for e in found for p in (e[0].plain, e[0].second))]),
        second=np.concatenate([np.zeros(0, np.bool_), *seconds]),
        role=np.repeat(np.array([each[1] for each in found], np.int64), counts),
        track=np.repeat(np.arange(len(found)), counts),
        sessions=tuple(each[2] for each in found),
        sources=tuple(each[3] for each in found),
        names=tuple(each[4] for each in found),
    )


def _heard(
    multitrack: Multitrack, kept: Path | None
) -> Iterator[tuple[LearnedTrack, Role, _Figures]]:
    asked = [(track, role) for track in multitrack.tracks if (role := role_to_learn(track))]
    store = None if kept is None else kept / f"{_key(track for track, _ in asked)}.npz"
    if store is not None and store.is_file():
        with np.load(store) as arrays:
            known = [arrays[f"arr_{at}"] for at in range(2 * len(asked))]
    else:
        known = [part for track, _ in asked for part in _figures(track)]
        if store is not None:
            store.parent.mkdir(parents=True, exist_ok=True)
            with whole_file(store) as part, part.open("wb") as file:
                np.savez_compressed(file, *known)
    for at, (track, role) in enumerate(asked):
        yield track, role, _Figures(plain=known[2 * at], second=known[2 * at + 1])


def _key(tracks: Iterable[LearnedTrack]) -> str:
    """Return what the figures of stems follow from: which figures they are, and the names, sizes and times of the files."""
    content = hashlib.sha256(_HEARD.encode())
    for track in tracks:
        stat = track.path.stat() if track.path.exists() else None
        content.update(f"{track.path} {track.stream}".encode())
        content.update(f"{stat.st_size} {stat.st_mtime_ns}".encode() if stat else b"-")
    return content.hexdigest()[:32]


def _figures(track: LearnedTrack) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    try:
        sound = opening_of(track, _LONGEST_S)
    except AudioFileError:
        return _NONE, _NONE
    name = "/".join(track.path.parts[-3:])
    other = _otherwise(sound, zlib.crc32(name.encode()) + (track.stream or 0))
    return _at_loudest(sound), _at_loudest(other)


def _at_loudest(sound: Audio) -> NDArray[np.float32]:
    step = round(_STEP_S * sound.sample_rate_hz)
    energies = energies_of(sound.samples, step)
    return figures_at(sound, loudest_windows(energies, step / sound.sample_rate_hz))


def _otherwise(sound: Audio, seed: int) -> Audio:
    """Return a sound at another speed and, by chance, duller, driven, in a room."""
    from scipy.signal import butter, fftconvolve, sosfilt

    rng = np.random.default_rng(seed)
    rate = round(sound.sample_rate_hz * float(np.exp(rng.uniform(*np.log(_SPEEDS)))))
    mono = sound.samples.mean(axis=0, dtype=np.float64)
    mono /= np.abs(mono).max(initial=1e-9)
    if rng.random() < 0.4:
        drive = float(rng.uniform(*_DRIVES))
        mono = np.tanh(drive * mono)
    if rng.random() < 0.4:
        length = int(rng.uniform(*_ROOMS_S) * rate)
        tail = rng.standard_normal(length) * 10.0 ** (-3.0 * np.arange(length) / length)
        wet = fftconvolve(mono, tail)[: mono.size]
        mono += rng.uniform(0.05, 0.6) * wet / np.abs(wet).max(initial=1e-9)
    if rng.random() < 0.4:
        cutoff = float(np.exp(rng.uniform(np.log(_DULLEST_HZ), np.log(0.45 * rate))))
        mono = sosfilt(butter(2, cutoff, "low", fs=rate, output="sos"), mono)
    return Audio(mono[None].astype(np.float32), rate)
