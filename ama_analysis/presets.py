"""Built-in targets: a style's TOML file to a `Target`.

Files lie in `presets/targets/`; each table carries a `source` string beside its numbers. A file may be `based_on` another and then says
only what differs, key by key. Its curve is what `style_curve` makes of a table.

A file with a `profile` was measured of references (`measured_target`) and is used as they are: it has no curve, width, dynamics or spread.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, cast

from ama_analysis.bands import (
    NEPER_PER_DB,
    OCTAVE_HZ,
    THIRD_OCTAVE_HZ,
    TONAL_BANDS,
    bark_centres_hz,
)
from ama_analysis.codec import CodecError
from ama_analysis.data import data_folder
from ama_analysis.errors import PresetError
from ama_analysis.measured_target import MEASURED_KEYS, PROFILE, measured_of
from ama_analysis.measurements import Levels, MixProfile
from ama_analysis.roles import ROLES, Role
from ama_analysis.style_curve import SHAPE, curve_db, interpolated, rounded
from ama_analysis.style_profile import profile_from_curve
from ama_analysis.target import RoleStyle, Spread, Target

_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "levels": ("loudness_lufs", "ceiling_dbtp"),
    "curve": ("points", *SHAPE),
    "spread": ("points",),
    "width": ("by_octave_db", "spread_db"),
    **MEASURED_KEYS,
    "dynamics": (
        "plr_db",
        "plr_spread_db",
        "crest_db",
        "crest_spread_db",
        "loudness_range_lu",
        "loudness_range_spread_lu",
    ),
}
_DESCRIBED: Final = ("curve", "spread", "width", "dynamics")
"""The tables that a measured profile stands for."""
_TEXTS: Final = ("title", "based_on", "style")
_LISTS: Final = ("references", "warnings")
_ROLE_KEYS: Final = ("level_lu", "tolerance_lu", "pan")
_LIMITS: Final[Mapping[str, tuple[float, float]]] = {
    "loudness_lufs": (-40.0, -5.0),
    "ceiling_dbtp": (-12.0, 0.0),
    "level_lu": (-40.0, 0.0),
    "tolerance_lu": (0.0, 20.0),
    "pan": (0.0, 1.0),
}
_KEYS_HINT: Final = "presets/README.md lists the keys of a target."
_ANY: Final = (-100.0, 100.0)


def target_names() -> tuple[str, ...]:
    """Return the names of the built-in targets, "neutral" first."""
    names = sorted(path.stem for path in _folder().glob("*.toml"))
    return tuple(sorted(names, key=lambda name: name != "neutral"))


def load_target(name_or_path: str) -> Target:
    """Return a built-in target by name, or one from a TOML file (a name that ends in ".toml").

    Raises `PresetError` AMA-301 (no such target; the hint lists the names) or AMA-302 (the sentence names file and key).
    """
    tables = _read(name_or_path, seen=())
    name = Path(name_or_path).stem
    try:
        return _target_of(name, tables)
    except _KeyProblemError as problem:
        message = f"Target {name_or_path!r}: {problem}."
        raise PresetError(message, hint=_KEYS_HINT, code="AMA-302") from problem


class _KeyProblemError(ValueError):
    """A key is missing, unknown or has a value that it cannot have."""


def _folder() -> Path:
    return data_folder("presets") / "targets"


def _read(name_or_path: str, *, seen: tuple[str, ...]) -> dict[str, Any]:
    path = (
        Path(name_or_path) if name_or_path.endswith(".toml") else _folder() / f"{name_or_path}.toml"
    )
    if name_or_path in seen or not _is_there(path):
        message = f"There is no target {name_or_path!r}."
        hint = f"Built in are: {', '.join(target_names())}; or give the path of a .toml file."
        raise PresetError(message, hint=hint, code="AMA-301")
    try:
        own = tomllib.loads(path.read_text(encoding="utf-8"))
        _check_keys(own)
    except OSError as error:
        message = f"Target {name_or_path!r} cannot be read ({error.strerror})."
        raise PresetError(message, hint="Check the file.", code="AMA-301") from error
    except (ValueError, RecursionError) as problem:
        message = f"Target {name_or_path!r}: {problem}."
        raise PresetError(message, hint=_KEYS_HINT, code="AMA-302") from problem
    base_name = own.pop("based_on", None)
    base = {} if base_name is None else _read(str(base_name), seen=(*seen, name_or_path))
    described = [key for key in _DESCRIBED if key in own]
    if described and PROFILE in {**base, **own}:
        message = f"Target {name_or_path!r}: {described[0]} is measured already, in {PROFILE}."
        raise PresetError(message, hint=_KEYS_HINT, code="AMA-302")
    return _merged(base, own)


def _is_there(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # in a folder that is closed to us
        return False


def _merged(base: dict[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in own.items():
        if key == "curve" and "points" in value:
            merged[key] = dict(value)
        elif isinstance(value, dict):
            merged[key] = _merged(merged.get(key, {}), value)
        else:
            merged[key] = value
    return merged


def _check_keys(own: Mapping[str, Any]) -> None:
    for key, value in own.items():
        if key in _TEXTS:
            _demand(isinstance(value, str), f"{key} must be a string")
        elif key in _LISTS:
            strings = isinstance(value, list) and all(isinstance(part, str) for part in value)
            _demand(strings, f"{key} must be a list of strings")
        elif key == "roles":
            _demand(isinstance(value, dict), "roles must be a table")
            for role, table in value.items():
                _demand(role in ROLES, f"roles.{role}: there is no such role")
                _check_table(f"roles.{role}", table, _ROLE_KEYS)
        else:
            _demand(key in _KEYS, f"{key} is no key of a target")
            _check_table(key, value, _KEYS[key])


def _check_table(name: str, table: object, keys: tuple[str, ...]) -> None:
    if not isinstance(table, dict):
        message = f"{name} must be a table"
        raise _KeyProblemError(message)
    _demand(
        isinstance(table.get("source"), str), f"{name}.source must say where the numbers come from"
    )
    for key in table:
        _demand(key in (*keys, "source"), f"{name}.{key} is no key of a target")


def _demand(holds: object, sentence: str) -> None:
    if not holds:
        raise _KeyProblemError(sentence)


def _number(tables: Mapping[str, Any], *path: str) -> float:
    value: Any = tables
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    name, (low, high) = ".".join(path), _LIMITS.get(path[-1], _ANY)
    _demand(
        isinstance(value, int | float) and not isinstance(value, bool), f"{name} must be a number"
    )
    _demand(low <= value <= high, f"{name} is {value!r}, it must lie between {low:g} and {high:g}")
    return float(value)


def _points(tables: Mapping[str, Any], name: str) -> list[tuple[float, float]]:
    points = tables[name]["points"]
    _demand(
        isinstance(points, list) and len(points) > 1, f"{name}.points must be a list of [Hz, dB]"
    )
    for point in points:
        numbers = isinstance(point, list) and all(isinstance(part, int | float) for part in point)
        _demand(
            numbers and len(point) == 2 and point[0] > 0,
            f"{name}.points must be a list of [Hz, dB]",
        )
    rising = all(a[0] < b[0] for a, b in pairwise(points))
    _demand(rising, f"{name}.points must rise in frequency")
    return [(float(hz), float(db)) for hz, db in points]


def _octaves(tables: Mapping[str, Any]) -> Levels:
    values = tables.get("width", {}).get("by_octave_db")
    numbers = isinstance(values, list) and all(isinstance(value, int | float) for value in values)
    _demand(numbers and len(values) == len(OCTAVE_HZ), "width.by_octave_db must be ten numbers")
    return tuple(float(value) for value in cast(list[float], values))


def _target_of(name: str, tables: Mapping[str, Any]) -> Target:
    return (_measured if PROFILE in tables else _described)(name, tables)


def _measured(name: str, tables: Mapping[str, Any]) -> Target:
    try:
        profile, spread = measured_of(tables)
    except CodecError as problem:
        raise _KeyProblemError(str(problem)) from problem
    title = str(tables.get("title", name))
    return Target(
        name=name,
        kind="reference",
        title=title,
        style=str(tables.get("style", title)),
        profile=profile,
        spread=spread,
        loudness_lufs=profile.integrated_lufs,
        ceiling_dbtp=_number(tables, "levels", "ceiling_dbtp"),
        roles={role: _role_of(tables, role) for role in ROLES},
        references=tuple(tables.get("references", ())),
        warnings=tuple(tables.get("warnings", ())),
    )


def _described(name: str, tables: Mapping[str, Any]) -> Target:
    loudness, ceiling = (_number(tables, "levels", key) for key in _KEYS["levels"])
    width = _octaves(tables)
    profile = profile_from_curve(
        _curve_of(tables),
        width,
        plr_db=_number(tables, "dynamics", "plr_db"),
        crest_db=_number(tables, "dynamics", "crest_db"),
        loudness_range_lu=_number(tables, "dynamics", "loudness_range_lu"),
        loudness_lufs=loudness,
        true_peak_dbtp=ceiling,
    )
    return Target(
        name=name,
        kind="style",
        title=str(tables.get("title", name)),
        style=str(tables.get("title", name)),
        profile=profile,
        spread=_spread_of(tables, profile),
        loudness_lufs=loudness,
        ceiling_dbtp=ceiling,
        roles={role: _role_of(tables, role) for role in ROLES},
    )


def _curve_of(tables: Mapping[str, Any]) -> Levels:
    curve = tables.get("curve", {})
    if "points" in curve:
        _points(tables, "curve")
    else:
        for key in SHAPE:
            _number(tables, "curve", key)
    return curve_db(curve)


def _role_of(tables: Mapping[str, Any], role: Role) -> RoleStyle:
    level, tolerance, pan = (_number(tables, "roles", role, key) for key in _ROLE_KEYS)
    return RoleStyle(level_lu=level, tolerance_lu=tolerance, pan=pan)


def _spread_of(tables: Mapping[str, Any], profile: MixProfile) -> Spread:
    _demand("spread" in tables, "spread is missing")
    points = _points(tables, "spread")
    width_db = _number(tables, "width", "spread_db")
    tonal_ln = interpolated(points, bark_centres_hz()) * NEPER_PER_DB
    return Spread(
        third_octave_db=rounded(interpolated(points, THIRD_OCTAVE_HZ[TONAL_BANDS])),
        width_db=width_db,
        plr_db=_number(tables, "dynamics", "plr_spread_db"),
        crest_db=_number(tables, "dynamics", "crest_spread_db"),
        loudness_range_lu=_number(tables, "dynamics", "loudness_range_spread_lu"),
        af_mid_ln=rounded(tonal_ln),
        af_side_ln=rounded(tonal_ln + width_db * NEPER_PER_DB),
        af_width=profile.af_width * (10.0 ** (width_db / 10.0) - 1.0),
    )
