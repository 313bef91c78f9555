"""A session and its suggestions as sound: all tracks side by side into strips, their sum through the master bus.

    strip (see `strip`) -> sum -> master EQ -> compressor -> gain -> true-peak limiter -> trim

Each walk makes fresh plugins. Shorter stems are followed by silence; the mix is as long as the longest stem (a delayed track does not
make it longer) and everything stays in its place: what a plugin looks ahead is made up for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, Self, TypeAlias

import numpy as np

from ama_analysis.audio import BLOCK_FRAMES, Block, Sound
from ama_analysis.chains import PluginSetting
from ama_analysis.errors import RenderError
from ama_analysis.plan import MASTER, Sidechain, Suggestion
from ama_analysis.render.plugins import board_of, in_order, settings_at, settings_of
from ama_analysis.render.stream import STEP_FRAMES, Chained, cut, steps, through
from ama_analysis.render.strip import Strip, StripSettings, strip_settings
from ama_analysis.session import Session, Track

SoundOf: TypeAlias = Callable[[Track], Sound]
"""Gives a track's stem at the session's rate."""
OnStems: TypeAlias = Callable[[Sequence[Block]], None]
"""Hears the next frames of all unmuted stems, side by side, before anything is done to them."""

THREADS: Final = 2
"""Pedalboard and the decoders let go of Python's lock; two threads are what every machine has."""
_ON_MASTER: Final = frozenset({"master_eq", "compressor", "limiter"})
_ON_TRACK: Final = frozenset(
    {
        *("polarity", "gate", "high_pass", "low_pass", "eq_band"),
        *("compressor", "sidechain", "gain", "pan"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixdown:
    """A mix, itself a stereo `Sound`: nothing is rendered before `blocks` is walked, and each walk renders anew.

    Without suggestions it is the mix as it stands: the session's faders, pans and mutes. `master=False` leaves the master bus out.
    `trim_db` is the last gain of all; `on_stems` hears the stems on their way, so that who needs them does not decode them again. Raises `SessionError` (AMA-203) for a track or trigger that the session does not have, and
    `RenderError` for an action in the wrong place; walking raises what the stems' sounds raise.
    """

    session: Session
    suggestions: tuple[Suggestion, ...] = ()
    sound_of: SoundOf
    master: bool = True
    trim_db: float = 0.0
    on_stems: OnStems | None = None

    def __post_init__(self) -> None:
        check_places(self.session, self.suggestions)

    @property
    def sample_rate_hz(self) -> int:
        """The session's rate."""
        return self.session.sample_rate_hz

    @property
    def channels(self) -> int:
        """Two."""
        return 2

    @property
    def frames(self) -> int:
        """The length of the longest stem."""
        return max((self.sound_of(track).frames for track in self.session.tracks), default=0)

    def with_trim(self, trim_db: float) -> Self:
        """Return the same mix with another last gain."""
        return replace(self, trim_db=trim_db)

    def blocks(self, block_frames: int = BLOCK_FRAMES) -> Iterator[Block]:
        """Render the mix, (2, n) a block."""
        parts = self._sums()
        plugins = settings_at(self._master_plugins(), self.sample_rate_hz)
        if plugins:
            parts = through(board_of(plugins), parts, self.sample_rate_hz)
        if self.trim_db:
            parts = _scaled(parts, self.trim_db)
        return cut(parts, self.frames, block_frames)

    def _master_plugins(self) -> tuple[PluginSetting, ...]:
        return master_plugins(self.suggestions) if self.master else ()

    def _sums(self) -> Iterator[Block]:
        heard = [track for track in self.session.tracks if not track.muted]
        lanes = self._lanes(heard)
        with ThreadPoolExecutor(THREADS) as pool:
            coming = pool.map(_Lane.decoded, lanes)
            while True:
                blocks = {name: block for some in coming for name, block in some.items()}
                coming = pool.map(_Lane.decoded, lanes)
                if self.on_stems is not None:
                    self.on_stems([blocks[track.id] for track in heard])
                mix, *others = pool.map(partial(_Lane.summed, blocks=blocks), lanes)
                for other in others:
                    mix += other
                yield mix

    def _lanes(self, heard: Sequence[Track]) -> list[_Lane]:
        """Share the tracks out to the threads, those with most plugins first, each to the thread that has least to do."""
        lanes = [_Lane() for _ in range(THREADS)]
        settings = {track.id: strip_settings(track, self.suggestions) for track in heard}
        for track in sorted(heard, key=lambda track: -len(settings[track.id].plugins)):
            lane = min(lanes, key=lambda lane: lane.plugins)
            lane.plugins += 1 + len(settings[track.id].plugins)
            lane.strips[track.id] = Strip(settings[track.id], self.sample_rate_hz)
            lane.sources[track.id] = steps(self.sound_of(track))
        return lanes


@dataclass(slots=True)
class _Lane:
    """Tracks that one thread decodes and sums: a thread a track and step would spend its time on waiting for the interpreter's lock."""

    strips: dict[str, Strip] = field(default_factory=dict)
    sources: dict[str, Iterator[Block]] = field(default_factory=dict)
    plugins: int = 0

    def decoded(self) -> dict[str, Block]:
        """Return the next frames of each track."""
        return {name: next(source) for name, source in self.sources.items()}

    def summed(self, blocks: Mapping[str, Block]) -> Block:
        """Return the sum of the tracks behind their strips, given these frames of all tracks."""
        total = np.zeros((2, STEP_FRAMES), np.float32)
        for name, strip in self.strips.items():
            total += strip.at_bus(blocks[name], blocks)
        return total


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackSound:
    """One track through its strip: stereo behind fader and pan, or as the stem has channels before them.

    It is as long as its stem; with `length_frames` it rings out in silence up to there, as it does in a mix.
    """

    track: Track
    settings: StripSettings
    sound_of: SoundOf
    triggers: tuple[Track, ...]
    fader: bool
    length_frames: int | None = None

    @property
    def sample_rate_hz(self) -> int:
        """The stem's rate."""
        return self.sound_of(self.track).sample_rate_hz

    @property
    def channels(self) -> int:
        """Two behind the fader, else the stem's."""
        return 2 if self.fader else self.sound_of(self.track).channels

    @property
    def frames(self) -> int:
        """The stem's length, unless another is asked for."""
        return (
            self.sound_of(self.track).frames if self.length_frames is None else self.length_frames
        )

    def blocks(self, block_frames: int = BLOCK_FRAMES) -> Iterator[Block]:
        """Render the track, each time with fresh plugins."""
        return cut(self._steps(), self.frames, block_frames)

    def _steps(self) -> Iterator[Block]:
        strip = Strip(self.settings, self.sample_rate_hz)
        triggers = {track.id: steps(self.sound_of(track)) for track in self.triggers}
        for block in steps(self.sound_of(self.track)):
            keys = {name: next(trigger) for name, trigger in triggers.items()}
            yield strip.at_bus(block, keys) if self.fader else strip.process(block, keys)


def track_sound(
    session: Session,
    track: Track,
    suggestions: Iterable[Suggestion],
    sound_of: SoundOf,
    *,
    fader: bool = True,
    length_frames: int | None = None,
) -> TrackSound:
    """Return one track with those of the suggestions that are for it, as it arrives at the bus (silent where it is muted).

    With `fader=False` it is taken before fader, pan and mute. Errors as `Mixdown`.
    """
    mine = [suggestion for suggestion in suggestions if suggestion.track == track.id]
    check_places(session, mine)
    settings = strip_settings(track, mine)
    triggers = {action.trigger: session.track(action.trigger) for action in settings.sidechains}
    return TrackSound(
        track=track,
        settings=settings,
        sound_of=sound_of,
        triggers=tuple(trigger for trigger in triggers.values() if not trigger.muted),
        fader=fader,
        length_frames=length_frames,
    )


def bus_sound(sound: Sound, suggestions: Iterable[Suggestion]) -> Chained:
    """Return a sum of tracks with those of the suggestions that are for the master."""
    return Chained(sound, master_plugins(suggestions))


def master_plugins(suggestions: Iterable[Suggestion]) -> tuple[PluginSetting, ...]:
    """Return the plugins of the master bus in their order."""
    actions = in_order(s.action for s in suggestions if s.track == MASTER)
    return tuple(one for action in actions for one in settings_of(action))


def check_places(session: Session, suggestions: Sequence[Suggestion]) -> None:
    """Raise for suggestions that cannot be rendered in a session (see `Mixdown`)."""
    for suggestion in suggestions:
        kind = suggestion.action.kind
        if suggestion.track == MASTER:
            allowed = _ON_MASTER
        else:
            session.track(suggestion.track)
            allowed = _ON_TRACK
        if kind not in allowed:
            message = f"Suggestion {suggestion.id!r} puts a {kind} on {suggestion.track!r}."
            raise RenderError(message, hint=f"There it can only be one of {sorted(allowed)}.")
        if isinstance(suggestion.action, Sidechain):
            session.track(suggestion.action.trigger)


def _scaled(parts: Iterator[Block], gain_db: float) -> Iterator[Block]:
    factor = np.float32(10.0 ** (gain_db / 20.0))
    for part in parts:
        yield part * factor
