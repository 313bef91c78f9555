"""Take the layers that AMA uses out of YAMNet: `python tools/yamnet_weights.py yamnet.tflite models/yamnet.safetensors` (needs ai-edge-litert).

The 8-bit weights are copied as they are, with their scales; batch normalisation lies in scales and biases already. `--vectors FILE.npz` writes what TensorFlow
Lite makes of two sounds as well, for the tests: its own log-mel picture and the mean of its twelfth layer.
"""

from __future__ import annotations

import argparse
import importlib
import re
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from ama_analysis.models.weights import weights_to_bytes
from ama_analysis.models.yamnet import KIND, LAYERS, RATE_HZ

ABOUT: Final = {
    "what": "YAMNet, layers 1 to 12, with the 8-bit weights of Google's yamnet.tflite",
    "licence": "Apache-2.0",
    "source": "https://github.com/tensorflow/models/tree/master/research/audioset/yamnet",
}
_LAYER: Final = re.compile(r"yamnet_frames/layer(\d+)/(depthwise_conv|pointwise_conv|conv)/")
_TWELFTH: Final = "layer12/pointwise_conv/relu"
_SAMPLES: Final = 15_600


def opened(path: Path) -> Any:  # noqa: ANN401  # an interpreter of a library without types
    """Return an interpreter that keeps all tensors."""
    litert = importlib.import_module("ai_edge_litert.interpreter")

    interpreter = litert.Interpreter(
        str(path),
        num_threads=1,
        experimental_op_resolver_type=litert.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        experimental_preserve_all_tensors=True,
    )
    interpreter.allocate_tensors()
    return interpreter


def tensors_of(interpreter: Any) -> dict[str, NDArray[Any]]:  # noqa: ANN401  # as above
    """Return weights, scales and biases of the layers by AMA's names."""
    found: dict[str, NDArray[Any]] = {}
    for row in interpreter.get_tensor_details():
        layer = _LAYER.match(row["name"])
        if layer is None or not _stored(row) or int(layer[1]) > LAYERS:
            continue
        at = layer[1]
        kind = {"depthwise_conv": ".depth", "pointwise_conv": ".point", "conv": ""}[layer[2]]
        if f"{at}{kind}.{'bias' if len(row['shape']) == 1 else 'weights'}" in found:
            continue  # an unpacked copy that the interpreter made
        tensor = interpreter.get_tensor(row["index"])
        if tensor.ndim == 1:
            found[f"{at}{kind}.bias"] = tensor.astype(np.float32)
            continue
        scales = row["quantization_parameters"]["scales"].astype(np.float32)
        if kind == ".depth":
            found[f"{at}.depth.weights"] = tensor[0]
        else:
            found[f"{at}{kind}.weights"] = tensor.reshape(tensor.shape[0], -1).T.copy()
        if kind:
            found[f"{at}{kind}.scale"] = scales if scales.size else np.ones(1, np.float32)
    return found


def _stored(row: dict[str, Any]) -> bool:
    """Return whether a tensor is one of the file's weights or biases, not what is made on the way."""
    shape = tuple(row["shape"])
    weights = len(shape) == 4 and shape[1:3] in {(1, 1), (3, 3)}
    made = row["name"].endswith("/relu/Relu") or "/relu/Relu;" in row["name"]
    return (weights or len(shape) == 1) and not made


def vectors_of(interpreter: Any) -> dict[str, NDArray[Any]]:  # noqa: ANN401  # as above
    """Return for two sounds what was put in, the log-mel picture and the mean of the last layer that AMA uses."""
    time_s = np.arange(_SAMPLES) / RATE_HZ
    noise = np.random.default_rng(1).uniform(-1.0, 1.0, _SAMPLES)
    plucked = np.sign(np.sin(2.0 * np.pi * 220.0 * time_s)) * np.exp(-3.0 * time_s) + 0.01 * noise
    details = {row["name"]: row["index"] for row in interpreter.get_tensor_details()}
    twelfth = next(index for name, index in details.items() if _TWELFTH in name)
    made: dict[str, NDArray[Any]] = {}
    for name, sound in (("noise", noise), ("plucked", plucked / 1.01)):
        samples = sound.astype(np.float16).astype(np.float32)
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], samples[None])
        interpreter.invoke()
        made[f"{name}.log_mel"] = interpreter.get_tensor(details["Identity_1"])
        made[f"{name}.figures"] = interpreter.get_tensor(twelfth).mean(axis=(0, 1, 2))
        made[f"{name}.samples"] = sound.astype(np.float16)
    return made


def main() -> None:
    """Write the weights, and the vectors where they are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tflite", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--vectors", type=Path, default=None)
    given = parser.parse_args()
    interpreter = opened(given.tflite)
    given.out.write_bytes(weights_to_bytes(tensors_of(interpreter), kind=KIND, about=ABOUT))
    if given.vectors is not None:
        np.savez_compressed(given.vectors, **cast(Any, vectors_of(interpreter)))


if __name__ == "__main__":
    main()
