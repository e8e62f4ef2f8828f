"""A request had no clear answer, and mapping and list change: whose record may it have made?"""

from __future__ import annotations

import pytest
from referee import World, dropped, lost
from referee.in_doubt import NO, RUN, is_in_doubt, lists, maps

SKIP_OR_SEND = pytest.mark.parametrize(
    "more", [(), ("--on-duplicate", "send")], ids=["skipped", "sent"]
)


@pytest.fixture
def world(world: World) -> World:
    world.remembers = True
    return world


@pytest.mark.parametrize("order", ["cab", "cba", "acb", "bac"])
def test_a_duplicate_in_doubt_leaves_the_request_to_the_row_that_is_held_back_for_it(
    world: World, order: str
) -> None:
    """Of a and b, which an earlier mapping takes for one, b equals c today."""
    maps(world, "first", "firm")
    lists(world, "Ana,two@x.com,Y,old")
    is_in_doubt(world, lost)
    maps(world, "first", "mail")
    rows = {"a": "Ana,two@x.com,Y,new", "b": "Ana,one@x.com,Y,b", "c": "Ana,one@x.com,X,c"}
    lists(world, *[rows[one] for one in order])
    world.run(*RUN)
    assert "unknown" in {one["status"] for one in world.outcomes("people.results.jsonl").values()}
    world.again()
    world.holds(Ana=2)


@pytest.mark.parametrize("order", ["az", "za"])
def test_a_row_that_was_sent_with_todays_key_is_sent_again_wherever_it_stands(
    world: World, order: str
) -> None:
    """The row a, which equals z today, is held back for the request of an earlier mapping."""
    maps(world, "first", "firm")
    lists(world, "Ana,a@x.com,A,x")
    is_in_doubt(world, lost)
    maps(world, "first")
    lists(world, "Ana,z@x.com,Z,x")
    is_in_doubt(world, lost)
    rows = {"a": "Ana,a@x.com,A,x", "z": "Ana,z@x.com,Z,x"}
    lists(world, *[rows[one] for one in order])
    world.run(*RUN).ended(1, created=1, unknown=1)
    world.holds(Ana=2)


def test_a_row_that_was_sent_stays_so_when_the_one_before_it_is_taken_out(world: World) -> None:
    """A first mapping takes y for x: y is held back for the request of that time, and x is sent."""
    maps(world, "first")
    lists(world, "Ana,y@x.com,,1")
    is_in_doubt(world, dropped)
    maps(world, "first", "mail")
    lists(world, "Ana,y@x.com,,1", "Ana,x@x.com,,1")
    world.crm.script("Ana", lost, NO)
    world.run(*RUN).ended(1, unknown=2)
    lists(world, "Ana,x@x.com,,1")
    world.run(*RUN).ended(0, created=1)
    world.holds(Ana=1)


def test_a_copy_of_a_row_held_back_for_what_it_means_is_not_sent(world: World) -> None:
    world.write(
        "mapping.toml",
        'object = "contact"\n[fields]\nfirst_name = "First"\n'
        '"attributes.level" = { column = "Firm", type = "decimal" }\n',
    )
    lists(world, "Ana,,7,x")
    is_in_doubt(world, lost)
    lists(world, "Ana,,7.00,y", "Ana,,7.00,z")
    world.run(*RUN)
    world.holds(Ana=1)


@SKIP_OR_SEND
def test_a_row_that_still_has_the_key_is_sent_with_it_and_one_that_had_it_is_new(
    world: World, more: tuple[str, ...]
) -> None:
    """One request may have been for both: the row that has its key today gets it."""
    maps(world, "first")
    lists(world, "Ana,,,old")
    is_in_doubt(world, lost)
    maps(world, "first", "mail")
    lists(world, "Ana,b@x.com,,new", "Ana,,,edited")
    world.run(*RUN, *more).ended(0, created=2)
    world.holds(Ana=2)


def test_three_requests_in_doubt_hold_three_rows_back(world: World) -> None:
    """A mapping that sends first names alone cannot say whose request each of them was."""
    maps(world, "first", "mail")
    lists(world, "Ana,,F,x", "Ana,b@x.com,F,x", "Ana,a@x.com,F,x")
    world.crm.script("Ana", lost, lost, lost, NO, NO, NO)
    world.run(*RUN).ended(1, unknown=3)
    maps(world, "first")
    lists(world, "Ana,a@x.com,F,x", "Ana,b@x.com,F,y", "Ana,b@x.com,F,z")
    world.run(*RUN).ended(1, unknown=3)
    world.holds(Ana=3)


