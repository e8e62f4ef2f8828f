"""Colleagues, relatives and customers who ask again: they share much, and each is a row."""

from __future__ import annotations

import pytest
from referee import World
from referee.weeks import (
    MAIL,
    NAME,
    RUN,
    TEL,
    Row,
    begin,
    everybody,
    maps,
    person,
    renumbered,
    save,
)

FIRST = ("Mohammed", "Ali", "Ahmed", "Fatima", "Omar")
LAST = ("Hassan", "Malik", "Haddad", "Khoury")
SWITCHBOARD = {"Mail": "info@firm.example", "Tel": "042223344", "Firm": "Nour Trading"}
FIRM = 'company = "Firm"\n'


def colleagues() -> list[Row]:
    """Return twenty people with one address and one phone; each name is shared, none is twice."""
    names = [(first, last) for last in LAST for first in FIRST]
    return [{**person(0, first, last), **SWITCHBOARD} for first, last in names]


def family(*first: str) -> list[Row]:
    return [
        {**person(number, name, "Lind"), "Tel": "0501234567"} for number, name in enumerate(first)
    ]


def made(world: World, name: str) -> int:
    """Count the records with this whole name."""
    return sum(
        f"{one.fields['first_name']} {one.fields['last_name']}" == name
        for one in world.crm.records.values()
    )


class TestColleagues:
    FIELDS = NAME + MAIL + TEL + FIRM

    @pytest.mark.parametrize("known", [1, 7, 19])
    def test_join_those_whose_rows_stand_in_the_list(self, world: World, known: int) -> None:
        people = colleagues()
        begin(world, people[:known], fields=self.FIELDS)
        save(world, people)
        world.run(*RUN).ended(0, before=known, created=20 - known)
        world.run(*RUN).ended(0, before=20)
        assert len(world.crm.records) == 20

    def test_join_while_an_unmapped_column_differs(self, world: World) -> None:
        people = colleagues()
        begin(world, people[:7], fields=self.FIELDS)
        save(world, [{**row, "Exported": "tuesday"} for row in people])
        world.run(*RUN).ended(0, before=7, created=13)

    def test_join_above_and_between(self, world: World) -> None:
        people = colleagues()
        begin(world, people[7:14], fields=self.FIELDS)
        save(world, people)
        world.run(*RUN).ended(0, before=7, created=13)

    def test_who_have_no_names_join(self, world: World) -> None:
        titles = "abcdefghijklm"
        rows = [{"Title": f"clerk {one}", **SWITCHBOARD} for one in titles]
        fields = f'job_title = "Title"\n{MAIL}{TEL}{FIRM}'
        begin(world, rows[:3], fields=fields)
        save(world, rows)
        world.run(*RUN).ended(0, before=3, created=10)

    def test_one_leaves_and_another_joins(self, world: World) -> None:
        """All they have in common is what the others have, too."""
        people = colleagues()[:4]
        begin(world, people, fields=self.FIELDS)
        save(world, [{**people[0], "First": "Zaid", "Last": "Nader"}, *people[1:]])
        world.run(*RUN).ended(0, before=3, created=1)

    def test_one_leaves_and_one_with_the_first_name_joins(self, world: World) -> None:
        people = colleagues()[:4]
        begin(world, people, fields=self.FIELDS)
        save(world, [{**people[0], "Last": "Nader"}, *people[1:]])
        world.run(*RUN).ended(6, before=3, possible_duplicate=1)
        world.acknowledge("--new", "all")
        world.run(*RUN).ended(0, before=3, created=1)
        assert made(world, "Mohammed Nader") == 1

    def test_one_gets_an_address_of_her_own(self, world: World) -> None:
        people = colleagues()
        begin(world, people, fields=self.FIELDS)
        save(world, [{**people[3], "Mail": "fatima@firm.example"}, *people[:3], *people[4:]])
        world.run(*RUN).ended(6, before=19, changed=1)
        assert made(world, "Fatima Hassan") == 1


