"""A REAPER project to a session, without REAPER: tracks, faders, pans, mutes, effects' names, and their items as stems.

What flows out is `ReaperProject`: stems are edit lists of the project's sound files, or a file itself where a track is just that. AMA's pan is a linear
balance, which is what REAPER's default pan mode at a pan law of 0 dB is documented to be; other modes and laws are told. What the items do not
hold (effects, folders, sends, automation) is told in `warnings`, tracks that cannot be read in `left_out`, each with its reason. The file is
read and never written.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ama_analysis.audio import EditList, open_audio
from ama_analysis.errors import SessionError
from ama_bridge.daw.reaper.project.effects import track_effects
from ama_bridge.daw.reaper.project.items import items_of
from ama_bridge.daw.reaper.project.media import MediaFiles, NotPlainError
from ama_bridge.daw.reaper.project.mixing import ItemMix, covering
from ama_bridge.daw.reaper.project.notes import (
    Routing,
    folder_notes,
    project_notes,
    routings,
    track_notes,
)
from ama_bridge.daw.reaper.project.parts import TrackSettings, stem_of
from ama_bridge.daw.reaper.project.rpp import Chunk, RppError, parsed
from ama_bridge.daw.reaper.project.strip import ProjectStrip, strips_of

SUFFIX: Final = ".rpp"
BACKUP_SUFFIX: Final = ".rpp-bak"
KIND: Final = "REAPER_PROJECT"
_LARGEST_BYTES: Final = 512 << 20
_FIXED_LANES: Final = 2
_HINT: Final = "Save it anew in REAPER, or export stems with AMA Export."


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaperTrack:
    """One track as the project has it; `stem` is an edit list, or a sound file that is the whole track."""

    id: str
    name: str
    fader_db: float
    pan: float
    muted: bool
    plugins: tuple[str, ...]
    stem: EditList | Path
    pan_mode: int
    pan_law: float
    automated: frozenset[str]
    group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaperProject:
    """A project as its file says; `left_out` are names with reasons."""

    name: str
    sample_rate_hz: int | None
    tracks: tuple[ReaperTrack, ...]
    left_out: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class _Reader:
    files: MediaFiles
    mixing: ItemMix
    left_out: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def is_project_file(path: Path) -> bool:
    """Say whether a file's name is that of a REAPER project."""
    return path.suffix.lower() in {SUFFIX, BACKUP_SUFFIX} and path.is_file()


def project_file_in(folder: Path) -> Path | None:
    """Return the project of a folder, None where it has none.

    `SessionError` (AMA-204) where it has several: a copy with other faders must not be taken for the project.
    """
    found = sorted(p for p in folder.iterdir() if p.suffix.lower() == SUFFIX and p.is_file())
    if len(found) > 1:
        message = f"{folder} holds several projects: {', '.join(p.name for p in found[:6])}."
        raise SessionError(message, hint="Name the one that you mean.", code="AMA-204")
    return found[0] if found else None


def project_chunk(path: Path) -> Chunk:
    """Return a project's text; `SessionError` (AMA-204) where it is none."""
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            message = f"{path} is larger than {_LARGEST_BYTES >> 20} MiB."
            raise SessionError(message, hint="Export stems instead.", code="AMA-204")
        project = parsed(path.read_bytes())
    except OSError as error:
        message = f"{path} cannot be read ({error.strerror})."
        raise SessionError(message, hint="Check the name.", code="AMA-204") from error
    except RppError as error:
        message = f"{path} is not a REAPER project (it {error})."
        raise SessionError(message, hint=_HINT, code="AMA-204") from error
    if project.kind != KIND:
        message = f"{path} is not a REAPER project (it holds a {project.kind[:40]})."
        raise SessionError(message, hint=_HINT, code="AMA-204")
    return project


def read_project(path: Path) -> ReaperProject:
    """Return what an .rpp file says; `SessionError` (AMA-204) where it is none, (AMA-201) where no track can be read."""
    return project_of(project_chunk(path), path)


