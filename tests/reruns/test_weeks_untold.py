"""Weeks of a small business in which somebody is made twice, left out, or named wrongly."""

from __future__ import annotations

import itertools
import json

import pytest
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
    stamped,
)

REF = 'external_ref = "Id"\n'
CHECKED = NAME + 'email = { column = "Mail", type = "email" }\n' + TEL
APPOINTMENT = """\
customer_name = "Name"
customer_phone = { column = "Tel", type = "phone", region = "AE" }
scheduled_start = { column = "Start", type = "datetime", timezone = "Asia/Dubai" }
scheduled_end = { after = "scheduled_start", minutes = 30 }
location_text = "Service"
"""
CASE = """\
subject = "Service"
contact_name = "Name"
contact_phone = { column = "Tel", type = "phone", region = "AE" }
priority = "Start"
"""


def numbered(rows: list[Row]) -> list[Row]:
    return [{**row, "Id": f"C{at:04}"} for at, row in enumerate(rows)]


class TestRowsThatAFullerMappingHasSeen:
    """
    A pilot sends little, then the mapping is mended, and the list is run once more as it is.

    From then on the importer knows what today's mapping reads of each row. It has to compare later
    versions with that, as it does where an unmapped column differs in the night of the mending.
    """

    @pytest.mark.parametrize("is_exported_anew", [True, False])
    @pytest.mark.parametrize(
        "pilot", [NAME, NAME + MAIL, MAIL], ids=["names", "names and addresses", "addresses"]
    )
    def test_marry(self, world: World, pilot: str, is_exported_anew: bool) -> None:
        people = everybody(10)
        begin(world, people, fields=pilot)
        maps(world)
        people = stamped(people, "tuesday") if is_exported_anew else people
        save(world, people)
        world.run(*RUN).ended(0, before=10)
        save(world, [*people[:3], married(people[3]), *people[4:]])  # her number stays
        world.run(*RUN).left_to_somebody()

    def test_have_an_id_by_then(self, world: World) -> None:
        people = numbered(everybody(10))
        begin(world, people, fields=NAME + MAIL)
        maps(world, NAME + MAIL + REF, identity=["external_ref"])
        for _ in range(2):
            world.run(*RUN).ended(0, before=10)
        save(world, [*people[:3], married(people[3]), *people[4:]])  # her id stays
        world.run(*RUN).left_to_somebody()

    def test_are_saved_with_question_marks(self, world: World) -> None:
        people = everybody(10)
        begin(world, people, fields=NAME)
        maps(world)
        world.run(*RUN).ended(0, before=10)
        lost = [{**one, "First": "?" * len(one["First"]), "Last": "????"} for one in people]
        save(world, lost)
        world.run(*RUN).left_to_somebody()
        assert len(world.crm.records) == 10

    def test_change_while_a_column_is_not_mapped_and_later(self, world: World) -> None:
        people = everybody(8)
        begin(world, people)
        maps(world, NAME + MAIL)
        people[0] = renumbered(people[0])
        save(world, people)
        world.run(*RUN).ended(0, before=8)
        maps(world)
        for _ in range(2):
            world.run(*RUN).ended(0, before=8)
        save(world, [married(people[0]), *people[1:]])  # the number of these two nights stays
        world.run(*RUN).left_to_somebody()

    def test_are_written_otherwise(self, world: World) -> None:
        """By today's mapping nothing has changed."""
        people = everybody(8)
        begin(world, people, fields=NAME + 'phone = "Tel"\n')
        maps(world, NAME + TEL)
        world.run(*RUN).ended(0, before=8)
        save(world, [{**one, "Tel": f"+971{one['Tel'][1:]}"} for one in people])
        world.run(*RUN).ended(0, before=8)


