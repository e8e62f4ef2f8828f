"""CSV: each record as written, or a typed error with the line it begins on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from importer import Rejected, Row, read_rows
from importer.reader.csv.header import distinct_columns


def read(folder: Path, data: bytes | str, **overrides: Any) -> list[Row | Rejected]:
    path = folder / "list.csv"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return list(read_rows(path, **overrides))


def seen(rows: list[Row | Rejected]) -> list[tuple[int, object]]:
    """Shorten rows to (line, cells) and rejections to (line, code)."""
    return [
        (row.line, row.error.code if isinstance(row, Rejected) else [*row.values.values()])
        for row in rows
    ]


BAD, LARGE, ENCODING = "malformed_row", "row_too_large", "encoding_error"

RECORDS: list[tuple[str, str, list[tuple[int, object]]]] = [
    ("LF", "a,b\n1,2\n3,4\n", [(2, ["1", "2"]), (3, ["3", "4"])]),
    ("CRLF", "a,b\r\n1,2\r\n3,4\r\n", [(2, ["1", "2"]), (3, ["3", "4"])]),
    ("CR", "a,b\r1,2\r3,4\r", [(2, ["1", "2"]), (3, ["3", "4"])]),
    ("mixed ends", "a,b\r\n1,2\r3,4\n5,6", [(2, ["1", "2"]), (3, ["3", "4"]), (4, ["5", "6"])]),
    ("no last end", "a,b\n1,2", [(2, ["1", "2"])]),
    ("header only", "a,b\n", []),
    ("header only, no end", "a,b", []),
    ("quoted line end", 'a,b\n"1\n1",2\n3,4\n', [(2, ["1\n1", "2"]), (4, ["3", "4"])]),
    ("quoted CRLF", 'a,b\r\n"1\r\n1",2\r\n3,4', [(2, ["1\r\n1", "2"]), (4, ["3", "4"])]),
    ("quoted CR", 'a,b\n"1\r1",2\n3,4', [(2, ["1\r1", "2"]), (4, ["3", "4"])]),
    ("quoted header", '"a\na",b\n1,2\n', [(3, ["1", "2"])]),
    ("doubled quotes", 'a,b\n"say ""hi""",2\n', [(2, ['say "hi"', "2"])]),
    ("blank lines", "\n\na,b\n\n1,2\n   \n3,4\n\n", [(5, ["1", "2"]), (7, ["3", "4"])]),
    ("spaces kept", "a,b\n 1 , 2 \n", [(2, [" 1 ", " 2 "])]),
    ("rows of empty cells", 'a,b\n,\n1,2\n , \n"",\n,,,\n3,\n', [(3, ["1", "2"]), (7, ["3", ""])]),
    ("tabs are cells", "a\tb\n1\t2\n\t\n3\t\n", [(2, ["1", "2"]), (4, ["3", ""])]),
    ("one column", "a\n1\n\n  \n2\n", [(2, ["1"]), (4, ["  "]), (5, ["2"])]),
    ("one column, empty cell", 'a\n""\n1\n', [(2, [""]), (3, ["1"])]),
    ("sep line", "sep=;\na;b\n1;2\n", [(3, ["1", "2"])]),
    ("quoted sep line", '"sep=|"\r\na|b\r\n1|2\r\n', [(3, ["1", "2"])]),
    ("short row", "a,b,c\n1,2\n3,4,5\n", [(2, BAD), (3, ["3", "4", "5"])]),
    ("long row", "a,b\n1,2,\n3,4\n", [(2, BAD), (3, ["3", "4"])]),
    ("stray quote", "a,b\n5'11\",2\n3,4\n", [(2, ["5'11\"", "2"]), (3, ["3", "4"])]),
    ("text behind a quote", 'a,b\n"1"x,2\n3,4\n', [(2, BAD), (3, ["3", "4"])]),
    ("NUL", "a,b\n1\0,2\n", [(2, ["1\0", "2"])]),
    ("line separators", "a,b\n1\u2028\x0b,\x85\n", [(2, ["1\u2028\x0b", "\x85"])]),
    ("only spaces Unicode has", "a,b\n\u3000\n1,2\n", [(3, ["1", "2"])]),
    ("open quote", 'a,b\n"1,2\n3,4\n5,6\n', [(2, BAD), (3, ["3", "4"]), (4, ["5", "6"])]),
    ("open quote, later quotes", 'a,b\n1,"2\n"3",4\n', [(2, BAD), (3, ["3", "4"])]),
    ("open quote, last row", 'a,b\n1,2\n3,"4\n', [(2, ["1", "2"]), (3, BAD)]),
    ("two open quotes", 'a,b\n1,"2\n3,4\n5,"6\n', [(2, BAD), (3, ["3", "4"]), (4, BAD)]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "expected"), [case[1:] for case in RECORDS], ids=[c[0] for c in RECORDS]
)
def test_records(tmp_path: Path, data: str, expected: list[tuple[int, object]]) -> None:
    assert seen(read(tmp_path, data)) == expected


