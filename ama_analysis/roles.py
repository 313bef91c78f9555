"""What a track is, told from its name.

The table is data (`presets/roles.toml`): words and abbreviations in several languages, each with its role and how sure it makes one.
A name is folded (case, accents, full-width forms), cut into words at punctuation, digits and CamelCase, and searched for the longest
entries; scripts without spaces are searched inside the word, and a compound ("Leadgitarre") is cut where two entries meet. Of several
roles the surest word wins, the first among equals; a second role in the name takes some of the confidence. Cymbals and hi-hats are
"overheads", woodwinds "brass", a doubled lead stays "lead vocal".
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from os.path import commonprefix
from typing import Any, Final, Literal, TypeAlias, cast, get_args

from ama_analysis.data import data_folder

Role: TypeAlias = Literal[
    "kick",
    "snare",
    "toms",
    "overheads",
    "drums",
    "percussion",
    "bass",
    "guitar",
    "acoustic guitar",
    "keys",
    "synth",
    "strings",
    "brass",
    "lead vocal",
    "backing vocal",
    "fx",
    "other",
]
ROLES: Final[tuple[Role, ...]] = get_args(Role)

RIVAL_COST: Final = 0.1
"""What a second role in the same name takes from the confidence (AMA's choice)."""
COMPOUND_FACTOR: Final = 0.9
"""How much of its confidence a word keeps that was cut out of a longer one (AMA's choice)."""
SHORTEST_PART: Final = 3
"""Letters that a part of a compound must have, so that "kd" is not found inside a word (AMA's choice)."""
SMALL_PARTS: Final = frozenset(
    {"in", "out", "l", "r", "di", "bus", "top", "bot", "amp", "dbl", "ld"}
)
"""Words that say nothing of the role but may end a compound ("kickin", "gtrdi")."""

_MASS: Final = frozenset(
    {"toms", "overheads", "drums", "percussion", "keys", "strings", "brass", "fx"}
)
"""Roles that take no article."""
_LETTERS_WITHOUT_ACCENT: Final = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d"})
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})")
_TITLE: Final = re.compile(r".*(?:\s[-\u2013\u2014]\s|_)")
"""Up to the last dash or underscore."""
_WORD: Final = re.compile(r"[^\W\d_]+|\d+")
_UNSPACED: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")

Words: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGuess:
    """A role and how sure it is, 0..1 (0 for "other" that nothing spoke for)."""

    role: Role
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    beside: frozenset[str]
    guess: RoleGuess


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    entries: dict[Words, RoleGuess]
    unspaced: tuple[tuple[str, RoleGuess], ...]
    changes: dict[Role, tuple[_Change, ...]]
    longest: int


def role_from_name(name: str) -> RoleGuess:
    """Return the role that a track's name speaks of; "other" with confidence 0 when it says nothing."""
    table = _table()
    words = split_words(name)
    found = [*_phrases(words, table)]
    if not found:
        return RoleGuess(role="other", confidence=0.0)
    best = max(found, key=lambda guess: guess.confidence)
    best = _changed(best, words, table)
    rivals = {guess.role for guess in found if guess.confidence >= best.confidence - RIVAL_COST}
    cost = RIVAL_COST if rivals - {best.role} else 0.0
    return RoleGuess(role=best.role, confidence=round(best.confidence - cost, 3))


def title_of(names: Sequence[str]) -> str:
    """Return the song's title with which all names begin, "Bass Desires - " of "Bass Desires - Kick" and "Bass Desires - Vox"; empty for none.

    Only one that speaks of a role matters, and only where what follows it does so too: "Lead Vox - 1" and "Lead Vox - 2" say what they
    are, and so does a group's name in one word ("Drums_Kick").
    """
    begin = _TITLE.match(commonprefix(names)) if len(names) > 1 else None  # noqa: RUF071  # of names, not of paths
    title = begin.group() if begin else ""
    if len(split_words(title)) < 2 or role_from_name(title).role == "other":
        return ""
    rests = {role_from_name(name[len(title) :]).role for name in names}
    return title if rests - {"other"} else ""


def spoken_role(role: Role) -> str:
    """Return a role as it stands in a sentence: "a bass", "an acoustic guitar", "drums"."""
    if role in _MASS:
        return role
    return f"{'an' if role[0] in 'aeiou' else 'a'} {role}"


def split_words(name: str) -> Words:
    """Return the folded words of a name: "Kick_In01" gives ("kick", "in", "01")."""
    spaced = _CAMEL.sub(" ", unicodedata.normalize("NFKC", name))
    return tuple(_WORD.findall(_fold(spaced)))


def _fold(text: str) -> str:
    apart = unicodedata.normalize("NFD", text.casefold().translate(_LETTERS_WITHOUT_ACCENT))
    return unicodedata.normalize("NFC", re.sub("[\u0300-\u036f]", "", apart))


def _phrases(words: Words, table: _Table) -> Iterator[RoleGuess]:
    start = 0
    while start < len(words):
        for length in range(min(table.longest, len(words) - start), 0, -1):
            guess = table.entries.get(words[start : start + length])
            if guess is not None:
                yield guess
                start += length
                break
        else:
            yield from _inside(words[start], table)
            start += 1


def _inside(word: str, table: _Table) -> Iterator[RoleGuess]:
    if _UNSPACED.search(word):
        yield from _unspaced(word, table)
        return
    for cut in range(len(word) - 1, 0, -1):
        head, tail = table.entries.get((word[:cut],)), table.entries.get((word[cut:],))
        if head and cut >= SHORTEST_PART and word[cut:] in SMALL_PARTS:
            yield _less_sure(head)
            return
        if head and tail and min(cut, len(word) - cut) >= SHORTEST_PART:
            yield _less_sure(max((tail, head), key=lambda guess: guess.confidence))
            return


def _unspaced(word: str, table: _Table) -> Iterator[RoleGuess]:
    for entry, guess in table.unspaced:
        if entry in word:
            yield guess
            word = word.replace(entry, " ")


def _less_sure(guess: RoleGuess) -> RoleGuess:
    return RoleGuess(role=guess.role, confidence=guess.confidence * COMPOUND_FACTOR)


def _changed(guess: RoleGuess, words: Words, table: _Table) -> RoleGuess:
    for change in table.changes.get(guess.role, ()):
        if change.beside.intersection(words):
            return change.guess
    return guess


@lru_cache(maxsize=1)
def _table() -> _Table:
    data = tomllib.loads((data_folder("presets") / "roles.toml").read_text(encoding="utf-8"))
    entries: dict[Words, RoleGuess] = {}
    for group in data["words"]:
        for phrase in group["say"]:
            entries.setdefault(split_words(phrase), _guess_of(group, "role"))
    joined = {"".join(words): guess for words, guess in entries.items()}
    unspaced = [(text, guess) for text, guess in joined.items() if _UNSPACED.search(text)]
    changes: dict[Role, tuple[_Change, ...]] = {}
    for row in data["changes"]:
        beside = frozenset(_fold(word) for word in row["beside"])
        change = _Change(beside=beside, guess=_guess_of(row, "becomes"))
        changes[row["role"]] = (*changes.get(row["role"], ()), change)
    return _Table(
        entries=entries,
        unspaced=tuple(sorted(unspaced, key=lambda pair: -len(pair[0]))),
        changes=changes,
        longest=max(len(words) for words in entries),
    )


def _guess_of(row: dict[str, Any], key: str) -> RoleGuess:
    return RoleGuess(role=cast(Role, row[key]), confidence=float(row["sure"]))
