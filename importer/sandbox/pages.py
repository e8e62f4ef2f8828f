"""The page at `/`: what arrives in the sandbox, live."""

from __future__ import annotations

import base64
import contextlib
import functools
import hashlib
import ipaddress
import json
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from importer.core.resources import data_folder
from importer.sandbox.payloads import Reply
from importer.sandbox.service import Service

_FOLDER = Path(__file__).parent


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
