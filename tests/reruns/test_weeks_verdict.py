"""The verdict over weeks: check, run, status and report say the same, and what is true."""

from __future__ import annotations

import json
from typing import Any

import pytest
from referee import World
from referee.weeks import (
    FIELDS,
    NAME,
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
    stamped,
)


def said(world: World, *command: str) -> dict[str, Any]:
    return dict(json.loads(world.command(*command, "--json")[1])["verdict"])


def agreed(world: World) -> dict[str, Any]:
    """Return the verdict of a run that sends nothing: check and status say the same."""
    foreseen = said(world, "check", *RUN)
    run = world.run(*RUN)
    assert run.requests == 0, run.told()
    verdict = dict(run.report["verdict"])
    assert foreseen["text"] == verdict["text"] == said(world, "status", RESULTS)["text"]
    return verdict


@pytest.mark.parametrize("is_stamped", [True, False])
def test_somebody_who_has_changed_is_in_the_crm_until_it_is_dealt_with_and_after(
    world: World, *, is_stamped: bool
) -> None:
    begin(world, everybody(5))
    people = [moved(everybody(5)[0]), renumbered(everybody(5)[1]), *everybody(5)[2:]]
    for day in ("tuesday", "wednesday"):
        save(world, stamped(people, day) if is_stamped else people)
        verdict = agreed(world)
        assert verdict["code"] == "changed"
        assert (verdict["records"], verdict["changed"], verdict["person"]) == (5, 2, 0)
        assert verdict["text"].startswith("All 5 people are in the CRM: all with a name")
        assert verdict["text"].endswith(
            "2 have changed since they were sent, so their records need an update."
        )
    world.acknowledge()
    assert said(world, "status", RESULTS)["code"] == "complete"
    verdict = agreed(world)
    assert (verdict["code"], verdict["records"], verdict["changed"]) == ("complete", 5, 0)


def test_a_change_that_is_undone_leaves_nothing_to_update(world: World) -> None:
    people = everybody(3)
    begin(world, people)
    save(world, [moved(people[0]), *people[1:]])
    assert agreed(world)["changed"] == 1
    save(world, people)
    assert agreed(world)["code"] == "complete"


def test_a_possible_duplicate_is_not_in_the_crm_until_somebody_says_so(world: World) -> None:
    people = everybody(3)
    begin(world, people)
    save(world, [married(people[0]), moved(people[1]), people[2]])
    verdict = agreed(world)
    assert verdict["code"] == "partial"
    assert verdict["text"].startswith("2 of 3 people are in the CRM")
    assert verdict["text"].endswith("1 row needs a person.")
    assert (verdict["changed"], verdict["person"]) == (1, 1)
    world.acknowledge("--same", "all")
    verdict = agreed(world)
    assert (verdict["records"], verdict["changed"], verdict["person"]) == (3, 1, 0)


def test_the_report_counts_each_row_once(world: World) -> None:
    people = everybody(4)
    begin(world, people)
    save(world, [moved(people[0]), married(people[1]), *people[2:]])
    world.reports = True
    run = world.run(*RUN).ended(6, before=2, changed=1, possible_duplicate=1)
    html = world.read("people.report.html")
    assert run.report["verdict"]["text"] in html
    tiles = {"rows in the CRM": 3, "records to update": 1, "need a person": 1}
    for words, count in tiles.items():
        assert f"{words}</dt><dd>{count}</dd>" in html


class TestADuplicateWhoseRowHasLeft:
    """Two rows were one record. Its own row is gone, so the other one is the record's row now."""

    def test_has_its_record_if_only_an_unmapped_column_differs(self, world: World) -> None:
        twice = {**person(0), "Exported": "tuesday"}
        maps(world)
        save(world, [person(0), twice, person(1)])
        world.run(*RUN).ended(0, created=2, duplicate=1)
        save(world, [twice, person(1)])
        assert agreed(world)["text"].startswith("All 2 people are in the CRM: all with a name")
        world.again().ended(0, before=2)
        save(world, [person(0), twice, person(1)])
        world.run(*RUN).ended(0, before=2, duplicate=1)

    def test_has_changed_if_a_value_that_was_sent_differs(self, world: World) -> None:
        maps(world, FIELDS + 'external_ref = "Id"\n', identity=["external_ref"])
        rows = [{**row, "Id": f"K{at}"} for at, row in ((1, person(0)), (2, person(1)))]
        other = {**moved(person(0)), "Id": "K1"}
        save(world, [*rows, other])
        world.run(*RUN).ended(0, created=2, duplicate=1)
        save(world, [rows[1], other])
        world.run(*RUN).ended(6, before=1, changed=1)
        assert agreed(world)["changed"] == 1
        assert world.rows("people.changed.csv")[0]["vorel_external_id"]
        assert not world.has("people.vanished.csv")
        world.holds(Ada=1, Bo=1)

    def test_may_be_somebody_else_if_only_the_identity_is_the_same(self, world: World) -> None:
        skip = (*RUN, "--on-duplicate", "skip")
        other = {**person(1), "Tel": person(0)["Tel"]}
        maps(world, identity=["phone"])
        save(world, [person(0), other, person(2)])
        world.run(*skip).ended(0, created=2, duplicate=1)
        save(world, [other, person(2)])
        run = world.run(*skip).ended(6, before=1, possible_duplicate=1)
        assert "1 of 2 people is in the CRM" in run.report["verdict"]["text"]
        save(world, [person(0), other, person(2)])
        world.run(*skip).ended(0, before=2, duplicate=1)