class TestAFamilyWithOnePhone:
    def test_gets_one_more(self, world: World) -> None:
        people = family("Ada", "Bo")
        begin(world, people)
        save(world, family("Ada", "Bo", "Cyd"))
        world.run(*RUN).ended(0, before=2, created=1)
        world.settled(Ada=1, Bo=1, Cyd=1)

    def test_of_which_each_is_on_the_list_from_the_start(self, world: World) -> None:
        begin(world, family("Ada", "Bo", "Cyd", "Dan"))
        world.settled(Ada=1, Bo=1, Cyd=1, Dan=1)

    def test_in_which_one_gets_a_phone_of_her_own(self, world: World) -> None:
        people = family("Ada", "Bo", "Cyd")
        begin(world, people)
        save(world, [{**people[0], "Tel": "0507654321"}, *people[1:]])
        world.run(*RUN).ended(6, before=2, changed=1)
        world.holds(Ada=1, Bo=1, Cyd=1)

    def test_of_whom_one_leaves_the_list_and_another_comes(self, world: World) -> None:
        people = family("Ada", "Bo", "Cyd", "Dan")
        begin(world, people[:3])
        save(world, people[1:])
        world.run(*RUN).ended(0, before=2, created=1)
        world.settled(Ada=1, Bo=1, Cyd=1, Dan=1)

    def test_whose_only_one_on_the_list_is_another_one_now(self, world: World) -> None:
        """Nobody else has that phone, so it may be the same person."""
        ada, bo = family("Ada", "Bo")
        others = everybody(8)[4:]
        begin(world, [ada, *others])
        save(world, [bo, *others])
        for _ in range(2):
            world.run(*RUN).ended(6, before=4, possible_duplicate=1)

    def test_of_twins_with_one_address_and_one_birthday(self, world: World) -> None:
        born = 'birthday = { column = "Born", type = "date" }\n'
        twins = [
            {**row, "Mail": "lind@example.com", "Born": "2001-02-03"} for row in family("Ada", "Bo")
        ]
        begin(world, twins[:1], fields=NAME + MAIL + TEL + born)
        save(world, twins)
        world.run(*RUN).ended(0, before=1, created=1)
        world.settled(Ada=1, Bo=1)

    def test_of_a_father_and_a_son_of_one_name(self, world: World) -> None:
        """Both stand in the list: two rows that differ are two people."""
        father, son = family("Ada", "Ada")
        son = {**son, "Mail": "son@example.com"}
        begin(world, [father])
        save(world, [father, son])
        world.run(*RUN).ended(0, before=1, created=1)
        world.settled(Ada=2)


class TestCustomersWhoAskAgain:
    FIELDS = f'name = "Name"\n{MAIL}{TEL}intent = "Wants"\n'

    def enquiry(self, number: int, wants: str) -> Row:
        row = person(number)
        return {
            "Name": f"{row['First']} {row['Last']}",
            "Mail": row["Mail"],
            "Tel": row["Tel"],
            "Wants": wants,
        }

    def first(self, world: World) -> list[Row]:
        rows = [self.enquiry(number, "a flat") for number in range(20)]
        maps(world, self.FIELDS, object_="lead")
        save(world, rows)
        world.run(*RUN).ended(0, created=20)
        return rows

    def test_have_a_second_record_while_the_first_row_stands(self, world: World) -> None:
        rows = self.first(world)
        rows += [self.enquiry(number, "a villa") for number in range(6)]
        save(world, rows)
        world.run(*RUN).ended(0, before=20, created=6)
        world.run(*RUN).ended(0, before=26)
        assert len(world.crm.records) == 26

    def test_have_as_many_records_as_at_once(self, world: World) -> None:
        rows = [self.enquiry(number, "a flat") for number in range(6)]
        rows += [self.enquiry(number, "a villa") for number in range(6)]
        maps(world, self.FIELDS, object_="lead")
        save(world, rows)
        world.run(*RUN).ended(0, created=12)
        world.run(*RUN).ended(0, before=12)

    def test_are_told_where_the_list_has_only_the_second_enquiry(self, world: World) -> None:
        self.first(world)
        save(world, [self.enquiry(number, "a villa") for number in range(6)])
        world.run(*RUN).ended(6, changed=6)
        assert len(world.crm.records) == 20


