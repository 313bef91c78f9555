"""One script that runs: a Lua of its own, what it deferred, what it wants done at its end, its window."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.daw.reaper.fake.calls import BEHAVIOURS
from tests.daw.reaper.fake.calls_items import Samples
from tests.daw.reaper.fake.drawing import DRAWING
from tests.daw.reaper.fake.imgui import IMGUI, behaviour
from tests.daw.reaper.fake.signatures import (
    SIGNATURES,
    BadCallError,
    Signature,
    StalePointerError,
    checked,
    returned,
)
from tests.daw.reaper.fake.window import VARIABLES, WRITABLE, Window

if TYPE_CHECKING:
    from tests.daw.fake_reaper import FakeReaper

_SURROUNDINGS: Final = (Path(__file__).parent / "surroundings.lua").read_bytes()
_EXTENSIONS: Final = (
    "ImGui_",
    "JS_",
    "BR_",
    "CF_",
    "SNM_",
    "NF_",
    "FNG_",
    "MRP_",
    "Xen_",
    "GU_",
    "ULT_",
    "ReaPack_",
    "SN_",
    "osara_",
    "Blink_",
    "Fab_",
)
"""What extensions begin their names with; without them such a name is nil, as any other that REAPER does not know."""


class MistakeError(Exception):
    """A script did what it must not: a bad call, a change outside an undo block, a window that blocks. No pcall hides it."""


class ScriptError(Exception):
    """A script ended with an error of its own."""


class Script:
    """A script from its start to its end."""

    def __init__(self, fake: FakeReaper, path: Path, command: int, context: str = "") -> None:
        self.fake, self.path, self.command, self.context = fake, path, command, context
        self.options = 0
        self.deferred: list[Any] = []
        self.at_exit: list[Any] = []
        self.ended = False
        runtime = import_module(f"lupa.lua{fake.lua.replace('.', '')}").LuaRuntime
        self.lua = runtime(
            encoding=None,
            unpack_returned_tuples=True,
            register_eval=False,
            attribute_filter=self._no_fields,
        )
        variables = self.lua.table_from({name.encode(): value for name, value in VARIABLES.items()})
        self.window = Window(variables)
        self.lua.execute(
            _SURROUNDINGS, self._find, self._fault, self._mistake, self._inward, fake.clock.unix_s,
            self.lua.table_from({key.encode(): value.encode() for key, value in fake.environment.items()}),
            variables, self.lua.table_from({name.encode(): True for name in WRITABLE}), fake.paths.windows,
        )  # fmt: skip

    # -- its course ---------------------------------------------------------

    def begin(self, text: str | bytes) -> None:
        """Run the main chunk; without anything deferred the script is at its end."""
        source = text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")
        chunk = self.lua.globals()[b"load"](source, b"@" + self.path.name.encode(), b"t")
        if isinstance(chunk, tuple):
            message = f"{self.path.name} is no Lua: {chunk[1].decode()}"
            raise ScriptError(message)
        self._do([chunk])

    def tick(self) -> None:
        """Run what was deferred."""
        if self.ended:
            return
        self.window.tick()
        waiting, self.deferred = self.deferred, []
        self._do(waiting)

    def terminate(self) -> None:
        """End it as a user does in REAPER's own list of running scripts."""
        if not self.ended:
            self.deferred.clear()
            self._do([])

    def _do(self, functions: list[Any]) -> None:
        self._run(functions)
        if not self.deferred and not self.ended:
            self.ended = True
            self._run(self.at_exit)
            self.window.end_frame()
            self.window.is_open = False

    def _run(self, functions: list[Any]) -> None:
        fake = self.fake
        outer, fake._running = fake._running, self
        try:
            for function in functions:
                function()
        except (*fake.lua_errors, AttributeError) as error:
            self.deferred.clear()
            self.ended = True  # whether REAPER runs its exits then is not known: here it does not
            if not fake.mistakes:
                message = (
                    error.args[0].decode("utf-8", "replace")
                    if error.args and isinstance(error.args[0], bytes)
                    else str(error)
                )
                raise ScriptError(message) from None
        finally:
            fake._running = outer
        fake.check_left_open(self.path.name)

    # -- what it finds ------------------------------------------------------

    def _find(self, raw: bytes) -> tuple[bool, object, bytes | None]:
        """Return (there, what it does, why reading it is a mistake) of reaper.NAME and gfx.NAME."""
        name = raw.decode("utf-8", "replace")
        signature = SIGNATURES.get(name)
        if signature is not None and self.fake.has(name):
            return True, self._gate(signature, self._behaviour(name)), None
        if name in IMGUI and self.fake.imgui is not None:
            return True, self._gate(IMGUI[name], behaviour(self.fake.imgui, name)), None
        if name in self.fake.extensions:
            return True, self._extension(name), None
        if signature is not None or name.startswith(_EXTENSIONS):
            return False, None, None
        wrong = f"{name} is not in tests/daw/reaper/fake/api.txt: a wrong name, or a call that the fake has to learn"
        self._mistake(wrong.encode())
        return False, None, wrong.encode()

    def _behaviour(self, name: str) -> Callable[..., Any]:
        if name in DRAWING:
            return lambda *arguments: DRAWING[name](self.window, *arguments)
        return lambda *arguments: BEHAVIOURS[name](self.fake, *arguments)

    def _gate(
        self, signature: Signature, behaviour: Callable[..., Any]
    ) -> Callable[..., tuple[Any, ...]]:
        fake = self.fake

        def gate(*given: Any) -> tuple[Any, ...]:
            try:
                arguments = checked(signature, given)
                return (
                    True,
                    *returned(signature, fake.faults.run(signature.name, behaviour, arguments)),
                )
            except StalePointerError as error:
                return False, str(error).encode()
            except BadCallError as error:
                fake.mistakes.append(str(error))
                return False, str(error).encode()
            except MistakeError as error:
                return False, str(error).encode()
            except Exception as error:  # noqa: BLE001  # kept, and raised where the test is, whatever Lua catches
                fake.crashes.append(error)
                return False, repr(error).encode()

        return gate

    def _extension(self, name: str) -> Callable[..., tuple[Any, ...]]:
        def gate(*given: Any) -> tuple[Any, ...]:
            self.fake.faults.calls[name] += 1
            try:
                found = self.fake.extensions[name](*given)
            except Exception as error:  # noqa: BLE001  # kept, and raised where the test is, whatever Lua catches
                self.fake.crashes.append(error)
                return False, repr(error).encode()
            return (True, *found) if isinstance(found, tuple) else (True, found)

        return gate

    def _fault(self, name: bytes, *arguments: Any) -> Any:
        """Return (true, why) where a test lets a file operation fail."""
        found = self.fake.faults.run(
            name.decode(), lambda *_: None, [_text(each) for each in arguments]
        )
        return (True, str(found).encode()) if found else None

    def _no_fields(self, pointer: object, name: object, _setting: bool) -> Any:
        if (
            isinstance(pointer, Samples)
            and isinstance(name, bytes)
            and hasattr(Samples, name.decode())
        ):
            return name.decode()
        self.fake.mistakes.append(f"a pointer of REAPER's has no field {name!r}")
        raise AttributeError(self.fake.mistakes[-1])

    def _mistake(self, text: bytes) -> None:
        self.fake.mistakes.append(text.decode("utf-8", "replace"))

    def _inward(self, path: bytes) -> bytes:
        return self.fake.paths.inward(path.decode("utf-8", "surrogateescape")).encode(
            "utf-8", "surrogateescape"
        )


def _text(value: object) -> object:
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value
