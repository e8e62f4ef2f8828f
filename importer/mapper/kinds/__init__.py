"""Lists the kinds of values; each is one file. A mapping states one as `type`."""

from __future__ import annotations

from collections.abc import Mapping

from importer.mapper.kinds.boolean import BOOLEAN
from importer.mapper.kinds.country import COUNTRY
from importer.mapper.kinds.currency import CURRENCY
from importer.mapper.kinds.date import DATE
from importer.mapper.kinds.datetime import DATETIME
from importer.mapper.kinds.decimal import DECIMAL
from importer.mapper.kinds.email import EMAIL
from importer.mapper.kinds.enum import ENUM
from importer.mapper.kinds.integer import INTEGER
from importer.mapper.kinds.money import MONEY
from importer.mapper.kinds.name import NAME
from importer.mapper.kinds.object import OBJECT
from importer.mapper.kinds.phone import PHONE
from importer.mapper.kinds.ref import REF
from importer.mapper.kinds.tags import TAGS
from importer.mapper.kinds.text import TEXT
from importer.mapper.kinds.url import URL
from importer.mapper.kinds.uuid import UUID
from importer.mapper.values.kind import Kind, Options

_ALL = (
    TEXT,
    NAME,
    PHONE,
    EMAIL,
    URL,
    INTEGER,
    DECIMAL,
    MONEY,
    CURRENCY,
    BOOLEAN,
    DATE,
    DATETIME,
    ENUM,
    COUNTRY,
    TAGS,
    UUID,
    REF,
    OBJECT,
)

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _ALL}
"""Every kind by its name, in the order in which messages list them."""

TYPES = tuple(kind.name for kind in _ALL if kind.is_type)
"""The names of the kinds a mapping may state as `type`."""

OPTIONS: Mapping[str, type[Options]] = {
    key: kind.options for kind in _ALL for key in kind.options.model_fields
}
"""The keys that kinds add to a mapping's line, each with a model that checks its value."""
