"""The mapping, the identity or the settings change between runs, and often the list with them."""

from __future__ import annotations

import json

import pytest
from referee import World, lost, refusal
from referee.changed_mappings import (
    EVERYBODY,
    EXPORTED_ANEW,
    MAPPING,
    PEOPLE,
    RUN,
    import_them,
    mend,
)
from referee.weeks import FIELDS, MAIL, NAME, RESULTS, TEL, begin, everybody, maps, person, save
from referee.weeks import RUN as WEEKS

MENDED = {
    "a constant": 'source = { const = "old list" }',
    "a field more": 'last_name = "Last"',
    "a template": 'name = { template = "{First} {Last}" }',
    "an id": 'external_ref = "Ref"',
}


@pytest.fixture
def imported(world: World) -> World:
    """Three people who were imported by the first mapping."""
    return import_them(world)


@pytest.mark.parametrize("line", MENDED.values(), ids=MENDED)
class TestAMendedMapping:
    def test_of_the_same_list(self, imported: World, line: str) -> None:
        mend(imported, line)
        imported.run(*RUN).ended(0, before=3)
        imported.settled(**EVERYBODY)

    def test_and_the_night_after_it_an_unmapped_column_differs(
        self, imported: World, line: str
    ) -> None:
        mend(imported, line)
        imported.run(*RUN).ended(0, before=3)
        imported.edit("people.csv", EXPORTED_ANEW)
        imported.run(*RUN).ended(0, before=3)
        imported.settled(**EVERYBODY)

    def test_while_an_unmapped_column_differs(self, imported: World, line: str) -> None:
        mend(imported, line)
        imported.edit("people.csv", EXPORTED_ANEW)
        imported.run(*RUN).ended(0, before=3)
        imported.settled(**EVERYBODY)

    def test_while_rows_are_edited_sorted_and_added(self, imported: World, line: str) -> None:
        mend(imported, line)
        imported.edit("people.csv", EXPORTED_ANEW, ("Cyd,", "Dan,Dahl,dan@example.com,C-4,\nCyd,"))
        imported.sort("people.csv", reverse=True)
        imported.run(*RUN).ended(0, before=3, created=1)
        imported.settled(**EVERYBODY, Dan=1)


def test_three_mappings_and_rows_that_only_the_first_one_knows(imported: World) -> None:
    mend(imported, 'source = { const = "spring" }')
    imported.run(*RUN).ended(0, before=3)
    imported.edit("mapping.toml", ("spring", "summer"))
    imported.edit("people.csv", EXPORTED_ANEW)
    imported.run(*RUN).ended(0, before=3)
    imported.settled(**EVERYBODY)


def test_a_field_that_is_taken_out_of_the_mapping(imported: World) -> None:
    mend(imported, 'last_name = "Last"')
    imported.edit("people.csv", ("Cyd,", "Dan,Dahl,dan@example.com,C-4,monday\nCyd,"))
    imported.run(*RUN).ended(0, before=3, created=1)
    imported.edit("mapping.toml", ('last_name = "Last"\n', ""))
    imported.edit("people.csv", EXPORTED_ANEW)
    imported.run(*RUN).ended(0, before=4)
    imported.settled(**EVERYBODY, Dan=1)


def test_a_mapping_that_is_changed_and_changed_back(imported: World) -> None:
    mend(imported, 'last_name = "Last"')
    imported.run(*RUN).ended(0, before=3)
    imported.edit("mapping.toml", ('last_name = "Last"\n', ""))
    imported.edit("people.csv", EXPORTED_ANEW)
    imported.run(*RUN).ended(0, before=3)
    imported.settled(**EVERYBODY)


def test_headers_that_are_renamed_in_list_and_mapping_at_once(imported: World) -> None:
    imported.edit("people.csv", ("First,Last,Mail", "Vorname,Nachname,E-Mail"))
    imported.edit("mapping.toml", ('"First"', '"Vorname"'), ('"Mail"', '"E-Mail"'))
    imported.run(*RUN).ended(0, before=3)
    imported.settled(**EVERYBODY)


