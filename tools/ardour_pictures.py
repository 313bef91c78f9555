"""Make the pictures of docs/ardour.md in the real Ardour: `python -m tools.ardour_pictures` (Debian: ardour xvfb xdotool imagemagick).

Ardour is opened on a screen that nobody sees, with settings and a session of its own made of the example's stems; AMA's scripts are installed, the
service runs, and what a user would do is done with the keyboard. Look at the pictures before they are committed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import soundfile

from ama_analysis.data import data_folder
from ama_bridge.daw.ardour.install import slots_of
from ama_bridge.daw.ardour.native import Ardour
from ama_bridge.daw.ardour.places import places
from tests.daw.ardour.made_sessions import MadeTrack, Take, make_session
from tests.daw.ardour.window import (
    Window,
    free_port,
    make_home,
    opened,
    screen,
    wait_until,
    with_osc_on,
)

CHECKOUT = Path(__file__).resolve().parents[1]
OUT = CHECKOUT / "docs" / "ardour"
FADERS_DB = {"pad_bass": 3.0, "vox_lead": -9.0, "mallet": -4.0}
"""Faders that an engineer might have left wrong."""
CONTROL_SURFACES = (80, 498)
"""Where that line stands in the list of Ardour 7's preferences."""
COLOURS = 64
SERVICE_S = 60.0


def tracks() -> tuple[list[MadeTrack], int]:
    """Return the example's stems as tracks, and their rate."""
    made, rate = [], 0
    for path in sorted(data_folder("examples").glob("*.flac")):
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
        db = FADERS_DB.get(path.stem, 0.0)
        set_fader = f"track:gain_control():set_value({10 ** (db / 20)}, PBD.GroupControlDisposition.NoGroup)"
        track = MadeTrack(
            name=path.stem,
            channels=samples.shape[1],
            takes=[Take(samples=samples.T)],
            lua=set_fader,
        )
        made.append(track)
    return made, rate


class Studio:
    """An Ardour with AMA beside it."""

    def __init__(self, folder: Path) -> None:
        """Make session and settings, and install AMA's scripts."""
        stems, rate = tracks()
        self.session: Path = make_session(folder / "Quiet Hours", stems, rate=rate)  # type: ignore[no-untyped-call]  # tests have no annotations
        with_osc_on(self.session)
        self.home = make_home(folder / "desk", rate=rate)
        self.state = folder / "state"
        self.environment = self.home.environment(
            PYTHONPATH=str(CHECKOUT), AMA_STATE=str(self.state), AMA_OSC_PORT=str(free_port())
        )
        self.ama("install", "ardour").wait()
        (self.place,) = places(self.home.config)

    def ama(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Run `ama`."""
        command = [sys.executable, "-m", "ama_bridge", *arguments]
        return subprocess.Popen(command, env=self.environment)  # noqa: S603  # AMA itself

    def press(self, ardour: Ardour, script: str) -> None:
        """Do what a click on the script's button does."""
        ardour.trigger(f"LuaAction/script-{slots_of(self.place)[script]}")


def picture(window: Window, name: str, title: str | None = None) -> None:
    """Write what is seen, or one window of it, with few colours."""
    raw = OUT / f"{name}.raw.png"
    window.picture(raw, window.settled(title) if title else "root")
    trim = [] if title else ["-trim"]
    few = ["+dither", "-colors", str(COLOURS), "-strip", f"PNG8:{OUT / name}.png"]
    subprocess.run(["convert", str(raw), *trim, *few], check=True)  # noqa: S603, S607  # imagemagick
    raw.unlink()


def changed(window: Window, work: Callable[[], None]) -> None:
    """Do what makes Ardour show something else, and wait until it is drawn."""
    before = window.pixels("root")
    work()
    wait_until(lambda: window.pixels("root") != before, SERVICE_S, "Ardour shows nothing new")
    window.settle("root")


def main() -> None:
    """Make all pictures."""
    OUT.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="ama-pictures-"))
    studio = Studio(folder)
    service = studio.ama("serve")
    try:
        with (
            screen() as display,
            opened(studio.home, studio.session, display) as window,
            Ardour(port=studio.home.port) as ardour,
        ):
            take_pictures(studio, window, ardour)
    finally:
        service.terminate()
        service.wait()
        shutil.rmtree(folder)


def take_pictures(studio: Studio, window: Window, ardour: Ardour) -> None:
    """Do the whole work once."""
    studio.press(ardour, "AMA Export")
    picture(window, "export", "AMA Export")
    window.answer("AMA Export", "alt+o")
    sessions = (
        studio.state / "sessions"
    )  # before that the window is the one that shows the progress
    wait_until(lambda: sessions.is_dir() and any(sessions.iterdir()), SERVICE_S, "no session")
    window.answer("AMA Export", "alt+c")
    window.wait_for("AMA Apply", SERVICE_S)
    picture(window, "apply", "AMA Apply")
    window.say_ok("AMA Apply")
    picture(window, "applied", "AMA Apply")
    window.answer("AMA Apply", "alt+c")
    changed(window, lambda: ardour.trigger("Common/show-mixer"))
    picture(window, "mixer")
    ardour.set_gain("vox_lead", -3.0)
    studio.press(ardour, "AMA Revert")
    picture(window, "revert", "AMA Revert")
    window.answer("AMA Revert", "alt+o")
    picture(window, "reverted", "AMA Revert")
    window.answer("AMA Revert", "alt+c")
    changed(window, lambda: ardour.trigger("Common/show-preferences"))
    list_of_pages = window.settled("Ardour - Preferences")
    changed(window, lambda: window.click(list_of_pages, *CONTROL_SURFACES))
    picture(window, "preferences", "Ardour - Preferences")


if __name__ == "__main__":
    main()
