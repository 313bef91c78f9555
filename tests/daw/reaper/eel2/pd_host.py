"""A JSFX in a host that is not ours: jsusfx inside Pure Data, which reads the file by itself and runs it with EEL2."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
import pytest
import soundfile

from tests.daw.reaper.eel2.effect import FOLDER
from tests.daw.reaper.eel2.engine import PLUGIN

needs_pure_data = pytest.mark.skipif(
    not (PLUGIN.is_file() and shutil.which("puredata")),
    reason="no JSFX host: Debian's puredata-core and pd-jsusfx are not both here",
)
_SIDES: Final = ("left", "right")
_LIMIT_S: Final = 60.0


class Patch:
    """A Pure Data patch that is being written: objects by number, and their connections."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._objects: list[str] = []
        self._connections: list[str] = []

    def add(self, kind: str, text: str) -> int:
        """Add an object (`obj` or `msg`); return its number."""
        self._objects.append(f"#X {kind} 10 10 {text};")
        return len(self._objects) - 1

    def connect(self, source: int, outlet: int, sink: int, inlet: int = 0) -> None:
        """Connect two."""
        self._connections.append(f"#X connect {source} {outlet} {sink} {inlet};")

    def text(self) -> str:
        """Return the file."""
        return "\n".join(["#N canvas 0 0 400 300 12;", *self._objects, *self._connections, ""])


def patch_of(name: str, rate: int, frames: int, values: Mapping[int, float]) -> str:
    """Return a patch that plays in.wav through an effect into out.wav as fast as it can, and ends."""
    patch = Patch()
    start = patch.add("obj", "loadbang")
    order = patch.add("obj", "t b b b b")
    loader = patch.add("obj", "soundfiler")
    for way in ("in", "out"):
        for side in _SIDES:
            patch.add("obj", f"table {way}_{side} {frames}")
    read = patch.add("msg", "read -resize in.wav in_left in_right")
    write = patch.add("msg", f"write -wave -bytes 4 -rate {rate} out.wav out_left out_right")
    moves = " \\, ".join(f"uslider {number} {value:.9g}" for number, value in values.items())
    sliders = patch.add("msg", moves)
    audio = patch.add("msg", "\\; pd dsp 1")
    effect = patch.add("obj", f"jsusfx~ {name}")
    go = patch.add("obj", "t b b")
    wait = patch.add("obj", f"delay {1000.0 * frames / rate + 200.0:g}")
    end = patch.add("obj", "t b b")
    leave = patch.add("msg", "\\; pd quit")
    patch.connect(start, 0, order)
    for outlet, sink in ((3, read), (2, sliders), (1, audio), (0, go)):
        patch.connect(order, outlet, sink)
    patch.connect(read, 0, loader)
    patch.connect(write, 0, loader)
    patch.connect(sliders, 0, effect)
    for channel, side in enumerate(_SIDES):
        player = patch.add("obj", f"tabplay~ in_{side}")
        recorder = patch.add("obj", f"tabwrite~ out_{side}")
        patch.connect(go, 1, recorder)
        patch.connect(go, 1, player)
        patch.connect(player, 0, effect, channel)
        patch.connect(effect, channel, recorder)
    patch.connect(go, 0, wait)
    patch.connect(wait, 0, end)
    patch.connect(end, 1, write)
    patch.connect(end, 0, leave)
    return patch.text()


def played(
    folder: Path, name: str, rate: int, sound: np.ndarray, values: Mapping[int, float]
) -> tuple[np.ndarray, str]:
    """Return what comes out (2, frames) and what Pure Data said."""
    shutil.copy(FOLDER / f"{name}.jsfx", folder)
    soundfile.write(folder / "in.wav", sound.T, rate, subtype="FLOAT")
    patch = patch_of(name, rate, sound.shape[1], values)
    (folder / "play.pd").write_text(patch, encoding="ascii")
    options = ["-nogui", "-batch", "-noaudio", "-noprefs", "-stderr", "-r", str(rate)]
    done = subprocess.run(
        ["puredata", *options, "-path", PLUGIN.parent, "-lib", "jsusfx~", "play.pd"],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
        timeout=_LIMIT_S,
    )
    out, _ = soundfile.read(folder / "out.wav", always_2d=True)
    return out.T, done.stderr + done.stdout
