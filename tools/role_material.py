"""Labelled stems to learn roles from: `python tools/role_material.py OUT [--fonts SF2...] [--kits FOLDER] [--samples FOLDER] [--voices FOLDER...] [--songs FOLDER...] [--mixes FOLDER...]`.

Needs `mido` and `pyworld` (pip) and `fluidsynth` (Debian). Everything is seeded. Each kind of material becomes one session folder with a session.json:
    --fonts    a phrase on every General MIDI program, and drum patterns of every kit, of each sound font (fluid-soundfont-gm, MuseScore's, TimGM6mb)
    --kits     Hydrogen drum kits (hydrogen-drumkits): patterns of one instrument each, and of whole kits
    --samples  Sonic Pi's samples (CC0): patterns of drum sounds and bass notes, textures as effects
    --voices   folders of speech (fillets-ng-data-*, klettres-data): spoken, sung (WORLD, with pitch held on notes), sung in three parts
    --songs    Frets on Fire songs (fretsonfire-songs-*): real guitars, and the rest as a mix
    --mixes    sessions: sums of several of their stems, which are "other"; guitars and basses through a driven amplifier
Always: synthesizers and synth basses by additive synthesis with a moving filter; risers, sweeps, impacts and frozen textures as effects.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import xml.etree.ElementTree as ElementTree  # our own files
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import mido
import numpy as np
import soundfile
from role_sounds import (
    FRAMES,
    LENGTH_S,
    RATE,
    Samples,
    Stem,
    effect_stems,
    filtered,
    phrase,
    played,
    read,
    room,
    steps_of,
    synth_stems,
    voice_stems,
)

from ama_analysis.models.training.role_words import role_of_program
from ama_analysis.roles import role_from_name

DRUM_NOTES = {
    "kick": (35, 36),
    "snare": (37, 38, 39, 40),
    "toms": (41, 43, 45, 47, 48, 50),
    "overheads": (42, 44, 46, 49, 51, 53, 57, 59),
    "percussion": (54, 56, 58, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 73, 75, 76, 77),
}
DRUM_KITS = (0, 8, 16, 24, 25, 32, 40)


def write(out: Path, name: str, stems: Iterator[Stem] | Sequence[Stem]) -> None:
    """Write a session of these stems, peaks at 0.7; silent ones are left out."""
    folder, rows = out / name, []
    folder.mkdir(parents=True, exist_ok=True)
    for at, (title, role, samples) in enumerate(stems):
        peak = float(np.abs(samples).max(initial=0.0))
        if peak < 1e-4 or not np.isfinite(peak):
            continue
        file = f"{at:04d}.flac"
        soundfile.write(folder / file, samples * (0.7 / peak), RATE, subtype="PCM_16")
        rows.append({"file": file, "name": title, "role": role, "gain_db": 0.0, "pan": 0.0})
    document = {"name": name, "style": "roles", "tracks": rows, "mix": {"file": None}}
    (folder / "session.json").write_text(json.dumps(document, indent=1), encoding="utf-8")
    print(f"{name}: {len(rows)} stems", flush=True)


def rendered(
    font: Path, parts: Sequence[tuple[int, int, list[tuple[float, float, int, int]]]]
) -> Samples:
    """Return parts (channel, program, notes) one after the other, `LENGTH_S` + 2 s each."""
    song = mido.MidiFile(ticks_per_beat=960)
    track = mido.MidiTrack()
    song.tracks.append(track)
    events: list[tuple[float, int, Any]] = []
    for k, (channel, program, notes) in enumerate(parts):
        base = k * (LENGTH_S + 2.0)
        events.append((base, 1, mido.Message("program_change", channel=channel, program=program)))
        for on, off, note, velocity in notes:
            events.append(
                (
                    base + on + 0.01,
                    2,
                    mido.Message("note_on", channel=channel, note=note, velocity=velocity),
                )
            )
            events.append(
                (base + off + 0.01, 0, mido.Message("note_off", channel=channel, note=note))
            )
        events.append(
            (
                base + LENGTH_S + 1.5,
                3,
                mido.Message("control_change", channel=channel, control=120, value=0),
            )
        )
    last = 0
    for at_s, _, message in sorted(events, key=lambda event: (event[0], event[1])):
        tick = round(at_s * 1920)
        track.append(message.copy(time=tick - last))
        last = tick
    with tempfile.TemporaryDirectory() as folder:
        midi, wav = Path(folder) / "a.mid", Path(folder) / "a.wav"
        song.save(midi)
        subprocess.run(  # noqa: S603  # a fixed command on our own files
            ["fluidsynth", "-ni", "-q", "-R", "0", "-C", "0", "-g", "0.4", "-r", str(RATE), "-F", str(wav), str(font), str(midi)],  # noqa: S607
            check=True, capture_output=True,
        )  # fmt: skip
        return read(wav)


def font_stems(font: Path) -> Iterator[Stem]:
    """Yield a phrase of every program whose role is plain, and patterns of the drum kits."""
    rng = np.random.default_rng(len(font.stem) * 1000)
    parts: list[Any] = []
    labels: list[tuple[str, str]] = []
    for program in range(128):
        role = role_of_program(program)
        if role is not None:
            parts.append((0, program, phrase(program, role, rng)))
            labels.append((f"program {program + 1}", role))
    for kit in DRUM_KITS:
        for part, numbers in (*DRUM_NOTES.items(), ("drums", ())):
            own = {part: numbers} if numbers else DRUM_NOTES
            notes = []
            for each, choices in own.items():
                some = rng.choice(
                    choices, size=min(3 if each == "toms" else 2, len(choices)), replace=False
                )
                if each == "percussion" and not numbers:
                    continue
                state = np.random.default_rng(int(rng.integers(1 << 30)))
                notes += [
                    (t, t + 0.3, int(some[int(rng.integers(some.size))]), int(40 + 80 * v))
                    for t, v in steps_of(each, state)
                ]
            parts.append((9, kit, notes))
            labels.append((f"kit {kit} {part}", part))
    whole = rendered(font, parts)
    for k, (name, label) in enumerate(labels):
        start = int(k * (LENGTH_S + 2.0) * RATE)
        yield name, label, whole[start : start + FRAMES]


def kit_stems(folder: Path) -> Iterator[Stem]:
    """Yield patterns of the instruments of Hydrogen drum kits, and of all of a kit together."""
    for document in sorted(folder.rglob("drumkit.xml")):
        rng = np.random.default_rng(sum(map(ord, document.parent.name)))
        text = document.read_text(encoding="utf-8", errors="replace")
        try:
            root = ElementTree.fromstring(text)  # noqa: S314  # Debian's files
        except ElementTree.ParseError:
            continue
        kit: dict[str, list[Samples]] = {}
        for node in (n for n in root.iter() if n.tag.endswith("instrument")):
            name = next((n.text or "" for n in node if n.tag.endswith("name")), "")
            file = next(
                (n.text for n in node.iter() if n.tag.endswith("filename") and n.text), None
            )
            role = role_from_name(name).role
            if role not in DRUM_NOTES or file is None or not (document.parent / file).is_file():
                continue
            try:
                hit = read(document.parent / file, 0.0, 4.0)
            except (soundfile.LibsndfileError, ValueError):
                continue
            kit.setdefault(role, []).append(hit)
        made = []
        for drum, hits in kit.items():
            some = hits[: 1 if drum in {"kick", "snare"} else 3]
            stem = played(some, drum, rng)
            made.append(stem / (np.abs(stem).max() + 1e-9) * (0.6 if drum == "overheads" else 1.0))
            yield f"{document.parent.name} {drum}", drum, made[-1]
            if len(hits) > 3:
                yield f"{document.parent.name} {drum} 2", drum, played(hits[-2:], drum, rng)
        if {"kick", "snare"} <= set(kit):
            yield f"{document.parent.name} kit", "drums", np.sum(made, axis=0)


def sample_stems(folder: Path) -> Iterator[Stem]:
    """Yield patterns and textures of Sonic Pi's samples."""
    rng = np.random.default_rng(5)
    roles = {
        "bd": "kick",
        "sn": "snare",
        "perc": "percussion",
        "tabla": "percussion",
        "guit": "guitar",
        "ambi": "fx",
        "vinyl": "fx",
        "glitch": "fx",
    }
    for path in sorted(folder.rglob("*.flac")):
        kind = path.stem.split("_")[0]
        role = (
            role_from_name(path.stem.replace("_", " ")).role if kind == "drum" else roles.get(kind)
        )
        sound = read(path, 0.0, LENGTH_S)
        if kind == "loop" and any(
            word in path.stem
            for word in ("amen", "breakbeat", "industrial", "mika", "safari", "garzul")
        ):
            yield path.stem, "drums", np.resize(sound, FRAMES)
        elif kind == "bass":
            line = np.zeros(FRAMES, np.float32)
            for at_s, velocity in steps_of("kick", rng):
                note = sound[
                    (
                        np.arange(int(min(sound.size, RATE) / 1.2))
                        * 2.0 ** (rng.integers(-5, 3) / 12.0)
                    )
                    .astype(int)
                    .clip(0, sound.size - 1)
                ]
                start = int(at_s * RATE)
                line[start : start + note.size] += velocity * note[: FRAMES - start]
            yield path.stem, "bass", line
        elif role in DRUM_NOTES:
            yield path.stem, role, played([sound], role, rng)
        elif role == "fx":
            yield (
                path.stem,
                "fx",
                room(np.resize(np.pad(sound, (0, RATE // 2)), FRAMES), rng, 0.3, 1.5),
            )
        elif role == "guitar":
            yield path.stem, "guitar", np.resize(sound, FRAMES)


def song_stems(folders: Sequence[Path]) -> Iterator[Stem]:
    """Yield the guitars of Frets on Fire songs, and what else is in them; Armygeddon is kept for tests."""
    for folder in folders:
        for guitar in sorted(folder.rglob("guitar.ogg")):
            if "armygeddon" in str(guitar.parent).lower():
                continue
            for start_s in (20.0, 50.0, 80.0, 110.0, 140.0):
                yield (
                    f"{guitar.parent.name} {start_s:.0f}",
                    "guitar",
                    read(guitar, start_s, LENGTH_S),
                )
            if (guitar.parent / "song.ogg").is_file():
                for start_s in (30.0, 90.0):
                    yield (
                        f"{guitar.parent.name} rest {start_s:.0f}",
                        "other",
                        read(guitar.parent / "song.ogg", start_s, LENGTH_S),
                    )


def mixed_stems(folders: Sequence[Path]) -> Iterator[Stem]:
    """Yield sums of stems, and guitars and basses through an amplifier."""
    rng = np.random.default_rng(13)
    for document in sorted(p for folder in folders for p in folder.rglob("session.json")):
        rows = json.loads(document.read_text(encoding="utf-8"))["tracks"]
        tuned = [row for row in rows if row["role"] not in DRUM_NOTES]
        if len(tuned) >= 3 and rng.random() < 0.8:
            some = [
                rows[int(i)]
                for i in rng.choice(
                    len(rows), size=min(len(rows), int(rng.integers(3, 8))), replace=False
                )
            ]
            stems = [read(document.parent / row["file"], 0.0, LENGTH_S) for row in some]
            if len({row["role"] for row in some} - set(DRUM_NOTES)) >= 2:
                yield (
                    f"{document.parent.name} mix",
                    "other",
                    np.sum(
                        [
                            np.pad(s, (0, FRAMES - s.size)) if s.size < FRAMES else s[:FRAMES]
                            for s in stems
                        ],
                        axis=0,
                    ),
                )
        for row in (r for r in rows if r["role"] in {"guitar", "bass"} and rng.random() < 0.5):
            clean = read(document.parent / row["file"], 0.0, LENGTH_S)
            drive = 10 ** rng.uniform(0.3, 1.8 if row["role"] == "guitar" else 1.0)
            driven = np.tanh(
                drive * filtered(clean, "high", 90.0 if row["role"] == "guitar" else 30.0) / 0.7
            )
            driven = filtered(
                filtered(driven, "low", rng.uniform(3000, 6000)), "low", rng.uniform(4000, 7000)
            )
            yield f"{document.parent.name} {row['file']} driven", row["role"], driven


def main() -> None:
    """Write what was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    for name in ("fonts", "kits", "samples", "voices", "songs", "mixes"):
        parser.add_argument(f"--{name}", type=Path, nargs="*", default=[])
    parser.add_argument(
        "--count", type=int, default=150, help="of voices, synthesizers and effects each"
    )
    given = parser.parse_args()
    out: Path = given.out
    for font in given.fonts:
        write(out, f"font_{font.stem}", font_stems(font))
    for name, folders, make in (
        ("kits", given.kits, kit_stems),
        ("samples", given.samples, sample_stems),
    ):
        for folder in folders:
            write(out, name, make(folder))
    if given.songs:
        write(out, "songs", song_stems(given.songs))
    write(out, "synths", synth_stems(given.count))
    write(out, "effects", effect_stems(given.count // 2, sorted(out.glob("font_*/*.flac"))))
    if given.voices:
        write(out, "voices", voice_stems(given.voices, given.count))
    if given.mixes:
        write(out, "mixes", mixed_stems(given.mixes))


if __name__ == "__main__":
    main()
