"""The kind tags: a list of texts, and never a guess at what separates them."""

from __future__ import annotations

from typing import Any

import pytest

from importer.core.records import Record, Rejected, Row
from importer.mapper.mapper import Mapper
from importer.mapper.mapping.file import parse_mapping


def mapped(line: str, cell: Any) -> Record | Rejected:
    mapper = Mapper(parse_mapping(f'[fields]\nname = "N"\ntags = {line}'.encode()), "contact")
    return mapper.map(Row(number=1, line=2, source="a.csv", values={"N": "A", "T": cell}))


@pytest.mark.parametrize(
    ("line", "cell", "sent"),
    [
        ('"T"', "vip", ["vip"]),
        ('"T"', ["vip", " new "], ["vip", "new"]),
        ('{ column = "T", split = ";" }', "vip; new;;", ["vip", "new"]),
        ('{ column = "T", split = ";" }', "a\x00x;b", ["ax", "b"]),
    ],
)
def test_what_is_sent(line: str, cell: Any, sent: list[str]) -> None:
    record = mapped(line, cell)
    assert isinstance(record, Record)
    assert record.fields["tags"] == sent


@pytest.mark.parametrize("cell", ["vip; new", "vip, new", "vip|new", "vip، new"])
def test_a_cell_that_looks_like_several_is_refused(cell: str) -> None:
    refused = mapped('"T"', cell)
    assert isinstance(refused, Rejected)
    assert "may be several tags." in refused.error.message
    assert "split = " in str(refused.error.hint)