class TestARecordOfAPoorMapping:
    """
    What little the first mapping sent makes a row known, whatever today's mapping says of it.

    In all of them an export of another day was seen under today's mapping: versions on record have
    the other values, so the contradiction is known.
    """

    @staticmethod
    def mended(world: World, people: list[Row], pilot: str) -> list[Row]:
        begin(world, people, fields=pilot)
        maps(world)
        people = stamped(people, "tuesday")
        save(world, people)
        world.run(*RUN).ended(0, before=len(people))
        return people

    def test_hides_the_namesake_who_comes_instead(self, world: World) -> None:
        people = self.mended(world, everybody(10), NAME)
        namesake = {**people[0], "Mail": "lind@ada.example", "Tel": "0508880000"}
        save(world, [namesake, *people[1:]])
        world.run(*RUN).left_to_somebody()

    def test_hides_the_wife_who_has_the_number_now(self, world: World) -> None:
        people = self.mended(world, everybody(8), TEL)
        wife = {**people[0], "First": "Zoe", "Last": "Quark", "Mail": "zoe@quark.example"}
        save(world, [wife, *people[1:]])
        world.run(*RUN).left_to_somebody()

    def test_hides_changes_of_what_is_mapped(self, world: World) -> None:
        people = self.mended(world, everybody(8), NAME + MAIL)
        save(world, [renumbered(people[0]), *people[1:]])
        world.run(*RUN).ended(6, before=7, changed=1)

    def test_is_not_that_of_a_relative_who_has_one(self, world: World) -> None:
        """She has a record of her own, that a full mapping made; he leaves, and she moves."""
        people = self.mended(world, everybody(8), TEL)
        wife = {**people[0], "First": "Zoe", "Last": "Lind", "Mail": "zoe@lind.example"}
        save(world, [wife, *people])
        world.run(*RUN).ended(0, before=8, created=1)
        [hers] = world.crm.of("Zoe")
        save(world, [moved(wife), *people[1:]])
        run = world.run(*RUN)
        vanished = [row["external_id"] for row in world.rows("people.vanished.csv")]
        assert hers.record not in vanished, "her record is to be deleted, and she is in the list"
        run.ended(6, before=7, changed=1)


class TestSiblingsWithOneNumber:
    """Two children are booked for the same hour, with the number of their mother."""

    @pytest.mark.parametrize(
        ("object_", "fields"), [("appointment", APPOINTMENT), ("case", CASE)], ids=["hour", "case"]
    )
    @pytest.mark.parametrize("is_ann_there", [True, False])
    def test_each_keeps_the_own_record(
        self, world: World, object_: str, fields: str, is_ann_there: bool
    ) -> None:
        maps(world, fields, object_=object_)
        slot = {"Tel": "0501110001", "Start": "2026-12-02 11:00", "Service": "cut"}
        names = ("Ann Q", "Ben Q")
        both = [{"Name": name, **slot} for name in names]
        others = [
            {**slot, "Name": f"Eve {n}", "Tel": f"05022200{n:02}", "Service": f"job {n}"}
            for n in range(8)
        ]
        save(world, [*both, *others])
        world.run(*RUN, "--concurrency", "1").ended(0, created=10)
        edited = "Service" if object_ == "appointment" else "Start"
        ben, ann = {**both[1], edited: "shave"}, {**both[0], edited: "perm"}
        save(world, [ben, *([ann] if is_ann_there else []), *others])
        world.run(*RUN)
        told = world.rows("people.changed.csv")
        assert told
        for row in told:
            fields_made = world.crm.records[row["vorel_external_id"]].fields
            assert row["Name"] in fields_made.values(), (row["Name"], fields_made)


class TestTwoListsInOneResultsFile:
    """What is left to a person of one list is in no file once the other one was run."""

    ALL = "all.results.jsonl"

    def run(self, world: World, name: str) -> int:
        return world.run(name, "--mapping", "mapping.toml", "--results", self.ALL).exit_code

    def status(self, world: World) -> str:
        code, out, told = world.command("status", self.ALL)
        assert code in {0, 6}, told
        return out

    @pytest.fixture
    def both(self, world: World) -> World:
        maps(world)
        save(world, everybody(6), "north.csv")
        save(world, [person(at) for at in range(6, 12)], "south.csv")
        assert [self.run(world, "north.csv"), self.run(world, "south.csv")] == [0, 0]
        return world

    def test_a_change(self, both: World) -> None:
        save(both, [moved(person(0)), *everybody(6)[1:]], "north.csv")
        assert self.run(both, "north.csv") == 6
        assert self.run(both, "south.csv") == 0
        assert "Nothing is left to do" not in self.status(both)


@pytest.mark.parametrize("identity", [(), ("external_ref",)], ids=["an id", "the identity"])
def test_deals_are_numbered_anew(world: World, identity: tuple[str, ...]) -> None:
    """
    A row is put above the list, and its running number is filled down.

    Title, customer and amount of each row are those of its own record: only the number is another.
    """
    fields = f'title = "Title"\namount = "Amount"\ncontact_email = "Mail"\n{REF}'
    deals = [
        {"Title": f"Flat {n}", "Amount": f"{1000 + n}", "Mail": f"c{n}@example.com", "Id": f"N{n}"}
        for n in range(30)
    ]
    maps(world, fields, identity=identity, object_="deal")
    save(world, deals)
    world.run(*RUN, "--concurrency", "1").ended(0, created=30)
    save(world, [{**row, "Id": f"N{at + 1}"} for at, row in enumerate(deals)])
    run = world.run(*RUN)
    assert run.requests == 0, "each deal has a record"
    for row in world.rows("people.changed.csv") if run.exit_code == 6 else ():
        assert world.crm.records[row["vorel_external_id"]].fields["title"] == row["Title"]


