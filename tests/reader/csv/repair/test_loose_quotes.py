"""Lines with loose quotes are read in each way there is, or not at all where that takes long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from importer.reader.csv.dialect import CsvDialect
from importer.reader.csv.repair.loose_quotes import readings


def is_cell(text: str) -> bool:
    inner = text[1:-1]
    bare = inner.replace('""', "")
    at_edge = inner.startswith('"') or inner.endswith('"')
    mixed = bare != inner or (at_edge and inner.count('"') % 2)
    return len(text) > 1 and text[0] == text[-1] == '"' and not ('"' in bare and mixed)


def every_way(pieces: Sequence[str], width: int) -> Iterator[list[str]]:
    """Cut the line at each choice of its delimiters."""
    if not pieces or not width:
        if not pieces and not width:
            yield []
        return
    for end in range(1, len(pieces) + 1):
        text = ",".join(pieces[:end])
        if is_cell(text):
            inner = text[1:-1]
            cell = inner if '"' in inner.replace('""', "") else inner.replace('""', '"')
        elif end == 1 and not text.startswith('"'):
            cell = text
        else:
            continue
        yield from ([cell, *rest] for rest in every_way(pieces[end:], width - 1))


@settings(max_examples=examples(500))
@given(st.text(st.sampled_from('a",'), max_size=14), st.integers(1, 5))
def test_a_line_is_read_in_each_way_there_is(line: str, width: int) -> None:
    found = readings(line, CsvDialect(), width)

    expected = list(every_way(line.split(","), width))
    assert len(found) == min(len(expected), 2)
    assert all(cells in expected for cells in found)


def test_a_line_with_more_ways_than_can_be_tried_is_not_read() -> None:
    assert readings(",".join(['"'] * 400), CsvDialect(), 200) == []


def test_a_wide_row_with_one_loose_quote_is_read() -> None:
    cells = ["5'11\" tall", *(f"{n}, {n}" for n in range(150))]
    assert readings(",".join(f'"{cell}"' for cell in cells), CsvDialect(), 151) == [cells]
