"""A run of corrected rows that stops keeps the corrections it has not sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from referee import World
from referee.crm import Crm, dropped
from referee.stopping import Stopping
from referee.weeks import RESULTS, RUN, Row, everybody, maps, save

FAILED = ("people.failed.csv", *RUN[1:])
UNSENT = ("people.unsent.csv", *RUN[1:])


@pytest.fixture
def crm(world: World, serve: Callable[[Crm], str]) -> Stopping:
    """Return a CRM that can stop answering, in the place of that of the world."""
    crm = Stopping()
    world.crm, world.url, world.remembers = crm, serve(crm), True
    return crm


@pytest.fixture
def corrected(world: World, crm: Stopping) -> World:  # noqa: ARG001 - it takes the place of its own
    """Return a world with six of eight people in the CRM, and the failed rows corrected."""
    maps(world)
    save(
        world, [{**row, "Tel": f"1{at}"} if at < 2 else row for at, row in enumerate(everybody(8))]
    )
    world.run(*RUN).ended(1, created=6, invalid=2)
    failed = world.rows("people.failed.csv")
    rows: Sequence[Row] = [{**row, "Tel": f"050119998{at}"} for at, row in enumerate(failed)]
    save(world, rows, "people.failed.csv")
    return world


def test_by_a_limit(corrected: World) -> None:
    run = corrected.run(*FAILED, "--limit", "1").ended(0, created=1)
    assert "1 row is not sent yet" in run.report["verdict"]["text"]
    assert run.report["next"].startswith("vorel-import run people.unsent.csv ")
    assert [row["Tel"] for row in corrected.rows("people.unsent.csv")] == ["0501199981"]
    _, _, told = corrected.command("run", *FAILED)
    assert "people.failed.csv: no such file" in told
    assert "What is left: vorel-import status people.results.jsonl" in told
    corrected.run(*UNSENT).ended(0, created=1)
    assert len(corrected.crm.records) == 8


def test_by_an_outage(corrected: World, crm: Stopping) -> None:
    crm.stop(0, dropped)
    run = corrected.run(*FAILED, "--concurrency", "1", "--max-outage", "0")
    assert run.exit_code == 5, run.told()
    assert {row["Tel"] for row in corrected.rows("people.unsent.csv")} == {
        "0501199980",
        "0501199981",
    }
    assert run.report["verdict"]["unclear"]
    crm.be_well()
    corrected.run(*UNSENT).ended(0, created=2)
    assert len(crm.records) == 8


def test_and_the_list_does_not_lose_them(corrected: World) -> None:
    corrected.run(*FAILED, "--limit", "1")
    run = corrected.run(*RUN).ended(1, before=7, invalid=1)
    assert "1 row needs a person" in run.report["verdict"]["text"]
    assert corrected.command("status", RESULTS)[1].startswith(run.report["verdict"]["text"])
    [kept] = corrected.rows("people.edited-1.unsent.csv")
    assert kept["Tel"] == "0501199981"
    corrected.run("people.edited-1.unsent.csv", *RUN[1:]).ended(0, created=1)
    assert len(corrected.crm.records) == 8
