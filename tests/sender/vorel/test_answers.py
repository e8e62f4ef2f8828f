"""The table of answers, line by line, through the real client."""

from __future__ import annotations

import json
from typing import Any

import pytest
import respx
from stages.answers import ELSEWHERE, KEY, URL, a_record, envelope, send

from importer.core.records import Origin
from importer.sender.answer import Answer, Meaning
from importer.sender.vorel.client import Client


async def test_a_request_is_what_the_contract_says(
    server: respx.MockRouter, client: Client
) -> None:
    route = server.post(URL).respond(json={"ok": True, "external_id": "1"})
    await client.create(a_record("lead", {"name": "أحمد", "qualification_score": 7}), "vi1-k")
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
    assert answer.error is not None
    assert (answer.error.code, answer.error.retryable) == (word, True)
    assert answer.is_transient
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
        (200, b"[]", "not a JSON object"),
        (200, b"null", "not a JSON object"),
        (200, b'"created"', "not a JSON object"),
        (200, b'{"ok": true, "external_', "not a JSON object"),
        (200, b"[" * 60_000, "not a JSON object"),
        (200, b"\xff\xfe\xfd", "not a JSON object"),
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
    assert answer.connected
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
    assert answer.connected
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
    assert answer.connected
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
