"""Two people whom a mapping without their addresses took for one, once it is mended."""

from __future__ import annotations

import pytest
from referee import World, lost, refusal
from referee.equal_rows import ADA, BO, MAPPING, SEND, SKIP, edited, lists

ANA = "Ana,,monday\n"
ANA_ELSEWHERE = "Ana,ana@example.com,monday\n"
NAMES_ALONE = MAPPING.replace('    email = "Mail"\n', "")
ONE = (*SKIP, "--on-duplicate", "skip")
"""Without this, rows that are equal only in what is sent are possible duplicates."""


@pytest.mark.parametrize("first", ["is in the list as it was", "was edited"])
def test_two_whom_a_mapping_took_for_one_and_one_still_has_the_records_content(
    world: World, first: str
) -> None:
    world.write("mapping.toml", NAMES_ALONE)
    lists(world, ANA_ELSEWHERE, ANA)
    world.run(*ONE).ended(0, created=1, duplicate=1)
    world.write("mapping.toml", MAPPING)
    if first == "was edited":
        lists(world, edited(ANA_ELSEWHERE), edited(ANA))
    world.run(*SKIP).ended(0, before=1, created=1)
    lists(world, edited(ANA, "friday"), edited(ANA_ELSEWHERE, "friday"))
    world.run(*SKIP).knew(2)
    world.settled(Ana=2)


def test_copies_of_the_one_that_has_the_records_content_are_its_duplicates(world: World) -> None:
    world.write("mapping.toml", NAMES_ALONE)
    lists(world, ANA_ELSEWHERE, ANA)
    world.run(*ONE).ended(0, created=1, duplicate=1)
    world.write("mapping.toml", MAPPING)
    lists(world, ANA_ELSEWHERE, ANA, edited(ANA), edited(ANA, "friday"))
    world.run(*ONE).ended(0, before=1, created=1, duplicate=2)
    world.settled(Ana=2)


def test_the_one_that_has_the_records_content_is_sent_again_with_its_own_key(world: World) -> None:
    world.write("mapping.toml", NAMES_ALONE)
    lists(world, ANA_ELSEWHERE, ANA)
    world.run(*ONE).ended(0, created=1, duplicate=1)
    world.write("mapping.toml", MAPPING)
    world.remembers = True
    world.crm.script("Ana", lost, refusal("validation_error"))
    world.run(*SKIP).ended(1, before=1, unknown=1)
    world.run(*SKIP).ended(0, before=1, created=1)
    world.remembers = False
    world.settled(Ana=2)


def test_one_that_is_held_back_takes_no_number_of_those_that_are_sent(world: World) -> None:
    world.write("mapping.toml", NAMES_ALONE)
    other = "Ada,other@example.com,monday\n"
    lists(world, ADA, other)
    world.crm.script("Ada", lost, refusal("validation_error"))
    world.run(*ONE).ended(1, unknown=1, duplicate=1)
    world.crm.script("Ada", lost, refusal("validation_error"))
    world.run(*SEND, "--namespace", "spring").ended(1, unknown=2)
    world.write("mapping.toml", MAPPING)
    lists(world, edited(ADA), edited(other))
    world.run(*SEND, "--namespace", "spring").ended(1, unknown=2)
    world.holds(Ada=2)


OTHER = "Ada,other@example.com,monday\n"


def test_a_copy_of_the_second_of_two_whom_a_mapping_took_for_one(world: World) -> None:
    world.write("mapping.toml", NAMES_ALONE)
    lists(world, ADA, OTHER)
    world.run(*SEND).ended(0, created=2)
    world.write("mapping.toml", MAPPING)
    lists(world, ADA, OTHER, edited(OTHER))
    world.run(*SKIP).ended(0, before=2, duplicate=1)
    world.settled(Ada=2)


def test_one_whom_a_poor_mapping_takes_for_a_known_one_is_sent_once_it_is_mended(
    world: World,
) -> None:
    lists(world, ADA, edited(ADA))
    world.run(*SKIP).ended(0, created=1, duplicate=1)
    world.write("mapping.toml", NAMES_ALONE)
    lists(world, OTHER, ADA, edited(ADA))
    world.run(*ONE).ended(0, before=1, duplicate=2)
    outcomes = world.outcomes("people.results.jsonl")
    assert [outcomes[row]["duplicate_of"] for row in (1, 3)] == [2, 2]
    world.write("mapping.toml", MAPPING)
    world.run(*SKIP).ended(0, before=1, created=1, duplicate=1)
    world.settled(Ada=2)


