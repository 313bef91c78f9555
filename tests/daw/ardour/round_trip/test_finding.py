"""Strips, sessions, processors and journals are what they were, or are left alone."""

from __future__ import annotations

import shutil

import pytest

from ama_bridge.daw.ardour.request import Strip
from tests.daw.ardour.ardour_lua import Bench
from tests.daw.ardour.made_sessions import lua_text, needs_ardour
from tests.daw.ardour.requests import bell, control, eq, request
from tests.daw.ardour.round_trip.read import HALF, applied, done, reasons

pytestmark = [needs_ardour, pytest.mark.ardour]


def test_a_strip_can_be_found_by_its_name(desk):
    strip = Strip(track="Kick", name="Kick", by_name=True, controls=(control("g", "gain", HALF),))
    other = Strip(
        track="Nobody", name="Nobody", by_name=True, controls=(control("n", "gain", HALF),)
    )
    desk.ask(request(strip, other))
    said = desk.run('apply() print("FADER", fader("Kick")) revert() print("BACK", fader("Kick"))')
    assert "FADER\t0.5" in said
    assert "BACK\t1.0" in said
    assert done(applied(desk)) == {"g"}
    assert reasons(applied(desk)) == {"n": 'there is no track named "Nobody" in this session'}


def test_a_track_that_was_renamed_is_still_itself_and_another_of_its_name_is_not(desk, kick):
    desk.ask(request(kick(controls=(control("g", "gain", HALF, 1.0),))))
    desk.run('route("Kick"):set_name("Boom") apply()')
    assert done(applied(desk)) == {"g"}
    desk.run('route("Kick"):set_name("Boom") route("Empty"):set_name("Kick") apply()')
    assert reasons(applied(desk)) == {"g": '"Kick" is another track now; export this session again'}


def test_a_request_for_another_session_changes_nothing(desk, kick):
    desk.ask(request(kick(controls=(control("g", "gain", HALF, 1.0),)), session="Other"))
    said = desk.run('apply() print("FADER", fader("Kick"))')
    assert "FADER\t1.0" in said
    assert 'is for the session "Other", and "song" is open' in reasons(applied(desk))["g"]


def test_another_session_s_journal_is_not_taken_back(desk, made, kick, tmp_path):
    desk.ask(request(kick(controls=(control("g", "gain", HALF, 1.0),))))
    desk.run("apply()", save=True)
    shutil.copytree(desk.session.parent, tmp_path / "elsewhere" / "song")
    twin = Bench(
        session=tmp_path / "elsewhere" / "song" / "song.ardour",
        folder=desk.folder,
        paths=desk.paths,
    )
    assert "FADER\t0.5" in twin.run('revert() print("FADER", fader("Kick"))')
    shutil.rmtree(desk.session.parent)
    assert "FADER\t1.0" in twin.run('revert() print("FADER", fader("Kick"))'), (
        "the session was moved there"
    )


def test_a_processor_that_got_the_id_of_ama_s_is_not_touched(desk, kick):
    """A session that was closed without saving gives ids out again: by its id alone the user's plugin would be taken for AMA's."""
    desk.ask(request(kick(inserts=(eq(bell("a", 1, 300.0, -2.0)),))))
    desk.run("apply()")
    said = desk.run(
        'print("ID", add("Kick", "urn:ardour:a-comp"):to_stateful():id():to_s())', save=True
    )
    other = said.split("ID\t")[1].split()[0]
    path = desk.mailbox / "journal-plan-1.json"
    ama = desk.read(path.name)["inserted"][0]["processor"]
    path.write_text(path.read_text().replace(f'"{ama}"', f'"{other}"'))
    said = desk.run(
        'local result = apply() revert() print("NAMES", names("Kick"), #result.applied) revert() print("END", names("Kick"))'
    )
    assert "NAMES\tACE Compressor, Fader\t1" in said
    assert "END\tACE Compressor, Fader" in said
    assert [one["what"] for one in desk.read("reverted-plan-1.json")["gone"]] == ["AMA EQ"]


def test_only_the_journals_of_this_session_are_opened(desk, kick):
    desk.ask(request(kick(controls=(control("g", "gain", HALF, 1.0),))))
    said = desk.run(f"""apply()
      local files, opened = {{}}, io.open
      local watched = setmetatable({{open = function(path, mode) files[#files + 1] = string.match(path, "journal%-[^/]*$") return opened(path, mode) end}},
        {{__index = io}})
      local index = opened({lua_text(desk.mailbox / "journals.json")}):read("a")
      index = string.gsub(index, '"ids": %[', '"ids": ["foreign",')
      index = string.gsub(index, '"sessions": {{', '"sessions": {{"foreign": {{"name": "x", "path": "/"}},')
      local file = opened({lua_text(desk.mailbox / "journals.json")}, "w") file:write(index) file:close()
      revert({{globals = {{io = watched}}}}) print("OPENED", table.concat(files, " "))""")
    assert "foreign" not in said.split("OPENED")[1]
    assert desk.read("journals.json") == {"schema": "ama.journals/1", "ids": ["foreign"], "sessions": {"foreign": {"name": "x", "path": "/"}}}  # fmt: skip
