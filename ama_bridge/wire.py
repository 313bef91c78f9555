"""What leaves AMA and comes back: the plan file, the list of values of an action, the document of `ama measure --json`.

The plan file (schema `ama.plan/1`) holds what `MixPlan` does; keys keep the order of the dataclasses, floats read back as they
were written, so a plan read equals the plan written and the same plan gives the same bytes. Decoding is strict: an unknown key, a
wrong type or a value out of range is a `PlanError` (AMA-401) that names the key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeAlias, get_type_hints

from ama_analysis.codec import CodecError, Json, from_json, to_json
from ama_analysis.errors import OptionError, PlanError, SessionError
from ama_analysis.measurements import Levels, MixProfile, SessionMeasurements
from ama_analysis.plan import (
    ACTIONS,
    MASTER,
    SCHEMA,
    Action,
    Effect,
    MixPlan,
    Sidechain,
    Suggestion,
    TargetSummary,
    Verification,
)
from ama_analysis.session import Session
from ama_bridge import json_text

Value: TypeAlias = float | int | bool | str

KINDS: Final[dict[str, type[Action]]] = {
    str(next(f.default for f in fields(action) if f.name == "kind")): action for action in ACTIONS
}
"""Action classes by kind, the closed list of what a plan may hold."""

_FLOATS: Final = Levels
_PLAN_KEYS: Final = ("schema", "engine", "target", "session", "suggestions", "verification")
_EXTRA_KEYS: Final = ("dropped", "warnings", "measurements")
_SUGGESTION_KEYS: Final = (
    "id",
    "track",
    "kind",
    "values",
    "because",
    "confidence",
    "effect",
    "learned_db",
)
_VERIFICATION_KEYS: Final = (
    "metric",
    "before",
    "after",
    "parts",
    "mix_before",
    "mix_after",
    "aim",
    "aim_spread_db",
)


@lru_cache(maxsize=32)
def value_types(kind: str) -> dict[str, Any]:
    """Return the values that an action of this kind has, with their types, in the fixed order in which OSC sends them."""
    action = KINDS[kind]
    hints = get_type_hints(action)
    return {f.name: hints[f.name] for f in fields(action) if f.name != "kind"}


def values_of(action: Action) -> dict[str, Json]:
    """Return an action's values by name."""
    return {
        name: to_json(getattr(action, name), hint)
        for name, hint in value_types(action.kind).items()
    }


def flat_values(action: Action) -> list[Value]:
    """Return an action's values in their fixed order, as OSC sends them."""
    return [getattr(action, name) for name in value_types(action.kind)]


def edited(action: Action, values: Sequence[Value]) -> Action:
    """Return the action with its first `len(values)` values replaced; `OptionError` (AMA-501) where they do not fit."""
    now = flat_values(action)
    if not 0 < len(values) <= len(now):
        message = f"A {action.kind} suggestion takes 1 to {len(now)} values, not {len(values)}."
        raise OptionError(message, hint=f"Their order is: {', '.join(value_types(action.kind))}.")
    return action_of(action.kind, [*values, *now[len(values) :]])


def action_of(kind: str, values: Sequence[object]) -> Action:
    """Return the action of these values in their fixed order; `OptionError` (AMA-501) where they do not fit."""
    types = value_types(kind)
    named = {
        name: bool(value) if hint is bool and value in (0, 1) else value
        for (name, hint), value in zip(types.items(), values, strict=True)
    }
    try:
        action: Action = from_json(named, KINDS[kind], kind)
    except CodecError as error:
        raise OptionError(f"{error}.", hint=f"The order is: {', '.join(types)}.") from error
    return action


def plan_to_json(plan: MixPlan) -> dict[str, Json]:
    """Return the plan document."""
    verification = plan.verification
    return {
        "schema": SCHEMA,
        "engine": plan.engine,
        "target": to_json(plan.target, TargetSummary),
        "session": to_json(plan.session, Session),
        "suggestions": [suggestion_to_json(s) for s in plan.suggestions],
        "verification": None if verification is None else _verification_to_json(verification),
        "dropped": [suggestion_to_json(s) for s in plan.dropped],
        "warnings": list(plan.warnings),
        "measurements": to_json(plan.measurements, SessionMeasurements),
    }


def suggestion_to_json(suggestion: Suggestion) -> dict[str, Json]:
    """Return one suggestion as it stands in the plan document."""
    return {
        "id": suggestion.id,
        "track": suggestion.track,
        "kind": suggestion.action.kind,
        "values": dict(values_of(suggestion.action)),
        "because": suggestion.because,
        "confidence": float(suggestion.confidence),
        "effect": to_json(suggestion.effect, Effect | None),
        **({"learned_db": float(suggestion.learned_db)} if suggestion.learned_db else {}),
    }


def _verification_to_json(verification: Verification) -> Json:
    return {
        "metric": verification.metric,
        "before": float(verification.before),
        "after": float(verification.after),
        "parts": {
            name: {"before": float(before), "after": float(after)}
            for name, (before, after) in verification.parts.items()
        },
        "mix_before": to_json(verification.mix_before, MixProfile),
        "mix_after": to_json(verification.mix_after, MixProfile),
        "aim": to_json(verification.aim, MixProfile),
        "aim_spread_db": to_json(verification.aim_spread_db, _FLOATS),
    }


