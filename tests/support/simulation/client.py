"""Stands in for the sender's client: one request to the simulated server, one answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol, Self

import trio

from importer.core.locale.message import Message
from importer.core.records import Origin, Record, RowError
from importer.sender.answer import Answer, Meaning
from importer.sender.vorel.answer_headers import read_quota
from importer.sender.vorel.answers import classify
from simulation.server import Request, Server

__all__ = ["Host", "SimulatedClient"]


class Host(Protocol):
    """What a client needs of the process it runs in."""

    server: Server
    process: int

    def check_alive(self) -> None:
        """Raise `Died` where the process is dead."""


class SimulatedClient:
    """
    Speaks to the simulated server in virtual time; dead processes send nothing.

    What the network does becomes an answer as the real client makes it; what the server says
    is understood by the real table.
    """

    def __init__(self, host: Host, *, request_timeout: float) -> None:
        self._host = host
        self._timeout = request_timeout

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def create(self, record: Record, key: str) -> Answer:
        """Send one record and return what became of it."""
        self._host.check_alive()
        server = self._host.server
        fate = server.fate(trio.current_time())
        if fate == "unreachable":
            await trio.sleep(server.way_back())
            return _transport("connection_error", connected=False)
        before = server.told.get(key, "nothing")
        server.told[key] = "unclear"
        request = server.leave(trio.current_time(), self._host.process, key, record, fate)
        answer = await self._answer(request)
        refused = answer.meaning is Meaning.REFUSED and not answer.conflict
        if (refused or answer.is_transient) and before != "unclear":
            server.told[key] = "refused"
        elif answer.meaning is not Meaning.RETRY:
            server.told[key] = before
            if before == "nothing":
                server.was_not_taken(key)
        return answer

    async def _answer(self, request: Request) -> Answer:
        server, left = self._host.server, self._timeout
        way = request.arrives - trio.current_time()
        if request.fate in {"lost_on_the_way", "late_on_the_way"} or way > left:
            await trio.sleep(left)
            server.advance(trio.current_time())
            return _transport("timeout", connected=True)
        await trio.sleep_until(request.arrives)
        server.advance(trio.current_time())
        back = server.way_back() + (60 if request.fate == "slow_after" else 0)
        hangs = request.response is None and request.fate != "reset_after"
        if hangs or back > left - way:
            await trio.sleep(left - way)
            return _transport("timeout", connected=True)
        await trio.sleep(back)
        if request.response is None:
            return _transport("connection_error", connected=True)
        status, headers, body = request.response
        return replace(classify(status, headers, body), quota=read_quota(headers))


def _transport(code: str, *, connected: bool) -> Answer:
    error = RowError(
        code=code, origin=Origin.TRANSPORT, message=Message("no answer"), retryable=True
    )
    return Answer(meaning=Meaning.RETRY, error=error, connected=connected, unclear=connected)
