"""The texts by which two records are compared: what they mean, details, names, ids."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import repeat
from typing import TypeGuard, TypeVar

from importer.core.objects import PEOPLE, object_facts
from importer.core.shared import JsonValue
from importer.matching.person_names import first_name_forms, name_forms, name_words, whole_name

_T = TypeVar("_T")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(?:Z|[+-][0-9]{2}:[0-9]{2})")
_PHONE = re.compile(r"(?:phone|mobile|whatsapp|telephone|(?:^|_)tel)$")
_PHONE_DIGITS = range(7, 20)
_TOLD_APART = 8
"""Only the last digits of a phone number are compared; the ones before are often left out."""
_NAMES = ("name", "first_name", "last_name", "customer_name", "contact_name")
PERSON = ("name", "first_name", "last_name")
REF = "external_ref"


@dataclass(frozen=True, slots=True)
class MatchTexts:
    """What the attributes of `importer.matching.hashes.MatchHashes` are hashes of."""

    meaning: str
    identity: str | None
    details: set[str]
    of_identity: set[str]
    names: set[str]
    first: set[str]
    topic: str | None
    start: str | None
    values: set[str]


def match_texts(
    object_: str, fields: Mapping[str, JsonValue], identity: Sequence[JsonValue] | None = None
) -> MatchTexts:
    """
    Return the texts of a record; `identity` are the values of its identity, if any.

    >>> texts = match_texts("contact", {"name": "Rana Haddad"})
    >>> texts.names == match_texts("contact", {"first_name": "Haddad", "last_name": "RANA"}).names
    True
    """
    leaves = [(path, plain_at(path, value)) for path, value in _leaves(fields, "")]
    texts = dict(leaves)
    given = None if identity is None else [plain(value) for value in identity]
    details = {one for path, text in leaves if (one := detail(path, text)) is not None}
    of_identity = set()
    if given is not None:
        of_identity = {one for one in details if one.partition("\0")[2] in _as_details(given)}
    facts = object_facts(object_)
    topic, start = texts.get(facts.topic or ""), texts.get(facts.start or "")
    named = [fields.get(name) for name in _NAMES]
    said = [f"{path}\1{text}" for path, text in sorted(leaves) if path not in PERSON]
    said += _person_meant(object_, [fields.get(name) for name in PERSON])
    return MatchTexts(
        meaning="\0".join([object_, *said]),
        identity=None if given is None else _identity(given),
        details=details,
        of_identity=of_identity,
        names=set(_names(object_, named, fields.get("company"))),
        first=set(_first(object_, fields)),
        topic=_folded(topic),
        start=start,
        values=set() if object_ in PEOPLE else set(_values(object_, leaves)),
    )


def is_telling(object_: str, fields: Mapping[str, JsonValue]) -> bool:
    """
    Return whether what was sent of a record can tell it from all others.

    Of people that is a detail or the whole name. A company and its switchboard are those of many.
    Of other records it is their id, or whose they are and their time or title.

    >>> is_telling("contact", {"first_name": "Rana"}), is_telling("contact", {"phone": "+97143"})
    (False, False)
    """
    texts = match_texts(object_, fields)
    if object_ not in PEOPLE:
        is_somebodys = bool(texts.details or texts.names)
        has_id = any(one[0] == "r" for one in texts.details)
        return has_id or (is_somebodys and (texts.topic or texts.start) is not None)
    if not any(fields.get(one) for one in _NAMES) and fields.get("company"):
        return any(one[0] == "r" or one.startswith("cemail") for one in texts.details)
    return bool(texts.details or texts.names)


def plain(value: JsonValue) -> str:
    """
    Return one text for all values that mean the same.

    Amounts lose trailing zeros, times become UTC, email addresses lower case, and `7` is `"7"`.
    """
    if isinstance(value, str):
        return _plain_text(value.strip())
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return _plain_number(str(value))
    if isinstance(value, Mapping):
        return "\2".join(f"{path}\1{plain(leaf)}" for path, leaf in sorted(_leaves(value, "")))
    if isinstance(value, Sequence):
        return "\3".join(map(plain, value))
    return ""


def plain_at(path: str, value: JsonValue) -> str:
    """
    Return `plain` of the value of a field; an id has no case and no leading zeros.

    >>> plain_at("external_ref", "00C7"), plain_at("notes", "00C7")
    ('c7', '00C7')
    """
    return _plain_ref(plain(value)) if path == REF else plain(value)


def without_case(value: JsonValue) -> JsonValue:
    """
    Return an email address in lower case, and any other value as it is.

    >>> without_case("Rana@Example.com"), without_case("C-7")
    ('rana@example.com', 'C-7')
    """
    if isinstance(value, str) and "@" in value and _EMAIL.fullmatch(value):
        return value.lower()
    return value


def _plain_text(text: str) -> str:
    if _NUMBER.fullmatch(text):
        return _plain_number(text)
    if _INSTANT.fullmatch(text):
        try:
            return datetime.fromisoformat(text).astimezone(UTC).isoformat()
        except (ValueError, OverflowError):
            return text
    return text.casefold() if _EMAIL.fullmatch(text) else text


def _plain_number(text: str) -> str:
    number = Decimal(text)
    return format(number.normalize(), "f") if number else "0"


def _leaves(fields: Mapping[str, JsonValue], prefix: str) -> Iterator[tuple[str, JsonValue]]:
    for name, value in fields.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _identity(texts: Sequence[str]) -> str:
    return "\0".join(map(_plain_ref, texts))


def _plain_ref(text: str) -> str:
    return text.casefold().lstrip("0")


def _as_details(given: Sequence[str]) -> set[str]:
    """Return how the values of an identity are written if they are details themselves."""
    return {*map(_plain_ref, given), *given, *(text.lstrip("+0")[-_TOLD_APART:] for text in given)}


def detail(path: str, text: str) -> str | None:
    """
    Return an email address, a phone number or an id as a text to compare, or None.

    `text` is `plain_at` of the value. The first letter says what it is: "c" for what somebody is
    reached by, "r" for an id.

    >>> detail("phone", "+971 50 123 4567") == detail("phone", "0501234567")
    True
    """
    if path == REF:
        return f"rref\0{text}"
    if "@" in text and _EMAIL.fullmatch(text):
        return f"cemail\0{text}"
    if text.startswith("+") or _PHONE.search(path):
        digits = "".join(filter(str.isdigit, text)).lstrip("0")
        if len(digits) in _PHONE_DIGITS:
            return f"cphone\0{digits[-_TOLD_APART:]}"
    return None


def _names(object_: str, named: Sequence[JsonValue], company: JsonValue) -> Iterable[str]:
    """Return the forms of the whole name; without a person's name, the company is the name."""
    texts = [text for text in named if isinstance(text, str) and text.strip()]
    if not texts and isinstance(company, str):
        return _single([company])
    return name_forms(texts) or (() if object_ in PEOPLE else _single(texts))


