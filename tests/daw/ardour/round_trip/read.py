"""What tests of the round trip share: a plan of everything, and what became of it."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

from ama_bridge.daw.ardour.request import Strip
from ama_bridge.daw.documents import Result, document_from_bytes
from tests.daw.ardour.ardour_lua import Bench
from tests.daw.ardour.requests import bell, comp, control, eq, gate, high_pass, part, request

NAME = 'Vö/x "q" \\ <b>& 100%'
"""A stereo track with one plugin of the user's."""
HALF, THIRD = 0.5, 1 / 3
NO_GROUP = "PBD.GroupControlDisposition.NoGroup"
READ = 1e-6
"""Gains and azimuths are kept as doubles or 32-bit floats."""


def routes(session: Path) -> str:
    """All strips as Ardour saved them."""
    found = ET.parse(session).getroot().find("Routes")  # noqa: S314  # our own file
    assert found is not None
    return ET.canonicalize(ET.tostring(found), strip_text=True)


def applied(desk: Bench, name: str = "result-plan-1.json") -> Result:
    """The result, read as AMA reads it."""
    return document_from_bytes(Result, (desk.mailbox / name).read_bytes(), name=name)


def reasons(result: Result) -> dict[str, str]:
    return {one.suggestion: one.reason for one in (*result.skipped, *result.conflicting)}


def done(result: Result) -> set[str]:
    return {one.suggestion for one in result.applied}


def whole_plan(kick, voice):
    """Everything that a request may hold."""
    return request(
        kick(
            controls=(control("gain", "gain", HALF, 1.0), control("pan", "pan", 0.25, 0.5)),
            inserts=(eq(bell("bell", 1, 250.5, -3.3), bell("bell2", 2, 4000.0, 2.0)),),
        ),
        voice(
            controls=(control("polarity", "polarity", 1.0, 0.0),),
            inserts=(
                gate(part("gate", {0: 0.1, 1: 270.0, 3: 2.6, 4: -38.5})),
                high_pass("hp", 80.0),
                comp(part("comp", {4: -20.5, 3: 2.5, 9: 1.0}), sidechain_from=kick().track),
            ),
        ),
        Strip(
            track="master",
            name="Master",
            controls=(control("master", "gain", THIRD, 1.0),),
            inserts=(eq(part("master_eq", {16: -1.5})),),
        ),
    )
