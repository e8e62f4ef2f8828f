"""Failed rows as a workbook: nothing bent, the cause beside each row, imported again as it is."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import fastexcel
import pytest
from referee import Crm, World, refusal, serving

HEADER = "Name,Number,Mail,Remark\n"
MAPPING = """
    object = "contact"
    [fields]
    first_name = "Name"
    last_name = { const = "Test" }
    phone = "Number"
    email = { column = "Mail", type = "email" }
"""
BENT = [
    ("0501110001", "1-2"),
    ("00971501110002", "=1+1"),
    ("+971501110003", "1E5"),
    ("0501110004", "007"),
    ("0501110005", "@home"),
    ("0501110006", "true"),
    ("0501110007", "2026-11-25"),
    ("0501110008", 'he said ""no""'),
    ("0501110009", "two\nlines"),
    ("0501110010", "أمل"),
]
RUN = ("people.csv", "--mapping", "mapping.toml", "--failed-as", "xlsx", "--max-errors", "100")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    crm = Crm()
    with serving(crm) as url:
        yield World(tmp_path, url, crm, reports=True)


@pytest.fixture
def failed(world: World) -> World:
    """All rows but one are refused for their addresses; their other cells tempt a spreadsheet."""
    rows = [f'P{at},{phone},no address,"{text}"\n' for at, (phone, text) in enumerate(BENT)]
    world.write("mapping.toml", MAPPING)
    (world.folder / "people.csv").write_text(
        HEADER + "Ada,0501110099,ada@example.com,\n" + "".join(rows), encoding="utf-8"
    )
    world.run(*RUN).ended(1, created=1, invalid=len(BENT))
    return world


def cells(path: Path) -> list[dict[str, str]]:
    sheet = fastexcel.read_excel(path).load_sheet(0, header_row=None, dtypes="string")
    header, *rows = sheet.to_polars().rows()
    return [dict(zip(header, (one or "" for one in row), strict=True)) for row in rows]


def test_each_cell_is_the_text_that_the_list_has(failed: World) -> None:
    rows = cells(failed.folder / "people.failed.xlsx")
    assert [(row["Number"], row["Remark"]) for row in rows] == [
        (phone, text.replace('""', '"')) for phone, text in BENT
    ]
    with zipfile.ZipFile(failed.folder / "people.failed.xlsx") as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet  # no formula
    assert "<v>" not in sheet  # and no number


def test_the_cause_stands_first_and_the_faulty_cell_is_marked(failed: World) -> None:
    path = failed.folder / "people.failed.xlsx"
    row = cells(path)[0]
    assert list(row)[:2] == ["vorel_error_message", "vorel_hint"]
    assert "Mail" in row["vorel_error_message"]
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    line = sheet.split("<row ")[2]
    styles = {
        cell.split('"')[0]: cell.split('s="')[1].split('"')[0] for cell in line.split('<c r="')[1:]
    }
    place = chr(ord("A") + list(row).index("Mail")) + "2"
    assert list(styles.values()).count(styles[place]) == 1


def test_there_is_no_csv_beside_it_and_only_its_owner_reads_it(failed: World) -> None:
    assert failed.names("*failed*") == {"people.failed.xlsx"}
    assert (failed.folder / "people.failed.xlsx").stat().st_mode & 0o777 == 0o600
    assert not failed.names(".*.tmp")


def test_as_it_is_it_imports_nobody_twice_and_goes_on_with_the_results(failed: World) -> None:
    again = failed.run("people.failed.xlsx", "--mapping", "mapping.toml", "--max-errors", "100")
    again.ended(1, invalid=len(BENT))
    assert again.requests == 0
    assert not failed.names("people.failed.results.jsonl")


def test_a_correction_stands_for_its_row(failed: World) -> None:
    path = failed.folder / "people.failed.xlsx"
    rewrite(path, {"no address": "p@example.com"})
    run = failed.run("people.failed.xlsx", "--mapping", "mapping.toml", "--failed-as", "xlsx")
    run.ended(0, created=len(BENT))
    assert not failed.names("*failed*")
    assert not failed.names("*edited*")
    failed.run(*RUN).ended(0, before=len(BENT) + 1)


def test_an_edited_one_is_kept(failed: World) -> None:
    path = failed.folder / "people.failed.xlsx"
    rewrite(path, {"no address": "p@example.com"})
    edited = path.read_bytes()
    failed.write("people.csv", failed.read("people.csv") + "Zoe,0501110077,zoe@example.com,\n")
    run = failed.run(*RUN)
    assert "people.failed.xlsx was edited" in run.stderr
    assert (failed.folder / "people.edited-1.failed.xlsx").read_bytes() == edited


def test_csv_takes_its_place_and_the_other_way_round(failed: World) -> None:
    arguments = ["export", "people.results.jsonl", "people.csv"]
    assert failed.command(*arguments, "--failed-as", "csv")[0] == 0
    assert failed.names("*failed*") == {"people.failed.csv"}
    assert "corrected in people.failed.csv" in failed.command("status", "people.results.jsonl")[1]
    assert failed.command(*arguments)[0] == 0  # as the last run did
    assert failed.names("*failed*") == {"people.failed.xlsx"}


def test_a_value_that_no_cell_holds_leaves_it_csv(world: World) -> None:
    world.write("mapping.toml", MAPPING)
    world.write("people.csv", HEADER + f"Ada,0501110099,no address,{'x' * 40_000}\n")
    run = world.run(*RUN)
    assert "a value of more than 32,767 characters" in run.stderr
    assert world.names("*failed*") == {"people.failed.csv"}


def test_a_json_list_keeps_its_objects(world: World) -> None:
    world.write(
        "people.jsonl", json.dumps({"first_name": "Ada", "email": "x" * 300 + "@e.example"})
    )
    run = world.run("people.jsonl", "--object", "contact", "--failed-as", "xlsx")
    assert "JSON Lines" in run.stderr
    assert "people.failed.jsonl" in world.names("*failed*")


def test_the_report_names_the_rows_that_are_in_it(failed: World) -> None:
    failed.crm.script("Zoe", refusal("validation_error", 422))
    page = failed.read("people.report.html")
    assert "people.failed.xlsx" in page
    people = page.partition('<p class="people">')[2].partition("</p>")[0]
    assert len(people.split(", ")) == len(BENT)


def test_what_came_from_a_spreadsheet_goes_back_with_a_mark(world: World) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(world.folder / "people.xlsx") as book:
        sheet = book.add_worksheet()
        for place, text in enumerate(["first_name", "email"]):
            sheet.write_string(0, place, text)
        sheet.write_row(1, 0, ["أمل", "amal@example.com"])
        sheet.write_row(2, 0, ["Bo", "x" * 300 + "@example.com"])
    world.run("people.xlsx", "--object", "contact").ended(1, created=1, invalid=1)
    for kind in ("success", "failed"):
        assert (world.folder / f"people.{kind}.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    world.run("people.failed.csv", "--object", "contact").ended(1, invalid=1)
    world.run("people.xlsx", "--object", "contact").ended(1, before=1, invalid=1)


def rewrite(path: Path, changes: dict[str, str]) -> None:
    """Change texts in a sheet, as a spreadsheet program would that saves the file."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet1.xml"
    text = parts[name].decode()
    for old, new in changes.items():
        assert f">{old}<" in text
        count = text.count(f">{old}<")
        for number in range(count):
            text = text.replace(f">{old}<", f">{number}{new}<", 1)
    parts[name] = text.encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in parts.items():
            archive.writestr(part, content)


def test_in_the_folder_of_the_list_it_is_no_list(failed: World) -> None:
    folder = (".", *RUN[1:], "--results", "people.results.jsonl")
    failed.run(*folder).ended(1, before=1, invalid=len(BENT))
    assert failed.has("people.failed.xlsx")
