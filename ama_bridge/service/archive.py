"""What a service has kept, to be read: plans as they are written, what became of them, renders, pictures. Any thread may ask."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from ama_analysis.codec import Json
from ama_analysis.errors import OptionError, PlanError
from ama_bridge import json_text
from ama_bridge.intake import check_render_name
from ama_bridge.store import Decision, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """One hand-over of a plan: its receipt, and what took it back, as documents; None where there is none, or not yet. `at_s`: seconds since 1970."""

    name: str
    receipt: Json
    reverted: Json
    at_s: float


class Archive:
    """The state folder, read."""

    def __init__(self, store: Store) -> None:
        """Take where everything lies."""
        self._store = store
        self._drawing = threading.Lock()

    def plan_bytes(self, plan_id: str) -> bytes:
        """Return a plan's document as it is written; `PlanError` (AMA-402) where there is none of that id."""
        if plan_id not in self._store.plan_ids():
            raise _no_plan(plan_id)
        return self._store.plan_path(plan_id).read_bytes()

    def decisions(self, plan_id: str) -> dict[str, Decision]:
        """Return what was said to a plan's suggestions."""
        return self._store.decisions(plan_id)

    def deliveries(self, plan_id: str) -> list[Delivered]:
        """Return what was handed over of a plan, the newest first."""
        return [self._delivered(folder) for folder in self._store.deliveries(plan_id)]

    def _delivered(self, folder: Path) -> Delivered:
        back = self._store.taken_back(folder.name)
        return Delivered(
            name=folder.name,
            receipt=_document(folder / "receipt.json"),
            reverted=_document(back) if back else None,
            at_s=folder.stat().st_mtime,
        )

    def render_path(self, name: str) -> Path:
        """Return a render; `OptionError` (AMA-502) where there is none of that name, which is a plain one."""
        check_render_name(name)
        path = self._store.renders / name
        if path.is_file():
            return path
        message = f"There is no render {name!r}."
        raise OptionError(message, hint="Ask for it with render.", code="AMA-502")

    def picture(self, plan_id: str) -> Path:
        """Return the tonal balance of a plan as a PNG, drawn when it is first asked for; `PlanError` where it was not verified, or is not there."""
        if plan_id not in self._store.plan_ids():
            raise _no_plan(plan_id)
        path = self._store.picture_path(plan_id)
        with self._drawing:
            if not path.is_file():
                from ama_analysis.advise import picture_of_plan

                path.parent.mkdir(parents=True, exist_ok=True)
                picture_of_plan(self._store.plan(plan_id), path)
        return path


def _no_plan(plan_id: str) -> PlanError:
    message = f"There is no plan {plan_id!r}."
    return PlanError(message, hint="Ask for one with suggest.", code="AMA-402")


def _document(path: Path) -> Json:
    try:
        return json_text.from_bytes(path.read_bytes())
    except (OSError, ValueError):  # not written yet, or damaged
        return None
