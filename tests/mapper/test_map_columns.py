"""Rows that are mapped together are what they are when each is mapped by itself."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import polars as pl
import pytest
from effort import examples, some
from hypothesis import given, settings
from hypothesis import strategies as st

from importer.core.keys import row_hash
from importer.core.records import Record, Rejected, Row
from importer.mapper.block import MappedBlock
from importer.mapper.fields.extract import find
from importer.mapper.mapper import Mapper
from importer.mapper.mapping.file import parse_mapping
from importer.matching.hashes import Hasher
from importer.matching.match_texts import findable_texts, without_case

pytestmark = pytest.mark.slow

CONTACT = """\
object = "contact"
{identity}
[fields]
name = {{ column = "A", {name} }}
email = {{ column = "B", type = "email" }}
phone = {{ column = "C", type = "phone", region = "AE" }}
mobile_phone = {{ columns = ["D", "C"], type = "phone", region = {{ column = "E" }} }}
notes = {{ template = "{{A}} / {{E}}" }}
country = {{ column = "E", type = "country" }}
created_at = {{ column = "F", type = "datetime", formats = ["iso", "%d.%m.%Y"], timezone = "UTC" }}
tags = {{ column = "G", split = ";" }}
status = {{ column = "H", values = {{ "x" = "new", "" = "new", "*" = "old" }} }}
source = {{ const = "list" }}
company = "I"
"attributes.rooms" = {{ column = "J", type = "integer" }}
"attributes.own.paid" = {{ column = "K", type = "boolean" }}
own_field = "L"
[read]
null = ["-", "N/A"]
"""
LEAD = """\
object = "lead"
[fields]
name = { column = "A", truncate = true }
email = "B"
phone = { column = "C", type = "phone", region = "DE", extension = "drop" }
source = { column = "I", split = ";", type = "text" }
"""
DEAL = """\
object = "deal"
[fields]
title = "A"
amount = { column = "J", type = "money", currency = "*" }
currency = { column = "K", type = "text" }
close_date = { column = "F", type = "date", formats = ["iso", "%d.%m.%Y"] }
"""
APPOINTMENT = """\
object = "appointment"
[fields]
customer_name = "A"
customer_phone = "C"
scheduled_start = { column = "F", type = "datetime", timezone = "UTC" }
scheduled_end = { column = "G", type = "datetime", timezone = "UTC" }
"""
OWN = """\
object = "contact"
[fields]
name = "A"
attributes = "J"
rank = "K"
[schema.properties.rank]
type = "string"
maxLength = 3
[schema.properties.attributes]
type = "object"
[schema.properties."attributes.a"]
type = "integer"
[schema]
required = ["attributes.a"]
"""
OWN_INNER = """\
object = "contact"
[fields]
name = "A"
"attributes.rooms" = { column = "J", type = "integer" }
"attributes.view" = "K"
[schema]
required = ["attributes.rooms"]
[schema.properties.attributes]
type = "object"
[schema.properties."attributes.rooms"]
type = "integer"
maximum = 5
[schema.properties."attributes.view"]
enum = ["x", "new"]
"""
OMIT = """\
object = "lead"
[fields]
name = { column = "A", on_error = "omit" }
email = { column = "B", type = "email", on_error = "omit" }
phone = { column = "C", type = "phone", region = "AE", on_error = "omit" }
status = { column = "H", values = { "x" = "lost", "" = "none such", "*" = "y" }, on_error = "omit" }
timeline = "D"
"attributes.rooms" = { column = "J", type = "integer", on_error = "omit" }
[schema.properties."attributes.rooms"]
type = "integer"
maximum = 5
"""
MORE = """\
object = "contact"
[fields]
name = { join = ["A", "I"], separator = " / ", default = "nobody" }
phone = { valid_first = ["C", "D"], type = "phone", region = { column = "E", default = "AE" } }
mobile_phone = { column = "C", type = "phone", split = ["/", ";"], on_error = "keep" }
website = { columns = ["H", "L"], type = "url", on_error = "keep", default = "https://a.example" }
company = { column = "I", default = "none", replace = [["^x+$", ""], ["(\\\\w)a", "$1b"]] }
status = { column = "H", values = { "x" = "new", "*" = "old" }, default = "open" }
source = { valid_first = ["J", "A", "B"] }
tags = { column = "G", split = [";", ","], replace = [["a", "b"]], default = ["t"] }
email = { column = "B", type = "email", split = [";", ","], on_error = "omit" }
notes = { join = ["J", "K"], unless = ["G", "L"] }
"""
ENDING = """\
object = "appointment"
[fields]
customer_name = "A"
customer_phone = { column = "C", type = "phone", region = "AE", on_error = "keep" }
scheduled_start = { columns = ["F", "G"], type = "datetime", formats = ["iso", "%d.%m.%Y"], timezone = "UTC" }
scheduled_end = { after = "scheduled_start", minutes = { column = "J", default = 30 } }
"""  # noqa: E501
REST = """\
object = "lead"
rest = "attributes"
leave_out = ["L"]
[fields]
name = "A"
phone = { column = "C", type = "phone", region = "AE", on_error = "keep" }
"""
NOTES = """\
object = "contact"
rest = "notes"
[fields]
name = "A"
notes = "B"
"""
BY_ROW = """\
object = "contact"
[fields]
name = "A"
phone = { column = "C", type = "phone", region = { column = "E", default = "AE" } }
mobile_phone = { column = "D", type = "phone", region = { column = "E" }, on_error = "keep" }
created_at = { column = "F", type = "datetime", formats = ["iso", "%d.%m.%Y"], timezone = "UTC" }
birthday = { column = "G", type = "date", on_error = "omit" }
[read]
null = ["-"]
"""
BY_COUNTRY = "phones by the country of the row"
HASHER = Hasher("salt")
NAMES = "ABCDEFGHIJKL"
CELLS = [
    "", " ", "-", "N/A", " Al ", "Jos\u00e9", "Jose\u0301", "a\u200bb", 'say "x"\\', "x" * 300,
    "x" * 20_000, "\t", "\u00a0", "5\n6", "1", "0", "yes", "a;b", "a,b", "x", "new", "800123", "12",
    "a@example.com", "A@Example.COM", "mailto:a@b.co", "'a@b.co", "a@b.co.", "postmaster@b.co",
    "Abuse@b.co", "a@x--y.co", "a@b.test", "a@b", "a@b.c0", "é@b.co", "a@b.co; c@d.co",
    f"{'l' * 65}@b.co", f"a@{'d' * 64}.co", "050-123 4567", "0501234567", "+971501234567",
    "00971501234567", "501234567", "(04) 3012345", "+4915112345678", "0501234567 ext 5",
    "+9710501234567", "9.71501E+11", "030 1234567", "AE", "Germany", "nowhere", "DE", "USD",
    "2024-05-31", "31.05.2024", "2024-05-31T09:30:00+04:00", "2024-02-30", "2024-05-30T09:30:00Z",
    "0:45", "050 123 4567 / 04 3012345", "90",
]  # fmt: skip
OTHERS: list[Any] = [None, True, 1, 0, 1.0, 1.5, [], ["a"], {}, {"a": 1}, ["a", 2], {"a": "x"}]


MAPPINGS = {
    "joined, replaced, kept and with defaults": MORE,
    "minutes added": ENDING,
    "the rest as attributes": REST,
    "the rest in notes": NOTES,
    "plain": CONTACT.format(name='type = "text"', identity=""),
    "names": CONTACT.format(name='type = "name", case = "title"', identity=""),
    "identity": CONTACT.format(
        name='type = "text"', identity='identity = ["email", "attributes.rooms"]'
    ),
    "lead": LEAD,
    "deal": DEAL,
    "appointment": APPOINTMENT,
    "bad values left out": OMIT,
    "own fields": OWN_INNER,
    "own fields in an object": OWN,
    BY_COUNTRY: BY_ROW,
    "nothing that is always there": 'object = "contact"\n[fields]\nphone = "C"\ncity = "D"\n',
}


@cache
def mapper(name: str) -> Mapper:
    mapping = parse_mapping(MAPPINGS[name].encode())
    one = Mapper(mapping, mapping.object or "contact")
    if "the rest" in name:
        one.check_columns(NAMES)
    return one


def assert_alike(one: Mapper, rows: Sequence[dict[str, Any]]) -> None:
    """Map the rows in lists, in a table if they can be in one, and one by one, and compare all."""
    columns = {name: [find(row, name) for row in rows] for name in one.mapped_columns}
    cells = [cell for column in columns.values() for cell in column]
    assert_as_one_by_one(one, one.map_columns(columns, len(rows)), rows)
    if all(isinstance(cell, str) for cell in cells):
        table = pl.DataFrame(columns)
        assert_as_one_by_one(one, one.map_columns(table, len(rows)), rows)
    each = [Row(number=at, line=at, source="s", values=row) for at, row in enumerate(rows)]
    assert one.map_rows(each) == [*map(one.map, each)]


def assert_as_one_by_one(one: Mapper, block: MappedBlock, rows: Sequence[dict[str, Any]]) -> None:
    labels = [
        (field.plan.target, field.labels) for field in block.fields if field.labels is not None
    ]
    sent = [(field.plan.target, field.texts) for field in block.fields]
    identities = block.identities()
    identity_of: dict[str, list[Any]] = {}
    good = [at for at in range(len(rows)) if at not in block.rejected]
    hashes = dict(zip(good, block.row_hashes(good), strict=True))
    texts = findable_texts(block.object, block.values(good), len(good), one.mapping.identity)
    marks = {at: {*HASHER.findable(found)} for at, found in zip(good, texts, strict=True)}
    for at, values in enumerate(rows):
        record, changes = one.map_with_changes(Row(number=1, line=1, source="s", values=values))
        assert isinstance(record, Rejected) == (at in block.rejected), values
        if not isinstance(record, Record):
            continue
        assert hashes[at] == row_hash(record.object, record.fields)
        found = HASHER.hashes(record.object, record.fields, record.identity).findable()
        assert marks[at] == {*found}
        assert sorted((name, what) for name, column in labels if (what := column[at])) == sorted(
            (change.field, change.what) for change in changes
        )
        for name, column in sent:
            value = find(record.fields, name)
            assert column[at] == (value if isinstance(value, str) else None)
        if identities is not None:
            same = [without_case(text) for text in record.identity or ()]
            assert identity_of.setdefault(identities[at], same) == same
    assert len(identity_of) == len({*map(repr, identity_of.values())})


cells = st.one_of(
    st.sampled_from(CELLS), st.text(max_size=6), st.from_regex(r"[ 0()+-]{0,4}[0-9]{5,9}")
)
tables = st.lists(st.tuples(*[cells] * len(NAMES)), min_size=1, max_size=8)


@pytest.mark.parametrize("name", MAPPINGS)
@settings(max_examples=examples(6))
@given(tables=st.lists(tables, min_size=1, max_size=2), often=st.booleans())
def test_texts(name: str, *, tables: list[list[tuple[str, ...]]], often: bool) -> None:
    for table in tables:
        rows = [dict(zip(NAMES, row, strict=True)) for row in table]
        assert_alike(mapper(name), rows * (3 if often else 1))


@pytest.mark.parametrize("name", MAPPINGS)
@settings(max_examples=examples(6))
@given(data=st.data())
def test_values_of_json(name: str, data: st.DataObject) -> None:
    values = st.dictionaries(st.sampled_from(NAMES), cells | st.sampled_from(OTHERS))
    rows = data.draw(st.lists(values, min_size=1, max_size=8))

    assert_alike(mapper(name), rows)


@pytest.mark.parametrize("name", some(["lead", "plain", "bad values left out"], 1))
def test_many_different_values_with_the_odd_ones_among_them(name: str) -> None:
    rows = []
    for at in range(1400):
        row = dict.fromkeys(NAMES, CELLS[at % len(CELLS)] if at % 50 == 7 else "")
        row |= {"A": f"Name {at}", "B": f"p{at}@Example{at % 300}.com", "C": f"050-{at:07}"}
        rows.append(row | {"F": f"{at % 28 + 1:02}.03.2019", "I": CELLS[at % len(CELLS)]})

    for start, end in ((0, 1150), (1150, 1400), (0, 250)):
        assert_alike(mapper(name), rows[start:end])


def test_many_different_numbers_of_different_countries_with_odd_ones_among_them() -> None:
    countries = ["AE", " AE", "Germany", "", "-", "nowhere", "US", "ae"]
    rows = []
    for at in range(1000):
        row = dict.fromkeys(NAMES, CELLS[at % len(CELLS)] if at % 50 == 7 else "")
        row |= {"A": f"Name {at}", "C": f"050-{at:07}", "D": f"+49 151 {at:08}"}
        row |= {
            "E": countries[at % len(countries)],
            "F": f"2019-03-{at % 28 + 1:02} 10:00:{at % 60}",
        }
        if at % 90 == 3:
            row |= {"C": CELLS[at % len(CELLS)], "D": CELLS[at % len(CELLS)]}
        rows.append(row)

    for start in (0, 500, 0):
        assert_alike(mapper(BY_COUNTRY), rows[start : start + 500])
