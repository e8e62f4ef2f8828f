"""The sandbox as a web application: routes, bodies, injected faults, and the page at `/`."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import functools
import hashlib
import ipaddress
import json
from http import HTTPStatus
from pathlib import Path

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from importer.core.resources import data_folder
from importer.sandbox import wire
from importer.sandbox.injected_faults import Fault, FaultPlace
from importer.sandbox.payloads import MAX_BODY_BYTES, Reply
from importer.sandbox.service import Incoming, Service

_FOLDER = Path(__file__).parent

CREATE_PATH = "/api/v1/crm/create-record"
_BAD_GATEWAY = b"<html><head><title>502 Bad Gateway</title></head><body>502</body></html>\n"
_LOGIN_PAGE = b"<!doctype html><title>Sign in</title><p>Please sign in to this network.</p>\n"


async def page(_: Request) -> Response:
    """Return the page. Nothing in it was written by a user: its script fetches that."""
    html, policy = _composed()
    return Response(
        html,
        headers={
            "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
        },
        media_type="text/html",
    )


def live(service: Service, request: Request) -> Response:
    """Return what the page shows, as JSON, unless the request has the name of another host."""
    if not _is_local_name(request.url.hostname or ""):
        answer = Reply.error(403, "forbidden", "open the page by IP address or as localhost")
        return Response(answer.body(), 403, media_type="application/json")
    return Response(
        json.dumps(service.snapshot(), ensure_ascii=False),
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
        media_type="application/json",
    )


def _is_local_name(host: str) -> bool:
    # A hostile site could point its own name at this machine, and then read the records.
    with contextlib.suppress(ValueError):
        return bool(ipaddress.ip_address(host.strip("[]")))
    return host == "localhost" or host.endswith(".localhost")


@functools.cache
def _composed() -> tuple[str, str]:
    """Return the page as one file, and the policy that lets only its own parts run."""
    shared = data_folder("style") / "base.css"
    html, base, style, script = (
        path.read_text(encoding="utf-8")
        for path in (_FOLDER / "page.html", shared, _FOLDER / "page.css", _FOLDER / "page.js")
    )
    style = base + style
    policy = (
        f"default-src 'none'; style-src {_source(style)}; script-src {_source(script)}; "
        "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
    return html.replace("/*style*/", style).replace("/*script*/", script), policy


def _source(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def build(service: Service) -> Starlette:
    """Return the application, which sends the answers of `service` over HTTP."""

    async def figures(request: Request) -> Response:
        return live(service, request)

    app = Starlette(
        routes=[
            Route(CREATE_PATH, CreateRecord(service), methods=["POST"]),
            Route("/api/v1/openapi.json", _document),
            Route("/", page),
            Route("/live.json", figures),
        ],
        exception_handlers={HTTPException: _refuse, Exception: _fail},
    )
    app.router.redirect_slashes = False
    return app


@functools.cache
def document() -> bytes:
    """Return the OpenAPI document as JSON."""
    text = (data_folder("schemas") / "openapi.json").read_text(encoding="utf-8")
    return json.dumps(json.loads(text), ensure_ascii=False).encode()


class CreateRecord:
    """`POST /api/v1/crm/create-record`, as an ASGI application of its own."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or inject its fault."""
        try:
            await self._handle(scope, receive, send)
        except asyncio.CancelledError:  # the server stops and does not wait any longer
            await wire.reset(scope)

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        draw = self._service.draw()
        fault = draw.fault
        if draw.delay:
            await asyncio.sleep(draw.delay)
        if fault is not None and fault.place is FaultPlace.WAY:
            self._service.note_fault(fault)
            await _strike_before(fault, scope, receive, send)
            return
        incoming = await _receive(scope, receive)
        if incoming is None:
            return
        answer = self._service.answer(incoming, fault)
        if fault is not None and fault.place is FaultPlace.ANSWER:
            self._service.note_fault(fault)
            await _strike_after(fault, answer, scope, receive, send)
        else:
            await wire.send_answer(send, answer)


async def _strike_before(fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    match fault.kind:
        case "reset_before":
            await wire.reset(scope)
        case "hang":
            await wire.hang(scope, receive, fault.duration)
        case "error_502_html":
            await wire.send_bytes(send, 502, _BAD_GATEWAY, "text/html")
        case "html_200":
            await wire.send_bytes(send, 200, _LOGIN_PAGE, "text/html; charset=utf-8")
        case "empty_204":
            await wire.send_bytes(send, 204, b"", None)
        case _:
            answer = Reply.error(
                503,
                "internal_error",
                "the service is unavailable (injected)",
                {"Retry-After": str(fault.retry_after)},
            )
            await wire.send_answer(send, answer)


async def _strike_after(
    fault: Fault, answer: Reply, scope: Scope, receive: Receive, send: Send
) -> None:
    match fault.kind:
        case "reset_after":
            await wire.reset(scope)
        case "half_body":
            await wire.send_half(scope, send, answer)
        case "hang_after":
            await wire.hang(scope, receive, fault.duration)
        case _:
            error = Reply.error(500, "internal_error", "something went wrong (injected)")
            await wire.send_answer(send, error)


async def _receive(scope: Scope, receive: Receive) -> Incoming | None:
    """Read a request; None if the caller hung up in the middle of it."""
    headers = Headers(scope=scope)
    chunks = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunks += message.get("body", b"")
        more = message.get("more_body", False) and len(chunks) <= MAX_BODY_BYTES
    body = bytes(chunks) if len(chunks) <= MAX_BODY_BYTES else None
    return Incoming(
        headers.get("authorization"),
        headers.get("content-type"),
        headers.get("content-encoding"),
        body,
    )


async def _document(_: Request) -> Response:
    return Response(document(), media_type="application/json")


async def _refuse(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.BAD_REQUEST
    headers = dict(getattr(error, "headers", None) or {})
    if status == HTTPStatus.NOT_FOUND:
        answer = Reply.error(status, "not_found", "there is nothing at this path")
    else:
        answer = Reply.error(status, "bad_request", "the path does not take this method")
    return Response(answer.body(), status, headers, "application/json")


async def _fail(_: Request, __: Exception) -> Response:
    answer = Reply.error(500, "internal_error", "the sandbox has a bug; its output tells more")
    return Response(answer.body(), 500, media_type="application/json")
