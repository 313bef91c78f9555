"""The project: tracks with what hangs on them, and all of it as a value that can be compared and gone back to."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tests.daw.reaper.fake.effects import Effect
from tests.daw.reaper.fake.render_settings import RenderSettings

State = dict[str, Any]

TRACK_VALUES: Final = {
    "B_MUTE": 0.0, "B_PHASE": 0.0, "I_SOLO": 0.0, "B_SOLO_DEFEAT": 0.0, "I_FXEN": 1.0, "I_RECARM": 0.0, "I_RECINPUT": 0.0, "I_RECMODE": 0.0,
    "I_RECMON": 0.0, "I_NCHAN": 2.0, "I_FOLDERDEPTH": 0.0, "I_FOLDERCOMPACT": 0.0, "D_VOL": 1.0, "D_PAN": 0.0, "D_WIDTH": 1.0,
    "D_DUALPANL": -1.0, "D_DUALPANR": 1.0, "I_PANMODE": -1.0, "D_PANLAW": -1.0, "B_SHOWINMIXER": 1.0, "B_SHOWINTCP": 1.0, "B_MAINSEND": 1.0,
    "C_MAINSEND_OFFS": 0.0, "I_PLAY_OFFSET_FLAG": 1.0, "D_PLAY_OFFSET": 0.0, "I_CUSTOMCOLOR": 0.0, "I_PERFFLAGS": 0.0,
}  # fmt: skip
"""What SetMediaTrackInfo_Value may set, with a new track's values. I_PANMODE -1 is the project's own; I_PLAY_OFFSET_FLAG &1 is "bypassed"."""

SEND_VALUES: Final = {
    "B_MUTE": 0.0, "B_PHASE": 0.0, "B_MONO": 0.0, "D_VOL": 1.0, "D_PAN": 0.0, "D_PANLAW": -1.0, "I_SENDMODE": 0.0, "I_AUTOMODE": -1.0,
    "I_SRCCHAN": 0.0, "I_DSTCHAN": 0.0, "I_MIDIFLAGS": 0.0,
}  # fmt: skip


def new_guid() -> str:
    """Return an id as REAPER writes them."""
    return "{" + str(uuid.uuid4()).upper() + "}"


@dataclass(eq=False)
class Envelope:
    """An automation lane of a track; one without points that is not active does nothing."""

    name: str
    track: Track
    active: bool = True
    points: int = 2
    items: int = 0
    lua_type = "TrackEnvelope"

    def state(self) -> State:
        return {"active": self.active, "points": self.points, "items": self.items}


@dataclass(eq=False)
class Send:
    """A send from the track in whose list it stands."""

    to: Track
    values: dict[str, float] = field(default_factory=lambda: dict(SEND_VALUES))
    extra: dict[str, str] = field(default_factory=dict)

    def state(self) -> State:
        return {"to": self.to.guid, "values": dict(self.values), "extra": dict(self.extra)}


@dataclass(eq=False)
class Track:
    """One track or the master. `sound` is what its items hold, (channels, frames) at the project's rate; `played` is the same after its effects."""

    name: str = ""
    guid: str = field(default_factory=new_guid)
    values: dict[str, float] = field(default_factory=lambda: dict(TRACK_VALUES))
    extra: dict[str, str] = field(default_factory=dict)
    fx: list[Effect] = field(default_factory=list)
    sends: list[Send] = field(default_factory=list)
    envelopes: dict[str, Envelope] = field(default_factory=dict)
    automation: int = 0
    selected: bool = False
    sound: npt.NDArray[np.float32] | None = None
    effect_gain: float = 1.0
    midi: bool = False
    items: list[Any] | None = None
    deleted: bool = False
    lua_type = "MediaTrack"

    @property
    def volume(self) -> float:
        return self.values["D_VOL"]

    @volume.setter
    def volume(self, value: float) -> None:
        self.values["D_VOL"] = value

    @property
    def pan(self) -> float:
        return self.values["D_PAN"]

    @pan.setter
    def pan(self, value: float) -> None:
        self.values["D_PAN"] = value

    def automate(self, name: str, *, points: int = 2, active: bool = True) -> Envelope:
        """Give the track an envelope: "Volume", "Pan", "Volume (Pre-FX)"."""
        self.envelopes[name] = Envelope(name, self, active, points)
        return self.envelopes[name]

    def state(self) -> State:
        return {
            "guid": self.guid, "name": self.name, "values": dict(self.values), "extra": dict(self.extra), "fx": [fx.state() for fx in self.fx],
            "sends": [send.state() for send in self.sends], "envelopes": {name: each.state() for name, each in self.envelopes.items()},
            "automation": self.automation,
        }  # fmt: skip


