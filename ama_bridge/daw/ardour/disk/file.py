"""An Ardour session file to a session, without Ardour: tracks, faders, pans, mutes, plugins, and their regions as stems.

What flows out is `ArdourSession`: faders and pans are Ardour's own (`pan_law.heard` turns them into AMA's), stems are edit lists of the
session's sound files, or a file itself where a track is just that. What the regions do not hold (effects, busses, automation) is told in
`warnings`; tracks that cannot be read are told in `left_out`, each with its reason. The file is read and never written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element

from ama_analysis.audio import EditList
from ama_analysis.errors import SessionError
from ama_bridge.daw.ardour.disk.elements import session_tree, switched
from ama_bridge.daw.ardour.disk.notes import (
    active_plugins,
    automated_controls,
    control_of,
    fader_db_of,
    flags_of,
    session_notes,
    track_notes,
)
from ama_bridge.daw.ardour.disk.regions import (
    NotPlainError,
    Regions,
    Sources,
    channels_of,
    regions_of,
)
from ama_bridge.daw.ardour.disk.timeline import Timeline, UnreadTimeError, timeline_of
from ama_bridge.daw.ardour.disk.vcas import Vcas, vcas_of

SUFFIX: Final = ".ardour"
_MOST_SHOWN: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class ArdourTrack:
    """One track as Ardour has it; `stem` is an edit list, or a sound file that is the whole track."""

    id: str
    name: str
    fader_db: float
    pan: float
    muted: bool
    plugins: tuple[str, ...]
    stem: EditList | Path
    automated: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArdourSession:
    """A session as its file says; `left_out` are names with reasons."""

    name: str
    sample_rate_hz: int
    tracks: tuple[ArdourTrack, ...]
    left_out: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class _Reader:
    root: Element
    timeline: Timeline
    sources: Sources
    playlists: dict[str, Element]
    busses: frozenset[str]
    vcas: Vcas
    use_fades: bool
    left_out: list[tuple[str, str]] = field(default_factory=list)
    notes: dict[str, list[str]] = field(default_factory=dict)
    """What holds of tracks that is not in their stems, and of which."""


def is_session_file(path: Path) -> bool:
    """Say whether a file's name is that of an Ardour session."""
    return path.suffix.lower() == SUFFIX and path.is_file()


def session_file_in(folder: Path) -> Path | None:
    """Return the session file of an Ardour session's folder, None where it is no such folder.

    The session's own file has the folder's name; `SessionError` (AMA-204) where there are only snapshots, and several.
    """
    found = sorted(path for path in folder.glob(f"*{SUFFIX}") if path.is_file())
    if not found or not (folder / "interchange").is_dir():
        return None
    named = [path for path in found if path.stem == folder.resolve().name]
    if len(found) > 1 and not named:
        message = f"{folder} holds several sessions: {', '.join(p.name for p in found[:6])}."
        raise SessionError(message, hint="Name the one that you mean.", code="AMA-204")
    return (named or found)[0]


def read_session_file(path: Path) -> ArdourSession:
    """Return what an .ardour file says; `SessionError` (AMA-204) where it is none, (AMA-201) where no track can be read."""
    root = session_tree(path)
    reader = _reader(root, path.absolute().parent)
    routes = [(route, _regions(reader, route)) for route in root.iterfind("Routes/Route")]
    plain = [(route, regions) for route, regions in routes if regions]
    if not plain:
        why = "; ".join(f"{name}: {reason}" for name, reason in reader.left_out[:6])
        message = f"{path} has no track that can be read{f' ({why})' if why else ''}."
        raise SessionError(message, hint="Export stems from Ardour instead.")
    start = _start(reader, [regions for _, regions in plain])
    tracks = tuple(_track(reader, route, regions, start) for route, regions in plain)
    told = [f"{_listed(names)}: {note}." for note, names in reader.notes.items()]
    told.extend(session_notes(root.findall("Routes/Route"), reader.vcas))
    return ArdourSession(
        name=root.get("name") or path.stem,
        sample_rate_hz=reader.timeline.sample_rate_hz,
        tracks=tracks,
        left_out=tuple(reader.left_out),
        warnings=tuple(told),
    )


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_MOST_SHOWN])
    rest = len(names) - _MOST_SHOWN
    return shown if rest <= 0 else f"{shown} and {rest} more"


