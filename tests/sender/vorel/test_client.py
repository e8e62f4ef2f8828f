"""The client against real sockets: what a mock cannot do."""

from __future__ import annotations

import gzip
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import anyio
import httpx
import pytest
from anyio.abc import SocketAttribute, SocketStream
from pydantic import SecretStr
from stages.answers import a_record

from importer.core.errors import ConfigError
from importer.sender.answer import Answer, Meaning
from importer.sender.vorel.client import Client
from importer.sender.vorel.server_texts import redact
from importer.sender.vorel.tls import shared_ssl_context

KEY = "vapk_test_" + "0a" * 24
Handler = Callable[[SocketStream], Awaitable[None]]
OK = b'{"ok":true,"external_id":"7"}'


async def whole_request(stream: SocketStream) -> None:
    """Read to the end of the body, whose last key is `object`."""
    while not (await stream.receive()).endswith(b'"contact"}'):
        pass


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    """Yield the address of a TCP server that hands each connection's first request over."""

    async def connected(stream: SocketStream) -> None:
        async with stream:
            try:
                await whole_request(stream)
                await handler(stream)
            except (anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.EndOfStream):
                pass

    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    port = listener.extra(SocketAttribute.local_port)  # noqa: S610
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, connected)
        yield f"http://127.0.0.1:{port}"
        tasks.cancel_scope.cancel()
    await listener.aclose()


async def ask(
    base_url: str, *, connect_timeout: float = 5, request_timeout: float = 5, times: int = 1
) -> Answer:
    async with Client(
        base_url=base_url,
        api_key=SecretStr(KEY),
        connect_timeout=connect_timeout,
        request_timeout=request_timeout,
        verify=shared_ssl_context(base_url),
    ) as client:
        for _ in range(times - 1):
            await client.create(a_record("contact", {}), "vi1-0")
        return await client.create(a_record("contact", {}), "vi1-0")


def head(status: str, length: int) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {length}\r\n\r\n".encode()


def reset(stream: SocketStream) -> None:
    """Close so that the other end sees a reset and no orderly end."""
    raw = stream.extra(SocketAttribute.raw_socket)  # noqa: S610
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def drip(stream: SocketStream) -> None:
    while True:
        await stream.send(b" ")
        await anyio.sleep(0.02)


async def test_a_connection_is_kept_for_the_next_request() -> None:
    connections = 0

    async def handler(stream: SocketStream) -> None:
        nonlocal connections
        connections += 1
        for _ in range(3):
            await stream.send(head("200 OK", len(OK)) + OK)
            await whole_request(stream)

    async with serving(handler) as address:
        answer = await ask(address, times=3)
    assert answer.external_id == "7"
    assert connections == 1


async def test_a_reset_is_unclear() -> None:
    async def handler(stream: SocketStream) -> None:
        reset(stream)

    async with serving(handler) as address:
        answer = await ask(address)
    assert answer.meaning is Meaning.RETRY
    assert answer.error is not None
    assert answer.error.code == "connection_error"
    assert answer.unclear


async def test_half_a_body_is_unclear() -> None:
    async def handler(stream: SocketStream) -> None:
        await stream.send(head("200 OK", 100) + OK)

    async with serving(handler) as address:
        answer = await ask(address)
    assert answer.meaning is Meaning.RETRY
    assert answer.error is not None
    assert answer.error.code == "connection_error"
    assert answer.unclear


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        ("401 Unauthorized", Meaning.STOP),
        ("400 Bad Request", Meaning.REFUSED),
        ("429 Too Many Requests", Meaning.THROTTLED),
        ("302 Found", Meaning.STOP),
    ],
)
async def test_a_status_that_decides_needs_no_whole_body(status: str, meaning: Meaning) -> None:
    async def handler(stream: SocketStream) -> None:
        await stream.send(head(status, 1000) + b"{")

    async with serving(handler) as address:
        assert (await ask(address)).meaning is meaning


async def test_a_server_that_never_answers_is_given_up() -> None:
    async def handler(stream: SocketStream) -> None:  # noqa: ARG001
        await anyio.sleep_forever()

    async with serving(handler) as address:
        answer = await ask(address, request_timeout=0.05)
    assert answer.meaning is Meaning.RETRY
    assert answer.error is not None
    assert answer.error.code == "timeout"
    assert answer.connected
    assert answer.unclear


async def test_without_a_connection_nothing_is_sent() -> None:
    async def handler(stream: SocketStream) -> None:  # noqa: ARG001
        raise AssertionError  # the server does not answer the greeting of TLS

    async with serving(handler) as address:
        answer = await ask(address.replace("http:", "https:"), connect_timeout=0.05)
    assert answer.meaning is Meaning.RETRY
    assert answer.error is not None
    assert answer.error.code == "timeout"
    assert not answer.connected
    assert not answer.unclear


async def test_a_proxy_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def handler(stream: SocketStream) -> None:  # noqa: ARG001
        raise AssertionError  # the proxy does not make a connection

    async with serving(handler) as address:
        monkeypatch.setenv("HTTPS_PROXY", address)
        answer = await ask("https://crm.test", connect_timeout=0.2, request_timeout=0.2)
    assert answer.error is not None
    assert answer.error.code == "timeout"


