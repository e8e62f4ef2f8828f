"""Reads phone numbers to E.164, as Google's libphonenumber has them for each region."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from importer.mapper.values.countries import read_country
from importer.mapper.values.dialling import read_plain
from importer.mapper.values.json_values import from_text, text_or_json
from importer.mapper.values.kind import (
    NORMALISED,
    ByColumn,
    Convert,
    FieldLimits,
    FromColumn,
    Kind,
    Name,
    Options,
    checked_by,
)
from importer.mapper.values.text import BadValue, LostValue, one_line, plain_digits
from importer.shared import JsonValue

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

    from importer.mapper.values.plain.texts import PlainReader

__all__ = [
    "PHONE",
    "PhoneOptions",
    "RegionColumn",
    "check_region",
    "is_number_of",
    "phone_reader",
]

# Prefixes of numbers in many lists: an apostrophe or ="…", with which spreadsheets mark text, the
# scheme of RFC 3966, and a word for phone.
_BEFORE = re.compile(
    r"(?:['’]|=?\"|(?:tel|telephone|telefon|téléphone|phone|ph|mobile|mobil|mob|cell|gsm|handy|"
    r"whatsapp|home|work|office|هاتف|تلفون|جوال|موبايل|واتساب|тел|моб)\b\.?\s*:?|[tmpw]\s*[:.])\s*",
    re.IGNORECASE,
)
_EXTENSION = re.compile(
    r"[\s,;(/-]*(?:;ext=|extension|extn?|ext|int|poste|durchwahl|dw|dahili|wew|доб|تحويلة|داخلي|x|#)"
    r"[\s.:#]*([0-9]{1,8})\)?$",
    re.IGNORECASE,
)
_ROUNDED = re.compile(r"\+?[0-9]+(?:[.,][0-9]+)?[eE]\+?[0-9]+")
_DECIMAL_TAIL = re.compile(r"(\+?[0-9]{5,15})[.,]0+")
_BETWEEN = re.compile(r":::|[;,|/&\n]|\s(?:or|oder|ou|and|und|et|y|o|e|و|أو|или|и)\s")
_PUNCTUATION = re.compile(r"[\s().\u2010-\u2015-]")
_SIMPLE = re.compile(r"\+?[0-9][0-9 ()-]*")
_NO_PUNCTUATION = str.maketrans("", "", " ()-")
_NUMBER = re.compile(r"\+?[0-9]+")
_LETTER = re.compile(r"[^\W\d_]")
_NO_DIGITS = re.compile(r"\D")
# A letter that somebody typed behind a number; "l" and "O" may have been meant as digits, f as fax.
_STRAY = re.compile(r"([0-9]{4,})([^\W\d_])$")
_LIKE_DIGITS = {"l": "1", "I": "1", "i": "1", "O": "0", "o": "0"}
_SHORTEST_OF_SEVERAL = 6
_LONGEST_AREA = 8

_HINT_REGION = 'Say where the list is from, with the code of the country: region = "…".'
_HINT_ROUNDED = "Its last digits are lost. Give the column the format Text and export it again."
_HINT = "Correct it in the source, or leave it empty."


def check_region(region: str) -> None:
    """Raise `ValueError` unless libphonenumber knows the ISO 3166-1 alpha-2 code `region`."""
    import phonenumbers  # here and below: the library takes long to load

    if region not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError("unknown region; use a code of ISO 3166, such as AE")


_Region = Annotated[Name, checked_by(check_region)]


class RegionColumn(FromColumn):
    """The column with the country of each row; `default` is for rows where it is empty."""

    default: _Region | None = None


class PhoneOptions(Options):
    """The region of numbers without a country code, and what to do with extensions."""

    region: Annotated[
        _Region | RegionColumn | None,
        Field(description='a country code, as in "AE", or { column = "Country", default = "AE" }'),
    ] = None
    extension: Annotated[
        Literal["refuse", "drop"] | None, Field(description='"refuse" or "drop"')
    ] = None


class _NoRegionError(BadValue):
    """Raised for a number without a country code if no region is known."""


def phone_reader(
    region: str | None, *, drop_extension: bool = False, hint: str = _HINT_REGION
) -> Callable[[str], str]:
    """
    Return a function from a text to a number in E.164: `+971501234567`. It raises `BadValue`.

    A number without `+` or `00` belongs to `region`; without a region it is refused, with `hint`.
    Also refused are two numbers in one text, letters, numbers that no region assigns, and
    extensions, unless `drop_extension` is True: E.164 cannot contain them.
    """

    def read(text: str) -> str:
        try:
            return _read(text, region, drop_extension)
        except _NoRegionError as bad:
            raise BadValue(bad.reason, hint) from None

    return read


# The same number is often in several rows, as for a family or an office.
@lru_cache(maxsize=8192)
def _read(text: str, region: str | None, drop_extension: bool) -> str:
    if _SIMPLE.fullmatch(text):
        plain = read_plain(_abroad(text.translate(_NO_PUNCTUATION)), region)
        if plain is not None:
            return plain
    written = _tidy(text)
    digits = _PUNCTUATION.sub("", written)
    if not _NUMBER.fullmatch(digits) or "." in written:
        written = _plainly(_without_stray(written, region), drop_extension=drop_extension)
        digits = _PUNCTUATION.sub("", written)
    if digits.startswith("00"):
        digits = written = _abroad(digits)
    if region is None and not digits.startswith("+"):
        raise _NoRegionError("does not say its country")
    plain = read_plain(digits, region) if _NUMBER.fullmatch(digits) else None
    return plain or _by_library(written, region)


def _without_stray(written: str, region: str | None) -> str:
    """Return a number without one letter at its end, if it can then be read in only one way."""
    stray = _STRAY.search(written)
    if stray is None or len(_LETTER.findall(written)) > 1 or stray[2] in "fF":
        return written
    bare, meant = written[:-1], _LIKE_DIGITS.get(stray[2])
    if not is_number_of(bare, region) or (meant and is_number_of(bare + meant, region)):
        return written
    return bare


def is_number_of(text: str, region: str | None) -> bool:
    """Return whether a number as written is valid in a country, or by its country code alone."""
    import phonenumbers

    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(text, region))
    except phonenumbers.NumberParseException:
        return False


def _abroad(digits: str) -> str:
    """Write `00` as `+`: in nearly all countries it is the prefix for international calls."""
    return f"+{digits[2:]}" if digits.startswith("00") else digits


def _tidy(text: str) -> str:
    written = plain_digits(one_line(text.replace("\n", " / ")))
    written = _BEFORE.sub("", written, count=1) if not written[:1].isdigit() else written
    return written.rstrip("\"' ;,./")


def _plainly(written: str, *, drop_extension: bool) -> str:
    """Return a number without its extension. Raises `BadValue` for more than one number."""
    if _ROUNDED.fullmatch(written):
        raise LostValue("was rounded by a spreadsheet", _HINT_ROUNDED)
    decimal = _DECIMAL_TAIL.fullmatch(written)
    if decimal is not None:  # a number that some program has treated as a decimal
        return decimal[1]
    extension = _EXTENSION.search(written)
    if extension is not None and _count(written[: extension.start()]) >= _SHORTEST_OF_SEVERAL:
        if not drop_extension:
            raise BadValue("has an extension, which E.164 has no place for", _HINT)
        written = written[: extension.start()]
    return _one_number(written)


def _one_number(written: str) -> str:
    parts = [part for part in _BETWEEN.split(written) if part.strip()]
    if len(parts) == 1 and not _LETTER.search(written):
        return written
    counts = [_count(part) for part in parts]
    if sum(count >= _SHORTEST_OF_SEVERAL for count in counts) > 1 or len(parts) > 2:
        raise BadValue("holds more than one number", _HINT)
    if _LETTER.search(written):
        raise BadValue("is not a phone number: it has letters", _HINT)
    if "/" in written and counts[0] <= _LONGEST_AREA and counts[1] >= _SHORTEST_OF_SEVERAL - 2:
        return written.replace("/", " ")  # 089/123456, as German and Austrian lists have it
    raise BadValue("may be more than one number, or have an extension", _HINT)


def _count(part: str) -> int:
    return sum(char.isdigit() for char in part)


def _by_library(written: str, region: str | None) -> str:
    import phonenumbers

    try:
        number = phonenumbers.parse(written, region)
    except phonenumbers.NumberParseException:
        raise BadValue("is not a phone number", _HINT) from None
    if not phonenumbers.is_valid_number(number):
        if (whole := _with_one_zero(written, region)) is not None:
            return whole
        raise BadValue(_why_invalid(number, written, region), _HINT)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _with_one_zero(written: str, region: str | None) -> str | None:
    """Return a number whose country code has a single zero before it: 041 79 712 88 70 (CH)."""
    import phonenumbers

    digits = _PUNCTUATION.sub("", written)
    code = phonenumbers.country_code_for_region(region) if region is not None else 0
    whole = f"+{digits[1:]}"
    is_own = bool(code) and digits.startswith(f"0{code}")
    return whole if is_own and is_number_of(whole, None) else None


def _kept(raw: JsonValue) -> JsonValue:
    """
    Return a number that nobody assigns as it is sent: with a country code, it is sent as digits.

    Numbering plans change, and numbers of an old one are in lists for years: `+55 47 9235-6855`.
    """
    value = text_or_json(raw)
    if not isinstance(value, str):
        return value
    digits = _abroad(_PUNCTUATION.sub("", plain_digits(value)))
    if not digits.startswith("+") or not _NUMBER.fullmatch(digits):
        return value
    import phonenumbers

    try:
        is_possible = phonenumbers.is_possible_number(phonenumbers.parse(digits))
    except phonenumbers.NumberParseException:
        return value
    return digits if is_possible else value


def _why_invalid(number: PhoneNumber, written: str, region: str | None) -> str:
    import phonenumbers

    where = region
    if written.startswith("+"):
        where = phonenumbers.region_code_for_country_code(number.country_code or 0)
    place = f" for {where}" if where is not None and where.isalpha() else ""
    verdict = phonenumbers.is_possible_number_with_reason(number)
    if verdict == phonenumbers.ValidationResult.TOO_LONG:
        return f"is too long{place}"
    if verdict == phonenumbers.ValidationResult.TOO_SHORT:
        return f"is too short{place}"
    return f"is not a valid number{place}"


def _build(options: PhoneOptions, _: FieldLimits | None) -> Convert:
    return _converter(options, options.region if isinstance(options.region, str) else None)


def _converter(options: PhoneOptions, region: str | None) -> Convert:
    drop = options.extension == "drop"
    if not isinstance(options.region, RegionColumn):
        return from_text(phone_reader(region, drop_extension=drop))
    hint = f"Fill in the row's {options.region.column!r}, or state a default for region."
    return from_text(phone_reader(region, drop_extension=drop, hint=hint))


def _by_row(options: PhoneOptions) -> ByColumn | None:
    source = options.region
    if not isinstance(source, RegionColumn):
        return None
    converters: dict[str | None, Convert] = {}

    def region_of(country: Any) -> str | None:
        if not isinstance(country, str):
            return source.default
        try:
            return read_country(country)
        except BadValue:
            return None  # a number with a country code can still be read

    def choose(country: Any) -> Convert:
        region = region_of(country)
        if region not in converters:
            converters[region] = _converter(options, region)
        return converters[region]

    def plain(country: Any) -> PlainReader | None:
        return _plain_of(region_of(country))

    return ByColumn(source.column, choose, plain)


def _plain(options: PhoneOptions) -> PlainReader | None:
    return _plain_of(options.region if isinstance(options.region, str) else None)


def _plain_of(region: str | None) -> PlainReader | None:
    from importer.mapper.values.plain.texts import plain_phones

    return plain_phones(region) if region is not None else None


def _change(options: PhoneOptions, _: FieldLimits | None, before: str, value: Any) -> str:
    # A number whose end has changed has lost its extension.
    has_same_end = value.endswith(_NO_DIGITS.sub("", plain_digits(before))[-3:])
    return NORMALISED if has_same_end or options.extension != "drop" else "extension left out"


PHONE = Kind(
    name="phone",
    plural="phones",
    build=_build,
    options=PhoneOptions,
    by_row=_by_row,
    plain=_plain,
    change=_change,
    kept=_kept,
    split="first",
    strict=False,
    looks=frozenset({"phone", "number"}),
    needs_samples=True,
)
