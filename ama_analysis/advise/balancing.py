"""The balance of references without the rest of a plan: hearing, then the solver's faders and pans.

The solver thinks of equaliser bands and the bus beside them, though none is set: else faders would bend to the reference's tone, which is not theirs.
"""

from __future__ import annotations

from dataclasses import replace

from ama_analysis.advise.folders import by_song
from ama_analysis.advise.hearing import hearing_of
from ama_analysis.advise.known import told
from ama_analysis.cache import Cache, Contents
from ama_analysis.plan import Gain, Pan
from ama_analysis.progress import OnProgress
from ama_analysis.session import Session
from ama_analysis.suggest import scene_of
from ama_analysis.suggest.match import Matcher


def balanced_by_references(session: Session, *, cache: Cache, on_progress: OnProgress) -> Session:
    """Return the session with the faders and pans that bring its mix nearest to its references.

    What a plan would leave out, since it cannot be read or is a sum of other tracks and would count twice, is muted. The warnings say so, and
    what was heard of the references. Errors as `advise`.
    """
    notes: list[str] = []
    session = replace(session, references=by_song(session.references, notes))
    heard = hearing_of(
        session,
        None,
        matching=True,
        cache=cache,
        contents=Contents(cache),
        on_progress=on_progress,
    )
    before, spectra = heard.beginning.profile, heard.beginning.spectra
    faders: dict[str, float] = {}
    pans: dict[str, float] = {}
    if before is not None and spectra is not None:
        scene = scene_of(heard.session, heard.measured, heard.target)
        matcher = Matcher(scene, spectra, before, heard.known)
        for suggestion in matcher.tracks(()):
            action = suggestion.action
            if isinstance(action, Gain):
                faders[suggestion.track] = action.fader_db
            elif isinstance(action, Pan):
                pans[suggestion.track] = action.pan
    counted = {track.id for track in heard.session.tracks}
    tracks = tuple(
        replace(
            track,
            fader_db=faders.get(track.id, track.fader_db),
            pan=pans.get(track.id, track.pan),
            muted=track.muted or track.id not in counted,
        )
        for track in session.tracks
    )
    notes += [*heard.session.warnings, *heard.target.warnings, *told(heard.session, heard.known)]
    return replace(session, tracks=tracks, warnings=tuple(notes))
