"""Tracks, selection, sends, envelopes, items."""
# ruff: noqa: N802  # a call's function has the call's name

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.daw.reaper.fake.calls import call
from tests.daw.reaper.fake.project import SEND_VALUES, TRACK_VALUES, Envelope, Send, Track

if TYPE_CHECKING:
    from tests.daw.fake_reaper import FakeReaper

_NOT_UNDONE = ("I_FOLDERCOMPACT", "B_SHOWINMIXER", "B_SHOWINTCP")


@call
def CountTracks(fake: FakeReaper, _project: object) -> int:
    return len(fake.project.tracks)


@call
def GetNumTracks(fake: FakeReaper) -> int:
    return len(fake.project.tracks)


@call
def GetTrack(fake: FakeReaper, _project: object, at: int) -> Track | None:
    return fake.project.tracks[at] if 0 <= at < len(fake.project.tracks) else None


@call
def GetMasterTrack(fake: FakeReaper, _project: object) -> Track:
    return fake.project.master


@call
def GetParentTrack(fake: FakeReaper, track: Track) -> Track | None:
    return fake.project.parents().get(track.guid)


@call
def GetTrackDepth(fake: FakeReaper, track: Track) -> int:
    parents, depth = fake.project.parents(), 0
    above = parents.get(track.guid)
    while above is not None:
        depth, above = depth + 1, parents.get(above.guid)
    return depth


@call
def GetTrackGUID(fake: FakeReaper, track: Track) -> str:
    return track.guid


@call
def GetTrackName(fake: FakeReaper, track: Track) -> tuple[bool, str]:
    if track is fake.project.master:
        return True, "MASTER"
    return True, track.name or f"Track {fake.project.tracks.index(track) + 1}"


@call
def GetSetMediaTrackInfo_String(
    fake: FakeReaper, track: Track, key: str, value: str, is_set: bool
) -> tuple[bool, str]:
    if key.startswith("P_EXT:"):
        return _extra(fake, track.extra, key, value, is_set)
    if key == "P_NAME":
        if is_set:
            fake.change("track", f"the name of {track.name}")
            track.name = value
        return True, track.name
    if key == "GUID" and not is_set:
        return True, track.guid
    raise fake.unknown(f"GetSetMediaTrackInfo_String({key!r}, set={is_set})")


def _extra(
    fake: FakeReaper, extra: dict[str, str], key: str, value: str, is_set: bool
) -> tuple[bool, str]:
    if is_set:
        fake.change("track", key)
        extra[key] = value
        return True, value
    return key in extra, extra.get(key, "")


@call
def GetMediaTrackInfo_Value(fake: FakeReaper, track: Track, key: str) -> Any:
    if key in TRACK_VALUES:
        return track.values[key]
    if key == "IP_TRACKNUMBER":
        return -1.0 if track is fake.project.master else fake.project.tracks.index(track) + 1.0
    if key == "I_SELECTED":
        return float(track.selected)
    if key == "I_AUTOMODE":
        return float(track.automation)
    if key == "P_PARTRACK":
        return fake.project.parents().get(track.guid)
    raise fake.unknown(f"GetMediaTrackInfo_Value({key!r})")


@call
def SetMediaTrackInfo_Value(fake: FakeReaper, track: Track, key: str, value: float) -> bool:
    if key == "I_SELECTED":
        track.selected = value != 0
        return True
    if key not in TRACK_VALUES:
        raise fake.unknown(f"SetMediaTrackInfo_Value({key!r})")
    if key not in _NOT_UNDONE:
        fake.change("track", f"{key} of {track.name}")
    if key == "D_PAN" and not -1 <= value <= 1:
        raise fake.unknown(f"D_PAN {value}")
    if key == "I_NCHAN" and (value % 2 or not 2 <= value <= 128):  # REAPER's channel counts
        raise fake.unknown(f"I_NCHAN {value}")
    track.values[key] = float(int(value)) if key[0] in "IBC" else value
    return True


@call
def GetTrackUIPan(fake: FakeReaper, track: Track) -> tuple[bool, float, float, int]:
    mode = int(track.values["I_PANMODE"])
    mode = fake.project.pan_mode if mode < 0 else mode
    dual = mode == 6  # dual pan
    first, second = ("D_DUALPANL", "D_DUALPANR") if dual else ("D_PAN", "D_WIDTH")
    return True, track.values[first], track.values[second], mode


@call
def GetTrackUIVolPan(fake: FakeReaper, track: Track) -> tuple[bool, float, float]:
    return True, track.volume, track.pan


@call
def ValidatePtr(fake: FakeReaper, pointer: object, kind: str) -> bool:
    return getattr(pointer, "lua_type", None) == kind.removesuffix("*") and not getattr(
        pointer, "deleted", False
    )


@call
def ValidatePtr2(fake: FakeReaper, _project: object, pointer: object, kind: str) -> bool:
    return ValidatePtr(fake, pointer, kind)


@call
def AnyTrackSolo(fake: FakeReaper, _project: object) -> bool:
    return any(track.values["I_SOLO"] for track in fake.project.tracks)


def _selected(fake: FakeReaper, with_master: bool) -> list[Track]:
    tracks = fake.project.strips() if with_master else iter(fake.project.tracks)
    return [track for track in tracks if track.selected]


@call
def CountSelectedTracks(fake: FakeReaper, _project: object) -> int:
    return len(_selected(fake, False))


