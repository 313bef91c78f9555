"""Sessions for `ama batch`, a batch as a process, and what its summary says."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ama_analysis.audio import Audio, write_audio
from ama_analysis.preferences import NO_PREFERENCES
from ama_bridge.batch import Job, Wanted, code
from ama_bridge.daw.folder import FolderDaw
from ama_bridge.separating import Separating
from tests.bridge.stems import RATE_HZ, write_song

CHECKOUT = Path(__file__).resolve().parents[2]
TIMEOUT_S = 300.0
FILES = ("after.wav", "before.wav", "plan.json", "result.json", "settings.txt", "tonal_balance.png")


def write_sessions(folder: Path) -> Path:
    """Write two sessions: "first" of three stems, "second" of two."""
    write_song(folder / "first")
    write_song(folder / "second")["hats"].unlink()
    return folder


def write_long(folder: Path) -> None:
    """Write a session that takes long enough to be stopped at it."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(3)
    for name in ("kick", "bass", "synth", "vox"):
        samples = rng.normal(0.0, 0.1, (2, 120 * RATE_HZ)).astype(np.float32)
        write_audio(folder / f"{name}.wav", Audio(samples, RATE_HZ))


def rows_in(out: Path) -> dict[str, dict[str, str]]:
    with (out / "summary.csv").open(encoding="utf-8", newline="") as file:
        return {row["session"]: row for row in csv.DictReader(file)}


def states_in(out: Path) -> dict[str, str]:
    return {name: row["state"] for name, row in rows_in(out).items()}


def job_of(folder: Path, out: Path) -> Job:
    wanted = Wanted(
        references=(),
        engine="auto",
        target=None,
        locked=(),
        separating=Separating(folder=out, wanted=False),
        preferences=NO_PREFERENCES,
        gain_weights=None,
        caching=False,
        rendering=False,
        loudness_match=False,
        daw=FolderDaw(),
    )
    return Job(folder=folder, out=out, wanted=wanted, code=code(), fresh=False)


@contextmanager
def begun(folder: Path, out: Path, *options: str, **environment: str) -> Iterator[Any]:
    """Start a batch and yield its process when its first session is done."""
    with subprocess.Popen(
        [sys.executable, "-m", "ama_bridge", "batch", str(folder), "--out", str(out), *options],
        cwd=CHECKOUT,
        env={**os.environ, **environment},  # noqa: TID251  # handed on
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stderr is not None
            assert process.stderr.readline().startswith("1 of 2: first")
            yield process
        finally:
            process.kill()
