"""OSCQuery: the namespace as a tree, its nodes and attributes, and where the OSC service listens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import pytest

from ama_analysis.advise import ENGINES
from ama_analysis.rates import MAX_RATE_HZ, MIN_RATE_HZ
from ama_bridge.osc_table import ADDRESSES
from ama_bridge.store import Verdict
from ama_bridge.web.oscquery import ATTRIBUTES, EXTENSIONS, RANGES
from tests.bridge.services import Client
from tests.web.services import Served, Web

QUERY = {"Accept": "application/json"}


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for inner in node.get("CONTENTS", {}).values():
        yield from nodes(inner)


def test_host_info_names_the_osc_service(web: Web, at: Served) -> None:
    told = web.http.get("/?HOST_INFO").json()
    assert told["OSC_PORT"] == at.osc.port
    assert (told["OSC_TRANSPORT"], told["OSC_IP"], told["NAME"]) == ("UDP", "127.0.0.1", "AMA")
    assert told["EXTENSIONS"]["ACCESS"]
    assert not told["EXTENSIONS"]["LISTEN"]


def test_a_client_finds_the_osc_port_and_talks_to_it(web: Web) -> None:
    client = Client(web.http.get("/?HOST_INFO").json()["OSC_PORT"])
    assert client.ask("/ping", "p").path == "/pong"
    client.close()


def test_the_tree_has_every_address_with_what_it_takes(web: Web) -> None:
    tree = web.http.get("/", headers=QUERY).json()
    methods = {n["FULL_PATH"]: n for n in nodes(tree) if "TYPE" in n}
    assert set(methods) == set(ADDRESSES)
    for path, address in ADDRESSES.items():
        sent = [p for p in address.parameters if not p.by_name]
        forms = [methods[path], *methods[path].get("OVERLOADS", [])]
        assert forms[0]["TYPE"] == "".join(p.type for p in sent if not p.optional)
        assert forms[-1]["TYPE"] == "".join(p.type for p in sent)
        assert all(len(form["TYPE"]) == len(form["RANGE"]) for form in forms)
        assert methods[path]["ACCESS"] == 2
        assert address.about in methods[path]["DESCRIPTION"]


def test_every_node_is_readable_at_its_own_path(web: Web) -> None:
    tree = web.http.get("/", headers=QUERY).json()
    for node in nodes(tree):
        if node["FULL_PATH"] != "/ama/v1/preferences":  # the learned preferences are there
            answer = web.http.get(node["FULL_PATH"], headers=QUERY)
            assert answer.json() == node, node["FULL_PATH"]
    asked = web.http.get("/ama/v1/preferences?CONTENTS").json()
    assert set(asked["CONTENTS"]) == {"reset"}


def test_one_attribute_is_told_alone(web: Web) -> None:
    def asked(query: str) -> tuple[int, Any]:
        answer = web.http.get(f"/ama/v1/cancel?{query}")
        return answer.status_code, answer.json() if answer.content else None

    assert asked("TYPE") == (200, {"TYPE": "ss"})
    assert asked("FULL_PATH") == (200, {"FULL_PATH": "/ama/v1/cancel"})
    assert asked("CONTENTS") == (204, None)
    status, refused = asked("VALUE")
    assert (status, refused["code"]) == (400, "AMA-501")
    assert "ACCESS" in refused["message"]
    assert web.http.get("/ama/v2?TYPE").status_code == 404


def test_what_is_said_to_be_answered_is_and_nothing_else() -> None:
    required = {"FULL_PATH", "CONTENTS", "TYPE"}
    assert {name for name, there in EXTENSIONS.items() if there} == set(ATTRIBUTES) - required


def test_a_browser_gets_the_page_and_a_program_the_tree(web: Web) -> None:
    page = web.http.get("/", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert page.headers["content-type"].startswith("text/html")
    assert web.http.get("/").headers["content-type"] == "application/json"


def test_ranges_are_what_the_service_takes() -> None:
    assert RANGES["engine"]["VALS"] == list(ENGINES)
    assert RANGES["decision"]["VALS"] == [*get_args(Verdict), "clear"]
    assert RANGES["sample_rate"] == {"MIN": MIN_RATE_HZ, "MAX": MAX_RATE_HZ}
    named = {p.name for address in ADDRESSES.values() for p in address.parameters}
    assert set(RANGES) <= named


@pytest.mark.parametrize("edge", ["MIN", "MAX"])
def test_faders_and_pans_may_stand_at_the_ends_of_their_ranges_and_no_further(
    web: Web, stems: dict[str, Any], edge: str
) -> None:
    web.do("/session/begin", session="s", daw="d", sample_rate=48_000, track_count=1)
    good: dict[str, Any] = {
        "session": "s",
        "index": 0,
        "track_id": "kick",
        "name": "Kick",
        "fader_db": 0.0,
        "pan": 0.0,
        "mute": 0,
        "stem_path": str(stems["kick"]),
        "plugins": "",
    }
    for name in ("fader_db", "pan"):
        end = RANGES[name][edge]
        assert web.post("/session/track", **{**good, name: end}).status_code == 200
        beyond = end + (0.01 if edge == "MAX" else -0.01)
        shut = (name, edge) == ("fader_db", "MIN")  # what is lower still is shut all the same
        refused = web.post("/session/track", **{**good, name: beyond}).status_code == 400
        assert refused is not shut
