"""Reads numbers that keep every digit, sent as text."""

from __future__ import annotations

from importer.mapper.values.json_values import from_text_or
from importer.mapper.values.kind import Kind
from importer.mapper.values.numbers import NumberOptions, json_decimal, read_decimal

DECIMAL = Kind(
    name="decimal",
    plural="decimals",
    build=lambda options, _: from_text_or(
        lambda text: read_decimal(text, options.decimal_mark), json_decimal
    ),
    options=NumberOptions,
    looks=frozenset({"number", "phone"}),
    has_words=True,
    needs_samples=True,
)
