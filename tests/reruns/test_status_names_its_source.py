"""`status` names what its number of rows is about: the list, or the derived file alone."""

from __future__ import annotations

from referee import World
from referee.weeks import RESULTS, RUN, Row, everybody, maps, save

FAILED = ("people.failed.csv", *RUN[1:])


def source(world: World) -> str:
    told = world.command("status", RESULTS)[1].splitlines()
    return next(line for line in told if line.startswith("Source")).removeprefix("Source   ")


def fail_some(world: World) -> list[Row]:
    """Import ten people, two of them with a phone that cannot be read, and correct one."""
    people = [{**row, "Tel": "12"} if at < 2 else row for at, row in enumerate(everybody(10))]
    maps(world)
    save(world, people)
    world.run(*RUN).ended(1, created=8, invalid=2)
    failed = world.rows("people.failed.csv")
    save(world, [{**failed[0], "Tel": "0501199999"}, failed[1]], "people.failed.csv")
    return people


def test_after_a_derived_file_it_is_the_list(world: World) -> None:
    fail_some(world)
    assert source(world) == "people.csv, 10 rows"
    world.run(*FAILED).ended(1, created=1, invalid=1)
    assert source(world) == "people.csv, 10 rows"
    world.run(*RUN)
    assert source(world) == "people.csv, 10 rows"


def test_after_a_derived_file_with_as_many_rows_it_is_the_list(world: World) -> None:
    people = [{**row, "Tel": "12"} for row in everybody(10)]
    maps(world)
    save(world, people)
    world.run(*RUN).ended(1, invalid=10)
    failed = world.rows("people.failed.csv")
    save(world, [{**failed[0], "Tel": "0501199999"}, *failed[1:]], "people.failed.csv")
    world.run(*FAILED).ended(1, created=1, invalid=9)
    assert source(world) == "people.csv, 10 rows"


def test_without_the_list_it_is_the_derived_file(world: World) -> None:
    fail_some(world)
    world.delete("people.csv")
    world.run(*FAILED).ended(1, created=1, invalid=1)
    assert source(world) == "people.failed.csv, 2 rows"


def test_of_a_killed_run_it_is_what_was_imported(world: World) -> None:
    fail_some(world)
    world.run(*FAILED)
    lines = world.read(RESULTS).splitlines()
    world.write(RESULTS, "\n".join([*lines[:-1], ""]))
    assert source(world) == "people.failed.csv, 2 rows"
