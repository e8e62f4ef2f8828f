"""What holds for all files: what was written is read back, and every line is accounted for."""

from __future__ import annotations

import csv
import io
import json
import re
import tempfile
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from effort import examples
from hypothesis import assume, example, given, reject, settings
from hypothesis import strategies as st
from lists.polluted import write

from importer import ImporterError, Rejected, Row, read_rows
from importer.core.errors import SourceError
from importer.core.settings import ReadOptions
from importer.core.shared import FormatName
from importer.reader import CsvReader, JsonlReader, batches
from importer.reader.csv.csv_format import csv_layout
from importer.reader.csv.dialect import CsvDialect
from importer.reader.text import lines
from importer.reader.text.chunks import ChunkStream
from importer.reader.text.lines import LineReader

letters = st.characters(codec="utf-8")
cells = st.text(st.sampled_from("ab ,;\t|\"'\r\n\0\u2028") | letters, max_size=8)


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    width = draw(st.integers(1, 4))
    return draw(st.lists(st.lists(cells, min_size=width, max_size=width), max_size=6))


def is_rows_in_a_cell(table: list[list[str]], delimiter: str) -> bool:
    """A cell that holds whole rows looks like a quote left open: that is refused, not read."""
    return any(len(re.split(r"\r\n|\r|\n", cell)) > 2 for row in table for cell in row) and any(
        cell.count(delimiter) >= len(table[0]) - 1 for row in table for cell in row
    )


def filled(table: list[list[str]]) -> list[list[str]]:
    """Return the rows of a table without those of empty cells, which are skipped."""
    return [row for row in table if len(row) == 1 or any(cell.strip(" ") for cell in row)]


@settings(max_examples=examples(100))
@given(
    tables(),
    st.sampled_from(",;\t|:"),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_what_csv_writer_writes_is_read_back(
    table: list[list[str]], delimiter: str, end: str, quoting: Any
) -> None:
    assume(not table or not is_rows_in_a_cell(table, delimiter))
    # Before Python 3.13 csv.writer quotes no line end but its own.
    others = set("\r\n") - set(end)
    assume(quoting == csv.QUOTE_ALL or not any(others & set(cell) for row in table for cell in row))
    width = len(table[0]) if table else 1
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerows([[f"c{n}" for n in range(width)], *table])
    reader = CsvReader(
        io.StringIO(text.getvalue(), newline=""),
        source="s",
        dialect=CsvDialect(delimiter=delimiter),
        max_row_bytes=1024 * 1024,
    )
    assert [[*row.values.values()] if isinstance(row, Row) else row for row in reader] == filled(
        table
    )


dialects = st.builds(
    CsvDialect,
    delimiter=st.sampled_from([",", ";", "\t", "|", ":", "^", " ", "||", ";;", ", ", "<>"]),
    quote=st.sampled_from(['"', "'"]),
    escape=st.sampled_from(["", "\\"]),
)


@settings(max_examples=examples(150))
@given(tables(), dialects, st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
def test_what_is_written_in_any_dialect_is_read_back(
    table: list[list[str]], dialect: CsvDialect, end: str, everything: bool
) -> None:
    assume(not table or not is_rows_in_a_cell(table, dialect.delimiter))
    width = len(table[0]) if table else 1
    text = write(
        [[f"c{n}" for n in range(width)], *table],
        delimiter=dialect.delimiter,
        quote=dialect.quote,
        escape=dialect.escape,
        end=end,
        everything=everything or width == 1,
    )
    stream = io.StringIO(text, newline="")
    reader = CsvReader(stream, source="s", max_row_bytes=1024 * 1024, dialect=dialect)
    assert [[*row.values.values()] if isinstance(row, Row) else row for row in reader] == filled(
        table
    )


pieces_of_a_list = st.lists(
    st.sampled_from([
        "a,b,c\n", "1,Al,2020-01-02\n", "2,Bo,2021-11-12\n", "3,Cy,2022-12-22\n", "\n", "  \r\n",
        "1;Al;2020-01-02\n", "Total: 3\n", "# x\n", "-- end --", "4,Di\n", "5,Ed,2020-02-02,,\n",
        '"6,Flo,\n', '7,"Al "x" y",2020-01-01\n', '8,"Li\nlo",2020-01-01\n', "x, y, z\n",
        "9, Al, 2020-01-01\n", "'1','Al','2020-01-02'\n", "List of all\n", '"', ",", "\r",
        "sep=;\n", "é", "\0", "|", "a,b,c\n", "a,b,c,,\n", "Total,,7\n", "Kay,Name,Day\n",
    ]),
    max_size=60,
)  # fmt: skip


@settings(max_examples=examples(200))
@given(pieces_of_a_list, st.sampled_from(["", "#"]), st.sampled_from([None, 0, 1, 2]))
def test_every_line_is_a_row_or_counted_as_what_it_is(
    pieces: list[str], comment: str, header_rows: int | None
) -> None:
    text = "".join(pieces)
    options = ReadOptions(comment=comment or None, header_rows=header_rows)
    try:
        reader = csv_layout(text, options).open(
            io.StringIO(text, newline=""), source="s", max_row_bytes=1024 * 1024
        )
    except SourceError:
        reject()
    assert isinstance(reader, CsvReader)
    rows = list(reader)
    physical = list(io.StringIO(text, newline=""))
    kept = reader.skipped.total
    for row in rows:
        if isinstance(row, Row):
            kept += 1 + sum(len(re.findall(r"\r\n|\r|\n", str(c))) for c in row.values.values())
        else:
            kept += max(1, len(list(io.StringIO(row.raw, newline=""))))
    assert kept == len(physical)
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))


