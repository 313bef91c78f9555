"""What AMA asks of its scripts in REAPER: it is written and read without a change, and what cannot be meant is refused."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from ama_analysis.errors import DeliveryError
from ama_bridge.daw.documents import Offered, document_bytes, document_from_bytes
from ama_bridge.daw.port import Skipped
from ama_bridge.daw.reaper.request import Band, Control, Insert, Part, Request, Strip, Value

GUID = "{11111111-AAAA-4BBB-8CCC-000000000001}"


def offered(*names: str) -> tuple[Offered, ...]:
    return tuple(
        Offered(id=n, track=GUID, track_name="Vox", label="l", because="b", ticked=True)
        for n in names
    )


def request_with(*strips: Strip, names: tuple[str, ...] = ("a", "b")) -> Request:
    return Request(
        id="plan-1",
        session="Song",
        ask=True,
        mailbox="mailbox",
        suggestions=offered(*names),
        strips=strips,
    )


def eq(suggestion: str) -> Insert:
    band = Band(shape="bell", freq_hz=300.0, gain_db=-2.0, q=1.2, bandwidth_oct=1.17)
    return Insert(
        key="eq",
        label="AMA EQ",
        device="reaeq",
        parts=(Part(suggestion=suggestion, bands=(band,)),),
        note="ReaEQ",
    )


def whole() -> Request:
    fader = Control(suggestion="a", control="fader_db", value=-3.0, expected=0.0)
    return request_with(Strip(track=GUID, name="Vox", controls=(fader,), inserts=(eq("b"),)))


def test_a_request_is_read_as_it_was_written() -> None:
    assert document_from_bytes(Request, document_bytes(whole()), name="x") == whole()


def test_another_schema_is_refused_with_a_sentence() -> None:
    data = document_bytes(whole()).replace(b"ama.reaper/1", b"ama.reaper/2")
    with pytest.raises(DeliveryError, match=r"request\.json is not a valid request"):
        document_from_bytes(Request, data, name="request.json")


@pytest.mark.parametrize(
    ("control", "value"),
    [("pan", 1.01), ("polarity", 2.0), ("delay_ms", 1e5), ("fader_db", math.nan)],
)
def test_a_value_that_no_plan_asks_for_is_refused(control, value) -> None:
    with pytest.raises(ValueError, match=control):
        Control(suggestion="a", control=control, value=value)


def test_a_value_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="ratio"):
        Value(name="ratio", value=math.inf)


def test_nothing_is_offered_that_is_set_nowhere_and_nothing_set_that_is_not_offered() -> None:
    strip = Strip(track=GUID, name="Vox", inserts=(eq("b"),))
    with pytest.raises(ValueError, match="'a' is offered but set in no strip"):
        request_with(strip)
    with pytest.raises(ValueError, match="'b' is set in a strip but not offered"):
        request_with(strip, names=())


def test_a_suggestion_is_offered_or_skipped_and_not_both() -> None:
    with pytest.raises(ValueError, match="'a' stands twice"):
        replace(whole(), skipped=(Skipped(suggestion="a", reason="r"),))
