"""Without any one of the rules by which rows are known again, somebody is made twice or lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from law.mutants import MUTANTS, mutated
from referee import World, lost, refusal

MAPPING = """\
    object = "contact"
    [fields]
    first_name = "First"
    email = "Mail"
    """
RUN = ("people.csv", "--mapping", "mapping.toml")
HEADER = "First,Mail,Exported\n"
ADA, BO, CYD = "Ada,ada@example.com,1\n", "Bo,bo@example.com,1\n", "Cyd,cyd@example.com,1\n"


def people(world: World, *rows: str) -> None:
    world.write("people.csv", HEADER + "".join(rows))


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


def one_more_than_there_are_records(world: World) -> None:
    send = (*RUN, "--on-duplicate", "send")
    people(world, ADA)
    world.run(*send).ended(0, created=1)
    people(world, exported_again(ADA), exported_again(ADA))
    world.run(*send).ended(0, before=1, created=1)


def a_poor_mapping_takes_two_for_one(world: World) -> None:
    world.edit("mapping.toml", ('email = "Mail"', ""))
    people(world, ADA, "Ada,other@example.com,1\n")
    world.run(*RUN).ended(0, created=1, duplicate=1)
    world.edit("mapping.toml", ('first_name = "First"', 'first_name = "First"\nemail = "Mail"'))
    world.run(*RUN).ended(0, before=1, created=1)


def somebody_else_is_written_over_one_of_two_copies(world: World) -> None:
    world.edit("mapping.toml", ('email = "Mail"', ""))
    people(world, ADA, exported_again(ADA))
    world.run(*RUN).ended(0, created=1, duplicate=1)
    world.edit("mapping.toml", ('first_name = "First"', 'first_name = "First"\nemail = "Mail"'))
    world.run(*RUN).ended(0, before=1, duplicate=1)
    people(world, "Ada,other@example.com,1\n", exported_again(ADA))
    world.run(*RUN).ended(0, before=1, created=1)
    made = [record.fields.get("email") for record in world.crm.records.values()]
    assert made == [None, "other@example.com"]


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
    world.run(*RUN).ended(6, before=1, changed=1)


def a_copy_once_the_mapping_has_changed(world: World) -> None:
    people(world, ADA)
    world.run(*RUN).ended(0, created=1)
    mend(world)
    people(world, exported_again(ADA), exported_again(ADA))
    world.run(*RUN, "--on-change", "send").ended(0, before=1, duplicate=1)


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
    "earlier mappings are forgotten": the_mapping_and_an_unmapped_column_change,
    "a record is that of as many rows as it fits": one_more_than_there_are_records,
    "a record is not first that of its own row": a_poor_mapping_takes_two_for_one,
    "a copy inherits nothing": somebody_else_is_written_over_one_of_two_copies,
    "values written otherwise are others": an_address_in_capitals,
    "contact points are not compared": a_corrected_name,
    "copies are new rows": a_copy_once_the_mapping_has_changed,
    "decisions made under other settings stay": duplicates_are_to_be_sent_now,
    "an unclear request counts as refused": a_refusal_after_a_lost_answer,
    "a row in doubt is sent with its new key": the_mapping_changes_while_an_answer_is_lost,
    "rows that were refused go first": those_in_front_are_always_refused,
    "records of another target count": the_key_of_another_account,
}


@pytest.fixture
def world(world: World) -> World:
    world.write("mapping.toml", MAPPING)
    return world


def test_each_rule_has_its_sequence() -> None:
    assert NOTICED_BY.keys() == MUTANTS.keys()


@pytest.mark.parametrize("rule", NOTICED_BY)
def test_with_all_rules_it_holds(world: World, rule: str) -> None:
    NOTICED_BY[rule](world)


@pytest.mark.parametrize("rule", NOTICED_BY)
def test_without_one_rule_it_does_not(world: World, rule: str) -> None:
    with mutated(rule), pytest.raises(AssertionError):
        NOTICED_BY[rule](world)
