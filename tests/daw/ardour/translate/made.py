"""A made session, plans for it, and what becomes of them in Ardour's terms."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from ama_analysis.plan import (
    Compressor,
    Gate,
    MixPlan,
)
from ama_analysis.session import Session, Track
from ama_bridge.daw.ardour.request import Insert, Request, Strip
from ama_bridge.daw.ardour.translate import request_of
from ama_bridge.daw.documents import document_bytes, document_from_bytes, holds

RATE = 44_100
SAME = 10.0 ** (0.006 / 20.0) - 1.0
"""No plugin is inserted for what a fader lacks up to 0.005 dB."""
GATE = Gate(threshold_db=-30.0, ratio=2.5, attack_ms=1.0, release_ms=180.0)
STEEP = Compressor(threshold_db=-30.0, ratio=4.0, attack_ms=10.0, release_ms=100.0, makeup_db=2.0)
IDS = {"mono": "231", "stereo": "305", "hits": "17"}


def session_of(
    stems: Path,
    *,
    ardour: bool = True,
    mono: tuple[float, float] = (0.0, 0.0),
    stereo: tuple[float, float] = (0.0, 0.0),
) -> Session:
    tracks = []
    places = {"mono": mono, "stereo": stereo}
    for name, number in IDS.items():
        fader_db, pan = places.get(name, (0.0, 0.0))
        tracks.append(
            Track(
                id=number if ardour else name,
                name=f"The {name}" if ardour else name,
                path=stems / f"{name}.wav",
                fader_db=fader_db,
                pan=pan,
            )
        )
    return Session(name="Song", tracks=tuple(tracks), sample_rate_hz=RATE, duration_s=3.0)


def translated(plan: MixPlan, ticked: Collection[str] | None = None) -> Request:
    every = frozenset(s.id for s in plan.suggestions)
    request = request_of(
        plan,
        request_id="song-1",
        mailbox=Path("mailbox"),
        answer_port=9720,
        ask=True,
        ticked=every if ticked is None else frozenset(ticked),
    )
    assert document_from_bytes(Request, document_bytes(request), name="x") == request
    told = [one.id for one in request.suggestions] + [one.suggestion for one in request.skipped]
    assert sorted(told) == sorted(every)
    return request


def strip_of(request: Request, track: str) -> Strip:
    return next(strip for strip in request.strips if strip.track == track)


def settings_of(insert: Insert, ticked: Collection[str]) -> dict[int, float]:
    """Return what stands in a plugin when these boxes are ticked."""
    found = {one.which: one.value for one in insert.base}
    for part in insert.parts:
        if holds(part, ticked):
            found |= {one.which: one.value for one in part.settings}
    return found
