"""What does not hold yet: a test that passes here has to move to those of its subject."""

from __future__ import annotations

import pytest
from referee import World, dropped, refusal

FIRST, LAST, MAIL = 'first_name = "First"', 'last_name = "Last"', 'email = "Mail"'
CONSTANT = 'source = { const = "x" }'
RUN = ("people.csv", "--mapping", "mapping.toml")
OLD = ("old.csv", *RUN[1:], "--results", "people.results.jsonl")
RESEND = ("--resend-unknown",)
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
