"""Plain WAV files are read without libsndfile's conversion, and to the same last bit."""

from __future__ import annotations

import struct

import numpy as np
import pytest
import soundfile

from ama_analysis.audio import in_memory, open_audio, read_audio
from ama_analysis.audio.pcm import plain_pcm
from tests.signals import noise

BY_LIBSNDFILE = ["PCM_32", "FLOAT", "PCM_U8"]
RATE_HZ = 44_100


def some_noise(duration_s, *, channels=1):
    return noise(duration_s=duration_s, channels=channels, sample_rate_hz=RATE_HZ).samples


def written(path, samples, subtype, **options):
    soundfile.write(path, samples.T, RATE_HZ, subtype=subtype, **options)
    return path


def by_libsndfile(path):
    samples, _ = soundfile.read(path, dtype="float32", always_2d=True)
    return samples.T


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24"])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("form", ["WAV", "WAVEX"])
def test_samples_are_those_of_libsndfile(tmp_path, subtype, channels, form):
    loud = some_noise(3.3, channels=channels) * 4.0
    path = written(tmp_path / "loud.wav", loud, subtype, format=form)
    assert plain_pcm(path, frames=loud.shape[1], channels=channels) is not None
    np.testing.assert_array_equal(read_audio(path).samples, by_libsndfile(path))


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24"])
def test_the_lowest_and_highest_values_come_back(tmp_path, subtype):
    edges = np.array([[-1.0, 1.0, 0.0, -1.0, 0.5]])
    path = written(tmp_path / "edges.wav", edges, subtype)
    np.testing.assert_array_equal(read_audio(path).samples, by_libsndfile(path))


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24"])
def test_sections_and_blocks_of_any_length_are_those_of_the_whole(tmp_path, subtype):
    whole = some_noise(2.0, channels=2)
    file = open_audio(written(tmp_path / "whole.wav", whole, subtype))
    samples = in_memory(file).samples
    part = file.section(0.5, 1.25)
    np.testing.assert_array_equal(in_memory(part).samples, samples[:, 22_050:55_125])
    joined = np.concatenate(list(file.blocks(1_237)), axis=1)
    np.testing.assert_array_equal(joined, samples)


@pytest.mark.parametrize("subtype", BY_LIBSNDFILE)
def test_other_samples_are_left_to_libsndfile(tmp_path, subtype):
    path = written(tmp_path / "other.wav", some_noise(0.5), subtype)
    assert plain_pcm(path, frames=open_audio(path).frames, channels=1) is None


def test_other_files_are_left_to_libsndfile(tmp_path):
    samples = some_noise(0.5)
    for suffix in (".flac", ".aiff", ".w64"):
        path = written(tmp_path / f"other{suffix}", samples, "PCM_16")
        assert plain_pcm(path, frames=samples.shape[1], channels=1) is None


def test_chunks_before_the_samples_are_passed_over(tmp_path):
    samples = some_noise(0.5)
    plain = written(tmp_path / "plain.wav", samples, "PCM_24").read_bytes()
    odd = b"note" + struct.pack("<I", 5) + b"hello\0"
    body = plain[12:36] + odd + plain[36:]
    path = tmp_path / "noted.wav"
    path.write_bytes(b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WAVE" + body)
    assert plain_pcm(path, frames=samples.shape[1], channels=1) is not None
    np.testing.assert_array_equal(read_audio(path).samples, by_libsndfile(path))


def test_a_header_that_libsndfile_reads_otherwise_is_left_to_it(tmp_path):
    path = written(tmp_path / "one.wav", some_noise(0.5), "PCM_16")
    assert plain_pcm(path, frames=22_049, channels=1) is None
    assert plain_pcm(path, frames=22_050, channels=2) is None
