"""What AMA Export in REAPER wrote becomes a session: faders and pans as they are, stems behind the fader as before it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from ama_analysis.audio import read_audio
from ama_analysis.plan import Gain, Pan
from ama_analysis.session import Session
from ama_bridge.daw.reaper.exported import exported_with, is_reapers
from ama_bridge.daw.reaper.translate import request_of
from ama_bridge.daw.session_files import session_beside, session_in
from tests.daw.plans import plan_with
from tests.daw.reaper.plans import GUIDS, RATE, export_in, session_of, stems_in

ROUNDING = 1e-5
"""Two 32-bit products, there and back."""
FADER_DB, PAN = -10.0, -0.5


def read(folder: Path, tmp_path: Path) -> Session:
    session = session_in(folder, stems_dir=tmp_path / "kept")
    assert session is not None
    return session


def test_faders_pans_and_mutes_are_taken_as_reaper_shows_them(tmp_path: Path) -> None:
    told = {"bass": {"fader_db": -4.5, "pan": 0.25, "muted": True, "pan_mode": 3}}
    session = read(export_in(stems_in(tmp_path / "stems"), told), tmp_path)
    bass = session.track(GUIDS["bass"])
    assert (bass.fader_db, bass.pan, bass.muted) == (-4.5, 0.25, True)
    assert session_beside(session.tracks, tmp_path / "kept") == session


def test_a_stem_behind_fader_and_pan_is_what_it_was_before_them(tmp_path: Path) -> None:
    """So that what is suggested is where the fader is to go, and is expected where it stands."""
    stems = stems_in(tmp_path / "stems")
    before, _ = soundfile.read(stems / "vox.wav", always_2d=True)
    behind = before * 10.0 ** (FADER_DB / 20.0) * np.array([1.0, 1.0 + PAN])
    soundfile.write(stems / "vox.wav", behind, RATE, subtype="FLOAT")
    told = {"vox": {"fader_db": FADER_DB, "pan": PAN, "channels": 2, "automated": ["pan"]}}
    export_in(stems, told, bounced="post_fader", devices="ama")
    session = read(stems, tmp_path)
    vox = session.track(GUIDS["vox"])
    assert (vox.fader_db, vox.pan) == (FADER_DB, PAN)
    assert read_audio(vox.path).samples == pytest.approx(before.T, abs=ROUNDING)
    assert any("behind fader and pan" in warning for warning in session.warnings)
    assert exported_with(session).devices == "ama"
    plan = plan_with(
        session, ("vox", Gain(delta_db=-2.0, fader_db=FADER_DB - 2.0)), ("vox", Pan(pan=0.0))
    )
    request = request_of(plan, request_id="r", mailbox="m", ask=True, ticked=frozenset())
    (control,) = request.strips[0].controls
    assert (control.value, control.expected) == (FADER_DB - 2.0, FADER_DB)
    assert request.skipped[0].reason == "its pan follows automation"


def test_a_guid_is_reapers_id_and_a_name_is_not(tmp_path: Path) -> None:
    stems = stems_in(tmp_path / "stems")
    assert all(map(is_reapers, read(export_in(stems, {}), tmp_path).tracks))
    assert not any(map(is_reapers, session_of(stems, reaper=False).tracks))
