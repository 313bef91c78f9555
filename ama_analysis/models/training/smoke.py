"""A training of seconds on made material: to see that everything runs and that the loss falls; nothing is learned that anybody should use."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from ama_analysis.audio import Audio, write_audio
from ama_analysis.errors import WorkError
from ama_analysis.models.training.pipeline import Trained, Training, train
from ama_analysis.models.training.settings import Recipe
from ama_analysis.progress import OnProgress, silent

SESSIONS: Final = 6
LENGTH_S: Final = 4.0
RATE_HZ: Final = 22_050
_PLACES_DB: Final = {"bass": -2.0, "hihat": -14.0, "vocals": 4.0, "synth": -6.0}
"""Where the made human puts them; what is to be learned."""
_SHARE: Final = 5
"""The losses of the first and last fifth of the steps are compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """The mean loss at the beginning and at the end, and the training that it was."""

    first_loss: float
    last_loss: float
    trained: Trained


def tried_out(
    folder: Path, recipe: Recipe, *, device: str = "cpu", on_progress: OnProgress = silent
) -> Tried:
    """Make material in `folder`, train on it, and return what came of it; `WorkError` where the loss does not fall."""
    made = folder / "made"
    for number in range(SESSIONS):
        _made_session(made / f"made_{number}", np.random.default_rng([recipe.seed, number]))
    losses: list[float] = []
    wanted = Training(
        folders=(made,),
        out=folder / "smoke.safetensors",
        work=folder / "work",
        recipe=recipe.smoke(),
        device=device,
    )
    result = train(wanted, on_progress=on_progress, on_step=lambda step: losses.append(step.loss))
    part = max(len(losses) // _SHARE, 1)
    first, last = float(np.mean(losses[:part])), float(np.mean(losses[-part:]))
    if not last < first:
        message = f"The loss did not fall: {first:.3f} before, {last:.3f} after."
        raise WorkError(message, hint="Something is wrong with this installation's torch.")
    return Tried(first_loss=first, last_loss=last, trained=result)


def _made_session(folder: Path, random: np.random.Generator) -> None:
    """Write four stems at random levels, and the gains that put them into their places."""
    time = np.arange(round(LENGTH_S * RATE_HZ)) / RATE_HZ
    pitch = random.uniform(0.8, 1.3)
    beat = (np.sin(2.0 * np.pi * 2.0 * pitch * time) > 0.0).astype(np.float64)
    noise = random.normal(size=time.size)
    stems = {
        "bass": np.sin(2.0 * np.pi * 60.0 * pitch * time),
        "hihat": np.diff(noise, prepend=0.0) * beat,
        "vocals": np.sin(2.0 * np.pi * 330.0 * pitch * time + 3.0 * np.sin(6.0 * time)) * beat,
        "synth": np.sign(np.sin(2.0 * np.pi * 220.0 * pitch * time)) * 0.5,
    }
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for name, sound in stems.items():
        level_db = random.uniform(-12.0, 0.0)
        rms = float(np.sqrt(np.square(sound).mean()))
        samples = (sound * (0.1 / rms * 10.0 ** (level_db / 20.0))).astype(np.float32)
        write_audio(folder / f"{name}.wav", Audio(samples[None], RATE_HZ))
        gain_db = _PLACES_DB[name] - level_db + random.normal()
        rows.append({"file": f"{name}.wav", "name": name, "gain_db": gain_db, "pan": 0.0})
    document = {"name": folder.name, "tracks": rows, "mix": {"file": None}}
    (folder / "session.json").write_text(json.dumps(document), encoding="utf-8")
