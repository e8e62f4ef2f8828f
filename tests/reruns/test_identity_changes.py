"""The identity is added, dropped, mended or another one between runs."""

from __future__ import annotations

import pytest
from referee import World, lost, refusal
from referee.changed_mappings import (
    EVERYBODY,
    EXPORTED_ANEW,
    MAPPING,
    PEOPLE,
    RUN,
    identify,
    import_them,
    mend,
)
from referee.fixtures import beginning


@pytest.fixture
def imported(world: World) -> World:
    """Three people who were imported by the first mapping."""
    return import_them(world)


class TestIdentity:
    def test_is_added_and_rows_move(self, imported: World) -> None:
        mend(imported, 'external_ref = "Ref"')
        identify(imported, "external_ref")
        imported.sort("people.csv", reverse=True)
        imported.run(*RUN).ended(0, before=3)
        imported.settled(**EVERYBODY)

    def test_is_added_while_an_unmapped_column_differs(self, imported: World) -> None:
        identify(imported, "email")
        imported.edit("people.csv", EXPORTED_ANEW)
        imported.run(*RUN).ended(0, before=3)
        imported.settled(**EVERYBODY)

    def test_is_added_and_a_row_repeated(self, imported: World) -> None:
        identify(imported, "email")
        imported.edit("people.csv", ("Bo,", "Ada,Abboud,ada@example.com,C-1,sunday\nBo,"))
        imported.run(*RUN).knew(4)
        imported.settled(**EVERYBODY)

    def test_is_dropped_and_rows_move_and_differ(self, world: World) -> None:
        world.write("people.csv", PEOPLE)
        world.write("mapping.toml", MAPPING)
        identify(world, "email")
        world.run(*RUN).ended(0, created=3)
        identify(world)
        world.edit("people.csv", EXPORTED_ANEW)
        world.sort("people.csv", reverse=True)
        world.run(*RUN).ended(0, before=3)
        world.settled(**EVERYBODY)

    def test_is_another_one_while_an_unmapped_column_differs(self, world: World) -> None:
        world.write("people.csv", PEOPLE)
        world.write("mapping.toml", MAPPING)
        mend(world, 'external_ref = "Ref"')
        identify(world, "email")
        world.run(*RUN).ended(0, created=3)
        identify(world, "external_ref")
        world.edit("people.csv", EXPORTED_ANEW)
        world.run(*RUN).ended(0, before=3)
        world.settled(**EVERYBODY)

    def test_that_was_wrong_and_is_mended_brings_in_whom_it_hid(self, world: World) -> None:
        world.write("people.csv", PEOPLE.replace("C-2", "C-1"))
        world.write("mapping.toml", MAPPING)
        mend(world, 'external_ref = "Ref"')
        identify(world, "external_ref")
        world.run(*RUN).ended(6, created=2, possible_duplicate=1)
        world.run(*RUN, "--on-duplicate", "skip").ended(0, before=2, duplicate=1)
        identify(world, "email")
        world.run(*RUN).ended(0, before=2, created=1)
        world.settled(**EVERYBODY)


@pytest.mark.parametrize("equal_rows", ["skip", "send"])
def test_a_change_that_was_sent_without_a_clear_answer_is_sent_again(
    world: World, equal_rows: str
) -> None:
    world.write("people.csv", PEOPLE)
    world.write("mapping.toml", MAPPING.replace("[fields]", '[fields]\n    last_name = "Last"'))
    identify(world, "email")
    world.remembers = True
    run = (*RUN, "--on-change", "send", "--on-duplicate", equal_rows)
    world.run(*run).ended(0, created=3)
    world.edit("people.csv", ("Abboud", "Abbas"))
    world.crm.script("Ada", lost, refusal("validation_error"))
    world.run(*run).ended(1, before=2, unknown=1)
    world.run(*run).ended(0, before=2, created=1)
    world.settled(Ada=2, Bo=1, Cyd=1)


