"""The real Ardour with its window, on a screen of its own that nobody sees, with settings and sessions of its own.

Its settings begin with what a first start would ask: the wizard is past (`.a7`), the audio engine is Ardour's own dummy, which starts by itself.
So no sound server and no click is needed; the window is there after two to four seconds.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

PROGRAMS = ("ardour", "Xvfb", "xdotool", "import")
needs_window = pytest.mark.skipif(
    not all(map(shutil.which, PROGRAMS)), reason="needs ardour, xvfb, xdotool and imagemagick"
)
START_S = 25.0
"""How long the window may take on a busy machine; usually two to four seconds."""
POLL_S = 0.05
AGAIN_S = 2.0
"""A key that a dialog has not heard is pressed again after that long."""
CONFIG = """<?xml version="1.0" encoding="UTF-8"?>
<Ardour>
  <Config>
    <Option name="osc-port" value="{port}"/>
    <Option name="try-autostart-engine" value="1"/>
    <Option name="hide-dummy-backend" value="0"/>
  </Config>
  <Extra>
    <AudioMIDISetup>
      <EngineStates>
        <State backend="None (Dummy)" driver="Normal Speed" device="Silence" input-device="" output-device="" sample-rate="{rate}"
         buffer-size="1024" n-periods="0" input-latency="0" output-latency="0" lm-input="" lm-output="" active="1" use-buffered-io="0"
         midi-option="No MIDI I/O" lru="1"><MIDIDevices/></State>
      </EngineStates>
    </AudioMIDISetup>
  </Extra>
  <ControlProtocols>
    <Protocol name="Open Sound Control (OSC)" active="0"/>
  </ControlProtocols>
