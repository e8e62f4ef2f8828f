"""Requests are counted in fixed windows, per key and per tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importer.sandbox.limits import FixedWindows

if TYPE_CHECKING:
    from tests.sandbox.conftest import Clock, Start


def test_two_hundred_requests_pass_in_a_minute_and_no_more(clock: Clock) -> None:
    windows = FixedWindows(key_limit=200, tenant_limit=5000, clock=clock)
    verdicts = [windows.count(1, "t") for _ in range(201)]
    assert [verdict.allowed for verdict in verdicts] == [True] * 200 + [False]
    assert [verdict.remaining for verdict in verdicts[:2]] == [199, 198]
    assert [verdict.remaining for verdict in verdicts[-2:]] == [0, 0]


def test_the_window_begins_at_the_full_minute_and_not_at_the_first_request(clock: Clock) -> None:
    windows = FixedWindows(key_limit=2, tenant_limit=10, clock=clock)
    clock.now += 59
    assert [windows.count(1, "t").allowed for _ in range(3)] == [True, True, False]
    clock.now += 1
    assert [windows.count(1, "t").allowed for _ in range(3)] == [True, True, False]


def test_a_window_of_long_ago_does_not_count(clock: Clock) -> None:
    windows = FixedWindows(key_limit=1, tenant_limit=10, clock=clock)
    windows.count(1, "t")
    clock.now += 3600
    assert windows.key_usage(1).used == 0
    assert windows.count(1, "t").allowed


def test_the_seconds_to_wait_are_whole_and_at_least_one(clock: Clock) -> None:
    windows = FixedWindows(key_limit=1, tenant_limit=10, clock=clock)
    clock.now += 12.25
    assert windows.count(1, "t").retry_after == 48
    clock.now += 47.7
    verdict = windows.count(1, "t")
    assert (verdict.retry_after, verdict.reset) == (1, 1_800_000_060)


def test_keys_have_windows_of_their_own(clock: Clock) -> None:
    windows = FixedWindows(key_limit=1, tenant_limit=10, clock=clock)
    assert windows.count(1, "t").allowed
    assert windows.count(2, "t").allowed
    assert not windows.count(1, "t").allowed


def test_the_keys_of_a_tenant_share_the_tenants_window(clock: Clock) -> None:
    windows = FixedWindows(key_limit=2, tenant_limit=3, clock=clock)
    assert [windows.count(key, "t").allowed for key in (1, 1, 2)] == [True, True, True]
    verdict = windows.count(2, "t")
    assert (verdict.allowed, verdict.scope, verdict.limit) == (False, "tenant", 3)
    assert windows.count(3, "another").allowed


def test_usage_is_what_was_counted(clock: Clock) -> None:
    windows = FixedWindows(key_limit=5, tenant_limit=10, clock=clock)
    assert windows.key_usage(1).used == 0
    for key in (1, 1, 2):
        windows.count(key, "t")
    clock.now += 20
    assert (windows.key_usage(1).used, windows.tenant_usage("t").used) == (2, 3)
    assert windows.tenant_usage("t").seconds_left == 40


def test_a_request_too_many_is_a_429_with_its_headers(start: Start, clock: Clock) -> None:
    caller = start(rate_limit=3)
    clock.now += 21
    passed = [caller.create() for _ in range(3)]
    assert [answer.headers["x-ratelimit-remaining"] for answer in passed] == ["2", "1", "0"]
    refused = caller.create()
    assert refused.status_code == 429
    assert refused.json()["error"]["code"] == "rate_limited"
    assert refused.headers["retry-after"] == "39"
    assert refused.headers["x-ratelimit-limit"] == "3"
    assert refused.headers["x-ratelimit-remaining"] == "0"
    assert refused.headers["x-ratelimit-reset"] == "1800000060"
    clock.now += 39
    assert caller.create().status_code == 200
    assert len(caller.sandbox.records()) == 4


def test_every_request_with_a_key_counts_replays_and_refusals_too(start: Start) -> None:
    caller = start(rate_limit=5)
    caller.create(key="same")
    caller.create(key="same")
    caller.create({"email": "nobody"})
    caller.post(b"no json")
    reader = caller.sandbox.new_key(["read"])
    assert caller.create(api_key=reader).headers["x-ratelimit-remaining"] == "4"
    assert caller.create().headers["x-ratelimit-remaining"] == "0"
    assert caller.create().status_code == 429


def test_the_tenants_limit_is_told_apart_in_the_message(start: Start) -> None:
    caller = start(rate_limit=2, tenant_limit=3)
    other = caller.sandbox.new_key()
    answers = [caller.create(api_key=key) for key in (None, None, other, other)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert "all the tenant's" in answers[-1].json()["error"]["message"]
    assert answers[-1].headers["x-ratelimit-limit"] == "3"


def test_a_key_of_another_tenant_has_another_budget_and_other_idempotency_keys(
    start: Start,
) -> None:
    caller = start(tenant_limit=1)
    stranger = caller.sandbox.new_key(tenant="another")
    first, second = caller.create(key="same"), caller.create(key="same", api_key=stranger)
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json()["external_id"] != second.json()["external_id"]


def test_the_headers_can_be_left_to_the_429s_alone(start: Start) -> None:
    caller = start(rate_limit=1, limit_headers=False)
    assert "x-ratelimit-limit" not in caller.create().headers
    assert "x-ratelimit-limit" in caller.create().headers
