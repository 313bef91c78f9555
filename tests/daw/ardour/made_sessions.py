"""Sessions that the real Ardour wrote, with audio of ours in them.

Ardour without a window cannot import, but it can bounce: each take is first bounced as silence, so that Ardour writes source, region and
session file itself, and then the source's file is overwritten with samples of the same length.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import soundfile


def newest_program():
    """Return the name of the newest ardour<N>-lua on the path, None where there is none."""
    return next((p for n in range(9, 5, -1) if (p := shutil.which(f"ardour{n}-lua"))), None)


needs_ardour = pytest.mark.ardour


class ArdourDiedError(AssertionError):
    """Ardour itself crashed (a signal), which says nothing of the script."""


def run_lua(script, *, home, timeout_s=120):
    """Run a script in a headless Ardour with a home folder of its own and return what it printed; fails the test where it raises."""
    home.mkdir(parents=True, exist_ok=True)
    file = home / "script.lua"
    file.write_text(script, encoding="utf-8")
    here = dict(os.environ)  # noqa: TID251  # the path and the locale
    environment = here | {"HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config")}
    done = subprocess.run(
        [newest_program(), str(file)],
        env=environment,
        cwd=home,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    said = done.stdout + done.stderr
    if done.returncode < 0 or done.returncode > 128:
        raise ArdourDiedError(said)
    assert "Error:" not in said, said
    assert "\nDONE" in f"\n{done.stdout}", said
    return done.stdout


@dataclass(frozen=True, kw_only=True)
class Take:
    """Samples that lie at a frame of a track; `lua` may change the region, which is `region` (and `audio`) there."""

    samples: np.ndarray
    at: int = 0
    lua: str = ""


@dataclass(frozen=True, kw_only=True)
class MadeTrack:
    """A track with its takes, the last on top; `lua` may change the route, which is `track` there."""

    name: str
    takes: list[Take] = field(default_factory=list)
    channels: int = 1
    lua: str = ""


OPENING = """
AudioEngine:set_backend("None (Dummy)", "", "")
local function tell(...) print(table.concat({...}, "\\t")) end
"""
SETTLE = "ARDOUR.LuaAPI.usleep(300000)"
"""Mutes and faders are set by the audio thread."""
CLOSING = """
close_session()
print("DONE")
quit()
"""


def lua_text(text):
    """Return a text as Lua reads it."""
    return '"' + "".join(f"\\{byte:03d}" for byte in str(text).encode()) + '"'


def _track_lua(track):
    lines = [
        f"local track = one(Session:new_audio_track({track.channels}, 2, nil, 1, {lua_text(track.name)}, "
        "ARDOUR.PresentationInfo.max_order, ARDOUR.TrackMode.Normal, true))",
    ]
    for at, take in enumerate(track.takes):
        frames = take.samples.shape[1]
        lines += [
            "do",
            f"local whole = track:bounce_range(0, {frames}, ARDOUR.InterThreadInfo(), ARDOUR.LuaAPI.nil_proc(), false, "
            f"{lua_text(f'{track.name} take {at}')}, '')",
            "local region = ARDOUR.RegionFactory.clone_region(whole, true, false)",
            f"track:playlist():add_region(region, Temporal.timepos_t({take.at}), 1, false)",
            "local audio = region:to_audioregion()",
            f"for channel = 0, {track.channels - 1} do",
            f"tell('SOURCE', {at}, channel, track:to_stateful():id():to_s(), whole:to_audioregion():source(channel):to_filesource():path())",
            "end",
            take.lua,
            "end",
        ]
    return "\n".join(["do", *lines, track.lua, "end"])


def make_session(folder, tracks, *, rate=48_000, lua="", name=None):
    """Return the session file of a new session in `folder`, made by the real Ardour."""
    name = name or folder.name
    script = "\n".join(
        [
            OPENING,
            f"create_session({lua_text(folder)}, {lua_text(name)}, {rate})",
            "local function one(list) for each in list:iter() do return each end end",
            "local function pos(n) return Temporal.timepos_t(n) end",
            *(_track_lua(track) for track in tracks),
            lua,
            SETTLE,
            'Session:save_state("", false, false, false, false, false)',
            CLOSING,
        ]
    )
    said = run_lua(script, home=folder.parent / "home")
    written = (line.split("\t") for line in said.splitlines() if line.startswith("SOURCE"))
    by_track: dict[str, list[tuple[int, int, Path]]] = {}
    for _, at, channel, track_id, path in written:
        by_track.setdefault(track_id, []).append((int(at), int(channel), Path(path)))
    for track, found in zip((t for t in tracks if t.takes), by_track.values(), strict=True):
        for at, channel, path in found:
            samples = track.takes[at].samples
            assert soundfile.info(path).frames == samples.shape[1]
            soundfile.write(path, samples[channel], rate, subtype="FLOAT", format="WAV")
    return folder / f"{name}.ardour"


def bounced(session_file, *, rate, home=None):
    """Return what the real Ardour plays of each track's playlist, {name: (channels, frames)}, from frame 0 of the timeline."""
    home = home or session_file.parent.parent / "home"
    script = f"""
{OPENING}
load_session({lua_text(session_file.parent)}, {lua_text(session_file.stem)})
for track in Session:get_tracks():iter() do
  if not track:to_track():to_audio_track():isnil() and track:to_track():playlist():n_regions() > 0 then
    local t = track:to_track()
    local stop = 0
    for r in t:playlist():region_list():iter() do
      stop = math.max(stop, (r:position() + r:length()):samples())
    end
    local r = t:bounce_range(0, stop, ARDOUR.InterThreadInfo(), ARDOUR.LuaAPI.nil_proc(), false, "heard " .. track:name(), "")
    local audio = r:to_audioregion()
    for channel = 0, audio:n_channels() - 1 do
      tell("HEARD", track:name(), audio:source(channel):to_filesource():path())
    end
  end
end
{CLOSING}"""
    heard: dict[str, list[np.ndarray]] = {}
    for line in run_lua(script, home=home).splitlines():
        if line.startswith("HEARD"):
            _, name, path = line.split("\t")
            samples, found_rate = soundfile.read(path, dtype="float32")
            assert found_rate == rate
            heard.setdefault(name, []).append(samples)
    return {name: np.stack(channels) for name, channels in heard.items()}
