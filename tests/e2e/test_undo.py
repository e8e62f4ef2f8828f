"""The file with which a CRM deletes what an import has made."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from referee import Crm, World, lost, refusal, serving

pytestmark = pytest.mark.slow

HEADER = "first_name,last_name,email\n"
ADA = "Ada,Abboud,ada@example.com\n"
BO = "Bo,Berg,bo@example.com\n"
CYD = "Cyd,Cohen,cyd@example.com\n"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    crm = Crm()
    with serving(crm) as url:
        yield World(tmp_path, url, crm)


@pytest.fixture
def imported(world: World) -> World:
    """Two people in a first run, one in a second, one refused, and one row that repeats another."""
    world.write("people.csv", HEADER + ADA + BO + BO)
    world.run("people.csv", "--object", "contact")
    world.write("people.csv", HEADER + ADA + BO + BO + CYD + "Dan,Doe,dan@example.com\n")
    world.crm.script("Dan", refusal("validation_error", 422))
    world.run("people.csv", "--object", "contact")
    return world


def made(world: World) -> list[dict[str, Any]]:
    lines = map(json.loads, world.read("people.results.jsonl").splitlines())
    return [line for line in lines if line["kind"] == "row" and line["status"] == "created"]


def test_it_has_each_record_that_was_made_once_the_last_one_first(imported: World) -> None:
    code, out, _ = imported.command("undo", "people.results.jsonl")
    assert code == 0
    assert "people.undo.csv" in out
    assert "Nothing was deleted" in out
    rows = imported.rows("people.undo.csv")
    assert [row["external_id"] for row in rows] == [one["external_id"] for one in made(imported)][
        ::-1
    ]
    assert {row["external_id"] for row in rows} == set(imported.crm.records)
    assert [row["row"] for row in rows] == [str(one["row"]) for one in made(imported)][::-1]
    assert rows[0]["row"] == "4"
    assert {row["object"] for row in rows} == {"contact"}
    assert [row["when"] for row in rows] == [one["at"] for one in made(imported)][::-1]


def test_it_deletes_nothing(imported: World) -> None:
    before = len(imported.crm.requests)
    imported.command("undo", "people.results.jsonl")
    assert len(imported.crm.requests) == before
    assert len(imported.crm.records) == 3


def test_one_run_by_itself(imported: World) -> None:
    last = made(imported)[-1]
    code, out, _ = imported.command("undo", "people.results.jsonl", "--run", last["run"], "--json")
    assert code == 0
    assert json.loads(out) == {"undo": "people.undo.csv", "records": 1, "unclear": 0}
    assert [row["external_id"] for row in imported.rows("people.undo.csv")] == [last["external_id"]]


def test_a_run_that_is_not_there_is_named_with_those_that_are(imported: World) -> None:
    code, _, err = imported.command("undo", "people.results.jsonl", "--run", "0000")
    assert code == 2
    assert "has no run 0000" in err
    assert made(imported)[0]["run"] in err
    assert not imported.has("people.undo.csv")


def test_it_is_written_over_itself_and_over_nothing_else(imported: World) -> None:
    imported.write("people.undo.csv", "mine\n")
    _, _, err = imported.command("undo", "people.results.jsonl")
    assert imported.read("people.undo.csv") == "mine\n"
    assert "people.undo.csv is not a file of this import" in err
    assert len(imported.rows("people.undo-2.csv")) == 3
    (imported.folder / "people.undo.csv").unlink()
    imported.command("undo", "people.results.jsonl")
    imported.command("undo", "people.results.jsonl")
    assert imported.names("*undo*") == {"people.undo.csv"}
    assert (imported.folder / "people.undo.csv").stat().st_mode & 0o777 == 0o600
    assert imported.names("*.success.csv") == {"people.success.csv"}


def test_a_run_leaves_it_alone(imported: World) -> None:
    imported.command("undo", "people.results.jsonl")
    before = imported.read("people.undo.csv")
    imported.again()
    assert imported.read("people.undo.csv") == before


def test_a_results_file_that_is_not_there_is_named(imported: World) -> None:
    code, _, err = imported.command("undo", "nothing.jsonl")
    assert code == 2
    assert "nothing.jsonl" in err


def test_each_record_says_which_run_and_which_row_made_it(imported: World) -> None:
    imported.command("undo", "people.results.jsonl")
    rows = imported.rows("people.undo.csv")
    assert [row["run"] for row in rows] == [one["run"] for one in made(imported)][::-1]
    assert [row["vorel_ref"] for row in rows] == [
        f"people.results.jsonl#{one['source_hash']}-{one['occurrence']}" for one in made(imported)
    ][::-1]


def test_a_run_that_is_given_the_file_sends_nothing(imported: World) -> None:
    imported.command("undo", "people.results.jsonl")
    before = len(imported.crm.requests)
    imported.write(
        "ids.toml", 'object = "contact"\n[fields]\nexternal_ref = "external_id"\nname = "row"\n'
    )
    run = imported.run("people.undo.csv", "--mapping", "ids.toml")
    assert run.report["before"] == 3
    assert len(imported.crm.requests) == before


def test_a_request_without_a_clear_answer_is_counted_and_not_listed(imported: World) -> None:
    imported.crm.always("Eve", lost)
    imported.write("people.csv", HEADER + ADA + "Eve,Eden,eve@example.com\n")
    imported.run("people.csv", "--object", "contact", "--max-outage", "0", "--accept-list")
    code, out, _ = imported.command("undo", "people.results.jsonl")
    assert code == 0
    assert "1 request had no clear answer" in out
    assert len(imported.rows("people.undo.csv")) == 3
    _, out, _ = imported.command("undo", "people.results.jsonl", "--json")
    assert json.loads(out)["unclear"] == 1


def test_nothing_made_is_nothing_to_undo(world: World) -> None:
    world.write("people.csv", HEADER + "Ada,Abboud," + "x" * 300 + "@example.com\n")
    world.run("people.csv", "--object", "contact")
    code, out, _ = world.command("undo", "people.results.jsonl")
    assert code == 0
    assert "nothing to undo" in out
    assert not world.has("people.undo.csv")


def test_a_corrected_row_has_the_number_that_it_has_in_the_list(imported: World) -> None:
    failed = imported.read("people.failed.csv").replace("Dan,Doe", "Dan,Dove")
    imported.write("people.failed.csv", failed)
    imported.run("people.failed.csv", "--object", "contact")
    run = made(imported)[-1]["run"]
    code, out, _ = imported.command("undo", "people.results.jsonl", "--run", run)
    assert code == 0
    assert "(1 record)" in out
    assert [row["row"] for row in imported.rows("people.undo.csv")] == ["5"]


def test_a_run_that_made_nothing_is_named(imported: World) -> None:
    imported.again()
    imported.again()
    lines = map(json.loads, imported.read("people.results.jsonl").splitlines())
    run = [line["run"] for line in lines if line["kind"] == "run"][-1]
    _, out, _ = imported.command("undo", "people.results.jsonl", "--run", run)
    assert f"No records were made by the run {run}" in out


def test_the_only_run_is_named(world: World) -> None:
    world.write("people.csv", HEADER + ADA)
    world.run("people.csv", "--object", "contact")
    _, _, err = world.command("undo", "people.results.jsonl", "--run", "0000")
    assert f"Its only run is {made(world)[0]['run']}." in err
