"""Weight files: the safetensors format, with a checksum of all that they hold inside them. Pure numpy.

A file says its kind ("ama.gain/1"), what it is made of and for (`about`, JSON), and the SHA-256 of both and of every tensor's name, shape, type
and bytes. So a file that lost a bit is refused, whichever bit it was, wherever the file came from. Nothing in a file is executed.

Format (github.com/huggingface/safetensors): 8 bytes of header length, little-endian; a JSON object of name -> {dtype, shape, data_offsets}, and
"__metadata__" of strings; then the tensors' bytes without gaps. It is written here in the order of names, so that the same content gives the same file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ama_analysis.data import data_folder
from ama_analysis.errors import WeightsError

Tensors: TypeAlias = Mapping[str, NDArray[Any]]

SUFFIX: Final = ".safetensors"
MOST_BYTES: Final = 512 << 20
"""A helper's weights are some MB (separation: tens); what is much larger is no weight file of AMA (AMA's choice)."""
_TYPES: Final = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "I64": "<i8",
    "I32": "<i4",
    "U8": "|u1",
    "I8": "|i1",
}
_WORDS: Final = {text: word for word, text in _TYPES.items()}
_METADATA: Final = "__metadata__"
_ALIGNED: Final = 8
"""The header's length is a multiple of this."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Weights:
    """The tensors of one model by name, and what it says of itself."""

    tensors: Tensors
    about: Mapping[str, Any]
    sha256: str


def shipped(name: str) -> Path:
    """Return where the weights of that name lie that came with this installation."""
    return data_folder("models") / f"{name}{SUFFIX}"


def read_weights(path: Path, *, kind: str) -> Weights:
    """Return the weights in a file; `WeightsError` (AMA-902) where it is missing, damaged, or of another kind."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise _refused(path, f"is larger than {MOST_BYTES >> 20} MiB")
        data = path.read_bytes()
    except OSError as error:
        raise _refused(path, f"cannot be read ({error.strerror})") from error
    try:
        tensors, said = _taken_apart(data)
        told = json.loads(said["about"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise _refused(path, "is damaged, or not a weight file of AMA") from error
    if said.get("kind") != kind:
        raise _refused(path, f"holds {said.get('kind')!r}, not {kind!r}")
    sha256 = _checksum(kind, said["about"], tensors)
    if sha256 != said.get("sha256"):
        raise _refused(path, "is damaged: its checksum does not fit what it holds")
    return Weights(tensors=tensors, about=told, sha256=sha256)


def weights_to_bytes(tensors: Tensors, *, kind: str, about: Mapping[str, Any]) -> bytes:
    """Return a weight file; the same tensors and words give the same bytes. ValueError for a type that the format lacks."""
    told = json.dumps(about, sort_keys=True, allow_nan=False)
    whole = {name: _little_endian(tensors[name]) for name in sorted(tensors)}
    said = {"kind": kind, "about": told, "sha256": _checksum(kind, told, whole)}
    header: dict[str, Any] = {_METADATA: said}
    start = 0
    for name, tensor in whole.items():
        stop = start + tensor.nbytes
        word = _WORDS[tensor.dtype.str]
        header[name] = {"dtype": word, "shape": list(tensor.shape), "data_offsets": [start, stop]}
        start = stop
    head = json.dumps(header).encode("ascii")
    head += b" " * (-len(head) % _ALIGNED)
    return b"".join((len(head).to_bytes(8, "little"), head, *(t.tobytes() for t in whole.values())))


def _taken_apart(data: bytes) -> tuple[dict[str, NDArray[Any]], Mapping[str, str]]:
    """Return tensors and metadata; ValueError, TypeError, KeyError or AttributeError for what is not in the format."""
    length = int.from_bytes(data[:8], "little")
    body = memoryview(data)[8 + length :]
    header = json.loads(data[8 : 8 + length])
    said = header.pop(_METADATA)
    tensors: dict[str, NDArray[Any]] = {}
    for name, row in header.items():
        start, stop = row["data_offsets"]
        if not 0 <= start <= stop <= len(body):
            message = f"{name} lies outside the file"
            raise ValueError(message)
        tensors[name] = np.frombuffer(body[start:stop], _TYPES[row["dtype"]]).reshape(row["shape"])
    return tensors, said


def _little_endian(tensor: NDArray[Any]) -> NDArray[Any]:
    whole = np.ascontiguousarray(tensor)
    whole = whole.astype(whole.dtype.newbyteorder("<"), copy=False)
    if whole.dtype.str not in _WORDS:
        message = f"weight files hold no {whole.dtype}"
        raise ValueError(message)
    return whole


def _checksum(kind: str, about: str, tensors: Tensors) -> str:
    content = hashlib.sha256(json.dumps([kind, about]).encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        content.update(json.dumps([name, tensor.dtype.str, list(tensor.shape)]).encode())
        content.update(tensor.tobytes())
    return content.hexdigest()


def _refused(path: Path, why: str) -> WeightsError:
    message = f"The weight file {path} {why}."
    return WeightsError(message, hint="Take the one that came with AMA, or train it anew.")
