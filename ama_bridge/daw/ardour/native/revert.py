"""Taking back what AMA set over OSC: each value that still is as AMA left it goes back to what it was before; the others are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ama_analysis.errors import DeliveryError, InputError
from ama_bridge.daw.ardour.native import journal
from ama_bridge.daw.ardour.native.apply import put
from ama_bridge.daw.ardour.native.client import Ardour
from ama_bridge.daw.ardour.native.reading import the_one
from ama_bridge.daw.ardour.native.values import PAN_TOLERANCE, MixerStrip, same_gain
from ama_bridge.daw.port import Reverted

_NAMES = {"gain": "fader", "pan": "pan", "polarity": "polarity"}


def newest(folder: Path) -> journal.NativeJournal | None:
    """Return the last hand-over over OSC that was not taken back; None where there is none."""
    left = [one for one in journal.journals(folder) if not one.reverted and one.values]
    return left[-1] if left else None


def revert_natively(ardour: Ardour, folder: Path) -> Reverted:
    """Take back the last hand-over over OSC; `DeliveryError` (AMA-701) where there is none, or another session is open."""
    last = newest(folder)
    if last is None:
        message = "AMA set nothing over OSC that was not taken back."
        raise DeliveryError(message, hint="Apply a plan first.")
    session = ardour.session_name()
    if session != last.session:
        message = (
            f"The last hand-over was to the session {last.session!r}, and {session!r} is open."
        )
        raise DeliveryError(message, hint="Open that session in Ardour.")
    restored, conflicting, strips = [], [], ardour.strips()
    for value in reversed(last.values):
        name = _name(value)
        why = _why_not(ardour, value, strips)
        if why is None and put(ardour, replace(value, after=value.before)).ok:
            restored.append(name)
        else:
            conflicting.append(f"{name}: {why or 'Ardour did not take it'}")
    journal.keep(folder, replace(last, reverted=True))
    return Reverted(
        daw="ardour", id=last.id, restored=tuple(restored), conflicting=tuple(conflicting)
    )


def _name(value: journal.ValueSet) -> str:
    what = _NAMES.get(value.what, f"{value.plugin} {value.which}")
    return f"{value.strip}: {what}"


def _why_not(ardour: Ardour, value: journal.ValueSet, strips: Sequence[MixerStrip]) -> str | None:
    """Return why a value is left as it is; None where it still is as AMA left it."""
    try:
        strip = the_one(strips, value.strip)
        now = _now(ardour, value, strip)
    except InputError as error:
        return error.message
    if now is None:
        return "it is not there any more"
    return None if now else "it was changed since"


def _now(ardour: Ardour, value: journal.ValueSet, strip: MixerStrip) -> bool | None:
    """Return whether a value is as AMA left it; None where there is no such control any more."""
    if value.what == "gain":
        return same_gain(strip.gain_db, value.after)
    if value.what == "pan":
        return None if strip.pan is None else abs(strip.pan - value.after) <= PAN_TOLERANCE
    if value.what == "polarity":
        return None if strip.inverted is None else strip.inverted == (value.after > 0.5)
    if value.plugin not in {p.name for p in strip.plugins if p.position == value.position}:
        return None
    known = {p.which: p for p in ardour.parameters(strip.name, value.position)}
    return known[value.which].is_at(value.after) if value.which in known else None
