"""Serves an application on a port of this computer, in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from importer.core.errors import ConfigError

if TYPE_CHECKING:
    from starlette.types import ASGIApp

_START_SECONDS = 15.0
_LOOKS_EVERY_SECONDS = 0.002
_GRACE_SECONDS = 1
_BACKLOG = 1024
_LAST_PORT = 65_535
_MOST_WAITING = 100
"""How many connections may be open without a request; a browser opens six."""


@contextlib.contextmanager
def serving(app: ASGIApp, listener: socket.socket, **settings: Any) -> Iterator[None]:
    """Answer what arrives at `listener` while the block lasts. `settings` are those of uvicorn."""
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            ws="none",
            loop="asyncio",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_GRACE_SECONDS,
            **{"log_level": "error", **settings},
        )
    )
    thread = threading.Thread(
        target=server.run, args=([listener],), name="vorel-server", daemon=True
    )
    thread.start()
    try:
        until = time.monotonic() + _START_SECONDS
        while not server.started:
            if time.monotonic() > until or not thread.is_alive():
                raise RuntimeError("the server did not start")
            time.sleep(_LOOKS_EVERY_SECONDS)
        yield
    finally:
        server.should_exit = True
        thread.join()


def listen(host: str, port: int) -> socket.socket:
    """
    Open a socket that listens; port 0 takes a free one.

    Raises `ConfigError` if the port is taken or does not exist.
    """
    if not 0 <= port <= _LAST_PORT:
        raise ConfigError(f"port: must be from 0 to {_LAST_PORT}, is {port}")
    try:
        return _bind(host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ConfigError(
                f"port {port} on {host} is in use",
                hint="Stop what listens there, or choose another with --port (0 takes a free one).",
            ) from error
        raise ConfigError(f"cannot listen on {host} port {port}: {error}") from error


def _bind(host: str, port: int) -> socket.socket:
    """Open a socket marked as TCP: only for these does asyncio turn off Nagle's 44 ms delay."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP
    )[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except BaseException:
        listener.close()
        raise
    return listener


def limited_protocol() -> type[asyncio.Protocol]:
    """
    Return the protocol of a server in which at most 100 connections wait for a request.

    One more closes the one that has waited longest. A request is not waited for any more once all
    of its head has come; then it is answered, at least with a refusal.
    """
    waiting: OrderedDict[H11Protocol, None] = OrderedDict()

    class Limited(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            waiting[self] = None
            if len(waiting) > _MOST_WAITING:
                longest, _ = waiting.popitem(last=False)
                longest.transport.close()

        def connection_lost(self, exc: Exception | None) -> None:
            waiting.pop(self, None)
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self._is_answering():
                waiting.pop(self, None)

        def on_response_complete(self) -> None:
            super().on_response_complete()
            if not (self.transport.is_closing() or self._is_answering()):
                waiting[self] = None

        def _is_answering(self) -> bool:
            cycle: RequestResponseCycle | None = self.cycle  # there is none before a request
            return cycle is not None and not cycle.response_complete

    return Limited
