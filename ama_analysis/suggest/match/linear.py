"""Suggestions to the curves and pans of `Setting`: what is linear in them, which is all but dynamics and polarity."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from ama_analysis.bands import Floats
from ama_analysis.cross_spectra import band_centres_hz
from ama_analysis.plan import (
    MASTER,
    Action,
    EqBand,
    Gain,
    HighPass,
    LowPass,
    MasterEq,
    Pan,
    Suggestion,
)
from ama_analysis.session import Track
from ama_analysis.suggest.match.figures import Setting
from ama_analysis.suggest.response import band_response_db, butterworth_db


def is_linear(action: Action) -> bool:
    """Return whether an action is wholly told by a `Setting`."""
    return isinstance(action, Gain | Pan | EqBand | MasterEq | HighPass | LowPass)


def response_db(action: Action) -> Floats:
    """Return what an action does to the curve of its track, (bands); zeros for what is no filter."""
    at_hz = band_centres_hz()
    if isinstance(action, EqBand | MasterEq):
        return band_response_db(action.type, action.freq_hz, action.gain_db, action.q, at_hz)
    if isinstance(action, HighPass | LowPass):
        high_pass = isinstance(action, HighPass)
        return butterworth_db(action.cutoff_hz, action.slope_db_per_oct, at_hz, high_pass=high_pass)
    return np.zeros(at_hz.size)


def filters_db(tracks: Sequence[Track], suggestions: Iterable[Suggestion]) -> Floats:
    """Return the sum of the filters on each track, (n, bands), those on the master on all."""
    places = {track.id: place for place, track in enumerate(tracks)}
    curves = np.zeros((len(tracks), band_centres_hz().size))
    for suggestion in suggestions:
        response = response_db(suggestion.action)
        if suggestion.track == MASTER:
            curves += response
        elif suggestion.track in places:
            curves[places[suggestion.track]] += response
    return curves


def setting_of(tracks: Sequence[Track], suggestions: Iterable[Suggestion] = ()) -> Setting:
    """Return the setting of tracks at their present faders and pans with these suggestions; of two for one fader the later counts."""
    spoken = list(suggestions)
    gain = {track.id: track.fader_db for track in tracks}
    pan = {track.id: track.pan for track in tracks}
    for suggestion in spoken:
        if isinstance(suggestion.action, Gain):
            gain[suggestion.track] = suggestion.action.fader_db
        if isinstance(suggestion.action, Pan):
            pan[suggestion.track] = suggestion.action.pan
    faders = np.array([gain[track.id] for track in tracks])
    return Setting(
        curve_db=filters_db(tracks, spoken) + faders[:, None],
        pan=np.array([pan[track.id] for track in tracks]),
    )