def _reader(root: Element, folder: Path) -> _Reader:
    timeline = timeline_of(root)
    nodes = {node.get("id", ""): node for node in root.iterfind("Sources/Source")}
    folders = tuple(sorted((folder / "interchange").glob("*/audiofiles")))
    playlists = [
        *root.iterfind("Playlists/Playlist"),
        *root.iterfind("UnusedPlaylists/Playlist"),
    ]
    options = {o.get("name"): o.get("value") for o in root.iterfind("Config/Option")}
    return _Reader(
        root=root,
        timeline=timeline,
        sources=Sources(nodes, folders, timeline.sample_rate_hz),
        playlists={node.get("id", ""): node for node in playlists},
        busses=frozenset(
            route.get("name", "")
            for route in root.iterfind("Routes/Route")
            if "AudioBus" in flags_of(route)
        ),
        vcas=vcas_of(root),
        use_fades=options.get("use-region-fades", "1") not in {"0", "no"},
    )


def _regions(reader: _Reader, route: Element) -> Regions | None:
    """Return what a route plays; None for what has no stem, and the reason goes to `left_out` where it might be missed."""
    reason = _unread_kind(route)
    playlist = reader.playlists.get(route.get("audio-playlist", ""))
    if reason == "" and playlist is None:
        reason = "it has no playlist"
    if reason:
        reader.left_out.append((route.get("name", ""), reason))
    if reason is None or reason or playlist is None:
        return None
    try:
        channels = channels_of(playlist, _inputs(route))
        return regions_of(
            playlist,
            channels=channels,
            gains=_gains_before_fader(route, channels),
            sources=reader.sources,
            timeline=reader.timeline,
            use_fades=reader.use_fades,
        )
    except NotPlainError as error:
        reader.left_out.append((route.get("name", ""), str(error)))
        return None


def _unread_kind(route: Element) -> str | None:
    """Return why a route of this kind has no stem, empty for an audio track, None for what nobody misses (master, monitor)."""
    flags = flags_of(route)
    if flags & {"MasterOut", "MonitorOut", "Auditioner", "SurroundMaster"}:
        return None
    if "MidiTrack" in flags or route.get("default-type") == "midi":
        return "a MIDI track: its sound is made by a plugin when Ardour plays it"
    if flags & {"AudioBus", "FoldbackBus"}:
        return "a bus: what it does to its tracks is not in their regions"
    if not switched(route, "active", default=True):
        return "it is switched off"
    return ""


def _inputs(route: Element) -> int:
    for io in route.iterfind("IO"):
        if io.get("direction") == "Input":
            return sum(port.get("type") == "audio" for port in io.iterfind("Port"))
    return 0


def _gains_before_fader(route: Element, channels: int) -> list[float]:
    """Return what trim and the polarity switches do to each channel."""
    trim = control_of(route, "Processor[@type='trim']/", "trimcontrol", 1.0)
    phase = next((c for c in route.iterfind("Controllable") if c.get("name") == "phase"), None)
    bits = (phase.get("phase-invert", "") if phase is not None else "")[::-1]
    return [-trim if bits[c : c + 1] == "1" else trim for c in range(channels)]


def _start(reader: _Reader, regions: list[Regions]) -> int:
    """Return where stems begin: at the session's start marker, or at the first region where that is earlier."""
    first = min(part.at_frame for each in regions for part in each.parts)
    for location in reader.root.iterfind("Locations/Location"):
        if "IsSessionRange" in location.get("flags", ""):
            try:
                return min(first, reader.timeline.position(location.get("start", "0")))
            except UnreadTimeError:
                break
    return first


def _track(reader: _Reader, route: Element, regions: Regions, start: int) -> ArdourTrack:
    name = route.get("name", "")
    active = active_plugins(route)
    for note in [*regions.notes, *track_notes(route, active, reader.busses, reader.vcas)]:
        reader.notes.setdefault(note, []).append(name)
    edits = regions.edit_list(start, reader.timeline.sample_rate_hz)
    return ArdourTrack(
        id=route.get("id", ""),
        name=name,
        fader_db=fader_db_of(route, reader.vcas),
        pan=min(max(2 * control_of(route, "Pannable/", "pan-azimuth", 0.5) - 1, -1.0), 1.0),
        muted=control_of(route, "", "mute", 0.0) > 0 or reader.vcas.mute(route),
        plugins=active,
        stem=_whole_file(edits, reader.sources) or edits,
        automated=automated_controls(route),
    )


def _whole_file(edits: EditList, sources: Sources) -> Path | None:
    """Return the file that an edit list plays from end to end, untouched; None where it does more."""
    if len(edits.parts) != 1:
        return None
    part = edits.parts[0]
    path = part.sources[0].path
    file = sources.opened(path)
    channels = [source.channel for source in part.sources if source.path == path]
    whole_file = (
        channels == list(range(file.channels))
        and file.channels == edits.channels
        and (part.at_frame, part.skip_frames, part.frames) == (0, 0, file.file_frames)
        and all(gain == 1.0 for gain in part.gains)
        and not (part.envelope or part.fade_in or part.fade_out)
    )
    return path if whole_file else None
