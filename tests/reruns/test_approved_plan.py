"""`run --plan` carries out the plan that `check` has shown, or nothing."""

from __future__ import annotations

import json

from referee import World, refusal
from referee.three_people import ADA, BO, CYD, HEADER, RUN

RESULTS = "people.results.jsonl"


def approved(world: World, *more: str) -> str:
    """Return the id of the plan that `check` shows."""
    _, out, error = world.command("check", *RUN, *more, "--json")
    plan = json.loads(out)["plan"]
    _, shown, _ = world.command("check", *RUN, *more)
    assert f"plan {plan}" in shown, error
    return str(plan)


def test_the_plan_that_was_checked_is_carried_out_once(world: World) -> None:
    world.write("people.csv", HEADER + ADA + BO + CYD)
    plan = approved(world)

    run = world.run(*RUN, "--plan", plan).ended(0, created=3)

    assert plan not in (run.report["next"] or "")
    begun = next(line for line in map(json.loads, world.read(RESULTS).splitlines()))
    assert begun["settings"]["plan"] == plan
    again = world.run(*RUN, "--plan", plan).refused("by now it is plan", "Run check again")
    assert again.exit_code == 2
    world.run(*RUN, "--plan", approved(world)).ended(0, before=3)


def test_another_list_or_setting_is_another_plan(world: World) -> None:
    world.write("people.csv", HEADER + ADA + BO)
    plan = approved(world)
    world.write("people.csv", HEADER + ADA + BO + CYD)

    world.run(*RUN, "--plan", plan).refused(plan)
    world.holds()

    world.write("people.csv", HEADER + ADA + BO)
    world.run(*RUN, "--on-duplicate", "send", "--plan", plan).refused(plan)
    world.run(*RUN, "--plan", "no id").refused("plan")
    world.run(*RUN, "--plan", plan).ended(0, created=2)


def test_the_same_command_goes_on_after_a_stop(world: World) -> None:
    world.write("people.csv", HEADER + ADA + BO + CYD)
    plan = approved(world)

    pilot = world.run(*RUN, "--plan", plan, "--limit", "1").ended(0, created=1)

    assert f"--plan {plan}" in pilot.report["next"]
    world.run(*RUN, "--plan", plan, "--limit", "1").ended(0, before=1, created=1)
    world.run(*RUN, "--plan", plan).ended(0, before=2, created=1)
    world.run(*RUN, "--plan", plan).refused(plan)
    world.holds(Ada=1, Bo=1, Cyd=1)


def test_it_goes_on_after_an_answer_that_stops_the_run(world: World) -> None:
    world.write("people.csv", HEADER + ADA + BO + CYD)
    plan = approved(world)
    world.crm.script("Bo", refusal("forbidden", 403))

    stopped = world.run(*RUN, "--plan", plan, "--concurrency", "1")

    assert stopped.exit_code == 3, stopped.told()
    assert f"--plan {plan}" in stopped.report["next"]
    assert world.run(*RUN, "--plan", plan).exit_code == 0
    world.holds(Ada=1, Bo=1, Cyd=1)


def test_it_does_not_go_on_with_another_list_or_after_another_run(world: World) -> None:
    world.write("people.csv", HEADER + ADA + BO + CYD)
    plan = approved(world)
    world.run(*RUN, "--plan", plan, "--limit", "1").ended(0, created=1)

    world.write("people.csv", HEADER + ADA + BO + CYD + "Dan,Dietz,dan@example.com,\n")
    world.run(*RUN, "--plan", plan).refused(plan)
    world.write("people.csv", HEADER + ADA + BO + CYD)
    world.run(*RUN, "--limit", "1").ended(0, before=1, created=1)
    world.run(*RUN, "--plan", plan).refused(plan)
    world.run(*RUN, "--plan", approved(world)).ended(0, before=2, created=1)


def test_it_does_not_go_on_once_somebody_has_decided_about_rows(world: World) -> None:
    world.write("people.csv", HEADER + ADA + BO + CYD)
    plan = approved(world)
    world.run(*RUN, "--plan", plan, "--limit", "1").ended(0, created=1)

    assert world.command("acknowledge", RESULTS)[0] == 0
    world.run(*RUN, "--plan", plan).refused(plan)
