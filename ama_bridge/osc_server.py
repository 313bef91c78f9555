"""The OSC service's socket: datagrams in, answers out, on 127.0.0.1 alone.

One thread does nothing but receive, since the system keeps only a few hundred datagrams that nobody has taken; another answers in their
order and never waits for work. Whatever comes in is answered, if only with /ama/v1/error; the exception
is an address that AMA itself sends, which is dropped so that no two programs answer each other's errors for ever.
"""

from __future__ import annotations

import logging
import queue
import select
import socket
import threading
from contextlib import suppress
from typing import Final

from ama_analysis.errors import AmaError, DeliveryError, OptionError
from ama_bridge.arguments import MAX_RID_BYTES, address_at, check_rid, read_arguments
from ama_bridge.assistant import Assistant
from ama_bridge.config import HOST
from ama_bridge.handlers import Handlers
from ama_bridge.osc_clients import Clients, Endpoint
from ama_bridge.osc_exchange import OscExchange, OscSubscribers
from ama_bridge.osc_packets import Argument, Message, PacketError, encode, messages_of
from ama_bridge.osc_table import ADDRESSES, DROPPED, PREFIX, ends_in_words, reference_table

__all__ = ["ADDRESSES", "OscServer", "reference_table"]

_LARGEST_DATAGRAM: Final = 65_535
_RECEIVED_BYTES: Final = 4 << 20
"""What the system is asked to keep of datagrams that are not taken yet; many grant 0.4 MB."""
_MOST_WAITING: Final = 10_000
"""So many datagrams wait to be answered at most: ten sessions of as many tracks as there can be. A flood is lost where the system loses it, and takes no memory here."""
_BURST: Final = 16
"""After so many datagrams in a row the sender takes a breath, or a client's socket buffer would overflow."""
_BREATH_S: Final = 0.002

_log = logging.getLogger(__name__)


class OscServer:
    """A UDP socket and the Assistant behind it. `serve` runs until `stop`, which any thread or signal handler may call."""

    def __init__(self, assistant: Assistant, port: int, *, http_port: int = 0) -> None:
        """Take the port (0: any that is free); `DeliveryError` AMA-703 where another program has it. `http_port` is the page's, 0 for none."""
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with suppress(OSError):  # a system that grants less
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVED_BYTES)
        try:
            self._socket.bind((HOST, port))
        except OSError as error:
            self._socket.close()
            message = f"UDP port {port} cannot be used ({error.strerror})."
            hint = "Is AMA running already? Choose another with --osc-port."
            raise DeliveryError(message, hint=hint, code="AMA-703") from error
        self._socket.setblocking(False)  # noqa: FBT003  # the socket's own signature
        self._woken, self._wake = socket.socketpair()
        self._wake.setblocking(False)  # noqa: FBT003  # the socket's own signature
        self._stopping = threading.Event()
        self._never = threading.Event()
        self._sending = threading.Lock()
        self._sent = 0
        self._received: queue.SimpleQueue[tuple[bytes, Endpoint] | None] = queue.SimpleQueue()
        self._quiet = threading.Event()
        self._clients = Clients()
        subscribers = OscSubscribers(self._clients, self._send)
        self.handlers = Handlers(assistant, subscribers, http_port=http_port)

    @property
    def port(self) -> int:
        """The port that it listens at."""
        port: int = self._socket.getsockname()[1]
        return port

    @property
    def wakeup_fd(self) -> int:
        """What `signal.set_wakeup_fd` needs: a signal that another thread caught would else not wake `serve` from its wait."""
        return self._wake.fileno()

    def serve(self) -> None:
        """Receive and answer until `stop`; what has come until then is answered."""
        answering = threading.Thread(target=self._answer_all, name="ama-osc")
        answering.start()
        try:
            while not self._stopping.is_set():
                ready, _, _ = select.select([self._socket, self._woken], [], [])
                if self._woken in ready:
                    self._woken.recv(_LARGEST_DATAGRAM)
                if self._socket in ready:
                    self._take()
        finally:
            self._received.put(None)
            answering.join()

    def _take(self) -> None:
        """Take all that has come, and hand it on; nobody answers meanwhile, or the two would wait for each other's turn at every datagram."""
        self._quiet.clear()
        taken: list[tuple[bytes, Endpoint]] = []
        receive = self._socket.recvfrom
        room = _MOST_WAITING - self._received.qsize()
        try:
            while len(taken) < room:
                taken.append(receive(_LARGEST_DATAGRAM))
        except BlockingIOError:
            pass
        except OSError as error:  # an answer of ours found nobody; the socket is sound
            _log.debug("receiving: %s", error)
        for each in taken:
            self._received.put(each)
        self._quiet.set()
        if not room:
            self._never.wait(_BREATH_S)

    def _answer_all(self) -> None:
        while (received := self._received.get()) is not None:
            self._quiet.wait()
            self._receive(*received)

    def stop(self) -> None:
        """Let `serve` return."""
        self._stopping.set()
        with suppress(OSError):  # closed already
            self._wake.send(b"\0")

    def close(self) -> None:
        """Let go of the port."""
        with self._sending:
            for each in (self._socket, self._woken, self._wake):
                each.close()

    def _receive(self, datagram: bytes, sender: Endpoint) -> None:
        for message in messages_of(datagram):
            if isinstance(message, PacketError):
                rid = message.rid if len(message.rid.encode()) <= MAX_RID_BYTES else ""
                hint = "Send OSC 1.0 messages or bundles."
                error = OptionError(f"This is not an OSC message: {message}.", hint=hint)
                self._exchange(rid, sender).fail(error)
            elif message.address not in DROPPED:
                self._answer(message, sender)

    def _answer(self, message: Message, sender: Endpoint) -> None:
        rid = message.rid if len(message.rid.encode()) <= MAX_RID_BYTES else ""
        exchange = self._exchange(rid, sender)
        _log.debug("%s %s", message.address, rid)
        try:
            address = address_at(message.address)
            check_rid(message)
        except AmaError as error:
            _log.info("%s %s: %s %s", message.address, rid, error.code, error.sentence())
            exchange.fail(error)
            return
        self.handlers.answer(message.address, exchange, lambda: read_arguments(address, message))

    def _exchange(self, rid: str, sender: Endpoint) -> OscExchange:
        return OscExchange(rid=rid, sender=sender, clients=self._clients, send=self._send)

    def _send(
        self, to: tuple[Endpoint, ...], address: str, arguments: tuple[Argument, ...]
    ) -> None:
        try:
            datagram = encode(address, arguments, ends_in_words=ends_in_words(address))
        except ValueError as error:
            _log.warning("too long for a datagram: %s", error)
            why = "The answer is too long for a datagram; shorten the paths or names."
            datagram = encode(f"{PREFIX}/error", (arguments[0], "AMA-701", why))
        for endpoint in to:
            self._put(datagram, endpoint)

    def _put(self, datagram: bytes, endpoint: Endpoint) -> None:
        with self._sending:
            if self._socket.fileno() < 0:
                return
            self._sent += 1
            breathe = self._sent % _BURST == 0
            try:
                self._socket.sendto(datagram, endpoint)
            except OSError as error:
                _log.info("an answer for %s:%d was not sent: %s", *endpoint, error)
        if breathe:
            self._never.wait(_BREATH_S)
