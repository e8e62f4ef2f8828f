"""What the sender needs to know of a destination: one way to create a record, and the answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from importer.errors import RefusedError
from importer.records import Record, RowError

__all__ = ["Answer", "Destination", "Meaning", "Quota"]


class Meaning(Enum):
    """What the sender does next."""

    CREATED = auto()
    REFUSED = auto()  # the row failed for good; the next row
    RETRY = auto()  # no clear answer: the same key again, then `unknown`
    THROTTLED = auto()  # the key's requests are used up: nothing leaves for a while
    SLOW_DOWN = auto()  # the CRM behind it is too busy: the pace halves
    STOP = auto()  # every row would get this


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """
    What one answer says about the requests of its window.

    `name` is the window's end in the server's epoch seconds, or None where the answer has only a
    time left. The window ends between `soonest` and `latest` seconds after the answer was made.
    """

    limit: int
    remaining: int
    name: float | None
    soonest: float
    latest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """
    The answer to one request, understood.

    `connected` is False where no connection to any server was made. `unclear` is True where the
    request may have created the record although no answer says so. `server_failed` is True where
    the service itself says that it failed over this request (500), so it need not be away.
    `is_transient` is True where the CRM refused for a reason that passes: this request created
    nothing, but the service may repeat the refusal for as long as it remembers the key.
    `conflict` is True where the key is taken. `stop` is set if and only if the meaning is STOP.
    `retry_after` is how many seconds the answer asks to wait.
    """

    meaning: Meaning
    error: RowError | None = None
    external_id: str | None = None
    record_url: str | None = None
    retry_after: float | None = None
    stop: RefusedError | None = None
    connected: bool = True
    unclear: bool = False
    server_failed: bool = False
    is_transient: bool = False
    conflict: bool = False
    quota: Quota | None = None


class Destination(Protocol):
    """
    A connection that records are created over, one request at a time.

    Everything that can happen to a request is an `Answer`; no method raises for it. The same key
    never creates two records for as long as the service remembers it.
    """

    async def create(self, record: Record, key: str) -> Answer:
        """Send one request to create `record` under `key`. Returns its answer."""
