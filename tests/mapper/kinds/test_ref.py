"""The kind ref: ids stay as they are written, but those that a spreadsheet has rounded."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from importer.mapper.kinds import TYPES
from importer.mapper.kinds.ref import REF, read_ref
from importer.mapper.schema.object_schema import load_schema
from importer.mapper.values.kind import Options
from importer.mapper.values.texts import BadValue

ROUNDED = ["1.23457E+12", "1,23457E+12", "1.23457e+12", "5E+15", " 9.00719925474099E+15 "]


@pytest.mark.parametrize(
    ("raw", "sent"),
    [
        (" C-17 ", "C-17"),
        ("00123", "00123"),
        ("1234567890123", "1234567890123"),
        (1234567890123, "1234567890123"),
        ("12E4", "12E4"),
        ("1.5E4", "1.5E4"),
        ("12E-4", "12E-4"),
        ("A1E+12", "A1E+12"),
        ("1E+12-B", "1E+12-B"),
        ({"id": 1}, {"id": 1}),
    ],
)
def test_what_is_sent(raw: Any, sent: Any) -> None:
    assert read_ref(raw) == sent


@pytest.mark.parametrize("written", ROUNDED)
def test_an_id_that_a_spreadsheet_has_rounded(written: str) -> None:
    with pytest.raises(BadValue, match="was rounded by a spreadsheet") as caught:
        read_ref(written)
    assert "two people may have it" in str(caught.value.hint)


def test_whole_columns_are_read_like_single_cells() -> None:
    assert REF.column_reader is not None
    reader = REF.column_reader(Options())
    assert reader is not None
    read = reader(pl.DataFrame({"cell": ["C-17", "12E4", *ROUNDED]}))
    assert read.to_list() == ["C-17", "12E4", *[None] * len(ROUNDED)]


def test_a_change_is_worded_as_that_of_a_text() -> None:
    assert REF.change(Options(), None, "C\x00-17", "C-17") == "hidden characters removed"


@pytest.mark.parametrize("name", ["contact", "deal", "case"])
def test_ids_of_other_systems_are_read_so(name: str) -> None:
    assert load_schema(name).fields["external_ref"].kind == "ref"


def test_a_mapping_cannot_state_it_as_a_type() -> None:
    assert "ref" not in TYPES
