"""How long an answer asks a client to wait."""

from __future__ import annotations

import email.utils
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.sender.vorel.answer_headers import retry_after_seconds, until_reset_seconds

DATE = "Mon, 02 Mar 2026 09:30:00 GMT"
EPOCH = int(datetime(2026, 3, 2, 9, 30, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("18", 18),
        (" 18 ", 18),
        ("0", 0),
        ("0.25", 0.25),
        ("17.5", 17.5),
        ("86400", 86400),
        ("Mon, 02 Mar 2026 09:30:42 GMT", 42),
        ("Monday, 02-Mar-26 09:30:42 GMT", 42),
        ("Mon Mar  2 09:30:42 2026", 42),
    ],
)
def test_retry_after_is_a_number_or_a_date_on_the_servers_clock(text: str, seconds: float) -> None:
    assert retry_after_seconds({"retry-after": text, "date": DATE}) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "-5",
        "nan",
        "inf",
        "1e9",
        "1_000",
        "٣٠",
        "5, 5",
        "999999999999",
        "Mon, 02 Mar 2026 09:29:00 GMT",  # before the answer's own Date
        "Mon, 02 Mar 99999999999999999999 09:29:00 GMT",
        "Mon, 02 Mar 2026 09:30:00 +99999999999999999999",
        "Mon, 99 Mar 2026 09:30:00 GMT",
    ],
)
def test_nonsense_in_retry_after_is_not_trusted(text: str) -> None:
    assert retry_after_seconds({"retry-after": text, "date": DATE}) is None


def test_a_date_without_the_answers_own_date_counts_from_here() -> None:
    until = email.utils.format_datetime(datetime.now(UTC) + timedelta(seconds=300))
    wait = retry_after_seconds({"retry-after": until, "date": "no date"})
    assert wait == pytest.approx(300, abs=30)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [(str(EPOCH + 12), 12), (f"{EPOCH + 12}.5", 12.5), ("12", 12), ("0", 0), ("120", 120)],
)
def test_reset_is_an_instant_or_a_delta(text: str, seconds: float) -> None:
    assert until_reset_seconds({"x-ratelimit-reset": text, "date": DATE}) == seconds


@pytest.mark.parametrize(
    "text", ["", "x", "-1", "121", str(EPOCH - 1), str(EPOCH + 121), str(EPOCH * 1000), "1e3"]
)
def test_nonsense_in_reset_is_not_trusted(text: str) -> None:
    assert until_reset_seconds({"x-ratelimit-reset": text, "date": DATE}) is None


@given(retry_after=st.text(), reset=st.text(), date=st.text())
def test_no_header_breaks_the_reading(retry_after: str, reset: str, date: str) -> None:
    headers = {"retry-after": retry_after, "x-ratelimit-reset": reset, "date": date}
    for wait in (retry_after_seconds(headers), until_reset_seconds(headers)):
        assert wait is None or 0 <= wait < 1e7
