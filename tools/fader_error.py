"""How near the rules come to human faders: `python tools/fader_error.py SESSIONS_FOLDER`.

Sessions whose human faders are known (session.json: gain_db, pan) are scrambled, seeded, by up to 12 dB and 0.7 of pan; the rules see the
scrambled session and no reference. Error: mean over tracks of |g - g_human - median of the differences|, dB, and mean |p - p_human|.
Equal loudness puts every stem at the same integrated loudness. The rules were tuned while looking at these sessions.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from ama_analysis.advise import complete_session, stems_of
from ama_analysis.measure import measure_session
from ama_analysis.plan import Gain, Pan
from ama_analysis.presets import load_target
from ama_analysis.session import Session, track_of
from ama_analysis.suggest import suggest_tracks

SEEDS = 8
SCRAMBLE_DB, SCRAMBLE_PAN = 12.0, 0.7
SESSIONS = (
    "lmms_dearjondoe",
    "lmms_makeme",
    "lmms_mauiwowi",
    "evr_caesium",
    "evr_potassium",
    "evr_rubidium",
)


def error_db(faders: Mapping[str, float], human: Mapping[str, float]) -> float:
    """Return the fader error."""
    apart = np.array([faders[name] - human[name] for name in human])
    return float(np.mean(np.abs(apart - np.median(apart))))


def one_session(folder: Path, style: str) -> tuple[float, float, float, float, float]:
    """Return the errors of rules, equal loudness and scramble (dB), and the pan errors of rules and scramble."""
    document = json.loads((folder / "session.json").read_text(encoding="utf-8"))
    rows = {Path(row["file"]).stem: row for row in document["tracks"]}
    tracks = [
        track_of(folder / row["file"], name=row["name"], track_id=name)
        for name, row in rows.items()
    ]
    human = {name: float(row["gain_db"]) for name, row in rows.items()}
    pans = {name: float(row["pan"]) for name, row in rows.items()}
    whole = complete_session(folder.name, tracks)
    errors = []
    for seed in range(SEEDS):
        session = scrambled(whole, human, pans, seed)
        measured = measure_session(session, stems_of(session))
        faders = {t.id: t.fader_db for t in session.tracks}
        placed = {t.id: t.pan for t in session.tracks}
        apart = [error_db(faders, human), float(np.mean([abs(placed[n] - pans[n]) for n in pans]))]
        levels = {
            name: figures.loudness.integrated_lufs or -70.0
            for name, figures in measured.tracks.items()
        }
        equal = error_db({name: -levels[name] for name in human}, human)
        for suggestion in suggest_tracks(session, measured, load_target(style)):
            if isinstance(suggestion.action, Gain):
                faders[suggestion.track] = suggestion.action.fader_db
            if isinstance(suggestion.action, Pan):
                placed[suggestion.track] = suggestion.action.pan
        panned = float(np.mean([abs(placed[n] - pans[n]) for n in pans]))
        errors.append((error_db(faders, human), equal, apart[0], panned, apart[1]))
    rules, equal, start, panned, start_pan = np.mean(errors, axis=0)
    return float(rules), float(equal), float(start), float(panned), float(start_pan)


def scrambled(
    session: Session, human: Mapping[str, float], pans: Mapping[str, float], seed: int
) -> Session:
    """Return the session with its human faders and pans moved at random."""
    random = np.random.default_rng(seed)
    tracks = tuple(
        replace(
            track,
            fader_db=human[track.id] + random.uniform(-SCRAMBLE_DB, SCRAMBLE_DB),
            pan=float(np.clip(pans[track.id] + random.uniform(-SCRAMBLE_PAN, SCRAMBLE_PAN), -1, 1)),
        )
        for track in session.tracks
    )
    return replace(session, tracks=tracks)


def main(sessions: Path, style: str) -> None:
    """Print a line a session, and the mean."""
    print(
        f"{'session':18s} {'rules':>6s} {'equal':>6s} {'start':>6s} dB   {'pan':>5s} {'start':>5s}"
    )
    rows = [one_session(sessions / name, style) for name in SESSIONS]
    means = tuple(float(value) for value in np.mean(rows, axis=0))
    for name, row in zip((*SESSIONS, "mean"), (*rows, means), strict=True):
        print(
            f"{name:18s} {row[0]:6.2f} {row[1]:6.2f} {row[2]:6.2f}      {row[3]:5.2f} {row[4]:5.2f}"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "pop")
