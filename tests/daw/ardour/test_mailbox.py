"""What scripts and AMA leave for each other: texts in parts, journals, sessions that come over OSC, notes of exports. No Ardour needed."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from ama_analysis.advise import session_document_in
from ama_analysis.audio import Audio, open_audio, read_audio, write_audio
from ama_analysis.errors import AudioFileError, DeliveryError, SessionError
from ama_bridge.daw.ardour.mailbox import ArdourMailbox
from ama_bridge.daw.ardour.request import Request
from ama_bridge.daw.ardour.sent_session import in_folder
from ama_bridge.daw.ardour.texts import MAX_PARTS, UNFINISHED, Text, Texts

RATE_HZ = 48_000


@pytest.fixture
def box(tmp_path: Path) -> ArdourMailbox:
    (tmp_path / "mail").mkdir()
    return ArdourMailbox(tmp_path / "mail")


def test_parts_in_any_order_and_twice_make_one_text() -> None:
    texts, chunks = Texts(), [f"{n}é " for n in range(40)]
    order = np.random.default_rng(1).permutation([*range(40), 3, 7]).tolist()
    whole = [texts.take("result", "x", n, 40, chunks[n]) for n in order]
    assert [text for text in whole if text] == [Text(what="result", id="x", text="".join(chunks))]


@pytest.mark.parametrize(("part", "parts"), [(-1, 2), (2, 2), (0, 0), (0, MAX_PARTS + 1)])
def test_a_part_that_cannot_be_is_passed_over(part: int, parts: int) -> None:
    assert Texts().take("result", "x", part, parts, "...") is None


def test_texts_that_never_end_do_not_pile_up() -> None:
    texts = Texts()
    for n in range(UNFINISHED + 1):
        texts.take("result", f"x{n}", 0, 2, "a")
    assert texts.take("result", "x0", 1, 2, "b") is None, "the oldest was dropped"
    assert texts.take("result", f"x{UNFINISHED}", 1, 2, "b") is not None


def test_a_text_with_a_strange_kind_or_name_is_not_kept(box: ArdourMailbox) -> None:
    for what, name in (("result", "../x"), ("result", ""), ("plan", "x"), ("journal", "a/b")):
        assert not box.keep(Text(what=what, id=name, text="{}"))
    assert list(box.folder.iterdir()) == []


def journal(name: str, **more: object) -> Text:
    return Text(what="journal", id=name, text=json.dumps({"id": name, **more}))


def test_journals_that_are_sent_are_listed_until_they_are_taken_back(box: ArdourMailbox) -> None:
    for name in ("a", "b", "a"):
        box.keep(journal(name))
    assert box.journals() == ("b", "a")
    box.keep(journal("a", reverted=True))
    assert box.journals() == ("b",)
    assert json.loads((box.folder / "journal-a.json").read_bytes())["reverted"] is True


def test_old_answers_and_journals_go_and_what_can_be_taken_back_stays(box: ArdourMailbox) -> None:
    for at in range(60):
        box.keep(journal(f"done-{at}", reverted=True))
        box.keep(Text(what="result", id=f"r-{at}", text="{}"))
        box.keep(Text(what="session", id=f"s-{at}", text="{}"))
    box.keep(journal("open"))
    for path in box.folder.glob("*-open.*"):
        os.utime(path, (1e9, 1e9))
    request = Request(id="r-59", session="", mailbox="", ask=False, answer_port=0, suggestions=())
    box.post(request)
    assert box.journals() == ("open",)
    journals = {p.name for p in box.folder.glob("journal-*.json")}
    assert journals == {"journal-open.json", *(f"journal-done-{at}.json" for at in range(10, 60))}
    assert {p.stem for p in box.folder.glob("journal-*.sent")} == {n[:-5] for n in journals}
    assert {p.name for p in box.folder.glob("result-*")} == {
        f"result-r-{at}.json" for at in range(10, 59)
    }
    assert {p.name for p in (box.folder / "sent").iterdir()} == {f"s-{at}" for at in range(10, 60)}


def test_an_index_that_is_broken_reads_as_empty(box: ArdourMailbox) -> None:
    for broken in ("", "[]", '{"ids": 3}', '{"ids": [3, "a"]}'):
        (box.folder / "journals.json").write_text(broken)
        assert set(box.journals()) <= {"a"}


def test_an_export_that_no_service_heard_of_is_told_once(
    box: ArdourMailbox, tmp_path: Path
) -> None:
    note = box.folder / "exported.json"
    note.write_text(json.dumps({"id": "x", "folder": str(tmp_path)}))
    assert box.waiting_export() == tmp_path
    assert box.waiting_export() is None
    note.write_text(json.dumps({"id": "x", "folder": str(tmp_path / "gone")}))
    assert box.waiting_export() is None


def test_two_do_not_wait_at_once(box: ArdourMailbox) -> None:
    with box.held(), pytest.raises(DeliveryError, match="already"), box.held():
        pass
    with box.held():
        pass


def channel(path: Path, seed: int, frames: int = 100_000) -> Path:
    noise = np.random.default_rng(seed).uniform(-0.5, 0.5, (1, frames)).astype(np.float32)
    write_audio(path, Audio(noise, RATE_HZ))
    return path


def test_a_session_that_was_sent_gets_its_stereo_stems_woven(
    box: ArdourMailbox, tmp_path: Path
) -> None:
    left, right = channel(tmp_path / "l.wav", 1), channel(tmp_path / "r.wav", 2)
    pair, one = [str(left), str(right)], [str(left)]
    tracks = [
        {"id": "12", "name": "Keys", "stem": str(left), "channels": 2, "channel_files": pair},
        {"id": "13", "name": "Vox", "stem": str(left), "channels": 1, "channel_files": one},
    ]
    document = {"schema": "ama.session/1", "daw": "ardour", "name": "song", "tracks": tracks}
    box.keep(Text(what="session", id="export-1", text=json.dumps(document)))
    found = session_document_in(in_folder(box.sent_session("export-1")))
    assert found is not None
    keys, vox = (track.path for track in found.core_tracks())
    together = read_audio(keys).samples
    for at, path in enumerate((left, right)):
        np.testing.assert_array_equal(together[at], read_audio(path).samples[0])
    assert (open_audio(vox).channels, vox) == (1, left)


def test_a_session_that_was_sent_broken_is_refused(box: ArdourMailbox, tmp_path: Path) -> None:
    for broken in ("{", "[]"):
        with pytest.raises(SessionError, match="cannot be read"):
            box.keep(Text(what="session", id="export-2", text=broken))
    assert not box.sent_session("export-2").parent.exists()
    gone = {"id": "1", "name": "x", "channel_files": [str(tmp_path / "no"), str(tmp_path / "ne")]}
    box.keep(Text(what="session", id="export-3", text=json.dumps({"tracks": [gone]})))
    with pytest.raises(AudioFileError, match="cannot be put together"):
        in_folder(box.sent_session("export-3"))
