"""Canonical JSON put together from pieces of lines is that of the lines, or there is none."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from effort import examples
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lists.json_writers import DUMPERS
from polars.exceptions import PolarsError

from importer.core.keys import canonical_text
from importer.reader.json.line_templates import canonical_rows, template_of
from importer.reader.json.row_parser import parse_object


def made_of(text: str, sample: str = "") -> list[str] | None:
    first = text[: text.index("\n") + 1]
    template = template_of(first, list(json.loads(first)))
    rows = canonical_rows(text.encode(), template, sample) if template else None
    return None if rows is None else rows.to_list()


def exact(text: str) -> list[str]:
    return [canonical_text(parse_object(line)) for line in text.removesuffix("\n").split("\n")]


names = st.text(st.sampled_from("ab é😀,:{} /"), max_size=3)
DAMAGES = [
    "", '"', "\\", "\\\\", '\\"', "\\u", "\\u00e9", "\\ud83d", "\\u003a", "\\u0022", "\\q",
    ", ", ",", ":", ": ", " ", "{", "}", "\n", "\r", "\0", "\x02", "\x1f", "null", "1",
    '"a": "b", ', '", "a": "', '"}\n{"', "\ufeff", "é",
]  # fmt: skip
VALUES = [
    '"', "\\", "u00e9", "/", '": "', '", "', '":"', '"}', "{", "\n", "\t", "é", "دبي", "😀",
    "a", "b", ":", ",", " ", "\u2028", "\ufeff", "x\x7f",
]  # fmt: skip
values = st.lists(st.sampled_from(VALUES), max_size=5).map("".join)


FEW = " " * 10_000  # behind a sample: its escapes are few


@st.composite
def tables(draw: st.DrawFn) -> list[dict[str, str]]:
    columns = draw(st.lists(names, min_size=1, max_size=4, unique=True))
    count = draw(st.integers(1, 6))
    return [{name: draw(values) for name in columns} for _ in range(count)]


def lines_of(rows: Sequence[dict[str, str]], dumper: str, end: str) -> str:
    return "".join(DUMPERS[dumper](row) + end for row in rows)


@settings(max_examples=examples(200))
@given(
    tables(),
    st.sampled_from(list(DUMPERS)),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["", "all"]),
)
@example([{"": ""}], "json", "\n", "")
@example([{"b": ":", "a": ""}, {"b": "", "a": ","}], "json, compact", "\n", "all")
def test_what_dumpers_write_is_put_together_as_it_is_parsed(
    rows: list[dict[str, str]], dumper: str, end: str, sampled: str
) -> None:
    text = lines_of(rows, dumper, end)
    found = made_of(text, sampled and text + FEW)
    expected = [canonical_text(row) for row in rows]
    if found is None:  # something in it looks like the end of a name
        assert text.count('":') > len(rows) * len(rows[0])
    else:
        assert found == expected


@settings(max_examples=examples(300))
@given(tables(), st.sampled_from(list(DUMPERS)), st.data())
def test_a_damaged_text_gives_what_is_parsed_or_nothing(
    rows: list[dict[str, str]], dumper: str, data: st.DataObject
) -> None:
    good = lines_of(rows * 2, dumper, "\n")
    template = template_of(good[: good.index("\n") + 1], list(rows[0]))
    assert template is not None
    place = data.draw(st.integers(0, len(good) - 2))
    cut = place + data.draw(st.integers(0, 6))
    damage = data.draw(st.sampled_from(DAMAGES))
    text = good[:place] + damage + good[min(cut, len(good) - 1) :]

    rows_made = canonical_rows(text.encode(), template, "")

    if rows_made is not None:
        assert rows_made.to_list() == exact(text)


GOOD = '{"b": "x", "a": "y"}\n'


@pytest.mark.parametrize(
    "line",
    [
        '{"b": 1, "a": "y"}',
        '{"b": null, "a": "y"}',
        '{"b": "x"}',
        '{"a": "y", "b": "x"}',
        '{"b": "x", "b": "y"}',
        '{"b": "x", "a": "y", "c": "z"}',
        '{"b": "x", "a": "y" }',
        '{"b":"x", "a": "y"}',
        '{"b": "x","a": "y"}',
        '{"b": "x", "a": "y"}\r',
        '\ufeff{"b": "x", "a": "y"}',
        '{"b": "x\x02", "a": "y"}',
        '{"b": "x\t", "a": "y"}',
        '{"b": "\\ud83d", "a": "y"}',
        '{"b": "\\q", "a": "y"}',
        '{"b": "\\u12", "a": "y"}',
        '{"b"\\u003a "x", "a": "y"}',
        '{"b": \\u0022x", "a": "y"}',
        '{"b": "x"\\/, "a": "y"}',
        '{"b": "x\\", "a": "y"}',
        "",
    ],
)
def test_another_line_among_them_is_not_put_together(line: str) -> None:
    assert made_of(GOOD * 3 + line + "\n" + GOOD * 3) is None


def test_lines_that_make_up_for_each_other_are_not_put_together() -> None:
    """The counts are right in all, but not in each line."""
    assert made_of(GOOD + '{"b": "x", "b": "y"}\n{"a": "x", "a": "y"}\n') is None
    assert made_of(GOOD + '{"b": "x"}\n{"b": "x", "a": "y", "c": "z"}\n') is None


def test_escapes_are_told_from_what_only_looks_like_one() -> None:
    text = GOOD + r'{"b": "\\u00e9\\\u00e9\"\\", "a": "\ud83D\uDE00\/\u001F\b\u0008\u000b"}' + "\n"

    for sample in ("", r"\u00e9", r"\/ \b", text):
        assert made_of(text, sample + FEW) == exact(text)


def test_what_is_no_utf_8_is_refused() -> None:
    template = template_of(GOOD, ["b", "a"])
    assert template is not None
    with pytest.raises(PolarsError):
        canonical_rows(GOOD.encode() + b'{"b": "\xff", "a": "y"}\n', template, "")


def test_names_that_have_escapes_of_their_own_have_no_layout() -> None:
    assert template_of('{"q\\"": "x"}\n', ['q"']) is None


def test_where_escapes_are_many_lines_are_parsed() -> None:
    many = json.dumps({"a": "é" * 50}) + "\n"
    different = "".join(json.dumps({"a": chr(0x4E00 + n) + "x" * 100}) + "\n" for n in range(100))

    assert made_of(many) == exact(many)
    assert made_of(many, many) is None
    assert made_of(different) is None
    assert made_of(different, different) is None
