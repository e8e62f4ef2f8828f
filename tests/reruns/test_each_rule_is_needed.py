"""Without any one of the rules by which rows are known, somebody is made twice or mistaken."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from law.mutants import MUTANTS, mutated
from referee import World, dropped, lost, refusal

MAPPING = """\
    object = "contact"
    [fields]
    first_name = "First"
    email = "Mail"
    """
RUN = ("people.csv", "--mapping", "mapping.toml")
HEADER = "First,Mail,Exported\n"
ADA, BO, CYD = "Ada,ada@example.com,1\n", "Bo,bo@example.com,1\n", "Cyd,cyd@example.com,1\n"


SKIP, SEND = (*RUN, "--on-duplicate", "skip"), (*RUN, "--on-duplicate", "send")
NO = refusal("validation_error")
ABBOUD = "Ada,Abboud,ada@example.com,1\n"


def people(world: World, *rows: str) -> None:
    world.write("people.csv", HEADER + "".join(rows))


def with_last_names(world: World, *rows: str) -> None:
    header = HEADER.replace("First", "First,Last")
    world.write("people.csv", header + "".join(rows))
    if "last_name" not in world.read("mapping.toml"):
        mend(world, 'last_name = "Last"')


def with_phones(world: World, *rows: str) -> None:
    world.write("people.csv", HEADER.replace("Mail", "Mail,Phone") + "".join(rows))


def without_addresses(world: World) -> None:
    world.edit("mapping.toml", ('email = "Mail"', ""))


def with_addresses_again(world: World) -> None:
    world.edit("mapping.toml", ('first_name = "First"', 'first_name = "First"\nemail = "Mail"'))


def with_the_identity(world: World) -> None:
    world.edit("mapping.toml", ("[fields]", 'identity = ["email"]\n[fields]'))


def mend(world: World, line: str = 'source = { const = "old list" }') -> None:
    world.edit("mapping.toml", ('email = "Mail"', f'email = "Mail"\n{line}'))


def exported_again(row: str) -> str:
    return row.replace(",1\n", ",2\n")


def the_mapping_and_an_unmapped_column_change(world: World) -> None:
    people(world, ADA, BO)
    world.run(*RUN).ended(0, created=2)
    mend(world)
    people(world, exported_again(ADA), exported_again(BO))
    world.run(*RUN).ended(0, before=2)


def an_earlier_mapping_sent_the_address(world: World) -> None:
    with_last_names(world, ABBOUD)
    world.run(*RUN).ended(0, created=1)
    without_addresses(world)
    with_last_names(world, ABBOUD.replace("Abboud", "Marin"))
    world.run(*RUN).ended(6, possible_duplicate=1)


def one_more_than_there_are_records(world: World) -> None:
    people(world, ADA)
    world.run(*SEND).ended(0, created=1)
    people(world, exported_again(ADA), exported_again(ADA))
    world.run(*SEND).ended(0, before=1, created=1)


def a_poor_mapping_takes_two_for_one(world: World) -> None:
    without_addresses(world)
    people(world, ADA, "Ada,other@example.com,1\n")
    world.run(*SKIP).ended(0, created=1, duplicate=1)
    with_addresses_again(world)
    world.run(*RUN).ended(0, before=1, created=1)


def an_address_changes_in_one_of_two_copies(world: World) -> None:
    with_last_names(world, ABBOUD, exported_again(ABBOUD))
    world.run(*SKIP).ended(0, created=1, duplicate=1)
    with_last_names(world, ABBOUD, exported_again(ABBOUD).replace("ada@", "abboud@"))
    world.run(*RUN).ended(6, before=1, possible_duplicate=1)


def another_address_and_then_another_name(world: World) -> None:
    with_last_names(world, ABBOUD)
    world.run(*RUN).ended(0, created=1)
    moved = ABBOUD.replace("ada@", "abboud@")
    with_last_names(world, moved)
    world.run(*RUN).ended(6, possible_duplicate=1)
    with_last_names(world, moved.replace("Abboud", "Marin"))
    world.run(*RUN).ended(6, possible_duplicate=1)


def one_more_at_the_reception(world: World) -> None:
    ada, bo, cyd = (f"{one},reception@example.com,1\n" for one in ("Ada,A", "Bo,B", "Cyd,C"))
    with_last_names(world, ada, bo)
    world.run(*RUN).ended(0, created=2)
    with_last_names(world, bo, cyd)
    world.run(*RUN).ended(0, before=1, created=1)


def a_namesake_among_new_people(world: World) -> None:
    with_last_names(world, ABBOUD)
    world.run(*RUN).ended(0, created=1)
    new = [f"{one},Berg,{one}@example.com,1\n" for one in ("Bo", "Cyd")]
    with_last_names(world, ABBOUD.replace("ada@", "other@"), *new)
    world.run(*RUN).ended(0, created=3)


def an_address_in_capitals(world: World) -> None:
    world.edit("mapping.toml", ('email = "Mail"', 'website = { column = "Mail", type = "text" }'))
    people(world, ADA)
    world.run(*RUN).ended(0, created=1)
    people(world, ADA.replace("ada@example.com", "Ada@Example.com"))
    world.run(*RUN).ended(0, before=1)


def a_corrected_name(world: World) -> None:
    people(world, ADA, BO)
    world.run(*RUN).ended(0, created=2)
    people(world, ADA.replace("Ada,", "Ada Abboud,"), BO)
    world.run(*RUN).ended(6, before=1, possible_duplicate=1)


def a_row_twice_with_another_date(world: World) -> None:
    people(world, ADA, exported_again(ADA))
    world.run(*RUN).ended(0, created=1, duplicate=1)


def a_copy_of_somebody_known(world: World) -> None:
    people(world, ADA)
    world.run(*RUN).ended(0, created=1)
    people(world, ADA, exported_again(ADA))
    world.run(*RUN).ended(0, before=1, duplicate=1)


def two_whose_addresses_are_not_sent(world: World) -> None:
    without_addresses(world)
    people(world, ADA, "Ada,other@example.com,1\n")
    world.run(*RUN).ended(6, created=1, possible_duplicate=1)


def another_name_with_the_same_identity(world: World) -> None:
    with_the_identity(world)
    people(world, ADA)
    world.run(*RUN).ended(0, created=1)
    people(world, ADA, ADA.replace("Ada,", "Bo,"))
    world.run(*RUN).ended(6, before=1, possible_duplicate=1)


def duplicates_are_to_be_sent_now(world: World) -> None:
    people(world, ADA, ADA)
    world.run(*RUN).ended(0, created=1, duplicate=1)
    world.run(*RUN, "--on-duplicate", "send").ended(0, before=1, created=1)


def a_refusal_after_a_lost_answer(world: World) -> None:
    people(world, ADA)
    world.remembers = True
    world.crm.script("Ada", lost, refusal("validation_error"))
    world.run(*RUN).ended(1, unknown=1)
    world.crm.script("Ada")
    world.run(*RUN).ended(0, created=1)
    assert len(world.crm.records) == 1


def the_mapping_changes_while_an_answer_is_lost(world: World) -> None:
    people(world, ADA)
    world.crm.script("Ada", lost, refusal("unauthorized", 401))
    world.run(*RUN).ended(3, unsent=1)
    world.crm.script("Ada")
    mend(world)
    world.run(*RUN).ended(1, unknown=1)


def an_edited_row_has_the_key_of_its_identity(world: World) -> None:
    with_the_identity(world)
    mend(world, 'company = "Exported"')
    people(world, ADA)
    world.crm.script("Ada", lost, NO)
    world.run(*RUN).ended(1, unknown=1)
    people(world, exported_again(ADA))
    for _ in range(2):
        world.run(*RUN).ended(1, unknown=1)
    world.holds(Ada=1)


def another_row_has_the_key_today(world: World) -> None:
    without_addresses(world)
    people(world, ADA)
    world.crm.script("Ada", lost, NO)
    world.run(*RUN).ended(1, unknown=1)
    with_addresses_again(world)
    people(world, "Ada,,2\n", ADA)
    world.run(*RUN).ended(1, created=1, unknown=1)


def the_key_today_is_that_of_somebody_who_is_gone(world: World) -> None:
    with_phones(world, "Ada,ada@example.com,+971501234567,1\n")
    world.crm.script("Ada", lost, NO)
    world.run(*RUN).ended(1, unknown=1)
    world.edit("mapping.toml", ('email = "Mail"', 'phone = "Phone"'))
    with_phones(world, "Ada,other@example.com,+971501234567,1\n")
    world.crm.script("Ada", dropped, NO)
    world.run(*RUN).ended(1, unknown=1)
    with_phones(world, "Ada,ada@example.com,+971501234567,2\n")
    world.run(*RUN).ended(1, unknown=1)
    world.holds(Ada=1)


def those_in_front_are_always_refused(world: World) -> None:
    people(world, ADA, BO, CYD)
    world.crm.script("Ada", *[refusal("validation_error")] * 9)
    limit = (*RUN, "--max-errors", "0", "--concurrency", "1")
    world.run(*limit)
    world.run(*limit)
    made = {record.fields["first_name"] for record in world.crm.records.values()}
    assert made >= {"Bo", "Cyd"}


def the_key_of_another_account(world: World) -> None:
    people(world, ADA)
    world.run(*RUN).ended(0, created=1)
    world.api_key = "vapk_test_" + "0b" * 24
    world.run(*RUN).refused("--same-account")


NOTICED_BY: dict[str, Callable[[World], None]] = {
    "a record is not first that of its own row": a_poor_mapping_takes_two_for_one,
    "a copy inherits nothing": an_address_changes_in_one_of_two_copies,
    "later versions of a row are forgotten": another_address_and_then_another_name,
    "decisions made under other settings stay": duplicates_are_to_be_sent_now,
    "earlier mappings are forgotten": the_mapping_and_an_unmapped_column_change,
    "what an earlier mapping sent ties nobody": an_earlier_mapping_sent_the_address,
    "values written otherwise are others": an_address_in_capitals,
    "contact points are not compared": a_corrected_name,
    "what may be is certain": a_corrected_name,
    "a shared detail is one's own": one_more_at_the_reception,
    "a namesake is never somebody else": a_namesake_among_new_people,
    "a record is that of as many rows as it fits": one_more_than_there_are_records,
    "equal rows are several": a_row_twice_with_another_date,
    "copies are new rows": a_copy_of_somebody_known,
    "rows that are sent alike are one": two_whose_addresses_are_not_sent,
    "rows that are sent alike are several": two_whose_addresses_are_not_sent,
    "an identity is believed whatever the name": another_name_with_the_same_identity,
    "an unclear request counts as refused": a_refusal_after_a_lost_answer,
    "a row in doubt is sent with its new key": the_mapping_changes_while_an_answer_is_lost,
    "a row in doubt is sent with a key of other content": an_edited_row_has_the_key_of_its_identity,
    "a row takes the request of another one": another_row_has_the_key_today,
    "a row in doubt is somebody who is gone": the_key_today_is_that_of_somebody_who_is_gone,
    "rows that were refused go first": those_in_front_are_always_refused,
    "records of another target count": the_key_of_another_account,
}


@pytest.fixture
def world(world: World) -> World:
    world.write("mapping.toml", MAPPING)
    return world


def test_each_rule_has_its_sequence() -> None:
    assert list(NOTICED_BY) == list(MUTANTS)


@pytest.mark.slow
@pytest.mark.parametrize("rule", NOTICED_BY)
def test_with_all_rules_it_holds(world: World, rule: str) -> None:
    NOTICED_BY[rule](world)


@pytest.mark.slow
@pytest.mark.parametrize("rule", NOTICED_BY)
def test_without_one_rule_it_does_not(world: World, rule: str) -> None:
    with mutated(rule), pytest.raises(AssertionError):
        NOTICED_BY[rule](world)