def test_rows_are_numbered_with_the_refused_among_them(tmp_path: Path) -> None:
    rows = read(tmp_path, "a,b\n1\n\n3,4\n")
    assert [(row.number, row.line, row.source) for row in rows] == [
        (1, 2, str(tmp_path / "list.csv")),
        (2, 4, str(tmp_path / "list.csv")),
    ]


def test_a_ragged_row_says_how_many_cells_it_has(tmp_path: Path) -> None:
    [row] = read(tmp_path, "a,b,c\n1,2\r\n")
    assert isinstance(row, Rejected)
    assert row.error.message == "3 cells expected, as in the header, and only 2 found"
    assert row.raw == "1,2"
    assert row.error.hint


def test_an_open_quote_that_a_far_one_would_close_swallows_no_row(tmp_path: Path) -> None:
    """By the quotes, lines 3 to 6 are one record of three cells."""
    data = "id,name,height\n1,Al,6'\n2,\"Bob,5'\n3,Cy,5'\n4,Di,6'\n5,Ed 5'11\",x\n6,Flo,6'\n"
    rows = read(tmp_path, data)
    assert [row.line for row in rows] == [2, 3, 4, 5, 6, 7]
    assert seen(rows)[0] == (2, ["1", "Al", "6'"])
    assert seen(rows)[-1] == (7, ["6", "Flo", "6'"])
    assert [row.raw for row in rows if isinstance(row, Rejected)] == data.splitlines()[2:6]


def test_rows_between_an_open_quote_and_a_closing_one_elsewhere_are_read(tmp_path: Path) -> None:
    data = 'id,name,height\n1,Bob,"5\n2,Cy,6\n3,Di",7\n4,Ed,7\n'
    assert seen(read(tmp_path, data)) == [
        (2, BAD),
        (3, ["2", "Cy", "6"]),
        (4, ["3", 'Di"', "7"]),
        (5, ["4", "Ed", "7"]),
    ]


def test_a_note_with_line_ends_and_delimiters_stays_one_cell(tmp_path: Path) -> None:
    note = "Dear Al,\ncome, eat\nand, drink"
    rows = read(tmp_path, f'id,name,note\n1,Al,"{note}"\n2,Bo,x\n')
    assert seen(rows) == [(2, ["1", "Al", note]), (5, ["2", "Bo", "x"])]


def test_a_record_of_several_lines_with_too_many_cells_is_refused_whole(tmp_path: Path) -> None:
    rows = read(tmp_path, 'a,b,c\n1,"x\ny",2,3\n4,5,6\n')
    assert seen(rows) == [(2, BAD), (4, ["4", "5", "6"])]
    assert isinstance(rows[0], Rejected)
    assert rows[0].raw == '1,"x\ny",2,3'


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("excess", [0, 1, 2, 3, 1023, 1024, 1025, 1026, 5000])
def test_a_row_over_the_limit_is_refused_and_the_next_ones_are_read(
    tmp_path: Path, end: str, excess: int
) -> None:
    long = "x" * (1024 + excess - len("1,"))
    rows = read(tmp_path, f"a,b{end}1,{long}{end}3,4{end}5,6", max_row_bytes=1024)
    assert seen(rows) == [
        (2, ["1", long] if excess == 0 else LARGE),
        (3, ["3", "4"]),
        (4, ["5", "6"]),
    ]


def test_a_row_too_large_within_its_quotes_is_refused(tmp_path: Path) -> None:
    rows = read(tmp_path, f'a,b\n1,"{"x" * 2000}"\n3,4\n', max_row_bytes=1024)
    assert seen(rows) == [(2, LARGE), (3, ["3", "4"])]
    assert isinstance(rows[0], Rejected)
    assert rows[0].error.hint


def test_a_row_too_large_over_many_lines_does_not_end_the_file(tmp_path: Path) -> None:
    lines = "some text\n" * 200
    rows = read(tmp_path, f'a,b\n1,"{lines}"\n3,4\n', max_row_bytes=1024)
    assert seen(rows)[0] == (2, LARGE)
    assert seen(rows)[-1] == (203, ["3", "4"])
    assert {code for _, code in seen(rows)[1:-1]} == {BAD}


def test_an_open_quote_before_more_rows_than_the_limit_holds_costs_one_row(tmp_path: Path) -> None:
    rows = read(tmp_path, 'a,b,c\n1,"2,3\n' + "4,5,6\n" * 1000, max_row_bytes=1024)
    assert seen(rows) == [(2, BAD), *((line, ["4", "5", "6"]) for line in range(3, 1003))]