def _person_meant(object_: str, named: Sequence[JsonValue]) -> list[str]:
    """Return the whole name of a person, in whichever columns it stands and however written."""
    name, first, last = (text if isinstance(text, str) else None for text in named)
    if object_ in PEOPLE and (whole := whole_name(name, first, last)):
        return [f"name\1{whole}"]
    folded = folded_name if object_ in PEOPLE else plain
    given = zip(PERSON, named, strict=True)
    return [f"{path}\1{folded(value)}" for path, value in given if value is not None]


def folded_name(value: JsonValue) -> str:
    """
    Return the folded words of a name that is no whole name, joined.

    >>> folded_name("FARAH") == folded_name("Fárah")
    True
    """
    words = " ".join(sorted(name_words([value]))) if isinstance(value, str) else ""
    return words or plain(value)


def _single(texts: Sequence[str]) -> list[str]:
    words = name_words(texts)
    return [" ".join(sorted(words))] if words else []


def _first(object_: str, fields: Mapping[str, JsonValue]) -> Iterable[str]:
    if object_ not in PEOPLE:
        return ()
    first, name = fields.get("first_name"), fields.get("name")
    return first_name_forms(
        first if isinstance(first, str) else None, name if isinstance(name, str) else None
    )


def _folded(text: str | None) -> str | None:
    return text.casefold() if text else None


