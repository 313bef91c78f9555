"""`ama presets`: what ships, and targets of one's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ama_analysis.advise.targets import target_for
from ama_analysis.audio import read_audio
from ama_analysis.presets import load_target
from ama_analysis.progress import silent
from ama_analysis.reference import Reference
from ama_bridge.offline import read_plan
from tests.bridge.stems import DURATION_S, RATE_HZ


def test_presets_are_listed_shown_and_rendered(ama: Any, song: Path, tmp_path: Path) -> None:
    listed = [line.split() for line in ama("presets", "list").out.splitlines()]
    kinds = {words[1]: words[0] for words in listed}
    assert kinds["neutral"] == "target"
    chain = next(name for name, kind in kinds.items() if kind == "chain")
    assert "source" in ama("presets", "show", "neutral").out
    assert json.loads(ama("presets", "show", chain).out)["schema"] == "ama.chain/1"
    out = tmp_path / "out.wav"
    assert ama("presets", "render", chain, song / "bass.wav", out).code == 0
    assert read_audio(out).frames == round(DURATION_S * RATE_HZ)
    assert "AMA-301" in ama("presets", "show", "polka").sentence()
    assert "AMA-301" in ama("presets", "render", "polka", song / "bass.wav", out).sentence()
    own = song / "bass.wav"
    assert "input" in ama("presets", "render", chain, own, own).sentence()


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "my targets"
    monkeypatch.setenv("AMA_PRESETS", str(folder))
    return folder


def test_references_are_saved_listed_shown_and_aimed_at(
    ama: Any, song: Path, mine: Path, tmp_path: Path
) -> None:
    references = ["-r", song / "hats.wav", "-r", f"{song / 'kick.wav'}@1-3"]
    ran = ama("presets", "save", "our sound", *references, "--target", "pop")
    assert ran.code == 0
    assert "--target 'our sound'" in ran.out
    path = mine / "our sound.toml"
    assert load_target(str(path)).references == ("hats.wav", "kick.wav@0:01-0:03")
    listed = ama("presets", "list").out
    assert any("our sound" in line and "(yours)" in line for line in listed.splitlines())
    for name in ("our sound", path):
        assert ama("presets", "show", name).out == path.read_text(encoding="utf-8")
    for name in ("our sound", path):
        out = tmp_path / "plan.json"
        assert ama("suggest", song / "bass.wav", "--target", name, "--out", out).code == 0
        told = read_plan(out).target
        assert (told.name, told.kind) == ("our sound", "reference")
        assert told.references == ("hats.wav", "kick.wav@0:01-0:03")


def test_a_saved_target_is_what_the_references_are(ama: Any, song: Path, mine: Path) -> None:
    paths = [song / "hats.wav", song / "kick.wav"]
    ama("presets", "save", "same", *(part for path in paths for part in ("-r", path)))
    direct = target_for(None, [Reference(path=path) for path in paths], silent)
    saved = load_target(str(mine / "same.toml"))
    for name in ("profile", "spread", "roles", "ceiling_dbtp", "loudness_lufs", "kind", "title"):
        assert getattr(saved, name) == getattr(direct, name), name


def test_nothing_is_written_over_without_being_told(ama: Any, song: Path, mine: Path) -> None:
    def save(reference: str, *more: str) -> Any:
        return ama("presets", "save", "mine", "-r", song / reference, *more)

    assert save("hats.wav").code == 0
    before = (mine / "mine.toml").read_bytes()
    assert "is there already" in save("kick.wav").sentence()
    assert (mine / "mine.toml").read_bytes() == before
    assert save("kick.wav", "--force").code == 0
    assert load_target(str(mine / "mine.toml")).references == ("kick.wav",)


def test_a_target_goes_where_it_is_told(ama: Any, song: Path, mine: Path, tmp_path: Path) -> None:
    file, folder = tmp_path / "deep" / "club.toml", tmp_path / "folder"
    ran = ama("presets", "save", "club", "-r", song / "hats.wav", "--out", file)
    assert f"--target {file}" in ran.out.replace("\n", "")
    assert ama("presets", "save", "club", "-r", song / "hats.wav", "--out", folder).code == 0
    assert (folder / "club.toml").read_bytes() == file.read_bytes()
    assert not mine.exists()
    said = ama("presets", "save", "club", "-r", song / "hats.wav", "--out", tmp_path / "x.json")
    assert "x.json is neither a .toml file nor a folder that is there" in said.sentence()


def test_one_of_one_s_own_gives_roles_and_ceiling_to_another(
    ama: Any, song: Path, mine: Path
) -> None:
    ama("presets", "save", "first", "-r", song / "hats.wav", "--target", "podcast")
    ran = ama("presets", "save", "second", "-r", song / "kick.wav", "--target", "first")
    assert ran.code == 0
    first, second = (load_target(str(mine / f"{name}.toml")) for name in ("first", "second"))
    assert (second.roles, second.ceiling_dbtp, second.style) == (
        first.roles,
        first.ceiling_dbtp,
        first.style,
    )
    assert second.profile != first.profile


@pytest.mark.parametrize("name", ["../up", "", "a/b", ".hidden", "x" * 81, "pop "])
def test_a_name_that_cannot_be_one_is_refused(ama: Any, song: Path, mine: Path, name: str) -> None:
    said = ama("presets", "save", name, "-r", song / "hats.wav").sentence()
    assert "cannot be the name of a target" in said
    assert not mine.exists()


def test_a_name_that_ships_and_an_input_are_refused(ama: Any, song: Path, mine: Path) -> None:
    said = ama("presets", "save", "pop", "-r", song / "hats.wav").sentence()
    assert "ships with AMA" in said
    assert "is not there" in ama("presets", "save", "x", "-r", song / "gone.wav").sentence()
    assert ama("presets", "save", "x").code == 2


def test_a_name_that_is_nobody_s_is_answered_with_all_names(
    ama: Any, song: Path, mine: Path
) -> None:
    ama("presets", "save", "mine", "-r", song / "hats.wav")
    for said in (
        ama("suggest", song, "--target", "polka").sentence(),
        ama("presets", "show", "polka").sentence(),
    ):
        assert "polka" in said
        assert "neutral" in said
        assert "mine" in said
        assert "AMA-301" in said


def test_a_damaged_target_of_one_s_own_stands_in_the_list(ama: Any, song: Path, mine: Path) -> None:
    mine.mkdir()
    (mine / "broken.toml").write_text("title = ", encoding="utf-8")
    ran = ama("presets", "list")
    assert ran.code == 0
    assert any("broken" in line and "cannot be used" in line for line in ran.out.splitlines())
    assert "AMA-302" in ama("suggest", song, "--target", "broken").sentence()


@pytest.mark.parametrize("text", ["title = ", "a = " + 5000 * "[", "a = " + 5000 * "9"])
def test_no_target_of_one_s_own_takes_the_list_down(ama: Any, mine: Path, text: str) -> None:
    mine.mkdir()
    (mine / "odd.toml").write_text(text, encoding="utf-8")
    (mine / "folder.toml").mkdir()
    (mine / "gone.toml").symlink_to(mine / "nowhere")
    ran = ama("presets", "list")
    assert ran.code == 0
    lines = [line for line in ran.out.splitlines() if "cannot be used" in line]
    assert [line.split()[1] for line in lines] == ["folder", "gone", "odd"]


def test_a_target_that_may_not_be_read_stands_in_the_list_until_it_may(
    ama: Any, mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine.mkdir()
    (mine / "closed.toml").write_text('title = "Mine"\nbased_on = "pop"\n', encoding="utf-8")
    read_text = Path.read_text

    def refusing(path: Path, *arguments: Any, **options: Any) -> str:
        if path.name == "closed.toml":
            raise PermissionError(13, "Permission denied")
        return read_text(path, *arguments, **options)

    with monkeypatch.context() as closed:
        closed.setattr(Path, "read_text", refusing)
        ran = ama("presets", "list")
        assert ran.code == 0
        assert "Permission denied" in ran.out
        assert "AMA-301" in ama("presets", "show", "closed").sentence()
    assert "Mine (yours)" in ama("presets", "list").out


def test_a_saved_target_uses_the_cache_and_no_cache_keeps_nothing(
    ama: Any, song: Path, mine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache"
    monkeypatch.setenv("AMA_CACHE", str(cache))
    ama("presets", "save", "a", "-r", song / "hats.wav", "--no-cache")
    assert not cache.exists()
    ama("presets", "save", "b", "-r", song / "hats.wav")
    assert len(list(cache.glob("*/*"))) == 1
    ama("presets", "save", "c", "-r", song / "hats.wav")
    files = [(mine / f"{name}.toml").read_bytes() for name in "abc"]
    assert files[0] == files[1] == files[2]
