"""A session of the real Ardour, made once, and a desk with a copy of it for each test."""

from __future__ import annotations

import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

from ama_bridge.daw.ardour.request import Strip
from tests.daw.ardour.ardour_lua import Bench, bench
from tests.daw.ardour.made_sessions import MadeTrack, Take, make_session
from tests.daw.ardour.round_trip.read import NAME


@pytest.fixture(scope="package")
def made(tmp_path_factory) -> Path:
    """A session of four tracks, made once and copied for each test."""
    noise = np.random.default_rng(1).uniform(-0.1, 0.1, (2, 24_000)).astype(np.float32)
    user_eq = """local p = ARDOUR.LuaAPI.new_plugin(Session, "urn:ardour:a-eq", ARDOUR.PluginType.LV2, "")
      track:add_processor_by_index(p, 0, nil, true) ARDOUR.LuaAPI.set_processor_param(p, 16, -3)"""
    tracks = [
        MadeTrack(name="Kick", takes=[Take(samples=noise[:1])]),
        MadeTrack(name=NAME, channels=2, takes=[Take(samples=noise)], lua=user_eq),
        MadeTrack(name="Pad", channels=2, takes=[Take(samples=noise)]),
        MadeTrack(name="Empty"),
    ]
    return make_session(tmp_path_factory.mktemp("made") / "song", tracks)


@pytest.fixture
def desk(made, tmp_path) -> Bench:
    shutil.copytree(made.parent, tmp_path / "song")
    return bench(tmp_path / "song" / made.name, tmp_path / "desk")


@pytest.fixture(scope="module")
def ids(made) -> dict[str, str]:
    routes = ET.parse(made).getroot().find("Routes")  # noqa: S314  # our own file
    assert routes is not None
    return {str(r.get("name")): str(r.get("id")) for r in routes}


@pytest.fixture
def kick(ids):
    return lambda **more: Strip(track=ids["Kick"], name="Kick", **more)


@pytest.fixture
def voice(ids):
    return lambda **more: Strip(track=ids[NAME], name=NAME, **more)
