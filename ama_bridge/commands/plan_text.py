"""A plan as people read it in a terminal: the tracks on which most changes first, the master, faders that stay, what was tried and dropped, then what was heard and what the whole brings.

A setting stands on a line with what it brings and how sure that is; its reason, with its id and what speaks against it, below. Each
line comes with a style ("bold", "dim" or ""), which whoever prints it may leave aside.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias, assert_never

from ama_analysis.plan import MASTER, Action, Compressor, Effect, MixPlan, Sidechain, Suggestion

Line: TypeAlias = tuple[str, str]

WIDEST: Final = 100
"""Longer lines are hard to read."""
_NARROWEST: Final = 40
_BESIDE: Final = 32
"""Columns for what a setting brings and how sure it is."""
_DROPPED_MOST: Final = 8
"""So many of what was dropped have a line; a plan file has all."""
_NO_CHANGE: Final = 0.005
"""Of the distance; as the page has it."""
_PARTS: Final = {
    "tonal_db": ("tonal balance", "dB"),
    "width_db": ("width", "dB"),
    "crest_db": ("crest", "dB"),
    "plr_db": ("peak to loudness", "dB"),
    "loudness_range_lu": ("loudness range", "LU"),
    "loudness_lu": ("loudness", "LU"),
}
"""The parts of a verification that say something in units that people know."""


def plan_lines(plan: MixPlan, columns: int) -> Iterator[Line]:
    """Yield a plan for a terminal of so many columns."""
    width = max(min(columns, WIDEST), _NARROWEST)
    told = [s for s in plan.suggestions if _changes(s)]
    if told:
        yield "What to set, what it brings, how sure; below it because of what, [id].", "dim"
    for track_id in _order(plan, told):
        yield "", ""
        yield _title(plan, track_id), "bold"
        for suggestion in told:
            if suggestion.track == track_id:
                yield from suggestion_lines(plan, suggestion, width)
    yield from _staying(plan, width)
    yield from _dropped(plan, width)
    if plan.suggestions or plan.dropped:
        yield "", ""
    for line in summary_lines(plan):
        yield line, ""


def suggestion_lines(plan: MixPlan, suggestion: Suggestion, width: int) -> Iterator[Line]:
    """Yield one suggestion: its setting, what it brings, and why."""
    setting = f"  {in_words(suggestion.action, trigger=_trigger(suggestion.action, plan))}"
    before = plan.verification.before if plan.verification else 0.0
    beside = f"{effect_in_words(suggestion.effect, before):>18}  {_sure(suggestion):>10}"
    room = width - _BESIDE
    if len(setting) <= room:
        yield f"{setting:<{room}}{beside:>{_BESIDE}}", ""
    else:
        yield setting, ""
        yield f"{beside:>{width}}", ""
    doubts = _doubts(suggestion.effect, before)
    because = " ".join([suggestion.because, *doubts, f"[{suggestion.id}]"])
    for line in _wrapped(because, width, indent=" " * 6):
        yield line, "dim"


def _wrapped(text: str, width: int, *, indent: str) -> list[str]:
    """Return a text as lines; names and ids stay whole."""
    return textwrap.wrap(
        text,
        width,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def effect_in_words(effect: Effect | None, before: float) -> str:
    """Return what share of the way to the target a suggestion goes, as the page says it."""
    return "not measured" if effect is None else _share(effect.distance_delta, before)


def _sure(suggestion: Suggestion) -> str:
    return f"{100.0 * suggestion.confidence:.0f} % sure"


def _share(delta: float, before: float) -> str:
    share = delta / before if before > 0.0 else 0.0
    if abs(share) < _NO_CHANGE:
        return "no change"
    percent = 100.0 * abs(share)
    return f"{percent:.{1 if percent < 10.0 else 0}f} % {'nearer' if share < 0.0 else 'further'}"


def _doubts(effect: Effect | None, before: float) -> Iterator[str]:
    """Yield what speaks against a suggestion by its effect: that it is marked, or that a render does not find what was computed."""
    if effect is None:
        return
    if effect.marked:
        yield "Marked: by itself it does not bring the mix nearer."
    if effect.disputed and effect.checked_delta is not None:
        found = _share(effect.checked_delta, before)
        yield f"In doubt: rendered on the loudest {effect.excerpt_s:.0f} s it comes to {found}."


def _changes(suggestion: Suggestion) -> bool:
    """Return whether a suggestion does more than say of a fader that it stays."""
    action = suggestion.action
    return action.kind != "gain" or action.delta_db != 0.0


def _order(plan: MixPlan, told: Sequence[Suggestion]) -> list[str]:
    """Return the tracks of which something is set, those first on which a suggestion changes most, the master last."""

    def change(track_id: str) -> float:
        effects = [s.effect for s in told if s.track == track_id]
        return max((abs(e.distance_delta) for e in effects if e is not None), default=0.0)

    named = {s.track for s in told}
    tracks = [track.id for track in plan.session.tracks if track.id in named]
    master = [MASTER] if MASTER in named else []
    return [*sorted(tracks, key=change, reverse=True), *master]


def _name(plan: MixPlan, track_id: str) -> str:
    return MASTER if track_id == MASTER else plan.session.track(track_id).name


def _title(plan: MixPlan, track_id: str) -> str:
    role = "other" if track_id == MASTER else plan.session.track(track_id).role
    name = _name(plan, track_id)
    return name if role == "other" else f"{name} ({role})"


def _staying(plan: MixPlan, width: int) -> Iterator[Line]:
    """Yield why faders are right, each in a sentence or two."""
    right = [s for s in plan.suggestions if not _changes(s)]
    if right:
        yield "", ""
        yield "Faders that stay where they are", "bold"
    for suggestion in right:
        told = f"{suggestion.because} {_sure(suggestion)} [{suggestion.id}]"
        for at, line in enumerate(_wrapped(told, width - 2, indent="  ")):
            yield f"  {line}" if at else line, "dim"


def _dropped(plan: MixPlan, width: int) -> Iterator[Line]:
    """Yield what was tried and dropped, a line each, what harms most first; of many the first."""
    worst = sorted(plan.dropped, key=_harm, reverse=True)
    if worst:
        yield "", ""
        yield "Tried and dropped, since it takes the mix away from the target", "bold"
    before = plan.verification.before if plan.verification else 0.0
    for one in worst[:_DROPPED_MOST]:
        what = in_words(one.action, trigger=_trigger(one.action, plan))
        told = f"{_name(plan, one.track)}: {what}, {effect_in_words(one.effect, before)} [{one.id}]"
        for at, line in enumerate(_wrapped(told, width - 2, indent="  ")):
            yield f"  {line}" if at else line, "dim"
    if len(worst) > _DROPPED_MOST:
        yield f'  and {len(worst) - _DROPPED_MOST} more, in the plan under "dropped"', "dim"


def _harm(suggestion: Suggestion) -> float:
    return suggestion.effect.distance_delta if suggestion.effect else 0.0


def summary_lines(plan: MixPlan) -> list[str]:
    """Return the plan's warnings, its target, and how far from it the mix is before and after, in total and by part."""
    lines = [f"Note: {warning}" for warning in plan.warnings]
    aim = ", ".join(plan.target.references) if plan.target.kind == "reference" else plan.target.name
    lines.append(
        f"Target: {aim}; {plan.target.loudness_lufs:.1f} LUFS, {plan.target.ceiling_dbtp:.1f} dBTP."
    )
    verified = plan.verification
    if verified is not None:
        changes = sum(map(_changes, plan.suggestions))
        lines.append(
            f"Distance to the target ({verified.metric}): {verified.before:.3f} before, "
            f"{verified.after:.3f} after {changes} {'suggestion' if changes == 1 else 'suggestions'}."
        )
        lines += [
            f"  {what:<18}{before:6.1f} {unit} apart before, {after:5.1f} {unit} after"
            for name, (what, unit) in _PARTS.items()
            for before, after in [verified.parts.get(name, (0.0, 0.0))]
            if max(before, after) >= _PART_LEAST
        ]
    return lines


