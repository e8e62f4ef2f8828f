"""Sends one POST and returns one answer; every trouble on the way becomes an answer too."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import replace
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import anyio
import httpx
from pydantic import SecretStr

from importer._version import __version__
from importer.errors import RefusedError
from importer.keys import canonical_json
from importer.records import Origin, RowError
from importer.sender.answers import MAX_BODY_BYTES, Answer, Meaning, classify

__all__ = ["PATH", "Client", "redact", "shared_ssl_context"]

PATH = "/api/v1/crm/create-record"
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def shared_ssl_context(base_url: str) -> ssl.SSLContext | bool:
    """Return what all clients verify certificates with; making it takes some 10 ms each time."""
    return httpx.create_ssl_context() if base_url.startswith("https:") else True


def redact(text: str, secret: str) -> str:
    """Return a text that does not hold the API key, whatever a server put into it."""
    return text.replace(secret, "[API key]") if secret else text


class Client:
    """
    One worker's way to the endpoint: one connection, kept alive, never shared.

    A pool shared by many tasks costs three to twelve times the CPU and wedges when requests
    are cancelled while tasks wait for it (httpcore issue 1093). Redirects are not followed: the
    key goes to the configured host and nowhere else.
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
        self._timeout = httpx.Timeout(request_timeout, connect=connect_timeout)
        # httpx bounds each read; a server that sends a byte now and then needs a bound of all.
        self._overall = connect_timeout + 2 * request_timeout
        self._verify = verify
        self._client: httpx.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._drop()

    async def create_record(
        self, object_: str, fields: Mapping[str, Any], idempotency_key: str
    ) -> Answer:
        """Send one record and return what became of it. Never raises for what the net does."""
        body = canonical_json(
            {"object": object_, "fields": fields, "idempotency_key": idempotency_key}
        )
        try:
            with anyio.fail_after(self._overall):
                answer = await self._post(body)
        except TimeoutError:
            await self._drop()
            answer = _transport("timeout", f"no whole answer within {self._overall:g} s")
        except httpx.HTTPError as error:
            await self._drop()
            answer = _translate(error)
        return self._redacted(answer)

    async def _post(self, body: bytes) -> Answer:
        if self._client is None:
            self._client = self._connect()
        async with self._client.stream("POST", self._url, content=body) as response:
            received = b""
            async for chunk in response.aiter_bytes():
                received += chunk
                if len(received) > MAX_BODY_BYTES:
                    break
            headers = {name.lower(): value for name, value in response.headers.items()}
            return classify(response.status_code, headers, received)

    def _connect(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            headers={
                "Authorization": f"Bearer {self._secret}",
                "Content-Type": "application/json",
                "Accept": "application/json",
                "Accept-Encoding": "identity",
                "User-Agent": f"vorel-importer/{__version__}",
            },
            verify=self._verify,
            timeout=self._timeout,
            limits=httpx.Limits(max_connections=1, max_keepalive_connections=1),
            follow_redirects=False,
            trust_env=urlsplit(self._url).hostname not in _LOOPBACK,
        )

    async def _drop(self) -> None:
        """Forget the connection: after trouble nothing is known of its state."""
        if self._client is not None:
            client, self._client = self._client, None
            with anyio.CancelScope(shield=True):
                await client.aclose()

    def _redacted(self, answer: Answer) -> Answer:
        error, stop = answer.error, answer.stop
        if error is not None:
            error = replace(
                error,
                code=redact(error.code, self._secret),
                message=redact(error.message, self._secret),
            )
        if stop is not None:
            stop = RefusedError(redact(stop.message, self._secret), hint=stop.hint)
        return replace(
            answer,
            error=error,
            stop=stop,
            external_id=answer.external_id and redact(answer.external_id, self._secret),
            record_url=answer.record_url and redact(answer.record_url, self._secret),
        )


def _translate(error: httpx.HTTPError) -> Answer:
    """Put httpx's exceptions into the importer's words; nothing else does."""
    reason = str(error) or type(error).__name__
    if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
        return _transport("timeout", f"no connection ({reason})", reached=False)
    if isinstance(error, httpx.TimeoutException):
        return _transport("timeout", f"no answer in time ({reason})")
    if isinstance(error, httpx.ConnectError | httpx.ProxyError | httpx.UnsupportedProtocol):
        return _transport("connection_error", f"no connection ({reason})", reached=False)
    if isinstance(error, httpx.DecodingError):
        return _transport("invalid_response", f"an answer that cannot be decoded ({reason})")
    return _transport("connection_error", f"the connection broke ({reason})")


def _transport(code: str, message: str, *, reached: bool = True) -> Answer:
    error = RowError(
        code=code,
        origin=Origin.TRANSPORT,
        message=message,
        hint="Run the same command again: the row is sent with the same key.",
        retryable=True,
    )
    return Answer(meaning=Meaning.RETRY, error=error, reached=reached, unclear=reached)
