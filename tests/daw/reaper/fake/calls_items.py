"""Items, and the samples of a track before its effects."""
# ruff: noqa: N802  # a call's function has the call's name

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tests.daw.reaper.fake.calls import call
from tests.daw.reaper.fake.items import Item, Take, items_of
from tests.daw.reaper.fake.project import Track

if TYPE_CHECKING:
    from tests.daw.fake_reaper import FakeReaper

_MOST_SAMPLES: Final = 4_194_304
"""How large reaper.new_array makes an array."""


@dataclass(eq=False)
class Accessor:
    """What reads a track's samples until it is destroyed."""

    track: Track
    deleted: bool = False
    lua_type = "AudioAccessor"


class Samples:
    """A reaper.array: its functions are called with a dot. Elements one by one (`array[1]`) are not here."""

    lua_type = "reaper.array"

    def __init__(self, lua: Any, size: int) -> None:
        self._lua = lua
        self.values = np.zeros(size)

    def clear(self, value: float = 0.0) -> None:
        self.values[:] = value

    def get_alloc(self) -> int:
        return len(self.values)

    def table(self, first: float = 1, count: float | None = None) -> Any:
        start = int(first) - 1
        end = len(self.values) if count is None else start + int(count)
        assert 0 <= start <= end <= len(self.values), (first, count, len(self.values))
        return self._lua.table_from(self.values[start:end].tolist())


@call
def CountTrackMediaItems(fake: FakeReaper, track: Track) -> int:
    return len(items_of(fake.project, track))


@call
def GetTrackMediaItem(fake: FakeReaper, track: Track, at: int) -> Item | None:
    return dict(enumerate(items_of(fake.project, track))).get(at)


@call
def GetMediaItemInfo_Value(fake: FakeReaper, item: Item, key: str) -> float:
    known = {"D_POSITION": item.position_s, "D_LENGTH": item.length_s, "B_MUTE": item.muted}
    if key not in known:
        raise fake.unknown(f"GetMediaItemInfo_Value({key!r})")
    return float(known[key])


@call
def GetActiveTake(fake: FakeReaper, item: Item) -> Take | None:
    return item.take


@call
def TakeIsMIDI(fake: FakeReaper, take: Take) -> bool:
    return take.midi


@call
def GetAudioDeviceInfo(fake: FakeReaper, key: str) -> tuple[bool, str]:
    """Return what the audio device says; nothing where none runs."""
    rate = fake.device_rate_hz
    known = {"SRATE": str(rate), "BSIZE": "512"} if rate else {}
    return key in known, known.get(key, "")


@call
def CreateTrackAudioAccessor(fake: FakeReaper, track: Track) -> Accessor:
    fake.accessors.append(Accessor(track))
    return fake.accessors[-1]


@call
def DestroyAudioAccessor(fake: FakeReaper, accessor: Accessor) -> None:
    accessor.deleted = True
    fake.accessors.remove(accessor)


@call
def GetAudioAccessorStartTime(fake: FakeReaper, accessor: Accessor) -> float:
    return min((item.position_s for item in items_of(fake.project, accessor.track)), default=0.0)


@call
def GetAudioAccessorEndTime(fake: FakeReaper, accessor: Accessor) -> float:
    return max(
        (item.position_s + item.length_s for item in items_of(fake.project, accessor.track)),
        default=0.0,
    )


@call
def GetAudioAccessorSamples(
    fake: FakeReaper,
    accessor: Accessor,
    rate_hz: int,
    channels: int,
    start_s: float,
    frames: int,
    samples: Samples,
) -> int:
    """Write interleaved samples and return 1; 0 is "nothing there", and leaves them as they are. Any rate; here by linear interpolation."""
    if channels * frames > len(samples.values):
        raise fake.mistake(
            f"{channels * frames} samples do not fit an array of {len(samples.values)}"
        )
    sound = accessor.track.sound
    end_s = GetAudioAccessorEndTime(fake, accessor)
    if sound is None or start_s >= end_s:
        return 0
    own = np.atleast_2d(sound)
    places = (start_s + np.arange(frames) / rate_hz) * fake.project.sample_rate_hz
    inside = np.arange(own.shape[1])
    block = [np.interp(places, inside, own[at % len(own)], right=0.0) for at in range(channels)]
    samples.values[: channels * frames] = np.stack(block, axis=1).ravel()
    return 1


@call
def new_array(fake: FakeReaper, size: int) -> Samples:
    if not 0 < size <= _MOST_SAMPLES:
        raise fake.mistake(f"reaper.new_array of {size}")
    return Samples(fake.running_script.lua, size)
