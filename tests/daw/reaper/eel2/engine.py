"""Cockos's own EEL2 (WDL) in this process: the compiler and its machine code, out of Debian's package pd-jsusfx.

That package is a plugin for Pure Data around the JSFX host jsusfx, and exports the whole C interface of EEL2 (`NSEEL_...`, declared in WDL's
eel2/ns-eel.h). What it wants of Pure Data is never called here; a library with those names and nothing behind them lets it load.
"""

from __future__ import annotations

import ctypes
import functools
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pytest

PLUGIN: Final = Path("/usr/lib/pd/extra/jsusfx~/jsusfx~.pd_linux")
"""Where Debian's pd-jsusfx puts it."""
_SHARED_FUNCTIONS: Final = 1
"""NSEEL_CODE_COMPILE_FLAG_COMMONFUNCS: functions of this section are known to those compiled later, as JSFX has it for @init."""

Number = ctypes.c_double
Numbers = ctypes.POINTER(Number)
ManyNumbers = ctypes.POINTER(Numbers)
Answer = ctypes.CFUNCTYPE(Number, ctypes.c_void_p, ctypes.c_ssize_t, ManyNumbers)
"""A function that scripts call: (this, count, pointers to the arguments) -> value."""
Place = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, Numbers)
"""A function of one argument that stands for a variable: (this, argument) -> where it lies."""

needs_eel2 = pytest.mark.skipif(
    not (PLUGIN.is_file() and shutil.which("cc") and shutil.which("nm")),
    reason="no EEL2 engine: Debian's pd-jsusfx, gcc and binutils are not all here",
)


class Segment(ctypes.Structure):
    """A piece of a string literal (eelStringSegmentRec)."""


Segment._fields_ = [
    ("next", ctypes.POINTER(Segment)),
    ("start", ctypes.POINTER(ctypes.c_char)),
    ("length", ctypes.c_int),
]
Literal = ctypes.CFUNCTYPE(Number, ctypes.c_void_p, ctypes.POINTER(Segment))
"""What stands for a string in quotes."""
Named = ctypes.CFUNCTYPE(Number, ctypes.c_void_p, ctypes.c_char_p)
"""What stands for `#name`."""


class CompileError(ValueError):
    """EEL2 does not take a section."""


@functools.cache
def library() -> Any:
    """Return the engine, loaded and begun."""
    with TemporaryDirectory() as folder:
        _names_of_pure_data(Path(folder))
        library = ctypes.CDLL(str(PLUGIN))
    pointer, text = ctypes.c_void_p, ctypes.c_char_p
    for name, answer, arguments in (
        ("NSEEL_VM_alloc", pointer, []),
        ("NSEEL_VM_free", None, [pointer]),
        ("NSEEL_VM_regvar", Numbers, [pointer, text]),
        ("NSEEL_VM_getramptr", Numbers, [pointer, ctypes.c_uint, ctypes.POINTER(ctypes.c_int)]),
        ("NSEEL_VM_SetStringFunc", None, [pointer, Literal, Named]),
        ("NSEEL_code_compile_ex", pointer, [pointer, text, ctypes.c_int, ctypes.c_int]),
        ("NSEEL_code_getcodeerror", text, [pointer]),
        ("NSEEL_code_execute", None, [pointer]),
        ("NSEEL_code_free", None, [pointer]),
        (
            "NSEEL_addfunc_varparm_ex",
            None,
            [text, ctypes.c_int, ctypes.c_int, pointer, Answer, pointer],
        ),
        (
            "NSEEL_addfunc_ret_type",
            None,
            [text, ctypes.c_int, ctypes.c_int, pointer, Place, pointer],
        ),
    ):
        function = getattr(library, name)
        function.restype, function.argtypes = answer, arguments
    library.NSEEL_init()
    return library


def _names_of_pure_data(folder: Path) -> None:
    listed = subprocess.run(["nm", "-D", "-u", PLUGIN], capture_output=True, text=True, check=True)
    wanted = [line.split()[-1] for line in listed.stdout.splitlines() if " U " in line]
    source, built = folder / "names.c", folder / "libnames.so"
    source.write_text("".join(f"void *{name};\n" for name in wanted if "@" not in name))
    subprocess.run(["cc", "-shared", "-fPIC", "-o", built, source], check=True)
    ctypes.CDLL(str(built), mode=ctypes.RTLD_GLOBAL)


def teach(name: str, least: int, answer: Callable[..., float]) -> Any:
    """Make a function known to all scripts that are compiled from now on; keep what is returned, name and all, as long as they run.

    `answer` is called with the arguments' values, `least` of them or more.
    """

    def called(_this: int, count: int, arguments: Any) -> float:
        return float(answer(*(arguments[i][0] for i in range(count))))

    return teach_raw(name, least, Answer(called))


def teach_raw(name: str, least: int, answer: Any) -> Any:
    """Make a function (`Answer`) or a variable's place (`Place`) known; keep what is returned."""
    kept = name.encode(), answer
    this = ctypes.cast(library().NSEEL_PProc_THIS, ctypes.c_void_p)
    if isinstance(answer, Place):
        library().NSEEL_addfunc_ret_type(kept[0], least, 0, this, answer, None)
    else:
        library().NSEEL_addfunc_varparm_ex(kept[0], least, 0, this, answer, None)
    return kept


class Machine:
    """One script's variables, memory and code."""

    def __init__(self) -> None:
        """Make an empty one."""
        self._library = library()
        self._machine = self._library.NSEEL_VM_alloc()
        self._variables: dict[str, Any] = {}
        self._codes: list[int] = []

    def variable(self, name: str) -> Any:
        """Return a variable as a pointer: `[0]` is its value."""
        if name not in self._variables:
            self._variables[name] = self._library.NSEEL_VM_regvar(self._machine, name.encode())
        return self._variables[name]

    def memory(self, start: int, count: int) -> list[float]:
        """Return what lies in the memory of the script."""
        found = []
        valid = ctypes.c_int()
        for address in range(start, start + count):
            pointer = self._library.NSEEL_VM_getramptr(self._machine, address, ctypes.byref(valid))
            found.append(pointer[0])
        return found

    def strings(self, literal: Any, named: Any) -> None:
        """Say what stands for strings; both are to be kept."""
        self._library.NSEEL_VM_SetStringFunc(self._machine, literal, named)

    def compile(self, text: str, line: int = 0) -> Callable[[], None]:
        """Return a section ready to run; `CompileError` with EEL2's words."""
        code = self._library.NSEEL_code_compile_ex(
            self._machine, text.encode(), line, _SHARED_FUNCTIONS
        )
        if not code:
            said = self._library.NSEEL_code_getcodeerror(self._machine)
            if said is None:
                return lambda: None
            raise CompileError(said.decode())
        self._codes.append(code)
        return functools.partial(self._library.NSEEL_code_execute, ctypes.c_void_p(code))

    def close(self) -> None:
        """Give everything back."""
        for code in self._codes:
            self._library.NSEEL_code_free(code)
        self._library.NSEEL_VM_free(self._machine)


def written(values: Iterable[Any]) -> list[float]:
    """Return the values of pointers."""
    return [one[0] for one in values]
