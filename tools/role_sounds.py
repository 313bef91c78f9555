"""Sounds to learn roles from that need no material of others, or only speech: synthesizers, effects, voices; and what patterns and rooms are made of.

Used by `tools/role_material.py`. Mono samples at `RATE`; everything is seeded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import soundfile
from scipy.signal import butter, fftconvolve, sosfilt

from ama_analysis.audio import Audio, resampled

RATE, LENGTH_S = 44_100, 12.0
FRAMES = int(RATE * LENGTH_S)
Samples: TypeAlias = np.ndarray[Any, Any]
Stem: TypeAlias = tuple[str, str, Samples]
"""Name, role, mono samples."""


def read(path: Path, start_s: float = 0.0, length_s: float | None = None) -> Samples:
    """Return a file's mean channel at `RATE`."""
    with soundfile.SoundFile(path) as file:
        rate = file.samplerate
        file.seek(min(int(start_s * rate), file.frames))
        samples = file.read(
            -1 if length_s is None else int(length_s * rate), dtype="float32", always_2d=True
        )
    return np.asarray(
        resampled(Audio(np.ascontiguousarray(samples.mean(axis=1)[None]), rate), RATE).samples[0]
    )


def steps_of(role: str, rng: np.random.Generator) -> list[tuple[float, float]]:
    """Return the hits (seconds, velocity 0..1) of a pattern of two bars that goes on for `LENGTH_S`."""
    step_s = 15.0 / rng.uniform(75, 160)
    likely = {
        "kick": [0.95, 0.05, 0.1, 0.15, 0.3, 0.02, 0.25, 0.1, 0.7, 0.05, 0.3, 0.05, 0.3, 0.02, 0.2, 0.05],
        "snare": [0.02, 0.03, 0.02, 0.05, 0.97, 0.03, 0.05, 0.1, 0.03, 0.08, 0.05, 0.03, 0.97, 0.03, 0.08, 0.15],
        "overheads": [0.9, 0.2, 0.9, 0.2] * 4,
        "toms": [0.3, 0.1, 0.2, 0.1] * 4,
    }.get(role, [0.5, 0.25, 0.5, 0.25] * 4)  # fmt: skip
    bars = rng.random((2, 16)) < np.array(likely)
    if not bars.any():
        bars[0, 0] = True
    count = int(LENGTH_S / step_s)
    hits = [k for k in range(count) if bars[(k // 16) % 2, k % 16]]
    return [
        (k * step_s, float(rng.uniform(0.5, 1.0) if k % 4 else rng.uniform(0.8, 1.0))) for k in hits
    ]


def played(hits: Sequence[Samples], role: str, rng: np.random.Generator) -> Samples:
    """Return a pattern on sounds of one instrument."""
    out = np.zeros(FRAMES, np.float32)
    for at_s, velocity in steps_of(role, rng):
        hit, start = hits[int(rng.integers(len(hits)))], int(at_s * RATE)
        part = hit[: FRAMES - start]
        out[start : start + part.size] += velocity**2 * part
    return out


def room(samples: Samples, rng: np.random.Generator, share: float, decay_s: float) -> Samples:
    """Return a sound with a room of decaying noise around it."""
    length = int(2.0 * decay_s * RATE)
    noise = rng.standard_normal(length) * 10.0 ** (-3.0 * np.arange(length) / (decay_s * RATE))
    wet = fftconvolve(samples, noise)[: samples.size]
    return np.asarray(
        samples + share * wet * (np.abs(samples).max() / (np.abs(wet).max() + 1e-9)), np.float32
    )


def filtered(samples: Samples, kind: str, cutoff_hz: float | tuple[float, float]) -> Samples:
    """Return a sound through a Butterworth filter of second order."""
    return np.asarray(
        sosfilt(butter(2, cutoff_hz, kind, fs=RATE, output="sos"), samples), np.float32
    )


def phrase(
    program: int, role: str, rng: np.random.Generator
) -> list[tuple[float, float, int, int]]:
    """Return notes (start_s, end_s, note, velocity) of a phrase in a register that suits the role."""
    low, high = {
        "bass": (28, 50),
        "guitar": (45, 72),
        "strings": (43, 82),
        "brass": (45, 84),
        "percussion": (45, 80),
    }.get(role, (48, 84))
    scale = np.array([0, 2, 4, 5, 7, 9, 11]) + int(rng.integers(12))
    pool = [n for n in range(low, high) if (n - scale[0]) % 12 in set((scale - scale[0]) % 12)]
    beat = 60.0 / rng.uniform(70, 150)
    chords = (
        role in {"keys", "guitar", "acoustic guitar", "strings", "synth"} and rng.random() < 0.5
    )
    now, notes, at = 0.0, [], len(pool) // 2
    while now < LENGTH_S - 0.2:
        length = beat * float(
            rng.choice(
                [0.25, 0.5, 0.5, 1.0, 1.0, 2.0, 4.0]
                if program < 80
                else [0.25, 0.5, 1.0, 2.0, 4.0, 8.0]
            )
        )
        at = int(np.clip(at + rng.integers(-4, 5), 0, len(pool) - 5))
        for k in range(0, 5 if chords else 1, 2):
            notes.append(
                (
                    now,
                    min(now + length * rng.uniform(0.5, 1.0), LENGTH_S),
                    pool[at + k],
                    int(rng.integers(60, 120)),
                )
            )
        now += length * (1.0 if rng.random() < 0.85 else 2.0)
    return notes


def sung(speech: Samples, rng: np.random.Generator, steps: Sequence[int]) -> Samples:
    """Return speech with its pitch held on the notes of a tune, vowels stretched, with vibrato (WORLD: Morise et al., IEICE 2016)."""
    import pyworld  # type: ignore[import-not-found]  # pip install pyworld

    rate = 22_050
    x = np.ascontiguousarray(
        resampled(Audio(speech[None], RATE), rate).samples[0], dtype=np.float64
    )
    f0, times = pyworld.dio(x, rate, frame_period=5.0)
    f0 = pyworld.stonemask(x, f0, times, rate)
    envelope, noise = pyworld.cheaptrick(x, f0, times, rate), pyworld.d4c(x, f0, times, rate)
    stretch = np.repeat(np.arange(f0.size), np.where(f0 > 0, rng.integers(2, 4), 1))[
        : int(LENGTH_S / 0.005)
    ]
    f0, envelope, noise = f0[stretch], envelope[stretch], noise[stretch]
    if not (f0 > 0).any():
        return speech
    centre = 12.0 * np.log2(np.median(f0[f0 > 0]) / 440.0) + rng.uniform(0, 7)
    hold = int(rng.integers(40, 160))
    tune = np.array([steps[(k // hold) % len(steps)] for k in range(f0.size)], float)
    tune = np.convolve(np.pad(tune, 6, "edge"), np.ones(13) / 13, "valid")
    vibrato = rng.uniform(0.1, 0.5) * np.sin(
        2 * np.pi * rng.uniform(4.5, 6.5) * 0.005 * np.arange(f0.size)
    )
    new = np.where(f0 > 0, 440.0 * 2.0 ** ((np.round(centre) + tune + vibrato) / 12.0), 0.0)
    out = pyworld.synthesize(
        new, np.ascontiguousarray(envelope), np.ascontiguousarray(noise), rate, 5.0
    )
    return np.asarray(resampled(Audio(np.asarray(out, np.float32)[None], rate), RATE).samples[0])


def voice_stems(folders: Sequence[Path], count: int) -> Iterator[Stem]:
    """Yield voices: spoken, sung, and sung in parts."""
    rng = np.random.default_rng(11)
    groups = [
        sorted(one for suffix in ("ogg", "wav") for one in each.rglob(f"*.{suffix}"))
        for each in folders
    ]
    by_place: dict[tuple[Path, str], list[Path]] = {}
    for path in (p for group in groups for p in group):
        speaker = "-".join(path.stem.split("-")[:2])
        by_place.setdefault((path.parent, speaker), []).append(path)
    places = sorted(by_place)
    for k in range(count):
        files = by_place[places[int(rng.integers(len(places)))]]
        pieces, length = [], 0
        while length < FRAMES:
            piece = read(files[int(rng.integers(len(files)))])
            piece = piece / (np.abs(piece).max() + 1e-9)
            pieces.append(np.pad(piece, (0, int(rng.uniform(0.0, 0.4) * RATE))))
            length += pieces[-1].size
        speech = np.concatenate(pieces)[:FRAMES].astype(np.float32)
        steps = [int(s) for s in rng.choice([0, 2, 4, 5, 7, 9, -3, -5], size=6)]
        way, role = k % 3, "lead vocal"
        if way == 1:
            speech = sung(speech, rng, steps)
        elif way == 2:
            seeds = int(rng.integers(1 << 30))
            voices = [
                sung(speech, np.random.default_rng(seeds), [s + up for s in steps])
                for up in (0, 4, 7)[: int(rng.integers(2, 4))]
            ]
            shortest, role = min(v.size for v in voices), "backing vocal"
            delays = [np.roll(v[:shortest], int(rng.integers(0, 1500))) for v in voices]
            speech = np.sum(delays, axis=0, dtype=np.float32)
        speech = filtered(speech, "high", rng.uniform(70, 160))
        speech = np.sign(speech) * np.abs(speech) ** np.float32(rng.uniform(0.7, 1.0))
        if rng.random() < 0.7:
            speech = room(speech, rng, rng.uniform(0.03, 0.4), rng.uniform(0.4, 2.5))
        yield f"voice {k}", role, speech


def synth(rng: np.random.Generator, *, low: int, high: int) -> Samples:
    """Return a line, an arpeggio or chords of a subtractive or FM synthesizer."""
    out = np.zeros(FRAMES, np.float32)
    step = 15.0 / rng.uniform(80, 150) * float(rng.choice([1, 1, 2, 4, 16]))
    kind, detune = (
        rng.choice(["saw", "square", "fm", "sine", "triangle"], p=[0.4, 0.2, 0.15, 0.1, 0.15]),
        rng.uniform(0, 0.25),
    )
    cutoff, swing, attack = (
        rng.uniform(1.0, 5.0),
        rng.uniform(0, 3),
        min(step / 3, 10 ** rng.uniform(-3, 0)),
    )
    decay = step * 10 ** rng.uniform(-0.7, 1.0)
    chord = [0, 3, 7, 12] if rng.random() < 0.4 and low > 45 else [0]
    notes = rng.integers(low, high, size=int(rng.choice([1, 3, 4, 8])))
    for k in range(int(LENGTH_S / step)):
        if rng.random() < 0.15:
            continue
        start, t = int(k * step * RATE), np.arange(int(min(step * 1.5, LENGTH_S) * RATE)) / RATE
        envelope = (
            np.minimum(t / attack, 1.0)
            * np.exp(-np.maximum(t - attack, 0) / decay)
            * np.clip((1.5 * step - t) / (0.3 * step), 0, 1)
        )
        tone = np.zeros(t.size)
        for up in chord:
            for side in (-detune, detune) if detune > 0.03 else (0.0,):
                f = 440.0 * 2.0 ** ((notes[k % notes.size] + up + side - 69) / 12.0)
                if kind == "fm":
                    tone += np.sin(
                        2 * np.pi * f * t
                        + swing * envelope * np.sin(2 * np.pi * f * cutoff // 1 * t)
                    )
                    continue
                for n in range(1, max(2, min(40, int(15_000 / f)))):
                    weight = {
                        "saw": 1 / n,
                        "square": (n % 2) / n,
                        "sine": float(n == 1),
                        "triangle": (n % 2) / n**2,
                    }[str(kind)]
                    if weight:
                        edge = cutoff + swing * np.exp(-t / (0.3 * decay + 0.02))
                        tone += (
                            weight
                            * np.sin(2 * np.pi * f * n * t + n * side)
                            / np.sqrt(1 + (n / (1.0 + edge**2)) ** 4)
                        )
        part = (envelope * tone)[: FRAMES - start]
        out[start : start + part.size] += part
    return out


def synth_stems(count: int) -> Iterator[Stem]:
    """Yield synthesizers and synth basses."""
    for k in range(count):
        rng = np.random.default_rng(7000 + k)
        bass = k % 3 == 0
        sound = synth(rng, low=28, high=46) if bass else synth(rng, low=50, high=84)
        if rng.random() < 0.3:
            sound = np.tanh(float(rng.uniform(1, 6)) * sound / np.abs(sound).max(initial=1e-9))
        if not bass and rng.random() < 0.6:
            sound = room(sound, rng, rng.uniform(0.05, 0.5), rng.uniform(0.5, 3.0))
        yield f"{'synth bass' if bass else 'synth'} {k}", "bass" if bass else "synth", sound


def effect_stems(count: int, material: Sequence[Path]) -> Iterator[Stem]:
    """Yield risers, sweeps, impacts and frozen, granular textures."""
    for k in range(count):
        rng = np.random.default_rng(9000 + k)
        t = np.linspace(0, 1, FRAMES)
        if k % 4 == 0:
            cycles = float(rng.choice([1, 1, 2, 3]))
            ramp = (t * cycles) % 1.0
            noise, out = rng.standard_normal(FRAMES), np.zeros(FRAMES)
            for low in 2.0 ** np.arange(7, 14):
                close = np.exp(-((np.log2(low) - 7 - 6 * ramp) ** 2) / rng.uniform(0.5, 3))
                out += close * filtered(noise, "band", (low * 0.8, low * 1.25))
            sound = out * ramp ** rng.uniform(0.5, 2)
        elif k % 4 == 1:
            sweep = (
                2
                * np.pi
                * np.cumsum(60 * 2.0 ** (rng.uniform(2, 6) * (t * rng.choice([1, 2])) % 6))
                / RATE
            )
            sound = room(np.sin(sweep) + 0.2 * np.sign(np.sin(1.01 * sweep)), rng, 0.5, 2.0) * (
                t + 0.1
            )
        elif k % 4 == 2 and not material:
            continue
        else:
            source = (
                read(material[int(rng.integers(len(material)))], 0.0, LENGTH_S)
                if material
                else rng.standard_normal(RATE)
            )
            sound = np.zeros(FRAMES)
            for _ in range(int(rng.integers(20, 200))):
                size = int(10 ** rng.uniform(-1.5, -0.1) * RATE)
                start, at = (
                    int(rng.integers(max(source.size - 2 * size, 1))),
                    int(rng.integers(FRAMES - size)),
                )
                index = start + (
                    np.arange(size) * 2.0 ** float(rng.choice([-1, 0, 0, 1, 1.583]))
                ).astype(int)
                grain = source[index.clip(0, source.size - 1)][
                    :: int(rng.choice([1, -1]))
                ] * np.hanning(size)
                sound[at : at + size] += grain
            sound = room(sound, rng, rng.uniform(0.3, 1.0), rng.uniform(1.0, 5.0))
        yield f"effect {k}", "fx", np.asarray(sound, np.float32)
