"""A file is whole or not there, however many write it at once."""

from __future__ import annotations

import os
import threading

import pytest

from ama_analysis.whole_file import obstacle, whole_file
from ama_bridge.atomic import write_atomically


def test_a_file_gets_its_name_when_all_is_written(tmp_path):
    path = tmp_path / "song.wav"
    with whole_file(path) as part:
        part.write_bytes(b"whole")
        assert not path.exists()
    assert [p.name for p in tmp_path.iterdir()] == ["song.wav"]


def test_what_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "song.wav"
    path.write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt):
        interrupted_at(path)
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["song.wav"]


def interrupted_at(path):
    with whole_file(path) as part:
        part.write_bytes(b"ha")
        raise KeyboardInterrupt


def test_writers_of_one_file_do_not_disturb_each_other(tmp_path):
    path, both = tmp_path / "song.wav", threading.Barrier(2)
    failed = []

    def write(text: bytes) -> None:
        try:
            with whole_file(path) as part:
                both.wait(10.0)
                part.write_bytes(text)
                both.wait(10.0)
        except OSError as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(text,)) for text in (b"one", b"two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert path.read_bytes() in {b"one", b"two"}
    assert [p.name for p in tmp_path.iterdir()] == ["song.wav"]


@pytest.mark.skipif(os.name != "posix", reason="links and modes as POSIX has them")
def test_a_link_is_followed_and_what_the_file_allows_stays(tmp_path):
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    real.write_bytes(b"old")
    real.chmod(0o640)
    link.symlink_to("real.json")
    with whole_file(link) as part:
        part.write_bytes(b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert real.stat().st_mode & 0o777 == 0o640


def test_what_is_read_only_stays_and_a_folder_too(tmp_path):
    path = tmp_path / "song.json"
    path.write_bytes(b"old")
    path.chmod(0o444)
    for refused, why in ((path, "is read-only"), (tmp_path, "is a folder")):
        assert obstacle(refused) == why
        with pytest.raises(OSError, match=why), whole_file(refused):
            pass
    assert path.read_bytes() == b"old"
    assert obstacle(tmp_path / "new.json") == ""


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a pipe with a name")
def test_a_pipe_is_written_to_and_not_replaced(tmp_path):
    path, heard = tmp_path / "pipe", []
    os.mkfifo(path)
    reader = threading.Thread(target=lambda: heard.append(path.read_bytes()))
    reader.start()
    write_atomically(path, b"a plan")
    reader.join(10.0)
    assert heard == [b"a plan"]
    assert path.is_fifo()
