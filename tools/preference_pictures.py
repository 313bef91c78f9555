"""Draw docs/preferences.png and print the figures of docs/preferences.md: `python tools/preference_pictures.py`, from a checkout.

Users who are not there mix made bands, session after session (`tests/preferences/listeners.py`); the pictures are what AMA has learned of them.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from ama_analysis.plan import MixPlan  # noqa: E402  # after the checkout is on the path
from ama_analysis.preferences import Said, taste_of  # noqa: E402
from tests.preferences.listeners import (  # noqa: E402
    Decide,
    Life,
    accepts_all,
    fader_of,
    refuses,
    wants_vocals,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SESSIONS: Final = 16
USERS: Final = 20
ODD_AT: Final = 7
ODD_DB: Final = 10.0
WISH_DB: Final = 1.5


def once_wildly(decide: Decide, at: int) -> Decide:
    """Return a user who in one session has the vocals 10 dB further up."""

    def other(plan: MixPlan, number: int) -> Mapping[str, Said]:
        said = dict(decide(plan, number))
        if number % 100 == at:
            suggestion, gain = fader_of(plan, "Vox")
            fader_db = gain.fader_db - suggestion.learned_db + ODD_DB
            said[suggestion.id] = Said(word="edit", fader_db=fader_db)
        return said

    return other


def offsets_db(decide: Decide, user: int) -> list[float]:
    """Return the learned offset of the vocals after each session, before it is rounded or withheld."""
    life, course = Life(decide), []
    for number in range(100 * user, 100 * user + SESSIONS):
        liking = taste_of(life.live(number), "pop").faders.get("lead vocal")
        course.append(liking.offset_db if liking else 0.0)
    return course


def confidences(decide: Decide) -> list[float]:
    """Return what the confidence of faders is multiplied by after each session."""
    life = Life(decide)
    return [
        habit.sure if (habit := taste_of(life.live(n), "pop").rules.get("level")) else 1.0
        for n in range(SESSIONS)
    ]


def draw(path: Path) -> None:
    """Draw and print."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10.0, 7.0), dpi=130, layout="constrained")
    FigureCanvasAgg(figure)
    faders, rules = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1.4))
    _faders(faders)
    _rules(rules)
    part = path.with_name(f".{path.stem}.part.png")
    figure.savefig(part)
    part.replace(path)


def _faders(axes: Axes) -> None:
    at = range(1, SESSIONS + 1)
    axes.axhspan(WISH_DB - 0.3, WISH_DB + 0.3, color="#D55E00", alpha=0.15, lw=0)
    axes.axhline(WISH_DB, color="#D55E00", ls="--", lw=1.5, label="what the user wants, +-0.3 dB")
    many = [offsets_db(wants_vocals(WISH_DB, scatter_db=1.0, seed=u), u) for u in range(USERS)]
    for course in many:
        axes.plot(at, course, color="#56B4E9", alpha=0.35, lw=1)
    axes.plot([], [], color="#56B4E9", label=f"{USERS} users whose wish scatters by 1 dB")
    lines = (
        ("always +1.5 dB", wants_vocals(WISH_DB), "#0072B2", "-"),
        (f"the same, once +{ODD_DB:g} dB", once_wildly(wants_vocals(WISH_DB), ODD_AT), "#000000", ":"),
        ("accepts everything", accepts_all, "#999999", "-"),
    )  # fmt: skip
    for label, decide, colour, style in lines:
        course = offsets_db(decide, 0)
        axes.plot(at, course, color=colour, ls=style, lw=2.2, label=label)
        print(f"{label}: {' '.join(f'{one:.2f}' for one in course)}")
    for session in (5, 10, SESSIONS):
        ends = [course[session - 1] for course in many]
        spread = statistics.stdev(ends)
        print(f"scattering wish, after {session}: {statistics.fmean(ends):.2f} +- {spread:.2f} dB")
    axes.set_ylabel("learned offset of the vocals (dB)")
    axes.set_title("What AMA has learned of users who are simulated", loc="left", fontweight="bold")
    axes.legend(loc="lower right", frameon=False)
    axes.grid(visible=True, color="#dddddd", lw=0.8)
    axes.spines[["top", "right"]].set_visible(False)


def _rules(axes: Axes) -> None:
    at = range(1, SESSIONS + 1)
    course = confidences(refuses("level"))
    print(f"always refuses: {' '.join(f'{one:.2f}' for one in course)}")
    axes.plot(at, course, color="#0072B2", lw=2.2, label="always left out")
    axes.plot(at, confidences(accepts_all), color="#999999", lw=2.2, label="always kept")
    axes.set_ylim(0.0, 1.1)
    axes.set_ylabel("a rule's confidence\nis multiplied by")
    axes.set_xlabel("sessions")
    axes.legend(loc="center right", frameon=False)
    axes.grid(visible=True, color="#dddddd", lw=0.8)
    axes.spines[["top", "right"]].set_visible(False)


if __name__ == "__main__":
    draw(ROOT / "docs" / "preferences.png")
