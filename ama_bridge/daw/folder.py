"""A DAW that is a folder: the plan, a Pedalboard chain for every track and one for the master, for the user to load by hand.

settings.txt         every setting in words and numbers, with its reason: for any DAW, by hand
plan.json            the plan with the suggestions handed over
presets/TRACK.json   a chain a track (schema ama.chain/1); a track without suggestions gets an empty one
presets/master.json
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ama_analysis.plan import MASTER, MixPlan, Suggestion
from ama_analysis.progress import OnProgress, silent
from ama_bridge import json_text
from ama_bridge.atomic import write_atomically
from ama_bridge.daw.only_files import OnlyFiles, nothing_was_set
from ama_bridge.daw.port import Receipt, Reverted, Skipped, Standing
from ama_bridge.daw.settings_sheet import settings_sheet
from ama_bridge.store import file_name
from ama_bridge.wire import plan_bytes

_ONCE: frozenset[str] = frozenset({"gain", "pan", "high_pass", "low_pass", "polarity", "limiter"})
"""Kinds of which a track can hold only one: a second would contradict the first."""
STANDING: Final = Standing(
    daw="folder",
    running=None,
    installed=None,
    about="Writes a sheet of all settings to read, the plan, and a Pedalboard preset for each track, for any DAW.",
)
"""A folder is always there."""


@dataclass(frozen=True, slots=True)
class FolderDaw(OnlyFiles):
    """Hands settings over as files."""

    name: str = "folder"
    asks: bool = False

    def apply(  # what a hand-over is
        self,
        plan: MixPlan,
        *,
        plan_id: str,
        folder: Path,
        ask: bool = False,  # noqa: ARG002  # a folder cannot ask
        agreed: frozenset[str] | None = None,
        on_progress: OnProgress = silent,
    ) -> Receipt:
        """Write the files; the second of two suggestions that contradict each other is reported as conflicting."""
        from ama_analysis.render import chain_document

        on_progress(0.1, "handing over")
        if agreed is not None and not agreed.issuperset(s.id for s in plan.suggestions):
            plan = plan.only(agreed)
        conflicting = tuple(_conflicts(plan))
        left_out = {entry.suggestion for entry in conflicting}
        kept = tuple(s for s in plan.suggestions if s.id not in left_out)
        files = ["settings.txt", "plan.json"]
        whole = plan if not left_out else plan.only(frozenset(s.id for s in kept))
        write_atomically(folder / "plan.json", plan_bytes(whole))
        write_atomically(folder / "settings.txt", settings_sheet(whole).encode("utf-8", "replace"))
        strips = [(track.id, track.name, track.role) for track in plan.session.tracks]
        for track_id, name, role in (*strips, (MASTER, MASTER, MASTER)):
            actions = [s.action for s in kept if s.track == track_id]
            file = f"presets/{file_name(track_id)}.json"
            write_atomically(folder / file, json_text.to_bytes(chain_document(name, role, actions)))
            files.append(file)
        return Receipt(
            plan=plan_id,
            daw=self.name,
            applied=tuple(s.id for s in kept),
            conflicting=conflicting,
            files=tuple(files),
        )

    def revert(self, *, ask: bool = False, on_progress: OnProgress = silent) -> Reverted:  # noqa: ARG002  # there is nothing to do
        """Refuse: files were written, nothing was set."""
        raise nothing_was_set()


def _conflicts(plan: MixPlan) -> Iterator[Skipped]:
    first: dict[tuple[str, str], Suggestion] = {}
    for suggestion in plan.suggestions:
        key = (suggestion.track, suggestion.action.kind)
        if key[1] not in _ONCE:
            continue
        if key in first:
            reason = f"{first[key].id} sets the {key[1]} of {suggestion.track} already"
            yield Skipped(suggestion=suggestion.id, reason=reason)
        first.setdefault(key, suggestion)
