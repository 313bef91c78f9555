"""The door of the fake REAPER: make one, fill its project, run a script in it, let time pass, look at what became of it.

    fake = FakeReaper(folder=tmp_path)
    fake.project.add("Bass", D_VOL=0.5)
    script = fake.run(text)             # to the end of its main chunk; a mistake of the script's raises here
    fake.window.click_on("Apply")
    fake.spin(5)                        # five seconds of deferred functions
    assert fake.undo() == "AMA: apply mix"

Strict: a name that the API does not have, a wrong argument, a change of the project outside an undo block or one whose flags do not keep it, a
block or a held refresh left open, a prompt that blocks: each is a `MistakeError`, whatever the script catches. Its parts are in `reaper.fake`.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
import weakref
from collections import Counter
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from tests.daw.reaper.fake import calls_fx, calls_items, calls_project, calls_system, calls_tracks
from tests.daw.reaper.fake.actions import Actions
from tests.daw.reaper.fake.calls import BEHAVIOURS
from tests.daw.reaper.fake.calls_items import Accessor
from tests.daw.reaper.fake.clock import TICK_S, Clock
from tests.daw.reaper.fake.drawing import DRAWING
from tests.daw.reaper.fake.effects import Effect, other
from tests.daw.reaper.fake.faults import Faults
from tests.daw.reaper.fake.imgui import IMGUI, Surface
from tests.daw.reaper.fake.jsfx import Jsfx
from tests.daw.reaper.fake.paths import Paths
from tests.daw.reaper.fake.project import Project
from tests.daw.reaper.fake.reacomp import ReaComp, ReaLimit
from tests.daw.reaper.fake.reaeq import ReaEQ, Texts, Unit, Variant
from tests.daw.reaper.fake.render_settings import NEW_NUMBERS
from tests.daw.reaper.fake.rendering import PreFader, Rendering
from tests.daw.reaper.fake.script import MistakeError, Script, ScriptError
from tests.daw.reaper.fake.signatures import SIGNATURES
from tests.daw.reaper.fake.undo import Undo, UndoPoint
from tests.daw.reaper.fake.window import Window

__all__ = ["FakeReaper", "MistakeError", "ScriptError"]

_LEARNT = (calls_fx, calls_items, calls_project, calls_system, calls_tracks)
"""Importing them fills the table of calls."""


class FakeReaper:
    """One REAPER with one open project. Several scripts may run in it; each has its own Lua, window and deferred functions."""

    def __init__(
        self,
        *,
        folder: Path | None = None,
        lua: Literal["5.3", "5.4"] = "5.4",
        version: str = "7.38",
        system: str = "Other",
        saved: bool = True,
        sample_rate_hz: int = 48_000,
        real_time: bool = False,
        eq_gain: Unit = "linear",
        eq_curve: Literal["halves", "quarter"] = "halves",
        texts: Texts = "plain",
        eq_fifth_on: bool = False,
        formats_ahead: bool = True,
        pre_fader: PreFader | None = None,
        renames_effects: bool = True,
        floats_effects: bool = False,
        imgui: bool = False,
        jsfx: dict[str, Path] | None = None,
        environment: dict[str, str] | None = None,
    ) -> None:
        self.folder = folder or _own_folder(self)
        self.lua, self.version, self.system = lua, version, system
        self.paths = Paths(system.startswith("Win"))
        self.resource_path = self.folder / "REAPER"
        self.resource_path.mkdir(parents=True, exist_ok=True)
        self.project = Project(
            self.folder / "Song" / "Song.rpp" if saved else None, sample_rate_hz=sample_rate_hz
        )
        if self.project.path:
            self.project.path.parent.mkdir(parents=True, exist_ok=True)
        self.clock = Clock(real=real_time)
        self.undo_log = Undo(self.project)
        self.project.undo = self.undo_log.undo
        self.faults = Faults()
        self.rendering = Rendering(
            pre_fader=pre_fader or ("works" if self.newer_than(7) else "ignored")
        )
        self.renders = (42230, 41824)
        self.actions = Actions()
        self.eq = Variant(eq_gain, eq_curve, texts, eq_fifth_on)
        self.texts: Texts = texts
        self.formats_ahead = formats_ahead
        self.renames_effects = renames_effects
        self.floats_effects = floats_effects
        self.device_rate_hz: int | None = sample_rate_hz
        self.accessors: list[Accessor] = []
        self.jsfx = jsfx or {}
        self.missing_effects: set[str] = set()
        self.environment = (
            environment
            if environment is not None
            else {"HOME": self.paths.outward(self.folder / "home")}
        )
        self.imgui = Surface(self) if imgui else None
        self._begin()
        self.lua_errors = (import_module(f"lupa.lua{lua.replace('.', '')}").LuaError,)

    def _begin(self) -> None:
        """Nothing has happened yet."""
        self.extensions: dict[str, Callable[..., Any]] = {}
        self.ext_state: dict[tuple[str, str], str] = {}
        self.persistent: set[tuple[str, str]] = set()
        self.listings: dict[tuple[str, bool], list[str]] = {}
        self.processes: list[tuple[str, int]] = []
        self.execute: Callable[[str, int], str | None] | None = None
        self.console: list[str] = []
        self.boxes: list[tuple[str, str]] = []
        self.answers: list[Any] = []
        self.refresh_held = 0
        self._passing: tuple[str, Any] | None = None
        self.mistakes: list[str] = []
        self.crashes: list[Exception] = []
        self.scripts: list[Script] = []
        self._running: Script | None = None

    # -- what a test does ---------------------------------------------------

    def run(self, text: str | bytes, *, name: str = "AMA Apply", context: str = "") -> Script:
        """Start a script and return it at the end of its main chunk; `MistakeError`, `ScriptError`."""
        path = self.resource_path / "Scripts" / "AMA" / f"{name}.lua"
        script = Script(self, path, self.actions.register(path), context)
        self.scripts.append(script)
        try:
            script.begin(text)
        finally:
            self._complain()
        return script

    def spin(self, seconds: float, *, until: Callable[[], bool] = lambda: False) -> bool:
        """Let time pass, running deferred functions; stop early when nothing runs or `until()`. Return whether something still runs."""
        end_s = self.clock.precise_s() + seconds
        while self.running and self.clock.precise_s() < end_s and not until():
            if self.clock.real:
                threading.Event().wait(TICK_S)
            self.clock.go_on(TICK_S)
            if self.imgui:
                self.imgui.tick()
            for script in self.running:
                try:
                    script.tick()
                finally:
                    self._complain()
        return bool(self.running)

    @property
    def running(self) -> list[Script]:
        return [script for script in self.scripts if not script.ended]

    def stop(self) -> None:
        """End every script as a user may; what it asked for at its exit is done."""
        for script in self.running:
            script.terminate()
        self._complain()

    @property
    def window(self) -> Window:
        """Return the window of the script that was started last."""
        return self.scripts[-1].window

    @property
    def calls(self) -> Counter[str]:
        """Return how often each call was made; drawing counts as `gfx.name`, files as `io.open`."""
        return self.faults.calls

    @property
    def api_calls(self) -> int:
        """Return how many calls of `reaper.` were made."""
        return sum(count for name, count in self.calls.items() if name in BEHAVIOURS)

    @property
    def undo_points(self) -> list[UndoPoint]:
        return self.undo_log.points

    def undo(self) -> str:
        """Do what Ctrl+Z does; return the point's name, or ""."""
        return self.undo_log.undo()

    def redo(self) -> str:
        return self.undo_log.redo()

    def fail(self, name: str, *, nth: int | None = None, returns: Any = None) -> None:
        """Let a call fail: the nth from now on (None: every one) does nothing and gives `returns`. `io.open` and its like: why it fails."""
        self.faults.fail(name, nth=nth, returns=returns)

    def before(self, name: str, do: Callable[..., object], *, nth: int | None = None) -> None:
        self.faults.before(name, do, nth=nth)

    def after(self, name: str, do: Callable[..., object], *, nth: int | None = None) -> None:
        self.faults.after(name, do, nth=nth)

    def add_effect(self, name: str, *, parameters: int = 8) -> Effect:
        """Return an effect to be put into a track's chain: a known one, or somebody else's."""
        return self.new_effect(name) or other(name, parameters)

    # -- what the parts ask -------------------------------------------------

    @property
    def running_script(self) -> Script:
        assert self._running is not None
        return self._running

    def has(self, name: str) -> bool:
        """Tell whether this version has a call."""
        if name in IMGUI and self.imgui is not None:
            return True
        signature = SIGNATURES.get(name)
        own = self._version()
        return (
            signature is not None
            and own >= signature.since
            and (name in BEHAVIOURS or name in DRAWING)
        ) or name in self.extensions

    def _version(self) -> tuple[int, ...]:
        return tuple(int(part) for part in self.version.split("."))

    def newer_than(self, *version: int) -> bool:
        """Tell whether this REAPER is of that version or a newer one."""
        return self._version() >= version

    def without_setting(self, key: str) -> bool:
        return key in NEW_NUMBERS

    def change(self, kind: str, what: str) -> None:
        """Note a change of the project; outside an undo block it is a mistake."""
        if self.undo_log.depth == 0:
            raise self.mistake(f"{what} is changed outside an undo block")
        self.undo_log.changed.add(kind)
        self.project.change_count += 1
        self.project.dirty = True

    def change_for_now(self, kind: str, what: str) -> None:
        """Note a change that needs no undo block if it is taken back before REAPER goes on."""
        if self.undo_log.depth:
            self.change(kind, what)
        elif self._passing is None:
            self._passing = (what, self.project.state())

    def mistake(self, text: str) -> MistakeError:
        """Note a mistake and return it, to be raised."""
        self.mistakes.append(text)
        return MistakeError(text)

    def unknown(self, what: str) -> MistakeError:
        return self.mistake(f"the fake does not know {what}")

    def new_effect(self, name: str) -> Effect | None:
        """Return a fresh effect of an installed kind."""
        return next((made for made in self._kinds() if made.answers_to(name)), None)

    def _kinds(self) -> list[Effect]:
        made = [ReaEQ(self.eq), ReaComp(self.texts), ReaLimit(self.texts)]
        made += [Jsfx(path, place) for place, path in self.jsfx.items()]
        return [each for each in made if each.name not in self.missing_effects]

    def installed_names(self) -> list[str]:
        return [each.name for each in self._kinds()]

    def start_action(self, command: int) -> None:
        """Run another script, as an action that calls it does."""
        path = self.actions.paths[command]
        script = Script(self, path, command)
        self.scripts.append(script)
        script.begin(path.read_bytes())

    def check_left_open(self, name: str) -> None:
        """Note what a script left open, or changed for now and did not take back, when REAPER goes on."""
        passing, self._passing = self._passing, None
        if passing and self.project.state() != passing[1]:
            self.mistakes.append(f"{passing[0]} is changed outside an undo block")
        if self.undo_log.depth:
            self.undo_log.depth = 0
            self.mistakes.append(f"{name} leaves an undo block open")
        if self.refresh_held:
            self.mistakes.append(f"{name} leaves PreventUIRefresh at {self.refresh_held}")
            self.refresh_held = 0
        windows = [fx for track in self.project.strips() for fx in track.fx if fx.open]
        if self.floats_effects and windows:
            self.mistakes.append(f"{name} leaves the windows of {len(windows)} effects open")
        if self.accessors:
            self.mistakes.append(f"{name} leaves {len(self.accessors)} audio accessors behind")
            self.accessors.clear()

    def _complain(self) -> None:
        crashes, self.crashes = self.crashes, []
        mistakes, self.mistakes = self.mistakes, []
        if crashes:
            raise crashes[0]
        if mistakes:
            raise MistakeError("\n".join(mistakes))


def _own_folder(fake: FakeReaper) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="reaper"))
    weakref.finalize(fake, shutil.rmtree, folder, ignore_errors=True)
    return folder
