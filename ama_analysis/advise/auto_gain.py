"""The faders, and with references the pans, that AMA sets before somebody mixes by hand: by the rules, the gain predictor, or near to finished tracks."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeAlias

from ama_analysis.audio import Audio, Sound, write_audio
from ama_analysis.cache import Cache, Contents
from ama_analysis.errors import OptionError
from ama_analysis.measure import measure_session
from ama_analysis.measurements import SessionMeasurements
from ama_analysis.plan import Gain
from ama_analysis.presets import load_target
from ama_analysis.progress import OnProgress
from ama_analysis.reference import Reference, parse_reference
from ama_analysis.session import Session, Track
from ama_analysis.suggest import scene_of, suggest_tracks
from ama_analysis.target import Target

AutoGain: TypeAlias = bool | str | None
References: TypeAlias = Sequence[str | Path | Reference]
SoundOf: TypeAlias = Callable[[Track], Sound]

_AUTO_GAINS: Final = (False, None, True, "rules", "cnn", "reference")


@dataclass(frozen=True, slots=True, kw_only=True)
class Balancing:
    """Who sets the faders, nobody included; `weights` is a file of the gain predictor's weights in place of those that ship, `cache` what keeps measurements."""

    auto_gain: AutoGain
    references: tuple[Reference, ...]
    weights: Path | None
    cache: Cache

    @classmethod
    def wanted(
        cls, auto_gain: AutoGain, references: References, *, weights: Path | None, cache: Cache
    ) -> Balancing:
        """Take what was asked for; `OptionError` for a word that is no way to balance, and where references and way do not go together."""
        if auto_gain not in _AUTO_GAINS:
            message = f"auto_gain is {auto_gain!r}."
            raise OptionError(message, hint='It can be False, True, "rules", "cnn" or "reference".')
        if auto_gain == "reference" and not references:
            message = "There is no reference to which the mix could come near."
            raise OptionError(message, hint="Name a finished track (references, --reference FILE).")
        if references and auto_gain != "reference":
            message = "A reference is given, but no balance that comes near to it is asked for."
            raise OptionError(
                message, hint='It goes with auto_gain="reference" (--auto-gain reference).'
            )
        parsed = tuple(
            one if isinstance(one, Reference) else parse_reference(str(one)) for one in references
        )
        return cls(auto_gain=auto_gain, references=parsed, weights=weights, cache=cache)

    def balanced(self, session: Session, sound_of: SoundOf, on_progress: OnProgress) -> Session:
        """Return the session with the faders, and where there are references the pans, that are asked for."""
        if self.auto_gain in (False, None):
            return session
        if self.auto_gain == "reference":
            return _matched(session, sound_of, self.references, self.cache, on_progress)
        contents = Contents(self.cache)

        def content_of(track: Track) -> str | None:
            return None if isinstance(sound_of(track), Audio) else contents(track.path)

        measured = measure_session(
            session, sound_of, cache=self.cache, content_of=content_of, on_progress=on_progress
        )
        target = load_target("neutral")
        if self.auto_gain == "cnn":
            faders = _learned_faders(session, sound_of, measured, target, self.weights)
        else:
            suggested = suggest_tracks(session, measured, target)
            faders = {s.track: s.action.fader_db for s in suggested if isinstance(s.action, Gain)}
        tracks = tuple(
            replace(track, fader_db=faders.get(track.id, track.fader_db))
            for track in session.tracks
        )
        return replace(session, tracks=tracks)


def _matched(
    session: Session,
    sound_of: SoundOf,
    references: tuple[Reference, ...],
    cache: Cache,
    on_progress: OnProgress,
) -> Session:
    """Return the session as it comes nearest to the references."""
    from ama_analysis.advise.balancing import balanced_by_references

    with _as_files(session, sound_of) as tracks:
        session = replace(session, tracks=tracks, references=references)
        return balanced_by_references(session, cache=cache, on_progress=on_progress)


@contextmanager
def _as_files(session: Session, sound_of: SoundOf) -> Iterator[tuple[Track, ...]]:
    """Yield the tracks with a file each for as long as other processes are to hear them: those in memory are written to a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="ama-") as folder:
        tracks = []
        for at, track in enumerate(session.tracks):
            sound, path = sound_of(track), track.path
            if isinstance(sound, Audio):
                path = Path(folder) / f"{at}.wav"
                write_audio(path, sound, subtype="FLOAT")
            tracks.append(replace(track, path=path))
        yield tuple(tracks)


def _learned_faders(
    session: Session,
    sound_of: SoundOf,
    measured: SessionMeasurements,
    target: Target,
    weights: Path | None,
) -> dict[str, float]:
    """Return where the gain predictor puts the faders; who does not ask for it does not import it."""
    from ama_analysis.advise.learned import predictions_for
    from ama_analysis.models.gain_suggest import learned_faders

    said = predictions_for(session, measured, sound_of=sound_of, weights=weights)
    voices = scene_of(session, measured, target).voices
    learned = learned_faders(voices, said, pans=False)
    return {one.voice.track.id: one.fader_db for one in learned}
