"""An Ardour without a window, the adapter to it, and a plan to hand over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ama_analysis.plan import Gain, MixPlan, Pan, Suggestion
from ama_analysis.session import Session, Track
from ama_bridge.daw.ardour.adapter import ArdourDaw
from ama_bridge.daw.ardour.mailbox import ArdourMailbox
from tests.bridge.plans import plan_of
from tests.bridge.services import write_stems
from tests.daw.ardour.adapter.played import HASTE, settings
from tests.daw.ardour.hardour import Hardour, running
from tests.daw.ardour.made_sessions import MadeTrack, make_session


@pytest.fixture(scope="package")
def hardour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hardour]:
    folder = tmp_path_factory.mktemp("adapter")
    tracks = [MadeTrack(name="Kick"), MadeTrack(name="Bass", channels=2)]
    with running(make_session(folder / "song", tracks)) as started:
        yield started


@pytest.fixture
def daw(hardour: Hardour, tmp_path: Path) -> ArdourDaw:
    there = settings(tmp_path)
    box = ArdourMailbox(tmp_path / "mail")
    return ArdourDaw(mailbox=box, places=lambda: there, port=hardour.port, patience=HASTE)


@pytest.fixture
def plan(tmp_path: Path) -> MixPlan:
    """Return a plan of two faders and a pan; its ids are those of stems, so that names find the tracks."""
    stems = write_stems(tmp_path / "stems")
    tracks = tuple(Track(id=n, name=n.title(), path=p) for n, p in stems.items())
    session = Session(name="song", tracks=tracks, sample_rate_hz=44_100, duration_s=0.1)
    actions = {
        "kick": Gain(delta_db=-3.0, fader_db=-3.0),
        "bass": Gain(delta_db=-6.0, fader_db=-6.0),
    }
    suggestions = [
        Suggestion(id=f"level:{n}", track=n, action=a, because="It is loud.", confidence=0.5)
        for n, a in actions.items()
    ]
    wide = Pan(pan=0.25)
    suggestions.append(
        Suggestion(id="pan:bass", track="bass", action=wide, because="It is wide.", confidence=0.5)
    )
    whole = plan_of(replace(session, tracks=tracks))
    return replace(whole, session=session, suggestions=tuple(suggestions), verification=None)
