"""The comparison on the made-up suite: processes, scores, going on after a stop, tables, the command."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest

from ama_analysis.audio import write_audio
from ama_analysis.errors import CancelledError, OptionError, WorkError
from ama_analysis.evaluate import Circumstances, Evaluation, Wanted, evaluate
from ama_analysis.evaluate.balance import Strip, fader_error_db, pan_error, strip_of
from ama_analysis.evaluate.comparing import Comparison
from ama_analysis.evaluate.job import Answer, Job
from ama_analysis.evaluate.own_systems import OWN
from ama_analysis.evaluate.report import rows_of
from ama_analysis.evaluate.runs import LINES, fader_rows
from ama_analysis.evaluate.suite import load_suite
from ama_analysis.evaluate.summary import Cells, fader_summary, match_summary
from ama_analysis.evaluate.systems import (
    SYSTEMS,
    Bench,
    System,
    bench_of,
    systems_named,
)
from ama_analysis.evaluate.tables import cell_table, number, table
from ama_analysis.evaluate.units import Scramble, fader_units, match_units
from ama_analysis.progress import silent
from ama_bridge.cli import main
from tests.evaluate.conftest import HUMAN
from tests.signals import silence

HOW = Circumstances(date="2025-01-02", machine="made up", command="ama evaluate", versions={})


def wanted(suite: Path, song: Path, out: Path, **more: object) -> Wanted:
    options = {"systems": ("equal-loudness", "human"), "seeds": 1, **more}
    return Wanted(suite=suite, references=(song,), out=out, **options)  # type: ignore[arg-type]  # the tests' own words


@pytest.fixture(scope="module")
def result(suite: Path, song: Path, tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    return evaluate(wanted(suite, song, tmp_path_factory.mktemp("out")), HOW)


def test_every_system_is_scored_on_every_session(result: Evaluation) -> None:
    rows = {row.system: row for row in match_summary(result.runs, result.systems)}
    assert {name: row.cases for name, row in rows.items()} == {
        "sum": 2,
        "equal-loudness": 2,
        "human": 2,
    }
    assert (rows["sum"].ratio, rows["sum"].not_worse) == (1.0, 2)
    assert all(math.isfinite(row.af_star) and row.af_star > 0.0 for row in rows.values())
    assert rows["equal-loudness"].wall_s is not None
    assert rows["equal-loudness"].peak_mb is not None
    assert rows["human"].wall_s is None
    assert result.notes == ()


def test_the_scramble_as_it_is_has_the_error_that_was_drawn(
    result: Evaluation, suite: Path
) -> None:
    sessions = load_suite(suite)
    units = [u for u in fader_units(sessions, [], seeds=1, scrambled="audio") if u.half is None]
    expected = [fader_error_db(unit.printed, HUMAN) for unit in units]
    pans = [pan_error(unit.printed, HUMAN) for unit in units]
    rows = {(r.system, r.kind): r for r in fader_summary(result.runs, result.systems)}
    row = rows["sum", "same section"]
    assert row.fader_db == pytest.approx(sum(expected) / 2, abs=1e-9)
    assert row.pan == pytest.approx(sum(pans) / 2, abs=1e-9)
    assert row.worst_session_db == pytest.approx(max(expected), abs=1e-9)
    assert {kind for _, kind in rows} == {"same section", "another section", "another song"}
    assert ("human", "same section") not in rows


@pytest.mark.parametrize("scrambled", ["audio", "faders"])
def test_whoever_undoes_the_scramble_has_no_error(suite: Path, scrambled: Scramble) -> None:
    (session,) = load_suite(suite, ["first"])
    unit = fader_units([session], [], seeds=1, scrambled=scrambled)[0]
    undone = {}
    for name, printed in unit.printed.items():
        pairs = zip(HUMAN[name].factors(), printed.factors(), strict=True)
        undone[name] = strip_of(*(wanted / there for wanted, there in pairs))
    rows = fader_rows(unit, undone)
    assert max(rows.values()) < 1e-9
    louder = {n: Strip(gain_db=s.gain_db + 7.0, pan=s.pan) for n, s in undone.items()}
    assert fader_rows(unit, louder)["fader_db"] < 1e-9


def test_equal_loudness_does_not_hear_the_reference_and_runs_once(result: Evaluation) -> None:
    mine = [r for r in result.runs if r.system == "equal-loudness" and r.task == "faders"]
    same, song = ([r for r in mine if r.kind == k] for k in ("same section", "another song"))
    assert [r.rows for r in same] == [r.rows for r in song]
    assert [r.wall_s for r in same] == [r.wall_s for r in song]


def test_tables_hold_every_system_and_the_circumstances(result: Evaluation) -> None:
    page = result.markdown()
    for word in (
        "2025-01-02, made up",
        "    ama evaluate",
        "equal loudness",
        "AF\\* median",
        "song",
    ):
        assert word.replace("\\", "") in page
    widths = {line.count("|") for line in result.tables()[0].splitlines() if line.startswith("|")}
    assert len(widths) == 1
    document = json.loads(json.dumps(result.to_json(), allow_nan=False))
    assert document["schema"] == "ama.evaluation/1"
    assert len(document["runs"]) == len(result.runs)
    assert rows_of(document) == (
        match_summary(result.runs, result.systems),
        fader_summary(result.runs, result.systems),
    )


class Refusing(Bench):
    """A bench on which nothing may be run."""

    def run(self, system: System, job: Job, watch: object) -> NoReturn:
        message = f"{system.name} was run on {job.session}"
        raise AssertionError(message)


class Failing(Bench):
    """A bench on which equal loudness fails."""

    def run(self, system: System, job: Job, watch: Callable[[], None]) -> Answer:
        if job.system == "equal-loudness":
            message = f"equal loudness failed on {job.session}: no air"
            raise WorkError(message)
        return super().run(system, job, watch)


def comparison(suite: Path, song: Path, folder: Path, kind: type[Bench]) -> Comparison:
    return Comparison(
        units=match_units(load_suite(suite, ["first"]), [song]),
        systems=systems_named(["equal-loudness", "human"]),
        bench=kind(peers_python=None, versions={"ama": "of today", "ruler": "one"}),
        folder=folder,
        on_progress=silent,
    )


def test_what_is_done_is_not_done_again(suite: Path, song: Path, tmp_path: Path) -> None:
    first = comparison(suite, song, tmp_path, Bench).runs()
    lines = (tmp_path / LINES).read_text(encoding="utf-8")
    assert comparison(suite, song, tmp_path, Refusing).runs() == first
    assert (tmp_path / LINES).read_text(encoding="utf-8") == lines
    (tmp_path / LINES).write_text(lines + '{"key": "cut o', encoding="utf-8")
    assert comparison(suite, song, tmp_path, Refusing).runs() == first


def test_another_version_of_the_code_is_run_anew(suite: Path, song: Path, tmp_path: Path) -> None:
    comparison(suite, song, tmp_path, Bench).runs()
    changed = comparison(suite, song, tmp_path, Refusing)
    changed.bench = Refusing(
        peers_python=None, versions={**changed.bench.versions, "ama": "of tomorrow"}
    )
    with pytest.raises(AssertionError, match="sum was run on first"):
        changed.runs()


def test_a_stop_leaves_what_was_done_and_ends_the_process(
    suite: Path, song: Path, tmp_path: Path
) -> None:
    def stop_in_second(fraction: float, stage: str) -> None:
        if stage.startswith("second"):
            message = "stopped"
            raise CancelledError(message)

    ask = wanted(suite, song, tmp_path, task="match", systems=("sum",))
    with pytest.raises(CancelledError):
        evaluate(ask, HOW, on_progress=stop_in_second)
    kept = (tmp_path / LINES).read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["session"] for line in kept] == ["first"]


def test_a_system_that_fails_is_noted_and_the_others_go_on(
    suite: Path, song: Path, tmp_path: Path
) -> None:
    failing = comparison(suite, song, tmp_path, Failing)
    assert {run.system for run in failing.runs()} == {"sum", "human"}
    assert failing.notes == ["equal loudness failed on first: no air"]


def test_a_process_that_dies_says_its_last_words(tmp_path: Path) -> None:
    by_name = {system.name: system for system in SYSTEMS}
    job = Job(
        system="sum", session="none", stems=(), references=(), out=tmp_path / "none" / "x.wav"
    )
    with pytest.raises(WorkError, match="unprocessed sum failed on none"):
        bench_of(None).run(by_name["sum"], job, lambda: None)


def test_rules_answer_with_strips_and_moves(suite: Path, song: Path, tmp_path: Path) -> None:
    (unit,) = (
        u
        for u in fader_units(load_suite(suite, ["first"]), [song], seeds=1, scrambled="faders")
        if u.half is None
    )
    stems = unit.stems(tmp_path)
    job = Job(
        system="rules", session="first", stems=stems, references=(song,), out=tmp_path / "o.wav"
    )
    strips, moves, unavailable = OWN["rules"](job)
    assert unavailable == ""
    assert strips is not None
    assert moves is not None
    assert set(strips) == set(HUMAN)
    moved = [s for s in stems if strips[s.id] != s.strip]
    assert moves.count >= len(moved)
    assert (tmp_path / "o.wav").is_file()


def test_bad_wishes_are_refused(suite: Path, song: Path, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="--seeds"):
        evaluate(wanted(suite, song, tmp_path, seeds=0), HOW)
    with pytest.raises(OptionError, match="needs references"):
        evaluate(Wanted(suite=suite, references=(), out=tmp_path), HOW)


def test_a_comparison_with_silence_fails_in_a_sentence(suite: Path, tmp_path: Path) -> None:
    silent_song = tmp_path / "silent.wav"
    write_audio(silent_song, silence(duration_s=10.0))
    ask = wanted(suite, silent_song, tmp_path / "out", task="match", systems=("rules",))
    with pytest.raises(WorkError) as caught:
        evaluate(replace(ask, sessions=("first",)), HOW)
    assert "Nothing could be compared: AMA rules failed on first: There is nothing" in str(
        caught.value
    )
    assert "File" not in caught.value.message


def test_a_table_lines_up_and_keeps_bars_out_of_its_cells() -> None:
    text = table(("name", "x"), [("a|b", "1"), ("long name", "10")])
    assert text.splitlines() == [
        "| name      |  x |",
        "|-----------|---:|",
        "| a/b       |  1 |",
        "| long name | 10 |",
    ]
    gaps = Cells(title="gaps", rows=("r",), columns=("one", "two"), values={("r", "one"): 1.0})
    assert cell_table(gaps).splitlines()[-1] == "| r | 1.000 |   - |"
    assert number(float("nan"), 2) == "-"


def test_the_command_prints_tables_and_writes_results(
    suite: Path, song: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["evaluate", "--suite", str(suite), "--references", str(song), "--task", "match"]
    words += ["--system", "human", "--session", "first", "--out", str(tmp_path / "out")]
    assert main(words) == 0
    assert "| human mix" in capsys.readouterr().out
    document = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    assert document["command"].split()[0] == "ama"
    assert (tmp_path / "out" / "results.md").is_file()
    assert main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["match"] == document["match"]


def test_the_command_says_in_one_sentence_what_is_wrong(
    song: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["evaluate", "--suite", str(tmp_path), "--references", str(song)]
    assert main([*words, "--out", str(tmp_path / "out")]) == 2
    assert "holds no session" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="VmHWM is Linux's")
def test_peak_memory_is_that_of_the_process_and_not_of_its_parent(result: Evaluation) -> None:
    from ama_analysis.evaluate.peer_driver import peak_mb

    peaks = [r.peak_mb for r in result.runs if r.system == "sum" and r.peak_mb is not None]
    assert max(peaks) < (peak_mb() or 0.0)
