"""OSC 1.0 datagrams to messages and back.

Parsing of messages and their arguments is python-osc's; bundles are taken apart here, since python-osc follows their sizes without a
check (a negative one never ends) and leaves out arguments whose type it does not know. Sent are s, i and f alone, each datagram
smaller than 1024 bytes: words at the end of a message that would be longer are cut and end in an ellipsis, names and paths never.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from pythonosc.osc_message import OscMessage, ParseError
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.parsing import osc_types

Argument: TypeAlias = str | int | float
MAX_BYTES: Final = 1024
"""Datagrams that AMA sends are smaller than this (so they pass any loopback, VPN or tunnel whole)."""
MAX_BUNDLE_DEPTH: Final = 8
ELLIPSIS: Final = "…"
_BUNDLE: Final = b"#bundle\0"
_AT_ONCE: Final = struct.pack(">Q", 1)
_FIXED_BYTES: Final = dict.fromkeys("ifrm", 4) | dict.fromkeys("hdt", 8) | dict.fromkeys("TFN[]", 0)
_FOREIGN: Final = (ParseError, osc_types.ParseError, UnicodeDecodeError, ValueError, OverflowError)


class PacketError(Exception):
    """A datagram, or a part of a bundle, is not OSC; `rid` is its request id where that could still be read."""

    def __init__(self, why: str, rid: str = "") -> None:
        """Take the reason as half a sentence."""
        super().__init__(why)
        self.rid = rid


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """An address and its arguments; `tags` are their OSC types, one letter each (brackets for arrays included)."""

    address: str
    tags: str
    arguments: tuple[object, ...]

    @property
    def rid(self) -> str:
        """The request id, which is the first argument; empty where that is not a string."""
        first = self.arguments[0] if self.arguments else ""
        return first if isinstance(first, str) else ""


def messages_of(datagram: bytes) -> Iterator[Message | PacketError]:
    """Yield the messages of a datagram, and a `PacketError` for each part that is none."""
    try:
        parts = list(_parts(datagram, 0))
    except PacketError as error:
        yield error
        return
    for part in parts:
        try:
            yield _message(part)
        except PacketError as error:
            yield error


def _parts(datagram: bytes, depth: int) -> Iterator[bytes]:
    """Yield what lies in a bundle, or the datagram itself."""
    if not datagram.startswith(_BUNDLE):
        yield datagram
        return
    if depth == MAX_BUNDLE_DEPTH:
        message = f"bundles lie more than {MAX_BUNDLE_DEPTH} deep"
        raise PacketError(message)
    at = len(_BUNDLE) + 8
    if len(datagram) < at:
        message = "the bundle has no time tag"
        raise PacketError(message)
    while at < len(datagram):
        size = int.from_bytes(datagram[at : at + 4], "big", signed=True)
        at += 4
        if size <= 0 or at + size > len(datagram):
            message = f"the bundle holds an element of {size} bytes"
            raise PacketError(message)
        yield from _parts(datagram[at : at + size], depth + 1)
        at += size


def _message(data: bytes) -> Message:
    address, tags, tags_at, values_at = _head(data)
    rid = _rid(data, tags, values_at)
    unknown = sorted(set(tags) - set(_FIXED_BYTES) - {"s", "b"})
    if unknown:
        message = f"the type tag {unknown[0]!r} is not one that AMA reads"
        raise PacketError(message, rid)
    plain = data[:tags_at] + data[tags_at:values_at].replace(b"S", b"s") + data[values_at:]
    try:
        parsed = OscMessage(plain)
        arguments = tuple(parsed.params)
    except _FOREIGN as error:
        message = "the arguments do not fit the type tags"
        raise PacketError(message, rid) from error
    if values_at + _bytes_of(tags, arguments) > len(data):
        message = "it is cut short"
        raise PacketError(message, rid)
    return Message(address=address, tags=tags, arguments=arguments)


def _head(data: bytes) -> tuple[str, str, int, int]:
    """Return address, type tags (symbols as strings), and where tags and values begin."""
    if not data.startswith(b"/"):
        message = "it begins with neither an address nor #bundle"
        raise PacketError(message)
    try:
        address, tags_at = osc_types.get_string(data, 0)
        if tags_at >= len(data):
            return address, "", tags_at, tags_at
        tags, values_at = osc_types.get_string(data, tags_at)
    except _FOREIGN as error:
        message = "its address or type tags cannot be read"
        raise PacketError(message) from error
    if not tags.startswith(","):
        message = "it has no type tags"
        raise PacketError(message)
    return address, tags[1:].replace("S", "s"), tags_at, values_at


def _rid(data: bytes, tags: str, values_at: int) -> str:
    if not tags.startswith("s"):
        return ""
    try:
        return osc_types.get_string(data, values_at)[0]
    except _FOREIGN:
        return ""


def _bytes_of(tags: str, arguments: Sequence[object]) -> int:
    """Return how many bytes the values take; arrays (whose values python-osc nests) count as nothing."""
    if "[" in tags:
        return 0
    total = 0
    for tag, value in zip(tags, arguments, strict=True):
        if tag in _FIXED_BYTES:
            total += _FIXED_BYTES[tag]
        elif isinstance(value, str):
            total += _padded(len(value.encode("utf-8")) + 1)
        elif isinstance(value, bytes):
            total += 4 + _padded(len(value))
    return total


def _padded(size: int) -> int:
    return size + -size % 4


def encode(address: str, arguments: Sequence[Argument], *, ends_in_words: bool = False) -> bytes:
    """Return a datagram below `MAX_BYTES`; where the message ends in words, not in a name or path, these may be cut. `ValueError` where it stays too long."""
    datagram = _encoded(address, arguments)
    if len(datagram) >= MAX_BYTES and ends_in_words:
        room = MAX_BYTES - 4 - len(_encoded(address, (*arguments[:-1], "")))
        words = shortened(str(arguments[-1]), room)
        datagram = _encoded(address, (*arguments[:-1], words))
    if len(datagram) >= MAX_BYTES:
        message = f"{address} takes {len(datagram)} bytes"
        raise ValueError(message)
    return datagram


def bundled(datagrams: Iterable[bytes]) -> bytes:
    """Return messages as one bundle, to be done at once and in this order, with nothing between them."""
    elements = (len(datagram).to_bytes(4, "big") + datagram for datagram in datagrams)
    return _BUNDLE + _AT_ONCE + b"".join(elements)


def shortened(text: str, max_bytes: int) -> str:
    """Return the text if its UTF-8 fits into `max_bytes`, else its beginning up to the last whole word, with an ellipsis."""
    data = text.encode("utf-8", "replace")
    if len(data) <= max_bytes:
        return text
    kept = data[: max(0, max_bytes - len(ELLIPSIS.encode()))].decode("utf-8", "ignore")
    words = kept.rsplit(None, 1)[0] if " " in kept.strip() else kept
    return f"{words.rstrip(' ,;:')}{ELLIPSIS}" if max_bytes >= len(ELLIPSIS.encode()) else ""


def _encoded(address: str, arguments: Sequence[Argument]) -> bytes:
    builder = OscMessageBuilder(address=address)
    for value in arguments:
        if isinstance(value, str):
            clean = value.encode("utf-8", "replace").decode("utf-8").replace("\0", "")
            builder.add_arg(clean, OscMessageBuilder.ARG_TYPE_STRING)
        elif isinstance(value, int):
            builder.add_arg(int(value), OscMessageBuilder.ARG_TYPE_INT)
        else:
            builder.add_arg(_single(value), OscMessageBuilder.ARG_TYPE_FLOAT)
    return builder.build().dgram


def _single(value: float) -> float:
    """Return the nearest value that 32 bits hold."""
    return float(struct.unpack(">f", struct.pack(">f", value))[0])
