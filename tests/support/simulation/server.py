"""A service that creates records, limits its key, remembers keys and loses its temper."""

from __future__ import annotations

import heapq
import json
import math
import random
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

from importer import keys
from simulation.people import People
from simulation.plan import Plan

__all__ = ["FAULTS", "Request", "Server"]

FAULTS = (
    "unreachable", "lost_on_the_way", "late_on_the_way", "error_500", "error_503", "hang",
    "busy", "auth_failed", "soft", "error_after", "reset_after", "hang_after", "slow_after",
    "page_after",
)  # fmt: skip
_AT_ONCE = {"error_500": 500, "error_503": 503}
_BUSY = b'{"ok":false,"error":"rate_limited","detail":"too busy"}'
_LOCKED_OUT = b'{"ok":false,"error":"auth_failed"}'
_PASSING = {"busy": _BUSY, "auth_failed": _LOCKED_OUT}
_INVALID = b'{"ok":false,"error":"validation_error","detail":"no"}'
_SOFT = b'{"ok":false,"error":"crm_unavailable","detail":"later"}'
_REFUSALS = {_BUSY, _LOCKED_OUT, _INVALID, _SOFT}
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


@dataclass(frozen=True, slots=True)
class Made:
    """A record in the CRM."""

    ref: str
    row_hash: str


