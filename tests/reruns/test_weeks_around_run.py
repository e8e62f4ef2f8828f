"""Weeks with the commands around `run`: recover, derived files, updates and reconcile."""

from __future__ import annotations

import pytest
from referee import World
from referee.weeks import (
    FIELDS,
    RESULTS,
    RUN,
    Row,
    begin,
    everybody,
    maps,
    moved,
    person,
    renumbered,
    save,
)

BAD = "x" * 300 + "@example.com"


def stamped(rows: list[Row]) -> list[Row]:
    """Export the list anew: a column that is not mapped differs."""
    return [{**row, "Exported": "tuesday"} for row in rows]


def unreadable(row: Row) -> Row:
    return {**row, "Mail": row["First"] + BAD}


def recover(world: World, *files: str) -> str:
    code, out, told = world.command("recover", RESULTS, *files, "--mapping", "mapping.toml")
    assert code == 0, told
    return out


def correct(world: World, name: str, *, only: int | None = None) -> None:
    rows = [{**row, "Mail": f"{row['First']}@fixed.example".lower()} for row in world.rows(name)]
    save(world, rows[:only], name)


def exported(world: World) -> str:
    lines = ["Record ID,First Name,Last Name,Email,Phone Number"]
    for one, made in world.crm.records.items():
        values = (str(made.fields[key]) for key in ("first_name", "last_name", "email", "phone"))
        lines.append(",".join([one, *values]))
    world.write("crm.csv", "\n".join([*lines, ""]))
    return "crm.csv"


@pytest.mark.parametrize("name", ["people.changed.csv", "people.changed (1).csv", "c.csv"])
def test_recover_leaves_nobody_out_for_the_name_of_a_file(world: World, name: str) -> None:
    """The son has his father's number; the father is gone; nobody has decided yet."""
    people = everybody(6)
    begin(world, people)
    son = {**person(9), "Last": people[2]["Last"], "Tel": people[2]["Tel"]}
    save(world, [*people[:2], *people[3:], son])
    world.run(*RUN).ended(6, before=5, possible_duplicate=1)
    success, changed = world.read("people.success.csv"), world.read("people.changed.csv")
    world.delete(RESULTS, *world.names("people.*.csv"))
    world.write("s.csv", success)
    world.write(name, changed)
    recover(world, "s.csv", name)
    run = world.run(*RUN)
    made = world.crm.people("us")["Jamal"]
    assert made == 1 or run.counts.get("possible_duplicate") == 1, run.told()


class TestTheFailedFileWasBeingCorrectedWhenTheNextListCame:
    """It was kept as `people.edited-1.failed.csv`, as the run said, and is imported then."""

    @pytest.fixture
    def imported(self, world: World) -> World:
        people = everybody(6)
        people[1] = unreadable(people[1])
        maps(world)
        save(world, people)
        world.run(*RUN).ended(1, created=5, invalid=1)
        correct(world, "people.failed.csv")
        save(world, stamped(people))
        world.run(*RUN).ended(1, before=5, invalid=1)
        world.run("people.edited-1.failed.csv", *RUN[1:]).ended(0, created=1)
        assert world.crm.people("us")["Bo"] == 1
        return world

    def test_who_is_on_the_list_has_not_vanished(self, imported: World) -> None:
        """Whoever deletes what the file names has deleted her."""
        gone = imported.has("people.vanished.csv") and imported.rows("people.vanished.csv")
        assert not gone


@pytest.mark.parametrize("more", [False, True], ids=["exported anew", "changed once more"])
def test_updates_from_a_list_that_was_exported_anew(world: World, more: bool) -> None:
    people = everybody(6)
    begin(world, people)
    people[2] = renumbered(people[2])
    save(world, people)
    world.run(*RUN).ended(6, before=5, changed=1)
    if more:
        people[2] = moved(people[2])
    save(world, stamped(people))
    _, said, error = world.command("updates", RESULTS, "people.csv")
    assert "No record has a change that nobody has dealt with" not in said, said + error


@pytest.mark.parametrize(("people", "deleted"), [(6, 1), (60, 3)])
def test_reconcile_does_not_say_that_all_is_there(world: World, people: int, deleted: int) -> None:
    begin(world, everybody(people))
    for number in range(deleted):
        del world.crm.records[f"rec-{number + 3}"]
    code, said, _ = world.command("reconcile", RESULTS, exported(world))
    assert f"{people - deleted} of the {people} records on record" in said
    assert "the CRM has what was made" not in said, (code, said)


def test_a_column_that_is_not_imported_any_more_changes_nothing(world: World) -> None:
    people = everybody(6)
    begin(world, people, fields=FIELDS + 'notes = "Exported"\n')
    maps(world)
    world.run(*RUN).ended(0, before=6)
    save(world, stamped(people))
    world.run(*RUN).ended(0, before=6)


@pytest.mark.parametrize("first", ["s0.csv", "s1.csv"])
def test_recover_with_earlier_success_files_tells_no_undecided_rows(
    world: World, first: str
) -> None:
    """The change was acknowledged: it is neither undecided nor without a record."""
    people = everybody(6)
    begin(world, people)
    world.write("s0.csv", world.read("people.success.csv"))
    people[2] = renumbered(people[2])
    save(world, people)
    world.run(*RUN).ended(6, before=5, changed=1)
    world.acknowledge()
    world.write("s1.csv", world.read("people.success.csv"))
    world.delete(RESULTS)
    said = recover(world, first, "s1.csv" if first == "s0.csv" else "s0.csv")
    assert "about which nobody has decided" not in said, said
    world.run(*RUN).ended(0, before=6)
