"""Programs give rows as they have them: generators, cursors, rows of data frames."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import anyio
import polars as pl
import pytest
from pydantic import SecretStr

from importer import (
    ConfigError,
    ImportConfig,
    check,
    import_status,
    load_mapping,
    read_rows,
    run_import,
    run_import_sync,
    suggest_mapping,
)
from importer.core.errors import MappingError, QuestionError, SourceError
from importer.core.locale.message import Message
from importer.mapper.mapping.file import parse_mapping
from importer.run.config import ImportSettings
from importer.sandbox import Sandbox

MAPPING = """\
object = "contact"
[fields]
name = "Name"
birthday = { column = "Born", type = "date" }
"attributes.score" = { column = "Score", type = "decimal" }
"attributes.visits" = { column = "Visits", type = "integer" }
"""
ROWS: list[dict[str, Any]] = [
    {"Name": "Omar", "Born": date(1980, 1, 2), "Score": Decimal("1.10"), "Visits": 3},
    {"Name": "Lina", "Born": None, "Score": float("nan"), "Visits": None},
]


def settings(folder: Path, sandbox: Sandbox) -> ImportSettings:
    return {
        "mapping": parse_mapping(MAPPING),
        "results": folder / "people.results.jsonl",
        "base_url": sandbox.url,
        "api_key": sandbox.api_key,
        "rate": 6000,
    }


def one_by_one() -> Iterator[dict[str, Any]]:
    yield from ROWS


def test_a_generator_is_imported_once(tmp_path: Path, sandbox: Sandbox) -> None:
    given = settings(tmp_path, sandbox)

    first = run_import_sync(one_by_one(), **given)
    again = run_import_sync(one_by_one(), **given)

    assert (first.exit_code, first.counts["created"]) == (0, 2)
    assert (again.exit_code, again.requests, again.before) == (0, 0, 2)
    fields = [record["fields"] for record in sandbox.records()]
    assert {"name": "Lina"} in fields
    (omar,) = (one for one in fields if one["name"] == "Omar")
    assert omar["birthday"] == "1980-01-02"
    assert omar["attributes"]["visits"] == 3
    assert float(omar["attributes"]["score"]) == 1.1


def test_the_rows_of_a_data_frame(tmp_path: Path, sandbox: Sandbox) -> None:
    frame = pl.DataFrame({"Name": ["Omar", "Lina"], "Born": [date(1980, 1, 2), None]})
    given = settings(tmp_path, sandbox)

    async def run() -> int:
        rows = frame.with_columns(Score=pl.lit("1"), Visits=pl.lit(2)).iter_rows(named=True)
        return (await run_import(rows, **given)).counts["created"]

    assert anyio.run(run) == 2


class NotATime(date):
    """What pandas has for no time: a date that differs from itself."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return False


@pytest.mark.parametrize("nothing", [Decimal("NaN"), float("inf"), NotATime(2026, 1, 2)])
def test_what_data_frames_have_for_nothing_is_empty(
    nothing: Any, tmp_path: Path, sandbox: Sandbox
) -> None:
    rows = [{"Name": "Omar", "Born": nothing, "Score": None, "Visits": None}]

    summary = run_import_sync(rows, **settings(tmp_path, sandbox))

    assert summary.counts["created"] == 1
    assert sandbox.records()[0]["fields"] == {"name": "Omar"}


def test_the_rows_of_a_cursor_as_they_are(tmp_path: Path, sandbox: Sandbox) -> None:
    query = "SELECT 'Omar' AS Name, '1980-01-02' AS Born, 1.5 AS Score, 3 AS Visits"
    with closing(sqlite3.connect(":memory:")) as database:
        database.row_factory = sqlite3.Row
        summary = run_import_sync(database.execute(query), **settings(tmp_path, sandbox))

    assert summary.counts["created"] == 1
    assert sandbox.records()[0]["fields"]["attributes"] == {"score": "1.5", "visits": 3}


def test_check_takes_rows_too_and_sends_nothing(tmp_path: Path, sandbox: Sandbox) -> None:
    report = check(one_by_one(), **settings(tmp_path, sandbox))

    assert (report.read, report.to_send) == (2, 2)
    assert sandbox.requests == 0
    assert list(tmp_path.iterdir()) == []


class Pandas(list[str]):
    """A data frame of pandas, whose elements are the names of its columns."""

    def __init__(self) -> None:
        super().__init__(["Name"])

    def to_dict(self) -> None: ...


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("people.csv", "the source is a str, neither an ImportConfig nor rows"),
        ({"Name": "Omar"}, "the source is a dict"),
        (7, "the source is a int"),
        (["people.csv"], "row 1 is a str and no mapping"),
        ([{"Name": "Omar"}, ("Lina",)], "row 2 is a tuple and no mapping"),
        ([{"Name": object()}], "row 1, Name: a object is no value that can be sent"),
        (pl.DataFrame({"Name": ["Omar"]}), r"row 1 is a Series.*\n.*iter_rows\(named=True\)"),
        (Pandas(), r'row 1 is a str.*\n.*to_dict\("records"\)'),
        (sqlite3.connect(":memory:").execute("SELECT 1"), r"row 1 is a tuple.*\n.*sqlite3.Row"),
    ],
)
def test_what_is_neither_is_refused(
    source: Any, message: str, tmp_path: Path, sandbox: Sandbox
) -> None:
    with pytest.raises(ConfigError, match=message):
        run_import_sync(source, **settings(tmp_path, sandbox))
    assert sandbox.requests == 0


