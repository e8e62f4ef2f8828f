"""What a decision of a person means in the weeks after it: for that row, and for newcomers."""

from __future__ import annotations

import pytest
from referee import Run, World
from referee.weeks import FIELDS, RESULTS, RUN, Row, begin, everybody, married, moved, save

WITH_ID = f'external_ref = "Id"\n{FIELDS}'
OTHERS = everybody(6)[1:]


def numbered(row: Row, number: int) -> Row:
    return {"Id": str(number), **row}


def listed(*rows: Row) -> list[Row]:
    others = [numbered(row, number) for number, row in enumerate(OTHERS, 2)]
    return [*rows, *others]


ADA = numbered(everybody(1)[0], 1)
RENAMED = {**married({**ADA, "First": "Lina"}), "Tel": "0507777777"}
"""The same row with nothing but the id left: only a person can say that it is she."""
NEWCOMER = {**RENAMED, "Id": "9", "Mail": "lina@elsewhere.example"}


def night(world: World, *rows: Row) -> Run:
    save(world, listed(*rows))
    return world.run(*RUN)


@pytest.mark.parametrize("newcomer_first", [False, True])
@pytest.mark.parametrize("identity", [("external_ref",), ()])
def test_a_row_that_is_the_same_keeps_its_record_from_a_newcomer(
    world: World, identity: tuple[str, ...], newcomer_first: bool
) -> None:
    begin(world, listed(ADA), *identity, fields=WITH_ID)
    night(world, RENAMED).ended(6, possible_duplicate=1, before=5)
    world.acknowledge("--same", "all")
    rows = (NEWCOMER, RENAMED) if newcomer_first else (RENAMED, NEWCOMER)
    night(world, *rows).ended(0, created=1, before=6)
    night(world, *rows).knew(7)


def test_a_row_that_is_the_same_beside_the_row_of_the_record_leaves_it_to_that(
    world: World,
) -> None:
    begin(world, listed(ADA), fields=WITH_ID)
    night(world, RENAMED).ended(6, possible_duplicate=1, before=5)
    night(world, ADA, RENAMED).ended(6, possible_duplicate=1, before=6)
    world.acknowledge("--same", "all")
    night(world, ADA, RENAMED).knew(7)
    night(world, moved(ADA), RENAMED).ended(6, changed=1, before=6)


class TestAChangeOfWhichTheNextOneIsUndone:
    def test_only_the_one_on_the_list_is_dealt_with(self, world: World) -> None:
        begin(world, listed(ADA), fields=WITH_ID)
        mail, phone = moved(ADA), {**ADA, "Tel": "0507777777"}
        for row in (mail, phone):
            night(world, row).ended(6, changed=1, before=5)
        assert night(world, mail).knew(6).report["verdict"]["changed"] == 1
        code, told, _ = world.command("acknowledge", RESULTS)
        assert code == 0
        assert "1 of people.csv" in told
        night(world, mail).knew(6)
        night(world, phone).ended(6, changed=1, before=5)

    def test_and_back_again(self, world: World) -> None:
        begin(world, listed(ADA), fields=WITH_ID)
        for row in (moved(ADA), ADA, moved(ADA)):
            night(world, row)
        world.acknowledge()
        night(world, moved(ADA)).knew(6)


@pytest.mark.parametrize("asked", [1, 2])
def test_an_answer_counts_for_the_next_change_whatever_is_stamped(world: World, asked: int) -> None:
    begin(world, listed(ADA))
    for day in ("tuesday", "wednesday")[:asked]:
        night(world, {**married(ADA), "Exported": day}).ended(6, possible_duplicate=1, before=5)
    world.acknowledge("--same", "all")
    night(world, {**married(ADA), "Exported": "thursday"}).knew(6)
    changed = {**married(ADA), "Exported": "friday", "Tel": "0507777777"}
    night(world, changed).ended(6, changed=1, before=5)


