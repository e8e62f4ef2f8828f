"""How a whole column writes its dates: found where it shows, reported where it does not."""

# ruff: noqa: E501 - one case of a table is one line

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.mapper.values.date_formats import DateFormats, find_date_formats
from importer.mapper.values.dates import date_reader, datetime_reader

FOUND = [
    (["2024-05-31", "2024-01-01"], "date", ("iso",)),
    (["20240531"], "date", ("iso",)),
    (["2024-05-31 00:00:00"], "date", ("iso",)),
    (["2024-05-31T09:30:00Z"], "datetime", ("iso",)),
    (["2024-05-31T00:00:00+04:00"], "datetime", ("iso",)),
    (["2024-05-31 09:30", "2024-05-31"], "datetime", ("iso", "%Y-%m-%d")),
    (["20240531", "2024-05-31 09:30"], "datetime", ("%Y%m%d", "iso")),
    (["2024-5-31"], "date", ("%Y-%m-%d",)),
    (["2024/05/31"], "date", ("%Y/%m/%d",)),
    (["31/05/2024", "05/06/2024"], "date", ("%d/%m/%Y",)),
    (["05/06/2024", "31/05/2024"], "date", ("%d/%m/%Y",)),
    (["05/31/2024", "05/06/2024"], "date", ("%m/%d/%Y",)),
    (["31-05-2024"], "date", ("%d-%m-%Y",)),
    (["31.05.2024", "01.02.2024"], "date", ("%d.%m.%Y",)),
    (["01.02.2024"], "date", ("%d.%m.%Y",)),
    (["31.05.24", "1.2.24"], "date", ("%d.%m.%y",)),
    (["31/05/24"], "date", ("%d/%m/%y",)),
    (["05/31/24"], "date", ("%m/%d/%y",)),
    (["99/05/31"], "date", ("%y/%m/%d",)),
    (["29/02/24", "30/05/23"], "date", ("%d/%m/%y",)),
    (["29/02/32"], "date", ("%d/%m/%y",)),
    (["١٥/٠٣/١٩٨٥"], "date", ("%d/%m/%Y",)),
    (["๑๕/๐๓/๑๙๘๕", "３１/05/2024"], "date", ("%d/%m/%Y",)),
    (["2020年09月01日", "1985年1月31日"], "date", ("%Y年%m月%d日",)),
    (["2020年9月1號"], "date", ("%Y年%m月%d號",)),
    (["２０２０年９月１日"], "date", ("%Y年%m月%d日",)),
    (["2020년 9월 1일", "1985년 12월 31일"], "date", ("%Y년 %m월 %d일",)),
    (["2020年 9月 1日"], "date", ("%Y年 %m月 %d日",)),
    (["2020年9月1日 10:30"], "datetime", ("%Y年%m月%d日 %H:%M",)),
    (["2020年9月1日 10時30分"], "datetime", ("%Y年%m月%d日 %H時%M分",)),
    (["2020년 9월 1일 18시 5분"], "datetime", ("%Y년 %m월 %d일 %H시 %M분",)),
    (["01.01.1970 r.", "31.05.1985 r."], "date", ("%d.%m.%Y r.",)),
    (["31.05.1985г."], "date", ("%d.%m.%Yг.",)),
    (["1985.05.31."], "date", ("%Y.%m.%d.",)),
    (["31/05/2024 00:00"], "date", ("%d/%m/%Y %H:%M",)),
    (["31/05/2024 09:30"], "datetime", ("%d/%m/%Y %H:%M",)),
    (["31/05/2024, 09:30"], "datetime", ("%d/%m/%Y, %H:%M",)),
    (["31/05/2024 09:30:15"], "datetime", ("%d/%m/%Y %H:%M:%S",)),
    (["31/05/2024 09:30:15.250"], "datetime", ("%d/%m/%Y %H:%M:%S.%f",)),
    (["31/05/2024 9:30 PM"], "datetime", ("%d/%m/%Y %I:%M %p",)),
    (["31/05/2024 9:30PM"], "datetime", ("%d/%m/%Y %I:%M%p",)),
    (["31/05/2024 9:30 م"], "datetime", ("%d/%m/%Y %I:%M %p",)),
    (["31/05/2024 09:30", "30/05/2024", "29/05/2024 10:00"], "datetime", ("%d/%m/%Y %H:%M", "%d/%m/%Y")),
    (["31 May 2024", "1 January 2023"], "date", ("%d %B %Y",)),
    (["31-May-24", "01-Jan-23"], "date", ("%d-%b-%y",)),
    (["May 31, 2024"], "date", ("%B %d, %Y",)),
    (["Dec 31, 2024 2:30 PM"], "datetime", ("%B %d, %Y %I:%M %p",)),
    (["31 مايو 2024"], "date", ("%d %B %Y",)),
    (["31 Mayıs 2024"], "date", ("%d %B %Y",)),
    (["31. Dezember 2024"], "date", ("%d. %B %Y",)),
    (["31 de mayo de 2024"], "date", ("%d de %B de %Y",)),
    (["Friday, May 31, 2024"], "date", ("%A, %B %d, %Y",)),
    (["31/05/2024", "", " ", "30/05/2024"], "date", ("%d/%m/%Y",)),
    (["31/05/2024", "2024-05-31"], "date", ("%d/%m/%Y", "iso")),
    (["31/05/2024", "31-05-2024", "30-05-2024"], "date", ("%d-%m-%Y", "%d/%m/%Y")),
]  # fmt: skip