@pytest.mark.parametrize("tries", [["huda@example.com"], ["still bad", "huda@example.com"]])
def test_a_namesake_is_sent_however_many_tries_the_correction_takes(
    world: World, tries: list[str]
) -> None:
    maps(world, f'{NAME}email = {{ column = "Mail", type = "email" }}\n{TEL}')
    huda = {**person(50), "First": "Huda", "Last": "Haddad"}
    save(world, [*everybody(20), huda, {**huda, "Mail": "bad", "Tel": "0501110002"}])
    world.run(*RUN).ended(1, created=21, invalid=1)
    for before, after in itertools.pairwise(["bad", *tries]):
        world.edit("people.failed.csv", (f",{before},", f",{after},"))
        world.run("people.failed.csv", *RUN[1:], "--results", RESULTS)
    assert len(world.crm.of("Huda")) == 2


def test_a_deal_whose_title_alone_changes_is_changed(world: World) -> None:
    fields = f'title = "Title"\namount = "Amount"\n{REF}'
    deals = [{"Title": f"Flat {n}", "Amount": f"{1000 + n}", "Id": f"N{n}"} for n in range(10)]
    maps(world, fields, identity=["external_ref"], object_="deal")
    save(world, deals)
    world.run(*RUN).ended(0, created=10)
    save(world, [{**row, "Title": f"Villa {at}"} for at, row in enumerate(deals)])
    world.run(*RUN, "--max-changed", "100%").ended(6, changed=10)


def test_a_few_rows_first_leave_the_others_to_be_read(world: World) -> None:
    people = everybody(8)
    begin(world, people, fields=NAME)
    maps(world)
    save(world, [person(20), person(21), *people])
    world.run(*RUN, "--limit", "1").ended(0, created=1)
    world.run(*RUN).ended(0, before=9, created=1)
    save(world, [person(20), person(21), married(people[0]), *people[1:]])
    world.run(*RUN).left_to_somebody()


def test_one_of_two_files_first_leaves_the_other_to_be_read(world: World) -> None:
    both = ("a.csv", "b.csv", "--mapping", "mapping.toml", "--results", RESULTS)
    maps(world, NAME)
    save(world, everybody(8), "a.csv")
    save(world, [person(at) for at in range(8, 16)], "b.csv")
    world.run(*both).ended(0, created=16)
    maps(world)
    world.run("a.csv", *both[2:]).ended(0, before=8)
    world.run(*both).ended(0, before=16)
    save(world, [married(person(8)), *[person(at) for at in range(9, 16)]], "b.csv")
    world.run(*both).left_to_somebody()


def test_what_each_mapping_has_read_stays_when_the_file_is_made_smaller(world: World) -> None:
    people = everybody(4)
    begin(world, people, fields=NAME)
    for fields in (NAME + MAIL, NAME + TEL, NAME + MAIL, FIELDS):
        maps(world, fields)
        world.run(*RUN).ended(0, before=4)
    assert world.read(RESULTS).count('"kind":"reading"') == 12
    assert world.command("compact", RESULTS)[0] == 0
    maps(world, NAME + TEL)
    world.run(*RUN).ended(0, before=4)
    assert world.read(RESULTS).count('"kind":"reading"') == 12


def test_who_was_corrected_and_declared_new_is_in_the_file_that_is_named(world: World) -> None:
    maps(world, f'{NAME}email = {{ column = "Mail", type = "email" }}\n{TEL}')
    people = everybody(20)
    zoe = {**person(50), "First": "Zoe", "Mail": "bad", "Tel": people[3]["Tel"]}
    save(world, people)
    world.run(*RUN).ended(0, created=20)
    save(world, [*people[:3], *people[4:], zoe])
    world.run(*RUN).ended(1, before=19, invalid=1)
    world.edit("people.failed.csv", (",bad,", ",zoe@example.com,"))
    world.run("people.failed.csv", *RUN[1:], "--results", RESULTS).ended(6, possible_duplicate=1)
    world.acknowledge("--new", "all")
    _, out, _ = world.command("status", RESULTS, "--json")
    world.run(*json.loads(out)["next"].split()[2:]).ended(0, created=1)
    world.run(*RUN).ended(0, before=20)


