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
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from importer.core.resources import data_folder
from importer.sandbox import wire
from importer.sandbox.injected_faults import Fault, FaultPlace
from importer.sandbox.payloads import MAX_BODY_BYTES, Reply
from importer.sandbox.service import Incoming, Sandbox

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


def live(sandbox: Sandbox, request: Request) -> Response:
    """Return what the page shows, as JSON, unless the request has the name of another host."""
    if not _is_local_name(request.url.hostname or ""):
        return _answer(Reply.error(403, "forbidden", "open the page by IP address or as localhost"))
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return _answer(Reply(200, sandbox.snapshot(), headers))


def _answer(reply: Reply) -> Response:
    return Response(reply.body(), reply.status, reply.headers, "application/json")


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


def build(sandbox: Sandbox) -> Starlette:
    """Return the application, which sends the answers of a sandbox over HTTP."""

    async def figures(request: Request) -> Response:
        return live(sandbox, request)

    app = Starlette(
        routes=[
            Route(CREATE_PATH, CreateRecord(sandbox), methods=["POST"]),
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

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or inject its fault."""
        try:
            await self._handle(scope, receive, send)
        except asyncio.CancelledError:  # the server stops and does not wait any longer
            await wire.reset(scope)

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        draw = self._sandbox.draw()
        fault = draw.fault
        if draw.delay:
            await asyncio.sleep(draw.delay)
        if fault is not None and fault.place is FaultPlace.WAY:
            self._sandbox.note_fault(fault)
            response = _instead(fault)
        else:
            incoming = await _receive(scope, receive)
            if incoming is None:
                return
            response = _answer(self._sandbox.answer(incoming, fault))
            if fault is not None and fault.place is FaultPlace.ANSWER:
                self._sandbox.note_fault(fault)
        match fault:
            case Fault(kind="reset_before" | "reset_after"):
                await wire.reset(scope)
            case Fault(kind="hang" | "hang_after"):
                await wire.hang(scope, receive, fault.duration)
            case Fault(kind="half_body"):
                await wire.send_half(response, scope, send)
            case Fault(kind="error_500_after"):
                error = Reply.error(500, "internal_error", "something went wrong (injected)")
                await _answer(error)(scope, receive, send)
            case _:
                await response(scope, receive, send)


def _instead(fault: Fault) -> Response:
    """Return what comes in place of an answer, from something on the way to the service."""
    match fault.kind:
        case "error_502_html":
            return Response(_BAD_GATEWAY, 502, media_type="text/html")
        case "html_200":
            return Response(_LOGIN_PAGE, media_type="text/html")
        case "empty_204":
            return Response(status_code=204)
        case _:
            headers = {"Retry-After": str(fault.retry_after)}
            text = "the service is unavailable (injected)"
            return _answer(Reply.error(503, "internal_error", text, headers))


async def _receive(scope: Scope, receive: Receive) -> Incoming | None:
    """Read a request; None if the caller hung up in the middle of it."""
    request = Request(scope, receive)
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                break
    except ClientDisconnect:
        return None
    return Incoming(
        request.headers.get("authorization"),
        request.headers.get("content-type"),
        request.headers.get("content-encoding"),
        bytes(body) if len(body) <= MAX_BODY_BYTES else None,
    )


async def _document(_: Request) -> Response:
    return Response(document(), media_type="application/json")


async def _refuse(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - it is registered for these
    headers = error.headers or {}
    if error.status_code == HTTPStatus.NOT_FOUND:
        return _answer(Reply.error(404, "not_found", "there is nothing at this path", headers))
    text = "the path does not take this method"
    return _answer(Reply.error(error.status_code, "bad_request", text, headers))


async def _fail(_: Request, __: Exception) -> Response:
    return _answer(
        Reply.error(500, "internal_error", "the sandbox has a bug; its output tells more")
    )
