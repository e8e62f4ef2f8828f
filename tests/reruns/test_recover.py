"""A lost results file is built again from its success files: nobody in them is sent again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from referee import World, lost
from referee.three_people import (
    ADA,
    BO,
    CYD,
    HEADER,
    OBJECT,
    RESULTS,
    RUN,
    SUCCESS,
    rewrite,
)


def recovered(world: World, *arguments: str) -> dict[str, Any]:
    code, out, told = world.command("recover", *arguments, "--json")
    assert code == 0, told
    return dict(json.loads(out))


def refused(world: World, *arguments: str, says: str) -> None:
    before = {path: path.read_bytes() for path in world.folder.iterdir() if path.is_file()}
    code, _, told = world.command("recover", *arguments)
    assert (code, says in told) == (2, True), told
    after = {path: path.read_bytes() for path in world.folder.iterdir() if path.is_file()}
    assert after == before


@pytest.mark.parametrize("flags", [(), OBJECT], ids=["by content", "with keys"])
class TestThatWasDeleted:
    def test_sends_nobody_again(self, two: World, flags: tuple[str, ...]) -> None:
        two.delete(RESULTS)
        found = recovered(two, RESULTS, SUCCESS, *flags)
        assert (found["rows"], found["records"], found["before"]) == (2, 2, 0)
        run = two.run(*RUN, "--results", RESULTS).ended(0, before=2)
        assert run.requests == 0
        two.settled(Ada=1, Bo=1)

    def test_sends_who_is_new(self, two: World, flags: tuple[str, ...]) -> None:
        two.delete(RESULTS)
        recovered(two, RESULTS, SUCCESS, *flags)
        two.edit("people.csv", (ADA, CYD + ADA))
        two.run(*RUN).ended(0, before=2, created=1)
        two.settled(Ada=1, Bo=1, Cyd=1)

    def test_leaves_its_files_as_they_were(self, two: World, flags: tuple[str, ...]) -> None:
        success = two.read(SUCCESS)
        two.delete(RESULTS)
        recovered(two, RESULTS, SUCCESS, *flags)
        two.run(*RUN).ended(0, before=2)
        assert two.read(SUCCESS) == success
        assert not two.names("*edited*")

    @pytest.mark.parametrize("command", ["status", "report", "compact", "acknowledge"])
    def test_is_read_by_other_commands(
        self, two: World, flags: tuple[str, ...], command: str
    ) -> None:
        two.delete(RESULTS)
        recovered(two, RESULTS, SUCCESS, *flags)
        code, _, told = two.command(command, RESULTS)
        assert code == 0, told
        two.run(*RUN).ended(0, before=2)

    def test_of_a_json_list(self, world: World, flags: tuple[str, ...]) -> None:
        world.write("people.jsonl", '{"first_name": "Ada", "email": "ada@example.com"}\n')
        run = ("people.jsonl", *OBJECT)
        world.run(*run).ended(0, created=1)
        world.delete(RESULTS)
        refused(world, RESULTS, SUCCESS, *flags, says="people.success.jsonl")
        recovered(world, RESULTS, "people.success.jsonl", *flags)
        world.run(*run).ended(0, before=1)

    def test_with_equal_rows(self, world: World, flags: tuple[str, ...]) -> None:
        world.write("people.csv", HEADER + ADA + BO + ADA)
        world.run(*RUN).ended(0, created=2, duplicate=1)
        world.delete(RESULTS)
        found = recovered(world, RESULTS, SUCCESS, *flags)
        assert (found["rows"], found["records"]) == (3, 2)
        run = world.run(*RUN)
        assert (run.exit_code, run.requests) == (0, 0), run.told()
        world.settled(Ada=1, Bo=1)

    def test_with_equal_rows_that_were_all_sent(self, world: World, flags: tuple[str, ...]) -> None:
        world.write("people.csv", HEADER + ADA + ADA)
        send = (*RUN, "--on-duplicate", "send")
        world.run(*send).ended(0, created=2)
        world.delete(RESULTS)
        recovered(world, RESULTS, SUCCESS, *flags)
        assert world.run(*send).requests == 0
        world.holds(Ada=2)

    def test_with_an_acknowledged_change(self, two: World, flags: tuple[str, ...]) -> None:
        two.edit("people.csv", ("0501110001", "0501119999"))
        two.run(*RUN).ended(6, before=1, changed=1)
        assert two.command("acknowledge", RESULTS)[0] == 0
        two.delete(RESULTS)
        recovered(two, RESULTS, SUCCESS, *flags)
        two.run(*RUN).ended(0, before=2)

    def test_with_a_corrected_row(self, imported: World, flags: tuple[str, ...]) -> None:
        name = "people.failed.csv"
        rewrite(imported, name, name, lambda row: {**row, "email": "cyd@example.com"})
        imported.run(name, *OBJECT).ended(0, created=1)
        imported.run(*RUN).ended(0, before=3)
        imported.delete(RESULTS)
        recovered(imported, RESULTS, SUCCESS, *flags)
        imported.run(*RUN).ended(0, before=3)

    def test_after_the_success_file_was_edited(self, two: World, flags: tuple[str, ...]) -> None:
        two.edit(SUCCESS, ("0501110001", "5.01E+08"))
        two.delete(RESULTS)
        found = recovered(two, RESULTS, SUCCESS, *flags)
        assert any("edited after they were written: 1." in text for text in found["missing"])
        two.run(*RUN).ended(0, before=2)

    def test_from_a_success_file_without_references(
        self, two: World, flags: tuple[str, ...]
    ) -> None:
        rewrite(
            two, SUCCESS, "old.csv", lambda row: {k: v for k, v in row.items() if k != "vorel_ref"}
        )
        two.delete(RESULTS)
        recovered(two, RESULTS, "old.csv", *flags)
        two.run(*RUN, "--new-import").ended(0, before=2)


class TestWithAMapping:
    MAPPING = """\
        object = "contact"
        identity = ["external_ref"]
        [fields]
        external_ref = "Id"
        first_name = "Name"
        email = "Mail"
        """
    PEOPLE = "Id,Name,Mail,Seen\nA-1,Ada,ada@example.com,monday\nB-2,Bo,bo@example.com,monday\n"
    RUN = ("people.csv", "--mapping", "mapping.toml")

    @pytest.fixture
    def lost(self, world: World) -> World:
        world.write("mapping.toml", self.MAPPING)
        world.write("people.csv", self.PEOPLE)
        world.run(*self.RUN).ended(0, created=2)
        world.delete(RESULTS)
        return world

    def test_a_column_that_is_not_mapped_may_change(self, lost: World) -> None:
        recovered(lost, RESULTS, SUCCESS, "--mapping", "mapping.toml")
        lost.edit("people.csv", ("monday", "tuesday"))
        lost.run(*self.RUN).ended(0, before=2)
        lost.settled(Ada=1, Bo=1)

    def test_a_changed_row_is_a_change(self, lost: World) -> None:
        recovered(lost, RESULTS, SUCCESS, "--mapping", "mapping.toml")
        lost.edit("people.csv", ("ada@", "ada.abboud@"))
        lost.run(*self.RUN).ended(6, before=1, changed=1)
        lost.settled(Ada=1, Bo=1)

    def test_without_it_that_is_said_to_be_missing(self, lost: World) -> None:
        found = recovered(lost, RESULTS, SUCCESS)
        assert any("--mapping" in text for text in found["missing"])


class TestAnOlderCopy:
    def test_gets_what_it_lacks(self, two: World) -> None:
        before = two.read(RESULTS)
        two.edit("people.csv", (BO, CYD + BO))
        two.run(*RUN).ended(0, before=2, created=1)
        two.write(RESULTS, before)
        found = recovered(two, RESULTS, SUCCESS)
        assert (found["rows"], found["before"]) == (1, 2)
        assert two.read(RESULTS).startswith(before)
        two.run(*RUN).ended(0, before=3)
        two.settled(Ada=1, Bo=1, Cyd=1)

    def test_of_a_failed_row_gets_its_record(self, world: World) -> None:
        world.write("people.csv", HEADER + ADA + BO)
        world.crm.script("Bo", lost, lost, lost, lost, lost, lost, lost, lost)
        world.remembers = True
        world.run(*RUN, "--max-outage", "0")
        before = world.read(RESULTS)
        world.run(*RUN)
        world.write(RESULTS, before)
        recovered(world, RESULTS, SUCCESS)
        assert world.run(*RUN).requests == 0
        world.holds(Ada=1, Bo=1)


class TestEarlierRuns:
    def test_add_who_is_gone_from_the_list(self, two: World) -> None:
        two.write("monday.csv", two.read(SUCCESS))
        two.write("people.csv", HEADER + ADA + CYD)
        two.run(*RUN).ended(0, before=1, created=1)
        two.delete(RESULTS)
        found = recovered(two, RESULTS, "monday.csv", SUCCESS)
        assert (found["rows"], found["records"]) == (3, 3)
        two.write("people.csv", HEADER + ADA + BO + CYD)
        two.run(*RUN).ended(0, before=3)
        two.settled(Ada=1, Bo=1, Cyd=1)


class TestIsRefused:
    def test_where_nothing_is_missing(self, two: World) -> None:
        refused(two, RESULTS, SUCCESS, says="knows all 2 records")

    def test_for_a_list(self, two: World) -> None:
        two.delete(RESULTS)
        refused(two, RESULTS, "people.csv", says="no row has a record")

    def test_for_a_failed_file(self, imported: World) -> None:
        imported.delete(RESULTS)
        refused(imported, RESULTS, "people.failed.csv", says="no success file")

    def test_for_a_file_that_is_not_there(self, two: World) -> None:
        refused(two, "new.results.jsonl", "nothing.csv", says="nothing.csv")

    def test_for_a_success_file_of_another_import(self, two: World) -> None:
        refused(two, "others.results.jsonl", SUCCESS, says=f"has rows of {RESULTS}")

    def test_for_a_file_that_is_no_results_file(self, two: World) -> None:
        two.write(RESULTS, "mine\n")
        refused(two, RESULTS, SUCCESS, says="is not a results file")

    def test_into_a_results_file_of_other_people(self, two: World) -> None:
        """It would say of people that they have a record, which another account has."""
        two.write("monday.csv", two.read(SUCCESS))
        two.write("people.csv", HEADER + CYD)
        two.delete(RESULTS, SUCCESS)
        two.run(*RUN).ended(0, created=1)
        refused(two, RESULTS, "monday.csv", says="none of them is in these files")

    def test_where_two_files_contradict_each_other(self, two: World) -> None:
        two.write("monday.csv", two.read(SUCCESS).replace("rec-1", "rec-7"))
        two.delete(RESULTS)
        refused(two, RESULTS, "monday.csv", SUCCESS, says="different imports")

    def test_where_the_results_file_has_other_records(self, two: World) -> None:
        two.edit(SUCCESS, ("rec-1", "rec-7"))
        refused(two, RESULTS, SUCCESS, says="different imports")


def test_what_is_missing_is_shown_to_people(two: World) -> None:
    two.delete(RESULTS)
    code, out, _ = two.command("recover", RESULTS, SUCCESS)
    assert code == 0
    assert "on record again are 2 rows with 2 records" in out
    assert "gone from the list" in out
    assert f"vorel-import reconcile {RESULTS} EXPORT" in out


def test_the_command_that_a_stopped_run_names_leads_on(two: World) -> None:
    two.delete(RESULTS)
    told = two.run(*RUN).stderr
    command = told.partition("vorel-import recover ")[2].splitlines()[0].split()
    recovered(two, *command)
    two.run(*RUN).ended(0, before=2)


def test_the_command_that_a_stopped_run_names_has_the_changed_file_too(two: World) -> None:
    """A change that nobody has dealt with: its row is in no success file, and has a record."""
    two.edit("people.csv", ("ada@example.com", "ada.new@example.com"))
    two.run(*RUN).ended(6, before=1, changed=1)
    two.delete(RESULTS)
    told = two.run(*RUN).stderr
    command = told.partition("vorel-import recover ")[2].splitlines()[0].split()
    assert any(
        "changed since they were sent: 1" in one for one in recovered(two, *command)["missing"]
    )
    two.run(*RUN).ended(0, before=2)
    two.edit("people.csv", ("ada.new@", "ada.newer@"))
    two.run(*RUN).ended(6, before=1, changed=1)


def test_a_changed_row_that_an_older_success_file_has_is_told_again(two: World) -> None:
    older = two.read("people.success.csv")
    two.edit("people.csv", ("ada@example.com", "ada.new@example.com"))
    two.run(*RUN).ended(6, before=1, changed=1)
    two.write("older.success.csv", older)
    two.delete(RESULTS)
    found = recovered(two, RESULTS, "older.success.csv", SUCCESS, "people.changed.csv", *RUN[1:])
    assert (found["rows"], found["records"]) == (2, 2)
    two.run(*RUN).ended(6, before=1, changed=1)
