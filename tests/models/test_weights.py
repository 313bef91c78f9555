from importlib.util import find_spec

import numpy as np
import pytest

from ama_analysis.errors import MissingExtraError, WeightsError
from ama_analysis.models.extra import required
from ama_analysis.models.weights import read_weights, weights_to_bytes

KIND = "ama.test/1"


def some_tensors():
    random = np.random.default_rng(5)
    return {
        "layer.weight": random.normal(size=(4, 3)).astype(np.float32),
        "a": np.arange(6, dtype=np.int64),
        "none": np.zeros((0, 2), np.float32),
    }


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "some.safetensors"
    path.write_bytes(weights_to_bytes(some_tensors(), kind=KIND, about={"seed": 3}))
    return path


def test_weights_come_back_as_they_were_written(file):
    read = read_weights(file, kind=KIND)
    assert read.about == {"seed": 3}
    assert set(read.tensors) == set(some_tensors())
    for name, tensor in some_tensors().items():
        assert read.tensors[name].dtype == tensor.dtype
        np.testing.assert_array_equal(read.tensors[name], tensor)


def test_same_weights_make_the_same_file(file):
    again = dict(reversed(some_tensors().items()))
    assert weights_to_bytes(again, kind=KIND, about={"seed": 3}) == file.read_bytes()


def test_every_flipped_bit_is_refused(file):
    good = file.read_bytes()
    for place in range(0, len(good), 3):
        damaged = bytearray(good)
        damaged[place] ^= 1 << (place % 8)
        file.write_bytes(damaged)
        if _means_the_same(good, bytes(damaged)):
            continue
        with pytest.raises(WeightsError) as caught:
            read_weights(file, kind=KIND)
        assert caught.value.code == "AMA-902"
        assert str(file) in caught.value.message


def _means_the_same(good, damaged):
    """White space between words of the header carries nothing."""
    length = int.from_bytes(good[:8], "little")
    return damaged[8 : 8 + length].split() == good[8 : 8 + length].split() and (
        damaged[:8] == good[:8] and damaged[8 + length :] == good[8 + length :]
    )


@pytest.mark.parametrize("content", [b"", b"\0" * 8, b"\xff" * 100, b"RIFF....WAVE", b"[" * 5000])
def test_what_is_no_weight_file_is_refused_in_one_sentence(tmp_path, content):
    path = tmp_path / "other.safetensors"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match="damaged"):
        read_weights(path, kind=KIND)


def test_shortened_file_is_refused(file):
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(WeightsError, match="damaged"):
        read_weights(file, kind=KIND)


def test_weights_of_another_helper_are_refused(file):
    with pytest.raises(WeightsError, match=r"holds 'ama\.test/1', not 'ama\.roles/1'"):
        read_weights(file, kind="ama.roles/1")


def test_missing_file_is_refused(tmp_path):
    with pytest.raises(WeightsError, match="cannot be read"):
        read_weights(tmp_path / "none.safetensors", kind=KIND)


def test_absent_library_is_named_with_the_extra_that_has_it():
    with pytest.raises(
        MissingExtraError, match=r"no_such_library, which is not installed"
    ) as caught:
        required("no_such_library.part", extra="separation")
    assert caught.value.code == "AMA-901"
    assert "ama-bridge[separation]" in caught.value.hint


@pytest.mark.skipif(find_spec("safetensors") is None, reason="needs safetensors to compare with")
def test_the_safetensors_library_reads_the_same(file):
    load = required("safetensors.numpy").load_file
    read = load(file)
    for name, tensor in some_tensors().items():
        np.testing.assert_array_equal(read[name], tensor)
