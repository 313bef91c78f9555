"""Copies of projects: what is in them, that nothing else is, and what is refused."""

from __future__ import annotations

import dataclasses
import difflib
from pathlib import Path

import numpy as np
import pytest
import soundfile

from ama_analysis.errors import AmaError
from ama_analysis.plan import (
    Compressor,
    EqBand,
    Gate,
    HighPass,
    Limiter,
    MasterEq,
    Polarity,
    Sidechain,
)
from ama_analysis.session import Session
from ama_bridge import wire
from ama_bridge.daw.reaper.project.copies import number_text
from ama_bridge.daw.reaper.project.daw import ProjectCopy
from ama_bridge.daw.reaper.project.effects import track_effects
from ama_bridge.daw.reaper.project.file import project_chunk, read_project
from ama_bridge.daw.reaper.project.strip import strips_of
from ama_bridge.daw.session_files import session_in
from tests.daw.reaper.made_plans import gain, pan, plan_of, suggestion
from tests.daw.reaper.made_projects import (
    VST,
    MadeItem,
    MadeProject,
    MadeTrack,
    envelope,
    guid,
)

RATE_HZ = 48_000
READ_DB = 1e-9
"""Fourteen decimals of a linear gain."""
ITEM = MadeItem(file="a.wav", length_s=0.1)
MOVED = dataclasses.replace(ITEM, position_s=0.5)
SONG = MadeProject(
    tracks=(
        MadeTrack(name="Kick", volume=0.5, items=(ITEM,)),
        MadeTrack(name='Vox "lead"', pan=0.25, effects=VST, items=(MOVED,)),
        MadeTrack(name="Keys", items=(ITEM,)),
    )
)
KICK, VOX, KEYS = guid(1), guid(2), guid(3)
COMPRESSOR = Compressor(threshold_db=-20, ratio=3, attack_ms=10, release_ms=120, knee_db=6, makeup_db=2)  # fmt: skip
GATE = Gate(threshold_db=-42.5, ratio=2.5, attack_ms=1.25, release_ms=180)


@dataclasses.dataclass
class Song:
    """A project on disk, and the plan's session of it."""

    path: Path
    session: Session
    folder: Path

    def copy(self, *suggestions, name="song-ama.rpp", project=None, **options):
        to = ProjectCopy(out=self.folder / name, state=self.folder.parent / "state", project=project, **options)  # fmt: skip
        plan = plan_of(self.session, *suggestions)
        return to.apply(plan, plan_id="p", folder=self.folder.parent / "delivery")

    def copied(self, *suggestions, name="song-ama.rpp", **options):
        receipt = self.copy(*suggestions, name=name, **options)
        return receipt, self.folder / name


def song_of(tmp_path, made=SONG):
    folder = tmp_path / "song"
    folder.mkdir()
    samples = 0.2 * np.random.default_rng(2).standard_normal((4_800, 1))
    soundfile.write(folder / "a.wav", samples, RATE_HZ, subtype="FLOAT")
    path = made.write(folder / "song.rpp")
    return Song(path, session_of(path, tmp_path), folder)


def session_of(path, tmp_path):
    session = session_in(path, stems_dir=tmp_path / "state" / "stems")
    assert session is not None
    return session


@pytest.fixture
def song(tmp_path):
    return song_of(tmp_path)


def changed_lines(before, after):
    """Return the lines that went and those that came."""
    lines = list(difflib.ndiff(before.splitlines(), after.splitlines()))
    return [s[2:].strip() for s in lines if s[:2] == "- "], [s[2:].strip() for s in lines if s[:2] == "+ "]  # fmt: skip


def test_the_copy_read_back_has_the_suggested_faders_and_pans_and_the_rest_as_it_was(song):
    receipt, out = song.copied(gain(KICK, -3.3), pan(KICK, -0.4), gain(VOX, 5.17), pan(KEYS, 1.0))
    before, after = read_project(song.path), read_project(out)
    assert [t.fader_db for t in after.tracks] == pytest.approx([-3.3, 5.17, 0.0], abs=READ_DB)
    assert [t.pan for t in after.tracks] == [-0.4, 0.25, 1.0]
    kept = [dataclasses.replace(t, fader_db=0, pan=0) for t in before.tracks]
    assert [dataclasses.replace(t, fader_db=0, pan=0) for t in after.tracks] == kept
    assert receipt.applied == (f"gain:{KICK}", f"pan:{KICK}", f"gain:{VOX}", f"pan:{KEYS}")
    assert not receipt.skipped
    assert [r.read for r in receipt.read_back] == pytest.approx(
        [-3.3, -0.4, 5.17, 1.0], abs=READ_DB
    )


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_only_the_lines_that_are_meant_differ(tmp_path, line_end):
    song = song_of(tmp_path, dataclasses.replace(SONG, line_end=line_end))
    before = song.path.read_bytes()
    _, out = song.copied(gain(KICK, -6.0), suggestion(VOX, Polarity(invert=True, delay_ms=2.5)))
    went, came = changed_lines(before.decode(), out.read_bytes().decode())
    assert went == ["VOLPAN 0.5 0.0 -1 -1 1", "IPHASE 0", "PLAYOFFS 0 1"]
    assert came == ["VOLPAN 0.50118723362727 0.0 -1 -1 1", "IPHASE 1", "PLAYOFFS 0.0025 0"]
    assert out.read_bytes().count(line_end.encode()) == before.count(line_end.encode())
    assert song.path.read_bytes() == before


