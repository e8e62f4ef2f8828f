"""The kind object: JSON passes unchanged, as long as it can be sent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from importer.mapper.kinds import TYPES
from importer.mapper.kinds.object import OBJECT
from importer.mapper.values.kind import Options
from importer.mapper.values.texts import BadValue


@pytest.mark.parametrize("raw", [{"a": [1, {"b": None}]}, "text", 5, True])
def test_json_passes_unchanged(raw: Any) -> None:
    assert OBJECT.build(Options(), None)(raw) == raw


def test_a_decimal_is_sent_as_the_number_it_is() -> None:
    sent = OBJECT.build(Options(), None)(Decimal("1.50"))
    assert (type(sent), sent) == (float, 1.5)


def test_what_json_cannot_hold_is_refused() -> None:
    with pytest.raises(BadValue, match="is not a value JSON can hold"):
        OBJECT.build(Options(), None)({"a": float("inf")})


def test_a_mapping_cannot_state_it_as_a_type() -> None:
    assert "object" not in TYPES
