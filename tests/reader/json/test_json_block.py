"""The fast way of reading JSON Lines gives the hashes and rows of the exact one, or none."""

from __future__ import annotations

import io
import json
from typing import Any

import polars as pl
import pytest
from effort import examples
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lists.json_writers import DUMPERS

from importer.core import keys
from importer.core.locale.message import Message
from importer.core.records import Rejected, Row
from importer.reader import batches
from importer.reader.json.json_block import JsonBlock, read_json_block
from importer.reader.json.jsonl_reader import JsonlReader
from importer.reader.json.row_parser import RowParser
from importer.reader.row_maker import RowMaker
from importer.reader.text.chunks import ChunkStream, line_end

LIMIT = 10_000
HINT = Message("Write one JSON object on this line.")


def exact_rows(text: str) -> list[Row | Rejected]:
    return list(JsonlReader(io.StringIO(text, newline=""), source="s", max_row_bytes=LIMIT))


def block_of(text: str) -> JsonBlock | None:
    parser = RowParser(maker=RowMaker("s"), max_row_bytes=LIMIT, hint=HINT)
    return read_json_block(text.encode(), encoding="utf-8", max_row_bytes=LIMIT, parse=parser.parse)


def assert_same(block: JsonBlock, text: str) -> None:
    exact = exact_rows(text)
    assert [block.row(index) for index in range(len(block))] == exact
    assert list(block.hashes) == [keys.source_hash_of(row) for row in exact]
    assert block.lines == text.count("\n")


texts = st.text(st.sampled_from('ab"\\/,:{}\n\r\t \x00\x1f\x7fé١\u2028\ufeff😀') | st.characters())
fractions = st.decimals(-(10**8), 10**8, places=7).map(float) | st.floats(-1, 1) | st.floats()
numbers = st.integers() | st.integers(-(10**19), 10**19) | st.sampled_from([0, 25.0, -0.0, 0.5])
KINDS: list[st.SearchStrategy[Any]] = [
    texts, st.integers(-(2**63), 2**63), fractions | numbers, st.booleans(), st.lists(texts),
    st.none() | texts, st.none() | fractions, st.none() | st.booleans(),
    st.fixed_dictionaries({"z": st.none() | texts, "y": st.integers(0, 9)}),
    st.fixed_dictionaries({"x": st.none()}), st.lists(st.integers()),
]  # fmt: skip
names = st.sampled_from(["a", "b", "é", "😀", "\uff5e", 'q"', "n\n", "vorel_row", ""]) | texts


