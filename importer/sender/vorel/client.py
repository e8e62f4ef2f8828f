"""Sends one POST and returns one answer; network errors are answers too."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import anyio
import httpx
from pydantic import SecretStr

from importer._version import __version__
from importer.core.errors import RefusedError
from importer.core.keys import canonical_json
from importer.core.locale.message import Message
from importer.core.records import Origin, Record, RowError
from importer.core.shared import LOOPBACK
from importer.sender.answer import Answer, Meaning
from importer.sender.vorel.answer_headers import read_quota
from importer.sender.vorel.answers import MAX_BODY_BYTES, classify, cleaned

PATH = "/api/v1/crm/create-record"
# Node and uvicorn close an idle connection after 5 s, and a request that meets the close in
# flight has no clear answer.
_KEEPALIVE = 4.0
_CLOSING = 2.0


class _Exchange(httpx.AsyncByteStream):
    """
    The content of one request, and what has arrived of its answer so far.

    `scope` ends it if there is no whole answer `seconds` after the content begins to leave.
    """

    def __init__(self, content: bytes, seconds: float, connect_timeout: float) -> None:
        self.content = content
        self.status: int | None = None
        self.headers: Mapping[str, str] = {}
        self.body = bytearray()
        self._seconds = seconds
        # httpx limits a connection, but not the answer of a proxy that is to make one.
        self.scope = anyio.move_on_after(connect_timeout + seconds)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the content; httpx asks for it once it is connected."""
        self.scope.deadline = anyio.current_time() + self._seconds
        yield self.content

    def unpack(self) -> None:
        """Decompress a body that should not be compressed. Raises `httpx.DecodingError`."""
        packed = {"Content-Encoding": self.headers.get("content-encoding", "identity")}
        if packed["Content-Encoding"] != "identity":
            whole = httpx.Response(200, headers=packed, content=bytes(self.body))
            self.body = bytearray(whole.content)

    def is_too_large(self) -> bool:
        """Return whether the body is larger than any answer of the contract."""
        return len(self.body) > MAX_BODY_BYTES

    def is_definite(self) -> bool:
        """Return whether enough has arrived to decide, even if the rest of the body is lost."""
        refused = self.status is not None and not 200 <= self.status < 300
        return refused or self.is_too_large()


