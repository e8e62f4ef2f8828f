# ruff: noqa: E501 - a table of inputs is read a line at a time
"""JSON arrays and objects of several lines: each element a row, a bad one an error of its own."""

from __future__ import annotations

import json
import shlex
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from importer import Rejected, Row, read_rows
from importer.core.errors import SourceError
from importer.reader.json import window
from importer.reader.json.array import JsonReader
from importer.suggesting.sampling import take_sample


def read(folder: Path, data: bytes | str, **overrides: Any) -> list[Row | Rejected]:
    path = folder / "list.json"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return list(read_rows(path, **overrides))


def shown(rows: list[Row | Rejected]) -> list[tuple[int, object]]:
    return [(r.line, dict(r.values) if isinstance(r, Row) else r.error.code) for r in rows]


OBJECTS = [{"a": number, "b": {"c": ["x", "}{", {"d": 'é\\"'}]}} for number in range(3)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("indent", "lines"), [(None, [1, 1, 1]), (0, [2, 14, 26]), (4, [2, 14, 26])]
)
def test_an_array_is_read_however_it_is_written(
    tmp_path: Path, indent: int | None, lines: list[int], end: str
) -> None:
    text = json.dumps(OBJECTS, indent=indent).replace("\n", end)
    assert shown(read(tmp_path, text)) == list(zip(lines, OBJECTS, strict=True))


@pytest.mark.parametrize("name", ["list.json", "list.jsonl", "list.txt", "list"])
def test_objects_of_several_lines_are_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("\n".join(json.dumps(item, indent=2) for item in OBJECTS))
    assert shown(list(read_rows(path))) == list(zip([1, 13, 25], OBJECTS, strict=True))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "utf-16-le"])
def test_a_marked_or_wide_array_is_read(tmp_path: Path, encoding: str) -> None:
    assert shown(read(tmp_path, '[{"ا": "ليلى"}]'.encode(encoding))) == [(1, {"ا": "ليلى"})]


BAD = {
    "a value is missing": ('[{"a": 1}, {"a": }, {"a": 3}]', [(1, {"a": 1}), (1, "malformed_row"), (1, {"a": 3})]),
    "NaN": ('[\n{"a": NaN},\n{"a": 2}\n]', [(2, "malformed_row"), (3, {"a": 2})]),
    "a name twice": ('[{"a": 1, "a": 2}, {"a": 2}]', [(1, "malformed_row"), (1, {"a": 2})]),
    "a brace is missing": ('[\n{"a": 1,\n{"a": 2},\n{"a": 3}\n]', [(2, "malformed_row"), (3, {"a": 2}), (4, {"a": 3})]),
    "a quote is missing": ('[\n {"a": 1},\n {"a": "x\n {"a": 4}\n]', [(2, {"a": 1}), (3, "malformed_row"), (4, {"a": 4})]),
    "a quote is missing, closed": ('[\n {"a": "x},\n {"a": 4}\n]', [(2, "malformed_row"), (3, {"a": 4})]),
    "brackets do not match": ('[\n{"a": [}},\n{"a": 2}]', [(2, "malformed_row"), (3, {"a": 2})]),
    "brackets do not match, one line": ('[{"a": 1}, {"a": [}, {"a": 3}]', [(1, {"a": 1}), (1, "malformed_row")]),
    "no objects": ('[{"a": 1}, 3, "x", [1, {}], null]', [(1, {"a": 1}), *[(1, "malformed_row")] * 4]),
    "a brace too many": ('[{"a": 1}}, {"b": 2}]', [(1, {"a": 1}), (1, "malformed_row"), (1, {"b": 2})]),
    "text behind the end": ('[{"a": 1}]\n\n tail', [(1, {"a": 1}), (3, "malformed_row")]),
    "commas too many": ('[{"a": 1},, {"a": 2},]', [(1, {"a": 1}), (1, {"a": 2})]),
    "commas missing": ('[{"a": 1}\n{"a": 2}]', [(1, {"a": 1}), (2, {"a": 2})]),
    "nested too deep": ('[{"a":' + "[" * 100_000 + "]" * 100_000 + '}, {"a": 2}]', [(1, "malformed_row"), (1, {"a": 2})]),
    "half a pair": ('[{"a": "\\ud83d"}, {"a": 2}]', [(1, "malformed_row"), (1, {"a": 2})]),
    "cut off inside": ('[{"a": 1}, {"a": "x', [(1, {"a": 1}), (1, "malformed_row")]),
    "an empty object": ('[{}, {"a": 1}]', [(1, {}), (1, {"a": 1})]),
    "nothing": ("[]", []),
}  # fmt: skip


