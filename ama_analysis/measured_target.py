"""A target that was measured of references, as a TOML file and back: every figure as it was, so that the file does what the references do.

Tables of such a file, beside `levels` and `roles` as in every target: `profile` (the figures of `MixProfile`) and `profile_spread` (those of
`Spread`), with `references` (their names), `warnings` and `style` (whose roles and ceiling those are) at the top.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any, Final

from ama_analysis.codec import CodecError, from_json
from ama_analysis.measurements import MixProfile
from ama_analysis.target import Spread, Target

PROFILE: Final = "profile"
SPREAD: Final = "profile_spread"
MEASURED_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    PROFILE: tuple(field.name for field in fields(MixProfile)),
    SPREAD: tuple(field.name for field in fields(Spread)),
}
_LENGTHS: Final[Mapping[str, int]] = {
    "third_octave_db": 28,
    "width_by_octave_db": 10,
    "af_mid_ln": 24,
    "af_side_ln": 24,
    "erb_mid_db": 40,
    "erb_side_db": 40,
    "third_octave_quiet_db": 28,
    "third_octave_loud_db": 28,
    "band_range_db": 7,
    "band_crest_db": 7,
}
_A_LINE: Final = 8
"""Numbers on a line."""


def measured_of(tables: Mapping[str, Any]) -> tuple[MixProfile, Spread]:
    """Return profile and spread of a file's tables; `CodecError` names the key that does not fit."""
    found = []
    for name, kind in ((PROFILE, MixProfile), (SPREAD, Spread)):
        if name not in tables:
            raise CodecError(name, "is missing")
        given = {key: value for key, value in tables[name].items() if key != "source"}
        for key, value in given.items():
            if isinstance(value, list) and len(value) != _LENGTHS.get(key, len(value)):
                where = f"{name}.{key}"
                raise CodecError(where, f"has {len(value)} numbers instead of {_LENGTHS[key]}")
        found.append(from_json(given, kind, name))
    profile, spread = found
    return profile, spread


def target_toml(target: Target, *, source: str, base: str) -> str:
    """Return a measured target as TOML; `source` says how it was measured, `base` whose roles and ceiling it has."""
    lines = [
        "# Written by `ama presets save`; use it with `ama suggest --target`.",
        f"title = {_text(target.title)}",
        f"style = {_text(target.style)}",
        f"references = {_texts(target.references)}",
        f"warnings = {_texts(target.warnings)}",
        "",
        "[levels]",
        f"ceiling_dbtp = {_number(target.ceiling_dbtp)}",
        f"source = {_text(base)}",
        "",
        f"[{PROFILE}]",
        f"source = {_text(source)}",
        *_figures(target.profile),
        "",
        f"[{SPREAD}]",
        'source = "half the range of the references, which nobody is charged for"',
        *_figures(target.spread),
    ]
    for role, style in target.roles.items():
        lines += ["", f"[roles.{_text(role)}]", *_figures(style), f"source = {_text(base)}"]
    return "\n".join(lines) + "\n"


def _figures(values: Any) -> Iterator[str]:  # noqa: ANN401  # any dataclass of numbers
    """Yield a line for each number or list of numbers; what is None is left out."""
    for name, value in asdict(values).items():
        if isinstance(value, tuple):
            yield f"{name} = {_numbers(value)}"
        elif value is not None:
            yield f"{name} = {_number(value)}"


def _numbers(values: Sequence[float]) -> str:
    numbers = [_number(value) for value in values]
    rows = [", ".join(numbers[i : i + _A_LINE]) for i in range(0, len(numbers), _A_LINE)]
    if len(rows) == 1:
        return f"[{rows[0]}]"
    return "[\n    " + ",\n    ".join(rows) + ",\n]"


def _number(value: float) -> str:
    """Return the shortest text that reads back to the same number."""
    if not math.isfinite(value):
        message = f"{value!r} is no figure of a target"
        raise ValueError(message)
    return repr(float(value))


def _text(text: str) -> str:
    """Return a TOML string; what is not Unicode (bytes in file names) is shown as escapes."""
    plain = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return json.dumps(plain, ensure_ascii=False).replace("\x7f", "\\u007f")


def _texts(texts: Sequence[str]) -> str:
    return f"[{', '.join(_text(text) for text in texts)}]"
