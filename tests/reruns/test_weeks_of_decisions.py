"""Decisions about one row while its versions, its equals and its rivals go on changing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from referee import World, dropped, lost, refusal
from referee.crm import Answer
from referee.fixtures import beginning
from referee.weeks import (
    FIELDS,
    MAIL,
    NAME,
    RESULTS,
    RUN,
    Row,
    begin,
    everybody,
    maps,
    married,
    moved,
    person,
    save,
)

NAMES = 'object = "contact"\n[fields]\nfirst_name = "First"\nlast_name = "Last"\n'
ANAS = ("Ana,Roy,Dubai", "Ana,Roy,Sharjah", "Bo,Berg,Dubai")
SKIP = (*RUN, "--on-duplicate", "skip")


def anas(world: World, *rows: str, day: str = "mon") -> None:
    lines = [f"{row},{day}" for row in rows]
    world.write("people.csv", "\n".join(["First,Last,City,Exported", *lines, ""]))


def stamp(rows: list[Row], day: str) -> list[Row]:
    return [{**row, "Exported": day} for row in rows]


def ref(world: World, **of: str) -> str:
    [row] = [r for r in world.possible_duplicates() if all(r[k] == v for k, v in of.items())]
    return row["vorel_ref"]


def status(world: World) -> dict[str, Any]:
    return dict(json.loads(world.command("status", RESULTS, "--json")[1]))


@beginning
def two_anas(world: World) -> None:
    """Two rows that differ in a column that is not mapped: one has a record, one is asked about."""
    world.write("mapping.toml", NAMES)
    anas(world, *ANAS)
    world.run(*RUN).ended(6, created=2, possible_duplicate=1)


class TestEqualRows:
    def test_that_are_new_are_sent_though_a_time_stamp_differs(self, two_anas: World) -> None:
        two_anas.acknowledge("--new", ref(two_anas, City="Sharjah"))
        anas(two_anas, *ANAS, day="tue")
        two_anas.run(*RUN).ended(0, before=2, created=1)
        two_anas.holds(Ana=2, Bo=1)
        anas(two_anas, *ANAS, "Ana,Roy,Ajman", day="wed")
        two_anas.run(*RUN).ended(6, before=3, possible_duplicate=1)

    def test_that_are_the_same_stay_so_though_a_time_stamp_differs(self, two_anas: World) -> None:
        two_anas.acknowledge("--same", ref(two_anas, City="Sharjah"))
        two_anas.run(*RUN).ended(0, before=3)
        for day in ("tue", "tue", "wed"):
            anas(two_anas, *ANAS, day=day)
            two_anas.run(*RUN).ended(0, before=3)
        anas(two_anas, *ANAS, "Ana,Roy,Ajman", day="wed")
        two_anas.run(*RUN).ended(6, before=3, possible_duplicate=1)
        two_anas.holds(Ana=1, Bo=1)

    def test_of_which_one_is_the_same_leave_another_one_to_be_asked_about(
        self, two_anas: World
    ) -> None:
        two_anas.acknowledge("--same", ref(two_anas, City="Sharjah"))
        anas(two_anas, *ANAS, "Ana,Roy,Ajman")
        two_anas.run(*RUN).ended(6, before=3, possible_duplicate=1)

    def test_are_decided_about_one_by_one(self, world: World) -> None:
        world.write("mapping.toml", NAMES)
        anas(world, *ANAS, "Ana,Roy,Ajman")
        world.run(*RUN).ended(6, created=2, possible_duplicate=2)
        world.acknowledge("--new", ref(world, City="Sharjah"))
        world.run(*RUN).ended(6, before=2, created=1, possible_duplicate=1)

    @pytest.mark.parametrize("how", ["--new", "--same"])
    def test_leave_no_question_of_the_day_before(self, two_anas: World, how: str) -> None:
        anas(two_anas, *ANAS, day="tue")
        two_anas.run(*RUN).ended(6, before=2, possible_duplicate=1)
        two_anas.acknowledge(how, ref(two_anas, City="Sharjah"))
        two_anas.run(*RUN)
        anas(two_anas, ANAS[2], day="tue")
        assert two_anas.run(*RUN).exit_code == 0
        assert status(two_anas)["undecided_before"] == 0

    @pytest.mark.parametrize("how", ["--new", "--same"])
    def test_of_which_a_later_one_is_decided_leave_an_earlier_one_to_be_asked_about(
        self, two_anas: World, how: str
    ) -> None:
        anas(two_anas, *ANAS, "Ana,Roy,Ajman")
        two_anas.run(*RUN).ended(6, before=2, possible_duplicate=2)
        two_anas.acknowledge(how, ref(two_anas, City="Ajman"))
        made = how == "--new"
        two_anas.run(*RUN).ended(6, before=3 - made, created=made, possible_duplicate=1)
        two_anas.acknowledge(how, ref(two_anas, City="Sharjah"))
        two_anas.run(*RUN).ended(0, before=4 - made, created=made)
        two_anas.holds(Ana=3 if made else 1, Bo=1)

    def test_that_come_later_are_not_decided_about(self, two_anas: World) -> None:
        two_anas.acknowledge("--new", ref(two_anas, City="Sharjah"))
        anas(two_anas, *ANAS, "Ana,Roy,Ajman")
        two_anas.run(*RUN).ended(6, before=2, created=1, possible_duplicate=1)


@pytest.mark.parametrize("is_away", [False, True])
def test_an_owner_who_only_may_be_herself_is_not_made_again(world: World, *, is_away: bool) -> None:
    owner = person(0)
    other = {**person(1), "Tel": owner["Tel"]}
    maps(world, identity=["phone"])
    save(world, [owner, other, person(2)])
    world.run(*SKIP).ended(0, created=2, duplicate=1)
    if is_away:
        save(world, [other, person(2)])
        world.run(*SKIP)
    save(world, [{**owner, "Last": "Marin", "Tel": "0529900001"}, other, person(2)])
    assert world.run(*SKIP).exit_code == 6
    world.holds(Ada=1, Cyd=1)


@pytest.mark.parametrize("is_told_before", [True, False])
def test_of_two_who_may_be_one_record_none_is_made(world: World, *, is_told_before: bool) -> None:
    people = everybody(3)
    begin(world, people)
    stranger = {**person(8), "Tel": people[0]["Tel"]}
    owner = {**people[0], "Last": "Marin", "Tel": "0529900001"}
    if is_told_before:
        save(world, [stranger, *people[1:]])
        world.run(*RUN).ended(6, before=2, possible_duplicate=1)
    both = [owner, stranger] if is_told_before else [stranger, owner]
    save(world, [*both, *people[1:]])
    world.run(*RUN).ended(6, before=2, possible_duplicate=2)
    assert world.crm.people("us")["Ada"] == 1


def test_a_change_of_a_record_that_somebody_is_said_to_be_is_told(world: World) -> None:
    people = everybody(2)
    other = {**people[0], "First": "Yan", "Mail": "yan@example.com"}
    maps(world, identity=["phone"])
    save(world, [*people, other])
    world.run(*RUN).ended(6, created=2, possible_duplicate=1)
    world.acknowledge("--same", "all")
    world.run(*RUN).ended(0, before=3)
    save(world, [moved(people[0]), people[1], other])
    world.run(*RUN).ended(6, before=2, changed=1)


def test_somebody_who_is_gone_is_told_though_another_one_may_be_the_same(world: World) -> None:
    people = everybody(3)
    begin(world, people)
    save(world, [{**person(8), "Tel": people[0]["Tel"]}, *people[1:]])
    world.run(*RUN).ended(6, before=2, possible_duplicate=1)
    save(world, [{**person(9), "Mail": people[0]["Mail"]}, *people[1:]])
    for _ in range(2):
        assert world.run(*RUN).report["undecided_before"] == 1


def test_the_file_of_the_day_before_decides_about_the_row_of_today(world: World) -> None:
    people = everybody(6)
    begin(world, people)
    people[0] = married(people[0])
    save(world, stamp(people, "mon"))
    world.run(*RUN).ended(6, before=5, possible_duplicate=1)
    of_monday = ref(world)
    save(world, stamp(people, "tue"))
    world.run(*RUN).ended(6, before=5, possible_duplicate=1)
    world.acknowledge("--same", of_monday)
    world.run(*RUN).ended(0, before=6)


def test_a_change_that_is_dealt_with_stays_so_under_another_time_stamp(world: World) -> None:
    people = everybody(3)
    begin(world, people)
    people[0] = moved(people[0])
    save(world, stamp(people, "mon"))
    world.run(*RUN).ended(6, before=2, changed=1)
    [row] = world.rows("people.changed.csv")
    world.acknowledge("--same", row["vorel_ref"])
    save(world, stamp(people, "tue"))
    world.run(*RUN).ended(0, before=3)
    assert status(world)["counts"].get("changed", 0) == 0
    world.command("updates", RESULTS, "people.csv")
    assert not world.has("people.updates.csv")


def test_status_says_what_the_run_has_said_once_the_row_is_back(world: World) -> None:
    people = everybody(3)
    begin(world, people)
    save(world, [married(people[0]), *people[1:]])
    world.run(*RUN).ended(6, before=2, possible_duplicate=1)
    save(world, people)
    run = world.run(*RUN).ended(0, before=3)
    assert status(world)["verdict"]["text"] == run.report["verdict"]["text"]


def test_an_edited_possible_duplicate_is_counted_once(world: World) -> None:
    people = everybody(3)
    begin(world, people)
    save(world, [married(people[0]), *people[1:]])
    world.run(*RUN).ended(6, before=2, possible_duplicate=1)
    save(world, [{**married(people[0]), "Last": "Nobel"}, *people[1:]])
    run = world.run(*RUN).ended(6, before=2, possible_duplicate=1)
    assert run.report["undecided_before"] == 0


def test_check_says_what_run_says_of_duplicates_on_record(world: World) -> None:
    maps(world, identity=["phone"])
    save(world, [person(0), {**person(1), "Tel": person(0)["Tel"]}, person(2)])
    said = world.run(*SKIP).report["verdict"]
    checked = json.loads(world.command("check", *SKIP, "--json")[1])["verdict"]
    assert checked["text"].startswith("2 of 3 people are in the CRM")
    for name in ("records", "copies", "differing", "differ_in"):
        assert checked[name] == said[name]


def test_the_verdict_names_the_same_copies_after_a_pilot(world: World) -> None:
    rows = [person(0), person(1), {**person(0), "First": "ADA", "Last": "LIND"}]
    maps(world)
    save(world, rows)
    foreseen = json.loads(world.command("check", *RUN, "--json")[1])["verdict"]
    world.run(*RUN, "--limit", "1")
    said = world.run(*RUN).report["verdict"]
    assert (said["copies"], said["differing"]) == (foreseen["copies"], foreseen["differing"])
    assert said["differ_in"] == foreseen["differ_in"] == ["First", "Last"]


@pytest.mark.parametrize("decision", ["--same", "--new"])
@pytest.mark.parametrize("is_compacted", [False, True])
def test_an_older_version_of_a_decided_row_can_be_decided(
    world: World, decision: str, is_compacted: bool
) -> None:
    people = everybody(3)
    begin(world, people)
    other = {**people[0], "First": "Zoe", "Last": "Zander"}
    resaved = {**other, "First": "?oe", "Last": "?ander"}
    for row in (other, resaved):
        save(world, [row, *people[1:]])
        world.run(*RUN).ended(6, before=2, possible_duplicate=1)
    world.acknowledge("--same", "all")
    world.run(*RUN).ended(0, before=3)
    if is_compacted:
        assert world.command("compact", RESULTS)[0] == 0
    save(world, [other, *people[1:]])
    world.run(*RUN).ended(6, before=2, possible_duplicate=1)
    world.acknowledge(decision, ref(world, First="Zoe"))
    world.run(*RUN).ended(
        0, **({"before": 3} if decision == "--same" else {"before": 2, "created": 1})
    )
    world.run(*RUN).ended(0, before=3)


def test_decided_rows_count_as_known(world: World) -> None:
    """By its name alone somebody is only recognised in a list of which half is known."""
    people = everybody(9)
    begin(world, people[:6], fields=NAME + MAIL)
    people[:3] = [moved(one) for one in people[:3]]
    save(world, people[:6])
    world.run(*RUN).ended(6, before=3, possible_duplicate=3)
    world.acknowledge("--same", "all")
    people[3] = moved(people[3])
    save(world, people)
    world.run(*RUN).ended(6, before=5, created=3, possible_duplicate=1)


class TestDeclaredNew:
    """Somebody is declared new, and the request of their row does not come to an end at once."""

    @beginning
    def zoe(self, world: World) -> list[Row]:
        people = everybody(4)
        begin(world, people)
        world.remembers = True
        rows = [{**people[0], "First": "Zoe", "Last": "Zander"}, *people[1:]]
        save(world, rows)
        world.run(*RUN).ended(6, before=3, possible_duplicate=1)
        world.acknowledge("--new", "all")
        return rows

    @pytest.mark.parametrize("day", ["monday", "tuesday"])
    @pytest.mark.parametrize("fate", [lost, dropped])
    def test_without_an_answer_the_same_request_is_made_again(
        self, world: World, zoe: list[Row], day: str, fate: Answer
    ) -> None:
        world.crm.script_each_key("Zoe", fate, refusal("validation_error"))
        world.run(*RUN)
        save(world, stamp(zoe, day))
        world.run(*RUN).ended(0, before=3, created=1)
        assert len({*world.crm.keys("Zoe")}) == 1
        world.run(*RUN).ended(0, before=4)

    @pytest.mark.usefixtures("zoe")
    def test_refused_it_is_retried_as_any_other_row(self, world: World) -> None:
        world.crm.script("Zoe", refusal("validation_error"))
        world.run(*RUN).ended(1, before=3, failed=1)
        for retry in ("none", "transient"):
            assert world.run(*RUN, "--retry", retry).ended(1, before=3, failed=1).requests == 0
        world.run(*RUN, "--retry", "all").ended(0, before=3, created=1)


def test_who_was_declared_new_is_no_more_like_whom_they_resembled(world: World) -> None:
    maps(world, FIELDS)
    leaver = person(1, "Bo")
    second = {**leaver, "Mail": "bo.at.home@example.com"}
    successor = {**person(2, "Cyd"), "Mail": leaver["Mail"]}
    begin(world, [leaver, person(3)])
    save(world, [leaver, second, person(3)])
    world.run(*RUN).ended(0, before=2, created=1)
    save(world, [second, person(3), successor])
    world.run(*RUN).ended(6, before=2, possible_duplicate=1)
    world.acknowledge("--new", "all")
    save(world, stamp([second, person(3), successor], "tuesday"))
    world.run(*RUN).ended(0, before=2, created=1)
    second_row = {**successor, "Mail": "cyd.at.home@example.com"}
    save(world, stamp([second, person(3), successor, second_row], "tuesday"))
    world.run(*RUN).ended(0, before=3, created=1)


def test_a_change_back_to_what_was_declared_the_same_is_told(world: World) -> None:
    people = everybody(4)
    begin(world, people)
    zoe = {**people[0], "First": "Zoe", "Last": "Zander"}
    save(world, [zoe, *people[1:]])
    world.run(*RUN).ended(6, before=3, possible_duplicate=1)
    world.acknowledge("--same", "all")
    save(world, [moved(zoe), *people[1:]])
    world.run(*RUN).ended(6, before=3, changed=1)
    world.acknowledge()
    save(world, [zoe, *people[1:]])
    world.run(*RUN).ended(6, before=3, changed=1)
    world.acknowledge()
    world.run(*RUN).ended(0, before=4)


def test_a_change_that_was_declared_the_same_once_is_in_the_file_when_it_is_told_again(
    world: World,
) -> None:
    people = everybody(4)
    begin(world, people)
    save(world, [moved(people[0]), *people[1:]])
    world.run(*RUN).ended(6, before=3, changed=1)
    world.acknowledge("--same", world.rows("people.changed.csv")[0]["vorel_ref"])
    save(world, people)
    world.run(*RUN).ended(6, before=3, changed=1)
    world.acknowledge()
    save(world, [moved(people[0]), *people[1:]])
    world.run(*RUN).ended(6, before=3, changed=1)
    assert [row["First"] for row in world.rows("people.changed.csv")] == ["Ada"]
    assert status(world)["counts"]["changed"] == 1


def test_what_is_dealt_with_is_told_by_list(world: World) -> None:
    """A results file may have several lists, and the files of one run show the changes of one."""
    people = everybody(4)
    begin(world, people[:2])
    save(world, people[2:], "others.csv")
    others = ("others.csv", *RUN[1:], "--results", RESULTS)
    world.run(*others).ended(0, created=2)
    save(world, [moved(people[0]), moved(people[1])])
    world.run(*RUN).ended(6, changed=2)
    save(world, [moved(people[2]), people[3]], "others.csv")
    world.run(*others).ended(6, before=1, changed=1)
    _, told, _ = world.command("acknowledge", RESULTS)
    assert "dealt with: 1 of others.csv, 2 of people.csv." in told
    _, told, _ = world.command("acknowledge", RESULTS)
    assert "dealt with; no change was open." in told


def test_a_decision_about_who_has_left_the_list_leaves_nothing_to_decide(world: World) -> None:
    people = everybody(4)
    begin(world, people)
    other = {**people[0], "Last": "Quist", "Mail": "quist@example.com"}
    save(world, [other, *people[1:]])
    world.run(*RUN).ended(6, before=3, possible_duplicate=1)
    of_ada = ref(world, First="Ada")
    save(world, people[1:])
    world.run(*RUN)
    assert status(world)["undecided_before"] == 1
    world.acknowledge("--same", of_ada)
    assert (status(world)["undecided_before"], status(world)["undecided"]) == (0, [])


def test_an_older_file_of_updates_is_not_the_next_step(world: World) -> None:
    people = everybody(4)
    begin(world, people)
    save(world, [moved(people[0]), *people[1:]])
    world.run(*RUN).ended(6, before=3, changed=1)
    assert world.command("updates", RESULTS, "people.csv")[0] == 0
    assert status(world)["files"]["updates"].endswith("people.updates.csv")
    save(world, [people[0], moved(people[1]), *people[2:]])
    world.run(*RUN).ended(6, before=3, changed=1)
    assert "updates" not in status(world)["files"]
    assert world.command("updates", RESULTS, "people.csv")[0] == 0
    [row] = world.rows("people.updates.csv")
    assert row["external_id"] == world.crm.of(people[1]["First"])[0].record
    assert "updates" in status(world)["files"]


@pytest.mark.parametrize("killed", [False, True])
def test_the_report_counts_as_the_status_does(world: World, *, killed: bool) -> None:
    """It counted the versions of rows that had been overtaken, and people twice after a kill."""
    people = everybody(20)
    begin(world, people)
    for day in ("monday", "tuesday"):
        save(world, stamp([{**people[0], "Last": "Quist"}, *people[1:]], day))
        world.run(*RUN)
    if killed:
        lines = (world.folder / RESULTS).read_text().splitlines(keepends=True)
        end = max(at for at, line in enumerate(lines) if line.startswith('{"kind":"end"'))
        (world.folder / RESULTS).write_text("".join(lines[:end]))
    assert world.command("report", RESULTS)[0] == 0
    told = (world.folder / "people.report.html").read_text()
    assert str(status(world)["verdict"]["text"]) in told