@pytest.mark.parametrize("block", [1, 3, 64 * 1024])
@pytest.mark.parametrize("name", BAD)
def test_a_bad_element_is_one_error_and_the_next_is_read(
    tmp_path: Path, name: str, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, expected = BAD[name]
    if len(text) > 1000 and block < 10:
        pytest.skip("takes long, a character at a time")
    monkeypatch.setattr(window, "_BLOCK", block)
    rows = read(tmp_path, text, format="json")
    assert shown(rows) == expected
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))


def test_a_bad_element_is_shown_as_it_stands(tmp_path: Path) -> None:
    [bad, _] = read(tmp_path, '[\n {"a": "x},\n {"a": 4}\n]')
    assert isinstance(bad, Rejected)
    assert bad.raw == '{"a": "x}'
    assert bad.error.hint == (
        "Write a JSON object here. "
        "In the failed file, add the members to the object with vorel_raw."
    )


def test_where_nothing_tells_the_next_element_it_is_said(tmp_path: Path) -> None:
    [bad] = read(tmp_path, '[{"a": [}, {"a": 3}]')
    assert isinstance(bad, Rejected)
    assert "the rest is not read" in bad.error.message


@pytest.mark.parametrize("excess", [0, 1])
def test_the_size_limit_is_exact(tmp_path: Path, excess: int) -> None:
    element = '{"a": "' + "x" * (1024 - 9 + excess) + '"}'
    rows = read(tmp_path, f"[{element},\n{{}}]", max_row_bytes=1024)
    assert shown(rows)[0][1] == ("row_too_large" if excess else json.loads(element))
    assert len(rows) == 2


def test_what_is_too_large_and_has_no_end_is_passed_over(tmp_path: Path) -> None:
    text = '[\n{"a": 1},\n{"a": [' + "1,\n" * 200_000 + '\n{"a": 2}\n]'
    rows = read(tmp_path, text, max_row_bytes=1024)
    assert shown(rows) == [(2, {"a": 1}), (3, "row_too_large"), (200_004, {"a": 2})]


def test_bytes_not_in_the_encoding_refuse_their_own_element(tmp_path: Path) -> None:
    data = '[{"a": "é"}, {"a": "X"}, {"a": "ü"}]'.encode().replace(b"X", b"\xe9")
    assert [value for _, value in shown(read(tmp_path, data))] == [
        {"a": "é"},
        "encoding_error",
        {"a": "ü"},
    ]


def test_an_array_that_is_never_closed_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_text('[{"a": 1},\n')
    with path.open(newline="") as stream:
        reader = JsonReader(stream, source="list", max_row_bytes=1024)
        assert len(list(reader)) == 1
        assert "never closed" in reader.notices[0]


WRAPPED = {
    "meta": {"next": None, "fields": [{"name": "a"}], "note": 'a "list" of ]}'},
    "result": {"total": 2, "contacts": [{"a": 1, "b": [{}, {}]}, {"a": 2}]},
    "end": [[{"a": 3}]],
}


@pytest.mark.parametrize("indent", [None, 1])
def test_one_object_that_holds_the_list_is_refused_with_the_way_out(
    tmp_path: Path, indent: int | None
) -> None:
    text = json.dumps(WRAPPED, indent=indent)
    with pytest.raises(SourceError, match=r"as 'meta\.fields' or 'result\.contacts'") as caught:
        read(tmp_path, text)
    told = "--record-path meta.fields or --record-path result.contacts"
    assert told in str(caught.value.hint)
    assert len(read(tmp_path, text, format="json")) == 1

    rows = read(tmp_path, text, record_path="result.contacts")

    assert [row.values for row in rows if isinstance(row, Row)] == WRAPPED["result"]["contacts"]  # type: ignore[index]
    assert [row.line for row in rows] == ([1, 1] if indent is None else [14, 21])


