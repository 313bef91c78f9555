"""Three DAWs behind one door, each with a project of a kick and a bass: a folder, the real Ardour over OSC, and the fake REAPER with AMA Listen.

A desk hands over plans, and says where the faders and pans stand.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from ama_bridge.daw import lua_scripts
from ama_bridge.daw.ardour.adapter import ArdourDaw
from ama_bridge.daw.ardour.mailbox import ArdourMailbox
from ama_bridge.daw.ardour.native import Ardour
from ama_bridge.daw.ardour.places import Place
from ama_bridge.daw.folder import FolderDaw
from ama_bridge.daw.mailbox import Mailbox
from ama_bridge.daw.port import Daw, Receipt
from ama_bridge.daw.reaper.adapter import ReaperDaw
from ama_bridge.daw.waiting import Patience
from tests.daw.ardour.hardour import Hardour, free_port
from tests.daw.fake_reaper import FakeReaper

HASTE = Patience(start_s=5.0, work_s=10.0, user_s=10.0, alive_s=1.0)
IMPATIENT = Patience(start_s=0.3, work_s=0.3, user_s=0.3, alive_s=0.2)
STARTS_S = 10.0
_GIVE_WAY_S = 0.01
"""How long the fake REAPER lets others look at its project between two ticks."""

Mixer = Mapping[str, tuple[float, float]]
"""Fader as an amplitude or in decibels, and pan, as the DAW keeps them, by the track's name."""


class Desk(Protocol):
    """A DAW that runs, as the contract wants to see it."""

    daw: Daw
    sets: bool
    """Whether it has a mixer of its own that is set, and can be taken back."""
    folder: Path

    def mixer(self) -> Mixer:
        """Return where everything stands now."""

    def busy(self) -> AbstractContextManager[None]:
        """Keep the DAW from doing anything meanwhile."""

    def nobody(self) -> Daw:
        """Return the same adapter where no DAW runs."""


def hand_over(desk: Desk, daw: Daw, plan: Any, name: str, **more: Any) -> Receipt:
    """Apply a plan into a folder of that name."""
    folder = desk.folder / name
    folder.mkdir(parents=True)
    return daw.apply(plan, plan_id="song-0001", folder=folder, **more)


@dataclass
class FolderDesk:
    folder: Path
    daw: Daw = field(default_factory=FolderDaw)
    sets: bool = False

    def mixer(self) -> Mixer:
        return {}

    def busy(self) -> AbstractContextManager[None]:
        return nullcontext()

    def nobody(self) -> Daw:
        return self.daw


class ArdourDesk:
    """The real Ardour without a window; AMA's scripts have no slots in it, so that plain OSC sets what it can."""

    sets = True

    def __init__(self, hardour: Hardour, folder: Path) -> None:
        self.folder = folder
        self._port = hardour.port
        self.daw: Daw = self._daw(hardour.port, HASTE)
        with Ardour(port=self._port) as ardour:
            for strip in ardour.strips():
                ardour.set_gain(strip.name, 0.0)
                if strip.pan is not None:
                    ardour.set_pan(strip.name, 0.0)

    def _daw(self, port: int, patience: Patience) -> ArdourDaw:
        place = Place(version=7, folder=self.folder / "ardour7")
        place.folder.mkdir(parents=True, exist_ok=True)
        box = ArdourMailbox(self.folder / "mail")
        return ArdourDaw(mailbox=box, places=lambda: (place,), port=port, patience=patience)

    def mixer(self) -> Mixer:
        with Ardour(port=self._port) as ardour:
            return {
                each.name: (round(each.gain_db, 3), each.pan or 0.0) for each in ardour.strips()
            }

    def busy(self) -> AbstractContextManager[None]:
        return nullcontext()

    def nobody(self) -> Daw:
        return self._daw(free_port(), IMPATIENT)


class ReaperDesk:
    """The fake REAPER in a thread of its own, in real time; AMA Listen waits in it."""

    sets = True

    def __init__(self, folder: Path, **variants: Any) -> None:
        self.folder = folder
        self.box = Mailbox(folder / "mail", "REAPER")
        self.box.folder.mkdir(parents=True)
        self.daw: Daw = ReaperDaw(mailbox=self.box, places=tuple, patience=HASTE)
        self.fake = FakeReaper(folder=folder / "reaper", real_time=True, **variants)
        for name in ("Kick", "Bass"):
            self.fake.project.add(name)
        self.answer = ""
        """How the button begins that a user presses, once, in whatever window has it."""
        self.trouble: BaseException | None = None
        self._stop, self._still = threading.Event(), threading.Lock()
        self._thread = threading.Thread(target=self._run)

    @contextmanager
    def listening(self) -> Iterator[ReaperDesk]:
        """Run AMA Listen until the context ends; whatever went wrong in REAPER is raised then."""
        self._thread.start()
        idle = threading.Event()
        waited_s = 0.0
        while not (self.box.folder / "heartbeat.json").exists() and waited_s < STARTS_S:
            idle.wait(0.05)
            waited_s += 0.05
        try:
            yield self
        finally:
            self._stop.set()
            self._thread.join()
            if self.trouble is not None:
                raise self.trouble

    def _run(self) -> None:
        mailbox = self.fake.paths.outward(self.box.folder)
        text = lua_scripts.script("reaper/listen", {"mailbox": mailbox, "command": ""})
        try:
            self.fake.run(text, name="AMA Listen")
            while not self._stop.wait(_GIVE_WAY_S) and self.fake.running:
                with self._still:
                    self.fake.spin(0.05)
                    self._press()
            self.fake.stop()
        except BaseException as error:  # noqa: BLE001  # raised where the test is
            self.trouble = error

    def _press(self) -> None:
        texts = self.fake.window.texts
        button = next((text for text in texts if self.answer and text.startswith(self.answer)), "")
        if button:
            self.fake.window.click_on(button)
            self.answer = ""

    def mixer(self) -> Mixer:
        with self._still:
            return {each.name: (each.volume, each.pan) for each in self.fake.project.tracks}

    def busy(self) -> AbstractContextManager[None]:
        return self._held()

    @contextmanager
    def _held(self) -> Iterator[None]:
        with self._still:
            yield

    def nobody(self) -> Daw:
        elsewhere = Mailbox(self.folder / "nobody", "REAPER")
        return ReaperDaw(mailbox=elsewhere, places=tuple, patience=IMPATIENT)
