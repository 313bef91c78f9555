"""The command line itself: usage, start-up, terminal, doctor, and agreement with OSC."""

from __future__ import annotations

import logging
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from ama_analysis.models.training.settings import Recipe
from ama_bridge.commands import terminal
from ama_bridge.config import VARIABLES
from ama_bridge.offline import read_plan
from tests.bridge.processes import ama as command_of
from tests.bridge.processes import ran
from tests.bridge.services import client_of, service
from tests.bridge.stems import RATE_HZ

TIMEOUT_S = 120.0


def test_doctor_looks_and_changes_nothing(ama: Any, tmp_path: Path) -> None:
    state = tmp_path / "state"
    ran = ama("doctor", "--osc-port", "0", "--state", state)
    assert "OK      formats: WAV, AIFF, FLAC, OGG, MP3" in ran.out
    assert f"{state} can be made" in ran.out
    assert not state.exists()


@pytest.mark.skipif(os.name != "posix", reason="a file's folder as POSIX has it")
def test_doctor_names_a_state_folder_that_cannot_be(ama: Any, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ran = ama("doctor", "--osc-port", "0", "--state", tmp_path / "file" / "state")
    assert ran.code == 1
    assert "PROBLEM state folder" in ran.out


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("presets",),
        ("suggest",),
        ("render", "plan.json"),
        ("mix", "a.wav"),
        ("suggest", "--loud"),
        ("unheard",),
        ("serve", "--osc-port", "many"),
        ("serve", "--osc-port", "70000"),
        ("status", "--osc-port", "-1"),
    ],
)
def test_wrong_usage_ends_with_2(ama: Any, arguments: tuple[str, ...]) -> None:
    ran = ama(*arguments)
    assert ran.code == 2
    assert ran.err
    assert ran.out == ""


def test_help_and_version_end_with_0(ama: Any) -> None:
    assert "suggest" in ama("--help").out
    assert ama("--version").out.startswith("ama ")
    for command in ("suggest", "render", "mix", "measure", "serve", "status", "doctor", "demo"):
        assert "Usage: ama" in ama(command, "--help").out