def test_polarity_and_delay_count_from_where_the_track_stands(tmp_path):
    track = MadeTrack(name="Kick", inverted=True, items=(ITEM,))
    song = song_of(tmp_path, dataclasses.replace(SONG, tracks=(track,)))
    text = song.path.read_text().replace("PLAYOFFS 0 1", "PLAYOFFS 0.01 0")
    song.path.write_text(text)
    song.session = session_of(song.path, tmp_path)
    _, out = song.copied(suggestion(KICK, Polarity(invert=True, delay_ms=1.0)))
    strip = strips_of(project_chunk(out))[0][1]
    assert not strip.inverted
    assert strip.later_s == pytest.approx(0.011)


def test_a_fader_that_inverts_stays_so(tmp_path):
    song = song_of(
        tmp_path, dataclasses.replace(SONG, tracks=(MadeTrack(volume=-0.5, items=(ITEM,)),))
    )
    _, out = song.copied(gain(KICK, -12.0))
    assert strips_of(project_chunk(out))[0][1].volume == pytest.approx(-(10 ** (-12 / 20)))


def test_effects_and_limiters_stay_with_the_script_and_are_told(song):
    band = EqBand(type="bell", freq_hz=300, gain_db=-3, q=1)
    receipt, _ = song.copied(
        gain(KICK, -1.0),
        suggestion(KICK, band),
        suggestion("master", Limiter(ceiling_dbtp=-1, gain_db=3)),
        suggestion(
            VOX, Sidechain(trigger=KICK, threshold_db=-30, ratio=2, attack_ms=5, release_ms=90)
        ),
    )
    assert receipt.applied == (f"gain:{KICK}",)
    assert {s.suggestion.partition(":")[0] for s in receipt.skipped} == {"eq_band", "limiter", "sidechain"}  # fmt: skip
    assert all("AMA Apply in REAPER" in s.reason for s in receipt.skipped)


@pytest.mark.parametrize(
    ("lines", "asked", "reason"),
    [
        (envelope("VOLENV2", (0, 1), (1, 0.5)), gain(KICK, -1.0), "fader follows automation"),
        (envelope("PANENV2", (0, 0.3)), pan(KICK, 0.5), "pan follows automation"),
        ("PANMODE 6", pan(KICK, 0.5), "no balance"),
        ("PANMODE 5", pan(KICK, 0.5), "no balance"),
    ],
)
def test_what_the_project_does_not_let_be_set_is_left_with_its_reason(tmp_path, lines, asked, reason):  # fmt: skip
    made = dataclasses.replace(SONG, tracks=(MadeTrack(lines=lines, items=(ITEM,)),))
    song = song_of(tmp_path, made)
    receipt = song.copy(asked)
    assert [reason in s.reason for s in receipt.skipped] == [True]
    assert receipt.applied == ()
    assert not (song.folder / "song-ama.rpp").exists()


def test_every_suggestion_stands_in_just_one_list(song):
    asked = [gain(KICK, -1.0), pan(KICK, 0.1), suggestion(VOX, COMPRESSOR), suggestion(KEYS, HighPass(cutoff_hz=80))]  # fmt: skip
    twice = dataclasses.replace(gain(KICK, -2.0), id="again")
    receipt = song.copy(*asked, twice, jsfx="AMA")
    told = [*receipt.applied, *(s.suggestion for s in receipt.skipped)]
    assert sorted(told) == sorted([*(s.id for s in asked), "again"])
    assert [s.suggestion for s in receipt.skipped] == [f"gain:{KICK}"]


