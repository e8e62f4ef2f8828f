"""The table of answers, line by line, through the real client."""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
import respx
from pydantic import SecretStr

from importer.records import Origin
from importer.sender import Client
from importer.sender.answers import Answer, Meaning, classify

KEY = "vapk_live_" + "5eac" * 12
HOST = "https://vorel.test"
URL = HOST + "/api/v1/crm/create-record"
ELSEWHERE = "https://elsewhere.test"


@pytest.fixture
def server() -> Iterator[respx.MockRouter]:
    with respx.mock(assert_all_called=False) as router:
        router.route(host="elsewhere.test").respond(200)
        yield router


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with Client(
        base_url=HOST, api_key=SecretStr(KEY), connect_timeout=1, request_timeout=2
    ) as client:
        yield client


async def send(client: Client) -> Answer:
    return await client.create_record("contact", {"name": "Ada"}, "vi1-0")


def texts(answer: Answer) -> str:
    """Everything of an answer that may be shown or kept."""
    return f"{answer!r} {answer.stop} {answer.stop and answer.stop.hint}"


def envelope(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


async def test_a_request_is_what_the_contract_says(
    server: respx.MockRouter, client: Client
) -> None:
    route = server.post(URL).respond(json={"ok": True, "external_id": "1"})
    await client.create_record("lead", {"name": "أحمد", "qualification_score": 7}, "vi1-k")
    request = route.calls.last.request
    assert json.loads(request.content) == {
        "object": "lead",
        "fields": {"name": "أحمد", "qualification_score": 7},
        "idempotency_key": "vi1-k",
    }
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"].startswith("vorel-importer/")


@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.parametrize(
    ("more", "url"),
    [
        ({}, None),
        ({"record_url": "https://crm.test/42"}, "https://crm.test/42"),
        ({"record_url": "HTTP://crm.test/42"}, "HTTP://crm.test/42"),
        ({"record_url": ""}, None),
        ({"record_url": None}, None),
        ({"record_url": 42}, None),
        ({"record_url": "javascript:alert(1)"}, None),
        ({"record_url": "/42"}, None),
    ],
)
async def test_ok_is_created(
    server: respx.MockRouter, client: Client, status: int, more: dict[str, Any], url: str | None
) -> None:
    server.post(URL).respond(status, json={"ok": True, "external_id": "42", **more})
    answer = await send(client)
    assert answer == Answer(meaning=Meaning.CREATED, external_id="42", record_url=url)


@pytest.mark.parametrize("word", ["no_crm_configured", "auth_failed"])
@pytest.mark.parametrize("detail", [None, "the token expired"])
async def test_a_soft_failure_that_every_row_would_get_stops(
    server: respx.MockRouter, client: Client, word: str, detail: str | None
) -> None:
    server.post(URL).respond(json={"ok": False, "error": word, "detail": detail})
    answer = await send(client)
    assert answer.meaning is Meaning.STOP
    assert answer.stop is not None
    assert word in answer.stop.message
    assert (detail or word) in answer.stop.message
    assert "Settings > Integrations" in str(answer.stop.hint)
    assert answer.error is None
    assert not answer.unclear


@pytest.mark.parametrize(("headers", "wait"), [({}, None), ({"Retry-After": "7"}, 7)])
async def test_a_crm_that_is_too_busy_slows_the_run(
    server: respx.MockRouter, client: Client, headers: dict[str, str], wait: float | None
) -> None:
    server.post(URL).respond(json={"ok": False, "error": "rate_limited"}, headers=headers)
    answer = await send(client)
    assert answer.meaning is Meaning.SLOW_DOWN
    assert answer.retry_after == wait
    assert answer.error is not None
    assert (answer.error.code, answer.error.origin) == ("rate_limited", Origin.CRM)
    assert answer.error.retryable
    assert not answer.unclear


@pytest.mark.parametrize("word", ["validation_error", "quota_exceeded", "Ungültig!"])
@pytest.mark.parametrize(
    ("detail", "message"),
    [
        ("email is no address", "email is no address"),
        ({"email": ["no address"]}, '{"email": ["no address"]}'),
        (None, None),
        ("", None),
        ([], None),
        ("two\nlines \x1b[31m", "two lines  [31m"),
        ("half a pair \ud83d", "half a pair \ufffd"),
        ("x" * 501, "x" * 500 + "..."),
    ],
)
async def test_the_crms_own_word_is_kept_with_its_detail(
    server: respx.MockRouter, client: Client, word: str, detail: Any, message: str | None
) -> None:
    content = json.dumps({"ok": False, "error": word, "detail": detail})
    server.post(URL).respond(content=content)
    answer = await send(client)
    assert answer.meaning is Meaning.REFUSED
    assert answer.error is not None
    assert (answer.error.code, answer.error.origin) == (word, Origin.CRM)
    assert answer.error.message == (message or f"the CRM refused the record ({word})")
    assert answer.error.hint
    assert "orrect the row" in answer.error.hint
    assert not answer.error.retryable
    assert not answer.unclear


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (200, b'{"ok": true}', "JSON of another form"),
        (200, b'{"ok": true, "external_id": ""}', "JSON of another form"),
        (200, b'{"ok": true, "external_id": 42}', "JSON of another form"),
        (200, b'{"ok": "true", "external_id": "42"}', "JSON of another form"),
        (200, b'{"ok": 1, "external_id": "42"}', "JSON of another form"),
        (200, b'{"ok": false}', "JSON of another form"),
        (200, b'{"ok": false, "error": {"code": "x"}}', "JSON of another form"),
        (200, b'{"status": "fine"}', "JSON of another form"),
        (200, b"[]", "no JSON object"),
        (200, b"null", "no JSON object"),
        (200, b'"created"', "no JSON object"),
        (200, b'{"ok": true, "external_', "no JSON object"),
        (200, b"[" * 60_000, "no JSON object"),
        (200, b"\xff\xfe\xfd", "no JSON object"),
        (200, b"", "an empty body"),
        (204, b"", "HTTP 204 with an empty body"),
        (206, b"<p>", "a web page"),
        (200, b"\n <!doctype html><title>Log in</title>", "a web page"),
        (200, b'{"ok": true, "external_id": "1"}' + b" " * 70_000, "more than 64 KiB"),
    ],
)
async def test_another_body_is_no_clear_answer(
    server: respx.MockRouter, client: Client, status: int, body: bytes, says: str
) -> None:
    server.post(URL).respond(status, content=body)
    answer = await send(client)
    assert answer.meaning is Meaning.RETRY
    assert answer.unclear
    assert answer.reached
    assert answer.error is not None
    assert (answer.error.code, answer.error.origin) == ("invalid_response", Origin.TRANSPORT)
    assert answer.error.retryable
    assert says in answer.error.message


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("path", [ELSEWHERE + "/login", "/elsewhere", "//[", None])
async def test_a_redirect_stops_and_is_not_followed(
    server: respx.MockRouter, client: Client, status: int, path: str | None
) -> None:
    server.post(URL).respond(status, headers={} if path is None else {"Location": path})
    answer = await send(client)
    assert answer.meaning is Meaning.STOP
    assert answer.stop is not None
    assert str(status) in answer.stop.message
    assert path is None or path in answer.stop.message
    assert "--base-url" in str(answer.stop.hint)
    assert server.calls.call_count == 1
    assert server.calls.last.request.url == URL


