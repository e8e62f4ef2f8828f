"""Dates and times: ISO 8601 or stated formats, offsets always, never a guess."""

from __future__ import annotations

import datetime as dt
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.mapper.values.dates import check_format, date_reader, datetime_reader, load_zone
from importer.mapper.values.texts import BadValue, fold

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
        ("\u200f31/05/2024\u200e", ["%d/%m/%Y"], "2024-05-31"),
        # Months by name, as CLDR has them, short or long.
        ("31 مايو 2024", ["%d %B %Y"], "2024-05-31"),
        ("٣١ مايو ٢٠٢٤", ["%d %B %Y"], "2024-05-31"),
        ("1 كانون الثاني 2024", ["%d %B %Y"], "2024-01-01"),
        ("1 ايار 2024", ["%d %B %Y"], "2024-05-01"),
        ("31 Mai 2024", ["%d %B %Y"], "2024-05-31"),
        ("31. März 2024", ["%d. %B %Y"], "2024-03-31"),
        ("31.Dez.2024", ["%d.%b.%Y"], "2024-12-31"),
        ("1 août 2024", ["%d %B %Y"], "2024-08-01"),
        ("31 janv. 2024", ["%d %b %Y"], "2024-01-31"),
        ("31 de mayo de 2024", ["%d de %B de %Y"], "2024-05-31"),
        ("1 março 2024", ["%d %B %Y"], "2024-03-01"),
        ("1 gennaio 2024", ["%d %B %Y"], "2024-01-01"),
        ("1 mrt 2024", ["%d %b %Y"], "2024-03-01"),
        ("1 października 2024", ["%d %B %Y"], "2024-10-01"),
        ("5 Ağustos 2024", ["%d %B %Y"], "2024-08-05"),
        ("5 ARA 2024", ["%d %b %Y"], "2024-12-05"),
        ("1 мая 2024", ["%d %B %Y"], "2024-05-01"),
        ("31 मई 2024", ["%d %B %Y"], "2024-05-31"),
        ("1 جولائی 2024", ["%d %B %Y"], "2024-07-01"),
        ("5 sept 2024", ["%d %B %Y"], "2024-09-05"),
        # A spreadsheet's days: ECMA-376, part 1, 18.17.4.1.
        ("45443", ["excel"], "2024-05-31"),
        ("45443.5", ["excel"], "2024-05-31"),
        ("45443,5", ["excel"], "2024-05-31"),
        ("1", ["excel"], "1900-01-01"),
        ("59", ["excel"], "1900-02-28"),
        ("61", ["excel"], "1900-03-01"),
        ("٤٥٤٤٣", ["excel"], "2024-05-31"),
        ("2958465", ["excel"], "9999-12-31"),
        ("43981", ["excel-1904"], "2024-05-31"),
        ("0", ["excel-1904"], "1904-01-01"),
        ("1717133400", ["unix"], "2024-05-31"),
        ("1717133400000", ["unix-ms"], "2024-05-31"),
        ("-86400", ["unix"], "1969-12-31"),
        ("2024-05-31", ["iso", "excel"], "2024-05-31"),
        ("45443", ["iso", "excel"], "2024-05-31"),
        ("2024-05-31", ["%d/%m/%Y", "iso"], "2024-05-31"),
    ],
)
def test_date_in_stated_formats(written: str, formats: list[str], read: str) -> None:
    assert date_reader(formats)(written) == read


def test_a_stated_format_is_the_only_one_read() -> None:
    with pytest.raises(BadValue, match="in the form 31/12/2024 or 31-12-2024"):
        date_reader(["%d/%m/%Y", "%d-%m-%Y"])("2024-05-31")


@pytest.mark.parametrize(
    ("written", "formats"),
    [
        ("60", ["excel"]),  # the 29th of February 1900, which was not
        ("0", ["excel"]),
        ("2958466", ["excel"]),
        ("-1", ["excel-1904"]),
        ("5e4", ["excel"]),
        ("soon", ["excel", "unix"]),
        ("9999999999999", ["unix"]),
        ("31 Floréal 2024", ["%d %B %Y"]),
        ("31 mayo 2024", ["%d/%m/%Y"]),
        ("31/02/2024", ["%d/%m/%Y"]),
    ],
)
def test_date_that_is_in_no_stated_format(written: str, formats: list[str]) -> None:
    with pytest.raises(BadValue, match="is not a date in the form"):
        date_reader(formats)(written)