@call
def CountSelectedTracks2(fake: FakeReaper, _project: object, with_master: bool) -> int:
    return len(_selected(fake, with_master))


@call
def GetSelectedTrack(fake: FakeReaper, _project: object, at: int) -> Track | None:
    return dict(enumerate(_selected(fake, False))).get(at)


@call
def GetSelectedTrack2(
    fake: FakeReaper, _project: object, at: int, with_master: bool
) -> Track | None:
    return dict(enumerate(_selected(fake, with_master))).get(at)


@call
def IsTrackSelected(fake: FakeReaper, track: Track) -> bool:
    return track.selected


@call
def SetTrackSelected(fake: FakeReaper, track: Track, selected: bool) -> None:
    track.selected = selected


@call
def SetOnlyTrackSelected(fake: FakeReaper, track: Track) -> None:
    for each in fake.project.strips():
        each.selected = each is track


@call
def GetTrackAutomationMode(fake: FakeReaper, track: Track) -> int:
    return track.automation


@call
def GetGlobalAutomationOverride(fake: FakeReaper) -> int:
    return -1


def _sends(fake: FakeReaper, track: Track, category: int) -> list[tuple[Track, Send]]:
    """Return (from, send): a track's own sends, or what it receives."""
    if category > 0:
        return []
    if category == 0:
        return [(track, send) for send in track.sends]
    return [
        (other, send) for other in fake.project.tracks for send in other.sends if send.to is track
    ]


def _send(fake: FakeReaper, track: Track, category: int, at: int) -> tuple[Track, Send] | None:
    return dict(enumerate(_sends(fake, track, category))).get(at)


@call
def GetTrackNumSends(fake: FakeReaper, track: Track, category: int) -> int:
    return len(_sends(fake, track, category))


@call
def CreateTrackSend(fake: FakeReaper, track: Track, to: Track | None) -> int:
    if to is None:
        raise fake.unknown("CreateTrackSend to the hardware")
    fake.change("track", f"a send from {track.name} to {to.name}")
    if to is track or to is fake.project.master:
        return -1
    track.sends.append(Send(to))
    return len(track.sends) - 1


@call
def RemoveTrackSend(fake: FakeReaper, track: Track, category: int, at: int) -> bool:
    found = _send(fake, track, category, at)
    if found is None:
        return False
    fake.change("track", f"a send of {track.name}")
    found[0].sends.remove(found[1])
    return True


@call
def GetTrackSendInfo_Value(fake: FakeReaper, track: Track, category: int, at: int, key: str) -> Any:
    found = _send(fake, track, category, at)
    if found is None:
        return 0.0
    if key in ("P_DESTTRACK", "P_SRCTRACK"):
        return found[1].to if key == "P_DESTTRACK" else found[0]
    if key not in SEND_VALUES:
        raise fake.unknown(f"GetTrackSendInfo_Value({key!r})")
    return found[1].values[key]


@call
def SetTrackSendInfo_Value(
    fake: FakeReaper, track: Track, category: int, at: int, key: str, value: float
) -> bool:
    found = _send(fake, track, category, at)
    if key not in SEND_VALUES:
        raise fake.unknown(f"SetTrackSendInfo_Value({key!r})")
    if found is None:
        return False
    fake.change("track", f"{key} of a send of {track.name}")
    found[1].values[key] = value
    return True


@call
def GetTrackSendName(fake: FakeReaper, track: Track, at: int) -> tuple[bool, str]:
    found = _send(fake, track, 0, at)
    return (True, found[1].to.name) if found else (False, "")


@call
def GetSetTrackSendInfo_String(
    fake: FakeReaper, track: Track, category: int, at: int, key: str, value: str, is_set: bool
) -> tuple[bool, str]:
    if not key.startswith("P_EXT:"):
        raise fake.unknown(f"GetSetTrackSendInfo_String({key!r})")
    found = _send(fake, track, category, at)
    return _extra(fake, found[1].extra, key, value, is_set) if found else (False, "")


@call
def CountTrackEnvelopes(fake: FakeReaper, track: Track) -> int:
    return len(track.envelopes)


@call
def GetTrackEnvelope(fake: FakeReaper, track: Track, at: int) -> Envelope | None:
    return dict(enumerate(track.envelopes.values())).get(at)


@call
def GetTrackEnvelopeByName(fake: FakeReaper, track: Track, name: str) -> Envelope | None:
    return track.envelopes.get(name)


@call
def GetEnvelopeName(fake: FakeReaper, envelope: Envelope) -> tuple[bool, str]:
    return True, envelope.name


@call
def CountEnvelopePoints(fake: FakeReaper, envelope: Envelope) -> int:
    return envelope.points


@call
def CountAutomationItems(fake: FakeReaper, envelope: Envelope) -> int:
    return envelope.items


@call
def GetEnvelopeStateChunk(
    fake: FakeReaper, envelope: Envelope, _text: str, _undo: object
) -> tuple[bool, str]:
    return (
        True,
        f"<{envelope.name.upper()}ENV\nACT {int(envelope.active)} -1\nVIS 1 1 1\nLANEHEIGHT 0 0\nARM 0\n>",
    )


@call
def GetSetEnvelopeInfo_String(
    fake: FakeReaper, envelope: Envelope, key: str, _value: str, is_set: bool
) -> tuple[bool, str]:
    if key != "ACTIVE" or is_set:
        raise fake.unknown(f"GetSetEnvelopeInfo_String({key!r})")
    return (True, str(int(envelope.active))) if fake.newer_than(7) else (False, "")