@pytest.mark.parametrize(
    ("status", "says", "hint"),
    [
        (401, "API key was refused", "VOREL_API_KEY"),
        (402, "payment", "plan"),
        (403, "crm:write", "Settings > Integrations > API keys"),
        (404, "wrong host or version", "--base-url"),
        (405, "wrong host or version", "--base-url"),
        (407, "proxy", "HTTPS_PROXY"),
        (410, "gone", "Update"),
        (415, "JSON", "--base-url"),
    ],
)
async def test_a_refusal_of_every_request_stops(
    server: respx.MockRouter, client: Client, status: int, says: str, hint: str
) -> None:
    server.post(URL).respond(status, json=envelope("forbidden", "no, thanks"))
    answer = await send(client)
    assert answer.meaning is Meaning.STOP
    assert answer.stop is not None
    assert answer.stop.exit_code == 3
    assert f"({status})" in answer.stop.message
    assert says in answer.stop.message
    assert answer.stop.message.endswith(": no, thanks")
    assert hint in str(answer.stop.hint)
    assert answer.reached
    assert not answer.unclear


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"<html>blocked</html>", "a web page, so a proxy or firewall may have answered"),
        (b"", "crm:write"),
        (b"{}", "crm:write"),
    ],
)
async def test_a_refusal_by_something_on_the_way_says_so(
    server: respx.MockRouter, client: Client, body: bytes, says: str
) -> None:
    server.post(URL).respond(403, content=body)
    answer = await send(client)
    assert answer.stop is not None
    assert answer.stop.message.endswith(says)


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, "bad_request"), (409, "conflict"), (413, "bad_request"), (422, "bad_request")],
)
@pytest.mark.parametrize("told", [True, False])
async def test_a_refused_row_is_failed(
    server: respx.MockRouter, client: Client, status: int, code: str, *, told: bool
) -> None:
    body = envelope(code, "name is too long") if told else {"message": "?"}
    server.post(URL).respond(status, json=body)
    answer = await send(client)
    assert answer.meaning is Meaning.REFUSED
    assert answer.error is not None
    assert (answer.error.code, answer.error.origin) == (code, Origin.API)
    expected = "name is too long" if told else f"HTTP {status} without a reason"
    assert answer.error.message == expected
    assert answer.conflict is (status == 409)
    assert ("look it up" in str(answer.error.hint)) is (status == 409)
    assert not answer.error.retryable
    assert not answer.unclear


