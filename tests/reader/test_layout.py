"""What a file is told to be: encoding, format, delimiter; and what is refused as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from importer import ConfigError, Rejected, Row, read_rows
from importer.core.errors import SourceError
from importer.core.settings import ReadOptions
from importer.reader import Layout, detect_layout, find_sources

ARABIC = "الاسم;المدينة\nليلى;دبي\nعمر;الشارقة\n"


def layout(folder: Path, data: bytes | str, name: str = "list.csv", **options: Any) -> Layout:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    [file] = find_sources((str(path),))
    return detect_layout(file, ReadOptions(**options))


def values(folder: Path, data: bytes, **options: Any) -> list[list[object]]:
    path = folder / "list.csv"
    path.write_bytes(data)
    return [[*row.values.values()] for row in read_rows(path, **options) if isinstance(row, Row)]


@pytest.mark.parametrize(
    ("data", "delimiter"),
    [
        ("a,b\n1,2\n", ","),
        ("a;b\n1;2\n", ";"),
        ("a\tb\n1\t2\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ("name\nAl\n", ","),
        ("name\nHaddad, Rana\nSaleh, Omar\n", ","),
        ("a;b\n1,5;2,5\n3,5;4,5\n", ";"),
        ("a;b,c\n1;2\n3;4\n", ";"),
        ("a,b;c\n1,2\n3,4\n", ","),
        ("a;b;c\n1,2;x;y\n1;2\n3;4;5\n", ";"),
        ('"a,a";b\n1;"2,2"\n', ";"),
        ("a;b\n1\u2028,\u2028,;2\n", ";"),
        ('a;b\n1;"2\n3;4\n', ";"),
        ("sep=|\na|b,c\n1|2,3\n", "|"),
        ("sep=x\n1,2\n", ","),
        ("\n\n", ","),
    ],
)
def test_the_delimiter_is_found(tmp_path: Path, data: str, delimiter: str) -> None:
    assert layout(tmp_path, data).delimiter == delimiter


def test_a_stated_delimiter_is_taken_as_said(tmp_path: Path) -> None:
    assert layout(tmp_path, "a,b\n1,2\n", delimiter=":").delimiter == ":"


@pytest.mark.parametrize("delimiter", ['"', "\n", "\r"])
def test_a_delimiter_that_separates_nothing_is_refused(tmp_path: Path, delimiter: str) -> None:
    with pytest.raises(ConfigError, match="delimiter"):
        layout(tmp_path, "a,b\n1,2\n", delimiter=delimiter)


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        ('{"a": 1}\n', "list.csv", "jsonl"),
        ('{"a": 1}\r{"a": 2}', "list.txt", "jsonl"),
        ('{"a": \n{"a": 2}\n', "list.txt", "jsonl"),
        ('{"a": ' + "[" * 100_000 + '\n{"a": 2}\n', "list.txt", "jsonl"),
        ("{a},b\n1,2\n", "list.csv", "csv"),
        ("a,b\n1,2\n", "list.txt", "csv"),
        ("[a],b\n1,2\n", "list.csv", "csv"),
        ('"a"\n', "list.jsonl", "jsonl"),
        ("oops\n", "list.NDJSON", "jsonl"),
    ],
)
def test_the_format_is_told_by_content_then_by_name(
    tmp_path: Path, data: str, name: str, kind: str
) -> None:
    assert layout(tmp_path, data, name).format == kind


def test_a_stated_format_is_taken_as_said(tmp_path: Path) -> None:
    assert layout(tmp_path, '{"a": 1}\n', format="csv").format == "csv"
    assert layout(tmp_path, "a,b\n", format="jsonl").format == "jsonl"


@pytest.mark.parametrize(
    "data",
    [
        b"INSERT INTO contacts (name, email) VALUES ('Ann', 'a@example.com');\n",
        b"-- dump\n\nCREATE TABLE `c` (\n  `id` int\n);\nINSERT INTO `c` VALUES\n(1),\n(2);\n",
        b"SET client_encoding = 'UTF8';\nCOPY public.people (id, name) FROM stdin;\n1\tAnn\n\\.\n",
    ],
)
def test_sql_statements_are_refused_with_what_to_do(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(SourceError, match="is SQL statements") as caught:
        layout(tmp_path, data)
    assert caught.value.hint == "Export the table itself as CSV."


def test_a_list_that_speaks_of_sql_is_none(tmp_path: Path) -> None:
    data = b'Set,Note\nA,"x\nINSERT INTO my heart"\nB,SELECT\n'
    assert layout(tmp_path, data).format == "csv"


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is empty"):
        layout(tmp_path, b"")


@pytest.mark.parametrize("data", [b"\n\n \n", b"\xef\xbb\xbf", b"sep=;\n"])
def test_a_file_without_a_header_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(SourceError, match="there is no header"):
        values(tmp_path, data)


@pytest.mark.parametrize("data", [b'a,"b\n1,2\n', b'"a"b,c\n', b"x" * 2000 + b"\n"])
def test_a_header_that_cannot_be_read_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(SourceError, match="the header cannot be read") as caught:
        values(tmp_path, data, max_row_bytes=1024)
    assert "()" not in caught.value.message


def test_a_header_in_another_encoding_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="not in this encoding"):
        values(tmp_path, b"a,\x81\n1,2\n", encoding="windows-1252")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("stated", [None, "utf-8", "utf-16", "utf-16-le", "windows-1256"])
def test_a_mark_tells_the_encoding_whatever_is_stated(
    tmp_path: Path, encoding: str, stated: str | None
) -> None:
    found = values(tmp_path, ARABIC.encode(encoding), encoding=stated)
    assert found == [["ليلى", "دبي"], ["عمر", "الشارقة"]]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "windows-1256"])
def test_a_stated_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    found = values(tmp_path, ARABIC.encode(encoding), encoding=encoding)
    assert found == [["ليلى", "دبي"], ["عمر", "الشارقة"]]


@pytest.mark.parametrize("encoding", ["utf-16", "UTF-32"])
def test_utf16_without_a_mark_is_read_as_windows_writes_it(tmp_path: Path, encoding: str) -> None:
    data = (ARABIC + "ليلى;دبي\n" * 14_997).encode(f"{encoding}-le")
    assert len(values(tmp_path, data, encoding=encoding)) == 14_999


def test_an_encoding_that_is_none_for_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read as idna"):
        layout(tmp_path, b"a,b\n\xe9,2\n", encoding="idna")


def test_a_large_file_is_told_by_its_first_lines(tmp_path: Path) -> None:
    data = "name;city\n" + "é;ü\n" * 300_000
    found = layout(tmp_path, data)
    assert (found.encoding, found.delimiter) == ("utf-8", ";")


def test_an_override_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="colour"):
        list(read_rows(tmp_path / "list.csv", colour="blue"))  # type: ignore[call-arg]


def test_several_sources_are_read_in_order(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    (tmp_path / "b.jsonl").write_text('{"a": 1}\n[]\n')
    rows = list(read_rows(tmp_path / "b.jsonl", tmp_path / "a.csv"))
    assert [(Path(row.source).name, row.number, row.line) for row in rows] == [
        ("b.jsonl", 1, 1),
        ("b.jsonl", 2, 2),
        ("a.csv", 1, 2),
    ]
    assert isinstance(rows[1], Rejected)
