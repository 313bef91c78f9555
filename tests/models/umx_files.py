"""Small weights as `openunmix` publishes and saves them, made from a seed: the whole way without the real ones."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

TARGETS = ("vocals", "drums", "bass", "other")
RATE_HZ = 44_100
SMALL_FFT = 2048
HIDDEN = 8

needs_umx = pytest.mark.skipif(
    find_spec("torch") is None or find_spec("openunmix") is None,
    reason="separation is not installed (torch and openunmix)",
)


def small_state(target: str, *, fft_size: int = SMALL_FFT) -> dict[str, Any]:
    """Return the state dict of a model with `HIDDEN` units whose masks differ from target to target and from bin to bin."""
    import torch

    from ama_analysis.models import umx_model

    bins = fft_size // 2 + 1
    with torch.random.fork_rng():
        torch.manual_seed(TARGETS.index(target) if target in TARGETS else 99)
        model = umx_model._openunmix().OpenUnmix(
            nb_bins=bins, nb_channels=2, hidden_size=HIDDEN, max_bin=bins * 3 // 4
        )
        with torch.no_grad():
            model.output_mean.copy_(torch.rand(bins) * 2.0)
            model.bn3.running_var.fill_(4.0)
    return dict(model.state_dict())


def write_trained(folder: Path, targets: tuple[str, ...] = TARGETS, rate_hz: int = RATE_HZ) -> Path:
    """Write `<target>.pth` and separator.json, as `openunmix` saves what it has trained."""
    import torch

    folder.mkdir(parents=True, exist_ok=True)
    for target in targets:
        torch.save(small_state(target), folder / f"{target}.pth")
    settings = {
        "sample_rate": rate_hz, "nfft": SMALL_FFT, "nhop": SMALL_FFT // 2, "nb_channels": 2,
    }  # fmt: skip
    (folder / "separator.json").write_text(json.dumps(settings))
    return folder


def write_published(folder: Path, targets: tuple[str, ...] = TARGETS) -> Path:
    """Write `<target>-<digits>.pth` as they were published in 2019: no archive, tensors of the transform beside the model's, digits of the SHA-256."""
    import torch

    folder.mkdir(parents=True, exist_ok=True)
    for target in targets:
        window = torch.hann_window(4096)
        legacy = {"sample_rate": torch.tensor(44100.0), "stft.window": window}
        state = {**small_state(target, fft_size=4096), **legacy, "transform.0.window": window}
        path = folder / f"{target}.new"
        torch.save(state, path, _use_new_zipfile_serialization=False)
        digits = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
        path.rename(folder / f"{target}-{digits}.pth")
    return folder


@contextmanager
def one_thread() -> Iterator[None]:
    """Let small models not wait for threads that other tests keep busy."""
    if find_spec("torch") is None:
        yield
        return
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