def test_a_row_that_was_asked_about_is_still_once_its_name_is_another_one(world: World) -> None:
    people = everybody(8)
    begin(world, people)
    copy = {**people[0], "Exported": "copied"}
    save(world, [*people, copy])
    world.run(*RUN).ended(0, before=8, duplicate=1)
    now = renumbered(people[0])
    save(world, [now, *people[1:], copy])
    world.run(*RUN).ended(6, before=8, changed=1)
    world.acknowledge()
    again = {**now, "Tel": "0507770001"}
    save(world, [again, *people[1:], copy])
    world.run(*RUN).ended(6, before=7, changed=1, possible_duplicate=1)
    save(world, [married(again), *people[1:], copy])
    world.run(*RUN).left_to_somebody()


class TestTwoRowsOfOnePerson:
    """They differ in a column that is not mapped, and have one record by their address."""

    def test_one_changes_its_number_and_then_its_address(self, world: World) -> None:
        first, *others = everybody(8)
        second = {**first, "Exported": "met in May"}
        begin(world, [first, *others], "email")
        save(world, [first, *others, second])
        world.run(*RUN).ended(0, duplicate=1, before=8)
        first = renumbered(first)
        save(world, [first, *others, second])
        world.run(*RUN).ended(0, duplicate=1, before=8)
        save(world, [moved(first), *others, second])
        world.run(*RUN).left_to_somebody()


def test_a_night_of_names_alone_takes_no_record_from_its_own_row(world: World) -> None:
    """On that night a namesake was skipped as a copy; then the other one of the two marries."""
    ada, *others = numbered(everybody(8))
    namesake = {**ada, "Id": "C0099", "Mail": "ada@other.example", "Tel": "0502299099"}
    begin(world, [ada, *others], fields=FIELDS + REF)
    maps(world, NAME)
    save(world, stamped([ada, namesake, *others], "tuesday"))
    world.run(*RUN, "--on-duplicate", "skip").ended(0, duplicate=1, before=8)
    maps(world, FIELDS + REF + 'source = { const = "old list" }\n')
    save(world, stamped([{**ada, "Last": "Marin"}, namesake, *others], "tuesday"))
    world.run(*RUN, "--on-duplicate", "skip").ended(6, changed=1, created=1, before=7)


def test_whose_record_a_copy_has_is_as_open_as_that_of_its_first_row(world: World) -> None:
    """Three people have one address, by which they are told apart; the first of them leaves."""
    ada, bo, cyd, *others = everybody(9)
    bo, cyd = {**bo, "Mail": ada["Mail"]}, {**cyd, "Mail": ada["Mail"]}
    begin(world, [ada, *others], "email")
    skipping = (*RUN, "--on-duplicate", "skip")
    save(world, [ada, bo, *others])
    world.run(*skipping).ended(0, duplicate=1, before=7)
    save(world, [bo, cyd, *others])
    world.run(*skipping).ended(6, possible_duplicate=1, duplicate=1, before=6)
    assert "Cyd" not in {row["First"] for row in world.rows("people.success.csv")}
    [row] = world.rows("people.failed.csv")
    assert (row["First"], row["vorel_status"], row["vorel_external_id"]) == ("Cyd", "duplicate", "")


def test_a_change_is_that_of_the_colleague_who_is_still_there(world: World) -> None:
    """Two colleagues have one first name, address and number. One left last week, one marries."""
    others = everybody(8)[1:]
    first, second = ({**person(0), "Last": last} for last in ("Lind", "Haddad"))
    begin(world, [first, second, *others])
    save(world, [second, *others])
    world.run(*RUN).ended(0, before=8)
    save(world, [{**second, "Last": "Marin"}, *others])
    world.run(*RUN).left_to_somebody()
    [row] = world.rows("people.changed.csv")
    assert world.crm.records[row["vorel_external_id"]].fields["last_name"] == "Haddad"


def test_a_decided_change_stays_decided_after_a_note_in_a_poor_mapping(world: World) -> None:
    """Then a fuller mapping comes, in a night in which a column that is not sent differs."""
    people = [{**one, "Title": "clerk"} for one in everybody(8)]
    poor = NAME + 'job_title = "Title"\n'
    begin(world, people, fields=poor)
    maps(world, f"# a note\n{poor}")
    people[2]["Title"] = "manager"
    save(world, people)
    world.run(*RUN).ended(6, changed=1, before=7)
    world.acknowledge()
    world.run(*RUN).ended(0, before=8)
    maps(world, poor + MAIL)
    save(world, stamped(people, "friday"))
    world.run(*RUN).ended(0, before=8)


