"""Finds how a column writes dates, times and numbers, if its values or its header prove it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from importer.core.locale.message import Message
from importer.mapper.data import load_table, load_words
from importer.mapper.kinds.currency import AMOUNT, currencies_called
from importer.mapper.kinds.money import read_money
from importer.mapper.mapping.toml_text import toml_value
from importer.mapper.values.date_formats import (
    DateFormats,
    find_date_formats,
    iso_format,
    serial_of,
)
from importer.mapper.values.dates import date_reader, datetime_reader, load_zone
from importer.mapper.values.numbers import UNCLEAR, read_decimal
from importer.mapper.values.texts import one_line, plain_digits, reads

_ISO = ("iso",)
_MOST = 0.9  # the share of values that must agree; the line decides about the others
_HALF = 0.5
_UTC = load_zone("UTC")
_iso_date, _iso_datetime = date_reader(), datetime_reader(zone=_UTC)


@dataclass(frozen=True, slots=True)
class FormatFinding:
    """
    What the values of a column prove about how it is written.

    `formats` is empty, and `decimal_mark` is None, if the mapping does not need them. `decide`
    says what a person has to decide, or is None. The column `has_two_orders` if day and month
    cannot be told apart.
    """

    formats: tuple[str, ...] = ()
    decimal_mark: str | None = None
    decide: Message | None = None
    has_two_orders: bool = False


def date_formats(
    values: Sequence[str], *, with_time: bool, month_first: bool | None = None
) -> FormatFinding:
    """
    Return the formats of a column of dates, if its values can be read in only one way.

    `03/04/2024` can be read in two ways; a `25/04/2024` in the same column decides which is right.
    If no value decides, `month_first` does, if it is stated.
    """
    read = _iso_datetime if with_time else _iso_date
    if all(reads(read, text) for text in values):
        return FormatFinding()
    if (serial := serial_of(values)) is not None:
        return FormatFinding((serial,))
    alone = {text: find_date_formats([text]) for text in dict.fromkeys(values)}
    known = [text for text in values if alone[text].formats]
    kept = _of_one_order(known, {text: _order(found) for text, found in alone.items()})
    if len(kept) < _HALF * len(values):
        mixed = len(known) >= _HALF * len(values)
        decide = (
            Message(
                "its date format: some have the day first, others the month; state the right one, "
                'as in formats = ["%d/%m/%Y"]'
            )
            if mixed
            else Message(
                'its date format: it was not recognised; state it, as in formats = ["%d/%m/%Y"]'
            )
        )
        return FormatFinding(decide=decide)
    found = find_date_formats(kept)
    formats = found.formats
    if found.ambiguous:
        stated = [
            f"formats = {toml_value([*_as_needed(one, kept, with_time=with_time)])}"
            for one in (formats, *found.others)
        ]
        in_month_order = [one for one in found.others if one[0].startswith("%m")]
        if month_first is None or "%y" in formats[0][:2] or (month_first and not in_month_order):
            flags = Message(" (--day-first or --month-first)") if in_month_order else ""
            return FormatFinding(
                decide=Message(
                    "day and month cannot be told apart: %(formats)s%(flags)s",
                    formats=" or ".join(stated[:2]),
                    flags=flags,
                ),
                has_two_orders=bool(in_month_order),
            )
        formats = in_month_order[0] if month_first else formats
    needed = tuple(_as_needed(formats, kept, with_time=with_time))
    return FormatFinding(() if needed == _ISO else needed)


def _as_needed(formats: Sequence[str], values: Sequence[str], *, with_time: bool) -> Iterator[str]:
    """
    Yield the formats that a field needs.

    ISO 8601 has a form for dates and one for times, and a field reads only one of them without a
    stated format.
    """
    read = _iso_datetime if with_time else _iso_date
    for form in formats:
        if form != "iso":
            yield form
            continue
        written = [plain_digits(one_line(text)) for text in values]
        odd = [text for text in written if _is_iso(text) and not reads(read, text)]
        if any(reads(read, text) for text in written):
            yield form
        yield from dict.fromkeys(one for one in map(iso_format, odd) if one is not None)


def _is_iso(text: str) -> bool:
    return reads(_iso_date, text) or reads(_iso_datetime, text)


def _of_one_order(values: Sequence[str], order_of: Mapping[str, str | None]) -> list[str]:
    """Return the values without the few that have day and month the other way round."""
    orders = Counter(order for text in values if (order := order_of[text]))
    if len(orders) < 2:  # nothing to choose between
        return list(values)
    major, count = orders.most_common(1)[0]
    if count < _MOST * orders.total():
        return []
    return [text for text in values if order_of[text] in {major, None}]


def _order(found: DateFormats) -> str | None:
    """Return "%d" or "%m", whichever comes first in a date, or None if that is not certain."""
    first = found.formats[0][:2] if found.formats else None
    return first if first in {"%d", "%m"} and not found.ambiguous else None


def decimal_mark(values: Sequence[str], *, money: bool = False) -> FormatFinding:
    """
    Return the decimal mark of a column of numbers, if its values can be read in only one way.

    `1.234` may be thousands or a fraction. If most values with a mark are like that, and beside a
    currency without thousandths, they are thousands.
    """

    def read(text: str, mark: str | None) -> str:
        return read_money(text, mark, "*") if money else read_decimal(text, mark)

    def fits(mark: str | None) -> int:
        return sum(reads(lambda one: read(one, mark), text) for text in values)

    counts = {mark: fits(mark) for mark in ".,"}
    most = max(counts.values())
    if fits(None) >= max(most, _MOST * len(values)):
        return FormatFinding()
    if most < _MOST * len(values):
        text = "not plain numbers: %(count)s of its %(rows)s values"
        odd = len(values) - max(most, fits(None))
        return FormatFinding(decide=Message(text, count=odd, rows=len(values)))
    possible = [mark for mark, count in counts.items() if count == most]
    marked = [text for text in map(plain_digits, values) if _MARK.search(text)]
    grouped = [mark for text in marked if (mark := _mark_of_thousands(text))] if money else []
    if len(grouped) > _HALF * len(marked):
        possible = [mark for mark in possible if mark not in grouped]
    elif not any("." in text or "," in text for text in marked):
        # Languages with spaces between thousands have a decimal comma, the Swiss a point (CLDR).
        possible = ["." if _APOSTROPHE.search("".join(marked)) else ","]
    if len(possible) == 1:
        return FormatFinding(decimal_mark=possible[0])
    text = 'its marks may separate thousands or decimals: state decimal_mark = "." or ","'
    return FormatFinding(decide=Message(text))


def _mark_of_thousands(text: str) -> str | None:
    """Return the mark in `1.234 EUR`, if the currency has no thousandths, or None."""
    amount = AMOUNT.fullmatch(one_line(text))
    if amount is None or not UNCLEAR.fullmatch(amount["number"]):
        return None
    codes = {code for one in ("before", "after") for code in currencies_called(amount[one])}
    is_sure = codes and codes.isdisjoint(load_words("currencies", "three_decimals"))
    return "." if is_sure and "." in amount["number"] else "," if is_sure else None


_HALVES = (datetime(2024, 1, 15), datetime(2024, 7, 15))  # noqa: DTZ001 - in whichever zone

_MARK = re.compile(r"[0-9][., \u00a0\u2009\u202f'\u2019][0-9]")
_APOSTROPHE = re.compile(r"[0-9]['\u2019][0-9]")
_IN_BRACKETS = re.compile(r"[(\[]\s*([^()\[\]]+?)\s*[)\]]\s*$")
_UTC_WORD = re.compile(r"(?:^|[\s_.-])(?:UTC|utc|GMT|gmt)$|[a-z](?:UTC|GMT)$")
_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+\u2212-])\s*([0-9]{1,2})(?::?([0-9]{2}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderZone:
    """What a header states, and the zone that is: None if there are several of this name."""

    text: str
    zone: str | None


def zone_in_header(header: str, stated: str | None = None) -> HeaderZone | None:
    """
    Return the time zone that a header names, or None if it names none.

    `stated` is the zone that a person has stated for the list: it decides if the header has an
    abbreviation that several zones use, and it is one of them.

    >>> zone_in_header("Start (GST)")
    HeaderZone(text='GST', zone='Asia/Dubai')
    >>> zone_in_header("Start (EST)", "America/New_York")
    HeaderZone(text='EST', zone='America/New_York')
    >>> zone_in_header("Start (EST)", "Asia/Dubai")
    HeaderZone(text='EST', zone=None)
    """
    bracketed = _IN_BRACKETS.search(header)
    if bracketed is None:
        is_utc = _UTC_WORD.search(header.strip()) is not None
        return HeaderZone(text="UTC", zone="UTC") if is_utc else None
    text = bracketed[1]
    name = text.upper()
    if name in {"UTC", "GMT", "Z"}:
        return HeaderZone(text=text, zone="UTC")
    if offset := _OFFSET.fullmatch(text):
        return HeaderZone(text=text, zone=_of_offset(offset[1], int(offset[2]), offset[3] or "00"))
    one, several = (load_table("zones")[key] for key in ("one", "several"))
    if text in one:
        return HeaderZone(text=text, zone=one[text])
    if text in several:
        fits = stated is not None and several[text] in _abbreviations(stated)
        return HeaderZone(text=text, zone=stated if fits else None)
    return HeaderZone(text=text, zone=text) if "/" in text and reads(load_zone, text) else None


def _of_offset(sign: str, hours: int, minutes: str) -> str | None:
    if minutes == "00":
        # In the time zone database the sign of these names is the other way round.
        name = f"Etc/GMT{'-' if sign == '+' else '+'}{hours}" if hours else "UTC"
        return name if reads(load_zone, name) else None
    fractions: dict[str, str] = load_table("zones")["fractions"]
    return fractions.get(f"{'+' if sign == '+' else '-'}{hours:02}:{minutes}")


def _abbreviations(zone: str) -> Iterable[str | None]:
    return {moment.replace(tzinfo=load_zone(zone)).tzname() for moment in _HALVES}