def test_one_that_another_mapping_may_have_made_is_in_doubt_beside_its_like(world: World) -> None:
    """Who looks up all rows in doubt before `--resend-unknown` has to be told of this one."""
    header, elsewhere, firm = "First,Mail,Firm,Note\n", "Ana,ana@example.com,,x\n", "Ana,,Acme,x\n"
    world.write("mapping.toml", NAMES_ALONE)
    world.write("people.csv", header + elsewhere)
    world.run(*SKIP).ended(0, created=1)
    world.write("mapping.toml", MAPPING.replace('email = "Mail"', 'company = "Firm"'))
    world.write("people.csv", header + elsewhere + firm)
    world.crm.script("Ana", lost, refusal("validation_error"))
    world.run(*SKIP).ended(1, before=1, unknown=1)
    world.write("mapping.toml", MAPPING)
    world.write("people.csv", header + elsewhere + "Ana,,,x\n" + firm.replace("x", "y"))
    for _ in range(2):
        world.run(*SKIP).ended(1, before=1, possible_duplicate=1, unknown=1)
    world.holds(Ana=2)


def import_with_a_copy(world: World) -> None:
    """Import Ada and a copy of her row by name alone, and then with the address too."""
    world.write("mapping.toml", NAMES_ALONE)
    lists(world, ADA, edited(ADA))
    world.run(*ONE).ended(0, created=1, duplicate=1)
    world.write("mapping.toml", MAPPING)
    world.run(*SKIP).ended(0, before=1, duplicate=1)


SOMEBODY_ELSE = pytest.mark.parametrize(
    ("row", "mail"),
    [
        (OTHER, "other@example.com"),
        ("Ada Abboud,other@example.com,monday\n", "other@example.com"),
        ("Ada,,monday\n", None),
    ],
    ids=["of that name", "of a longer name", "who is mapped as the record is"],
)


@SOMEBODY_ELSE
@pytest.mark.parametrize("changed", ["the list", "first the words of the mapping file"])
@pytest.mark.parametrize("copy_stands", ["above", "below"])
def test_a_copy_has_the_record_before_a_row_that_only_a_poor_mapping_takes_for_it(
    world: World, row: str, mail: str | None, changed: str, copy_stands: str
) -> None:
    """Somebody else is written over one of two rows that are the same today."""
    import_with_a_copy(world)
    if changed != "the list":
        world.edit("mapping.toml", ("[fields]", "# as agreed\n[fields]"))
        world.run(*SKIP).knew(2)
    lists(world, *((edited(ADA), row) if copy_stands == "above" else (row, edited(ADA))))
    world.run(*SKIP).ended(0, before=1, created=1)
    made = [record.fields.get("email") for record in world.crm.records.values()]
    assert made == [None, mail]
    world.settled(Ada=2)


@pytest.mark.parametrize("address", ["ada@example.com", "ADA@EXAMPLE.COM"])
def test_a_row_that_is_the_same_as_its_copy_today_has_that_ones_record(
    world: World, address: str
) -> None:
    import_with_a_copy(world)
    lists(world, f"Ada,{address},friday\n", edited(ADA))
    world.run(*SKIP).ended(0, before=1, duplicate=1)
    world.settled(Ada=1)


def test_a_copy_that_inherits_a_record_is_no_reason_to_send_its_owner(world: World) -> None:
    """Its id is another one: the record is that of either, and nobody can know of which."""
    header, ada = "First,Mail,Ref,Note\n", "Ada,ada@example.com,7,monday\n"
    world.write("mapping.toml", MAPPING)
    world.write("people.csv", header + ada + edited(ada))
    world.run(*ONE).ended(0, created=1, duplicate=1)
    world.write("mapping.toml", MAPPING + '    external_ref = "Ref"\n')
    world.run(*SKIP).ended(0, before=1, duplicate=1)
    world.write("people.csv", header + ada.replace("7", "8") + edited(ada))
    world.run(*SKIP).ended(6, before=1, possible_duplicate=1)
    world.holds(Ada=1)


def test_rows_that_meant_the_same_are_two_once_more_of_them_is_sent(world: World) -> None:
    header, ada = "First,Mail,Notes\n", "Ada,ada@example.com,"
    rows = (ada + "seen\n", ada + "\n", ada.replace("ada@", "ADA@") + "again\n")
    world.write("mapping.toml", MAPPING)
    world.write("people.csv", header + "".join(rows))
    world.run(*SKIP).ended(0, created=1, duplicate=2)
    world.write("mapping.toml", MAPPING + '    notes = "Notes"\n')
    world.run(*SKIP, "--on-change", "send").ended(0, before=1, created=2)
    world.settled(Ada=3)


def test_a_row_that_is_like_a_copy_that_was_decided_is_compared_with_it(world: World) -> None:
    """The copy keeps what a person said of it, and its owner has left the list."""
    world.write("mapping.toml", NAMES_ALONE)
    lists(world, BO, ADA, edited(ADA))
    world.run(*SKIP).ended(6, created=2, possible_duplicate=1)
    world.acknowledge("--same", "all")
    lists(world, BO, edited(ADA), edited(ADA, "new"))
    world.run(*SKIP).ended(6, before=2, possible_duplicate=1)
    lists(world, BO, edited(ADA))
    world.run(*SKIP).knew(2)
    world.settled(Ada=1, Bo=1)
