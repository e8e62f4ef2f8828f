"""Keeps connections that ask for nothing from taking up all that the page may have."""

from __future__ import annotations

import asyncio
from collections import OrderedDict

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

MOST_WAITING = 100
"""How many connections may be open without a request; a browser opens six."""

AT_ONCE = 32
"""How many connections are accepted before any of them is looked at."""


def limited_protocol(most: int = MOST_WAITING) -> type[asyncio.Protocol]:
    """
    Return the protocol of a server in which at most so many connections wait for a request.

    One more closes the one that has waited longest. A request is not waited for any more once all
    of its head has come; then it is answered, at least with a refusal.
    """
    waiting: OrderedDict[H11Protocol, None] = OrderedDict()

    class Limited(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            waiting[self] = None
            if len(waiting) > most:
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
