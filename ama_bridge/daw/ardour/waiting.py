"""Waiting for a script in Ardour: for it to begin, for the user who has its dialog before her, for its answer.

What a script sends (over OSC) and what it writes (into the mailbox) are two ways for the same answer; whichever comes first counts.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ama_analysis.errors import DeliveryError
from ama_analysis.progress import OnProgress
from ama_bridge.daw.ardour.mailbox import Mailbox
from ama_bridge.daw.ardour.texts import Answers

POLL_S: Final = 0.1
_NOT_BEGUN: Final = (
    "AMA's scripts did not start in Ardour (a session must be open, and no other dialog)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long AMA waits, in seconds."""

    start_s: float = 8.0
    """For a script to begin: Ardour runs it when its window is idle."""
    work_s: float = 120.0
    """For a script that asks nobody."""
    user_s: float = 3600.0
    """For the user, who has a dialog before her."""
    alive_s: float = 5.0
    """So often is Ardour asked whether it is still there."""


class NotBegunError(Exception):
    """The script is not there or did not begin, and what AMA wanted was withdrawn: nothing was done. The text is a clause that says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """What is waited for: `found` looks for the answer, `alive` asks whether Ardour is still there.

    `wish` is the file in the mailbox that says what AMA wants. A script that begins takes it away (in Ardour's sandbox it cannot, and sends
    word alone); what AMA itself takes away no script can begin with.
    """

    script: str
    what: str
    ask: bool
    found: Callable[[], bytes | None]
    wish: Path
    alive: Callable[[], bool]


def answer_of(
    wait: Wait, mailbox: Mailbox, answers: Answers, patience: Patience, on_progress: OnProgress
) -> bytes:
    """Return the answer's bytes; texts that come on the way are kept in the mailbox.

    Raises `NotBegunError`, or `DeliveryError` (AMA-705) where the script has begun and no answer comes, and lets through what `on_progress`
    raises. However it ends, the wish is not in the mailbox afterwards.
    """
    try:
        return _answer(wait, mailbox, answers, patience, on_progress)
    finally:
        mailbox.withdraw(wait.wish)


def _answer(
    wait: Wait, mailbox: Mailbox, answers: Answers, patience: Patience, on_progress: OnProgress
) -> bytes:
    began_s = time.monotonic()
    until_s, asked_s, begun = began_s + patience.start_s, began_s, False
    while True:
        text = answers.next(POLL_S)
        if text is not None:
            mailbox.keep(text)
        if text is not None and text.what == wait.what:
            return text.text.encode("utf-8")
        data = wait.found()
        if data is not None:
            return data
        now_s = time.monotonic()
        if not begun and (text is not None or not wait.wish.exists()):
            begun = True
            until_s = now_s + (patience.user_s if wait.ask else patience.work_s)
        if now_s > until_s:
            raise _too_long(wait, mailbox, begun=begun)
        if begun and now_s - asked_s > patience.alive_s:
            asked_s = now_s
            if not wait.alive():
                raise _gone(wait)
        share = (now_s - began_s) / (until_s - began_s)
        on_progress(share, f"{wait.script} in Ardour" if begun else f"starting {wait.script}")


def _too_long(wait: Wait, mailbox: Mailbox, *, begun: bool) -> Exception:
    if not begun and mailbox.withdraw(wait.wish):
        return NotBegunError(_NOT_BEGUN)
    message = f"{wait.script} has begun in Ardour, and no result came from it."
    return _uncertain(message)


def _gone(wait: Wait) -> DeliveryError:
    return _uncertain(f"Ardour went away while {wait.script} was at work.")


def _uncertain(message: str) -> DeliveryError:
    hint = "What became of it is not certain: look at the mixer; the action AMA Revert takes back what was set."
    return DeliveryError(message, hint=hint, code="AMA-705")
