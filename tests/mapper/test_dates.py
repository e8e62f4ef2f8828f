"""Dates and times: ISO 8601 or stated formats, offsets always, never a guess."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.mapper.dates import check_format, date_reader, datetime_reader, load_zone
from importer.mapper.values import BadValue

DUBAI, BERLIN = ZoneInfo("Asia/Dubai"), ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2024-05-31", "2024-05-31"),
        ("20240531", "2024-05-31"),
        ("٢٠٢٤-٠٥-٣١", "2024-05-31"),
        ("2024-02-29", "2024-02-29"),
        ("2024-05-31T00:00:00", "2024-05-31"),
        ("2024-05-31 00:00", "2024-05-31"),
        ("2024-05-31 00:00:00.000", "2024-05-31"),
    ],
)
def test_date(written: str, read: str) -> None:
    assert date_reader()(written) == read


@pytest.mark.parametrize(
    "written",
    [
        "31/05/2024",
        "05/06/2024",
        "31.5.24",
        "2024-02-30",
        "2024-05-31 10:00",
        "2024-05-31T00:00:00Z",
        "2024-5-31",
        "45443",
        "soon",
        "",
    ],
)
def test_date_that_is_not_guessed(written: str) -> None:
    with pytest.raises(BadValue):
        date_reader()(written)


@pytest.mark.parametrize(
    ("written", "formats", "read"),
    [
        ("31/05/2024", ["%d/%m/%Y"], "2024-05-31"),
        ("١٥/٠٣/١٩٨٥", ["%d/%m/%Y"], "1985-03-15"),
        ("1/2/2024", ["%d/%m/%Y"], "2024-02-01"),
        ("May 31, 2024", ["%d/%m/%Y", "%B %d, %Y"], "2024-05-31"),
        ("31.05.24", ["%d.%m.%y"], "2024-05-31"),
        ("31/05/2024 23:59", ["%d/%m/%Y %H:%M"], "2024-05-31"),
    ],
)
def test_date_in_stated_formats(written: str, formats: list[str], read: str) -> None:
    assert date_reader(formats)(written) == read


def test_a_stated_format_is_the_only_one_read() -> None:
    with pytest.raises(BadValue, match="in the form %d/%m/%Y or %d-%m-%Y"):
        date_reader(["%d/%m/%Y", "%d-%m-%Y"])("2024-05-31")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2024-05-31T09:30:00Z", "2024-05-31T09:30:00+00:00"),
        ("2024-05-31t09:30z", "2024-05-31T09:30:00+00:00"),
        ("2024-05-31 09:30:15 +04:00", "2024-05-31T09:30:15+04:00"),
        ("2024-05-31T09:30 +0400", "2024-05-31T09:30:00+04:00"),
        ("2024-05-31T09:30:15.250-05:00", "2024-05-31T09:30:15.250000-05:00"),
        ("2024-05-31T09:30:15,5Z", "2024-05-31T09:30:15.500000+00:00"),
        ("2024-05-31 09:30", "2024-05-31T09:30:00+04:00"),
        ("٢٠٢٤-٠٥-٣١ ٠٩:٣٠", "2024-05-31T09:30:00+04:00"),
    ],
)
def test_datetime(written: str, read: str) -> None:
    assert datetime_reader(zone=DUBAI)(written) == read


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("2024-05-31", "no time of day"),
        ("2024-05-31T25:00", "no day or time that exists"),
        ("31/05/2024 09:30", "no time in the form"),
        ("tomorrow", "no time in the form"),
    ],
)
def test_datetime_that_is_not_guessed(written: str, reason: str) -> None:
    with pytest.raises(BadValue, match=reason):
        datetime_reader(zone=DUBAI)(written)


def test_a_time_without_offset_needs_a_zone() -> None:
    with pytest.raises(BadValue, match="does not say its offset") as caught:
        datetime_reader()("2024-05-31 09:30")
    assert "timezone" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("written", "formats", "read"),
    [
        ("31/05/2024 09:30", ["%d/%m/%Y %H:%M"], "2024-05-31T09:30:00+04:00"),
        ("31/05/2024 9:30 PM", ["%d/%m/%Y %I:%M %p"], "2024-05-31T21:30:00+04:00"),
        ("31/05/2024", ["%d/%m/%Y"], "2024-05-31T00:00:00+04:00"),
        ("31/05/2024 09:30 +0200", ["%d/%m/%Y %H:%M %z"], "2024-05-31T09:30:00+02:00"),
    ],
)
def test_datetime_in_stated_formats(written: str, formats: list[str], read: str) -> None:
    assert datetime_reader(formats, DUBAI)(written) == read


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("2024-03-31 02:30", "does not exist that day"),
        ("2024-10-27 02:30", "comes twice that day"),
        ("1880-01-01 12:00", "before time zones"),
    ],
)
def test_hours_the_clocks_skip_or_repeat_are_refused(written: str, reason: str) -> None:
    with pytest.raises(BadValue, match=reason):
        datetime_reader(zone=BERLIN)(written)


def test_summer_time_is_known() -> None:
    read = datetime_reader(zone=BERLIN)
    assert read("2024-07-01 12:00").endswith("+02:00")
    assert read("2024-12-01 12:00").endswith("+01:00")


LOCAL_TIMES = st.datetimes(
    min_value=dt.datetime.fromisoformat("1950-01-01"),
    max_value=dt.datetime.fromisoformat("2100-01-01"),
)


@given(LOCAL_TIMES)
def test_datetime_of_a_datetime_is_itself(moment: dt.datetime) -> None:
    read = datetime_reader(zone=DUBAI)
    once = read(moment.isoformat())
    assert read(once) == once
    assert dt.datetime.fromisoformat(once).replace(tzinfo=None) == moment


@pytest.mark.parametrize("format_", ["%d/%m/%Y", "%y%m%d", "%c", "%d %b %Y %I:%M %p", "%Y-%j"])
def test_formats_that_say_all(format_: str) -> None:
    check_format(format_)


@pytest.mark.parametrize(
    ("format_", "reason"),
    [
        ("%d/%m", "day, month and year"),
        ("%H:%M", "day, month and year"),
        ("dd/mm/yyyy", "day, month and year"),
        ("%d/%m/%Y %I:%M", "%I needs %p"),
        ("%d/%m/%Y %M", "minutes and no hour"),
        ("%d/%m/%Y %Z", "%Z cannot"),
        ("%d/%m/%Q", "strptime does not take it"),
    ],
)
def test_formats_that_leave_something_open(format_: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        check_format(format_)


@pytest.mark.parametrize("name", ["Dubai", "../etc/passwd", "Asia", "GST+4?"])
def test_time_zones_that_do_not_exist(name: str) -> None:
    with pytest.raises(ValueError, match="no such time zone"):
        load_zone(name)
