"""The protocol for recording the requests of a row before the next one is sent."""

from __future__ import annotations

from typing import Protocol

from importer.core.records import Send


class RequestJournal(Protocol):
    """
    Records on disk what a later run has to know about a row's requests.

    Each method returns once its line is on disk, and raises `StopRun` if it cannot be written: then
    nothing more is sent.
    """

    async def sent(self, send: Send) -> None:
        """Record that a request with the key of `send` is about to leave."""

    async def refused(self, send: Send) -> None:
        """Record that every request with this key was refused: the next one takes the next key."""

    async def unsent(self, send: Send) -> None:
        """Record that no request for this row was accepted, and that the row has no outcome."""
