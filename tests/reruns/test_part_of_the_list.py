"""A derived file is imported after columns have changed: it does not show all rows of the list."""

from __future__ import annotations

import pytest
from referee import World

NAMES = ("Ada", "Bo", "Cyd")
FIRST = 'object = "contact"\n[fields]\nfirst_name = "First"\n'
MAIL = 'email = "Mail"\n'
REF = 'external_ref = "Ref"\n'
CONSTANT = 'source = { const = "old" }\n'
RUN = ("people.csv", "--mapping", "mapping.toml")
UNSENT = ("people.unsent.csv", "--mapping", "mapping.toml")
SEND = ("--on-duplicate", "send")
EVERYBODY = {"New": 1, "Ada": 1, "Bo": 1, "Cyd": 1}


def lists(world: World, day: str, *more: str) -> None:
    """Write the list; the column Day is not mapped."""
    rows = [f"{name},{name}@example.com,{day},C-{name}" for name in (*more, *NAMES)]
    world.write("people.csv", "\n".join(["First,Mail,Day,Ref", *rows, ""]))


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
@pytest.mark.parametrize("more", ["", CONSTANT], ids=["same", "a constant"])
def test_where_equal_rows_are_sent_those_with_a_record_are_not(
    world: World, first: str, more: str
) -> None:
    stop_before_the_known_ones(world, first, *SEND, then=first + more)
    part = world.run(*UNSENT, *SEND).ended(6, changed=3)
    assert "Import the whole list" in part.stderr
    assert "acknowledge" not in part.stderr
    assert "--on-change send" in world.rows("people.changed.csv")[0]["vorel_hint"]
    world.holds(**EVERYBODY)
    world.run(*RUN, *SEND).ended(0, before=4)
    world.settled(**EVERYBODY)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (FIRST, FIRST + CONSTANT),
        (FIRST, FIRST + MAIL),
        (FIRST + MAIL, FIRST),
        (FIRST + MAIL, FIRST + REF),
        (FIRST + REF, FIRST + MAIL),
    ],
    ids=["a constant", "an address more", "none", "an id for the address", "an address for the id"],
)
@pytest.mark.parametrize("flags", [(), ("--on-change", "send")], ids=["", "changes are sent"])
def test_nor_are_those_whom_only_an_earlier_mapping_knows(
    world: World, first: str, then: str, flags: tuple[str, ...]
) -> None:
    stop_before_the_known_ones(world, first, *flags, then=then)
    world.run(*UNSENT, *flags).knew(3)
    world.holds(**EVERYBODY)
    world.run(*RUN).knew(4)
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


def test_a_second_record_is_created_for_whom_that_was_reported(world: World) -> None:
    stop_before_the_known_ones(world, FIRST, *SEND)
    flags = (*UNSENT[1:], *SEND, "--on-change", "send")
    world.run("people.unsent.csv", *flags).ended(6, changed=3)
    world.run("people.changed.csv", *flags).ended(0, created=3)
    world.holds(New=1, Ada=2, Bo=2, Cyd=2)


@pytest.mark.parametrize("identity", ["", 'identity = ["email"]\n'])
def test_the_changed_file_is_sent(world: World, identity: str) -> None:
    world.write("mapping.toml", FIRST.replace("[fields]", f"{identity}[fields]") + MAIL + REF)
    lists(world, "monday")
    world.run(*RUN).ended(0, created=3)
    world.edit("people.csv", ("C-Bo", "D-Bo"))
    world.run(*RUN).ended(6, before=2, changed=1)
    world.write("saved.csv", world.read("people.changed.csv"))
    saved = ("saved.csv", "--mapping", "mapping.toml", "--on-change", "send")
    world.run(*saved).ended(0, created=1)
    world.run(*saved).ended(0, before=1)
    world.run(*RUN).ended(0, before=3)
    world.settled(Ada=1, Bo=2, Cyd=1)


def test_a_new_version_is_reported_again(world: World) -> None:
    stop_before_the_known_ones(world, FIRST, *SEND)
    world.run(*UNSENT, *SEND).ended(6, changed=3)
    world.run("people.changed.csv", *UNSENT[1:], *SEND).ended(6, changed=3)
    lists(world, "wednesday", "Newer", "New")
    world.run(*RUN, *SEND, "--limit", "1")
    world.run(*UNSENT, *SEND).ended(6, changed=4)
    world.run(*RUN, *SEND).ended(0, before=5)
    world.settled(Newer=1, **EVERYBODY)


def test_a_cell_that_is_not_mapped_is_corrected(world: World) -> None:
    stop_before_the_known_ones(world, FIRST + MAIL, *SEND)
    world.edit("people.unsent.csv", ("tuesday", "1 December"))
    world.run(*UNSENT, *SEND).ended(6, changed=3)
    world.holds(**EVERYBODY)


def test_an_older_file_names_equal_rows_that_the_list_has_sent(world: World) -> None:
    world.write("mapping.toml", FIRST)
    world.write("people.csv", "First,Mail,Day\nBo,bo@example.com,1\nBo,bo@example.com,1\n")
    world.run(*RUN, *SEND, "--limit", "1")
    world.write("older.csv", world.read("people.unsent.csv"))
    world.edit("people.csv", (",1\n", ",2\n"))
    world.run(*RUN, *SEND).ended(0, before=1, created=1)
    world.run("older.csv", *RUN[1:], *SEND)
    world.holds(Bo=2)


def test_a_change_that_a_part_hides_is_reported_by_the_list(world: World) -> None:
    """By its identity the row has the record, by its content it does not."""
    by_mail = 'object = "contact"\nidentity = ["email"]\n[fields]\nfirst_name = "First"\n' + MAIL
    stop_before_the_known_ones(world, by_mail)
    world.edit("people.csv", ("Ada,", "Ada Maria,"))
    world.run(*RUN, "--limit", "0")
    world.run(*UNSENT).ended(6, duplicate=2, changed=1)
    world.run(*RUN).ended(6, before=3, changed=1)
    world.holds(**EVERYBODY)


def test_the_list_sends_somebody_whom_a_part_takes_for_another_one(world: World) -> None:
    world.write("mapping.toml", FIRST)
    lists(world, "monday")
    world.run(*RUN).ended(0, created=3)
    world.write("mapping.toml", FIRST + MAIL)
    lists(world, "monday", "New")
    world.edit("people.csv", ("Cyd,Cyd@", "Ada,other@example.com,x,C-other\nCyd,Cyd@"))
    world.run(*RUN, "--limit", "1")
    world.run(*UNSENT).ended(6, changed=1)
    world.run(*RUN).ended(0, before=4, created=1)
    world.settled(New=1, Ada=2, Bo=1, Cyd=1)
