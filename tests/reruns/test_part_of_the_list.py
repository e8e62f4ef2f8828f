"""A derived file is imported after columns have changed: it does not show all rows of the list."""

from __future__ import annotations

import pytest
from effort import NIGHTLY
from referee import World

NAMES = ("Ada", "Bo", "Cyd")
FIRST = 'object = "contact"\n[fields]\nfirst_name = "First"\n'
LAST = 'last_name = "Last"\n'
MAIL = 'email = "Mail"\n'
REF = 'external_ref = "Ref"\n'
CONSTANT = 'source = { const = "old" }\n'
RUN = ("people.csv", "--mapping", "mapping.toml")
UNSENT = ("people.unsent.csv", "--mapping", "mapping.toml")
SEND = ("--on-duplicate", "send")
EVERYBODY = {"New": 1, "Ada": 1, "Bo": 1, "Cyd": 1}


def lists(world: World, day: str, *more: str) -> None:
    """Write the list; the column Day is not mapped."""
    rows = [f"{name},{name}son,{name}@example.com,{day},C-{name}" for name in (*more, *NAMES)]
    world.write("people.csv", "\n".join(["First,Last,Mail,Day,Ref", *rows, ""]))


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
    world.run(*UNSENT, *SEND).ended(6, possible_duplicate=3)
    world.holds(**EVERYBODY)
    if first == FIRST and more:  # the first mapping has sent nothing that tells people apart
        world.run(*RUN, *SEND).ended(6, before=1, possible_duplicate=3)
    else:
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
@pytest.mark.parametrize("flags", [("--on-change", "send"), ()][: 1 + NIGHTLY], ids=" ".join)
def test_nor_are_those_whom_only_an_earlier_mapping_knows(
    world: World, first: str, then: str, flags: tuple[str, ...]
) -> None:
    stop_before_the_known_ones(world, first, *flags, then=then)
    world.run(*UNSENT, *flags).knew(3)
    world.holds(**EVERYBODY)
    world.run(*RUN).knew(4)
    world.settled(**EVERYBODY)


def test_of_equal_rows_in_a_part_as_many_are_held_back_as_there_are_records(world: World) -> None:
    """The other one is sent, and the whole list shows that all of them have a record."""
    world.write("mapping.toml", FIRST)
    lists(world, "monday")
    world.run(*RUN, *SEND).ended(0, created=3)
    lists(world, "tuesday", "Ada")
    world.run(*RUN, *SEND, "--limit", "0")
    world.run(*UNSENT, *SEND).ended(6, created=1, possible_duplicate=3)
    world.run(*RUN, *SEND).ended(0, before=4)
    world.settled(Ada=2, Bo=1, Cyd=1)


def test_no_flag_sends_those_who_may_have_a_record(world: World) -> None:
    stop_before_the_known_ones(world, FIRST, *SEND)
    flags = (*UNSENT[1:], *SEND, "--on-change", "send")
    world.run("people.unsent.csv", *flags).ended(6, possible_duplicate=3)
    world.run("people.changed.csv", *flags).ended(6, possible_duplicate=3)
    world.holds(**EVERYBODY)


@pytest.mark.parametrize("then", [FIRST + MAIL, FIRST + MAIL + CONSTANT], ids=["", "a constant"])
def test_a_possible_duplicate_is_none_the_less_by_itself(world: World, then: str) -> None:
    """Of the list that held it, and the row that it resembles, its file shows nothing."""
    world.write("mapping.toml", FIRST + MAIL)
    lists(world, "monday")
    world.run(*RUN).ended(0, created=3)
    world.edit("people.csv", ("Ada,Adason", "Eve,Adason"))
    world.run(*RUN).ended(6, before=2, possible_duplicate=1)
    world.write("held.csv", world.read("people.changed.csv"))
    world.write("mapping.toml", then)
    for flags in ((), ("--on-change", "send"), ("--resend-unknown",)):
        world.run("held.csv", *RUN[1:], *flags).ended(6, possible_duplicate=1)
    world.run(*RUN).ended(6, before=2, possible_duplicate=1)
    world.settled(Ada=1, Bo=1, Cyd=1)


