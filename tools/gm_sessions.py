"""Sessions for training from General MIDI songs: `python tools/gm_sessions.py MIDI_FOLDER SOUNDFONT OUT`.

Needs `mido` (pip) and `fluidsynth` (Debian). Each song is cut at its fullest stretch, taken apart into parts (a channel with one program; the drum
channel into kick, snare, toms, cymbals and percussion), and each part is rendered alone, without reverb, with the author's volumes and velocities
and in the middle. session.json has gain_db 0 and the author's pan, so the stems' sum is the author's balance. The pan is turned into AMA's
linear balance: FluidSynth pans with constant power, so gain_db also gets what the louder side gains by it.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import mido
import numpy as np
import soundfile

EXCERPT_S, RATE_HZ = 20.0, 44_100
LEAST_NOTES, LEAST_PARTS, LEAST_PEAK = 3, 3, 1e-3
FAMILIES = (
    ("piano", "keys"), ("chromatic percussion", "percussion"), ("organ", "keys"), ("guitar", "guitar"),
    ("bass", "bass"), ("strings", "strings"), ("ensemble", "strings"), ("brass", "brass"),
    ("reed", "brass"), ("pipe", "brass"), ("synth lead", "synth"), ("synth pad", "synth"),
    ("synth effects", "fx"), ("ethnic", "guitar"), ("percussive", "percussion"), ("sound effects", "fx"),
)  # fmt: skip
ACOUSTIC_GUITARS, VOICES = {24, 25}, {52, 53, 54}
DRUMS = {
    "kick": {35, 36},
    "snare": {37, 38, 39, 40},
    "toms": {41, 43, 45, 47, 48, 50},
    "overheads": {42, 44, 46, 49, 51, 52, 53, 55, 57, 59},
}


@dataclass
class Part:
    """Notes of one instrument: (start_s, end_s, note, velocity), and the channel's controllers over time."""

    name: str
    role: str
    channel: int
    program: int
    notes: list[tuple[float, float, int, int]] = field(default_factory=list)


