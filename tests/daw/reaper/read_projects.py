"""REAPER projects of made tracks, as AMA reads them from disk."""

from __future__ import annotations

import dataclasses

import numpy as np
import soundfile

from ama_analysis.audio import read_audio
from ama_bridge.daw.reaper.project.file import read_project
from ama_bridge.daw.session_files import session_in
from tests.daw.reaper.made_projects import (
    MadeItem,
    MadeProject,
    MadeTrack,
)

RATE_HZ = 48_000
EXACT = 2e-7
"""One gain in 32-bit floats."""
DRAWN = 3e-3
"""Curves are drawn by 32 straight lines: the steepest shape leaves them by so much of full scale."""

_rng = np.random.default_rng(11)


def noise(frames, channels=1):
    return (0.2 * _rng.standard_normal((channels, frames))).astype(np.float32)


def wav(path, samples, rate=RATE_HZ):
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples.T, rate, subtype="FLOAT")
    return samples


def read(tmp_path, *tracks, **project):
    return read_project(MadeProject(tracks=tracks, **project).write(tmp_path / "song.rpp"))


def session_at(path, tmp_path):
    session = session_in(path, stems_dir=tmp_path / "stems")
    assert session is not None
    return session


def heard(tmp_path, *items, mix=1, **track):
    """Return the samples of a project's one track, as AMA reads them."""
    made = MadeProject(tracks=(MadeTrack(items=items, **track),), item_mix=mix)
    session = session_at(made.write(tmp_path / "song.rpp"), tmp_path)
    return read_audio(session.tracks[0].path).samples


def left_out(tmp_path, *items, **track):
    """Return why a track with these items is left out, beside one that is not."""
    wav(tmp_path / "plain.wav", noise(100))
    plain = MadeTrack(name="Plain", items=(MadeItem(file="plain.wav"),))
    found = read(tmp_path, plain, MadeTrack(name="Odd", items=items, **track))
    assert [t.name for t in found.tracks] == ["Plain"]
    assert [name for name, _ in found.left_out] == ["Odd"]
    return found.left_out[0][1]


def notes(tmp_path, *tracks, **project):
    """Return what is told of a project whose tracks all have an item."""
    wav(tmp_path / "plain.wav", noise(100))
    item = MadeItem(file="plain.wav", length_s=100 / RATE_HZ)
    full = [dataclasses.replace(t, items=t.items or (item,)) for t in tracks]
    found = read(tmp_path, *full, **project)
    assert not found.left_out
    return list(found.warnings)