@dataclass(slots=True)
class Server:
    """
    The service and the way to it. `report` hears of each broken promise as it happens.

    `run_began` is when the present run began, `key_lifetime` how old a key may be then that it
    uses again. `is_on_record` says whether a key's `sent` line is safe on disk, `is_created`
    whether a record's creation is. `now` is the virtual time in seconds, `began` its start.
    `asked` counts the requests for each row, `asked_with` those with each key.
    """

    plan: Plan
    people: People
    began: datetime
    report: Callable[[str], None]
    is_on_record: Callable[[str], bool]
    is_created: Callable[[str], bool]
    calm: bool = False
    run_began: float = 0.0
    key_lifetime: float = math.inf
    records: dict[str, Made] = field(default_factory=dict)
    made: Counter[str] = field(default_factory=Counter)
    excused: Counter[str] = field(default_factory=Counter)
    told: dict[str, str] = field(default_factory=dict)
    requests: int = 0
    asked: Counter[str] = field(default_factory=Counter)
    asked_with: Counter[str] = field(default_factory=Counter)
    _stored: dict[str, _Stored] = field(default_factory=dict)
    _kept: dict[str, float] = field(default_factory=dict)
    _left: dict[str, float] = field(default_factory=dict)
    _queue: list[tuple[float, int, Request]] = field(default_factory=list)
    _windows: Counter[int] = field(default_factory=Counter)
    _recent: deque[float] = field(default_factory=deque)
    _arrivals: dict[int, deque[float]] = field(default_factory=dict)
    _chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
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

    def leave(
        self, now: float, process: int, key: str, fields: Mapping[str, Any], fate: str
    ) -> Request:
        """Take a request that leaves the process now, and check that it may."""
        base, attempt = keys.key_base(key), keys.key_attempt(key)
        self.asked_with[key] += 1
        if self.is_created(base):
            self.report(f"{fields['external_ref']} is on record as created and was sent again")
        if attempt > 1 and self.told.get(_before(base, attempt)) != "refused":
            self.report(f"{fields['external_ref']}: a new key after what was no clear refusal")
        if self.run_began - self._left.setdefault(key, now) > self.key_lifetime:
            self.report(f"{fields['external_ref']} was sent again with a key that is too old")
        way = self.plan.latency.draw(self._chance)
        if fate == "late_on_the_way":
            way += self._chance.uniform(5, 50)
        request = Request(process, key, fields, fate, now + way, fate != "late_on_the_way")
        if fate != "lost_on_the_way":
            self.requests += 1
            self.asked[fields["external_ref"]] += 1
            heapq.heappush(self._queue, (request.arrives, self.requests, request))
        return request

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
            self.report(f"{request.fields['external_ref']} was sent without being on record")
        if request.prompt:
            self._check_pace(now, request.process)
        limited = self._limit(now)
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
            request.response = self._spoilt(request.fate, (status, self._told(now), body))

    def _refuse_for_now(self, now: float, request: Request) -> bytes:
        body = _PASSING[request.fate]
        if self.plan.stores_passing:
            until = now + self.plan.key_lifetime
            self._stored.setdefault(request.key, _Stored(until, request.fields, body))
        return body

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
            return (200, stored.body) if stored.fields == request.fields else (409, _CONFLICT)
        until = now + self.plan.key_lifetime
        body, keep = self._create(now, until, request)
        if keep:
            self._stored[request.key] = _Stored(until, request.fields, body)
        return 200, body

    def _create(self, now: float, until: float, request: Request) -> tuple[bytes, bool]:
        """Make a record, or refuse to. Returns the answer, and whether it is kept."""
        ref = request.fields["external_ref"]
        kind = self.people.kinds[ref]
        if request.fate == "soft":
            return _SOFT, True
        if kind == "refused" or (kind == "flaky" and keys.key_attempt(request.key) == 1):
            return _INVALID, self.plan.stores_refusals
        self.made[ref] += 1
        base = keys.key_base(request.key)
        if self._kept.get(base, math.inf) <= now and not self.is_created(base):
            # The key was forgotten while the answer to it was unknown: nobody can mend that.
            self.excused[ref] += 1
        self._kept[base] = until
        if self.made[ref] > self.people.allowed(ref) + self.excused[ref]:
            self.report(f"{ref} was made {self.made[ref]} times")
        external_id = f"x{len(self.records) + 1}"
        row_hash = keys.row_hash("contact", request.fields)
        self.records[external_id] = Made(ref, row_hash)
        return json.dumps({"ok": True, "external_id": external_id}).encode(), True

    def _spoilt(self, fate: str, response: Response) -> Response | None:
        if fate in {"reset_after", "hang_after"}:
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

    def _limit(self, now: float) -> dict[str, str] | None:
        """Count a request. Returns a refusal's headers where the minute's requests are used."""
        plan = self.plan
        if plan.window == "fixed":
            window, elapsed = divmod(now + plan.phase, 60)
            self._windows[int(window)] += 1
            used = self._windows[int(window)] + int(plan.others * elapsed / 60)
            left = 60 - elapsed
        else:
            while self._recent and self._recent[0] <= now - 60:
                self._recent.popleft()
            used = len(self._recent) + 1 + plan.others
            left = self._recent[0] + 60 - now if self._recent else 60
            if used <= plan.rate or plan.counts_refused:
                self._recent.append(now)
        if used <= plan.rate:
            return None
        return self._retry_after(now, left) | (
            {"x-ratelimit-remaining": "0"} if plan.headers else {}
        )

    def _retry_after(self, now: float, seconds: float) -> dict[str, str]:
        here = self.began + timedelta(seconds=now)
        headers = {"date": format_datetime(here, usegmt=True)}
        there = here + timedelta(seconds=math.ceil(seconds) + 1)
        if self.plan.retry_after == "seconds":
            headers["retry-after"] = str(max(1, math.ceil(seconds)))
        elif self.plan.retry_after == "date":
            headers["retry-after"] = format_datetime(there, usegmt=True)
        elif self.plan.retry_after == "reset":
            headers["x-ratelimit-reset"] = str(int(there.timestamp()))
        return headers

    def _told(self, now: float) -> dict[str, str]:
        """Return the headers of an answer that went well, where the service sends any."""
        if not self.plan.headers:
            return {}
        window, elapsed = divmod(now + self.plan.phase, 60)
        used = self._windows[int(window)] + int(self.plan.others * elapsed / 60)
        if self.plan.window == "sliding":
            used = len(self._recent) + self.plan.others
        reset = self.began + timedelta(seconds=now + 60 - elapsed)
        return {
            "date": format_datetime(self.began + timedelta(seconds=now), usegmt=True),
            "x-ratelimit-limit": str(self.plan.rate),
            "x-ratelimit-remaining": str(max(0, self.plan.rate - used)),
            "x-ratelimit-reset": str(math.ceil(reset.timestamp())),
        }

    def _wait(self, fate: str) -> dict[str, str]:
        return {"retry-after": "2"} if fate == "error_503" and self._chance.random() < 0.5 else {}


def _before(base: str, attempt: int) -> str:
    return base if attempt == 2 else f"{base}-{attempt - 1}"