def test_jsfx_stand_behind_the_tracks_own_effects(song):
    bell = EqBand(type="bell", freq_hz=300, gain_db=-3.25, q=1.4)
    asked = (suggestion(VOX, COMPRESSOR), suggestion(VOX, HighPass(cutoff_hz=90, slope_db_per_oct=24)), suggestion(VOX, bell))  # fmt: skip
    receipt, out = song.copied(*asked, jsfx="AMA")
    assert set(receipt.applied) == {s.id for s in asked}
    track = next(t for t, strip in strips_of(project_chunk(out)) if strip.id == VOX)
    names = [effect.name for effect in track_effects(track)]
    assert names == ["VST: ReaComp (Cockos)", "AMA EQ", "AMA Comp"]
    chain = next(track.of_kind("FXCHAIN"))
    eq = next(iter(next(c for c in chain.of_kind("JS") if "eq" in c.head.text(1)).lines()))
    assert [float(w.text) for w in eq.words[:11]] == [0, 4, 90, 0, 0.707107, 3, 1, 300, -3.25, 1.4, 6]  # fmt: skip
    assert len(eq.words) == 64
    comp = next(iter(next(c for c in chain.of_kind("JS") if "comp" in c.head.text(1)).lines()))
    assert [float(w.text) for w in comp.words[:7]] == [-20, 3, 10, 120, 6, 2, 0]
    assert any("ama install reaper" in note for note in receipt.notes)


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_jsfx_on_a_track_without_effects_get_a_chain_before_its_items(tmp_path, line_end):
    song = song_of(tmp_path, dataclasses.replace(SONG, line_end=line_end))
    before = song.path.read_bytes().decode()
    _, out = song.copied(suggestion(KICK, COMPRESSOR), jsfx="AMA")
    after = out.read_bytes().decode()
    went, came = changed_lines(before, after)
    assert went == []
    assert came[0] == "<FXCHAIN"
    assert came[-1] == ">"
    assert after.count("\n") == after.count(line_end)
    track = strips_of(project_chunk(out))[0][0]
    assert [chunk.kind for chunk in track.chunks] == ["FXCHAIN", "ITEM"]


def test_bands_of_the_master_go_into_the_masters_chain(song):
    band = MasterEq(type="high_shelf", freq_hz=9_000, gain_db=1.5, q=0.7)
    _, out = song.copied(suggestion("master", band), jsfx="AMA")
    project = project_chunk(out)
    chain = next(project.of_kind("MASTERFXLIST"))
    assert [chunk.head.text(2) for chunk in chain.of_kind("JS")] == ["AMA EQ"]
    assert len(strips_of(project)) == 3


def test_an_effect_of_an_earlier_copy_is_set_anew_and_not_added_twice(song):
    _, out = song.copied(suggestion(VOX, COMPRESSOR), jsfx="AMA")
    again = Song(out, session_of(out, song.folder.parent), song.folder)
    deeper = dataclasses.replace(COMPRESSOR, threshold_db=-30.0)
    receipt = again.copy(suggestion(VOX, deeper), name="2.rpp", jsfx="AMA")
    assert receipt.applied
    went, came = changed_lines(out.read_text(), (song.folder / "2.rpp").read_text())
    assert len(went) == len(came) == 1
    assert went[0].split()[1:] == came[0].split()[1:]
    assert [float(line.split()[0]) for line in (went[0], came[0])] == [-20.0, -30.0]


def test_a_gate_stands_before_amas_other_effects_also_where_these_are_there_already(song):
    bell = suggestion(VOX, EqBand(type="bell", freq_hz=300, gain_db=-3.25, q=1.4))
    gate = suggestion(VOX, GATE)
    _, whole = song.copied(suggestion(VOX, COMPRESSOR), bell, gate, jsfx="AMA")
    _, without = song.copied(suggestion(VOX, COMPRESSOR), bell, name="1.rpp", jsfx="AMA")
    later = Song(without, session_of(without, song.folder.parent), song.folder)
    _, added = later.copied(suggestion(VOX, COMPRESSOR), bell, gate, name="2.rpp", jsfx="AMA")
    assert added.read_bytes() == whole.read_bytes()
    track = next(t for t, strip in strips_of(project_chunk(added)) if strip.id == VOX)
    names = [effect.name for effect in track_effects(track)]
    assert names == ["VST: ReaComp (Cockos)", "AMA Gate", "AMA EQ", "AMA Comp"]
    numbers = next(iter(next(next(track.of_kind("FXCHAIN")).of_kind("JS")).lines()))
    assert [word.text for word in numbers.words[:5]] == ["-42.500000", "2.500000", "1.250000", "180.000000", "-"]  # fmt: skip


def test_an_effect_that_amas_script_made_stays_with_the_script(tmp_path):
    theirs = VST.replace('0 "" 19', '0 "AMA Comp" 19')
    made = dataclasses.replace(SONG, tracks=(MadeTrack(effects=theirs, items=(ITEM,)),))
    receipt = song_of(tmp_path, made).copy(suggestion(KICK, COMPRESSOR), jsfx="AMA")
    assert [s.reason.partition(",")[0] for s in receipt.skipped] == ["AMA Comp stands there already"]  # fmt: skip


def test_a_track_whose_effects_are_switched_off_gets_none(song):
    text = song.path.read_text()
    song.path.write_text(text.replace("    FX 1\n", "    FX 0\n", 1))
    receipt = song.copy(suggestion(KICK, COMPRESSOR), jsfx="AMA")
    assert [s.reason for s in receipt.skipped] == ["the track's effects are switched off"]