@pytest.mark.parametrize(
    ("written", "formats"),
    [
        ("1446-01-01", []),  # the Hijri calendar
        ("١٤٤٦-٠١-٠١", []),
        ("15/09/1445", ["%d/%m/%Y"]),
        ("1403-06-15", ["%Y-%m-%d", "iso"]),  # the Persian one
        ("0202-05-31", []),  # a slip
        ("1582-12-31", []),
    ],
)
def test_years_of_other_calendars_are_refused(written: str, formats: list[str]) -> None:
    with pytest.raises(BadValue, match="another calendar") as caught:
        date_reader(formats)(written)
    assert "Hijri" in str(caught.value.hint)
    assert date_reader()("1583-01-01") == "1583-01-01"


def test_no_name_is_that_of_two_months() -> None:
    table = files("importer.mapper.data").joinpath("months.tsv").read_text(encoding="utf-8")
    lines = [line.split("\t") for line in table.splitlines() if not line.startswith("#")]
    names = [{fold(name) for name in line[1:]} for line in lines]
    assert [line[0] for line in lines] == [str(month) for month in range(1, 13)]
    assert sum(map(len, names)) == len(set().union(*names))


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
        ("2024-05-31 09:30:00 UTC", "2024-05-31T09:30:00+00:00"),
        ("2024-05-31 9:30:15 -0800", "2024-05-31T09:30:15-08:00"),
        ("2024-05-31T9:30Z", "2024-05-31T09:30:00+00:00"),
        ("2024-05-31 09:30 GMT", "2024-05-31T09:30:00+00:00"),
        ("2024-05-31T09:30+04", "2024-05-31T09:30:00+04:00"),
        ("٢٠٢٤-٠٥-٣١ ٠٩:٣٠", "2024-05-31T09:30:00+04:00"),
    ],
)
def test_datetime(written: str, read: str) -> None:
    assert datetime_reader(zone=DUBAI)(written) == read


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("2024-05-31", "no time of day"),
        ("2024-05-31T25:00", "not a day or time that exists"),
        ("2024-05-31 24:00", "not a day or time that exists"),
        ("2024-05-31T24:00:00Z", "not a day or time that exists"),
        ("1446-01-01 09:30", "another calendar"),
        ("31/05/2024 09:30", "not a time in the form"),
        ("tomorrow", "not a time in the form"),
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
        ("31/05/2024 2:30 م", ["%d/%m/%Y %I:%M %p"], "2024-05-31T14:30:00+04:00"),
        ("31/05/2024 2:30 ص", ["%d/%m/%Y %I:%M %p"], "2024-05-31T02:30:00+04:00"),
        ("31/05/2024 2:30 مساءً", ["%d/%m/%Y %I:%M %p"], "2024-05-31T14:30:00+04:00"),
        ("31/05/2024 2:30 p.m.", ["%d/%m/%Y %I:%M %p"], "2024-05-31T14:30:00+04:00"),
        ("31/05/2024 2:30 a. m.", ["%d/%m/%Y %I:%M %p"], "2024-05-31T02:30:00+04:00"),
        ("31/05/2024 2:30 ÖS", ["%d/%m/%Y %I:%M %p"], "2024-05-31T14:30:00+04:00"),
        ("31 May 2024 2:30 pm", ["%d %B %Y %I:%M %p"], "2024-05-31T14:30:00+04:00"),
        ("31 mai 2024 14:30", ["%d %B %Y %H:%M"], "2024-05-31T14:30:00+04:00"),
        ("45443.39583333", ["excel"], "2024-05-31T09:30:00+04:00"),
        ("1717133400", ["unix"], "2024-05-31T05:30:00+00:00"),
        ("1717133400250", ["unix-ms"], "2024-05-31T05:30:00.250000+00:00"),
        ("2024-05-31 09:30", ["%d/%m/%Y", "iso"], "2024-05-31T09:30:00+04:00"),
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


@pytest.mark.parametrize(
    ("format_", "text"),
    [
        ("%d/%m/%Y", "31/05/2024"),
        ("iso", "2024-05-31"),
        ("excel", "45443"),
        ("unix-ms", "1717113600000"),
        ("%y%m%d", "240531"),
        ("%c", "Fri May 31 00:00:00 2024"),
        ("%d %b %Y %I:%M %p", "31 May 2024 12:00 AM"),
        ("%Y-%j", "2024-152"),
    ],
)
def test_formats_that_say_all(format_: str, text: str) -> None:
    check_format(format_)
    assert date_reader([format_])(text) == "2024-05-31"


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
        ("%d/%m/%Y %d", "in it twice"),
    ],
)
def test_formats_that_leave_something_open(format_: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        check_format(format_)


@pytest.mark.parametrize("name", ["Dubai", "../etc/passwd", "Asia", "GST+4?"])
def test_time_zones_that_do_not_exist(name: str) -> None:
    with pytest.raises(ValueError, match="unknown time zone"):
        load_zone(name)
