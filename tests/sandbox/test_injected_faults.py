"""Requests go wrong as they were told to, and the same way every time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from importer.core.errors import ConfigError
from importer.sandbox import Fault, Faults, Rate, SandboxConfig, Step, running
from importer.sandbox.injected_faults import KINDS, FaultDice, FaultPlace

if TYPE_CHECKING:
    from tests.sandbox.conftest import Caller, Clock, Start


def always(kind: str, **options: Any) -> Faults:
    return Faults(rates=(Rate(Fault(kind=kind, **options), 1.0),))


def kinds(dice: FaultDice, count: int) -> list[str | None]:
    draws = [dice.draw() for _ in range(count)]
    return [draw.fault.kind if draw.fault else None for draw in draws]


def test_the_same_seed_gives_the_same_faults(clock: Clock) -> None:
    faults = Faults(
        seed=7, rates=(Rate(Fault(kind="error_500"), 0.1), Rate(Fault(kind="hang"), 0.1))
    )
    first = kinds(FaultDice(faults, clock), 300)
    assert kinds(FaultDice(faults, clock), 300) == first
    assert kinds(FaultDice(faults, clock, seed=8), 300) != first
    assert 10 < first.count("error_500") < 60
    assert 10 < first.count("hang") < 60


def test_a_script_strikes_requests_by_number_and_leaves_the_rates_as_they_were(
    clock: Clock,
) -> None:
    rates = (Rate(Fault(kind="error_500"), 0.3),)
    plain = kinds(FaultDice(Faults(seed=1, rates=rates), clock), 20)
    step = Step(fault=Fault(kind="reset_after"), from_request=5, to_request=7)
    scripted = kinds(FaultDice(Faults(seed=1, rates=rates, script=(step,)), clock), 20)
    assert scripted[4:7] == ["reset_after"] * 3
    assert scripted[:4] + scripted[7:] == plain[:4] + plain[7:]


def test_a_script_strikes_by_time(clock: Clock) -> None:
    outage = Step(fault=Fault(kind="error_503"), from_seconds=10, to_seconds=20)
    dice = FaultDice(Faults(script=(outage,)), clock)
    seen = []
    for _ in range(4):
        seen += kinds(dice, 1)
        clock.now += 9
    assert seen == [None, None, "error_503", None]


def test_the_first_entry_of_a_script_that_fits_holds(clock: Clock) -> None:
    script = (
        Step(fault=Fault(kind="error_500"), from_request=2),
        Step(fault=Fault(kind="error_503")),
    )
    assert kinds(FaultDice(Faults(script=script), clock), 3) == [
        "error_503",
        "error_500",
        "error_500",
    ]


def test_latency_comes_on_top_of_other_faults(clock: Clock) -> None:
    rates = (Rate(Fault(kind="latency", seconds=2), 1.0), Rate(Fault(kind="error_500"), 1.0))
    draw = FaultDice(Faults(rates=rates), clock).draw()
    assert draw.delay == 2
    assert draw.fault is not None
    scripted = Faults(rates=rates[1:], script=(Step(fault=Fault(kind="latency")),))
    draw = FaultDice(scripted, clock).draw()
    assert (draw.delay, draw.fault) == (0.5, Fault(kind="error_500"))


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda: Fault(kind="nonsense"), "unknown fault 'nonsense'"),
        (lambda: Fault(kind="hang", seconds=-1), "must not be negative"),
        (lambda: Fault(kind="throttle_429", retry_after=0), "at least 1"),
        (lambda: Rate(Fault(kind="hang"), 1.1), "between 0 and 1"),
        (lambda: Faults(rates=(Rate(Fault(kind="hang"), 0.6),) * 2), "add up to 1.2"),
    ],
)
def test_what_makes_no_sense_is_refused(make: Any, word: str) -> None:
    with pytest.raises(ConfigError, match=word):
        make()


NOTHING_ANSWERED = {
    "reset_before": False,
    "hang": False,
    "reset_after": True,
    "half_body": True,
    "hang_after": True,
}


@pytest.mark.parametrize("kind", NOTHING_ANSWERED)
def test_a_connection_is_really_cut_and_what_was_stored_is_there(caller: Caller, kind: str) -> None:
    caller.sandbox.faults = always(kind, seconds=0.05)
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError, httpx.WriteError)):
        caller.create(key="same")
    stored = NOTHING_ANSWERED[kind]
    assert len(caller.sandbox.records()) == int(stored)
    caller.sandbox.faults = Faults()
    answer = caller.create(key="same").json()
    (record,) = caller.sandbox.records()
    assert answer["external_id"] == record["external_id"]
    assert caller.sandbox.counters["replayed"] == int(stored)
    assert caller.sandbox.counters["faults"] == 1
    assert caller.sandbox.refusals()[0]["code"] == kind


def test_half_a_body_is_half_of_the_true_one(caller: Caller) -> None:
    caller.sandbox.faults = always("half_body")
    with pytest.raises(httpx.RemoteProtocolError, match=r"received 61 bytes, expected 122"):
        caller.create()


def test_a_hang_lasts_until_the_caller_has_enough(caller: Caller) -> None:
    caller.sandbox.faults = always("hang")
    with pytest.raises(httpx.ReadTimeout):
        caller.http.post(caller.path, json={}, timeout=0.1)
    caller.sandbox.faults = Faults()
    assert caller.create().status_code == 200


def test_a_sandbox_stops_although_a_request_hangs_or_waits() -> None:
    for kind in ("hang", "latency"):
        with running(SandboxConfig(faults=always(kind, seconds=3600))) as sandbox:
            with pytest.raises(httpx.ReadTimeout):
                httpx.post(sandbox.endpoint, timeout=1, trust_env=False)
            assert sandbox.requests == 1


@pytest.mark.parametrize(
    ("kind", "status", "kept"),
    [
        ("error_500", 500, False),
        ("error_503", 503, False),
        ("error_502_html", 502, False),
        ("html_200", 200, False),
        ("empty_204", 204, False),
        ("error_500_after", 500, True),
    ],
)
def test_an_answer_is_replaced(caller: Caller, kind: str, status: int, kept: bool) -> None:
    caller.sandbox.faults = always(kind)
    answer = caller.create()
    assert answer.status_code == status
    assert len(caller.sandbox.records()) == int(kept)
    if kind in {"error_502_html", "html_200"}:
        assert answer.headers["content-type"].startswith("text/html")
        assert "<title>" in answer.text
    elif kind == "empty_204":
        assert answer.content == b""
    else:
        assert answer.json()["error"]["code"] == "internal_error"


def test_a_503_says_when_to_come_back(caller: Caller) -> None:
    caller.sandbox.faults = always("error_503", retry_after=7)
    assert caller.create().headers["retry-after"] == "7"


def test_a_throttled_request_gets_a_whole_429(caller: Caller) -> None:
    caller.sandbox.faults = always("throttle_429", retry_after=3)
    answer = caller.create()
    assert answer.status_code == 429
    assert answer.json()["error"]["code"] == "rate_limited"
    assert answer.headers["retry-after"] == "3"
    assert answer.headers["x-ratelimit-remaining"] == "0"
    assert answer.headers["x-ratelimit-reset"] == "1800000003"
    assert caller.sandbox.counters["throttled"] == 1


@pytest.mark.parametrize("kind", ["rate_limited", "auth_failed", "validation_error"])
def test_the_crm_says_no(caller: Caller, kind: str) -> None:
    caller.sandbox.faults = always(kind)
    answer = caller.create()
    assert (answer.status_code, answer.json()["ok"], answer.json()["error"]) == (200, False, kind)
    assert caller.sandbox.records() == []


def test_the_crm_may_say_any_word(caller: Caller) -> None:
    caller.sandbox.faults = always("crm_error", error="quota_exceeded")
    assert caller.create().json()["error"] == "quota_exceeded"


def test_a_replay_does_not_reach_the_crm_and_its_faults(caller: Caller) -> None:
    first = caller.create(key="same").json()
    caller.sandbox.faults = always("auth_failed")
    assert caller.create(key="same").json() == first


def test_latency_delays_an_answer_and_nothing_else(caller: Caller) -> None:
    caller.sandbox.faults = always("latency", seconds=0.05)
    answer = caller.create()
    assert answer.json()["ok"] is True
    assert answer.elapsed.total_seconds() > 0.04


def test_a_key_is_revoked_after_so_many_requests(start: Start) -> None:
    caller = start(faults=Faults(revoke_key_after=2))
    assert [caller.create().status_code for _ in range(4)] == [200, 200, 401, 401]
    assert caller.create(api_key=caller.sandbox.new_key()).status_code == 200
    assert caller.create(api_key=caller.sandbox.new_key()).status_code == 200


def test_a_revocation_waits_for_a_request_that_arrives(start: Start) -> None:
    script = (Step(fault=Fault(kind="error_503"), to_request=1),)
    caller = start(faults=Faults(revoke_key_after=1, script=script))
    assert [caller.create().status_code for _ in range(3)] == [503, 200, 401]


def test_faults_can_change_while_it_runs(caller: Caller) -> None:
    faults = Faults(script=(Step(fault=Fault(kind="error_500"), from_request=2, to_request=2),))
    caller.create()
    caller.sandbox.faults = faults
    assert caller.sandbox.faults == faults
    assert [caller.create().status_code for _ in range(3)] == [200, 500, 200]


def test_every_kind_strikes_somewhere() -> None:
    assert set(KINDS.values()) == set(FaultPlace)
