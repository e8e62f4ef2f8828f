"""A row whose record another import has created is told as such, and not as changed since."""

from __future__ import annotations

import json
from typing import Any

import pytest
from referee import World
from referee.weeks import RUN, everybody, maps, moved, person, renumbered, save

OTHER = ("other.csv", *RUN[1:])
RESULTS = "other.results.jsonl"


@pytest.fixture
def held(world: World) -> World:
    """Return a folder with two imports: the second list has got two people of the first one."""
    maps(world)
    save(world, everybody(5))
    world.run(*RUN).ended(0, created=5)
    save(world, everybody(8)[5:], "other.csv")
    world.run(*OTHER).ended(0, created=3)
    save(
        world, [moved(person(5)), *everybody(8)[6:], person(0), renumbered(person(1))], "other.csv"
    )
    return world


def said(world: World, *command: str) -> dict[str, Any]:
    return dict(json.loads(world.command(*command, "--json")[1])["verdict"])


def test_check_run_and_status_say_whose_the_record_is(held: World) -> None:
    foreseen = said(held, "check", *OTHER)
    run = held.run(*OTHER).ended(6, before=2, changed=3)
    verdict = run.report["verdict"]
    assert foreseen["text"] == verdict["text"] == said(held, "status", RESULTS)["text"]
    assert (verdict["changed"], verdict["elsewhere"]) == (3, 2)
    assert "1 has changed since it was sent" in verdict["text"]
    assert "2 have records that another import has created" in verdict["text"]
    assert "people.results.jsonl has created this row" in run.stderr
    assert "1 row changed since it was sent" in run.stderr
    assert "2 rows have records that another import has created" in run.stderr
    assert "changed since they were created" not in run.stderr
    for command in ("check", "run"):
        again = held.again().report["verdict"] if command == "run" else said(held, "check", *OTHER)
        assert again["text"] == verdict["text"]


def test_a_decision_about_one_of_them_leaves_the_others(held: World) -> None:
    held.run(*OTHER)
    ref = next(row["vorel_ref"] for row in held.rows("other.changed.csv") if row["First"] == "Ada")
    held.acknowledge("--new", ref, results=RESULTS)
    verdict = said(held, "status", RESULTS)
    assert (verdict["changed"], verdict["elsewhere"], verdict["left"]) == (2, 1, 1)
    held.acknowledge(results=RESULTS)
    verdict = said(held, "status", RESULTS)
    assert (verdict["changed"], verdict["elsewhere"]) == (0, 0)
    held.run(*OTHER).ended(0, before=4, created=1)
