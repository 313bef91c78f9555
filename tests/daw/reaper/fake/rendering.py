"""Rendering: the RENDER_* settings to WAV files, or to what a render that goes wrong leaves behind."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import soundfile

from tests.daw.reaper.fake.items import length_s
from tests.daw.reaper.fake.paths import Paths
from tests.daw.reaper.fake.project import Project, Track

Sound = npt.NDArray[np.float32]
Outcome = Literal["stub", "nothing", "silence", "short"]
PreFader = Literal["works", "ignored", "masked"]
"""Stems before the fader came with REAPER 7. Whether an older one keeps the bit and does nothing, or does not keep it, nobody has told."""

STEMS, THROUGH_MASTER, PRE_FADER, MONO_TO_MONO = 2, 128, 8192, 16
CUSTOM_BOUNDS, WHOLE_PROJECT, TIME_SELECTION = 0, 1, 2
_UNSAFE: Final = re.compile(r'[/\\:*?"<>|\x00-\x1f]')


class RenderMistakeError(Exception):
    """Settings with which a render does what nobody wants: it asks, or changes the project."""


@dataclass
class Rendering:
    """`outcomes` says by track name (or "*") what goes wrong; `log` has the settings and files of each render."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    log: list[tuple[dict[str, float | str], list[Path]]] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None
    pre_fader: PreFader = "works"

    def run(self, project: Project, paths: Paths) -> None:
        """Render as the settings say; `RenderMistakeError` where REAPER would show a window."""
        wanted = targets(project, paths)
        existing = [path for path in wanted.values() if path.exists()]
        if existing:
            message = (
                f"REAPER asks whether to overwrite {existing[0]}: everything waits for an answer"
            )
            raise RenderMistakeError(message)
        if int(project.render.numbers["RENDER_ADDTOPROJ"]) & 1:
            message = "RENDER_ADDTOPROJ: the files come into the project as new tracks"
            raise RenderMistakeError(message)
        subtype = project.render.subtype()
        if subtype is None:
            message = f"RENDER_FORMAT {project.render.texts['RENDER_FORMAT']!r} is no WAV"
            raise RenderMistakeError(message)
        self.log.append((project.render.values(), list(wanted.values())))
        self.meanwhile()
        for track, path in wanted.items():
            self._write(project, track, path, subtype)

    def _write(self, project: Project, track: Track, path: Path, subtype: str) -> None:
        outcome = self.outcomes.get(track.name, self.outcomes.get("*"))
        if outcome == "nothing":
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        if outcome == "stub":
            path.write_bytes(b"")
            return
        sound = _bounded(project, rendered(project, track, pre_fader=self.pre_fader == "works"))
        if outcome == "silence":
            sound = np.zeros_like(sound)
        if outcome == "short":
            sound = sound[:, : sound.shape[1] // 2]
        rate = int(project.render.numbers["RENDER_SRATE"]) or project.sample_rate_hz
        soundfile.write(
            path,
            at_rate(sound, project.sample_rate_hz, rate).T,
            rate,
            subtype=subtype,
            format="WAV",
        )


def targets(project: Project, paths: Paths) -> dict[Track, Path]:
    """Return the file of each track that the settings render."""
    settings, texts = int(project.render.numbers["RENDER_SETTINGS"]), project.render.texts
    tracks = (
        [track for track in project.tracks if track.selected]
        if settings & (STEMS | THROUGH_MASTER)
        else [project.master]
    )
    folder = Path(paths.inward(texts["RENDER_FILE"])) if texts["RENDER_FILE"] else Path()
    if not folder.is_absolute():
        folder = (project.path.parent if project.path else Path("/nowhere")) / folder
    found: dict[Track, Path] = {}
    for track in tracks:
        stem = _named(project, track, texts["RENDER_PATTERN"])
        path, count = folder / f"{stem}.wav", 0
        while path in found.values():
            count += 1
            path = folder / f"{stem}-{count:03d}.wav"
        found[track] = path
    return found


def _named(project: Project, track: Track, pattern: str) -> str:
    number = 0 if track is project.master else project.tracks.index(track) + 1
    words = {
        "$tracknumber": f"{number:02d}",
        "$track": _UNSAFE.sub("_", track.name or f"Track {number}"),
        "$project": project.path.stem if project.path else "untitled",
    }
    for word, value in words.items():
        pattern = pattern.replace(word, value)
    return pattern


def rendered(project: Project, track: Track, *, pre_fader: bool = True) -> Sound:
    """Return what a track gives: nothing where it is muted, before its fader where that is asked."""
    settings = int(project.render.numbers["RENDER_SETTINGS"])
    frames = round(length_s(project) * project.sample_rate_hz)
    sound = np.zeros((2, frames), np.float32)
    if track.sound is not None and not track.values["B_MUTE"]:
        own = np.atleast_2d(track.sound)
        sound[:, : own.shape[1]] = own
        if settings & MONO_TO_MONO and own.shape[0] == 1:
            sound = sound[:1]
    if track.values["I_FXEN"]:
        sound = sound * np.float32(track.effect_gain)
    if not (settings & PRE_FADER and pre_fader):
        sound = sound * np.float32(track.volume) * _balance(track.pan)[: sound.shape[0]]
    if int(project.render.numbers["RENDER_NORMALIZE"]):
        sound = sound * np.float32(
            project.render.numbers["RENDER_NORMALIZE_TARGET"]
            / max(float(np.abs(sound).max(initial=0)), 1e-9)
        )
    return sound.astype(np.float32)


def _balance(pan: float) -> npt.NDArray[np.float32]:
    return np.array([[min(1.0, 1 - pan)], [min(1.0, 1 + pan)]], np.float32)


def _bounded(project: Project, sound: Sound) -> Sound:
    numbers, rate = project.render.numbers, project.sample_rate_hz
    bounds = int(numbers["RENDER_BOUNDSFLAG"])
    starts = {
        CUSTOM_BOUNDS: (numbers["RENDER_STARTPOS"], numbers["RENDER_ENDPOS"]),
        TIME_SELECTION: project.time_selection,
    }
    start_s, end_s = starts.get(bounds, (0.0, length_s(project)))
    if int(numbers["RENDER_TAILFLAG"]) & (1 << bounds):
        end_s += numbers["RENDER_TAILMS"] / 1000
    first, last = round(start_s * rate), round(end_s * rate)
    found = np.zeros((sound.shape[0], max(0, last - first)), np.float32)
    part = sound[:, first : min(last, sound.shape[1])]
    found[:, : part.shape[1]] = part
    return found


def at_rate(sound: Sound, own: int, wanted: int) -> Sound:
    if own == wanted:
        return sound
    places = np.arange(round(sound.shape[1] * wanted / own)) * own / wanted
    return np.stack(
        [np.interp(places, np.arange(sound.shape[1]), channel) for channel in sound]
    ).astype(np.float32)
