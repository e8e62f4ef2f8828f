"""Rows that were refused: they come last, and hold up nobody."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from referee import Run, World, refusal

pytestmark = pytest.mark.slow

HEADER = "first_name,email\n"
RUN = ("people.csv", "--object", "contact")


@dataclass(frozen=True)
class Crowd:
    """Many people, of whom the CRM refuses the first ones."""

    world: World
    bad: int
    all: int

    def run(self, *arguments: str) -> Run:
        return self.world.run(*(arguments or (*RUN, "--max-errors", str(self.bad * 5 // 12))))

    def stops(self, *arguments: str) -> None:
        """Run; too many rows are refused."""
        run = self.run(*arguments)
        assert run.exit_code == 4, run.told()

    def settled(self) -> None:
        """Check that each good row is there, once."""
        self.world.holds(**{f"P{number}": 1 for number in range(self.bad, self.all)})


def crowd_of(world: World, bad: int, all_: int) -> Crowd:
    rows = (f"P{number},p{number}@example.com\n" for number in range(all_))
    world.write("people.csv", HEADER + "".join(rows))
    for number in range(bad):
        world.crm.always(f"P{number}", refusal("validation_error"))
    return Crowd(world, bad, all_)


class TestTheFirstRowsOfAListAreRefused:
    @pytest.fixture
    def crowd(self, world: World) -> Crowd:
        return crowd_of(world, 36, 90)

    def test_120_of_400_and_each_run_stops_at_too_many(self, world: World) -> None:
        crowd = crowd_of(world, 120, 400)
        for _ in range(4):
            crowd.stops()
        crowd.settled()

    def test_and_the_list_is_sorted_in_between(self, crowd: Crowd) -> None:
        for night in range(4):
            crowd.world.sort("people.csv", reverse=night % 2 == 0)
            crowd.stops()
        crowd.settled()

    def test_and_the_mapping_changes_in_between(self, crowd: Crowd) -> None:
        mapping = 'object = "contact"\n[fields]\nfirst_name = "first_name"\nemail = "email"\n'
        for night in range(5):
            constant = f'source = {{ const = "night {night // 2}" }}\n'
            crowd.world.write("mapping.toml", mapping + constant)
            crowd.stops("people.csv", "--mapping", "mapping.toml", "--max-errors", "15")
        crowd.settled()

    def test_and_pilots_go_on_with_others(self, crowd: Crowd) -> None:
        pilot = (*RUN, "--max-errors", "1000", "--limit")
        first = crowd.run(*pilot, "36")
        assert first.counts["failed"] == 36, first.told()
        second = crowd.run(*pilot, "30")
        assert second.counts["created"] == 30, second.told()


class TestWhatARerunDoesWithThem:
    @pytest.fixture
    def refused(self, world: World) -> World:
        world.write("people.csv", HEADER + "Ada,ada@example.com\nBo,bo@example.com\n")
        world.crm.script("Ada", refusal("validation_error"))
        world.run(*RUN).ended(1, created=1, failed=1)
        return world

    def test_all(self, refused: World) -> None:
        refused.run(*RUN, "--retry", "all").ended(0, before=1, created=1)
        refused.settled(Ada=1, Bo=1)

    @pytest.mark.parametrize("retry", ["none", "transient"])
    def test_none_and_then_all(self, refused: World, retry: str) -> None:
        assert refused.command("check", *RUN, "--retry", retry)[0] == 1
        run = refused.run(*RUN, "--retry", retry)
        assert (run.exit_code, run.requests) == (1, 0), run.told()
        refused.run(*RUN).ended(0, before=1, created=1)
        refused.settled(Ada=1, Bo=1)

    def test_while_an_unmapped_column_or_the_mapping_differs(self, refused: World) -> None:
        refused.write(
            "mapping.toml",
            'object = "contact"\n[fields]\nfirst_name = "first_name"\nemail = "email"\n'
            'source = { const = "old list" }\n',
        )
        refused.run("people.csv", "--mapping", "mapping.toml").ended(0, before=1, created=1)
        refused.settled(Ada=1, Bo=1)

    def test_a_row_corrected_in_the_list(self, refused: World) -> None:
        refused.edit("people.csv", ("ada@", "ada.abboud@"))
        refused.run(*RUN).ended(0, before=1, created=1)
        assert not refused.has("people.failed.csv")
        refused.settled(Ada=1, Bo=1)

    def test_a_row_taken_out_of_the_list(self, refused: World) -> None:
        refused.edit("people.csv", ("Ada,ada@example.com\n", ""))
        refused.run(*RUN).ended(0, before=1)
        assert not refused.has("people.failed.csv")
        refused.settled(Bo=1)


def test_a_refused_row_that_waits_for_others_is_sent_after_the_new_ones(world: World) -> None:
    """Three share an address and the family name, and a column that is not mapped has changed."""
    fields = 'first_name = "First"\nlast_name = "Last"\nemail = "Mail"\n'
    world.write("mapping.toml", f'object = "contact"\n[fields]\n{fields}')
    header = "First,Last,Mail,Exported\n"
    bo, ada, cyd = (f"{first},Abboud,ada@example.com," for first in ("Bo", "Ada", "Cyd"))
    world.write("people.csv", f"{header}{bo}1\n{ada}1\n")
    run = ("people.csv", "--mapping", "mapping.toml", "--concurrency", "1")
    world.crm.script("Bo", refusal("validation_error"))
    world.run(*run).ended(1, created=1, failed=1)
    world.write("people.csv", f"{header}{bo}1\n{cyd}2\n{ada}2\n")
    world.run(*run).ended(0, before=1, created=2)
    assert [request.fields["first_name"] for request in world.crm.requests[-2:]] == ["Cyd", "Bo"]
