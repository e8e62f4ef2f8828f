"""Answers requests the way the service does: key, limits, scope, body, idempotency, CRM."""

from __future__ import annotations

import collections
import math
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from importer.sandbox import crm, payloads
from importer.sandbox.injected_faults import Draw, Fault, FaultDice, FaultPlace, Faults
from importer.sandbox.limits import FixedWindows, LimitDecision
from importer.sandbox.payloads import ApiKey, BadBody, CreateRequest, Decision, Reply
from importer.sandbox.record_store import RecordStore
from importer.sandbox.sandbox_config import KEY_FORM, SandboxConfig
from importer.sandbox.vendors import VENDORS

WRITE_SCOPE = "crm:write"
TENANT = "sandbox"
_KEYS_PAGE = "/settings/integrations/api-keys"
_BEARER = re.compile(r"bearer +(\S+) *", re.IGNORECASE)
_ARRIVALS_KEPT = 100_000
_ROWS_SHOWN = 25


@dataclass(frozen=True, slots=True)
class Incoming:
    """The parts of a request that matter. `body` is None if it is larger than allowed."""

    authorization: str | None
    content_type: str | None
    content_encoding: str | None
    body: bytes | None


_COUNTED = (
    "requests", "created", "replayed", "soft_failures", "refused", "throttled", "faults",
)  # fmt: skip
"""What is counted since the start. `requests` is all of them, faults included."""