@settings(max_examples=examples(60))
@given(pieces_of_a_list, st.integers(30, 300))
@example(["sep=;\n", "Total,,7\n"], 36)
def test_batches_are_what_iterating_yields_whatever_the_form(pieces: list[str], size: int) -> None:
    good = [f"{n},Al,20{n}-01-02\n" for n in range(10, 40)]
    half = len(pieces) // 2
    text = "".join(["a,b,c\n", *good, *pieces[:half], "\n", *good, *pieces[half:], "\n", *good])
    layout = csv_layout(text, ReadOptions())
    chunks = ChunkStream(io.BytesIO(text.encode()), "utf-8", size=size)
    exact, mixed = (
        layout.open(stream, source="s", max_row_bytes=10_000)
        for stream in (io.StringIO(text, newline=""), chunks)
    )

    found = [batch.row(n) for batch in batches(mixed) for n in range(len(batch))]

    assert found == list(exact)
    assert mixed.notices == exact.notices


@settings(max_examples=examples(150))
@given(st.lists(st.sampled_from(['"', ",", "\n", "\r", "\r\n", "ab", "x" * 700, "é"]), max_size=40))
@example(["ab", "\n", '"', "x" * 700, "\n", "x" * 700, "\n", '"'])
def test_every_line_of_a_csv_file_is_accounted_for(pieces: list[str]) -> None:
    text = "a,b\n" + "".join(pieces)
    physical = list(io.StringIO(text, newline=""))
    reader = CsvReader(io.StringIO(text, newline=""), source="s", max_row_bytes=1024)
    rows = list(reader)
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    ends = [*(row.line for row in rows[1:]), len(physical) + 1]
    kept = 1 + reader.skipped.blank  # the header, and blank lines
    for row, end in zip(rows, ends, strict=False):
        assert row.line < end
        taken = 1
        if isinstance(row, Row):
            taken += sum(len(re.findall(r"\r\n|\r|\n", str(c))) for c in row.values.values())
        elif row.error.code != "row_too_large":
            assert "".join(physical[row.line - 1 :]).startswith(row.raw)
            taken = len(list(io.StringIO(row.raw, newline="")))
        kept += taken
    assert kept == len(physical)