PEOPLE = numbered(everybody(19))
NAMESAKE = {**person(1), "Mail": "", "Tel": ""}


class TestANamesakeWithoutDetails:
    """
    A pilot sends names alone, then the mapping reads addresses and numbers as well.

    The record was made of a name, but by then it is known whose address and number it has.
    """

    def people(self, world: World) -> list[Row]:
        people = everybody(8)
        begin(world, people, fields=NAME)
        maps(world)
        world.run(*RUN).ended(0, before=8)
        return people

    def test_is_somebody_new(self, world: World) -> None:
        people = self.people(world)
        for day in ("tuesday", "wednesday"):
            save(world, stamped([NAMESAKE, *people], day))
            world.run(*RUN)
        assert len(world.crm.records) == 9

    def test_is_somebody_new_in_the_night_of_a_marriage(self, world: World) -> None:
        people = self.people(world)
        people[1] = {**people[1], "Last": "Marin"}
        save(world, stamped([NAMESAKE, *people], "tuesday"))
        world.run(*RUN).ended(6, before=7, changed=1, created=1)
        [row] = world.rows("people.changed.csv")
        assert row["Last"] == "Marin"

    def test_is_asked_about_no_more_once_somebody_has_decided(self, world: World) -> None:
        people = self.people(world)
        people[1] = NAMESAKE
        save(world, stamped(people, "tuesday"))
        world.run(*RUN).ended(6, before=7, possible_duplicate=1)
        world.acknowledge("--same", "all")
        for day in ("wednesday", "thursday"):
            save(world, stamped(people, day))
            world.run(*RUN).ended(0, before=8)

    def test_is_asked_about_if_the_record_lost_its_row(self, world: World) -> None:
        people = self.people(world)
        save(world, [people[0], NAMESAKE, *people[2:]])
        world.run(*RUN).ended(6, before=7, possible_duplicate=1)


class TestIdsAreNumberedAnew:
    """Nothing else of deals and appointments has changed: each may be the old one, or another."""

    @pytest.mark.parametrize("identity", [(), ("external_ref",)], ids=["", "identity"])
    def test_deals(self, world: World, identity: tuple[str, ...]) -> None:
        fields = 'title = "Last"\ncontact_email = "Mail"\namount = "Amount"\n' + REF
        maps(world, fields, identity=identity, object_="deal")
        deals = [{**one, "Amount": f"{at}00"} for at, one in enumerate(numbered(everybody(8)))]
        save(world, deals)
        world.run(*RUN).ended(0, created=8)
        deals[5:] = [{**one, "Id": f"D{at}"} for at, one in enumerate(deals[5:])]
        save(world, deals)
        world.run(*RUN).ended(6, before=5, possible_duplicate=3)
        [first, *_] = world.rows("people.changed.csv")
        assert (
            "the same title, contact_email, amount, and nothing more"
            in (first["vorel_error_message"])
        )
        world.acknowledge("--same", "all")
        world.run(*RUN).ended(0, before=8)

    def test_appointments(self, world: World) -> None:
        maps(world, APPOINTMENT + REF, object_="appointment")
        visits = [
            {
                **person(at),
                "Name": f"Person {at}",
                "Start": f"2027-03-0{at} 10:00",
                "Service": "cut",
            }
            for at in range(1, 9)
        ]
        save(world, numbered(visits))
        world.run(*RUN).ended(0, created=8)
        save(world, [*numbered(visits)[1:], {**visits[0], "Id": "D1"}])
        world.run(*RUN).ended(6, before=7, possible_duplicate=1)

    def test_the_same_question_on_another_day_is_new(self, world: World) -> None:
        """Each list has the tickets of its day; one customer asks the same again."""
        maps(world, CASE + REF, object_="case")
        day = [{**one, "Name": one["First"], "Service": "Bill", "Start": "open"} for one in PEOPLE]
        save(world, day[:10])
        world.run(*RUN).ended(0, created=10)
        save(world, [{**day[3], "Id": "T100"}, *day[10:]])
        world.run(*RUN).ended(0, created=10)

    def test_another_deal_of_the_customer_is_new(self, world: World) -> None:
        fields = 'title = "Last"\ncontact_email = "Mail"\namount = "Amount"\n' + REF
        maps(world, fields, object_="deal")
        deals = [{**one, "Amount": "100"} for one in numbered(everybody(3))]
        save(world, deals)
        world.run(*RUN).ended(0, created=3)
        save(world, [*deals, {**deals[0], "Id": "D1"}, {**deals[1], "Id": "D2", "Amount": "5"}])
        world.run(*RUN).ended(0, before=3, created=2)


