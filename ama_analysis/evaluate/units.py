"""What is compared: units of work (the stems of one session, plain or scrambled) and the aims of each (references, and of what kind)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from ama_analysis.evaluate.balance import Strip, scramble
from ama_analysis.evaluate.job import Stem
from ama_analysis.evaluate.material import (
    duration_s,
    loudness_of_tracks,
    mix_file,
    plain_stems,
    printed_stems,
    readable_reference,
)
from ama_analysis.evaluate.suite import SuiteSession

Task: TypeAlias = Literal["match", "faders"]
Kind: TypeAlias = Literal["same section", "another section", "another song"]
KINDS: Final[tuple[Kind, ...]] = ("same section", "another section", "another song")
AUDIBLE_LU: Final = 30.0
"""A track so far below the loudest one cannot be heard in a mix (AMA's choice)."""
Scramble: TypeAlias = Literal["audio", "faders"]
"""Where the scramble is: printed into the stems, or in the faders and pans that the session has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What a unit is brought near to; `path` None is the human's mix of the same session."""

    kind: Kind
    path: Path | None

    @property
    def name(self) -> str:
        """The reference's name."""
        return "human mix" if self.path is None else self.path.stem


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """The stems of one session, plain (`seed` None) or scrambled, and their aims.

    `half` None: all of the session; 0 or 1: the stems' first or second half, and of the human's mix the other one.
    """

    task: Task
    session: SuiteSession
    aims: tuple[Aim, ...]
    seed: int | None = None
    scrambled: Scramble = "audio"
    half: int | None = None

    @property
    def human(self) -> dict[str, Strip]:
        """The human's faders and pans."""
        return {t.id: Strip(gain_db=t.gain_db, pan=t.pan) for t in self.session.tracks}

    @property
    def printed(self) -> dict[str, Strip]:
        """The strips that are in the audio already."""
        still = Strip(gain_db=0.0, pan=0.0)
        if self.seed is None or self.scrambled == "faders":
            return dict.fromkeys(self.human, still)
        return scramble(self.human, self.seed)

    def stems(self, folder: Path) -> tuple[Stem, ...]:
        """Return the stems as a system gets them, written to `folder` where they are not the session's own files."""
        if self.task == "match":
            return plain_stems(self.session, folder)
        stems = printed_stems(self.session, self.printed, folder, self._span_s(self.half))
        if self.scrambled == "audio" or self.seed is None:
            return stems
        return tuple(_moved(stem, self.human[stem.id], self.seed, self.human) for stem in stems)

    def reference(self, aim: Aim, folder: Path) -> Path:
        """Return the aim's sound file; of the human's mix the half that the stems do not have, where they are halved."""
        if aim.path is not None:
            return readable_reference(aim.path, folder)
        return mix_file(
            self.session, folder, self._span_s(None if self.half is None else 1 - self.half)
        )

    def heard(self) -> frozenset[str]:
        """Return the tracks that play in the stems' part: nobody can set the fader of what is silent."""
        return frozenset(loudness_of_tracks(self.session, self._span_s(self.half)))

    def heard_there(self) -> frozenset[str]:
        """Return those of them that can be heard in the human's mix of the other half too; all where nothing is halved."""
        if self.half is None:
            return self.heard()
        levels = loudness_of_tracks(self.session, self._span_s(1 - self.half))
        least = max(levels.values(), default=0.0) - AUDIBLE_LU
        return self.heard() & {name for name, level in levels.items() if level > least}

    def _span_s(self, half: int | None) -> tuple[float, float] | None:
        middle_s = duration_s(self.session) / 2.0
        return None if half is None else (half * middle_s, (half + 1) * middle_s)


def _moved(stem: Stem, human: Strip, seed: int, everybody: dict[str, Strip]) -> Stem:
    """Return the stem with its fader and pan where the scramble moved them to from the human's."""
    by = scramble(everybody, seed)[stem.id]
    strip = Strip(gain_db=human.gain_db + by.gain_db, pan=min(max(human.pan + by.pan, -1.0), 1.0))
    return Stem(id=stem.id, name=stem.name, path=stem.path, strip=strip)


def match_units(sessions: Sequence[SuiteSession], references: Sequence[Path]) -> tuple[Unit, ...]:
    """Return each session with every reference."""
    aims = tuple(Aim(kind="another song", path=path) for path in references)
    return tuple(Unit(task="match", session=session, aims=aims) for session in sessions)


def fader_units(
    sessions: Sequence[SuiteSession],
    references: Sequence[Path],
    *,
    seeds: int,
    scrambled: Scramble,
) -> tuple[Unit, ...]:
    """Return each session, scrambled by each seed: whole (human mix, and one of the references in turn) and halved (the other half).

    Even seeds get the first half of the stems, odd ones the second.
    """
    units = []
    for at, session in enumerate(sessions):
        for seed in range(seeds):
            aims = [Aim(kind="same section", path=None)]
            if references:
                song = references[(at + seed) % len(references)]
                aims.append(Aim(kind="another song", path=song))
            half = (Aim(kind="another section", path=None),)
            for part, wanted in ((None, tuple(aims)), (seed % 2, half)):
                units.append(
                    Unit(
                        task="faders",
                        session=session,
                        aims=wanted,
                        seed=seed,
                        scrambled=scrambled,
                        half=part,
                    )
                )
    return tuple(units)
