"""Reads texts, numbers and truth values as people write them. Never guesses; unclear ones fail."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

__all__ = [
    "BadValue",
    "decimal_text",
    "plain_digits",
    "read_boolean",
    "read_decimal",
    "read_integer",
    "read_text",
]


class BadValue(ValueError):  # noqa: N818 - it is the value that is bad
    """
    Raised for a value that cannot be read. `reason` completes "'x' …", `hint` says what to do.

    It never leaves the mapper: there it becomes the row's `invalid_value`.
    """

    def __init__(self, reason: str, hint: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


# Unicode's category Cc, without line feed and tab, which belong to texts of several lines.
_CONTROLS = {code: None for code in (*range(0x20), *range(0x7F, 0xA0)) if code not in {0x09, 0x0A}}
_LINE_ENDS = re.compile(r"\r\n?|\x85")
_SURROGATE = re.compile("[\ud800-\udfff]")

# Arabic-Indic and Persian digits, and their separators: Unicode U+0660 to U+066C, U+06F0.
_DIGITS = {
    **{0x0660 + digit: str(digit) for digit in range(10)},
    **{0x06F0 + digit: str(digit) for digit in range(10)},
    0x2212: "-",  # the minus sign, as word processors write it
    # What only steers the direction of writing has no place between digits.
    **dict.fromkeys((0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))),
}
_ARABIC_DECIMAL, _ARABIC_GROUP = "\u066b", "\u066c"

_PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_MARKS_ONLY = re.compile(r"[+-]?[0-9][0-9.,]*")
_HINT_NUMBER = "Write the number with digits and a decimal point only: 1234.56."
_HINT_MARK = 'Add decimal_mark = "." (or ",") to the field\'s line in the mapping file.'

_TRUE = frozenset({"true", "yes", "y", "1", "on", "t", "نعم", "ja", "oui"})
_FALSE = frozenset({"false", "no", "n", "0", "off", "f", "لا", "nein", "non"})


def read_text(text: str) -> str:
    """
    Return a text without surrounding space and control characters, in Unicode's form NFC.

    Line feeds and tabs inside stay, other line ends become line feeds. Raises `BadValue` for
    half a surrogate pair, which no UTF-8 can hold.
    """
    if text.isascii() and text.isprintable():
        return text.strip()
    text = unicodedata.normalize("NFC", _LINE_ENDS.sub("\n", text).translate(_CONTROLS))
    if _SURROGATE.search(text):
        raise BadValue("holds half of a character", "Export the file again as UTF-8.")
    return text.strip()


def plain_digits(text: str) -> str:
    """Return `text` with ASCII digits for Arabic and Persian ones, without direction marks."""
    return text if text.isascii() else text.translate(_DIGITS)


def read_decimal(text: str, mark: str | None = None) -> str:
    """
    Return a number as text with every digit, without sign or zeros that mean nothing: `1234.50`.

    Without `mark` (the decimal mark) the forms read are `1234.56`, and groups of three that can
    be nothing else: `1,234.56`, `1,234,567`, and the Arabic separators. `1,234` and `1.234,56`
    are refused: another cell of the column would show which reading is right, this one cannot.
    With `mark` the other one of `.` and `,` separates groups. Raises `BadValue`.
    """
    written = plain_digits(text)
    number = _with_point(written, mark)
    unclear = mark is None and _ARABIC_GROUP not in written
    if _GROUPED.fullmatch(number):
        if unclear and number.count(",") == 1 and "." not in number:
            raise BadValue("may be thousands or a fraction", _HINT_MARK)
    elif not _PLAIN.fullmatch(number):
        marks_only = unclear and _MARKS_ONLY.fullmatch(number)
        raise BadValue("is no number", _HINT_MARK if marks_only else _HINT_NUMBER)
    return _tidy(number.replace(",", ""))


def _with_point(written: str, mark: str | None) -> str:
    """Write every decimal mark as a point and every group separator as a comma."""
    if mark == ",":
        written = written.translate({ord("."): ",", ord(","): "."})
    return written.replace(_ARABIC_DECIMAL, ".").replace(_ARABIC_GROUP, ",")


def _tidy(number: str) -> str:
    sign = "-" if number.startswith("-") else ""
    whole, point, fraction = number.lstrip("+-").partition(".")
    whole = whole.lstrip("0") or "0"
    if not sign or not (whole + fraction).strip("0"):
        sign = ""
    return f"{sign}{whole}{point}{fraction}"


def read_integer(text: str, mark: str | None = None) -> int:
    """
    Return a whole number, written as `read_decimal` allows, or as `3.0`. Raises `BadValue`.

    `.0` is how many programs export whole numbers; `1.000` may be a thousand and is refused.
    """
    number = read_decimal(text, mark)
    whole, _, fraction = number.partition(".")
    if fraction not in {"", "0"}:
        raise BadValue("is no whole number", 'Use type = "decimal" to keep the fraction.')
    if len(whole) > 30:  # noqa: PLR2004 - beyond anything counted; int() itself ends at 4,300
        raise BadValue("is longer than any number", 'Use type = "text" for an id.')
    return int(whole)


def read_boolean(text: str) -> bool:
    """Read yes, no and their like in English, Arabic, German, French. Raises `BadValue`."""
    word = unicodedata.normalize("NFC", plain_digits(text)).casefold()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise BadValue(
        "is neither yes nor no", 'Map the word: values = { "Active" = true, "*" = false }.'
    )


def decimal_text(number: float | Decimal) -> str:
    """Return a JSON number as text with every digit and no exponent. Raises `BadValue`."""
    value = number if isinstance(number, Decimal) else Decimal(repr(number))
    if not value.is_finite() or abs(value.adjusted()) > 1000:  # noqa: PLR2004
        raise BadValue("is no number a CRM takes", _HINT_NUMBER)
    if value == value.to_integral_value():
        value = value.to_integral_value()  # 100.0 and 100 are the same JSON number
    return _tidy(f"{value:f}")
