"""Answers Prometheus over HTTP, in a thread of its own, so that no busy event loop delays it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from importer.core.errors import ConfigError
from importer.sandbox.serving import limited_protocol, listen, serving

_HOST = "127.0.0.1"
_PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"
_HINT = "Give a port, such as 9464, or an address and a port: 10.0.0.5:9464."


@contextmanager
def exposed(
    address: str, text: Callable[[], str], is_ready: Callable[[], bool] = lambda: True
) -> Iterator[str]:
    """
    Answer requests for `/metrics` with a text while the context lasts. Yields the URL.

    `/healthz` is answered with 200 as long as the process answers, and `/readyz` with 200 if it
    `is_ready`, else with 503.

    `address` is a port, of this computer alone, or an address and a port. Raises `ConfigError` if
    it is neither, or cannot be used.
    """
    host, port = _parsed(address)
    try:
        listener = listen(host, port)
    except ConfigError as error:
        raise ConfigError(
            "--metrics %(path)s: cannot be used (%(what)s)",
            path=address,
            what=error.message,
            hint=_HINT,
        ) from error
    named = f"[{host}]" if ":" in host else host
    app, limited = _app(text, is_ready), limited_protocol()
    # A request that a stop cuts off would put a traceback between the lines of the log.
    with listener, serving(app, listener, http=limited, log_level="critical"):
        yield f"http://{named}:{listener.getsockname()[1]}/metrics"


def _parsed(address: str) -> tuple[str, int]:
    refused = ConfigError("--metrics %(path)s: it is not a port", path=address, hint=_HINT)
    try:
        parts = urlsplit(f"//{address}" if ":" in address else f"//{_HOST}:{address}")
        host, port = parts.hostname, parts.port
    except ValueError:
        raise refused from None
    if not host or port is None or parts.netloc.rpartition("]")[2].count(":") != 1:
        raise refused
    return host, port


def _app(text: Callable[[], str], is_ready: Callable[[], bool]) -> Starlette:
    def metrics(_: Request) -> Response:  # it may ask the database, so it has a thread
        return Response(text(), headers={"Content-Type": _PROMETHEUS})

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(_: Request) -> Response:
        if is_ready():
            return PlainTextResponse("ok\n")
        return PlainTextResponse("the queue cannot be used\n", HTTPStatus.SERVICE_UNAVAILABLE)

    return Starlette(
        routes=[
            Route("/metrics", metrics),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
        ]
    )
