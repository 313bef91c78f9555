"""An Ardour session file to a session, without Ardour: tracks, faders, pans, mutes, plugins, and their regions as stems.

What flows out is `ArdourSession`: faders and pans are Ardour's own (`pan_law.heard` turns them into AMA's), stems are edit lists of the
session's sound files, or a file itself where a track is just that. What the regions do not hold (effects, busses, automation) is told in
`warnings`; tracks that cannot be read are told in `left_out`, each with its reason. The file is read and never written.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element

from ama_analysis.audio import EditList
from ama_analysis.errors import SessionError
from ama_bridge.daw.ardour.session_regions import (
    NotPlainError,
    Regions,
    Sources,
    channels_of,
    regions_of,
)
from ama_bridge.daw.ardour.session_xml import (
    Timeline,
    UnreadTimeError,
    number,
    session_tree,
    switched,
    timeline_of,
)

SUFFIX: Final = ".ardour"
_LOWEST_DB: Final = -200.0
_HEARD_DB: Final = 0.05
_PLUGIN_TYPES: Final = frozenset(
    ["ladspa", "lv2", "vst", "windows-vst", "lxvst", "mac-vst", "vst3", "audiounit", "luaproc"]
)


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
    use_fades: bool
    left_out: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


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
    _tell_of_master(reader)
    _tell_of_solo(reader, [route for route, _ in plain])
    return ArdourSession(
        name=root.get("name") or path.stem,
        sample_rate_hz=reader.timeline.sample_rate_hz,
        tracks=tracks,
        left_out=tuple(reader.left_out),
        warnings=tuple(reader.warnings),
    )


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
            route.get("name", "") for route in root.iterfind("Routes/Route") if _is_bus(route)
        ),
        use_fades=options.get("use-region-fades", "1") not in {"0", "no"},
    )


def _flags(route: Element) -> frozenset[str]:
    info = route.find("PresentationInfo")
    return frozenset((info.get("flags", "") if info is not None else "").split(","))


def _is_bus(route: Element) -> bool:
    return "AudioBus" in _flags(route)


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
    flags = _flags(route)
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
    trim = _control(route, "Processor[@type='trim']/", "trimcontrol", 1.0)
    phase = next((c for c in route.iterfind("Controllable") if c.get("name") == "phase"), None)
    bits = (phase.get("phase-invert", "") if phase is not None else "")[::-1]
    return [-trim if bits[c : c + 1] == "1" else trim for c in range(channels)]


def _control(route: Element, where: str, name: str, default: float) -> float:
    """Return the value of a control of the route's own (sends have faders and pans too)."""
    for control in route.iterfind(f"{where}Controllable"):
        if control.get("name") == name:
            return number(control, "value", default)
    return default


def _fader_db(route: Element) -> float:
    gain = _control(route, "Processor[@type='amp']/", "gaincontrol", 1.0)
    return max(20 * math.log10(gain), _LOWEST_DB) if gain > 0 else _LOWEST_DB


def _active_plugins(route: Element) -> tuple[str, ...]:
    plugins = [p for p in route.iterfind("Processor") if p.get("type") in _PLUGIN_TYPES]
    return tuple(p.get("name", "?") for p in plugins if switched(p, "active", default=True))


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
    active = _active_plugins(route)
    for note in [*regions.notes, *_notes(reader, route, active)]:
        reader.warnings.append(f"{name}: {note}.")
    edits = regions.edit_list(start, reader.timeline.sample_rate_hz)
    return ArdourTrack(
        id=route.get("id", ""),
        name=name,
        fader_db=_fader_db(route),
        pan=min(max(2 * _control(route, "Pannable/", "pan-azimuth", 0.5) - 1, -1.0), 1.0),
        muted=_control(route, "", "mute", 0.0) > 0,
        plugins=active,
        stem=_whole_file(edits, reader.sources) or edits,
    )


def _notes(reader: _Reader, route: Element, plugins: tuple[str, ...]) -> list[str]:
    """Return what a track does to its sound that is not in its regions."""
    notes = []
    if plugins:
        notes.append(f"its effects ({', '.join(plugins)}) are not in the regions")
    through = sorted(reader.busses & _outputs(route))
    if through:
        notes.append(f"it goes through {', '.join(through)}, of which AMA knows nothing here")
    moving = sorted(
        a.get("automation-id", "")
        for a in route.iter("AutomationList")
        if a.get("automation-id") in {"gain", "pan-azimuth", "mute", "trim"}
        and a.get("state") in {"Play", "Touch", "Latch"}
    )
    if moving:
        notes.append(f"its automation ({', '.join(moving)}) counts as it stood when it was saved")
    if any(p.get("type") in {"internal-send", "send"} for p in route.iterfind("Processor")):
        notes.append("its sends are not counted")
    if any(p.get("type") == "intreturn" for p in route.iterfind("Processor")):
        notes.append("what is sent to it is not in its regions")
    if any(trigger.get("region") for trigger in route.iter("Trigger")):
        notes.append("the clips in its cue slots are not counted")
    if route.find("Slavable/Master") is not None:
        notes.append("the VCA that it follows is not counted")
    panner = next(route.iter("PannerShell"), None)
    if panner is not None and switched(panner, "bypassed", default=False):
        notes.append("its panner is bypassed, so its pan has no effect")
    return notes


def _outputs(route: Element) -> frozenset[str]:
    """Return the names of the routes to which a track is connected."""
    return frozenset(
        connection.get("other", "").rpartition("/")[0]
        for io in route.iterfind("IO")
        if io.get("direction") == "Output"
        for connection in io.iter("Connection")
    )


def _tell_of_master(reader: _Reader) -> None:
    for route in reader.root.iterfind("Routes/Route"):
        if "MasterOut" not in _flags(route):
            continue
        if plugins := _active_plugins(route):
            reader.warnings.append(
                f"The master bus has effects ({', '.join(plugins)}) that are not counted."
            )
        if abs(fader_db := _fader_db(route)) > _HEARD_DB:
            reader.warnings.append(
                f"The master fader stands at {fader_db:+.1f} dB, which is not counted."
            )


def _tell_of_solo(reader: _Reader, routes: list[Element]) -> None:
    soloed = [route.get("name", "") for route in routes if _soloed(route)]
    if soloed:
        reader.warnings.append(f"Solo is not counted ({', '.join(soloed)}).")


def _soloed(route: Element) -> bool:
    return any(
        c.get("name") == "solo" and c.get("self-solo") == "1"
        for c in route.iterfind("Controllable")
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