class TestEqualRows:
    """`A,B,A`: with one mapping stopped after two rows, with another one to the end."""

    def test_a_list_that_was_stopped_before_the_copy(self, world: World) -> None:
        world.write("people.csv", PEOPLE.replace("Cyd,Cohen,cyd@example.com,C-3", "A"))
        world.edit("people.csv", ("A,monday", "Ada,Abboud,ada@example.com,C-1,monday"))
        world.write("mapping.toml", MAPPING)
        assert world.run(*RUN, "--limit", "2").counts["created"] == 2
        mend(world, 'source = { const = "old list" }')
        world.run(*RUN).knew(3)
        world.settled(Ada=1, Bo=1)

    @pytest.mark.parametrize("before", ["Ada,", "Cyd,"], ids=["above", "below"])
    def test_a_copy_put_in_once_the_mapping_has_changed(self, imported: World, before: str) -> None:
        mend(imported, 'source = { const = "old list" }')
        copy = "Bo,Berg,bo@example.com,C-2,monday"
        imported.edit("people.csv", (f"\n{before}", f"\n{copy}\n{before}"))
        imported.run(*RUN).knew(4)
        imported.settled(**EVERYBODY)

    def test_a_copy_that_differs_in_what_is_mapped_from_now_on(self, world: World) -> None:
        """It is sent as it is in one run with that mapping: the two are not equal any more."""
        phones = (
            "First,Mail,Phone\nAda,ada@example.com,0501110001\nAda,ada@example.com,0501110002\n"
        )
        world.write("people.csv", phones)
        world.write("mapping.toml", MAPPING)
        world.run(*RUN).ended(0, created=1, duplicate=1)
        mend(world, 'phone = "Phone"')
        world.run(*RUN).ended(0, before=1, created=1)
        world.settled(Ada=2)

    def test_a_row_that_is_equal_once_mapped(self, imported: World) -> None:
        mend(imported, 'source = { const = "old list" }')
        imported.run(*RUN).ended(0, before=3)
        imported.edit("people.csv", ("Bo,", "Ada,Abboud,ada@example.com,C-1,sunday\nBo,"))
        imported.run(*RUN).knew(4)
        imported.settled(**EVERYBODY)


