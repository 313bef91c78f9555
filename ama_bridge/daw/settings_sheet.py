"""A plan as a text that a person can read beside any DAW: track by track in the session's order, each setting in words and numbers, with its reason."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Final, assert_never

from ama_analysis.plan import MASTER, Action, MixPlan, Sidechain, Suggestion
from ama_bridge.daw.labels import label_of

_WIDTH: Final = 100


def settings_sheet(plan: MixPlan) -> str:
    """Return the sheet; tracks of which nothing is set are named at the end."""
    tracks = [(track.id, track.name) for track in plan.session.tracks]
    lines = [f"Settings for {plan.session.name}, to come near to {plan.target.name}", ""]
    untouched = []
    for track_id, name in (*tracks, (MASTER, "Master bus")):
        settings = [s for s in plan.suggestions if s.track == track_id]
        if settings:
            lines += [name, *_settings(plan, settings), ""]
        elif track_id != MASTER:
            untouched.append(name)
    if untouched:
        lines += textwrap.wrap(f"As they are: {', '.join(untouched)}.", _WIDTH)
    return "\n".join(lines).rstrip("\n") + "\n"


def _settings(plan: MixPlan, settings: Sequence[Suggestion]) -> Iterator[str]:
    for suggestion in settings:
        action = suggestion.action
        trigger = plan.session.track(action.trigger).name if isinstance(action, Sidechain) else ""
        yield f"  - {label_of(action, trigger=trigger)}{_more(action)}"
        yield from textwrap.wrap(
            suggestion.because, _WIDTH, initial_indent="      ", subsequent_indent="      "
        )


def _more(action: Action) -> str:
    """Return what a dialog's label leaves out and a person has to type."""
    match action.kind:
        case "gain":
            return f", to {action.fader_db:+.1f} dB"
        case "gate":
            return f", attack {action.attack_ms:g} ms, release {action.release_ms:g} ms"
        case "compressor" | "sidechain":
            times = f", attack {action.attack_ms:g} ms, release {action.release_ms:g} ms"
            return f"{times}, knee {action.knee_db:g} dB"
        case "pan" | "polarity" | "high_pass" | "low_pass" | "eq_band" | "master_eq" | "limiter":
            return ""
        case _:
            assert_never(action.kind)
