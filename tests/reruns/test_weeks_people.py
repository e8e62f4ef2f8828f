"""People marry, move and get new phones, and spreadsheets bend them: nobody is there twice."""

from __future__ import annotations

from random import Random

import pytest
from effort import NIGHTLY
from referee import World
from referee.weeks import (
    FIELDS,
    MAIL,
    NAME,
    RESULTS,
    RUN,
    TEL,
    Row,
    begin,
    everybody,
    maps,
    married,
    moved,
    person,
    renumbered,
    save,
)

REF = 'external_ref = "Ref"\n'


class TestManyHaveChangedBefore:
    """However many others have a new phone, the next one who marries is known by the old one."""

    @pytest.mark.parametrize(
        ("others", "acknowledged"),
        [
            *((count, False) for count in (range(1, 21) if NIGHTLY else (1, 9, 20))),
            *((count, True) for count in ((1, 9, 10, 20) if NIGHTLY else (10,))),
        ],
    )
    def test_who_marries_and_gets_a_new_address(
        self, world: World, others: int, *, acknowledged: bool
    ) -> None:
        people = everybody(20)
        begin(world, people)
        people[-others:] = map(renumbered, people[-others:])
        save(world, people)
        world.run(*RUN).ended(6, before=20 - others, changed=others)
        if acknowledged:
            world.acknowledge()
        save(world, [married(people[0]), *people[1:]])
        world.run(*RUN).ended(6, before=19, possible_duplicate=1)
        assert len(world.crm.records) == 20

    @pytest.mark.parametrize("others", [9, 10, 20])
    def test_who_gets_a_new_address(self, world: World, others: int) -> None:
        people = everybody(20)
        begin(world, people)
        people[-others:] = map(renumbered, people[-others:])
        save(world, people)
        world.run(*RUN).ended(6, before=20 - others, changed=others)
        save(world, [moved(people[0]), *people[1:]])
        world.run(*RUN).ended(6, before=19, changed=1)
        assert len(world.crm.records) == 20

    @pytest.mark.parametrize("others", [5, 10, 19])
    def test_who_was_changed_and_whose_unmapped_column_differs(
        self, world: World, others: int
    ) -> None:
        people = everybody(20)
        begin(world, people)
        people[0] = married(people[0])
        save(world, people)
        world.run(*RUN).ended(6, before=19, possible_duplicate=1)
        world.acknowledge("--same", "all")
        people[-others:] = map(renumbered, people[-others:])
        save(world, [{**row, "Exported": "tuesday"} for row in people])
        world.run(*RUN).ended(6, before=20 - others, changed=others)
        assert len(world.crm.records) == 20

    @pytest.mark.parametrize("others", [5, 10, 19])
    def test_who_has_moved_and_whose_unmapped_column_differs(
        self, world: World, others: int
    ) -> None:
        people = everybody(20)
        begin(world, people)
        people[0] = moved(people[0])
        save(world, people)
        world.run(*RUN).ended(6, before=19, changed=1)
        people[-others:] = map(renumbered, people[-others:])
        save(world, [{**row, "Exported": "tuesday"} for row in people])
        world.run(*RUN).ended(6, before=20 - others, changed=others)
        assert len(world.crm.records) == 20


class TestASpreadsheetProgramHasSavedTheList:
    def test_phones_lost_a_zero_and_names_their_letters(self, world: World) -> None:
        people = [{**row, "Last": f"{row['Last']}é"} for row in everybody(20)]
        begin(world, people, fields=f'{NAME}{MAIL}phone = "Tel"\n')
        save(world, [{**bent(row), "Tel": row["Tel"].removeprefix("0")} for row in people])
        world.run(*RUN).knew(20)
        assert len(world.crm.records) == 20

    def test_phones_lost_a_zero_where_a_region_is_mapped(self, world: World) -> None:
        people = everybody(20)
        begin(world, people)
        save(world, [{**row, "Tel": row["Tel"].removeprefix("0")} for row in people])
        world.run(*RUN).ended(0, before=20)

    def test_phones_were_cut(self, world: World) -> None:
        people = everybody(20)
        begin(world, people)
        save(world, [{**bent(row), "Tel": "9.7E+11"} for row in people])
        world.run(*RUN).left_to_somebody()
        assert len(world.crm.records) == 20

    @pytest.mark.parametrize("mended", [False, True], ids=["as it is", "once it is mended"])
    def test_and_then_somebody_marries(self, world: World, *, mended: bool) -> None:
        people = [{**row, "Last": f"{row['Last']}é"} for row in everybody(20)]
        begin(world, people)
        resaved = [bent(renumbered(row)) for row in people]
        save(world, resaved)
        world.run(*RUN).knew(20)
        today = people if mended else resaved
        save(world, [married(today[0]), *today[1:]])
        world.run(*RUN).ended(6, before=19, possible_duplicate=1)
        assert len(world.crm.records) == 20

    def test_the_changed_file_without_its_own_columns(self, world: World) -> None:
        people = everybody(20)
        begin(world, people)
        save(world, [*map(moved, people[:12]), *people[12:]])
        world.run(*RUN).ended(6, before=8, changed=12)
        rows = [
            {name: value for name, value in row.items() if not name.startswith("vorel_")}
            for row in world.rows("people.changed.csv")
        ]
        assert len(rows) == 12
        save(world, [{**row, "Tel": row["Tel"].removeprefix("0")} for row in rows], "saved.csv")
        world.run("saved.csv", *RUN[1:], "--results", RESULTS).knew(12)
        assert len(world.crm.records) == 20


