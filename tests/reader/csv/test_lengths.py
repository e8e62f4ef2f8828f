"""Headers and rows that are longer or shorter than each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from importer import Rejected, read_rows
from importer.core.settings import ReadOptions
from importer.reader import detect_layout, find_sources, open_source

PEOPLE = [
    "Mona,Haddad,mona@example.com,050 123 4567",
    "Karl,Stein,karl@example.org,050 765 4321",
    "Ines,Costa,ines@example.net,055 222 3344",
]


def read(folder: Path, *lines: str) -> tuple[list[str], list[list[str] | None], list[str]]:
    """Return the columns, the cells of each row (None: refused) and the notices of a list."""
    path = folder / "list.csv"
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    rows = [
        None if isinstance(row, Rejected) else [str(value) for value in row.values.values()]
        for row in read_rows(path)
    ]
    [file] = find_sources((str(path),))
    with open_source(file, detect_layout(file, ReadOptions()), ReadOptions()) as reader:
        list(reader)
        return list(reader.columns or ()), rows, list(reader.notices)


@pytest.mark.parametrize("many", [2, 3])
@pytest.mark.parametrize(
    ("header", "columns", "told"),
    [
        ("First Name,Last Name,Email,Phone,", "First Name,Last Name,Email,Phone", "1 empty names"),
        ("First Name,Last Name,Age,Email,Phone", "column 1,column 2,column 3,column 4", "correct"),
        ("First Name,Email,Phone", "column 1,column 2,column 3,column 4", "correct"),
    ],
)
def test_a_header_with_another_number_of_names_than_the_rows_have_cells(
    tmp_path: Path, header: str, columns: str, told: str, many: int
) -> None:
    names, rows, notices = read(tmp_path, header, *PEOPLE[:many])

    assert names == columns.split(",")
    assert rows == [line.split(",") for line in PEOPLE[:many]]
    assert told in notices[0]


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ("Lena Roth,0507654321", ["Lena Roth", "0507654321", "", ""]),
        ("Lena Roth,0507654321,l@example.com", ["Lena Roth", "0507654321", "l@example.com", ""]),
        ("Lena Roth,l@example.com", None),
        ("0507654321,l@example.com", None),
        ("Lena Roth,05076543", None),
        ("Lena Roth,Dubai", None),
        ("Total,4", None),
        ("Lena Roth", None),
    ],
    ids=["two", "three", "one lost", "the first lost", "cut", "words", "a total", "one word"],
)
def test_a_short_row_of_a_small_list_is_read_if_only_its_end_can_be_missing(
    tmp_path: Path, line: str, cells: list[str] | None
) -> None:
    whole = ["Mona Haddad,0501234567,mona@example.com,Dubai"]
    whole += ["Omar Noor,0559998877,omar@example.com,Sharjah"]

    _, rows, _ = read(tmp_path, "Name,Phone,Email,City", whole[0], line, whole[1])

    assert rows == [whole[0].split(","), cells, whole[1].split(",")]


@pytest.mark.parametrize(
    ("line", "width"),
    [
        ("9,Lena Roth,+971501234567,Hot", 6),  # the last two columns are empty in all rows
        ("9,Lena Roth,+971501234567,Hot,", 6),
        ("9,Lena Roth,+1-555-0100,Hot", 6),  # one odd value says nothing of the row's end
        ("9,Lena Roth,+971501234567", 6),  # empty in some rows
        ("9,+971501234567,Hot,", None),
        ("9,Lena Roth,Hot,", None),
        ("Lena Roth,+971501234567,Hot", None),
    ],
)
def test_a_short_row_lacks_what_is_empty_in_the_others(
    tmp_path: Path, line: str, width: int | None
) -> None:
    rows = [
        f"{at},{name} Noor,+97150123456{at},{type_},,"
        for at, name in enumerate(("Mona", "Omar", "Ines", "Karl"), start=1)
        for type_ in ("Warm", "Hot", "")
    ]

    _, found, _ = read(tmp_path, "No,Name,Phone,Type,Owner,Remarks", *rows, line)

    cells = line.split(",")
    assert found[-1] == (None if width is None else cells + [""] * (width - len(cells)))


def test_two_short_rows_in_a_row_are_not_the_halves_of_one(tmp_path: Path) -> None:
    lines = ["Al Roe,Li,0501234567,a@example.com", "Bo,Fay,0507654321", "Cy,Kay"]
    lines += ["Di,Orr,0559998877,d@example.com"]

    _, rows, _ = read(tmp_path, "Name,Surname,Phone,Email", *lines)

    assert rows[1:3] == [["Bo", "Fay", "0507654321", ""], None]


def test_most_rows_may_lack_their_last_cells(tmp_path: Path) -> None:
    rows = [f"Lena Roth;05012345{at};p{at}@example.com" for at in range(10, 34)]
    rows[::3] = [f"{row};A1;2024-01-{at:02}" for at, row in enumerate(rows[::3], 1)]

    _, found, _ = read(tmp_path, "Name;Phone;Email;Group;Valid", *rows)

    assert found == [[*row.split(";"), "", ""][:5] for row in rows]


def test_cells_behind_the_last_column_are_refused(tmp_path: Path) -> None:
    lines = [f"{at};Lena Roth;p{at}@example.com;07/06/2026;14:{at:02}:25" for at in range(1, 9)]

    _, rows, notices = read(tmp_path, "N°;Name;Email;Date;Hour", *lines, f"{lines[0]};2025")

    assert (rows[-1], notices) == (None, [])


def test_cells_behind_a_last_column_of_texts_may_be_the_rest_of_one(tmp_path: Path) -> None:
    lines = [f"p{at}@example.com,050 123 45{at:02},met at fair {at}" for at in range(1, 9)]

    _, rows, _ = read(tmp_path, "Email,Phone,Notes", *lines, f"{lines[0]},two")

    assert rows[-1] is None


@pytest.mark.parametrize("rows", [2, 3])
def test_lines_about_a_list_that_are_filled_up_with_delimiters(tmp_path: Path, rows: int) -> None:
    above = ["Swim Club Members,,,,", "Season:,2024/25,,,", ",,,,"]
    header = "Name,Birthdate,Type,Email,Phone"
    people = [
        "Mona Haddad,1990-02-01,Senior,mona@example.com,050 123 4567",
        "Karl Stein,1979-11-17,Junior,karl@example.org,050 765 4321",
        "Ines Costa,1996-06-05,Junior,ines@example.net,055 222 3344",
    ][:rows]

    names, found, notices = read(tmp_path, *above, header, *people)

    assert names == header.split(",")
    assert found == [line.split(",") for line in people]
    assert notices == ["3 lines above the rows are skipped"]


def test_names_of_groups_above_those_of_columns(tmp_path: Path) -> None:
    names, rows, _ = read(tmp_path, "Person,,Contact,", "First,Last,Email,Phone", *PEOPLE[:2])

    assert names == ["Person First", "Person Last", "Contact Email", "Contact Phone"]
    assert rows == [line.split(",") for line in PEOPLE[:2]]


def test_a_header_with_gaps_above_a_first_row_of_words(tmp_path: Path) -> None:
    lines = ["Mona,Dubai,yes,n/a", "Karl,Bonn,no,050 765 4321"]

    names, rows, _ = read(tmp_path, "Name,Town,,Phone", *lines)

    assert names == ["Name", "Town", "column 3", "Phone"]
    assert rows == [line.split(",") for line in lines]
