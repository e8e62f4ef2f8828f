"""What does not hold yet; `docs/reliability.md` names it under "What is not promised"."""

from __future__ import annotations

import pytest
from referee import World, dropped, refusal

FIRST, LAST, MAIL = 'first_name = "First"', 'last_name = "Last"', 'email = "Mail"'
PHONE, REF, CONSTANT = 'phone = "Tel"', 'external_ref = "Ref"', 'source = { const = "x" }'
RUN = ("people.csv", "--mapping", "mapping.toml")
OLD = ("old.csv", *RUN[1:], "--results", "people.results.jsonl")
SEND, RESEND = ("--on-duplicate", "send"), ("--resend-unknown",)
REFUSED = refusal("validation_error")
BO = "Bo,Berg,bo@example.com,0501110002,2"

pytestmark = pytest.mark.xfail(strict=True, raises=AssertionError)


def maps(world: World, *fields: str) -> None:
    world.write("mapping.toml", "\n".join(['object = "contact"', "[fields]", *fields, ""]))


def lists(world: World, day: str, *rows: str) -> None:
    """Write the list; the column Day is not mapped."""
    lines = ["First,Last,Mail,Tel,Ref,Day", *[f"{row},{day}" for row in rows]]
    world.write("people.csv", "\n".join([*lines, ""]))


@pytest.mark.parametrize("more", [(), RESEND])
def test_an_old_request_once_the_mapping_was_changed(world: World, more: tuple[str, ...]) -> None:
    maps(world, FIRST, LAST, MAIL)
    lists(world, "monday", BO)
    world.crm.script("Bo", dropped, REFUSED)
    world.run(*RUN)
    world.write("old.csv", world.read("people.failed.csv"))
    maps(world, FIRST, LAST, MAIL, CONSTANT)
    lists(world, "tuesday", BO)
    world.run(*RUN, *RESEND)
    maps(world, FIRST, LAST, MAIL)
    world.run(*OLD, *more)
    world.holds(Bo=1)


def test_an_old_failed_file_after_two_mappings(world: World) -> None:
    maps(world, FIRST, LAST, MAIL)
    lists(world, "monday", BO)
    world.crm.script("Bo", REFUSED)
    world.run(*RUN)
    world.write("old.csv", world.read("people.failed.csv"))
    maps(world, FIRST, MAIL, REF)
    lists(world, "tuesday", BO)
    world.run(*RUN)
    maps(world, FIRST, LAST, MAIL, CONSTANT)
    world.run(*OLD)
    world.holds(Bo=1)


def test_new_copies_of_a_row_that_was_reported(world: World) -> None:
    maps(world, FIRST, LAST, MAIL, PHONE)
    lists(world, "monday", BO)
    world.run(*RUN, *SEND)
    moved = BO.replace("0501110002", "0501110009")
    lists(world, "tuesday", moved)
    world.run(*RUN, *SEND)
    lists(world, "tuesday", moved, moved)
    assert world.run(*RUN, *SEND).exit_code == 6


def test_an_equal_row_was_edited_in_a_column_that_is_dropped(world: World) -> None:
    plain = BO.replace("0501110002", "")
    maps(world, FIRST, LAST, MAIL, PHONE)
    lists(world, "monday", BO, plain)
    world.run(*RUN, *SEND)
    maps(world, FIRST, LAST, MAIL)
    lists(world, "tuesday", BO.replace("0501110002", "0501110009"), plain)
    world.run(*RUN, *SEND)
    world.holds(Bo=2)
