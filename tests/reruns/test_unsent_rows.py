"""A row whose request was not accepted, and another row that was then made with its key."""

from __future__ import annotations

from referee import World, refusal
from referee.fixtures import beginning

MAPPING = """\
    object = "contact"
    identity = ["last_name"]
    [fields]
    first_name = "First"
    last_name = "Last"
    phone = "Tel"
    """
HEADER = "First,Last,Tel\n"
ADA, BO, CYD = (
    "Ada,Abboud,+971501110001\n",
    "Bo,Abboud,+971501110001\n",
    "Cyd,Cohen,+971501110003\n",
)
RUN = ("people.csv", "--mapping", "mapping.toml")


def people(world: World, *rows: str) -> None:
    world.write("people.csv", HEADER + "".join(rows))


@beginning
def world(world: World) -> None:
    """Bo was made with the key that a request for Ada had, which was not accepted."""
    world.write("mapping.toml", MAPPING)
    people(world, ADA, CYD)
    world.crm.script("Ada", refusal("unauthorized", 401))
    world.run(*RUN, "--concurrency", "1").ended(3, unsent=2)
    people(world, BO, CYD)
    world.run(*RUN).ended(0, created=2)


def test_the_record_is_found_by_the_details_of_the_row_that_it_was_made_from(world: World) -> None:
    people(world, BO.replace("Abboud", "Abboud Khan"), CYD)
    world.run(*RUN).ended(6, before=1, possible_duplicate=1)
    world.holds(Bo=1, Cyd=1)


def test_the_row_that_was_not_sent_is_not_held_back_for_that_record(world: World) -> None:
    people(world, ADA.replace("Abboud", "Abboud Khan"), BO, CYD)
    world.run(*RUN).ended(0, before=2, created=1)
    world.settled(Ada=1, Bo=1, Cyd=1)