class Client:
    """
    One worker's connection to the endpoint, kept alive and never shared: a `Destination`.

    A pool shared by many tasks costs three to twelve times the CPU and wedges when requests
    are cancelled while tasks wait for it (httpcore issue 1093). It is httpx's transport without
    its client, whose cookies, redirects and merging of settings cost a third of a request's time.
    So nothing follows a redirect: the key goes to the configured host and nowhere else.
    """

    def __init__(
        self,
        *,
        base_url: str,
        api_key: SecretStr,
        connect_timeout: float,
        request_timeout: float,
        verify: ssl.SSLContext | bool = True,
    ) -> None:
        self._url = base_url + PATH
        self._secret = api_key.get_secret_value()
        self._connect_timeout = connect_timeout
        self._request_timeout = request_timeout
        self._extensions = {"timeout": {"connect": connect_timeout}}
        self._verify = verify
        self._transport: httpx.AsyncHTTPTransport | None = None
        self._address = httpx.URL()
        self._headers: list[tuple[str, str]] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._drop()

    async def create(self, record: Record, key: str) -> Answer:
        """Send one record and return the answer. Never raises for network errors."""
        content = canonical_json(
            {"object": record.object, "fields": record.fields, "idempotency_key": key}
        )
        try:
            transport = self._transport = self._transport or self._connect()
        except (httpx.InvalidURL, ValueError, ImportError) as error:
            return cleaned(_unusable(error), self._secret)
        exchange = _Exchange(content, self._request_timeout, self._connect_timeout)
        answer = await self._exchange(transport, exchange)
        if answer is None or exchange.is_definite():
            answer = classify(exchange.status or 0, exchange.headers, bytes(exchange.body))
        return replace(cleaned(answer, self._secret), quota=read_quota(exchange.headers))

    async def _exchange(
        self, transport: httpx.AsyncHTTPTransport, exchange: _Exchange
    ) -> Answer | None:
        """Return the error, or None if a complete answer arrived."""
        try:
            with exchange.scope as scope:
                await self._post(transport, exchange)
            if not scope.cancelled_caught:
                return None
            seconds = f"{self._request_timeout:g}"
            failure = _transport(
                "timeout", Message("no whole answer within %(seconds)s s", seconds=seconds)
            )
        except httpx.HTTPError as error:
            failure = _translate(error)
        except OSError as error:
            # On asyncio a TLS alert in mid-connection comes through httpx as it is.
            failure = _transport(
                "connection_error", Message("the connection broke (%(text)s)", text=error)
            )
        await self._drop()
        return failure

    async def _post(self, transport: httpx.AsyncHTTPTransport, exchange: _Exchange) -> None:
        request = httpx.Request(
            "POST",
            self._address,
            headers=[*self._headers, ("Content-Length", str(len(exchange.content)))],
            stream=exchange,
            extensions=self._extensions,
        )
        response = await transport.handle_async_request(request)
        arriving = response.stream
        assert isinstance(arriving, httpx.AsyncByteStream)  # noqa: S101 - for the type checker
        try:
            exchange.status = response.status_code
            exchange.headers = dict(response.headers.items())  # in lower case, as httpx has them
            # The loop ends from within, by a closed connection too: leaving it half-way would
            # leave httpx's nested generators to the garbage collector, and trio warns about that.
            async for chunk in arriving:
                exchange.body += chunk
                if exchange.is_too_large():
                    await arriving.aclose()
        finally:
            await arriving.aclose()
        exchange.unpack()

    def _connect(self) -> httpx.AsyncHTTPTransport:
        """Return a new transport. Raises for settings that would make every request fail."""
        address = self._address = httpx.URL(self._url)
        trusts_environment = urlsplit(self._url).hostname not in LOOPBACK
        _ = urlsplit(self._url).port
        self._headers = [
            ("Host", address.netloc.decode("ascii")),
            ("Authorization", f"Bearer {self._secret}"),
            ("Content-Type", "application/json"),
            ("Accept", "application/json"),
            ("Accept-Encoding", "identity"),
            ("User-Agent", f"vorel-importer/{__version__}"),
        ]
        return httpx.AsyncHTTPTransport(
            verify=self._verify,
            limits=httpx.Limits(max_connections=1, keepalive_expiry=_KEEPALIVE),
            proxy=proxy_for(address) if trusts_environment else None,
            trust_env=trusts_environment,
        )

    async def _drop(self) -> None:
        """Close the connection: after a failure its state is not known."""
        if self._transport is not None:
            transport, self._transport = self._transport, None
            with anyio.move_on_after(_CLOSING, shield=True):
                await transport.aclose()


def proxy_for(address: httpx.URL) -> httpx.Proxy | None:
    """Return the proxy that HTTPS_PROXY, HTTP_PROXY or ALL_PROXY name, unless NO_PROXY does."""
    proxies = getproxies()
    named = proxies.get(address.scheme) or proxies.get("all")
    if not named or proxy_bypass(address.host):
        return None
    return httpx.Proxy(named if "://" in named else f"http://{named}")


_NOT_CONNECTED = (
    *(httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout),
    *(httpx.ProxyError, httpx.UnsupportedProtocol),
)


def _translate(error: httpx.HTTPError) -> Answer:
    """Turn an exception of httpx into an answer; this is the only place that does."""
    text = str(error) or type(error).__name__
    if isinstance(error, httpx.DecodingError):
        return _transport(
            "invalid_response", Message("an answer that cannot be decoded (%(text)s)", text=text)
        )
    code = "timeout" if isinstance(error, httpx.TimeoutException) else "connection_error"
    if isinstance(error, _NOT_CONNECTED):
        return _transport(code, Message("no connection (%(text)s)", text=text), connected=False)
    return _transport(code, Message("the connection broke (%(text)s)", text=text))


def _transport(code: str, message: Message, *, connected: bool = True) -> Answer:
    error = RowError(
        code=code,
        origin=Origin.TRANSPORT,
        message=message,
        hint=Message("Run the same command again: the row is sent with the same key."),
        retryable=True,
    )
    return Answer(meaning=Meaning.RETRY, error=error, connected=connected, unclear=connected)


def _unusable(error: Exception) -> Answer:
    """Stop for settings that httpx refuses. Only the kind is shown: proxies contain passwords."""
    kind = str(error) if isinstance(error, ImportError) else type(error).__name__
    return Answer(
        meaning=Meaning.STOP,
        stop=RefusedError(
            "the address or the proxy settings cannot be used: %(type)s",
            type=kind,
            hint="Check --base-url (VOREL_BASE_URL), HTTPS_PROXY, HTTP_PROXY and ALL_PROXY.",
        ),
        connected=False,
    )