ONE_LIST: list[dict[str, Any]] = [
    {"contacts": [{"n": 1}, {"n": 2}]},
    {"page": 1, "total": 2, "tags": ["a", "b"], "data": [{"n": 1}, {"n": 2}]},
    {"data": {"people": [{"n": 1, "phones": [{"x": 1}]}, {"n": 2}], "next": None}, "ok": True},
    {"leads": [{"n": 1}], "meta": {"by": "x", "columns": [], "y": {"z": [1]}}},
    {"a.b": [{"n": 1}, {"n": 2}]},
]


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("around", ONE_LIST)
def test_the_only_list_in_an_object_is_read_and_this_is_told(
    tmp_path: Path, around: dict[str, Any], indent: int | None
) -> None:
    text = json.dumps(around, indent=indent)
    rows = read(tmp_path, text)
    assert [row.values["n"] for row in rows if isinstance(row, Row)] in ([1, 2], [1])
    told = "in one JSON object; if the object is one row, use --format json"
    assert any(told in one for one in take_sample(str(tmp_path / "list.json"), {}).notices)
    assert shown(read(tmp_path, text, format="json")) == [(1, around)]


@pytest.mark.parametrize(
    "around",
    [
        {"name": "Ann", "email": "ann@example.com", "orders": [{"n": 1}, {"n": 2}]},
        {"a": {"b": {"c": [{"n": 1}]}}},
    ],
)
def test_an_object_that_may_be_a_row_or_hides_its_list_is_asked_about(
    tmp_path: Path, around: dict[str, Any]
) -> None:
    with pytest.raises(SourceError, match="seems to hold the list"):
        read(tmp_path, json.dumps(around))


def test_a_list_that_the_sample_does_not_hold_to_its_end_is_read_too(tmp_path: Path) -> None:
    people = [{"a": "x" * 99}] * 12_000
    text = json.dumps({"page": 1, "data": {"people": people}, "z": {"y": [1, {}]}}, indent=1)

    assert len(read(tmp_path, text)) == 12_000


def test_a_second_list_behind_the_sample_is_refused_and_told(tmp_path: Path) -> None:
    people = [{"a": "x" * 99}] * 12_000
    for more in ({"firms": [{"b": 1}]}, {"data": {"firms": [{"b": 1}]}}):
        *rows, last = read(tmp_path, json.dumps({"people": people, **more}, indent=1))
        assert len(rows) == 12_000
        assert isinstance(last, Rejected)
        assert "has another list at" in last.error.message


def test_several_lists_in_one_object_are_all_named(tmp_path: Path) -> None:
    text = json.dumps({"people": [{"a": 1}, {"a": 2}], "firms": [{"b": 1}, {"b": 2}]})
    with pytest.raises(SourceError, match="'people' or 'firms'"):
        read(tmp_path, text)


@pytest.mark.parametrize("between", ["\n", "", " \n\n"])
def test_pages_that_follow_each_other_are_all_read(tmp_path: Path, between: str) -> None:
    pages = [{"next": 1, "d": {"items": [{"n": 1}, {"n": 2}], "x": {"y": [1]}}, "z": "}"}]
    pages += [{"d": {"items": []}}, {"d": {"items": [{"n": 3}]}}]
    text = between.join(map(json.dumps, pages))

    rows = read(tmp_path, text, record_path="d.items")
    assert [row.values for row in rows if isinstance(row, Row)] == [{"n": 1}, {"n": 2}, {"n": 3}]

    *rows, last = read(tmp_path, text + '{"d": {"itms": []}}', record_path="d.items")
    assert len(rows) == 3
    assert isinstance(last, Rejected)
    assert "no list at 'd.items'" in last.error.message


