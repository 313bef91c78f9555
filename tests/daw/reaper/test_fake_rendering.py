"""Rendering in the fake: what the settings say, and each way in which a render goes wrong without a word."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.daw.fake_reaper import FakeReaper, MistakeError
from tests.daw.reaper.fake.items import Item, Take
from tests.daw.reaper.fake.rendering import Outcome, PreFader

RATE = 8000
STEMS = """
    local function number(key, value) reaper.GetSetProjectInfo(0, key, value, true) end
    local function text(key, value) reaper.GetSetProjectInfo_String(0, key, value, true) end
    number("RENDER_SETTINGS", 2 | 8192)
    number("RENDER_BOUNDSFLAG", 0) number("RENDER_STARTPOS", 0) number("RENDER_ENDPOS", 0.5)
    number("RENDER_TAILFLAG", 0) number("RENDER_NORMALIZE", 0) number("RENDER_ADDTOPROJ", 0)
    text("RENDER_FORMAT", "ZXZhdyAAAQ==")
    text("RENDER_FILE", reaper.GetResourcePath() .. "/stems")
    text("RENDER_PATTERN", "$tracknumber-$track")
"""
RENDER = STEMS + "reaper.Main_OnCommand(42230, 0)"


def song(folder: Path) -> FakeReaper:
    fake = FakeReaper(folder=folder, sample_rate_hz=RATE)
    ramp = np.linspace(0, 0.5, RATE // 2, dtype=np.float32)
    fake.project.add("Bass", sound=np.stack([ramp, -ramp]), D_VOL=0.5, selected=True)
    fake.project.add("Sax/Solo", sound=ramp[None], effect_gain=0.25, selected=True)
    fake.project.add("Not this")
    return fake


def test_stems_are_before_the_fader_and_behind_the_effects(tmp_path: Path) -> None:
    fake = song(tmp_path)
    fake.run(RENDER)
    stems = tmp_path / "REAPER" / "stems"
    assert sorted(path.name for path in stems.iterdir()) == ["01-Bass.wav", "02-Sax_Solo.wav"]
    found, rate = soundfile.read(stems / "01-Bass.wav", dtype="float32")
    assert rate == RATE
    bass = fake.project["Bass"].sound
    assert bass is not None
    np.testing.assert_array_equal(found.T, bass)
    assert soundfile.info(stems / "01-Bass.wav").subtype == "FLOAT"
    found, _ = soundfile.read(stems / "02-Sax_Solo.wav", dtype="float32")
    assert float(np.abs(found).max()) == pytest.approx(0.125)


def test_targets_are_told_before_rendering(tmp_path: Path) -> None:
    fake = song(tmp_path)
    fake.run(
        STEMS
        + 'reaper.ShowConsoleMsg(select(2, reaper.GetSetProjectInfo_String(0, "RENDER_TARGETS", "", false)))'
    )
    folder = tmp_path / "REAPER" / "stems"
    assert fake.console == [f"{folder}/01-Bass.wav;{folder}/02-Sax_Solo.wav"]
    assert not folder.exists()


def test_a_forgotten_setting_is_heard(tmp_path: Path) -> None:
    for at, (change, longest, loudest) in enumerate(
        [
            ('number("RENDER_NORMALIZE", 1)', 0.5, 0.7),
            ('number("RENDER_TAILFLAG", 1)', 1.5, 0.5),
            ('number("RENDER_SETTINGS", 2)', 0.5, 0.25),
        ]
    ):
        fake = song(tmp_path / str(at))
        fake.run(STEMS + change + " reaper.Main_OnCommand(42230, 0)")
        found, rate = soundfile.read(tmp_path / str(at) / "REAPER" / "stems" / "01-Bass.wav")
        assert len(found) / rate == longest
        assert float(np.abs(found).max()) == pytest.approx(loudest, abs=1e-6)


@pytest.mark.parametrize(
    ("outcome", "size"), [("nothing", None), ("stub", 0), ("silence", "some"), ("short", "some")]
)
def test_a_render_goes_wrong_as_the_test_says(
    outcome: Outcome, size: object, tmp_path: Path
) -> None:
    fake = song(tmp_path)
    fake.rendering.outcomes["Bass"] = outcome
    fake.run(RENDER)
    path = tmp_path / "REAPER" / "stems" / "01-Bass.wav"
    assert path.exists() == (size is not None)
    if size == 0:
        assert path.stat().st_size == 0
    if outcome == "silence":
        assert not soundfile.read(path)[0].any()
    if outcome == "short":
        assert soundfile.info(path).frames == RATE // 4
    assert (path.parent / "02-Sax_Solo.wav").stat().st_size > 0


@pytest.mark.parametrize(
    "wrong",
    [
        'number("RENDER_ADDTOPROJ", 1)',
        'text("RENDER_FORMAT", "l3pmQAEAAA==")',
        "reaper.Main_OnCommand(42230, 0)",
    ],
)
def test_what_would_show_a_window_or_change_the_project_is_a_mistake(
    wrong: str, tmp_path: Path
) -> None:
    with pytest.raises(MistakeError):
        song(tmp_path).run(STEMS + wrong + " reaper.Main_OnCommand(42230, 0)")


def test_a_format_of_four_letters_reads_back_whole_and_settings_can_be_put_back(
    tmp_path: Path,
) -> None:
    fake = song(tmp_path)
    before = fake.project.render.values()
    fake.run("""
        local format = select(2, reaper.GetSetProjectInfo_String(0, "RENDER_FORMAT", "", false))
        local rate = reaper.GetSetProjectInfo(0, "RENDER_SRATE", 0, false)
        reaper.GetSetProjectInfo_String(0, "RENDER_FORMAT", "evaw", true)
        reaper.GetSetProjectInfo(0, "RENDER_SRATE", 96000, true)
        reaper.ShowConsoleMsg(select(2, reaper.GetSetProjectInfo_String(0, "RENDER_FORMAT", "", false)))
        reaper.GetSetProjectInfo_String(0, "RENDER_FORMAT", format, true)
        reaper.GetSetProjectInfo(0, "RENDER_SRATE", rate, true)""")
    assert fake.console == ["ZXZhdxgAAQ=="]
    assert fake.project.render.values() == before


def test_samples_before_the_effects_are_read_in_any_piece(tmp_path: Path) -> None:
    fake = song(tmp_path)
    fake.run("""
        local accessor = reaper.CreateTrackAudioAccessor(reaper.GetTrack(0, 0))
        local array = reaper.new_array(8)
        assert(reaper.GetAudioAccessorSamples(accessor, 8000, 2, 0.25, 4, array) == 1)
        local found = array.table(1, 8)
        assert(#found == 8 and math.abs(found[1] - 0.25) < 1e-3 and found[2] == -found[1] and array.get_alloc() == 8)
        array.clear()
        assert(reaper.GetAudioAccessorSamples(accessor, 8000, 2, 99, 4, array) == 0 and array.table()[1] == 0)
        reaper.DestroyAudioAccessor(accessor)""")
    with pytest.raises(MistakeError, match="do not fit"):
        fake.run("""
            local accessor = reaper.CreateTrackAudioAccessor(reaper.GetTrack(0, 0))
            reaper.GetAudioAccessorSamples(accessor, 8000, 2, 0, 5, reaper.new_array(8))""")
    with pytest.raises(MistakeError, match="accessors behind"):
        fake.run("reaper.CreateTrackAudioAccessor(reaper.GetTrack(0, 0))")


def test_items_are_told_with_their_place(tmp_path: Path) -> None:
    fake = song(tmp_path)
    fake.project["Not this"].items = [Item(1.0, 2.0, muted=True, take=Take(midi=True))]
    fake.run("""
        local bass, last = reaper.GetTrack(0, 0), reaper.GetTrack(0, 2)
        assert(reaper.CountTrackMediaItems(bass) == 1 and reaper.GetProjectLength(0) == 3)
        local item = reaper.GetTrackMediaItem(last, 0)
        assert(reaper.GetMediaItemInfo_Value(item, "D_POSITION") == 1 and reaper.GetMediaItemInfo_Value(item, "B_MUTE") == 1)
        assert(reaper.TakeIsMIDI(reaper.GetActiveTake(item)) and not reaper.TakeIsMIDI(reaper.GetActiveTake(reaper.GetTrackMediaItem(bass, 0))))""")


@pytest.mark.parametrize(
    ("pre_fader", "kept"), [("works", True), ("ignored", True), ("masked", False)]
)
def test_an_old_reaper_renders_behind_the_fader_whatever_it_is_asked(
    pre_fader: PreFader, kept: bool, tmp_path: Path
) -> None:
    fake = song(tmp_path)
    fake.rendering.pre_fader = pre_fader
    fake.run(
        RENDER
        + ' reaper.ShowConsoleMsg(tostring(reaper.GetSetProjectInfo(0, "RENDER_SETTINGS", 0, false)))'
    )
    found, _ = soundfile.read(tmp_path / "REAPER" / "stems" / "01-Bass.wav")
    assert float(np.abs(found).max()) == pytest.approx(
        0.5 if pre_fader == "works" else 0.25, abs=1e-6
    )
    assert fake.console == ["8194.0" if kept else "2.0"]
    assert FakeReaper(folder=tmp_path / "old", version="6.83").rendering.pre_fader == "ignored"
