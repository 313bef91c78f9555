"""`ama demo`: the main job on the example that ships. A real service runs in a process of its own; this one plays the DAW over OSC.

OUT/plan.json  presets/*.json  receipt.json     what the service handed over
OUT/before.wav  after.wav                       the mix without and with the suggestions, equally loud
OUT/tonal_balance.png                           before, after and the reference
OUT/state/                                      the service's state folder, with its log
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from ama_analysis.data import data_folder
from ama_analysis.errors import DeliveryError, WorkError
from ama_analysis.plan import Action, MixPlan
from ama_bridge import offline
from ama_bridge.commands import plan_text, terminal
from ama_bridge.config import HOST
from ama_bridge.osc_client import OscClient
from ama_bridge.osc_packets import Message
from ama_bridge.osc_table import PREFIX
from ama_bridge.wire import action_of

_Process: TypeAlias = "subprocess.Popen[str]"

START_TIMEOUT_S: Final = 20.0
ANSWER_TIMEOUT_S: Final = 10.0
WORK_TIMEOUT_S: Final = 60.0
"""Silence of this length while a job runs (progress comes several times a second) means that the service hangs."""
STOP_TIMEOUT_S: Final = 15.0
KNOCK_S: Final = 0.25
_DEEP: Final = " " * 8


def run_demo(out: Path) -> None:
    """Run the demo and print what happens; `WorkError` says what went wrong."""
    started_s = time.monotonic()
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{out} cannot be made ({error.strerror})."
        raise DeliveryError(message, hint="Choose another folder with --out.") from error
    folder = out.resolve()
    example = _example()
    _headline(f"The example: {example.title}")
    for credit in example.credits:
        terminal.out(f"  {credit}")
    port = _free_port()
    with _service(folder / "state", port) as process, OscClient(port, name="ama-demo") as daw:
        _knock(daw, process)
        _headline(f"The service runs at {HOST}:{port}; this program plays the DAW")
        _tell_session(daw, example)
        _suggest(daw, example)
        _hand_over(daw, example.name, folder)
    _headline("The service has stopped")
    _show_result(folder)
    terminal.out(f"Done in {time.monotonic() - started_s:.0f} s; everything lies in {folder}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stem:
    id: str
    name: str
    path: Path
    fader_db: float
    pan: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Example:
    name: str
    title: str
    credits: tuple[str, ...]
    stems: tuple[_Stem, ...]
    references: tuple[Path, ...]


def _example() -> _Example:
    folder = data_folder("examples")
    try:
        told: dict[str, Any] = json.loads((folder / "session.json").read_text(encoding="utf-8"))
    except OSError as error:
        message = f"The example is not in {folder}."
        raise WorkError(message, hint="Install AMA again.", code="AMA-101") from error
    stems = tuple(
        _Stem(
            id=track["id"],
            name=track["name"],
            path=folder / track["file"],
            fader_db=float(track["fader_db"]),
            pan=float(track["pan"]),
        )
        for track in told["tracks"]
    )
    return _Example(
        name=told["name"],
        title=f"{told['title']}, {told['licence']}",
        credits=tuple(told["credits"]),
        stems=stems,
        references=tuple(folder / file for file in told["references"]),
    )


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def _service(state: Path, port: int) -> Iterator[_Process]:
    """Run `ama serve` in a process of its own; stop it by SIGTERM."""
    command = [sys.executable, "-m", "ama_bridge", "serve"]
    options = ["--osc-port", str(port), "--no-page", "--state", str(state), "--no-preferences"]
    process = subprocess.Popen(  # noqa: S603  # this very program
        [*command, *options], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.communicate(timeout=STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
    if process.returncode != 0 and sys.platform != "win32":  # Windows knows no gentle end
        message = f"The service stopped with exit code {process.returncode}."
        raise DeliveryError(message, hint=f"See {state / 'log'}.")


def _knock(daw: OscClient, process: _Process) -> None:
    """Say hello until the service is up; `DeliveryError` with its own words where it has ended."""
    until_s = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            daw.ask("/hello", "ama demo", timeout_s=KNOCK_S)
        except DeliveryError as error:
            if process.poll() is not None:
                told = process.communicate()[1].strip() or f"exit code {process.returncode}"
                message = f"The service ended at once: {told}"
                raise DeliveryError(message) from error
            if time.monotonic() > until_s:
                raise
        else:
            return


def _tell_session(daw: OscClient, example: _Example) -> None:
    from ama_analysis.audio import open_audio

    def ask(path: str, *arguments: str | int | float) -> None:
        daw.ask(path, *arguments, timeout_s=ANSWER_TIMEOUT_S)

    rate = float(open_audio(example.stems[0].path).file_rate_hz)
    ask("/session/begin", example.name, "demo", rate, len(example.stems))
    for at, stem in enumerate(example.stems):
        values = (stem.id, stem.name, stem.fader_db, stem.pan, 0, str(stem.path), "")
        ask("/session/track", example.name, at, *values)
        where = plan_text.position(stem.pan)
        terminal.out(f"  {stem.name}: fader {stem.fader_db:+.1f} dB, pan {where}")
    for reference in example.references:
        ask("/session/reference", example.name, str(reference))
        terminal.out(f"  reference: {reference.name}")
    ask("/session/commit", example.name)


def _suggest(daw: OscClient, example: _Example) -> None:
    _headline("Suggestions as they come back over OSC")
    answers = daw.converse(
        "/suggest", example.name, "auto", end=("/suggestions/end",), timeout_s=WORK_TIMEOUT_S
    )
    names = {stem.id: stem.name for stem in example.stems}
    shown = ""
    with terminal.progress_bar("suggesting") as on_progress:
        for answer in answers:
            path = answer.address.removeprefix(PREFIX)
            if path == "/progress":
                on_progress(float(str(answer.arguments[1])), str(answer.arguments[2]))
            elif path.startswith("/suggestion/"):
                track, action, confidence, because = suggestion_in(answer)
                if track != shown:
                    terminal.out(f"  {names.get(track, track)}", style="bold")
                shown = track
                _print_suggestion(action, confidence, because)


def _print_suggestion(action: Action, confidence: float, because: str) -> None:
    terminal.out(f"    {plan_text.in_words(action)}  ({confidence:.0%} sure)")
    width = min(terminal.columns(), plan_text.WIDEST)
    for line in textwrap.wrap(because, width, initial_indent=_DEEP, subsequent_indent=_DEEP):
        terminal.out(line, style="dim")


def suggestion_in(answer: Message) -> tuple[str, Action, float, str]:
    """Return track, action, confidence and reason of a /ama/v1/suggestion/KIND message."""
    _, _, track, *values, confidence, because = answer.arguments
    kind = answer.address.rpartition("/")[2]
    return str(track), action_of(kind, values), float(str(confidence)), str(because)


def _hand_over(daw: OscClient, session: str, folder: Path) -> None:
    _headline("All accepted, handed over as files, rendered")
    daw.ask("/decide", "*", "accept", timeout_s=ANSWER_TIMEOUT_S)
    applied = daw.ask("/apply", session, "folder", timeout_s=ANSWER_TIMEOUT_S)
    _, done, skipped, receipt = applied.arguments
    terminal.out(f"  {done} suggestions handed over, {skipped} skipped")
    delivery = Path(str(receipt)).parent
    shutil.copytree(delivery, folder, dirs_exist_ok=True)
    rendered = daw.converse(
        "/render", session, "after.wav", "before.wav", end=("/rendered",), timeout_s=WORK_TIMEOUT_S
    )
    with terminal.progress_bar("rendering") as on_progress:
        for answer in rendered:
            if answer.address == f"{PREFIX}/progress":
                on_progress(float(str(answer.arguments[1])), str(answer.arguments[2]))
            elif answer.address == f"{PREFIX}/rendered":
                renders = Path(str(answer.arguments[1])).parent
                for name in ("before.wav", "after.wav"):
                    (renders / name).replace(folder / name)


def _show_result(folder: Path) -> None:
    from ama_analysis.advise import picture_of_plan

    plan = offline.read_plan(folder / "plan.json")
    picture = folder / "tonal_balance.png"
    picture_of_plan(plan, picture)
    for line in plan_text.summary_lines(plan):
        terminal.out(f"  {line}")
    for line in (*_levels(folder), f"picture: {picture}", *_files(folder, plan)):
        terminal.out(f"  {line}")


def _levels(folder: Path) -> Iterator[str]:
    """Measure the two files as they lie there."""
    names = ("before.wav", "after.wav")
    with terminal.progress_bar("measuring") as on_progress:
        measured = offline.measure_files([folder / n for n in names], on_progress=on_progress)
    for path, figures in measured.files:
        loudness = figures.loudness
        lufs = terminal.level(loudness.integrated_lufs, "LUFS")
        peak = terminal.level(loudness.true_peak_dbtp, "dBTP")
        yield f"{path.name}: {lufs}, true peak {peak}: {path}"


def _files(folder: Path, plan: MixPlan) -> Iterator[str]:
    presets = sorted((folder / "presets").glob("*.json"))
    yield f"plan: {folder / 'plan.json'} ({len(plan.suggestions)} suggestions)"
    yield f"presets: {folder / 'presets'} ({len(presets)}: {', '.join(p.stem for p in presets)})"
    yield f"receipt: {folder / 'receipt.json'}; log: {folder / 'state' / 'log' / 'ama.log'}"


def _headline(text: str) -> None:
    terminal.out()
    terminal.out(text, style="bold green")
