"""How fast and how large: `make bench`. Each figure comes from a process of its own; medians of three runs.

The stems are the example's, repeated to the length asked for. Ratios are against the floor, which is decoding the same stems once.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from ama_analysis.audio import AudioWriter, read_audio
from ama_analysis.data import data_folder

RUNS = 3
STEMS = ("vox_lead", "pad_bass", "outro_drum", "minilogue_synth")
DECODE = """
import sys
from pathlib import Path
from ama_analysis.audio import open_audio
for path in map(Path, sys.argv[1:]):
    for block in open_audio(path).blocks():
        pass
"""
MEASURE = """
import sys
from pathlib import Path
from ama_analysis.advise.sessions import session_from_paths, stems_of
from ama_analysis.measure import measure_session
session = session_from_paths([Path(p) for p in sys.argv[1:]])
measure_session(session, stems_of(session))
"""
CACHED = """
import sys
from pathlib import Path
from ama_analysis.advise.sessions import session_from_paths, stems_of
from ama_analysis.cache import Contents
from ama_analysis.measure import measure_session
from ama_bridge.cache_folder import CacheFolder
session = session_from_paths([Path(p) for p in sys.argv[2:]])
cache = CacheFolder(Path(sys.argv[1]), limit_bytes=1 << 28)
contents = Contents(cache)
content_of = lambda track: contents(track.path)
measure_session(session, stems_of(session), cache=cache, content_of=content_of)
"""


def make_stems(folder: Path, duration_s: float, copies: int = 1) -> list[Path]:
    """Write the example's stems, repeated to `duration_s`, as 16-bit FLAC; further copies begin later in the stem."""
    examples = data_folder("examples")
    return [
        _repeated(examples / f"{name}.flac", folder / f"{name}{copy or ''}.flac", duration_s, copy)
        for copy in range(copies)
        for name in STEMS
    ]


def make_references(folder: Path, duration_s: float) -> list[Path]:
    """Write three songs: the example's references, repeated, one of them from its middle on too."""
    sources = sorted((data_folder("examples") / "references").iterdir())
    songs = [(path, start) for start in (0, 5) for path in sources][:3]
    return [
        _repeated(path, folder / f"song{number}.flac", duration_s, start)
        for number, (path, start) in enumerate(songs)
    ]


def _repeated(source: Path, path: Path, duration_s: float, start_s: float) -> Path:
    sound = read_audio(source)
    samples = np.roll(sound.samples, -round(start_s * sound.sample_rate_hz), axis=1)
    left = round(duration_s * sound.sample_rate_hz)
    with AudioWriter(path, sample_rate_hz=sound.sample_rate_hz, subtype="PCM_16") as writer:
        while left > 0:
            writer.write(np.ascontiguousarray(samples[:, :left]))
            left -= min(left, sound.frames)
    return path


def timed(command: list[str]) -> tuple[float, float, float]:
    """Run a command; return its wall time and CPU time (s) and its peak resident memory (MB)."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)  # noqa: S603  our own commands
    assert process.stderr is not None  # noqa: S101  a pipe was asked for
    said = process.stderr.read().decode()
    _, status, usage = _wait(process)
    wall_s = time.perf_counter() - start
    if status != 0:
        sys.exit(f"{' '.join(command)} failed:\n{said}")
    return wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def _wait(process: subprocess.Popen[bytes]) -> tuple[int, int, resource.struct_rusage]:
    import os

    pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return pid, process.returncode, usage


def row(title: str, command: list[str], floor_s: float | None = None) -> float:
    """Run, print a line, return the median wall time."""
    runs = [timed(command) for _ in range(RUNS)]
    wall_s, cpu_s, peak_mb = (statistics.median(values) for values in zip(*runs, strict=True))
    ratio = f"{wall_s / floor_s:6.1f} x" if floor_s else " " * 8
    print(f"{title:52s} {wall_s:7.2f} s {cpu_s:7.2f} s {peak_mb:7.0f} MB {ratio}")
    return wall_s


def main() -> None:
    """Print the table."""
    python, ama = sys.executable, str(Path(sys.executable).with_name("ama"))
    print(f"{'':52s} {'wall':>9s} {'CPU':>9s} {'peak':>10s} {'of floor':>8s}")
    row("ama --help", [ama, "--help"])
    for duration_s in (30, 180):
        with tempfile.TemporaryDirectory() as folder:
            stems = [str(p) for p in make_stems(Path(folder), duration_s)]
            name = f"{len(STEMS)} stems of {duration_s} s"
            floor_s = row(f"{name}: decoding alone", [python, "-c", DECODE, *stems])
            row(f"{name}: measuring, pairs included", [python, "-c", MEASURE, *stems], floor_s)
            again = [python, "-c", CACHED, str(Path(folder) / "cache"), *stems]
            timed(again)
            row(f"{name}: measuring again, from the cache", again, floor_s)
            plan = str(Path(folder) / "plan.json")
            suggest = [ama, "suggest", *stems, "--out", plan, "--no-cache"]
            row(f"{name}: ama suggest", suggest, floor_s)
            mix = str(Path(folder) / "after.wav")
            row(f"{name}: ama render", [ama, "render", plan, "--out", mix], floor_s)
    large(ama)


def large(ama: str) -> None:
    """Print the rows of a session of 16 stems with three references, cold and from the cache."""
    with tempfile.TemporaryDirectory() as folder:
        stems = [str(p) for p in make_stems(Path(folder), 180.0, copies=4)]
        songs = [str(p) for p in make_references(Path(folder), 180.0)]
        named = [option for song in songs for option in ("--reference", song)]
        cold = [ama, "suggest", *stems, *named, "--no-cache"]
        row("16 stems of 180 s, 3 references: ama suggest", cold)
        cached = ["env", f"AMA_CACHE={folder}/cache", *cold[:-1]]
        timed(cached)
        row("16 stems of 180 s, 3 references: again, from the cache", cached)


if __name__ == "__main__":
    main()
