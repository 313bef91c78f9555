"""Sessions to examples for the roles: the figures of each stem's windows, and the role that its session tells.

A folder holds sessions with a `session.json` whose tracks say `file`, `role`, and where they are General MIDI, `program` (then that says the role,
and tracks of programs on whose role people differ are left out). The folder that holds the sessions is what they come from.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from ama_analysis.audio import Audio, in_memory, open_audio
from ama_analysis.errors import AudioFileError
from ama_analysis.models.role_figures import FIGURES
from ama_analysis.models.role_windows import energies_of, figures_at, loudest_windows
from ama_analysis.models.training.role_words import role_of_program
from ama_analysis.progress import OnProgress, silent
from ama_analysis.roles import ROLES, Role, role_from_name

DOCUMENT: Final = "session.json"
_NONE: Final = np.zeros((0, FIGURES), np.float32)
_STEP_S: Final = 0.4
_LONGEST_S: Final = 300.0
_SPEEDS: Final = (0.8, 1.25)
"""A second hearing of each stem is played so much slower or faster at least and most: another pitch, another tempo, another body."""
_DULLEST_HZ, _DRIVES, _ROOMS_S = 3000.0, (1.0, 8.0), (0.2, 2.0)
_WORDS: Final[Mapping[str, Role]] = {"backing": "other", "pad": "synth"}
"""What collectors of sessions mean by these, where `role_from_name` would say something else."""
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


def role_of_row(row: Mapping[str, Any]) -> Role | None:
    """Return the role of a track in a session.json; None where it says none, or none that is plain."""
    word = str(row.get("role") or "").strip().lower()
    program = row.get("program")
    if isinstance(program, int) and word not in _DRUM_ROLES:
        return role_of_program(program)
    if word in ROLES:
        return word
    if word in _WORDS:
        return _WORDS[word]
    guess = role_from_name(word)
    return guess.role if guess.confidence > 0.0 else None


def examples_in(
    folders: Sequence[Path], *, kept: Path | None = None, on_progress: OnProgress = silent
) -> RoleExamples:
    """Return the examples of all sessions below the folders; figures of sessions that `kept` has are not worked out again.

    Each stem is heard twice, as it is and otherwise (`second`). Stems that cannot be read, and those of whose role nothing is said, are left out.
    """
    documents = [(one, path) for one in folders for path in sorted(one.rglob(DOCUMENT))]
    found: list[tuple[_Figures, int, str, str, str]] = []
    for done, (folder, path) in enumerate(documents):
        on_progress(done / len(documents), f"listening to {path.parent.name}")
        source = folder.name
        for name, role, figures in _session(path, kept):
            if figures.plain.shape[0]:
                found.append((figures, ROLES.index(role), path.parent.name, source, name))
    on_progress(1.0, "listening")
    counts = [len(one[0].plain) + len(one[0].second) for one in found]
    return RoleExamples(
        figures=np.concatenate([part for one in found for part in (one[0].plain, one[0].second)]),
        second=np.concatenate(
            [
                np.arange(count) >= len(one[0].plain)
                for count, one in zip(counts, found, strict=True)
            ]
        ),
        role=np.repeat([one[1] for one in found], counts),
        track=np.repeat(np.arange(len(found)), counts),
        sessions=tuple(one[2] for one in found),
        sources=tuple(one[3] for one in found),
        names=tuple(one[4] for one in found),
    )


def _session(path: Path, kept: Path | None) -> Iterator[tuple[str, Role, _Figures]]:
    rows = [
        (row, role)
        for row in json.loads(path.read_text(encoding="utf-8"))["tracks"]
        if (role := role_of_row(row)) is not None
    ]
    store = None if kept is None else kept / f"{path.parent.parent.name}_{path.parent.name}.npz"
    if store is not None and store.is_file():
        with np.load(store) as arrays:
            known = {name: arrays[name] for name in arrays.files}
    else:
        known = {}
        for row, _ in rows:
            pair = _figures(path.parent / str(row["file"]))
            known[f"{row['file']}|plain"], known[f"{row['file']}|second"] = pair
        if store is not None:
            store.parent.mkdir(parents=True, exist_ok=True)
            np.savez_compressed(store, **cast(Any, known))
    for row, role in rows:
        plain, second = (known.get(f"{row['file']}|{which}") for which in ("plain", "second"))
        if plain is not None and second is not None:
            name = str(row.get("name") or row["file"])
            yield name, role, _Figures(plain=plain, second=second)


def _figures(path: Path) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    try:
        file = open_audio(path)
        sound = in_memory(file.section(0.0, min(file.duration_s, _LONGEST_S)))
    except AudioFileError:
        return _NONE, _NONE
    name = "/".join(path.parts[-3:])
    other = _otherwise(sound, zlib.crc32(name.encode()))
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
