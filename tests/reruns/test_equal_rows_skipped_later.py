"""Equal rows that a poor mapping sent or counted, and of which copies are skipped later."""

from __future__ import annotations

from functools import partial

import pytest
from referee import World, refusal
from referee.equal_rows import ADA, BO, MAPPING, SEND, SKIP, edited, lists, mend
from referee.fixtures import Begun

POOR = MAPPING.replace('email = "Mail"', "")
ANN, EVE = ADA.replace("ada@", "ann@"), ADA.replace("ada@", "eve@")
ADA_NOW, EVE_NOW = edited(ADA), edited(EVE)
ONE_COPY = {"before": 1, "duplicate": 1, "possible_duplicate": 1}
"""Of three rows; only a first name ties the third one to the record that was made of it."""


def count_copies(first: str, world: World) -> None:
    world.write("mapping.toml", POOR)
    lists(world, first, EVE, BO)
    world.run(*SEND).ended(0, created=3)
    lists(world, edited(ADA), edited(ADA), edited(BO), edited(EVE))
    world.crm.script("Ada", refusal("validation_error"))
    world.run(*SEND).ended(1, before=3, failed=1)
    world.write("mapping.toml", MAPPING)


COUNTED = {
    "edited": partial(count_copies, ADA),
    "with its own": partial(count_copies, edited(ADA)),
}


class TestCopiesThatHadRecordsOfOthers:
    """
    A mapping of first names alone counted two equal rows against the records of two Adas.

    The first of the equal rows has a record of its own, or was edited since then. Whom the other
    record belongs to, nobody can know from a first name.
    """

    @pytest.fixture(autouse=True, params=COUNTED.values(), ids=[*COUNTED])
    def _count_them(self, world: World, begun: Begun, request: pytest.FixtureRequest) -> None:
        begun(world, request.param)

    def test_leave_them_to_the_others_once_copies_are_skipped(self, world: World) -> None:
        world.run(*SKIP).ended(6, before=2, duplicate=1, possible_duplicate=1)
        world.settled(Ada=2, Bo=1)

    def test_count_again_once_copies_are_sent(self, world: World) -> None:
        world.run(*SKIP).ended(6, before=2, duplicate=1, possible_duplicate=1)
        world.run(*SEND).ended(6, before=2, possible_duplicate=1, created=1)
        world.run(*SKIP).knew(4)
        world.settled(Ada=3, Bo=1)

    def test_are_copies_still_where_there_is_one_more(self, world: World) -> None:
        lists(world, *[edited(ADA)] * 3, edited(BO), edited(EVE))
        world.run(*SKIP).ended(6, before=2, duplicate=2, possible_duplicate=1)
        world.settled(Ada=2, Bo=1)

    def test_are_copies_still_when_an_unmapped_column_differs_once_more(self, world: World) -> None:
        world.run(*SKIP).ended(6, before=2, duplicate=1, possible_duplicate=1)
        lists(world, *[edited(row, "sunday") for row in (EVE, ADA, BO, ADA)])
        world.run(*SKIP).ended(6, before=2, duplicate=1, possible_duplicate=1)
        world.settled(Ada=2, Bo=1)

    def test_hide_no_new_person(self, world: World) -> None:
        fay = edited(ADA).replace("ada@", "fay@")
        lists(world, edited(ADA), edited(ADA), fay, edited(BO), edited(EVE))
        world.run(*SKIP).ended(6, before=2, duplicate=1, possible_duplicate=1, created=1)
        world.settled(Ada=3, Bo=1)


def test_a_copy_that_is_skipped_leaves_its_record_to_whoever_may_be_it(world: World) -> None:
    world.write("mapping.toml", POOR)
    lists(world, ADA, ADA)
    world.run(*SEND).ended(0, created=2)
    lists(world, edited(ADA), edited(ADA))
    world.run(*SEND).ended(0, before=2)
    world.write("mapping.toml", MAPPING)
    lists(world, edited(ADA), edited(ADA), edited(ADA).replace("ada@", "fay@"))
    world.run(*SKIP).ended(6, **ONE_COPY)
    world.holds(Ada=2)


