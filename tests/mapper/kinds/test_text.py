"""The kind text: cut only where a mapping asks for it, and JSON as its text."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from importer.mapper.kinds.text import TEXT, TextOptions
from importer.mapper.schema.object_schema import load_schema

NAME = load_schema("lead").fields["name"]


@pytest.mark.parametrize(
    ("raw", "sent"),
    [
        (" Ann\u200b ", "Ann"),
        (5, "5"),
        (Decimal("1.50"), "1.5"),
        (True, "true"),
        (["a"], ["a"]),
        ({"a": 1}, {"a": 1}),
    ],
)
def test_what_is_sent(raw: Any, sent: Any) -> None:
    assert TEXT.build(TextOptions(), NAME)(raw) == sent


def test_a_text_is_cut_at_the_limit_of_its_field_on_request() -> None:
    long = "x" * 201
    assert TEXT.build(TextOptions(), NAME)(long) == long
    assert TEXT.build(TextOptions(truncate=True), NAME)(long) == long[:200]


def test_nothing_is_cut_where_the_field_has_no_limit() -> None:
    with pytest.raises(ValueError, match="truncate: the field has no limit"):
        TEXT.build(TextOptions(truncate=True), None)


def test_a_change_says_whether_the_text_was_cut() -> None:
    cutting = TextOptions(truncate=True)
    assert TEXT.change(cutting, NAME, "x" * 201, "x" * 200) == "cut"
    assert TEXT.change(cutting, NAME, "a\x00", "a") == "hidden characters removed"
    assert TEXT.change(cutting, NAME, "a\x96", "a–") == "characters of windows-1252 restored"
