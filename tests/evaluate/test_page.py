"""The page about the benchmark says what the command has, and tables get into documents between their marks."""

from __future__ import annotations

import importlib.util
import inspect
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ama_analysis.evaluate.suite import read_session
from ama_analysis.evaluate.summary import FaderRow, MatchRow
from ama_analysis.evaluate.systems import SYSTEMS
from ama_bridge.commands.evaluating import evaluate
from tests.evaluate.conftest import made_stems

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "evaluate.md").read_text(encoding="utf-8")


def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("tables", ROOT / "tools/evaluation_tables.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_names_every_option_and_no_other() -> None:
    names = [name.replace("as_", "") for name in inspect.signature(evaluate).parameters]
    written = re.findall(r"^\| `--([a-z-]+)` \| ", PAGE, re.MULTILINE)
    assert sorted(written) == sorted(name.replace("_", "-") for name in names)


def test_the_page_names_every_system() -> None:
    table = PAGE.split("## The systems")[1].split("## ")[0]
    assert re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE) == [s.name for s in SYSTEMS]


def test_the_documented_session_is_one(tmp_path: Path) -> None:
    from ama_analysis.audio import write_audio

    document = PAGE.split("```json\n")[1].split("```")[0]
    (tmp_path / "session.json").write_text(document, encoding="utf-8")
    for name in ("kick", "keys", "mix"):
        write_audio(tmp_path / f"{name}.flac", made_stems(1)["drums"])
    session = read_session(tmp_path)
    assert [(t.name, t.gain_db, t.pan) for t in session.tracks] == [
        ("Kick", -3.2, 0.0),
        ("Keys", -11.0, -0.3),
    ]


def made_document() -> dict[str, Any]:
    figures: dict[str, Any] = dict.fromkeys(MatchRow.__dataclass_fields__, 1.0)
    match = {**figures, "system": "sum", "title": "unprocessed sum", "cases": 3, "not_worse": 2}
    faders: dict[str, Any] = dict.fromkeys(FaderRow.__dataclass_fields__, 0.5)
    faders |= {"system": "rules", "title": "AMA rules", "kind": "same section", "cases": 4}
    return {
        "match": [match],
        "faders": [faders],
        "date": "2025-01-02",
        "machine": "2 cores",
        "command": "ama evaluate --suite x",
    }


def test_tables_get_between_the_marks_and_nowhere_else() -> None:
    fill = tool().filled
    text = "before\n<!-- evaluation -->\nold\n<!-- end of evaluation -->\nafter\n"
    once = fill(text, made_document())
    assert once.startswith("before\n<!-- evaluation -->\n")
    assert once.endswith("<!-- end of evaluation -->\nafter\n")
    assert "old" not in once
    for word in ("2 of 3", "0.50 (0.50)", "2025-01-02, 2 cores:", "    ama evaluate --suite x"):
        assert word in once
    assert fill(once, made_document()) == once
    with pytest.raises(ValueError, match="there is no"):
        fill("no marks", made_document())


def test_rows_of_several_results_stand_in_one_table_in_the_order_of_the_systems() -> None:
    first, second = made_document(), made_document()
    others = [{**first["match"][0], "system": name, "title": name} for name in ("rules", "human")]
    first["match"] += others
    second["match"].append({**others[0], "system": "cnn", "title": "the new one"})
    second |= {"faders": [], "command": "ama evaluate --suite x --system cnn"}
    text = tool().tables([first, second])
    rows = re.findall(r"^\| (unprocessed sum|rules|the new one|human) ", text, re.MULTILINE)
    assert rows == ["unprocessed sum", "rules", "the new one", "human"]
    assert "    ama evaluate --suite x --system cnn" in text
    assert "AMA rules" in text
    second["match"][0]["cases"] = 4
    with pytest.raises(ValueError, match="ask every system the same"):
        tool().tables([first, second])
