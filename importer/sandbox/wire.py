"""Breaks connections: resets, half bodies, answers that never come."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct

import h11
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from importer.sandbox.payloads import Reply

_BAD_REQUEST = (
    b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: %d\r\n"
    b"connection: close\r\n\r\n"
)


class SandboxProtocol(H11Protocol):
    """
    uvicorn's HTTP protocol, which also gives the application access to the connection.

    Bytes that are not HTTP are answered with the error envelope instead of uvicorn's plain text.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Keep the transport, so that a request can use it."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}

    def send_400_response(self, msg: str) -> None:
        """Refuse bytes that are not HTTP, and close."""
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            body = Reply.error(400, "bad_request", msg).body()
            self.transport.write(_BAD_REQUEST % len(body) + body)
        self.transport.close()


async def send_half(response: Response, scope: Scope, send: Send) -> None:
    """Announce a whole answer, send half of it and close the connection."""
    headers = response.raw_headers
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    half = bytes(response.body)[: len(response.body) // 2]
    await send({"type": "http.response.body", "body": half, "more_body": True})
    _transport(scope).close()
    await _gone()


async def reset(scope: Scope) -> None:
    """Reset the connection (TCP RST), unsent bytes are lost."""
    transport = _transport(scope)
    connection: socket.socket | None = transport.get_extra_info("socket")
    if connection is not None:
        # Lingering for zero seconds turns the close into a reset.
        with contextlib.suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    await _gone()


async def hang(scope: Scope, receive: Receive, seconds: float) -> None:
    """Say nothing until the caller hangs up or `seconds` have passed, then reset."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                pass
    await reset(scope)


def _transport(scope: Scope) -> asyncio.Transport:
    transport: asyncio.Transport = scope["state"]["transport"]
    return transport


async def _gone() -> None:
    # uvicorn learns of the end in the loop's next turns; until then it would call this a bug.
    for _ in range(3):
        await asyncio.sleep(0)
