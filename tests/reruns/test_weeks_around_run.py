"""Weeks with the commands around `run`: recover, derived files, updates and reconcile."""

from __future__ import annotations

import json
from typing import Any

import pytest
from referee import World, lost, refusal
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


def answer(world: World, *command: str) -> dict[str, Any]:
    code, out, told = world.command(*command, "--json")
    assert code in {0, 1}, told
    return dict(json.loads(out))


def recover(world: World, *files: str, undecided: int = 0) -> str:
    code, out, told = world.command("recover", RESULTS, *files, "--mapping", "mapping.toml")
    assert code == (6 if undecided else 0), told
    return out


def refused(world: World, *numbers: int) -> list[Row]:
    """Import six people, of whom these have an address that cannot be read."""
    people = everybody(6)
    for number in numbers:
        people[number] = unreadable(people[number])
    maps(world)
    save(world, people)
    world.run(*RUN).ended(1, created=6 - len(numbers), invalid=len(numbers))
    return people


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
    recover(world, "s.csv", name, undecided=1)
    run = world.run(*RUN)
    made = world.crm.people("us")["Jamal"]
    assert made == 1 or run.counts.get("possible_duplicate") == 1, run.told()


class TestTheFailedFileWasBeingCorrectedWhenTheNextListCame:
    """It was kept as `people.edited-1.failed.csv`, as the run said, and is imported then."""

    @pytest.fixture
    def imported(self, world: World) -> World:
        people = refused(world, 1)
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


def test_whoever_is_back_after_recover_has_not_vanished(world: World) -> None:
    """The file of those who had left is from before the results file was lost."""
    people = everybody(6)
    begin(world, people)
    world.write("older.csv", world.read("people.success.csv"))
    save(world, [people[0], *people[2:]])
    world.run(*RUN).ended(0, before=5)
    world.write("last.csv", world.read("people.success.csv"))
    world.delete(RESULTS)
    recover(world, "last.csv", "older.csv")
    save(world, people)
    world.run(*RUN).ended(0, before=6)
    assert not world.has("people.vanished.csv")


def test_the_list_is_exported_anew_while_its_failed_file_is_corrected(world: World) -> None:
    people = refused(world, 1)
    correct(world, "people.failed.csv")
    save(world, stamped(people))
    world.run(*RUN).ended(1, before=5, invalid=1)
    world.run("people.edited-1.failed.csv", *RUN[1:]).ended(0, created=1)
    world.run(*RUN).ended(0, before=6)
    assert world.crm.people("us")["Bo"] == 1


def test_a_second_row_that_was_refused_beside_the_corrected_one_is_not_corrected(
    world: World,
) -> None:
    people = everybody(6)
    people[1] = unreadable(people[1])
    other = {**people[1], "Exported": "friday"}
    maps(world)
    save(world, people)
    world.run(*RUN).ended(1, created=5, invalid=1)
    correct(world, "people.failed.csv")
    world.run("people.failed.csv", *RUN[1:]).ended(0, created=1)
    save(world, [*people, other])
    world.run(*RUN).ended(1, before=6, invalid=1)
    save(world, [people[0], *people[2:], other])
    world.run(*RUN).ended(1, before=5, invalid=1)


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
    _, said, _ = world.command("status", RESULTS)
    assert f"{file} has rows that are not in the list" in said


def test_status_is_about_the_list_again_once_it_was_counted(world: World) -> None:
    """The list was away while its failed file was imported."""
    refused(world, 2)
    list_ = world.read("people.csv")
    world.delete("people.csv")
    correct(world, "people.failed.csv")
    world.run("people.failed.csv", *RUN[1:]).ended(0, created=1)
    world.write("people.csv", list_)
    world.acknowledge()
    status = answer(world, "status", RESULTS)
    assert (status["source"], status["notices"]) == ("people.csv", [])


@pytest.mark.parametrize("is_there", [True, False], ids=["exported anew", "deleted"])
def test_status_says_if_it_is_about_a_failed_file_alone(world: World, *, is_there: bool) -> None:
    people = refused(world, 2, 4)
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


class TestARowThatWasCorrectedInTheFailedFileAfterRecover:
    """The success file has the row as it is in the list: its address still cannot be read."""

    @pytest.fixture
    def recovered(self, world: World) -> World:
        refused(world, 1)
        correct(world, "people.failed.csv")
        world.write("mine.csv", world.read("people.failed.csv"))
        world.run("people.failed.csv", *RUN[1:]).ended(0, created=1)
        world.delete(RESULTS)
        recover(world, "people.success.csv")
        return world

    @pytest.mark.parametrize("mail", ["bo@fixed.example", "bo.berg@example.com"])
    def test_is_corrected_in_the_list(self, recovered: World, mail: str) -> None:
        people = everybody(6)
        people[1]["Mail"] = mail
        save(recovered, people)
        recovered.run(*RUN).ended(6, before=5, changed=1)

    @pytest.mark.parametrize("nights", [0, 1])
    def test_is_imported_from_the_failed_file_again(self, recovered: World, nights: int) -> None:
        for _ in range(nights):
            recovered.run(*RUN).ended(0, before=6)
        recovered.run("mine.csv", *RUN[1:])
        assert recovered.crm.people("us")["Bo"] == 1


def test_who_was_corrected_for_another_list_has_not_vanished(world: World) -> None:
    """One results file for two branches, and a run of the one that does not have the row."""
    people = everybody(12)
    people[1] = unreadable(people[1])
    maps(world)
    one = ("--results", "all.results.jsonl")
    save(world, people[:6], "dubai.csv")
    save(world, people[6:], "sharjah.csv")
    world.run("dubai.csv", *RUN[1:], *one).ended(1, created=5, invalid=1)
    correct(world, "all.failed.csv")
    world.run("all.failed.csv", *RUN[1:]).ended(0, created=1)
    world.run("dubai.csv", *RUN[1:], *one).ended(0, before=6)
    assert not world.run("sharjah.csv", *RUN[1:], *one).ended(0, created=6).report["vanished"]


def test_who_was_added_to_the_failed_file_has_not_left_the_list(world: World) -> None:
    people = refused(world, 1)
    correct(world, "people.failed.csv")
    rows = world.rows("people.failed.csv")
    save(world, [*rows, {**dict.fromkeys(rows[0], ""), **person(9)}], "people.failed.csv")
    world.run("people.failed.csv", *RUN[1:]).ended(0, created=2)
    world.run(*RUN).ended(0, before=6)
    save(world, stamped(people))
    assert not world.run(*RUN).ended(0, before=6).report["vanished"]


def test_edits_in_a_success_file_are_told_and_not_sent(world: World) -> None:
    people = everybody(6)
    begin(world, people)
    rows = world.rows("people.success.csv")
    save(world, [renumbered(rows[0]), *rows[1:]], "people.success.csv")
    code, said, _ = world.command("check", "people.success.csv", *RUN[1:])
    assert (code, "1 row with a record was edited here" in said) == (0, True)
    run = world.run("people.success.csv", *RUN[1:]).ended(0, before=6)
    assert any("change the list, or the record in the CRM" in one for one in run.report["notices"])
