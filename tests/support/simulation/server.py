"""A service that creates records, limits its key, remembers keys and loses its temper."""

from __future__ import annotations

import heapq
import json
import math
import random
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from law.lists import ListMapping
from law.truth import Made

from importer.core import keys
from importer.core.records import Record
from simulation.people import MAPPINGS, Line, People
from simulation.plan import Plan
from simulation.quota import Quota

__all__ = ["FAULTS", "CrmRecord", "Request", "Server"]

FAULTS = (
    "unreachable", "lost_on_the_way", "late_on_the_way", "error_500", "error_503", "hang",
    "busy", "auth_failed", "soft", "error_after", "reset_after", "hang_after", "slow_after",
    "page_after", "refused_after",
)  # fmt: skip
_AT_ONCE = {"error_500": 500, "error_503": 503}
_BUSY = b'{"ok":false,"error":"rate_limited","detail":"too busy"}'
_LOCKED_OUT = b'{"ok":false,"error":"auth_failed"}'
_PASSING = {"busy": _BUSY, "auth_failed": _LOCKED_OUT}
_INVALID = b'{"ok":false,"error":"validation_error","detail":"no"}'
_SOFT = b'{"ok":false,"error":"crm_unavailable","detail":"later"}'
_QUOTA = b'{"ok":false,"error":"quota_exceeded","detail":"no more this month"}'
_TOO_LARGE = b'{"error":{"code":"payload_too_large","message":"too large"}}'
_BAD = b'{"error":{"code":"bad_request","message":"not like this"}}'
_REFUSALS = {_BUSY, _LOCKED_OUT, _INVALID, _SOFT, _QUOTA, _TOO_LARGE, _BAD}
_AFTER_A_LOST_ANSWER = (
    (200, _INVALID), (200, _SOFT), (200, _QUOTA), (400, _BAD), (413, _TOO_LARGE),
)  # fmt: skip
_CONFLICT = b'{"error":{"code":"conflict","message":"other content"}}'
_LIMITED = b'{"error":{"code":"rate_limited","message":"too many requests"}}'
_FAILED = b'{"error":{"code":"internal_error","message":"sorry"}}'

Response = tuple[int, Mapping[str, str], bytes]


@dataclass(slots=True)
class Request:
    """A request on its way. `response` is None until it has arrived, and where none comes."""

    process: int
    key: str
    fields: Mapping[str, Any]
    line: Line
    mapping: ListMapping
    fate: str
    arrives: float
    prompt: bool
    response: Response | None = None


@dataclass(slots=True)
class _Stored:
    """What the service remembers under a key."""

    until: float
    fields: Mapping[str, Any]
    body: bytes
    status: int = 200


@dataclass(frozen=True, slots=True)
class CrmRecord(Made):
    """
    A record in the CRM, which a request of a `process` has made.

    It is `excused` where another one was made under its key, which the service has forgotten.
    """

    process: int
    row_hash: str
    excused: bool