class TestAnAddressThatTwoPeopleShare:
    """The list is exported anew, and the second of the two stands above the first."""

    @beginning
    def exported_anew(self, world: World) -> None:
        world.write("people.csv", PEOPLE)
        world.write("mapping.toml", MAPPING)
        identify(world, "email")
        world.run(*RUN).ended(0, created=3)
        partner = "Dee,Diaz,ada@example.com,C-4,monday\nAda,"
        world.edit("people.csv", ("Ada,", partner), EXPORTED_ANEW)

    def test_and_equal_rows_are_sent(self, exported_anew: World) -> None:
        exported_anew.run(*RUN, "--on-duplicate", "send").ended(0, before=3, created=1)
        exported_anew.settled(**EVERYBODY, Dee=1)

    def test_and_equal_rows_are_sent_later(self, exported_anew: World) -> None:
        exported_anew.run(*RUN, "--on-duplicate", "skip").ended(0, before=3, duplicate=1)
        hers = exported_anew.crm.of("Ada")[0].record
        assert exported_anew.outcomes("people.results.jsonl")[1]["external_id"] == hers
        exported_anew.run(*RUN, "--on-duplicate", "send").ended(0, before=3, created=1)
        exported_anew.settled(**EVERYBODY, Dee=1)

    @pytest.mark.parametrize("fields", [("email", "first_name"), ()])
    def test_and_the_identity_is_mended_or_dropped(
        self, exported_anew: World, fields: tuple[str, ...]
    ) -> None:
        identify(exported_anew, *fields)
        exported_anew.run(*RUN).ended(0, before=3, created=1)
        exported_anew.settled(**EVERYBODY, Dee=1)

    @pytest.mark.parametrize(
        ("fields", "flags"),
        [(("email",), ("--on-duplicate", "send")), (("email", "first_name"), ()), ((), ())],
    )
    def test_and_the_known_one_is_edited_too(
        self, exported_anew: World, fields: tuple[str, ...], flags: tuple[str, ...]
    ) -> None:
        mapping = exported_anew.read("mapping.toml")
        exported_anew.write("mapping.toml", mapping + 'last_name = "Last"\n')
        identify(exported_anew, *fields)
        exported_anew.edit("people.csv", ("Abboud", "Abbas"))
        exported_anew.run(*RUN, *flags)
        exported_anew.settled(**EVERYBODY, Dee=1)


@pytest.mark.parametrize("is_there_before", [False, True])
def test_all_are_sent_and_a_known_row_is_edited_below_one_with_its_new_identity(
    world: World, *, is_there_before: bool
) -> None:
    """The other one takes the first key of the identity, which says nothing about the known row."""
    world.write("people.csv", PEOPLE)
    world.write("mapping.toml", MAPPING.replace("[fields]", '[fields]\n    last_name = "Last"'))
    run = (*RUN, "--on-duplicate", "send")
    world.run(*run).ended(0, created=3)
    identify(world, "last_name")
    world.edit("people.csv", ("Ada,", "Dee,Abboud,dee@example.com,C-4,monday\nAda,"))
    if is_there_before:
        world.run(*run).ended(0, before=3, created=1)
    world.edit("people.csv", ("Ada,Abboud", "Ada Mary,Abboud"))
    world.run(*run).knew(4 if is_there_before else 3, **({} if is_there_before else {"created": 1}))
    world.holds(**EVERYBODY, Dee=1)


def test_a_refused_row_is_not_taken_for_the_record_that_a_row_with_its_identity_has(
    world: World,
) -> None:
    """The request of the one was refused; the record was made by that of the other one."""
    no, run = refusal("validation_error"), (*RUN, "--on-duplicate", "skip")
    world.write("people.csv", "First,Mail,Ref\nAda,ada@example.com,C-1\nBo,bo@example.com,C-1\n")
    world.write("mapping.toml", MAPPING)
    mend(world, 'external_ref = "Ref"')
    identify(world, "external_ref")
    world.crm.script("Ada", no, no)
    world.run(*run).ended(1, failed=1, duplicate=1)
    world.edit("people.csv", ("ada@example.com,C-1", "ada@example.com,C-2"))
    world.run(*run).ended(1, created=1, failed=1)
    world.run(*run).ended(0, before=1, created=1)
    world.settled(Ada=1, Bo=1)
