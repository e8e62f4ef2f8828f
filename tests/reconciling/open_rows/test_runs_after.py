"""Rows without a clear answer are settled with an export of the CRM; the next run does the rest."""

from __future__ import annotations

import json

import pytest
from referee import World, dropped, late, lost
from referee.open_rows import (
    LIST,
    NO,
    PEOPLE,
    RESULTS,
    RUN,
    STOP,
    export,
    findings,
    id_of,
    reconcile,
    row_of,
    without,
    write_list,
)

from importer.writer import index_file


def test_it_only_shows_what_it_would_do(world: World) -> None:
    lines = world.read(RESULTS).count('"kind":"row"')

    code, found = reconcile(world, export(world))

    assert code == 1
    assert found["known_in_export"] == found["known"] == 4
    assert found["counts"]["found"] == found["counts"]["not_there"] == 1
    assert findings(world) == {"Cyd": ("found", id_of(world, "Cyd")), "Dan": ("not_there", "")}
    assert world.read(RESULTS).count('"kind":"row"') == lines
    assert world.command("status", RESULTS, "--json")[1].count('"unknown": 2')


def test_a_run_after_it_sends_exactly_the_rows_that_are_not_there(world: World) -> None:
    keys = world.crm.keys("Dan")
    code, found = reconcile(world, export(world), "--apply")
    assert (code, found["recorded"]) == (0, 2)

    run = world.run(*RUN).ended(0, before=5, created=1)

    assert (run.requests, run.report["vanished"]) == (1, 0)
    assert world.crm.keys("Dan") == keys, "the key is not raised"
    world.settled(**dict.fromkeys(PEOPLE, 1))
    outcomes = world.outcomes(RESULTS)
    assert outcomes[3]["external_id"] == id_of(world, "Cyd")


def test_a_row_that_is_not_there_is_sent_however_old_its_key_is(world: World) -> None:
    world.run(*RUN, "--key-lifetime", "0").ended(1, before=4, unknown=2)
    reconcile(world, export(world), "--apply")
    world.run(*RUN, "--key-lifetime", "0").ended(0, before=5, created=1)
    world.settled(**dict.fromkeys(PEOPLE, 1))


def test_once_it_was_sent_again_without_an_answer_it_is_unclear_again(world: World) -> None:
    reconcile(world, export(world), "--apply")
    world.crm.script("Dan", lost, NO)
    world.run(*RUN).ended(1, before=5, unknown=1)

    world.run(*RUN, "--key-lifetime", "0").ended(1, before=5, unknown=1)
    assert len(world.crm.of("Dan")) == 1
    reconcile(world, export(world), "--apply")
    world.run(*RUN).ended(0, before=6)
    world.holds(**dict.fromkeys(PEOPLE, 1))


def test_a_refusal_after_it_does_not_raise_the_key(world: World) -> None:
    keys = world.crm.keys("Dan")
    reconcile(world, export(world), "--apply")
    world.crm.script("Dan", NO)
    world.run(*RUN).ended(1, before=5, unknown=1)
    world.run(*RUN).ended(0, before=5, created=1)
    assert world.crm.keys("Dan") == keys


