"""The systems that are compared, and running one of them on a job in a process of its own."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ama_analysis.data import data_folder
from ama_analysis.errors import CancelledError, OptionError, WorkError
from ama_analysis.evaluate.job import Answer, Job, answer_from_json

PATIENCE_S: Final = 0.1
"""So often the wait for a process looks whether it was cancelled."""
_LONGEST_WORDS: Final = 300
_HERE: Final = Path(__file__).resolve().parent
DRIVER: Final = _HERE / "peer_driver.py"
"""Run by the peers' Python, which has no AMA."""


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """One thing that makes a mix.

    `hears` is False for those whose result does not depend on the references, `strips` for those without faders. `peer` names the
    package of a system that runs in the peers' Python; `human` is the mix that came with the session and is not made at all.
    """

    name: str
    title: str
    hears: bool = False
    strips: bool = True
    peer: str = ""
    human: bool = False


SYSTEMS: Final = (
    System(name="sum", title="unprocessed sum"),
    System(name="equal-loudness", title="equal loudness"),
    System(name="rules", title="AMA rules", hears=True),
    System(name="cnn", title="AMA gain predictor", hears=True),
    System(name="reference", title="AMA reference", hears=True),
    System(
        name="matchering",
        title="Matchering on the sum",
        hears=True,
        strips=False,
        peer="matchering",
    ),
    System(name="libsonare", title="libsonare suggest-mix", peer="libsonare"),
    System(name="human", title="human mix", strips=False, human=True),
)
BASELINE: Final = "sum"


def systems_named(names: Sequence[str]) -> tuple[System, ...]:
    """Return the systems of these names in the order of the table (all without names); the baseline is always among them."""
    known = {system.name for system in SYSTEMS}
    for name in names:
        if name not in known:
            message = f"There is no system {name!r}."
            raise OptionError(message, hint=f"Choose from {', '.join(s.name for s in SYSTEMS)}.")
    return tuple(s for s in SYSTEMS if not names or s.name in names or s.name == BASELINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Where systems run: the peers' Python (None: they are left out), and what is known of the code behind each system."""

    peers_python: Path | None
    versions: Mapping[str, str]

    def reason_against(self, system: System) -> str:
        """Return why a system cannot run here at all, empty where it can."""
        if not system.peer or system.peer in self.versions:
            return ""
        if self.peers_python is None:
            return "it needs a Python with `pip install matchering libsonare`: --peers-python PATH"
        return f"{self.peers_python} has no {system.peer}"

    def version(self, system: System) -> str:
        """Return what tells one version of a system from another."""
        return self.versions[system.peer or "ama"]

    def run(self, system: System, job: Job, watch: Callable[[], None]) -> Answer:
        """Run a system on a job; `watch` is called all the while and may raise, which ends the process.

        `WorkError` where the process fails.
        """
        peers = str(self.peers_python) if self.peers_python else sys.executable
        command = [sys.executable, "-m", "ama_analysis.evaluate.worker"]
        if system.peer:
            command = [peers, str(DRIVER)]
        with tempfile.TemporaryDirectory(prefix="ama-") as folder:
            asked, answered = Path(folder) / "job.json", Path(folder) / "answer.json"
            asked.write_text(json.dumps(job.to_json()), encoding="utf-8")
            started = time.perf_counter()
            said, code = _watched([*command, str(asked), str(answered)], watch)
            wall_s = time.perf_counter() - started
            if code != 0 or not answered.is_file():
                last = next((line for line in reversed(said.splitlines()) if line.strip()), "")
                message = f"{system.title} failed on {job.session}: {last.strip()[:_LONGEST_WORDS]}"
                raise WorkError(message, hint="The other systems are not touched by it.")
            return answer_from_json(json.loads(answered.read_bytes()), wall_s=wall_s)


def bench_of(peers_python: Path | None) -> Bench:
    """Look what the peers' Python has; `OptionError` where it is not a Python."""
    everything = [p for p in _HERE.parent.rglob("*") if p.suffix in {".py", ".toml", ".json"}]
    everything += data_folder("models").glob("*.safetensors")
    scoring = ("balance", "loudness", "material", "metrics", "runs", "units")
    ruler = [_HERE / f"{name}.py" for name in scoring]
    versions = {"ama": _hash_of(everything), "ruler": _hash_of(ruler)}
    if peers_python is not None:
        try:
            told = subprocess.run(  # noqa: S603  the Python that the user named, on our own script
                [str(peers_python), str(DRIVER), "--versions"],
                capture_output=True,
                check=True,
                timeout=60.0,
            )
            found = json.loads(told.stdout)
        except (OSError, subprocess.SubprocessError, ValueError) as error:
            message = f"{peers_python} does not run as a Python ({type(error).__name__})."
            hint = "Name the python of a venv with `pip install matchering libsonare`."
            raise OptionError(message, hint=hint) from error
        script = hashlib.sha256(DRIVER.read_bytes()).hexdigest()[:12]
        versions |= {name: f"{number}+{script}" for name, number in found.items()}
    return Bench(peers_python=peers_python, versions=versions)


def _hash_of(paths: Iterable[Path]) -> str:
    """Return a hash of files, so that the results of other code are not taken for results of this."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _watched(command: Sequence[str], watch: Callable[[], None]) -> tuple[str, int]:
    """Run a command to its end and return what it said and its exit code; it is killed where `watch` raises."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(  # noqa: S603  our own worker or driver
            list(command), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said
        )
        try:
            while True:
                try:
                    process.wait(PATIENCE_S)
                    break
                except subprocess.TimeoutExpired:
                    watch()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        if process.returncode == -signal.SIGINT:
            message = "The comparison was stopped."
            raise CancelledError(message)
        said.seek(0)
        return said.read().decode(errors="replace"), process.returncode