def project_of(project: Chunk, path: Path) -> ReaperProject:
    """Return what the text of the project at `path` says; `SessionError` (AMA-201) where no track can be read."""
    folder = path.absolute().parent
    reader = _Reader(
        files=MediaFiles(_folders(project, folder)), mixing=ItemMix.of(project.whole("ITEMMIX", 1))
    )
    strips = strips_of(project)
    tracks = tuple(
        track
        for (chunk, strip), routing in zip(strips, routings(strips), strict=True)
        if (track := _track(reader, chunk, strip, routing)) is not None
    )
    if not tracks:
        why = "; ".join(f"{name}: {reason}" for name, reason in reader.left_out[:6])
        message = f"{path} has no track that can be read{f' ({why})' if why else ''}."
        raise SessionError(message, hint="Export stems with AMA Export in REAPER instead.")
    reader.warnings += [*folder_notes(strips), *project_notes(project, strips)]
    return ReaperProject(
        name=path.stem,
        sample_rate_hz=_rate(project, tracks),
        tracks=tracks,
        left_out=tuple(reader.left_out),
        warnings=tuple(reader.warnings),
    )


def _folders(project: Chunk, folder: Path) -> tuple[Path, ...]:
    """Return where sound files are looked for: beside the project, and in its recording folder."""
    line = project.line("RECORD_PATH")
    recorded = [os.fsdecode(word.raw) for word in line.words[1:]] if line else []
    return (folder, *(folder / name for name in recorded if name and "\0" not in name))


def _rate(project: Chunk, tracks: tuple[ReaperTrack, ...]) -> int | None:
    """Return the project's rate where it has one of its own, else that of most tracks (REAPER then takes the sound device's)."""
    if project.whole("SAMPLERATE", 2):
        return project.whole("SAMPLERATE", 1) or None
    rates = Counter(
        t.stem.sample_rate_hz if isinstance(t.stem, EditList) else open_audio(t.stem).file_rate_hz
        for t in tracks
    )
    return max(rates, key=lambda rate: (rates[rate], rate))


def _track(
    reader: _Reader, track: Chunk, strip: ProjectStrip, routing: Routing
) -> ReaperTrack | None:
    """Return a track; None for what has no stem, and the reason goes to `left_out` where it might be missed."""
    reason = _unread(track, routing)
    if reason is None or reason:
        reader.left_out += [(strip.name, reason)] if reason else []
        return None
    try:
        items = items_of(track)
        settings = TrackSettings(
            gain=-1.0 if strip.turned else 1.0, later_s=strip.later_s, mixing=reader.mixing
        )
        stem = stem_of(items, settings, reader.files)
    except NotPlainError as error:
        reader.left_out.append((strip.name, str(error)))
        return None
    except (ValueError, OverflowError) as error:
        reader.left_out.append((strip.name, f"its items are damaged ({error})"))
        return None
    notes = [note for item in items for note in item.notes]
    if any(covers for _, covers in covering(items, reader.mixing)):
        notes.append("where its items lie over each other one replaces the other, as the project's settings are understood")  # fmt: skip
    for note in dict.fromkeys([*notes, *track_notes(track, strip, routing)]):
        reader.warnings.append(f"{strip.name}: {note}.")
    return ReaperTrack(
        id=strip.id,
        name=strip.name,
        fader_db=strip.fader_db,
        pan=strip.pan,
        muted=strip.muted or routing.muted,
        plugins=tuple(effect.name for effect in track_effects(track) if effect.on),
        stem=stem,
        pan_mode=strip.pan_mode,
        pan_law=strip.pan_law,
        automated=strip.automated,
        group=routing.group,
    )


def _unread(track: Chunk, routing: Routing) -> str | None:
    """Return why a track of this kind has no stem, empty where it may have one, None for what nobody misses (an empty track, a folder)."""
    items = list(track.of_kind("ITEM"))
    if not items:
        if routing.receives:
            return "a bus: what it does to its tracks is not in their items"
        instruments = [e.name for e in track_effects(track) if e.on and "i:" in e.name[:6]]
        return f"an instrument without items ({instruments[0]})" if instruments else None
    if not routing.to_parent and not routing.sends:
        return "it is sent nowhere"
    if track.whole("FREEMODE", 1) == _FIXED_LANES and _lanes(items) > 1:
        return "its items lie in lanes, and the file does not say to AMA which of them play"
    return ""


def _lanes(items: list[Chunk]) -> int:
    return len({round(item.number("YPOS", 1, 0.0), 4) for item in items})
