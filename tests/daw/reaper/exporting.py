"""A small song in the fake REAPER and AMA's scripts in it: what the tests of export, listening and windows share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from ama_bridge.daw import lua_scripts
from tests.daw.fake_reaper import FakeReaper
from tests.daw.reaper.fake.project import Track
from tests.daw.reaper.fake.script import Script
from tests.daw.reaper.fake.signatures import StalePointerError

Json = dict[str, Any]
RATE = 8_000
"""Hz; the fake renders a second of it in no time."""
FRAMES = 4_000
LUAS = ("5.3", "5.4")


def noise(seed: int, *, channels: int = 2, frames: int = FRAMES) -> np.ndarray:
    draw = np.random.default_rng(seed)
    return draw.uniform(-0.2, 0.2, (channels, frames)).astype(np.float32)


class Song:
    """A REAPER with a project of a few tracks, and AMA's mailbox."""

    def __init__(self, folder: Path, **variants: Any) -> None:
        self.fake = FakeReaper(folder=folder, **{"sample_rate_hz": RATE, **variants})
        self.project = self.fake.project
        self.state = folder / "state"
        self.mailbox = self.state / "reaper"
        self.fake.execute = lambda _command, _timeout: ""

    def band(self) -> Song:
        """Add a folder with two drums, a bass and a voice."""
        self.project.add("Drums", I_FOLDERDEPTH=1, D_VOL=0.5)
        self.project.add("Kick", sound=noise(1, channels=1))
        self.project.add("Snare", sound=noise(2), I_FOLDERDEPTH=-1)
        self.project.add("Bass", sound=noise(3), D_VOL=0.5, D_PAN=-0.25)
        self.project.add("Vox", sound=noise(4))
        return self

    @property
    def exports(self) -> Path:
        """Where the exports of this project are."""
        return (self.project.path.parent if self.project.path else self.fake.folder) / "AMA"

    def run(self, name: str, **values: lua_scripts.Value) -> Script:
        """Start a script."""
        given = {"mailbox": self.fake.paths.outward(self.mailbox), "command": "ama", **values}
        text = lua_scripts.script(f"reaper/{name}", given)
        return self.fake.run(text, name=lua_scripts.SCRIPTS[f"reaper/{name}"])

    def export(self, bounced: str = "post_effects", **values: lua_scripts.Value) -> None:
        """Run AMA Export without its question, until its work is done."""
        self.run("export", bounced=bounced, **values)
        self.fake.spin(60, until=lambda: self.said("exported") or self.said("exported."))

    def said(self, part: str) -> bool:
        """Tell whether a text stands in the window, wherever its lines end."""
        return part.replace(" ", "") in "".join(self.fake.window.texts).replace(" ", "")

    @property
    def folder(self) -> Path:
        """Where the newest export is."""
        return max(self.exports.iterdir())

    def document(self) -> Json:
        found: Json = json.loads((self.folder / "session.json").read_text(encoding="utf-8"))
        return found

    def track(self, name: str) -> Json:
        """Return what session.json tells of a track."""
        return next(one for one in self.document()["tracks"] if one["name"] == name)

    def left_out(self) -> dict[str, str]:
        return {one["name"]: one["reason"] for one in self.document()["left_out"]}

    def stem(self, name: str) -> np.ndarray:
        sound, rate = soundfile.read(
            self.folder / self.track(name)["stem"], dtype="float32", always_2d=True
        )
        assert rate == RATE
        return sound.T

    def post(self, name: str, document: Json) -> None:
        self.mailbox.mkdir(parents=True, exist_ok=True)
        (self.mailbox / name).write_text(json.dumps(document), encoding="utf-8")

    def read(self, name: str) -> Json:
        found: Json = json.loads((self.mailbox / name).read_text(encoding="utf-8"))
        return found

    def service_runs(self, pid: int = 4711) -> None:
        """Let a service be there, for as long as the test takes."""
        time_s = int(self.fake.clock.unix_s()) + 100_000
        self.post("service.json", {"schema": "ama.service/1", "pid": pid, "time_s": time_s})

    def has_inserted(self, track: Track, effect: Any) -> None:
        """Let a journal say that AMA has put an effect into a track."""
        inserted = [{"kind": "plugin", "track": track.guid, "fx": effect.guid, "device": "reacomp", "key": "comp", "label": "AMA Comp", "values": []}]  # fmt: skip
        path = str(self.project.path or "")
        journal = {"schema": "ama.reaper.journal/1", "id": "old", "session": "Song", "session_path": path, "controls": [], "inserted": inserted, "changed": [], "defaults": {}, "reverted": False}  # fmt: skip
        self.post("journal-old.json", journal)
        self.post("journals.json", {"schema": "ama.journals/1", "ids": ["old"], "sessions": {}})


def gone(*_: object) -> None:
    """Raise what REAPER raises in Lua where a pointer is no good any more: an error that a script can catch."""
    raise StalePointerError("it is not there any more")