</Ardour>
"""


def wait_until(true: Callable[[], object], timeout_s: float, what: str) -> None:
    """Look again and again; fails the test with `what` after that long."""
    assert wait_briefly(true, timeout_s), f"{what} after {timeout_s:g} s"


def wait_briefly(true: Callable[[], object], timeout_s: float) -> bool:
    """Look again and again for that long; return whether it came true."""
    until_s = time.monotonic() + timeout_s
    while not true():
        if time.monotonic() > until_s:
            return False
        with suppress(subprocess.TimeoutExpired):
            subprocess.run(["sleep", str(POLL_S)], check=False, timeout=5)
    return True


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def with_osc_on(session: Path) -> None:
    """Switch OSC on in a session file, which wins over the settings: that is what ticking it in Preferences and saving does."""
    text = session.read_text(encoding="utf-8")
    tag = re.compile(r'<Protocol name="Open Sound Control \(OSC\)"[^>]*>')
    assert tag.search(text), "the session does not name OSC"
    on = '<Protocol name="Open Sound Control (OSC)" active="1" config=""/>'
    session.write_text(tag.sub(on, text), encoding="utf-8")


@dataclass(frozen=True)
class Home:
    """Folders of an Ardour of its own: what HOME and XDG_CONFIG_HOME are."""

    folder: Path
    port: int

    @property
    def config(self) -> Path:
        return self.folder / ".config"

    @property
    def settings(self) -> Path:
        (found,) = self.config.glob("ardour?")
        return found

    def environment(self, **more: str) -> dict[str, str]:
        here = dict(os.environ)  # noqa: TID251  # the path and the locale
        return here | {"HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.config)} | more


def make_home(folder: Path, *, rate: int = 48_000) -> Home:
    """Make the settings of an Ardour that was started once."""
    program = (
        Path(str(shutil.which("ardour"))).resolve().read_text(encoding="utf-8", errors="replace")
    )
    version = re.search(r"/ardour(\d)", program)
    assert version, "which version is installed?"
    home = Home(folder, free_port())
    settings = home.config / f"ardour{version[1]}"
    settings.mkdir(parents=True)
    (settings / f".a{version[1]}").touch()
    (settings / "config").write_text(CONFIG.format(port=home.port, rate=rate), encoding="utf-8")
    return home


@dataclass(frozen=True)
class Window:
    """An Ardour that runs."""

    home: Home
    display: str
    process: subprocess.Popen[bytes]

    def _tool_bytes(self, *arguments: str) -> bytes:
        environment = self.home.environment(DISPLAY=self.display)
        return subprocess.run(arguments, env=environment, capture_output=True, check=False).stdout

    def _tool(self, *arguments: str) -> str:
        return self._tool_bytes(*arguments).decode("utf-8", "replace")

    def titles(self) -> dict[str, str]:
        """Return the windows that are shown, by title."""
        found = {}
        for window in self._tool("xdotool", "search", "--onlyvisible", "--name", ".").split():
            title = self._tool("xdotool", "getwindowname", window).strip()
            found[title] = window
        return found

    def wait_for(self, title: str, timeout_s: float = START_S) -> str:
        """Return the window whose title begins so, as soon as it is shown."""

        found: list[str] = []

        def shown() -> bool:
            assert self.process.poll() is None, "Ardour has ended"
            found.extend(w for t, w in self.titles().items() if t.startswith(title))
            return bool(found)

        there = wait_briefly(shown, timeout_s)
        assert there, f"no window {title!r} after {timeout_s:g} s, but {list(self.titles())}"
        return found[0]

    def key(self, window: str, *keys: str) -> None:
        """Press keys in a window."""
        self._tool("xdotool", "windowfocus", "--sync", window)
        self._tool("xdotool", "key", "--window", window, *keys)

    def settled(self, title: str) -> str:
        """Return the window of this title when it is drawn."""
        window = self.wait_for(title)
        self.settle(window)
        return window

    def answer(self, title: str, *keys: str) -> None:
        """Wait for a dialog of this title, press keys in it, the last again and again until it is gone (another of that title may follow)."""
        window = self.settled(title)
        for key in keys[:-1]:
            self.key(window, key)

        def gone() -> bool:
            self.key(window, keys[-1])
            return wait_briefly(lambda: window not in self.titles().values(), AGAIN_S)

        wait_until(gone, START_S, f"{title!r} is still there")

    def say_ok(self, title: str, *keys_first: str) -> None:
        """Press OK on every page of a dialog, other keys on its first page before."""
        self.settled(title)
        whole = next(found for found in self.titles() if found.startswith(title))
        pages = int(whole.rpartition(" of ")[2]) if " of " in whole else 1
        self.answer(title, *keys_first, "alt+o")
        for _ in range(pages - 1):
            self.answer(title, "alt+o")

    def pixels(self, window: str) -> bytes:
        """Return what a window looks like; "root" is the whole screen."""
        return self._tool_bytes("import", "-window", window, "rgb:-")

    def settle(self, window: str) -> None:
        """Wait until a window looks the same twice: before that it may not hear keys."""
        last = b""

        def same() -> bool:
            nonlocal last
            before, last = last, self.pixels(window)
            return bool(last) and before == last

        wait_briefly(same, START_S)

    def click(self, window: str, x: int, y: int) -> None:
        self._tool("xdotool", "mousemove", "--window", window, str(x), str(y), "click", "1")

    def picture(self, path: Path, window: str = "root") -> None:
        """Write what is seen as PNG."""
        self._tool("import", "-window", window, str(path))


@contextmanager
def screen(size: str = "1400x900x24") -> Iterator[str]:
    """Run an X server that nobody sees, on the first free display."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", size, "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    try:
        with os.fdopen(read) as told:
            number = told.readline().strip()
        assert number, "Xvfb did not start"
        yield f":{number}"
    finally:
        _end(server)


@contextmanager
def opened(home: Home, session: Path, display: str) -> Iterator[Window]:
    """Open a session in Ardour's window; once more where none comes (it happened once in some sixty starts, on a busy machine)."""
    window = _started(home, session, display)
    title = f"{session.stem} - Ardour"
    try:
        if not wait_briefly(lambda: title in window.titles(), START_S):
            window.picture(home.folder / "failed.png")
            _end(window.process)
            window = _started(home, session, display)
        window.wait_for(title)
        yield window
    except BaseException:
        window.picture(home.folder / "failed.png")
        raise
    finally:
        _end(window.process)


def _started(home: Home, session: Path, display: str) -> Window:
    with (home.folder / "ardour.log").open("wb") as log:
        process = subprocess.Popen(
            ["ardour", "--no-splash", str(session.parent)],
            env=home.environment(DISPLAY=display),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    return Window(home, display, process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)
