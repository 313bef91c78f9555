"""What a reference's text means: a file, or a file and a section of it."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from ama_analysis.errors import OptionError
from ama_analysis.reference import Reference, clock, parse_reference

SONG = Path("/music/song.flac")


@pytest.mark.parametrize(
    ("text", "start_s", "stop_s"),
    [
        ("1:02-1:34", 62.0, 94.0),
        ("62-94", 62.0, 94.0),
        ("1:02.5-1:34", 62.5, 94.0),
        ("1:02.5-94.25", 62.5, 94.25),
        ("1:02-", 62.0, None),
        ("-1:34", 0.0, 94.0),
        ("0-", 0.0, None),
        ("1:02 - 1:34", 62.0, 94.0),
        ("0:59:58-1:00:02", 3598.0, 3602.0),
        ("75:00-76:00.125", 4500.0, 4560.125),
    ],
)
def test_a_section_is_read(text, start_s, stop_s):
    read = parse_reference(f"{SONG}@{text}")
    assert read == Reference(path=SONG, start_s=start_s, stop_s=stop_s)
    assert parse_reference(str(read)) == read


@pytest.mark.parametrize(
    "text",
    ["song.flac", "me@home/song.flac", "live@club.flac", "song@take-2.flac", "@1-2", "song.flac@x"],
)
def test_what_is_no_section_is_part_of_the_file_s_name(text):
    assert parse_reference(text) == Reference(path=Path(text))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1:34-1:02", "1:34-1:02 of /music/song.flac ends before it begins"),
        ("1:02-1:02", "ends before it begins"),
        ("-0", "ends before it begins"),
        ("1:75-2:00", "'1:75' in '/music/song.flac@1:75-2:00' is not a time"),
        ("1:60:00-", "'1:60:00'"),
        ("1:2:3:4-", "'1:2:3:4'"),
        ("1.5:00-2:00", "'1.5:00'"),
        ("1:02", "'1:02' in '/music/song.flac@1:02' is not a section"),
        ("-", "is not a section"),
        ("1-2-3", "'2-3' in"),
        ("1..5-3", "'1..5'"),
        (f"{'9' * 400}-", "is not a time"),
    ],
)
def test_times_that_cannot_be_are_refused_in_one_sentence(text, said):
    with pytest.raises(OptionError) as caught:
        parse_reference(f"{SONG}@{text}")
    assert said in caught.value.message
    assert caught.value.code == "AMA-501"
    assert "song.flac@1:02-1:34" in caught.value.hint


def test_words_for_times_are_refused_where_the_file_is_there(tmp_path):
    song = tmp_path / "song.flac"
    song.write_bytes(b"there")
    for section in ("chorus", "abc-def", "", "1:02-end"):
        with pytest.raises(OptionError):
            parse_reference(f"{song}@{section}")


def test_a_file_whose_name_looks_like_a_section_is_taken_as_it_is(tmp_path):
    odd = tmp_path / "song@1:02-1:34"
    assert parse_reference(str(odd)).start_s == 62.0
    odd.write_bytes(b"there")
    assert parse_reference(str(odd)) == Reference(path=odd)
    part = parse_reference(f"{odd}@5-9")
    assert part == Reference(path=odd, start_s=5.0, stop_s=9.0)
    assert parse_reference(str(part)) == part


@pytest.mark.parametrize(
    ("start_s", "stop_s"),
    [(None, 5.0), (-1.0, 5.0), (math.nan, None), (math.inf, None), (0.0, math.inf), (5.0, 5.0)],
)
def test_a_section_that_cannot_be_is_never_made(start_s, stop_s):
    with pytest.raises(OptionError):
        Reference(path=SONG, start_s=start_s, stop_s=stop_s)


def test_names_show_the_section_with_every_digit_it_has():
    assert Reference(path=SONG).name == "song.flac"
    assert Reference(path=SONG, start_s=62.0, stop_s=94.0).name == "song.flac@1:02-1:34"
    assert Reference(path=SONG, start_s=62.1).name == "song.flac@1:02.1-"
    assert [clock(t) for t in (0.0, 9.5, 60.0, 3600.25, 1e-7)] == [
        "0:00",
        "0:09.5",
        "1:00",
        "60:00.25",
        "0:00.0000001",
    ]


@pytest.mark.parametrize("start_s", [1 / 3, 62.1, 0.1 + 0.2, 1e-7, 12_345.678901234567])
def test_any_time_comes_back_as_it_was(start_s):
    whole = Reference(path=SONG, start_s=start_s)
    assert parse_reference(str(whole)) == whole
