"""Rows of one list whose identity is an address, written with capitals and without."""

from __future__ import annotations

import pytest
from referee import World, refusal
from stories.truth import foresee

MAPPING = """\
    object = "contact"
    identity = ["email"]
    [fields]
    first_name = "First"
    email = { column = "Mail", type = "email" }
    """
HEADER = "First,Mail\n"
PLAIN, CAPITALS, OTHERS = "Ada,ada@x.example\n", "Ada,Ada@X.example\n", "Ada,ADA@x.example\n"
BO = "Bo,bo@x.example\n"
RUN = ("people.csv", "--mapping", "mapping.toml")


def people(world: World, *rows: str) -> None:
    world.write("mapping.toml", MAPPING)
    world.write("people.csv", HEADER + "".join(rows))


@pytest.mark.parametrize("rows", [(PLAIN, CAPITALS), (CAPITALS, PLAIN), (CAPITALS, OTHERS, PLAIN)])
def test_they_are_one_record(world: World, rows: tuple[str, ...]) -> None:
    people(world, *rows, BO)
    foreseen = foresee(world, RUN)
    run = world.run(*RUN).ended(0, created=2, duplicate=len(rows) - 1)
    assert run.counts == foreseen
    world.settled(Ada=1, Bo=1)
    people(world, BO, *rows[::-1])
    world.settled(Ada=1, Bo=1)


def test_check_foresees_it_where_something_is_on_record(world: World) -> None:
    people(world, BO)
    world.run(*RUN).ended(0, created=1)
    people(world, BO, CAPITALS, PLAIN)
    foreseen = foresee(world, RUN)
    assert world.run(*RUN).ended(0, before=1, created=1, duplicate=1).counts == foreseen


def test_one_is_sent_where_the_other_one_was_refused(world: World) -> None:
    people(world, CAPITALS, PLAIN)
    world.crm.script("Ada", refusal("validation_error"))
    world.run(*RUN).ended(1, failed=1, duplicate=1)
    world.run(*RUN).ended(0, created=1, duplicate=1)
    world.settled(Ada=1)


def test_each_is_sent_where_copies_are_to_be_sent(world: World) -> None:
    people(world, CAPITALS, PLAIN)
    world.run(*RUN, "--on-duplicate", "send").ended(0, created=2)
    world.run(*RUN, "--on-duplicate", "send").ended(0, before=2)


def test_without_an_identity_one_that_means_the_same_is_a_duplicate(world: World) -> None:
    people(world, CAPITALS, PLAIN)
    world.edit("mapping.toml", ('identity = ["email"]\n', ""))
    world.run(*RUN).ended(0, created=1, duplicate=1)
    world.settled(Ada=1)


def test_other_identities_are_compared_as_they_are(world: World) -> None:
    world.write(
        "mapping.toml",
        MAPPING.replace("email = {", "external_ref = {")
        .replace('["email"]', '["external_ref"]')
        .replace(', type = "email"', ""),
    )
    world.write("people.csv", "First,Mail\nAda,C-7\nBo,c-7\n")
    world.run(*RUN).ended(0, created=2)
