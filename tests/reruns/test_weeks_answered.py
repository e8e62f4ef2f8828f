"""Weeks in which every question is answered as it is: nobody is made twice, and counts are true."""

from __future__ import annotations

import json

import pytest
from referee import World
from referee.weeks import (
    FIELDS,
    RESULTS,
    RUN,
    Row,
    begin,
    everybody,
    maps,
    married,
    person,
    renumbered,
    save,
    stamped,
)
from referee.world import Run

ADA, *REST = everybody(6)
INES = {**person(8), "Mail": ADA["Mail"]}
"""Somebody new who has the address of somebody who has left."""
COPIES = {
    "equal": INES,
    "another note": {**INES, "Exported": "vip"},
    "the number in another form": {**INES, "Tel": "+971 50 1100008"},
}
SKIP = ("--on-duplicate", "skip")
RECOVER = ("recover", RESULTS, "people.success.csv", "--mapping", "mapping.toml")


def night(world: World, *rows: Row, flags: tuple[str, ...] = ()) -> Run:
    save(world, [*rows, *REST])
    return world.run(*RUN, *flags)


def are_the_same(world: World, *rows: Row) -> None:
    """Let rows be possible duplicates of Ada, who has left, and say that they are her."""
    begin(world, [ADA, *REST])
    copies = len(rows) - 1
    counts = {"duplicate": copies} if copies else {}
    night(world, *rows).ended(6, possible_duplicate=1, before=5, **counts)
    world.acknowledge("--same", "all")
    assert world.possible_duplicates() == []


def lose(world: World, older: str | None = None) -> None:
    """Lose the results file, or put an older copy in its place."""
    world.delete(RESULTS, *world.names("*.index"))
    if older is not None:
        world.write(RESULTS, older)
    code, _, told = world.command(*RECOVER)
    assert code == 0, told


class TestSomebodyNewWhoStandsInTheListTwice:
    @pytest.mark.parametrize("flags", [(), SKIP], ids=["", "skip"])
    @pytest.mark.parametrize("copy", COPIES.values(), ids=COPIES)
    def test_is_one(self, world: World, copy: Row, flags: tuple[str, ...]) -> None:
        begin(world, [ADA, *REST])
        night(world, INES, copy, flags=flags).ended(6, possible_duplicate=1, duplicate=1, before=5)
        world.acknowledge("--new", "all")
        night(world, INES, copy, flags=flags).ended(0, created=1, duplicate=1, before=5)
        world.settled(Ada=1, Bo=1, Cyd=1, Dina=1, Emil=1, Farah=1, Ines=1)

    @pytest.mark.parametrize("identity", [(), ("email",)], ids=["", "identity"])
    def test_is_one_if_the_copy_comes_after_the_answer(
        self, world: World, identity: tuple[str, ...]
    ) -> None:
        begin(world, [ADA, *REST], *identity)
        night(world, INES).ended(6, possible_duplicate=1, before=5)
        world.acknowledge("--new", "all")
        run = night(world, INES, COPIES["another note"])
        run.ended(0, created=1, duplicate=1, before=5)

    @pytest.mark.parametrize("copy", ["", "vip"], ids=["equal", "another note"])
    def test_is_one_beside_a_partner_with_the_same_address(self, world: World, copy: str) -> None:
        bo = {**person(1), "Mail": ADA["Mail"]}
        maps(world, FIELDS, identity=("email",))
        save(world, [ADA, bo, {**bo, "Exported": copy or bo["Exported"]}, *REST[1:]])
        world.run(*RUN).ended(6, created=5, possible_duplicate=1, duplicate=1)
        world.acknowledge("--new", "all")
        world.run(*RUN).ended(0, created=1, duplicate=1, before=5)
        assert len(world.crm.of("Bo")) == 1

    @pytest.mark.parametrize("identity", [(), ("email",)], ids=["", "identity"])
    def test_is_one_if_the_row_is_away_when_its_copy_is_sent(
        self, world: World, identity: tuple[str, ...]
    ) -> None:
        begin(world, [ADA, *REST], *identity)
        rows = INES, COPIES["another note"]
        night(world, *rows).ended(6, possible_duplicate=1, duplicate=1, before=5)
        world.acknowledge("--new", "all")
        night(world, rows[1]).ended(0, created=1, before=5)
        night(world, *rows).ended(0, duplicate=1, before=6)

    @pytest.mark.parametrize("flags", [(), SKIP], ids=["", "skip"])
    def test_is_one_though_each_export_has_its_day(
        self, world: World, flags: tuple[str, ...]
    ) -> None:
        begin(world, [ADA, *REST])
        rows = INES, COPIES["the number in another form"]
        night(world, *stamped(rows, "tuesday"), flags=flags)
        world.acknowledge("--new", "all")
        run = night(world, *stamped(rows, "wednesday"), flags=flags)
        run.ended(0, created=1, duplicate=1, before=5)


