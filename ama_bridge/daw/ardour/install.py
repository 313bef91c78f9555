"""Installing AMA's scripts into Ardour: Lua files in its scripts folder, and action slots through which AMA can start them.

Every file and every script that AMA writes begins with a line that tells its SHA-256, so that what is AMA's own is known from what the user
made of it. What is replaced is kept beside it under a name with the time; what is not understood is left as it is (`DeliveryError` AMA-706).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ama_analysis.errors import DeliveryError
from ama_bridge.daw import marked
from ama_bridge.daw.ardour.places import Place, with_osc
from ama_bridge.daw.ardour.running import ardours_with
from ama_bridge.daw.ardour.ui_scripts import SLOTS, Action, UiScripts, UnknownScriptsError
from ama_bridge.daw.marked import Change, Report, bytes_of, carried_out, is_ours, is_untouched


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """One of AMA's scripts: its name in Ardour, its file, and its text with everything filled in."""

    name: str
    file: str
    text: str

    def marked(self) -> bytes:
        """Return the file's bytes, the mark before the text."""
        return marked.marked(self.text, daw="ardour", ending=".lua")


def install(
    place: Place,
    scripts: Sequence[Script],
    *,
    enable_osc: bool = False,
    dry_run: bool = False,
    running: Callable[[Place], tuple[str, ...]] = ardours_with,
) -> Report:
    """Write the scripts into the settings of one Ardour version; `DeliveryError` (AMA-706) where that Ardour runs or a file is odd."""
    _refuse_running(place, running)
    changes = [*_files(place, scripts), *_slots(place, scripts)]
    if enable_osc:
        changes += _osc(place)
    return carried_out(changes, who=_who(place), dry_run=dry_run)


def uninstall(
    place: Place,
    *,
    dry_run: bool = False,
    running: Callable[[Place], tuple[str, ...]] = ardours_with,
) -> Report:
    """Take away what `install` wrote, and nothing that was changed since."""
    _refuse_running(place, running)
    kept: list[str] = []
    changes = [*marked.removed(place.scripts.glob("*.lua"), kept), *_no_slots(place, kept)]
    report = carried_out(changes, who=_who(place), dry_run=dry_run)
    told = tuple(f"{_who(place)}: {line}" for line in kept)
    return Report(lines=(*report.lines, *told), changed=report.changed)


def slots_of(place: Place) -> dict[str, int]:
    """Return the action slots of the scripts that AMA wrote, by name; nothing where the file is missing or not understood."""
    return {action.name: slot for slot, action in _ours(place).items()}


def sources_of(place: Place) -> dict[str, bytes]:
    """Return the texts of the scripts that AMA wrote into action slots, by name."""
    return {action.name: action.source for action in _ours(place).values()}


def _ours(place: Place) -> dict[int, Action]:
    try:
        held = UiScripts.read(place.ui_scripts.read_bytes())
    except (OSError, UnknownScriptsError):
        return {}
    return {slot: action for slot, action in held.actions.items() if is_ours(action.source)}


def _who(place: Place) -> str:
    return f"Ardour {place.version}"


def _refuse_running(place: Place, running: Callable[[Place], tuple[str, ...]]) -> None:
    found = running(place)
    if found:
        message = f"Ardour {place.version} is running: {', '.join(found)}."
        hint = "Close it first; it writes its settings over what is changed meanwhile."
        raise DeliveryError(message, hint=hint, code="AMA-706")


def _files(place: Place, scripts: Sequence[Script]) -> Iterator[Change]:
    for script in scripts:
        path = place.scripts / script.file
        yield from marked.written(path, script.marked())


def _slots(place: Place, scripts: Sequence[Script]) -> Iterator[Change]:
    data = bytes_of(place.ui_scripts)
    before = UiScripts.new() if data is None else _read(place, data)
    ours = {a.name: slot for slot, a in before.actions.items() if is_ours(a.source)}
    stale = {
        s.name: ours[s.name]
        for s in scripts
        if s.name in ours and before.actions[ours[s.name]].source != s.marked()
    }
    after = before.without(stale.values())
    told = []
    for script in scripts:
        if script.name in ours and script.name not in stale:
            continue
        slot = ours.get(script.name) or _free(place, after)
        action = Action(name=script.name, source=script.marked())
        after = after.with_action(slot, action, origin=place.scripts / script.file)
        told.append(f"{script.name} in slot {slot}")
    if told:
        _check_others(place, before, after)
        what = f"puts {', '.join(told)} ({place.ui_scripts})"
        yield Change(path=place.ui_scripts, data=after.to_bytes(), what=what)


def _free(place: Place, held: UiScripts) -> int:
    for slot in SLOTS:
        if slot not in held.actions:
            return slot
    message = f"All {len(SLOTS)} action slots of Ardour {place.version} are taken."
    hint = "Free one in Edit > Lua Scripts > Script Manager."
    raise DeliveryError(message, hint=hint, code="AMA-706")


def _osc(place: Place) -> Iterator[Change]:
    data = bytes_of(place.config)
    changed = with_osc(data, name=str(place.config))
    if changed != data:
        yield Change(path=place.config, data=changed, what=f"switches OSC on in {place.config}")


def _no_slots(place: Place, kept: list[str]) -> Iterator[Change]:
    data = bytes_of(place.ui_scripts)
    if data is None:
        return
    before = _read(place, data)
    ours = {n: a for n, a in before.actions.items() if is_ours(a.source)}
    gone = {n: a for n, a in ours.items() if is_untouched(a.source)}
    kept += [
        f"keeps slot {n} ({a.name}), since it was changed" for n, a in ours.items() if n not in gone
    ]
    if not gone:
        return
    after = before.without(gone)
    _check_others(place, before, after)
    told = ", ".join(f"{a.name} out of slot {n}" for n, a in gone.items())
    empty = after.made_by_ama and not after.actions and not after.hooks
    what = f"takes {told} ({place.ui_scripts})"
    yield Change(path=place.ui_scripts, data=None if empty else after.to_bytes(), what=what)


def _check_others(place: Place, before: UiScripts, after: UiScripts) -> None:
    """Refuse to write what would change a script of the user's, a hook, or anything else."""
    again = _read(place, after.to_bytes())
    users = {slot: a for slot, a in before.actions.items() if not is_ours(a.source)}
    same = all(again.actions.get(slot) == action for slot, action in users.items())
    if not same or (before.head, before.tail) != (again.head, again.tail):
        raise _odd(place, "its scripts do not come out as they were")


def _read(place: Place, data: bytes) -> UiScripts:
    try:
        return UiScripts.read(data)
    except UnknownScriptsError as error:
        raise _odd(place, str(error)) from error


def _odd(place: Place, why: str) -> DeliveryError:
    message = f"{place.ui_scripts} is not as Ardour writes it: {why}; nothing was changed."
    hint = "Bind the scripts by hand: Edit > Lua Scripts > Script Manager."
    return DeliveryError(message, hint=hint, code="AMA-706")
