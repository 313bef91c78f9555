"""Made stems that differ in band, image and sound (noise, tones, hits), their mixes, and mixes of other stems in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from ama_analysis.audio import Audio, Block, in_memory
from ama_analysis.bands import Floats
from ama_analysis.cross_spectra import CrossSpectra
from ama_analysis.measure import measure_mix, measure_session, reference_target
from ama_analysis.measurements import MixProfile, SessionMeasurements
from ama_analysis.plan import Suggestion
from ama_analysis.presets import load_target
from ama_analysis.render import Mixdown
from ama_analysis.session import Session, Track
from ama_analysis.target import Target
from tests.side_by_side import heard_together

RATE_HZ = 44_100
DURATION_S = 6.0


@dataclass(frozen=True, kw_only=True)
class Made:
    """A session in memory."""

    tracks: tuple[Track, ...]
    stems: Mapping[str, Audio]

    @property
    def session(self) -> Session:
        """The session of these tracks."""
        longest = max(stem.duration_s for stem in self.stems.values())
        rate_hz = next(iter(self.stems.values())).sample_rate_hz
        return Session(name="made", tracks=self.tracks, sample_rate_hz=rate_hz, duration_s=longest)

    @cached_property
    def spectra(self) -> CrossSpectra:
        """The products of the tracks."""
        heard = [track for track in self.tracks if not track.muted]
        return heard_together(self.session, self.sound_of, heard)

    @cached_property
    def measured(self) -> SessionMeasurements:
        """The measurements of the tracks."""
        return measure_session(self.session, self.sound_of)

    @cached_property
    def before(self) -> MixProfile:
        """The profile of the mix as it stands."""
        return self.profile()

    @property
    def faders_db(self) -> Floats:
        """Where the faders stand."""
        return np.array([track.fader_db for track in self.tracks])

    @property
    def pans(self) -> Floats:
        """Where the pans stand."""
        return np.array([track.pan for track in self.tracks])

    def sound_of(self, track: Track) -> Audio:
        """Return a stem."""
        return self.stems[track.id]

    def at(self, faders_db: Sequence[float] | Floats, pans: Sequence[float] | Floats) -> Made:
        """Return the same stems at other faders and pans."""
        moved = tuple(
            replace(track, fader_db=float(fader), pan=float(pan))
            for track, fader, pan in zip(self.tracks, faders_db, pans, strict=True)
        )
        return Made(tracks=moved, stems=self.stems)

    def mix(self, *suggestions: Suggestion) -> Audio:
        """Return the rendered mix."""
        return in_memory(
            Mixdown(session=self.session, suggestions=suggestions, sound_of=self.sound_of)
        )

    def profile(self, *suggestions: Suggestion) -> MixProfile:
        """Return the profile of the rendered mix."""
        profile = measure_mix(self.mix(*suggestions))
        assert profile is not None
        return profile


def target_of(*profiles: MixProfile) -> Target:
    """Return the target that references with these profiles make."""
    named = [(f"reference {place}", profile) for place, profile in enumerate(profiles, start=1)]
    return reference_target(named, load_target("neutral"))


def band_noise(seed: int, low_hz: float, high_hz: float, *, channels: int) -> Block:
    """Return noise between two frequencies at -20 dBFS, falling by 3 dB an octave."""
    frames = round(DURATION_S * RATE_HZ)
    white = np.random.default_rng(seed).standard_normal((channels, frames))
    at_hz = np.fft.rfftfreq(frames, 1.0 / RATE_HZ)
    shape = np.where((at_hz >= low_hz) & (at_hz <= high_hz), 1.0 / np.sqrt(at_hz + 1.0), 0.0)
    samples = np.fft.irfft(np.fft.rfft(white) * shape, frames)
    return np.asarray(0.1 * samples / np.sqrt(np.mean(samples**2)), dtype=np.float32)


def tones(freqs_hz: Sequence[float], *, seed: int, every_s: float) -> Block:
    """Return a stereo sum of tones that start together again and again and fade, their phases another on each side."""
    t = np.arange(round(DURATION_S * RATE_HZ)) / RATE_HZ
    fading = np.exp(-2.0 * (t % every_s))
    phases = np.random.default_rng(seed).uniform(0.0, 2.0 * np.pi, (2, len(freqs_hz)))
    both = [
        sum(np.sin(2.0 * np.pi * f * t + p) for f, p in zip(freqs_hz, side, strict=True))
        for side in phases
    ]
    samples = fading * np.array(both)
    return np.asarray(0.1 * samples / np.sqrt(np.mean(samples**2)), dtype=np.float32)


def hits(samples: Block, *, every_s: float, decay_s: float) -> Block:
    """Return a sound that is struck again and again."""
    t = np.arange(samples.shape[1]) / RATE_HZ
    struck = samples * np.exp(-(t % every_s) / decay_s)
    return np.asarray(0.1 * struck / np.sqrt(np.mean(struck**2)), dtype=np.float32)


def made_stems() -> dict[str, Audio]:
    """Return six stems: mono and stereo, steady and struck, noisy and tonal."""
    made = {
        "kick": hits(band_noise(1, 40.0, 120.0, channels=1), every_s=0.5, decay_s=0.12),
        "bass": tones([55.0, 110.0, 165.0, 220.0], seed=2, every_s=0.75)[:1],
        "keys": tones([262.0, 330.0, 392.0, 524.0, 660.0, 784.0], seed=3, every_s=1.5),
        "vocals": band_noise(4, 700.0, 3000.0, channels=1),
        "pad": band_noise(5, 250.0, 5000.0, channels=2),
        "hats": hits(band_noise(6, 6000.0, 16_000.0, channels=2), every_s=0.25, decay_s=0.04),
    }
    return {name: Audio(samples, RATE_HZ) for name, samples in made.items()}


def made_session(stems: Mapping[str, Audio] | None = None) -> Made:
    """Return a session of stems (the six made ones) with faders at 0 dB and pans in the middle; no track has a role."""
    stems = stems or made_stems()
    tracks = tuple(Track(id=name, name=name, path=Path(f"{name}.wav")) for name in stems)
    return Made(tracks=tracks, stems=stems)
