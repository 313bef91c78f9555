"""Plans of a project in REAPER, and of stems of anywhere, for the tests of what AMA asks of REAPER."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from ama_analysis.session import Session, Track

RATE = 48_000
GUIDS = {
    "kick": "{11111111-AAAA-4BBB-8CCC-000000000001}",
    "bass": "{22222222-AAAA-4BBB-8CCC-000000000002}",
    "vox": "{33333333-AAAA-4BBB-8CCC-000000000003}",
}


def stems_in(folder: Path) -> Path:
    """Write a short stem for each track."""
    folder.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(4).standard_normal((RATE // 2, 2)) * 0.1
    for at, name in enumerate(GUIDS):
        soundfile.write(folder / f"{name}.wav", np.roll(noise, at, axis=0), RATE)
    return folder


def session_of(
    stems: Path, *, reaper: bool = True, faders: Mapping[str, tuple[float, float]] | None = None
) -> Session:
    """Return a session of the three tracks, by GUID as REAPER knows them, or by the names of stems."""
    tracks = []
    for name, guid in GUIDS.items():
        fader_db, pan = (faders or {}).get(name, (0.0, 0.0))
        tracks.append(
            Track(
                id=guid if reaper else name,
                name=name.title(),
                path=stems / f"{name}.wav",
                fader_db=fader_db,
                pan=pan,
            )
        )
    return Session(name="Song", tracks=tuple(tracks), sample_rate_hz=RATE, duration_s=0.5)


def export_in(folder: Path, tracks: Mapping[str, Mapping[str, Any]], **more: Any) -> Path:
    """Write the session.json of AMA Export beside the stems."""
    document = {
        "schema": "ama.session/1",
        "daw": "reaper",
        "name": "Song",
        "sample_rate_hz": RATE,
        "tracks": [
            {"id": guid, "name": name.title(), "stem": f"{name}.wav", **tracks.get(name, {})}
            for name, guid in GUIDS.items()
        ],
    }
    (folder / "session.json").write_text(json.dumps(document | more), encoding="utf-8")
    return folder
