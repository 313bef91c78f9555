"""Multitracks to what the gain predictor learns from: figures, pictures, and where the human put each stem.

    example_of    a `Multitrack` to an `Example`
    examples_in   all of a folder, side by side; what was made once is kept in a work folder (by content of the files and of this code)

`wanted_lufs` is a stem's loudness (as `gain_figures.level_lufs` counts it) at the human's fader; only differences between stems of a session mean something.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ama_analysis.codec import Json
from ama_analysis.errors import AudioFileError
from ama_analysis.measure import measure_sound
from ama_analysis.measurements import TrackMeasurements
from ama_analysis.models.gain_figures import (
    NAMES,
    ROLE_COLUMNS,
    figures_of,
    level_lufs,
    rules_lu,
)
from ama_analysis.models.gain_pictures import BANDS, FRAMES, PICTURES, pictures_of
from ama_analysis.models.training.material import LearnedTrack, Multitrack
from ama_analysis.models.training.sounds import sound_of
from ama_analysis.models.training.teachers import HUMAN, Teacher
from ama_analysis.packed import pack, unpack
from ama_analysis.parallel import in_threads
from ama_analysis.progress import OnProgress, silent
from ama_analysis.roles import ROLES, RoleGuess, role_from_name
from ama_analysis.whole_file import whole_file

Floats32 = NDArray[np.float32]
VERSION: Final = 2
"""To be raised where examples change."""
LEAST_TRACKS: Final = 2


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Example:
    """One session: n audible stems.

    `figures` (n, len(NAMES)) have no role in them; `pictures` (n, PICTURES, BANDS, FRAMES) uint8 with `seen` (n,) of them filled; `roles` (n,) are
    numbers in `ROLES` as the collector knows them, `said` (n,) and `said_sure` what the names say and how surely; `rules_lu` (n, 3) where the rules would
    put the stems, LU, by `roles`, by `said`, and without any; `wanted_lufs`, `pans` (n,).
    """

    name: str
    song: str
    style: str
    pan_known: bool
    tracks: tuple[str, ...]
    figures: Floats32
    pictures: NDArray[np.uint8]
    seen: NDArray[np.int64]
    roles: NDArray[np.int64]
    said: NDArray[np.int64]
    said_sure: Floats32
    rules_lu: Floats32
    levels_lufs: Floats32
    wanted_lufs: Floats32
    pans: Floats32

    @property
    def count(self) -> int:
        """The number of stems."""
        return len(self.tracks)


_ARRAYS: Final = (
    "figures", "pictures", "seen", "roles", "said", "said_sure", "rules_lu", "levels_lufs", "wanted_lufs", "pans",
)  # fmt: skip


def example_of(multitrack: Multitrack, teacher: Teacher = HUMAN) -> Example | None:
    """Return the example, None where less than two stems are audible or the human's faders cannot be told. `AudioFileError` for a stem."""
    gains = teacher.gains(multitrack)
    if gains is None:
        return None
    heard = [
        one
        for track, gain in zip(multitrack.tracks, gains, strict=True)
        if gain is not None and (one := _heard(track, gain)) is not None
    ]
    if len(heard) < LEAST_TRACKS:
        return None
    figures = [one.figures for one in heard]
    known = [RoleGuess(role=one.track.role, confidence=one.track.role_confidence) for one in heard]
    said = [role_from_name(one.track.name) for one in heard]
    ways = (known, said, [_UNKNOWN] * len(heard))
    return Example(
        name=multitrack.name,
        song=multitrack.song,
        style=multitrack.style,
        pan_known=multitrack.pan_known,
        tracks=tuple(one.track.name for one in heard),
        figures=np.stack([figures_of(one, "other", 0.0) for one in figures]),
        pictures=np.stack([_filled(one.pictures) for one in heard]),
        seen=np.array([len(one.pictures) for one in heard]),
        roles=np.array([ROLES.index(one.role) for one in known]),
        said=np.array([ROLES.index(one.role) for one in said]),
        said_sure=np.array([one.confidence for one in said], np.float32),
        rules_lu=np.stack([rules_lu(figures, roles) for roles in ways], axis=1),
        levels_lufs=np.array([one.level_lufs for one in heard], np.float32),
        wanted_lufs=np.array([one.level_lufs + one.gain_db for one in heard], np.float32),
        pans=np.array([one.track.pan for one in heard], np.float32),
    )