def test_a_row_that_is_sent_like_one_that_is_held_back_names_it(world: World) -> None:
    """The key of both is on record, since the CRM refused it in an earlier run."""
    maps(world, "first", "mail")
    lists(world, "Ana,a@x.com,F,x")
    is_in_doubt(world, lost)
    maps(world, "first")
    lists(world, "Ana,b@x.com,F,x")
    world.crm.script("Ana", NO)
    world.run(*RUN).ended(1, failed=1)
    lists(world, "Ana,a@x.com,F,x", "Ana,c@x.com,F,x")
    world.run(*RUN).ended(1, unknown=1, possible_duplicate=1)
    assert world.outcomes("people.results.jsonl")[2]["duplicate_of"] == 1
    world.holds(Ana=1)


def test_a_copy_of_one_in_doubt_beside_anothers_record_is_not_sent(world: World) -> None:
    maps(world, "first")
    lists(world, "Ana,ana@x.com,,x")
    world.run(*RUN).ended(0, created=1)
    maps(world, "first", "firm")
    lists(world, "Ana,ana@x.com,,x", "Ana,,Acme,x")
    is_in_doubt(world, lost, before=1)
    maps(world, "first", "mail")
    lists(world, "Ana,ana@x.com,,x", "Ana,,Acme,y", "Ana,,Acme,z")
    for _ in range(2):
        world.run(*RUN).ended(1, before=1, unknown=1, possible_duplicate=1)
    world.holds(Ana=2)


def test_the_request_of_a_row_that_is_gone_does_not_settle_that_of_this_one(world: World) -> None:
    maps(world, "first", "mail")
    lists(world, "Ana,a@x.com,F,x")
    is_in_doubt(world, lost)
    maps(world, "first", "firm")
    lists(world, "Ana,c@x.com,F,x")
    is_in_doubt(world, dropped)
    lists(world, "Ana,a@x.com,F,y")
    world.run(*RUN).ended(1, unknown=1)
    world.holds(Ana=1)


def test_a_row_with_its_own_request_is_nobody_elses_record(world: World) -> None:
    maps(world, "first", "firm")
    lists(world, "Ana,,,x")
    world.run(*RUN).ended(0, created=1)
    lists(world, "Ana,,,x", "Ana,,Acme,x")
    is_in_doubt(world, dropped, before=1)
    maps(world, "first")
    for _ in range(2):
        world.run(*RUN).ended(1, before=1, unknown=1)
    maps(world, "first", "firm")
    lists(world, "Ana,,Acme,x")
    world.run(*RUN).ended(0, created=1)
    world.holds(Ana=2)


@pytest.mark.parametrize("order", ["the known one first", "the known one last"])
def test_one_in_doubt_is_no_duplicate_of_one_that_is_known(world: World, order: str) -> None:
    maps(world, "first", "mail")
    lists(world, "Ana,a@x.com,,x")
    world.run(*RUN).ended(0, created=1)
    lists(world, "Ana,a@x.com,,x", "Ana,b@x.com,,x")
    is_in_doubt(world, lost, before=1)
    maps(world, "first")
    both = ["Ana,a@x.com,,y", "Ana,b@x.com,,x"]
    lists(world, *(both if order == "the known one first" else both[::-1]))
    for _ in range(2):
        world.run(*RUN).ended(1, before=1, unknown=1)
    world.holds(Ana=2)


@SKIP_OR_SEND
@pytest.mark.parametrize("night", ["o", "o2"], ids=["as it was", "an unmapped column differs"])
@pytest.mark.parametrize("order", [1, -1], ids=["as it was", "sorted otherwise"])
def test_two_in_doubt_by_different_mappings(
    world: World, more: tuple[str, ...], night: str, order: int
) -> None:
    """The answer for p was lost under a first mapping, that for r under the next one."""
    maps(world, "first")
    lists(world, "Ana,p@x.com,,o")
    world.crm.script("Ana", lost, NO)
    world.run(*RUN, *more).ended(1, unknown=1)
    maps(world, "first", "mail")
    lists(world, "Ana,p@x.com,,o", "Ana,r@x.com,,o")
    world.crm.script("Ana", dropped, NO)
    world.run(*RUN, *more).ended(1, unknown=2)
    lists(world, *[f"Ana,p@x.com,,{night}", f"Ana,r@x.com,,{night}"][::order])
    world.run(*RUN, *more).ended(1, created=1, unknown=1)
    assert [one.fields.get("email") for one in world.crm.of("Ana")] == [None, "r@x.com"]


