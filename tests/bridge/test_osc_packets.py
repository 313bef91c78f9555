"""Datagrams that are no OSC, nearly OSC, or more than one message: an answer each, and the service goes on."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from ama_bridge.osc_packets import (
    MAX_BYTES,
    Message,
    PacketError,
    bundled,
    encode,
    messages_of,
    shortened,
)
from ama_bridge.osc_table import ANSWERS, PREFIX, ends_in_words
from ama_bridge.wire import KINDS
from tests.bridge.services import QUIET_S, Client, client_of, service

IMMEDIATELY = struct.pack(">Q", 1)
FUZZ_ROUNDS = 1500
FUZZ_SENT = 150


def text(value: str) -> bytes:
    data = value.encode() + b"\0"
    return data + b"\0" * (-len(data) % 4)


def message(path: str, tags: str, values: bytes) -> bytes:
    return text(f"/ama/v1{path}") + text(f",{tags}") + values


def bundle(*elements: bytes) -> bytes:
    parts = (struct.pack(">i", len(each)) + each for each in elements)
    return b"#bundle\0" + IMMEDIATELY + b"".join(parts)


PING = message("/ping", "s", text("p"))

BROKEN = {
    "empty": b"",
    "garbage": b"\xff\xfe\x00garbage",
    "no type tags": text("/ama/v1/ping") + text("r1"),
    "address without an end": b"/ama/v1/ping",
    "tags without an end": text("/ama/v1/ping") + b",s",
    "address that is not UTF-8": b"/ama\xff\xfe\0\0" + text(",s") + text("r"),
    "string that is not UTF-8": message("/ping", "s", b"\xff\xfe\xfd\0"),
    "string without an end": message("/ping", "s", b"abcd"),
    "missing string": message("/ping", "s", b""),
    "blob longer than the packet": message("/ping", "b", struct.pack(">i", 2**31 - 1) + b"x"),
    "blob of negative length": message("/ping", "b", struct.pack(">i", -5)),
    "array without an end": message("/ping", "s[i", text("r") + struct.pack(">i", 1)),
    "array without a beginning": message("/ping", "s]", text("r")),
    "type that OSC does not know": message("/ping", "sz", text("r")),
    "bundle without a time": b"#bundle\0",
    "bundle with half a size": b"#bundle\0" + IMMEDIATELY + b"\0\0",
    "bundle with an element of negative size": b"#bundle\0" + IMMEDIATELY + struct.pack(">i", -4),
    "bundle with an element of no size": b"#bundle\0" + IMMEDIATELY + struct.pack(">i", 0),
    "bundle longer than the packet": b"#bundle\0" + IMMEDIATELY + struct.pack(">i", 400) + PING,
}


def deep_bundle(depth: int) -> bytes:
    packet = PING
    for _ in range(depth):
        packet = bundle(packet)
    return packet


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder: Path = tmp_path_factory.mktemp("service")
    with service(folder) as server, client_of(server) as talking:
        yield talking


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_packet_is_answered_with_an_error(client: Client, name: str) -> None:
    client.send_bytes(BROKEN[name])
    answer = client.next()
    assert (answer.path, answer.arguments[1]) == ("/error", "AMA-501")
    assert client.ask("/ping", "still-there").path == "/pong"


def test_a_packet_that_is_cut_short_keeps_its_request_id(client: Client) -> None:
    whole = message("/session/begin", "sssfi", text("r7") + text("song") + text("daw"))
    client.send_bytes(whole + struct.pack(">f", 48_000.0))
    answer = client.next()
    assert answer.arguments[:2] == ["r7", "AMA-501"]


def test_a_float_that_is_cut_off_is_not_read_as_zero(client: Client) -> None:
    client.send_bytes(message("/session/begin", "sssf", text("r8") + text("a") + text("b")))
    answer = client.next()
    assert answer.arguments[0] == "r8"
    assert "cut short" in str(answer.arguments[2])


def test_an_unknown_address_is_answered_with_its_request_id(client: Client) -> None:
    for path in ("/nothing", "/*", "/pin?"):
        answer = client.ask(path, "r")
        assert answer.arguments[:2] == ["r", "AMA-502"]


def test_a_request_id_that_is_no_string_is_refused(client: Client) -> None:
    assert client.ask("/ping", 17).arguments[:2] == ["", "AMA-501"]


def test_a_request_id_that_is_too_long_is_refused_in_a_short_answer(client: Client) -> None:
    answer = client.ask("/ping", "x" * 60_000)
    assert answer.arguments[:2] == ["", "AMA-501"]
    assert answer.size < MAX_BYTES


def test_wrong_types_and_huge_numbers_are_refused(client: Client) -> None:
    for values, tags in (
        (("r", "song", "daw", "fast", 2), "ssssi"),
        (("r", "song", "daw", 48_000.0, 2**62), "sssfh"),
        (("r", "song", "daw", 48_000.0, 1.5), "sssff"),
        (("r", "song", "daw", float("inf"), 2), "sssfi"),
        (("r", 5, "daw", 48_000.0, 2), "sisfi"),
        (("r", "song", "daw", 48_000.0, b"\x00\x00"), "sssfb"),
    ):
        answer = client.ask("/session/begin", *values, tags=tags)
        assert answer.arguments[:2] == ["r", "AMA-501"], tags


def test_every_message_of_a_bundle_is_answered(client: Client) -> None:
    client.send_bytes(bundle(PING, bundle(PING, message("/nothing", "s", text("n"))), b"/bad"))
    answers = [client.next() for _ in range(4)]
    assert [a.path for a in answers] == ["/pong", "/pong", "/error", "/error"]


def test_bundles_in_bundles_end_somewhere(client: Client) -> None:
    client.send_bytes(deep_bundle(5))
    assert client.next().path == "/pong"
    client.send_bytes(deep_bundle(2000))
    assert client.next().path == "/error"


def test_symbols_are_read_as_strings(client: Client) -> None:
    client.send_bytes(message("/ping", "S", text("sym")))
    assert client.next().arguments == ["sym"]


def test_what_ama_itself_sends_is_never_answered(client: Client) -> None:
    client.send("/error", "r", "AMA-999", "an error of another service")
    client.send("/pong", "r")
    with pytest.raises(TimeoutError):
        client.next(QUIET_S)


def test_any_bytes_end_in_messages_or_packet_errors() -> None:
    rng = random.Random(4711)  # noqa: S311  # seeded: the same bytes every time
    for _ in range(FUZZ_ROUNDS):
        for part in messages_of(_mutated(rng)):
            assert isinstance(part, Message | PacketError)


def test_the_service_survives_any_bytes(client: Client) -> None:
    rng = random.Random(815)  # noqa: S311  # seeded: the same bytes every time
    client.ask("/hello", "h", "fuzz")
    for at in range(FUZZ_SENT):
        client.send_bytes(_mutated(rng))
        client.send("/ping", f"alive-{at}")
        answer = client.next()
        while answer.arguments[0] != f"alive-{at}":
            assert answer.size < MAX_BYTES
            answer = client.next()


def _mutated(rng: random.Random) -> bytes:
    """Return a message or bundle with bytes changed, cut, doubled, or nothing but noise."""
    seeds = (
        PING,
        message("/session/track", "ssissffiss", text("r") * 2 + b"\0" * 4 + text("a") * 2),
        message("/decide", "sssf", text("r") + text("gain:a") + text("edit") + b"\x7f\xc0\0\0"),
        bundle(PING, PING),
        deep_bundle(3),
    )
    data = bytearray(rng.choice(seeds))
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(data)) if data else 0
        match rng.randrange(5):
            case 0 if data:
                data[at] = rng.randrange(256)
            case 1:
                del data[at:]
            case 2:
                data[at:at] = rng.randbytes(rng.randint(1, 9))
            case 3:
                data += data[:at]
            case _:
                data = bytearray(rng.randbytes(rng.randint(0, 60)))
    return bytes(data[:20_000])


@pytest.mark.parametrize("size", range(3, 60))
def test_texts_are_cut_between_characters_and_never_grow(size: int) -> None:
    whole = "低い Bässe über 🎸 and words, more words — ende."
    cut = shortened(whole, size)
    assert len(cut.encode()) <= size
    assert cut == whole or (cut.endswith("…") and whole.startswith(cut[:-1]))


def test_a_text_that_fits_is_not_touched() -> None:
    datagram = encode("/ama/v1/error", ("r", "AMA-101", "short"))
    assert list(OscMessage(datagram).params) == ["r", "AMA-101", "short"]


@pytest.mark.parametrize("words", [1, 50, 150, 163, 164, 165, 170, 1000])
def test_datagrams_stay_below_the_limit_at_every_length(words: int) -> None:
    arguments = ("rid", "AMA-101", "words " * words)
    assert len(encode("/ama/v1/error", arguments, ends_in_words=True)) < MAX_BYTES


def test_what_cannot_be_shortened_is_refused() -> None:
    with pytest.raises(ValueError, match="bytes"):
        encode("/ama/v1/error", ("x" * 2000, "AMA-101", "text"), ends_in_words=True)


def test_a_path_is_never_cut() -> None:
    with pytest.raises(ValueError, match="bytes"):
        encode("/ama/v1/rendered", ("r", f"/home/{'x' * 1100}/mix.wav"))


def test_words_may_be_cut_and_names_and_paths_may_not() -> None:
    may = {address.removeprefix(PREFIX) for address in ANSWERS if ends_in_words(address)}
    kinds = {f"/{family}/{kind}" for family in ("suggestion", "dropped") for kind in KINDS}
    assert may == {"/error", "/session/warning", "/progress", *kinds}


def test_texts_that_are_not_unicode_are_sent_with_marks() -> None:
    datagram = encode("/ama/v1/rendered", ("r", "/somewhere/\udcff\0.wav"))
    assert list(OscMessage(datagram).params) == ["r", "/somewhere/?.wav"]


def test_our_messages_are_read_by_python_osc_as_they_were_meant() -> None:
    ours = encode("/ama/v1/status", ("r", 3, 0.5, "text"))
    builder = OscMessageBuilder(address="/ama/v1/status")
    for value in ("r", 3, 0.5, "text"):
        builder.add_arg(value)
    assert ours == builder.build().dgram


def test_our_bundles_are_read_message_by_message_in_their_order() -> None:
    datagrams = [encode("/strip/name/3", ()), encode("/strip/gain", (3, -6.5))]
    assert bundled(datagrams) == bundle(*datagrams)
    read = [m for m in messages_of(bundled(datagrams)) if isinstance(m, Message)]
    assert [(m.address, m.arguments) for m in read] == [
        ("/strip/name/3", ()),
        ("/strip/gain", (3, -6.5)),
    ]


def test_numbers_of_64_bits_are_read() -> None:
    """Ardour tells sample positions and parameters so."""
    packet = text("/reply") + text(",shdTFN") + text("end") + struct.pack(">qd", -(2**40), 0.25)
    (read,) = messages_of(packet)
    assert isinstance(read, Message)
    assert (read.tags, read.arguments) == ("shdTFN", ("end", -(2**40), 0.25, True, False, None))
