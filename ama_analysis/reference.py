"""A finished track to come near to, or a section of one: `song.flac`, `song.flac@1:02-1:34`, `song.flac@62-94`, `song.flac@1:02-`."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

from ama_analysis.errors import OptionError

_TIME: Final = re.compile(r"(?:(?:([0-9]{1,9}):)?([0-9]{1,9}):)?([0-9]{1,9}(?:\.[0-9]{1,20})?)")
_TIMES_ONLY: Final = re.compile(r"[0-9:. -]+")
_HINT: Final = "Write for instance song.flac@1:02-1:34, or song.flac@1:02- for all from there on."


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A sound file and the section of it that counts, in seconds from its start.

    `start_s` None: no section was chosen (AMA takes the loudest part of a long file); `stop_s` None: to the end of the file.
    `str()` gives the text that `parse_reference` reads back to an equal value as long as the file is there.
    """

    path: Path
    start_s: float | None = None
    stop_s: float | None = None

    def __post_init__(self) -> None:
        start, stop = self.start_s, self.stop_s
        times = [time for time in (start, stop) if time is not None]
        if (start is None and times) or not all(0.0 <= time < math.inf for time in times):
            message = f"A section of {self.path} goes from {start} s to {stop} s."
            raise OptionError(message, hint=_HINT)
        if start is not None and stop is not None and not start < stop:
            message = f"The section {self.section} of {self.path} ends before it begins."
            raise OptionError(message, hint=_HINT)

    @property
    def section(self) -> str:
        """The section as text ("1:02-1:34"); empty where none was chosen."""
        if self.start_s is None:
            return ""
        return f"{clock(self.start_s)}-{'' if self.stop_s is None else clock(self.stop_s)}"

    @property
    def name(self) -> str:
        """The file's name with the section: "song.flac@1:02-1:34"."""
        return f"{self.path.name}@{self.section}" if self.section else self.path.name

    def __str__(self) -> str:
        return f"{self.path}@{self.section}" if self.section else str(self.path)


def clock(time_s: float) -> str:
    """Return seconds as minutes and seconds, "1:02.5", with every digit that the number has."""
    minutes, seconds = divmod(Decimal(repr(float(time_s))), 60)
    whole, _, fraction = f"{seconds:f}".partition(".")
    fraction = fraction.rstrip("0")
    return f"{int(minutes)}:{int(whole):02d}{'.' if fraction else ''}{fraction}"


def parse_reference(text: str) -> Reference:
    """Return the reference that a text means: PATH, or PATH@START-STOP with times as seconds, M:SS or H:MM:SS, one of them left out.

    A file whose name is the whole text comes before a section. What follows the last "@" is a section where it holds only digits,
    ":", "." and "-", or where a file of the name before it exists; `OptionError` (AMA-501) where it then cannot be read or is empty.
    """
    head, at, tail = text.rpartition("@")
    path = Path(text)
    if not at or not head or _is_file(path):
        return Reference(path=path)
    if not _TIMES_ONLY.fullmatch(tail) and not _is_file(Path(head)):
        return Reference(path=path)
    start, dash, stop = (part.strip() for part in tail.partition("-"))
    if not dash or not (start or stop):
        message = f"{tail!r} in {text!r} is not a section."
        raise OptionError(message, hint=_HINT)
    return Reference(
        path=Path(head),
        start_s=_seconds(start, text) if start else 0.0,
        stop_s=_seconds(stop, text) if stop else None,
    )


def _seconds(time: str, text: str) -> float:
    found = _TIME.fullmatch(time)
    hours, minutes, seconds = found.groups() if found else (None, None, None)
    wrong = (
        seconds is None
        or (minutes is not None and float(seconds) >= 60.0)
        or (hours is not None and int(minutes or 0) >= 60)
    )
    if wrong:
        message = f"{time!r} in {text!r} is not a time."
        raise OptionError(message, hint=_HINT)
    total = Decimal(hours or 0) * 3600 + Decimal(minutes or 0) * 60 + Decimal(seconds or 0)
    return float(total)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
