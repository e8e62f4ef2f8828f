"""Mapping files: the whole form, and every fault named with what to do."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from pathlib import Path

import pytest

from importer.core.errors import MappingError
from importer.core.settings import ReadOptions
from importer.mapper.kinds.phone import RegionColumn
from importer.mapper.mapping.file import load_mapping, parse_mapping
from importer.mapper.mapping.model import FieldMapping

WHOLE = """
object = "contact"
identity = ["external_ref"]

[fields]
first_name = "First Name"
external_ref = "ID"
email      = { columns = ["E-mail Address", "E-mail 2 Address"] }
name       = { template = "{First Name} {Last Name}" }
status     = { column = "Stage", values = { "Hot" = "qualified", "*" = "new" } }
source     = { const = "legacy-2019" }
tags       = { column = "Categories", split = ";" }
created_at = { column = "Created", type = "datetime", formats = ["%d/%m/%Y %H:%M"], timezone = "Asia/Dubai" }
"attributes.bedrooms" = { column = "Beds", type = "integer", decimal_mark = "," }
budget = { const = 1250.10 }
phone = { column = "Phone", type = "phone", region = "AE", extension = "drop" }
mobile_phone = { column = "Cell", type = "phone", region = { column = "Land", default = "DE" } }
owed = { column = "Owed", type = "money", currency = "AED" }
last_name = { column = "Who", type = "name", part = "last", order = "first last", case = "title" }
notes = { column = "Notes", truncate = true }

