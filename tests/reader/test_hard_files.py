"""Files that cost a careless reader minutes or a crash, and rows that only the exact way tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from importer import Rejected, Row, read_rows
from importer.core.settings import ReadOptions
from importer.reader import CsvReader, batches, detect_layout, find_sources, open_source

WIDE = [f"c{number}" for number in range(1200)]


def read(path: Path, data: bytes) -> list[Row | Rejected]:
    path.write_bytes(data)
    return list(read_rows(path))


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        (b"a,b\n" + b"x" * 300_000 + b"\n1,\xe9\n", 2),
        (b"a,b\n" + b",'a" * 100_000 + b"\n1,2\n", 2),
    ],
    ids=["a long line, and a byte that is not UTF-8", "quotes that open and never close"],
)
def test_a_long_line_is_looked_at_in_proportion_to_its_length(
    tmp_path: Path, data: bytes, rows: int
) -> None:
    """A pattern that is tried at each byte anew would take minutes to hours here."""
    assert len(read(tmp_path / "list.csv", data)) <= rows


def test_a_cell_too_many_in_a_row_of_1200(tmp_path: Path) -> None:
    row = ",".join(str(number) for number in range(1200))
    text = "\n".join([",".join(WIDE), *[row] * 12, f"{row},1200", ""])
    rows = read(tmp_path / "list.csv", text.encode())
    assert [isinstance(row, Row) for row in rows] == [True] * 12 + [False]


def test_empty_cells_too_many_in_a_row_of_300(tmp_path: Path) -> None:
    rows = [",".join(["a"] * 300), "b" + "," * 299] * 12
    text = "\n".join([",".join(WIDE[:300]), *rows, "b" + "," * 303, ""])
    last = read(tmp_path / "list.csv", text.encode())[-1]
    assert isinstance(last, Row)
    assert set(last.values.values()) == {"b", ""}


def both_ways(path: Path, **options: object) -> tuple[CsvReader, list[object], list[object]]:
    """Read a file of several chunks the fast way where it can be, and the exact way."""
    [file] = find_sources((str(path),))
    stated = ReadOptions(**options)  # type: ignore[arg-type]
    layout = detect_layout(file, stated)
    with open_source(file, layout, stated) as reader:
        exact: list[object] = list(reader)
        notices = reader.notices
    with open_source(file, layout, stated) as reader:
        mixed: list[object] = [
            batch.row(number) for batch in batches(reader) for number in range(len(batch))
        ]
        assert isinstance(reader, CsvReader)
        assert reader.notices == notices
        return reader, mixed, exact


HEADER = "رقم;اسم;مدينة;هاتف\n"
ROWS = "".join(f"{n};ليلى;دبي;050{n:07}\n" for n in range(10_000, 15_000))


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1256"])
def test_the_header_far_down_is_no_row_whatever_the_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes((HEADER + ROWS + HEADER + ROWS).encode(encoding))
    reader, mixed, exact = both_ways(path, encoding=encoding)
    assert mixed == exact
    assert len(mixed) == 10_000
    assert reader.skipped.header == 2


@pytest.mark.parametrize(
    ("line", "rows", "footers"),
    [
        ("Nr;Name;Ort;Telefon\n", 5001, 0),
        ('"رقم";اسم;مدينة;هاتف\n', 5000, 0),
        ("Total;;;9\n", 5000, 1),
    ],
    ids=["names of another table", "the header in quotes", "a total"],
)
def test_what_is_no_row_is_none_the_fast_way_either(
    tmp_path: Path, line: str, rows: int, footers: int
) -> None:
    path = tmp_path / "list.csv"
    path.write_text(HEADER + ROWS + line, encoding="utf-8")
    reader, mixed, exact = both_ways(path)
    assert mixed == exact
    assert len(mixed) == rows
    assert sum(isinstance(row, Rejected) for row in mixed) == rows - 5000
    assert reader.skipped.footer == footers
