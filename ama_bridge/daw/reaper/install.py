"""Installing AMA into REAPER's resource folder: scripts, the JSFX and the OSC pattern file, each as a file of its own.

Nothing else is written. REAPER's lists of actions and keys (`reaper-kb.ini`) and its settings (`reaper.ini`) are REAPER's, which writes them when it
ends; an action comes into the list when the user loads the script, or when a script of AMA's asks REAPER itself for it. So it does not matter
whether REAPER runs. Files of AMA's carry a mark (`ama_bridge.daw.marked`); the user's, and what the user changed, stay.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias, assert_never

from ama_bridge.daw import marked
from ama_bridge.daw.marked import Report
from ama_bridge.daw.reaper.places import Place

Kind: TypeAlias = Literal["script", "effect", "osc"]
NEXT_STEPS: Final = (
    "REAPER does not list the actions yet: Actions > Show action list > New action > Load ReaScript, and choose the files in {scripts}.",
    "It lists the effects after its next start, or when the FX browser is told to look again (F5).",
    "So that AMA hears faders move and can start AMA Apply: Preferences > Control/OSC/web > Add, OSC, pattern config AMA (docs/reaper.md).",
)
AFTER_REMOVING: Final = (
    "Actions that REAPER has listed stay in its list until you remove them there, and so does an OSC device in its preferences.",
)
_DAW: Final = "reaper"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedFile:
    """One file of AMA's: what REAPER does with it, its name, and its text with everything filled in."""

    kind: Kind
    file: str
    text: str

    def marked(self) -> bytes:
        """Return the file's bytes, the mark before the text."""
        return marked.marked(self.text, daw=_DAW, ending=Path(self.file).suffix)

    def path(self, place: Place) -> Path:
        """Return where it lies in a resource folder."""
        match self.kind:
            case "script":
                return place.scripts / self.file
            case "effect":
                return place.effects / self.file
            case "osc":
                return place.osc / self.file
        assert_never(self.kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """How an installation is: names of files that are missing, that are of another version or other settings, and that the user changed."""

    found: tuple[str, ...]
    missing: tuple[str, ...]
    other: tuple[str, ...]
    changed: tuple[str, ...]


def install(place: Place, items: Sequence[ShippedFile], *, dry_run: bool = False) -> Report:
    """Write AMA's files; `DeliveryError` (AMA-706) where one cannot be read, before anything is written."""
    wanted = {item.path(place): item.marked() for item in items}
    changes = [change for path, data in wanted.items() for change in marked.written(path, data)]
    kept: list[str] = []
    changes += marked.removed((p for p in _there(place) if p not in wanted), kept)
    return _with(marked.carried_out(changes, who=_who(place), dry_run=dry_run), place, kept)


def uninstall(place: Place, *, dry_run: bool = False) -> Report:
    """Take away what `install` wrote, and nothing that was changed since."""
    kept: list[str] = []
    changes = list(marked.removed(_there(place), kept))
    report = marked.carried_out(changes, who=_who(place), dry_run=dry_run)
    if not dry_run:
        for folder in (place.scripts, place.effects):
            with suppress(OSError):  # it is not empty, or not there
                folder.rmdir()
    return _with(report, place, kept)


def next_steps(places: Sequence[Place]) -> tuple[str, ...]:
    """Return what is left to the user, in sentences."""
    scripts = " or ".join(str(place.scripts) for place in places)
    return tuple(line.format(scripts=scripts) for line in NEXT_STEPS)


def standing(place: Place, items: Sequence[ShippedFile]) -> Installed:
    """Return how AMA's files are in this place."""
    found: list[str] = []
    missing: list[str] = []
    other: list[str] = []
    changed: list[str] = []
    for item in items:
        data = marked.bytes_of(item.path(place))
        if data is None or not marked.is_ours(data):
            missing.append(item.file)
            continue
        found.append(item.file)
        if not marked.is_untouched(data):
            changed.append(item.file)
        elif data != item.marked():
            other.append(item.file)
    return Installed(
        found=tuple(found), missing=tuple(missing), other=tuple(other), changed=tuple(changed)
    )


def _there(place: Place) -> Iterator[Path]:
    """Yield the files that may be AMA's."""
    yield from place.scripts.glob("*.lua")
    yield from place.effects.glob("*.jsfx")
    yield from place.osc.glob("*.ReaperOSC")


def _who(place: Place) -> str:
    return f"REAPER ({place.folder})"


def _with(report: Report, place: Place, kept: Sequence[str]) -> Report:
    told = tuple(f"{_who(place)}: {line}" for line in kept)
    return Report(lines=(*report.lines, *told), changed=report.changed)