@pytest.mark.parametrize(("column", "kind", "formats"), FOUND)
def test_what_a_column_shows(column: list[str], kind: str, formats: tuple[str, ...]) -> None:
    found = find_date_formats(column)
    assert (found.kind, found.formats, found.ambiguous, found.others) == (kind, formats, False, ())
    read = date_reader(formats) if kind == "date" else datetime_reader(formats, ZoneInfo("UTC"))
    for value in filter(str.strip, column):
        read(value)


@pytest.mark.parametrize(
    ("column", "formats", "other"),
    [
        (["05/06/2024", "01/02/2024"], ("%d/%m/%Y",), ("%m/%d/%Y",)),
        (["05/05/2024"], ("%d/%m/%Y",), ("%m/%d/%Y",)),
        (["05-06-24"], ("%d-%m-%y",), ("%m-%d-%y",)),
        (["24-05-31"], ("%d-%m-%y",), ("%y-%m-%d",)),
        (["19/03/07"], ("%d/%m/%y",), ("%y/%m/%d",)),
        (["29/02/24", "19/03/07"], ("%d/%m/%y",), ("%y/%m/%d",)),
        (["1/2/2024 09:30"], ("%d/%m/%Y %H:%M",), ("%m/%d/%Y %H:%M",)),
        (["1/2/2024", "2024-05-31"], ("%d/%m/%Y", "iso"), ("%m/%d/%Y", "iso")),
    ],
)
def test_a_column_that_has_to_be_decided(
    column: list[str], formats: tuple[str, ...], other: tuple[str, ...]
) -> None:
    found = find_date_formats(column)
    assert found.ambiguous
    assert (found.formats, found.others[0]) == (formats, other)


def test_a_column_with_three_readings() -> None:
    found = find_date_formats(["01-02-03"])
    assert found.formats == ("%d-%m-%y",)
    assert found.others == (("%m-%d-%y",), ("%y-%m-%d",))


@pytest.mark.parametrize(
    "column",
    [
        [],
        ["", " "],
        ["soon"],
        ["31/05/2024", "soon"],
        ["31/05/2024", "05/31/2024"],  # no one order reads both
        ["30/02/2024"],
        ["123/05/2024"],
        ["31/05/2024 25:00"],
        ["31/05/2024 at noon"],
        ["45443"],  # a serial, or any number
        ["May"],
        ["May 2024"],
        ["09:30"],
    ],
)
def test_a_column_without_dates_that_are_known(column: list[str]) -> None:
    assert find_date_formats(column) == DateFormats()


DATES = st.lists(
    st.dates(min_value=dt.date(1970, 1, 1), max_value=dt.date(2068, 12, 31)), min_size=1
)
STYLES = st.sampled_from(
    [
        "%d/%m/%Y",
        "%m/%d/%Y",
        "%d.%m.%Y",
        "%Y-%m-%d",
        "%d-%m-%y",
        "%y-%m-%d",
        "%d %B %Y",
        "%B %d, %Y",
    ]
)


@given(DATES, STYLES, st.randoms())
def test_what_is_found_reads_the_column_as_it_was_written_or_says_it_may_not(
    dates: list[dt.date],
    style: str,
    random: st.randoms,  # type: ignore[valid-type]
) -> None:
    column = [day.strftime(style) for day in dates]
    found = find_date_formats(column)
    assert found.kind == "date"
    readings = [
        [date_reader(formats)(value) for value in column]
        for formats in (found.formats, *found.others)
        if formats
    ]
    assert [day.isoformat() for day in dates] in readings
    shuffled = list(column)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    again = find_date_formats(shuffled)
    assert (again.ambiguous, set(again.formats)) == (found.ambiguous, set(found.formats))


_PARTS = (
    "3",
    "21",
    "1990",
    "May",
    "Sunday",
    "10:30",
    "9:05 pm",
    "+04:00",
    "Z",
    "T",
    "%",
    "%d",
    " ",
)


@given(st.lists(st.sampled_from(_PARTS) | st.text(max_size=2), max_size=9))
def test_a_format_that_is_found_reads_the_text_whatever_it_is(parts: list[str]) -> None:
    """Ranges of dates, notes with dates in them: what strptime cannot even build is no format."""
    for text in (" ".join(parts), "".join(parts)):
        for one in find_date_formats([text]).formats:
            assert datetime_reader((one,), zone=ZoneInfo("Asia/Dubai"))(text)


def test_a_range_of_dates_is_an_error_of_its_row() -> None:
    assert not find_date_formats(["3 May 21 to 5 June 22"]).formats
