"""`session.json` (schema "ama.session/1"): what a DAW's export says of the stems beside it.

    {"schema": "ama.session/1", "daw": "ardour", "daw_version": "7.3.0", "name": "Song", "sample_rate_hz": 48000, "bounced": "post_effects",
     "tracks": [{"id": "121", "name": "Vox", "stem": "Vox.wav", "fader_db": -3.2, "pan": 0.1, "muted": false, "channels": 1,
                 "group": "", "automated": [], "plugins": [{"name": "ACE EQ", "uri": "urn:ardour:a-eq", "enabled": true}]}],
     "left_out": [{"name": "Drum bus", "reason": "busses cannot be bounced"}], "mix": null}

Stems are found from the file's own folder. `bounced` says where the stems were taken: before the effects ("raw"), between effects and fader
("post_effects"), or after fader and pan ("post_fader"): then these are in the sound already, tracks count as 0 dB and centre, and what is
suggested comes on top. `automated` names what of a track follows automation ("fader", "pan"): it stands as it did at that moment. Faders and pans are those of the DAW and are taken as they are; a DAW whose pan law differs is its adapter's affair.
A file of another schema, or of none, is not this and is passed over with a word. Keys that are not known are passed over too.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from ama_analysis.codec import CodecError, from_json, known_part
from ama_analysis.errors import SessionError
from ama_analysis.rates import is_rate
from ama_analysis.session import CONTROLS, Track, fader_in_range, track_of

FILE_NAME: Final = "session.json"
SCHEMA: Final = "ama.session/1"
_LONGEST_SHOWN: Final = 300
_HINT: Final = "Export it again, or remove the file to take the folder's sound files as they are."

Bounced: TypeAlias = Literal["raw", "post_effects", "post_fader"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """An effect on a track."""

    name: str
    uri: str = ""
    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedTrack:
    """One track as its DAW shows it."""

    id: str
    name: str
    stem: str
    fader_db: float = 0.0
    pan: float = 0.0
    muted: bool = False
    channels: int | None = None
    group: str | None = None
    automated: tuple[str, ...] = ()
    plugins: tuple[Plugin, ...] = ()

    def __post_init__(self) -> None:
        if not self.id:
            message = f"the track {self.name!r} has no id"
            raise ValueError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """What the DAW could not hand over, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionDocument:
    """A session as a DAW exported it; `folder` is where its stems are looked for."""

    name: str
    tracks: tuple[ExportedTrack, ...]
    schema: Literal["ama.session/1"] = SCHEMA
    daw: str = ""
    daw_version: str = ""
    sample_rate_hz: int | None = None
    bounced: Bounced = "post_effects"
    left_out: tuple[LeftOut, ...] = ()
    mix: str | None = None
    folder: Path = Path()

    def __post_init__(self) -> None:
        rate = self.sample_rate_hz
        if rate is not None and not is_rate(rate):
            message = f"its sample rate is {rate} Hz"
            raise ValueError(message)

    def core_tracks(self) -> list[Track]:
        """Return the tracks, the fader and pan as they have yet to be applied to the stems."""
        return [self._core_track(track) for track in self.tracks]

    def _core_track(self, track: ExportedTrack) -> Track:
        made = track_of(self.folder / track.stem, track_id=track.id, name=track.name)
        mixed_in = self.bounced == "post_fader"
        return replace(
            made,
            fader_db=0.0 if mixed_in else track.fader_db,
            pan=0.0 if mixed_in else track.pan,
            muted=track.muted,
            automated=tuple(one for one in CONTROLS if one in track.automated),
            plugins=tuple(plugin.name for plugin in track.plugins if plugin.enabled),
        )

    def mix_path(self) -> Path | None:
        """Return where the mix is that was exported along, None where there is none (any more)."""
        if not self.mix:
            return None
        try:
            there = (self.folder / self.mix).is_file()
        except OSError:  # a name that no file can have
            there = False
        return self.folder / self.mix if there else None

    def warnings(self) -> list[str]:
        """Return what a reader of the plan should know: what was left out, and what the stems do not say."""
        told = [f"{each.name} was left out: {_sentence(each.reason)}" for each in self.left_out]
        if self.mix and self.mix_path() is None:
            told.append(
                f"The mix {self.mix[:_LONGEST_SHOWN]} that was exported along is not there."
            )
        if self.bounced == "post_fader":
            told.append(
                "The stems hold fader and pan already: every fader that is suggested comes on top of where the fader stands."
            )
        for what in ("fader", "pan"):
            moving = [track.name for track in self.tracks if what in track.automated]
            if moving:
                counts = (
                    ""
                    if self.bounced == "post_fader"
                    else "it counts as it stood at the export, and "
                )
                told.append(
                    f"The {what} of {_listed(moving)} follows automation: {counts}AMA leaves it alone."
                )
        bare = [track.name for track in self.tracks if any(p.enabled for p in track.plugins)]
        if self.bounced == "raw" and bare:
            told.append(f"The stems were taken before the effects of {_listed(bare)}.")
        return told


def session_document_in(folder: Path) -> SessionDocument | None:
    """Return what the folder's session.json says, None where there is none of this schema; `SessionError` (AMA-204) where it is not valid."""
    path = folder / FILE_NAME
    if not path.is_file():
        return None
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        message = f"{path} cannot be read ({_reason(error)})."
        raise SessionError(message, hint=_HINT, code="AMA-204") from error
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        return None
    try:
        given = _faders_in_range(known_part(found, SessionDocument))
        given.pop("folder", None)
        document: SessionDocument = from_json(given, SessionDocument)
    except (CodecError, SessionError) as error:
        message = f"{path}: {str(error).rstrip('.')}."
        raise SessionError(message, hint=_HINT, code="AMA-204") from error
    return replace(document, folder=folder)


def _faders_in_range(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with faders that are shut at the lowest that a session knows."""
    tracks = document.get("tracks")
    for track in tracks if isinstance(tracks, list) else ():
        if isinstance(track, dict) and "fader_db" in track:
            fader = track["fader_db"]
            if fader is None or isinstance(fader, int | float | str):
                track["fader_db"] = fader_in_range(fader)
    return document


def _reason(error: Exception) -> str:
    return (error.strerror or "not there") if isinstance(error, OSError) else "not valid JSON"


def _sentence(text: str) -> str:
    text = text.strip().rstrip(".") or "no reason was given"
    return f"{text}."


def _listed(names: Sequence[str], most: int = 6) -> str:
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
