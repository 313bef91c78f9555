"""The cache's folder: bounded, shared, and never in the way."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ama_analysis.cache import NO_CACHE, key_of
from ama_analysis.errors import OptionError
from ama_bridge.cache_folder import CacheFolder, cache_of
from ama_bridge.config import read_settings

LIMIT = 1 << 16
SMALL = 1000
"""Bytes of an entry; a sixteenth of the limit holds four."""


def key(number: int) -> str:
    return key_of("test", number)


def entries(folder: Path) -> list[Path]:
    return [p for p in folder.glob("*/*") if p.is_file()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "cache"


@pytest.fixture
def cache(folder: Path) -> CacheFolder:
    return CacheFolder(folder, limit_bytes=LIMIT)


def test_what_was_put_is_there_for_another_process_too(cache, folder):
    assert cache.get(key(1)) is None
    assert not folder.exists()
    cache.put(key(1), b"figures\n\0")
    assert cache.get(key(1)) == b"figures\n\0"
    assert CacheFolder(folder, limit_bytes=LIMIT).get(key(1)) == b"figures\n\0"
    cache.put(key(1), b"")
    assert cache.get(key(1)) == b""
    assert cache.held().entries == 1


def test_the_folder_says_what_it_is(cache, folder):
    cache.put(key(1), b"figures")
    tag = (folder / "CACHEDIR.TAG").read_text(encoding="ascii")
    assert tag.startswith("Signature: 8a477f597d28d172789f06886806bc55")
    assert "may be deleted at any time" in tag


@pytest.mark.parametrize(
    "harm",
    [
        lambda data: data[:-1],
        lambda data: data[:20],
        lambda data: b"",
        lambda data: data[:-1] + b"!",
        lambda data: b"AMA cache 2\n" + data[12:],
        lambda data: data + b"more",
    ],
)
def test_a_damaged_entry_is_not_there_and_can_be_written_anew(cache, folder, harm):
    cache.put(key(1), b"figures")
    (entry,) = entries(folder)
    entry.write_bytes(harm(entry.read_bytes()))
    assert cache.get(key(1)) is None
    assert entries(folder) == []
    cache.put(key(1), b"figures")
    assert cache.get(key(1)) == b"figures"


def test_an_entry_under_another_s_name_is_not_taken(cache, folder):
    cache.put(key(1), b"figures")
    (entry,) = entries(folder)
    other = folder / key(2)[:2] / key(2)[2:]
    other.parent.mkdir(exist_ok=True)
    other.write_bytes(entry.read_bytes())
    assert cache.get(key(2)) is None
    assert cache.get(key(1)) == b"figures"


def test_the_folder_stays_within_its_limit_and_what_came_last_stays(cache):
    for number in range(200):
        cache.put(key(number), bytes(SMALL))
        assert cache.held().size_bytes <= LIMIT
    assert cache.held().size_bytes > LIMIT / 2
    assert cache.get(key(0)) is None
    assert cache.get(key(199)) is not None


def test_the_entry_that_was_asked_for_outlives_its_age(cache, folder):
    for number in range(20):
        cache.put(key(number), bytes(SMALL))
    for entry in entries(folder):
        os.utime(entry, ns=(1, 1))
    assert cache.get(key(3)) is not None
    for number in range(100, 140):
        cache.put(key(number), bytes(SMALL))
    assert cache.get(key(3)) is not None
    assert any(cache.get(key(number)) is None for number in range(20))


def test_what_would_take_much_of_the_folder_is_not_kept(cache):
    cache.put(key(1), bytes(LIMIT // 4 + 1))
    assert cache.get(key(1)) is None
    for number in range(2, 30):
        cache.put(key(number), bytes(LIMIT // 5))
        assert cache.get(key(number)) is not None
        assert cache.held().size_bytes <= LIMIT


def test_nothing_but_entries_is_ever_deleted(cache, folder):
    folder.mkdir(parents=True)
    mine = [folder / "song.wav", folder / "ab" / "song.wav", folder / "abc" / "song.wav"]
    for path in mine:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(bytes(LIMIT))
        os.utime(path, ns=(1, 1))
    for number in range(200):
        cache.put(key(number), bytes(SMALL))
    assert all(path.is_file() for path in mine)
    assert cache.held().size_bytes <= LIMIT


def test_half_written_entries_of_a_process_that_died_go_first(cache, folder):
    dead = folder / "ab" / f"{'0' * 62}.x1y2.part"
    dead.parent.mkdir(parents=True)
    dead.write_bytes(bytes(LIMIT))
    os.utime(dead, ns=(1, 1))
    cache.put(key(1), b"figures")
    assert not dead.exists()
    assert cache.get(key(1)) == b"figures"


def test_a_folder_that_cannot_be_used_is_no_error(tmp_path):
    file = tmp_path / "file"
    file.write_bytes(b"")
    cache = CacheFolder(file / "cache", limit_bytes=LIMIT)
    cache.put(key(1), b"figures")
    assert cache.get(key(1)) is None
    assert cache.held().entries == 0


WRITER = """
import sys
from pathlib import Path
from ama_analysis.cache import key_of
from ama_bridge.cache_folder import CacheFolder
cache = CacheFolder(Path(sys.argv[1]), limit_bytes=int(sys.argv[2]))
for number in range(400):
    key = key_of("test", number % 100)
    found = cache.get(key)
    assert found is None or found == key.encode() * 15
    cache.put(key, key.encode() * 15)
"""


def test_two_processes_share_a_folder(folder):
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(folder), str(LIMIT)]) for _ in range(2)
    ]
    assert [writer.wait() for writer in writers] == [0, 0]
    cache = CacheFolder(folder, limit_bytes=LIMIT)
    found = [cache.get(key(number)) for number in range(100)]
    assert any(data is not None for data in found)
    assert all(data in (None, key(n).encode() * 15) for n, data in enumerate(found))
    assert cache.held().size_bytes <= LIMIT
    assert not [path for path in entries(folder) if path.suffix == ".part"]


def test_the_cache_is_where_the_settings_say(tmp_path):
    assert cache_of(read_settings(environment={"AMA_CACHE": "off"})) is NO_CACHE
    settings = read_settings(environment={"AMA_CACHE": str(tmp_path / "c"), "AMA_CACHE_MIB": "3"})
    assert settings.cache_mib == 3
    cache_of(settings).put(key(1), b"figures")
    assert (tmp_path / "c" / "CACHEDIR.TAG").is_file()
    default = read_settings(environment={})
    assert default.cache_mib == 256
    assert default.cache_dir is not None
    assert default.cache_dir.name == "ama"


@pytest.mark.parametrize("text", ["0", "-1", "much"])
def test_a_size_that_is_none_is_refused(text):
    with pytest.raises(OptionError, match=r"cache's size|AMA_CACHE_MIB"):
        read_settings(environment={"AMA_CACHE_MIB": text})


def test_doctor_tells_where_the_cache_is_and_how_large(ama, tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    CacheFolder(folder, limit_bytes=1 << 20).put(key(1), bytes(40_000))
    monkeypatch.setenv("AMA_CACHE", str(folder))
    assert f"cache: {folder} holds 1 entries, 0.0 of at most 256 MiB" in ama("doctor").out
    monkeypatch.setenv("AMA_CACHE", "off")
    assert "cache: off: nothing is kept" in ama("doctor").out
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("AMA_CACHE", str(tmp_path / "file" / "cache"))
    assert "is not writable, so nothing is kept" in ama("doctor").out
