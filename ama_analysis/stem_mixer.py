"""Mixing stems from Python, in a few lines.

    from ama_analysis import StemMixer

    mixer = StemMixer()
    mixed = mixer.mix_stems({"drums": "drums.wav", "vocals": "vocals.wav"}, auto_gain=True, gains={"vocals": 1.0})
    mixer.save_audio(mixed, "mix.wav")

The stems are padded at the end to the longest, brought to one rate, filtered (Butterworth, 4th order), set to their gains and pans (a
linear balance, see `render.strip`) and summed. The sum does not clip: it is turned down where its true peak would lie above -0.1 dBTP,
and left alone where it does not. With `normalize` its true peak is brought to -1 dBTP, up or down.

    mixer.mix_stems(stems, auto_gain="reference", references=["song.flac@1:02-1:34"])    # faders and pans that come near to a finished track
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeAlias

from ama_analysis.advise.auto_gain import AutoGain, Balancing, References
from ama_analysis.advise.listening import Reported
from ama_analysis.advise.sessions import stems_of
from ama_analysis.audio import Audio, Sound, in_memory, open_audio, resampled, write_audio
from ama_analysis.cache import NO_CACHE, Cache
from ama_analysis.errors import OptionError, SessionError
from ama_analysis.measure import TruePeakMeter
from ama_analysis.plan import Action, HighPass, LowPass, Suggestion
from ama_analysis.progress import OnProgress, part_of, silent
from ama_analysis.rates import RATES, is_rate
from ama_analysis.render import Mixdown, Scaled
from ama_analysis.roles import title_of
from ama_analysis.session import Session, Track, track_of

Stem: TypeAlias = str | Path | Audio
Stems: TypeAlias = Mapping[str, Stem] | Session
"""Stems by name; or a session, whose faders, pans, roles and mutes then count."""
ByName: TypeAlias = Mapping[str, float]

CEILING_DBTP: Final = -0.1
"""A mix is turned down where its true peak lies above: a hair below full scale, so that a mix which does not clip stays as it is."""
NORMALIZED_DBTP: Final = -1.0
"""Where `normalize` brings the true peak (AES TD1008 and the streaming services ask for -1 dBTP)."""
FILTER_SLOPE_DB_PER_OCT: Final = 24
"""A Butterworth filter of 4th order."""
_GAIN_DB: Final = (-150.0, 60.0)
_HIGH_PASS_HZ: Final = (10.0, 20_000.0)
_LOW_PASS_HZ: Final = (20.0, 40_000.0)
_TOP_OF_RATE: Final = 0.49
"""Cutoffs lie below this share of the sample rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stems:
    """Stems that were looked into: a session, and what gives each track's sound."""

    session: Session
    sounds: Mapping[str, Sound]

    def sound_of(self, track: Track) -> Sound:
        return self.sounds[track.id]


