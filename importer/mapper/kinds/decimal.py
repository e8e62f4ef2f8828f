"""Reads numbers that keep every digit, sent as text."""

from __future__ import annotations

from importer.mapper.values.json_values import from_text_or
from importer.mapper.values.kind import Convert, FieldLimits, Kind, Options
from importer.mapper.values.numbers import DecimalMark, json_decimal, read_decimal


class DecimalOptions(Options):
    """How a column writes numbers."""

    decimal_mark: DecimalMark = None


def _build(options: DecimalOptions, _: FieldLimits | None) -> Convert:
    return from_text_or(lambda text: read_decimal(text, options.decimal_mark), json_decimal)


DECIMAL = Kind(
    name="decimal",
    plural="decimals",
    build=_build,
    options=DecimalOptions,
    looks=frozenset({"number", "phone"}),
    has_words=True,
    needs_samples=True,
)