[read]
encoding = "windows-1256"
delimiter = ";"
null = ["", "N/A", "-"]
"""  # noqa: E501 - one line a field, as people write it

FIELDS_OF_WHOLE = (
    FieldMapping(field="first_name", columns=("First Name",)),
    FieldMapping(field="external_ref", columns=("ID",)),
    FieldMapping(field="email", columns=("E-mail Address", "E-mail 2 Address")),
    FieldMapping(field="name", template="{First Name} {Last Name}"),
    FieldMapping(field="status", columns=("Stage",), values={"Hot": "qualified", "*": "new"}),
    FieldMapping(field="source", const="legacy-2019"),
    FieldMapping(field="tags", columns=("Categories",), split=(";",)),
    FieldMapping(
        field="created_at",
        columns=("Created",),
        type="datetime",
        options={"formats": ("%d/%m/%Y %H:%M",), "timezone": "Asia/Dubai"},
    ),
    FieldMapping(
        field="attributes.bedrooms",
        columns=("Beds",),
        type="integer",
        options={"decimal_mark": ","},
    ),
    FieldMapping(field="budget", const=Decimal("1250.10")),
    FieldMapping(
        field="phone",
        columns=("Phone",),
        type="phone",
        options={"region": "AE", "extension": "drop"},
    ),
    FieldMapping(
        field="mobile_phone",
        columns=("Cell",),
        type="phone",
        options={"region": RegionColumn(column="Land", default="DE")},
    ),
    FieldMapping(field="owed", columns=("Owed",), type="money", options={"currency": "AED"}),
    FieldMapping(
        field="last_name",
        columns=("Who",),
        type="name",
        options={"part": "last", "order": "first last", "case": "title"},
    ),
    FieldMapping(field="notes", columns=("Notes",), options={"truncate": True}),
)


def test_the_whole_form(tmp_path: Path) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text(WHOLE, encoding="utf-8")
    mapping = load_mapping(path)
    assert mapping.object == "contact"
    assert mapping.identity == ("external_ref",)
    assert mapping.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert mapping.path == path
    assert mapping.name == str(path)
    assert mapping.read == ReadOptions(
        encoding="windows-1256", delimiter=";", null=("", "N/A", "-")
    )
    assert mapping.fields == FIELDS_OF_WHOLE
    assert mapping.fields[11].reads == ("Cell", "Land")
    assert mapping.fields[11].holds == ("Cell",)
    assert mapping.fields[3].reads == ("First Name", "Last Name")


def test_a_mapping_that_leaves_all_but_fields_open() -> None:
    mapping = parse_mapping(b'\xef\xbb\xbf[fields]\r\nname = "Name"\r\n')
    assert (mapping.object, mapping.identity, mapping.read) == (None, None, ReadOptions())
    assert mapping.name == "the mapping by headers"


FAULTS = [
    ('name = "Name"', "name: there is no such key. Fields must be below a line [fields]."),
    ('feilds = 1\n[fields]\nname = "N"', "feilds: there is no such key. Did you mean 'fields'?"),
    ('object = "contact"', "fields: it must be a table [fields] with at least one field."),
    ("[fields]", "fields: it must be a table [fields] with at least one field."),
    ("fields = 3", "fields: it must be a table [fields]"),
    ('read = 3\n[fields]\nname = "N"', "read: it must be a table [read]."),
    ('object = "person"\n[fields]\nname = "N"', "object: it must be one of contact, lead"),
    ('identity = "name"\n[fields]\nname = "N"', "identity: it must be a list of mapped fields"),
    (
        'identity = ["emial"]\n[fields]\nemail = "E"',
        "identity: 'emial' is not among the mapped fields. Did you mean 'email'?",
    ),
    ('identity = ["a"]\n[fields]\na = { const = "x" }', "identity: it has constants only"),
    ('[fields]\nformats = ["iso"]', "formats goes into the line of a field, as in <field> = {"),
    ("[fields]\nname = 3", "name: it must be a column's name in quotes, or a table."),
    ('[fields]\nname = ""', "name: column: it must be a column's name in quotes."),
    (
        '[fields]\nname = { colunm = "N" }',
        "name: colunm: there is no such key. Did you mean 'column'?",
    ),
    (
        "[fields]\nname = {}",
        "column, columns, template, const, join, valid_first, after; there is none.",
    ),
    (
        '[fields]\nname = { column = "N", const = "x" }',
        "valid_first, after; there are column and const.",
    ),
    ("[fields]\nname = { columns = [] }", "name: columns: it must be a list of columns"),
    ("[fields]\nname = { const = 2024-01-01 }", "name: const: it must be a text, a number"),
    (
        '[fields]\nid = { column = "I", type = "barcode" }',
        "id: type: there is no type 'barcode'. The types are text, name, phone,",
    ),
    (
        '[fields]\nage = { column = "A", type = "interger" }',
        "there is no type 'interger'. Did you mean 'integer'?",
    ),
    (
        '[fields]\nphone = { column = "P", type = "phone", region = "UAE" }',
        "phone: region: 'UAE': unknown region; use a code of ISO 3166, such as AE.",
    ),
    (
        '[fields]\np = { column = "P", type = "phone", region = { column = "C", default = "xx" } }',
        "p: region: 'xx': unknown region",
    ),
    (
        '[fields]\nphone = { column = "P", type = "phone", region = { colunm = "C" } }',
        'phone: region: it must be a country code, as in "AE", or { column = "Country"',
    ),
    (
        '[fields]\nphone = { const = "1", type = "phone", region = { column = "C" } }',
        "phone: region: a constant is the same in every row; state one region, not a column.",
    ),
    (
        '[fields]\nphone = { column = "P", extension = "keep" }',
        'phone: extension: it must be "refuse" or "drop".',
    ),
    (
        '[fields]\namount = { column = "A", type = "money", currency = "Dirham" }',
        "amount: currency: 'Dirham': unknown currency",
    ),
    ('[fields]\nname = { column = "N", part = "middle" }', 'name: part: it must be "first" or'),
    ('[fields]\nname = { column = "N", order = "l f" }', 'name: order: it must be "first last",'),
    (
        '[fields]\nname = { column = "N", case = "upper" }',
        'name: case: it must be "title", or',
    ),
    ('[fields]\nname = { column = "N", truncate = 1 }', "name: truncate: it must be true or"),
    (
        '[fields]\nname = { const = "x", split = ";" }',
        "name: a constant takes none of values, codes, split, replace and default",
    ),
    ('[fields]\nname = { column = "N", values = {} }', "name: values: it must be a table of texts"),
    (
        '[fields]\nref = "vorel_row"',
        "ref: vorel_row: columns that begin vorel_ are the importer's own.",
    ),
    ('[fields]\nname = { template = "{A" }', "name: template: '{A': a single '{'"),
    (
        '[fields]\nd = { column = "D", formats = ["%d/%m"] }',
        "d: formats: '%d/%m': it must say day, month and year.",
    ),
    (
        '[fields]\nd = { column = "D", timezone = "Dubai" }',
        "d: timezone: 'Dubai': unknown time zone",
    ),
    (
        '[fields]\nn = { column = "N", decimal_mark = ";" }',
        'n: decimal_mark: it must be "." or ","',
    ),
    ('[fields]\nn = { column = "N", separator = ";" }', "n: separator: it goes with join only."),
    ("[fields]\nn = { join = [] }", "n: join: it must be a list of columns"),
    ('[fields]\nn = { valid_first = "A" }', "n: valid_first: it must be a list of columns"),
    (
        '[fields]\nn = { column = "A", valid_first = true }',
        "n: valid_first: true goes with columns",
    ),
    (
        '[fields]\nn = { column = "N", default = "x", values = { "" = "y" } }',
        'n: default: values has an entry for "" already',
    ),
    (
        '[fields]\nn = { column = "N", replace = [["(", ""]] }',
        "n: replace: '(' is not a pattern that can be used",
    ),
    (
        '[fields]\nn = { column = "N", replace = [["a(?=b)", ""]] }',
        "n: replace: 'a(?=b)' is not a pattern that can be used",
    ),
    ('[fields]\nn = { column = "N", replace = [["a"]] }', "n: replace: it must be a list of pairs"),
    ('[fields]\nend = { after = "start" }', "end: after: it needs minutes beside it"),
    ('[fields]\nend = { column = "N", minutes = 5 }', "end: minutes: it goes with after only"),
    (
        '[fields]\nend = { after = "start", minutes = 0 }',
        "end: minutes: it must be a number of minutes, as in 30",
    ),
    (
        '[fields]\nend = { after = "start", minutes = 5, timezone = "UTC" }',
        "end: timezone: it does not go with after",
    ),
    (
        '[fields]\nend = { after = "start", minutes = 5, on_error = "keep" }',
        "end: on_error: what is not a number of minutes cannot be kept",
    ),
    ('rest = "tags"\n[fields]\nn = "N"', 'rest: it must be "attributes" or "notes".'),
    ('leave_out = ["A"]\n[fields]\nn = "N"', "leave_out: it goes with rest only"),
    ('[fields]\n"a..b" = "N"', "'a..b': a field's name has no empty part."),
    (
        '[fields]\nattributes = "A"\n"attributes.beds" = "B"',
        "attributes.beds: attributes is mapped as a whole already.",
    ),
    (
        '[fields]\nattributes.beds = "B"',
        'attributes: a name with a dot must be in quotes: "attributes.beds".',
    ),
    (
        '[fields]\nname = "N"\n[read]\nencodign = "x"',
        "read.encodign: there is no such key. Did you mean",
    ),
    (
        '[fields]\nname = "N"\n[read]\nencoding = "klingon"',
        "read.encoding: 'klingon' is not an encoding",
    ),
]


@pytest.mark.parametrize(("text", "message"), FAULTS, ids=[message for _, message in FAULTS])
def test_each_fault_is_named(text: str, message: str) -> None:
    with pytest.raises(MappingError) as caught:
        parse_mapping(text.encode(), Path("my.toml"))
    assert message in caught.value.message
    assert caught.value.message.startswith("my.toml: ")
    keys = [tuple(line.split(": ")[1:3]) for line in caught.value.message.splitlines()]
    assert len({*keys}) == len(keys)
    assert "`vorel-import map`" in str(caught.value.hint)
    assert caught.value.exit_code == 2


def test_all_faults_come_at_once() -> None:
    text = b'[fields]\na = 1\nb = { column = "B", type = "x" }\n[read]\nnul = []'
    with pytest.raises(MappingError) as caught:
        parse_mapping(text)
    assert [line.split(": ")[1] for line in caught.value.message.splitlines()] == [
        "read.nul",
        "a",
        "b",
    ]


def test_a_file_that_is_no_toml_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text("[fields]\nname = First Name\n", encoding="utf-8")
    with pytest.raises(MappingError, match=r"m\.toml: not a TOML file: .*line 2"):
        load_mapping(path)


def test_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_bytes('[fields]\nname = "Größe"\n'.encode("latin-1"))
    with pytest.raises(MappingError, match="line 2 is not UTF-8"):
        load_mapping(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="cannot be read: No such file"):
        load_mapping(tmp_path / "m.toml")
