"""Effects in a copy of a project: behind a track's own, in a chain of its own where it has none, or set anew where AMA's already stands.

They keep their order: a new one stands in front of the next of AMA's that is there already.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from ama_bridge.daw.reaper.project.effects import effects_of
from ama_bridge.daw.reaper.project.rpp import Change, Chunk, Line, joined, line_end_of

BY_SCRIPT: Final = "it stays with AMA Apply in REAPER"
_MASTER_BEFORE: Final = ("MASTER_SEL", "MASTER_FX", "MASTER_VOLUME")
"""Behind the first of these lines that is there the master's chain stands."""
_ID: Final = "FXID"
_SWITCHES: Final = "BYPASS"
_NUMBERS_AT: Final = 2
"""Which of an effect's lines holds the sliders' values."""


class NotWrittenError(Exception):
    """A suggestion that stays out of the copy; the text is the reason."""


def chain_changes(
    chunk: Chunk, effects: Sequence[Sequence[str]], *, on_master: bool
) -> Iterator[Change]:
    """Yield the changes that put effects (each its lines, `jsfx_text.effect_lines`) on a track, or on the master, whose chunk is the project.

    `NotWrittenError` where the track's effects are switched off, or there is no place.
    """
    if not chunk.whole("MASTER_FX" if on_master else "FX", 1, 1):
        message = "the track's effects are switched off"
        raise NotWrittenError(message)
    kind = "MASTERFXLIST" if on_master else "FXCHAIN"
    chain = next(chunk.of_kind(kind), None)
    added: list[str] = []
    line_end = line_end_of(chunk.data)
    for lines in effects:
        standing = None if chain is None else _standing(chain, lines)
        if chain is None or standing is None:
            _check_alone(chain, lines)
            added += lines
        else:
            yield from _put_in(chain, added, _beginning(chain, standing), line_end)
            added = []
            yield _set_anew(standing, lines[_NUMBERS_AT])
    if chain is not None:
        yield from _put_in(chain, added, chain.end, line_end)
        return
    if not added:
        return
    whole = ["SHOW 0", "LASTSEL 0", "DOCKED 0", *added]
    at = _behind_line(chunk) if on_master else _before_items(chunk)
    text = joined([f"<{kind}", *(f"  {line}" for line in whole), ">"], _indent(chunk.data, chunk.start) + 2, line_end)  # fmt: skip
    yield Change(at, at, text)


def _put_in(chain: Chunk, lines: Sequence[str], at: int, line_end: bytes) -> Iterator[Change]:
    if lines:
        yield Change(at, at, joined(lines, _indent(chain.data, chain.start) + 2, line_end))


def _beginning(chain: Chunk, effect: Chunk) -> int:
    """Return where the lines of an effect begin: that of its switches, or its own."""
    first: Line | Chunk = effect
    for each in chain.content():
        if each is effect:
            break
        if isinstance(each, Chunk):
            first = effect
        elif each.key == _SWITCHES:
            first = each
    return chain.data.rfind(b"\n", 0, first.start) + 1


def _standing(chain: Chunk, lines: Sequence[str]) -> Chunk | None:
    """Return the effect of this id in a chain: an earlier copy had it, and somebody went on working with that."""
    wanted = next(line.split()[1] for line in lines if line.startswith(_ID))
    effect = None
    for each in chain.content():
        if isinstance(each, Chunk):
            effect = each
        elif each.key == _ID and each.text(1) == wanted:
            return effect
    return None


def _check_alone(chain: Chunk | None, lines: Sequence[str]) -> None:
    """Refuse a second effect of the name: one that AMA Apply made has an id of REAPER's, and only the script knows it as AMA's."""
    name = next(line for line in lines if line.startswith("<JS")).split('"')[1]
    if chain is not None and any(effect.name == name for effect in effects_of(chain)):
        message = f"{name} stands there already, as AMA Apply makes it; {BY_SCRIPT}"
        raise NotWrittenError(message)


def _set_anew(effect: Chunk, numbers: str) -> Change:
    line: Line | None = next(effect.lines(), None)
    if effect.kind != "JS" or line is None:
        message = f"AMA's effect there is another by now; {BY_SCRIPT}"
        raise NotWrittenError(message)
    return Change(line.start, line.words[-1].stop, numbers.strip().encode())


def _before_items(track: Chunk) -> int:
    """Return where a track's effects stand: at the beginning of the line of its first item, or of its end."""
    items = next(track.of_kind("ITEM"), None)
    at = track.end if items is None else items.start
    return track.data.rfind(b"\n", 0, at) + 1


def _behind_line(project: Chunk) -> int:
    for key in _MASTER_BEFORE:
        line = project.line(key)
        if line is not None:
            return project.data.find(b"\n", line.start) + 1
    message = f"the project has no line of its master track; {BY_SCRIPT}"
    raise NotWrittenError(message)


def _indent(data: bytes, at: int) -> int:
    return at - data.rfind(b"\n", 0, at) - 1
