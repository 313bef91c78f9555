"""A REAPER's resource folder, the adapter to it, and a plan to hand over."""

from __future__ import annotations

from pathlib import Path

import pytest

from ama_analysis.plan import Gain, MixPlan, Pan
from ama_bridge.daw.reaper.adapter import ReaperDaw
from tests.daw.plans import plan_with
from tests.daw.reaper.adapter.reaper import daw_in
from tests.daw.reaper.plans import session_of, stems_in


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return REAPER's resource folder, with no surfaces in its settings."""
    folder = tmp_path / "REAPER"
    folder.mkdir()
    (folder / "reaper.ini").write_text("[REAPER]\n")
    return folder


@pytest.fixture
def daw(tmp_path: Path, folder: Path) -> ReaperDaw:
    return daw_in(tmp_path, folder)


@pytest.fixture
def plan(tmp_path: Path) -> MixPlan:
    session = session_of(stems_in(tmp_path / "stems"))
    return plan_with(
        session,
        ("kick", Gain(delta_db=-3.0, fader_db=-3.0)),
        ("bass", Gain(delta_db=-6.0, fader_db=-6.0)),
        ("bass", Pan(pan=0.25)),
    )
