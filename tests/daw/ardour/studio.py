"""An Ardour with its window and an AMA beside it, as a user has them."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ama_bridge.daw.ardour.native import Ardour, MixerStrip
from tests.daw.ardour.made_sessions import MadeTrack, Take
from tests.daw.ardour.window import Home, Window, wait_until

RATE_HZ = 48_000
SECONDS = 6.0
CHECKOUT = Path(__file__).parents[3]
WORK_S = 60.0
"""How long suggesting may take on a busy machine; usually three seconds."""


@dataclass(frozen=True)
class Desk:
    """An Ardour of its own with AMA's scripts, and an AMA with a state folder of its own."""

    home: Home
    session: Path
    osc_port: int

    @property
    def state(self) -> Path:
        return self.home.folder / "state"

    def environment(self) -> dict[str, str]:
        return self.home.environment(
            PYTHONPATH=str(CHECKOUT),
            AMA_STATE=str(self.state),
            AMA_OSC_PORT=str(self.osc_port),
            AMA_CACHE="off",
        )

    def ama(self, *arguments: str | Path, code: int = 0) -> str:
        """Run `ama` and return what it says."""
        done = subprocess.run(
            [sys.executable, "-m", "ama_bridge", *map(str, arguments)],
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=WORK_S,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def begun(self, *arguments: str | Path) -> subprocess.Popen[str]:
        """Start `ama` and return at once."""
        return subprocess.Popen(
            [sys.executable, "-m", "ama_bridge", *map(str, arguments)],
            env=self.environment(),
            stderr=subprocess.PIPE,
            text=True,
        )

    def receipt(self, number: int) -> Path:
        return self.state / f"deliveries/song-0001-{number}/receipt.json"


def stems() -> list[MadeTrack]:
    """Make a loud bass, a quiet voice with rumble below it, and wide keys."""
    at = np.arange(round(SECONDS * RATE_HZ)) / RATE_HZ
    rng = np.random.default_rng(5)
    beat = np.exp(-6.0 * (at % 0.5))
    bass = 0.4 * np.sin(2 * np.pi * 55.0 * at) * beat
    voice = 0.03 * np.sin(2 * np.pi * 330.0 * at) * (1.0 + 0.5 * np.sin(2 * np.pi * 3.0 * at))
    voice += 0.004 * np.sin(2 * np.pi * 25.0 * at) + 0.002 * rng.normal(size=at.size)
    keys = 0.1 * np.stack([np.sin(2 * np.pi * f * at) for f in (440.0, 554.4)]) * (0.3 + beat)
    made = {"Bass": bass[None], "Vox": voice[None], "Keys": keys}
    return [
        MadeTrack(name=name, channels=len(sound), takes=[Take(samples=sound.astype(np.float32))])
        for name, sound in made.items()
    ]


def mixer(strips: tuple[MixerStrip, ...]) -> dict[str, tuple[float, float | None, tuple[str, ...]]]:
    return {s.name: (round(s.gain_db, 3), s.pan, tuple(p.name for p in s.plugins)) for s in strips}


def press_export(desk: Desk, window: Window, ardour: Ardour, slot: int) -> None:
    """Do what the user does with AMA Export: press it, say OK, close what it says in the end."""
    ardour.trigger(f"LuaAction/script-{slot}")
    window.answer("AMA Export", "alt+o")
    told = desk.state / "sessions/song.json"  # before that the window is the one of the progress
    wait_until(told.is_file, WORK_S, "the service heard of no session")
    window.answer("AMA Export", "alt+c")


def document(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
