"""An old request without a clear answer, whose person was sent with another key since."""

from __future__ import annotations

import pytest
from referee import World, dropped, refusal

FIRST, LAST, MAIL = 'first_name = "First"', 'last_name = "Last"', 'email = "Mail"'
PHONE, CONSTANT = 'phone = "Tel"', 'source = { const = "x" }'
RUN = ("people.csv", "--mapping", "mapping.toml")
OLD = ("old.csv", *RUN[1:], "--results", "people.results.jsonl")
SEND, RESEND = ("--on-duplicate", "send"), ("--resend-unknown",)
BO = "Bo,Berg,bo@example.com,0501110002"
BOB = BO.replace("bo@", "bob@")


def maps(world: World, *fields: str) -> None:
    world.write("mapping.toml", "\n".join(['object = "contact"', "[fields]", *fields, ""]))


def lists(world: World, day: str, *rows: str) -> None:
    """Write the list; the column Day is not mapped."""
    lines = ["First,Last,Mail,Tel,Day", *[f"{row},{day}" for row in rows]]
    world.write("people.csv", "\n".join([*lines, ""]))


@pytest.fixture
def unclear(world: World) -> World:
    """A list of one row, whose request got no clear answer."""
    maps(world, FIRST, LAST, MAIL, PHONE)
    lists(world, "monday", BO)
    world.crm.script("Bo", dropped, refusal("validation_error"))
    world.run(*RUN).ended(1, unknown=1)
    world.write("old.csv", world.read("people.failed.csv"))
    return world


class TestTheRowWasCorrectedInTheList:
    @pytest.fixture
    def corrected(self, unclear: World) -> World:
        lists(unclear, "tuesday", BOB)
        unclear.run(*RUN).ended(1, unknown=1)
        unclear.run(*RUN, *RESEND).ended(0, created=1)
        return unclear

    @pytest.mark.parametrize("more", [(), RESEND, SEND])
    def test_its_old_version_is_a_change(self, corrected: World, more: tuple[str, ...]) -> None:
        lists(corrected, "monday", BO)
        corrected.run(*RUN, *more).ended(6, changed=1)
        lists(corrected, "wednesday", BO)
        corrected.run(*RUN, *more).ended(0, before=1)
        lists(corrected, "thursday", BOB)
        corrected.run(*RUN, *more).ended(0, before=1)
        corrected.holds(Bo=1)

    def test_its_old_version_in_a_failed_file(self, corrected: World) -> None:
        corrected.run(*OLD).ended(6, changed=1)
        corrected.holds(Bo=1)

    def test_both_versions_in_the_list_are_two_people(self, corrected: World) -> None:
        lists(corrected, "monday", BO, BOB)
        corrected.run(*RUN).ended(0, before=1, created=1)
        corrected.settled(Bo=2)

    def test_the_change_can_be_sent(self, corrected: World) -> None:
        lists(corrected, "monday", BO)
        corrected.run(*RUN).ended(6, changed=1)
        corrected.run(*RUN, "--on-change", "send").ended(0, created=1)
        corrected.settled(Bo=2)


class TestTheMappingWasChanged:
    @pytest.fixture
    def changed(self, unclear: World) -> World:
        maps(unclear, FIRST, LAST, MAIL, PHONE, CONSTANT)
        lists(unclear, "tuesday", BO)
        unclear.run(*RUN, *RESEND).ended(0, created=1)
        maps(unclear, FIRST, LAST, MAIL, PHONE)
        return unclear

    @pytest.mark.parametrize("more", [(), RESEND, SEND])
    def test_and_the_old_one_is_back_with_an_old_failed_file(
        self, changed: World, more: tuple[str, ...]
    ) -> None:
        changed.run(*OLD, *more).ended(6, changed=1)
        changed.run(*RUN, *more).ended(0, before=1)
        changed.holds(Bo=1)

    @pytest.mark.parametrize("more", [(), RESEND, SEND])
    def test_and_the_old_one_is_back_with_the_old_list(
        self, changed: World, more: tuple[str, ...]
    ) -> None:
        lists(changed, "monday", BO)
        changed.run(*RUN, *more).ended(6, changed=1)
        changed.holds(Bo=1)
