"""Multitracks to learn from, found by the layout of their folders; nothing is decoded here.

    found_in    a folder to `Multitrack`s

A folder may hold any of: sessions with a `session.json` (docs/evaluate.md), MUSDB18-HQ (`train/SONG/vocals.wav`...), MUSDB18 (`SONG.stem.mp4`, whose streams
are unpacked when they are learned from), MedleyDB (`SONG/SONG_METADATA.yaml`, `SONG_STEMS/`), Slakh (`TrackNNNNN/metadata.yaml`, `stems/`). Where faders are
not told, stems at the level of the mix are at 0 dB; a mix beside them lets the recipe check that by least squares (`teachers`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from ama_analysis.errors import SessionError
from ama_analysis.roles import ROLES, Role, role_from_name

_Stem: TypeAlias = tuple[str, Path, int | None, int | None]
"""The collector's word for it, its file, its stream in that, and its General MIDI program."""
DOCUMENT: Final = "session.json"
MUSDB_STEMS: Final = ("drums", "bass", "other", "vocals")
"""The order of streams 1 to 4 in a `.stem.mp4`; stream 0 is the mix (stempeg)."""
MUSDB_STYLE: Final = "pop"
SURE_OF_ROLE: Final = 0.9
_PROGRAMS: Final = 128
_WORDS: Final[Mapping[str, Role]] = {
    "hihat_cymbal": "overheads",
    "snare_clap": "snare",
    "pad": "synth",
    "vocals": "lead vocal",
    "backing": "other",
    "drum set": "drums",
    "electric bass": "bass",
    "male singer": "lead vocal",
    "female singer": "lead vocal",
    "vocalists": "backing vocal",
    "clean electric guitar": "guitar",
    "distorted electric guitar": "guitar",
    "chromatic percussion": "keys",
    "organ": "keys",
    "reed": "brass",
    "pipe": "brass",
    "ethnic": "other",
    "sound effects": "fx",
    "synth lead": "synth",
    "synth pad": "synth",
    "strings (continued)": "strings",
}
"""What collectors call roles, where `role_from_name` would say something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedTrack:
    """A stem with the human's gain and pan; `stream` tells which stream of a `.stem.mp4` it is, `program` which of General MIDI (from 0) where it is one."""

    name: str
    role: Role
    role_confidence: float
    path: Path
    gain_db: float = 0.0
    pan: float = 0.0
    stream: int | None = None
    program: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Multitrack:
    """A session to learn from. `song` groups what must not lie on both sides of a fold; `mix` is the human's mix where it is at hand."""

    name: str
    song: str
    style: str
    tracks: tuple[LearnedTrack, ...]
    mix: Path | None = None
    pan_known: bool = True
    told: bool = True
    """Whether gains were told; else they are those of stems that sum to the mix."""


def found_in(folder: Path) -> tuple[Multitrack, ...]:
    """Return the multitracks below a folder, by name; `SessionError` where there are none."""
    readers = (_documents, _musdb_hq, _musdb, _medley, _slakh)
    found = [one for reader in readers for one in reader(folder) if one.tracks]
    if not found:
        message = f"{folder} holds no multitracks to learn from."
        hint = "docs/models.md tells which layouts are known."
        raise SessionError(message, hint=hint, code="AMA-204")
    return tuple(sorted(found, key=lambda one: one.name))


def role_of(word: str) -> tuple[Role, float]:
    """Return the role that a collector's word means, and how sure that is."""
    plain = word.strip().lower()
    if plain in ROLES:
        return plain, SURE_OF_ROLE
    if plain in _WORDS:
        return _WORDS[plain], SURE_OF_ROLE
    guess = role_from_name(word)
    return guess.role, guess.confidence


def _documents(folder: Path) -> Iterator[Multitrack]:
    for path in sorted(folder.rglob(DOCUMENT)):
        try:
            document = json.loads(path.read_bytes())
            yield _told_by(path.parent, document)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            message = f"{path} does not describe a session ({type(error).__name__}: {error})."
            hint = "docs/evaluate.md describes the format."
            raise SessionError(message, hint=hint, code="AMA-204") from error


