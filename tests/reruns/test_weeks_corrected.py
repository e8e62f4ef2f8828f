"""Rows that are corrected in a failed file, while the list goes on without it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from referee import World, lost, refusal
from referee.fixtures import begun, serve, short_waits, world
from referee.weeks import RESULTS, RUN, Row, everybody, maps, save

__all__ = ["begun", "serve", "short_waits", "world"]

BAD = "x" * 300 + "@example.com"


def stamped(rows: list[Row]) -> list[Row]:
    """Export the list anew: a column that is not mapped differs."""
    return [{**row, "Exported": "tuesday"} for row in rows]


def unreadable(row: Row) -> Row:
    return {**row, "Mail": row["First"] + BAD}


def correct(world: World, name: str, *, only: int | None = None) -> None:
    rows = [{**row, "Mail": f"{row['First']}@fixed.example".lower()} for row in world.rows(name)]
    save(world, rows[:only], name)


def answer(world: World, *command: str) -> dict[str, Any]:
    code, out, told = world.command(*command, "--json")
    assert code in {0, 1}, told
    return dict(json.loads(out))


def test_the_list_is_exported_anew_while_its_failed_file_is_corrected(world: World) -> None:
    people = everybody(6)
    people[1] = unreadable(people[1])
    maps(world)
    save(world, people)
    world.run(*RUN).ended(1, created=5, invalid=1)
    correct(world, "people.failed.csv")
    save(world, stamped(people))
    world.run(*RUN).ended(1, before=5, invalid=1)
    world.run("people.edited-1.failed.csv", *RUN[1:]).ended(0, created=1)
    world.run(*RUN).ended(0, before=6)
    assert world.crm.people("us")["Bo"] == 1


@pytest.mark.parametrize("is_known_to_the_crm", [True, False], ids=["changed", "refused again"])
def test_an_old_failed_file_whose_row_has_left_the_list(
    world: World, *, is_known_to_the_crm: bool
) -> None:
    """Its correction is named in a file, although no row of the list is its original."""
    people = everybody(6)
    maps(world)
    save(world, [*people[:2], unreadable(people[2]), *people[3:]])
    world.run(*RUN).ended(1, created=5, invalid=1)
    world.write("old.csv", world.read("people.failed.csv"))
    if is_known_to_the_crm:
        correct(world, "old.csv")
        save(world, people)
        world.run(*RUN).ended(0, before=5, created=1)
        world.run("old.csv", *RUN[1:], "--results", RESULTS).ended(6, changed=1)
        file = "people.changed.csv"
    else:
        save(world, [{**row, "Tel": "+1"} for row in world.rows("old.csv")], "old.csv")
        save(world, [*people[:2], *people[3:]])
        world.run(*RUN).ended(0, before=5)
        world.run("old.csv", *RUN[1:], "--results", RESULTS).ended(1, invalid=1)
        file = "people.failed.csv"
    assert [row["First"] for row in world.rows(file)] == ["Cyd"]


@pytest.mark.parametrize("is_there", [True, False], ids=["exported anew", "deleted"])
def test_status_says_if_it_is_about_a_failed_file_alone(world: World, *, is_there: bool) -> None:
    people = everybody(6)
    people[2], people[4] = unreadable(people[2]), unreadable(people[4])
    maps(world)
    save(world, people)
    world.run(*RUN).ended(1, created=4, invalid=2)
    assert not answer(world, "status", RESULTS)["notices"]
    correct(world, "people.failed.csv", only=1)
    if is_there:
        save(world, stamped(people))
    else:
        world.delete("people.csv")
    world.run("people.failed.csv", *RUN[1:]).ended(0, created=1)
    [notice] = answer(world, "status", RESULTS)["notices"]
    assert notice.startswith("this is about people.failed.csv alone: people.csv has changed")


def test_undo_counts_a_lost_answer_whose_row_has_left_the_list(world: World) -> None:
    people = everybody(6)
    maps(world)
    save(world, people)
    world.crm.script("Cyd", lost, refusal("validation_error"))
    world.run(*RUN).ended(1, created=5, unknown=1)
    assert answer(world, "undo", RESULTS)["unclear"] == 1
    save(world, [row for row in people if row["First"] != "Cyd"])
    world.run(*RUN).ended(0, before=5)
    undone = answer(world, "undo", RESULTS)
    assert len(world.crm.records) == undone["records"] + undone["unclear"], undone
