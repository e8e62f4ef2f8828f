"""An identity says which rows are one, and is not believed where everything else says otherwise."""

from __future__ import annotations

import pytest
from referee import World
from referee.weeks import (
    FIELDS,
    MAIL,
    NAME,
    RESULTS,
    RUN,
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
WITH_REF = FIELDS + REF
IDENTITIES: dict[str, tuple[str, ...]] = {
    "none": (),
    "address": ("email",),
    "phone": ("phone",),
}


def numbered(rows: list[Row], start: int = 1) -> list[Row]:
    return [{**row, "Ref": f"{number}"} for number, row in enumerate(rows, start)]


def ids(rows: list[Row]) -> list[Row]:
    """Return the rows with ids of thirteen digits."""
    return [{**row, "Ref": f"12345670{number:05}"} for number, row in enumerate(rows)]


class TestIdsThatASpreadsheetHasCut:
    @pytest.mark.parametrize("identity", [(), ("external_ref",)], ids=["mapped", "identity"])
    @pytest.mark.parametrize("cut", ["1.23457E+12", "1,23457E+12", "1.23457e+12"])
    def test_are_refused(self, world: World, cut: str, identity: tuple[str, ...]) -> None:
        maps(world, WITH_REF, identity=identity)
        save(world, [{**row, "Ref": cut} for row in everybody(4)])
        run = world.run(*RUN).ended(1, invalid=4)
        assert "E+12" in run.stdout + run.stderr or "e+12" in run.stdout + run.stderr
        assert run.requests == 0

    def test_are_refused_in_the_next_list_with_somebody_new_in_it(self, world: World) -> None:
        people = ids(everybody(5))
        begin(world, people[:4], "external_ref", fields=WITH_REF)
        save(world, [{**row, "Ref": "1.23457E+12"} for row in people])
        world.run(*RUN).left_to_somebody()
        save(world, people)
        world.run(*RUN).ended(0, before=4, created=1)
        assert len(world.crm.records) == 5

    def test_are_refused_and_others_are_not(self, world: World) -> None:
        people = ids(everybody(4))
        maps(world, WITH_REF, identity=("external_ref",))
        save(world, [*people[:3], {**people[3], "Ref": "1.23457E+12"}])
        world.run(*RUN).ended(1, created=3, invalid=1)

    def test_an_id_with_letters_that_looks_alike_is_an_id(self, world: World) -> None:
        maps(world, WITH_REF, identity=("external_ref",))
        save(world, [{**person(0), "Ref": "12E4"}, {**person(1), "Ref": "E+12"}])
        world.run(*RUN).ended(0, created=2)


class TestTheSameIdentityInOneList:
    COUPLE = (
        {**person(0, "Ada", "Lind"), "Mail": "lind@example.com"},
        {**person(1, "Bo", "Lind"), "Mail": "lind@example.com"},
    )

    def couple(self, world: World) -> None:
        maps(world, identity=("email",))
        save(world, [*self.COUPLE, person(2), person(3)])
        world.run(*RUN).ended(6, created=3, possible_duplicate=1)

    def test_and_another_name_may_be_somebody_else(self, world: World) -> None:
        self.couple(world)
        for _ in range(2):
            world.run(*RUN).ended(6, before=3, possible_duplicate=1)
        world.holds(Ada=1, Cyd=1, Dina=1)

    def test_and_another_name_is_sent_once_somebody_says_so(self, world: World) -> None:
        self.couple(world)
        world.acknowledge("--new", "all")
        world.run(*RUN).ended(0, before=3, created=1)
        world.run(*RUN).ended(0, before=4)
        world.settled(Ada=1, Bo=1, Cyd=1, Dina=1)

    def test_and_another_name_is_never_sent_by_the_flag_for_changes(self, world: World) -> None:
        self.couple(world)
        world.run(*RUN, "--on-change", "send").ended(6, before=3, possible_duplicate=1)

    @pytest.mark.parametrize("differs", [False, True], ids=["in an unmapped value", "in a value"])
    def test_and_the_whole_name_is_one_record(self, world: World, *, differs: bool) -> None:
        people = everybody(4)
        other = {**people[0], "Exported": "tuesday"}
        maps(world, identity=("email",))
        save(world, [*people, renumbered(other) if differs else other])
        world.run(*RUN).ended(0, created=4, duplicate=1)
        line = world.outcomes(RESULTS)[5]
        assert (line["status"], line["duplicate_of"]) == ("duplicate", 1)
        assert line["external_id"] == world.crm.of("Ada")[0].record
        assert bool(line.get("differs")) is differs
        world.settled(Ada=1, Bo=1, Cyd=1, Dina=1)

    def test_is_nobodys_own_once_two_records_have_it(self, world: World) -> None:
        """A namesake joins the firm as somebody there marries: neither gets the other's record."""
        firm = {"Firm": "Lind Trading"}
        ada, bo, other = ({**one, **firm} for one in (person(0), person(1), person(2)))
        send = (*RUN, "--on-duplicate", "send")
        maps(world, NAME + MAIL + 'company = "Firm"\n', identity=("company",))
        save(world, [ada, bo])
        world.run(*send).ended(0, created=2)
        same_name = {**other, "First": ada["First"], "Last": ada["Last"]}
        save(world, [{**ada, "Last": "Quist"}, same_name, bo])
        world.run(*send).ended(6, before=1, created=1, possible_duplicate=1)
        [asked] = world.possible_duplicates()
        assert asked["Last"] == "Quist"
        assert asked["vorel_external_id"] == world.crm.of(ada["First"])[0].record

    def test_and_the_whole_name_is_one_record_whose_other_values_are_named(
        self, world: World
    ) -> None:
        people = everybody(4)
        maps(world, identity=("email",))
        save(world, [*people, renumbered(people[0])])
        run = world.run(*RUN).ended(0, created=4, duplicate=1)
        assert "Tel" in run.stderr, run.told()


class TestIdsThatContradictTheNames:
    def test_two_branches_count_from_one(self, world: World) -> None:
        people = everybody(40)
        maps(world, WITH_REF, identity=("external_ref",))
        save(world, numbered(people[:20]) + numbered(people[20:]))
        run = world.run(*RUN).refused()
        assert "leave the identity out" in run.stderr, run.told()
        assert not world.crm.records

    def test_the_second_branch_comes_a_week_later(self, world: World) -> None:
        people = everybody(40)
        maps(world, WITH_REF, identity=("external_ref",))
        save(world, numbered(people[:20]))
        world.run(*RUN).ended(0, created=20)
        save(world, numbered(people[:19:-1]))
        world.run(*RUN).refused()
        assert len(world.crm.records) == 20

    def test_ids_are_counted_anew(self, world: World) -> None:
        people = everybody(20)
        maps(world, WITH_REF, identity=("external_ref",))
        save(world, numbered(people))
        world.run(*RUN).ended(0, created=20)
        save(world, numbered([person(25), *people]))
        world.run(*RUN).refused()
        save(world, [*numbered(people), *numbered([person(25)], 21)])
        world.run(*RUN).ended(0, before=20, created=1)

    @pytest.mark.parametrize("count", [1, 5])
    def test_a_few_may_be_somebody_else(self, world: World, count: int) -> None:
        people = everybody(20)
        maps(world, WITH_REF, identity=("external_ref",))
        others = numbered(everybody(40)[20 : 20 + count])
        save(world, numbered(people) + others)
        world.run(*RUN).ended(6, created=20, possible_duplicate=count)
        world.acknowledge("--new", "all")
        world.run(*RUN).ended(0, before=20, created=count)
        world.run(*RUN).ended(0, before=20 + count)

    def test_six_of_a_short_list_are_too_many(self, world: World) -> None:
        maps(world, WITH_REF, identity=("external_ref",))
        save(world, numbered(everybody(20)) + numbered(everybody(40)[20:26]))
        world.run(*RUN).refused()

    def test_an_id_was_given_to_somebody_else(self, world: World) -> None:
        people = numbered(everybody(10))
        begin(world, people, "external_ref", fields=WITH_REF)
        save(world, [{**person(25), "Ref": "1"}, *people[1:]])
        for _ in range(2):
            world.run(*RUN).ended(6, before=9, possible_duplicate=1)
        assert len(world.crm.records) == 10

    def test_a_name_changes_and_the_id_and_the_address_stay(self, world: World) -> None:
        people = numbered(everybody(10))
        begin(world, people, "external_ref", fields=WITH_REF)
        save(world, [{**people[0], "First": "Zoe", "Last": "Vidal"}, *people[1:]])
        world.run(*RUN).ended(6, before=9, changed=1)

    def test_people_with_other_names_who_were_sent_again_are_nobody_else(
        self, world: World
    ) -> None:
        people = everybody(10)
        begin(world, people, "email")
        renamed = [{**row, "Last": "Marin"} for row in people[:6]]
        save(world, [*renamed, *people[6:]])
        world.run(*RUN, "--on-change", "send").ended(0, before=4, created=6)
        save(world, [{**row, "Exported": "tuesday"} for row in (*renamed, *people[6:])])
        world.run(*RUN).ended(0, before=10)

    def test_all_but_the_id_and_a_first_name_changes(self, world: World) -> None:
        people = numbered(everybody(10))
        begin(world, people, "external_ref", fields=WITH_REF)
        save(world, [renumbered(married({**people[0], "Ref": "1"})), *people[1:]])
        world.run(*RUN).ended(6, before=9, changed=1)


class TestAnIdentityOfContactDetails:
    """It protects no less than none."""

    @pytest.mark.parametrize("identity", IDENTITIES.values(), ids=IDENTITIES)
    def test_a_new_address(self, world: World, identity: tuple[str, ...]) -> None:
        people = everybody(6)
        begin(world, people, *identity)
        save(world, [moved(people[0]), *people[1:]])
        world.run(*RUN).ended(6, before=5, changed=1)
        assert len(world.crm.records) == 6

    @pytest.mark.parametrize("identity", IDENTITIES.values(), ids=IDENTITIES)
    def test_a_new_phone(self, world: World, identity: tuple[str, ...]) -> None:
        people = everybody(6)
        begin(world, people, *identity)
        save(world, [renumbered(people[0]), *people[1:]])
        world.run(*RUN).ended(6, before=5, changed=1)
        assert len(world.crm.records) == 6

    @pytest.mark.parametrize("identity", [(), ("email",)], ids=["none", "address"])
    def test_a_new_name_and_address(self, world: World, identity: tuple[str, ...]) -> None:
        people = everybody(6)
        begin(world, people, *identity)
        save(world, [married(people[0]), *people[1:]])
        world.run(*RUN).ended(6, before=5, possible_duplicate=1)
        assert len(world.crm.records) == 6

    @pytest.mark.parametrize("identity", [(), ("email",)], ids=["none", "address"])
    def test_a_new_address_where_there_is_no_phone(
        self, world: World, identity: tuple[str, ...]
    ) -> None:
        people = everybody(6)
        begin(world, people, *identity, fields=NAME + MAIL)
        save(world, [moved(people[0]), *people[1:]])
        world.run(*RUN).ended(6, before=5, possible_duplicate=1)
        assert len(world.crm.records) == 6

    @pytest.mark.parametrize("identity", IDENTITIES.values(), ids=IDENTITIES)
    def test_a_new_address_and_then_a_new_phone(
        self, world: World, identity: tuple[str, ...]
    ) -> None:
        people = everybody(6)
        begin(world, people, *identity)
        for version in (moved(people[0]), renumbered(moved(people[0]))):
            save(world, [version, *people[1:]])
            world.run(*RUN).ended(6, before=5, changed=1)
        assert len(world.crm.records) == 6

    def test_a_new_id_with_the_same_name_and_address(self, world: World) -> None:
        people = numbered(everybody(6))
        begin(world, people, "external_ref", fields=WITH_REF)
        save(world, [{**people[0], "Ref": "77"}, *people[1:]])
        world.run(*RUN).ended(6, before=5, changed=1)
        assert len(world.crm.records) == 6


def test_an_id_that_somebody_else_at_the_same_reception_has_now_is_asked_about(
    world: World,
) -> None:
    reception = person(0)["Tel"]
    people = numbered([{**row, "Tel": reception} for row in everybody(4)])
    begin(world, people, "external_ref", fields=WITH_REF)
    successor = {**person(7), "Tel": reception, "Ref": people[3]["Ref"]}
    save(world, [*people[:3], successor])
    world.run(*RUN).ended(6, before=3, possible_duplicate=1)
    world.acknowledge("--new", "all")
    world.run(*RUN).ended(0, before=3, created=1)


WITH_CITY = 'external_ref = "Ref"\nfirst_name = "First"\nemail = "Mail"\n"address.city" = "City"\n'
ANN = {"Ref": "7", "First": "Ann", "Mail": "ann@example.com", "City": "Dubai"}
CY = {"Ref": "8", "First": "Cy", "Mail": "cy@example.com", "City": "Dubai"}
OTHERS: dict[str, Row] = {
    "another first name": {"First": "Bob", "Mail": "bob@example.com"},
    "another first name with one address": {"First": "Bob"},
    "no name, another address": {"First": "", "Mail": "bob@example.com"},
}


class TestRowsOfOneIdentityWithoutAWholeName:
    """Somebody else with an id that is used already is asked about, and never left out untold."""

    def begins(self, world: World) -> None:
        maps(world, WITH_CITY, identity=("external_ref",))

    @pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
    @pytest.mark.parametrize("nights", [1, 2])
    def test_are_possible_duplicates(self, world: World, other: Row, nights: int) -> None:
        self.begins(world)
        if nights == 2:
            save(world, [ANN, CY])
            world.run(*RUN).ended(0, created=2)
        save(world, [ANN, {**ANN, **other}, CY])
        counts = {"before": 2} if nights == 2 else {"created": 2}
        world.run(*RUN).ended(6, possible_duplicate=1, **counts)
        world.acknowledge("--new", "all")
        world.run(*RUN)
        assert len(world.crm.records) == 3

    @pytest.mark.parametrize("name", ["Ann", ""], ids=["first name", "no name"])
    @pytest.mark.parametrize("nights", [1, 2])
    def test_are_one_if_nothing_else_says_otherwise(
        self, world: World, name: str, nights: int
    ) -> None:
        self.begins(world)
        ann = {**ANN, "First": name}
        if nights == 2:
            save(world, [ann, CY])
            world.run(*RUN).ended(0, created=2)
        save(world, [ann, {**ann, "City": "Sharjah"}, CY])
        assert world.run(*RUN).report["counts"]["duplicate"] == 1
        assert len(world.crm.records) == 2

    def test_two_without_any_name_and_with_two_addresses(self, world: World) -> None:
        self.begins(world)
        ann = {**ANN, "First": ""}
        save(world, [ann, {**ann, "Mail": "bob@example.com"}, CY])
        world.run(*RUN).ended(6, created=2, possible_duplicate=1)


def test_a_possible_duplicate_of_a_known_row_names_its_record(world: World) -> None:
    """The identity is new in the mapping, and another person has it: the row's record is named."""
    people = everybody(6)
    begin(world, people)
    maps(world, identity=["email"])
    other = {**person(9), "Mail": people[1]["Mail"]}
    save(world, [*({**row, "Exported": "tuesday"} for row in people), other])
    world.run(*RUN).ended(6, before=6, possible_duplicate=1)
    (row,) = world.possible_duplicates()
    assert row["vorel_external_id"] == world.crm.of(people[1]["First"])[0].record
