"""A JSFX at work: its file taken apart, and run section by section as a host runs it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np

from tests.daw.reaper.eel2.engine import Machine

FOLDER: Final = Path(__file__).resolve().parents[4] / "ama_bridge/daw/scripts/reaper/jsfx"
SECTIONS: Final = ("init", "slider", "block", "sample", "gfx")
_SLIDER: Final = re.compile(
    r"slider(\d+):(-?[\d.]+)<(-?[\d.]+),(-?[\d.]+),([\d.]+)(?:\{([^}]*)\})?>(-?)(.+)"
)
_BLOCK_FRAMES: Final = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Slider:
    """One parameter as its line in the file has it."""

    number: int
    default: float
    low: float
    high: float
    step: float
    choices: tuple[str, ...]
    hidden: bool
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A JSFX file: what stands before the first section, the sliders, and the sections' text with the line each begins at."""

    header: tuple[str, ...]
    sliders: Mapping[int, Slider]
    sections: Mapping[str, tuple[int, str]]

    @classmethod
    def of(cls, name: str) -> Self:
        """Read one of AMA's; `ValueError` for a line that is not understood."""
        lines = (FOLDER / f"{name}.jsfx").read_text("utf-8").splitlines()
        starts = [i for i, line in enumerate(lines) if line.startswith("@")]
        header = tuple(lines[: starts[0]])
        sections = {}
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
            title = lines[start][1:].split()[0]
            if title not in SECTIONS or title in sections:
                raise ValueError(lines[start])
            sections[title] = (start + 1, "\n".join(lines[start + 1 : end]) + "\n")
        sliders = [slider_of(line) for line in header if line.startswith("slider")]
        return cls(header=header, sliders={one.number: one for one in sliders}, sections=sections)


def slider_of(line: str) -> Slider:
    """Return a slider's line as a value."""
    match = _SLIDER.fullmatch(line)
    if match is None:
        raise ValueError(line)
    number, default, low, high, step, choices, hidden, name = match.groups()
    return Slider(
        number=int(number),
        default=float(default),
        low=float(low),
        high=float(high),
        step=float(step),
        choices=tuple(choices.split(",")) if choices else (),
        hidden=bool(hidden),
        name=name,
    )


class Effect:
    """An effect at one sample rate: `process` may be called again and again, and `move` in between."""

    def __init__(
        self, name: str, rate: int, values: Mapping[int, float] | None = None, channels: int = 2
    ) -> None:
        """Compile the sections and run @init and @slider, with `values` by number of the slider."""
        script = Script.of(name)
        self.script = script
        self.machine = Machine()
        self._samples = [self.machine.variable(f"spl{i}") for i in range(max(channels, 2))]
        self.machine.variable("srate")[0] = rate
        for number, slider in script.sliders.items():
            self.machine.variable(f"slider{number}")[0] = slider.default
        self._put(values or {})
        self._run = {
            title: self.machine.compile(text, line)
            for title, (line, text) in script.sections.items()
            if title != "gfx"
        }
        self.start()

    def start(self) -> None:
        """Do what REAPER does when playback starts."""
        self._run["init"]()
        self._run["slider"]()

    def _put(self, values: Mapping[int, float]) -> None:
        for number, value in values.items():
            slider = self.script.sliders[number]
            if not slider.low <= value <= slider.high:
                message = f"slider{number} ({slider.name}) cannot be {value}"
                raise ValueError(message)
            self.machine.variable(f"slider{number}")[0] = value

    def move(self, values: Mapping[int, float]) -> None:
        """Move sliders, as a user or a script does while it plays."""
        self._put(values)
        self._run["slider"]()

    def process(self, sound: np.ndarray, block_frames: int = _BLOCK_FRAMES) -> np.ndarray:
        """Return the first two channels (2, frames), in 64 bits, of what comes out for (channels, frames)."""
        block, sample = self._run["block"], self._run["sample"]
        length = self.machine.variable("samplesblock")
        pins = self._samples[: len(sound)]
        left, right = self._samples[:2]
        answer = []
        for start in range(0, sound.shape[1], block_frames):
            frames = sound[:, start : start + block_frames].astype(float).T.tolist()
            length[0] = len(frames)
            block()
            for frame in frames:
                for pin, value in zip(pins, frame, strict=True):
                    pin[0] = value
                sample()
                answer.append((left[0], right[0]))
        return np.array(answer).T