def test_what_was_sent_after_a_look_and_got_no_answer_is_sent_again(world: World) -> None:
    maps(world, "first")
    lists(world, "Ana,p@x.com,F,o")
    is_in_doubt(world, dropped)
    maps(world, "first", "mail")
    world.crm.script("Ana", lost, NO)
    world.run(*RUN, "--resend-unknown").ended(1, unknown=1)
    world.run(*RUN).ended(0, created=1)
    world.holds(Ana=1)


def test_a_copy_of_a_row_that_was_sent_after_a_look_is_its_duplicate(world: World) -> None:
    maps(world, "first")
    lists(world, "Ana,p@x.com,F,o")
    is_in_doubt(world, dropped)
    maps(world, "first", "mail")
    world.run(*RUN, "--resend-unknown").ended(0, created=1)
    maps(world, "first", "mail", "firm")
    lists(world, "Ana,p@x.com,F,o", "Ana,p@x.com,F,o")
    world.run(*RUN).ended(0, before=1, duplicate=1)


def test_a_request_stays_that_of_its_own_row_and_one_that_has_its_key_today_is_new(
    world: World,
) -> None:
    maps(world, "first")
    lists(world, "Ana,z@x.com,,o")
    is_in_doubt(world, lost)
    maps(world, "first", "mail")
    lists(world, "Ana,z@x.com,,o", "Ana,,,y")
    world.run(*RUN).ended(1, unknown=1, created=1)
    world.run(*RUN).ended(1, unknown=1, before=1)
    world.holds(Ana=2)


BOTH_ORDERS = pytest.mark.parametrize("order", [1, -1], ids=["forwards", "backwards"])


@BOTH_ORDERS
def test_a_row_that_was_refused_is_not_sent_if_it_is_like_one_that_is_held_back(
    world: World, order: int
) -> None:
    maps(world, "first", "mail")
    lists(world, "Ana,a@x.com,,x")
    is_in_doubt(world, lost)
    maps(world, "first")
    lists(world, "Ana,z@x.com,,x")
    world.crm.script("Ana", NO)
    world.run(*RUN).ended(1, failed=1)
    lists(world, *["Ana,a@x.com,,x", "Ana,z@x.com,,x"][::order])
    world.run(*RUN).ended(1, unknown=1, possible_duplicate=1)
    world.holds(Ana=1)


@BOTH_ORDERS
def test_a_row_with_an_unclear_key_leaves_a_record_to_the_row_that_has_only_this_one(
    world: World, order: int
) -> None:
    maps(world, "first", "mail")
    lists(world, "Ana,b@x.com,,1")
    is_in_doubt(world, lost)
    maps(world, "first")
    lists(world, "Ana,,F,2")
    world.run(*RUN).ended(0, created=1)
    maps(world, "first", "mail")
    lists(world, *["Ana,b@x.com,,3", "Ana,,F,3"][::order])
    world.run(*RUN).ended(0, before=1, created=1)
    world.holds(Ana=2)


@BOTH_ORDERS
def test_two_that_have_the_key_of_somebody_who_is_gone_are_held_back_for_their_own(
    world: World, order: int
) -> None:
    """One may be a record, and the other one a request, that no other row has."""
    maps(world, "first", "firm")
    lists(world, "Ana,,F,1")
    is_in_doubt(world, lost)
    lists(world, "Ana,,,1")
    is_in_doubt(world, dropped)
    lists(world, "Ana,,G,1")
    world.run(*RUN).ended(0, created=1)
    maps(world, "first")
    lists(world, *["Ana,,F,2", "Ana,,G,2"][::order])
    for _ in range(2):
        world.run(*RUN).ended(1, possible_duplicate=1, unknown=1)
    world.holds(Ana=2)


def test_a_copy_of_one_that_was_looked_up_is_its_duplicate_each_night(world: World) -> None:
    maps(world, "first")
    lists(world, "Ana,p@x.com,,1")
    is_in_doubt(world, dropped)
    maps(world, "first", "mail")
    world.run(*RUN, "--resend-unknown").ended(0, created=1)
    for night in "23":
        lists(world, f"Ana,p@x.com,F,{night}", f"Ana,p@x.com,G,{night}")
        world.run(*RUN).ended(0, before=1, duplicate=1)
    world.holds(Ana=1)