def test_a_corrected_row_has_the_record_that_its_old_version_has_kept(world: World) -> None:
    """A father and his son have one name and one address. The son's number is spoiled."""
    father, *others = everybody(8)
    son = {**father, "Tel": "0502990001"}
    begin(world, [father, son, *others])
    record = next(one for one in world.rows("people.success.csv") if one["Tel"] == son["Tel"])
    save(world, [father, {**son, "Tel": "ask him"}, *others])
    world.run(*RUN).ended(1, before=8, invalid=1)
    failed = world.read("people.failed.csv").replace("ask him", "0502990002")
    world.write("people.failed.csv", failed)
    world.run("people.failed.csv", *RUN[1:]).ended(6, changed=1)
    [row] = world.rows("people.changed.csv")
    assert row["vorel_external_id"] == record["vorel_external_id"]
    world.run(*RUN).ended(0, before=9)


def test_a_row_that_stays_spoiled_in_the_failed_file_keeps_its_record(world: World) -> None:
    """The son's number is spoiled; another row of the failed file is corrected first."""
    father, zed, *others = everybody(8)
    son = {**father, "Tel": "0502990001"}
    begin(world, [father, son, *others])
    [record] = [one for one in world.rows("people.success.csv") if one["Tel"] == son["Tel"]]
    spoiled = [{**son, "Tel": "ask him"}, {**zed, "Tel": "no"}]
    save(world, [father, *spoiled, *others])
    world.run(*RUN).ended(1, before=7, invalid=2)
    for file, before, after, left in (
        ("people.failed.csv", "", "", "people.failed.csv"),
        ("people.failed.csv", ",no,", ",0502990009,", "people.failed.csv"),
        ("people.failed.csv", ",ask him,", ",0502990002,", "people.changed.csv"),
    ):
        world.write(file, world.read(file).replace(before, after))
        world.run(file, *RUN[1:])
        [row] = [one for one in world.rows(left) if one["Mail"] == son["Mail"]]
        assert row["vorel_external_id"] == record["vorel_external_id"]


class TestAChangedFileThatWasEditedInAColumnThatIsNotSent:
    def test_shows_the_change_again(self, world: World) -> None:
        ada, *others = everybody(8)
        begin(world, [ada, *others])
        save(world, [moved(ada), *others])
        world.run(*RUN).ended(6, changed=1, before=7)
        edited = world.read("people.changed.csv").replace("monday", "friday")
        world.write("people.changed.csv", edited)
        verdict = world.run("people.changed.csv", *RUN[1:]).ended(0, before=1).stdout
        assert "All 8 people are in the CRM" in verdict
        assert not world.names("*.unsent.csv")
        assert {row["vorel_status"] for row in world.rows("people.changed.csv")} == {"changed"}

    def test_asks_again(self, world: World) -> None:
        ada, *others = everybody(8)
        begin(world, [ada, *others])
        save(world, [{**person(0, "Zoe", "Nasser"), "Mail": ada["Mail"], "Tel": ""}, *others])
        world.run(*RUN).ended(6, possible_duplicate=1, before=7)
        edited = world.read("people.changed.csv").replace("monday", "friday")
        world.write("people.changed.csv", edited)
        world.run("people.changed.csv", *RUN[1:]).ended(6, possible_duplicate=1)
        [row] = world.rows("people.changed.csv")
        assert (row["vorel_status"], row["Exported"]) == ("possible_duplicate", "friday")


def test_a_deal_of_another_name_at_one_number_may_be_that_of_the_record(world: World) -> None:
    """The rest of the list is new. What counts only in a list that is known is something else."""
    fields = 'title = "Last"\ncontact_name = "First"\ncontact_phone = "Tel"\namount = "Amount"\n'
    deals = [{**one, "Amount": f"{at}00"} for at, one in enumerate(everybody(11))]
    maps(world, fields, object_="deal")
    save(world, deals[:4])
    world.run(*RUN).ended(0, created=4)
    save(world, [{**deals[0], "First": "Max", "Amount": "9"}, *deals[4:]])
    world.run(*RUN).ended(6, created=7, possible_duplicate=1)