def test_no_rows_are_a_mistake(tmp_path: Path, sandbox: Sandbox) -> None:
    with pytest.raises(SourceError, match="there are no rows"):
        run_import_sync([], **settings(tmp_path, sandbox))


def test_rows_need_a_results_file(sandbox: Sandbox) -> None:
    with pytest.raises(ConfigError, match="need a results file"):
        check(ROWS, object="contact", base_url=sandbox.url)


def test_settings_are_not_given_twice(sandbox: Sandbox) -> None:
    config = ImportConfig(sources="people.csv", base_url=sandbox.url)
    with pytest.raises(ConfigError, match="rate: settings stand in the ImportConfig"):
        check(config, rate=10)


@pytest.mark.parametrize("sources", [iter(ROWS), ROWS, [7], 7])
def test_rows_are_no_paths(sources: Any) -> None:
    with pytest.raises(ConfigError, match="is no path; rows go to run_import"):
        ImportConfig(sources=sources)


def test_settings_of_a_wrong_kind_are_named(tmp_path: Path, sandbox: Sandbox) -> None:
    given: dict[str, Any] = dict(settings(tmp_path, sandbox))

    with pytest.raises(ConfigError, match="mapping: a dict is neither the path of a mapping file"):
        run_import_sync(ROWS, **{**given, "mapping": {"object": "contact"}})
    with pytest.raises(ConfigError, match="resutls: there is no such setting"):
        run_import_sync(ROWS, **{**given, "resutls": "people.results.jsonl"})


def test_headers_that_say_nothing_need_a_mapping(tmp_path: Path, sandbox: Sandbox) -> None:
    given: dict[str, Any] = {**settings(tmp_path, sandbox), "mapping": None, "object": "contact"}

    with pytest.raises(MappingError, match="The column 'Score'") as raised:
        run_import_sync(ROWS, **given)

    assert "suggest_mapping(columns, object)" in str(raised.value)
    assert "vorel-import map" not in str(raised.value), "there is no file that it could read"


def test_rows_of_another_import_are_not_called_by_a_temporary_file(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    given = settings(tmp_path, sandbox)
    run_import_sync(ROWS, **given)

    given["results"] = tmp_path / "others.results.jsonl"
    with pytest.raises(QuestionError, match="created 2 of the 2 rows of rows"):
        run_import_sync(ROWS, **given)


def test_a_running_loop_is_named(tmp_path: Path, sandbox: Sandbox) -> None:
    async def in_a_notebook() -> None:
        run_import_sync(ROWS, **settings(tmp_path, sandbox))

    with pytest.raises(ConfigError, match=r"await run_import\(…\)"):
        anyio.run(in_a_notebook)


@pytest.mark.parametrize(
    ("columns", "samples", "message"),
    [
        ("Name", None, "the columns are a str and no list of names"),
        (["Name", "E-mail"], [["Omar"]], "not one list of values for each column"),
        (["Name"], [{"Name": "Omar"}], "not one list of values for each column"),
        (["Name"], ["Omar"], "not one list of values for each column"),
    ],
)
def test_columns_and_samples_that_are_none_are_refused(
    columns: Any, samples: Any, message: str
) -> None:
    with pytest.raises(MappingError, match=message):
        suggest_mapping(columns, "contact", samples)


def test_names_of_files_are_paths_or_texts(tmp_path: Path, sandbox: Sandbox) -> None:
    run_import_sync(ROWS, **settings(tmp_path, sandbox))
    (tmp_path / "m.toml").write_text(MAPPING, encoding="utf-8")

    assert import_status(str(tmp_path / "people.results.jsonl")).counts["created"] == 2
    assert load_mapping(str(tmp_path / "m.toml")).object == "contact"
    with pytest.raises(ConfigError, match="a dict is no path"):
        next(read_rows({"Name": "Omar"}))  # type: ignore[arg-type]


async def test_messages_are_those_of_the_command_line(tmp_path: Path, sandbox: Sandbox) -> None:
    (tmp_path / "people.csv").write_text("Name\nOmar\n", encoding="utf-8")
    sources = str(tmp_path / "people.csv")

    with pytest.raises(ConfigError, match="a program gives api_key"):
        await run_import(ImportConfig(sources=sources, object="contact"))
    with pytest.raises(ConfigError, match="parse_mapping"):
        ImportConfig(sources=sources, mapping='object = "contact"\n')
    with pytest.raises(ConfigError, match="--object contact"):
        check(ImportConfig(sources=sources))
    summary = await run_import(
        ImportConfig(
            sources=sources,
            object="contact",
            base_url=f"{sandbox.url}/else",
            api_key=SecretStr(sandbox.api_key),
        )
    )
    assert summary.exit_code == 3
    assert isinstance(summary.hint, Message)
    assert "--base-url" in summary.hint.code


def test_rows_of_a_program_are_called_rows(tmp_path: Path, sandbox: Sandbox) -> None:
    rows = [{"Name": "Omar", "Born": "the 5th"}]

    found = check(rows, mapping=parse_mapping(MAPPING), results=tmp_path / "r.results.jsonl")
    (problem,) = run_import_sync(rows, **settings(tmp_path, sandbox)).problems

    assert found.read_as == ("rows: UTF-8",)
    assert problem.sources == ["rows"]