async def test_a_server_that_drips_is_given_up() -> None:
    async def handler(stream: SocketStream) -> None:
        await stream.send(head("200 OK", 10_000))
        await drip(stream)

    async with serving(handler) as address:
        answer = await ask(address, connect_timeout=0.4, request_timeout=0.4)
    assert answer.meaning is Meaning.RETRY
    assert answer.error is not None
    assert answer.error.message == "no whole answer within 0.4 s"


async def test_a_refusal_that_drips_is_a_refusal() -> None:
    async def handler(stream: SocketStream) -> None:
        await stream.send(head("403 Forbidden", 10_000))
        await drip(stream)

    async with serving(handler) as address:
        answer = await ask(address, connect_timeout=1, request_timeout=1)
    assert answer.meaning is Meaning.STOP


async def test_a_body_without_end_is_cut_off() -> None:
    async def handler(stream: SocketStream) -> None:
        await stream.send(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            await stream.send(b"x" * 65536)

    async with serving(handler) as address:
        answer = await ask(address)
    assert answer.error is not None
    assert "more than 64 KiB" in answer.error.message


async def test_a_body_that_cannot_be_unpacked_is_unclear() -> None:
    async def handler(stream: SocketStream) -> None:
        await stream.send(
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd"
        )

    async with serving(handler) as address:
        answer = await ask(address)
    assert answer.meaning is Meaning.RETRY
    assert answer.error is not None
    assert answer.error.code == "invalid_response"
    assert answer.unclear


async def test_a_body_is_unpacked_although_nobody_asked_for_it() -> None:
    packed = gzip.compress(OK)

    async def handler(stream: SocketStream) -> None:
        headers = head("200 OK", len(packed))[:-2] + b"Content-Encoding: gzip\r\n\r\n"
        await stream.send(headers + packed)

    async with serving(handler) as address:
        assert (await ask(address)).external_id == "7"


async def test_what_is_no_http_is_unclear() -> None:
    async def handler(stream: SocketStream) -> None:
        await stream.send(b"220 mail.test ESMTP\r\n")

    async with serving(handler) as address:
        answer = await ask(address)
    assert answer.error is not None
    assert answer.error.code == "connection_error"


async def test_a_port_nobody_listens_on_was_never_reached() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        answer = await ask(f"http://127.0.0.1:{taken.getsockname()[1]}")
    assert answer.meaning is Meaning.RETRY
    assert not answer.connected
    assert not answer.unclear


@pytest.mark.parametrize("base_url", ["http://localhost:99999", "http://[::1"])
async def test_an_address_that_is_none_stops(base_url: str) -> None:
    async with Client(
        base_url="http://localhost", api_key=SecretStr(KEY), connect_timeout=1, request_timeout=1
    ) as client:
        client._url = base_url
        answer = await client.create(a_record("contact", {}), "vi1-0")
    assert answer.meaning is Meaning.STOP
    assert answer.stop is not None
    assert "--base-url" in str(answer.stop.hint)


async def test_a_proxy_setting_that_is_none_stops_and_shows_no_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "gopher://me:pa55word@proxy.test")
    answer = await ask("https://vorel.test")
    assert answer.stop is not None
    assert "HTTPS_PROXY" in str(answer.stop.hint)
    assert "pa55word" not in str(answer.stop)


@pytest.mark.parametrize("name", ["HTTP_PROXY", "ALL_PROXY"])
@pytest.mark.parametrize("without", ["", "vorel.test"])
async def test_a_proxy_is_used_unless_the_host_is_left_out(
    monkeypatch: pytest.MonkeyPatch, name: str, without: str
) -> None:
    async def handler(stream: SocketStream) -> None:
        await stream.send(head("200 OK", len(OK)) + OK)

    async with serving(handler) as address:
        monkeypatch.setenv(name, address)
        monkeypatch.setenv("NO_PROXY", without)
        answer = await ask("http://api.vorel.test")
    assert answer.connected is (without == "")
    assert answer.external_id == (None if without else "7")


async def test_a_proxy_that_needs_another_package_stops_and_names_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(**_: object) -> None:
        raise ImportError("the 'socksio' package is not installed")

    monkeypatch.setattr(httpx, "AsyncHTTPTransport", refuse)
    answer = await ask("https://vorel.test")
    assert answer.stop is not None
    assert "socksio" in answer.stop.message


def test_clients_share_one_ssl_context_where_there_is_tls() -> None:
    assert shared_ssl_context("HTTPS://vorel.test").verify_mode is ssl.CERT_REQUIRED
    assert shared_ssl_context("https://vorel.test").cert_store_stats()["x509_ca"] > 0


def test_without_tls_no_certificate_would_pass() -> None:
    context = shared_ssl_context("http://localhost")
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.cert_store_stats()["x509_ca"] == 0


def test_certificates_that_somebody_has_named_have_to_be_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "nowhere.pem")
    with pytest.raises(ConfigError, match="cannot be loaded"):
        shared_ssl_context("https://vorel.test")
    shared_ssl_context("http://localhost")


def test_redacting_needs_a_secret() -> None:
    assert redact("abc", "") == "abc"
    assert redact("a key", "key") == "a [API key]"
    assert redact("a KEY and a Key", "key") == "a [API key] and a [API key]"