@settings(max_examples=examples(80))
@given(st.binary(max_size=300), st.sampled_from([None, "windows-1252", "utf-16", "shift_jis"]))
@example(b"a,b\n\xff\xfe", None)
@example(b"\xff\xfea", None)
def test_no_bytes_make_the_reader_crash(data: bytes, encoding: str | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list"
        path.write_bytes(data)
        for kind in ("csv", "jsonl", None):
            try:
                rows = list(read_rows(path, encoding=encoding, format=kind))
            except ImporterError as error:
                assert error.exit_code == 2  # noqa: PT017
            else:
                assert [row.number for row in rows] == list(range(1, len(rows) + 1))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(letters) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(letters), inner),
    max_leaves=8,
).filter(lambda value: "Infinity" not in json.dumps(value))


@settings(max_examples=examples(40))
@given(
    st.lists(st.dictionaries(st.text(letters).map("n{}".format), json_values, max_size=4)),
    st.booleans(),
    st.sampled_from(["\n", "\r\n"]),
)
def test_what_a_json_dumper_writes_is_read_back(
    objects: list[dict[str, Any]], escaped: bool, end: str
) -> None:
    text = end.join(json.dumps(value, ensure_ascii=escaped) for value in objects)
    reader = JsonlReader(io.StringIO(text, newline=""), source="s", max_row_bytes=1024 * 1024)
    assert [row.values if isinstance(row, Row) else row for row in reader] == objects


@given(st.text("ab\r\n", max_size=60), st.integers(1, 9))
def test_lines_are_cut_at_their_ends_whatever_the_limit(text: str, limit: int) -> None:
    reader = LineReader(io.StringIO(text, newline=""), limit)
    found = list(iter(reader.read, ""))
    whole = re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text)
    assert len(found) == len(whole)
    for line, expected in zip(found, whole, strict=True):
        too_large = len(expected.rstrip("\r\n")) > limit
        assert (len(line.rstrip("\r\n")) > limit) == too_large
        assert expected.startswith(line)
        assert too_large or line == expected


PATHOLOGICAL = {
    "an open quote in each tenth row": ["1,Bob,x\n"] * 9 + ['1,"Bob,x\n'],
    "a quote closed and one opened in each row": ['1,x",b,"y\n'],
    "the same in each tenth row": ["1,Bob,x\n"] * 9 + ['1,x",b,"y\n'],
}


@pytest.mark.parametrize("name", PATHOLOGICAL)
def test_open_quotes_everywhere_do_not_make_reading_quadratic(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With rationing as tight as this, 4,000 rows take 20 looks each; without, millions."""
    monkeypatch.setattr(lines, "_FIRST_CREDIT", 64 * 1024)
    monkeypatch.setattr(lines, "_ALWAYS_ALLOWED", 256)
    block = PATHOLOGICAL[name]
    text = "a,b,c\n" + "".join(block) * (4000 // len(block))
    reader = CsvReader(io.StringIO(text, newline=""), source="s", max_row_bytes=1024 * 1024)
    taken = 0
    take = lines.RecordLines.__next__

    def counted(records: lines.RecordLines) -> str:
        nonlocal taken
        taken += 1
        return take(records)

    monkeypatch.setattr(lines.RecordLines, "__next__", counted)
    assert sum(1 for _ in reader) == 4000
    assert taken < 200_000


def peak_of_reading(path: Path, megabytes: int, kind: FormatName) -> int:
    with path.open("w", encoding="ascii") as file:
        file.write("a,b\n")
        for _ in range(megabytes):
            file.write("x" * 1_000_000)
    tracemalloc.start()
    rows = list(read_rows(path, format=kind))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(rows[-1], Rejected)
    assert rows[-1].error.code == "row_too_large"
    return peak


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_memory_is_bounded_by_the_row_and_not_by_the_file(tmp_path: Path, kind: FormatName) -> None:
    small = peak_of_reading(tmp_path / "list", 20, kind)
    large = peak_of_reading(tmp_path / "list", 80, kind)
    assert large < small + 5_000_000
