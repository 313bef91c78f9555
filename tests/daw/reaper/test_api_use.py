"""Every call of REAPER's API in every script, held against the whole API: name, number of arguments, and guards where a call may be missing."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from ama_bridge.daw import lua_scripts
from tests.daw.reaper.api_list import extension_names, needs_api_list, whole_api
from tests.daw.reaper.fake.imgui import IMGUI
from tests.daw.reaper.fake.signatures import SIGNATURES, Signature
from tests.daw.reaper.fake.window import VARIABLES
from tests.daw.reaper.lua_calls import OPEN, Use, uses

FOLDER = Path(lua_scripts.__file__).parent / "scripts"
SCRIPTS = sorted([*(FOLDER / "reaper").rglob("*.lua"), *(FOLDER / "shared").rglob("*.lua")])
WITH_EXTENSION = {"reaper/window_imgui.lua": "available"}
"""Modules that may call an extension, and their function that says whether it is there."""


@cache
def found_in(path: Path) -> list[Use]:
    return list(uses(path.read_text(encoding="utf-8")))


def named(path: Path) -> str:
    return str(path.relative_to(FOLDER))


ALL = [(path, use) for path in SCRIPTS for use in found_in(path)]


def fits(use: Use, signature: Signature) -> bool:
    """Tell whether a call has as many arguments as it may have."""
    if signature.open_ended:
        return True
    required = sum(not argument.optional for argument in signature.arguments)
    everything = len(signature.arguments)
    if use.most == OPEN:
        return use.least <= everything
    return required <= use.least <= everything


def test_there_are_scripts_to_look_at() -> None:
    assert {Path(f"{name}.lua").name for name in lua_scripts.scripts_of("reaper")} <= {
        path.name for path in SCRIPTS
    }
    assert len([use for _, use in ALL if use.called]) > 200


def test_reaper_is_never_handed_on_under_another_name() -> None:
    assert [f"{named(path)}:{use.line}" for path, use in ALL if not use.name] == []


def test_every_name_is_one_that_the_fake_knows_and_checks() -> None:
    known = set(SIGNATURES) | set(IMGUI) | {f"gfx.{name}" for name in VARIABLES}
    assert [
        f"{named(path)}:{use.line} {use.api_name}" for path, use in ALL if use.api_name not in known
    ] == []


@pytest.mark.parametrize("path", SCRIPTS, ids=named)
def test_every_call_has_as_many_arguments_as_the_api_says(path: Path) -> None:
    signatures = {**SIGNATURES, **IMGUI}
    for use in found_in(path):
        if use.called:
            assert fits(use, signatures[use.api_name]), f"{named(path)}:{use.line} {use.api_name}"


@needs_api_list
def test_every_call_is_in_the_whole_list_of_the_api() -> None:
    whole, extensions = whole_api(), extension_names()
    native = [(path, use) for path, use in ALL if use.called and not use.name.startswith("ImGui_")]
    checked = [use for _, use in native if use.api_name in whole and fits(use, whole[use.api_name])]
    assert len(checked) == len(native) > 150
    assert not {use.name for _, use in native} & extensions


def test_an_extension_is_called_in_one_module_alone_and_only_where_it_is_there() -> None:
    callers = {named(path) for path, use in ALL if use.called and use.name in IMGUI}
    assert callers == set(WITH_EXTENSION)
    for module, guard in WITH_EXTENSION.items():
        text = (FOLDER / module).read_text(encoding="utf-8")
        assert re.search(rf"function \w+\.{guard}\(\)\s+return reaper\.ImGui_\w+ ~= nil", text)
        name = module.removesuffix(".lua")
        users = [
            path for path in SCRIPTS if f'include("{name}")' in path.read_text(encoding="utf-8")
        ]
        assert users
        for path in users:
            assert_guarded(path, name, guard)


def assert_guarded(path: Path, module: str, guard: str) -> None:
    """Hold that a file names the module nowhere but where it includes it, and in `x.available() and x or other`."""
    text = path.read_text(encoding="utf-8")
    included = re.search(rf'local (\w+) = include\("{module}"\)', text)
    assert included, named(path)
    local = included[1]
    rest = text.replace(included[0], "").replace(f"{local}.{guard}() and {local} or ", "")
    code = re.sub(r"--[^\n]*", "", rest)
    assert not re.search(rf"\b{local}\b", code), (
        f"{named(path)} uses {local} without asking {guard}()"
    )


def test_a_call_that_an_old_reaper_may_lack_is_asked_for_before() -> None:
    for path in SCRIPTS:
        text = path.read_text(encoding="utf-8")
        for use in found_in(path):
            signature = SIGNATURES.get(use.api_name)
            if use.called and signature and signature.since > (6, 0):
                guard = rf"(if|and|return) reaper\.{use.name}\b(?!\()|APIExists\(\"{use.name}\"\)"
                assert re.search(guard, text), f"{named(path)}:{use.line} {use.name}"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("reaper.A()", [("A", True, 0, 0)]),
        ('reaper.A(1, "a, b", {1, 2}, f(1, 2) + 1)', [("A", True, 4, 4)]),
        ("reaper.A(1, f(x))", [("A", True, 1, OPEN)]),
        ("reaper.A(1, (f(x)))", [("A", True, 2, 2)]),
        ("reaper.A(...)", [("A", True, 0, OPEN)]),
        ("reaper.defer(function() if x then return 1, 2 end end)", [("defer", True, 1, 1)]),
        ("-- reaper.A(\nlocal x = 'reaper.B('", []),
        ("if reaper.A then local r = reaper end", [("A", False, 0, 0), ("", False, 0, 0)]),
        ("local s = [[ reaper.A() ]] x.reaper.B()", []),
    ],
)  # fmt: skip
def test_the_scan_itself(text: str, wanted: list[tuple[str, bool, int, int]]) -> None:
    assert [(use.name, use.called, use.least, use.most) for use in uses(text)] == wanted