class TestARowThatCannotBeReadAnyMore:
    @pytest.mark.parametrize("is_stamped", [True, False])
    def test_keeps_its_record(self, world: World, *, is_stamped: bool) -> None:
        begin(world, everybody(5))
        people = [{**person(0), "Tel": "0501"}, *everybody(5)[1:]]
        for day in ("tuesday", "wednesday"):
            save(world, stamped(people, day) if is_stamped else people)
            verdict = agreed(world)
            assert (verdict["records"], verdict["changed"], verdict["person"]) == (5, 1, 0)
            assert world.run(*RUN).exit_code == 1
            assert not world.has("people.vanished.csv")
            [row] = world.rows("people.failed.csv")
            assert world.crm.records[row["vorel_external_id"]].fields["first_name"] == "Ada"
        world.command("compact", RESULTS)
        assert agreed(world)["changed"] == 1
        save(world, everybody(5))
        assert agreed(world)["code"] == "complete"

    def test_has_changed_once_the_failed_file_is_corrected(self, world: World) -> None:
        begin(world, everybody(5))
        save(world, [{**person(0), "Tel": "0501"}, *everybody(5)[1:]])
        world.run(*RUN).ended(1, before=4, invalid=1)
        [row] = world.rows("people.failed.csv")
        save(world, [{**row, "Tel": "0501199999"}], "people.failed.csv")
        world.run("people.failed.csv", *RUN[1:]).ended(6, changed=1)
        world.holds(Ada=1, Bo=1, Cyd=1, Dina=1, Emil=1)

    def test_has_none_if_another_row_has_it_or_it_is_only_a_maybe(self, world: World) -> None:
        begin(world, everybody(5))
        bad = {**person(0), "Tel": "0501"}
        save(world, [*everybody(5), bad, {**person(9), "Tel": "12"}])
        verdict = agreed(world)
        assert (verdict["records"], verdict["changed"], verdict["person"]) == (5, 0, 2)
        save(world, [*everybody(5)[1:], bad, bad])
        verdict = agreed(world)
        assert (verdict["records"], verdict["changed"], verdict["person"]) == (5, 1, 1)

    def test_has_none_of_a_namesake(self, world: World) -> None:
        """Where nothing but names can be read, two of one name are told apart by nothing."""
        maps(world, NAME + 'birthday = { column = "Born", type = "date" }\n')
        people = [{**person(0), "Born": born} for born in ("1990-01-01", "1991-01-01", "soon")]
        send = ("--on-duplicate", "send")
        save(world, people[:2])
        world.run(*RUN, *send).ended(0, created=2)
        for alone in (people[2:], people[1:]):
            save(world, alone)
            assert world.run(*RUN, *send).counts["invalid"] == 1
            [row] = world.rows("people.failed.csv")
            assert not row["vorel_external_id"]

    def test_has_one_by_its_name_if_nobody_else_has_that(self, world: World) -> None:
        maps(world, NAME + 'birthday = { column = "Born", type = "date" }\n')
        people = [{**person(at), "Born": "1990-01-01"} for at in range(4)]
        save(world, people)
        world.run(*RUN).ended(0, created=4)
        save(world, [{**row, "Born": "soon"} for row in people])
        verdict = world.run(*RUN).ended(1, invalid=4).report["verdict"]
        assert (verdict["records"], verdict["changed"]) == (4, 4)
        assert not world.has("people.vanished.csv")

    def test_keeps_it_beside_another_deal_of_the_customer(self, world: World) -> None:
        amount = 'amount = { column = "Amount", type = "decimal" }\n'
        fields = f'title = "Title"\ncontact_email = "Mail"\nstage = "Stage"\n{amount}'
        maps(world, fields, object_="deal")
        head, mail = "Title,Mail,Stage,Amount\n", "ada@example.com"
        rows = [f"Botox,{mail},won,100\n", f"Botox,{mail},lost,250\n", f"Filler,{mail},won,90\n"]
        world.write("people.csv", head + "".join(rows))
        world.run(*RUN).ended(0, created=3)
        world.write("people.csv", head + "".join([rows[0].replace("100", "a lot"), *rows[1:]]))
        world.run(*RUN).ended(1, before=2, invalid=1)
        [row] = world.rows("people.failed.csv")
        assert row["vorel_external_id"]
        assert not world.has("people.vanished.csv")

    def test_is_corrected_without_a_change(self, world: World) -> None:
        begin(world, everybody(5))
        save(world, [{**person(0), "Tel": "0501"}, *everybody(5)[1:]])
        world.run(*RUN).ended(1, before=4, invalid=1)
        [row] = world.rows("people.failed.csv")
        save(world, [{**row, "Tel": person(0)["Tel"]}], "people.failed.csv")
        world.run("people.failed.csv", *RUN[1:]).ended(0, before=1)
        world.run(*RUN)
        world.holds(Ada=1, Bo=1, Cyd=1, Dina=1, Emil=1)