class TestCopiesThatHadAllRecords:
    """Both records that a mapping of first names alone had made went to two equal rows."""

    @staticmethod
    def count(world: World, *first: str) -> None:
        world.write("mapping.toml", POOR)
        lists(world, *first)
        world.run(*SEND).ended(0, created=2)
        lists(world, ADA_NOW, ADA_NOW)
        world.run(*SEND).ended(0, before=2)
        world.write("mapping.toml", MAPPING)

    @pytest.mark.parametrize("eve", [(), (EVE_NOW,)])
    def test_do_not_hide_somebody_once_an_original_is_back(
        self, world: World, eve: tuple[str, ...]
    ) -> None:
        self.count(world, ANN, EVE)
        lists(world, ANN, ADA_NOW, ADA_NOW, *eve)
        world.run(*SKIP).ended(0, before=2, duplicate=1, **({"created": 1} if eve else {}))
        world.settled(Ada=3 if eve else 2)

    def test_leave_a_record_to_one_row_for_good(self, world: World) -> None:
        self.count(world, ADA, EVE)
        lists(world, ADA_NOW, ADA_NOW, EVE_NOW)
        world.run(*SKIP).ended(6, **ONE_COPY)
        lists(world, ADA_NOW, ADA_NOW, ADA_NOW, EVE_NOW)
        world.run(*SKIP).ended(6, before=2, duplicate=1, possible_duplicate=1)
        lists(world, ADA_NOW, ADA_NOW, ADA_NOW, edited(EVE, "sunday"))
        world.run(*SKIP).knew(4)
        world.settled(Ada=2)

    def test_stay_copies_through_one_more_mapping(self, world: World) -> None:
        self.count(world, ADA, EVE)
        lists(world, ADA_NOW, ADA_NOW, EVE_NOW)
        world.run(*SKIP).ended(6, **ONE_COPY)
        mend(world)
        world.run(*SKIP).ended(6, **ONE_COPY)
        lists(world, ADA_NOW, ADA_NOW, edited(EVE, "sunday"))
        world.run(*SKIP).knew(3)
        world.settled(Ada=2)

    def test_wait_for_somebody_who_is_not_in_the_list_for_a_while(self, world: World) -> None:
        self.count(world, ADA, EVE)
        lists(world, ADA_NOW, ADA_NOW)
        world.run(*SKIP).ended(0, before=1, duplicate=1)
        lists(world, ADA_NOW, edited(ADA, "sunday"))
        world.run(*SKIP).knew(2)
        lists(world, ADA_NOW, edited(ADA, "sunday"), EVE_NOW)
        world.run(*SKIP).knew(3)
        world.settled(Ada=2)


@pytest.mark.parametrize("compacted", [False, True])
def test_the_second_copy_keeps_its_own_record(world: World, *, compacted: bool) -> None:
    world.write("mapping.toml", POOR)
    lists(world, EVE)
    world.run(*SEND).ended(0, created=1)
    lists(world, ADA_NOW, ADA_NOW)
    world.run(*SEND).ended(0, before=1, created=1)
    if compacted:
        world.command("compact", "people.results.jsonl")
    world.write("mapping.toml", MAPPING)
    lists(world, ADA_NOW, ADA_NOW, EVE_NOW)
    world.run(*SKIP).ended(6, **ONE_COPY)
    world.settled(Ada=2)


def test_a_copy_is_no_duplicate_of_a_row_that_is_back_in_the_list(world: World) -> None:
    world.write("mapping.toml", POOR)
    lists(world, ANN)
    world.run(*SKIP).ended(0, created=1)
    lists(world, ADA_NOW)
    world.run(*SKIP).ended(0, before=1)
    world.write("mapping.toml", MAPPING)
    lists(world, ANN, ADA_NOW, ADA_NOW)
    world.run(*SKIP).ended(0, before=1, created=1, duplicate=1)
    world.settled(Ada=2)
