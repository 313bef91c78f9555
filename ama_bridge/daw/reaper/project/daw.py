"""A DAW that is a project file: the settings go into a copy beside it, which the user opens in REAPER.

The project is never written. A file that exists is written over only where it is AMA's copy, byte for byte as AMA left it (`copies.json` in the state
folder says so); once REAPER has saved it, it is the user's. A project that is not as the plan saw it is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ama_analysis.codec import Json
from ama_analysis.errors import DeliveryError, OptionError
from ama_analysis.plan import MixPlan
from ama_analysis.progress import OnProgress, silent
from ama_bridge import json_text
from ama_bridge.atomic import write_atomically
from ama_bridge.daw.only_files import OnlyFiles
from ama_bridge.daw.port import Receipt, Reverted
from ama_bridge.daw.reaper.project.changes import changes_since
from ama_bridge.daw.reaper.project.copies import copy_of
from ama_bridge.daw.reaper.project.file import SUFFIX, project_chunk, project_of

SCHEMA: Final = "ama.copies/1"
COPIES: Final = "copies.json"
_MOST_COPIES: Final = 500
_SHOWN: Final = 4
_UNHEARD: Final = (
    "The copy was read again by AMA; no REAPER has opened it. Its sound is not verified."
)
_NEEDS_JSFX: Final = "Its effects need AMA's JSFX in REAPER (`ama install reaper`)."


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectCopy(OnlyFiles):
    """Hands settings over as a copy of a project; `project` is the one, or None for the one of which the plan was made.

    `jsfx` is the folder under REAPER's Effects with AMA's JSFX, None where effects are not wanted.
    """

    out: Path
    state: Path
    project: Path | None = None
    jsfx: str | None = None
    name: str = "reaper copy"
    asks: bool = False

    def apply(  # what a hand-over is
        self,
        plan: MixPlan,
        *,
        plan_id: str,
        folder: Path,  # noqa: ARG002  # the copy has to lie beside the project
        ask: bool = False,  # noqa: ARG002  # a file cannot ask
        agreed: frozenset[str] | None = None,
        on_progress: OnProgress = silent,
    ) -> Receipt:
        """Write the copy; `DeliveryError` (AMA-706) where the project is another by now, or the file is not AMA's to write over."""
        on_progress(0.1, "reading the project")
        if agreed is not None and not agreed.issuperset(s.id for s in plan.suggestions):
            plan = plan.only(agreed)
        path = self._original(plan)
        self._check_out(path)
        chunk = project_chunk(path)
        _check_unchanged(path, list(changes_since(plan, project_of(chunk, path))))
        copied = copy_of(chunk, plan, jsfx=self.jsfx)
        on_progress(0.8, "writing the copy")
        if copied.applied:
            self._keep(copied.data)
        notes = [_UNHEARD, *([_NEEDS_JSFX] if b"<JS AMA/" in copied.data else [])]
        written = f"{self.out} is {path.name} with what was applied; all else is as it was."
        return Receipt(
            plan=plan_id,
            daw=self.name,
            applied=copied.applied,
            skipped=copied.skipped,
            read_back=copied.read_back,
            notes=(written, *notes) if copied.applied else ("No copy was written.",),
        )

    def _original(self, plan: MixPlan) -> Path:
        path = self.project or plan.session.project
        if path is None or path.suffix.lower() != SUFFIX:
            message = "The plan was not made of a REAPER project."
            hint = "Make one with `ama suggest song.rpp`, or name the project with --project."
            raise OptionError(message, hint=hint)
        return path

    def _check_out(self, original: Path) -> None:
        """Refuse an original, another folder, and a file that is not AMA's."""
        if self.out.suffix.lower() != SUFFIX:
            message = f"{self.out} is not the name of a REAPER project."
            raise OptionError(message, hint="Its name must end in .rpp.")
        if self.out.absolute().parent.resolve() != original.absolute().parent.resolve():
            message = f"{self.out} does not lie beside {original}."
            hint = "A project finds its sound files from its own folder, so the copy must lie there too."
            raise OptionError(message, hint=hint)
        if not self.out.exists() and not self.out.is_symlink():
            return
        if self.out.is_symlink() or self.out.samefile(original):
            message = f"{self.out} is the project itself."
            raise OptionError(message, hint="AMA never writes over it: give the copy another name.")
        if self._known().get(str(self.out.absolute())) != _digest(self.out.read_bytes()):
            message = f"{self.out} is there already, and it is not a copy as AMA wrote it."
            hint = "It is left as it is: choose another name."
            raise DeliveryError(message, hint=hint, code="AMA-706")

    def _keep(self, data: bytes) -> None:
        known = self._known()
        name = str(self.out.absolute())
        known.pop(name, None)
        known[name] = _digest(data)
        kept: dict[str, Json] = dict(list(known.items())[-_MOST_COPIES:])
        document: dict[str, Json] = {"schema": SCHEMA, "copies": kept}
        write_atomically(self.state / COPIES, json_text.to_bytes(document))
        write_atomically(self.out, data)

    def _known(self) -> dict[str, str]:
        """Return the copies that AMA wrote, and what was in them."""
        try:
            found: Any = json_text.from_bytes((self.state / COPIES).read_bytes())
        except (OSError, ValueError):
            return {}
        copies = found.get("copies") if isinstance(found, dict) else None
        return {str(k): str(v) for k, v in copies.items()} if isinstance(copies, dict) else {}

    def revert(self, *, ask: bool = False, on_progress: OnProgress = silent) -> Reverted:  # noqa: ARG002  # there is nothing to do
        """Refuse: the project itself was not changed."""
        message = "A copy was written, the project itself is as it was."
        raise OptionError(message, hint="Delete the copy.", code="AMA-502")


def _check_unchanged(path: Path, changes: Sequence[str]) -> None:
    if not changes:
        return
    shown = "; ".join(changes[:_SHOWN]) + ("; and more" if len(changes) > _SHOWN else "")
    message = f"{path} is not as the plan saw it: {shown}."
    hint = f"Make the plan anew with `ama suggest {path.name}`."
    raise DeliveryError(message, hint=hint, code="AMA-706")


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
