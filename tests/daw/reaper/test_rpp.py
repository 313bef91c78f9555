"""A project's text: words, quotes, chunks, and bytes that stay."""

from __future__ import annotations

import numpy as np
import pytest

from ama_bridge.daw.reaper.project.rpp import Change, RppError, parsed, quoted, replaced
from tests.daw.reaper.made_projects import VST, MadeItem, MadeProject, MadeTrack, plugin_state


def line_of(chunk, key):
    line = chunk.line(key)
    assert line is not None
    return line


def project_of(*lines, line_end="\n"):
    return parsed((line_end.join(["<REAPER_PROJECT 0.1", *lines, ">"]) + line_end).encode())


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Kick", "Kick"),
        ('"Kick in"', "Kick in"),
        ("'say \"hi\"'", 'say "hi"'),
        ('`it\'s "odd"`', 'it\'s "odd"'),
        ('""', ""),
        ('foo"bar', 'foo"bar'),
        ('"never closed', "never closed"),
        ("<", "<"),
        (">", ">"),
        ("|pipe", "|pipe"),
        ('"Größe 冒烟"', "Größe 冒烟"),
        (r'"C:\My Music\a b.wav"', r"C:\My Music\a b.wav"),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_word_is_read_as_reaper_writes_it(written, read, line_end):
    project = project_of(f"  NAME {written} 7", line_end=line_end)
    line = line_of(project, "NAME")
    assert line.text(1) == (f"{read} 7" if written.startswith('"never') else read)


@pytest.mark.parametrize(
    "name", ["a", "", "a b", 'a"b', 'a\'b "c"', "`", "a\tb", "'", '"', "<a", ">", "|x", "a`b"]
)
def test_what_is_quoted_is_read_back(name):
    assert line_of(project_of(f"NAME {quoted(name)}"), "NAME").text(1) == name


def test_a_name_with_all_three_quotes_loses_the_backtick_as_in_reaper():
    written = quoted("a`b\"c'")
    assert line_of(project_of(f"NAME {written}"), "NAME").text(1) == "a'b\"c'"


def test_the_state_of_a_plugin_and_free_text_are_no_structure():
    project = project_of(
        "  <NOTES 0 2",
        "    |<TRACK not a track",
        "    |>",
        "  >",
        "  <TRACK {1}",
        "    <FXCHAIN",
        *(f"      {line}" for line in VST.split("\n")),
        "    >",
        "    NAME after",
        "  >",
    )
    tracks = list(project.of_kind("TRACK"))
    assert [line_of(track, "NAME").text(1) for track in tracks] == ["after"]
    chain = next(tracks[0].of_kind("FXCHAIN"))
    assert [chunk.kind for chunk in chain.chunks] == ["VST"]
    assert line_of(chain, "FXID").text(1) == "{83AB7B17-3578-47D1-BA2C-ED8C11C62AFA}"


def test_lines_and_chunks_come_in_their_order():
    track = next(project_of("<TRACK", "A 1", "<B", ">", "C 2", "<D", ">", ">").of_kind("TRACK"))
    keys = [each.kind if hasattr(each, "kind") else each.key for each in track.content()]
    assert keys == ["A", "B", "C", "D"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "does not begin"),
        ("RIFF....WAVE", "does not begin"),
        ("<REAPER_PROJECT\n  <TRACK\n  >\n", "cut off"),
        ("<REAPER_PROJECT\n>\n<REAPER_PROJECT\n>\n", "goes on"),
        ("<REAPER_PROJECT\n>\n>\n", "goes on"),
    ],
)
def test_what_is_no_project_is_told(text, says):
    with pytest.raises(RppError, match=says):
        parsed(text.encode())


def test_empty_lines_blanks_a_mark_and_a_missing_last_line_end_do_no_harm():
    project = parsed(b"\xef\xbb\xbf<REAPER_PROJECT 0.1\n\n   \n\tNAME\tx  \n  >\t")
    assert line_of(project, "NAME").text(1) == "x"


def test_numbers_that_are_none_are_the_default():
    line = line_of(project_of("VOLPAN 1.#INF nan 5.1 x"), "VOLPAN")
    assert [line.number(at, -7.0) for at in range(1, 6)] == [-7.0, -7.0, 5.1, -7.0, -7.0]
    assert line.whole(3) == 5


def test_cutting_a_project_anywhere_is_told_and_never_something_else():
    data = MadeProject(tracks=(MadeTrack(effects=VST, items=(MadeItem(file="a.wav"),)),)).text()
    whole = data.rstrip()
    for at in np.random.default_rng(3).integers(1, len(whole), 200):
        with pytest.raises(RppError):
            parsed(whole[:at].encode())


def test_replacing_keeps_every_other_byte():
    data = (
        MadeProject(tracks=(MadeTrack(), MadeTrack(effects=VST)), line_end="\r\n").text().encode()
    )
    word = [line_of(track, "VOLPAN").words[1] for track in parsed(data).of_kind("TRACK")][1]
    changed = replaced(data, [Change(word.start, word.stop, b"0.25")])
    assert changed[: word.start] == data[: word.start]
    assert changed[word.start :] == b"0.25" + data[word.stop :]


def test_looking_for_tracks_does_not_read_the_state_of_plugins():
    """A search for structure alone is what a large project costs: words are made of some lines a track."""
    data = MadeProject(tracks=(MadeTrack(effects=plugin_state(2.0)),)).text().encode()
    track = next(parsed(data).of_kind("TRACK"))
    assert sum(len(line.words) for line in track.lines()) < 60
