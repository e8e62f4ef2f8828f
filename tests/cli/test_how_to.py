"""Each command of the how-to pages runs, in their order."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from documents import Reader, commands, text_of
from xlsxwriter import Workbook

from importer.sandbox import Sandbox

pytestmark = pytest.mark.slow

HEADER = "Id,First Name,E-mail"
PEOPLE = [f"C-{n},Ada {n},ada{n}@example.com" for n in range(120)]
MAPPING = (
    'object = "contact"',
    "[fields]",
    'external_ref = "Id"',
    'first_name = "First Name"',
    'email = { column = "E-mail", type = "email" }',
)
WRONG = "C-900,Eve,eve.example.com"


@pytest.fixture
def reader(tmp_path: Path, sandbox: Sandbox) -> Reader:
    reader = Reader(tmp_path, sandbox)
    reader.write("mapping.toml", *MAPPING)
    return reader


def imported(reader: Reader, name: str, *rows: str) -> Path:
    """Import a list; return its results file."""
    reader.write(name, HEADER, *rows)
    told = reader.follow(
        ["vorel-import", "run", name, "--mapping", "mapping.toml", "--rate", "9999"]
    )
    assert reader.ended.pop()[1] in {0, 1, 6}, told
    return reader.folder / name.replace(".csv", ".results.jsonl")


def test_a_nightly_job(reader: Reader) -> None:
    reader.write("people.csv", HEADER, *PEOPLE[:10], WRONG)
    told = ""
    for words in commands("nightly.md"):
        if words[1] == "updates":
            edited = [PEOPLE[0].replace("ada0@", "ada.0@"), *PEOPLE[1:10], WRONG]
            reader.write("people.csv", HEADER, *edited)
            reader.follow(["vorel-import", "run", "--job", "clinic.toml"])
        told = reader.follow(words)

    assert [name for name, _ in reader.ended] == [
        "map", "check", "run", "schedule", "status", "run", "run", "updates", "acknowledge",
    ]  # fmt: skip
    assert [code for _, code in reader.ended] == [0, 1, 1, 0, 0, 1, 1, 0, 0]
    assert "1 row is on record as the same" in told
    assert len(reader.sandbox.records()) == 10


def test_a_list_that_a_guard_stops_is_explained_on_the_terminal(reader: Reader) -> None:
    imported(reader, "people.csv", *PEOPLE)
    reader.write("people.csv", HEADER, *(f"{one}.org" for one in PEOPLE))
    command = ["vorel-import", "run", "people.csv", "--mapping", "mapping.toml"]

    told = reader.follow(command)

    assert reader.ended[-1] == ("run", 7)
    assert "120 of the 120 rows that were known have changed; 24 would be expected" in told
    assert "- email: 120 of 120" in told
    reader.follow([*command, "--accept-list"])
    assert reader.ended[-1] == ("run", 6)
    assert len(reader.sandbox.records()) == 120


def test_decisions_about_changed_rows(reader: Reader) -> None:
    imported(reader, "contacts.csv", *PEOPLE[:10])
    # Somebody else with the address of a row that is gone, twice; and a new address.
    others = ["C-800,Lovelace,ada0@example.com", "C-801,Byron,ada1@example.com"]
    changed = PEOPLE[2].replace("ada2@", "ada.2@")
    results = imported(reader, "contacts.csv", *others, changed, *PEOPLE[3:10])
    before = results.read_bytes()
    with (reader.folder / "contacts.changed.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sorted(row["vorel_status"] for row in rows) == [
        "changed", "possible_duplicate", "possible_duplicate",
    ]  # fmt: skip
    one = next(row for row in rows if row["First Name"] == "Lovelace")
    reader.write("new-people.csv", "vorel_ref", one["vorel_ref"])

    said = []
    for words in commands("reliability.md"):
        results.write_bytes(before)
        said.append(reader.follow(words))

    assert reader.ended == [("acknowledge", 0)] * 3, said
    assert "2 rows are on record as the same" in said[1]
    imported(reader, "contacts.csv", *others, changed, *PEOPLE[3:10])
    assert len(reader.sandbox.records()) == 11


def test_reconciling(reader: Reader) -> None:
    imported(reader, "contacts.csv", *PEOPLE[:10])
    records = reader.sandbox.records()
    lines = [f"{one['external_id']},{one['fields']['email']}" for one in records]
    reader.write("export.csv", "Record ID,Email", *lines)
    for words in commands("reconcile.md"):
        reader.follow(words)

    assert reader.ended == [("reconcile", 0), ("reconcile", 0), ("run", 0)]
    assert len(reader.sandbox.records()) == 10


def test_the_report_and_the_file_for_undoing(reader: Reader) -> None:
    imported(reader, "contacts.csv", *PEOPLE[:10])
    for words in commands("report.md"):
        reader.follow(words)

    assert reader.ended == [("report", 0), ("report", 0), ("undo", 0)]
    assert 'dir="rtl"' in (reader.folder / "for-the-client.html").read_text(encoding="utf-8")
    undo = (reader.folder / "contacts.undo.csv").read_text(encoding="utf-8").splitlines()
    section = text_of("report.md").partition("## Undoing")[2]
    columns = r"`(external_id|link|object|run|when|row|vorel_status|vorel_ref)`"
    named = re.findall(columns, section.partition("Keep")[0])
    assert undo[0].split(",") == named
    assert len(undo) == 11


def test_forgetting(reader: Reader) -> None:
    results = imported(reader, "contacts.csv", *PEOPLE[:16], WRONG)
    assert "eve.example.com" in results.read_text(encoding="utf-8")
    for words in commands("privacy.md"):
        reader.follow(words)

    assert reader.ended == [("forget", 0), ("forget", 0)]
    assert "eve.example.com" not in results.read_text(encoding="utf-8")


def test_a_lost_results_file(reader: Reader) -> None:
    results = imported(reader, "people.csv", *PEOPLE)
    results.unlink()
    reader.write("people.toml", *MAPPING)
    again = ["vorel-import", "run", "people.csv", "--mapping", "people.toml"]
    reader.follow(again)
    for words in commands("troubleshooting.md"):
        reader.follow(words)
    reader.follow(again)

    assert reader.ended == [("run", 7), ("recover", 0), ("run", 0)]
    assert len(reader.sandbox.records()) == len(PEOPLE)


@pytest.mark.parametrize("page", ["page.md", "sandbox.md"])
def test_what_runs_until_it_is_stopped(page: str, reader: Reader) -> None:
    (words,) = commands(page)
    reader.follow(words)


def test_completion(reader: Reader) -> None:
    for words in commands("install.md"):
        command, _, target = " ".join(words).rpartition(">")
        assert target
        assert "vorel-import" in reader.follow(command.rstrip("> ").split())

    assert reader.ended == [("completion", 0)] * 3


def test_the_first_page(tmp_path: Path, start_sandbox: Callable[..., Sandbox]) -> None:
    sandbox = start_sandbox()
    reader = Reader(tmp_path, sandbox)
    with Workbook(str(tmp_path / "people.xlsx")) as book:
        sheet = book.add_worksheet()
        for number, line in enumerate([HEADER, *PEOPLE[:3]]):
            sheet.write_row(number, 0, line.split(","))
    for words in commands("../README.md"):
        if words[:2] != ["vorel-import", "demo"] and words[0] not in {"uv", "pipx"}:
            reader.follow(words)

    assert [name for name, _ in reader.ended] == ["map", "check", "run", "map", "run", "schedule"]
    assert {code for _, code in reader.ended} == {0}
    assert len(sandbox.records()) == 3
