"""What is refused at the door: other machines' names, other sites' pages, what no page of ours sends, and names that lead elsewhere."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from ama_bridge.web.verbs import MOST_BYTES
from tests.bridge.services import PATIENCE_S, QUIET_S
from tests.web.services import API, Served, Web

PING = f"{API}/ping"
JSON = {"Content-Type": "application/json"}
FLOOD_BYTES = 64 << 20


def test_only_names_of_this_machine_are_answered(web: Web, at: Served) -> None:
    for host in ("127.0.0.1", "localhost", f"127.0.0.1:{at.port}", f"localhost:{at.port}"):
        assert web.http.get(f"{API}/state", headers={"Host": host}).status_code == 200
    foreign = (
        "evil.example",
        f"evil.example:{at.port}",
        "127.0.0.1.evil.example",
        "0.0.0.0",  # noqa: S104  # a name that is refused
        "[::1]",
    )
    for host in foreign:
        for path in ("/", f"{API}/state", f"{API}/events", "/static/index.html"):
            answer = web.http.get(path, headers={"Host": host})
            assert (answer.status_code, answer.json()["code"]) == (403, "AMA-501"), (host, path)


def test_a_request_without_a_host_is_refused(at: Served) -> None:
    assert b" 403 " in spoken(at, b"GET /ama/v1/state HTTP/1.0\r\n\r\n")


def test_only_our_own_page_may_ask(web: Web, at: Served) -> None:
    own = f"http://127.0.0.1:{at.port}"
    assert web.http.post(PING, json={}, headers={"Origin": own}).status_code == 200
    foreign = (
        "https://evil.example",
        "null",
        f"http://localhost:{at.port}",
        f"https://127.0.0.1:{at.port}",
        "http://127.0.0.1:3000",
        f"{own}.evil.example",
    )
    for origin in foreign:
        for method in ("GET", "POST", "OPTIONS"):
            answer = web.http.request(method, PING, headers={"Origin": origin, **JSON})
            assert answer.status_code == 403, (origin, method)
            assert "access-control-allow-origin" not in answer.headers


def test_what_a_browser_calls_cross_site_is_refused_but_for_a_link_to_the_page(web: Web) -> None:
    site = {"Sec-Fetch-Site": "cross-site"}
    link = {**site, "Sec-Fetch-Mode": "navigate", "Accept": "text/html"}
    assert web.http.get("/", headers=link).status_code == 200
    assert web.http.get(f"{API}/state", headers=link).status_code == 403
    assert web.http.get("/", headers={**site, "Sec-Fetch-Mode": "no-cors"}).status_code == 403
    assert web.http.get(f"{API}/sound/a.wav", headers=site).status_code == 403


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_what_a_form_can_send_changes_nothing(web: Web, kind: str) -> None:
    answer = web.http.post(PING, content=b"{}", headers={"Content-Type": kind})
    assert answer.status_code == 415
    assert web.http.post(PING, content=b"{}", headers=JSON).status_code == 200


def test_verbs_are_not_done_by_get(web: Web) -> None:
    assert web.http.get(PING).json()["FULL_PATH"] == PING
    assert web.http.put(PING, json={}).status_code == 405
    assert web.http.delete(PING).status_code == 405


@pytest.mark.parametrize(
    "body", [b"", b"{}", b" { } "], ids=["nothing", "an empty object", "with blanks"]
)
def test_no_arguments_are_an_empty_object_or_nothing(web: Web, body: bytes) -> None:
    assert web.http.post(PING, content=body, headers=JSON).json() == {"answer": "pong"}


@pytest.mark.parametrize(
    "body",
    [b"[]", b"3", b"null", b'"x"', b"{", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 100_000],
)
def test_what_is_no_json_object_is_refused(web: Web, body: bytes) -> None:
    answer = web.http.post(PING, content=body, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (400, "AMA-501")


@pytest.mark.parametrize("number", ["1e400", "NaN", "-Infinity", "9" * 400, "true", "[1.0]"])
def test_numbers_that_are_none_are_refused(web: Web, number: str) -> None:
    body = f'{{"session":"s","daw":"d","sample_rate":{number},"track_count":1}}'.encode()
    answer = web.http.post(f"{API}/session/begin", content=body, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (400, "AMA-501")


def test_a_body_that_is_too_large_is_refused_whether_or_not_it_says_so(web: Web) -> None:
    large = b"{}" + b" " * (MOST_BYTES - 2)
    assert web.http.post(PING, content=large, headers=JSON).status_code == 200
    assert web.http.post(PING, content=large + b" ", headers=JSON).status_code == 413

    def unsaid() -> Iterator[bytes]:
        for _ in range(1 + MOST_BYTES // (1 << 16)):
            yield b" " * (1 << 16)

    assert web.http.post(PING, content=unsaid(), headers=JSON).status_code == 413


def test_a_flood_is_cut_off(at: Served) -> None:
    """Whoever goes on sending after the answer finds the line closed, long before all is through."""
    with closing(socket.create_connection(("127.0.0.1", at.port), PATIENCE_S)) as line:
        head = f"POST {PING} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        line.sendall(f"{head}Content-Length: {FLOOD_BYTES}\r\n\r\n".encode())
        with pytest.raises(ConnectionError):
            line.sendall(b" " * FLOOD_BYTES)


@pytest.mark.parametrize(
    "name",
    [
        "..%2F..%2Fpreferences.json",
        "..%2flog%2fama.log",
        "%2e%2e",
        "..%5C..%5Clog%5Cama.log",
        "%2Fetc%2Fpasswd",
        "a.wav%00.txt",
        ".hidden.wav",
        "ama.log",
        "x" * 300 + ".wav",
    ],
)
def test_names_of_sounds_lead_nowhere_else(web: Web, tmp_path: Path, name: str) -> None:
    (tmp_path / "state/renders").mkdir(parents=True, exist_ok=True)
    answer = web.http.get(f"{API}/sound/{name}")
    assert answer.status_code in {400, 404}
    assert answer.json()["code"] in {"AMA-501", "AMA-502"}


@pytest.mark.parametrize(
    "name",
    ["../app.py", "..%2Fapp.py", "%2e%2e/app.py", "..%5Capp.py", "%2Fetc%2Fpasswd", "", ".."],
)
def test_names_of_the_pages_files_lead_nowhere_else(at: Served, name: str) -> None:
    request = f"GET /static/{name} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    answer = spoken(at, request.encode())
    assert b" 404 " in answer.partition(b"\r\n")[0]
    assert b"Starlette" not in answer


@pytest.mark.parametrize("plan", ["..%2Fsessions%2Fsong", "nothing-0001", "%2e%2e%2fx-0001"])
def test_names_of_plans_lead_nowhere_else(web: Web, plan: str) -> None:
    for path in (f"/plans/{plan}", f"/plans/{plan}/tonal_balance.png"):
        assert web.http.get(f"{API}{path}").status_code == 404


def test_every_answer_forbids_what_the_page_does_not_need(web: Web) -> None:
    answers = (
        web.http.get("/", headers={"Accept": "text/html"}),
        web.http.get(f"{API}/state"),
        web.http.get(f"{API}/nothing"),
        web.http.get("/", headers={"Host": "evil.example"}),
        web.http.post(PING, json={}),
    )
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"


def test_nothing_listens_but_on_loopback(at: Served) -> None:
    others = _addresses()
    if not others:
        pytest.skip("this machine has no address but loopback")
    for address in others:
        with pytest.raises(OSError, match=r"refused|unreachable|timed out"):
            socket.create_connection((address, at.port), QUIET_S).close()


def _addresses() -> list[str]:
    """Return this machine's own IPv4 addresses that are not loopback."""
    if sys.platform != "linux":
        return []
    try:
        shown = subprocess.run(["hostname", "-I"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return []
    return [a for a in shown.stdout.split() if "." in a and not a.startswith("127.")]


def test_nonsense_is_answered_or_dropped_and_the_service_goes_on(at: Served, web: Web) -> None:
    for nonsense in (
        b"\x16\x03\x01\x02\x00" + bytes(500),
        b"GET / HTTP/9.9\r\nConnection: close\r\n\r\n",
        b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\n\r\n",
        b"POST /ama/v1/ping HTTP/1.1\r\nHost: localhost\r\nContent-Length: -4\r\n\r\n",
        b"POST /ama/v1/ping HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ):
        assert b" 200 " not in spoken(at, nonsense)
    assert web.do("/ping") == {"answer": "pong"}


def spoken(at: Served, request: bytes) -> bytes:
    """Return what comes back for these very bytes."""
    with closing(socket.create_connection(("127.0.0.1", at.port), PATIENCE_S)) as line:
        line.sendall(request)
        heard = b""
        try:
            while part := line.recv(65_536):
                heard += part
        except ConnectionError:
            return heard
    return heard


def test_a_client_that_goes_away_in_the_middle_does_no_harm(at: Served, web: Web) -> None:
    with closing(socket.create_connection(("127.0.0.1", at.port), PATIENCE_S)) as line:
        line.sendall(b"POST /ama/v1/ping HTTP/1.1\r\nHost: localhost\r\n")
        line.sendall(b"Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{")
    assert web.do("/ping") == {"answer": "pong"}


def test_the_page_may_be_asked_by_both_of_its_names(at: Served) -> None:
    for name in ("127.0.0.1", "localhost"):
        origin = f"http://{name}:{at.port}"
        answer = httpx.post(
            f"http://127.0.0.1:{at.port}{PING}",
            json={},
            headers={"Host": f"{name}:{at.port}", "Origin": origin},
            timeout=PATIENCE_S,
        )
        assert answer.status_code == 200