_UNKNOWN: Final = RoleGuess(role="other", confidence=0.0)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Heard:
    """An audible stem, looked at."""

    track: LearnedTrack
    figures: TrackMeasurements
    pictures: NDArray[np.uint8]
    level_lufs: float
    gain_db: float


def _heard(track: LearnedTrack, gain_db: float) -> _Heard | None:
    sound = sound_of(track)
    figures = measure_sound(sound)
    level = level_lufs(figures)
    if level is None:
        return None
    pictures = pictures_of(sound).levels
    return _Heard(
        track=track, figures=figures, pictures=pictures, level_lufs=level, gain_db=gain_db
    )


def _filled(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    filled = np.zeros((PICTURES, BANDS, FRAMES), np.uint8)
    filled[: len(pictures)] = pictures
    return filled


def with_roles(figures: Floats32, roles: NDArray[np.int64], sure: Floats32) -> Floats32:
    """Return figures with roles in their columns, each as far as it is sure."""
    filled = figures.copy()
    columns = filled[..., ROLE_COLUMNS]
    columns[...] = 0.0
    np.put_along_axis(columns, roles[..., None], sure[..., None].astype(np.float32), axis=-1)
    return filled


def examples_in(
    multitracks: Sequence[Multitrack],
    work: Path,
    *,
    teacher: Teacher = HUMAN,
    on_progress: OnProgress = silent,
    on_skip: Callable[[str], None] = lambda _: None,
) -> tuple[Example, ...]:
    """Return the examples of multitracks; each is kept in `work` and found there the next time. Those that cannot be used are told to `on_skip`."""
    work.mkdir(parents=True, exist_ok=True)

    def one(multitrack: Multitrack, _: OnProgress) -> Example | None:
        path = work / f"{_key(multitrack, teacher)}.ama"
        kept = _read(path)
        if kept is not None:
            return kept
        try:
            made = example_of(multitrack, teacher)
        except AudioFileError as error:
            on_skip(f"{multitrack.name}: {error.sentence()}")
            return None
        if made is None:
            on_skip(f"{multitrack.name}: too few stems, or its faders cannot be told.")
            return None
        with whole_file(path) as part:
            part.write_bytes(_packed(made))
        return made

    told = in_threads(
        multitracks, one, stage=lambda _: "looking at the material", on_progress=on_progress
    )
    return tuple(example for example in told if example is not None)


def _key(multitrack: Multitrack, teacher: Teacher) -> str:
    """Return what an example follows from: teacher, track list, and the sizes and times of its files."""
    told = f"{VERSION} {NAMES} {BANDS} {FRAMES} {multitrack!r}{teacher.name}"
    content = hashlib.sha256(told.encode())
    paths: Iterable[Path] = (track.path for track in multitrack.tracks)
    for path in paths:
        stat = path.stat() if path.exists() else None
        content.update(f"{stat.st_size} {stat.st_mtime_ns}".encode() if stat else b"-")
    return content.hexdigest()[:32]


def _packed(example: Example) -> bytes:
    words: list[Json] = [
        example.name,
        example.song,
        example.style,
        example.pan_known,
        list(example.tracks),
    ]
    return pack(words, **{name: getattr(example, name) for name in _ARRAYS})


def _read(path: Path) -> Example | None:
    found = unpack(path.read_bytes()) if path.is_file() else None
    if found is None or not isinstance(found.document, list):
        return None
    name, song, style, pan_known, tracks = found.document
    if not isinstance(tracks, list):
        return None
    return Example(
        name=str(name),
        song=str(song),
        style=str(style),
        pan_known=bool(pan_known),
        tracks=tuple(map(str, tracks)),
        **{key: found.arrays[key] for key in _ARRAYS},
    )