def plan_from_json(document: Json, name: str = "The plan") -> MixPlan:
    """Return the plan of a document; `PlanError` (AMA-401) names the key that does not fit, and begins with `name`."""
    try:
        return _plan(document)
    except CodecError as error:
        message = f"{name} is not valid: {error}."
    except SessionError as error:
        message = f"{name} is not valid: {error.message}"
    raise PlanError(message, hint="Ask for suggestions anew.")


def _plan(document: Json) -> MixPlan:
    if not isinstance(document, dict) or "schema" not in document:
        raise CodecError("schema", f"is missing, a plan begins with {SCHEMA!r}")
    if document["schema"] != SCHEMA:
        raise CodecError("schema", f"is {document['schema']!r}, this version reads {SCHEMA!r}")
    given = _keys(document, "", _PLAN_KEYS, _EXTRA_KEYS)
    verification = given["verification"]
    plan = MixPlan(
        engine=from_json(given["engine"], str, "engine"),
        target=from_json(given["target"], TargetSummary, "target"),
        session=from_json(given["session"], Session, "session"),
        suggestions=_suggestions(given["suggestions"], "suggestions"),
        dropped=_suggestions(given.get("dropped", []), "dropped"),
        verification=None if verification is None else _verification(verification),
        warnings=from_json(given.get("warnings", []), tuple[str, ...], "warnings"),
        measurements=from_json(
            given.get("measurements", {"tracks": {}, "pairs": [], "skipped": {}}),
            SessionMeasurements,
            "measurements",
        ),
    )
    _check_names(plan)
    return plan


def _check_names(plan: MixPlan) -> None:
    """Refuse suggestions for tracks that the plan does not have, and ids that stand twice."""
    tracks = {track.id for track in plan.session.tracks}
    seen: set[str] = set()
    places = [
        (f"{key}[{i}]", suggestion)
        for key, some in (("suggestions", plan.suggestions), ("dropped", plan.dropped))
        for i, suggestion in enumerate(some)
    ]
    for where, suggestion in places:
        if suggestion.track not in tracks | {MASTER}:
            raise CodecError(f"{where}.track", f"names no track: {suggestion.track!r}")
        if isinstance(suggestion.action, Sidechain) and suggestion.action.trigger not in tracks:
            name = suggestion.action.trigger
            raise CodecError(f"{where}.values.trigger", f"names no track: {name!r}")
        if suggestion.id in seen:
            raise CodecError(f"{where}.id", f"stands twice: {suggestion.id!r}")
        seen.add(suggestion.id)


def _suggestions(value: Json, where: str) -> tuple[Suggestion, ...]:
    if not isinstance(value, list):
        raise CodecError(where, "is not an array")
    return tuple(_suggestion(item, f"{where}[{i}]") for i, item in enumerate(value))


def _suggestion(value: Json, where: str) -> Suggestion:
    given = _keys(value, where, _SUGGESTION_KEYS[:-2], _SUGGESTION_KEYS[-2:])
    kind = given["kind"]
    if not isinstance(kind, str) or kind not in KINDS:
        raise CodecError(f"{where}.kind", f"is {kind!r}, it must be one of: {', '.join(KINDS)}")
    action: Action = from_json(
        _keys(given["values"], f"{where}.values", (), tuple(value_types(kind))),
        KINDS[kind],
        f"{where}.values",
    )
    plain = {"id": str, "track": str, "because": str, "confidence": float, "effect": Effect | None}
    read: dict[str, Any] = {
        name: from_json(given.get(name), hint, f"{where}.{name}") for name, hint in plain.items()
    }
    read["learned_db"] = from_json(given.get("learned_db", 0.0), float, f"{where}.learned_db")
    try:
        return Suggestion(action=action, **read)
    except ValueError as error:
        raise CodecError(where, f"does not hold: {error}") from error


def _verification(value: Json) -> Verification:
    where = "verification"
    given = _keys(value, where, _VERIFICATION_KEYS, ())
    pairs = given["parts"]
    if not isinstance(pairs, dict):
        raise CodecError(f"{where}.parts", "is not an object")
    parts = {}
    for name, pair in pairs.items():
        ends = _keys(pair, f"{where}.parts.{name}", ("before", "after"), ())
        parts[name] = [ends["before"], ends["after"]]
    return from_json(given | {"parts": parts}, Verification, where)


def _keys(
    value: Json, where: str, needed: Sequence[str], optional: Sequence[str]
) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise CodecError(where, "is not an object")
    prefix = f"{where}." if where else ""
    for key in needed:
        if key not in value:
            raise CodecError(f"{prefix}{key}", "is missing")
    for key in value:
        if key not in needed and key not in optional:
            raise CodecError(f"{prefix}{key}", "is not a key that this version knows")
    return value


def plan_bytes(plan: MixPlan) -> bytes:
    """Return the plan file's bytes."""
    return json_text.to_bytes(plan_to_json(plan))


def plan_from_bytes(data: bytes, *, name: str, folder: Path) -> MixPlan:
    """Return the plan in a file's bytes; stems named by a relative path lie in `folder`. `name` stands in the messages."""
    try:
        document = json_text.from_bytes(data)
    except ValueError as error:
        raise PlanError(f"{name} is not a plan: {error}.", hint="Name a plan.json.") from error
    plan = plan_from_json(document, name)
    tracks = tuple(
        t if t.path.is_absolute() else replace(t, path=folder / t.path) for t in plan.session.tracks
    )
    return replace(plan, session=replace(plan.session, tracks=tracks))
