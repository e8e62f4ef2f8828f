"""Every hint is taken at its word: what it says to write makes the very value good."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest
from stages.row_by_row import group_problems

from importer.core.records import Record, Rejected, Row
from importer.mapper.mapper import Mapper
from importer.mapper.mapping.file import parse_mapping
from importer.mapper.mapping.toml_text import toml_value

_VALUE = r'(?:"(?:[^"\\]|\\.)*"|\[[^\]]*\]|\{[^}]*\}|true|false|[0-9]+)'
_KEYS = re.compile(rf"[a-z_]+ = {_VALUE}(?:, [a-z_]+ = {_VALUE})*")
_LINE = re.compile(r"[a-z_]+ = \{ column(?:[^{}]|\{[^}]*\})* \}")

IDENTITY = """
identity = ["phone"]
[fields]
name = "N"
phone = { column = "A", type = "phone" }
"""
PHONE = {"column": "A", "type": "phone", "region": "AE"}
DATES = {"column": "A", "type": "date"}
TIMES = {"column": "A", "type": "datetime", "timezone": "Asia/Dubai"}
DECIMAL = {"column": "A", "type": "decimal"}
# The field, its line, a value that it cannot read, and a part of the hint.
CASES: list[tuple[str, dict[str, Any], str, str]] = [
    ("phone", PHONE, "050 123 4567 / 04 301 2345", 'split = " / "'),
    ("phone", PHONE, "050 123 4567, 04 301 2345", 'split = ","'),
    ("phone", PHONE, "050 123 4567 oder 04 301 2345", 'split = " oder "'),
    ("phone", PHONE, "050 123 4567 ext 12 / 04 301 2345", 'split = " / "'),
    ("phone", PHONE, "050 123 4567 ext 12", 'extension = "drop"'),
    ("phone", PHONE, "12 / 13", "on_error"),
    ("phone", PHONE, "12", "on_error"),
    ("phone", PHONE, "ask Maria", "on_error"),
    ("phone", PHONE, "9.71501E+11", "Text"),
    ("phone", {"column": "A", "type": "phone"}, "050 123 4567", 'region = "…"'),
    ("email", {"column": "A", "type": "email"}, "a@example.com | b@example.com", 'split = "|"'),
    ("email", {"column": "A", "type": "email"}, "nobody; b@example.com", "split"),
    ("email", {"column": "A", "type": "email"}, "no address", "on_error"),
    ("birthday", DATES, "12/31/1990", 'formats = ["iso", "%m/%d/%Y"]'),
    ("birthday", DATES, "31.12.1990", 'formats = ["iso", "%d.%m.%Y"]'),
    ("birthday", DATES, "05/06/1990", '"%d/%m/%Y"] if the day comes first, or formats'),
    ("birthday", DATES, "3 May 1990", "%d %B %Y"),
    ("birthday", DATES, "1990-12-31T08:00:00Z", "%Y-%m-%dT%H:%M:%S%z"),
    ("birthday", DATES, "33238", "excel"),
    ("birthday", {**DATES, "formats": ["%d/%m/%Y"]}, "05-06-1990", '["%d/%m/%Y", "%d-%m-%Y"]'),
    ("birthday", {**DATES, "formats": ["%d/%m/%Y"]}, "1990-06-05", "%Y-%m-%d"),
    ("birthday", DATES, "sometime", "on_error"),
    ("birthday", DATES, "30.02.1990", "on_error"),
    ("created_at", TIMES, "2024-05-31", '["iso", "%Y-%m-%d"]'),
    ("created_at", TIMES, "31/05/2024 14:30", "%d/%m/%Y %H:%M"),
    ("created_at", TIMES, "5/6/2024 2:30 PM", "%I:%M %p"),
    ("created_at", {"column": "A"}, "2024-05-31T14:30", "timezone"),
    ("created_at", {"column": "A"}, "31/05/2024 14:30", '%M"], timezone = "Asia/Dubai" }'),
    ("amount", DECIMAL, "1.234,56", 'decimal_mark = ","'),
    ("amount", DECIMAL, "1,234", 'decimal_mark = ".", or decimal_mark = ","'),
    ("amount", DECIMAL, "AED 1,200", 'type = "money", currency = "*"'),
    ("amount", {"column": "A", "type": "money", "currency": "AED"}, "1.200,50 €", "on_error"),
    ("amount", {"column": "A", "type": "money"}, "€ 5.10", "currency"),
    ("count", {"column": "A", "type": "integer"}, "1,234", "decimal_mark"),
    ("count", {"column": "A", "type": "integer"}, "3.5", 'type = "decimal"'),
    ("vip", {"column": "A", "type": "boolean"}, "perhaps", "on_error"),
    ("tags", {"column": "A"}, "one; two", 'split = ";"'),
    ("last_name", {"column": "A", "type": "name", "part": "last"}, "Ann Sample", "order"),
    ("country", {"column": "A", "type": "country"}, "Atlantis", "on_error"),
    ("website", {"column": "A", "type": "url"}, "no page", "on_error"),
    ("cur", {"column": "A", "type": "currency"}, "$", "on_error"),
    ("stage", {"column": "A", "values": {"x": "y"}}, "z", "on_error"),
]


def mapped(field: str, line: dict[str, Any], value: str, object_: str = "contact") -> Any:
    return mapped_by(f"{field} = {toml_value(line)}", value, object_)


def mapped_by(line: str, value: str, object_: str = "contact") -> Any:
    mapper = Mapper(parse_mapping(f'[fields]\nname = "N"\n{line}'.encode()), object_)
    return mapper.map(Row(number=1, line=2, source="", values={"N": "Ann", "A": value}))


def hint_of(rejected: object) -> str:
    assert isinstance(rejected, Rejected)
    return rejected.error.hint or ""


@pytest.mark.parametrize(
    ("field", "line", "value", "part"), CASES, ids=[str(one[2]) for one in CASES]
)
def test_what_a_hint_says_to_write_works(
    field: str, line: dict[str, Any], value: str, part: str
) -> None:
    hint = hint_of(mapped(field, line, value))
    assert part in hint
    ways = [keys for keys in _KEYS.findall(_LINE.sub("", hint)) if "…" not in keys]
    assert ways[-1] == 'on_error = "omit"'
    for keys in ways:
        changed = {**line, **tomllib.loads(f"line = {{ {keys} }}")["line"]}
        record = mapped(field, changed, value)
        assert isinstance(record, Record), (keys, record)
        assert (field in record.fields) != (keys == ways[-1]), keys


def test_a_line_without_keys_is_written_anew_in_a_hint() -> None:
    hint = hint_of(mapped_by('birthday = "A"', "31.12.1990"))
    (line,) = _LINE.findall(hint)
    assert line == 'birthday = { column = "A", formats = ["iso", "%d.%m.%Y"] }'
    assert isinstance(mapped_by(line, "31.12.1990"), Record)


@pytest.mark.parametrize(
    ("field", "value", "part"),
    [
        ("source", "x" * 50, "truncate = true"),
        ("status", 'Hot "one"', 'values = { "Hot \\"one\\"" = "…" }'),
        ("qualification_score", "400", "on_error"),
        ("conversation_id", "none", "on_error"),
    ],
)
def test_what_a_hint_about_a_limit_says_to_write_works(field: str, value: str, part: str) -> None:
    hint = hint_of(mapped(field, {"column": "A"}, value, "lead"))
    assert part in hint
    for keys in _KEYS.findall(hint):
        chosen = tomllib.loads(f"line = {{ {keys.replace('…', 'qualified')} }}")["line"]
        assert isinstance(mapped(field, {"column": "A", **chosen}, value, "lead"), Record), keys


@pytest.mark.parametrize("stage", ['z "one"', "Z"])
def test_what_a_hint_about_a_value_without_an_entry_says_to_write_works(stage: str) -> None:
    line = {"column": "A", "values": {"x": "new", "y": "won"}}
    ways = [keys for keys in _KEYS.findall(hint_of(mapped("stage", line, stage))) if "…" in keys]
    assert len(ways) == 2
    for keys in ways:
        chosen = tomllib.loads(f"line = {{ {keys.replace('…', 'lost')} }}")["line"]
        for value, meant in ((stage, "lost"), ("x", "new"), ("y", "won")):
            record = mapped("stage", {**line, **chosen}, value)
            assert isinstance(record, Record)
            assert record.fields["stage"] == meant


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (IDENTITY, "phone"),
        ('[fields]\nphone = { column = "A", type = "phone" }', "phone"),
        ('[fields]\nname = "N"\nphone = { column = "A", type = "phone", on_error = "omit" }', None),
    ],
)  # fmt: skip
def test_what_a_row_needs_cannot_be_left_out(text: str, field: str | None) -> None:
    mapper = Mapper(parse_mapping(text.encode()), "contact")
    found = mapper.map(Row(number=1, line=2, source="", values={"N": "Ann", "A": "none"}))
    if field is None:
        assert isinstance(found, Record)
    else:
        assert "on_error" not in hint_of(found)
        assert "empty" not in hint_of(found)


@pytest.mark.parametrize(
    ("row", "ways"),
    [
        ({"A": "none", "B": ""}, 0),
        ({"A": "none", "B": "no address"}, 0),
        ({"A": "none", "B": "ann@example.com"}, 1),
        ({"A": "+971501234567", "B": "no address"}, 1),
    ],
)
def test_the_only_value_that_a_row_can_be_sent_with_is_never_to_be_left_empty(
    row: dict[str, str], ways: int
) -> None:
    text = """[fields]
    phone = { column = "A", type = "phone" }
    email = { column = "B", type = "email" }
    """
    mapper = Mapper(parse_mapping(text.encode()), "contact")
    hint = hint_of(mapper.map(Row(number=1, line=2, source="", values=dict(row))))
    assert (hint.count("leave it empty"), hint.count("on_error")) == (ways, ways)


def test_rows_that_need_a_value_are_not_grouped_with_those_that_go_without() -> None:
    text = '[fields]\nname = "N"\nphone = { column = "A", type = "phone", region = "AE" }'
    mapper = Mapper(parse_mapping(text.encode()), "contact")
    found = [
        mapper.map(Row(number=at, line=at, source="", values={"N": name, "A": f"1{at}"}))
        for at, name in enumerate(("Ann", "", "Ben"), 2)
    ]
    errors = [(at, one.error) for at, one in enumerate(found, 2) if isinstance(one, Rejected)]
    many, one = group_problems(errors)
    assert (many.lines, one.lines) == ([2, 4], [3])
    assert "leave it empty" in str(many.hint)
    assert str(one.hint).endswith("the row has nothing else that a record needs.")


def test_one_value_of_a_column_may_show_what_the_others_do_not() -> None:
    errors = [mapped("birthday", DATES, text).error for text in ("05/06/1990", "31/12/1990")]
    (problem,) = group_problems(enumerate(errors, 2))
    assert problem.count == 2
    assert 'formats = ["iso", "%d/%m/%Y"].' in str(problem.hint)
