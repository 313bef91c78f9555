"""The JSON of the scripts against Python's: what one writes the other reads, exactly; what is not JSON is refused with its place."""

from __future__ import annotations

import json
import math
import struct

import numpy as np
import pytest

from tests.daw.ardour.lua_modules import Modules
from tests.daw.nasty_names import NASTY_NAMES


@pytest.fixture(scope="module")
def lua():
    return Modules()


@pytest.fixture(scope="module")
def codec(lua):
    return lua["shared/json"]


def through(codec, value):
    """Python's JSON, read and written by Lua, read by Python."""
    return json.loads(codec.encode(codec.decode(json.dumps(value).encode())))


@pytest.mark.parametrize("name", NASTY_NAMES)
@pytest.mark.parametrize("plain", [True, False])
def test_names_come_through_as_they_are(codec, name, plain):
    text = json.dumps({"name": name, name: 1}, ensure_ascii=plain).encode()
    assert json.loads(codec.encode(codec.decode(text))) == {"name": name, name: 1}


def test_arrays_and_objects_that_are_empty_keep_their_kind(codec):
    value: dict[str, object] = {
        "a": [],
        "o": {},
        "n": None,
        "d": [[], {}, None, True, False, [[1]]],
    }
    assert through(codec, value) == value


@pytest.mark.parametrize("pad", [None, b"  ", b"\t"])
def test_indented_text_holds_the_same(codec, pad):
    value = {"b": [1, {"c": "x", "a": []}], "a": {}}
    text = codec.encode(codec.decode(json.dumps(value).encode()), pad)
    assert json.loads(text) == value
    assert (b"\n" in text) == (pad is not None)


def test_a_thousand_doubles_are_exact(codec):
    bits = np.random.default_rng(7).integers(0, 2**64, 1000, dtype=np.uint64)
    numbers = [
        x for b in bits if math.isfinite(x := struct.unpack("<d", struct.pack("<Q", int(b)))[0])
    ]
    numbers += [0.1, -0.0, 5e-324, 1.7976931348623157e308, 0.3, 1e-5, 1e22, 123456789.123, 1 / 3]
    back = through(codec, numbers)
    assert [struct.pack("<d", x) for x in back] == [struct.pack("<d", x) for x in numbers]


def test_whole_numbers_stay_whole_and_fractions_stay_fractions(codec):
    assert codec.encode(codec.decode(b"[0,-7,9007199254740993,1.0,-2.50]")) == (
        b"[0,-7,9007199254740993,1.0,-2.5]"
    )


def test_a_locale_with_commas_changes_nothing(lua):
    commas = Modules(b"""
        local s = {}
        for key, value in pairs(string) do s[key] = value end
        s.format = function(form, ...) local text = string.format(form, ...)
          if string.find(form, "g") then text = string.gsub(text, "%.", ",") end return text end
        return {string = s}""")
    assert commas["shared/json"].encode(0.25) == b"0.25"
    assert commas["shared/json"].encode(-1234.5678) == b"-1234.5678"


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_not_written(codec, number):
    with pytest.raises(Exception, match="no number that JSON can hold"):
        codec.encode(number)


def test_bytes_that_are_no_text_become_replacement_characters(codec):
    for raw in (b"\xff", b"ab\xc3", b"\xed\xa0\x80", b"\xc0\xaf", b"\xe2\x82", b"x\x80y\xf0\x9f"):
        text = json.loads(codec.encode(raw))
        assert "\ufffd" in text
        assert text.replace("\ufffd", "") == raw.decode("utf-8", "ignore").replace("\ufffd", "")


def test_half_a_surrogate_pair_becomes_a_replacement_character(codec):
    assert codec.decode(b'"a\\ud83d"') == "a\ufffd".encode()
    assert codec.decode(b'"\\ud83d\\ude00"') == "😀".encode()
    assert codec.decode(b'"\\udc00x"') == "\ufffdx".encode()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "no value at line 1, column 1"),
        ("[1,]", "no value at line 1, column 4"),
        ('{"a":1,}', "no key in quotes at line 1, column 8"),
        ("{'a':1}", "no key in quotes"),
        ('{"a" 1}', "no colon"),
        ('{"a":1 "b":2}', "neither a comma"),
        ("[1 2]", "neither a comma"),
        ('{"a":1,"a":2}', "there before"),
        ('"abc', "does not end"),
        ('"a\tb"', "control character"),
        ('"\\x"', "unknown escape"),
        ('"\\u12g4"', "four hexadecimal digits"),
        ("[01]", "no value"),
        ("[+1]", "no value"),
        ("[.5]", "no value"),
        ("[1.]", "no number"),
        ("[1e]", "no number"),
        ("[0x10]", "no number"),
        ("[1e999]", "too large"),
        ("[NaN]", "no value"),
        ("nulls", "no value"),
        ("{} {}", "more than one value at line 1, column 4"),
        ("[1,\n 2,\n x]", "no value at line 3, column 2"),
        ("[" * 200 + "]" * 200, "more than 64 levels"),
        ("/* c */ 1", "no value"),
    ],
)
def test_what_is_not_json_is_refused_with_its_place(codec, text, complaint):
    with pytest.raises(Exception, match=complaint):
        codec.decode(text.encode())


def test_text_that_is_not_utf8_is_refused(codec):
    with pytest.raises(Exception, match="not UTF-8"):
        codec.decode(b'"\xff"')


def test_what_json_cannot_hold_is_refused(lua, codec):
    for text, complaint in (
        (b"return {1, nil, 3}", "hole"),
        (b"return {[1] = 1, a = 2}", "hole"),
        (b"return {[2.5] = 1}", "no string"),
        (b"return print", "cannot be written"),
        (b"local t = {} t.t = t return t", "levels"),
    ):
        with pytest.raises(Exception, match=complaint):
            codec.encode(lua.lua.execute(text))


def test_a_large_document_is_read_at_once(codec):
    value = [{"id": str(n), "value": n / 7, "because": "word " * 20} for n in range(5_000)]
    assert through(codec, value) == value