def test_what_agrees_is_said_alike_on_the_second_night(world: World) -> None:
    ada, *others = everybody(8)
    begin(world, [ada, *others])
    colleague = {**person(0, "Zoe", "Nasser"), "Mail": ada["Mail"], "Tel": "0507770001"}
    save(world, [colleague, *others])
    for _ in range(2):
        world.run(*RUN).ended(6, possible_duplicate=1, before=7)
        [row] = world.rows("people.changed.csv")
        assert "the same email, and nothing more" in row["vorel_error_message"]


@pytest.mark.parametrize(
    "third",
    [NAME + MAIL + TEL + REF, NAME + TEL, NAME + MAIL + TEL + 'source = { const = "office" }\n'],
    ids=["one field more", "one less", "a constant"],
)
def test_what_one_mapping_has_read_counts_under_the_next_one(world: World, third: str) -> None:
    """A pilot sends names and addresses, the next mapping numbers, too. Then she marries."""
    ada, *others = numbered(everybody(8))
    ada = {**ada, "Mail": ""}
    begin(world, [ada, *others], fields=NAME + MAIL)
    maps(world)
    world.run(*RUN).ended(0, before=8)
    maps(world, third)
    save(world, [{**ada, "Last": "Marin"}, *others])
    world.run(*RUN).ended(6, possible_duplicate=1, before=7)


@pytest.mark.parametrize("identity", [(), ("external_ref",)], ids=["no identity", "identity"])
def test_an_exported_unsent_file_says_nothing_of_whose_rows_are_elsewhere(
    world: World, identity: tuple[str, ...]
) -> None:
    ada, *others = numbered(everybody(8))
    begin(world, [ada, *others], *identity, fields=FIELDS + REF)
    save(world, [{**ada, "Last": "Marin"}, *others])
    assert world.command("export", RESULTS, "people.csv")[0] == 0
    world.run("people.unsent.csv", *RUN[1:]).ended(6, changed=1)


def test_of_two_records_the_one_that_agrees_in_more_is_that_of_the_row(world: World) -> None:
    """Father and son have one name and one address. The father leaves, the son moves firms."""
    fields = FIELDS + 'company = "Firm"\n'
    father, son, *others = [{**one, "Firm": "Lund"} for one in everybody(8)]
    father |= {"First": "Ali", "Last": "Khan", "Mail": "khan@example.com"}
    son |= {"First": "Ali", "Last": "Khan", "Mail": "khan@example.com"}
    begin(world, [father, son, *others], fields=fields)
    [record] = [one for one in world.rows("people.success.csv") if one["Tel"] == son["Tel"]]
    save(world, [{**son, "Firm": "Dune"}, *others])
    world.run(*RUN).ended(6, changed=1, before=6)
    [row] = world.rows("people.changed.csv")
    assert row["vorel_external_id"] == record["vorel_external_id"]


class TestARefusedRowThatMayBeThatOfARecord:
    @pytest.mark.parametrize(
        "spoiled", [{"Last": "Marin", "Mail": "no"}, {"Mail": "", "Tel": "ask"}], ids=str
    )
    def test_its_record_has_not_vanished(self, world: World, spoiled: Row) -> None:
        ada, *others = everybody(8)
        begin(
            world,
            [ada, *others],
            fields=CHECKED,
        )
        save(world, [{**ada, **spoiled}, *others])
        for _ in range(2):
            world.run(*RUN).ended(1, invalid=1, before=7)
            assert not world.names("*.vanished.csv")
        assert world.command("export", RESULTS, "people.csv")[0] == 0
        assert not world.names("*.vanished.csv")

    def test_what_was_told_is_taken_back_once_it_is_corrected(self, world: World) -> None:
        """Nothing of her is left that night; the file of a correction names no other records."""
        ada, gone, *others = everybody(9)
        begin(world, [ada, gone, *others], fields=CHECKED)
        [her] = [one for one in world.rows("people.success.csv") if one["First"] == ada["First"]]
        save(world, [{**ada, "Last": "Marin", "Mail": "no", "Tel": "ask"}, *others])
        world.run(*RUN).ended(1, invalid=1, before=7)
        assert len(world.rows("people.vanished.csv")) == 2
        world.edit("people.failed.csv", (",no,ask,", f",{ada['Mail']},{ada['Tel']},"))
        world.run("people.failed.csv", *RUN[1:]).ended(6, changed=1)
        [left] = world.rows("people.vanished.csv")
        assert left["external_id"] != her["vorel_external_id"]

    def test_no_record_is_back_by_it(self, world: World) -> None:
        ada, *others = everybody(8)
        begin(world, [ada, *others], fields=CHECKED)
        save(world, others)
        world.run(*RUN).ended(0, before=7)
        assert world.command("acknowledge", RESULTS)[0] == 0
        save(world, [{**ada, "Last": "Marin", "Mail": "no"}, *others])
        told = world.run(*RUN).ended(1, invalid=1, before=7)
        assert "in the list again" not in told.stdout + told.stderr
        save(world, others)
        world.run(*RUN).ended(0, before=7)
        assert not world.names("*.vanished.csv")


