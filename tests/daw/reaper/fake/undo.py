"""Undo as REAPER has it: what a block changed is one point with one name, and going back gives the very state before it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from tests.daw.reaper.fake.project import Project, State

FLAGS: Final = {"track": 1, "fx": 2, "items": 4, "project": 8}
"""UNDO_STATE_*: what a point keeps. A block that changes effects and does not say so cannot be undone in REAPER."""


@dataclass(frozen=True, slots=True)
class UndoPoint:
    """One line of the undo history."""

    name: str
    flags: int
    before: State
    after: State


@dataclass
class Undo:
    """The history of a project, and the block that is open."""

    project: Project
    points: list[UndoPoint] = field(default_factory=list)
    undone: list[UndoPoint] = field(default_factory=list)
    depth: int = 0
    changed: set[str] = field(default_factory=set)
    _before: State = field(default_factory=dict)

    def begin(self) -> None:
        self.depth += 1
        if self.depth == 1:
            self.changed = set()
            self._before = self.project.state()

    def end(self, name: str, flags: int) -> str:
        """Close a block; return what is wrong with it, or ""."""
        if self.depth == 0:
            return "Undo_EndBlock without Undo_BeginBlock"
        self.depth -= 1
        if self.depth > 0:
            return ""
        after = self.project.state()
        self.points.append(UndoPoint(name, flags, self._before, after))
        self.undone.clear()
        missing = [kind for kind in sorted(self.changed) if flags != -1 and not flags & FLAGS[kind]]
        if missing:
            return (
                f"the undo point {name!r} has flags {flags}: it does not keep {', '.join(missing)}"
            )
        # Values set as they were, or put back: a script cannot take back that it opened a block.
        tried = after != self._before or self.changed
        return "" if tried else f"the undo point {name!r} changes nothing"

    def undo(self) -> str:
        """Go one point back; return its name, or "" where there is none."""
        if not self.points:
            return ""
        point = self.points.pop()
        self.project.restore(point.before)
        self.undone.append(point)
        return point.name

    def redo(self) -> str:
        if not self.undone:
            return ""
        point = self.undone.pop()
        self.project.restore(point.after)
        self.points.append(point)
        return point.name
