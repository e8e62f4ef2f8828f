"""Rows that differ only in what is not sent, and hold no detail: who they are cannot be known."""

from __future__ import annotations

import pytest
from referee import World
from referee.weeks import NAME, RUN, Row, everybody, maps, person, save

SKIP, SEND = ("--on-duplicate", "skip"), ("--on-duplicate", "send")


def people(count: int, copies: int) -> list[Row]:
    """Return people, some of whom stand there twice; column Exported is not mapped."""
    rows = everybody(count)
    return rows + [{**row, "Exported": "tuesday"} for row in rows[:copies]]


class TestEqualOnlyInWhatIsSent:
    @pytest.mark.parametrize("copies", [1, 5])
    def test_a_few_are_left_to_a_person(self, world: World, copies: int) -> None:
        maps(world, NAME)
        save(world, people(20, copies))
        run = world.run(*RUN).ended(6, created=20, possible_duplicate=copies)
        assert "Exported" in run.stdout + run.stderr, run.told()
        for _ in range(2):
            world.run(*RUN).ended(6, before=20, possible_duplicate=copies)
        assert len(world.crm.records) == 20

    def test_a_few_are_sent_once_somebody_says_so(self, world: World) -> None:
        maps(world, NAME)
        save(world, people(20, 3))
        world.run(*RUN).ended(6, created=20, possible_duplicate=3)
        world.acknowledge("--new", "all")
        world.run(*RUN).ended(0, before=20, created=3)
        world.run(*RUN).ended(0, before=23)
        keys = [one.key for one in world.crm.records.values()]
        assert len({*keys}) == 23

    def test_a_few_are_one_once_somebody_says_so(self, world: World) -> None:
        maps(world, NAME)
        save(world, people(20, 3))
        world.run(*RUN).ended(6, created=20, possible_duplicate=3)
        world.acknowledge("--same", "all")
        for _ in range(2):
            assert world.run(*RUN).knew(23).exit_code == 0
        assert len(world.crm.records) == 20

    @pytest.mark.parametrize("copies", [6, 20])
    def test_more_stop_the_run_with_both_ways_on(self, world: World, copies: int) -> None:
        maps(world, NAME)
        save(world, people(20, copies))
        run = world.run(*RUN).refused("--on-duplicate", "Exported")
        assert "map" in run.stderr.lower()
        assert not world.crm.records

    @pytest.mark.parametrize(("copies", "stops"), [(6, False), (7, True)])
    def test_one_percent_of_a_long_list(self, world: World, copies: int, *, stops: bool) -> None:
        """Of 600 rows six are one percent."""
        maps(world, NAME)
        rows = [
            {**person(number), "First": f"{person(number)['First']}{letters(number)}"}
            for number in range(600 - copies)
        ]
        save(world, rows + [{**row, "Exported": "tuesday"} for row in rows[:copies]])
        run = world.run(*RUN)
        if stops:
            run.refused("--on-duplicate")
        else:
            run.ended(6, created=600 - copies, possible_duplicate=copies)

    def test_the_first_way_on_is_to_skip_them(self, world: World) -> None:
        maps(world, NAME)
        save(world, people(20, 8))
        world.run(*RUN).refused()
        world.run(*RUN, *SKIP).ended(0, created=20, duplicate=8)
        world.run(*RUN, *SKIP).knew(28)
        assert len(world.crm.records) == 20

    def test_the_second_way_on_is_to_send_them(self, world: World) -> None:
        maps(world, NAME)
        save(world, people(20, 8))
        world.run(*RUN).refused()
        world.run(*RUN, *SEND).ended(0, created=28)
        world.run(*RUN, *SEND).ended(0, before=28)

    def test_the_third_way_on_is_to_map_the_column(self, world: World) -> None:
        maps(world, NAME)
        save(world, people(20, 8))
        world.run(*RUN).refused()
        maps(world, f'{NAME}notes = "Exported"\n')
        world.run(*RUN).ended(0, created=28)
        world.run(*RUN).ended(0, before=28)

    @pytest.mark.parametrize("copies", [3, 8])
    def test_they_come_in_a_later_list(self, world: World, copies: int) -> None:
        maps(world, NAME)
        save(world, everybody(20))
        world.run(*RUN).ended(0, created=20)
        save(world, people(20, copies))
        run = world.run(*RUN)
        if copies > 5:
            run.refused("--on-duplicate")
        else:
            run.ended(6, before=20, possible_duplicate=copies)
        assert len(world.crm.records) == 20

    @pytest.mark.parametrize("object_", ["deal", "case"])
    def test_other_records_without_an_id_of_their_own(self, world: World, object_: str) -> None:
        """An address in a deal is its customer's: two deals of one customer are two."""
        title = {"deal": "title", "case": "subject"}[object_]
        maps(world, f'{title} = "Title"\ncontact_email = "Mail"\n', object_=object_)
        rows = [
            {"Title": "a flat", "Mail": f"c{number}@example.com", "Number": f"{number}"}
            for number in range(20)
        ]
        save(world, [*rows, {**rows[0], "Number": "77"}])
        world.run(*RUN).ended(6, created=20, possible_duplicate=1)
        save(world, [*rows, *({**row, "Number": f"7{row['Number']}"} for row in rows)])
        world.run(*RUN).refused("--on-duplicate", "Number")


