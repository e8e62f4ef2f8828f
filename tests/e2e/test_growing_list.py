"""A list to which rows were only added: they are added to the derived files that are there."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from pydantic import SecretStr

from importer import ImportConfig, run_import
from importer.core.errors import Interrupted
from importer.core.settings import ReadOptions
from importer.run import pipeline
from importer.run.derived_files import export_again
from importer.sandbox import Sandbox
from importer.writer.exporter import Exporter
from importer.writer.lines.run_line import ExportsRecord
from importer.writer.pending_files import PendingTextFile

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
KINDS = ("success", "failed", "unsent", "changed")


@pytest.fixture
def config(tmp_path: Path, sandbox: Sandbox) -> Callable[..., ImportConfig]:
    mapping = tmp_path / "mapping.toml"
    columns = ("first_name", "last_name", "email")
    fields = "".join(f'{name} = "{name}"\n' for name in columns)
    mapping.write_text(f'object = "contact"\n[fields]\n{fields}')

    def make(name: str = "people.csv", **settings: Any) -> ImportConfig:
        return ImportConfig(
            sources=(str(tmp_path / name),),
            mapping=mapping,
            base_url=sandbox.url,
            api_key=SecretStr(sandbox.api_key),
            rate=1_000_000,
            max_errors="100%",
            **settings,
        )

    return make


@pytest.fixture
def added() -> Iterator[list[bool]]:
    """For each run that could add rows to files: whether the files were as it had left them."""
    found: list[bool] = []
    begin = Exporter.begin_with

    def note(exporter: Exporter, left: ExportsRecord, folder: Path) -> Mapping[str, str]:
        digests = begin(exporter, left, folder)
        on_record = (folder / "people.results.jsonl").read_text()
        found.append(all(digest in on_record for digest in digests.values()))
        return digests

    with mock.patch.object(Exporter, "begin_with", note):
        yield found


def good(*numbers: int) -> list[str]:
    return [f"Mona,Haddad {number},m{number}@example.com,x" for number in numbers]


def empty(*numbers: int) -> list[str]:
    """Return rows that the importer refuses."""
    return [f",,,{number}" for number in numbers]


def refused(*numbers: int) -> list[str]:
    """Return rows that the CRM refuses, each time anew."""
    return [f"Mona,Haddad {number},no address {number},x" for number in numbers]


def save(path: Path, rows: Sequence[str], *, encoding: str = "utf-8", end: str = "\n") -> None:
    columns = "first_name,last_name,email,note"
    if path.suffix == ".jsonl":
        names = columns.split(",")
        objects = [dict(zip(names, row.split(","), strict=True)) for row in rows]
        path.write_text("".join(json.dumps(one) + "\n" for one in objects))
    else:
        path.write_text("\n".join([columns, *rows]) + end, encoding=encoding)


def files(folder: Path) -> dict[str, bytes]:
    found = [*folder.glob("people.*.csv"), *folder.glob("people.*.jsonl")]
    return {one.name: one.read_bytes() for one in found if one.name != "people.results.jsonl"}


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def written_anew(folder: Path, name: str) -> tuple[dict[str, bytes], dict[str, Any]]:
    """Return the derived files of a list as `export` writes them, and the status of the list."""
    copy = folder / "copy"
    copy.mkdir()
    for path in (folder / "people.results.jsonl", folder / name):
        shutil.copy(path, copy / path.name)
    found = await export_again(copy / "people.results.jsonl", (str(copy / name),), ReadOptions())
    assert found.record is not None
    assert found.record.list_status is not None
    made = files(copy), found.record.list_status.to_json()
    shutil.rmtree(copy)
    return made[0], without_sources(json.loads(json.dumps(made[1])))


def without_sources(form: dict[str, Any]) -> dict[str, Any]:
    """Return the status of a list without the paths in it: the copy has others."""
    for one in form["problems"]:
        one.pop("sources")
    return form


def status_on_record(folder: Path) -> dict[str, Any]:
    lines = (folder / "people.results.jsonl").read_text().splitlines()
    end = json.loads(lines[-1])
    assert end["kind"] == "end"
    names = ("list", "problems", "lacks", "refused_versions", "differing", "differ_in")
    return without_sources({name: end[name] for name in names if name in end})


NIGHTS: dict[str, Sequence[Sequence[str]]] = {
    "good rows": [good(1, 2), good(3), good(4, 5)],
    "empty rows at first": [[*good(1), *empty(2, 3)], good(4), good(5)],
    "empty rows later": [good(1, 2), [*good(3), *empty(4)], [*empty(5), *good(6)]],
    "refused rows at the end": [good(1, 2), [*good(3), *refused(4, 5)]],
}


@pytest.mark.parametrize("nights", NIGHTS.values(), ids=NIGHTS)
@pytest.mark.parametrize("name", ["people.csv", "people.jsonl"])
async def test_the_files_are_those_that_would_be_written_anew(
    tmp_path: Path,
    config: Callable[..., ImportConfig],
    added: list[bool],
    nights: Sequence[Sequence[str]],
    name: str,
) -> None:
    rows: list[str] = []
    for number, night in enumerate(nights):
        rows += night
        save(tmp_path / name, rows)
        await run_import(config(name))
        assert added == [True] * number
        anew, list_status = await written_anew(tmp_path, name)
        assert files(tmp_path) == anew
        assert status_on_record(tmp_path) == list_status


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
async def test_in_every_encoding(
    tmp_path: Path, config: Callable[..., ImportConfig], encoding: str
) -> None:
    save(tmp_path / "people.csv", ["Zoë,Müller,z@example.com,x"], encoding=encoding)
    await run_import(config())
    rows = ["Zoë,Müller,z@example.com,x", "José,Brûlé,j@example.com,x"]
    save(tmp_path / "people.csv", rows, encoding=encoding)
    await run_import(config())
    anew, _ = await written_anew(tmp_path, "people.csv")
    assert files(tmp_path) == anew
    assert len(anew["people.success.csv"].decode(encoding).splitlines()) == 3


async def test_a_list_whose_last_line_had_no_end(
    tmp_path: Path, config: Callable[..., ImportConfig], added: list[bool]
) -> None:
    save(tmp_path / "people.csv", good(1, 2), end="")
    await run_import(config())
    save(tmp_path / "people.csv", good(1, 2, 3), end="")
    await run_import(config())
    assert added == [True]
    anew, _ = await written_anew(tmp_path, "people.csv")
    assert files(tmp_path) == anew


LAST = [*good(1, 2), *refused(3)]
OTHER_LISTS: dict[str, Sequence[str]] = {
    "a row in the middle": [*good(1, 5, 2), *refused(3)],
    "other order": [*good(2, 1), *refused(3), *good(4)],
    "a row less": [*good(1), *refused(3), *good(4)],
    "a changed row": [*good(1), "Mona,Haddad 2,other@example.com,x", *refused(3), *good(4)],
    "a longer last row": [*good(1, 2), f"{refused(3)[0]}y", *good(4)],
    "the first row again": [*LAST, *good(1)],
    "a refused row twice": [*LAST, *refused(9), *refused(9)],
    "a row that was refused": [*LAST, *good(4)],
}


@pytest.mark.parametrize("rows", OTHER_LISTS.values(), ids=OTHER_LISTS)
async def test_after_any_other_change_they_are_written_anew(
    tmp_path: Path,
    config: Callable[..., ImportConfig],
    added: list[bool],
    rows: Sequence[str],
) -> None:
    save(tmp_path / "people.csv", LAST)
    await run_import(config())
    save(tmp_path / "people.csv", rows)
    await run_import(config())
    assert added == []
    anew, list_status = await written_anew(tmp_path, "people.csv")
    assert {name: made for name, made in files(tmp_path).items() if "vanished" not in name} == {
        name: made for name, made in anew.items() if "vanished" not in name
    }
    assert status_on_record(tmp_path) == list_status


async def test_a_row_that_is_back_is_no_longer_among_those_that_are_gone(
    tmp_path: Path, config: Callable[..., ImportConfig], added: list[bool]
) -> None:
    for numbers in ((1, 2, 3, 4), (1, 2, 3)):
        save(tmp_path / "people.csv", good(*numbers))
        await run_import(config())
    assert (tmp_path / "people.vanished.csv").exists()
    save(tmp_path / "people.csv", good(1, 2, 3, 4))
    await run_import(config())
    assert not (tmp_path / "people.vanished.csv").exists()
    assert added == []


@pytest.mark.parametrize("keeps_time", [False, True])
async def test_an_edited_file_is_kept_aside_and_written_anew(
    tmp_path: Path, config: Callable[..., ImportConfig], added: list[bool], *, keeps_time: bool
) -> None:
    save(tmp_path / "people.csv", good(1, 2))
    await run_import(config())
    success = tmp_path / "people.success.csv"
    before = success.stat()
    edited = success.read_bytes().replace(b"Mona", b"Nina")
    success.write_bytes(edited)
    if keeps_time:
        os.utime(success, ns=(before.st_atime_ns, before.st_mtime_ns))
    save(tmp_path / "people.csv", good(1, 2, 3))
    await run_import(config())
    assert added == ([False] if keeps_time else [])
    assert (tmp_path / "people.edited-1.success.csv").read_bytes() == edited
    anew, _ = await written_anew(tmp_path, "people.csv")
    assert success.read_bytes() == anew["people.success.csv"]


async def test_a_file_that_somebody_has_removed_is_written_anew(
    tmp_path: Path, config: Callable[..., ImportConfig], added: list[bool]
) -> None:
    save(tmp_path / "people.csv", [*good(1, 2), *empty(3)])
    await run_import(config())
    (tmp_path / "people.failed.csv").unlink()
    save(tmp_path / "people.csv", [*good(1, 2), *empty(3), *good(4)])
    await run_import(config())
    assert added == []
    anew, _ = await written_anew(tmp_path, "people.csv")
    assert files(tmp_path) == anew


async def test_rows_that_are_not_sent_yet_are_added_too(
    tmp_path: Path, config: Callable[..., ImportConfig], added: list[bool]
) -> None:
    save(tmp_path / "people.csv", good(1, 2))
    await run_import(config())
    save(tmp_path / "people.csv", good(1, 2, 3, 4))
    await run_import(config(limit=1))
    assert added == [True]
    anew, list_status = await written_anew(tmp_path, "people.csv")
    assert files(tmp_path) == anew
    assert status_on_record(tmp_path) == list_status
    await run_import(config())
    assert added == [True]  # row 4 was in the list before: it is in another file now
    anew, _ = await written_anew(tmp_path, "people.csv")
    assert files(tmp_path) == anew


async def test_a_run_that_is_stopped_before_it_has_a_plan(
    tmp_path: Path, config: Callable[..., ImportConfig], added: list[bool]
) -> None:
    many = range(150)  # a guard counts the rows of so long a list before there is a plan
    save(tmp_path / "people.csv", good(*many))
    await run_import(config())
    save(tmp_path / "people.csv", good(*many, 1))
    stops = mock.patch.object(pipeline, "make_plan", side_effect=Interrupted("enough"))
    with stops:
        await run_import(config())
    assert added == []  # nobody has looked whether the last row is new
    anew, list_status = await written_anew(tmp_path, "people.csv")
    assert files(tmp_path) == anew
    assert status_on_record(tmp_path) == list_status
    assert list_status["list"]["left"] == 1


async def test_a_run_that_ends_while_it_adds_rows_leaves_the_files_as_they_were(
    tmp_path: Path, config: Callable[..., ImportConfig], added: list[bool]
) -> None:
    save(tmp_path / "people.csv", good(1, 2))
    await run_import(config())
    before = files(tmp_path)
    save(tmp_path / "people.csv", good(1, 2, 3))
    dies = mock.patch.object(PendingTextFile, "finish", side_effect=MemoryError)
    with dies, pytest.raises(MemoryError):
        await run_import(config())
    assert files(tmp_path) == before
    assert added == [True]
    await run_import(config())
    assert added == [True]  # nobody knows what that run has left, so they are written anew
    anew, _ = await written_anew(tmp_path, "people.csv")
    assert files(tmp_path) == anew
    assert not any(name.endswith(".tmp") for name in names_in(tmp_path))
