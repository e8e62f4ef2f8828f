"""Reads numbers as people write them, exactly. Never guesses; unclear ones fail."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from typing import Literal

from importer.core.shared import JsonValue
from importer.mapper.values.json_values import is_number
from importer.mapper.values.kind import Options
from importer.mapper.values.texts import BadValue, plain_digits
from importer.mapper.values.written import stated


class NumberOptions(Options):
    """How a column writes numbers: the mark before the fraction."""

    decimal_mark: Literal[".", ","] | None = stated('"." or ","')


_ARABIC_DECIMAL, _ARABIC_GROUP = "\u066b", "\u066c"

_PLAIN = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)")
# Groups of three, or of two before the last three: CLDR's patterns #,##0 and #,##,##0 (India).
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_GROUPED_INDIAN = re.compile(r"[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}(?:\.[0-9]+)?")
# The spaces and apostrophes between groups, as in 1 234,50 and 1'234.50.
_OTHER_GROUPS = re.compile(r"(?<=[0-9])[ \u00a0\u2009\u202f'\u2019](?=[0-9]{3}(?![0-9]))")
UNCLEAR = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")
"""A number whose mark may be that of thousands or of a fraction: other cells may show which."""
_MARKS_ONLY = re.compile(r"[0-9][0-9., \u00a0\u2009\u202f'\u2019]*")
_ROUNDED = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE][+-]?[0-9]+")
# 12E4 without a sign may be a code.
CUT = r"\+?[0-9](?:[.,][0-9]+)?[eE]\+[0-9]+"
"""How spreadsheet programs write a number whose last digits they have cut."""
_CUT = re.compile(CUT)
HINT_NUMBER = "Write the number with digits and a decimal point only: 1234.56."
HINT_MARK = 'Add decimal_mark = "." (or ",") to the field\'s line in the mapping file.'
_HINT_ROUNDED = "Give the column a number format in the spreadsheet and export it again."


def is_cut(text: str) -> bool:
    """
    Return whether a spreadsheet has cut a long number, so that its last digits are lost.

    >>> is_cut("9.71501E+11"), is_cut("971501234567")
    (True, False)
    """
    return _CUT.fullmatch(text.strip()) is not None


def read_decimal(text: str, mark: str | None = None) -> str:
    """
    Return a number as text with every digit, without a redundant sign or leading zeros: `1234.50`.

    Without `mark` (the decimal mark), it reads `1234.56`, and groups of three that cannot mean
    anything else: `1,234.56`, `1,234,567`, and Arabic separators. `1,234`, `1.234` and `1.234,56`
    are refused, since the cell alone does not show which mark is which. With `mark`, groups (of
    three, or as in India) are separated by the other mark, spaces or apostrophes. `-5`, `5-` and
    `(5)` are negative. Raises `BadValue`.
    """
    written = plain_digits(text).strip()
    negative, number = _without_sign(written)
    if mark is None and UNCLEAR.fullmatch(number):
        raise BadValue("may be thousands or a fraction", HINT_MARK)
    number = _with_point(number, mark)
    if not _PLAIN.fullmatch(number):
        unclear = mark is None and _ARABIC_GROUP not in written
        _check_groups(number, unclear=unclear)
    return _tidy(number.replace(",", ""), negative=negative)


def _without_sign(written: str) -> tuple[bool, str]:
    last = written[-1:]
    if last == ")" and written[0] == "(":
        return True, written[1:-1].strip()
    if last == "-" and written[0] not in "+-":
        return True, written[:-1].strip()
    return written[:1] == "-", written[1:] if written[:1] in {"+", "-"} else written


def _with_point(number: str, mark: str | None) -> str:
    """Write every decimal mark as a point and every group separator as a comma."""
    if mark == ",":
        number = number.translate({ord("."): ",", ord(","): "."})
    if mark is not None:
        number = _OTHER_GROUPS.sub(",", number)
    return number.replace(_ARABIC_DECIMAL, ".").replace(_ARABIC_GROUP, ",")


def _check_groups(number: str, *, unclear: bool) -> None:
    """Raise `BadValue` unless the commas of a number can only be group separators."""
    if _GROUPED.fullmatch(number):
        return
    if _GROUPED_INDIAN.fullmatch(number) and not unclear:
        return
    if _ROUNDED.fullmatch(number):
        raise BadValue("was rounded by a spreadsheet", _HINT_ROUNDED)
    marks_only = unclear and _MARKS_ONLY.fullmatch(number) is not None
    helps = marks_only and is_read_with_a_mark(read_decimal, number)
    raise BadValue("is not a number", HINT_MARK if helps else HINT_NUMBER)


def is_read_with_a_mark(read: Callable[[str, str], object], text: str) -> bool:
    """Return whether `read` takes a text once its decimal mark is stated."""
    for mark in ".,":
        with suppress(BadValue):
            read(text, mark)
            return True
    return False


def _tidy(number: str, *, negative: bool = False) -> str:
    whole, point, fraction = number.partition(".")
    whole = whole.lstrip("0") or "0"
    sign = "-" if negative and (whole + fraction).strip("0") else ""
    return f"{sign}{whole}{point}{fraction}"


def decimal_text(number: float | Decimal) -> str:
    """Return a JSON number as text with every digit and no exponent. Raises `BadValue`."""
    value = number if isinstance(number, Decimal) else Decimal(repr(number))
    if not value.is_finite() or abs(value.adjusted()) > 1000:
        raise BadValue("is not a number that a CRM takes", HINT_NUMBER)
    if value == value.to_integral_value():
        value = value.to_integral_value()  # 100.0 and 100 are the same JSON number
    return _tidy(f"{value.copy_abs():f}", negative=value < 0)


def json_decimal(raw: JsonValue) -> str:
    """Return a JSON number as text with every digit. Raises `BadValue` for anything else."""
    if not is_number(raw):
        raise BadValue("is not a number")
    return str(raw) if isinstance(raw, int) else decimal_text(raw)
