"""A session of a real project file, read into a state folder, and plans of it."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from ama_analysis.audio import Audio, write_audio
from ama_analysis.plan import MixPlan
from ama_analysis.session import Session
from ama_bridge.daw.session_files import session_in
from ama_bridge.stem_folders import UNUSED_S
from ama_bridge.store import Store
from tests.bridge.plans import plan_of
from tests.daw.reaper.made_projects import MadeItem, MadeProject, MadeTrack

RATE_HZ = 48_000


def project(folder: Path, *, position_s: float = 1.0) -> Path:
    """Write a REAPER project of two tracks; another position is another state of it."""
    rng = np.random.default_rng(4)
    folder.mkdir(exist_ok=True)
    tracks = []
    for name in ("Vox", "Bass"):
        samples = (0.1 * rng.standard_normal((1, 3 * RATE_HZ))).astype(np.float32)
        if not (folder / f"{name}.wav").exists():
            write_audio(folder / f"{name}.wav", Audio(samples, RATE_HZ))
        item = MadeItem(file=f"{name}.wav", length_s=3.0, position_s=position_s)
        tracks.append(MadeTrack(name=name, items=(item,)))
    return MadeProject(tracks=tuple(tracks)).write(folder / "song.rpp")


def read(store: Store, tmp_path: Path, *, position_s: float = 1.0) -> tuple[Session, Path]:
    """Return the session of a project, and the folder of its stems."""
    file = project(tmp_path / "song", position_s=position_s)
    session = session_in(file, stems_dir=store.folder / "stems")
    assert session is not None
    return session, session.tracks[0].path.parent


def made_of(session: Session) -> MixPlan:
    """Return a plan that says nothing of a session but that it is made of it."""
    return replace(plan_of(session), session=session, suggestions=(), verification=None)


def later(seconds: float = UNUSED_S) -> float:
    return time.time() + seconds + 60.0