class TestAllAddressesGetAnotherDomain:
    @pytest.mark.parametrize("count", [1, 14, 16, 30])
    def test_of_a_list_of_names_and_addresses(self, world: World, count: int) -> None:
        """The whole name is all that is left; the rest of the list says that it is the same one."""
        people = everybody(30)
        begin(world, people, fields=NAME + MAIL)
        save(world, [*map(moved, people[:count]), *people[count:]])
        world.run(*RUN).ended(6, before=30 - count, possible_duplicate=count)
        assert len(world.crm.records) == 30

    @pytest.mark.parametrize("count", [14, 16, 30])
    def test_of_a_list_with_phones(self, world: World, count: int) -> None:
        people = everybody(30)
        begin(world, people)
        save(world, [*map(moved, people[:count]), *people[count:]])
        world.run(*RUN).ended(6, before=30 - count, changed=count)
        assert len(world.crm.records) == 30

    def test_in_an_export_of_changes_a_namesake_is_a_namesake(self, world: World) -> None:
        """Of the names and addresses that are new today one name was there before."""
        begin(world, everybody(10), fields=NAME + MAIL)
        save(world, [moved(person(0)), *map(person, range(10, 16))])
        world.run(*RUN).ended(0, created=7)


class TestChangesAddUp:
    """Yesterday's version of a row is known as well as the first one."""

    @pytest.mark.parametrize("settled", [False, True], ids=["undecided", "decided"])
    def test_an_address_and_then_a_name(self, world: World, *, settled: bool) -> None:
        people = everybody(6)
        begin(world, people, fields=NAME + MAIL)
        second = moved(people[0])
        save(world, [second, *people[1:]])
        world.run(*RUN).ended(6, before=5, possible_duplicate=1)
        if settled:
            world.acknowledge("--same", "all")
        save(world, [{**second, "Last": "Marin"}, *people[1:]])
        world.run(*RUN).knew(6)
        assert len(world.crm.records) == 6

    @pytest.mark.parametrize("settled", [False, True], ids=["told", "acknowledged"])
    @pytest.mark.parametrize("day", ["monday", "tuesday"], ids=["", "unmapped column differs"])
    def test_an_address_a_phone_and_a_name(self, world: World, day: str, *, settled: bool) -> None:
        people = everybody(6)
        begin(world, people)
        third = renumbered(moved(people[0]))
        for version in (moved(people[0]), third, {**third, "Last": "Marin"}):
            save(world, [{**row, "Exported": day} for row in (version, *people[1:])])
            world.run(*RUN).ended(6, before=5, changed=1)
            line = world.outcomes(RESULTS)[1]
            assert line["external_id"] == world.crm.of("Ada")[0].record
            if settled:
                world.acknowledge()
        assert len(world.crm.records) == 6

    def test_with_an_id_that_stays(self, world: World) -> None:
        people = [{**row, "Ref": f"C-{number}"} for number, row in enumerate(everybody(6))]
        begin(world, people, fields=NAME + MAIL + REF)
        for version in (moved(people[0]), {**moved(people[0]), "Last": "Marin"}):
            save(world, [version, *people[1:]])
            world.run(*RUN).ended(6, before=5, changed=1)
        save(world, [{**person(30, "Zoe", "Vidal"), "Ref": "C-0"}, *people[1:]])
        world.run(*RUN).ended(6, before=5, possible_duplicate=1)
        assert len(world.crm.records) == 6

    def test_a_row_goes_back_to_what_it_was(self, world: World) -> None:
        people = everybody(6)
        begin(world, people)
        second = moved(people[0])
        third = renumbered(second)
        for version in (second, third):
            save(world, [version, *people[1:]])
            world.run(*RUN).ended(6, before=5, changed=1)
        for version in (people[0], second, third):
            save(world, [version, *people[1:]])
            world.run(*RUN).ended(0, before=6)
        assert len(world.crm.records) == 6

    @pytest.mark.parametrize("acknowledged", [0.0, 0.5], ids=["told", "acknowledged now and then"])
    def test_four_of_forty_change_each_week(self, world: World, acknowledged: float) -> None:
        chance = Random(20)
        people = everybody(40)
        begin(world, people)
        for week in range(20 if NIGHTLY else 6):
            for number in chance.sample(range(40), 4):
                people[number] = {**people[number], **one_value(chance, week, number)}
            save(world, people)
            world.run(*RUN).ended(6, before=36, changed=4)
            if chance.random() < acknowledged:
                world.acknowledge()
        assert len(world.crm.records) == 40