class TestAnAddressBookWithTwoRowsAPerson:
    FIELDS = f'{NAME}{MAIL}notes = "Note"\n'

    def rows(self) -> list[Row]:
        people = everybody(6)
        return [{**row, "Note": note} for note in ("home", "office") for row in people]

    def test_has_a_record_for_each_row(self, world: World) -> None:
        begin(world, self.rows(), fields=self.FIELDS)
        for _ in range(2):
            world.run(*RUN).ended(0, before=12)

    def test_gets_a_third_row_of_a_person(self, world: World) -> None:
        rows = self.rows()
        begin(world, rows, fields=self.FIELDS)
        save(world, [*rows, {**rows[0], "Note": "boat"}])
        world.run(*RUN).ended(0, before=12, created=1)

    def test_has_an_edited_row(self, world: World) -> None:
        rows = self.rows()
        begin(world, rows, fields=self.FIELDS)
        save(world, [{**rows[0], "Note": "home, evenings"}, *rows[1:]])
        world.run(*RUN).ended(6, before=11, changed=1)
        [home] = [one for one in world.crm.of("Ada") if one.fields["notes"] == "home"]
        assert world.outcomes("people.results.jsonl")[1]["external_id"] == home.record

    @pytest.mark.parametrize("limit", [1, 5, 6, 7, 11])
    def test_begins_with_a_pilot(self, world: World, limit: int) -> None:
        maps(world, self.FIELDS)
        save(world, self.rows())
        world.run(*RUN, "--limit", f"{limit}")
        world.run(*RUN).ended(0, before=limit, created=12 - limit)
        world.run(*RUN).ended(0, before=12)

    def test_begins_with_a_pilot_and_gets_a_row(self, world: World) -> None:
        maps(world, self.FIELDS)
        rows = self.rows()
        save(world, rows)
        world.run(*RUN, "--limit", "5")
        save(world, [{**rows[0], "Note": "boat"}, *rows[::-1]])
        world.run(*RUN).ended(0, before=5, created=8)
        assert len(world.crm.records) == 13


class TestNamesakes:
    def test_with_other_details_are_two(self, world: World) -> None:
        people = everybody(4)
        begin(world, people)
        namesake = renumbered({**people[0], "Mail": "another@other.example"})
        save(world, [*people, namesake])
        world.run(*RUN).ended(0, before=4, created=1)
        world.settled(Ada=2, Bo=1, Cyd=1, Dina=1)

    def test_of_whom_one_changes(self, world: World) -> None:
        people = everybody(4)
        namesake = renumbered({**people[0], "Mail": "another@other.example"})
        begin(world, [*people, namesake])
        save(world, [*people, {**namesake, "Mail": "third@other.example"}])
        world.run(*RUN).ended(6, before=4, changed=1)
        [second] = [one for one in world.crm.of("Ada") if "another" in one.fields["email"]]
        assert world.outcomes("people.results.jsonl")[5]["external_id"] == second.record

    def test_of_whom_both_change(self, world: World) -> None:
        people = everybody(4)
        namesake = renumbered({**people[0], "Mail": "another@other.example"})
        begin(world, [*people, namesake])
        first, second = ({**one, "Mail": f"new.{one['Mail']}"} for one in (people[0], namesake))
        save(world, [second, *people[1:], first])
        world.run(*RUN).ended(6, before=3, changed=2)
        by_tel = {one.fields["phone"][-9:]: one.record for one in world.crm.of("Ada")}
        lines = world.outcomes("people.results.jsonl")
        assert lines[1]["external_id"] == by_tel[second["Tel"][1:]]
        assert lines[5]["external_id"] == by_tel[first["Tel"][1:]]


class TestPeopleWithoutContactDetails:
    FIELDS = f'{NAME}notes = "Note"\n'

    def rows(self) -> list[Row]:
        return [{**row, "Note": "a"} for row in everybody(4)]

    def test_are_known_by_the_whole_name(self, world: World) -> None:
        rows = self.rows()
        begin(world, rows, fields=self.FIELDS)
        save(world, [{**rows[0], "Note": "b"}, *rows[1:]])
        world.run(*RUN).ended(6, before=3, changed=1)

    def test_are_two_where_both_stand_in_the_list(self, world: World) -> None:
        rows = self.rows()
        begin(world, rows, fields=self.FIELDS)
        save(world, [{**rows[0], "Note": "b"}, *rows])
        world.run(*RUN).ended(0, before=4, created=1)

    def test_get_an_address(self, world: World) -> None:
        """Half of the list says that it is the same one, and the whole name is all there is."""
        rows = [{**row, "Mail": ""} for row in self.rows()]
        begin(world, rows, fields=self.FIELDS + MAIL)
        save(world, [{**rows[0], "Mail": "ada@example.com"}, *rows[1:]])
        world.run(*RUN).ended(6, before=3, possible_duplicate=1)
