"""What really sounds in a page: an ear at the sound card's side, and which file it hears."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import soundfile

if TYPE_CHECKING:
    from playwright.sync_api import Page

EAR: Final = """
(() => {
  const connect = AudioNode.prototype.connect;
  window.gains = [];
  AudioNode.prototype.connect = function (to, ...rest) {
    if (this instanceof AudioBufferSourceNode && to instanceof GainNode) {
      window.gains = [...window.gains.filter(({ from }) => from === to.context.currentTime), { from: to.context.currentTime, gain: to.gain }];
    }
    if (to instanceof AudioDestinationNode && to.context instanceof AudioContext) {
      window.ear = to.context.createAnalyser();
      window.ear.fftSize = 8192;
      connect.call(this, window.ear);
    }
    return connect.call(this, to, ...rest);
  };
})();
"""
"""Listens to whatever goes to the sound card; it changes nothing."""
_FRAMES: Final = 4096
_READINGS: Final = 5
SAME: Final = 0.9999
"""The correlation of a file with itself as it sounds; what is missing to 1 is 32-bit arithmetic."""


@dataclass(frozen=True)
class Heard:
    """How alike what sounds is to a file at the best place, and where that is."""

    likeness: float
    at_s: float


def heard_in(page: Page, file: Path, other: Path | None = None) -> Heard:
    """Return where in `file` it plays; `AssertionError` where something else is heard, or `other` is as like it.

    The browser reads what sounded while more is written: on a busy machine a reading may hold two moments, so there are a few.
    """
    found = []
    for _ in range(_READINGS):
        heard = listen(page)
        found.append(compared(heard, file))
        if found[-1].likeness > SAME:
            assert other is None or compared(heard, other).likeness < SAME
            return found[-1]
    message = f"{file.name} is not what is heard: {found}"
    raise AssertionError(message)


def listen(page: Page) -> np.ndarray:
    """Return the last tenth of a second that sounded, both channels as one."""
    script = "() => { const a = new Float32Array(ear.fftSize); ear.getFloatTimeDomainData(a); return Array.from(a); }"
    return np.array(page.evaluate(script)[-_FRAMES:])


def compared(heard: np.ndarray, file: Path) -> Heard:
    """Return where in a file this was heard, by normalised correlation."""
    sound, rate_hz = soundfile.read(file, always_2d=True)
    mono = sound.mean(axis=1)
    size = 1 << int(np.ceil(np.log2(mono.size + heard.size)))
    alike = np.fft.irfft(np.fft.rfft(mono, size) * np.conj(np.fft.rfft(heard, size)), size)
    alike = alike[: mono.size - heard.size]
    power = np.concatenate(([0.0], np.cumsum(mono**2)))
    norms = np.sqrt(power[heard.size : -1] - power[: mono.size - heard.size])
    likeness = alike / np.maximum(norms * np.linalg.norm(heard), 1e-9)
    at = int(np.argmax(likeness))
    return Heard(likeness=float(likeness[at]), at_s=at / rate_hz)
