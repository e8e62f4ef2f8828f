"""One idempotency key creates one record, whatever happens."""

from __future__ import annotations

import concurrent.futures
import json
from typing import TYPE_CHECKING

from importer.sandbox import Fault, Faults, Rate

if TYPE_CHECKING:
    from tests.sandbox.conftest import Caller, Start


def test_the_same_request_again_gets_the_same_answer_and_creates_nothing(caller: Caller) -> None:
    first, second = caller.create(key="same"), caller.create(key="same")
    assert first.json() == second.json()
    assert len(caller.sandbox.records()) == 1
    assert caller.sandbox.counters["replayed"] == 1


def test_another_way_of_writing_the_same_body_is_the_same_request(caller: Caller) -> None:
    bodies = [
        b'{"object":"lead","fields":{"name":"\xc3\x84","amount":50},"idempotency_key":"k"}',
        b' {"idempotency_key":"k", "fields":{"amount":5.0e1,"name":"\\u00c4"}, "object":"lead"}',
    ]
    first, second = (caller.post(body) for body in bodies)
    assert first.json()["ok"] is True
    assert first.json() == second.json()


def test_the_same_key_for_other_fields_is_a_409(caller: Caller) -> None:
    caller.create({"first_name": "Amal"}, key="same")
    answer = caller.create({"first_name": "Omar"}, key="same")
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "conflict"
    assert len(caller.sandbox.records()) == 1


def test_the_same_key_for_another_object_is_a_409(caller: Caller) -> None:
    caller.create({"name": "Amal"}, key="same")
    assert caller.create({"name": "Amal"}, object="lead", key="same").status_code == 409


def test_a_key_lives_as_long_as_it_was_told_to(start: Start) -> None:
    caller = start(key_ttl=3600)
    first = caller.create(key="same").json()["external_id"]
    caller.clock.now += 3599
    assert caller.create(key="same").json()["external_id"] == first
    caller.clock.now += 1
    second = caller.create({"first_name": "Somebody else"}, key="same").json()["external_id"]
    assert second != first
    assert (
        caller.create({"first_name": "Somebody else"}, key="same").json()["external_id"] == second
    )


def test_a_refusal_by_the_crm_is_given_again(caller: Caller) -> None:
    first, second = (caller.create({"email": "nobody"}, key="same") for _ in range(2))
    assert first.json()["error"] == "validation_error"
    assert first.json() == second.json()
    assert caller.create({"email": "amal@example.com"}, key="same").status_code == 409


def test_a_passing_trouble_of_the_crm_is_not_kept(caller: Caller) -> None:
    for word in ("rate_limited", "auth_failed", "validation_error", "crm_error"):
        caller.sandbox.faults = Faults(rates=(Rate(Fault(kind=word), 1.0),))
        assert caller.create(key=word).json()["ok"] is False
        caller.sandbox.faults = Faults()
        assert caller.create(key=word).json()["ok"] is True


def test_an_injected_refusal_is_kept_where_it_shall_be(caller: Caller) -> None:
    fault = Fault(kind="validation_error", stored=True)
    caller.sandbox.faults = Faults(rates=(Rate(fault, 1.0),))
    first = caller.create(key="same").json()
    caller.sandbox.faults = Faults()
    assert caller.create(key="same").json() == first


def test_a_key_in_use_is_no_shield_for_a_bad_body(caller: Caller) -> None:
    caller.create(key="same")
    body = {"object": "contact", "fields": 1, "idempotency_key": "same"}
    assert caller.post(json.dumps(body).encode()).status_code == 400


def test_many_requests_at_once_with_one_key_create_one_record(start: Start) -> None:
    caller = start(rate_limit=1000)
    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        jobs = [threads.submit(caller.create, key="same") for _ in range(40)]
        ids = {job.result().json()["external_id"] for job in jobs}
    assert len(ids) == 1
    assert len(caller.sandbox.records()) == 1


def test_a_key_may_hold_any_characters(caller: Caller) -> None:
    key = "\0 ключ \U0001f511 'x'; --"
    first = caller.create(key=key)
    assert first.json() == caller.create(key=key).json()
    assert caller.sandbox.records()[0]["idempotency_key"] == key
