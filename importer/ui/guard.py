"""Lets only this person's browser in: by address, token, cookie and origin."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from http.cookies import SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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
<link rel="icon" href="{root}/static/icon.svg">
<meta http-equiv="refresh" content="0;url={root}/"></head>
<body><main><h1>Vorel import</h1><p><a href="{root}/">Continue</a></p></main></body></html>
"""
_SAFE = frozenset({"GET", "HEAD"})
_COOKIE = "vorel-import"
_NOT_IN = (
    "This browser is not let in. The address that vorel-import ui has printed works once; the file "
    "that it has named lets you in again, as long as the program runs."
)


class Secrets:
    """
    What only this person's browser is told: made anew whenever the page is started.

    All addresses begin with `root`, a path that nobody can guess. The cookie with `session` is for
    this path alone, since browsers send the cookies of a host to all of its ports. Two tokens let a
    browser in, and each works once: `start`, in the address that is printed, and `again`, in the
    file that opens the browser. `on_entry` is called when one was used; there is a new one then.
    """

    def __init__(self) -> None:
        self.root = f"/{_secret()}"
        self.session, self.form = _secret(), _secret()
        self.start, self.again = _secret(), _secret()
        self.on_entry: Callable[[], None] = lambda: None

    def enter(self, given: str) -> bool:
        """Use up a token, and return whether it was one."""
        if _equal(given, self.start):
            self.start = _secret()
        elif _equal(given, self.again):
            self.again = _secret()
        else:
            return False
        self.on_entry()
        return True


class Guard:
    """
    Answers only requests that this person's browser makes from the page's own address.

    - `Host` must be an address of this computer with the page's port. A hostile site can point its
      own name at this computer (DNS rebinding), but its requests have that name.
    - The cookie of the session must be there, except at `/start`, which sets it for whoever has a
      token that was not used yet. It is sent to no other site and no other port, nor with requests
      that other sites cause.
    - Whatever changes something must come from the page's own origin.

    The forms have a token besides (`importer.ui.forms`).
    """

    def __init__(self, app: ASGIApp, secrets_: Secrets, port: int) -> None:
        self._app = app
        self._secrets = secrets_
        self._hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")}
        self._start_path = secrets_.root + START

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request, or hand it on."""
        if scope["type"] != "http":
            return
        headers = Headers(scope=scope)
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await refusal(scope, receive, _with_headers(send))
            return
        inner = {**scope, "root_path": self._secrets.root}
        await self._app(inner, receive, _with_headers(send))

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        """Return the answer to a request that is not handed on."""
        host = headers.get("host", "")
        if host not in self._hosts:
            return _refused("This address is not the page's own.", 421)
        if scope["method"] not in _SAFE and headers.get("origin") != f"http://{host}":
            return _refused("This request does not come from the page itself.", 403)
        if headers.get("sec-fetch-site", "none") not in {"same-origin", "none"} and (
            scope["path"] != self._start_path
        ):
            return _refused("This request comes from another site.", 403)
        if scope["path"] == self._start_path:
            return self._start(scope, headers)
        if not scope["path"].startswith(f"{self._secrets.root}/") or not self._has_session(headers):
            return _refused(_NOT_IN, 403)
        return None

    def _start(self, scope: Scope, headers: Headers) -> Response:
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        is_in = scope["method"] == "GET" and self._secrets.enter(given)
        if not is_in and not self._has_session(headers):
            return _refused(_NOT_IN, 403)
        # A redirect would count as made by the site on which the address was clicked, and would go
        # without the cookie. What this page leads to counts as made by the page.
        root = self._secrets.root
        answer = HTMLResponse(_ENTRANCE.format(root=root))
        answer.set_cookie(
            _COOKIE, self._secrets.session, httponly=True, samesite="strict", path=root
        )
        return answer

    def _has_session(self, headers: Headers) -> bool:
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(_COOKIE)
        except ValueError:
            return False
        return cookie is not None and _equal(cookie.value, self._secrets.session)


def _secret() -> str:
    return secrets.token_urlsafe(32)


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