def _told_by(folder: Path, document: Mapping[str, Any]) -> Multitrack:
    tracks = []
    for row in document["tracks"]:
        path = folder / str(row["file"])
        name = str(row.get("name") or path.stem)
        role, sure = role_of(str(row.get("role") or name))
        tracks.append(
            LearnedTrack(
                name=name,
                role=role,
                role_confidence=sure,
                path=path,
                gain_db=float(row["gain_db"]),
                pan=float(row["pan"]),
                program=_program(row.get("program")),
            )
        )
    mix = (document.get("mix") or {}).get("file")
    name = folder.name
    return Multitrack(
        name=name,
        song=str(document.get("song") or name.removeprefix("whole_")),
        style=str(document.get("style") or document.get("genre") or ""),
        tracks=tuple(tracks),
        mix=folder / mix if mix else None,
        pan_known=bool(document.get("pan_known", True)),
    )


def _musdb_hq(folder: Path) -> Iterator[Multitrack]:
    for path in sorted(folder.rglob("mixture.wav")):
        stems = [(name, path.parent / f"{name}.wav", None, None) for name in MUSDB_STEMS]
        yield _at_mix_level(path.parent.name, MUSDB_STYLE, stems, mix=path)


def _musdb(folder: Path) -> Iterator[Multitrack]:
    for path in sorted(folder.rglob("*.stem.mp4")):
        stems = [(name, path, at, None) for at, name in enumerate(MUSDB_STEMS, start=1)]
        yield _at_mix_level(path.name.removesuffix(".stem.mp4"), MUSDB_STYLE, stems, mix=None)


def _medley(folder: Path) -> Iterator[Multitrack]:
    for path in sorted(folder.rglob("*_METADATA.yaml")):
        song = path.name.removesuffix("_METADATA.yaml")
        text = path.read_text(encoding="utf-8")
        stems = [
            (_yaml_word(block, "instrument"), path.parent / f"{song}_STEMS" / file, None, None)
            for block in _yaml_blocks(text, "S")
            if (file := _yaml_word(block, "filename"))
        ]
        mix = path.parent / f"{song}_MIX.wav"
        style = _yaml_word(text, "genre")
        yield _at_mix_level(song, style, stems, mix=mix if mix.is_file() else None)


def _slakh(folder: Path) -> Iterator[Multitrack]:
    for path in sorted(folder.rglob("metadata.yaml")):
        stems = [
            (
                _yaml_word(block, "inst_class"),
                file,
                None,
                _program(_yaml_word(block, "program_num")),
            )
            for block in _yaml_blocks(path.read_text(encoding="utf-8"), "S")
            for file in _sounds(path.parent / "stems" / block.split(":", 1)[0].strip())
        ]
        mix = next(iter(_sounds(path.parent / "mix")), None)
        yield _at_mix_level(path.parent.name, "", stems, mix=mix)


def _program(said: object) -> int | None:
    """Return a General MIDI program, 0 to 127; None for anything else (Slakh calls drums 128)."""
    word = str(said)
    return int(word) if word.isdecimal() and int(word) < _PROGRAMS else None


def _sounds(stem: Path) -> list[Path]:
    return [p for p in (stem.with_suffix(".wav"), stem.with_suffix(".flac")) if p.is_file()][:1]


def _yaml_blocks(text: str, letter: str) -> list[str]:
    """Return the blocks of a YAML mapping whose keys are a letter and a number; these files nest no further than their rows."""
    starts = [m.start() for m in re.finditer(rf"(?m)^\s+{letter}\d+:", text)]
    return [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]


def _yaml_word(block: str, key: str) -> str:
    """Return a plain value of a YAML mapping, empty where there is none."""
    found = re.search(rf"(?m)^\s*{key}:[ \t]*(.*)$", block)
    return found.group(1).strip().strip("'\"") if found else ""


def _at_mix_level(name: str, style: str, stems: Sequence[_Stem], *, mix: Path | None) -> Multitrack:
    tracks = []
    for word, path, stream, program in stems:
        if path.is_file():
            role, sure = role_of(word)
            tracks.append(
                LearnedTrack(
                    name=word,
                    role=role,
                    role_confidence=sure,
                    path=path,
                    stream=stream,
                    program=program,
                )
            )
    return Multitrack(name=name, song=name, style=style, tracks=tuple(tracks), mix=mix, told=False)
