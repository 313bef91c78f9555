"""What a session can be made of, decisions taken back, single suggestions heard, everything forgotten: over OSC and over HTTP alike."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import soundfile

from ama_bridge.bootstrap import assistant_for
from ama_bridge.config import Settings
from tests.bridge.plans import EVERY_ACTION, FakeAnalyst
from tests.bridge.services import write_stems
from tests.bridge.stems import RATE_HZ, write_song
from tests.daw.ardour.written_sessions import noise, region, session_xml
from tests.daw.reaper.made_projects import MadeItem, MadeProject, MadeTrack
from tests.daw.reaper.plans import export_in, stems_in
from tests.web.front_ends import FrontEnd, front_end
from tests.web.services import Ear, Served, Web, served, web_of


@pytest.fixture
def at(tmp_path: Path, analyst: FakeAnalyst) -> Iterator[Served]:
    """Return a service that learns."""
    settings = Settings(state_dir=tmp_path / "state", presets_dir=tmp_path / "presets")
    with served(settings.state_dir, assistant=assistant_for(settings, analyst)) as running:
        yield running


@pytest.fixture(params=["osc", "http"])
def door(request: pytest.FixtureRequest, at: Served) -> Iterator[FrontEnd]:
    with front_end(request.param, at) as asking:
        yield asking


def session(web: Web, name: str = "song") -> dict[str, Any]:
    """Return a session as the page reads it."""
    found: dict[str, Any] = next(s for s in web.state()["sessions"] if s["name"] == name)
    return found


def opened(door: FrontEnd, path: Path, **more: str) -> dict[str, Any]:
    reply = door.ask("/session/open", path=str(path), **more)
    assert reply.path == "/session/opened", reply
    return reply.named


def planned(door: FrontEnd, web: Web, session: str = "song", **more: str) -> dict[str, Any]:
    """Suggest, and return the newest plan as a list shows it."""
    reply = door.ask("/suggest", session=session, **more)
    assert reply.path != "/error", reply
    plan: dict[str, Any] = web.state()["plans"][0]
    return plan


def test_a_folder_of_stems_is_opened_under_its_own_name_and_committed(
    door: FrontEnd, web: Web, tmp_path: Path
) -> None:
    write_song(tmp_path / "Tune 7")
    assert opened(door, tmp_path / "Tune 7") == {"session": "Tune 7", "tracks": 3}
    found = session(web, "Tune 7")
    assert [t["name"] for t in found["tracks"]] == ["bass", "hats", "kick"]
    assert found["committed"]
    assert (found["daw"], found["sample_rate_hz"]) == ("", RATE_HZ)
    assert planned(door, web, "Tune 7")["session"] == "Tune 7"


def test_a_folder_is_opened_under_another_name(door: FrontEnd, web: Web, tmp_path: Path) -> None:
    write_song(tmp_path / "stems")
    assert opened(door, tmp_path / "stems", session="mine")["session"] == "mine"
    assert [s["name"] for s in web.state()["sessions"]] == ["mine"]


def test_what_ama_export_wrote_is_opened_with_its_faders(
    door: FrontEnd, web: Web, tmp_path: Path
) -> None:
    folder = export_in(stems_in(tmp_path / "x"), {"kick": {"fader_db": -6.0, "muted": True}})
    assert opened(door, folder)["session"] == "Song"
    found = session(web, "Song")
    assert found["daw"] == "reaper"
    kick = next(t for t in found["tracks"] if t["name"] == "Kick")
    assert (kick["fader_db"], kick["muted"]) == (-6.0, True)


def ardour_session(folder: Path) -> Path:
    audio = folder / "interchange" / folder.name / "audiofiles"
    audio.mkdir(parents=True)
    soundfile.write(audio / "a.wav", noise(48_000)[0], 48_000, subtype="FLOAT")
    file = folder / f"{folder.name}.ardour"
    file.write_text(session_xml(regions=region()), encoding="utf-8")
    return file


def reaper_project(folder: Path, name: str = "song.rpp", volume: float = 1.0) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    soundfile.write(folder / "a.wav", noise(4_800)[0], 48_000, subtype="FLOAT")
    track = MadeTrack(name="A", volume=volume, items=(MadeItem(file="a.wav", length_s=0.1),))
    return MadeProject(tracks=(track,)).write(folder / name)


@pytest.mark.parametrize("by", ["folder", "file"])
@pytest.mark.parametrize(("make", "daw"), [(ardour_session, "ardour"), (reaper_project, "reaper")])
def test_a_daws_own_session_is_opened_by_its_folder_or_its_file(
    door: FrontEnd, web: Web, tmp_path: Path, make: Any, daw: str, by: str
) -> None:
    file = make(tmp_path / "disk")
    name = opened(door, file if by == "file" else file.parent)["session"]
    found = session(web, name)
    assert (found["daw"], [t["name"] for t in found["tracks"]]) == (daw, ["A"])


def test_an_opened_session_is_read_anew_when_it_is_committed(
    door: FrontEnd, web: Web, tmp_path: Path
) -> None:
    file = reaper_project(tmp_path / "disk")
    name = opened(door, file)["session"]
    reaper_project(tmp_path / "disk", volume=0.5)
    assert door.ask("/session/commit", session=name).path == "/ok"
    assert session(web, name)["tracks"][0]["fader_db"] == pytest.approx(-6.02, abs=0.01)


def test_two_projects_in_a_folder_are_refused_with_their_names(
    door: FrontEnd, tmp_path: Path
) -> None:
    reaper_project(tmp_path / "disk")
    reaper_project(tmp_path / "disk", "song2.rpp")
    reply = door.ask("/session/open", path=str(tmp_path / "disk"))
    assert reply.code == "AMA-204"
    assert "song2.rpp" in reply.sentence


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("{folder}/nowhere", "AMA-101"),
        ("stems", "AMA-101"),
        ("", "AMA-101"),
        ("{folder}/empty", "AMA-201"),
        ("{folder}/stems/kick.wav", "AMA-501"),
    ],
)
def test_what_cannot_be_opened_is_refused(
    door: FrontEnd, tmp_path: Path, path: str, code: str
) -> None:
    write_stems(tmp_path / "stems")
    (tmp_path / "empty").mkdir()
    reply = door.ask("/session/open", path=path.format(folder=tmp_path))
    assert (reply.path, reply.code) == ("/error", code)


def test_a_reference_is_taken_out_again(
    door: FrontEnd, web: Web, stems: dict[str, Path], tmp_path: Path
) -> None:
    opened(door, tmp_path / "stems", session="song")
    songs = [f"{stems['kick']}@0:00-0:01", str(stems["bass"])]
    for song in songs:
        assert door.ask("/session/reference", session="song", path=song).path == "/ok"
    assert session(web)["references"] == songs
    assert not session(web)["committed"]
    assert door.ask("/session/reference", session="song", path=songs[0], on=0).path == "/ok"
    assert session(web)["references"] == songs[1:]
    reply = door.ask("/session/reference", session="song", path=songs[0], on=0)
    assert reply.code == "AMA-501"
    assert songs[1] in reply.sentence


def test_a_locked_track_stays_locked_until_it_is_freed(
    door: FrontEnd, web: Web, ear: Ear, stems: dict[str, Path], tmp_path: Path
) -> None:
    def locked() -> list[str]:
        return [track["id"] for track in session(web)["tracks"] if track["locked"]]

    def locked_in_plan() -> list[str]:
        web.do("/suggest", session="song")
        plan = ear.until_job("suggest", "done")["result"]["plan"]
        tracks = web.get(f"/plans/{plan}")["plan"]["session"]["tracks"]
        return [track["id"] for track in tracks if track["locked"]]

    opened(door, tmp_path / "stems", session="song")
    assert door.ask("/session/lock", session="song", track_id="kick").path == "/ok"
    assert session(web)["committed"]
    assert locked() == locked_in_plan() == ["kick"]
    opened(door, tmp_path / "stems", session="other")
    assert door.ask("/session/lock", session="song", track_id="kick", on=0).path == "/ok"
    assert locked() == locked_in_plan() == []


def test_only_a_track_that_is_there_is_locked(
    door: FrontEnd, stems: dict[str, Path], tmp_path: Path
) -> None:
    opened(door, tmp_path / "stems", session="song")
    reply = door.ask("/session/lock", session="song", track_id="tuba")
    assert (reply.path, reply.code) == ("/error", "AMA-203")
    assert "kick" in reply.sentence


def test_the_mix_is_taken_out_again_even_where_the_folder_holds_one(
    door: FrontEnd, web: Web, tmp_path: Path
) -> None:
    folder = export_in(stems_in(tmp_path / "x"), {}, mix="vox.wav")
    opened(door, folder)
    assert session(web, "Song")["mix"] == str(folder / "vox.wav")
    assert door.ask("/session/mix", session="Song", path="").path == "/ok"
    assert door.ask("/session/commit", session="Song").path == "/ok"
    assert session(web, "Song")["mix"] is None
    plan = planned(door, web, "Song")["id"]
    assert web.get(f"/plans/{plan}")["plan"]["session"]["mix"] is None


def test_a_target_is_named(door: FrontEnd, web: Web, stems: dict[str, Path]) -> None:
    web.tell_session(stems)
    assert planned(door, web, target="jazz")["target"] == "jazz"
    reply = door.ask("/suggest", session="song", target="polka")
    assert reply.code == "AMA-301"
    assert "jazz" in reply.sentence


def test_a_decision_is_cleared_and_with_a_star_all_of_them(
    door: FrontEnd, web: Web, stems: dict[str, Path], tmp_path: Path
) -> None:
    web.tell_session(stems)
    plan = planned(door, web)["id"]
    assert door.ask("/decide", suggestion_id="*", decision="accept").path == "/ok"
    assert door.ask("/decide", suggestion_id="gain:kick", decision="clear").path == "/ok"
    kept = web.get(f"/plans/{plan}")["decisions"]
    assert set(kept) == {f"{a.kind}:{track}" for track, a in EVERY_ACTION} - {"gain:kick"}
    assert (tmp_path / "state/preferences.json").is_file()
    assert door.ask("/decide", suggestion_id="*", decision="clear").path == "/ok"
    assert web.get(f"/plans/{plan}")["decisions"] == {}
    assert not (tmp_path / "state/preferences.json").exists(), "no decision, no lesson"
    reply = door.ask("/decide", suggestion_id="gain:kick", decision="clear", value=[1.0])
    assert reply.code == "AMA-501"


def test_only_the_suggestions_that_are_named_are_heard_with_their_edits(
    door: FrontEnd, web: Web, stems: dict[str, Path], analyst: FakeAnalyst
) -> None:
    web.tell_session(stems)
    plan = planned(door, web)["id"]
    door.ask("/decide", suggestion_id="gain:kick", decision="edit", value=[-1.0])
    door.ask("/decide", suggestion_id="pan:bass", decision="reject")
    for only in ("gain:kick; pan:bass", "gain:kick\npan:bass\n"):
        door.ask("/render", plan=plan, out_name="a.wav", before_name="b.wav", only=only)
    door.ask("/render", plan=plan, out_name="a.wav", before_name="b.wav", only="", track="bass")
    everything = {f"{a.kind}:{track}" for track, a in EVERY_ACTION}
    heard = [(set(ids), track) for ids, track in analyst.rendered]
    named = ({"gain:kick", "pan:bass"}, None)
    assert heard == [named, named, (everything - {"pan:bass"}, "bass")]
    assert analyst.gains == [-1.0, -1.0, -1.0]


@pytest.mark.parametrize(
    ("more", "code"), [({"only": "gain:nobody"}, "AMA-402"), ({"track": "flute"}, "AMA-203")]
)
def test_a_suggestion_or_track_that_is_not_there_is_refused_before_the_work(
    door: FrontEnd, web: Web, stems: dict[str, Path], more: dict[str, str], code: str
) -> None:
    web.tell_session(stems)
    planned(door, web)
    assert door.ask("/render", plan="song", out_name="a.wav", **more).code == code


def test_a_reference_is_rendered_by_itself_and_another_is_refused(
    door: FrontEnd, web: Web, stems: dict[str, Path]
) -> None:
    web.tell_session(stems)
    reference = f"{stems['bass']}@0:00-0:01"
    web.do("/session/reference", session="song", path=reference)
    web.do("/session/commit", session="song")
    planned(door, web)
    assert door.ask("/render", plan="song", out_name="r.wav", reference=reference).path != "/error"
    assert web.http.get("/ama/v1/sound/r.wav").status_code == 200
    for refused in ({"reference": str(stems["kick"])}, {"reference": reference, "track": "bass"}):
        assert door.ask("/render", plan="song", out_name="r.wav", **refused).code == "AMA-501"


def test_files_are_written_where_the_user_wants_them_with_the_mix(
    door: FrontEnd, web: Web, stems: dict[str, Path], analyst: FakeAnalyst, tmp_path: Path
) -> None:
    web.tell_session(stems)
    plan = planned(door, web)["id"]
    door.ask("/decide", suggestion_id="gain:kick", decision="accept")
    door.ask("/decide", suggestion_id="pan:bass", decision="accept")
    wanted = tmp_path / "Für Anna"
    wanted.mkdir()
    told: dict[str, Any] = {"plan_or_session": plan, "daw": "folder", "folder": str(wanted)}
    for name in (f"{plan}-1", f"{plan}-2"):
        assert door.ask("/apply", **told, ask=0, mix=1).path != "/error"
        assert {"mix.wav", "settings.txt", "plan.json"} < files_in(wanted / name)
        newest, *_ = web.get(f"/plans/{plan}")["deliveries"]
        assert newest["receipt"]["folder"] == str(wanted / name)
        assert set(newest["receipt"]["files"]) == files_in(wanted / name)
    assert analyst.rendered == 2 * [(("gain:kick", "pan:bass"), None)], "what was accepted"
    assert door.ask("/apply", **told, ask=0).path != "/error"
    assert "mix.wav" not in files_in(wanted / f"{plan}-3")


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"daw": "folder", "folder": "/nowhere/at all"}, "AMA-101"),
        ({"daw": "folder", "folder": "relative"}, "AMA-101"),
        ({"daw": "ardour", "mix": 1}, "AMA-501"),
    ],
)
def test_files_that_cannot_be_written_are_refused_at_once(
    door: FrontEnd, web: Web, stems: dict[str, Path], told: dict[str, Any], code: str
) -> None:
    web.tell_session(stems)
    planned(door, web)
    told = {"ask": 0, "folder": "", **told}
    assert door.ask("/apply", plan_or_session="song", **told).code == code


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_plan_is_removed_with_what_was_said_to_it_and_its_number_is_not_used_again(
    door: FrontEnd, web: Web, stems: dict[str, Path], tmp_path: Path
) -> None:
    web.tell_session(stems)
    first, second = (planned(door, web)["id"] for _ in range(2))
    web.do("/decide", plan=second, suggestion_id="*", decision="accept")
    door.ask("/apply", plan_or_session=second, daw="folder")
    web.do("/render", plan=second, out_name=f"audition-{second}-x.flac")
    door.ask("/render", plan=second, out_name="mine.flac")
    assert door.ask("/session/remove", session="song", plan=second).path == "/ok"
    assert [each["id"] for each in web.state()["plans"]] == [first]
    assert web.http.get(f"/ama/v1/plans/{second}").status_code == 404
    left = {name for name in files_in(tmp_path / "state") if second in name}
    assert left, "what was handed over stays, to be looked up and taken back"
    assert all(name.startswith("deliveries") for name in left)
    assert "renders/mine.flac" in files_in(tmp_path / "state")
    assert planned(door, web)["id"] == "song-0003"


def test_a_session_is_removed_with_its_plans_and_no_file_of_the_users(
    door: FrontEnd, web: Web, stems: dict[str, Path], tmp_path: Path
) -> None:
    for name in ("song", "other"):
        web.tell_session(stems, name)
        planned(door, web, name)
    before = files_in(tmp_path / "stems")
    assert door.ask("/session/remove", session="song").path == "/ok"
    state = web.state()
    assert [each["name"] for each in state["sessions"]] == ["other"]
    assert [each["session"] for each in state["plans"]] == ["other"]
    assert not [name for name in files_in(tmp_path / "state") if "song" in name]
    assert files_in(tmp_path / "stems") == before
    for arguments in ({"session": "song"}, {"session": "other", "plan": "song-0001"}):
        assert door.ask("/session/remove", **arguments).code in {"AMA-205", "AMA-402"}


def test_what_is_worked_on_is_not_removed(
    door: FrontEnd, web: Web, stems: dict[str, Path], analyst: FakeAnalyst
) -> None:
    web.tell_session(stems)
    analyst.gate.clear()
    job = web.do("/suggest", session="song")["job"]
    assert door.ask("/session/remove", session="song").code == "AMA-703"
    web.do("/cancel", job=job)
    analyst.gate.set()


def test_what_was_learned_is_forgotten(
    door: FrontEnd, web: Web, stems: dict[str, Path], tmp_path: Path
) -> None:
    web.tell_session(stems)
    planned(door, web)
    door.ask("/decide", suggestion_id="*", decision="accept")
    assert web.get("/preferences")["lessons"]
    assert door.ask("/preferences/reset").path == "/ok"
    assert web.get("/preferences") == {"schema": "ama.preferences/1", "lessons": [], "learned": {}}
    assert not (tmp_path / "state/preferences.json").exists()


def test_an_opened_session_is_still_there_after_a_restart(tmp_path: Path) -> None:
    write_song(tmp_path / "stems")
    for _ in range(2):
        with served(tmp_path / "state", FakeAnalyst()) as at, web_of(at) as web:
            if not web.state()["sessions"]:
                web.do("/session/open", path=str(tmp_path / "stems"))
            assert session(web, "stems")["committed"]
            assert web.post("/suggest", session="stems").status_code == 202
    kept = json.loads((tmp_path / "state/sessions/stems.json").read_text(encoding="utf-8"))
    assert kept["session"]["folder"] == str(tmp_path / "stems")
