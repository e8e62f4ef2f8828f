"""Lets only this person's browser in: by address, token, cookie and origin."""

from __future__ import annotations

import hmac
import secrets
from http.cookies import SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["START", "Guard", "Secrets"]

START = "/start"
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # With "no-referrer" browsers would send no origin with a form either.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_ENTRANCE = """\
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Vorel import</title>
<link rel="icon" href="/static/icon.svg"><meta http-equiv="refresh" content="0;url=/"></head>
<body><main><h1>Vorel import</h1><p><a href="/">Continue</a></p></main></body></html>
"""
_SAFE = frozenset({"GET", "HEAD"})


class Secrets:
    """What only this person's browser is told: made anew whenever the page is started."""

    def __init__(self) -> None:
        self.start = secrets.token_urlsafe(32)
        self.session = secrets.token_urlsafe(32)
        self.form = secrets.token_urlsafe(32)


class Guard:
    """
    Answers only requests that this person's browser makes from the page's own address.

    - `Host` must be an address of this computer with the page's port. A hostile site can point its
      own name at this computer (DNS rebinding), but its requests have that name.
    - The cookie of the session must be there, except at `/start`, which sets it for whoever has the
      start token. It is sent to no other site, nor with requests that other sites cause.
    - Whatever changes something must come from the page's own origin.

    The forms have a token besides (`importer.ui.forms`).
    """

    def __init__(self, app: ASGIApp, secrets_: Secrets, port: int) -> None:
        self._app = app
        self._secrets = secrets_
        self._hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")}
        # Cookies are shared by all ports of a host.
        self._cookie = f"vorel-import-{port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request, or hand it on."""
        if scope["type"] != "http":
            return
        headers = Headers(scope=scope)
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await refusal(scope, receive, _with_headers(send))
            return
        await self._app(scope, receive, _with_headers(send))

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        """Return the answer to a request that is not handed on."""
        host = headers.get("host", "")
        if host not in self._hosts:
            return _refused("This address is not the page's own.", 421)
        if scope["method"] not in _SAFE and headers.get("origin") != f"http://{host}":
            return _refused("This request does not come from the page itself.", 403)
        if headers.get("sec-fetch-site", "none") not in {"same-origin", "none"} and (
            scope["path"] != START
        ):
            return _refused("This request comes from another site.", 403)
        if scope["path"] == START:
            return self._start(scope)
        if not self._has_session(headers):
            return _refused(
                "Open the address that vorel-import ui has printed: it has the token that lets you "
                "in. If it has been started again since, it is another one.",
                403,
            )
        return None

    def _start(self, scope: Scope) -> Response:
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if scope["method"] not in _SAFE or not _equal(given, self._secrets.start):
            return _refused("This start token is not valid (any more).", 403)
        # A redirect would count as made by the site on which the address was clicked, and would go
        # without the cookie. What this page leads to counts as made by the page.
        answer = HTMLResponse(_ENTRANCE)
        answer.set_cookie(
            self._cookie, self._secrets.session, httponly=True, samesite="strict", path="/"
        )
        return answer

    def _has_session(self, headers: Headers) -> bool:
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(self._cookie)
        except ValueError:
            return False
        return cookie is not None and _equal(cookie.value, self._secrets.session)


def _equal(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), expected.encode())


def _refused(text: str, status: int) -> Response:
    return PlainTextResponse(f"{text}\n", status)


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sent