def test_nor_is_one_that_resembles_a_row_which_was_sent_with_it(world: World) -> None:
    world.write("mapping.toml", FIRST)
    lists(world, "monday")
    world.edit("people.csv", ("\nBo,", "\nAda,Otter,ada@other.example,monday,\nBo,"))
    both = world.read("people.csv")
    world.run(*RUN).ended(6, created=3, possible_duplicate=1)
    world.write("held.csv", world.read("people.changed.csv"))
    world.run("held.csv", *RUN[1:]).ended(6, possible_duplicate=1)
    world.edit("people.csv", ("Ada,Adason,Ada@example.com,monday,C-Ada\n", ""))
    world.run(*RUN).ended(6, before=2, possible_duplicate=1)
    world.write("people.csv", both)
    world.run(*RUN).ended(6, before=3, possible_duplicate=1)
    world.settled(Ada=1, Bo=1, Cyd=1)


def test_a_new_version_that_was_refused_is_held_back_once_it_is_corrected(world: World) -> None:
    """Its record is of an earlier list, and not of a row beside it."""
    world.write("mapping.toml", FIRST + LAST + MAIL + 'birthday = "Day"\n')
    lists(world, "1990-05-31")
    world.run(*RUN).ended(0, created=3)
    world.edit("people.csv", ("Ada@example.com,1990-05-31", "Ada@example.com,last year"))
    world.run(*RUN).ended(1, before=2, invalid=1)
    world.edit("people.failed.csv", ("last year", "1991-05-31"))
    world.run("people.failed.csv", *RUN[1:]).ended(6, changed=1)
    world.settled(Ada=1, Bo=1, Cyd=1)


@pytest.mark.parametrize("identity", ["", 'identity = ["email"]\n'])
def test_the_changed_file_is_sent(world: World, identity: str) -> None:
    fields = LAST + MAIL + REF
    world.write("mapping.toml", FIRST.replace("[fields]", f"{identity}[fields]") + fields)
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
    world.run(*UNSENT, *SEND).ended(6, possible_duplicate=3)
    world.run("people.changed.csv", *UNSENT[1:], *SEND).ended(6, possible_duplicate=3)
    lists(world, "wednesday", "Newer", "New")
    world.run(*RUN, *SEND, "--limit", "1")
    world.run(*UNSENT, *SEND).ended(6, possible_duplicate=4)
    world.run(*RUN, *SEND).ended(0, before=5)  # their records have rows again
    world.settled(Newer=1, **EVERYBODY)


def test_a_cell_that_is_not_mapped_is_corrected(world: World) -> None:
    stop_before_the_known_ones(world, FIRST + MAIL, *SEND)
    world.edit("people.unsent.csv", ("tuesday", "1 December"))
    world.run(*UNSENT, *SEND).ended(6, possible_duplicate=3)
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
    world.run(*UNSENT).ended(6, before=2, changed=1)
    world.run(*RUN).ended(0, before=4)
    world.holds(**EVERYBODY)


def test_whom_a_part_takes_for_another_one_is_sent_once_somebody_has_decided(world: World) -> None:
    world.write("mapping.toml", FIRST)
    lists(world, "monday")
    world.run(*RUN).ended(0, created=3)
    world.write("mapping.toml", FIRST + MAIL)
    lists(world, "monday", "New")
    world.edit("people.csv", ("Cyd,Cyd", "Ada,Otter,other@example.com,x,C-other\nCyd,Cyd"))
    world.run(*RUN, "--limit", "1")
    world.run(*UNSENT).ended(6, possible_duplicate=1)
    world.run(*RUN).ended(6, before=4, possible_duplicate=1)
    world.acknowledge("--new", "all")
    world.run(*RUN).ended(0, before=4, created=1)
    world.settled(New=1, Ada=2, Bo=1, Cyd=1)
