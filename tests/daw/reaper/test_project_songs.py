"""Whole songs: projects written of real sessions sound as the sessions' stems, and the commands work from a project to its copy."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from ama_analysis.advise import stems_of
from ama_analysis.audio import in_memory
from ama_analysis.plan import Gain
from ama_analysis.render import Mixdown
from ama_analysis.session import Session, track_of
from ama_bridge import cli
from ama_bridge.daw.reaper.project.file import read_project
from ama_bridge.daw.session_files import session_in
from ama_bridge.offline import read_plan
from tests.daw.reaper.made_projects import (
    VST,
    MadeItem,
    MadeProject,
    MadeTrack,
    guid,
    plugin_state,
)
from tests.real_data import SESSIONS, needs_real_data

RATE_HZ = 48_000
ROUNDING_DB = -120.0
"""Gains of the items are multiplied in 32 bits, once more than in the stems."""
READ_DB = 1e-9


def whole(path):
    info = soundfile.info(path)
    return (MadeItem(file=str(path), length_s=info.frames / info.samplerate, name=path.stem),)


def cut(path):
    """Return two items that meet at a third of the file."""
    (item,) = whole(path)
    at = round(item.length_s * RATE_HZ / 3) / RATE_HZ
    first = dataclasses.replace(item, length_s=at)
    return (first, dataclasses.replace(item, position_s=at, offset_s=at, length_s=item.length_s - at))  # fmt: skip


def crossfaded(path):
    """Return two items that lie over each other for a tenth of a second, with a straight crossfade."""
    (item,) = whole(path)
    at = round(item.length_s / 2, 3)
    first = dataclasses.replace(item, length_s=at + 0.1, fade_out="0 0 0.1 0 0 0 0")
    return (first, dataclasses.replace(item, position_s=at, offset_s=at, length_s=item.length_s - at, fade_in="0 0 0.1 0 0 0 0"))  # fmt: skip


def levelled(path):
    """Return one item whose volumes make up for each other."""
    (item,) = whole(path)
    return (dataclasses.replace(item, volume=0.5, take_volume=2.0),)


WAYS = (whole, cut, crossfaded, levelled)


def mix_of(session):
    return in_memory(Mixdown(session=session, suggestions=(), sound_of=stems_of(session))).samples


def song_of(folder: Path, stems: list[Path], seed: int) -> tuple[MadeProject, Session]:
    """Return a project of stems, each written in one of the ways, and the session that it stands for."""
    rng = np.random.default_rng(seed)
    info = soundfile.info(stems[0])
    tracks, expected = [], []
    for at, path in enumerate(stems):
        fader_db, pan = float(rng.uniform(-12, 3)), round(float(rng.uniform(-1, 1)), 3)
        tracks.append(
            MadeTrack(
                name=path.stem,
                volume=10 ** (fader_db / 20),
                pan=pan,
                effects=VST.replace("BYPASS 0", "BYPASS 1"),
                items=WAYS[at % len(WAYS)](path),
            )
        )
        track = track_of(path, track_id=guid(at + 1), name=path.stem)
        expected.append(dataclasses.replace(track, fader_db=fader_db, pan=pan))
    session = Session(
        name=folder.name,
        tracks=tuple(expected),
        sample_rate_hz=info.samplerate,
        duration_s=info.frames / info.samplerate,
    )
    return MadeProject(tracks=tuple(tracks), rate_hz=info.samplerate), session


@needs_real_data
@pytest.mark.parametrize("name", ["lmms_makeme", "evr_rubidium", "mdn_funk"])
def test_a_project_of_a_real_session_sounds_as_its_stems(name, tmp_path):
    stems = sorted(p for p in (SESSIONS / name).glob("*.flac") if p.stem not in {"mix", "master"})
    made, expected = song_of(SESSIONS / name, stems, seed=len(name))
    path = made.write(tmp_path / "song.rpp")
    session = session_in(path, stems_dir=tmp_path / "stems")
    assert session is not None
    assert session.warnings == ()
    assert [(t.id, t.name, t.role) for t in session.tracks] == [(t.id, t.name, t.role) for t in expected.tracks]  # fmt: skip
    assert [t.fader_db for t in session.tracks] == pytest.approx([t.fader_db for t in expected.tracks], abs=READ_DB)  # fmt: skip
    assert [t.pan for t in session.tracks] == [t.pan for t in expected.tracks]
    got, wanted = mix_of(session), mix_of(expected)
    assert got.shape == wanted.shape
    left_db = 10 * np.log10(np.mean(np.square(got - wanted, dtype=np.float64)) / np.mean(np.square(wanted, dtype=np.float64)) + 1e-30)  # fmt: skip
    assert left_db < ROUNDING_DB


@pytest.fixture
def song(tmp_path, monkeypatch):
    """A project of three noises on disk, in a folder of its own."""
    monkeypatch.setenv("AMA_STATE", str(tmp_path / "state"))
    folder = tmp_path / "song"
    folder.mkdir()
    rng = np.random.default_rng(8)
    tracks = []
    for at, name in enumerate(("Kick", "Bass", "Lead Vox")):
        samples = (0.2, 0.02, 0.01)[at] * rng.standard_normal((4 * RATE_HZ, 1))
        soundfile.write(folder / f"{name}.wav", samples, RATE_HZ, subtype="FLOAT")
        item = MadeItem(file=f"{name}.wav", length_s=4.0 - at, position_s=0.5 * at)
        tracks.append(MadeTrack(name=name, volume=1.0, items=(item,)))
    return MadeProject(tracks=tuple(tracks), line_end="\r\n").write(folder / "song.rpp")


def test_from_a_project_to_its_copy_by_the_command_line(song, tmp_path, capsys):
    plan = tmp_path / "plan.json"
    assert cli.main(["suggest", str(song.parent), "--no-cache", "--out", str(plan)]) == 0
    copy = song.with_name("song-ama.rpp")
    before = song.read_bytes()
    assert cli.main(["apply", str(plan), "--daw", "reaper", "--copy", str(copy), "--with-jsfx"]) == 0  # fmt: skip
    said = capsys.readouterr().out
    assert "values read back" in said
    assert "no REAPER has opened it" in said
    assert song.read_bytes() == before
    gains = {s.track: s.action for s in read_plan(plan).suggestions if isinstance(s.action, Gain)}
    wanted = {track: action.fader_db for track, action in gains.items()}
    assert wanted
    found = {t.id: t.fader_db for t in read_project(copy).tracks}
    assert {track: found[track] for track in wanted} == pytest.approx(wanted, abs=READ_DB)


def test_only_some_suggestions_go_into_a_copy(song, tmp_path):
    plan = tmp_path / "plan.json"
    assert cli.main(["suggest", str(song), "--no-cache", "--out", str(plan)]) == 0
    first = next(
        s for s in read_plan(plan).suggestions if isinstance(s.action, Gain) and s.action.delta_db
    )
    copy = song.with_name("one.rpp")
    assert cli.main(["apply", str(plan), "--daw", "reaper", "--copy", str(copy), "--only", first.id]) == 0  # fmt: skip
    pairs = zip(read_project(song).tracks, read_project(copy).tracks, strict=True)
    moved = [after.id for before, after in pairs if before.fader_db != after.fader_db]
    assert moved == [first.track]


def test_a_copy_is_for_reaper_and_its_options_for_a_copy(song, tmp_path, capsys):
    plan = tmp_path / "plan.json"
    assert cli.main(["suggest", str(song), "--no-cache", "--out", str(plan)]) == 0
    assert cli.main(["apply", str(plan), "--daw", "ardour", "--copy", "x.rpp"]) == 2
    assert cli.main(["apply", str(plan), "--daw", "reaper", "--with-jsfx"]) == 2
    assert cli.main(["apply", str(plan), "--daw", "reaper", "--copy", str(song)]) == 2
    assert "is the project itself" in capsys.readouterr().err


def test_a_large_project_is_read_and_copied_without_looking_into_its_plugins(tmp_path, record_property):  # fmt: skip
    """50 MB, as with samplers whose state is in the project. The time is shown, not asserted."""
    soundfile.write(tmp_path / "a.wav", np.zeros((RATE_HZ, 1)), RATE_HZ)
    item = MadeItem(file="a.wav", length_s=1.0)
    state = plugin_state(1.6)
    tracks = tuple(MadeTrack(name=f"T{n}", effects=state, items=(item,)) for n in range(32))
    path = MadeProject(tracks=tracks).write(tmp_path / "large.rpp")
    assert path.stat().st_size > 50e6
    start = time.perf_counter()
    found = read_project(path)
    record_property("seconds_to_read_50_mb", time.perf_counter() - start)
    assert len(found.tracks) == 32
    assert {t.plugins for t in found.tracks} == {("VST3i: Large (Maker)",)}
