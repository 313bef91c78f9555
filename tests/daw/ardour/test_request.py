"""The files that AMA and its scripts in Ardour hand each other."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from ama_analysis.errors import DeliveryError
from ama_bridge.daw.ardour.request import (
    Control,
    Insert,
    Part,
    Request,
    Setting,
    Strip,
)
from ama_bridge.daw.ardour.script_journals import ControlSet, Inserted, Journal
from ama_bridge.daw.documents import (
    Applied,
    Offered,
    Result,
    ValueRead,
    document_bytes,
    document_from_bytes,
    holds,
)
from ama_bridge.daw.port import Skipped

NASTY = 'Vöx "L/R" \\ \n\t; ]]--%s\u202f🥁'


def _offered(name: str) -> Offered:
    return Offered(
        id=name, track="231", track_name=NASTY, label="-2.5 dB", because=NASTY, ticked=True
    )


REQUEST = Request(
    id="song-0001-1",
    session=NASTY,
    ask=True,
    answer_port=9720,
    mailbox="/home/a b/ü",
    suggestions=(_offered("level:vox"), _offered("eq:vox")),
    skipped=(Skipped(suggestion="polarity:vox", reason=NASTY),),
    strips=(
        Strip(
            track="231",
            name=NASTY,
            controls=(
                Control(suggestion="level:vox", control="gain", value=0.1 + 0.2, expected=1.0),
            ),
            inserts=(
                Insert(
                    key="eq",
                    label="AMA EQ",
                    uri="urn:ardour:a-eq",
                    base=(Setting(which=17, value=0.0),),
                    parts=(
                        Part(
                            suggestion="eq:vox",
                            settings=(Setting(which=3, value=-2.5),),
                            when=("level:vox",),
                        ),
                    ),
                    sidechain_from="17",
                    note="within 0.05 dB",
                ),
            ),
        ),
    ),
)
RESULT = Result(
    id="song-0001-1",
    applied=(
        Applied(
            suggestion="level:vox", values=(ValueRead(what="gain", asked=0.5, read=0.5000001),)
        ),
    ),
    skipped=(Skipped(suggestion="eq:vox", reason="not ticked in Ardour"),),
    journal="journal-1.json",
)
JOURNAL = Journal(
    id="song-0001-1",
    scene=11,
    controls=(ControlSet(track="master", control="gain", before=1.0, after=0.5),),
    inserted=(
        Inserted(
            track="231",
            processor="512",
            uri="urn:ardour:a-eq",
            settings=(Setting(which=1, value=2.0),),
        ),
    ),
)


@pytest.mark.parametrize("document", [REQUEST, RESULT, JOURNAL])
def test_a_document_reads_back_as_it_was_written(document: Request | Result | Journal):
    data = document_bytes(document)
    assert document_from_bytes(type(document), data, name="x.json") == document
    assert (
        document_bytes(document_from_bytes(type(document), data, name="x.json")) == data
    )  # the same bytes again


def test_the_schema_comes_first():
    assert list(json.loads(document_bytes(REQUEST)))[:2] == ["schema", "id"]
    assert json.loads(document_bytes(RESULT))["schema"] == "ama.result/1"
    assert json.loads(document_bytes(JOURNAL))["schema"] == "ama.ardour.journal/1"


def test_whole_numbers_from_lua_are_taken_for_numbers():
    text = document_bytes(RESULT).replace(b'"asked": 0.5', b'"asked": 1')
    assert document_from_bytes(Result, text, name="x").applied[0].values[0].asked == 1.0


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        (b"ama.ardour/1", b"ama.ardour/2", "schema is 'ama.ardour/2'"),
        (b'"ask": true', b'"ask": 1', "ask is 1"),
        (b'"answer_port": 9720', b'"answer_port": 70000', "answer_port is 70000"),
        (b'"answer_port": 9720', b'"answer_port": "x"', "answer_port"),
        (b'"expected": 1.0', b'"expected": 20.1', "strips[0].controls[0]"),
        (b'"control": "gain"', b'"control": "width"', "gain, pan, polarity"),
        (b'"which": 17', b'"which": -1', "which is -1"),
        (b'"which": 17', b'"which": 1.5', "whole number"),
        (b'"id": "level:vox"', b'"id": "eq:vox"', "stands twice"),
        (b'"suggestion": "level:vox"', b'"suggestion": "gone"', "'gone'"),
        (b'"value": -2.5', b'"value": NaN', "NaN"),
        (b'"value": -2.5', b'"value": 1e999', "finite"),
        (b'"answer_port": 9720', b'"answer_port": 9720, "more": 1', "more"),
        (b"{", b"[", "JSON"),
        (b'"mailbox"', b'"mail\xff"', "UTF-8"),
    ],
)
def test_a_file_that_does_not_fit_is_one_sentence(old: bytes, new: bytes, names: str):
    data = document_bytes(REQUEST)
    assert old in data
    with pytest.raises(DeliveryError) as caught:
        document_from_bytes(Request, data.replace(old, new, 1), name="request.json")
    assert caught.value.message.startswith("request.json is not a valid request: ")
    assert names in caught.value.message
    assert caught.value.message.endswith(".")
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("data", [b"", b"null", b"[]", b'"x"', b"{}", b"[" * 100_000, b"\x00"])
def test_a_file_that_is_none_is_one_sentence(data: bytes):
    kinds: tuple[type[Request | Result | Journal], ...] = (Request, Result, Journal)
    for kind in kinds:
        with pytest.raises(DeliveryError):
            document_from_bytes(kind, data, name="x")


def test_a_suggestion_stands_in_one_list_alone():
    with pytest.raises(ValueError, match="stands twice"):
        replace(RESULT, conflicting=(Skipped(suggestion="level:vox", reason="moved"),))
    with pytest.raises(ValueError, match="set in no strip"):
        replace(REQUEST, strips=())


def test_an_entry_holds_by_what_is_ticked():
    entry = Part(suggestion="a", settings=(), when=("b",), unless=("c",))
    assert holds(entry, {"a", "b"})
    assert not holds(entry, {"a"})
    assert not holds(entry, {"b"})
    assert not holds(entry, {"a", "b", "c"})
