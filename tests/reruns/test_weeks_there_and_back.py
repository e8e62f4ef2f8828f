"""Weeks in which a row goes back to what it was: the list is right, and the record is not."""

from __future__ import annotations

import pytest
from referee import World
from referee.fixtures import beginning
from referee.weeks import (
    RESULTS,
    RUN,
    begin,
    everybody,
    maps,
    married,
    moved,
    person,
    renumbered,
    save,
)


def acknowledge_all(world: World) -> None:
    assert world.command("acknowledge", RESULTS)[0] == 0


@beginning
def changed(world: World) -> None:
    """Return a world in which Ada's new address is in the CRM as well."""
    people = everybody(3)
    begin(world, people)
    save(world, [moved(people[0]), *people[1:]])
    world.run(*RUN).ended(6, before=2, changed=1)
    acknowledge_all(world)


@pytest.mark.parametrize("stamp", ["monday", "friday"])
def test_a_row_that_is_as_it_was_before_has_changed_again(changed: World, stamp: str) -> None:
    people = [{**row, "Exported": stamp} for row in everybody(3)]
    save(changed, people)
    changed.run(*RUN).ended(6, before=2, changed=1)
    changed.run(*RUN).ended(0, before=3)  # told once
    acknowledge_all(changed)
    changed.run(*RUN).ended(0, before=3)


@pytest.mark.parametrize("stamp", ["monday", "friday"])
def test_there_and_back_and_there_again_is_told_each_time(changed: World, stamp: str) -> None:
    people = [{**row, "Exported": stamp} for row in everybody(3)]
    save(changed, people)
    changed.run(*RUN).ended(6, before=2, changed=1)
    acknowledge_all(changed)
    save(changed, [{**moved(people[0]), "Exported": stamp}, *people[1:]])
    changed.run(*RUN).ended(6, before=2, changed=1)
    assert [row["First"] for row in changed.rows("people.changed.csv")] == ["Ada"]
    changed.holds(Ada=1, Bo=1, Cyd=1)


def test_a_change_that_nobody_has_dealt_with_is_undone_without_a_word(world: World) -> None:
    people = everybody(3)
    begin(world, people)
    save(world, [moved(people[0]), *people[1:]])
    world.run(*RUN).ended(6, before=2, changed=1)
    save(world, people)
    world.run(*RUN).ended(0, before=3)


def test_the_old_row_beside_the_new_one_has_no_record_of_its_own(changed: World) -> None:
    people = everybody(3)
    save(changed, [people[0], moved(people[0]), *people[1:]])
    changed.run(*RUN).ended(0, before=3, duplicate=1)
    changed.run(*RUN).ended(0, before=4)


def test_the_old_row_beside_a_reported_change_leaves_it_one(world: World) -> None:
    people = everybody(3)
    begin(world, people)
    save(world, [moved(people[0]), *people[1:]])
    world.run(*RUN).ended(6, before=2, changed=1)
    save(world, [people[0], moved(people[0]), *people[1:]])
    assert "copy" not in world.run(*RUN).report["verdict"]["text"]
    save(world, [moved(people[0]), *people[1:]])
    world.run(*RUN).ended(0, before=3)
    assert [row["Mail"] for row in world.rows("people.changed.csv")] == [moved(people[0])["Mail"]]


def test_a_third_change_counts_from_the_second(changed: World) -> None:
    people = everybody(3)
    save(changed, [moved(people[0], "third.example"), *people[1:]])
    changed.run(*RUN).ended(6, before=2, changed=1)
    acknowledge_all(changed)
    save(changed, [moved(people[0]), *people[1:]])
    changed.run(*RUN).ended(6, before=2, changed=1)
    changed.holds(Ada=1, Bo=1, Cyd=1)


@pytest.mark.parametrize("is_compacted", [True, False])
def test_a_change_that_was_told_is_told_again_once_the_record_says_something_else(
    world: World, *, is_compacted: bool
) -> None:
    people = everybody(3)
    begin(world, people)
    first, second = moved(people[0]), moved(people[0], "third.example")
    for row in (first, second):
        save(world, [row, *people[1:]])
        world.run(*RUN).ended(6, before=2, changed=1)
    [row] = world.rows("people.changed.csv")
    world.acknowledge("--same", row["vorel_ref"])
    if is_compacted:
        assert world.command("compact", RESULTS)[0] == 0
    save(world, [first, *people[1:]])
    world.run(*RUN).ended(6, before=2, changed=1)
    world.run(*RUN).ended(0, before=3)
    acknowledge_all(world)
    save(world, [second, *people[1:]])
    world.run(*RUN).ended(6, before=2, changed=1)


def test_the_same_once_the_results_file_is_compacted(changed: World) -> None:
    assert changed.command("compact", RESULTS)[0] == 0
    save(changed, everybody(3))
    changed.run(*RUN).ended(6, before=2, changed=1)
    assert changed.command("compact", RESULTS)[0] == 0
    changed.run(*RUN).ended(0, before=3)


