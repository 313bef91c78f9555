"""What AMA's scripts show in Ardour's window: pages that fit a screen, texts that Pango and Gtk take, answers that mean what was ticked."""

from __future__ import annotations

import re

import pytest

from tests.daw.ardour.lua_modules import Modules
from tests.daw.nasty_names import NASTY_NAMES

SCREEN_PIXELS = 600
"""What Ardour 7.3 shows of a dialog on a screen of 720 lines: a line takes 14 pixels, a row 11 more."""
COLUMNS = 97 + 8


MODULES = Modules(absent=("LuaDialog",))
LUA = MODULES.lua


@pytest.fixture(scope="module")
def preview():
    return MODULES["ardour/preview"]


@pytest.fixture(scope="module")
def words():
    return MODULES["shared/words"]


def table(lua_table):
    """A Lua table as a list or a dict, strings as text."""
    if type(lua_table).__name__ == "_LuaTable":
        keys = list(lua_table.keys())
        if keys == list(range(1, len(keys) + 1)):
            return [table(lua_table[key]) for key in keys]
        return {table(key): table(value) for key, value in lua_table.items()}
    return lua_table.decode() if isinstance(lua_table, bytes) else lua_table


def suggestions(count, *, tracks=4, because="It is 3 dB louder than the bass.", name="Track"):
    many = LUA.table()
    for at in range(count):
        entry = {
            b"id": f"s{at}".encode(),
            b"track": str(at * tracks // max(count, 1)).encode(),
            b"track_name": f"{name} {at * tracks // max(count, 1)}".encode(),
            b"label": f"-{at} dB".encode(),
            b"because": because.encode(),
            b"ticked": at % 2 == 0,
        }
        many[at + 1] = LUA.table_from(entry)
    return many


def height(page):
    return sum(11 + 14 * (row["title"].count("\n") + 1) for row in page)


@pytest.mark.parametrize("count", [0, 1, 7, 40, 300])
@pytest.mark.parametrize("words", [1, 25, 90])
def test_every_suggestion_has_its_box_once_and_pages_fit_a_screen(preview, count, words):
    pages = table(preview.pages(suggestions(count, because="reason " * words)))
    boxes = [row for page in pages for row in page if row["type"] == "checkbox"]
    assert [box["key"] for box in boxes] == [f"s{at}" for at in range(1, count + 1)]
    assert [box["default"] for box in boxes] == [at % 2 == 0 for at in range(count)]
    assert all(height(page) < SCREEN_PIXELS for page in pages)
    assert all(
        len(line) < COLUMNS for page in pages for row in page for line in row["title"].split("\n")
    )


def test_a_track_s_name_stands_above_its_suggestions_and_again_on_the_next_page(preview):
    pages = table(preview.pages(suggestions(40, tracks=2)))
    assert len(pages) > 1
    headings = [row["title"] for page in pages for row in page if row["type"] == "heading"]
    assert headings[0] == "Track 0"
    assert "Track 0 (continued)" in headings
    assert headings.count("Track 1") == 1
    assert all(page[0]["type"] == "heading" for page in pages)


def test_suggestions_of_a_track_stand_together_where_the_first_one_stands(preview):
    mixed = LUA.table_from(
        {
            at: LUA.table_from(
                {
                    b"id": key,
                    b"track": track,
                    b"track_name": track,
                    b"label": key,
                    b"because": b"x",
                    b"ticked": True,
                }
            )
            for at, (key, track) in enumerate(((b"1", b"b"), (b"2", b"a"), (b"3", b"b")), 1)
        }
    )
    (page,) = table(preview.pages(mixed))
    assert [(row["type"], row["title"]) for row in page if row["type"] != "label"] == [
        ("heading", "b"), ("checkbox", "1"), ("checkbox", "3"), ("heading", "a"), ("checkbox", "2"),
    ]  # fmt: skip


@pytest.mark.parametrize("name", NASTY_NAMES)
def test_a_heading_is_never_markup(preview, name):
    """Headings are Pango markup in Ardour: a bare & or < would leave an empty line."""
    pages = table(preview.pages(suggestions(1, name=name)))
    title = pages[0][0]["title"]
    plain = title.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    whole = re.sub(r"[ \t\n\v\f\r]+", " ", f"{name} 0")
    assert plain == (whole if len(whole) <= 60 else f"{whole[:59]}…")
    assert "<" not in title
    assert all(
        title[at:].startswith(("&amp;", "&lt;", "&gt;")) for at, c in enumerate(title) if c == "&"
    )


def test_words_are_kept_and_lines_are_short(words):
    text = (
        "  Ünïcode wörds of  many\nlengths and https://a-very-long-word-that-is-longer-than-a-line "
        * 5
    )
    wrapped, count = words.wrapped(text.encode(), 40)
    wrapped = wrapped.decode()
    assert wrapped.split() == text.split()
    assert wrapped.count("\n") + 1 == count
    assert all(len(line) <= 40 or " " not in line for line in wrapped.split("\n"))
    assert words.wrapped(b"", 40) == (b"", 1)


def test_long_lists_are_cut_with_their_number(words):
    lists = LUA.table_from({at: str(at).encode() for at in range(1, 21)})
    assert words.listed(lists, 3) == b"1\n2\n3\n... and 17 more"
    assert words.listed(lists, 20).count(b"\n") == 19
    assert (words.count(1, b"track"), words.count(0, b"track")) == (b"1 track", b"0 tracks")
