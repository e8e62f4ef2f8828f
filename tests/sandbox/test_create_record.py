"""The endpoint answers as the contract says, over real HTTP."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from importer.sandbox import SandboxConfig, running

if TYPE_CHECKING:
    from tests.sandbox.conftest import Caller

PATH = "/api/v1/crm/create-record"
GOOD = {"object": "contact", "fields": {"email": "amal@example.com"}, "idempotency_key": "k"}


def envelope(answer: Any) -> tuple[int, str, str]:
    assert answer.headers["content-type"] == "application/json"
    assert set(answer.json()) == {"error"}
    assert set(answer.json()["error"]) == {"code", "message"}
    return answer.status_code, answer.json()["error"]["code"], answer.json()["error"]["message"]


def test_a_record_is_created_and_kept(caller: Caller) -> None:
    answer = caller.create({"first_name": "أمل", "email": "amal@example.com"}, key="first")
    assert answer.status_code == 200
    assert answer.json().keys() == {"ok", "external_id", "record_url"}
    (record,) = caller.sandbox.records()
    assert record["external_id"] == answer.json()["external_id"]
    assert record["record_url"] == answer.json()["record_url"]
    assert record["fields"] == {"first_name": "أمل", "email": "amal@example.com"}
    assert record["object"] == "contact"
    assert record["idempotency_key"] == "first"
    assert record["created_at"] == caller.clock.now


@pytest.mark.parametrize(
    ("authorization", "word"),
    [
        (None, "no API key"),
        ("", "no API key"),
        ("Basic dXNlcjpwYXNz", "malformed"),
        ("Bearer", "malformed"),
        ("Bearer vapk_test_123", "malformed"),
        ("Bearer vapk_test_" + "0" * 48, "unknown"),
    ],
)
def test_a_request_without_a_good_key_is_a_401(
    shared: Caller, authorization: str | None, word: str
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = shared.http.post(PATH, json=GOOD, headers=headers)
    status, code, message = envelope(answer)
    assert (status, code) == (401, "unauthorized")
    assert word in message
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "x-ratelimit-limit" not in answer.headers


def test_a_revoked_key_is_a_401(caller: Caller) -> None:
    caller.sandbox.revoke(caller.sandbox.api_key)
    status, code, message = envelope(caller.create())
    assert (status, code) == (401, "unauthorized")
    assert "revoked" in message


def test_revoking_an_unknown_key_is_an_error(shared: Caller) -> None:
    with pytest.raises(KeyError):
        shared.sandbox.revoke("vapk_test_" + "0" * 48)


def test_a_key_without_the_scope_is_a_403_that_says_what_to_do(shared: Caller) -> None:
    answer = shared.create(api_key=shared.sandbox.new_key(["read", "leads:write"]))
    status, code, message = envelope(answer)
    assert (status, code) == (403, "forbidden")
    assert "crm:write" in message
    assert "/settings/integrations/api-keys" in message


def test_the_scheme_of_the_key_may_be_written_in_any_case(caller: Caller) -> None:
    answer = caller.post(
        json.dumps(GOOD).encode(), Authorization=f"bearer  {caller.sandbox.api_key}"
    )
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"object": None}, "object"),
        ({"object": "person"}, "object"),
        ({"object": ["contact"]}, "object"),
        ({"fields": None}, "fields"),
        ({"fields": []}, "fields"),
        ({"fields": True}, "fields"),
        ({"idempotency_key": 7}, "idempotency_key"),
        ({"idempotency_key": ""}, "idempotency_key"),
        ({"idempotency_key": "x" * 201}, "idempotency_key"),
    ],
)
def test_a_wrong_field_is_named(shared: Caller, change: dict[str, Any], field: str) -> None:
    answer = shared.post(json.dumps({**GOOD, **change}).encode())
    status, code, message = envelope(answer)
    assert (status, code) == (400, "bad_request")
    assert message.startswith(f"{field}: ")


@pytest.mark.parametrize("field", ["object", "fields", "idempotency_key"])
def test_a_missing_field_is_named(shared: Caller, field: str) -> None:
    body = {name: value for name, value in GOOD.items() if name != field}
    assert envelope(shared.post(json.dumps(body).encode())) == (
        400,
        "bad_request",
        f"{field}: is missing",
    )


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b'"text"', "must be a JSON object, is a string"),
        (b"[]", "is a list"),
        (b"null", "is null"),
        (b"12", "is a number"),
        (b"\xff", "not UTF-8"),
        (b'{"fields": NaN}', "NaN"),
        (b'{"fields": {"amount": -Infinity}}', "-Infinity"),
        (b'{"fields": {"amount": 1e999}}', "out of range"),
        (b'{"fields": {"amount": ' + b"1" * 5000 + b"}}", "too long"),
        (b'{"fields": {"a": 1, "a": 2}}', "a: is repeated"),
        (b'{"fields": {"a": "\\ud800"}}', "surrogate"),
        (b"[" * 200_000, "too deeply"),
    ],
)
def test_a_body_that_is_no_json_is_a_400(shared: Caller, body: bytes, word: str) -> None:
    status, code, message = envelope(shared.post(body))
    assert (status, code) == (400, "bad_request")
    assert word in message


@pytest.mark.parametrize(
    ("headers", "word"),
    [
        ({"Content_Type": "text/plain"}, "content-type"),
        ({"Content_Type": ""}, "is missing"),
        ({"Content_Type": "application/json; charset=latin-1"}, "charset"),
        ({"Content_Encoding": "gzip"}, "content-encoding"),
    ],
)
def test_another_kind_of_body_is_a_400(shared: Caller, headers: dict[str, str], word: str) -> None:
    status, code, message = envelope(shared.post(json.dumps(GOOD).encode(), **headers))
    assert (status, code) == (400, "bad_request")
    assert word in message


@pytest.mark.parametrize("kind", ["Application/JSON", 'application/json; charset="UTF-8"'])
def test_json_may_be_announced_in_every_usual_way(caller: Caller, kind: str) -> None:
    assert caller.post(json.dumps(GOOD).encode(), Content_Type=kind).status_code == 200


def test_a_body_of_one_mebibyte_is_taken_and_a_larger_one_refused(caller: Caller) -> None:
    empty = len(json.dumps({**GOOD, "fields": {"notes": ""}}))
    longest = {**GOOD, "fields": {"notes": "x" * (1024 * 1024 - empty)}}
    assert caller.post(json.dumps(longest).encode()).status_code == 200
    status, code, message = envelope(caller.post(json.dumps(longest).encode() + b" "))
    assert (status, code) == (400, "bad_request")
    assert "larger than 1048576 bytes" in message


def test_a_connection_goes_on_after_a_body_that_was_too_large(caller: Caller) -> None:
    assert caller.post(b" " * 5_000_000).status_code == 400
    assert caller.create().status_code == 200


def test_unknown_members_beside_the_three_are_ignored(caller: Caller) -> None:
    answer = caller.post(json.dumps({**GOOD, "note": "for later"}).encode())
    assert answer.json()["ok"] is True


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_other_methods_are_a_405_that_names_the_right_one(shared: Caller, method: str) -> None:
    answer = shared.http.request(method, PATH)
    assert envelope(answer)[:2] == (405, "bad_request")
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize("path", ["/nothing", PATH + "/", "/api/v2/crm/create-record"])
def test_other_paths_are_a_404(shared: Caller, path: str) -> None:
    assert envelope(shared.http.post(path, json=GOOD))[:2] == (404, "not_found")


def test_bytes_that_are_no_http_get_the_envelope(shared: Caller) -> None:
    with socket.create_connection(("127.0.0.1", shared.sandbox.port), timeout=5) as connection:
        connection.sendall(b"not http at all\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert json.loads(body)["error"]["code"] == "bad_request"


def test_bytes_that_are_no_http_in_the_middle_of_a_body_do_no_harm(caller: Caller) -> None:
    with socket.create_connection(("127.0.0.1", caller.sandbox.port), timeout=5) as connection:
        connection.sendall(
            f"POST {PATH} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".encode()
        )
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert caller.create().status_code == 200


def test_a_caller_that_hangs_up_in_its_body_creates_nothing(caller: Caller) -> None:
    with socket.create_connection(("127.0.0.1", caller.sandbox.port), timeout=5) as connection:
        connection.sendall(
            f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{{".encode()
        )
    assert caller.create().status_code == 200
    assert len(caller.sandbox.records()) == 1


def test_a_bug_is_a_500_with_the_envelope_and_a_traceback_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("importer.sandbox.crm.write", broken)
    with running(SandboxConfig()) as sandbox:
        headers = {"Authorization": f"Bearer {sandbox.api_key}"}
        answer = httpx.post(sandbox.endpoint, json=GOOD, headers=headers, trust_env=False)
        assert envelope(answer)[:2] == (500, "internal_error")
        assert sandbox.records() == []
    assert "a bug" in caplog.text


def test_the_openapi_document_is_served_as_json(shared: Caller) -> None:
    document = shared.http.get("/api/v1/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    assert "post" in document["paths"][PATH]
    codes = document["components"]["schemas"]["Error"]["properties"]["error"]["properties"]["code"]
    assert len(codes["enum"]) == 7