def _values(object_: str, leaves: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Yield the values besides title, start, names and details: one more of them tells enough."""
    facts = object_facts(object_)
    apart = {facts.topic, facts.start, *_NAMES}
    for path, text in leaves:
        if path not in apart and text and detail(path, text) is None:
            yield f"{path}\1{text}"


_Columns = Mapping[str, Sequence[JsonValue]]


def findable_texts(
    object_: str, columns: _Columns, rows: int, identity: Sequence[str] | None = None
) -> Iterator[list[str]]:
    """
    Yield for each of `rows` records the texts of the hashes that it is searched by.

    They are those of `MatchHashes.findable`, for many records at once.

    `columns` has the values of each field by its dotted path, None where a record lacks it.
    `identity` are the fields of the identity. The first letter of a text says what kind of hash it
    is; `Hasher.findable` makes hashes of them.

    >>> columns = {"name": ["Rana Haddad"], "email": ["Rana@Example.com"]}
    >>> (texts,) = findable_texts("contact", columns, 1)
    >>> sorted({text[0] for text in texts})
    ['c', 'm', 'n']
    """
    texts = {path: _plain_column(path, values) for path, values in sorted(_flat(columns))}
    nothing: Sequence[None] = [None] * rows
    others = {path: column for path, column in texts.items() if path not in PERSON}
    meanings = map("".join, _by_row([_pieces(*column) for column in others.items()], rows))
    people = _by_row([columns.get(name, nothing) for name in PERSON], rows)
    details = _by_row([_detail_column(*column) for column in texts.items()], rows)
    ids = _by_row(
        [_plain_column(name, columns.get(name, nothing)) for name in identity or ()], rows
    )
    titles = texts.get(object_facts(object_).topic or "", nothing)
    names = _by_row([columns.get(name, nothing) for name in _NAMES], rows)
    companies = columns.get("company", nothing)
    every = zip(meanings, people, details, ids, titles, names, companies, strict=True)
    for meaning, person, reached_by, id_, title, named, company in every:
        said = "".join(f"\0{part}" for part in _person_meant(object_, person))
        found = [f"m{object_}{meaning}{said}"]
        if identity is not None:
            found.append("i" + _identity([text or "" for text in id_]))
        found += (one for one in reached_by if one is not None)
        found += (f"n{one}" for one in _names(object_, named, company))
        found += [] if (topic := _folded(title)) is None else [f"t{topic}"]
        yield found


def _by_row(columns: Sequence[Sequence[_T]], rows: int) -> Iterable[tuple[_T, ...]]:
    return zip(*columns, strict=True) if columns else repeat((), rows)


def _flat(columns: _Columns) -> Iterator[tuple[str, Sequence[JsonValue]]]:
    """Yield the columns; for a column of objects, one for each of their leaves."""
    for path, values in columns.items():
        if dict not in set(map(type, values)):
            yield path, values
            continue
        rows = [{} if one is None else dict(_leaves({path: one}, "")) for one in values]
        for leaf in dict.fromkeys(name for row in rows for name in row):
            yield leaf, [row.get(leaf) for row in rows]


def _plain_column(path: str, values: Sequence[JsonValue]) -> list[str | None]:
    """Return `plain_at` of each value; texts that repeat are read once."""
    known = {one: plain_at(path, one) for one in set(filter(_is_text, values))}
    return [
        known[one] if isinstance(one, str) else None if one is None else plain_at(path, one)
        for one in values
    ]


def _is_text(value: JsonValue) -> TypeGuard[str]:
    return isinstance(value, str)


def _pieces(path: str, texts: Sequence[str | None]) -> list[str]:
    return ["" if text is None else f"\0{path}\1{text}" for text in texts]


def _detail_column(path: str, texts: Sequence[str | None]) -> list[str | None]:
    known = {text: detail(path, text) for text in set(texts) if text is not None}
    return [None if text is None else known[text] for text in texts]
