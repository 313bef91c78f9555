"""AMA's scripts in a REAPER that lacks something: calls and settings of newer ones, a rate, a device; and in one that shows every
new effect in a window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import soundfile

from tests.daw.reaper.applying import Desk, band, control, insert, part, request, strip
from tests.daw.reaper.exporting import Song

OLD: dict[str, Any] = {"lua": "5.3", "version": "6.08"}


def test_stems_before_the_fader_are_not_offered_there(tmp_path: Path) -> None:
    song = Song(tmp_path, **OLD).band()
    song.run("export")
    song.fake.spin(0.5)
    texts = song.fake.window.texts
    assert not [text for text in texts if "before the fader" in text]
    assert [text for text in texts if text.startswith("After fader and pan")]
    song.fake.window.click_on("Export")
    song.fake.spin(60, until=lambda: (song.mailbox / "exported.json").exists())
    (settings, files), *_ = song.fake.rendering.log
    assert settings["RENDER_SETTINGS"] == 2
    assert all(soundfile.info(path).frames for path in files if path.exists())
    song.fake.stop()


@pytest.mark.parametrize("pre_fader", ["ignored", "masked"])
def test_nobody_gets_stems_behind_the_fader_that_are_called_before_it(
    pre_fader: str, tmp_path: Path
) -> None:
    song = Song(tmp_path, pre_fader=pre_fader, **OLD).band()
    before = song.project.render.values()
    song.run("export", bounced="post_effects")
    song.fake.spin(10, until=lambda: song.said("before the fader"))
    assert song.said("cannot render stems before the fader")
    assert not song.fake.rendering.log
    assert song.project.render.values() == before
    song.fake.stop()


def test_automation_is_seen_without_the_call_that_asks_for_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path, **OLD)
    bass, kick = desk.project.add("Bass"), desk.project.add("Kick")
    bass.automate("Volume")
    kick.automate("Volume", active=False)
    answer = desk.apply(
        request(
            [
                strip(bass, control("bass", "fader_db", -3.0)),
                strip(kick, control("kick", "fader_db", -3.0)),
            ]
        )
    )
    assert [each["suggestion"] for each in answer["applied"]] == ["kick"]
    assert "automation" in answer["skipped"][0]["reason"]


def test_effects_that_cannot_be_renamed_are_known_by_their_id(tmp_path: Path) -> None:
    desk = Desk(tmp_path, renames_effects=False, **OLD)
    bass = desk.project.add("Bass")
    before = desk.project.state()
    asked = request([strip(bass, insert("reaeq", part("tone", band("bell", 300.0, -3.0))))])
    assert [each["suggestion"] for each in desk.apply(asked)["applied"]] == ["tone"]
    assert [fx.shown_name for fx in bass.fx] == ["VST: ReaEQ (Cockos)"]
    assert desk.revert()["gone"] == []
    assert desk.project.state() == before


def test_no_window_stays_open_where_new_effects_float(tmp_path: Path) -> None:
    desk = Desk(tmp_path, floats_effects=True)
    bass = desk.project.add("Bass")
    asked = request([strip(bass, insert("reaeq", part("tone", band("bell", 300.0, -3.0))))])
    assert [each["suggestion"] for each in desk.apply(asked)["applied"]] == ["tone"]
    assert len(bass.fx) == 1


@pytest.mark.parametrize(("device_hz", "stems_hz"), [(44_100, 44_100), (None, 48_000)])
def test_a_project_without_a_rate_takes_the_device_s_and_else_the_usual_one(
    device_hz: int | None, stems_hz: int, tmp_path: Path
) -> None:
    song = Song(tmp_path).band()
    song.project.has_own_rate = False
    song.fake.device_rate_hz = device_hz
    song.export()
    files = [path for _, each in song.fake.rendering.log for path in each]
    rates = {soundfile.info(path).samplerate for path in song.folder.glob("*.wav")}
    assert files
    assert rates == {stems_hz}
    song.fake.stop()
