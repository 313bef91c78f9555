"""Values and arrays to bytes and back, for `ama_analysis.cache`: one line of JSON, then the arrays' own bytes.

Floats read back as they were written, so a figure from the cache is the figure that was measured. Nothing but numbers and JSON is
read, so bytes from anywhere can do no harm; what does not fit is None.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from ama_analysis.cache import Cache, remembered
from ama_analysis.codec import CodecError, Json, from_json, to_json

Array: TypeAlias = NDArray[Any]
T = TypeVar("T")

_NUMBERS: Final = re.compile(r"[<|][bfciu][0-9]{1,2}")
"""Little-endian booleans, integers, floats and complex numbers."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Packed:
    """What bytes held; arrays are read-only views of them."""

    document: Json
    arrays: Mapping[str, Array]


def pack(document: Json, **arrays: Array) -> bytes:
    """Return bytes of a JSON value and of arrays of numbers by name."""
    whole = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    whole = {name: a.astype(a.dtype.newbyteorder("<"), copy=False) for name, a in whole.items()}
    shapes = [[name, a.dtype.str, list(a.shape)] for name, a in whole.items()]
    head = json.dumps([document, shapes], allow_nan=False)
    return b"".join((head.encode("ascii"), b"\n", *(a.tobytes() for a in whole.values())))


def unpack(data: bytes) -> Packed | None:
    """Return what `pack` took, None for other bytes."""
    head, _, body = data.partition(b"\n")
    try:
        document, shapes = json.loads(head)
        arrays: dict[str, Array] = {}
        at = 0
        for name, number, shape in shapes:
            if not _NUMBERS.fullmatch(number) or min(shape, default=0) < 0:
                return None
            count = int(np.prod(shape, dtype=np.int64))
            array: Array = np.frombuffer(body, np.dtype(number), count, at)
            arrays[name] = array.reshape(shape)
            at += array.nbytes
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None
    return Packed(document=document, arrays=arrays) if at == len(body) else None


def pack_value(value: Any, hint: Any, **arrays: Array) -> bytes:  # noqa: ANN401  # any annotated value
    """Return bytes of a value whose annotation is `hint` (see `codec`), and of arrays."""
    return pack(to_json(value, hint), **arrays)


def value_of(packed: Packed, hint: Any) -> Any:  # noqa: ANN401  # any annotated value
    """Return the value that `pack_value` took, None where it does not fit `hint`."""
    try:
        return from_json(packed.document, hint)
    except CodecError:
        return None


def remembered_value(cache: Cache, key: str | None, hint: Any, make: Callable[[], T]) -> T:  # noqa: ANN401  # any annotated value
    """Return the value annotated `hint` that the cache has under a key, else what `make` gives (see `cache.remembered`).

    None counts as not there.
    """
    return remembered(
        cache,
        key,
        make,
        pack=lambda value: pack_value(value, hint),
        unpack=lambda data: value_in(data, hint),
    )


def value_in(data: bytes, hint: Any) -> Any:  # noqa: ANN401  # any annotated value
    """Return the value annotated `hint` that `pack_value` made bytes of, None for other bytes."""
    packed = unpack(data)
    return None if packed is None else value_of(packed, hint)
