"""What the sound files in a folder are: a song's stems, its mix, or finished songs side by side."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Final

from ama_analysis.advise.session_document import FILE_NAME
from ama_analysis.audio import SUFFIXES, open_audio
from ama_analysis.errors import AudioFileError, SessionError
from ama_analysis.models.separation_document import separation_in
from ama_analysis.plan import MASTER
from ama_analysis.reference import Reference
from ama_analysis.roles import role_from_name, split_words

MIX: Final = "mix"
_FOR_PLAYERS: Final = frozenset(
    {
        *("click", "click track", "metronome", "metronom", "count in", "countin"),
        *("guide", "guide track", "talkback", "slate", "smpte", "ltc", "timecode", "time code"),
    }
)
"""Names, numbers left out, of tracks that are exported along with the music; longer ones ("click perc", "guide vocal") may be music."""
_TOGETHER_S: Final = 0.1
"""Files of one bounce differ by less in length; of two songs' lengths one in a thousand does."""


def mix_in(folder: Path) -> Path | None:
    """Return the file of a folder that is named `mix.*`, None where there is none."""
    return min((path for path in _sounds_in(folder) if path.stem.lower() == MIX), default=None)


def stems_in(folder: Path, warnings: list[str]) -> list[Path]:
    """Return the stems in a folder; what was left out for its name is told in `warnings`. `SessionError` (AMA-201) for none."""
    files = []
    for path in _sounds_in(folder):
        stem = path.stem.lower()
        if path.name.startswith(".") or stem == MIX:
            continue
        if stem == MASTER:
            warnings.append(
                f"{path.name} was left out: the name says that it is a master of the others."
            )
            continue
        if " ".join(w for w in split_words(path.stem) if not w.isdigit()) in _FOR_PLAYERS:
            warnings.append(
                f"{path.name} was left out: the name says that it is for those who play, not for those who listen."
            )
            continue
        files.append(path)
    if not files:
        message = f"{folder} holds no stems."
        hint = "Put WAV, AIFF, FLAC, OGG or MP3 files there (a file named mix.* does not count)."
        if inside := [path.name for path in sorted(folder.iterdir()) if _holds_sounds(path)]:
            hint = f"There are sounds in its folder {', or '.join(inside[:3])}: name that."
        raise SessionError(message, hint=hint)
    return files


def by_song(references: Sequence[Reference], warnings: list[str]) -> tuple[Reference, ...]:
    """Return references with each song in the place of a folder of songs, which is told in `warnings`; a folder of stems stays one reference."""
    songs: list[Reference] = []
    for reference in references:
        found = _songs_in(reference.path) if reference.path.is_dir() else []
        songs += [replace(reference, path=path) for path in found] or [reference]
        if found:
            names = ", ".join(path.name for path in found)
            warnings.append(
                f"Reference {reference.path.name} is taken as a folder of songs, not of one song's stems: {names}."
            )
    return tuple(dict.fromkeys(songs))


def _songs_in(folder: Path) -> list[Path]:
    """Return the finished songs in a folder, none where it holds a song's stems.

    Stems are told by a session.json or a separation beside them, by their mix, by names that tell roles, or by ending together.
    """
    files = [path for path in _sounds_in(folder) if not path.name.startswith(".")]
    told = sum(role_from_name(path.stem).role != "other" for path in files)
    if not files or (folder / FILE_NAME).exists() or separation_in(folder) or mix_in(folder):
        return []
    if 2 * told >= len(files):
        return []
    lengths_s = []
    for path in files:
        with suppress(AudioFileError):  # who listens to it says so
            lengths_s.append(open_audio(path).duration_s)
    apart = all(after - before > _TOGETHER_S for before, after in pairwise(sorted(lengths_s)))
    return files if lengths_s and apart else []


def _holds_sounds(path: Path) -> bool:
    try:
        return path.is_dir() and bool(_sounds_in(path))
    except (OSError, AudioFileError):
        return False


def _sounds_in(folder: Path) -> list[Path]:
    try:
        return sorted(p for p in folder.iterdir() if p.is_file() and p.suffix.lower() in SUFFIXES)
    except OSError as error:
        message = f"The folder {folder} cannot be read ({error.strerror})."
        raise AudioFileError(message, hint="Name one that may be read.", code="AMA-101") from error