def test_what_is_kept_of_a_large_row_is_bounded(tmp_path: Path) -> None:
    [row] = read(tmp_path, "a,b\n" + "x" * 2_000_000 + "\n")
    assert isinstance(row, Rejected)
    assert len(row.raw) == 64 * 1024


def test_bytes_not_in_the_encoding_refuse_their_own_row_alone(tmp_path: Path) -> None:
    rows = read(tmp_path, "a,b\né,1\n".encode() + b"x\xe9,2\n" + "ü,3\n".encode())
    assert seen(rows) == [(2, ["é", "1"]), (3, ENCODING), (4, ["ü", "3"])]
    assert isinstance(rows[1], Rejected)
    assert "0xe9" in rows[1].error.message
    assert "character 2" in rows[1].error.message


def test_own_columns_are_left_out(tmp_path: Path) -> None:
    rows = read(tmp_path, "a,vorel_row,b,vorel_hint\n1,9,2,help\n")
    assert [row.values for row in rows if isinstance(row, Row)] == [{"a": "1", "b": "2"}]


def test_a_raw_text_nobody_has_put_into_columns_stays_refused(tmp_path: Path) -> None:
    rows = read(tmp_path, 'a,b,vorel_raw\n,,"1,2,""3"\n1,2,"1,2,3"\n')
    assert seen(rows) == [(2, BAD), (3, ["1", "2"])]
    assert isinstance(rows[0], Rejected)
    assert rows[0].raw == '1,2,"3'


def test_the_hint_of_a_row_without_columns_says_where_to_correct_its_failed_file(
    tmp_path: Path,
) -> None:
    of_list, of_failed = (
        read(tmp_path, "a,b\n1,2,3\n"),
        read(tmp_path, 'a,b,vorel_raw\n,,"1,2,3"\n'),
    )
    for row in (*of_list, *of_failed):
        assert isinstance(row, Rejected)
        assert "fill its columns from vorel_raw" in (row.error.hint or "")


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ([" a ", "b"], ["a", "b"]),
        (["a", "", "  "], ["a", "column 2", "column 3"]),
        (["a", "a", "a"], ["a", "a (2)", "a (3)"]),
        (["a", "a", "a (2)"], ["a", "a (2)", "a (2) (2)"]),
        (["a (2)", "a", "a"], ["a (2)", "a", "a (3)"]),
        (["column 2", ""], ["column 2", "column 2 (2)"]),
        ([], []),
    ],
)
def test_columns_are_made_distinct(header: list[str], names: list[str]) -> None:
    assert distinct_columns(header)[0] == names


def test_a_renamed_column_is_told() -> None:
    assert distinct_columns(["a", " a"])[1] == ["column 2 ('a') is named 'a (2)' here"]


def test_thousands_of_equal_columns_are_named_at_once() -> None:
    assert len(distinct_columns(["a"] * 20_000)[0]) == 20_000


ADDRESSES = 'Kind,Name,Address\nx,Ann,"Main 1, Kent"\ny,Ben,"Main 2, Kent"\nx,Cleo,Main 3\n'


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        ("x,Dan,Main 4, Kent", ["x", "Dan", "Main 4, Kent"]),
        ("x,Dan,Main 4, Old Inn, Kent", ["x", "Dan", "Main 4, Old Inn, Kent"]),
        ("x,Probe, Dan,Main 4", ["x", "Probe, Dan", "Main 4"]),
    ],
)
def test_cells_too_many_that_begin_with_a_space_belong_to_those_before_them(
    tmp_path: Path, row: str, cells: list[str]
) -> None:
    last = read(tmp_path, f"{ADDRESSES}{row}\n")[-1]
    assert (list(last.values.values()) if isinstance(last, Row) else None) == cells


def test_values_that_begin_with_a_space_show_nothing_of_cells_too_many(tmp_path: Path) -> None:
    rows = "a,b,c\nx, Ann,Kent\ny, Ben,Kent\nx, Cleo,Kent\nx, Dan,Kent, Old Inn\n"
    assert isinstance(read(tmp_path, rows)[-1], Rejected)


def test_a_first_column_that_counts_the_rows_needs_no_name(tmp_path: Path) -> None:
    rows = "".join(f"{at},{name},{name}@example.com\n" for at, name in enumerate("abcd", 1))
    first = read(tmp_path, f"name,email\n{rows}")[0]
    assert isinstance(first, Row)
    assert first.values == {"column 1": "1", "name": "a", "email": "a@example.com"}


def test_a_first_column_that_does_not_count_may_be_any_column(tmp_path: Path) -> None:
    rows = "".join(f"{at * 7},{name},{name}@example.com\n" for at, name in enumerate("abcd", 1))
    first = read(tmp_path, f"name,email\n{rows}")[0]
    assert isinstance(first, Row)
    assert list(first.values) == ["column 1", "column 2", "column 3"]
