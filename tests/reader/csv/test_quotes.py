"""Where quotes are regular, what the quoted cells hold is counted; all else is refused."""

from __future__ import annotations

import csv
import io

import pytest
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from importer.reader.csv.csv_block import Quoted, quoted_cells, split_at_quotes


def quoted(text: str, width: int = 3) -> Quoted | None:
    return quoted_cells(text.encode().split(b'"'), b",", width)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a,b,c\n", Quoted()),
        ('a,"b,b",c\n', Quoted(delimiters=1)),
        ('"a","","c"\r\n', Quoted()),
        ('a,"say ""hi"", then",c\n', Quoted(delimiters=1)),
        ('"""a""",b,c\n', Quoted()),
        ('a,b,"one\ntwo\r\nthree"\n', Quoted(line_ends=2)),
        ('"a\n,",b,c\nd,"e\n,",f\n', Quoted(delimiters=2, line_ends=2)),
    ],
)
def test_what_quoted_cells_hold_is_counted(text: str, expected: Quoted) -> None:
    assert quoted(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "a,5'11\",c\n",
        'a,b"c"d,e\n',
        'a,"b"c,d\n',
        'a, "b",c\n',
        'a,"b" ,c\n',
        'a,"b,c\nd,e,f\n',
        '"a,b,c\n',
        'a,b,c"\n',
        'a,"b\nc,d,e\nf",g\n',
    ],
)
def test_a_quote_that_may_mean_something_else_is_refused(text: str) -> None:
    assert quoted(text) is None


def test_many_quotes_are_left_to_a_regular_expression() -> None:
    assert split_at_quotes(b'"a","b"\n') is None
    assert split_at_quotes(b'"a","b"\n' + b"x" * 400) == [b"", b"a", b",", b"b", b"\n" + b"x" * 400]


cells = st.text(st.sampled_from('ab,"\n é'), max_size=4)


@settings(max_examples=examples(300))
@given(st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=4))
def test_what_the_csv_module_writes_is_regular(rows: list[tuple[str, ...]]) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)

    found = quoted(text.getvalue(), width=99)

    joined = "".join(cell for row in rows for cell in row)
    assert found == Quoted(joined.count(","), joined.count("\n"))
