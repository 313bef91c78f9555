"""Reads Lua as text and finds every use of `reaper` and `gfx`: the name, whether it is called, and with how many arguments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_TOKEN: Final = re.compile(
    r"""(?P<space>\s+|--\[(?P<deep>=*)\[.*?\](?P=deep)\]|--[^\n]*)
      |(?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\[(?P<level>=*)\[.*?\](?P=level)\])
      |(?P<word>[A-Za-z_]\w*)|(?P<number>0[xX][0-9a-fA-F]+|\d+\.?\d*(?:[eE][+-]?\d+)?)
      |(?P<sign>\.\.\.|\.\.|[=~<>]=|::|//|<<|>>|.)""",
    re.VERBOSE | re.DOTALL,
)
_OPENERS: Final = {
    "(": ")",
    "{": "}",
    "[": "]",
    "function": "end",
    "if": "end",
    "do": "end",
    "repeat": "until",
}
OPEN: Final = -1
"""A number of arguments that only running tells: the last is a call or `...`."""


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Use:
    """One place where a script names something of REAPER's. `name` is empty where `reaper` itself is handed on: nobody could check that."""

    table: str
    name: str
    line: int
    called: bool = False
    least: int = 0
    most: int = 0

    @property
    def api_name(self) -> str:
        return self.name if self.table == "reaper" else f"gfx.{self.name}"


def tokens(text: str) -> list[Token]:
    """Return a Lua text's tokens without comments; strings are one token each."""
    found: list[Token] = []
    line = 1
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if match["space"] is None:
            kind = next(
                each for each in ("text", "word", "number", "sign") if match[each] is not None
            )
            found.append(Token(kind, match[0], line))
        line += match[0].count("\n")
    return found


def uses(text: str) -> Iterator[Use]:
    """Yield every use of the globals `reaper` and `gfx`."""
    found = [Token("sign", "", 0), *tokens(text), *[Token("sign", "", 0)] * 3]
    for at, token in enumerate(found):
        if token.kind != "word" or token.text not in ("reaper", "gfx"):
            continue
        if found[at - 1].text in (".", ":") or found[at + 1].text == "=":
            continue
        name = found[at + 2]
        if found[at + 1].text != "." or name.kind != "word":
            yield Use(token.text, "", token.line)
        elif found[at + 3].text == "(":
            least, most = _arguments(found, at + 4)
            yield Use(token.text, name.text, token.line, called=True, least=least, most=most)
        else:
            yield Use(token.text, name.text, token.line)


def _arguments(found: list[Token], at: int) -> tuple[int, int]:
    """Return the least and the most arguments of a call whose first token is here; `most` is OPEN where the last may be several."""
    arguments: list[list[Token]] = [[]]
    closing: list[str] = []
    while found[at].text != ")" or closing:
        token = found[at]
        if token.kind in ("word", "sign"):
            if closing and token.text == closing[-1]:
                closing.pop()
            elif token.text in _OPENERS:
                closing.append(_OPENERS[token.text])
        if token.text == "," and token.kind == "sign" and not closing:
            arguments.append([])
        else:
            arguments[-1].append(token)
        at += 1
    if not arguments[-1]:
        return 0, 0
    if _may_be_several(arguments[-1]):
        return len(arguments) - 1, OPEN
    return len(arguments), len(arguments)


def _may_be_several(argument: list[Token]) -> bool:
    """Tell whether an expression is a bare call or `...`: `f(x)`, `a.b:c(x)`, not `(f(x))`, `f(x) + 1`."""
    if [token.text for token in argument] == ["..."]:
        return True
    if argument[-1].text != ")" or argument[0].kind != "word":
        return False
    depth = 0
    for token in argument:
        if token.kind == "sign" and token.text in "()[]{}":
            depth += 1 if token.text in "([{" else -1
        elif (depth == 0 and not (token.kind == "word" or token.text in (".", ":"))) or (
            depth == 0 and token.text in ("and", "or", "not", "function")
        ):
            return False
    return True
