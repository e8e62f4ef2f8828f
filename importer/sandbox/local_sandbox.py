"""Runs a sandbox on a port, in a thread of its own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from importer.sandbox.asgi import CREATE_PATH, build
from importer.sandbox.sandbox_config import SandboxConfig
from importer.sandbox.service import Sandbox
from importer.sandbox.serving import listen, serving
from importer.sandbox.wire import SandboxProtocol


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
        sandbox = Sandbox(config or SandboxConfig())
        stack.callback(sandbox.store.close)
        shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
        sandbox.port = listener.getsockname()[1]
        named = f"[{shown}]" if ":" in shown else shown
        sandbox.url = f"http://{named}:{sandbox.port}"
        sandbox.endpoint = sandbox.url + CREATE_PATH
        stack.enter_context(serving(build(sandbox), listener, http=SandboxProtocol))
        yield sandbox
