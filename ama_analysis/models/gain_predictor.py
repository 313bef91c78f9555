"""The gain predictor: measured stems to where a human would probably put their faders, each with its expected error.

    predictor_of   a weight file (or what ships) to a `Predictor`; the file is read and checked once
    Predictor      stems of a session, a style, perhaps a reference, to a `Prediction` a stem

What it says does not depend on faders, nor on how loud the stems' files are, nor on their order. Nothing here needs torch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ama_analysis.errors import WeightsError
from ama_analysis.measurements import MixProfile, TrackMeasurements
from ama_analysis.models import gain_inputs as given
from ama_analysis.models.gain_figures import figures_of, level_lufs, rules_lu
from ama_analysis.models.gain_inference import Answers, Inputs, answers_of
from ama_analysis.models.gain_pictures import Pictures
from ama_analysis.models.gain_shapes import INPUTS, KIND, REFERENCE_WIDTH, style_number
from ama_analysis.models.weights import read_weights, shipped
from ama_analysis.roles import RoleGuess
from ama_analysis.session import Track

SHIPPED: Final = "gain"
_BEFORE, _AFTER = 2, 1
"""Third-octaves that figures of a track have and a mix's profile lacks: 20 and 25 Hz, 20 kHz."""
_NOTHING_DB: Final = -60.0


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SeenStem:
    """An audible stem: its track (for name and role), its measurements and its pictures."""

    track: Track
    heard: TrackMeasurements
    pictures: Pictures


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """Where a stem belongs.

    `wanted_lufs` is the loudness that its louder side (counted twice) should have, up to a shift common to the session; `level_lufs` what it has before
    its fader; `place` where it should sit, -1 left to +1 right, counting the stem's own balance, and `placed` where that is without a pan. The
    errors are standard errors.
    """

    track: str
    level_lufs: float
    wanted_lufs: float
    error_db: float
    place: float
    placed: float
    place_error: float


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Predictor:
    """The members of an ensemble, and what their file says of itself."""

    members: tuple[Mapping[str, NDArray[Any]], ...]
    about: Mapping[str, Any]

    def predictions(
        self, stems: Sequence[SeenStem], *, style: str = "", reference: MixProfile | None = None
    ) -> tuple[Prediction, ...]:
        """Return a prediction for every stem that has a loudness, in their order; `style` is a genre or a target's name."""
        levels = [level_lufs(stem.heard) for stem in stems]
        audible = [(s, level) for s, level in zip(stems, levels, strict=True) if level is not None]
        if not audible:
            return ()
        heard = [stem.heard for stem, _ in audible]
        said = self._answers([stem for stem, _ in audible], style, reference)
        return tuple(
            Prediction(
                track=stem.track.id,
                level_lufs=level,
                wanted_lufs=float(said.gain_db[at]),
                error_db=float(said.gain_error_db[at]),
                place=float(said.place[at]),
                placed=given.position(heard[at].stereo.balance_db, 0.0),
                place_error=float(said.place_error[at]),
            )
            for at, (stem, level) in enumerate(audible)
        )

    def _answers(
        self, stems: Sequence[SeenStem], style: str, reference: MixProfile | None
    ) -> Answers:
        roles = [
            RoleGuess(role=stem.track.role, confidence=stem.track.role_confidence) for stem in stems
        ]
        heard = [stem.heard for stem in stems]
        rows = [
            figures_of(one, guess.role, guess.confidence)
            for one, guess in zip(heard, roles, strict=True)
        ]
        inputs = Inputs(
            figures=given.inputs_of(np.stack(rows), rules_lu(heard, roles)),
            pictures=tuple(given.small(stem.pictures.levels) for stem in stems),
            style=style_number(style),
            reference=_reference(reference),
        )
        return answers_of(self.members, inputs)


def _reference(profile: MixProfile | None) -> NDArray[np.float32]:
    if profile is None:
        return np.zeros(REFERENCE_WIDTH, np.float32)
    levels = np.pad(
        np.array(profile.third_octave_db), (_BEFORE, _AFTER), constant_values=_NOTHING_DB
    )
    power = 10.0 ** (levels / 10.0)
    groups = np.array([part.sum() for part in np.split(power, range(3, 28, 3))])
    return np.append(given.shape_of(groups), np.float32(1.0)).astype(np.float32)


def predictor_of(path: Path | None = None) -> Predictor:
    """Return the predictor in a weight file, by default the one that ships; `WeightsError` (AMA-902) where it cannot be used."""
    return _loaded(path or shipped(SHIPPED))


@lru_cache(maxsize=2)
def _loaded(path: Path) -> Predictor:
    weights = read_weights(path, kind=KIND)
    members: dict[str, dict[str, NDArray[Any]]] = {}
    for name, tensor in weights.tensors.items():
        number, _, rest = name.partition(".")
        members.setdefault(number, {})[rest] = tensor
    fits = members and all(
        "middle" in member and member["middle"].shape == (INPUTS,) for member in members.values()
    )
    if not fits:
        message = f"The weight file {path} was made for other measurements than this version's."
        raise WeightsError(message, hint="Train it anew with `ama train`.")
    return Predictor(
        members=tuple(members[number] for number in sorted(members)), about=weights.about
    )
