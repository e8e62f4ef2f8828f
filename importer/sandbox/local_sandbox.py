"""Runs a sandbox on a port, in a thread of its own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from importer.sandbox.asgi import CREATE_PATH, build
from importer.sandbox.injected_faults import Faults
from importer.sandbox.sandbox_config import SandboxConfig
from importer.sandbox.service import WRITE_SCOPE, Service
from importer.sandbox.serving import listen, serving
from importer.sandbox.wire import SandboxProtocol


class Sandbox:
    """
    A running sandbox, as `running` yields it. All of it may be used from any thread.

    `url` is where it listens, `api_key` a key with the scope `crm:write`.
    """

    def __init__(self, service: Service, host: str, port: int) -> None:
        self._service = service
        shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
        self.port = port
        self.url = f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"
        self.endpoint = self.url + CREATE_PATH
        self.api_key = service.api_key

    @property
    def db(self) -> Path | None:
        """The database's file, or None if it is in memory."""
        return self._service.config.db

    @property
    def requests(self) -> int:
        """The number of create requests since the start, whatever their answers."""
        return self._service.counters["requests"]

    @property
    def counters(self) -> dict[str, int]:
        """What happened since the start, by name: `requests`, `created`, `replayed`, …."""
        return dict(self._service.counters)

    @property
    def arrivals(self) -> list[float]:
        """When the last 100,000 requests arrived, in epoch seconds of the sandbox's clock."""
        return list(self._service.arrivals)

    @property
    def faults(self) -> Faults:
        """The faults to inject. When they are set, the next request counts as the first again."""
        return self._service.faults

    @faults.setter
    def faults(self, faults: Faults) -> None:
        self._service.set_faults(faults)

    def records(self) -> list[dict[str, Any]]:
        """
        Return the CRM's records, oldest first.

        Each has `object`, `fields` (canonical), `vendor_object`, `vendor_fields`, `external_id`,
        `record_url`, `idempotency_key`, `created_at` (epoch seconds), `tenant`, `api_key_id`.
        """
        return self._service.store.records()

    def refusals(self) -> list[dict[str, Any]]:
        """Return the last refusals and faults, newest first: `at`, `status`, `code`, `message`."""
        return self._service.store.refusals()

    def new_key(self, scopes: Iterable[str] = (WRITE_SCOPE,), *, tenant: str = "sandbox") -> str:
        """Make another API key and return it."""
        return self._service.new_key(scopes, tenant=tenant)

    def revoke(self, api_key: str) -> None:
        """Make an API key invalid from the next request on. Raises `KeyError` if unknown."""
        key = self._service.store.find_key(api_key)
        if key is None:
            raise KeyError("the sandbox does not know this API key")
        self._service.store.revoke(key.id)


@contextlib.contextmanager
def running(
    config: SandboxConfig | None = None, *, host: str = "127.0.0.1", port: int = 0
) -> Iterator[Sandbox]:
    """
    Run a sandbox in a thread for as long as the block lasts; port 0 takes a free one.

    Raises `ConfigError` if the port is taken or the database cannot be used.
    """
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(listen(host, port))
        service = Service(config or SandboxConfig())
        stack.callback(service.store.close)
        stack.enter_context(serving(build(service), listener, http=SandboxProtocol))
        yield Sandbox(service, host, listener.getsockname()[1])
