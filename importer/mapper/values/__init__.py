"""The kinds of values: each reads a text as people write it, or raises `BadValue`."""

from __future__ import annotations

from importer.mapper.values.booleans import read_boolean
from importer.mapper.values.country import read_country
from importer.mapper.values.dates import check_format, date_reader, datetime_reader, load_zone
from importer.mapper.values.email import read_email
from importer.mapper.values.links import read_url, read_uuid
from importer.mapper.values.money import check_currency, read_currency, read_money
from importer.mapper.values.numbers import decimal_text, read_decimal, read_integer
from importer.mapper.values.person_name import Case, Order, Part, name_reader
from importer.mapper.values.phone import check_region, phone_reader
from importer.mapper.values.text import (
    BadValue,
    cut,
    fold,
    one_line,
    plain_digits,
    read_text,
    word_key,
)

__all__ = [
    "BadValue",
    "Case",
    "Order",
    "Part",
    "check_currency",
    "check_format",
    "check_region",
    "cut",
    "date_reader",
    "datetime_reader",
    "decimal_text",
    "fold",
    "load_zone",
    "name_reader",
    "one_line",
    "phone_reader",
    "plain_digits",
    "read_boolean",
    "read_country",
    "read_currency",
    "read_decimal",
    "read_email",
    "read_integer",
    "read_money",
    "read_text",
    "read_url",
    "read_uuid",
    "word_key",
]
