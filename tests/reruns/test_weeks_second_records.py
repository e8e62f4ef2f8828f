"""What an office does over weeks: answers and edits on one day, twice on a list, a backup."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from referee import World
from referee.crm import refusal
from referee.weeks import (
    FIELDS,
    NAME,
    RESULTS,
    RUN,
    TEL,
    Row,
    begin,
    everybody,
    married,
    moved,
    person,
    renumbered,
    save,
)

EDITS: dict[str, Callable[[Row], Row]] = {
    "another address": moved,
    "a letter": lambda row: {**row, "First": "Zoey"},
    "a family name": lambda row: {**row, "Last": "Marin"},
    "capitals": lambda row: {**row, "First": row["First"].upper()},
    "no address": lambda row: {**row, "Mail": ""},
}


def records_of_zoe(world: World) -> int:
    return sum(
        str(made.fields["first_name"]).lower().startswith("zo")
        for made in world.crm.records.values()
    )


@pytest.fixture
def declared(world: World) -> list[Row]:
    """Zoe has the number of Ada, who is gone; somebody has said that she is new; no run since."""
    people = everybody(6)
    begin(world, people)
    list_ = [{**person(30, "Zoe", "Vidal"), "Tel": people[0]["Tel"]}, *people[1:]]
    save(world, list_)
    world.run(*RUN).ended(6, before=5, possible_duplicate=1)
    world.acknowledge("--new", "all")
    return list_


class TestDeclaredNewAndEditedBeforeTheRun:
    @pytest.mark.parametrize("how", EDITS)
    def test_and_declared_once_more_then_the_edit_is_undone(
        self, world: World, declared: list[Row], how: str
    ) -> None:
        """The first declaration was about the same row, whose record was made since."""
        zoe, *others = declared
        save(world, [EDITS[how](zoe), *others])
        if world.run(*RUN).exit_code == 6:
            world.acknowledge("--new", "all")
            world.run(*RUN).ended(0, before=5, created=1)
        save(world, [zoe, *others])
        world.run(*RUN)
        assert records_of_zoe(world) == 1

    def test_after_a_run_that_was_stopped(self, world: World, declared: list[Row]) -> None:
        zoe, *others = declared
        world.crm.script("Zoe", refusal("unauthorized", 401))
        world.run(*RUN).ended(3, before=5, unsent=1)
        save(world, [moved(zoe), *others])
        world.run(*RUN).ended(6, before=5, possible_duplicate=1)
        world.acknowledge("--new", "all")
        world.run(*RUN).ended(0, before=5, created=1)
        save(world, [zoe, *others])
        world.run(*RUN)
        assert records_of_zoe(world) == 1

    @pytest.mark.parametrize("column", ["First", "Mail"])
    def test_in_capitals_is_not_asked_about_again(
        self, world: World, declared: list[Row], column: str
    ) -> None:
        """The case of letters makes no difference."""
        zoe, *others = declared
        save(world, [{**zoe, column: zoe[column].upper()}, *others])
        world.run(*RUN).ended(0, before=5, created=1)


class TestSomebodyWhoStandsInTheListTwice:
    """The second row has no detail of its own, and a first name is corrected in it."""

    @pytest.mark.parametrize("both", [False, True], ids=["one row", "both rows"])
    @pytest.mark.parametrize("with_id", [False, True], ids=["no id", "id"])
    def test_and_whose_first_name_is_corrected(
        self, world: World, *, both: bool, with_id: bool
    ) -> None:
        """Two records of one name have the address: it is that of one person."""
        people = [{**row, "Ref": f"C-{number}"} for number, row in enumerate(everybody(6))]
        second = {**people[2], "Tel": ""}
        begin(world, [*people, second], fields=FIELDS + 'external_ref = "Ref"\n' * with_id)
        if both:
            people[2] = {**people[2], "First": "Cydd"}
        save(world, [*people, {**second, "First": "Cydd"}])
        run = world.run(*RUN)
        assert len(world.crm.records) == 7 or run.exit_code == 6, run.told()


class TestAnOlderCopyThatWasRecovered:
    """
    The backup is put back, and completed by `recover`; a row had changed, and was dealt with.

    `copy`: the results file is lost, that of before the change, or the one of after it.
    """

    def recovered(self, world: World, copy: str, older: str) -> None:
        if copy == "lost":
            world.delete(RESULTS)
        else:
            world.write(RESULTS, older if copy == "before" else world.read(RESULTS))
        code, told, _ = world.command(
            "recover", RESULTS, "people.success.csv", "--mapping", "mapping.toml"
        )
        assert code in {0, 2}, told

    @pytest.fixture
    def people(self, world: World) -> tuple[list[Row], str]:
        """Ada has another number, which was told and dealt with."""
        people = everybody(6)
        begin(world, people)
        older = world.read(RESULTS)
        people[0] = renumbered(people[0])
        save(world, people)
        world.run(*RUN).ended(6, before=5, changed=1)
        world.acknowledge()
        world.run(*RUN).ended(0, before=6)
        return people, older

    @pytest.mark.parametrize("copy", ["lost", "before", "after"])
    def test_who_marries_is_asked_about(
        self, world: World, people: tuple[list[Row], str], copy: str
    ) -> None:
        rows, older = people
        self.recovered(world, copy, older)
        save(world, [married(rows[0]), *rows[1:]])
        world.run(*RUN).ended(6, before=5, possible_duplicate=1)
        assert len(world.crm.records) == 6

    @pytest.mark.parametrize("copy", ["lost", "before", "after"])
    def test_a_number_written_otherwise_is_no_change(
        self, world: World, people: tuple[list[Row], str], copy: str
    ) -> None:
        """The change was dealt with, and no run reports it again."""
        rows, older = people
        self.recovered(world, copy, older)
        save(world, [{**rows[0], "Tel": "+971" + rows[0]["Tel"][1:]}, *rows[1:]])
        world.run(*RUN).ended(0, before=6)

    @pytest.mark.parametrize("copy", ["lost", "before", "after"])
    def test_the_next_change_is_a_change(
        self, world: World, people: tuple[list[Row], str], copy: str
    ) -> None:
        """It is certain: the name and the new number agree."""
        rows, older = people
        self.recovered(world, copy, older)
        save(world, [moved(rows[0]), *rows[1:]])
        world.run(*RUN).ended(6, before=5, changed=1)
        world.run(*RUN).ended(0, before=6)

    @pytest.mark.parametrize("copy", ["lost", "before", "after"])
    def test_who_was_the_same_and_whose_first_name_is_corrected(
        self, world: World, copy: str
    ) -> None:
        rows = everybody(6)
        begin(world, rows, fields=NAME + TEL)
        older = world.read(RESULTS)
        rows[0] = renumbered(rows[0])
        save(world, rows)
        world.run(*RUN).ended(6, before=5, possible_duplicate=1)
        world.acknowledge("--same", "all")
        world.run(*RUN).ended(0, before=6)
        self.recovered(world, copy, older)
        save(world, [{**rows[0], "First": "Adda"}, *rows[1:]])
        world.run(*RUN).ended(6, before=5, possible_duplicate=1)
        assert len(world.crm.records) == 6


class TestSomebodyWhoComesBesideTheirOwnRow:
    """A second row of one person, or a namesake: it is sent, as on the first day, and told."""

    TOLD = "1 new row is like another row that has a record"

    @pytest.mark.parametrize("second", [{"Mail": ""}, {"Last": "Other"}])
    def test_is_told_by_check_and_run(self, world: World, second: Row) -> None:
        people = everybody(6)
        begin(world, people)
        save(world, [*people, {**people[0], **second}])
        assert self.TOLD in world.command("check", *RUN)[1]
        run = world.run(*RUN).ended(0, before=6, created=1)
        assert any(one.startswith(self.TOLD) for one in run.report["notices"])

    def test_is_told_once(self, world: World) -> None:
        people = everybody(6)
        begin(world, people)
        save(world, [*people, {**people[0], "Mail": ""}])
        world.run(*RUN).ended(0, before=6, created=1)
        run = world.run(*RUN).ended(0, before=7)
        assert not any("two records" in one for one in run.report["notices"])

    def test_is_no_relative(self, world: World) -> None:
        people = everybody(6)
        begin(world, people)
        save(world, [*people, {**person(7), "Tel": people[0]["Tel"]}])
        run = world.run(*RUN).ended(0, before=6, created=1)
        assert not any("two records" in one for one in run.report["notices"])


class TestACopyOfWhomSomebodySaidThatTheyAreTheSame:
    def test_is_a_copy_though_another_row_may_have_the_record(self, world: World) -> None:
        """One of three equal rows marries: the same command, run again, asks and makes nobody."""
        people = [{**row, "Ref": f"C-{number}"} for number, row in enumerate(everybody(4))]
        begin(world, people, fields=FIELDS + 'external_ref = "Ref"\n')
        ada = {**people[0], "First": "Adaz"}
        save(world, [ada, *people[1:]])
        world.run(*RUN).ended(6, before=3, possible_duplicate=1)
        vip = {**ada, "Exported": "vip"}
        others = [ada, vip, {**vip, "Tel": "0537700149"}, *people[1:]]
        save(world, [ada, *others])
        world.run(*RUN).ended(6, before=3, duplicate=2, possible_duplicate=2)
        for row in world.possible_duplicates():
            world.acknowledge("--same", row["vorel_ref"])
        save(world, [married(ada), *others])
        world.run(*RUN).ended(6, before=5, duplicate=1, possible_duplicate=1)
        world.run(*RUN).ended(6, before=6, possible_duplicate=1)
        assert len(world.crm.records) == 4