@pytest.mark.parametrize("stamp", ["monday", "friday"])
@pytest.mark.parametrize("is_compacted", [False, True])
def test_a_change_that_was_undone_is_not_acknowledged(
    world: World, stamp: str, is_compacted: bool
) -> None:
    people = everybody(3)
    begin(world, people)
    save(world, [moved(people[0]), *people[1:]])
    world.run(*RUN).ended(6, before=2, changed=1)
    save(world, [{**row, "Exported": stamp} for row in people])
    world.run(*RUN).ended(0, before=3)
    if is_compacted:
        assert world.command("compact", RESULTS)[0] == 0
    acknowledge_all(world)
    world.run(*RUN, "--on-change", "send").ended(0, before=3)
    world.holds(Ada=1, Bo=1, Cyd=1)


def test_it_is_undone_where_the_lists_of_a_job_have_other_names(world: World) -> None:
    people = everybody(3)
    maps(world)
    job = '[job]\nsources = "people*.csv"\nnewest = true\nresults = "people.results.jsonl"\n'
    world.write("job.toml", world.read("mapping.toml") + job)
    for number, first in enumerate((people[0], moved(people[0]), people[0])):
        save(world, [first, *people[1:]], f"people{number}.csv")
        world.run("--job", "job.toml")
    acknowledge_all(world)
    save(world, [moved(people[0]), *people[1:]], "people4.csv")
    run = world.run("--job", "job.toml").ended(0, before=3)
    assert run.report["verdict"]["changed"] == 1
    assert [row["First"] for row in world.rows("people.changed.csv")] == ["Ada"]


def test_a_change_that_is_made_again_can_be_acknowledged(world: World) -> None:
    people = everybody(3)
    begin(world, people)
    changed = [moved(people[0]), *people[1:]]
    for rows in (changed, people, changed):
        save(world, rows)
        world.run(*RUN)
    assert [row["First"] for row in world.rows("people.changed.csv")] == ["Ada"]
    acknowledge_all(world)
    world.run(*RUN).ended(0, before=3)
    save(world, people)
    world.run(*RUN).ended(6, before=2, changed=1)


def test_a_change_that_was_undone_is_told_again_once_another_was_acknowledged(world: World) -> None:
    people = everybody(3)
    begin(world, people)
    second, third = moved(people[0]), renumbered(people[0])
    for first in (second, third, people[0], second):
        save(world, [first, *people[1:]])
        world.run(*RUN)
    acknowledge_all(world)
    save(world, [third, *people[1:]])
    world.run(*RUN).ended(6, before=2, changed=1)


@pytest.mark.parametrize("is_compacted", [False, True])
class TestSentAgain:
    """Who has changed and was sent again has two records, and is still one person."""

    @pytest.fixture
    def sent_again(self, world: World, is_compacted: bool) -> World:
        people = everybody(3)
        begin(world, people)
        save(world, [{**people[0], "Last": "Marin"}, *people[1:]])
        world.run(*RUN, "--on-change", "send").ended(0, before=2, created=1)
        if is_compacted:
            assert world.command("compact", RESULTS)[0] == 0
        return world

    def test_then_another_name_is_asked_about(self, sent_again: World) -> None:
        people = everybody(3)
        renamed = {**people[0], "First": "Zoe", "Last": "Zander"}
        save(sent_again, [renamed, *people[1:]])
        sent_again.run(*RUN).ended(6, before=2, possible_duplicate=1)

    def test_a_change_is_one_of_the_latest_record(self, sent_again: World) -> None:
        people = everybody(3)
        save(sent_again, [renumbered({**people[0], "Last": "Marin"}), *people[1:]])
        sent_again.run(*RUN).ended(6, before=2, changed=1)
        [row] = sent_again.rows("people.changed.csv")
        assert row["vorel_external_id"] == "rec-4"

    def test_both_rows_stay_those_of_their_records(self, sent_again: World) -> None:
        first, *others = everybody(3)
        second = {**first, "Last": "Marin"}
        save(sent_again, [first, second, *others])
        sent_again.run(*RUN).ended(0, before=4)
        save(sent_again, [moved(first), moved(second, "third.example"), *others])
        sent_again.run(*RUN).ended(6, before=2, changed=2)

    def test_the_first_row_marries_beside_the_second(self, sent_again: World) -> None:
        first, *others = everybody(3)
        second = {**first, "Last": "Marin"}
        save(sent_again, [first, second, *others])
        sent_again.run(*RUN).ended(0, before=4)
        save(sent_again, [married(first, "Mertens"), second, *others])
        sent_again.run(*RUN).ended(6, before=3, possible_duplicate=1)

    def test_a_sister_at_the_same_number_is_new(self, sent_again: World) -> None:
        first, *others = everybody(3)
        second = {**first, "Last": "Marin"}
        sister = {**person(7), "Tel": first["Tel"]}
        save(sent_again, [second, sister, *others])
        sent_again.run(*RUN).ended(0, before=3, created=1)

    def test_what_was_told_of_the_first_record_is_a_change_of_the_second(
        self, sent_again: World
    ) -> None:
        first, *others = everybody(3)
        told, sent = moved(first), renumbered(first)
        save(sent_again, [told, *others])
        sent_again.run(*RUN).ended(6, before=2, changed=1)
        save(sent_again, [sent, *others])
        sent_again.run(*RUN, "--on-change", "send").ended(0, before=2, created=1)
        save(sent_again, [told, *others])
        sent_again.run(*RUN).ended(6, before=2, changed=1)
        [row] = sent_again.rows("people.changed.csv")
        assert row["vorel_external_id"] == "rec-5"

    def test_a_change_of_the_second_record_is_undone_by_the_row_of_the_first(
        self, sent_again: World
    ) -> None:
        first, *others = everybody(3)
        third = {**moved(first), "Last": "Marin"}
        save(sent_again, [third, *others])
        sent_again.run(*RUN).ended(6, before=2, changed=1)
        save(sent_again, [first, *others])
        sent_again.run(*RUN).ended(0, before=3)
        acknowledge_all(sent_again)
        save(sent_again, [{**first, "Last": "Marin"}, *others])
        sent_again.run(*RUN).ended(0, before=3)

    def test_the_row_of_the_first_record_has_it(self, sent_again: World) -> None:
        save(sent_again, everybody(3))
        sent_again.run(*RUN, "--on-change", "send").ended(0, before=3)