class TestEqualInAllThatIsSentWithADetail:
    def test_is_one_record(self, world: World) -> None:
        maps(world)
        save(world, people(20, 8))
        world.run(*RUN).ended(0, created=20, duplicate=8)
        world.run(*RUN).knew(28)

    def test_is_one_record_for_each_row_where_that_is_asked_for(self, world: World) -> None:
        maps(world)
        save(world, people(20, 8))
        world.run(*RUN, *SEND).ended(0, created=28)
        world.run(*RUN, *SEND).ended(0, before=28)

    def test_is_one_record_where_the_only_detail_is_an_id(self, world: World) -> None:
        maps(world, f'{NAME}external_ref = "Ref"\n')
        rows = [{**row, "Ref": f"C-{number}"} for number, row in enumerate(people(20, 0))]
        save(world, rows + [{**row, "Exported": "tuesday"} for row in rows[:8]])
        world.run(*RUN).ended(0, created=20, duplicate=8)


class TestEqualInAllColumns:
    def test_is_one_record_without_any_detail(self, world: World) -> None:
        maps(world, NAME)
        rows = everybody(20)
        save(world, rows + rows[:8])
        world.run(*RUN).ended(0, created=20, duplicate=8)
        world.run(*RUN).knew(28)

    def test_is_one_record_for_each_row_where_that_is_asked_for(self, world: World) -> None:
        maps(world, NAME)
        rows = everybody(20)
        save(world, rows + rows[:8])
        world.run(*RUN, *SEND).ended(0, created=28)
        save(world, rows + rows[:9])
        world.run(*RUN, *SEND).ended(0, before=28, created=1)


def letters(number: int) -> str:
    """Return letters that no other number has."""
    return "".join("abcdefghij"[int(digit)] for digit in f"{number:03}")


@pytest.mark.parametrize("flags", [(), ("--on-change", "send")])
def test_a_namesake_has_not_the_record_of_two_rows_of_somebody(
    world: World, flags: tuple[str, ...]
) -> None:
    """
    The row that was sent has another time stamp, and the second one is its remaining copy.

    So one of the two is not as it was, and the namesake may be that one: somebody is asked.
    """
    maps(world)
    first, namesake = person(1), {**person(1), "Mail": "b.b@example.com", "Tel": "0501177777"}
    second = {**first, "Exported": "tuesday"}
    save(world, [first, person(2), second])
    world.run(*RUN, *flags).ended(0, created=2, duplicate=1)
    save(world, [{**first, "Exported": "sunday"}, person(2), second, namesake])
    world.run(*RUN, *flags).ended(6, possible_duplicate=1, duplicate=1, before=2)
    world.acknowledge("--new", "all")
    world.run(*RUN, *flags).ended(0, created=1, before=3)
    assert {one.fields["email"] for one in world.crm.of("Bo")} == {first["Mail"], namesake["Mail"]}
    world.holds(Bo=2, Cyd=1)
