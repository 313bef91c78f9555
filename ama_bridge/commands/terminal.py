"""What people see: lines, a progress bar, figures, receipts, and errors as one sentence. Rich is imported when it is needed.

All that AMA prints goes through here, and what would move the cursor, colour the screen or begin another line is escaped: names of files
and tracks come from anywhere.
"""

from __future__ import annotations

import logging
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TextIO

from ama_analysis.errors import AmaError
from ama_analysis.measurements import TrackMeasurements
from ama_analysis.progress import OnProgress
from ama_bridge.daw.port import Receipt, Reverted

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from ama_analysis.advise import Rendered, Written

PATIENCE_S: Final = 1.0
"""Work that is done sooner shows no bar."""
WIDE: Final = 100
"""Columns where nobody says how many there are."""
EXIT_BAD_INPUT: Final = 2

_DANGEROUS: Final = (
    *(*range(0x20), *range(0x7F, 0xA0)),
    *(0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A)),
)
"""Control characters, Unicode's line ends, and what turns the direction of writing."""
_IN_A_LINE: Final = {code: f"\\u{code:04x}" for code in _DANGEROUS} | {
    ord("\n"): "\\n",
    ord("\t"): "\\t",
}
_IN_A_TEXT: Final = {code: shown for code, shown in _IN_A_LINE.items() if chr(code) not in "\n\t"}


def out(line: str = "", *, style: str = "") -> None:
    """Print a line on stdout, on a terminal in a style of rich's ("bold", "dim")."""
    shown = line.translate(_IN_A_LINE)
    if style and sys.stdout.isatty():
        from rich.console import Console
        from rich.text import Text

        Console().print(Text(shown, style=style), soft_wrap=True)
        return
    _write(sys.stdout, shown)


def document(text: str) -> None:
    """Print a text of several lines on stdout: a JSON document stays one that says the same."""
    _write(sys.stdout, text.rstrip("\n").translate(_IN_A_TEXT))


def note(line: str) -> None:
    """Print a line on stderr."""
    _write(sys.stderr, line.translate(_IN_A_LINE))


class LoggedNotes(logging.Handler):
    """Prints what is logged where no log is kept."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print a message as a note."""
        note(f"Note: {record.getMessage()}")


def usage(text: str) -> None:
    """Print a command's help on stderr."""
    _write(sys.stderr, text.translate(_IN_A_TEXT))


def _write(stream: TextIO, text: str) -> None:
    stream.write(f"{text}\n")
    stream.flush()


def complain(error: AmaError) -> None:
    """Print an error as one line on stderr."""
    note(f"ama: {error.sentence()} [{error.code}]")


def examples(*commands: str) -> str:
    """Return the end of a help text: each command on a line of its own."""
    return "\b\nExamples:\n" + "\n".join(f"  {command}" for command in commands)


def columns() -> int:
    """Return how wide the terminal is (COLUMNS says so elsewhere)."""
    return shutil.get_terminal_size((WIDE, 24)).columns


@contextmanager
def progress_bar(what: str) -> Iterator[OnProgress]:
    """Give a callable that draws a bar on stderr, if that is a terminal and the work takes longer than `PATIENCE_S`."""
    bar = _Bar(what)
    try:
        yield bar
    finally:
        bar.close()


class _Bar:
    def __init__(self, what: str) -> None:
        self._what = what
        self._start_s = time.monotonic()
        self._drawn: tuple[Progress, TaskID] | None = None
        self._wanted = sys.stderr.isatty()

    def __call__(self, fraction: float, stage: str) -> None:
        if not self._wanted or time.monotonic() - self._start_s < PATIENCE_S:
            return
        if self._drawn is None:
            self._drawn = self._draw()
        progress, task = self._drawn
        said = f"{self._what}: {stage}".translate(_IN_A_LINE)
        progress.update(task, completed=fraction, description=said)

    def _draw(self) -> tuple[Progress, TaskID]:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TaskProgressColumn(),
        )
        progress = Progress(*columns, console=Console(stderr=True), transient=True)
        progress.start()
        return progress, progress.add_task(self._what, total=1.0)

    def close(self) -> None:
        if self._drawn is not None:
            self._drawn[0].stop()


def rendered_lines(rendered: Rendered) -> list[str]:
    """Return what was written, with its levels."""
    return [written_line(one) for one in (rendered.after, rendered.before) if one is not None]


def receipt_lines(receipt: Receipt) -> list[str]:
    """Return what became of a plan that was handed over."""
    counts = [f"{len(receipt.applied)} applied"]
    counts += [f"{len(receipt.skipped)} left out"] if receipt.skipped else []
    counts += [f"{len(receipt.conflicting)} in conflict"] if receipt.conflicting else []
    if receipt.read_back:
        counts.append(f"{len(receipt.read_back)} values read back")
    lines = [f"{receipt.daw}: {', '.join(counts)}."]
    lines += [f"Note: {note}" for note in receipt.notes]
    lines += [f"  left out    {one.suggestion}: {one.reason}" for one in receipt.skipped]
    lines += [f"  in conflict {one.suggestion}: {one.reason}" for one in receipt.conflicting]
    return lines


def reverted_lines(reverted: Reverted) -> list[str]:
    """Return what was taken back."""
    head = f"{reverted.daw}: {len(reverted.restored)} taken back"
    lines = [f"{head}; {reverted.note}." if reverted.note else f"{head}."]
    lines += [f"  left        {line}" for line in reverted.conflicting]
    lines += [f"  not there   {line}" for line in reverted.gone]
    return lines


def written_line(written: Written) -> str:
    """Return a file that was written, with its levels."""
    lufs, peak = level(written.integrated_lufs, "LUFS"), level(written.true_peak_dbtp, "dBTP")
    return f"{written.path}: {lufs}, true peak {peak}"


def level(value: float | None, unit: str) -> str:
    """Return a level with its unit, or "none"."""
    return "none" if value is None else f"{value:.1f} {unit}"


_FIGURES: Final = (" LUFS", "LU range", " dBTP", "RMS dBFS", "crest dB", "width", "correlation")


def print_figures(files: Sequence[tuple[str, TrackMeasurements]]) -> None:
    """Print the main figures of files, one a line, the name at its end (a long one would break a table)."""
    out("  ".join((*_FIGURES, "file")))
    for name, figures in files:
        loudness, dynamics, stereo = figures.loudness, figures.dynamics, figures.stereo
        numbers = (
            loudness.integrated_lufs,
            loudness.loudness_range_lu,
            loudness.true_peak_dbtp,
            dynamics.rms_dbfs,
            dynamics.crest_factor_db,
        )
        shown = ["-" if n is None else f"{n:.1f}" for n in numbers]
        shown += [f"{stereo.width:.2f}", f"{stereo.correlation:.2f}"]
        padded = (text.rjust(len(title)) for text, title in zip(shown, _FIGURES, strict=True))
        clipped = f"  clipped at {dynamics.clips} places" if dynamics.clips else ""
        out("  ".join((*padded, name)) + clipped)