@pytest.mark.parametrize("path", ["result", "result.total", "contacts", "result.contacts.a", "x.y"])
def test_a_record_path_that_leads_to_no_list_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(SourceError, match="has no list at"):
        read(tmp_path, json.dumps(WRAPPED), record_path=path)


@pytest.mark.parametrize("text", ["", " ", "[", '{"a', '{"a"', '{"a" 1}', '{"a": ', '{"b": "x'])
def test_a_record_path_in_a_broken_file_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(SourceError):
        read(tmp_path, text, record_path="a")


@pytest.mark.parametrize("text", ["1\n", '"a"\n', "a,b\n", "{\n"])
def test_json_by_name_alone_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(SourceError, match="is named JSON"):
        read(tmp_path, text)


@pytest.mark.slow
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_text("[" + ",\n".join('{"a": "' + "x" * 90 + '"}' for _ in range(100_000)) + "]")
    tracemalloc.start()
    with path.open(newline="") as stream:
        reader = JsonReader(stream, source="list", max_row_bytes=4096)
        assert sum(1 for _ in reader) == 100_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2 * 1024 * 1024


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(min_size=1, max_size=3), inner, max_size=3)
    ),
    max_leaves=5,
)
_OBJECT = st.dictionaries(
    st.text(min_size=1, max_size=3).filter(lambda name: not name.startswith("v")), _JSON, max_size=3
)


@settings(max_examples=examples(100))
@given(
    st.lists(_OBJECT, min_size=1, max_size=5),
    st.sampled_from([None, 0, 2]),
    st.booleans(),
    st.integers(1, 40),
)
def test_what_json_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory,
    objects: list[dict[str, Any]],
    indent: int | None,
    ascii_: bool,
    block: int,
) -> None:
    path = tmp_path_factory.mktemp("json") / "list.json"
    path.write_text(json.dumps(objects, indent=indent, ensure_ascii=ascii_), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(window, "_BLOCK", block)
        rows = list(read_rows(path, format="json"))
    assert [row.values if isinstance(row, Row) else row for row in rows] == objects


@settings(max_examples=examples(150))
@given(st.text(alphabet='[]{}",:1a \n\r\\\ud800', max_size=40))
def test_whatever_the_text_there_is_an_end(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.mktemp("json") / "list.json"
    path.write_bytes(b"[" + text.encode("utf-8", "surrogatepass"))
    for number, row in enumerate(read_rows(path, format="json", encoding="utf-8"), 1):
        assert row.number == number


@pytest.mark.parametrize("name", ["a.b", "a\\.b", "a\\b", ".", ""])
def test_a_name_with_dots_is_found_by_the_path_that_is_told(tmp_path: Path, name: str) -> None:
    text = json.dumps({name: {"items": [{"n": 1}, {"n": 2}]}, "x": [{}, {}]})
    with pytest.raises(SourceError) as caught:
        read(tmp_path, text)
    _, told, *_ = shlex.split(str(caught.value.hint).partition("Say so with ")[2])

    rows = read(tmp_path, text, record_path=told)

    assert [row.values for row in rows if isinstance(row, Row)] == [{"n": 1}, {"n": 2}]


@pytest.mark.parametrize(
    "text", ['// people\n[{"n": 1}]\n', '[\n/* one */\n{"n": 1}]\n', '{ // all\n"d": [{"n": 1}]}']
)
def test_comments_above_the_list_are_named_as_what_is_wrong(tmp_path: Path, text: str) -> None:
    with pytest.raises(SourceError, match="has comments, and JSON has none"):
        read(tmp_path, text)


def test_a_comment_on_the_way_to_the_list_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="line 2 has a comment, which JSON does not allow"):
        read(tmp_path, '{"a": 1,\n// all\n"d": [{"n": 1}]}', record_path="d")


def test_a_comment_between_objects_is_named_in_its_error(tmp_path: Path) -> None:
    first, comment, last = read(tmp_path, '[\n{"n": 1}, // one\n{"n": 2}]')
    assert isinstance(first, Row)
    assert isinstance(last, Row)
    assert isinstance(comment, Rejected)
    assert comment.error.message == (
        "not a JSON object: a comment, which JSON does not allow, at character 1"
    )