def test_a_comment_in_the_mapping_is_no_obstacle_to_the_file_of_updates(world: World) -> None:
    begin(world, listed(ADA), fields=WITH_ID)
    world.write("mapping.toml", "# looked at by Lina\n" + world.read("mapping.toml"))
    night(world, moved(ADA)).ended(6, changed=1, before=5)
    code, _, told = world.command("updates", RESULTS, "people.csv")
    assert code == 0, told
    assert moved(ADA)["Mail"] in world.read("people.updates.csv")


class TestTheRowOfTheRecordComesBackBesideTheOneThatIsTheSame:
    def test_and_changes(self, world: World) -> None:
        begin(world, listed(ADA))
        night(world, married(ADA)).ended(6, possible_duplicate=1, before=5)
        world.acknowledge("--same", "all")
        night(world, ADA, married(ADA)).knew(7)
        night(world, moved(ADA), married(ADA)).ended(6, changed=1, before=6)

    def test_and_changes_where_they_share_nothing_but_an_id(self, world: World) -> None:
        begin(world, listed(ADA), "external_ref", fields=WITH_ID)
        night(world, RENAMED).ended(6, possible_duplicate=1, before=5)
        world.acknowledge("--same", "all")
        night(world, ADA, RENAMED).knew(7)
        night(world, moved(ADA), RENAMED).ended(6, changed=1, before=6)


ZOE = {**ADA, "First": "Zoe", "Last": "Zander", "Mail": "zoe@home.example"}
"""She has Ada's number."""


class TestAVersionThatWasAskedAboutBefore:
    """A decision is about the version that it names; the one before is asked about again."""

    def test_comes_back_beside_one_that_is_new(self, world: World) -> None:
        begin(world, listed(ADA))
        later = {**ZOE, "Last": "Zanders"}
        for row in (ZOE, later):
            night(world, row).ended(6, possible_duplicate=1, before=5)
        world.acknowledge("--new", "all")
        night(world, later).ended(0, created=1, before=5)
        night(world, ADA, later, ZOE).ended(6, possible_duplicate=1, before=7)

    def test_does_not_count_if_it_is_sent_like_one_that_is_new(self, world: World) -> None:
        begin(world, listed(ADA))
        for day in ("monday", "tuesday"):
            night(world, {**ZOE, "Exported": day}).ended(6, possible_duplicate=1, before=5)
        world.acknowledge("--new", "all")
        night(world, {**ZOE, "Exported": "wednesday"}).ended(0, created=1, before=5)
        found = {**ZOE, "Exported": "thursday"}
        second = {**found, "Tel": "0508888888"}
        night(world, found, second).ended(0, created=1, before=6)

    @pytest.mark.parametrize("rest", [(), (ADA,)])
    def test_comes_back_beside_one_that_is_the_same(
        self, world: World, rest: tuple[Row, ...]
    ) -> None:
        begin(world, listed(ADA))
        later = married(ADA, "Marina")
        for row in (married(ADA), later):
            night(world, row).ended(6, possible_duplicate=1, before=5)
        world.acknowledge("--same", "all")
        run = night(world, *rest, later, married(ADA))
        assert (run.exit_code, run.requests) == (6, 0), run.told()


def test_of_two_who_resemble_a_record_the_one_that_is_the_same_keeps_it(world: World) -> None:
    rana = {**ADA, "First": "Rana", "Last": "Rose", "Tel": "0503333333"}
    begin(world, listed(ADA))
    night(world, ZOE, rana).ended(6, possible_duplicate=2, before=5)
    named = {row["First"]: row["vorel_ref"] for row in world.possible_duplicates()}
    world.acknowledge("--same", named["Rana"])
    world.acknowledge("--new", named["Zoe"])
    night(world, ZOE, rana).ended(0, created=1, before=6)
    newcomer = {**rana, "Mail": "rana@elsewhere.example"}
    night(world, newcomer, rana, ZOE).ended(0, created=1, before=7)


def test_one_of_two_equal_changed_rows_is_counted_as_the_change_that_it_is(world: World) -> None:
    begin(world, listed(ADA))
    night(world, moved(ADA), moved(ADA)).ended(6, changed=1, duplicate=1, before=5)
    said = night(world, moved(ADA)).report["verdict"]
    assert (said["records"], said["changed"], said["copies"]) == (6, 1, 0)
