"""Weeks of deals without an id, of which several are of one customer and some are alike."""

from __future__ import annotations

import pytest
from referee import Run, World

FIELDS = """
object = "deal"
[fields]
title = "Title"
contact_email = "Mail"
amount = "Amount"
stage = "Stage"
"""
OWNER = 'owner = "Owner"\n'
FLAT = ("A flat", "ada@example.com", "1000", "new", "Omar")
WON = ("A flat", "ada@example.com", "1000", "won", "Omar")
OTHER = ("A flat", "ada@example.com", "1000", "new", "Olga")
"""It is sent like the first one while the owner is not mapped."""
VILLA = ("A villa", "bo@example.com", "2000", "new", "Olga")
EXPORTED = pytest.mark.parametrize("stamped", [False, True], ids=["as it was", "exported anew"])


class Deals:
    """A list of deals that is imported again and again; `stamped` rows differ each time."""

    def __init__(self, world: World, *, stamped: bool = False) -> None:
        self.world = world
        self._stamped = stamped
        self._nights = 0
        self.maps(FIELDS)

    def maps(self, mapping: str) -> None:
        """Use this mapping from now on."""
        self.world.write("mapping.toml", mapping)

    def night(self, *rows: tuple[str, ...]) -> Run:
        """Import these rows."""
        self._nights += 1
        stamp = str(self._nights if self._stamped else 0)
        lines = [",".join((*row, stamp)) for row in rows]
        self.world.write(
            "people.csv", "\n".join(["Title,Mail,Amount,Stage,Owner,Saved", *lines, ""])
        )
        return self.world.run("people.csv", "--mapping", "mapping.toml")


@EXPORTED
def test_a_new_deal_with_the_first_values_of_one_that_has_moved_on(
    world: World, stamped: bool
) -> None:
    deals = Deals(world, stamped=stamped)
    deals.night(FLAT, VILLA).ended(0, created=2)
    deals.night(WON, VILLA).ended(6, before=1, changed=1)
    world.acknowledge()
    for _ in range(2):
        deals.night(WON, VILLA, FLAT).ended(6, before=2, possible_duplicate=1)
    world.acknowledge("--new", "all")
    deals.night(WON, VILLA, FLAT).ended(0, before=2, created=1)
    deals.night(WON, VILLA, FLAT).ended(0, before=3)


@EXPORTED
def test_one_more_column_is_mapped_and_a_deal_was_copied(world: World, stamped: bool) -> None:
    deals = Deals(world, stamped=stamped)
    deals.night(FLAT, VILLA).ended(0, created=2)
    deals.maps(FIELDS + OWNER)
    deals.night(FLAT, VILLA, WON).ended(0, before=2, created=1)
    deals.night(FLAT, VILLA, WON).ended(0, before=3)


def test_two_deals_of_a_customer_keep_their_records_under_a_fuller_mapping(world: World) -> None:
    deals = Deals(world, stamped=True)
    deals.night(FLAT, WON, VILLA).ended(0, created=3)
    deals.maps(FIELDS + OWNER)
    deals.night(FLAT, WON, VILLA).ended(0, before=3)


@EXPORTED
@pytest.mark.parametrize("answer", ["--same", "--new"])
def test_two_that_are_sent_alike_are_asked_about_once(
    world: World, answer: str, stamped: bool
) -> None:
    deals = Deals(world, stamped=stamped)
    deals.night(FLAT, OTHER, VILLA).ended(6, created=2, possible_duplicate=1)
    world.acknowledge(answer, "all")
    run = deals.night(FLAT, OTHER, VILLA)
    assert (run.exit_code, run.requests) == (0, int(answer == "--new")), run.told()
    for _ in range(2):
        deals.night(FLAT, OTHER, VILLA).ended(0, before=3)
    deals.night(FLAT, VILLA).ended(0, before=2)


def test_exact_copies_are_duplicates_each_night(world: World) -> None:
    deals = Deals(world, stamped=True)
    deals.night(FLAT, VILLA).ended(0, created=2)
    for _ in range(3):
        deals.night(FLAT, FLAT, VILLA).ended(0, before=2, duplicate=1)
