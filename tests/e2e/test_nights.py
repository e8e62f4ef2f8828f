"""A list that comes again each night: what is on record is not written again."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from commands.inside import vorel_import
from commands.process import lines_of

from importer.sandbox import Sandbox

MAPPING = """\
object = "contact"
identity = ["external_ref"]
[fields]
external_ref = "Id"
first_name = "First Name"
email = "E-mail"
birthday = { column = "Born", type = "date" }
"""
RUN = ("run", "list.csv", "--mapping", "mapping.toml", "--rate", "1000000")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    return tmp_path


def write(folder: Path, *rows: tuple[str, ...]) -> None:
    with (folder / "list.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("Id", "First Name", "E-mail", "Born"), *rows])


def env(sandbox: Sandbox) -> dict[str, str]:
    return {"VOREL_API_KEY": sandbox.api_key, "VOREL_BASE_URL": sandbox.url}


def kinds(folder: Path) -> list[str]:
    return [line["kind"] for line in lines_of(folder / "list.results.jsonl")]


OMAR = ("1", "Omar", "omar@example.com", "1980-01-02")
BAD = ("2", "Lina", "lina@example.com", "the 5th")


def test_a_row_that_stays_bad_is_written_once(folder: Path, sandbox: Sandbox) -> None:
    write(folder, OMAR, BAD)
    first = vorel_import(*RUN, cwd=folder, env=env(sandbox))
    written = kinds(folder)
    success = (folder / "list.success.csv").stat()
    nights = [vorel_import(*RUN, cwd=folder, env=env(sandbox)) for _ in range(3)]

    assert {first.returncode, *(night.returncode for night in nights)} == {1}
    assert all("1  not sent: invalid" in night.stderr for night in nights)
    assert kinds(folder)[len(written) :] == ["run", "end"] * 3
    assert (folder / "list.success.csv").stat().st_mtime_ns == success.st_mtime_ns


def test_a_row_that_is_bad_in_another_way_is_written_again(folder: Path, sandbox: Sandbox) -> None:
    write(folder, OMAR, BAD)
    vorel_import(*RUN, cwd=folder, env=env(sandbox))
    text = MAPPING.replace("birthday", "phone").replace('"date"', '"phone"')
    (folder / "mapping.toml").write_text(text, encoding="utf-8")
    vorel_import(*RUN, cwd=folder, env=env(sandbox))

    rows = [line for line in lines_of(folder / "list.results.jsonl") if line["kind"] == "row"]
    bad = [line["error"]["field"] for line in rows if line["row"] == 2]
    assert bad == ["birthday", "phone"]


def test_a_refused_row_is_written_again_since_it_was_sent_again(
    folder: Path, sandbox: Sandbox
) -> None:
    write(folder, OMAR, ("2", "Lina", "no address", ""))
    for _ in range(2):
        assert vorel_import(*RUN, cwd=folder, env=env(sandbox)).returncode == 1
    written = kinds(folder)
    kept = vorel_import(*RUN, "--retry", "none", cwd=folder, env=env(sandbox))

    assert written.count("row") == 3
    assert kept.returncode == 1
    assert kinds(folder)[len(written) :] == ["run", "end"]


def test_a_change_is_told_once_and_ends_the_run_that_found_it_with_6(
    folder: Path, sandbox: Sandbox
) -> None:
    write(folder, OMAR)
    vorel_import(*RUN, cwd=folder, env=env(sandbox))
    write(folder, ("1", "Omar", "new@example.com", "1980-01-02"))
    found = vorel_import(*RUN, cwd=folder, env=env(sandbox))
    later = vorel_import(*RUN, cwd=folder, env=env(sandbox))

    assert (found.returncode, later.returncode) == (6, 0)
    assert "list.changed.csv" in found.stderr
    assert kinds(folder).count("row") == 2


def test_changes_are_listed_until_they_are_acknowledged(folder: Path, sandbox: Sandbox) -> None:
    write(folder, OMAR)
    vorel_import(*RUN, cwd=folder, env=env(sandbox))
    write(folder, ("1", "Omar", "new@example.com", "1980-01-02"))
    vorel_import(*RUN, cwd=folder, env=env(sandbox))
    vorel_import(*RUN, cwd=folder, env=env(sandbox))
    listed = (folder / "list.changed.csv").exists()

    ended = vorel_import("acknowledge", "list.results.jsonl", cwd=folder)
    status = json.loads(vorel_import("status", "list.results.jsonl", "--json", cwd=folder).stdout)
    later = vorel_import(*RUN, "--json", cwd=folder, env=env(sandbox))
    gone = not (folder / "list.changed.csv").exists()
    write(folder, ("1", "Omar", "third@example.com", "1980-01-02"))
    again = vorel_import(*RUN, cwd=folder, env=env(sandbox))

    assert listed
    assert ended.returncode == 0, ended.stderr
    assert gone
    assert (status["counts"]["changed"], status["counts"]["dealt_with"]) == (0, 1)
    assert json.loads(later.stdout)["list"]["dealt_with"] == 1
    assert later.returncode == 0
    assert again.returncode == 6
    assert (folder / "list.changed.csv").exists()
    assert len(sandbox.records()) == 1
