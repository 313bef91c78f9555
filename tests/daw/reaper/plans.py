"""Plans of a project in REAPER, and of stems of anywhere, for the tests of what AMA asks of REAPER."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from ama_analysis.plan import Action, MixPlan, Suggestion
from ama_analysis.session import Session, Track
from tests.bridge.plans import plan_of

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


def plan_with(session: Session, *actions: tuple[str, Action]) -> MixPlan:
    """Return a plan of these actions on tracks, named as the stems are, or "master"."""
    ids = {track.name.lower(): track.id for track in session.tracks}
    suggestions = tuple(
        Suggestion(
            id=f"{action.kind}:{track}:{nth}",
            track=ids.get(track, track),
            action=action,
            because="It was measured.",
            confidence=0.8,
        )
        for nth, (track, action) in enumerate(actions)
    )
    return replace(plan_of(session), session=session, suggestions=suggestions)


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
