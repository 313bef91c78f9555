"""The peers' driver: what needs no peer, and that a Python without them is told apart from one that is none."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ama_analysis.errors import OptionError
from ama_analysis.evaluate.balance import Strip
from ama_analysis.evaluate.peer_driver import balance_of, moves_of, peak_mb, plain_sum
from ama_analysis.evaluate.systems import DRIVER, SYSTEMS, bench_of, systems_named

BY_NAME = {system.name: system for system in SYSTEMS}


def test_the_driver_runs_without_ama(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-I", str(DRIVER), "--versions"],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    assert isinstance(json.loads(told.stdout), dict)
    source = DRIVER.read_text(encoding="utf-8")
    assert "import ama" not in source
    assert "from ama" not in source


def test_the_plain_sum_takes_faders_and_balance_like_a_strip() -> None:
    strip = Strip(gain_db=-6.0, pan=0.4)
    job = {"stems": [{"gain_db": 0.0, "pan": 0.0}, {"gain_db": strip.gain_db, "pan": strip.pan}]}
    mono, stereo = np.ones((1, 4), np.float32), np.ones((2, 2), np.float32)
    mix = plain_sum(job, [mono, stereo])
    left, right = strip.factors()
    assert mix[:, 0] == pytest.approx((1.0 + left, 1.0 + right), rel=1e-6)
    assert mix[:, 3] == pytest.approx((1.0, 1.0))


@pytest.mark.parametrize(("pan", "far"), [(-0.7, 0.24007878), (0.2, 0.72654247), (0.5, 0.41421356)])
def test_libsonares_balance_is_told_as_a_linear_one(pan: float, far: float) -> None:
    """`far` is the far channel's gain as libsonare 1.9.1 rendered noise through a strip."""
    linear = balance_of(pan)
    assert math.copysign(1.0, linear) == math.copysign(1.0, pan)
    assert 1.0 - abs(linear) == pytest.approx(far, abs=1e-6)
    assert balance_of(0.0) == 0.0


def test_the_moves_of_a_scene_are_counted() -> None:
    eq = {
        "processor": "eq.parametric",
        "params": {"band0.gainDb": -3.0, "band0.frequencyHz": 300.0},
    }
    compressor = {"processor": "dynamics.compressor", "params": {"makeupGainDb": 2.0}}
    scene = {
        "strips": [{"inserts": [eq, compressor], "sends": [{}]}, {"inserts": [], "sends": []}],
        "buses": [{"id": "master", "inserts": [compressor]}],
    }
    told = {"a": {"gain_db": 4.0, "pan": 0.0}, "b": {"gain_db": 0.0, "pan": 0.3}}
    moves = moves_of(scene, told)
    assert moves["count"] == 1 + 1 + 1 + 2 + 1
    assert (moves["eq_bands"], moves["mean_eq_db"]) == (1, 3.0)


def test_peers_are_left_out_where_there_is_no_python_for_them() -> None:
    bench = bench_of(None)
    assert "--peers-python" in bench.reason_against(BY_NAME["matchering"])
    assert bench.reason_against(BY_NAME["rules"]) == ""


def test_a_path_that_is_no_python_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="does not run as a Python"):
        bench_of(tmp_path / "python")


def test_the_sum_is_always_among_the_systems() -> None:
    assert [s.name for s in systems_named(["rules"])] == ["sum", "rules"]
    assert systems_named([]) == SYSTEMS
    with pytest.raises(OptionError, match="nobody"):
        systems_named(["nobody"])


def test_a_process_knows_its_peak_memory() -> None:
    peak = peak_mb()
    assert peak is not None
    assert peak > 10.0