class TestAPoorFirstMapping:
    """It sends first names alone, so that two people are one record's content."""

    SAMS = """\
        First,Last,Mail,Exported
        Sam,Adams,adams@example.com,monday
        Sam,Baker,baker@example.com,monday
        """
    POOR = MAPPING.replace('email = "Mail"', "")

    @staticmethod
    def mend(world: World) -> None:
        world.edit("mapping.toml", ('"First"', '"First"\nlast_name = "Last"\nemail = "Mail"'))

    @staticmethod
    def last_names(world: World) -> set[object]:
        return {record.fields.get("last_name") for record in world.crm.of("Sam")}

    @pytest.mark.parametrize("skip", [(), ("--on-duplicate", "skip")], ids=["", "skipped"])
    def test_hides_nobody_for_ever(self, world: World, skip: tuple[str, ...]) -> None:
        world.write("people.csv", self.SAMS)
        world.write("mapping.toml", self.POOR)
        if skip:
            world.run(*RUN, *skip).ended(0, created=1, duplicate=1)
        else:
            world.run(*RUN).ended(6, created=1, possible_duplicate=1)
        self.mend(world)
        world.run(*RUN).ended(0, before=1, created=1)
        world.settled(Sam=2)
        assert self.last_names(world) == {None, "Baker"}

    def test_hides_nobody_whose_first_answer_was_lost(self, world: World) -> None:
        world.remembers = True
        world.write("people.csv", self.SAMS)
        world.write("mapping.toml", self.POOR)
        world.crm.script("Sam", lost, *[refusal("unauthorized", 401)] * 9)
        assert world.run(*RUN).exit_code == 3
        world.crm.script("Sam")
        self.mend(world)
        world.run(*RUN).ended(1, unknown=1, created=1)
        assert self.last_names(world) == {None, "Baker"}

    def test_takes_nobody_new_for_the_one_it_knew(self, world: World) -> None:
        world.write("people.csv", self.SAMS.replace("Sam,Baker,baker@example.com,monday", ""))
        world.write("mapping.toml", self.POOR)
        world.run(*RUN).ended(0, created=1)
        self.mend(world)
        world.write("people.csv", self.SAMS)
        world.sort("people.csv", reverse=True)
        world.run(*RUN).ended(0, created=1, before=1)
        world.settled(Sam=2)
        assert self.last_names(world) == {None, "Baker"}

    def test_lets_nobody_stand_for_whom_it_replaced_and_who_comes_back(self, world: World) -> None:
        header, adams, baker, _ = self.SAMS.split("\n")
        world.write("people.csv", f"{header}\n{adams}\n")
        world.write("mapping.toml", self.POOR)
        world.run(*RUN).ended(0, created=1)
        world.write("people.csv", f"{header}\n{baker}\n")
        world.run(*RUN).ended(0, before=1)
        self.mend(world)
        world.write("people.csv", self.SAMS)
        world.run(*RUN).ended(0, before=1, created=1)
        world.settled(Sam=2)
        assert self.last_names(world) == {None, "Baker"}

    def test_covers_as_many_rows_as_it_made_records(self, world: World) -> None:
        world.write("people.csv", self.SAMS.replace("Sam,Baker,baker@example.com,monday", ""))
        world.write("mapping.toml", self.POOR)
        world.run(*RUN).ended(0, created=1)
        self.mend(world)
        more = "Sam,Baker,baker@example.com,tuesday\n        Sam,Cole,cole@example.com,tuesday"
        world.edit("people.csv", ("monday", f"monday\n{more}".replace("        ", "")))
        world.run(*RUN).ended(0, before=1, created=2)
        world.settled(Sam=3)
        assert self.last_names(world) == {None, "Baker", "Cole"}


def test_an_old_failed_file_after_two_more_mappings(world: World) -> None:
    """The record was made of another version by a mapping that has only the address in common."""
    last, ref = 'last_name = "Last"', 'external_ref = "Ref"'
    world.write("people.csv", PEOPLE)
    world.write("mapping.toml", MAPPING)
    mend(world, last)
    world.crm.script("Bo", refusal("validation_error"))
    world.run(*RUN).ended(1, created=2, failed=1)
    world.write("old.csv", world.read("people.failed.csv"))
    world.edit("mapping.toml", (last, ref))
    world.edit("people.csv", EXPORTED_ANEW)
    world.run(*RUN).ended(0, before=2, created=1)
    world.edit("mapping.toml", (ref, f'{last}\nsource = {{ const = "old list" }}'))
    world.run("old.csv", *RUN[1:]).ended(0, before=1)
    world.run(*RUN).ended(0, before=3)
    world.settled(**EVERYBODY)


@pytest.mark.parametrize("edit", [[], [EXPORTED_ANEW]], ids=["same list", "another export"])
def test_the_mapping_is_changed_while_an_answer_is_lost(
    world: World, edit: list[tuple[str, str]]
) -> None:
    world.remembers = True
    world.write("people.csv", PEOPLE)
    world.write("mapping.toml", MAPPING)
    world.crm.script("Ada", lost, refusal("unauthorized", 401))
    assert world.run(*RUN).exit_code == 3
    mend(world, 'source = { const = "old list" }')
    world.edit("people.csv", *edit)
    world.run(*RUN)
    assert len(world.crm.keys("Ada")) == 1
    world.settled(**EVERYBODY)


