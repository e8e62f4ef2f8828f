"""The texts that marks are hashes of: what a record means, its contact details, names and ids."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import repeat
from typing import TypeGuard, TypeVar

from importer.shared import JsonValue

__all__ = ["MarkTexts", "findable_texts", "mark_texts", "plain", "without_case"]

_T = TypeVar("_T")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(?:Z|[+-][0-9]{2}:[0-9]{2})")
_WORD = re.compile(r"\w{2,}")
_PHONE = re.compile(r"(?:phone|mobile|whatsapp|telephone|(?:^|_)tel)$")
_PHONE_DIGITS = range(7, 20)
_TOLD_APART = 8
"""Only the last digits of a phone number are compared; the ones before are often left out."""
_NAMES = ("name", "first_name", "last_name", "customer_name", "contact_name")
_REF = "external_ref"
# The fields that tell two records of one person apart: the time of a visit, the title of a deal.
_TOPICS = {
    "deal": ("title",),
    "case": ("subject", "created_at"),
    "appointment": ("scheduled_start",),
}


@dataclass(frozen=True, slots=True)
class MarkTexts:
    """What the attributes of `importer.marks.Marks` are hashes of."""

    meaning: str
    topic: str | None
    refs: set[str]
    contacts: set[str]
    words: set[str]
    name: str | None


def mark_texts(
    object_: str, fields: Mapping[str, JsonValue], identity: Sequence[JsonValue] | None = None
) -> MarkTexts:
    """
    Return the texts of a record; `identity` are the values of its identity, if any.

    >>> mark_texts("contact", {"name": "Rana Haddad"}).words == {"rana", "haddad"}
    True
    """
    leaves = [(path, plain(value)) for path, value in _leaves(fields, "")]
    words = set(_name_words([fields.get(name) for name in _NAMES]))
    topics = _TOPICS.get(object_, ())
    return MarkTexts(
        meaning="\0".join([object_, *(f"{path}\1{text}" for path, text in sorted(leaves))]),
        topic=_topic([plain(fields.get(name, "")) for name in topics]),
        refs=set(_refs(leaves, identity)),
        contacts=set(_contacts(leaves)),
        words=words,
        name=None if topics else _whole_name(words),
    )


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


def _refs(leaves: Sequence[tuple[str, str]], identity: Sequence[JsonValue] | None) -> Iterator[str]:
    for path, text in leaves:
        if path == _REF:
            yield f"ref\0{_plain_ref(text)}"
    if identity is not None:
        yield _identity_ref([plain(value) for value in identity])


def _identity_ref(texts: Sequence[str]) -> str:
    return "\0".join(["ref", *map(_plain_ref, texts)])


def _plain_ref(text: str) -> str:
    return text.casefold().lstrip("0")


def _contacts(leaves: Sequence[tuple[str, str]]) -> Iterator[str]:
    for path, text in leaves:
        if (contact := _contact(path, text)) is not None:
            yield contact


def _contact(path: str, text: str) -> str | None:
    if "@" in text and _EMAIL.fullmatch(text):
        return f"email\0{text}"
    if text.startswith("+") or _PHONE.search(path):
        digits = "".join(filter(str.isdigit, text)).lstrip("0")
        if len(digits) in _PHONE_DIGITS:
            return f"phone\0{digits[-_TOLD_APART:]}"
    return None


def _topic(texts: Sequence[str]) -> str | None:
    return "\0".join(["topic", *(text.casefold() for text in texts)]) if any(texts) else None


def _whole_name(words: Collection[str]) -> str | None:
    return "\0".join(["name", *sorted(words)]) if len(words) > 1 else None


def _name_words(names: Sequence[JsonValue]) -> Iterator[str]:
    """Yield the words of the names, in lower case and without accents."""
    given = " ".join(text for text in names if isinstance(text, str))
    if not given.isascii():
        decomposed = unicodedata.normalize("NFKD", given)
        given = "".join(one for one in decomposed if not unicodedata.combining(one))
    yield from _WORD.findall(given.casefold())


_Columns = Mapping[str, Sequence[JsonValue]]


def findable_texts(
    object_: str, columns: _Columns, rows: int, identity: Sequence[str] | None = None
) -> Iterator[list[str]]:
    """
    Yield for each of `rows` records the texts of the marks that it is searched by.

    They are those of `Marks.findable`, for many records at once.

    `columns` has the values of each field by its dotted path, None where a record lacks it.
    `identity` are the fields of the identity. The first letter of a text says what kind of mark it
    is; `Marker.findable` makes marks of them.

    >>> columns = {"name": ["Rana Haddad"], "email": ["Rana@Example.com"]}
    >>> (texts,) = findable_texts("contact", columns, 1)
    >>> [text[0] for text in texts]
    ['m', 'c', 'n']
    """
    texts = {path: _plain_column(values) for path, values in sorted(_flat(columns))}
    nothing: Sequence[None] = [None] * rows
    meanings = map("".join, _by_row([_pieces(*column) for column in texts.items()], rows))
    contacts = _by_row([_contact_column(*column) for column in texts.items()], rows)
    ids = _by_row([_plain_column(columns.get(name, nothing)) for name in identity or ()], rows)
    topics = _by_row([texts.get(name, nothing) for name in _TOPICS.get(object_, ())], rows)
    names = _by_row([columns.get(name, nothing) for name in _NAMES], rows)
    every = zip(meanings, texts.get(_REF, nothing), contacts, ids, topics, names, strict=True)
    for meaning, ref, reached_by, id_, about, named in every:
        found = [] if ref is None else [f"rref\0{_plain_ref(ref)}"]
        if identity is not None:
            found.append("r" + _identity_ref([text or "" for text in id_]))
        found += (f"c{contact}" for contact in reached_by if contact is not None)
        if about:
            topic = _topic([text or "" for text in about])
            found += [] if found or topic is None else [f"t{topic}"]
        elif (name := _whole_name(set(_name_words(named)))) is not None:
            found.append(f"n{name}")
        yield [f"m{object_}{meaning}", *found]


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


def _plain_column(values: Sequence[JsonValue]) -> list[str | None]:
    """Return `plain` of each value; texts that repeat are read once."""
    known = {one: plain(one) for one in set(filter(_is_text, values))}
    return [
        known[one] if isinstance(one, str) else None if one is None else plain(one)
        for one in values
    ]


def _is_text(value: JsonValue) -> TypeGuard[str]:
    return isinstance(value, str)


def _pieces(path: str, texts: Sequence[str | None]) -> list[str]:
    return ["" if text is None else f"\0{path}\1{text}" for text in texts]


def _contact_column(path: str, texts: Sequence[str | None]) -> list[str | None]:
    known = {text: _contact(path, text) for text in set(texts) if text is not None}
    return [None if text is None else known[text] for text in texts]
