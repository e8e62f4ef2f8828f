"""Where no answer comes, and what must not be in any: through the real client."""

from __future__ import annotations

import json
import re
import ssl
from typing import Any

import httpx
import pytest
import respx
from stages.answers import ELSEWHERE, KEY, URL, envelope, send, texts

from importer.core.locale.language import language
from importer.core.records import Origin
from importer.sender.answer import Meaning
from importer.sender.vorel.answers import classify, cleaned
from importer.sender.vorel.client import Client

NET = [
    (httpx.ConnectError("[Errno 111] Connection refused"), "connection_error", False),
    (httpx.ConnectError("[Errno -2] Name or service not known"), "connection_error", False),
    (httpx.ConnectError("CERTIFICATE_VERIFY_FAILED"), "connection_error", False),
    (httpx.ConnectTimeout(""), "timeout", False),
    (httpx.PoolTimeout(""), "timeout", False),
    (httpx.ProxyError("407 Proxy Authentication Required"), "connection_error", False),
    (httpx.UnsupportedProtocol("ftp"), "connection_error", False),
    (httpx.ReadTimeout(""), "timeout", True),
    (httpx.WriteTimeout(""), "timeout", True),
    (httpx.ReadError("reset"), "connection_error", True),
    (httpx.WriteError("reset"), "connection_error", True),
    (httpx.CloseError(""), "connection_error", True),
    (httpx.RemoteProtocolError("Server disconnected"), "connection_error", True),
    (httpx.LocalProtocolError("state"), "connection_error", True),
    (ssl.SSLError(1, "TLSV13_ALERT_CERTIFICATE_REQUIRED"), "connection_error", True),
]


@pytest.mark.parametrize(("trouble", "code", "connected"), NET, ids=lambda value: repr(value)[:40])
async def test_trouble_on_the_net_is_an_answer_too(
    server: respx.MockRouter, client: Client, trouble: Exception, code: str, *, connected: bool
) -> None:
    server.post(URL).mock(side_effect=trouble)
    answer = await send(client)
    assert answer.meaning is Meaning.RETRY
    assert answer.connected is connected
    assert answer.unclear is connected
    assert answer.error is not None
    assert (answer.error.code, answer.error.origin) == (code, Origin.TRANSPORT)
    assert answer.error.retryable
    assert str(trouble) in answer.error.message or not trouble.args
    assert "same key" in str(answer.error.hint)
    in_arabic = answer.error.message.words(language("ar"))
    assert re.search("[A-Za-z]", in_arabic) is None  # a library speaks English alone


async def test_after_trouble_the_client_connects_anew(
    server: respx.MockRouter, client: Client
) -> None:
    route = server.post(URL)
    route.mock(side_effect=httpx.ReadError("reset"))
    await send(client)
    dropped = client._transport
    route.mock(return_value=httpx.Response(200, json={"ok": True, "external_id": "1"}))
    assert (await send(client)).meaning is Meaning.CREATED
    assert dropped is None


ECHOES = [
    (200, {"ok": True, "external_id": KEY, "record_url": f"https://crm.test/?k={KEY}"}, {}),
    (200, {"ok": False, "error": KEY, "detail": KEY}, {}),
    (200, {"ok": False, "error": "validation_error", "detail": {"sent": [KEY]}}, {}),
    (200, {"ok": False, "error": "auth_failed", "detail": f"{KEY} expired"}, {}),
    (200, {"ok": False, "error": "rate_limited", "detail": KEY}, {}),
    (400, envelope(KEY, "x" * 480 + KEY), {}),
    (401, envelope("unauthorized", f"{KEY} is not known"), {}),
    (403, envelope("forbidden", f"{KEY} may not"), {}),
    (429, envelope("rate_limited", KEY), {}),
    (500, envelope("internal_error", KEY), {}),
    (302, {}, {"Location": f"{ELSEWHERE}/?key={KEY}"}),
]


@pytest.mark.parametrize(("status", "body", "headers"), ECHOES)
async def test_the_key_is_in_no_answer_even_where_the_server_echoes_it(
    server: respx.MockRouter,
    client: Client,
    status: int,
    body: dict[str, Any],
    headers: dict[str, str],
) -> None:
    server.post(URL).respond(status, json=body, headers=headers)
    told = texts(await send(client))
    assert "[API" in told
    assert KEY[:16] not in told


async def test_the_key_is_in_no_trouble_on_the_net(
    server: respx.MockRouter, client: Client
) -> None:
    server.post(URL).mock(side_effect=httpx.LocalProtocolError(f"Illegal value 'Bearer {KEY}'"))
    assert KEY not in texts(await send(client))


def test_ids_hold_no_half_characters() -> None:
    body = b'{"ok": true, "external_id": "\\ud83d1", "record_url": "https://x/\\udc00"}'
    answer = cleaned(classify(200, {}, body), KEY)
    assert (answer.external_id, answer.record_url) == ("\ufffd1", "https://x/\ufffd")


def test_an_id_moves_no_cursor() -> None:
    body = json.dumps({"ok": True, "external_id": "7\x1b[2J", "record_url": "https://x/\x07"})
    answer = cleaned(classify(200, {}, body.encode()), KEY)
    assert (answer.external_id, answer.record_url) == ("7\ufffd[2J", "https://x/\ufffd")