@pytest.mark.parametrize("group", [(), ("presets",), ("preferences",)])
def test_what_each_command_does_is_read_to_its_end_in_80_columns(
    ama: Any, monkeypatch: pytest.MonkeyPatch, group: tuple[str, ...]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    commands = ama(*group, "--help").out.partition("Commands:\n")[2].partition("\n\n")[0]
    assert commands
    for line in commands.splitlines():
        assert line.endswith("."), line
        assert not line.endswith("..."), line


@pytest.mark.parametrize("command", ["suggest", "render", "mix", "measure", "batch"])
def test_the_examples_of_a_help_text_use_its_options(ama: Any, command: str) -> None:
    options, _, examples = ama(command, "--help").out.partition("Examples:\n")
    commands = examples.splitlines()
    assert commands
    for words in map(str.split, commands):
        assert words[:2] == ["ama", command]
        assert all(f"{word} " in options for word in words if word.startswith("-"))


def test_the_help_of_train_tells_the_recipe(ama: Any) -> None:
    said, usual = ama("train", "--help").out, Recipe()
    for figure in (
        f"member [gain: {usual.steps}].",
        f"together [gain: {usual.members}].",
        f"rate [{usual.rate:g}].",
        f"[{usual.seed}].",
    ):
        assert figure in said


def test_ctrl_c_is_130_and_a_word(ama: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ama_bridge.offline.measure_files", interrupt)
    ran = ama("measure", "x.wav")
    assert ran.code == 130
    assert ran.err == "ama: stopped.\n"


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_signal_stops_the_work_as_ctrl_c_does(
    ama: Any, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    number = getattr(signal, name, None)
    if number is None:
        pytest.skip("this system has no such signal")
    taken_back = []

    def work(*_: object, **__: object) -> None:
        try:
            signal.raise_signal(number)
        finally:
            signal.raise_signal(number)  # `timeout` sends two
            taken_back.append("all")

    before = signal.getsignal(number)
    monkeypatch.setattr("ama_bridge.offline.measure_files", work)
    ran = ama("measure", "x.wav")
    assert ran.code == 128 + number
    assert ran.err == "ama: stopped.\n"
    assert taken_back == ["all"]
    assert signal.getsignal(number) == before


def test_ctrl_c_while_ama_loads_is_130_and_a_word() -> None:
    script = (
        "import sys\n"
        "class Interrupted:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'typer': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupted())\n"
        "from ama_bridge.__main__ import main\n"
        "sys.exit(main())\n"
    )
    done = ran([sys.executable, "-c", script], timeout_s=TIMEOUT_S)
    assert (done.returncode, done.stderr) == (130, "ama: stopped.\n")


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's")
@pytest.mark.parametrize(("output", "code", "said"), [("&-", 0, ""), ("/dev/full", 1, "No space")])
def test_an_output_that_takes_nothing_is_no_crash(output: str, code: int, said: str) -> None:
    done = ran(
        ["sh", "-c", f'"{sys.executable}" -m ama_bridge presets list >{output}'],
        timeout_s=TIMEOUT_S,
    )
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == code


def test_what_the_system_refuses_is_a_sentence(ama: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", "/locked/kick.wav")

    monkeypatch.setattr("ama_bridge.offline.measure_files", refuse)
    said = ama("measure", "x.wav").sentence(1)
    assert "/locked/kick.wav cannot be read or written (Permission denied)" in said


def test_an_error_that_nobody_foresaw_is_a_sentence_and_a_traceback_on_demand(
    ama: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("no one knew")

    monkeypatch.setattr("ama_bridge.offline.measure_files", fail)
    assert "no one knew" in ama("measure", "x.wav").sentence(1)
    monkeypatch.setenv("AMA_LOG_LEVEL", "DEBUG")
    assert "Traceback" in ama("measure", "x.wav").err


def test_a_bar_is_drawn_on_a_terminal_when_the_work_takes_longer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def draw() -> str:
        with terminal.progress_bar("measuring") as on_progress:
            on_progress(0.5, "kick.wav")
            on_progress(1.0, "kick.wav")
        said = capsys.readouterr()
        assert said.out == ""
        return said.err

    monkeypatch.setattr(terminal, "PATIENCE_S", 0.0)
    assert draw() == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert "kick.wav" in draw()
    monkeypatch.setattr(terminal, "PATIENCE_S", 60.0)
    assert draw() == ""


def test_a_bad_environment_variable_is_named(ama: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMA_OSC_PORT", "many")
    assert "AMA_OSC_PORT" in ama("status").sentence()


def test_what_is_logged_where_no_log_is_kept_is_a_note(
    ama: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def work(*_: object, **__: object) -> None:
        logging.lastResort.handle(record)  # type: ignore[union-attr]  # set by `main`
        raise KeyboardInterrupt

    record = logging.LogRecord("x", logging.WARNING, "", 0, "%s is left\x1b[2J", ("it",), None)
    monkeypatch.setattr("ama_bridge.offline.measure_files", work)
    assert ama("measure", "x.wav").err == "Note: it is left\\u001b[2J\nama: stopped.\n"


def test_a_port_that_is_none_is_no_service(ama: Any) -> None:
    assert "port 0" in ama("status", "--osc-port", "0").sentence()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--threads", "0"), "--threads"),
        (("--search", "-1"), "--search"),
        (("--folds", "-1"), "--folds"),
        (("--members", "17"), "--members"),
        (("--what", "roles", "--held-out", "nope"), "'nope'"),
        (("--out", "."), "is a folder"),
    ],
)
def test_training_refuses_at_once_what_it_cannot_do(
    ama: Any, tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    work = ("--work", tmp_path / "work")
    assert said in ama("train", tmp_path, *work, *options).sentence()
    assert not (tmp_path / "work").exists()


def test_a_reference_folder_that_may_not_be_read_is_a_sentence(
    ama: Any, song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked, iterdir = tmp_path / "locked", Path.iterdir
    locked.mkdir()

    def refused(folder: Path) -> Any:
        if folder == locked:
            raise PermissionError(13, "Permission denied", str(folder))
        return iterdir(folder)

    monkeypatch.setattr(Path, "iterdir", refused)
    assert "cannot be read (Permission denied)" in ama("suggest", song, "-r", locked).sentence()


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be a user of whom nothing says where their home is, as in a container."""
    pwd = pytest.importorskip("pwd")

    def unknown(user: int | str) -> None:
        raise KeyError(user)

    xdg = ("XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")
    for name in ("HOME", *xdg, *VARIABLES):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", unknown)


@pytest.mark.skipif(sys.platform != "linux", reason="homes as Linux has them")
@pytest.mark.usefixtures("nobody")
@pytest.mark.parametrize("command", ["doctor", "suggest x.wav", "presets export kick", "status"])
def test_without_a_home_a_sentence_says_what_to_set(ama: Any, command: str) -> None:
    assert "Set HOME" in ama(*command.split()).sentence()


@pytest.mark.skipif(sys.platform != "linux", reason="homes as Linux has them")
@pytest.mark.usefixtures("nobody")
def test_without_a_home_named_folders_are_enough(
    ama: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AMA_STATE", "AMA_PRESETS", "AMA_CACHE", "AMA_WEIGHTS"):
        monkeypatch.setenv(name, str(tmp_path / name))
    ran = ama("doctor", "--osc-port", "0", "--http-port", "0")
    assert ran.code == 0
    assert "REAPER: nothing says where its settings lie; set HOME" in ran.out


def test_an_error_that_nobody_foresaw_is_a_sentence_where_the_settings_are_wrong_too(
    ama: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        monkeypatch.setenv("AMA_LOG_LEVEL", "loud")
        raise ZeroDivisionError("no one knew")

    monkeypatch.setattr("ama_bridge.offline.measure_files", fail)
    assert "no one knew" in ama("measure", "x.wav").sentence(1)


HEAVY = (
    "numpy",
    "scipy",
    "librosa",
    "pedalboard",
    "matplotlib",
    "torch",
    "soundfile",
    "rich.table",
)


def test_completion_is_shown_for_a_shell(ama: Any) -> None:
    done = ran(command_of("--show-completion", "bash"), timeout_s=TIMEOUT_S)
    assert done.returncode == 0, done.stderr
    assert "COMPREPLY" in done.stdout


def test_the_command_line_starts_without_anything_heavy() -> None:
    script = (
        "import sys\n"
        "import ama_bridge.cli\n"
        "code = ama_bridge.cli.main(['--help'])\n"
        f"print(code, [m for m in {HEAVY!r} if m in sys.modules])\n"
    )
    done = ran([sys.executable, "-c", script], timeout_s=TIMEOUT_S)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "0 []"


def test_the_command_line_and_osc_give_the_same_plan(
    song: Path, plan: Path, tmp_path: Path
) -> None:
    offline = read_plan(plan)
    with real_service(tmp_path) as server, client_of(server) as client:
        tracks = offline.session.tracks
        client.ask("/session/begin", "b", song.name, "test", float(RATE_HZ), len(tracks))
        for at, track in enumerate(tracks):
            values = (track.id, track.name, 0.0, 0.0, 0, str(track.path), "")
            assert client.ask("/session/track", "t", song.name, at, *values).path == "/ok"
        client.send("/session/commit", "c", song.name)
        client.until("/ok")
        client.send("/suggest", "s", song.name, "auto")
        answers = client.until("/suggestions/end", "/error")
    assert read_plan(Path(str(answers[-1].arguments[2]))) == offline
    heard = [a.arguments[1] for a in answers if a.path.startswith("/suggestion/")]
    assert heard == [s.id for s in offline.suggestions]


def real_service(tmp_path: Path) -> Any:
    from ama_bridge.service.analyst import RealAnalyst

    return service(tmp_path / "state", RealAnalyst())
