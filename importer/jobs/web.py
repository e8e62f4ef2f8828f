"""Fetches a list over HTTP."""

from __future__ import annotations

import base64
import shutil
from contextlib import closing
from email.message import Message
from typing import IO, BinaryIO
from urllib.error import HTTPError, URLError
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from importer.core.addresses import shown
from importer.core.errors import ConfigError
from importer.core.shared import LOOPBACK

_SECONDS = 60.0
_WHOLE = {200, 203}
"""Statuses with a whole list; with 206 it is a part of one."""


def fetch(source: str, copy: BinaryIO) -> None:
    """
    Copy what is at an address.

    Raises `ConfigError` if it would not be safe, and `OSError` if it cannot be read as a whole,
    with nothing of the address.
    """
    try:
        _fetch(source, copy)
    except HTTPError as error:
        error.close()
        raise OSError(error.code, f"HTTP status {error.code}") from None
    except URLError as error:
        if isinstance(error.reason, OSError):
            raise error.reason from None
        raise


def _fetch(source: str, copy: BinaryIO) -> None:
    parts = urlsplit(source)
    _refuse_unsafe(parts)
    host = parts.netloc.rpartition("@")[2]
    request = Request(urlunsplit(parts._replace(netloc=host, fragment="")))  # noqa: S310
    if parts.username is not None:
        user = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
        said = f"Basic {base64.b64encode(user).decode('ascii')}"
        request.add_unredirected_header("Authorization", said)
    with closing(build_opener(_Redirects()).open(request, timeout=_SECONDS)) as answer:
        if answer.status not in _WHOLE:
            raise OSError(answer.status, f"HTTP status {answer.status}")
        shutil.copyfileobj(answer, copy)
        size = answer.headers.get("Content-Length", "")
        if size.isdecimal() and int(size) != copy.tell():
            raise OSError(0, "it is cut")


def _refuse_unsafe(parts: SplitResult) -> None:
    scheme = parts.scheme.lower()
    if scheme != "https" and (scheme != "http" or parts.hostname not in LOOPBACK):
        raise ConfigError(
            "%(path)s: %(type)s would show the list to everyone on the way",
            path=shown(urlunsplit(parts)),
            type=scheme,
            hint="Use https.",
        )


class _Redirects(HTTPRedirectHandler):
    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> Request | None:
        try:
            _refuse_unsafe(urlsplit(newurl))
        except ConfigError:
            fp.close()
            raise
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]
