"""JSON Lines: one object a line; a bad line is one error and the next one is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from importer import Rejected, Row, read_rows


def read(folder: Path, data: bytes | str, **overrides: Any) -> list[Row | Rejected]:
    path = folder / "list.jsonl"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return list(read_rows(path, **overrides))


BAD_LINES = {
    "broken": ('{"a": 1', "at character 8"),
    "two values": ('{"a": 1} {"a": 2}', "Extra data"),
    "NaN": ('{"a": NaN}', "NaN is not a JSON number"),
    "Infinity": ('{"a": -Infinity}', "-Infinity is not a JSON number"),
    "a name twice": ('{"a": 1, "b": 2, "a": 3}', "the name 'a' appears twice"),
    "a name twice inside": ('{"o": {"a": 1, "a": 1}}', "the name 'a' appears twice"),
    "an array": ('["a"]', "it is an array"),
    "a text": ('"a"', "it is a string"),
    "a number": ("1", "it is a number"),
    "null": ("null", "it is null"),
    "half a pair": ('{"a": "\\ud83d"}', "half a surrogate pair"),
    "half a pair as name": ('{"\\uDE00": 1}', "half a surrogate pair"),
    "too deep": ('{"a":' * 101 + "1" + "}" * 101, "nested deeper than 100 levels"),
    "much too deep": ('{"a":' + "[" * 100_000 + "]" * 100_000 + "}", "nested too deeply"),
    "5,000 digits": ('{"a": ' + "9" * 5000 + "}", "more than 4,300 digits"),
    "a huge exponent": ('{"a": 1e999999999}', "too large or too small"),
    "an endless exponent": ('{"a": 1e-99999999999999999999999}', "too large or too small"),
    "single quotes": ("{'a': 1}", "at character 2"),
}


@pytest.mark.parametrize("name", BAD_LINES)
def test_a_bad_line_is_one_error_and_the_next_is_read(tmp_path: Path, name: str) -> None:
    text, reason = BAD_LINES[name]
    first, bad, last = read(tmp_path, f'{{"n": 1}}\n{text}\n{{"n": 3}}\n')
    assert isinstance(bad, Rejected)
    assert (bad.number, bad.line, bad.error.code) == (2, 2, "malformed_row")
    assert reason in bad.error.message
    assert bad.raw == text[: 64 * 1024]
    assert isinstance(first, Row)
    assert isinstance(last, Row)
    assert (first.values, last.values) == ({"n": 1}, {"n": 3})


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_and_blank_lines(tmp_path: Path, end: str) -> None:
    rows = read(tmp_path, end.join(["", '{"n": 1}', "", " \t", '{"n": 2}', '{"n": 3}']))
    assert [(row.number, row.line) for row in rows] == [(1, 2), (2, 5), (3, 6)]


def test_own_names_are_left_out(tmp_path: Path) -> None:
    [row] = read(tmp_path, '{"vorel_row": 1, "a": {"vorel_b": 2}}')
    assert isinstance(row, Row)
    assert row.values == {"a": {"vorel_b": 2}}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("excess", [0, 1, 2, 3, 1025, 1026, 3000])
def test_a_line_over_the_limit_is_refused_and_the_next_is_read(
    tmp_path: Path, end: str, excess: int
) -> None:
    long = '{"a": "' + "x" * (1024 + excess - 9) + '"}'
    rows = read(tmp_path, f'{long}{end}{{"n": 2}}{end}', max_row_bytes=1024)
    kinds = [row.error.code if isinstance(row, Rejected) else "row" for row in rows]
    assert kinds == ["row_too_large" if excess else "row", "row"]
    assert [row.line for row in rows] == [1, 2]


def test_bytes_not_in_the_encoding_refuse_their_own_line_alone(tmp_path: Path) -> None:
    rows = read(tmp_path, b'{"a": "\xc3\xa9"}\n{"a": "\xe9"}\n{"a": 3}\n')
    codes = [row.error.code for row in rows if isinstance(row, Rejected)]
    assert codes == ["encoding_error"]
    assert rows[1].line == 2


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_marked_encodings(tmp_path: Path, encoding: str) -> None:
    [row] = read(tmp_path, '{"الاسم": "ليلى"}\n'.encode(encoding))
    assert isinstance(row, Row)
    assert row.values == {"الاسم": "ليلى"}


def test_half_a_pair_in_utf16_is_an_encoding_error(tmp_path: Path) -> None:
    data = '{"a": "X"}\n{"a": 2}'.encode("utf-16").replace(b"X\0", b"\x00\xd8")
    rows = read(tmp_path, data)
    assert [row.error.code if isinstance(row, Rejected) else row.line for row in rows] == [
        "encoding_error",
        2,
    ]