class Sandbox:
    """
    A local Vorel: one `Incoming` gives one `Reply`. All of it may be used from any thread.

    `running` lets it listen at `url`. `api_key` is a key with the scope `crm:write`. `store` has
    what the CRM keeps.
    """

    url = endpoint = ""
    port = 0

    def __init__(self, config: SandboxConfig) -> None:
        self.config = config
        self.limits = FixedWindows(
            key_limit=config.rate_limit,
            tenant_limit=config.tenant_limit,
            clock=config.clock,
            window=config.window,
        )
        self.store = RecordStore(config.db, clock=config.clock)
        self._counts = dict.fromkeys(_COUNTED, 0)
        self._arrivals: collections.deque[float] = collections.deque(maxlen=_ARRIVALS_KEPT)
        self.faults = config.faults
        self.api_key = self.new_key([WRITE_SCOPE], name="ready key", key=config.api_key)
        ready = self.store.find_key(self.api_key)
        self._ready_id = ready.id if ready else None

    @property
    def db(self) -> Path | None:
        """The database's file, or None if it is in memory."""
        return self.config.db

    @property
    def requests(self) -> int:
        """The number of create requests since the start, whatever their answers."""
        return self._counts["requests"]

    @property
    def counters(self) -> dict[str, int]:
        """What happened since the start, by name: `requests`, `created`, `replayed`, …."""
        return dict(self._counts)

    @property
    def arrivals(self) -> list[float]:
        """When the last 100,000 requests arrived, in epoch seconds of the sandbox's clock."""
        return list(self._arrivals)

    @property
    def faults(self) -> Faults:
        """The faults to inject. When they are set, the next request counts as the first again."""
        return self._dice.faults

    @faults.setter
    def faults(self, faults: Faults) -> None:
        self._dice = FaultDice(faults, self.config.clock, self.config.seed)
        self._revoking = False

    def records(self) -> list[dict[str, Any]]:
        """
        Return the CRM's records, oldest first.

        Each has `object`, `fields` (canonical), `vendor_object`, `vendor_fields`, `external_id`,
        `record_url`, `idempotency_key`, `created_at` (epoch seconds), `tenant`, `api_key_id`.
        """
        return self.store.records()

    def refusals(self) -> list[dict[str, Any]]:
        """Return the last refusals and faults, newest first: `at`, `status`, `code`, `message`."""
        return self.store.refusals()

    def new_key(
        self,
        scopes: Iterable[str] = (WRITE_SCOPE,),
        *,
        tenant: str = TENANT,
        name: str = "another key",
        key: str | None = None,
    ) -> str:
        """Make an API key valid and return it: `key`, or a new one."""
        key = key or f"vapk_test_{secrets.token_hex(24)}"
        self.store.add_key(key, tenant=tenant, name=name, scopes=scopes)
        return key

    def revoke(self, api_key: str) -> None:
        """Make an API key invalid from the next request on. Raises `KeyError` if unknown."""
        key = self.store.find_key(api_key)
        if key is None:
            raise KeyError("the sandbox does not know this API key")
        self.store.revoke(key.id)

    def draw(self) -> Draw:
        """Count a request that has arrived, and return its draw."""
        self._counts["requests"] += 1
        self._arrivals.append(self.config.clock())
        draw = self._dice.draw()
        self._revoking |= draw.revoke
        return draw

    def note_fault(self, fault: Fault) -> None:
        """Log a fault that prevents or changes an answer."""
        self._counts["faults"] += 1
        self.store.log_refusal(None, fault.kind, f"fault {fault.place.value}")

    def answer(self, incoming: Incoming, fault: Fault | None = None) -> Reply:
        """Answer a request. A `fault` in the service or the CRM shows in the answer."""
        key = self._authenticate(incoming.authorization)
        if isinstance(key, Reply):
            return self._logged(key)
        verdict = self.limits.count(key.id, key.tenant)
        answer = self._logged(self._admitted(key, verdict, incoming, fault))
        if self._revoking:
            self._revoking = False
            self.store.revoke(key.id)
        if self.config.limit_headers and "X-RateLimit-Limit" not in answer.headers:
            headers = {**answer.headers, **verdict.headers()}
            answer = Reply(answer.status, answer.payload, headers)
        return answer

    def _authenticate(self, authorization: str | None) -> ApiKey | Reply:
        if not authorization:
            return _unauthorized("no API key: send it as 'Authorization: Bearer vapk_…'")
        match = _BEARER.fullmatch(authorization)
        if not match or not KEY_FORM.fullmatch(match[1]):
            return _unauthorized("malformed API key: it has the form vapk_<env>_<48 hex digits>")
        key = self.store.find_key(match[1])
        if key is None:
            return _unauthorized(f"unknown API key; see {_KEYS_PAGE}")
        if key.revoked:
            return _unauthorized(f"this API key has been revoked; see {_KEYS_PAGE}")
        return key

    def _admitted(
        self, key: ApiKey, verdict: LimitDecision, incoming: Incoming, fault: Fault | None
    ) -> Reply:
        if not verdict.allowed:
            what = "of this API key" if verdict.scope == "key" else "of all the tenant's API keys"
            return _too_many(verdict, f"more than {verdict.limit} requests a minute {what}")
        if fault is not None and fault.place is FaultPlace.SERVICE:
            self._counts["faults"] += 1
            return self._service_fault(fault)
        if WRITE_SCOPE not in key.scopes:
            message = f"this API key lacks the scope {WRITE_SCOPE}; issue one at {_KEYS_PAGE}"
            return Reply.error(403, "forbidden", message)
        try:
            request = _read(incoming)
        except BadBody as error:
            return Reply.error(400, "bad_request", str(error))
        return self._create(key, request, fault)

    def _service_fault(self, fault: Fault) -> Reply:
        if fault.kind == "error_500":
            return Reply.error(500, "internal_error", "something went wrong (injected)")
        verdict = LimitDecision(
            allowed=False,
            scope="key",
            limit=self.limits.key_limit,
            remaining=0,
            reset=math.ceil(self.config.clock() + fault.retry_after),
            retry_after=fault.retry_after,
        )
        return _too_many(verdict, f"more than {verdict.limit} requests a minute (injected)")

    def _create(self, key: ApiKey, request: CreateRequest, fault: Fault | None) -> Reply:
        def decide(number: int) -> Decision:
            if fault is not None and fault.place is FaultPlace.CRM:
                self._counts["faults"] += 1
                return _crm_fault(fault)
            return crm.write(self.config.crm, request, number)

        outcome, payload = self.store.answer(key, request, decide, key_ttl=self.config.key_ttl)
        if outcome == "conflict":
            message = "idempotency_key: was used before with another object or other fields"
            return Reply.error(409, "conflict", message)
        if outcome == "replayed":
            self._counts["replayed"] += 1
        elif payload["ok"]:
            self._counts["created"] += 1
        return Reply(200, payload)

    def _logged(self, answer: Reply) -> Reply:
        """Count and log a refusal, and return it."""
        payload = answer.payload
        if payload.get("ok") is True:
            return answer
        if payload.get("ok") is False:
            self._counts["soft_failures"] += 1
            code, message = payload["error"], payload["detail"]
        else:
            self._counts["refused"] += 1
            self._counts["throttled"] += answer.status == 429
            code, message = payload["error"]["code"], payload["error"]["message"]
        self.store.log_refusal(answer.status, code, message)
        return answer

    def snapshot(self) -> dict[str, Any]:
        """Return what the page shows. It contains no API key."""
        tenant = self.limits.tenant_usage(TENANT)
        keys = [
            {"name": key.name, "scopes": sorted(key.scopes), "revoked": key.revoked}
            | {"used": usage.used, "limit": usage.limit}
            for key in self.store.api_keys()
            for usage in (self.limits.key_usage(key.id),)
            if usage.used or key.id == self._ready_id
        ]
        return {
            "now": self.config.clock(),
            "crm": VENDORS[self.config.crm].title if self.config.crm in VENDORS else None,
            "counters": self._counts | {"records": self.store.count_records()},
            "window": {
                "seconds": self.config.window,
                "seconds_left": tenant.seconds_left,
                "tenant": {"used": tenant.used, "limit": tenant.limit},
                "keys": keys,
            },
            "records": self.store.records(limit=_ROWS_SHOWN),
            "refusals": self.store.refusals(limit=_ROWS_SHOWN),
        }


def _read(incoming: Incoming) -> CreateRequest:
    payloads.parse_media_type(incoming.content_type, incoming.content_encoding)
    if incoming.body is None:
        raise BadBody(f"body: is larger than {payloads.MAX_BODY_BYTES} bytes")
    return payloads.parse(incoming.body)


def _crm_fault(fault: Fault) -> Decision:
    error = fault.error if fault.kind == "crm_error" else fault.kind
    return crm.soft_failure(error, "the CRM said so (injected)", stored=fault.stored)


def _unauthorized(message: str) -> Reply:
    return Reply.error(401, "unauthorized", message, {"WWW-Authenticate": "Bearer"})


def _too_many(verdict: LimitDecision, message: str) -> Reply:
    headers = {"Retry-After": str(verdict.retry_after), **verdict.headers()}
    return Reply.error(429, "rate_limited", message, headers)
