"""What a hint says to write into the mapping works, written as it stands in the hint."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from importer import read_rows
from importer.core.records import Rejected, Row
from importer.mapper.kinds import TYPES
from importer.mapper.mapper import Mapper
from importer.mapper.mapping.file import parse_mapping
from importer.mapper.mapping.toml_text import toml_value

pytestmark = pytest.mark.slow

CORPUS = Path(__file__).parents[1] / "corpus"
# Beside the cells of the corpus: values as people write them, of every kind.
VALUES = """
050 123 4567 ext. 12|050 123 4567 / 04 301 2345|050 123 4567, 04 301 2345|04 301 2345 x 9 / 050 1
0501234567;0501234568|12|call Ann|+971 50 123 4567 or +971 50 123 4568|9.71501E+11|0501234567/8
31.12.1990|12/31/1990|31/12/90|03/04/1990|1990|31 December 1990|Dec 31, 1990|19901231|33238|soon
2024-05-31|2024-05-31T10:00:00|31/05/2024 10:30 pm|05/06/2024 14:00|1717133400|1717133400000
31.05.24 14:00:05|Friday, 31 May 2024|2024/05/31|31-May-2024|05.2024|45443.5|662601600
1,234|1.234,56|1 234|AED 1,200|1.200,50 €|$ 5|1,2,3|1e5|3.5|12 %|(7)|1'234.50|12,34,567.8
ann@example.com, ben@example.com|ann@example.com;ben@example.com|ann@example|<ann@example.com
vip;new|vip, new|vip|vip / new|red|"a";"b"|ann at example.com
Muster, Anna|Anna Muster|Dr. Anna Muster|Muster Anna Maria|Anna
https://a.example/x|a.example, b.example|not a link|ftp://a.example
maybe|yes|1|2|oui|AE|United Arab Emirates|Atlantis|US|EUR|$|dollars|Dhs 5|AED
"""
KEYS = {"phone": {"region": "AE"}, "datetime": {"timezone": "Asia/Dubai"}}
_PAIR = r'[a-z_]+ = (?:"(?:[^"\\]|\\.)*"|\[[^\]]*\]|true|false)'
_CHANGE = re.compile(rf"{_PAIR}(?:, {_PAIR})*")
_PLACEHOLDER = "…"  # what only a person can say


def cells() -> Iterator[str]:
    yield from VALUES.strip().replace("\n", "|").split("|")
    for expected in sorted(CORPUS.glob("*/*.json")):
        [source] = [one for one in expected.parent.glob(f"{expected.stem}.*") if one != expected]
        options = json.loads(expected.read_text(encoding="utf-8"))["options"]
        for row in read_rows(source, **options):
            if isinstance(row, Row):
                yield from (cell for cell in row.values.values() if isinstance(cell, str))


@cache
def values() -> list[str]:
    return list(dict.fromkeys(cell for cell in cells() if cell.strip() and len(cell) < 100))


def mapper(table: dict[str, Any]) -> Mapper:
    pairs = ", ".join(f"{key} = {toml_value(value)}" for key, value in table.items())
    return Mapper(parse_mapping(f'[fields]\nname = "N"\nx = {{ {pairs} }}'.encode()), "contact")


def mapped(one: Mapper, value: str) -> Any:
    """Return the fields that a row is sent with, or the hint with which it is refused."""
    found = one.map(Row(number=1, line=2, source="l.csv", values={"N": "Ann", "C": value}))
    if isinstance(found, Rejected):
        assert found.error.hint
        return found.error.hint
    return dict(found.fields)


def changes(hint: str) -> list[dict[str, Any]]:
    """Return the keys that a hint gives, those of each alternative together."""
    return [
        tomllib.loads("\n".join(pair[0] for pair in re.finditer(_PAIR, one[0])))
        for one in _CHANGE.finditer(hint)
    ]


@pytest.mark.parametrize("kind", [kind for kind in TYPES if kind != "enum"])
def test_each_change_that_a_hint_asks_for_makes_the_value_good(kind: str) -> None:
    table = {"column": "C", "type": kind, **KEYS.get(kind, {})}
    plain = mapper(table)
    known: dict[str, Mapper] = {}
    hints = {value: hint for value in values() if isinstance(hint := mapped(plain, value), str)}
    for value, hint in hints.items():
        for change in changes(hint):
            if _PLACEHOLDER in str(change):
                continue
            one = known.setdefault(repr(change), mapper({**table, **change}))
            sent = mapped(one, value)
            assert isinstance(sent, dict), (value, hint, change, sent)
            assert ("x" in sent) is (change.get("on_error") != "omit"), (value, change)


@pytest.mark.parametrize("kind", ["phone", "email", "date", "datetime", "decimal", "money", "tags"])
def test_there_are_hints_of_more_than_one_change(kind: str) -> None:
    plain = mapper({"column": "C", "type": kind, **KEYS.get(kind, {})})
    found = {repr(one) for value in values() if isinstance(hint := mapped(plain, value), str)
             for one in changes(hint)}  # fmt: skip
    assert len(found) > 1
