"""A DAW that asks, as the service sees one: it notes what it is given and answers when the test lets it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path

from ama_analysis.plan import MixPlan
from ama_analysis.progress import OnProgress, silent
from ama_analysis.session import Session
from ama_bridge.assistant import Assistant
from ama_bridge.daw.folder import FolderDaw
from ama_bridge.daw.port import Daw, Move, OnMove, OnStanding, Receipt, Reverted
from ama_bridge.store import Store
from tests.bridge.plans import FakeAnalyst


@dataclass
class AskingDaw:
    """`user` open means that whoever sits before the dialog has answered, `reached` that the DAW answers a watch."""

    name: str = "studio"
    asks: bool = True
    user: threading.Event = field(default_factory=threading.Event)
    offers: list[tuple[MixPlan, bool, frozenset[str] | None]] = field(default_factory=list)
    moves: tuple[Move, ...] = ()
    watched: threading.Event = field(default_factory=threading.Event)
    reached: threading.Event = field(default_factory=threading.Event)
    export: Path | None = None

    def __post_init__(self) -> None:
        self.user.set()
        self.reached.set()

    def apply(
        self,
        plan: MixPlan,
        *,
        plan_id: str,
        folder: Path,
        ask: bool = False,
        agreed: frozenset[str] | None = None,
        on_progress: OnProgress = silent,
    ) -> Receipt:
        self.offers.append((plan, ask, agreed))
        while not self.user.wait(0.01):
            on_progress(0.5, "waiting for the user")
        applied = tuple(s.id for s in plan.suggestions)
        return Receipt(plan=plan_id, daw=self.name, applied=applied)

    def revert(self, *, ask: bool = False, on_progress: OnProgress = silent) -> Reverted:
        on_progress(0.5, "taking back")
        conflicts = ("kick: moved since",) if ask else ()
        return Reverted(
            daw=self.name, id="song-0001-1", restored=("bass: pan",), conflicting=conflicts
        )

    def heard(self, session: Session) -> Session:
        return session

    def watch(self, on_move: OnMove, on_standing: OnStanding, stopping: threading.Event) -> None:
        self.reached.wait(20.0)
        for move in self.moves:
            on_move(move)
        self.watched.set()
        on_standing()
        stopping.wait()

    def take_text(self, what: str, name: str, part: tuple[int, int], chunk: str) -> str | None:
        return name if what == "session" and self.export is not None else None

    def exported(self, name: str) -> Path:
        assert self.export is not None
        return self.export

    def waiting_export(self) -> Path | None:
        waiting, self.export = self.export, None
        return waiting


def assistant_with(state: Path, daw: AskingDaw, analyst: FakeAnalyst) -> Assistant:
    daws: dict[str, Daw] = {daw.name: daw, "folder": FolderDaw()}
    return Assistant(Store(state), daws, analyst)