def test_a_doubt_about_a_record_that_was_sent_again_is_over(world: World) -> None:
    people = everybody(3)
    begin(world, people)
    save(world, [{**person(7), "Mail": people[0]["Mail"]}, *people[1:]])
    world.run(*RUN).ended(6, before=2, possible_duplicate=1)
    save(world, [{**people[0], "Last": "Marin"}, *people[1:]])
    world.run(*RUN, "--on-change", "send").ended(0, before=2, created=1)
    world.run(*RUN).ended(0, before=3)


@pytest.mark.parametrize(
    ("other", "is_undone"), [("others.csv", False), ("people-2026-11-26.csv", True)]
)
def test_a_change_is_undone_by_its_own_list_alone(
    world: World, other: str, is_undone: bool
) -> None:
    people, file = everybody(3), "people-2026-11-25.csv"
    flags = ("--mapping", "mapping.toml", "--results", RESULTS)
    begin(world, people)
    save(world, [moved(people[0]), *people[1:]], file)
    world.run(file, *flags).ended(6, before=2, changed=1)
    save(world, people, other)
    world.run(other, *flags).ended(0, before=3)
    acknowledge_all(world)
    world.run(file, *flags, "--on-change", "send").ended(
        0, **({"before": 2, "created": 1} if is_undone else {"before": 3})
    )


def test_a_change_whose_row_is_missing_is_not_acknowledged_with_those_of_others(
    world: World,
) -> None:
    """Whoever acknowledges has seen the changes of the list that there is."""
    people = everybody(4)
    begin(world, people)
    save(world, [moved(people[0]), *people[1:]])
    world.run(*RUN).ended(6, before=3, changed=1)
    save(world, [moved(people[1]), people[2]])
    world.run(*RUN, "--accept-list").ended(6, before=1, changed=1)
    world.acknowledge()
    save(world, [moved(people[0]), moved(people[1]), *people[2:]])
    run = world.run(*RUN, "--accept-list").ended(0, before=4)
    assert "1 has changed since it was sent" in run.stderr
    [row] = world.rows("people.changed.csv")
    assert row["First"] == people[0]["First"]


@pytest.mark.parametrize("stays", [False, True], ids=["a copy for a night", "a copy that stays"])
@pytest.mark.parametrize("is_equal", [False, True], ids=["differs", "equal in all columns"])
@pytest.mark.parametrize("stamps", [("day",) * 5, ("mon", "tue", "wed", "thu", "fri")])
def test_a_row_with_a_copy_that_is_as_it_was_before_has_changed_again(
    world: World, stamps: tuple[str, ...], *, is_equal: bool, stays: bool
) -> None:
    """The copy, too, says what the record no longer has."""
    people = everybody(3)

    def night(at: int, *of_ada: dict[str, str]) -> None:
        rows = [*of_ada, *people[1:]]
        stamped = [{**row, "Exported": stamps[at], "Note": ""} for row in rows]
        if len(of_ada) > 1 and not is_equal:
            stamped[1]["Note"] = "again"
        save(world, stamped)

    begin(world, [{**row, "Exported": stamps[0], "Note": ""} for row in people])
    ada, new = people[0], moved(people[0])
    night(1, ada, ada)
    world.run(*RUN).ended(0, before=3, duplicate=1)
    night(2, *([new] * (1 + stays)))
    assert world.run(*RUN).exit_code == 6
    acknowledge_all(world)
    night(3, *([new] * (1 + stays)))
    world.run(*RUN).knew(3 + stays)
    night(4, *([ada] * (1 + stays)))
    run = world.run(*RUN)
    assert (run.exit_code, run.counts["changed"]) == (6, 1)
    world.holds(Ada=1, Bo=1, Cyd=1)
