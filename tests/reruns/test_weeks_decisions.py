"""What is left to a person: changes are told once, possible duplicates until somebody decides."""

from __future__ import annotations

import json
from typing import Any

import pytest
from referee import World
from referee.fixtures import beginning
from referee.weeks import RESULTS, RUN, begin, everybody, married, moved, person, renumbered, save


def status(world: World) -> dict[str, Any]:
    code, out, told = world.command("status", RESULTS, "--json")
    assert code in {0, 6}, told
    return dict(json.loads(out))


@beginning
def undecided(world: World) -> None:
    """Six people, one of whom may be the one who had her phone before."""
    people = everybody(6)
    begin(world, people)
    save(world, [married(people[0]), *people[1:]])
    world.run(*RUN).ended(6, before=5, possible_duplicate=1)


@beginning
def three_undecided(world: World) -> None:
    people = everybody(6)
    begin(world, people)
    save(world, [*map(married, people[:3]), *people[3:]])
    world.run(*RUN).ended(6, before=3, possible_duplicate=3)


class TestAPossibleDuplicate:
    def test_is_told_in_each_run(self, undecided: World) -> None:
        for _ in range(3):
            undecided.run(*RUN).ended(6, before=5, possible_duplicate=1)
        undecided.holds(**dict.fromkeys(("Ada", "Bo", "Cyd", "Dina", "Emil", "Farah"), 1))

    def test_is_told_while_an_unmapped_column_differs(self, undecided: World) -> None:
        for day in ("tuesday", "friday"):
            save(undecided, [{**row, "Exported": day} for row in undecided.rows("people.csv")])
            undecided.run(*RUN).ended(6, before=5, possible_duplicate=1)

    @pytest.mark.parametrize("is_listed", [True, False])
    def test_is_one_however_often_an_unmapped_column_differed(
        self, undecided: World, is_listed: bool
    ) -> None:
        for day in ("tuesday", "friday"):
            save(undecided, [{**row, "Exported": day} for row in undecided.rows("people.csv")])
            undecided.run(*RUN).ended(6, before=5, possible_duplicate=1)
        assert undecided.run(*RUN).report["undecided_before"] == 0
        [row] = undecided.possible_duplicates()
        undecided.acknowledge("--new", row["vorel_ref"])
        undecided.run(*RUN).ended(0, before=5, created=1)
        if not is_listed:
            save(undecided, undecided.rows("people.csv")[1:])
        undecided.run(*RUN).ended(0, before=6 if is_listed else 5)
        assert status(undecided)["undecided_before"] == 0
        for day in ("tuesday", "friday", ""):
            rows = undecided.rows("people.csv")
            save(undecided, [{**row, "Exported": day} for row in rows])
            undecided.run(*RUN).ended(0, before=len(rows))

    def test_is_told_once_its_row_is_no_more_in_the_list(self, undecided: World) -> None:
        save(undecided, everybody(6)[1:])
        for _ in range(2):
            run = undecided.run(*RUN)
            assert run.exit_code == 6, run.told()
            assert run.requests == 0, run.told()
            assert run.counts["before"] == 5, run.told()

    def test_is_nothing_to_decide_once_the_first_row_is_back_without_it(
        self, undecided: World
    ) -> None:
        save(undecided, everybody(6))
        undecided.run(*RUN).ended(0, before=6)

    def test_names_its_record_in_a_file(self, undecided: World) -> None:
        [row] = undecided.possible_duplicates()
        assert (row["First"], row["Last"]) == ("Ada", "Marin")
        assert row["vorel_external_id"] == undecided.crm.of("Ada")[0].record
        assert row["vorel_ref"]

    def test_names_its_record_in_the_results_file(self, undecided: World) -> None:
        line = undecided.outcomes(RESULTS)[1]
        made = undecided.crm.of("Ada")[0].record
        assert (line["status"], line["external_id"]) == ("possible_duplicate", made)

    def test_is_never_called_a_change(self, undecided: World) -> None:
        run = undecided.run(*RUN)
        told = run.stderr.lower()
        assert "acknowledge" in told, run.told()
        assert "--same" in told, run.told()
        assert "--new" in told, run.told()
        assert "bring the record" not in told, run.told()

    @pytest.mark.parametrize(
        "flags",
        [
            ("--on-change", "send"),
            ("--on-duplicate", "send"),
            ("--on-duplicate", "skip"),
            ("--retry", "all"),
            ("--resend-unknown",),
        ],
        ids=" ".join,
    )
    def test_is_sent_by_no_flag(self, undecided: World, flags: tuple[str, ...]) -> None:
        undecided.run(*RUN, *flags).ended(6, before=5, possible_duplicate=1)

    def test_is_not_settled_by_what_clears_the_list_of_changes(self, undecided: World) -> None:
        undecided.acknowledge()
        undecided.run(*RUN).ended(6, before=5, possible_duplicate=1)

    def test_is_foreseen(self, undecided: World) -> None:
        code, out, told = undecided.command("check", *RUN, "--json")
        assert code != 2, told
        assert json.loads(out)["counts"]["possible_duplicate"] == 1, out

    def test_is_in_what_the_status_says(self, undecided: World) -> None:
        assert status(undecided)["counts"]["possible_duplicate"] == 1

    def test_is_told_after_the_results_file_was_made_smaller(self, undecided: World) -> None:
        code, _, told = undecided.command("compact", RESULTS)
        assert code == 0, told
        undecided.run(*RUN).ended(6, before=5, possible_duplicate=1)
        undecided.acknowledge("--same", "all")
        code, _, told = undecided.command("compact", RESULTS)
        assert code == 0, told
        undecided.run(*RUN).ended(0, before=6)

    def test_of_which_its_file_is_imported_is_not_sent(self, undecided: World) -> None:
        [name] = [
            name
            for name in undecided.names("people.*.csv")
            if any(row.get("vorel_status") == "possible_duplicate" for row in undecided.rows(name))
        ]
        assert undecided.run(name, *RUN[1:]).left_to_somebody().exit_code == 6
        undecided.run(*RUN).ended(6, before=5, possible_duplicate=1)

    def test_whose_row_is_as_it_was_beside_it_is_somebody_new(self, undecided: World) -> None:
        """The row that the record was made from is back: nobody is held back by it."""
        save(undecided, [married(person(0)), *everybody(6)])
        run = undecided.run(*RUN)
        assert run.exit_code == 6 or run.counts.get("created") == 1, run.told()
        assert len(undecided.crm.records) == 6 + run.counts.get("created", 0)


