"""Finds how a column writes dates and numbers, where its values prove it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from importer.mapper.kinds.money import read_money
from importer.mapper.suggest.date_formats import find_date_formats
from importer.mapper.values.dates import date_reader, datetime_reader, load_zone
from importer.mapper.values.numbers import read_decimal
from importer.mapper.values.text import BadValue

__all__ = ["Finding", "date_formats", "decimal_mark", "null_words"]

_NULLS = frozenset(
    {"-", "--", "n/a", "na", "#n/a", "none", "null", "nil", "nan", "?", "k.a.", "0/0/00"}
    | {"00/00/0000", "0000-00-00", "00.00.0000", "0000-00-00 00:00:00", "لا يوجد", "нет"}
)
_ISO = ("iso",)
_MOST = 0.9  # of the values must agree; the others are refused row by row
_UTC = load_zone("UTC")
_iso_date, _iso_datetime = date_reader(), datetime_reader(zone=_UTC)


@dataclass(frozen=True, slots=True)
class Finding:
    """
    What the values of a column prove about how it is written.

    `formats` is empty, and `decimal_mark` is None, where the mapping need not state them. `decide`
    says what a person has to decide, or is None.
    """

    formats: tuple[str, ...] = ()
    decimal_mark: str | None = None
    decide: str | None = None


def null_words(values: Iterable[str]) -> list[str]:
    """Return the values that people write for an empty cell: `n/a`, `-`, `0/0/00`."""
    return sorted({text.strip() for text in values if text.strip().casefold() in _NULLS})


def date_formats(values: Sequence[str], *, with_time: bool) -> Finding:
    """
    Return the formats of a column of dates, if its values can be read in only one way.

    `03/04/2024` can be read in two ways; a `25/04/2024` in the same column decides which is right.
    """
    read = _iso_datetime if with_time else _iso_date
    if all(_reads(read, text) for text in values):
        return Finding()
    kept = _of_one_order([text for text in values if find_date_formats([text]).formats])
    if len(kept) < _MOST * len(values):
        return Finding(decide="its date format was not recognised: state formats")
    found = find_date_formats(kept)
    if found.ambiguous:
        stated = " or ".join(f'formats = ["{one[0]}"]' for one in (found.formats, found.other))
        return Finding(decide=f"day and month cannot be told apart: {stated}")
    odd = next((text for text in values if text not in set(kept)), None)
    decide = (
        f"a few values have another format, such as {odd!r}: their rows will be refused"
        if odd
        else None
    )
    needed = () if found.formats == _ISO and not with_time else found.formats
    return Finding(needed, decide=decide)


def _of_one_order(values: Sequence[str]) -> list[str]:
    """Return the values without the few that have day and month the other way round."""
    orders = Counter(order for text in values if (order := _order(text)))
    if len(orders) < 2:  # nothing to choose between
        return list(values)
    major, count = orders.most_common(1)[0]
    if count < _MOST * orders.total():
        return []
    return [text for text in values if _order(text) in {major, None}]


def _order(text: str) -> str | None:
    """Return "%d" or "%m", whichever comes first in a date, or None if that is not certain."""
    found = find_date_formats([text])
    first = found.formats[0][:2]
    return first if first in {"%d", "%m"} and not found.ambiguous else None


def decimal_mark(values: Sequence[str], *, money: bool = False) -> Finding:
    """Return the decimal mark of a column of numbers, if its values can be read in only one way."""
    read = read_money if money else read_decimal

    def fits(mark: str | None) -> int:
        return sum(_reads(lambda one: read(one, mark), text) for text in values)

    plain, point, comma = fits(None), fits("."), fits(",")
    if plain >= max(point, comma, _MOST * len(values)):
        return Finding()
    if max(point, comma) < _MOST * len(values):
        return Finding(decide="many values are not plain numbers")
    if point == comma:
        return Finding(
            decide='its marks may separate thousands or decimals: state decimal_mark = "." or ","'
        )
    return Finding(decimal_mark="." if point > comma else ",")


def _reads(read: Callable[[str], str], text: str) -> bool:
    try:
        read(text)
    except BadValue:
        return False
    return True