@pytest.mark.parametrize("stamps", [("day",) * 4, ("mon", "tue", "wed", "thu")])
@pytest.mark.parametrize("is_compacted", [False, True])
def test_a_mapping_that_swapped_names_once_hides_no_swapped_list(
    world: World, stamps: tuple[str, ...], is_compacted: bool
) -> None:
    people = everybody(31)
    nights = [[{**row, "Exported": day} for row in people] for day in stamps]
    begin(world, nights[0][:30])
    save(world, [*nights[0][:30], *nights[0][:30]])
    world.run(*WEEKS).ended(0, before=30, duplicate=30)
    maps(world, 'first_name = "Last"\nlast_name = "First"\n' + MAIL + TEL)
    save(world, nights[1])
    world.run(*WEEKS).ended(0, before=30, created=1)
    maps(world)
    save(world, nights[2])
    world.run(*WEEKS).ended(0, before=31)
    if is_compacted:
        assert world.command("compact", RESULTS)[0] == 0
    save(world, [{**row, "First": row["Last"], "Last": row["First"]} for row in nights[3][:30]])
    told = world.run(*WEEKS).ended(6, changed=30).report["changed_fields"]
    assert told == {"first_name": 30, "last_name": 30}


@pytest.mark.parametrize("text", ["# a comment\n", "\n\n"])
def test_a_comment_in_the_mapping_is_no_other_mapping(world: World, text: str) -> None:
    begin(world, everybody(3))
    for at, day in enumerate(("tue", "wed", "thu")):
        world.write("mapping.toml", world.read("mapping.toml") + text * at)
        save(world, [{**row, "Exported": day} for row in everybody(3)])
        world.run(*WEEKS).ended(0, before=3)
    lines = [json.loads(one) for one in world.read(RESULTS).splitlines()]
    used = {one["mapping_sha256"] for one in lines if one["kind"] == "run"}
    recorded = [one["mapping"]["sha256"] for one in lines if one["kind"] == "mapping"]
    assert sorted(recorded) == sorted(used), "each text of the file is on record, once"


def test_a_namesake_has_not_the_record_because_names_were_sent_alone_for_a_night(
    world: World,
) -> None:
    """That night the record got a version without an address; a fuller mapping says more."""
    ours = {**person(3), "First": "Bo", "Last": "Saleh"}
    namesake = {**person(4), "First": "Bo", "Last": "Saleh"}
    begin(world, [*everybody(3), ours])
    maps(world, NAME)
    save(world, [*everybody(3), {**ours, "Exported": "tuesday"}])
    world.run(*WEEKS).ended(0, before=4)
    maps(world, f'{FIELDS}source = {{ const = "spring" }}\n')
    save(world, [namesake, *everybody(3), {**ours, "Exported": "wednesday"}])
    world.run(*WEEKS).ended(0, before=4, created=1)
    assert world.crm.records[list(world.crm.records)[-1]].fields["email"] == namesake["Mail"]


def test_a_row_that_a_person_knows_is_known_when_its_columns_have_other_names(
    world: World,
) -> None:
    """Nothing maps the row as it was mapped then, and a colleague has the same details by now."""
    people = everybody(5)
    begin(world, people)
    ours = {**people[0], "First": f"{people[0]['First']}h", "Last": f"{people[0]['Last']}h"}
    save(world, [ours, *people[1:]])
    world.run(*WEEKS).ended(6, before=4, possible_duplicate=1)
    assert world.command("acknowledge", RESULTS, "--same", "all")[0] == 0
    colleague = {**ours, "First": "Zoe", "Last": "Marin"}
    maps(world, f'name = "Whole"\n{MAIL}{TEL}')
    whole = [{**row, "Whole": f"{row['First']} {row['Last']}"} for row in (colleague, ours)]
    others = [{**row, "Whole": f"{row['First']} {row['Last']}"} for row in people[1:]]
    gone = {"First", "Last"}
    rows = [*whole, *others]
    save(world, [{key: row[key] for key in row if key not in gone} for row in rows])
    world.run(*WEEKS).ended(0, before=5, created=1)
    assert len(world.crm.records) == 6
