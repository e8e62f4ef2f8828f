"""
Reads many plainly written values at once, with polars: texts, email addresses, phone numbers.

A plain reader takes cells, and returns the value of each that is certain, the same as the exact
reader of the kind finds. It leaves all other cells to the exact reader: those with spaces at the
ends, other scripts, names before addresses, or extensions, and all that are refused.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import or_

import polars as pl
import polars.exceptions
from email_validator.rfc_constants import CASE_INSENSITIVE_MAILBOX_NAMES

from importer.mapper.values.dialling import NationalRules, Numbers, national_rules
from importer.mapper.values.domains import DOT_ATOM, read_domain

__all__ = ["PlainReader", "plain_emails", "plain_phones", "plain_texts", "plain_texts_without"]

_CELL = pl.col("cell")
_LONGEST_LOCAL, _LONGEST = 64, 253  # RFC 5321, 4.5.3.1, as in the exact reader


PlainReader = Callable[[pl.Series], pl.Series]
"""Takes cells, and returns the value of each, without control signs, or null if uncertain."""

# Letters and signs that Unicode's form NFC leaves as they are, whatever stands around them: the
# letters of Europe, Arabic and Hebrew without vowel signs, Chinese and Japanese, and punctuation.
_LETTERS = (
    "\u00c0-\u0233\u0388-\u038a\u038e-\u03a1\u03a3-\u03ce\u0400-\u0481\u048a-\u04ff\u05d0-\u05ea"
    "\u0621-\u064a\u0660-\u0669\u1e00-\u1eff\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff"
)
_SIGNS = "\u00a1-\u00ac\u00ae-\u00bf\u2010-\u2015\u2018-\u2026\u20ac"
_VISIBLE = f"!-~{_LETTERS}{_SIGNS}"


def plain_texts(cells: pl.Series) -> pl.Series:
    """Read the cells that are a text of usual letters and signs, without spaces at the ends."""
    is_plain = _CELL.str.contains(rf"\A[{_VISIBLE}](?:[ {_VISIBLE}]*[{_VISIBLE}])?\z")
    return _values(cells.to_frame("cell"), pl.when(is_plain).then(_CELL))


def plain_texts_without(pattern: str) -> PlainReader:
    """Return the reader of plain texts that leaves those of a pattern to the exact reader."""

    def read(cells: pl.Series) -> pl.Series:
        table = plain_texts(cells).to_frame("cell")
        return _values(table, pl.when(~_CELL.str.contains(rf"\A(?:{pattern})\z")).then(_CELL))

    return read


def plain_emails(cells: pl.Series) -> pl.Series:
    """Read the cells that are an address of ASCII letters and nothing else, as `read_email`."""
    parts = _CELL.str.extract_groups(
        rf"\A(?<local>{DOT_ATOM})@(?<domain>[A-Za-z0-9.-]*[A-Za-z0-9])\z"
    )
    table = cells.to_frame("cell").with_columns(parts.alias("parts")).unnest("parts")
    domains = table["domain"].unique().drop_nulls().to_list()
    domain = pl.col("domain").replace_strict(
        domains, list(map(read_domain, domains)), default=None, return_dtype=pl.String
    )
    local = pl.col("local")
    is_plain = (
        (local.str.len_bytes() <= _LONGEST_LOCAL)
        & (local.str.len_bytes() + domain.str.len_bytes() <= _LONGEST)
        & ~local.str.starts_with("'")  # which may be a quote that does not belong to it
        & ~local.str.to_lowercase().is_in(list(CASE_INSENSITIVE_MAILBOX_NAMES))
    )
    return _values(table, pl.when(is_plain).then(local + "@" + domain))


def plain_phones(region: str) -> PlainReader | None:
    """Return the reader for numbers of a region, or None if its rules are not simple enough."""
    rules = national_rules(region)
    if rules is None:
        return None
    reader = _PhoneReader(rules)
    try:
        reader(pl.Series([""]))
    except polars.exceptions.ComputeError:  # a pattern that polars' regular expressions lack
        return None
    return reader


def _values(table: pl.DataFrame, value: pl.Expr) -> pl.Series:
    return table.select(value.alias("value"))["value"]


class _PhoneReader:
    """`NationalRules.read` and `read_plain` for whole columns."""

    def __init__(self, rules: NationalRules) -> None:
        self._start = f"+{rules.code}"
        self._prefix = rules.prefix
        self._abroad = rf"\A(?:{rules.abroad.pattern})"
        self._all = rules.all_numbers
        self._kinds = rules.kinds

    def __call__(self, cells: pl.Series) -> pl.Series:
        is_simple = _CELL.str.contains(r"\A\+?[0-9(][0-9 ()-]*[0-9)]\z")
        bare = _CELL.str.replace_all("[ ()-]", "")
        digits, is_prefixed = pl.col("digits"), pl.col("is_prefixed")
        # Step by step, since polars computes an expression as often as it is used.
        table = cells.to_frame("cell").select(digits=pl.when(is_simple).then(bare))
        table = table.with_columns(digits=_abroad_as_plus(digits))
        table = table.with_columns(is_prefixed=self._is_prefixed(digits))
        table = table.with_columns(national=self._national(digits, is_prefixed))
        number = self._number(digits, is_prefixed, pl.col("national"))
        return _values(table, number)

    def _is_prefixed(self, digits: pl.Expr) -> pl.Expr:
        return digits.str.starts_with(self._prefix) if self._prefix else pl.lit(value=False)

    def _national(self, digits: pl.Expr, is_prefixed: pl.Expr) -> pl.Expr:
        is_whole = digits.str.starts_with(self._start)
        inland = pl.when(is_prefixed).then(digits.str.slice(len(self._prefix))).otherwise(digits)
        return pl.when(is_whole).then(digits.str.slice(len(self._start))).otherwise(inland)

    def _number(self, digits: pl.Expr, is_prefixed: pl.Expr, national: pl.Expr) -> pl.Expr:
        is_inland = ~digits.str.contains(self._abroad) & ~(
            is_prefixed & _matches(digits, self._all)
        )
        is_given = reduce(or_, (_matches(national, numbers) for numbers in self._kinds))
        is_sure = _matches(national, self._all) & is_given & ~national.str.starts_with("0")
        if self._prefix:
            is_sure &= ~national.str.starts_with(self._prefix)
        is_whole = digits.str.starts_with(self._start)
        return pl.when(is_sure & (is_whole | is_inland)).then(self._start + national)


def _abroad_as_plus(bare: pl.Expr) -> pl.Expr:
    is_abroad = bare.str.starts_with("00")
    return pl.when(is_abroad).then("+" + bare.str.slice(2)).otherwise(bare)


def _matches(digits: pl.Expr, numbers: Numbers) -> pl.Expr:
    is_alike = digits.str.contains(rf"\A(?:{numbers.pattern})\z")
    if not numbers.lengths:
        return is_alike
    return is_alike & digits.str.len_bytes().is_in(list(numbers.lengths))
