"""What a hint says to write, written literally, works."""

from __future__ import annotations

import re

import pytest

from importer.mapper import Mapper, parse_mapping
from importer.records import Record, Rejected, Row

SEPARATORS = (" ::: ", "\n", ";", "; ", ",", ", ", "|", " / ", "/", " & ", " or ", " und ", " ")


def mapped(line: str, value: str) -> Record | Rejected:
    mapper = Mapper(parse_mapping(f'[fields]\nname = "N"\n{line}'.encode()), "contact")
    return mapper.map(Row(number=1, line=2, source="", values={"N": "Ann", "A": value}))


@pytest.mark.parametrize("mark", SEPARATORS)
@pytest.mark.parametrize(
    ("field", "keys", "one", "other"),
    [
        ("email", "", "ann@example.com", "bob@example.com"),
        ("phone", ', region = "AE"', "+971501234567", "+97143012345"),
    ],
)
def test_a_separator_that_is_named(mark: str, field: str, keys: str, one: str, other: str) -> None:
    value = f"{one}{mark}{other}"
    rejected = mapped(f'{field} = {{ column = "A", type = "{field}"{keys} }}', value)
    if isinstance(rejected, Record):  # E.164 may be written with spaces
        pytest.fail(f"{value!r} is read as one")
    hint = rejected.error.hint or ""
    split = re.search(r"split = \".*?\"", hint)
    if split is None:
        assert mark == " "
        return
    record = mapped(f'{field} = {{ column = "A", type = "{field}"{keys}, {split[0]} }}', value)
    assert isinstance(record, Record)
    assert record.fields[field] == one
    left_out = mapped(
        f'{field} = {{ column = "A", type = "{field}"{keys}, on_error = "omit" }}', value
    )
    assert isinstance(left_out, Record)
    assert left_out.left_out == (field,)