class TestOfPossibleDuplicates:
    """How a row is named to whoever takes the decision."""

    def refs(self, world: World, how: str, *people: str) -> list[str]:
        if how == "all":
            return ["all"]
        rows = [row for row in world.possible_duplicates() if row["First"] in people]
        assert len(rows) == len(people)
        if how == "a reference":
            return [row["vorel_ref"] for row in rows]
        save(world, rows, "decided.csv")
        return ["decided.csv"]

    @pytest.mark.parametrize("how", ["a reference", "a file", "all"])
    def test_one_is_the_same_person(self, undecided: World, how: str) -> None:
        undecided.acknowledge("--same", *self.refs(undecided, how, "Ada"))
        for _ in range(2):
            undecided.run(*RUN).ended(0, before=6)
        assert not undecided.possible_duplicates()
        undecided.run(*RUN, "--on-change", "send").ended(0, before=6)
        assert len(undecided.crm.records) == 6

    @pytest.mark.parametrize("how", ["a reference", "a file", "all"])
    def test_one_is_somebody_new(self, undecided: World, how: str) -> None:
        undecided.acknowledge("--new", *self.refs(undecided, how, "Ada"))
        assert len(undecided.crm.records) == 6
        undecided.run(*RUN).ended(0, before=5, created=1)
        undecided.run(*RUN).ended(0, before=6)
        assert not undecided.possible_duplicates()
        first, second = undecided.crm.of("Ada")
        assert first.key != second.key
        assert second.fields["last_name"] == "Marin"

    def test_some_are_the_same_and_some_are_new(self, three_undecided: World) -> None:
        world = three_undecided
        [ada] = self.refs(world, "a reference", "Ada")
        [bo] = self.refs(world, "a reference", "Bo")
        world.acknowledge("--same", ada, "--new", bo)
        world.run(*RUN).ended(6, before=4, created=1, possible_duplicate=1)
        [left] = world.possible_duplicates()
        assert left["First"] == "Cyd"
        world.acknowledge("--same", "all")
        world.run(*RUN).ended(0, before=6)
        world.holds(Ada=1, Bo=2, Cyd=1, Dina=1, Emil=1, Farah=1)

    def test_several_are_decided_by_one_file(self, three_undecided: World) -> None:
        world = three_undecided
        world.acknowledge("--same", *self.refs(world, "a file", "Ada", "Cyd"))
        world.run(*RUN).ended(6, before=5, possible_duplicate=1)

    def test_one_that_is_gone_from_the_list_is_decided(self, undecided: World) -> None:
        save(undecided, everybody(6)[1:])
        assert undecided.run(*RUN).exit_code == 6
        undecided.acknowledge("--same", "all")
        undecided.run(*RUN).ended(0, before=5)
        save(undecided, [married(person(0)), *everybody(6)[1:]])
        undecided.run(*RUN).ended(0, before=6)

    def test_one_that_is_new_and_gone_from_the_list_is_sent_once_it_is_back(
        self, undecided: World
    ) -> None:
        save(undecided, everybody(6)[1:])
        assert undecided.run(*RUN).exit_code == 6
        undecided.acknowledge("--new", "all")
        undecided.run(*RUN).ended(0, before=5)
        save(undecided, [married(person(0)), *everybody(6)[1:]])
        undecided.run(*RUN).ended(0, before=5, created=1)

    def test_a_version_of_the_same_person_counts_from_then_on(self, undecided: World) -> None:
        undecided.acknowledge("--same", "all")
        save(undecided, [renumbered(married(person(0))), *everybody(6)[1:]])
        undecided.run(*RUN).ended(6, before=5, changed=1)
        assert len(undecided.crm.records) == 6

    def test_a_version_of_a_new_person_belongs_to_the_new_record(self, undecided: World) -> None:
        undecided.acknowledge("--new", "all")
        undecided.run(*RUN).ended(0, before=5, created=1)
        save(undecided, [renumbered(married(person(0))), *everybody(6)[1:]])
        undecided.run(*RUN).ended(6, before=5, changed=1)
        _, second = undecided.crm.of("Ada")
        assert undecided.outcomes(RESULTS)[1]["external_id"] == second.record

    def test_a_reference_to_nothing_is_refused(self, undecided: World) -> None:
        code, _, told = undecided.command("acknowledge", RESULTS, "--same", "people#nothing-1")
        assert code == 2, told
        undecided.run(*RUN).ended(6, before=5, possible_duplicate=1)


