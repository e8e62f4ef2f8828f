"""A server that says yes to every request at once, and counts them by key; Linux alone."""

from __future__ import annotations

import multiprocessing
import re
import resource
import select
import socket
import time
from array import array
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from multiprocessing.connection import Connection as Pipe

__all__ = ["Audit", "CountingServer", "counting_server"]

RATE = 200
_HEAD = re.compile(rb"\r\nauthorization: bearer ([^\r]+)\r\n", re.IGNORECASE)
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_KEY = b'"idempotency_key":"'
_BODY = b'{"ok":true,"external_id":"%015d","record_url":"https://crm.test/%015d"}'
_ANSWER = (
    b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
    b"Date: %s\r\nX-RateLimit-Limit: %d\r\nX-RateLimit-Remaining: %d\r\nX-RateLimit-Reset: %d\r\n"
    b"\r\n%s"
)


@dataclass(frozen=True, slots=True)
class Audit:
    """What came: how often by key, keys of a record seen twice, the most of a key in any 60 s."""

    counts: dict[str, int]
    twice: int = 0
    busiest: int = 0


@dataclass(slots=True)
class _Key:
    at: array[float] = field(default_factory=lambda: array("d"))
    seen: set[bytes] = field(default_factory=set)
    minute: int = 0
    used: int = 0


@dataclass(slots=True)
class _Peer:
    socket: socket.socket
    data: bytes = b""
    key: _Key | None = None


class _Serving:
    """One loop over all connections; each request costs some 20 microseconds."""

    def __init__(self, asked: Pipe, latency: float) -> None:
        self._asked = asked
        self._latency = latency
        self._keys: dict[str, _Key] = {}
        self._peers: dict[int, _Peer] = {}
        self._due: deque[tuple[float, int, _Peer, bytes]] = deque()
        self._poll = select.epoll()
        self._made = 0
        self._date, self._second = b"", 0

    def run(self) -> None:
        listening = socket.create_server(("127.0.0.1", 0), backlog=4096)
        listening.setblocking(False)  # noqa: FBT003
        for one in (listening.fileno(), self._asked.fileno()):
            self._poll.register(one, select.EPOLLIN)
        self._asked.send(listening.getsockname()[1])
        while True:
            wait = max(0.0, self._due[0][0] - time.monotonic()) if self._due else -1
            for number, _ in self._poll.poll(wait):
                if number == listening.fileno():
                    self._accept(listening)
                elif number == self._asked.fileno():
                    self._asked.send(self._audit(whole=self._asked.recv()))
                elif (peer := self._peers.get(number)) is not None:
                    self._read(number, peer)
            self._answer_late()

    def _accept(self, listening: socket.socket) -> None:
        try:
            while True:
                accepted, _ = listening.accept()
                accepted.setblocking(False)  # noqa: FBT003
                accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._peers[accepted.fileno()] = _Peer(accepted)
                self._poll.register(accepted.fileno(), select.EPOLLIN)
        except BlockingIOError:
            pass

    def _read(self, number: int, peer: _Peer) -> None:
        try:
            data = peer.socket.recv(65536)
        except OSError:
            data = b""
        if not data:
            del self._peers[number]
            peer.socket.close()
            return
        data = peer.data = peer.data + data
        if (end := data.find(b"\r\n\r\n")) < 0 or (length := _LENGTH.search(data, 0, end)) is None:
            return
        if len(data) < end + 4 + int(length[1]):
            return
        peer.data = b""  # a client that waits for each answer has sent nothing behind it
        answer = self._answer(peer, data, end)
        if self._latency:
            self._due.append((time.monotonic() + self._latency, number, peer, answer))
        else:
            peer.socket.send(answer)

    def _answer_late(self) -> None:
        now = time.monotonic()
        while self._due and self._due[0][0] <= now:
            _, number, peer, answer = self._due.popleft()
            if self._peers.get(number) is peer:
                peer.socket.send(answer)

    def _answer(self, peer: _Peer, data: bytes, end: int) -> bytes:
        key = peer.key
        if key is None:
            found = _HEAD.search(data, 0, end)
            name = found[1].decode("ascii") if found else ""
            key = peer.key = self._keys.setdefault(name, _Key())
        now = time.time()
        key.at.append(now)
        began = data.find(_KEY, end) + len(_KEY)
        key.seen.add(data[began : data.find(b'"', began)])
        if (second := int(now)) != self._second:
            self._second, self._date = second, formatdate(second, usegmt=True).encode()
        if (minute := second // 60) != key.minute:
            key.minute, key.used = minute, 0
        key.used += 1
        self._made += 1
        left, reset = max(0, RATE - key.used), (minute + 1) * 60
        body = _BODY % (self._made, self._made)
        return _ANSWER % (len(body), self._date, RATE, left, reset, body)

    def _audit(self, *, whole: bool) -> Audit:
        counts = {name: len(key.at) for name, key in self._keys.items()}
        if not whole:
            return Audit(counts)
        twice = sum(len(key.at) - len(key.seen) for key in self._keys.values())
        return Audit(counts, twice, max(map(_busiest, self._keys.values()), default=0))


def _busiest(key: _Key) -> int:
    first = most = 0
    for index, at in enumerate(key.at):
        while key.at[first] <= at - 60:
            first += 1
        most = max(most, index - first + 1)
    return most


def _serve(asked: Pipe, latency: float) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    _Serving(asked, latency).run()


class CountingServer:
    """The server, in a process of its own."""

    def __init__(self, asked: Pipe, pid: int) -> None:
        self._asked = asked
        self.pid = pid
        self.url = f"http://127.0.0.1:{asked.recv()}"

    def audit(self, *, whole: bool = False) -> Audit:
        """Return the counts so far; `whole` adds what takes a moment to find out."""
        self._asked.send(whole)
        found: Audit = self._asked.recv()
        return found


@contextmanager
def counting_server(latency: float) -> Iterator[CountingServer]:
    """Run a server that answers after `latency` seconds."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs, latency))
    process.start()
    try:
        yield CountingServer(ours, process.pid or 0)
    finally:
        process.kill()
        process.join()
