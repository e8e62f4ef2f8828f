"""One list over weeks: pilots, exports anew, compact, derived files and the list itself in turn."""

from __future__ import annotations

import csv
import io

import pytest
from referee import World, lost, refusal

NAMES = ("Ada", "Bo", "Cyd", "Dee", "Eli", "Fay", "Gus", "Hal", "Ivy", "Jon", "Kim", "Lea")
EVERYBODY = dict.fromkeys(NAMES, 1)
MAPPING = """\
object = "contact"
[fields]
first_name = "First"
last_name = "Last"
email = "Mail"
"""
RUN = ("people.csv", "--mapping", "mapping.toml")
TOO_LONG = f"{'x' * 300}@example.com"
NO = refusal("validation_error")

Rows = list[dict[str, str]]


def people(day: str, **changed: str) -> Rows:
    """Return the list as it is exported on a day; `changed` are addresses by first names."""
    return [
        {
            "First": first,
            "Last": f"{first}son",
            "Mail": changed.get(first, f"{first.lower()}@example.com"),
            "Exported": day,
        }
        for first in NAMES
    ]


def save(world: World, rows: Rows, name: str = "people.csv") -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    world.write(name, text.getvalue())


def compact(world: World) -> None:
    code, _, told = world.command("compact", "people.results.jsonl")
    assert code == 0, told


@pytest.fixture
def world(world: World) -> World:
    world.write("mapping.toml", MAPPING)
    return world


def test_pilots_of_a_list_that_is_sorted_and_exported_anew_while_the_mapping_changes(
    world: World,
) -> None:
    save(world, people("monday"))
    world.run(*RUN, "--limit", "3").ended(0, created=3)
    save(world, people("tuesday")[::-1])
    world.run(*RUN, "--limit", "3")
    world.edit("mapping.toml", ('"Mail"', '"Mail"\nsource = { const = "old list" }'))
    save(world, people("friday"))
    world.run(*RUN, "--limit", "3")
    compact(world)
    world.run(*RUN)
    world.settled(**EVERYBODY)


def test_compacted_after_each_run(world: World) -> None:
    save(world, people("monday"))
    world.remembers = True
    world.crm.script("Ada", lost, NO)
    world.crm.script("Bo", NO)
    world.run(*RUN).ended(1, created=10, unknown=1, failed=1)
    compact(world)
    save(world, people("tuesday"))
    world.run(*RUN).ended(0, before=10, created=2)
    compact(world)
    world.remembers = False
    save(world, people("friday", Bo="bo@other.example"))
    world.run(*RUN).ended(6, before=11, possible_duplicate=1)
    compact(world)
    world.run(*RUN).ended(6, before=11, possible_duplicate=1)
    world.holds(**EVERYBODY)


def test_an_unsent_file_and_the_list_in_turn(world: World) -> None:
    save(world, people("monday"))
    world.run(*RUN, "--limit", "3").ended(0, created=3)
    unsent = world.rows("people.unsent.csv")
    world.run("people.unsent.csv", *RUN[1:], "--limit", "4")
    world.run(*RUN, "--limit", "2")
    save(world, unsent, "old.unsent.csv")
    world.run("old.unsent.csv", *RUN[1:])
    world.run(*RUN).ended(0, before=12)
    world.holds(**EVERYBODY)


def test_corrected_rows_pasted_below_the_list(world: World) -> None:
    save(world, people("monday", Bo=TOO_LONG, Cyd=TOO_LONG))
    world.run(*RUN).ended(1, created=10, invalid=2)
    failed = world.rows("people.failed.csv")
    corrected = [{**row, "Mail": f"{row['First'].lower()}@example.com"} for row in failed]
    empty = dict.fromkeys(failed[0], "")
    save(world, [*({**empty, **row} for row in world.rows("people.csv")), *corrected])
    for _ in range(2):
        world.run(*RUN)
        world.holds(**EVERYBODY)
