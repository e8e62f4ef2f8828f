"""The file for Prometheus: read by its own parser, and never written over a foreign one."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from receiver import Receiver
from referee import World

from importer.jobs.monitoring.metrics import EarlierMetrics, Metrics, read_metrics, write_metrics

MAPPING = """\
    object = "contact"
    [fields]
    first_name = "Name"
    birthday = { column = "Born", type = "date" }
    """
Sample = tuple[dict[str, str], float]


def metrics(**more: Any) -> Metrics:
    given = {"job": "people", "object": "contact", "exit_code": 0, "ended": 1000.5}
    return Metrics(**{**given, "last_success": 900.25, "duration": 2.0, **more})


def parsed(path: Path) -> dict[str, list[Sample]]:
    """Return the samples of each metric, as Prometheus reads them."""
    found: dict[str, list[Sample]] = {}
    for family in text_string_to_metric_families(path.read_text(encoding="utf-8")):
        assert family.type == "gauge"
        assert family.documentation
        found[family.name] = [(dict(one.labels), one.value) for one in family.samples]
    return found


def test_a_run_writes_what_prometheus_reads(world: World) -> None:
    world.write("people.csv", "Name,Born\nAda,1970-01-05\nBo,never\nCyd,\n")
    world.write("m.toml", MAPPING)
    run = ("people.csv", "--mapping", "m.toml", "--metrics-file", "people.prom")
    world.run(*run)
    world.run(*run)

    found = parsed(world.folder / "people.prom")
    labels = {"job": "people", "object": "contact"}
    assert {name.removeprefix("vorel_import_") for name in found} == {
        "exit_code", "last_run_timestamp_seconds", "last_success_timestamp_seconds",
        "duration_seconds", "requests", "refusals", "rows", "list_rows", "left",
    }  # fmt: skip
    assert all(labels.items() <= one.items() for samples in found.values() for one, _ in samples)
    assert found["vorel_import_exit_code"] == [(labels, 1.0)]
    rows = {one["outcome"]: value for one, value in found["vorel_import_rows"]}
    assert rows == {
        "created_before": 2, "created": 0, "duplicate": 0, "invalid": 1, "failed": 0,
        "unknown": 0, "changed": 0, "possible_duplicate": 0, "unsent": 0,
    }  # fmt: skip
    state = {one["state"]: value for one, value in found["vorel_import_list_rows"]}
    assert (state["created"], state["invalid"]) == (2, 1)
    assert (state["possible_duplicate"], state["dealt_with"]) == (0, 0)
    assert found["vorel_import_refusals"] == [(labels, 1.0)]
    assert found["vorel_import_left"] == [(labels, 0.0)]
    (ended,) = found["vorel_import_last_run_timestamp_seconds"]
    assert found["vorel_import_last_success_timestamp_seconds"] == [ended]
    assert [path.name for path in world.folder.glob(".people.prom*")] == []


def test_others_may_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / "people.prom"

    assert write_metrics(path, metrics()) is None

    assert stat.S_IMODE(path.stat().st_mode) == 0o644


@pytest.mark.parametrize("job", ['a "b" \\ c', "two\nlines", "عملاء"])
def test_any_name_is_a_label(tmp_path: Path, job: str) -> None:
    path = tmp_path / "people.prom"
    write_metrics(path, metrics(job=job))

    assert parsed(path)["vorel_import_exit_code"] == [({"job": job, "object": "contact"}, 0.0)]


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "people.prom"
    write_metrics(path, metrics(exit_code=3))

    assert read_metrics(path) == EarlierMetrics(
        ended=1000.5, exit_code=3, last_success=900.25, object="contact", job="people"
    )
    path.write_text("vorel_import_exit_code{} x\n\x00", encoding="utf-8")
    assert read_metrics(path) == EarlierMetrics()


def test_a_file_of_somebody_else_is_left_as_it_is(world: World) -> None:
    world.write("people.csv", "first_name\nAda\n")
    world.write("notes.txt", "mine\n")

    run = world.run("people.csv", "--object", "contact", "--metrics-file", "notes.txt")

    assert run.exit_code == 0
    assert "--metrics-file: notes.txt is not a file that a run has written" in run.stderr
    assert world.read("notes.txt") == "mine\n"


def test_a_folder_that_is_not_there_changes_no_exit_code(world: World) -> None:
    world.write("people.csv", "first_name\nAda\n")

    run = world.run("people.csv", "--object", "contact", "--metrics-file", "no/people.prom")

    assert run.exit_code == 0
    assert "--metrics-file: no/people.prom cannot be written" in run.stderr


def test_the_last_success_is_found_in_the_results_file(world: World, receiver: Receiver) -> None:
    del receiver
    world.write("people.csv", "first_name\nAda\n")
    run = ("people.csv", "--object", "contact", "--metrics-file", "people.prom")
    world.run("people.csv", "--object", "contact").ended(0, created=1)
    world.api_key = "vapk_live_" + "c3" * 24
    world.write("people.csv", "first_name\nAda\nBo\n")

    failed = world.run(*run, "--same-account")

    found = parsed(world.folder / "people.prom")
    assert failed.exit_code == 3
    (success,) = found["vorel_import_last_success_timestamp_seconds"]
    (ended,) = found["vorel_import_last_run_timestamp_seconds"]
    assert 0 < success[1] < ended[1]
