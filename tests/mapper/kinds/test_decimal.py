"""The kind decimal: every digit is kept, in texts and in JSON numbers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from importer.mapper.kinds.decimal import DECIMAL
from importer.mapper.values.numbers import NumberOptions
from importer.mapper.values.texts import BadValue


@pytest.mark.parametrize(
    ("raw", "mark", "sent"),
    [
        ("1250.00", None, "1250.00"),
        ("1.250,50", ",", "1250.50"),
        (Decimal("1250.10"), None, "1250.10"),
        (12, None, "12"),
        (1.5, None, "1.5"),
        ("\u200e", None, ""),
    ],
)
def test_what_is_sent(raw: Any, mark: Any, sent: str) -> None:
    assert DECIMAL.build(NumberOptions(decimal_mark=mark), None)(raw) == sent


@pytest.mark.parametrize("raw", [True, [1], "1,234", "abc", float("nan")])
def test_what_is_refused(raw: Any) -> None:
    with pytest.raises(BadValue):
        DECIMAL.build(NumberOptions(), None)(raw)
