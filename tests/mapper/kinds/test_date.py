"""The kind date: in texts, and in numbers only where the mapping says what they count."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from importer.mapper.kinds.date import DATE, DateOptions
from importer.mapper.values.texts import BadValue


def stated(formats: tuple[str, ...]) -> DateOptions:
    return DateOptions(formats=formats) if formats else DateOptions()


@pytest.mark.parametrize(
    ("raw", "formats", "sent"),
    [
        ("2024-05-31", (), "2024-05-31"),
        ("31/05/2024", ("%d/%m/%Y",), "2024-05-31"),
        (45443, ("excel",), "2024-05-31"),
        (45443.5, ("excel",), "2024-05-31"),
        (Decimal("45443.5"), ("iso", "excel"), "2024-05-31"),
    ],
)
def test_what_is_sent(raw: Any, formats: tuple[str, ...], sent: str) -> None:
    assert DATE.build(stated(formats), None)(raw) == sent


@pytest.mark.parametrize(("raw", "formats"), [(45443, ("iso",)), (True, ("excel",)), ([], ())])
def test_a_number_that_counts_nothing_known_is_refused(raw: Any, formats: tuple[str, ...]) -> None:
    with pytest.raises(BadValue, match="is not a date in a text"):
        DATE.build(stated(formats), None)(raw)


def test_a_format_that_leaves_the_day_open_is_refused() -> None:
    with pytest.raises(ValidationError, match="'%m/%Y': it must say day, month and year"):
        DateOptions(formats=("%m/%Y",))
