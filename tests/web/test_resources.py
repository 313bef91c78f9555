"""What can be read: the state at a glance, plans, jobs, folders, sounds by range, pictures."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ama_analysis.audio import Audio, write_audio
from ama_bridge.daw.port import Receipt, Reverted, receipt_bytes, reverted_bytes
from ama_bridge.store import Store
from ama_bridge.web.app import App
from ama_bridge.web.resources import Resources
from ama_bridge.web.table import ROWS
from tests.bridge.plans import EVERY_ACTION, RATE_HZ, FakeAnalyst, plan_of, session_of
from tests.bridge.stems import write_song
from tests.web.services import API, Ear, Served, Web, served, web_of

PLANS = 130
FAST_S = 0.1
"""What the page may wait for the state."""


def test_the_state_tells_everything_at_a_glance(
    web: Web, ear: Ear, stems: dict[str, Path], tmp_path: Path
) -> None:
    web.tell_session(stems)
    web.do("/session/reference", session="song", path=f"{stems['bass']}@0:00-0:01")
    web.do("/session/mix", session="song", path=str(stems["kick"]))
    web.do("/session/commit", session="song")
    web.do("/suggest", session="song")
    ear.until_job("suggest", "done")
    state = web.state()
    assert state["state_folder"] == str(tmp_path / "state")
    (session,) = state["sessions"]
    assert session["references"] == [f"{stems['bass']}@0:00-0:01"]
    assert session["mix"] == str(stems["kick"])
    assert session["newest_plan"] == "song-0001"
    assert session["tracks"][0] == {
        "id": "kick",
        "name": "Kick",
        "role": "kick",
        "fader_db": -6.0,
        "pan": 0.0,
        "muted": False,
        "locked": False,
        "automated": [],
    }
    (plan,) = state["plans"]
    assert plan["id"] == "song-0001"
    assert (plan["suggestions"], plan["before"], plan["after"]) == (
        len(EVERY_ACTION),
        0.4,
        0.1 + 0.2,
    )
    assert (plan["session"], plan["engine"], plan["target"]) == ("song", "rules", "neutral")
    assert plan["made_at"].endswith("+00:00")
    assert {d["name"]: d["asks"] for d in state["daws"]} == {
        "folder": False,
        "ardour": True,
        "reaper": True,
    }
    assert "jazz" in {t["name"] for t in state["targets"]}
    assert state["engines"] == ["auto", "rules", "cnn", "reference"]
    assert [j["kind"] for j in state["jobs"]] == ["suggest", "commit", "commit"]


def kept_plans(state: Path, count: int) -> list[str]:
    """Write plans of two sessions by turns, as earlier runs of a service have left them."""
    store = Store(state)
    plans = [plan_of(session_of(state, name)) for name in ("one", "two")]
    return [store.keep_plan(plans[at % 2]) for at in range(count)]


def test_plans_of_earlier_runs_are_listed_newest_first_and_at_once(tmp_path: Path) -> None:
    ids = kept_plans(tmp_path, PLANS)
    with served(tmp_path, FakeAnalyst()) as at, web_of(at) as web:
        web.get("/jobs")
        web.state()
        began_s = time.process_time()
        state = web.state()
        assert time.process_time() - began_s < FAST_S
    assert [plan["id"] for plan in state["plans"]] == ids[: -100 - 1 : -1]
    assert {plan["session"] for plan in state["plans"]} == {"one", "two"}


def test_a_summary_read_from_a_file_is_the_one_of_the_plan(tmp_path: Path) -> None:
    store = Store(tmp_path)
    plan_id = store.keep_plan(plan_of(session_of(tmp_path)))
    from ama_bridge.service.plan_summary import summary_in, summary_of

    path = store.plan_path(plan_id)
    assert summary_in(path) == summary_of(plan_id, store.plan(plan_id), path.stat().st_mtime)
    compact = json.dumps(json.loads(path.read_bytes()))
    path.write_text(compact, encoding="utf-8")
    assert summary_in(path) == summary_of(plan_id, store.plan(plan_id), path.stat().st_mtime)


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"schema": "ama.plan/1"}', b"\xff"])
def test_a_damaged_plan_is_left_out_of_the_list_and_the_rest_is_there(
    tmp_path: Path, damage: bytes
) -> None:
    first, second = kept_plans(tmp_path, 2)
    (tmp_path / f"plans/{first}.json").write_bytes(damage)
    with served(tmp_path, FakeAnalyst()) as at, web_of(at) as web:
        assert [plan["id"] for plan in web.state()["plans"]] == [second]


def test_what_nobody_foresaw_is_an_answer_too_and_the_log_has_the_details(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "plans/song-0001.json").mkdir(parents=True)
    with served(tmp_path, FakeAnalyst()) as at, web_of(at) as web:
        answer = web.http.get(f"{API}/plans/song-0001")
        assert (answer.status_code, answer.json()["code"]) == (500, "AMA-999")
        assert "IsADirectoryError" in answer.json()["message"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert web.do("/ping") == {"answer": "pong"}
    assert "Traceback" in caplog.text


def test_what_cannot_be_loaded_beforehand_does_not_keep_the_page_from_coming_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Resources) -> None:
        raise OSError

    monkeypatch.setattr(Resources, "warm_up", broken)
    with served(tmp_path, FakeAnalyst()) as at, web_of(at) as web:
        assert web.state()["sessions"] == []


def test_a_plan_has_its_deliveries_newest_first_with_what_took_them_back(tmp_path: Path) -> None:
    (plan_id,) = kept_plans(tmp_path, 1)
    store = Store(tmp_path)
    for _ in range(3):
        folder = store.new_delivery(plan_id)
        receipt = Receipt(plan=plan_id, daw="studio", applied=(folder.name,))
        (folder / "receipt.json").write_bytes(receipt_bytes(receipt))
    back = Reverted(daw="studio", id=f"{plan_id}-2", restored=("fader",))
    (store.new_delivery(f"{plan_id}-2-reverted") / "reverted.json").write_bytes(
        reverted_bytes(back)
    )
    store.new_delivery("one-00010")
    with served(tmp_path, FakeAnalyst()) as at, web_of(at) as web:
        told = web.get(f"/plans/{plan_id}")["deliveries"]
    assert [d["name"] for d in told] == [f"{plan_id}-{n}" for n in (3, 2, 1)]
    assert [d["receipt"]["applied"] for d in told] == [[d["name"]] for d in told]
    assert [bool(d["reverted"]) for d in told] == [False, True, False]
    assert told[1]["reverted"]["restored"] == ["fader"]


@pytest.mark.parametrize("path", ["/plans/song-0001", "/jobs/suggest-1", "/sound/a.wav"])
def test_what_is_not_there_is_a_404_with_a_sentence(web: Web, path: str) -> None:
    answer = web.http.get(f"{API}{path}")
    assert answer.status_code == 404
    assert answer.json()["message"].startswith("There is no ")


def test_a_plan_that_was_not_verified_has_no_picture(tmp_path: Path) -> None:
    from dataclasses import replace

    plan_id = Store(tmp_path).keep_plan(replace(plan_of(session_of(tmp_path)), verification=None))
    with served(tmp_path, FakeAnalyst()) as at, web_of(at) as web:
        answer = web.http.get(f"{API}/plans/{plan_id}/tonal_balance.png")
    assert (answer.status_code, answer.json()["code"]) == (400, "AMA-401")


def test_the_picture_is_drawn_once_and_asked_for_again(tmp_path: Path) -> None:
    (plan_id,) = kept_plans(tmp_path, 1)
    with served(tmp_path, FakeAnalyst()) as at, web_of(at) as web:
        path = f"{API}/plans/{plan_id}/tonal_balance.png"
        first = web.http.get(path)
        assert first.headers["content-type"] == "image/png"
        assert first.content.startswith(b"\x89PNG")
        again = web.http.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert again.content in {b"", first.content}
        assert again.headers["etag"] == first.headers["etag"]
    assert [p.name for p in (tmp_path / "pictures").iterdir()] == [f"{plan_id}.png"]


def rendered(state: Path, name: str = "mix.wav") -> bytes:
    path = state / "renders" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(3).normal(0.0, 0.1, (2, 4000)).astype(np.float32)
    write_audio(path, Audio(noise, RATE_HZ))
    return path.read_bytes()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.wav", "audio/wav"),
        ("a.flac", "audio/flac"),
        ("a.ogg", "audio/ogg"),
        ("a.aiff", "audio/aiff"),
    ],
)
def test_a_render_comes_whole_with_its_kind(web: Web, tmp_path: Path, name: str, kind: str) -> None:
    data = rendered(tmp_path / "state", name)
    answer = web.http.get(f"{API}/sound/{name}")
    assert (answer.status_code, answer.content) == (200, data)
    assert answer.headers["content-type"] == kind
    assert answer.headers["accept-ranges"] == "bytes"


def test_any_range_of_a_render_comes_as_it_was_asked_for(web: Web, tmp_path: Path) -> None:
    data = rendered(tmp_path / "state")
    rng = np.random.default_rng(11)
    for _ in range(40):
        start, stop = sorted(rng.integers(0, len(data), 2).tolist())
        answer = web.http.get(f"{API}/sound/mix.wav", headers={"Range": f"bytes={start}-{stop}"})
        assert (answer.status_code, answer.content) == (206, data[start : stop + 1])
        assert answer.headers["content-range"] == f"bytes {start}-{stop}/{len(data)}"
    tail = web.http.get(f"{API}/sound/mix.wav", headers={"Range": "bytes=-100"})
    assert (tail.status_code, tail.content) == (206, data[-100:])
    beyond = web.http.get(f"{API}/sound/mix.wav", headers={"Range": f"bytes={len(data)}-"})
    assert beyond.status_code == 416


def test_a_render_of_another_content_is_no_longer_the_one_that_was_kept(
    web: Web, tmp_path: Path
) -> None:
    rendered(tmp_path / "state")
    before = web.http.get(f"{API}/sound/mix.wav").headers
    assert before["cache-control"] == "no-cache"
    path = tmp_path / "state/renders/mix.wav"
    os.utime(path, (1, 1))
    assert web.http.get(f"{API}/sound/mix.wav").headers["etag"] != before["etag"]


def test_only_the_newest_auditions_are_kept(
    web: Web, ear: Ear, stems: dict[str, Path], tmp_path: Path
) -> None:
    folder = tmp_path / "state/renders"
    for at in range(20):
        rendered(tmp_path / "state", f"audition-{at}.wav")
        os.utime(folder / f"audition-{at}.wav", (1000 + at, 1000 + at))
    rendered(tmp_path / "state", "keep.wav")
    web.tell_session(stems)
    web.do("/suggest", session="song")
    ear.until_job("suggest", "done")
    web.do("/render", plan="song", out_name="audition-new.wav")
    ear.until_job("render", "done")
    left = {path.name for path in folder.iterdir()}
    newest = {f"audition-{at}.wav" for at in range(9, 20)}
    assert left == newest | {"audition-new.wav", "keep.wav"}


def test_finished_jobs_are_told_three_of_each_kind(
    web: Web, ear: Ear, stems: dict[str, Path]
) -> None:
    web.tell_session(stems)
    for _ in range(5):
        web.do("/suggest", session="song")
        ear.until_job("suggest", "done")
    ids = [job["id"] for job in web.get("/jobs") if job["kind"] == "suggest"]
    assert ids == ["suggest-3", "suggest-4", "suggest-5"]
    assert web.get("/jobs/suggest-1")["state"] == "done"


def listed(web: Web, folder: Path | str) -> Any:
    return web.http.get(f"{API}/files", params={"folder": str(folder)}).json()


def test_folders_tell_what_they_hold(web: Web, tmp_path: Path) -> None:
    top = tmp_path / "music"
    write_song(top / "stems")
    for name, files in {
        "song": ("session.json", "kick.wav"),
        "tune": ("tune.ardour", "interchange/x"),
        "snapshot": ("old.ardour", "mix.txt"),
        "beat": ("beat.RPP", "take.wav"),
        "words": ("lyrics.txt",),
        ".hidden": ("kick.wav",),
        "mac": ("._kick.wav",),
    }.items():
        for file in files:
            (top / name / file).parent.mkdir(parents=True, exist_ok=True)
            (top / name / file).touch()
    (top / "loop.flac").write_bytes(b"x" * 7)
    (top / "b.rpp").touch()
    (top / ".secret.wav").touch()
    found = listed(web, top)
    assert {f["name"]: f["holds"] for f in found["folders"]} == {
        "beat": "reaper",
        "mac": "",
        "snapshot": "",
        "song": "session",
        "stems": "stems",
        "tune": "ardour",
        "words": "",
    }
    assert found["sounds"] == [
        {"name": "loop.flac", "path": str(top / "loop.flac"), "size_bytes": 7}
    ]
    assert found["projects"] == [{"name": "b.rpp", "path": str(top / "b.rpp"), "holds": "reaper"}]
    assert (found["folder"], found["parent"]) == (str(top), str(tmp_path))


def test_no_folder_means_the_users_own_and_the_root_has_no_parent(
    web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert listed(web, "")["folder"] == str(tmp_path)
    assert listed(web, "/")["parent"] is None
    assert listed(web, f"{tmp_path}/./x/..")["folder"] == str(tmp_path)


@pytest.mark.parametrize(
    "folder", ["{tmp}/nowhere", "{tmp}/file/x", "here/below", "/\0", "~nobody/x"]
)
def test_a_folder_that_cannot_be_read_is_refused(web: Web, tmp_path: Path, folder: str) -> None:
    (tmp_path / "file").touch()
    answer = web.http.get(f"{API}/files", params={"folder": folder.format(tmp=tmp_path)})
    assert (answer.status_code, answer.json()["code"]) == (400, "AMA-101")


@pytest.mark.parametrize(
    "typed",
    [
        "'{0}/My Song'",
        '"{0}/My Song" ',
        "{0}/My\\ Song",
        "file://{0}/My%20Song",
        "file://{0}/My Song",
        "$HOME/My Song",
        "~/My Song/",
    ],
)
def test_a_folder_is_named_as_people_copy_it(
    web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "My Song").mkdir()
    assert listed(web, typed.format(tmp_path))["folder"] == str(tmp_path / "My Song")


def test_a_name_that_looks_copied_is_first_of_all_a_name(web: Web, tmp_path: Path) -> None:
    for name in ("a\\ b", "a b"):
        (tmp_path / name).mkdir()
    assert listed(web, tmp_path / "a\\ b")["folder"] == str(tmp_path / "a\\ b")


def test_a_files_name_means_its_folder_and_tells_it(web: Web, tmp_path: Path) -> None:
    song = tmp_path / "song.flac"
    song.touch()
    found = listed(web, song)
    assert (found["folder"], found["file"]) == (str(tmp_path), str(song))
    assert listed(web, tmp_path)["file"] is None


def test_a_path_of_another_system_is_told_as_it_was_typed(web: Web) -> None:
    assert listed(web, "C:\\Stems")["message"].startswith("C:\\Stems is not a full path.")


def test_names_that_are_no_unicode_come_back_and_open(web: Web, tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/caf\xe9 \xf0\x9f\x8e\xb8"
    try:
        Path(os.fsdecode(folder)).mkdir()
    except OSError:
        pytest.skip("this file system takes Unicode names alone")
    write_song(Path(os.fsdecode(folder)))
    (entry,) = (f for f in listed(web, tmp_path)["folders"] if f["holds"] == "stems")
    assert os.fsencode(entry["path"]) == folder
    answer = web.http.post(
        f"{API}/session/open",
        content=json.dumps({"path": entry["path"], "session": "cafe"}).encode("ascii"),
        headers={"Content-Type": "application/json"},
    )
    assert answer.json()["tracks"] == 3
    assert web.state()["sessions"][0]["folder"] == entry["path"]


def test_the_pages_files_are_asked_for_each_time(web: Web) -> None:
    page = web.http.get("/", headers={"Accept": "text/html"})
    assert page.headers["cache-control"] == "no-cache"
    file = web.http.get("/static/index.html")
    assert (file.status_code, file.content) == (200, page.content)
    assert file.headers["cache-control"] == "no-cache"
    same = web.http.get("/static/index.html", headers={"If-None-Match": file.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")


def test_scripts_and_styles_have_the_kind_that_browsers_demand() -> None:
    import mimetypes

    import ama_bridge.web.resources  # noqa: F401  # it says so when it is imported

    assert mimetypes.guess_type("x.js")[0] == "text/javascript"
    assert mimetypes.guess_type("x.css")[0] == "text/css"


def test_a_session_of_many_tracks_is_told_whole(web: Web, stems: dict[str, Path]) -> None:
    count = 300
    web.do("/session/begin", session="s", daw="d", sample_rate=48_000, track_count=count)
    for at in range(count):
        web.do(
            "/session/track",
            session="s",
            index=at,
            track_id=f"t{at}",
            name=f"Spur {at} ü \U0001f3b8",
            fader_db=-at / 10,
            pan=0.0,
            mute=0,
            stem_path=str(stems["kick"]),
            plugins="",
        )
    told = web.state()["sessions"][0]
    assert [t["name"] for t in told["tracks"]] == [f"Spur {at} ü \U0001f3b8" for at in range(count)]


def test_every_route_is_in_the_reference(at: Served) -> None:
    app = App(at.assistant, at.osc.handlers, osc_port=at.osc.port)
    routes = {str(getattr(route, "path", "")) for route in app.routes}
    app.streams.close()
    names = {"/jobs/{name}": "/jobs/ID", "/plans/{name}": "/plans/ID", "{name}": "NAME"}
    written = set()
    for route in routes - {"/{path:path}"}:
        for ours, theirs in names.items():
            route = route.replace(ours, theirs)
        written.add(route)
    told = {path.partition("?folder")[0].removesuffix("/NAME") for path, _, _ in ROWS}
    assert {route.removesuffix("/NAME") for route in written} == {
        path for path in told if "?" not in path
    }
