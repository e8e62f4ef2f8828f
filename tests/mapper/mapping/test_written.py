# ruff: noqa: E501 - lines of a mapping
"""A mapping is written as a file again, from which it is read as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from importer.mapper.mapping.file import load_mapping, parse_mapping
from importer.mapper.mapping.model import FieldMap
from importer.mapper.mapping.toml_text import as_toml

ROOT = Path(__file__).parents[3]
EVERY_KEY = """
object = "appointment"
identity = ["ref"]
rest = "attributes"
leave_out = ["Row No"]
[fields]
customer_name = { template = "{First} {Last}" }
customer_phone = { valid_first = ["Mobile", "Phone"], type = "phone", region = { column = "Land", default = "AE" } }
customer_email = { columns = ["E-mail", "E-mail 2"], type = "email", split = [";", ","], on_error = "omit" }
scheduled_start = { column = "Start", formats = ["%d/%m/%Y %H:%M"], timezone = "Asia/Dubai" }
scheduled_end = { after = "scheduled_start", minutes = { column = "Length", default = 30 } }
status = { column = "Stage", values = { "Won \\"big\\"" = "completed", "*" = "confirmed" }, default = "confirmed" }
notes = { join = ["A", "B"], separator = "\\n", unless = ["C"] }
"attributes.price" = { const = 1250.10 }
ref = { column = "ID", replace = [["^0+", ""]] }
[read]
encoding = "windows-1256"
null = ["-"]
"""


@pytest.mark.parametrize(
    "mapping",
    [
        parse_mapping(EVERY_KEY.encode()),
        *(load_mapping(path) for path in sorted((ROOT / "sample_data").glob("*.toml"))),
    ],
    ids=lambda one: one.name,
)
def test_it_is_read_as_it_was(mapping: FieldMap) -> None:
    text = as_toml(FieldMap.from_json(mapping.to_json()))
    if mapping.own:
        assert text is None
        return
    assert text is not None
    again = parse_mapping(text.encode())
    for name in ("fields", "object", "identity", "rest", "leave_out", "read"):
        assert getattr(again, name) == getattr(mapping, name), name


def test_lines_that_rest_has_added_are_not_written() -> None:
    from importer.mapper.mapper import Mapper

    text = '[fields]\nname = "N"\n'
    mapper = Mapper(parse_mapping(f'rest = "notes"\n{text}'.encode()), "contact")
    mapper.check_columns(["N", "Area"])
    assert as_toml(mapper.mapping) == 'rest = "notes"\n\n[fields]\nname = "N"\n'
