"""The real plugins of the installed Ardour on arrays: a small LV2 host through ctypes.

A plugin is found by its URI in the bundles of /usr/lib/lv2; its description is read with a regular expression, which does for the files that
Ardour installs. Nothing here knows what a plugin does.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

BUNDLES = Path("/usr/lib/lv2")
_BLOCK_FRAMES = 1024


def needs_plugin(bundle: str) -> pytest.MarkDecorator:
    """Return the mark that skips a test where a bundle is not installed."""
    there = (BUNDLES / f"{bundle}.lv2").is_dir()
    return pytest.mark.skipif(not there, reason=f"Ardour's {bundle}.lv2 is not installed")


@dataclass(frozen=True)
class PortText:
    """One port as the description has it."""

    index: int
    symbol: str
    control: bool
    output: bool
    low: float
    high: float
    default: float


def described_ports(uri: str) -> list[PortText]:
    """Return the ports of a plugin in their order."""
    return _ports(_description(uri)[1])


def _description(uri: str) -> tuple[Path, str]:
    for file in sorted(BUNDLES.glob("a-*.lv2/*.ttl")):
        text = file.read_text("utf-8")
        begins = text.find(f"<{uri}>\n")
        if begins >= 0 and "lv2:port" in text:
            return file.parent, text[begins:]
    message = f"no bundle describes {uri}"
    raise LookupError(message)


def _ports(text: str) -> list[PortText]:
    found = []
    for block in re.findall(r"\[\s*(a lv2:(?:Input|Output)Port.*?)(?=\n\s*\]\s*[,;.])", text, re.S):

        def number(key: str, block: str = block) -> float:
            match = re.search(rf"lv2:{key}\s+(-?[\d.]+)", block)
            return float(match[1]) if match else 0.0

        symbol = re.search(r'lv2:symbol "(\w+)"', block)
        assert symbol
        found.append(
            PortText(
                index=int(number("index")),
                symbol=symbol[1],
                control="ControlPort" in block,
                output="OutputPort" in block,
                low=number("minimum"),
                high=number("maximum"),
                default=number("default"),
            )
        )
    return sorted(found, key=lambda port: port.index)


class _Descriptor(ctypes.Structure):
    _fields_ = (
        ("uri", ctypes.c_char_p),
        ("instantiate", ctypes.c_void_p),
        ("connect_port", ctypes.c_void_p),
        ("activate", ctypes.c_void_p),
        ("run", ctypes.c_void_p),
        ("deactivate", ctypes.c_void_p),
        ("cleanup", ctypes.c_void_p),
        ("extension_data", ctypes.c_void_p),
    )


_INSTANTIATE = ctypes.CFUNCTYPE(
    ctypes.c_void_p, ctypes.c_void_p, ctypes.c_double, ctypes.c_char_p, ctypes.c_void_p
)
_CONNECT = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_uint32, ctypes.c_void_p)
_RUN = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_uint32)
_PLAIN = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


def processed(
    uri: str,
    samples: NDArray[np.float32],
    rate: int,
    settings: Mapping[int, float],
    *,
    key: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """Return samples (channels, frames) behind a fresh plugin with these control ports set; the others keep their defaults.

    `key` is what the plugin's last input hears (a side-chain), silence else.
    """
    bundle, text = _description(uri)
    ports = _ports(text)
    controls = (ctypes.c_float * len(ports))(*(port.default for port in ports))
    for which, value in settings.items():
        assert ports[which].control
        controls[which] = value
    library = ctypes.CDLL(str(next(bundle.glob("*.so"))))
    entry = _found(library, uri)
    nothing = (ctypes.c_void_p * 1)(None)
    handle = _INSTANTIATE(entry.instantiate)(
        ctypes.addressof(entry), float(rate), str(bundle).encode() + b"/", ctypes.addressof(nothing)
    )
    assert handle
    connect, run = _CONNECT(entry.connect_port), _RUN(entry.run)
    for port in ports:
        if port.control:
            connect(handle, port.index, ctypes.addressof(controls) + 4 * port.index)
    if entry.activate:
        _PLAIN(entry.activate)(handle)
    inputs = [port.index for port in ports if not port.control and not port.output]
    outputs = [port.index for port in ports if not port.control and port.output]
    silence = np.zeros(samples.shape[1], np.float32)
    sources = [np.ascontiguousarray(one, np.float32) for one in samples]
    sources += [silence if key is None else np.ascontiguousarray(key, np.float32)] * (
        len(inputs) - len(sources)
    )
    results = np.zeros((len(outputs), samples.shape[1]), np.float32)
    for first in range(0, samples.shape[1], _BLOCK_FRAMES):
        frames = min(_BLOCK_FRAMES, samples.shape[1] - first)
        for index, array in zip((*inputs, *outputs), (*sources, *results), strict=True):
            connect(handle, index, array.ctypes.data + 4 * first)
        run(handle, frames)
    _PLAIN(entry.cleanup)(handle)
    return results


def _found(library: ctypes.CDLL, uri: str) -> _Descriptor:
    library.lv2_descriptor.restype = ctypes.POINTER(_Descriptor)
    library.lv2_descriptor.argtypes = [ctypes.c_uint32]
    index = 0
    while entry := library.lv2_descriptor(index):
        if entry.contents.uri == uri.encode():
            contents: _Descriptor = entry.contents
            return contents
        index += 1
    raise LookupError(uri)
