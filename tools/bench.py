"""How fast and how large: `make bench`. Each figure is that of whole processes, all that one command starts; medians, in one run.

    python tools/bench.py [--quick] [--peers-python PYTHON]

Stems are the example's, repeated to the length asked for, as 24-bit WAV files (what DAWs bounce); no two of a session begin alike.
Ratios are against what was timed beside them. Memory is the peak of the resident memory of all processes of a command (shared pages counted
once a process), looked at every 50 ms.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import psutil

from ama_analysis.audio import audio_writer, read_audio
from ama_analysis.data import data_folder

RUNS: Final = 3
SONG_S: Final = 180.0
STEMS: Final = (
    "vox_lead",
    "pad_bass",
    "outro_drum",
    "minilogue_synth",
    "mallet",
    "microcosm_effect",
)
LOOK_EVERY_S: Final = 0.05
COMMANDS: Final = Path(__file__).with_name("bench_commands.py")
PYTHON: Final = sys.executable
AMA: Final = str(Path(sys.executable).with_name("ama"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a command took."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def timed(command: Sequence[str], *, runs: int = RUNS) -> Figures:
    """Run a command several times; return the medians."""
    each = [_once(command) for _ in range(runs)]
    return Figures(
        wall_s=statistics.median(one.wall_s for one in each),
        cpu_s=statistics.median(one.cpu_s for one in each),
        peak_mb=statistics.median(one.peak_mb for one in each),
    )


def _once(command: Sequence[str]) -> Figures:
    before = os.times()
    start = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said)  # noqa: S603  our own commands
        peak = 0.0
        while True:
            peak = max(peak, _resident_mb(process.pid))
            try:
                process.wait(LOOK_EVERY_S)
                break
            except subprocess.TimeoutExpired:
                continue
        wall_s = time.perf_counter() - start
        if process.returncode:
            said.seek(0)
            sys.exit(f"{' '.join(command)} failed:\n{said.read().decode(errors='replace')}")
    after = os.times()
    cpu_s = after.children_user + after.children_system
    cpu_s -= before.children_user + before.children_system
    return Figures(wall_s=wall_s, cpu_s=cpu_s, peak_mb=peak)


def _resident_mb(pid: int) -> float:
    """Return the resident memory of a process and all that it started."""
    total = 0
    try:
        one = psutil.Process(pid)
        for process in (one, *one.children(recursive=True)):
            total += process.memory_info().rss
    except psutil.Error:
        pass
    return total / 1e6


def tool(name: str, *arguments: str | Path) -> list[str]:
    """Return the command line of one of `bench_commands`."""
    return [PYTHON, str(COMMANDS), name, *map(str, arguments)]


def make_stem(path: Path, duration_s: float, number: int) -> Path:
    """Write one of the example's stems, repeated to a length; further numbers begin later in it."""
    source = data_folder("examples") / f"{STEMS[number % len(STEMS)]}.flac"
    return _repeated(source, path, duration_s, 0.7 * (number // len(STEMS)))


def make_songs(folder: Path) -> list[Path]:
    """Write three songs: the example's references, repeated, one of them from its middle on too."""
    sources = sorted((data_folder("examples") / "references").iterdir())
    songs = [(path, start) for start in (0.0, 5.0) for path in sources][:3]
    return [
        _repeated(path, folder / f"song{number}.wav", SONG_S, start)
        for number, (path, start) in enumerate(songs)
    ]


def _repeated(source: Path, path: Path, duration_s: float, start_s: float) -> Path:
    sound = read_audio(source)
    samples = np.roll(sound.samples, -round(start_s * sound.sample_rate_hz), axis=1)
    left = round(duration_s * sound.sample_rate_hz)
    with audio_writer(path, sample_rate_hz=sound.sample_rate_hz, subtype="PCM_24") as writer:
        while left > 0:
            writer.write(np.ascontiguousarray(samples[:, :left]))
            left -= min(left, sound.frames)
    return path


@contextmanager
def stems(count: int, duration_s: float) -> Iterator[list[Path]]:
    """Give a folder of stems for as long as they are needed."""
    with tempfile.TemporaryDirectory(prefix="ama-bench-") as folder:
        yield [
            make_stem(Path(folder) / f"{STEMS[n % len(STEMS)]}_{n}.wav", duration_s, n)
            for n in range(count)
        ]


def heading(title: str, *columns: str) -> None:
    """Print the head of a table."""
    print(f"\n{title}\n", flush=True)
    print(f"| | wall | CPU | peak memory | {' | '.join(columns)} |")
    print(f"|---|---|---|---|{'---|' * len(columns)}", flush=True)


def row(name: str, figures: Figures, *cells: str) -> None:
    """Print a row of it."""
    of = " | ".join(cells)
    print(
        f"| {name} | {figures.wall_s:.2f} s | {figures.cpu_s:.2f} s | {figures.peak_mb:.0f} MB | {of} |",
        flush=True,
    )


def one_stem() -> None:
    """Measuring one stem, beside the floors and what others do."""
    heading("One stem of 3 minutes, measured", "of decoding and one FFT pass", "of AMA")
    with stems(1, SONG_S) as paths:
        floor = timed(tool("decode_and_transform", *paths))
        own = timed([AMA, "measure", str(paths[0]), "--json", "--no-cache"])
        rows = [
            ("decoding", timed(tool("decode", *paths))),
            ("decoding and one FFT pass", floor),
            ("**`ama measure`, every figure**", own),
            ("pyloudnorm, librosa, scipy", timed(tool("plain_pipeline", *paths))),
        ]
        ffmpeg = shutil.which("ffmpeg")
        if ffmpeg:
            ebur128 = [ffmpeg, "-nostats", "-i", str(paths[0])]
            ebur128 += ["-af", "ebur128=peak=true", "-f", "null", "-"]
            rows.append(("FFmpeg's ebur128 with true peak, loudness alone", timed(ebur128)))
        for name, figures in rows:
            of_own = f"{figures.wall_s / own.wall_s:.1f} x"
            row(name, figures, f"{figures.wall_s / floor.wall_s:.1f} x", of_own)


def lengths(minutes: Sequence[int]) -> None:
    """Measuring stems of different lengths."""
    heading("One stem by length, measured", "CPU a minute")
    found = []
    for length in minutes:
        with stems(1, 60.0 * length) as paths:
            figures = timed(tool("measure", *paths), runs=1 if length > 30 else RUNS)
        found.append((length, figures.cpu_s))
        row(f"{length} min", figures, f"{figures.cpu_s / length:.3f} s")
    print(f"\n{_fit(found, 'minute')}", flush=True)


def sessions(counts: Sequence[int]) -> None:
    """Sessions of many stems."""
    heading("Sessions of 3-minute stems", "of decoding")
    found = []
    for count in counts:
        with stems(count, SONG_S) as paths, tempfile.TemporaryDirectory() as folder:
            runs = 1 if count > 16 else RUNS
            floor = timed(tool("decode", *paths), runs=runs)
            own = timed(tool("measure", *paths), runs=runs)
            found.append((count, own.cpu_s))
            again = tool("measure_cached", Path(folder) / "cache", *paths)
            timed(again, runs=1)
            plan = str(Path(folder) / "plan.json")
            suggest = [AMA, "suggest", *map(str, paths), "--out", plan, "--no-cache"]
            for name, figures in (
                ("decoding", floor),
                ("measuring, pairs included", own),
                ("measuring again, from the cache", timed(again, runs=runs)),
                ("`ama suggest`, rules, verified by rendering", timed(suggest, runs=runs)),
            ):
                row(f"{count}: {name}", figures, f"{figures.wall_s / floor.wall_s:.1f} x")
    print(f"\n{_fit(found, 'stem')}", flush=True)


def _fit(found: Sequence[tuple[int, float]], unit: str) -> str:
    """Return a straight line through costs, and how well it describes them."""
    counts, costs = np.array(found, dtype=float).T
    slope, start = np.polyfit(counts, costs, 1)
    line = start + slope * counts
    spread = float(np.square(costs - costs.mean()).sum())
    share = 1.0 - float(np.square(costs - line).sum()) / spread if spread > 0.0 else 1.0
    return f"A straight line: {start:.2f} s and {slope:.3f} s of CPU a {unit} (R² {share:.4f})."


def short() -> None:
    """The figures that a user meets first."""
    heading("Four stems of 30 s", "of decoding")
    with stems(4, 30.0) as paths, tempfile.TemporaryDirectory() as folder:
        floor = timed(tool("decode", *paths))
        plan = str(Path(folder) / "plan.json")
        mix = str(Path(folder) / "mix.wav")
        named = list(map(str, paths))
        for name, command in (
            ("`ama --help`", [AMA, "--help"]),
            ("decoding", tool("decode", *paths)),
            ("measuring, pairs included", tool("measure", *paths)),
            (
                "`ama mix --auto-gain rules`",
                [AMA, "mix", *named, "--auto-gain", "rules", "--out", mix],
            ),
            (
                "`ama suggest`, rules, verified",
                [AMA, "suggest", *named, "--out", plan, "--no-cache"],
            ),
            ("`ama render` of the plan", [AMA, "render", plan, "--out", mix]),
        ):
            figures = timed(command)
            row(name, figures, f"{figures.wall_s / floor.wall_s:.1f} x")


def references(peers_python: str | None) -> None:
    """The whole reference job."""
    heading("16 stems of 3 minutes and three references", "of Matchering")
    with stems(16, SONG_S) as paths, tempfile.TemporaryDirectory() as folder:
        songs = make_songs(Path(folder))
        named = [option for song in songs for option in ("--reference", str(song))]
        plan = str(Path(folder) / "plan.json")
        cold = [AMA, "suggest", *map(str, paths), *named, "--out", plan]
        cached = ["env", f"AMA_CACHE={folder}/cache", *cold]
        rows = [("`ama suggest`", timed([*cold, "--no-cache"]))]
        timed(cached, runs=1)
        rows.append(("`ama suggest` again, from the cache", timed(cached)))
        floor = None
        if peers_python:
            mix, out = str(Path(folder) / "mix.wav"), str(Path(folder) / "matched.wav")
            timed([AMA, "mix", *map(str, paths), "--out", mix, "--normalize"], runs=1)
            job = [peers_python, str(COMMANDS), "matchering_job", mix, str(songs[0]), out]
            floor = timed(job)
            rows.append(("Matchering, the sum and one reference", floor))
        for name, figures in rows:
            row(name, figures, f"{figures.wall_s / floor.wall_s:.1f} x" if floor else "")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="leave out 64 stems and 180 minutes")
    parser.add_argument("--peers-python", help="a Python with matchering, to time it too")
    parser.add_argument("--only", choices=("short", "stem", "lengths", "sessions", "references"))
    options = parser.parse_args()
    print(
        f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, Python {platform.python_version()}"
    )
    # An installed program has its compiled code; one that runs from its sources may be kept from writing it.
    with tempfile.TemporaryDirectory(prefix="ama-bench-code-") as compiled:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # noqa: TID251  handed on, not read
        os.environ["PYTHONPYCACHEPREFIX"] = compiled  # noqa: TID251  the same
        _print(options)


def _print(options: argparse.Namespace) -> None:
    """Print the tables that were asked for."""
    tables: dict[str, Callable[[], None]] = {
        "short": short,
        "stem": one_stem,
        "lengths": lambda: lengths((1, 3, 30) if options.quick else (1, 3, 30, 180)),
        "sessions": lambda: sessions((1, 4, 16) if options.quick else (1, 4, 16, 64)),
        "references": lambda: references(options.peers_python),
    }
    for name, table in tables.items():
        if options.only in (None, name):
            table()


if __name__ == "__main__":
    main()