_PART_LEAST: Final = 0.05
"""dB or LU: what prints as 0.0 before and after says nothing."""


def in_words(action: Action, *, trigger: str = "") -> str:  # noqa: PLR0911  # one line a kind
    """Return an action's values as people say them; `trigger` is the name of the track that a side-chain listens to."""
    match action.kind:
        case "gain":
            return _fader(action.delta_db)
        case "pan":
            return f"pan {position(action.pan)}"
        case "high_pass" | "low_pass":
            what = action.kind.replace("_", "-")
            return f"{what} {action.cutoff_hz:.0f} Hz, {action.slope_db_per_oct} dB/oct"
        case "eq_band" | "master_eq":
            shape = action.type.replace("_", " ")
            return (
                f"EQ {shape} {action.gain_db:+.1f} dB at {action.freq_hz:.0f} Hz, Q {action.q:.2f}"
            )
        case "compressor":
            return f"compressor {_dynamics(action)}"
        case "gate":
            return (
                f"gate {action.threshold_db:.1f} dB, {action.ratio:.1f}:1 below,"
                f" {action.attack_ms:g}/{action.release_ms:g} ms"
            )
        case "sidechain":
            return f"side-chain from {trigger or action.trigger}, {_dynamics(action)}"
        case "polarity":
            turned = "polarity inverted" if action.invert else "polarity as it is"
            return f"{turned}, delay {action.delay_ms:.2f} ms"
        case "limiter":
            return f"gain {action.gain_db:+.1f} dB, limiter at {action.ceiling_dbtp:.1f} dBTP"
        case _:
            assert_never(action)


def _fader(delta_db: float) -> str:
    """Return the step alone: what the fader shows in a DAW depends on its pan law."""
    return "fader stays" if round(delta_db, 1) == 0.0 else f"fader {delta_db:+.1f} dB"


def _trigger(action: Action, plan: MixPlan) -> str:
    names = {track.id: track.name for track in plan.session.tracks}
    return names.get(action.trigger, "") if isinstance(action, Sidechain) else ""


def _dynamics(action: Compressor | Sidechain) -> str:
    return (
        f"{action.threshold_db:.1f} dB, {action.ratio:.1f}:1, {action.attack_ms:g}/{action.release_ms:g} ms,"
        f" knee {action.knee_db:g}, make-up {action.makeup_db:+.1f} dB"
    )


def position(pan: float) -> str:
    """Return a pan as L40, C or R40."""
    percent = round(abs(pan) * 100)
    return "C" if percent == 0 else f"{'L' if pan < 0 else 'R'}{percent}"