@dataclass(slots=True)
class Server:
    """
    The service and the way to it. `report` hears of each broken promise as it happens. `run_began`
    is when the present run began, `mapping` is its mapping; with `sends_all` each of equal rows
    becomes a record. `key_lifetime` is how old a key may be then that it uses again. `is_on_record`
    says whether a key's `sent` line is safe on disk, and `created` has the row of each record whose
    creation is, by its key. `now` is the virtual time in seconds, `began` its start. `asked_with`
    counts the requests with each key, and `left` has the row of its last one.
    """

    plan: Plan
    people: People
    began: datetime
    report: Callable[[str], None]
    is_on_record: Callable[[str], bool]
    created: Mapping[str, str]
    calm: bool = False
    run_began: float = 0.0
    key_lifetime: float = math.inf
    mapping: ListMapping = MAPPINGS["full"]
    sends_all: bool = False
    records: dict[str, CrmRecord] = field(default_factory=dict)
    left: dict[str, Made] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)
    requests: int = 0
    asked_with: Counter[str] = field(default_factory=Counter)
    _asked_for: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    _stored: dict[str, _Stored] = field(default_factory=dict)
    _kept: dict[str, float] = field(default_factory=dict)
    _left: dict[str, float] = field(default_factory=dict)
    _queue: list[tuple[float, int, Request]] = field(default_factory=list)
    _arrivals: dict[int, deque[float]] = field(default_factory=dict)
    _quota: Quota = field(init=False)
    _chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._quota = Quota(self.plan, self.began)
        self._chance = random.Random(f"server {self.plan.seed}")

    # The way there

    def fate(self, now: float) -> str:
        """Draw what becomes of a request that leaves now."""
        if self.calm:
            return "fine"
        for begin, end, kind in self.plan.outages:
            if begin <= now < end:
                return kind
        if self._chance.random() >= self.plan.fault_share:
            return "fine"
        return FAULTS[int(self._chance.random() * len(FAULTS))]

    def leave(self, now: float, process: int, key: str, record: Record, fate: str) -> Request:
        """Take a request that leaves the process now, and check that it may."""
        line = self.people.lines[record.row.number - 1]
        self.left[key] = Made(line, self.mapping, key)
        base, attempt = keys.key_base(key), keys.key_attempt(key)
        self.asked_with[key] += 1
        self._asked_for[key].add(line.who)
        if base in self.created or self._has_records(line):
            self.report(f"{line.ref} is on record as created and was sent again")
        if attempt > 1 and self.told.get(_before(base, attempt)) != "refused":
            self.report(f"{line.ref}: a new key after what was no clear refusal")
        if self.run_began - self._left.setdefault(key, now) > self.key_lifetime:
            self.report(f"{line.ref} was sent again with a key that is too old")
        way = self.plan.latency.draw(self._chance)
        if fate == "late_on_the_way":
            way += self._chance.uniform(5, 50)
        request = Request(
            process,
            key,
            record.fields,
            line,
            self.mapping,
            fate,
            now + way,
            fate != "late_on_the_way",
        )
        if fate != "lost_on_the_way":
            self.requests += 1
            heapq.heappush(self._queue, (request.arrives, self.requests, request))
        return request

    def _has_records(self, line: Line) -> bool:
        """Return whether rows with this content have all the records that they are to have."""
        made = list(self.created.values()).count(line.source_hash())
        return made >= (self.people.lines.count(line) if self.sends_all else 1)

    def was_asked_for(self, record: CrmRecord, who: int) -> bool:
        """
        Return whether a request with the key of a record was for this person.

        The importer cannot know which of the requests with one key has made the record.
        """
        return who in self._asked_for[record.key]

    def was_not_taken(self, key: str) -> None:
        """Forget when a key left that the importer knows was never taken."""
        self._left.pop(key, None)

    def way_back(self) -> float:
        """Draw the seconds an answer takes."""
        return self.plan.latency.draw(self._chance)

    def advance(self, now: float) -> None:
        """Deal with all requests that have arrived by now, in the order of their arrival."""
        while self._queue and self._queue[0][0] <= now:
            arrived, _, request = heapq.heappop(self._queue)
            self._arrive(arrived, request)

    def sever(self) -> None:
        """Lose some of what a process that died had on its way; the rest still arrives."""
        self._queue = [entry for entry in self._queue if self._chance.random() < 0.6]
        heapq.heapify(self._queue)

    # In the service

    def _arrive(self, now: float, request: Request) -> None:
        if not self.is_on_record(request.key):
            self.report(f"{request.line.ref} was sent without being on record")
        if request.prompt:
            self._check_pace(now, request.process)
        limited = self._quota.take(now)
        if limited is not None:
            request.response = (429, limited, _LIMITED)
        elif request.fate == "hang":
            return
        elif request.fate in _AT_ONCE:
            request.response = (_AT_ONCE[request.fate], self._wait(request.fate), _FAILED)
        elif request.fate in _PASSING:
            request.response = (200, {}, self._refuse_for_now(now, request))
        else:
            status, body = self._answer(now, request)
            request.response = self._spoilt(request.fate, (status, self._quota.told(now), body))

    def _refuse_for_now(self, now: float, request: Request) -> bytes:
        body = _PASSING[request.fate]
        if self.plan.stores_passing:
            until = now + self.plan.key_lifetime
            self._stored.setdefault(request.key, _Stored(until, request.fields, body))
        return body

    def unclear(self, created: AbstractSet[str]) -> list[Made]:
        """
        Return the rows of the requests that had no clear answer.

        `created` are the keys that are on record as created. During a run, that may be more than
        what is synced, which `self.created` has.
        """
        return [
            made
            for key, made in self.left.items()
            if (base := keys.key_base(key)) not in created
            and (self.told.get(key) == "unclear" or base in self._kept)
        ]

    def is_stuck(self, key: str, kind: str) -> bool:
        """
        Return whether a row of this kind can only be refused under its last key.

        The refusal is kept under the key, or given to each first attempt of a flaky row. A row
        that was asked about once only, and refused, has its next key ahead of it.
        """
        if kind == "flaky" and keys.key_attempt(key) == 1:
            return self.asked_with[key] > 1
        base = keys.key_base(key)
        mine = [stored for stored in self._stored if keys.key_base(stored) == base]
        last = max(mine, key=keys.key_attempt, default=None)
        return last is not None and self._stored[last].body in _REFUSALS

    def _answer(self, now: float, request: Request) -> tuple[int, bytes]:
        stored = self._stored.get(request.key)
        if stored is not None and now < stored.until:
            return (
                (stored.status, stored.body)
                if stored.fields == request.fields
                else (409, _CONFLICT)
            )
        until = now + self.plan.key_lifetime
        body, keep = self._create(now, until, request)
        if keep:
            self._stored[request.key] = _Stored(until, request.fields, body)
        if request.fate == "refused_after" and body not in _REFUSALS:
            status, refusal = self._chance.choice(_AFTER_A_LOST_ANSWER)
            self._stored[request.key] = _Stored(until, request.fields, refusal, status)
        return 200, body

    def _create(self, now: float, until: float, request: Request) -> tuple[bytes, bool]:
        """Make a record, or refuse to. Returns the answer, and whether it is kept."""
        line = request.line
        kind = self.people.kinds[line.who]
        if request.fate == "soft":
            return _SOFT, True
        if kind == "refused" or (kind == "flaky" and keys.key_attempt(request.key) == 1):
            return _INVALID, self.plan.stores_refusals
        base = keys.key_base(request.key)
        # The key was forgotten while the answer to it was unknown: nobody can mend that.
        excused = self._kept.get(base, math.inf) <= now and base not in self.created
        self._kept[base] = until
        external_id = f"x{len(self.records) + 1}"
        self.records[external_id] = CrmRecord(
            line=line,
            mapping=request.mapping,
            key=request.key,
            process=request.process,
            row_hash=keys.row_hash("contact", request.fields),
            excused=excused,
        )
        return json.dumps({"ok": True, "external_id": external_id}).encode(), True

    def _spoilt(self, fate: str, response: Response) -> Response | None:
        if fate in {"reset_after", "hang_after", "refused_after"}:
            return None
        if fate == "error_after":
            return 502, {}, b"<html>bad gateway</html>"
        if fate == "page_after":
            return 200, {}, b"<html>please log in</html>"
        return response

    # The limit

    def _check_pace(self, now: float, process: int) -> None:
        recent = self._arrivals.setdefault(process, deque(maxlen=self.plan.rate))
        if len(recent) == self.plan.rate and now - recent[0] < 60 - 1e-6:
            self.report(f"more than {self.plan.rate} requests in {now - recent[0]:.3f} s")
        recent.append(now)

    def _wait(self, fate: str) -> dict[str, str]:
        return {"retry-after": "2"} if fate == "error_503" and self._chance.random() < 0.5 else {}


def _before(base: str, attempt: int) -> str:
    return base if attempt == 2 else f"{base}-{attempt - 1}"
