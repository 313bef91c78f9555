"""Installing into REAPER's resource folder: AMA's own files and nothing else; what the user made or changed stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from ama_analysis.errors import DeliveryError
from ama_bridge.daw.marked import is_ours, is_untouched
from ama_bridge.daw.reaper.install import ShippedFile, install, next_steps, standing, uninstall
from ama_bridge.daw.reaper.places import Place

ITEMS = [
    ShippedFile(
        kind="script", file="AMA Export.lua", text='-- @noindex\nreaper.ShowConsoleMsg("é")\n'
    ),
    ShippedFile(kind="script", file="AMA Apply.lua", text="return 1\n"),
    ShippedFile(kind="effect", file="ama_eq.jsfx", text="desc:AMA EQ\n"),
    ShippedFile(kind="osc", file="AMA.ReaperOSC", text="DEVICE_TRACK_COUNT 64\n"),
]
LISTED = {
    "Scripts/AMA/AMA Export.lua",
    "Scripts/AMA/AMA Apply.lua",
    "Effects/AMA/ama_eq.jsfx",
    "OSC/AMA.ReaperOSC",
}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Return the resource folder of somebody who has scripts, keys and pattern files already."""
    folder = tmp_path / "REAPER"
    for name, data in {
        "reaper.ini": b"[REAPER]\ncsurf_cnt=0\n",
        "reaper-kb.ini": b'SCR 4 0 RSabc "Custom: mine.lua" mine.lua\n',
        "Scripts/mine.lua": b"-- mine\n",
        "Scripts/AMA/notes.txt": b"mine\n",
        "OSC/Mine.ReaperOSC": b"DEVICE_TRACK_COUNT 8\n",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return Place(folder=folder)


def held(place: Place) -> dict[str, bytes]:
    return {
        str(path.relative_to(place.folder).as_posix()): path.read_bytes()
        for path in place.folder.rglob("*")
        if path.is_file()
    }


def test_files_come_to_their_places_and_all_else_stays_byte_by_byte(place: Place) -> None:
    before = held(place)
    report = install(place, ITEMS)
    after = held(place)
    assert set(after) - set(before) == LISTED
    assert {name: after[name] for name in before} == before
    assert report.changed
    assert len(report.lines) == len(ITEMS)
    assert all(is_untouched(after[name]) for name in LISTED)
    text = after["Scripts/AMA/AMA Export.lua"].decode()
    assert text.startswith("-- Written by AMA (`ama install reaper`); SHA-256 of what follows: ")
    assert text.endswith('reaper.ShowConsoleMsg("é")\n')
    assert after["Effects/AMA/ama_eq.jsfx"].startswith(b"// Written by AMA")
    assert after["OSC/AMA.ReaperOSC"].startswith(b"# Written by AMA")


def test_a_dry_run_says_the_same_and_does_nothing(place: Place) -> None:
    before = held(place)
    dry = install(place, ITEMS, dry_run=True)
    assert held(place) == before
    assert install(place, ITEMS).lines == dry.lines
    there = held(place)
    gone = uninstall(place, dry_run=True)
    assert held(place) == there
    assert uninstall(place).lines == gone.lines


def test_installing_again_does_nothing(place: Place) -> None:
    install(place, ITEMS)
    again = install(place, ITEMS)
    assert not again.changed
    assert again.lines == (f"REAPER ({place.folder}): nothing to do",)


def test_uninstalling_leaves_the_folder_as_it_was(place: Place) -> None:
    before = held(place)
    install(place, ITEMS)
    report = uninstall(place)
    assert held(place) == before
    assert len(report.lines) == len(ITEMS)
    assert not place.effects.exists()
    assert place.scripts.is_dir()  # the user's notes are in it


def test_what_the_user_changed_is_kept_beside_what_replaces_it(place: Place) -> None:
    install(place, ITEMS)
    changed = place.scripts / "AMA Apply.lua"
    mine = changed.read_bytes() + b"-- and this is mine\n"
    changed.write_bytes(mine)
    assert standing(place, ITEMS).changed == ("AMA Apply.lua",)
    (line,) = install(place, ITEMS).lines
    (backup,) = place.scripts.glob("AMA Apply.lua.*.bak")
    assert backup.read_bytes() == mine
    assert line.endswith(f"keeps {backup.name}")
    assert is_untouched(changed.read_bytes())


def test_what_the_user_changed_is_not_uninstalled(place: Place) -> None:
    install(place, ITEMS)
    changed = place.osc / "AMA.ReaperOSC"
    changed.write_bytes(changed.read_bytes() + b"TRACK_VU n/track/@/vu\n")
    report = uninstall(place)
    assert any("keeps" in line and "since it was changed" in line for line in report.lines)
    assert is_ours(changed.read_bytes())
    assert not (place.scripts / "AMA Apply.lua").exists()


def test_a_file_of_the_users_with_the_same_name_is_kept(place: Place) -> None:
    mine = place.osc / "AMA.ReaperOSC"
    mine.write_bytes(b"# an album of mine is called so\n")
    assert standing(place, ITEMS).missing == tuple(item.file for item in ITEMS)
    install(place, ITEMS)
    (backup,) = place.osc.glob("AMA.ReaperOSC.*.bak")
    assert backup.read_bytes() == b"# an album of mine is called so\n"


def test_a_newer_version_renews_its_files_and_takes_old_ones_away(place: Place) -> None:
    install(place, [*ITEMS, ShippedFile(kind="script", file="AMA Old.lua", text="return 0\n")])
    newer = [
        *ITEMS[:1],
        ShippedFile(kind="script", file="AMA Apply.lua", text="return 2\n"),
        *ITEMS[2:],
    ]
    assert standing(place, newer).other == ("AMA Apply.lua",)
    report = install(place, newer)
    assert [line.split(": ", 1)[1].split()[0] for line in report.lines] == ["renews", "removes"]
    assert not list(place.folder.rglob("*.bak"))
    now = standing(place, newer)
    assert (now.missing, now.other, now.changed) == ((), (), ())
    assert set(now.found) == {item.file for item in newer}


def test_what_cannot_be_read_is_refused_before_anything_is_written(place: Place) -> None:
    (place.osc / "AMA.ReaperOSC").mkdir()
    before = held(place)
    with pytest.raises(DeliveryError) as refused:
        install(place, ITEMS)
    assert refused.value.code == "AMA-706"
    assert held(place) == before


def test_what_is_left_to_the_user_is_told(place: Place) -> None:
    told = " ".join(next_steps([place]))
    assert "Load ReaScript" in told
    assert str(place.scripts) in told