async def test_a_code_of_the_api_that_is_not_known_is_kept(
    server: respx.MockRouter, client: Client
) -> None:
    server.post(URL).respond(422, json=envelope("unprocessable", "hm"))
    answer = await send(client)
    assert answer.error is not None
    assert answer.error.code == "unprocessable"


@pytest.mark.parametrize("status", [408, 425, 500, 501, 502, 503, 504, 599])
@pytest.mark.parametrize("told", [True, False])
async def test_a_server_in_trouble_is_asked_again(
    server: respx.MockRouter, client: Client, status: int, *, told: bool
) -> None:
    body = json.dumps(envelope("internal_error", "a bug")).encode() if told else b"<h1>!</h1>"
    server.post(URL).respond(status, content=body, headers={"X-RateLimit-Reset": "30"})
    answer = await send(client)
    assert answer.meaning is Meaning.RETRY
    assert answer.error is not None
    assert (answer.error.code, answer.error.origin) == ("internal_error", Origin.API)
    assert answer.error.message == f"HTTP {status}: {'a bug' if told else 'no reason'}"
    assert answer.error.retryable
    assert answer.unclear
    assert answer.reached
    assert answer.retry_after is None  # the rate limit's reset says nothing about an outage


async def test_a_server_in_trouble_may_name_a_wait(
    server: respx.MockRouter, client: Client
) -> None:
    server.post(URL).respond(503, headers={"Retry-After": "120"})
    assert (await send(client)).retry_after == 120


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "18"}, 18),
        ({"Retry-After": "17.5"}, 17.5),
        ({"Retry-After": "Mon, 02 Mar 2026 09:30:42 GMT"}, 42),
        ({"X-RateLimit-Reset": "1772443830"}, 30),
        ({"X-RateLimit-Reset": "12"}, 12),
        ({"Retry-After": "5", "X-RateLimit-Reset": "12"}, 5),
        ({"Retry-After": "soon", "X-RateLimit-Reset": "12"}, 12),
        ({"Retry-After": "soon", "X-RateLimit-Reset": "later"}, None),
        ({}, None),
    ],
)
async def test_used_up_requests_are_waited_for(
    server: respx.MockRouter, client: Client, headers: dict[str, str], wait: float | None
) -> None:
    headers = {"Date": "Mon, 02 Mar 2026 09:30:00 GMT", **headers}
    server.post(URL).respond(429, json=envelope("rate_limited", "slow down"), headers=headers)
    answer = await send(client)
    assert answer.meaning is Meaning.THROTTLED
    assert answer.retry_after == wait
    assert answer.error is not None
    assert (answer.error.code, answer.error.origin) == ("rate_limited", Origin.API)
    assert answer.error.message == "slow down"
    assert answer.error.retryable
    assert not answer.unclear


async def test_used_up_requests_need_no_envelope(server: respx.MockRouter, client: Client) -> None:
    server.post(URL).respond(429, content=b"")
    error = (await send(client)).error
    assert error is not None
    assert error.code == "rate_limited"
    assert "429" in error.message


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


@pytest.mark.parametrize(("trouble", "code", "reached"), NET, ids=lambda value: repr(value)[:40])
async def test_trouble_on_the_net_is_an_answer_too(
    server: respx.MockRouter, client: Client, trouble: Exception, code: str, *, reached: bool
) -> None:
    server.post(URL).mock(side_effect=trouble)
    answer = await send(client)
    assert answer.meaning is Meaning.RETRY
    assert answer.reached is reached
    assert answer.unclear is reached
    assert answer.error is not None
    assert (answer.error.code, answer.error.origin) == (code, Origin.TRANSPORT)
    assert answer.error.retryable
    assert str(trouble) in answer.error.message or not trouble.args
    assert "same key" in str(answer.error.hint)


async def test_after_trouble_the_client_connects_anew(
    server: respx.MockRouter, client: Client
) -> None:
    route = server.post(URL)
    route.mock(side_effect=httpx.ReadError("reset"))
    await send(client)
    dropped = client._client
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
    answer = classify(200, {}, body).cleaned(KEY)
    assert (answer.external_id, answer.record_url) == ("\ufffd1", "https://x/\ufffd")
