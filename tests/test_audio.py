"""Sound files of every kind that people have, and of the kinds that they wish they had not."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from ama_analysis.audio import (
    as_stereo,
    audio_writer,
    in_memory,
    open_audio,
    read_audio,
    write_audio,
)
from ama_analysis.cache import content_of
from ama_analysis.errors import AudioFileError, DeliveryError
from tests.real_data import SESSIONS, needs_real_data
from tests.signals import noise, sine

LOSSY_SNR_DB = 20.0
"""Vorbis and MP3 keep a sine far better than this; a wrong rate, gain or channel does not reach it."""
STEP_16_BIT = 1.0 / 32768.0
RESAMPLED_NULL = 1e-4
"""soxr HQ has a pass band flat to 0.01 dB; a sine away from the edges comes back to -80 dB."""


def snr_db(wanted, got):
    """Return the ratio of a signal to its difference from another in the second half-second, dB."""
    inner = slice(24_000, 48_000)
    return 10 * np.log10(np.mean(wanted[inner] ** 2) / np.mean((got - wanted)[inner] ** 2))


@pytest.mark.parametrize(
    ("suffix", "subtype"),
    [
        (".wav", "PCM_16"),
        (".wav", "PCM_24"),
        (".wav", "PCM_32"),
        (".wav", "FLOAT"),
        (".wav", "DOUBLE"),
        (".wav", "PCM_U8"),
        (".aiff", "PCM_16"),
        (".aiff", "PCM_24"),
        (".flac", "PCM_16"),
        (".flac", "PCM_24"),
    ],
)
@pytest.mark.parametrize("channels", [1, 2])
def test_a_lossless_file_comes_back_to_the_last_bit_it_has(tmp_path, suffix, subtype, channels):
    tone = sine(440, channels=channels)
    path = tmp_path / f"tone{suffix}"
    soundfile.write(path, tone.samples.T, tone.sample_rate_hz, subtype=subtype)
    back = read_audio(path)
    assert back.sample_rate_hz == 48_000
    assert back.samples.shape == tone.samples.shape
    step = 2.0 / 256.0 if subtype == "PCM_U8" else STEP_16_BIT
    assert np.max(np.abs(back.samples - tone.samples)) <= step


@pytest.mark.parametrize("suffix", [".ogg", ".mp3"])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_lossy_file_comes_back_as_the_same_sound(tmp_path, suffix, channels):
    tone = sine(440, duration_s=2.0, channels=channels)
    path = tmp_path / f"tone{suffix}"
    soundfile.write(path, tone.samples.T, tone.sample_rate_hz)
    back = read_audio(path)
    assert back.samples.shape == tone.samples.shape
    assert snr_db(tone.samples[0], back.samples[0]) > LOSSY_SNR_DB


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 22_050, 44_100, 88_200, 96_000, 192_000])
def test_any_rate_is_resampled_to_the_one_asked_for(tmp_path, rate_hz):
    tone = sine(440, sample_rate_hz=rate_hz)
    path = tmp_path / "tone.wav"
    soundfile.write(path, tone.samples.T, rate_hz, subtype="FLOAT")
    file = open_audio(path, sample_rate_hz=48_000)
    back = in_memory(file)
    assert back.frames == file.frames == 48_000
    wanted = sine(440).samples
    inner = slice(2_400, -2_400)
    assert np.max(np.abs(back.samples[:, inner] - wanted[:, inner])) < RESAMPLED_NULL


def test_float_over_full_scale_is_left_as_it_is(tmp_path):
    loud = sine(440, level_dbfs=9.0)
    path = tmp_path / "loud.wav"
    soundfile.write(path, loud.samples.T, 48_000, subtype="FLOAT")
    assert np.array_equal(read_audio(path).samples, loud.samples)


def test_blocks_have_the_length_asked_for_whatever_the_decoder_gives(tmp_path):
    path = tmp_path / "tone.wav"
    write_audio(path, sine(440, sample_rate_hz=44_100), subtype="FLOAT")
    lengths = [b.shape[1] for b in open_audio(path, sample_rate_hz=48_000).blocks(1000)]
    assert set(lengths[:-1]) == {1000}
    assert sum(lengths) == 48_000


def test_a_section_is_the_same_as_a_cut(tmp_path):
    music = noise(duration_s=3.0)
    path = tmp_path / "music.wav"
    write_audio(path, music, subtype="FLOAT")
    part = in_memory(open_audio(path).section(1.0, 2.5))
    assert np.array_equal(part.samples, music.samples[:, 48_000:120_000])
    with pytest.raises(AudioFileError, match=r"nothing between 5 s and 6 s"):
        open_audio(path).section(5.0, 6.0)


def damaged_files(folder: Path) -> dict[str, Path]:
    """Return one file of each kind of damage."""
    good = sine(440, duration_s=2.0)
    files = {
        name: folder / f"{name}.wav"
        for name in (
            "missing",
            "empty",
            "header",
            "cut",
            "nan",
            "infinite",
            "integers",
            "text",
            "surround",
        )
    }
    files["empty"].write_bytes(b"")
    soundfile.write(files["header"], np.zeros((0, 2)), 48_000)
    soundfile.write(files["cut"], good.samples.T, 48_000)
    whole = files["cut"].read_bytes()
    files["cut"].write_bytes(whole[: len(whole) // 2])
    files["text"].write_text("this is a shopping list, not a sound\n" * 20)
    soundfile.write(files["surround"], np.zeros((100, 6)), 48_000)
    for name, value in (("nan", np.nan), ("infinite", np.inf), ("integers", 32_767.0)):
        samples = good.samples.copy()
        samples[0, 70_000] = value
        soundfile.write(files[name], samples.T, 48_000, subtype="FLOAT")
    soundfile.write(folder / "slow.wav", np.zeros((100, 1)), 4_000)
    soundfile.write(folder / "cut.flac", noise(duration_s=2.0).samples.T, 48_000)
    flac = (folder / "cut.flac").read_bytes()
    (folder / "cut.flac").write_bytes(flac[: len(flac) // 2])
    soundfile.write(folder / "cut.ogg", noise(duration_s=9.0).samples.T, 48_000)
    ogg = (folder / "cut.ogg").read_bytes()
    (folder / "cut.ogg").write_bytes(ogg[: len(ogg) // 2])
    odd = bytearray(whole)
    odd[whole.index(b"fmt ") + 8] = 0x71  # a format that nobody has
    (folder / "format.wav").write_bytes(odd)
    (folder / "folder.wav").mkdir()
    (folder / "plain.raw").write_bytes(good.samples.tobytes())
    others = {
        "raw": folder / "plain.raw",
        "slow": folder / "slow.wav",
        "cut flac": folder / "cut.flac",
        "cut ogg": folder / "cut.ogg",
        "format": folder / "format.wav",
        "folder": folder / "folder.wav",
    }
    return {**files, **others}


@pytest.mark.parametrize(
    ("kind", "code", "words"),
    [
        ("missing", "AMA-101", "does not exist"),
        ("folder", "AMA-101", "is a folder"),
        ("empty", "AMA-103", "is empty"),
        ("header", "AMA-103", "holds no samples"),
        ("cut", "AMA-102", "is cut short: it promises 2.00 s and holds 1.00 s"),
        ("cut flac", "AMA-102", "cut.flac"),
        ("cut ogg", "AMA-102", "is cut short: what ends an OGG file is missing"),
        ("nan", "AMA-106", "not numbers near 1."),
        ("infinite", "AMA-106", "goes to infinity near 1."),
        ("integers", "AMA-106", "goes 90 dB above full scale near 1."),
        ("raw", "AMA-102", "it has no header"),
        ("text", "AMA-102", "cannot be decoded"),
        ("format", "AMA-102", "cannot be decoded"),
        ("surround", "AMA-105", "has 6 channels"),
        ("slow", "AMA-104", "4000 Hz"),
    ],
)
def test_a_damaged_file_gives_one_sentence_that_names_it(tmp_path, kind, code, words):
    path = damaged_files(tmp_path)[kind]
    with pytest.raises(AudioFileError) as caught:
        read_audio(path)
    assert caught.value.code == code
    assert words in caught.value.sentence()
    assert str(path) in caught.value.message
    assert caught.value.hint
    assert "\n" not in caught.value.sentence()


def test_a_single_sample_is_a_sound(tmp_path):
    path = tmp_path / "one.wav"
    soundfile.write(path, np.array([[0.5, -0.5]]), 44_100, subtype="FLOAT")
    assert read_audio(path).samples.tolist() == [[0.5], [-0.5]]
    assert in_memory(open_audio(path, sample_rate_hz=48_000)).channels == 2


def test_a_file_gets_its_name_only_when_it_is_whole(tmp_path):
    path = tmp_path / "mix.wav"

    def write_half():
        with audio_writer(path, sample_rate_hz=48_000) as writer:
            writer.write(sine(440).samples)
            assert not path.exists()
            message = "the user pressed stop"
            raise KeyboardInterrupt(message)

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["no/such/folder/mix.wav", "mix.xyz"])
def test_a_file_that_cannot_be_written_gives_a_sentence(tmp_path, name):
    with pytest.raises(AudioFileError, match=r"cannot be written|does not write") as caught:
        write_audio(tmp_path / name, sine(440))
    assert caught.value.code == "AMA-107"
    assert ".part" not in caught.value.sentence()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a pipe with a name")
def test_sound_is_neither_written_into_a_pipe_nor_read_from_one(tmp_path):
    path = tmp_path / "pipe.wav"
    os.mkfifo(path)
    assert content_of(path) is None
    with pytest.raises(AudioFileError, match="is a device or a pipe"):
        open_audio(path)
    with pytest.raises(AudioFileError, match="is a device or a pipe"):
        write_audio(path, sine(440))
    assert path.is_fifo()


def test_a_disk_that_is_full_is_a_failure_and_leaves_nothing(tmp_path):
    resource = pytest.importorskip("resource")
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, usual[1]))
    try:
        with pytest.raises(DeliveryError, match="cannot be written") as caught:
            write_audio(tmp_path / "mix.wav", sine(440))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert "space on the disk" in caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_mono_goes_to_both_sides_at_full_level():
    mono = sine(440, channels=1)
    assert np.array_equal(as_stereo(mono.samples)[1], mono.samples[0])


@needs_real_data
def test_aac_is_decoded_where_libsndfile_cannot():
    file = open_audio(SESSIONS / "whole_evr_caesium" / "kick.m4a")
    decoded = sum(block.shape[1] for block in file.section(30.0, 40.0).blocks())
    assert decoded == 10 * file.file_rate_hz
