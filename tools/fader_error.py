"""How near AMA comes to human faders: `python tools/fader_error.py SESSIONS_FOLDER [STYLE | section]`.

Sessions whose human faders are known (session.json: gain_db, pan) are scrambled, seeded, by up to 12 dB and 0.7 of pan; the rules see the
scrambled session and no reference. Error: mean over tracks of |g - g_human - median of the differences|, dB, and mean |p - p_human|.
Equal loudness puts every stem at the same integrated loudness. The rules were tuned while looking at these sessions.

With `section` the stems are one half of a session, scrambled in their samples, and the human mix of the other half is the reference.
Columns: all tracks that play in the stems' half; those that play in both; those of them within 30 dB of the loudest.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from ama_analysis.advise import complete_session, stems_of
from ama_analysis.audio import Audio, as_stereo, read_audio
from ama_analysis.bands import Floats
from ama_analysis.measure import measure_session, measure_sound
from ama_analysis.measure.heard_balance import heard_balance
from ama_analysis.plan import Gain, Pan
from ama_analysis.presets import load_target
from ama_analysis.session import Session, Track, track_of
from ama_analysis.suggest import suggest_tracks

SEEDS = 8
SCRAMBLE_DB, SCRAMBLE_PAN = 12.0, 0.7
PLAYS, SILENT = 2e-3, 1e-10
"""A track plays in a half with this part of its mean power, and at no less than -100 dBFS."""
PLAYING_DB, EARSHOT_DB = 200.0, 30.0
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


def one_half(folder: Path, seed: int, turn: int) -> tuple[Floats, Floats]:
    """Return the fader errors of section balance and equal loudness, each for all tracks, those in both halves, and those in earshot."""
    document = json.loads((folder / "session.json").read_text(encoding="utf-8"))
    random = np.random.default_rng([seed, turn])
    mix = read_audio(folder / document["mix"]["file"])
    half = mix.frames // 2
    here, there = (slice(0, half), slice(half, None))[:: 1 - 2 * turn]
    stems, human, level_db, equal = {}, {}, {}, {}
    for row in document["tracks"]:
        audio = read_audio(folder / row["file"])
        gain_db, pan = (float(random.uniform(-s, s)) for s in (SCRAMBLE_DB, SCRAMBLE_PAN))
        sides = 10.0 ** (gain_db / 20.0) * np.array([[1 - max(pan, 0.0)], [1 + min(pan, 0.0)]])
        name, samples = Path(row["file"]).stem, as_stereo(audio.samples)
        stems[name] = Audio((samples[:, here] * sides).astype(np.float32), audio.sample_rate_hz)
        own, other = (float(np.square(samples[:, part]).mean()) for part in (here, there))
        whole = float(np.square(samples).mean())
        if own < max(PLAYS * whole, SILENT):
            continue
        placed = sides * 10.0 ** (-float(row["gain_db"]) / 20.0)
        wanted = np.array([[1 - max(row["pan"], 0.0)], [1 + min(row["pan"], 0.0)]]) / placed
        human[name] = float(20.0 * np.log10(wanted.max()))
        plays = other > PLAYS * whole
        level_db[name] = 10.0 * np.log10(other) + float(row["gain_db"]) if plays else -np.inf
        loudness = measure_sound(stems[name]).loudness.integrated_lufs
        equal[name] = -70.0 if loudness is None else -loudness
    tracks = tuple(Track(id=n, name=n, path=folder / n) for n in stems)
    session = Session(
        name=folder.name,
        tracks=tracks,
        sample_rate_hz=mix.sample_rate_hz,
        duration_s=half / mix.sample_rate_hz,
    )
    reference = Audio(mix.samples[:, there].copy(), mix.sample_rate_hz)
    found = heard_balance(session, lambda track: stems[track.id], reference)
    faders = {} if found is None else {f.track: f.fader_db for f in found.faders}
    highest = max(level_db.values())
    errors = [
        [
            error_db(those, {n: human[n] for n in human if level_db[n] >= least})
            for least in (-np.inf, -PLAYING_DB, highest - EARSHOT_DB)
        ]
        for those in (faders or dict.fromkeys(stems, 0.0), equal)
    ]
    return np.array(errors[0]), np.array(errors[1])


def main_section(sessions: Path) -> None:
    """Print a line a session: the fader errors of section balance and of equal loudness."""
    print(
        f"{'session':18s} {'section':>20s}   {'equal loudness':>20s}   all, in both, in earshot; dB"
    )
    rows = []
    for name in (*SESSIONS, "mdn_funk"):
        halves = [one_half(sessions / name, 0, turn) for turn in (0, 1)]
        rows.append(np.mean(halves, axis=0))
        print(f"{name:18s}" + "  ".join("".join(f"{v:7.2f}" for v in part) for part in rows[-1]))
    print(
        f"{'mean':18s}" + "  ".join("".join(f"{v:7.2f}" for v in p) for p in np.mean(rows, axis=0))
    )


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
    wanted_style = sys.argv[2] if len(sys.argv) > 2 else "pop"
    if wanted_style == "section":
        main_section(Path(sys.argv[1]))
    else:
        main(Path(sys.argv[1]), wanted_style)