class TestAFirstMappingThatWasTooPoor:
    """It sent what many have in common, so whom it takes for a record may be a successor."""

    PEOPLE = (person(0, "Anna", "Adler"), person(1), person(2))
    SUCCESSOR = person(3, "Anna", "Berger")

    def test_hides_no_successor(self, world: World) -> None:
        begin(world, self.PEOPLE, fields='first_name = "First"\n')
        maps(world)
        save(world, [self.SUCCESSOR, *self.PEOPLE[1:]])
        for _ in range(2):
            world.run(*RUN).ended(6, before=2, possible_duplicate=1)
        world.acknowledge("--new", "all")
        world.run(*RUN).ended(0, before=2, created=1)
        world.settled(Anna=2, Bo=1, Cyd=1)

    def test_hides_nobody_beside_the_row_that_it_sent(self, world: World) -> None:
        begin(world, self.PEOPLE, fields='first_name = "First"\n')
        maps(world)
        save(world, [self.SUCCESSOR, *self.PEOPLE])
        world.run(*RUN).ended(0, before=3, created=1)
        world.settled(Anna=2, Bo=1, Cyd=1)

    def test_hides_no_successor_at_the_same_firm(self, world: World) -> None:
        firms = [{**row, "Firm": f"Firm {row['Last']}"} for row in self.PEOPLE]
        begin(world, firms, fields=f'company = "Firm"\n{TEL}')
        maps(world, f'company = "Firm"\n{FIELDS}')
        successor = {**person(3, "Olaf", "Quist"), "Tel": firms[0]["Tel"], "Firm": "Firm Adler"}
        save(world, [successor, *firms[1:]])
        run = world.run(*RUN)
        assert run.exit_code == 6 or world.crm.of("Olaf"), run.told()

    def test_knows_the_rows_that_it_sent(self, world: World) -> None:
        begin(world, self.PEOPLE, fields='first_name = "First"\n')
        maps(world)
        world.run(*RUN).ended(0, before=3)


class TestColumnsChange:
    def test_a_column_of_running_numbers_is_counted_anew(self, world: World) -> None:
        """`map` has seen that they say nothing of who it is."""
        save(world, numbered(everybody(14)))
        code, mapping, told = world.command("map", "people.csv", "--object", "contact")
        assert code in {0, 1}, told
        world.write("mapping.toml", mapping)
        world.run(*RUN).ended(0, created=14)
        save(world, numbered([person(20), *everybody(14)]))
        world.run(*RUN).ended(6, changed=14, created=1)

    @pytest.mark.parametrize("day", ["monday", "tuesday"], ids=["", "unmapped column differs"])
    def test_first_and_last_name_become_one_column(self, world: World, day: str) -> None:
        people = everybody(14)
        begin(world, people)
        maps(world, f'name = "Name"\n{MAIL}{TEL}')
        save(
            world,
            [
                {
                    "Name": f"{row['First']} {row['Last']}",
                    "Mail": row["Mail"],
                    "Tel": row["Tel"],
                    "Exported": day,
                }
                for row in people
            ],
        )
        world.run(*RUN).ended(0, before=14)
        assert len(world.crm.records) == 14

    def test_an_unmapped_column_gets_another_name(self, world: World) -> None:
        people = everybody(14)
        begin(world, people)
        save(world, [{"Saved": row.pop("Exported"), **row} for row in map(person, range(14))])
        world.run(*RUN).ended(0, before=14)


def bent(row: Row) -> Row:
    """Return a row whose letters were read in another encoding than they were written in."""
    return {name: value.encode().decode("windows-1252") for name, value in row.items()}


def one_value(chance: Random, week: int, number: int) -> Row:
    """Return a new value for a family name, an address or a phone."""
    return chance.choice(
        [
            {"Last": f"Family{'abcdefghijklmnopqrst'[week]}{number}"},
            {"Mail": f"w{week}.n{number}@example.com"},
            {"Tel": f"0502{week:02}{number:04}"},
        ]
    )


def numbered(rows: list[Row]) -> list[Row]:
    return [
        {
            "ID": f"{number}",
            "First Name": row["First"],
            "Last Name": row["Last"],
            "Email": row["Mail"],
        }
        for number, row in enumerate(rows, 1)
    ]