class StemMixer:
    """Mixes stems; `sample_rate_hz` is the mix's rate, unless given the one that most stems have.

    `gain_weights` is a file of the gain predictor's weights in place of those that ship. What `cache` has of files of the same content is not measured again.
    """

    def __init__(
        self,
        sample_rate_hz: int | None = None,
        *,
        gain_weights: Path | None = None,
        cache: Cache = NO_CACHE,
    ) -> None:
        """Take the rate and the weights; `OptionError` for a rate that AMA does not work at."""
        if sample_rate_hz is not None and not is_rate(sample_rate_hz):
            message = f"sample_rate_hz is {sample_rate_hz!r}."
            raise OptionError(message, hint=RATES)
        self.sample_rate_hz = sample_rate_hz
        self.gain_weights = gain_weights
        self.cache = cache

    def mix_stems(
        self,
        stems: Stems,
        *,
        auto_gain: AutoGain = False,
        references: References = (),
        gains: ByName | None = None,
        pans: ByName | None = None,
        high_pass_cutoffs: ByName | None = None,
        low_pass_cutoffs: ByName | None = None,
        normalize: bool = False,
        on_progress: OnProgress = silent,
    ) -> Audio:
        """Return the mix, stereo, in memory.

        `stems` are files or `Audio` by name, or a session, which is mixed as it stands; the other mappings go by the same names (a session's track ids): `gains` in dB
        on top of the session's faders or the automatic ones, `pans` from -1 (left) to +1 (right), cutoffs in Hz. `auto_gain` is True or "rules" to balance the stems by AMA's rules, "cnn" for
        the gain predictor, "reference" for the faders and pans that come nearest to `references` (files, sections of them as `parse_reference`
        reads them, folders). Raises
        `AudioFileError` for a file, `SessionError` for no stems (AMA-201) or a name that is not among them (AMA-203), `OptionError` for
        a value out of range.
        """
        mix = self._mix(
            stems,
            auto_gain=auto_gain,
            references=references,
            gains=gains or {},
            pans=pans or {},
            high_pass_cutoffs=high_pass_cutoffs or {},
            low_pass_cutoffs=low_pass_cutoffs or {},
            on_progress=part_of(on_progress, 0.0, 0.5),
        )
        audio = in_memory(mix)
        share = part_of(on_progress, 0.5, 1.0)
        return in_memory(Scaled(audio, _trim_db(audio, normalize=normalize, on_progress=share)))

    def mixdown(
        self,
        stems: Stems,
        *,
        auto_gain: AutoGain = False,
        references: References = (),
        gains: ByName | None = None,
        pans: ByName | None = None,
        high_pass_cutoffs: ByName | None = None,
        low_pass_cutoffs: ByName | None = None,
        normalize: bool = False,
        on_progress: OnProgress = silent,
    ) -> Mixdown:
        """Return the same mix as a sound that is rendered when it is walked, so that a long one need not fit into memory.

        It is rendered once now, to know its true peak. Arguments and errors are those of `mix_stems`. What was left out of a mix near to
        references, and what was heard of them, stands in the warnings of its session.
        """
        mix = self._mix(
            stems,
            auto_gain=auto_gain,
            references=references,
            gains=gains or {},
            pans=pans or {},
            high_pass_cutoffs=high_pass_cutoffs or {},
            low_pass_cutoffs=low_pass_cutoffs or {},
            on_progress=part_of(on_progress, 0.0, 0.5),
        )
        share = part_of(on_progress, 0.5, 1.0)
        return mix.with_trim(_trim_db(mix, normalize=normalize, on_progress=share))

    def save_audio(self, audio: Sound, path: str | Path) -> None:
        """Write a mix; the path's ending tells the format (.wav, .flac, .aiff: 24 bit; .ogg). `AudioFileError` (AMA-107) for a name that cannot be, `DeliveryError` (AMA-701) if it fails."""
        write_audio(Path(path), audio)

    def _mix(
        self,
        stems: Stems,
        *,
        auto_gain: AutoGain,
        references: References,
        gains: ByName,
        pans: ByName,
        high_pass_cutoffs: ByName,
        low_pass_cutoffs: ByName,
        on_progress: OnProgress,
    ) -> Mixdown:
        given = self._opened(stems)
        balancing = Balancing.wanted(
            auto_gain, references, weights=self.gain_weights, cache=self.cache
        )
        _check_levels(given.session, gains, pans)
        filters = _filters(given.session, high_pass_cutoffs, low_pass_cutoffs)
        balanced = balancing.balanced(given.session, given.sound_of, on_progress)
        session = _with_levels(balanced, gains, pans)
        return Mixdown(session=session, suggestions=filters, sound_of=given.sound_of)

    def _opened(self, stems: Stems) -> _Stems:
        if isinstance(stems, Session):
            rate = self.sample_rate_hz or stems.sample_rate_hz
            session = replace(stems, sample_rate_hz=rate)
            sound_of = stems_of(session)
            return _Stems(session=session, sounds={t.id: sound_of(t) for t in session.tracks})
        if not stems:
            message = "There are no stems to mix."
            raise SessionError(message, hint="Name at least one.")
        found = {
            name: stem if isinstance(stem, Audio) else open_audio(Path(stem))
            for name, stem in stems.items()
        }
        rate = self.sample_rate_hz or _common_rate(found.values())
        sounds: dict[str, Sound] = {
            name: resampled(sound, rate)
            if isinstance(sound, Audio)
            else replace(sound, sample_rate_hz=rate)
            for name, sound in found.items()
        }
        title = title_of(list(stems))
        tracks = tuple(
            track_of(
                Path(name if isinstance(stem, Audio) else stem),
                track_id=name,
                name=name,
                title=title,
            )
            for name, stem in stems.items()
        )
        longest = max(sound.frames for sound in sounds.values())
        session = Session(
            name="stems", tracks=tracks, sample_rate_hz=rate, duration_s=longest / rate
        )
        return _Stems(session=session, sounds=sounds)


