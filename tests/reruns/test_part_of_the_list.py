"""A derived file is imported after columns have changed: it does not show all rows of the list."""

from __future__ import annotations

import pytest
from referee import World

NAMES = ("Ada", "Bo", "Cyd")
FIRST = 'object = "contact"\n[fields]\nfirst_name = "First"\n'
MAIL = 'email = "Mail"\n'
RUN = ("people.csv", "--mapping", "mapping.toml")
UNSENT = ("people.unsent.csv", "--mapping", "mapping.toml")
SEND = ("--on-duplicate", "send")
EVERYBODY = {"New": 1, "Ada": 1, "Bo": 1, "Cyd": 1}


def lists(world: World, day: str, *more: str) -> None:
    """Write the list; the column Day is not mapped."""
    rows = [f"{name},{name}@example.com,{day}" for name in (*more, *NAMES)]
    world.write("people.csv", "\n".join(["First,Mail,Day", *rows, ""]))


def stop_before_the_known_ones(
    world: World, first: str, *flags: str, then: str | None = None
) -> None:
    """Import the list, and on the next day, with another mapping, only its first row, a new one."""
    world.write("mapping.toml", first)
    lists(world, "monday")
    world.run(*RUN, *flags).ended(0, created=3)
    world.write("mapping.toml", first if then is None else then)
    lists(world, "tuesday", "New")
    world.run(*RUN, *flags, "--limit", "1")
    assert len(world.rows("people.unsent.csv")) == 3


@pytest.mark.parametrize("first", [FIRST, FIRST + MAIL], ids=["names alone", "with addresses"])
@pytest.mark.parametrize("more", ["", 'source = { const = "old" }\n'], ids=["same", "a constant"])
def test_where_equal_rows_are_sent_those_with_a_record_are_not(
    world: World, first: str, more: str
) -> None:
    stop_before_the_known_ones(world, first, *SEND, then=first + more)
    world.run(*UNSENT, *SEND).ended(6, changed=3)
    assert "--on-change send" in world.rows("people.changed.csv")[0]["vorel_hint"]
    world.holds(**EVERYBODY)
    world.run(*RUN, *SEND).ended(0, before=4)
    world.settled(**EVERYBODY)


def test_nor_where_an_earlier_mapping_knows_them_and_nothing_else(world: World) -> None:
    stop_before_the_known_ones(world, FIRST, then=FIRST + 'source = { const = "old" }\n')
    world.run(*UNSENT).ended(6, changed=3)
    world.run(*RUN).ended(0, before=4)
    world.settled(**EVERYBODY)


def test_the_whole_list_shows_which_rows_are_new(world: World) -> None:
    """The hint works as it is written: of two equal rows, the one without a record is sent."""
    world.write("mapping.toml", FIRST)
    lists(world, "monday")
    world.run(*RUN, *SEND).ended(0, created=3)
    lists(world, "tuesday", "Ada")
    world.run(*RUN, *SEND, "--limit", "0")
    world.run(*UNSENT, *SEND).ended(6, changed=4)
    world.run(*RUN, *SEND).ended(0, before=3, created=1)
    world.settled(Ada=2, Bo=1, Cyd=1)


def test_a_second_record_is_created_where_it_is_asked_for(world: World) -> None:
    stop_before_the_known_ones(world, FIRST, *SEND)
    world.run(*UNSENT, *SEND, "--on-change", "send").ended(0, created=3)
    world.holds(New=1, Ada=2, Bo=2, Cyd=2)


def test_what_an_earlier_mapping_takes_for_another_row_is_sent_if_its_address_is_new(
    world: World,
) -> None:
    world.write("mapping.toml", FIRST)
    lists(world, "monday")
    world.run(*RUN).ended(0, created=3)
    world.write("mapping.toml", FIRST + MAIL)
    world.write("people.csv", "First,Mail,Day\nNew,new@example.com,x\nAda,other@example.com,x\n")
    world.run(*RUN, "--limit", "1")
    world.run(*UNSENT).ended(0, created=1)
    world.holds(New=1, Ada=2, Bo=1, Cyd=1)
