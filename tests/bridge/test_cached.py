"""The cache as users meet it: the same answers, sooner."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ama_analysis.advise import stems_of
from ama_analysis.advise.sessions import session_from_paths
from ama_analysis.cache import Contents
from ama_analysis.measure import measure_file, measure_session
from tests.kept import Kept


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("AMA_CACHE", str(folder))
    return folder


def entries(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.glob("*/*")}


def test_a_second_look_says_the_same_and_keeps_nothing_new(
    ama: Any, song: Path, cache: Path, tmp_path: Path
) -> None:
    first = ama("measure", song / "kick.wav", "--json")
    kept = entries(cache)
    assert len(kept) == 1
    assert ama("measure", song / "kick.wav", "--json").out == first.out
    assert entries(cache) == kept


def test_without_the_cache_nothing_is_kept(ama: Any, song: Path, cache: Path) -> None:
    plain = ama("measure", song / "kick.wav", "--json", "--no-cache")
    assert plain.code == 0
    assert not cache.exists()
    assert ama("measure", song / "kick.wav", "--json").out == plain.out


def test_a_second_plan_is_the_first_byte_for_byte_and_measures_nothing_again(
    ama: Any, song: Path, cache: Path, tmp_path: Path
) -> None:
    stems = [song / "kick.wav", song / "bass.wav"]
    plans = [tmp_path / f"{number}.json" for number in range(3)]
    for plan, more in zip(plans, (["--no-cache"], [], []), strict=True):
        assert ama("suggest", *stems, "-r", song / "hats.wav", "--out", plan, *more).code == 0
        assert bool(entries(cache)) is (not more)
    assert len({plan.read_bytes() for plan in plans}) == 1
    kept = entries(cache)
    ama("suggest", *stems, "-r", song / "hats.wav")
    assert entries(cache) == kept


def test_a_second_mix_is_the_first_and_measures_nothing_again(
    ama: Any, song: Path, cache: Path, tmp_path: Path
) -> None:
    mixes = [tmp_path / f"{number}.wav" for number in range(3)]
    for out, more in zip(mixes, (["--no-cache"], [], []), strict=True):
        assert ama("mix", song, "--auto-gain", "rules", "--out", out, *more).code == 0
        assert bool(entries(cache)) is (not more)
    assert len({out.read_bytes() for out in mixes}) == 1
    kept = entries(cache)
    ama("mix", song, "--auto-gain", "rules", "--out", mixes[0])
    assert entries(cache) == kept


def test_a_copy_under_another_name_is_known(
    ama: Any, song: Path, cache: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.wav"
    copy.write_bytes((song / "kick.wav").read_bytes())
    ama("measure", song / "kick.wav")
    kept = entries(cache)
    assert ama("measure", copy, "--json").document["files"][0]["path"] == str(copy)
    assert entries(cache) == kept


def test_a_file_that_cannot_be_used_is_told_each_time(
    ama: Any, cache: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF of nothing")
    for _ in range(2):
        assert "AMA-102" in ama("measure", broken).err
    assert entries(cache) == {}


def test_a_cache_that_cannot_be_written_changes_nothing(
    ama: Any, song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("AMA_CACHE", str(tmp_path / "file" / "cache"))
    assert ama("measure", song / "kick.wav").code == 0


def test_a_stem_measured_in_a_session_is_known_by_itself(song: Path) -> None:
    cache, session = Kept(), session_from_paths([song])
    contents = Contents(cache)
    measured = measure_session(
        session, stems_of(session), cache=cache, content_of=lambda track: contents(track.path)
    )
    for track in session.tracks:
        found = cache.found
        alone = measure_file(track.path, content=contents(track.path), cache=cache)
        assert alone == measured.tracks[track.id]
        assert cache.found == found + 1


def test_a_saved_target_is_matched_as_its_references_are(
    ama: Any, song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMA_PRESETS", str(tmp_path / "mine"))
    stems = [song / "kick.wav", song / "bass.wav"]
    ama("presets", "save", "hats", "-r", song / "hats.wav")
    saved = ama("suggest", *stems, "--target", "hats", "--json").document
    direct = ama("suggest", *stems, "-r", song / "hats.wav", "--json").document
    assert (saved["engine"], direct["engine"]) == ("reference", "reference")
    for key in ("suggestions", "verification"):
        assert saved[key] == direct[key]