def _common_rate(sounds: Iterable[Sound]) -> int:
    counted = Counter(sound.sample_rate_hz for sound in sounds)
    return max(counted, key=lambda rate: (counted[rate], rate))


def _check_levels(session: Session, gains: ByName, pans: ByName) -> None:
    for name, gain_db in gains.items():
        session.track(name)
        _check(f"The gain of {name!r}", gain_db, *_GAIN_DB, "dB")
    for name, pan in pans.items():
        session.track(name)
        _check(f"The pan of {name!r}", pan, -1.0, 1.0, "(left to right)")


def _with_levels(session: Session, gains: ByName, pans: ByName) -> Session:
    tracks = []
    for track in session.tracks:
        fader_db = min(max(track.fader_db + gains.get(track.id, 0.0), _GAIN_DB[0]), _GAIN_DB[1])
        tracks.append(replace(track, fader_db=fader_db, pan=float(pans.get(track.id, track.pan))))
    return replace(session, tracks=tuple(tracks))


def _filters(session: Session, high_pass: ByName, low_pass: ByName) -> tuple[Suggestion, ...]:
    top_hz = _TOP_OF_RATE * session.sample_rate_hz
    filters = []
    for kind, cutoffs, (low_hz, high_hz) in (
        (HighPass, high_pass, _HIGH_PASS_HZ),
        (LowPass, low_pass, _LOW_PASS_HZ),
    ):
        for name, cutoff_hz in cutoffs.items():
            session.track(name)
            _check(f"The cutoff of {name!r}", cutoff_hz, low_hz, min(high_hz, top_hz), "Hz")
            action = kind(cutoff_hz=cutoff_hz, slope_db_per_oct=FILTER_SLOPE_DB_PER_OCT)
            filters.append(_by_hand(name, action))
    return tuple(filters)


def _by_hand(name: str, action: Action) -> Suggestion:
    return Suggestion(
        id=f"{action.kind}:{name}",
        track=name,
        action=action,
        because="Set by hand.",
        confidence=1.0,
    )


def _check(what: str, value: float, low: float, high: float, unit: str) -> None:
    if not (math.isfinite(value) and low <= value <= high):
        message = f"{what} is {value!r}."
        raise OptionError(message, hint=f"It must lie between {low:g} and {high:g} {unit}.")


def _trim_db(sound: Sound, *, normalize: bool, on_progress: OnProgress) -> float:
    """Listen to a sum, and return the gain that keeps it from clipping or normalizes it."""
    meter = TruePeakMeter(sample_rate_hz=sound.sample_rate_hz, channels=sound.channels)
    for block in Reported(sound, "mixing", on_progress).blocks():
        meter.add(block)
    peak_dbtp = meter.true_peak_dbtp
    if peak_dbtp is None:
        return 0.0
    if normalize:
        return NORMALIZED_DBTP - peak_dbtp
    return min(0.0, CEILING_DBTP - peak_dbtp)
