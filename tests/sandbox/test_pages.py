"""The page at `/` shows what arrives, and nothing that is secret."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING

import pytest

from importer.sandbox import Fault, Faults, Rate

if TYPE_CHECKING:
    from tests.sandbox.conftest import Caller, Start


def test_the_page_needs_nothing_from_elsewhere_and_runs_only_its_own_parts(
    shared: Caller,
) -> None:
    answer = shared.http.get("/")
    policy = answer.headers["content-security-policy"]
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for name in ("style", "script"):
        (part,) = re.findall(f"<{name}>(.*?)</{name}>", answer.text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", answer.text)
    assert 'name="viewport" content="width=device-width' in answer.text


def test_the_page_never_reads_a_value_as_markup(shared: Caller) -> None:
    page = shared.http.get("/").text
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", page)


def test_the_page_shows_records_newest_first(caller: Caller) -> None:
    for name in ("<b>one</b>", "two"):
        caller.create({"first_name": name})
    shown = caller.http.get("/live.json").json()
    assert [record["fields"]["first_name"] for record in shown["records"]] == ["two", "<b>one</b>"]
    assert shown["counters"]["records"] == 2
    assert shown["crm"] == "HubSpot"


def test_the_page_shows_the_use_of_the_window(start: Start) -> None:
    caller = start(rate_limit=10)
    caller.clock.now += 15
    caller.create()
    caller.sandbox.new_key(["leads:write"])  # not used, so not shown
    caller.create(api_key=caller.sandbox.new_key(["read"]))
    window = caller.http.get("/live.json").json()["window"]
    assert window["seconds_left"] == 45
    assert window["tenant"] == {"used": 2, "limit": 5000}
    assert [(key["scopes"], key["used"], key["limit"]) for key in window["keys"]] == [
        (["crm:write"], 1, 10),
        (["read"], 1, 10),
    ]


def test_the_page_shows_the_last_refusals_with_code_and_message(caller: Caller) -> None:
    caller.create({"email": "nobody"})
    caller.post(b"{}")
    caller.sandbox.faults = Faults(rates=(Rate(Fault(kind="error_503"), 1.0),))
    caller.create()
    refusals = caller.http.get("/live.json").json()["refusals"]
    assert [(each["status"], each["code"]) for each in refusals] == [
        (None, "error_503"),
        (400, "bad_request"),
        (200, "validation_error"),
    ]
    assert refusals[1]["message"] == "object: is missing"


def test_no_api_key_is_on_the_page_or_in_its_data(caller: Caller) -> None:
    caller.create()
    caller.create(api_key="vapk_live_" + "0" * 48)
    shown = caller.http.get("/").text + caller.http.get("/live.json").text
    assert not re.search("vapk_[a-z]+_[0-9a-f]", shown)
    assert hashlib.sha256(caller.sandbox.api_key.encode()).hexdigest() not in shown


def test_a_sandbox_without_a_crm_says_so(start: Start) -> None:
    assert start(crm="none").http.get("/live.json").json()["crm"] is None


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:3000", 200),
        ("vorel.localhost", 200),
        ("192.168.1.7:3000", 200),
        ("[::1]:3000", 200),
        ("strange-site.example", 403),
    ],
)
def test_what_arrived_is_not_told_to_a_site_that_points_its_name_here(
    shared: Caller, host: str, status: int
) -> None:
    assert shared.http.get("/live.json", headers={"Host": host}).status_code == status
