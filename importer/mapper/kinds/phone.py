"""Reads phone numbers to E.164, as Google's libphonenumber has them for each region."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Literal

from importer.core.locale.language import N_
from importer.core.locale.message import Message
from importer.core.shared import JsonValue
from importer.mapper.data import load_table
from importer.mapper.kinds.country import read_country
from importer.mapper.values.json_values import from_text, text_or_json
from importer.mapper.values.kind import (
    NORMALISED,
    ColumnReader,
    Convert,
    FieldLimits,
    FromColumn,
    Kind,
    Options,
)
from importer.mapper.values.texts import BadValue, LostValue, one_line, plain_digits
from importer.mapper.values.written import Name, checked_by, stated

if TYPE_CHECKING:
    import polars as pl
    from phonenumbers import PhoneNumber


_ROUNDED = re.compile(r"\+?[0-9]+(?:[.,][0-9]+)?[eE]\+?[0-9]+")
_DECIMAL_TAIL = re.compile(r"(\+?[0-9]{5,15})[.,]0+")
_PUNCTUATION = re.compile(r"[\s().\u2010-\u2015-]")
_NUMBER = re.compile(r"\+?[0-9]+")
_LETTER = re.compile(r"[^\W\d_]")
_NO_DIGITS = re.compile(r"\D")
# A letter that somebody typed behind a number; "l" and "O" may have been meant as digits, f as fax.
_STRAY = re.compile(r"(?<=[0-9]{4})[^\W\d_]$")
_LIKE_DIGITS = {"l": "1", "I": "1", "i": "1", "O": "0", "o": "0"}
_SHORTEST_OF_SEVERAL = 6
_LONGEST_AREA = 8
_CALLING_CODE = re.compile(r"(?:\+|00)[1-9][0-9]{0,2}|[1-9][0-9]{1,2}")

_HINT_REGION = N_('Say where the list is from, with the code of the country: region = "…".')
_HINT_ROUNDED = "Its last digits are lost. Export it again with the column as Text."


def check_region(region: str) -> None:
    """Raise `ValueError` unless libphonenumber knows the ISO 3166-1 alpha-2 code `region`."""
    import phonenumbers  # here and below: the library takes long to load

    if region not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError(Message("unknown region; use a code of ISO 3166, such as AE"))


_Region = Annotated[Name, checked_by(check_region)]


class RegionColumn(FromColumn):
    """The column with the country of each row; `default` is for rows where it is empty."""

    default: _Region | None = None


class PhoneOptions(Options):
    """The region of numbers without a country code, and what to do with extensions."""

    region: _Region | RegionColumn | None = stated(
        'a country code, as in "AE", or { column = "Country", default = "AE" }'
    )
    extension: Literal["refuse", "drop"] | None = stated('"refuse" or "drop"')


def phone_reader(
    region: str | None, *, drop_extension: bool = False, hint: str = _HINT_REGION
) -> Callable[[str], str]:
    """
    Return a function from a text to a number in E.164: `+971501234567`. It raises `BadValue`.

    A number without `+` or `00` belongs to `region`; without a region it is refused, with `hint`.
    Also refused are two numbers in one text, letters, numbers that no region assigns, and
    extensions, unless `drop_extension` is True: E.164 cannot contain them. Zeros alone are no
    number: the text is empty.
    """
    return lambda text: _read(text, region, drop_extension, hint)


# The same number is often in several rows, as for a family or an office.
@lru_cache(maxsize=8192)
def _read(text: str, region: str | None, drop_extension: bool, hint: str) -> str:
    written = _tidy(text)
    digits = _PUNCTUATION.sub("", written)
    if not _NUMBER.fullmatch(digits) or "." in written:
        written = _plainly(_without_stray(written, region), drop_extension=drop_extension)
        digits = _PUNCTUATION.sub("", written)
    if digits and not digits.strip("0"):
        return ""  # what databases have where nobody has a number
    if digits.startswith("00"):
        digits = written = _abroad(digits)
    if region is None and not digits.startswith("+"):
        raise BadValue("does not say its country", hint)
    return _by_library(written, region)


def _without_stray(written: str, region: str | None) -> str:
    """Return a number without one letter at its end, if it can then be read in only one way."""
    stray = _STRAY.search(written)
    if stray is None or len(_LETTER.findall(written)) > 1 or stray[0] in "fF":
        return written
    bare, meant = written[:-1], _LIKE_DIGITS.get(stray[0])
    if not is_number_of(bare, region) or (meant and is_number_of(bare + meant, region)):
        return written
    return bare


def parsed(text: str, region: str | None = None) -> PhoneNumber | None:
    """Return a number as the library reads it, valid or not, or None if it is none."""
    import phonenumbers

    try:
        return phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None


def is_number_of(text: str, region: str | None) -> bool:
    """Return whether a number as written is valid in a country, or by its country code alone."""
    import phonenumbers

    number = parsed(text, region)
    return number is not None and phonenumbers.is_valid_number(number)


def is_mobile(text: str, region: str | None, *, surely: bool = False) -> bool:
    """
    Return whether a number as written may be that of a mobile phone.

    In North America and elsewhere nobody can see that from a number: there it is not `surely` one.

    >>> is_mobile("050 123 4567", "AE"), is_mobile("04 123 4567", "AE")
    (True, False)
    """
    import phonenumbers

    number = parsed(text, region)
    found = phonenumbers.number_type(number) if number is not None else None
    types = phonenumbers.PhoneNumberType
    return found == types.MOBILE or (not surely and found == types.FIXED_LINE_OR_MOBILE)


def _abroad(digits: str) -> str:
    """Write `00` as `+`: in nearly all countries it is the prefix for international calls."""
    return f"+{digits[2:]}" if digits.startswith("00") else digits


@cache
def _before() -> re.Pattern[str]:
    """
    Return the pattern of what many lists have before numbers.

    That is an apostrophe or ="…", with which spreadsheets mark text, the scheme of RFC 3966, and
    words for phones.
    """
    words = _words("before")
    return re.compile(rf"\A(?:['’]|=?\"|(?:{words})\b\.?\s*:?|[tmpw]\s*[:.])\s*", re.IGNORECASE)


@cache
def _extension() -> re.Pattern[str]:
    """Return the pattern of a number inside an office, behind another one."""
    words = _words("extension")
    return re.compile(
        rf"(?<![\s,;(/-])[\s,;(/-]*(?:{words})[\s.:#]{{0,9}}([0-9]{{1,8}})\)?$", re.IGNORECASE
    )


@cache
def _between() -> re.Pattern[str]:
    return re.compile(rf":::|[;,|/&\n]|\s(?:{_words('between')})\s")


def _words(key: str) -> str:
    return "|".join(map(re.escape, load_table("phones")[key].split()))


def _tidy(text: str) -> str:
    written = plain_digits(one_line(text.replace("\n", " / ")))
    written = _before().sub("", written, count=1) if not written[:1].isdigit() else written
    return written.rstrip("\"' ;,./")


def _plainly(written: str, *, drop_extension: bool) -> str:
    """Return a number without its extension. Raises `BadValue` for more than one number."""
    if _ROUNDED.fullmatch(written):
        raise LostValue("was rounded by a spreadsheet", _HINT_ROUNDED)
    decimal = _DECIMAL_TAIL.fullmatch(written)
    if decimal is not None:  # a number that some program has treated as a decimal
        return decimal[1]
    extension = _extension().search(written)
    if extension is not None and _count(written[: extension.start()]) >= _SHORTEST_OF_SEVERAL:
        if not drop_extension:
            raise BadValue("has an extension")
        written = written[: extension.start()]
    return _one_number(written)


def _one_number(written: str) -> str:
    parts = [part for part in _between().split(written) if part.strip()]
    if len(parts) == 1 and not _LETTER.search(written):
        return written
    counts = [_count(part) for part in parts]
    if sum(count >= _SHORTEST_OF_SEVERAL for count in counts) > 1 or len(parts) > 2:
        raise BadValue("holds more than one number")
    if _LETTER.search(written):
        raise BadValue("is not a phone number: it has letters")
    if (whole := without_slash(written)) != written:
        return whole
    raise BadValue("may be more than one number, or have an extension")


def without_slash(written: str) -> str:
    """
    Return a number with a space for the slash behind its area, as German lists have it.

    >>> without_slash("089/123456"), without_slash("050 123 4567/050 123 4568")
    ('089 123456', '050 123 4567/050 123 4568')
    """
    area, *rest = map(_count, written.split("/"))
    is_one = area < _SHORTEST_OF_SEVERAL or sum(rest) < _SHORTEST_OF_SEVERAL
    is_behind_area = len(rest) == 1 and 0 < area <= _LONGEST_AREA
    if is_one and is_behind_area and rest[0] >= _SHORTEST_OF_SEVERAL - 2:
        return written.replace("/", " ")
    return written


def _count(part: str) -> int:
    return sum(char.isdigit() for char in part)


def _by_library(written: str, region: str | None) -> str:
    import phonenumbers

    number = parsed(written, region)
    if number is None:
        raise BadValue("is not a phone number")
    if not phonenumbers.is_valid_number(number):
        if (whole := _with_one_zero(written, region)) is not None:
            return whole
        raise BadValue(_why_invalid(number, written, region))
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

    number = parsed(digits)
    is_possible = number is not None and phonenumbers.is_possible_number(number)
    return digits if is_possible else value


def _why_invalid(number: PhoneNumber, written: str, region: str | None) -> Message:
    import phonenumbers

    where = region
    if written.startswith("+"):
        where = phonenumbers.region_code_for_country_code(number.country_code or 0)
    is_placed = where is not None and where.isalpha()
    place = Message(" for %(place)s", place=where) if is_placed else ""
    verdict = phonenumbers.is_possible_number_with_reason(number)
    if verdict == phonenumbers.ValidationResult.TOO_LONG:
        return Message("is too long%(place)s", place=place)
    if verdict == phonenumbers.ValidationResult.TOO_SHORT:
        return Message("is too short%(place)s", place=place)
    return Message("is not a valid number%(place)s", place=place)


def _by_row(options: PhoneOptions, country: JsonValue) -> Convert:
    return _converter(options, _region_in(options, country))


@lru_cache(maxsize=512)
def _converter(options: PhoneOptions, region: str | None) -> Convert:
    drop = options.extension == "drop"
    if not isinstance(options.region, RegionColumn):
        return from_text(phone_reader(region, drop_extension=drop))
    hint = Message(
        "Fill in the row's %(column)s, or state a default for region.",
        column=options.region.column,
    )
    return from_text(phone_reader(region, drop_extension=drop, hint=hint))


def _region_in(options: PhoneOptions, country: Any) -> str | None:
    """Return the region of the numbers in a row, where the cell that decides has a `country`."""
    source = options.region
    if not isinstance(source, RegionColumn):
        return source
    if not isinstance(country, str | int):
        return source.default
    return region_of(str(country))  # without one, a number with a country code can still be read


def region_of(text: str) -> str | None:
    """
    Return the region that a country or its calling code stands for, or None.

    A single digit without a plus may as well be the number of a country in some list.

    >>> region_of("Oman"), region_of("968"), region_of("+7"), region_of("7")
    ('OM', 'OM', 'RU', None)
    """
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    code = plain_digits(text).strip()
    if _CALLING_CODE.fullmatch(code):
        found = COUNTRY_CODE_TO_REGION_CODE.get(int(code), ("",))[0]
        return found if found.isalpha() else None  # "001" are numbers of no country
    try:
        return read_country(text)
    except BadValue:
        return None


# Whole columns: what the tables of libphonenumber surely take. The library needs some 22 µs for a
# number, this a tenth of that for most numbers.
_KINDS = (
    *("fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "personal_number"),
    *("voip", "pager", "uan", "voicemail"),
)


@dataclass(frozen=True, slots=True)
class _NationalRules:
    """
    The numbers of a country, as patterns of digits: those that `could_be`, and those `assigned`.

    `prefix` is dialled before national numbers, `abroad` is the pattern of what is dialled before
    international ones.
    """

    code: int
    prefix: str
    abroad: str
    could_be: str
    assigned: str

    def take(self, national: pl.Expr) -> pl.Expr:
        """Return which numbers without country code and prefix are surely assigned."""
        is_given = national.str.contains(self.could_be) & national.str.contains(self.assigned)
        is_sure = is_given & ~national.str.starts_with("0")
        return is_sure & ~national.str.starts_with(self.prefix) if self.prefix else is_sure

    def take_as_dialled(self, digits: pl.Expr, national: pl.Expr) -> pl.Expr:
        """Return which numbers as dialled within the country are surely `national` ones."""
        is_sure = self.take(national) & ~digits.str.contains(self.abroad)
        if not self.prefix:
            return is_sure
        return is_sure & ~(digits.str.starts_with(self.prefix) & digits.str.contains(self.could_be))


@lru_cache(maxsize=512)
def _national_rules(region: str) -> _NationalRules | None:
    """
    Return the rules of an ISO 3166-1 region, or None for one whose numbers the library has to read.

    Simple enough are countries that do not share their country code, or are the first of those
    that share it, and that have one prefix for national calls.
    """
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

    metadata = PhoneMetadata.metadata_for_region(region)
    code = metadata.country_code if metadata is not None else None
    general = metadata.general_desc if metadata is not None else None
    if metadata is None or code is None or general is None or metadata.leading_digits is not None:
        return None
    prefix = metadata.national_prefix_for_parsing or ""
    # If regions share a country code, the first one is the main region, whose numbers come first.
    is_main = COUNTRY_CODE_TO_REGION_CODE[code][0] == region
    if not is_main or metadata.national_prefix_transform_rule or not (prefix + "0").isdigit():
        return None
    kinds = [desc for kind in _KINDS if (desc := getattr(metadata, kind)) is not None]
    assigned = "|".join(filter(None, (desc.national_number_pattern for desc in kinds)))
    return _NationalRules(
        code=code,
        prefix=prefix,
        abroad=rf"\A(?:{metadata.international_prefix or '[^0-9]'})",
        could_be=rf"\A(?:{general.national_number_pattern})\z",
        assigned=rf"\A(?:{assigned})\z",
    )


def _column_reader(options: PhoneOptions) -> ColumnReader:
    """Return the reader of the numbers that the rules of their countries surely take."""
    return lambda table: _read_phones(table, options)


def _read_phones(table: pl.DataFrame, options: PhoneOptions) -> pl.Series:
    import polars as pl
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    cell, digits, of, national = map(pl.col, ("cell", "digits", "of", "national"))
    is_simple = cell.str.contains(r"\A\+?[0-9(][0-9 ()-]*[0-9)]\z")
    bare = pl.when(is_simple).then(cell.str.replace_all("[ ()-]", ""))
    plus = pl.when(digits.str.starts_with("00")).then("+" + digits.str.slice(2)).otherwise(digits)
    by_code = pl.when(digits.str.starts_with("+")).then(digits.str.extract(_country_code()))
    # Step by step, since polars computes an expression as often as it is used.
    numbers = table.select(digits=bare, region=_regions(table, options)).with_columns(digits=plus)
    numbers = numbers.select(digits, of=by_code.otherwise("region"))
    numbers = numbers.with_row_index("at").drop_nulls()
    parts = [pl.DataFrame(schema={"at": pl.UInt32, "number": pl.String})]
    for start in numbers["of"].unique():
        is_abroad = start.startswith("+")
        region = COUNTRY_CODE_TO_REGION_CODE[int(start)][0] if is_abroad else start
        if (rules := _national_rules(region)) is None:
            continue
        inner = digits.str.slice(len(start))
        is_sure = rules.take(national)
        if not is_abroad:
            inner = digits.str.strip_prefix(rules.prefix)
            is_sure = rules.take_as_dialled(digits, national)
        part = numbers.filter(of == start).with_columns(national=inner)
        parts.append(part.select("at", number=pl.when(is_sure).then(f"+{rules.code}" + national)))
    found = pl.concat(parts)
    return pl.repeat(None, table.height, dtype=pl.String, eager=True).scatter(
        found["at"], found["number"]
    )


@cache
def _country_code() -> str:
    """Return the pattern of the country code with which a number begins."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    return rf"\A(\+(?:{'|'.join(map(str, COUNTRY_CODE_TO_REGION_CODE))}))"


def _regions(table: pl.DataFrame, options: PhoneOptions) -> pl.Expr:
    """Return the region of the numbers without a country code, null where it is unknown."""
    import polars as pl

    if "other" not in table.columns:
        return pl.lit(_region_in(options, None), pl.String)
    countries = table["other"].unique().to_list()
    regions = pl.Series([_region_in(options, one) for one in countries], dtype=pl.String)
    return pl.col("other").replace_strict(countries, regions, return_dtype=pl.String)


def _change(options: PhoneOptions, _: FieldLimits | None, before: str, value: Any) -> str:
    # A number whose end has changed has lost its extension.
    has_same_end = value.endswith(_NO_DIGITS.sub("", plain_digits(before))[-3:])
    return NORMALISED if has_same_end or options.extension != "drop" else "extension left out"


PHONE = Kind(
    name="phone",
    plural="phones",
    build=lambda options, _: _by_row(options, None),
    options=PhoneOptions,
    by_row=_by_row,
    column_reader=_column_reader,
    change=_change,
    kept=_kept,
    split="first",
    strict=False,
    looks=frozenset({"phone", "number"}),
    needs_samples=True,
)
