"""The protocol of a destination: how the sender creates a record, and the answer it gets."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from importer.core.errors import RefusedError
from importer.core.records import Record, RowError


class Meaning(Enum):
    """What the sender does next."""

    CREATED = auto()
    REFUSED = auto()  # the row failed for good; send the next row
    RETRY = auto()  # no clear answer: send again with the same key; at last `unknown`
    THROTTLED = auto()  # the requests of the key are used up: send nothing for a while
    SLOW_DOWN = auto()  # the CRM behind the service is too busy: halve the pace
    STOP = auto()  # every row would get this answer: stop the run


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """
    What one answer says about the rate limit.

    `name` is the end of the window in epoch seconds of the server. The window ends within the last
    second before `latest`, in seconds after the answer was made.
    """

    limit: int
    remaining: int
    name: float
    latest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """
    The answer to one request, with what it means.

    `connected` is False if no connection to any server was made. `unclear` is True if the
    request may have created the record although no answer says so. `server_failed` is True if
    the service reports that it failed over this request (HTTP 500): it is up, and the row may be
    the cause. `is_transient` is True if the CRM refused for a temporary reason: this request
    created nothing, but the service may repeat the refusal for as long as it remembers the key.
    `conflict` is True if the key is taken. `stop` is set if and only if the meaning is STOP.
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
