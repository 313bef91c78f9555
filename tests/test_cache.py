"""Keys that change with what a figure follows from, and bytes that come back as they went in."""

from __future__ import annotations

import json

import numpy as np
import pytest

from ama_analysis.cache import NO_CACHE, Contents, content_of, key_of, remembered
from ama_analysis.measurements import PairMeasurements
from ama_analysis.packed import pack, pack_value, unpack, value_of
from tests.kept import Kept

PAIR = PairMeasurements(
    first="kick in",
    second="kick out",
    overlap=0.1 + 0.2,
    low_overlap=1.0 / 3.0,
    first_masked=5e-324,
    second_masked=0.0,
    masked_freq_hz=None,
    delay_ms=-1.25,
    inverted=True,
)


def test_a_key_differs_with_kind_and_with_every_part():
    parts: list[tuple[str, *tuple[str | int | None, ...]]]
    parts = [("track", "abc", 44_100), ("pair", "abc", 44_100), ("track", "abd", 44_100)]
    parts += [("track", "abc", 48_000), ("track", "abc", 44_100, None), ("track", "abc44100")]
    keys = {key_of(*each) for each in parts}
    assert len(keys) == len(parts)
    assert all(len(key) == 64 and set(key) <= set("0123456789abcdef") for key in keys)
    assert key_of(*parts[0]) == key_of("track", "abc", 44_100)


def test_content_is_told_by_bytes_and_not_by_name(tmp_path):
    one, same, other = (tmp_path / name for name in ("one.wav", "same.wav", "other.wav"))
    for path in (one, same):
        path.write_bytes(b"x" * 700_000)
    other.write_bytes(b"x" * 699_999 + b"y")
    assert content_of(one) == content_of(same) != content_of(other)
    assert content_of(tmp_path / "none.wav") is None


def test_contents_are_looked_at_once_in_a_piece_of_work(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(b"before")
    contents = Contents(Kept())
    before = contents(path)
    path.write_bytes(b"after")
    assert contents(path) == before
    assert Contents(Kept())(path) != before
    assert Contents(NO_CACHE)(path) is None


def test_what_is_remembered_is_made_once_and_again_where_bytes_are_not_understood():
    cache, made = Kept(), []

    def make() -> str:
        made.append("x")
        return "figures"

    def ask(key: str | None) -> str:
        def understood(data: bytes) -> str | None:
            return data.decode() if data == b"figures" else None

        return remembered(cache, key, make, pack=str.encode, unpack=understood)

    assert [ask("k"), ask("k")] == ["figures", "figures"]
    assert len(made) == 1
    cache["k"] = b"of another version"
    assert ask("k") == "figures"
    assert cache["k"] == b"figures"
    assert len(made) == 2
    assert ask(None) == "figures"
    assert len(made) == 3
    assert list(cache) == ["k"]


def test_no_cache_has_nothing():
    NO_CACHE.put("k", b"figures")
    assert NO_CACHE.get("k") is None


def test_values_and_arrays_come_back_to_the_last_bit():
    grid = np.random.default_rng(1).standard_normal((7, 3)).astype(np.float32)
    spectra = (grid + 1j * grid[::-1]).astype(np.complex64)
    packed = unpack(pack_value((PAIR,), tuple[PairMeasurements, ...], grid=grid, spectra=spectra))
    assert packed is not None
    assert value_of(packed, tuple[PairMeasurements, ...]) == (PAIR,)
    for name, array in (("grid", grid), ("spectra", spectra)):
        assert packed.arrays[name].dtype == array.dtype
        assert np.array_equal(packed.arrays[name], array)


def test_big_endian_and_strided_arrays_come_back_with_their_values():
    whole = np.arange(12, dtype=">i4").reshape(3, 4)
    packed = unpack(pack(None, whole=whole, part=whole[:, ::2], empty=np.zeros((0, 2), bool)))
    assert packed is not None
    assert packed.arrays["whole"].tolist() == whole.tolist()
    assert packed.arrays["part"].tolist() == whole[:, ::2].tolist()
    assert packed.arrays["empty"].shape == (0, 2)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"{}\n",
        b"[1]\n",
        b"not JSON\n",
        b"[null,[]]\nmore",
        b'[null,[["a","<f4",[2]]]]\n1234',
        b'[null,[["a","<f4",[1]]]]\n12345678',
        b'[null,[["a","|O",[1]]]]\n12345678',
        b'[null,[["a","<f4",[-3]]]]\n12345678',
        b'[null,[["a","<f4",["x"]]]]\n1234',
        json.dumps([None, [["a", "<f4", [10**30]]]]).encode() + b"\n1234",
        b"[" * 100_000,
    ],
    ids=lambda data: data[:30].decode(),
)
def test_bytes_of_something_else_are_nothing(data):
    assert unpack(data) is None


def test_a_value_of_another_shape_is_nothing():
    packed = unpack(pack({"first": "kick"}))
    assert packed is not None
    assert value_of(packed, PairMeasurements) is None


def test_what_is_not_a_number_is_a_programmer_s_error():
    with pytest.raises(ValueError, match="JSON"):
        pack(float("nan"))
