"""Reads what a person states about the values of a list: a country, a time zone."""

from __future__ import annotations

from importer.core.errors import ConfigError
from importer.mapper.kinds.country import read_country
from importer.mapper.kinds.phone import check_region
from importer.mapper.values.dates import load_zone
from importer.mapper.values.texts import BadValue


def region_of(text: str) -> str:
    """
    Return the code of a country by its code or name. Raises `ConfigError` if it is none.

    >>> region_of("uae")
    'AE'
    """
    try:
        code = read_country(text)
        check_region(code)
    except BadValue as error:
        raise ConfigError(
            "%(word)s: it %(reason)s", word=text, reason=error.reason, hint=error.hint
        ) from None
    except ValueError:
        raise ConfigError(
            "%(word)s: no phone numbers of this country are known", word=text
        ) from None
    return code


def zone_of(text: str) -> str:
    """Return the name of a time zone. Raises `ConfigError` for any other text."""
    try:
        load_zone(text)
    except ValueError as error:
        raise ConfigError("%(word)s: %(reason)s", word=text, reason=error) from None
    return text
