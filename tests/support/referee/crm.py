"""The create-record endpoint over real HTTP: records, keys that it may forget, faults by script."""

from __future__ import annotations

import json
import sys
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from copy import copy
from dataclasses import dataclass, field
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Barrier, BrokenBarrierError, Lock, Thread
from typing import Any

__all__ = [
    "KEY",
    "OTHER_KEY",
    "Answer",
    "Crm",
    "Request",
    "dropped",
    "late",
    "lost",
    "made",
    "refusal",
    "serving",
    "who",
]

PATH = "/api/v1/crm/create-record"
KEY = "vapk_live_" + "a1" * 24
OTHER_KEY = "vapk_live_" + "b2" * 24
OBJECTS = {"contact", "lead", "deal", "appointment", "case"}
_NAMES = ("first_name", "name", "customer_name", "title", "subject")


def who(fields: Mapping[str, Any]) -> str:
    """Return whom a record is about: lists of the referee give each person another first name."""
    return next((str(fields[name]).split()[0] for name in _NAMES if fields.get(name)), "?")


class Effect(Enum):
    """What becomes of a request before anything is answered."""

    MADE = auto()  # the record is made, or was made under this key before
    NOT_MADE = auto()
    MADE_LATER = auto()  # it is still on its way: `Crm.catch_up` lets it arrive


@dataclass(frozen=True)
class Answer:
    """What the endpoint does with one request. Without a status the connection just closes."""

    effect: Effect
    status: int | None = 200
    body: bytes = b""
    kept: bool = False
    """Whether a refusal is remembered under its key and repeated."""


made = Answer(Effect.MADE)
lost = Answer(Effect.MADE, status=None)
"""The record is made, the answer never comes."""
dropped = Answer(Effect.NOT_MADE, status=None)
"""Neither is there a record nor an answer."""
late = Answer(Effect.MADE_LATER, status=None)
"""No answer, and the request arrives long after."""


def refusal(code: str, status: int = 200, *, kept: bool = False) -> Answer:
    """Return a clear no: of the CRM with status 200, else of the API or of what is before it."""
    if status == 200:
        body: Any = {"ok": False, "error": code, "detail": "refused by the referee"}
    else:
        body = {"error": {"code": code, "message": "refused by the referee"}}
    return Answer(Effect.NOT_MADE, status, json.dumps(body).encode(), kept=kept)


@dataclass(frozen=True)
class Request:
    """One request as it came. Of a record it is the one that made it, and `record` its id."""

    account: str
    key: str
    object: str
    fields: dict[str, Any]
    record: str | None = None


