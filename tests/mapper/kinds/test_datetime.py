"""The kind datetime: always sent with an offset, never a guessed one."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from importer.mapper.kinds.datetime import DATETIME, DatetimeOptions
from importer.mapper.values.texts import BadValue


@pytest.mark.parametrize(
    ("raw", "options", "sent"),
    [
        ("2024-05-31T09:30+04:00", {}, "2024-05-31T09:30:00+04:00"),
        ("2024-05-31 09:30", {"timezone": "Asia/Dubai"}, "2024-05-31T09:30:00+04:00"),
        (1717133400, {"formats": ("unix",)}, "2024-05-31T05:30:00+00:00"),
    ],
)
def test_what_is_sent(raw: Any, options: dict[str, Any], sent: str) -> None:
    assert DATETIME.build(DatetimeOptions(**options), None)(raw) == sent


def test_a_time_without_an_offset_needs_a_time_zone() -> None:
    with pytest.raises(BadValue, match="does not say its offset"):
        DATETIME.build(DatetimeOptions(), None)("2024-05-31 09:30")


def test_a_time_zone_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValidationError, match="'Dubai': unknown time zone"):
        DatetimeOptions(timezone="Dubai")
