"""Reads countries: ISO 3166-1 codes, and names in 39 languages and in the countries' own."""

from __future__ import annotations

from functools import cache, lru_cache

from importer.core.locale.message import Message, joined
from importer.mapper.data import load_lines, load_table
from importer.mapper.headers.names import meaning
from importer.mapper.values.json_values import from_text
from importer.mapper.values.kind import Kind
from importer.mapper.values.texts import BadValue, one_line, word_key

_CUTOFF = 0.8  # takes "Germny" for Germany, and not "Dubai" for Cuba


@lru_cache(maxsize=1)
def _table() -> tuple[list[str], tuple[list[str], ...]]:
    """Return what the first columns are, and a line for each country; more names follow them."""
    head, *lines = load_lines("countries")
    return head, tuple(lines)


@lru_cache(maxsize=1)
def _places() -> dict[str, str]:
    """Return the country of each place by the letters of its name."""
    places = load_table("countries")["places"]
    return {word_key(name): code for code, names in places.items() for name in names}


def country_of_place(name: str) -> str | None:
    """
    Return the country of a well-known place, in any of its languages, or None.

    >>> country_of_place("دبي")
    'AE'
    """
    return _places().get(word_key(name))


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    """Return the alpha-2 code by code, and by the letters of each name that means one country."""
    countries: dict[str, set[str]] = {}
    codes: dict[str, str] = {}
    common = load_table("countries")["names"]
    for alpha2, alpha3, *names in _table()[1]:
        for name in filter(None, (*names, *common.get(alpha2, ()))):
            countries.setdefault(word_key(name), set()).add(alpha2)
        codes |= {word_key(code): alpha2 for code in (alpha2, alpha3) if code}
    return {key: found.pop() for key, found in countries.items() if len(found) == 1} | codes


@cache
def country_names(language: str) -> dict[str, str]:
    """
    Return the names of all countries in a language, by alpha-2 code, in their order.

    They are in English where the table has no column for the language.
    """
    head, lines = _table()
    place = head.index(language if language in head else "en")
    names = {line[0]: line[place] for line in lines}
    return dict(sorted(names.items(), key=lambda one: one[1]))


@lru_cache(maxsize=1024)
def read_country(text: str) -> str:
    """
    Return the ISO 3166-1 alpha-2 code of a country.

    It accepts alpha-2 and alpha-3 codes, the names of the Unicode CLDR in 39 languages and in the
    official ones of each country, and other common forms (UAE, U.K., الإمارات). Case, accents and
    punctuation are ignored. Raises `BadValue`.
    """
    key = word_key(one_line(text))
    code = _codes().get(key) or _codes().get(key.removeprefix("the"))
    if code is None:
        raise BadValue("is not a known country", _hint(text))
    return code


@lru_cache(maxsize=1024)
def _hint(text: str) -> Message:
    word = one_line(text)
    if (place := country_of_place(word)) is not None:
        return Message(
            'It is a place in %(place)s; map it: values = { "%(text)s" = "%(place)s" }.',
            place=place,
            text=word,
        )
    meant = meaning(text, [line[2] for line in _table()[1]], cutoff=_CUTOFF)
    advice = Message('Write its name or its code, as AE; or map the word: values = { "…" = "AE" }.')
    return joined([meant, advice], "sentences")


COUNTRY = Kind(
    name="country",
    plural="countries",
    build=lambda *_: from_text(read_country),
    strict=False,
)
