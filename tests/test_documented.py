"""Documents that cannot drift: what they list is what the code has."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

from ama_bridge.cli import app

ROOT = Path(__file__).resolve().parents[1]


def maker():
    spec = importlib.util.spec_from_file_location(
        "make_reference", ROOT / "tools/make_reference.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_reference_is_what_the_code_says():
    written = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    assert written == maker().reference(), "run `python tools/make_reference.py`"


def test_the_readme_names_every_command():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    names = {c.name or c.callback.__name__ for c in app.registered_commands if c.callback}
    missing = {name for name in names if f"ama {name}" not in readme}
    assert missing == set()


def test_every_file_that_the_documents_name_is_there():
    for document in ("README.md", "ARCHITECTURE.md", "DECISIONS.md", "docs/reference.md"):
        text = (ROOT / document).read_text(encoding="utf-8")
        for name in re.findall(r"\]\(([^)#:]+)\)", text):
            assert (ROOT / document).parent.joinpath(name).exists(), f"{document}: {name}"


def test_no_document_or_source_carries_a_path_of_one_machine():
    names = ("/work" + "/", "/root" + "/")
    sources = [
        p
        for folder in ("ama_analysis", "ama_bridge", "docs", "tools", "presets")
        for p in (ROOT / folder).rglob("*.*")
    ]
    for path in [p for p in sources if p.suffix in {".py", ".md", ".toml", ".json"}]:
        text = path.read_text(encoding="utf-8")
        assert not [n for n in names if n in text], path