def role_of(program: int) -> str:
    """Return the role of a General MIDI program, 0 to 127."""
    if program in ACOUSTIC_GUITARS:
        return "acoustic guitar"
    if program in VOICES:
        return "backing vocal"
    return FAMILIES[program // 8][1]


def read_song(path: Path) -> tuple[dict[tuple[int, int | str], Part], dict[int, list[Any]]]:
    """Return a song's parts and, by channel, its controllers as (time_s, message)."""
    parts: dict[tuple[int, int | str], Part] = {}
    controllers: dict[int, list[Any]] = defaultdict(list)
    program = [0] * 16
    sounding: dict[tuple[int, int], tuple[float, int, tuple[int, int | str]]] = {}
    now = 0.0
    for message in mido.MidiFile(path, clip=True):
        now += message.time
        if message.type == "program_change":
            program[message.channel] = message.program
        elif message.type in {"control_change", "pitchwheel"}:
            controllers[message.channel].append((now, message))
        elif message.type in {"note_on", "note_off"}:
            end_note(message, now, sounding, parts)
            if message.type == "note_on" and message.velocity:
                start_note(message, now, program, sounding, parts)
    return parts, controllers


def end_note(
    message: mido.Message, now: float, sounding: dict[Any, Any], parts: dict[Any, Part]
) -> None:
    """End the note of a message, if it sounds."""
    found = sounding.pop((message.channel, message.note), None)
    if found is not None:
        start, velocity, key = found
        parts[key].notes.append((start, max(now, start + 0.02), message.note, velocity))


def start_note(
    message: mido.Message,
    now: float,
    program: list[int],
    sounding: dict[Any, Any],
    parts: dict[Any, Part],
) -> None:
    """Begin a note in the part that it belongs to."""
    channel, number = message.channel, program[message.channel]
    if channel == 9:
        role = next((r for r, notes in DRUMS.items() if message.note in notes), "percussion")
        key: tuple[int, int | str] = (9, role)
        name = role
    else:
        role, key, name = (
            role_of(number),
            (channel, number),
            f"ch{channel + 1} program {number + 1}",
        )
    parts.setdefault(key, Part(name=name, role=role, channel=channel, program=number))
    sounding[(channel, message.note)] = (now, message.velocity, key)


def fullest(parts: list[Part], length_s: float) -> float:
    """Return where an excerpt begins in which most parts play, most notes among equals."""
    starts = np.arange(0.0, max(length_s - EXCERPT_S, 0.0) + 1.0, 2.0)
    times = [np.sort([note[0] for note in part.notes]) for part in parts]
    counts = np.array(
        [np.searchsorted(t, starts + EXCERPT_S) - np.searchsorted(t, starts) for t in times]
    )
    score = (counts >= LEAST_NOTES).sum(axis=0) + counts.sum(axis=0) / (1.0 + counts.sum())
    return float(starts[int(score.argmax())])


def part_file(part: Part, controllers: list[Any], start_s: float, path: Path) -> float:
    """Write a part's excerpt as a MIDI file; return the pan that it has on average (-1..+1), which is not written."""
    song = mido.MidiFile(ticks_per_beat=960)
    track = mido.MidiTrack()
    song.tracks.append(track)
    channel = 9 if part.channel == 9 else 0
    events: list[tuple[float, int, Any]] = [
        (0.0, 0, mido.Message("program_change", channel=channel, program=part.program))
    ]
    pan = 64
    for time_s, message in controllers:
        if time_s >= start_s + EXCERPT_S:
            break
        if message.type == "control_change" and message.control == 10:
            pan = message.value
        elif message.type != "control_change" or message.control in {
            1,
            6,
            7,
            11,
            38,
            64,
            98,
            99,
            100,
            101,
        }:
            events.append((max(time_s - start_s, 0.0), 1, message.copy(channel=channel, time=0)))
    for on_s, off_s, note, velocity in part.notes:
        if start_s <= on_s < start_s + EXCERPT_S:
            on = mido.Message("note_on", channel=channel, note=note, velocity=velocity)
            off = mido.Message("note_off", channel=channel, note=note)
            events += [(on_s - start_s, 3, on), (min(off_s - start_s, EXCERPT_S), 2, off)]
    last = 0
    for at_s, _, message in sorted(events, key=lambda event: (event[0], event[1])):
        tick = round(at_s * 1920)
        track.append(message.copy(time=tick - last))
        last = tick
    song.save(path)
    return max(-1.0, min(1.0, (pan - 64) / 63))


def render(midi: Path, soundfont: Path, wav: Path) -> np.ndarray[Any, Any]:
    """Return the sound of a MIDI file, (channels, frames)."""
    subprocess.run(  # noqa: S603  # a fixed command on our own files
        ["fluidsynth", "-ni", "-q", "-R", "0", "-C", "0", "-g", "0.4", "-r", str(RATE_HZ),  # noqa: S607
         "-T", "wav", "-O", "float", "-F", str(wav), str(soundfont), str(midi)],
        check=True, capture_output=True,
    )  # fmt: skip
    samples, _ = soundfile.read(wav, dtype="float32", always_2d=True)
    return samples.T[:, : round(EXCERPT_S * RATE_HZ)]


def balance_of(pan: float) -> tuple[float, float]:
    """Return gain_db and linear pan of a constant-power pan, against its middle."""
    angle = (pan + 1.0) * math.pi / 4.0
    left, right = math.cos(angle), math.sin(angle)
    largest = max(left, right)
    return 20.0 * math.log10(largest * math.sqrt(2.0)), (right - left) / largest


def make_session(path: Path, soundfont: Path, out: Path, style: str) -> int:
    """Write the session of one song; return how many stems it has (0: nothing was written)."""
    everything, controllers = read_song(path)
    parts = [part for part in everything.values() if part.notes]
    if len(parts) < LEAST_PARTS:
        return 0
    start_s = fullest(parts, max(note[1] for part in parts for note in part.notes))
    rows = []
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for index, part in enumerate(parts):
            inside = [n for n in part.notes if start_s <= n[0] < start_s + EXCERPT_S]
            if len(inside) < LEAST_NOTES:
                continue
            midi = Path(folder) / "part.mid"
            pan = part_file(part, controllers[part.channel], start_s, midi)
            samples = render(midi, soundfont, Path(folder) / "part.wav")
            if samples.size == 0 or np.abs(samples).max() < LEAST_PEAK:
                continue
            gain_db, balance = balance_of(pan)
            file = f"{index:02d}_{part.role.replace(' ', '_')}.flac"
            peak = float(np.abs(samples).max())
            soundfile.write(out / file, samples.T * (0.7 / peak), RATE_HZ, subtype="PCM_16")
            gain_db += 20.0 * math.log10(peak / 0.7)
            rows.append(
                {"file": file, "name": part.name, "role": part.role, "gain_db": round(gain_db, 3),
                 "pan": round(balance, 3), "program": part.program}
            )  # fmt: skip
    document = {
        "name": out.name,
        "style": style,
        "source": path.name,
        "tracks": rows,
        "mix": {"file": None},
    }
    if len(rows) >= LEAST_PARTS:
        (out / "session.json").write_text(json.dumps(document, indent=1), encoding="utf-8")
    return len(rows)


def main(midi: Path, soundfont: Path, out: Path) -> None:
    """Make a session of every MIDI file below a folder; the folder of a file names its style."""
    for path in sorted(p for p in midi.rglob("*") if p.suffix.lower() in {".mid", ".midi"}):
        name = f"{path.parent.name}_{path.stem}".replace(" ", "_").lower()
        if (out / name / "session.json").exists():
            continue
        try:
            stems = make_session(path, soundfont, out / name, path.parent.name)
        except (OSError, ValueError, KeyError, EOFError, subprocess.CalledProcessError) as error:
            print(f"{path.name}: left out ({type(error).__name__}: {error})", file=sys.stderr)
            continue
        print(f"{name}: {stems} stems", flush=True)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