def test_the_same_plan_gives_the_same_bytes(song):
    asked = (gain(KICK, -1.0), suggestion(KICK, COMPRESSOR))
    song.copy(*asked, jsfx="AMA")
    first = (song.folder / "song-ama.rpp").read_bytes()
    song.copy(*asked, jsfx="AMA")
    assert (song.folder / "song-ama.rpp").read_bytes() == first


def test_amas_own_copy_is_written_over_and_nothing_else_is(song):
    song.copy(gain(KICK, -1.0))
    song.copy(gain(KICK, -2.0))
    out = song.folder / "song-ama.rpp"
    assert read_project(out).tracks[0].fader_db == pytest.approx(-2.0)
    saved = out.read_bytes().replace(b"CURSOR 0", b"CURSOR 9")
    out.write_bytes(saved)
    with pytest.raises(AmaError, match="not a copy as AMA wrote it") as caught:
        song.copy(gain(KICK, -3.0))
    assert caught.value.code == "AMA-706"
    assert out.read_bytes() == saved


def test_the_project_itself_is_never_written(song):
    before = song.path.read_bytes()
    with pytest.raises(AmaError, match="is the project itself"):
        song.copy(gain(KICK, -1.0), name="song.rpp")
    (song.folder / "link.rpp").symlink_to(song.path)
    with pytest.raises(AmaError, match="is the project itself"):
        song.copy(gain(KICK, -1.0), name="link.rpp")
    assert song.path.read_bytes() == before


@pytest.mark.parametrize(("name", "says"), [("song.txt", "not the name"), ("../song-ama.rpp", "beside")])  # fmt: skip
def test_a_copy_lies_beside_its_project(song, name, says):
    with pytest.raises(AmaError, match=says) as caught:
        song.copy(gain(KICK, -1.0), name=name)
    assert caught.value.code == "AMA-501"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("VOLPAN 0.5 0.0", "VOLPAN 0.6 0.0"), r"fader of Kick was at -6\.02 dB and is at -4\.44 dB"),
        (("VOLPAN 1.0 0.25", "VOLPAN 1.0 0.5"), r"pan of Vox \"lead\" was at \+0\.25"),
        (("NAME Keys", "NAME Piano"), "track Keys is called Piano"),
        (("MUTESOLO 0 0 0", "MUTESOLO 1 0 0"), "is muted"),
        (("POSITION 0.5", "POSITION 0.75"), "items of Vox \"lead\" are others"),
        (("SOFFS 0.0", "SOFFS 0.01"), "items of Kick are others"),
        ((guid(3), guid(7)), "track Keys is not there"),
    ],
)  # fmt: skip
def test_a_project_that_changed_since_the_plan_is_refused(song, change, says):
    song.path.write_text(song.path.read_text().replace(*change))
    with pytest.raises(AmaError, match=says) as caught:
        song.copy(gain(KICK, -1.0))
    assert caught.value.code == "AMA-706"
    assert not (song.folder / "song-ama.rpp").exists()


def test_a_sound_file_that_changed_since_the_plan_is_noticed(song):
    soundfile.write(song.folder / "a.wav", np.zeros((9_600, 1)), RATE_HZ, subtype="FLOAT")
    with pytest.raises(AmaError, match="are others"):
        song.copy(gain(KICK, -1.0))


def test_what_has_nothing_to_do_with_the_mix_may_change(song):
    song.path.write_text(song.path.read_text().replace("CURSOR 0", "CURSOR 9").replace("SEL 0", "SEL 1"))  # fmt: skip
    receipt, out = song.copied(gain(KICK, -1.0))
    assert receipt.applied
    assert b"CURSOR 9" in out.read_bytes()


def test_a_plan_of_something_else_needs_the_project(song):
    song.session = dataclasses.replace(song.session, project=None)
    with pytest.raises(AmaError, match="not made of a REAPER project"):
        song.copy(gain(KICK, -1.0))
    receipt, _ = song.copied(gain(KICK, -1.0), project=song.path)
    assert receipt.applied == (f"gain:{KICK}",)


def test_the_plan_remembers_its_project_in_its_file(song):
    plan = plan_of(song.session, gain(KICK, -1.0))
    read = wire.plan_from_bytes(wire.plan_bytes(plan), name="plan", folder=song.folder)
    assert read.session.project == song.path


@pytest.mark.parametrize(("value", "text"), [(0.0, "0"), (-0.0, "0"), (1.0, "1"), (0.1, "0.1"), (-0.4, "-0.4"), (1e-10, "0.0000000001"), (1e-20, "0")])  # fmt: skip
def test_numbers_are_written_as_reaper_does(value, text):
    assert number_text(value) == text
