"""Rows that need a person each night are no news; others than those are, though as many."""

from __future__ import annotations

import pytest
from referee import World
from referee.weeks import RUN, Row, begin, everybody, maps, save

pytestmark = pytest.mark.slow


def like_somebody_else(rows: list[Row], at: str) -> list[Row]:
    mails = [f"{at}{number}@x.example" for number in range(len(rows))]
    return [{**r, "Last": "Marin", "Mail": mail} for r, mail in zip(rows, mails, strict=True)]


def faulty(rows: list[Row]) -> list[Row]:
    return [{**row, "Tel": "12"} for row in rows]


def stamped(rows: list[Row], day: str) -> list[Row]:
    return [{**row, "Exported": day} for row in rows]


@pytest.mark.parametrize("days", [("monday", "monday", "monday"), ("tuesday", "friday", "sunday")])
def test_rows_that_may_be_somebody(world: World, days: tuple[str, str, str]) -> None:
    people = everybody(120)
    begin(world, people)
    told = [*like_somebody_else(people[:40], "a"), *people[40:]]
    save(world, stamped(told, days[0]))
    world.run(*RUN, "--max-changed", "50").ended(6, before=80, possible_duplicate=40)
    save(world, [*stamped(told, days[1]), *everybody(121)[120:]])
    world.run(*RUN).ended(6, before=80, created=1, possible_duplicate=40)
    others = [*people[:40], *like_somebody_else(people[40:80], "b"), *people[80:]]
    save(world, stamped(others, days[2]))
    assert world.run(*RUN).exit_code == 7


@pytest.mark.parametrize("days", [("monday", "monday", "monday"), ("tuesday", "friday", "sunday")])
def test_rows_that_are_refused(world: World, days: tuple[str, str, str]) -> None:
    people = everybody(120)
    maps(world)
    bad = [*faulty(people[:40]), *people[40:]]
    save(world, stamped(bad, days[0]))
    world.run(*RUN, "--max-errors", "100").ended(1, created=80, invalid=40)
    save(world, [*stamped(bad, days[1]), *everybody(121)[120:]])
    world.run(*RUN, "--max-errors", "100").ended(1, before=80, created=1, invalid=40)
    others = [*people[:40], *faulty(people[40:80]), *people[80:]]
    save(world, stamped(others, days[2]))
    assert world.run(*RUN, "--max-errors", "100").exit_code == 7
