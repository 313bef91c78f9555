"""A REAPER project as its text: chunks (`<NAME words` to `>`) in each other, and lines of words in them, each word with its place in the file.

Read as REAPER's own line parser reads (WDL's LineParser): words stand apart by blanks or tabs; one that begins with ", ' or ` goes on to the same
sign again. Only lines that begin with < or > are structure: state of plugins is Base64, and free text begins with |. The text of a chunk
is looked into when somebody asks for it, so that the state of plugins, which is most of a large project, costs one search for such lines.
The places let a value be replaced while every other byte stays (`replaced`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

_BEGINNING: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*<")
_STRUCTURE: Final = re.compile(rb"\n[ \t]*(?:(<)|>[ \t\r]*(?=\n|\Z))")
_LINE: Final = re.compile(rb"([^ \t\r\n]+)[^\n]*")
_WORD: Final = re.compile(rb"\"([^\"]*)\"?|'([^']*)'?|`([^`]*)`?|([^ \t]+)")


class RppError(ValueError):
    """The text is no project; what it says completes "it ..."."""


class Word(NamedTuple):
    """One word without its quotes; `start` and `stop` are its place in the file with them."""

    raw: bytes
    start: int
    stop: int

    @property
    def text(self) -> str:
        """The word as text; what is not UTF-8 is replaced."""
        return self.raw.decode("utf-8", "replace")


@dataclass(slots=True)
class Line:
    """One line, which is never empty: its first word, and all its words when somebody asks for them."""

    data: bytes
    start: int
    stop: int
    key: str
    _words: tuple[Word, ...] | None = None

    @property
    def words(self) -> tuple[Word, ...]:
        """All words, the first too."""
        if self._words is None:
            self._words = _words(self.data, self.start, self.stop)
        return self._words

    def text(self, at: int, default: str = "") -> str:
        """Return a word."""
        return self.words[at].text if at < len(self.words) else default

    def number(self, at: int, default: float) -> float:
        """Return a word as a finite number."""
        try:
            found = float(self.words[at].raw)
        except (IndexError, ValueError):
            return default
        return found if math.isfinite(found) else default

    def whole(self, at: int, default: int = 0) -> int:
        """Return a word as a whole number ("5.1" is 5)."""
        return int(self.number(at, default))


@dataclass(slots=True)
class Chunk:
    """A chunk: its text goes from `start` (the <) to `stop` (behind the >); `inside` is the place behind its first line, `end` that of the >'s line."""

    data: bytes
    start: int
    inside: int
    chunks: list[Chunk] = field(default_factory=list)
    end: int = -1
    stop: int = -1
    _head: Line | None = None
    _content: list[Line | Chunk] | None = None
    _first: dict[str, Line] | None = None

    @property
    def head(self) -> Line:
        """The first line's words, without the <; the chunk's kind is the first."""
        if self._head is None:
            words = _words(self.data, self.start + 1, self.inside)
            key = words[0].text if words else ""
            self._head = Line(self.data, self.start + 1, self.inside, key, words)
        return self._head

    @property
    def kind(self) -> str:
        """What chunk it is ("TRACK")."""
        return self.head.key

    def content(self) -> list[Line | Chunk]:
        """Return lines and chunks in their order."""
        if self._content is None:
            self._content = []
            at = self.inside
            for chunk in self.chunks:
                self._content += _lines(self.data, at, chunk.start)
                self._content.append(chunk)
                at = chunk.stop
            self._content += _lines(self.data, at, self.end)
        return self._content

    def lines(self) -> Iterator[Line]:
        """Yield the lines that are in no chunk of this one."""
        return (each for each in self.content() if isinstance(each, Line))

    def line(self, key: str) -> Line | None:
        """Return the first line of a key, None where there is none."""
        if self._first is None:
            self._first = {}
            for line in self.lines():
                self._first.setdefault(line.key, line)
        return self._first.get(key)

    def number(self, key: str, at: int, default: float) -> float:
        """Return a number of the first line of a key."""
        line = self.line(key)
        return default if line is None else line.number(at, default)

    def whole(self, key: str, at: int, default: int = 0) -> int:
        """Return a whole number of the first line of a key."""
        line = self.line(key)
        return default if line is None else line.whole(at, default)

    def of_kind(self, *kinds: str) -> Iterator[Chunk]:
        """Yield the chunks of these kinds right in this one."""
        return (chunk for chunk in self.chunks if chunk.kind in kinds)


def parsed(data: bytes) -> Chunk:
    """Return the outermost chunk; `RppError` where chunks do not close."""
    beginning = _BEGINNING.match(data)
    if beginning is None:
        message = "does not begin with <"
        raise RppError(message)
    outermost = _opened(data, beginning.end() - 1)
    open_chunks = [outermost]
    for match in _STRUCTURE.finditer(data, beginning.end()):
        if not open_chunks:
            message = "goes on behind its end"
            raise RppError(message)
        if match[1] is None:
            closed = open_chunks.pop()
            closed.end, closed.stop = match.start() + 1, match.end()
        else:
            chunk = _opened(data, match.start(1))
            open_chunks[-1].chunks.append(chunk)
            open_chunks.append(chunk)
    if open_chunks:
        message = "is cut off"
        raise RppError(message)
    return outermost


def _opened(data: bytes, start: int) -> Chunk:
    line_end = data.find(b"\n", start)
    return Chunk(data, start, len(data) if line_end < 0 else line_end)


def _lines(data: bytes, start: int, stop: int) -> Iterator[Line]:
    for match in _LINE.finditer(data, start, stop):
        yield Line(data, match.start(), match.end(), match[1].decode("utf-8", "replace"))


def _words(data: bytes, start: int, stop: int) -> tuple[Word, ...]:
    while stop > start and data[stop - 1] in b"\r\n \t":
        stop -= 1
    return tuple(
        Word(match[match.lastindex or 0], match.start(), match.end())
        for match in _WORD.finditer(data, start, stop)
    )


class Change(NamedTuple):
    """Bytes that stand in the place of those from `start` to `stop`."""

    start: int
    stop: int
    text: bytes


def replaced(data: bytes, changes: Iterable[Change]) -> bytes:
    """Return a file with some places changed; all others keep their bytes."""
    pieces = []
    at = 0
    for change in sorted(changes):
        pieces += [data[at : change.start], change.text]
        at = change.stop
    return b"".join([*pieces, data[at:]])


def quoted(text: str) -> str:
    """Return a word as REAPER writes it: in the first of the signs " ' ` that it does not hold; where it holds all three, ` becomes '."""
    if text and not any(sign in text for sign in " \t\"'`") and text[0] not in "<>|":
        return text
    for sign in "\"'`":
        if sign not in text:
            return f"{sign}{text}{sign}"
    return f"`{text.replace('`', chr(39))}`"


def line_end_of(data: bytes) -> bytes:
    r"""Return how a file's lines end: \r\n as Windows writes, or \n."""
    return b"\r\n" if b"\r\n" in data[:4096] else b"\n"


def joined(lines: Sequence[str], indent: int, line_end: bytes) -> bytes:
    """Return lines as a file has them, each with its end, indented by blanks."""
    return b"".join(b" " * indent + line.encode() + line_end for line in lines)
