"""Projects that REAPER itself saved (the test data of the package rpp, BSD licence), and damaged ones, of which none may surprise AMA."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import soundfile

from ama_analysis.errors import SessionError
from ama_analysis.session import Session, track_of
from ama_bridge.daw.reaper.jsfx_text import effect_lines
from ama_bridge.daw.reaper.project.copies import copy_of
from ama_bridge.daw.reaper.project.effects import track_effects
from ama_bridge.daw.reaper.project.file import project_chunk, read_project
from ama_bridge.daw.reaper.project.notes import routings
from ama_bridge.daw.reaper.project.strip import strips_of
from ama_bridge.daw.reaper.request import Insert, Part, Value
from tests.daw.reaper.made_plans import gain, pan, plan_of
from tests.daw.reaper.made_projects import (
    VST,
    MadeItem,
    MadeProject,
    MadeTrack,
    envelope,
)

SAVED = Path(__file__).parent / "saved"
OLD, NEWER = SAVED / "reaper_4_32.rpp", SAVED / "reaper_5_50c.rpp"
ODD_NAME = "0123456789 abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!\"#$%&'()*+,-./:;<=>?@[\\]^_'{|}~"


def test_tracks_of_a_saved_project_have_their_names_ids_and_effects():
    tracks = strips_of(project_chunk(NEWER))
    names = [strip.name for _, strip in tracks]
    assert names == ["5.50", "Synth", "|Beep Boop", "Boop", ODD_NAME, '"hey', 'hey"', "<", ">", "<>"]  # fmt: skip
    assert all(re.fullmatch(r"\{[-0-9A-F]{36}\}", strip.id) for _, strip in tracks)
    effects = {strip.name: [e.name for e in track_effects(track)] for track, strip in tracks}
    assert effects["5.50"] == ["VST: ReaComp (Cockos)"]
    assert effects["Boop"] == ["loser/3BandEQ"]
    assert [strip.fader_db for _, strip in tracks] == [0.0] * 10
    routes = dict(zip(names, routings(tracks), strict=True))
    assert routes["Boop"].group == "|Beep Boop"
    assert routes["5.50"].sends == (ODD_NAME,)
    assert routes["Synth"].receives == (ODD_NAME,)


def test_a_project_of_reaper_4_has_quoted_ids():
    tracks = strips_of(project_chunk(OLD))
    assert [strip.id for _, strip in tracks] == [
        "{35FAE399-C558-4F4A-903F-4FF6F0470B4D}",
        "{1EB4F5A8-25D1-43CA-91D1-F1CA4ED005ED}",
    ]
    assert [strip.name for _, strip in tracks] == ["Trackk", "Track 2"]


def test_a_saved_project_without_sound_says_what_is_in_it():
    with pytest.raises(SessionError) as caught:
        read_project(NEWER)
    assert "5.50: it is MIDI" in caught.value.message
    assert "a click that REAPER makes" in caught.value.message


@pytest.mark.parametrize("path", [OLD, NEWER])
def test_a_copy_of_a_saved_project_differs_in_the_numbers_alone(path):
    project = project_chunk(path)
    tracks = [track_of(path, track_id=strip.id, name=strip.name) for _, strip in strips_of(project)]
    session = Session(name="x", tracks=tuple(tracks), sample_rate_hz=48_000, duration_s=1.0)
    asked = [gain(t.id, -7.5 + n) for n, t in enumerate(tracks)] + [pan(t.id, 0.05 * n) for n, t in enumerate(tracks)]  # fmt: skip
    copied = copy_of(project, plan_of(session, *asked), jsfx=None)
    assert len(copied.applied) == len(asked)
    before, after = project.data.split(b"\r\n"), copied.data.split(b"\r\n")
    differing = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
    assert len(differing) == len(tracks)
    assert all(a.split()[0] == b.split()[0] == b"VOLPAN" for a, b in differing)
    assert all(a.split()[3:] == b.split()[3:] for a, b in differing)
    for read in copied.read_back:
        assert read.read == pytest.approx(read.asked, abs=1e-9)


def test_amas_jsfx_are_written_as_reaper_saved_one():
    """Words apart from names and figures: the same lines in the same order, and as many numbers."""
    chain = next(t for t, s in strips_of(project_chunk(NEWER)) if s.name == "Boop")
    start = chain.data.index(b"BYPASS", chain.start)
    theirs = [line.strip() for line in chain.data[start : chain.stop].decode().split("\r\n")][:7]
    insert = Insert(key="comp", label="AMA Comp", device="ama_compressor", parts=(Part(suggestion="a", values=(Value(name="ratio", value=2.0),)),))  # fmt: skip
    ours = [line.strip() for line in effect_lines(insert, {"a"}, unique="x")]
    assert [line.split()[0] for line in ours if line[0].isalpha()] == [line.split()[0] for line in theirs if line[0].isalpha()]  # fmt: skip
    assert len(ours) == len(theirs)
    assert len(ours[2].split()) == len(theirs[2].split()) == 64
    number = re.compile(r"-?\d+\.\d{6}|-")
    assert all(number.fullmatch(word) for word in (ours[2] + " " + theirs[2]).split())


def everything(folder):
    """Return the text of a project with something of all that AMA reads."""
    soundfile.write(folder / "a.wav", 0.1 * np.ones((4_800, 2)), 48_000)
    items = (
        MadeItem(file="a.wav", length_s=0.1, fade_in="1 0.01 0 1 0 0 0.3", fade_out="5.1 0.02 0 1 0 0 0"),
        MadeItem(file="a.wav", length_s=0.5, position_s=0.05, loop=True, lines=envelope("VOLENV", (0, 1), (1, 0.5))),
        MadeItem(file="a.wav", length_s=0.1, position_s=0.7, section="LENGTH 0.05\nSTARTPOS 0.01", channel_mode=2),
        MadeItem(file="a.wav", length_s=0.1, position_s=0.9, lines='TAKE SEL\nTAKEVOLPAN 0 0.5 -1\nSOFFS 0\n<SOURCE WAVE\n  FILE "a.wav"\n>'),
    )  # fmt: skip
    tracks = (
        MadeTrack(name="Band", folder="1 1", effects=VST),
        MadeTrack(name="One", items=items, lines=envelope("VOLENV2", (0, 1), (1, 0.5))),
        MadeTrack(name="Two", folder="2 -1", items=items[:1], lines="AUXRECV 0 0 1 0 0 0 0 0 0 -1:U 0 -1 ''"),
    )  # fmt: skip
    return MadeProject(tracks=tracks).text()


_WORDS = ["", "-1", "1e300", "-1e300", "nan", "1e-300", "99999999999999999999", "\0", '"', "'", "{", "0.5", "\udcff"]  # fmt: skip


@pytest.mark.parametrize("seed", range(8))
def test_a_damaged_project_is_read_or_told_in_a_sentence(tmp_path, seed):
    """Words of random lines are replaced by what nobody would write, lines go or stand twice."""
    rng = np.random.default_rng(seed)
    whole = everything(tmp_path).split("\n")
    path = tmp_path / "song.rpp"
    read = 0
    for _ in range(60):
        lines = list(whole)
        for _ in range(int(rng.integers(1, 6))):
            at = int(rng.integers(1, len(lines)))
            words = lines[at].split(" ")
            what = rng.integers(4)
            if what == 0:
                del lines[at]
            elif what == 1:
                lines.insert(at, lines[at])
            else:
                words[int(rng.integers(len(words)))] = _WORDS[int(rng.integers(len(_WORDS)))]
                lines[at] = " ".join(words)
        path.write_bytes("\n".join(lines).encode("utf-8", "surrogateescape"))
        try:
            found = read_project(path)
        except SessionError:
            continue
        read += bool(found.tracks)
    assert read > 10


def test_a_track_of_thousands_of_items_is_read(tmp_path):
    """An edited drum take: what lies over what is found without comparing all with all."""
    soundfile.write(tmp_path / "a.wav", 0.1 * np.ones((48_000, 1)), 48_000)
    items = tuple(MadeItem(file="a.wav", position_s=0.05 * n, length_s=0.06) for n in range(4_000))
    path = MadeProject(tracks=(MadeTrack(items=items),)).write(tmp_path / "song.rpp")
    stem = read_project(path).tracks[0].stem
    assert not isinstance(stem, Path)
    assert len(stem.parts) == 4_000
