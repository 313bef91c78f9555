"""A file is whole or not there, however many write it at once."""

from __future__ import annotations

import threading

import pytest

from ama_analysis.whole_file import whole_file


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