class Project:
    """An open project. `state()` is all that undo knows; render settings, selection and ext state are beside it, as in REAPER."""

    lua_type = "ReaProject"

    def __init__(
        self,
        path: Path | None,
        *,
        sample_rate_hz: int = 48_000,
        pan_mode: int = 3,
        pan_law: float = 1.0,
    ) -> None:
        self.path = path
        self.sample_rate_hz = sample_rate_hz
        self.has_own_rate = True
        self.pan_mode = pan_mode
        self.pan_law = pan_law
        self.tracks: list[Track] = []
        self.master = Track("MASTER")
        self.ext_state: dict[tuple[str, str], str] = {}
        self.render = RenderSettings()
        self.play_state = 0
        self.time_selection = (0.0, 0.0)
        self.change_count = 0
        self.dirty = False
        self.undo: Callable[[], str] = lambda: ""
        self._known: dict[str, Track] = {}
        self._known_fx: dict[str, Effect] = {}

    def add(self, name: str, **values: Any) -> Track:
        """Add a track at the end; attributes by name (`sound`, `midi`, `items`), values by REAPER's names (`D_VOL`)."""
        track = Track(name)
        for key, value in values.items():
            if key in TRACK_VALUES:
                track.values[key] = float(value)
            else:
                setattr(track, key, value)
        self.tracks.append(track)
        return track

    def __getitem__(self, name: str) -> Track:
        return next(track for track in self.tracks if track.name == name)

    def delete(self, track: Track) -> None:
        """Take a track away, as a user would: what pointed to it points nowhere, and sends to it are gone."""
        self.remember()
        self.tracks.remove(track)
        track.deleted = True
        for other in self.tracks:
            other.sends = [send for send in other.sends if send.to is not track]

    def parents(self) -> dict[str, Track | None]:
        """Return each track's folder by the track's id."""
        found: dict[str, Track | None] = {}
        open_folders: list[Track] = []
        for track in self.tracks:
            found[track.guid] = open_folders[-1] if open_folders else None
            depth = int(track.values["I_FOLDERDEPTH"])
            if depth > 0:
                open_folders.append(track)
            elif depth < 0:
                del open_folders[depth:]
        return found

    def strips(self) -> Iterator[Track]:
        yield self.master
        yield from self.tracks

    def state(self) -> State:
        self.remember()
        return {
            "master": self.master.state(),
            "tracks": [track.state() for track in self.tracks],
            "ext_state": dict(self.ext_state),
        }

    def remember(self) -> None:
        """Keep who is there, so that going back gives the same objects."""
        for track in self.strips():
            self._known[track.guid] = track
            self._known_fx.update((fx.guid, fx) for fx in track.fx)

    def restore(self, state: State) -> None:
        """Go back to a state: tracks that were deleted are there again."""
        self.remember()
        for track in self.tracks:
            track.deleted = True
        self.tracks = [self._known[each["guid"]] for each in state["tracks"]]
        for track, each in zip(self.strips(), [state["master"], *state["tracks"]], strict=True):
            self._restore_track(track, each)
        self.ext_state = dict(state["ext_state"])

    def _restore_track(self, track: Track, state: State) -> None:
        track.deleted = False
        track.name, track.automation = state["name"], state["automation"]
        track.values, track.extra = dict(state["values"]), dict(state["extra"])
        track.fx = [self._known_fx[each["guid"]] for each in state["fx"]]
        for fx, each in zip(track.fx, state["fx"], strict=True):
            fx.restore(each)
        track.sends = [
            Send(self._known[each["to"]], dict(each["values"]), dict(each["extra"]))
            for each in state["sends"]
        ]
        track.envelopes = {
            name: Envelope(name, track, each["active"], each["points"], each["items"]) for name, each in state["envelopes"].items()
        }  # fmt: skip