def test_who_comes_back_after_somebody_has_seen_to_the_record_is_named(world: World) -> None:
    ada, *others = everybody(8)
    begin(world, [ada, *others])
    save(world, others)
    world.run(*RUN).ended(0, before=7)
    [gone] = world.rows("people.vanished.csv")
    assert world.command("acknowledge", RESULTS)[0] == 0
    save(world, [ada, *others])
    told = world.run(*RUN).ended(0, before=8)
    assert (
        f"in the list again, after somebody has seen to their records: 1 ({gone['external_id']})"
        in (told.stdout + told.stderr)
    )
    again = world.run(*RUN).ended(0, before=8)
    assert "in the list again" not in again.stdout + again.stderr


class TestANightUnderAnotherMapping:
    """What it has read of a record counts only for a mapping that knows nothing of that record."""

    def test_a_change_of_what_it_left_out_is_told(self, world: World) -> None:
        ada, *others = everybody(8)
        begin(world, [ada, *others])
        maps(world, NAME + TEL)
        world.run(*RUN).ended(0, before=8)
        maps(world)
        save(world, [moved(ada), *others])
        world.run(*RUN).ended(6, changed=1, before=7)

    def test_a_new_tenant_is_not_the_old_one(self, world: World) -> None:
        """For one night the landlord's number was taken for the tenant's."""
        people = [{**one, "Owner": f"05077{at:05}"} for at, one in enumerate(everybody(16))]
        begin(world, people)
        maps(world, FIELDS.replace('"Tel"', '"Owner"'))
        world.run(*RUN).ended(0, before=16)
        maps(world)
        tenants = [{**person(20 + at), "Owner": f"05077{at:05}"} for at in range(4)]
        save(world, [*tenants, *people[4:]])
        world.run(*RUN).ended(0, created=4, before=12)

    def test_a_number_that_it_took_for_somebody_else_is_still_ones_own(self, world: World) -> None:
        """Children have a parent's mobile at home, and home was the number that was sent."""
        parents = [{**one, "Home": "", "City": "Ajman"} for one in everybody(10)]
        child = {**person(20), "Tel": "", "Home": parents[0]["Tel"], "City": "Ajman"}
        begin(world, [*parents, child], fields=NAME + MAIL)
        for fields in (TEL.replace('"Tel"', '"Home"'), TEL):
            maps(world, NAME + MAIL + fields)
            world.run(*RUN).ended(0, before=11)
        maps(world, FIELDS + 'city = "City"\n')
        parents[0] |= {"First": "Adelheid", "Last": "Marin", "Mail": "am@example.net"}
        save(world, [*parents, child])
        world.run(*RUN).ended(6, possible_duplicate=1, before=10)


def test_the_record_of_a_deal_that_left_long_ago_is_not_that_of_the_next_one(world: World) -> None:
    """January's is won, paid and gone. February's is won now, with the amount of January's."""
    fields = 'title = "Title"\ncontact_email = "Mail"\namount = "Amount"\nstage = "Stage"\n'
    fields += 'close_date = "Due"\n'
    flat = {"Title": "Retainer", "Mail": "a@example.com", "Due": "2026-01-31"}
    january, february = {**flat, "Amount": "100"}, {**flat, "Amount": "120", "Due": "2026-02-28"}
    others = [{**flat, "Title": f"Flat {n}", "Amount": f"{n}", "Stage": "open"} for n in range(6)]
    maps(world, fields, object_="deal")
    save(world, [{**january, "Stage": "won"}, {**february, "Stage": "open"}, *others])
    world.run(*RUN).ended(0, created=8)
    [record] = [one for one in world.rows("people.success.csv") if one["Amount"] == "120"]
    save(world, [{**february, "Stage": "open"}, *others])
    world.run(*RUN).ended(0, before=7)
    save(world, [{**february, "Amount": "100", "Stage": "won"}, *others])
    world.run(*RUN).ended(6, changed=1, before=6)
    [row] = world.rows("people.changed.csv")
    assert row["vorel_external_id"] == record["vorel_external_id"]
