"""The session: tracks with their stems and their present fader, pan and mute."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal, TypeAlias, get_args

from ama_analysis.errors import SessionError
from ama_analysis.rates import RATES, is_rate
from ama_analysis.reference import Reference
from ama_analysis.roles import Role, role_from_name

RoleFrom: TypeAlias = Literal["name", "sound"]
Control: TypeAlias = Literal["fader", "pan", "effects"]
"""What of a track a suggestion changes."""
CONTROLS: Final[tuple[Control, ...]] = get_args(Control)
FADER_RANGE_DB: Final = (-200.0, 60.0)
"""What a track's fader may be; at the lowest it is shut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One track: its stem is pre-fader; `fader_db` and `pan` (-1 left .. +1 right) are what the DAW has now.

    `role_from` says whether the role is from the name or, where that says nothing, from the sound. What is `locked` the user has settled, what is `automated`
    the DAW moves by itself: neither is AMA's to change.
    """

    id: str
    name: str
    path: Path
    role: Role = "other"
    role_confidence: float = 0.0
    fader_db: float = 0.0
    pan: float = 0.0
    muted: bool = False
    plugins: tuple[str, ...] = ()
    role_from: RoleFrom = "name"
    locked: bool = False
    automated: tuple[Control, ...] = ()

    def __post_init__(self) -> None:
        if not self.id:
            message = f"A track ({self.name!r}) has no id."
            raise SessionError(message, hint="Give every track an id.", code="AMA-202")
        if not -1.0 <= self.pan <= 1.0:
            message = f"Track {self.id!r} has pan {self.pan!r}."
            raise SessionError(
                message, hint="Pan goes from -1 (left) to +1 (right).", code="AMA-501"
            )
        lowest_db, highest_db = FADER_RANGE_DB
        if not lowest_db <= self.fader_db <= highest_db:
            message = f"Track {self.id!r} has its fader at {self.fader_db!r} dB."
            raise SessionError(message, hint="Faders go from -200 to +60 dB.", code="AMA-501")

    @property
    def silenced(self) -> bool:
        """Whether the track is out of the mix as it stands: muted, or its fader shut."""
        return self.muted or self.fader_db == FADER_RANGE_DB[0]


def fader_in_range(fader_db: float | str | None) -> float | str:
    """Return a fader as a DAW tells it with one that is shut (minus infinity, "-inf", null, below all that a track knows) at the lowest; else as it is."""
    lowest_db = FADER_RANGE_DB[0]
    if fader_db is None or fader_db == "-inf":
        return lowest_db
    return fader_db if isinstance(fader_db, str) else max(fader_db, lowest_db)


def track_of(
    path: Path, *, track_id: str | None = None, name: str | None = None, title: str = ""
) -> Track:
    """Return a track for a stem; id and name are the file's stem unless given, the role comes from the name behind the song's title."""
    name = name or path.stem
    role = role_from_name(name.removeprefix(title))
    return Track(
        id=track_id or path.stem,
        name=name,
        path=path,
        role=role.role,
        role_confidence=role.confidence,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Tracks at one sample rate; `duration_s` is that of the longest stem, shorter ones are padded at the end.

    `project` is the DAW's own file where the session was read from one, `separated_from` the finished mix of which the tracks are parts.
    """

    name: str
    tracks: tuple[Track, ...]
    sample_rate_hz: int
    duration_s: float
    references: tuple[Reference, ...] = ()
    mix: Path | None = None
    warnings: tuple[str, ...] = field(default=())
    project: Path | None = None
    separated_from: Path | None = None

    def __post_init__(self) -> None:
        if not is_rate(self.sample_rate_hz):
            message = f"Session {self.name!r} has the sample rate {self.sample_rate_hz!r}."
            raise SessionError(message, hint=RATES, code="AMA-501")
        twice = [name for name, count in Counter(t.id for t in self.tracks).items() if count > 1]
        if twice:
            message = f"Two tracks have the id {twice[0]!r}."
            raise SessionError(message, hint="Rename one of the stems.", code="AMA-202")
        if any(t.id == "master" for t in self.tracks):
            message = "A track has the id 'master', which means the master bus."
            raise SessionError(message, hint="Give the track another id.", code="AMA-202")

    def track(self, track_id: str) -> Track:
        """Return the track of that id; `SessionError` if there is none."""
        for track in self.tracks:
            if track.id == track_id:
                return track
        raise self._unknown(track_id)

    def with_locked(self, names: Collection[str], *, where_there: bool = False) -> Session:
        """Return the session with these tracks locked and no others, each named by its id or its name.

        Where one is not there: `SessionError` (AMA-203), or a warning with `where_there`.
        """
        known = {name for track in self.tracks for name in (track.id, track.name)}
        missing = [name for name in names if name not in known]
        if missing and not where_there:
            raise self._unknown(missing[0])
        told = tuple(f"There is no track {name!r} here to be locked." for name in missing)
        tracks = (replace(t, locked=t.id in names or t.name in names) for t in self.tracks)
        return replace(self, tracks=tuple(tracks), warnings=(*self.warnings, *told))

    def _unknown(self, name: str) -> SessionError:
        message = f"There is no track {name!r} in session {self.name!r}."
        known = ", ".join(t.id for t in self.tracks)
        return SessionError(message, hint=f"It has: {known}.", code="AMA-203")