class TestARowThatIsTheSame:
    @pytest.mark.parametrize("flags", [(), SKIP], ids=["", "skip"])
    def test_has_a_copy_with_a_note(self, world: World, flags: tuple[str, ...]) -> None:
        are_the_same(world, married(ADA))
        night(world, married(ADA)).ended(0, before=6)
        rows = married(ADA), {**married(ADA), "Exported": "vip"}
        for _ in range(2):
            run = night(world, *rows, flags=flags)
            assert run.exit_code == 0, run.told()
            assert run.report["verdict"]["records"] == 6, run.told()

    def test_stands_beside_the_row_of_the_record(self, world: World) -> None:
        are_the_same(world, married(ADA))
        verdict = night(world, ADA, married(ADA)).ended(0, before=7).report["verdict"]
        assert (verdict["records"], verdict["shared"]) == (6, 1), verdict["text"]
        _, status, _ = world.command("status", RESULTS)
        assert verdict["text"] in status

    def test_counts_alike_in_check_and_run_if_one_of_two_rows_changes(self, world: World) -> None:
        begin(world, [ADA, *REST])
        copy = {**ADA, "Exported": "vip"}
        night(world, ADA, copy).ended(0, duplicate=1, before=6)
        save(world, [renumbered(ADA), copy, *REST])
        foreseen = json.loads(world.command("check", *RUN, "--json")[1])["verdict"]
        verdict = world.run(*RUN).report["verdict"]
        for one in (foreseen, verdict):
            assert (one["records"], one["shared"]) == (6, 0), one["text"]

    def test_is_a_walk_in_who_stands_in_the_first_list_twice(self, world: World) -> None:
        gina = {**person(9, "Gina", "Gray"), "Mail": "", "Tel": ""}
        maps(world, FIELDS)
        save(world, [gina, {**gina, "Exported": "vip"}, *REST])
        world.run(*RUN).ended(6, created=6, possible_duplicate=1)
        world.acknowledge("--same", "all")
        _, status, _ = world.command("status", RESULTS)
        verdict = world.run(*RUN).ended(0, before=7).report["verdict"]
        assert verdict["records"] == 6, verdict["text"]
        assert "All 6 people are in the CRM" in status

    @pytest.mark.parametrize("gap", [False, True], ids=["at once", "a night later"])
    def test_is_one_of_two_of_which_one_is_taken_out(self, world: World, *, gap: bool) -> None:
        are_the_same(world, married(ADA), married(ADA))
        if gap:
            night(world, married(ADA), married(ADA)).ended(0, before=6, duplicate=1)
        verdict = night(world, married(ADA)).ended(0, before=6).report["verdict"]
        assert (verdict["records"], verdict["copies"], verdict["person"]) == (6, 0, 0)


class TestAResultsFileThatIsRecovered:
    @pytest.mark.parametrize("stamp", ["monday", "vip"])
    def test_knows_copies(self, world: World, stamp: str) -> None:
        begin(world, [ADA, *REST])
        copy = {**ADA, "Exported": stamp}
        night(world, ADA, copy).ended(0, duplicate=1, before=6)
        lose(world)
        verdict = night(world, ADA, copy).report["verdict"]
        assert verdict["records"] == 6, verdict["text"]
        night(world, ADA, renumbered(copy))
        assert len(world.crm.records) == 6

    def test_knows_who_is_the_same(self, world: World) -> None:
        are_the_same(world, married(ADA))
        night(world, married(ADA)).ended(0, before=6)
        lose(world)
        night(world, married(ADA)).ended(0, before=6)

    @pytest.mark.parametrize("day", ["monday", "tuesday"])
    def test_completes_an_older_copy_though_each_export_has_its_day(
        self, world: World, day: str
    ) -> None:
        begin(world, [ADA, *REST])
        older = world.read(RESULTS)
        save(world, [{**row, "Exported": day} for row in (ADA, *REST, person(8))])
        world.run(*RUN).ended(0, created=1, before=6)
        lose(world, older)
        world.run(*RUN).ended(0, before=7)
