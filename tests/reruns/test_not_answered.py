"""An outage and a kill leave rows that were sent and have no answer: they are told apart."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from referee import Run, World
from referee.crm import Answer, Crm, dropped, lost
from referee.stopping import Stopping
from referee.weeks import RESULTS, RUN, everybody, maps, renumbered, save

UNTIL_OUTAGE = ("--concurrency", "1", "--max-outage", "0")


@pytest.fixture
def crm(world: World, serve: Callable[[Crm], str]) -> Stopping:
    """Return a CRM that can stop answering, in the place of that of the world."""
    crm = Stopping()
    world.crm, world.url, world.remembers = crm, serve(crm), True
    maps(world)
    save(world, everybody(20))
    return crm


def verdict(world: World) -> str:
    return str(json.loads(world.command("status", RESULTS, "--json")[1])["verdict"]["text"])


@pytest.mark.parametrize("then", [dropped, lost], ids=["not made", "made"])
def test_of_an_outage_the_verdict_says_what_was_never_sent(
    world: World, crm: Stopping, then: Answer
) -> None:
    crm.stop(4, then)
    run = world.run(*RUN, *UNTIL_OUTAGE)
    assert run.exit_code == 5, run.told()
    status = json.loads(world.command("status", RESULTS, "--json")[1])
    asked, said = status["unclear"], run.report["verdict"]
    assert asked
    assert (said["left"], said["unclear"]) == (16, asked)
    assert f"{16 - asked} rows are not sent yet" in said["text"]
    assert "not known whether" in said["text"]
    assert verdict(world) == said["text"]
    crm.be_well()
    assert world.run(*RUN).ended(0, created=16, before=4).report["verdict"]["unclear"] == 0
    assert len(crm.records) == 20


def test_a_run_with_nothing_but_requests_without_an_answer_is_news(
    world: World, crm: Stopping
) -> None:
    world.run(*RUN, "--limit", "4").ended(0, created=4, unsent=0)
    assert verdict(world).endswith("16 rows are not sent yet.")
    crm.stop(0, dropped)
    run = world.run(*RUN, *UNTIL_OUTAGE)
    assert run.counts == {"before": 4, "unsent": run.report["unsent"]}
    assert run.report["verdict"]["unclear"]
    assert verdict(world) == run.report["verdict"]["text"]


def test_where_all_requests_have_no_answer_nothing_is_said_to_be_unsent(
    world: World, crm: Stopping
) -> None:
    crm.stop(0, lost)
    run = world.run(*RUN, *UNTIL_OUTAGE)
    asked, said = run.report["verdict"]["unclear"], run.report["verdict"]["text"]
    assert asked
    assert crm.records
    assert said.startswith("Stopped: ")
    assert "is in the CRM" not in said
    assert f"{asked} row" in said
    assert verdict(world) == said


def test_of_a_killed_run_status_says_what_was_asked(world: World, crm: Stopping) -> None:
    crm.stop(4, dropped)
    world.run(*RUN, *UNTIL_OUTAGE)
    lines = world.read(RESULTS).splitlines()
    kept = [one for one in lines if json.loads(one)["kind"] not in {"end", "exports", "unsent"}]
    world.write(RESULTS, "\n".join([*kept, ""]))
    asked = json.loads(world.command("status", RESULTS, "--json")[1])["unclear"]
    assert asked
    assert "4 of 20 people are in the CRM." in verdict(world)
    assert f"{16 - asked} rows are not sent yet. {asked} rows were sent" in verdict(world)


def test_of_a_killed_night_status_says_only_what_is_known(world: World, crm: Stopping) -> None:
    """Each night has other time stamps, so rows have many versions."""

    def night(number: int) -> Run:
        save(world, [{**row, "Exported": f"night {number}"} for row in people])
        return world.run(*RUN)

    people = everybody(5)
    night(1).ended(0, created=5)
    people[1] = {**people[1], "First": "Zoe", "Last": "Quist"}
    night(2).ended(6, before=4, possible_duplicate=1)
    night(3).ended(6, before=4, possible_duplicate=1)
    world.command("acknowledge", RESULTS, "--same", "all")
    night(4).ended(0, before=5)
    people += everybody(9)[5:]
    crm.stop(0, dropped)
    save(world, people)
    world.run(*RUN, *UNTIL_OUTAGE)
    lines = world.read(RESULTS).splitlines()
    kept = [one for one in lines[:-1] if json.loads(one)["kind"] not in {"exports", "unsent"}]
    world.write(RESULTS, "\n".join([*kept, ""]))
    status = json.loads(world.command("status", RESULTS, "--json")[1])
    assert status["counts"]["possible_duplicate"] == 0
    assert "the last run has not ended, and the next one counts the list" in verdict(world)
    assert "Records so far: 5." in verdict(world)
    assert f"{status['unclear']} row" in verdict(world)
    assert "not decided" not in world.command("status", RESULTS)[1]


def doubts(run: Run) -> list[str]:
    """Return the sentences about rows in doubt, with what to do."""
    return [f"{one['message']}. {one['hint']}" for one in run.report["problems"]]


class TestARowInDoubtThatIsEdited:
    def test_is_not_told_that_the_mapping_has_changed(self, world: World, crm: Stopping) -> None:
        """The hint is true as well: the row of that time is asked about with the same key."""
        crm.stop(4, lost)
        world.run(*RUN, *UNTIL_OUTAGE)
        crm.be_well()
        unsent = world.rows("people.unsent.csv")
        save(world, [renumbered(unsent[0]), *unsent[1:]], "people.unsent.csv")
        run = world.run("people.unsent.csv", *RUN[1:]).ended(1, created=15, unknown=1)
        [told] = doubts(run)
        assert "may have been for this row" in told
        assert "the mapping has changed since:" not in told.partition(". ")[0]
        world.run(*RUN).ended(0, before=19, created=1)
        assert len(crm.records) == 20

    def test_in_the_list_is_told_the_same(self, world: World, crm: Stopping) -> None:
        crm.stop(4, lost)
        world.run(*RUN, *UNTIL_OUTAGE)
        crm.be_well()
        people = everybody(20)
        save(world, [*people[:4], renumbered(people[4]), *people[5:]])
        [told] = doubts(world.run(*RUN).ended(1, before=4, created=15, unknown=1))
        assert "may have been for this row" in told
        save(world, people)
        world.run(*RUN).ended(0, before=19, created=1)
        assert len(crm.records) == 20
