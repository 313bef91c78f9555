"""REAPER's resource folders and what `reaper.ini` says of OSC and of the web interface, in every form that REAPER has written."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ama_analysis.errors import DeliveryError
from ama_bridge.config import reaper_home
from ama_bridge.daw.reaper.places import (
    OscSurface,
    Place,
    Web,
    place_at,
    places,
    surfaces_in,
    surfaces_of,
)

AMAS = OscSurface(
    name="AMA",
    flags=3,
    receive_port=8000,
    send_host="127.0.0.1",
    send_port=9000,
    pattern="AMA",
)


def ini(*surfaces: str, count: int | None = None, head: str = "[REAPER]") -> bytes:
    lines = [head, "autosaveint=15", f"csurf_cnt={len(surfaces) if count is None else count}"]
    lines += [f"csurf_{n}={surface}" for n, surface in enumerate(surfaces)]
    return "\r\n".join([*lines, "[other]", "csurf_cnt=9", ""]).encode("utf-8", "surrogateescape")


@pytest.mark.parametrize(
    "line",
    [
        'OSC "AMA" 3 8000 "127.0.0.1" 9000 1024 10 "AMA"',
        "OSC 'AMA' 3 8000 '127.0.0.1' 9000 1024 10 'AMA'",
        "OSC `AMA` 3 8000 127.0.0.1 9000 1024 10 AMA",
        "OSC AMA 3 8000 127.0.0.1 9000 1024 10 AMA",
        'OSC @@@ "AMA" 3 8000 "127.0.0.1" 9000 1024 10 "AMA"',
        'OSC  "AMA"  3  8000  "127.0.0.1"  9000  0  10  "AMA"',
    ],
)
def test_an_osc_device_is_read_in_every_form(line: str) -> None:
    assert surfaces_in(ini(line)).osc == (AMAS,)


def test_the_form_without_a_name_is_read_too() -> None:
    (found,) = surfaces_in(ini('OSC 7 8000 "" 9000 1024 10 ""')).osc
    assert (found.name, found.flags, found.receive_port, found.send_port) == ("", 7, 8000, 9000)
    assert found.takes
    assert not found.answers_here
    assert not found.is_amas


def test_a_name_that_is_a_number_is_no_flag() -> None:
    (found,) = surfaces_in(ini('OSC "7" 3 8000 "127.0.0.1" 9000 1024 10 ""')).osc
    assert (found.name, found.flags) == ("7", 3)


def test_bytes_that_are_no_text_stay_what_they_are() -> None:
    name = b"M\xfcller \xff"
    line = (
        b'[REAPER]\ncsurf_cnt=1\ncsurf_0=OSC "' + name + b'" 3 8000 "127.0.0.1" 9000 1024 10 ""\n'
    )
    (found,) = surfaces_in(line).osc
    assert found.name.encode("utf-8", "surrogateescape") == name


@pytest.mark.parametrize(
    ("line", "web"),
    [
        ("HTTP 0 2307 '' 'index.html' 0 ''", Web(2307)),
        ('HTTP 0 8080 "ama:pass:word" "index.html" 1 ""', Web(8080, "ama", "pass:word")),
        ("HTTP 0 8080", Web(8080)),
    ],
)
def test_the_web_interface_is_read(line: str, web: Web) -> None:
    assert surfaces_in(ini("MCU 0 0 -1 -1 0 0", line)).web == (web,)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "OSC",
        "OSC AMA",
        'OSC "AMA" three 8000 "127.0.0.1" 9000',
        "HTTP",
        "HTTP 0 x",
        "HTTP 0 99999999",
        "HTTP 0 ٢٣",
        "OSCII 3 8000 x 9000 1024 10 AMA",
    ],
)
def test_lines_that_are_odd_are_passed_over(line: str) -> None:
    found = surfaces_in(ini(line, 'OSC "AMA" 3 8000 "127.0.0.1" 9000 1024 10 "AMA"'))
    assert (found.osc, found.web) == ((AMAS,), ())


def test_only_as_many_count_as_reaper_opens() -> None:
    left_over = 'OSC "AMA" 3 8000 "127.0.0.1" 9000 1024 10 "AMA"'
    assert surfaces_in(ini(left_over, count=0)).osc == ()
    assert surfaces_in(ini(left_over, count=10**12)).osc == (AMAS,)
    assert surfaces_in(ini(left_over, head="[elsewhere]")).osc == ()
    assert surfaces_in(b"") == surfaces_in(b"\xff\xfe\0") == surfaces_in(ini())


def test_amas_device_is_chosen_before_others() -> None:
    tablet = 'OSC "Tablet" 3 8001 "192.168.1.7" 9001 1024 10 ""'
    amas = 'OSC "AMA" 3 8000 "127.0.0.1" 9000 1024 10 "ama.ReaperOSC"'
    both = surfaces_in(ini(tablet, amas))
    assert both.trigger is not None
    assert both.trigger.receive_port == 8000
    assert both.mixer is both.trigger
    alone = surfaces_in(ini(tablet))
    assert alone.trigger is not None
    assert alone.trigger.receive_port == 8001
    assert alone.mixer is None


@pytest.mark.parametrize(
    ("flags", "host", "takes", "answers"),
    [
        (1, "127.0.0.1", True, False),
        (2, "127.0.0.1", False, True),
        (3, "192.168.1.2", True, False),
        (7, "localhost", True, True),
        (0, "127.0.0.1", False, False),
    ],
)
def test_flags_say_what_a_device_does(flags: int, host: str, takes: bool, answers: bool) -> None:
    (found,) = surfaces_in(ini(f'OSC "AMA" {flags} 8000 "{host}" 9000 1024 10 "AMA"')).osc
    assert (found.takes, found.answers_here) == (takes, answers)
    assert (surfaces_in(ini()).mixer, surfaces_in(ini()).trigger) == (None, None)


def test_places_are_those_with_settings_each_once(tmp_path: Path) -> None:
    own, portable, empty = (tmp_path / name for name in ("REAPER", "stick", "empty"))
    for folder in (own, portable, empty):
        folder.mkdir()
    for folder in (own, portable):
        (folder / "reaper.ini").write_bytes(ini())
    found = places(own, [portable, own, tmp_path / "gone", empty])
    assert [place.folder for place in found] == [own, portable]
    assert places(None) == places(empty) == ()


def test_a_folder_that_is_named_must_be_one_of_reapers(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match=r"holds no reaper\.ini") as refused:
        place_at(tmp_path)
    assert refused.value.code == "AMA-706"
    (tmp_path / "reaper.ini").write_bytes(ini('OSC "AMA" 3 8000 "127.0.0.1" 9000 1024 10 "AMA"'))
    assert surfaces_of(place_at(tmp_path)).mixer == AMAS
    assert surfaces_of(Place(folder=tmp_path / "gone")).osc == ()


@pytest.mark.skipif(sys.platform != "linux", reason="the folder lies elsewhere there")
def test_the_users_own_folder_on_linux() -> None:
    assert reaper_home({"HOME": "/h"}) == Path("/h/.config/REAPER")
    assert reaper_home({"HOME": "/h", "XDG_CONFIG_HOME": "/c"}) == Path("/c/REAPER")
    assert reaper_home({}) is None


@pytest.mark.parametrize(
    ("platform", "environment", "folder"),
    [
        ("darwin", {"HOME": "/Users/u"}, "/Users/u/Library/Application Support/REAPER"),
        ("win32", {"APPDATA": "/Roaming"}, "/Roaming/REAPER"),
        ("win32", {"LOCALAPPDATA": "/Local"}, None),
    ],
)
def test_the_users_own_folder_elsewhere(
    platform: str, environment: dict[str, str], folder: str | None
) -> None:
    assert reaper_home(environment, platform) == (None if folder is None else Path(folder))


@pytest.mark.skipif(sys.platform != "linux", reason="the folder lies elsewhere there")
def test_the_folder_that_is_there_counts_where_two_are_possible(tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "elsewhere")}
    usual = tmp_path / ".config" / "REAPER"
    usual.mkdir(parents=True)
    assert reaper_home(environment) == usual
    (tmp_path / "elsewhere" / "REAPER").mkdir(parents=True)
    assert reaper_home(environment) == tmp_path / "elsewhere" / "REAPER"
