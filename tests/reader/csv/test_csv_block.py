"""The fast way of reading gives the same rows as the exact one, or none."""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path
from typing import Literal

import polars as pl
import pytest
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from importer.core import keys
from importer.core.keys import digests_of
from importer.core.records import Rejected, Row
from importer.core.settings import ReadOptions
from importer.reader import Layout, SourceFile, batches, columnar, open_source
from importer.reader.csv.csv_block import CsvBlock, read_block
from importer.reader.csv.csv_format import csv_layout
from importer.reader.csv.reader import CsvReader
from importer.reader.text.chunks import ChunkStream, is_bytewise, regular_end

_TEXT = st.text(st.sampled_from('ab",;\n\r \té١\x1f\x7f\ufeff😀'), max_size=6)


@st.composite
def written_by_csv(draw: st.DrawFn) -> tuple[list[str], str]:
    """A header and the text that Python's csv module writes below it, sometimes damaged."""
    width = draw(st.integers(2, 4))
    rows = draw(st.lists(st.lists(_TEXT, min_size=width, max_size=width), min_size=1, max_size=7))
    out = io.StringIO(newline="")
    end = draw(st.sampled_from(["\n", "\r\n"]))
    quoting: Literal[0, 1] = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    csv.writer(out, lineterminator=end, quoting=quoting).writerows(rows)
    text = out.getvalue()
    if draw(st.booleans()):
        place = draw(st.integers(0, len(text)))
        text = (
            text[:place]
            + draw(st.sampled_from(['"', '""', ",", "\n", "x", "\r", "\r\n", "\0"]))
            + text[place:]
        )
    return [f"c{number}" for number in range(width)], text


def exact_rows(header: list[str], text: str) -> list[Row | Rejected]:
    stream = io.StringIO(",".join(header) + "\n" + text, newline="")
    return list(CsvReader(stream, source="s", max_row_bytes=10_000))


def block_of(header: list[str], text: str, **settings_: object) -> CsvBlock | None:
    arguments = {
        "source": "s", "header": header, "delimiter": ",",
        "encoding": "utf-8", "max_row_bytes": 10_000, **settings_,
    }  # fmt: skip
    block = read_block(text.encode(), **arguments)  # type: ignore[arg-type]
    if block is not None:
        block.line = 2
    return block


@settings(max_examples=examples(200))
@given(written_by_csv())
def test_a_block_has_the_rows_lines_and_hashes_of_the_exact_reader(
    written: tuple[list[str], str],
) -> None:
    header, text = written
    block = block_of(header, text)
    if block is None:
        return

    rows = [block.row(index) for index in range(len(block))]

    assert rows == exact_rows(header, text)
    assert list(block.hashes) == [keys.source_hash(row.values) for row in rows]
    assert block.lines == text.count("\n") + text.replace("\r\n", "").count("\r")


@settings(max_examples=examples(150))
@given(written_by_csv(), st.integers(8, 60))
def test_batches_are_what_iterating_yields_wherever_chunks_end(
    written: tuple[list[str], str], size: int
) -> None:
    header, text = written
    content = (",".join(header) + "\n" + text).encode()
    chunks = ChunkStream(io.BytesIO(content), "utf-8", size=size)
    reader = CsvReader(chunks, source="s", max_row_bytes=10_000)

    found = [(h, batch.row(n)) for batch in batches(reader) for n, h in enumerate(batch.hashes)]

    assert [row for _, row in found] == exact_rows(header, text)
    assert [h for h, _ in found] == [keys.source_hash_of(row) for _, row in found]


@settings(max_examples=examples(100))
@given(st.binary(max_size=200), st.integers(8, 40))
def test_chunks_give_the_text_of_the_file_line_by_line(content: bytes, size: int) -> None:
    chunks = ChunkStream(io.BytesIO(content), "utf-8", size=size)
    found = []
    while line := chunks.readline(10_000):
        found.append(line)

    assert "".join(found) == content.decode("utf-8", "vorel-keep")
    assert found == list(io.StringIO("".join(found), newline=""))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1,2\n3\n", "a short row"),
        ("1,2\n3,4,5\n", "a long row"),
        ("1,2,3\n4\n", "a long row and a short one that make up for it"),
        ("1,2\n\n3,4\n", "a blank line"),
        ("5'11\",2\n", "a stray quote"),
        ('"a"b,2\n', "text behind a closing quote"),
        ('a"b",2\n', "text before an opening quote"),
        ('a"b"c,2\n', "quotes within a cell"),
        ('1, "b"\n', "a space before quotes"),
        ('"a" ,2\n', "a space behind quotes"),
        ('"a,2\n', "a quote that stays open"),
        ('1,b"\n', "a quote at the end of a cell"),
        ('1,"b\n3,d\n5,f"\n', "a cell that may be two rows"),
        ('"a,b\nc,d\ne",2\n', "a cell that may be rows"),
        ("a\0,2\n", "a NUL"),
        ("a\rb,2\n", "a line end of another kind"),
        ("1,2", "no line end at the end"),
        ("\ufeffa,2\n", "a mark that polars would take away"),
        ("1,2\nConfidential Information - Do Not Distribute,\n", "a report's notice"),
        ("x" * 9999 + ",2\n", "a row that is too large"),
    ],
)
def test_what_is_not_regular_is_left_to_the_exact_reader(text: str, why: str) -> None:
    assert block_of(["a", "b"], text) is None, why


