"""Waiting for a script in a DAW: for it to begin, for the user who has its dialog before her, for its answer.

What a script sends (where it can) and what it writes (into the mailbox) are two ways for the same answer; whichever comes first counts.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ama_analysis.errors import DeliveryError
from ama_analysis.progress import OnProgress
from ama_bridge.daw.mailbox import Mailbox

POLL_S: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long AMA waits, in seconds."""

    start_s: float = 8.0
    """For a script to begin: a DAW runs it when its window is idle."""
    work_s: float = 120.0
    """For a script that asks nobody."""
    user_s: float = 3600.0
    """For the user, who has a dialog before her."""
    alive_s: float = 5.0
    """So often is the DAW asked whether it is still there."""


class NotBegunError(Exception):
    """The script is not there or did not begin, and what AMA wanted was withdrawn: nothing was done. The text is a clause that says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """What is waited for: `found` looks for the answer, `alive` asks whether the DAW is still there.

    `hear` waits for what scripts send, so many seconds: the kind and the text of one thing, or None. `wish` is the file in the mailbox that says
    what AMA wants, `wish_id` the id in it. A script that begins takes it away (in a sandbox it cannot, and sends word alone); what AMA itself takes
    away no script can begin with. `not_begun` is a clause that says why no script begins.
    """

    daw: str
    script: str
    what: str
    not_begun: str
    hear: Callable[[float], tuple[str, str] | None]
    ask: bool
    found: Callable[[], bytes | None]
    wish: Path
    wish_id: str
    alive: Callable[[], bool]


def new_wish() -> str:
    """Return an id for a wish that has none of its own."""
    return f"wish-{time.time_ns()}"


def answer_of(wait: Wait, mailbox: Mailbox, patience: Patience, on_progress: OnProgress) -> bytes:
    """Return the answer's bytes.

    Raises `NotBegunError`, or `DeliveryError` (AMA-705) where the script has begun and no answer comes, and lets through what `on_progress`
    raises. However it ends, the wish is not in the mailbox afterwards; where it ends without an answer (Ctrl-C too), it is called off, so that a
    dialog that is open in the DAW sets nothing any more.
    """
    try:
        return _answer(wait, mailbox, patience, on_progress)
    except NotBegunError:
        raise
    except BaseException:
        with suppress(DeliveryError):  # what ended the wait is to be told, not a full disk
            mailbox.call_off(wait.wish_id)
        raise
    finally:
        mailbox.withdraw(wait.wish)


def _answer(wait: Wait, mailbox: Mailbox, patience: Patience, on_progress: OnProgress) -> bytes:
    began_s = time.monotonic()
    until_s, asked_s, begun = began_s + patience.start_s, began_s, False
    while True:
        heard = wait.hear(POLL_S)
        if heard is not None and heard[0] == wait.what:
            return heard[1].encode("utf-8")
        data = wait.found()
        if data is not None:
            return data
        now_s = time.monotonic()
        if not begun and (heard is not None or not wait.wish.exists()):
            begun = True
            until_s = now_s + (patience.user_s if wait.ask else patience.work_s)
        if now_s > until_s:
            raise _too_long(wait, mailbox, begun=begun)
        if begun and now_s - asked_s > patience.alive_s:
            asked_s = now_s
            if not wait.alive():
                raise _gone(wait)
        share = (now_s - began_s) / (until_s - began_s)
        on_progress(share, f"{wait.script} in {wait.daw}" if begun else f"starting {wait.script}")


def _too_long(wait: Wait, mailbox: Mailbox, *, begun: bool) -> Exception:
    if not begun and mailbox.withdraw(wait.wish):
        return NotBegunError(wait.not_begun)
    message = f"{wait.script} has begun in {wait.daw}, and no result came from it."
    return _uncertain(message)


def _gone(wait: Wait) -> DeliveryError:
    return _uncertain(f"{wait.daw} went away while {wait.script} was at work.")


def _uncertain(message: str) -> DeliveryError:
    hint = (
        "What became of it is not certain: look at the mixer; the action AMA Revert takes back what was set."
        " A dialog that is still open there does nothing any more."
    )
    return DeliveryError(message, hint=hint, code="AMA-705")