def test_created_rows_that_are_read_in_blocks_are_known_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in results files of more than 256 KB."""
    monkeypatch.setattr(index_file, "_SMALL_BYTES", 0)
    code, found = reconcile(world, export(world), "--apply")
    assert (code, found["known_in_export"], found["recorded"]) == (0, 4, 2)
    world.run(*RUN).ended(0, before=5, created=1)
    code, found = reconcile(world, export(world, without("Ada")), "--apply")
    assert (code, found["counts"]["deleted"], found["known"]) == (0, 1, 6)
    world.settled(**dict.fromkeys(PEOPLE, 1))


def test_a_list_of_every_night_is_not_taken_for_another_one_after_it(world: World) -> None:
    """What it puts on record is no list that the guards compare the next one with."""
    world.remembers = True
    many = [f"N{n}" for n in range(150)]
    rows = [f"{name},Saleh,{name}@example.com,050 123 4567" for name in many]
    world.write(LIST, "\n".join(["First,Last,Mail,Tel", *map(row_of, PEOPLE), *rows, ""]))
    world.crm.script("N7", dropped, NO)
    world.run(*RUN).ended(1, before=4, created=151, unknown=1)
    code, found = reconcile(world, export(world, without("N90")), "--apply")
    assert (code, found["recorded"], found["is_complete"]) == (0, 1, True), found
    assert (found["counts"]["not_there"], found["counts"]["deleted"]) == (1, 1)
    more = [f"M{n},Saleh,M{n}@example.com,050 123 4567" for n in range(40)]
    world.write(LIST, world.read(LIST) + "\n".join([*more, ""]))
    world.run(*RUN).ended(0, before=155, created=41)


def test_status_report_compact_and_a_second_look_agree(world: World) -> None:
    reconcile(world, export(world), "--apply")

    status = json.loads(world.command("status", RESULTS, "--json")[1])
    assert status["counts"] | {"created": 5, "unknown": 1} == status["counts"]
    assert status["ended"]
    assert world.command("report", RESULTS)[0] == 0
    assert world.rows("people.failed.csv")[0]["First"] == "Dan"
    assert len(world.rows("people.success.csv")) == 5
    code, found = reconcile(world, export(world))
    assert (code, found["counts"]["not_there"], found["counts"]["found"]) == (0, 1, 0)
    assert world.command("compact", RESULTS)[0] == 0
    code, again = reconcile(world, export(world))
    assert (code, again["counts"]) == (0, found["counts"])
    world.run(*RUN).ended(0, before=5, created=1)
    code, found = reconcile(world, export(world))
    assert (code, findings(world)) == (0, {})
    assert world.command("compact", RESULTS)[0] == 0
    world.settled(**dict.fromkeys(PEOPLE, 1))
    assert json.loads(world.command("status", RESULTS, "--json")[1])["counts"]["created"] == 6


def test_a_sent_line_without_an_outcome_is_settled_too(world: World) -> None:
    write_list(world, *PEOPLE, "Gus", "Hal")
    world.crm.script("Gus", lost, STOP)
    world.crm.script("Hal", late, STOP)
    assert world.run(*RUN, "--key-lifetime", "0").exit_code == 3

    for name in ("Gus", "Hal"):
        world.crm.script(name)

    reconcile(world, export(world), "--apply")

    assert findings(world)["Gus"] == ("found", id_of(world, "Gus"))
    world.run(*RUN)
    world.settled(**dict.fromkeys((*PEOPLE, "Gus", "Hal"), 1))


def test_without_the_list_nothing_is_certain(world: World) -> None:
    exported = export(world)
    (world.folder / LIST).rename(world.folder / "moved.csv")
    code, out, _ = world.command("reconcile", RESULTS, exported, "--json", "--apply")
    found = json.loads(out)
    assert (code, found["is_list_there"], found["recorded"]) == (1, False, 0)
    assert found["counts"]["unclear"] == 2
    details = {one["row"]: one["external_id"] for one in world.rows("people.reconcile.csv")}
    assert details == {"3": id_of(world, "Cyd"), "4": ""}

    code, found = reconcile(world, exported, "--source", "moved.csv", "--apply")
    assert (code, found["recorded"]) == (0, 2)
    world.run("moved.csv", "--mapping", "mapping.toml", "--results", RESULTS)
    world.holds(**dict.fromkeys(PEOPLE, 1))


def test_rows_that_were_edited_since_are_settled_by_the_list_as_it_was(world: World) -> None:
    world.write("old.csv", world.read(LIST))
    world.edit(LIST, ("SalehCyd", "Married"), ("SalehDan", "Married"))
    world.run(*RUN).ended(1, before=4, unknown=2)
    code, found = reconcile(world, export(world), "--apply")
    assert (code, found["counts"]["unclear"], found["recorded"]) == (1, 2, 0)

    code, found = reconcile(world, export(world), "--source", "old.csv", "--apply")
    assert (code, found["recorded"]) == (0, 2)

    status = json.loads(world.command("status", RESULTS, "--json")[1])
    assert (status["counts"]["created"], status["counts"]["unknown"]) == (4, 2), status
    world.run(*RUN).ended(6, before=4, created=1, changed=1)
    world.settled(**dict.fromkeys(PEOPLE, 1))
    assert world.crm.of("Dan")[0].fields["last_name"] == "Married"


def test_a_results_file_in_use_is_left_alone(world: World) -> None:
    from importer.writer.results import ResultsFile

    opened = ResultsFile(world.folder / RESULTS)
    code, _, err = world.command("reconcile", RESULTS, export(world))
    opened.close()
    assert code == 2
    assert "in use by another run" in err