class TestAChange:
    def test_is_told_once(self, world: World) -> None:
        people = everybody(6)
        begin(world, people)
        save(world, [moved(people[0]), *people[1:]])
        world.run(*RUN).ended(6, before=5, changed=1)
        world.run(*RUN).ended(0, before=6)

    def test_that_is_dealt_with_is_never_sent(self, world: World) -> None:
        people = everybody(8)
        begin(world, people)
        done = [*map(moved, people[:5]), *people[5:]]
        save(world, done)
        world.run(*RUN).ended(6, before=3, changed=5)
        world.acknowledge()
        world.run(*RUN).ended(0, before=8)
        save(world, [*done[:5], moved(done[5]), *done[6:]])
        run = world.run(*RUN, "--on-change", "send").ended(0, before=7, created=1)
        assert run.requests == 1, run.told()
        world.run(*RUN, "--on-change", "send").ended(0, before=8)
        assert len(world.crm.records) == 9

    def test_that_is_dealt_with_is_never_sent_where_a_column_differs(self, world: World) -> None:
        people = everybody(8)
        begin(world, people)
        save(world, [*map(moved, people[:5]), *people[5:]])
        world.run(*RUN).ended(6, before=3, changed=5)
        world.acknowledge()
        save(world, [{**row, "Exported": "friday"} for row in world.rows("people.csv")])
        world.run(*RUN, "--on-change", "send").ended(0, before=8)
        assert len(world.crm.records) == 8

    @pytest.mark.parametrize("exported", [False, True], ids=["", "files written again"])
    def test_that_is_dealt_with_is_not_counted_as_created(
        self, world: World, *, exported: bool
    ) -> None:
        people = everybody(3)
        begin(world, people[:2])
        save(world, [moved(people[0]), *people[1:]])
        world.run(*RUN).ended(6, before=1, changed=1, created=1)
        world.acknowledge()
        if exported:
            code, _, told = world.command("export", RESULTS, "people.csv")
            assert code in {0, 1, 6}, told
        found = status(world)
        assert found["counts"]["created"] == 2, found
        assert found["left"] == 0, found
        assert len(world.crm.records) == 3
