"""What the sandbox's tests share: a clock to turn, sandboxes to start, requests to send."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx
import pytest

from importer.sandbox import Sandbox, SandboxConfig, running

PATH = "/api/v1/crm/create-record"
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # as a client of its own would load certificates


@dataclass
class Clock:
    """Epoch seconds that pass only when a test says so."""

    now: float = 1_800_000_000.0  # a multiple of 60: a window begins

    def __call__(self) -> float:
        return self.now


@dataclass
class Caller:
    """A running sandbox and a client that knows its key."""

    sandbox: Sandbox
    clock: Clock
    http: httpx.Client
    sent: int = field(default=0)
    path: str = PATH

    def create(
        self,
        fields: dict[str, Any] | None = None,
        *,
        object: str = "contact",  # noqa: A002 - the contract's word
        key: str | None = None,
        api_key: str | None = None,
    ) -> httpx.Response:
        """Send one record, with a key of its own unless one is given."""
        self.sent += 1
        return self.http.post(
            PATH,
            json={
                "object": object,
                "fields": {"first_name": "Amal", "last_name": "Haddad"}
                if fields is None
                else fields,
                "idempotency_key": key or f"key-{self.sent}",
            },
            headers={"Authorization": f"Bearer {api_key or self.sandbox.api_key}"},
        )

    def post(self, body: bytes, **headers: str) -> httpx.Response:
        """Send bytes as they are."""
        sent = {
            "Authorization": f"Bearer {self.sandbox.api_key}",
            "Content-Type": "application/json",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        return self.http.post(PATH, content=body, headers=sent)


class Start(Protocol):
    """Starts a sandbox with the settings given."""

    def __call__(self, **settings: Any) -> Caller: ...


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def start(clock: Clock) -> Iterator[Start]:
    with contextlib.ExitStack() as stack:

        def begin(**settings: Any) -> Caller:
            config = SandboxConfig(**{"clock": clock, **settings})
            sandbox = stack.enter_context(running(config))
            client = httpx.Client(base_url=sandbox.url, timeout=10, trust_env=False, verify=_NO_TLS)
            return Caller(sandbox, clock, stack.enter_context(client))

        yield begin


@pytest.fixture
def caller(start: Start) -> Caller:
    return start()


@pytest.fixture(scope="module")
def shared() -> Iterator[Caller]:
    """A sandbox for tests that leave nothing behind in it."""
    clock = Clock()
    config = SandboxConfig(rate_limit=1_000_000, tenant_limit=1_000_000, clock=clock)
    with (
        running(config) as sandbox,
        httpx.Client(base_url=sandbox.url, timeout=10, trust_env=False, verify=_NO_TLS) as client,
    ):
        yield Caller(sandbox, clock, client)
