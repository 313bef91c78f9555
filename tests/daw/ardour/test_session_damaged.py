"""Ardour sessions that are damaged, changed or lie in folders with others: a sentence or a session, and the commands that take one."""

from __future__ import annotations

import re

import numpy as np
import pytest
import soundfile

from ama_analysis.advise import session_from_paths
from ama_analysis.audio import open_audio, read_audio
from ama_analysis.errors import AmaError, AudioFileError, SessionError
from ama_bridge import cli
from ama_bridge.daw.ardour import pan_law
from ama_bridge.daw.ardour.disk.elements import session_tree
from ama_bridge.daw.ardour.disk.file import read_session_file, session_file_in
from ama_bridge.daw.ardour.disk.timeline import UnreadTimeError, timeline_of
from ama_bridge.daw.session_files import session_in
from tests.daw.ardour.written_sessions import by_hand_in, noise, region, session_xml


@pytest.fixture
def by_hand(tmp_path):
    return by_hand_in(tmp_path / "by hand")


ENTITIES = ['<!ENTITY b0 "ha">', *(f'<!ENTITY b{n} "{f"&b{n - 1};" * 20}">' for n in range(1, 12))]
BOMB = f'<!DOCTYPE Session [{"".join(ENTITIES)}]><Session version="7002" name="&b11;"/>'
FAR_ENTITY = '<!DOCTYPE Session [<!ENTITY x SYSTEM "file:///etc/hostname">]><Session version="7002" name="&x;"/>'


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (BOMB, "document type"),
        (FAR_ENTITY, "document type"),
        ("", "not an Ardour session"),
        ("no xml", "not an Ardour session"),
        ("<Session version='7002'>", "not an Ardour session"),
        ("<Project/>", "it holds a Project"),
        ("<Session version='3002'/>", "older than 6"),
        ("<Session/>", "older than 6"),
        ("<Session version='7002'/>", "sample rate of 0 Hz"),
        ("<Session version='7002' sample-rate='48000'/>", "no track that can be read"),
    ],
)
def test_a_file_that_is_no_session_is_one_sentence(tmp_path, text, complaint):
    file = tmp_path / "x.ardour"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SessionError, match=complaint) as caught:
        read_session_file(file)
    assert "\n" not in caught.value.sentence()


def test_a_session_that_is_damaged_anywhere_is_a_sentence_or_a_session(by_hand):
    text = session_xml(regions=region() + region(length="a141120000@a141120000"))
    rng = np.random.default_rng(9)
    file = by_hand.folder / "by hand.ardour"
    outcomes = set()
    for _ in range(300):
        at, span = int(rng.integers(len(text))), int(rng.integers(1, 40))
        junk = "".join(chr(c) for c in rng.integers(32, 127, span))
        file.write_text(text[:at] + junk + text[at + span :], encoding="utf-8")
        try:
            read_session_file(file)
            outcomes.add("read")
        except AmaError as error:
            outcomes.add("a sentence" if "\n" not in error.sentence() else repr(error))
    assert outcomes == {"read", "a sentence"}


def test_a_folder_is_its_own_session_not_a_snapshot(by_hand):
    by_hand(regions=region())
    (by_hand.folder / "a snapshot.ardour").write_text("<Session/>")
    assert session_file_in(by_hand.folder) == by_hand.folder / "by hand.ardour"
    (by_hand.folder / "by hand.ardour").rename(by_hand.folder / "other.ardour")
    with pytest.raises(SessionError, match="several sessions"):
        session_file_in(by_hand.folder)


def test_a_folder_of_stems_is_no_ardour_session(tmp_path):
    soundfile.write(tmp_path / "a.wav", noise(4_800)[0], 48_000)
    assert session_in(tmp_path, stems_dir=tmp_path / "stems") is None
    assert session_in(tmp_path / "a.wav", stems_dir=tmp_path / "stems") is None
    assert [t.id for t in session_from_paths([tmp_path]).tracks] == ["a"]


def test_an_export_beside_the_session_comes_first(by_hand):
    by_hand(regions=region())
    soundfile.write(by_hand.folder / "A.wav", by_hand.samples, 48_000)
    (by_hand.folder / "session.json").write_text(
        '{"schema": "ama.session/1", "daw": "ardour", "name": "out", "tracks": '
        '[{"id": "2", "name": "A", "stem": "A.wav", "fader_db": -1, "pan": 0}]}'
    )
    session = session_in(by_hand.folder, stems_dir=by_hand.folder / "stems")
    assert session is not None
    assert session.name == "out"
    heard = pan_law.sounding(fader_db=-1.0, pan=0.0, channels=1)
    assert session.tracks[0].fader_db == pytest.approx(heard.fader_db)
    assert not (by_hand.folder / "stems").exists()


def test_a_source_that_changed_since_is_said_so(by_hand, tmp_path):
    by_hand(regions=region(length="a141120000@a0"))
    session = session_in(by_hand.folder, stems_dir=tmp_path / "stems")
    assert session is not None
    stem = session.tracks[0].path
    assert np.array_equal(read_audio(stem).samples[0], by_hand.samples[:24_000])
    soundfile.write(by_hand.audio / "a.wav", by_hand.samples[:100], 48_000)
    with pytest.raises(AudioFileError, match="is gone or has changed"):
        open_audio(stem)
    (by_hand.audio / "a.wav").unlink()
    with pytest.raises(AudioFileError, match="is gone or has changed"):
        open_audio(stem)


def test_a_stems_description_that_is_damaged_is_a_sentence(by_hand, tmp_path):
    by_hand(regions=region(length="a141120000@a0"))
    session = session_in(by_hand.folder, stems_dir=tmp_path / "stems")
    assert session is not None
    stem = session.tracks[0].path
    good = stem.read_text()
    for bad in ("no", "[]", "{}", good.replace('"frames": 24000', '"frames": -1'), good[:50]):
        stem.write_text(bad)
        with pytest.raises(AudioFileError, match=re.escape("is not a stem's description")):
            open_audio(stem)


def test_times_that_are_no_times_are_told(tmp_path):
    file = tmp_path / "x.ardour"
    file.write_text(session_xml(regions=""), encoding="utf-8")
    timeline = timeline_of(session_tree(file))
    for text in ("", "a", "b", "c12", "a1e9", "nan", "12:00"):
        with pytest.raises(UnreadTimeError):
            timeline.position(text)


def test_suggest_takes_a_session_and_its_plan_can_be_rendered(
    by_hand, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("AMA_STATE", str(tmp_path / "state"))
    by_hand(regions=region(length="a211680000@a70560000"))
    plan, mix = tmp_path / "plan.json", tmp_path / "mix.wav"
    assert cli.main(["suggest", str(by_hand.folder), "--no-cache", "--out", str(plan)]) == 0
    assert cli.main(["render", str(plan), "--out", str(mix)]) == 0
    assert "suggest" not in capsys.readouterr().err
    assert soundfile.info(mix).frames == 36_000
    assert list((tmp_path / "state").rglob("*.wav")) == []


def test_suggest_says_in_one_sentence_what_is_wrong_with_a_session(by_hand, capsys):
    with pytest.raises(SessionError):
        by_hand(regions="")
    assert cli.main(["suggest", str(by_hand.folder)]) == 2
    said = capsys.readouterr().err.strip()
    assert "no audible region" in said
    assert "Traceback" not in said
