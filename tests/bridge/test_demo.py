"""`ama demo` as a user runs it: a service in a process of its own, everything over OSC, every file that it promises."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ama_analysis.errors import DeliveryError
from ama_analysis.progress import silent
from ama_analysis.render import load_preset
from ama_bridge.lock import FolderLock
from ama_bridge.offline import measure_files, read_plan
from ama_bridge.osc_client import OscClient
from tests.bridge.processes import ama, ran, refused
from tests.bridge.services import client_of, service

TIMEOUT_S = 240.0
SAME_LEVEL_DB = 0.1
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    out = tmp_path_factory.mktemp("demo") / "out"
    done = ran(ama("demo", "--out", str(out)), timeout_s=TIMEOUT_S)
    assert done.returncode == 0, done.stderr
    return out, done.stdout


def test_the_demo_brings_the_mix_nearer_to_its_reference(demo: tuple[Path, str]) -> None:
    plan = read_plan(demo[0] / "plan.json")
    assert plan.verification is not None
    assert plan.verification.after < plan.verification.before
    assert f"{plan.verification.before:.3f} before" in " ".join(demo[1].split())
    assert plan.target.kind == "reference"


def test_the_demo_prints_every_suggestion_with_its_reason(demo: tuple[Path, str]) -> None:
    said = "".join(demo[1].split())
    for suggestion in read_plan(demo[0] / "plan.json").suggestions:
        assert "".join(suggestion.because.split()) in said


def test_the_demo_writes_a_preset_a_track_and_one_for_the_master(
    demo: tuple[Path, str],
) -> None:
    tracks = {track.id for track in read_plan(demo[0] / "plan.json").session.tracks}
    presets = {path.stem: path for path in (demo[0] / "presets").glob("*.json")}
    assert set(presets) == tracks | {"master"}
    assert len(load_preset(presets["master"])) > 0


def test_the_demo_writes_both_mixes_at_one_loudness(demo: tuple[Path, str]) -> None:
    files = [demo[0] / "before.wav", demo[0] / "after.wav"]
    measured = measure_files(files, on_progress=silent)
    assert not measured.errors
    levels = [figures.loudness.integrated_lufs for _, figures in measured.files]
    assert levels[0] is not None
    assert levels[1] is not None
    assert abs(levels[0] - levels[1]) < SAME_LEVEL_DB
    assert all((f.loudness.true_peak_dbtp or 0.0) < 0.0 for _, f in measured.files)


def test_the_demo_draws_a_picture_and_leaves_a_receipt_and_a_log(demo: tuple[Path, str]) -> None:
    out = demo[0]
    assert (out / "tonal_balance.png").read_bytes().startswith(PNG_SIGNATURE)
    receipt = json.loads((out / "receipt.json").read_text(encoding="utf-8"))
    suggestions = read_plan(out / "plan.json").suggestions
    assert receipt["applied"] == [s.id for s in suggestions]
    assert (out / "state/log/ama.log").read_text(encoding="utf-8").rstrip().endswith("stopped")


def test_a_demo_whose_service_cannot_start_says_why(tmp_path: Path) -> None:
    with FolderLock(tmp_path / "state"):
        done = ran(ama("demo", "--out", str(tmp_path)), timeout_s=TIMEOUT_S)
    refused(done, "AMA-703")


def test_a_client_that_nobody_answers_says_so() -> None:
    with OscClient(1, name="test") as client, pytest.raises(DeliveryError) as caught:
        client.ask("/ping", timeout_s=0.05)
    assert caught.value.code == "AMA-702"


def test_a_client_raises_what_the_service_answers(tmp_path: Path) -> None:
    with (
        service(tmp_path) as server,
        OscClient(server.port, name="test") as client,
        pytest.raises(DeliveryError) as caught,
    ):
        client.ask("/session/commit", "nowhere")
    assert caught.value.code == "AMA-205"
    with service(tmp_path) as server, client_of(server) as other:
        assert other.ask("/ping", "p").path == "/pong"