@pytest.mark.parametrize(
    "text",
    [
        '1,"b,b"\n', '"c","d"\r\n', '"say ""hi"", then",2\n', '"""a""",2\n', '1,"one\ntwo"\n',
        '"a\n",2\n"c\n",4\n',
    ],
)  # fmt: skip
def test_regular_quotes_are_read_as_a_whole(text: str) -> None:
    block = block_of(["a", "b"], text)

    assert block is not None
    assert [block.row(at) for at in range(len(block))] == exact_rows(["a", "b"], text)


def test_cells_in_single_quotes_are_left_to_the_exact_reader() -> None:
    header = ["a", "b", "c"]
    assert block_of(header, "1,b,2\n'12345',abc,'23456'\n") is None
    assert block_of(header, "1,O'Neil,2\n't Hooft,abc,5'\n") is not None


def test_what_polars_alone_finds_is_left_to_the_exact_reader_too() -> None:
    arguments = {"source": "s", "header": ["a", "b"], "delimiter": ",", "max_row_bytes": 10_000}

    assert read_block(b"\xff,2\n", encoding="utf-8", **arguments) is None  # type: ignore[arg-type]
    assert read_block(b"\x81,2\n", encoding="cp1252", **arguments) is None  # type: ignore[arg-type]
    arabic = read_block("\u0645,2\n".encode("cp1256"), encoding="cp1256", **arguments)  # type: ignore[arg-type]
    assert arabic is not None
    assert arabic.row(0).values == {"a": "\u0645", "b": "2"}


def test_one_column_is_left_to_the_exact_reader() -> None:
    assert block_of(["a"], "1\n2\n") is None


def test_a_chunk_ends_at_the_last_line_end_outside_quotes() -> None:
    assert regular_end(b'a,b\n"c\nd') == 4
    assert regular_end(b'a,b\n"c\nd",e\nf') == 12
    assert regular_end(b"no line end") == 0
    assert regular_end(b'"' + b"\n" * 100) == 0


def test_hashes_of_many_rows_are_those_of_each() -> None:
    texts = ["\u0661", 'x "y"', "\x1f", ""]

    found = columnar.sha256(pl.Series(texts))

    assert [*found] == [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    assert digests_of([*found]) == found.digests


@pytest.mark.parametrize(
    ("encoding", "whether"),
    [("utf-8", True), ("windows-1256", True), ("iso-8859-6", True), ("mac-roman", True),
     ("koi8-r", True), ("utf-16", False), ("shift_jis", False), ("gb18030", False)],
)  # fmt: skip
def test_encodings_in_which_a_byte_may_be_part_of_another_character_are_read_exactly(
    encoding: str, whether: bool
) -> None:
    assert is_bytewise(encoding) is whether


def test_a_file_with_one_damaged_place_is_read_fast_but_for_that_chunk(tmp_path: Path) -> None:
    lines = [f"{number},name {number},{'x' * 100}\n" for number in range(120_000)]
    lines[60_000] = '60000,"open,x\n'
    path = tmp_path / "list.csv"
    path.write_text("id,name,note\n" + "".join(lines), encoding="utf-8")
    file = SourceFile(name="list.csv", path=path)
    layout = Layout(format="csv", encoding="utf-8", details=csv_layout("", ReadOptions()))

    with open_source(file, layout, ReadOptions()) as reader:
        found = [
            (isinstance(batch, CsvBlock), batch.row(n))
            for batch in batches(reader)
            for n in range(len(batch))
        ]

    assert [row.number for _, row in found] == list(range(1, 120_001))
    assert [row.line for _, row in found] == list(range(2, 120_002))
    bad = [row for _, row in found if isinstance(row, Rejected)]
    assert [row.line for row in bad] == [60_002]
    assert sum(fast for fast, _ in found) > 60_000


QUOTED = "".join(f'"{number}","name ""{number}""","{"a, b" * 20}"\n' for number in range(20_000))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_file_with_everything_in_quotes_is_read_fast(end: str) -> None:
    content = ("id,name,note\n" + QUOTED).replace("\n", end).encode()
    reader = CsvReader(ChunkStream(io.BytesIO(content), "utf-8"), source="s", max_row_bytes=10_000)

    found = list(batches(reader))

    assert sum(map(len, found)) == 20_000
    assert sum(len(batch) for batch in found if isinstance(batch, CsvBlock)) > 19_000
    assert found[-1].row(len(found[-1]) - 1) == Row(
        number=20_000, line=20_001, source="s",
        values={"id": "19999", "name": 'name "19999"', "note": "a, b" * 20},
    )  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["1,2\n4,5,6\n", "1,2,\n4,5\n7,8,\n", '1,"2,2"\n4,5,6\n', '"1,1,1"\n4,5,6\n', "\n4,5,\n"],
)
def test_a_row_that_is_too_short_is_left_to_the_exact_reader(text: str) -> None:
    assert read_block(
        text.encode(), source="s", header=["a", "b", "c"], delimiter=",", encoding="utf-8",
        max_row_bytes=1000,
    ) is None  # fmt: skip
