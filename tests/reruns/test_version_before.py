"""An import goes on whose results file was written before lines had `versions` and marks."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from referee import World
from referee.crm import Request

FIXTURES = Path(__file__).parents[1] / "fixtures" / "results_0_1_0"
RUN = ("people.csv", "--mapping", "mapping.toml")
WRITTEN = "2026-11-25T17:45:31"
"""When the file was written, to the second."""


@pytest.fixture
def begun(world: World) -> World:
    """
    Ada and Bo were created, Ada's copy is a duplicate, Cyd is invalid, Dan was refused.

    It is an hour ago: a service may have forgotten keys that are older than a day.
    """
    an_hour_ago = f"{datetime.now(UTC) - timedelta(hours=1):%Y-%m-%dT%H:%M:%S}"
    for path in FIXTURES.iterdir():
        text = path.read_text(encoding="utf-8").replace("http://127.0.0.1:1", world.url)
        digest = hashlib.sha256(world.api_key.encode()).hexdigest()[:8]
        world.write(path.name, text.replace("4f3150cb", digest).replace(WRITTEN, an_hour_ago))
    for record, name in (("id1", "Ada"), ("id2", "Bo")):
        fields = {"first_name": name, "email": f"{name.lower()}@example.com"}
        world.crm.records[record] = Request("us", "", "contact", fields, record)
    return world


def test_only_what_was_refused_is_sent(begun: World) -> None:
    begun.run(*RUN).ended(1, before=3, created=1, invalid=1)
    begun.holds(Ada=1, Bo=1, Dan=1)
    begun.run(*RUN).ended(1, before=4, invalid=1)


def test_a_refused_row_takes_the_next_key(begun: World) -> None:
    begun.run(*RUN)
    text = begun.read("people.results.jsonl")
    assert "2bfa844ca520cefc2f6aa8be5a6e6db49e91fb2fe3f6c1607f87bf8b5e0a3b2a-2" in text


def test_an_unmapped_column_may_differ(begun: World) -> None:
    begun.edit("people.csv", (",x", ",z"))
    begun.run(*RUN).knew(3, created=1, invalid=1)
    begun.holds(Ada=1, Bo=1, Dan=1)


def test_after_a_kill_the_same_key_is_used(begun: World) -> None:
    lines = begun.read("people.results.jsonl").splitlines(keepends=True)
    at = next(
        n for n, line in enumerate(lines) if '"status":"created"' in line and '"row":2' in line
    )
    begun.write("people.results.jsonl", "".join(lines[:at]))
    begun.run(*RUN)
    sent = [
        line for line in begun.read("people.results.jsonl").splitlines() if '"kind":"sent"' in line
    ]
    bo = [line for line in sent if '"row":2' in line]
    assert len(bo) == 2
    assert bo[0].split('"idempotency_key":')[1][:72] == bo[1].split('"idempotency_key":')[1][:72]


def test_its_results_are_shown(begun: World) -> None:
    code, shown, _ = begun.command("status", "people.results.jsonl", "--json")
    assert code == 0
    assert json.loads(shown)["counts"]["created"] == 2