@dataclass
class Crm:
    """
    Every record ever made, of all accounts, and what is remembered of keys.

    Several addresses may lead to one CRM. `accounts` says whose an API key is.
    """

    accounts: dict[str, str] = field(default_factory=lambda: {KEY: "us", OTHER_KEY: "them"})
    records: dict[str, Request] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    meeting: Barrier | None = None
    """Where set, the first requests are answered once as many have come."""
    is_away: bool = False
    """While it is set, each connection is closed without an answer, and nothing is taken."""
    _memory: dict[tuple[str, str], Request | Answer] = field(default_factory=dict)
    _scripts: dict[str, deque[Answer]] = field(default_factory=dict)
    _each: dict[str, tuple[Answer, ...]] = field(default_factory=dict)
    _always: dict[str, Answer] = field(default_factory=dict)
    _on_the_way: list[Request] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def script(self, person: str, *answers: Answer) -> None:
        """Answer the next requests about a person so, one after the other; then as usual."""
        self._scripts[person] = deque(answers)

    def script_each_key(self, person: str, *answers: Answer) -> None:
        """Answer the next requests with each key about a person so, in whatever order they come."""
        self._each[person] = answers

    def always(self, person: str, answer: Answer | None) -> None:
        """Answer each request about a person so, or as usual again."""
        if answer is None:
            del self._always[person]
        else:
            self._always[person] = answer

    def state(self) -> dict[str, Any]:
        """Return a copy of what it knows."""
        return {name: _copy(value) for name, value in vars(self).items() if name != "_lock"}

    def return_to(self, state: dict[str, Any]) -> None:
        """Know again what it knew when `state` was taken."""
        vars(self).update({name: _copy(value) for name, value in state.items()})

    def forget(self) -> None:
        """Forget all keys, as a service may that promises nothing."""
        self._memory.clear()

    def catch_up(self) -> None:
        """Let the requests arrive that are still on their way."""
        with self._lock:
            for request in self._on_the_way:
                self._make(request)
            self._on_the_way.clear()

    def people(self, account: str) -> Counter[str]:
        """Count the records an account has about each person."""
        return Counter(who(r.fields) for r in self.records.values() if r.account == account)

    def of(self, person: str) -> list[Request]:
        """Return the records about a person."""
        return [made for made in self.records.values() if who(made.fields) == person]

    def keys(self, person: str) -> set[str]:
        """Return the idempotency keys of all requests about a person."""
        return {request.key for request in self.requests if who(request.fields) == person}

    def meet(self) -> None:
        """Wait for the other requests of the `meeting`."""
        if (meeting := self.meeting) is not None:
            with suppress(BrokenBarrierError):
                meeting.wait(timeout=5)
            self.meeting = None

    def receive(self, api_key: str, body: bytes) -> Answer:
        """Take one request and return what is answered."""
        with self._lock:
            account = self.accounts.get(api_key)
            if self.is_away:
                return dropped
            if account is None:
                return refusal("unauthorized", 401)
            request = _understood(account, body)
            if request is None:
                return refusal("bad_request", 400)
            self.requests.append(request)
            return self._answer(request)

    def _answer(self, request: Request) -> Answer:
        remembered = self._memory.get((request.account, request.key))
        if isinstance(remembered, Answer):
            return remembered
        person = who(request.fields)
        script = self._scripts.get(person)
        if person in self._each:
            script = self._scripts.setdefault(request.key, deque(self._each[person]))
        answer = script.popleft() if script else self._always.get(person, made)
        if answer.effect is Effect.MADE_LATER:
            self._on_the_way.append(request)
            return answer
        if answer.effect is Effect.NOT_MADE:
            if answer.kept and remembered is None:
                self._memory[request.account, request.key] = answer
            return answer
        if isinstance(remembered, Request) and (remembered.object, remembered.fields) != (
            request.object,
            request.fields,
        ):
            return refusal("conflict", 409)
        record = self._make(request)
        body = {"ok": True, "external_id": record}
        return Answer(Effect.MADE, answer.status, json.dumps(body).encode())

    def _make(self, request: Request) -> str:
        """Make a record, unless its key is remembered. Returns its id."""
        remembered = self._memory.get((request.account, request.key))
        if isinstance(remembered, Request) and remembered.record is not None:
            return remembered.record
        record = f"rec-{len(self.records) + 1}"
        made_now = Request(request.account, request.key, request.object, request.fields, record)
        self.records[record] = self._memory[request.account, request.key] = made_now
        return record


def _copy(value: Any) -> Any:
    """Return a copy whose scripts can be played without those of the other."""
    if isinstance(value, dict):
        return {key: copy(one) if isinstance(one, deque) else one for key, one in value.items()}
    return copy(value)


def _understood(account: str, body: bytes) -> Request | None:
    """Return a request whose body is as the endpoint's contract wants it, else None."""
    content = json.loads(body)
    object_, fields, key = (content.get(name) for name in ("object", "fields", "idempotency_key"))
    fits = object_ in OBJECTS and isinstance(fields, dict) and isinstance(key, str)
    return Request(account, key, object_, fields) if fits and 1 <= len(key) <= 200 else None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    crm: Crm

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        if len(body) < length:  # a client that is gone
            self.close_connection = True
            return
        api_key = self.headers.get("Authorization", "").removeprefix("Bearer ")
        answer = self.crm.receive(api_key, body) if self.path == PATH else refusal("not_found", 404)
        self.crm.meet()
        if answer.status is None:
            self.close_connection = True
            return
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Write nothing to the terminal."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that is gone, such as a process that was killed."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def serving(crm: Crm, *, poll: float = 0.01) -> Iterator[str]:
    """Answer for a CRM at a free port of 127.0.0.1, and yield the address; end within `poll` s."""
    handler = type("Handler", (_Handler,), {"crm": crm})
    with ExitStack() as stack:
        server = stack.enter_context(_Server(("127.0.0.1", 0), handler))
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": poll}, daemon=True)
        thread.start()
        stack.callback(thread.join)
        stack.callback(server.shutdown)
        yield f"http://127.0.0.1:{server.server_port}"
