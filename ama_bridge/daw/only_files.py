"""What a DAW that is nothing but files says for itself: nothing."""

from __future__ import annotations

from pathlib import Path
from threading import Event

from ama_analysis.errors import OptionError
from ama_analysis.session import Session
from ama_bridge.daw.port import OnMove, OnStanding


def nothing_was_set() -> OptionError:
    """Return the refusal to take back what was handed over as files."""
    message = "Handing over as files sets nothing, so there is nothing to take back."
    return OptionError(message, hint="Delete the delivery's folder.", code="AMA-502")


class OnlyFiles:
    """The half of the port by which something comes from a DAW, for those from which nothing does."""

    __slots__ = ()

    def heard(self, session: Session) -> Session:
        """Return the session as it is."""
        return session

    def watch(self, on_move: OnMove, on_standing: OnStanding, stopping: Event) -> None:
        """Return at once: nothing moves in files."""

    def take_text(self, what: str, name: str, part: tuple[int, int], chunk: str) -> str | None:
        """Take nothing: files send no texts."""

    def exported(self, name: str) -> Path:
        """Refuse: files export nothing."""
        raise OptionError(f"There is no export {name!r}.", code="AMA-502")

    def waiting_export(self) -> Path | None:
        """Return None: files export nothing."""
