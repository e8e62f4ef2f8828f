"""Equal rows that a poor mapping sent, each of them, and of which copies are skipped later."""

from __future__ import annotations

import pytest
from referee import World, refusal
from referee.equal_rows import ADA, BO, MAPPING, SEND, SKIP, edited, lists


class TestCopiesThatHadRecordsOfOthers:
    """
    A mapping of first names alone counted two equal rows against the records of two Adas.

    The first of the equal rows has a record of its own, or was edited since then.
    """

    EVE = ADA.replace("ada@", "eve@")

    @pytest.fixture(autouse=True, params=[ADA, edited(ADA)], ids=["edited", "with its own"])
    def _count_them(self, world: World, request: pytest.FixtureRequest) -> None:
        world.write("mapping.toml", MAPPING.replace('email = "Mail"', ""))
        lists(world, request.param, self.EVE, BO)
        world.run(*SEND).ended(0, created=3)
        lists(world, edited(ADA), edited(ADA), edited(BO), edited(self.EVE))
        world.crm.script("Ada", refusal("validation_error"))
        world.run(*SEND).ended(1, before=3, failed=1)
        world.edit("mapping.toml", ('"First"', '"First"\nemail = "Mail"'))

    def test_leave_them_to_the_others_once_copies_are_skipped(self, world: World) -> None:
        world.run(*SKIP).ended(0, before=3, duplicate=1)
        world.settled(Ada=2, Bo=1)

    def test_count_again_once_copies_are_sent(self, world: World) -> None:
        world.run(*SKIP).ended(0, before=3, duplicate=1)
        world.run(*SEND).ended(0, before=3, created=1)
        world.run(*SKIP).ended(0, before=4)
        world.settled(Ada=3, Bo=1)

    def test_are_copies_still_where_there_is_one_more(self, world: World) -> None:
        lists(world, *[edited(ADA)] * 3, edited(BO), edited(self.EVE))
        world.run(*SKIP).ended(0, before=3, duplicate=2)
        world.settled(Ada=2, Bo=1)

    def test_are_copies_still_when_an_unmapped_column_differs_once_more(self, world: World) -> None:
        world.run(*SKIP).ended(0, before=3, duplicate=1)
        lists(world, *[edited(row, "sunday") for row in (self.EVE, ADA, BO, ADA)])
        world.run(*SKIP).ended(0, before=3, duplicate=1)
        world.settled(Ada=2, Bo=1)

    def test_hide_no_new_person(self, world: World) -> None:
        fay = edited(ADA).replace("ada@", "fay@")
        lists(world, edited(ADA), edited(ADA), fay, edited(BO), edited(self.EVE))
        world.run(*SKIP).ended(0, before=3, duplicate=1, created=1)
        world.settled(Ada=3, Bo=1)


def test_copies_that_had_records_themselves_hide_no_new_person(world: World) -> None:
    world.write("mapping.toml", MAPPING.replace('email = "Mail"', ""))
    lists(world, ADA, ADA)
    world.run(*SEND).ended(0, created=2)
    lists(world, edited(ADA), edited(ADA))
    world.run(*SEND).ended(0, before=2)
    world.edit("mapping.toml", ('"First"', '"First"\nemail = "Mail"'))
    lists(world, edited(ADA), edited(ADA), edited(ADA).replace("ada@", "fay@"))
    world.run(*SKIP).ended(0, before=2, created=1)
    world.settled(Ada=3)