@st.composite
def objects(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Objects as programs write them: alike, but for some members that are missing or differ."""
    columns = draw(st.dictionaries(names, st.sampled_from(KINDS), min_size=1, max_size=5))
    rows = [
        {name: draw(values) for name, values in columns.items()}
        for _ in range(draw(st.integers(1, 6)))
    ]
    for row in rows:
        if draw(st.integers(0, 4)) == 0 and len(row) > 1:
            del row[draw(st.sampled_from(list(row)))]
        if draw(st.integers(0, 6)) == 0:
            row[draw(names)] = draw(draw(st.sampled_from(KINDS)))
    return rows


@settings(max_examples=examples(200))
@given(objects(), st.sampled_from(list(DUMPERS)), st.sampled_from(["\n", "\r\n"]))
@example([{"a": -0.0}, {"a": 1e-5}, {"a": 0.00012}, {"a": 25.0}], "json", "\n")
@example([{"a": {"x": None}}, {"a": {"x": None}}], "json", "\n")
@example([{"b": 1, "a": ',"c":null'}, {"b": 1, "a": "", "c": 1.5}], "json", "\n")
def test_a_block_has_the_rows_and_hashes_of_the_exact_reader(
    rows: list[dict[str, Any]], dumper: str, end: str
) -> None:
    text = "".join(DUMPERS[dumper](row) + end for row in rows)
    try:
        text.encode()
    except UnicodeEncodeError:
        return  # half a surrogate pair stands in no file of UTF-8
    block = block_of(text)
    if block is not None:
        assert_same(block, text)


@settings(max_examples=examples(150))
@given(objects(), st.data())
def test_damaged_lines_are_read_and_hashed_as_the_exact_reader_does(
    rows: list[dict[str, Any]], data: st.DataObject
) -> None:
    lines = [json.dumps(row) for row in rows] * 3
    place = data.draw(st.integers(0, len(lines) - 1))
    cut = data.draw(st.integers(0, len(lines[place])))
    more = data.draw(
        st.sampled_from(["", '"', ",", "x", "\\", "\\ud800", "{}", " ", "\r", "\0", "1e5", "]"])
    )
    lines[place] = lines[place][:cut] + more + lines[place][cut + data.draw(st.integers(0, 2)) :]
    text = "".join(line + "\n" for line in lines)
    block = block_of(text)
    if block is not None:
        assert_same(block, text)


@settings(max_examples=examples(100))
@given(objects(), st.integers(8, 200), st.lists(st.sampled_from(["", "x", " ", "\r"]), max_size=2))
def test_batches_are_what_iterating_yields_wherever_chunks_end(
    rows: list[dict[str, Any]], size: int, others: list[str]
) -> None:
    text = "\n".join([*map(json.dumps, rows), *others, *map(json.dumps, rows)])
    content = text.encode()
    reader = JsonlReader(
        ChunkStream(io.BytesIO(content), "utf-8", size=size, cut=line_end),
        source="s",
        max_row_bytes=LIMIT,
    )

    found = [(h, batch.row(n)) for batch in batches(reader) for n, h in enumerate(batch.hashes)]

    exact = exact_rows(text)
    assert [row for _, row in found] == exact
    assert [h for h, _ in found] == [keys.source_hash_of(row) for row in exact]


PEOPLE = [
    {
        "id": number, "name": f"Aïsha “{number}” \\ / Müller 😀", "phone": f"050-{number}",
        "age": None if number % 7 == 0 else number % 90, "budget": number / 4,
        "vip": number % 3 == 0,
        "tags": ["a", "b"][: number % 3], "address": {"zip": None, "city": "دبي"},
    }
    for number in range(1, 400)
]  # fmt: skip


@pytest.mark.parametrize("dumper", list(DUMPERS))
def test_what_dumpers_write_is_read_fast(dumper: str) -> None:
    text = "".join(DUMPERS[dumper](row) + "\n" for row in PEOPLE)
    block = block_of(text)

    assert block is not None
    assert not block.odd
    assert_same(block, text)


def test_what_polars_writes_is_read_fast() -> None:
    text = pl.DataFrame(PEOPLE).write_ndjson()
    block = block_of(text)

    assert block is not None
    assert not block.odd
    assert_same(block, text)


def test_members_that_some_objects_lack_are_told_from_null() -> None:
    rows = [
        {name: value for name, value in row.items() if value is not None and name != "budget"}
        for row in PEOPLE
    ]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    block = block_of(text)

    assert block is not None
    assert not block.odd
    assert_same(block, text)


@pytest.mark.parametrize(
    "line",
    [
        '{"id": 1, "id": 2, "name": "x"}',
        '{"name": "x", "id": 1}',
        '{"id": 12345678901234567890, "name": "x"}',
        '{"id": -0, "name": "x"}',
        '{"id": 1.0, "name": "x"}',
        '{"id": 1e2, "name": "x"}',
        '{"id": NaN, "name": "x"}',
        '{"id": 1, "name": "\\ud800"}',
        '{"id": 1, "name": "\t"}',
        '{"id": 1, "name": "x", "vorel_row": "1"}',
        '{"id": 1}',
        '{"id": 1, "name": ["x"]}',
        "[1]",
        "\ufeff{}",
    ],
)
def test_a_line_that_is_not_like_the_others_is_parsed_by_itself(line: str) -> None:
    text = "".join(f'{{"id": {number}, "name": "{number}"}}\n' for number in range(145))
    text += line + "\n" + text + text
    block = block_of(text)

    assert block is not None
    assert list(block.odd) == [145]
    assert_same(block, text)


@pytest.mark.parametrize("odd", ["\n", "  \n", "\r\n", '{"a": 1}\r{"a": 1}\n'])
def test_blank_lines_and_other_line_ends_are_left_to_the_exact_reader(odd: str) -> None:
    assert block_of('{"a": 1}\n' * 20 + odd + '{"a": 1}\n') is None


def test_lists_that_are_not_alike_and_lines_that_may_be_too_long_are_left_to_the_exact_reader() -> (
    None
):
    assert block_of("".join(json.dumps({str(n): n}) + "\n" for n in range(200))) is None
    assert block_of(json.dumps({"a": "x" * LIMIT}) + "\n") is None
    assert block_of('{"a": [{"b": 1}]}\n') is None
    assert block_of('{"a": 1}') is None
    assert block_of("{}\n") is None
