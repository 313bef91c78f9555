"""The scripts' modules that know no DAW: parts of texts, files, and WAV files made of channels."""

from __future__ import annotations

import io
import random

import numpy as np
import pytest
import soundfile

from tests.daw.ardour.lua_modules import Modules
from tests.daw.nasty_names import NASTY_NAMES


@pytest.fixture(scope="module")
def lua():
    return Modules()


def test_parts_are_small_enough_whole_characters_and_nothing_is_lost(lua):
    draw = random.Random(3)  # noqa: S311  # texts of a test
    of = lua["shared/chunks"].of
    for _ in range(300):
        text = "".join(draw.choice("aé日🎸\n") for _ in range(draw.randrange(400)))
        most = draw.randrange(4, 60)
        parts = list(of(text.encode(), most).values())
        assert b"".join(parts).decode() == text
        assert all(len(part) <= most and part.decode() is not None for part in parts)
        assert parts == [b""] or all(parts)


def test_parts_of_what_is_no_text_end(lua):
    raw = bytes(range(128, 192)) * 20
    parts = list(lua["shared/chunks"].of(raw, 10).values())
    assert b"".join(parts) == raw
    assert all(0 < len(part) <= 10 for part in parts)


@pytest.mark.parametrize("name", NASTY_NAMES)
def test_a_file_can_be_named_after_any_track(lua, tmp_path, name):
    safe = lua["shared/files"].safe_name(name.encode(), 80).decode()
    assert 0 < len(safe.encode()) <= 80
    assert not set(safe) & set('/\\:*?"<>|%\n\0')
    assert safe[0] not in ". "
    assert safe[-1] not in ". "
    (tmp_path / f"01 {safe}.wav").write_bytes(b"x")


def test_a_file_is_whole_or_as_it_was(lua, tmp_path):
    files, path = lua["shared/files"], tmp_path / "répertoire.json"
    assert files.read(bytes(path)) is None
    assert files.write(bytes(path), b"one\0\xff") is True
    assert path.read_bytes() == b"one\0\xff" == files.read(bytes(path))
    assert files.write(bytes(path), b"two") is True
    assert path.read_bytes() == b"two"
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    ok, why = files.write(bytes(tmp_path / "absent" / "x"), b"three")
    assert ok is False
    assert b"absent" in why


def test_a_name_that_is_taken_on_windows_is_freed_first(tmp_path):
    windows = Modules(b"""
        local renames = 0
        return {os = {remove = os.remove, rename = function(from, to)
          local there = io.open(to, "rb")
          if there then there:close() return nil, "exists" end
          return os.rename(from, to) end}}""")
    path = tmp_path / "a"
    path.write_bytes(b"old")
    assert windows["shared/files"].write(bytes(path), b"new") is True
    assert path.read_bytes() == b"new"


def test_without_io_nothing_is_written_and_nothing_breaks(tmp_path):
    sandboxed = Modules(absent=("io", "os"))["shared/files"]
    assert sandboxed.writable() is False
    assert sandboxed.read(b"/etc/hostname") is None
    assert sandboxed.remove(b"x") is False
    assert sandboxed.write(bytes(tmp_path / "x"), b"y")[0] is False


def written(path, samples, *, subtype, format_="WAV"):
    soundfile.write(path, samples, 44_100, subtype=subtype, format=format_)
    return bytes(path)


@pytest.mark.parametrize("subtype", ["FLOAT", "PCM_16", "PCM_24", "PCM_32"])
@pytest.mark.parametrize("format_", ["WAV", "WAVEX", "RF64"])
@pytest.mark.parametrize("frames", [0, 1, 59, 60, 61, 61_441, 200_003])
def test_two_channels_become_one_file_bit_for_bit(lua, tmp_path, subtype, format_, frames):
    noise = np.random.default_rng(1).uniform(-0.99, 0.99, (2, frames)).astype(np.float32)
    left, right = (
        written(tmp_path / f"x%{side}.wav", noise[at], subtype=subtype, format_=format_)
        for at, side in enumerate("LR")
    )
    out = tmp_path / "both.wav"
    assert lua["shared/wav"].interleave(left, right, bytes(out)) is True
    with soundfile.SoundFile(out) as file:
        assert (file.channels, file.samplerate, file.subtype, file.frames) == (
            2,
            44_100,
            subtype,
            frames,
        )
        both = file.read(dtype="float64", always_2d=True)
    for at, path in enumerate((left, right)):
        np.testing.assert_array_equal(
            both[:, at], soundfile.read(path.decode(), dtype="float64")[0]
        )


def test_a_copy_is_the_same_file(lua, tmp_path):
    path = written(tmp_path / "m.wav", np.zeros(3_000_000, np.float32), subtype="FLOAT")
    assert lua["shared/wav"].copy(path, bytes(tmp_path / "c.wav")) is True
    assert (tmp_path / "c.wav").read_bytes() == (tmp_path / "m.wav").read_bytes()


def broken_files(folder):
    noise = np.zeros(100, np.float32)
    good = written(folder / "good.wav", noise, subtype="FLOAT")
    data = (folder / "good.wav").read_bytes()
    yield good, written(folder / "short.wav", noise[:50], subtype="FLOAT"), "differ in frames"
    yield good, written(folder / "pcm.wav", noise, subtype="PCM_16"), "differ in format"
    stereo = written(folder / "stereo.wav", np.zeros((100, 2)), subtype="FLOAT")
    yield stereo, stereo, "2 channels"
    double = written(folder / "double.wav", noise, subtype="DOUBLE")
    yield double, double, "64 bits"
    for name, content in (
        ("empty", b""),
        ("text", b"not a wave file at all"),
        ("head", data[:30]),
        ("flac", io.BytesIO(b"fLaC" + bytes(50)).getvalue()),
    ):
        (folder / name).write_bytes(content)
        yield good, bytes(folder / name), "no WAV file|no audio"
    yield good, bytes(folder / "absent.wav"), "cannot be read"


def test_what_does_not_fit_is_refused_and_leaves_nothing(lua, tmp_path):
    out = tmp_path / "out.wav"
    for left, right, complaint in broken_files(tmp_path):
        done, why = lua["shared/wav"].interleave(left, right, bytes(out))
        assert done is None
        assert any(word in why.decode() for word in complaint.split("|")), (right, why)
        assert not out.exists()


def test_where_nothing_can_be_renamed_files_are_written_all_the_same(tmp_path):
    stubborn = Modules(b"""
        return {os = {remove = os.remove, rename = function() return nil, "no such name" end}}""")
    path = tmp_path / "a"
    path.write_bytes(b"old")
    assert stubborn["shared/files"].write(bytes(path), b"new") is True
    assert path.read_bytes() == b"new"
    assert [p.name for p in tmp_path.iterdir()] == ["a"]
    ok, why = stubborn["shared/files"].write(bytes(tmp_path / "absent" / "x"), b"new")
    assert ok is False
    assert b"absent" in why
