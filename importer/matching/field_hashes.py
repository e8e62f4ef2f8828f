"""One short salted hash for each value that is sent, to see later which fields have changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from importer.core.keys import canonical_json
from importer.core.paths import walk_leaves
from importer.core.shared import JsonValue
from importer.matching.hashes import salted_hash

_PATH, _VALUE = 3, 5
_SIZE = _PATH + _VALUE
"""
Letters, of 6 bits each, of the hash of a field's name and of its value. Of 30 fields, two have the
same 3 letters in one list of 600; two values of a field have the same 5 once in a billion.
"""
EMPTIED, FILLED, DAMAGED = "emptied", "filled", "damaged"
SWAPPED = "swapped:"
"""The change of a swapped value (`FieldChange.how`); the name of the other field follows."""
_ENCODINGS = ("cp1252", "latin-1", "cp1256", "cp1251", "cp437")
_DAMAGE = ("\N{REPLACEMENT CHARACTER}", "Ã", "Â", "â€", "Ø", "Ù", "Ð")
_FACTORS = tuple(map(Decimal, ("0.01", "100", "0.1", "10", "0.001", "1000")))
_ISO_DAY = len("2026-03-04")


@dataclass(frozen=True, slots=True)
class FieldChange:
    """
    A field whose value is not the one that was sent.

    `how` names the kind of change if it can be seen, else it is None. `then` and `now` are the
    hashes of both values: equal hashes are equal values. No value can be computed from them.
    """

    field: str
    how: str | None
    then: str
    now: str


class FieldHashes:
    """
    Makes the field hashes of records with the `salt` of a results file.

    >>> hasher = FieldHashes("salt")
    >>> then = hasher.text({"first_name": "Rana", "phone": "0501234567"})
    >>> [change] = hasher.changes(then, {"first_name": "Rana", "phone": "501234567"})
    >>> change.field, change.how
    ('phone', 'zeros')
    """

    def __init__(self, salt: str) -> None:
        self._key = salt.encode()[:64]
        self._path = lru_cache(1000)(self._path_of)

    def text(self, fields: Mapping[str, JsonValue]) -> str:
        """Return the field hashes of a record: 8 letters for each value that is not empty."""
        return "".join(self._hash_of(path, text) for path, text in _texts(fields))

    def knows(self, then: str, names: Iterable[str]) -> int:
        """Return how many fields of these names have hashes: few if the salt was another one."""
        paths = {one[:_PATH] for one in _each(then)}
        return sum(self._path(name) in paths for name in names)

    def changes(
        self, then: str, fields: Mapping[str, JsonValue], names: Iterable[str] = ()
    ) -> list[FieldChange]:
        """
        Return the fields of a record that differ from one with the field hashes `then`.

        `names` are fields that may have been emptied since.
        """
        sent = {one[:_PATH]: one for one in _each(then)}
        every = set(sent.values())
        today = dict(_texts(fields))
        found = []
        for path, text in today.items():
            now = self._hash_of(path, text)
            if now not in every:
                was = sent.get(self._path(path), "")
                how = self._how(path, text, was, today) if was else FILLED
                found.append(FieldChange(path, how, was, now))
        gone = ((path, sent.get(self._path(path))) for path in names if path not in today)
        found += (FieldChange(path, EMPTIED, was, "") for path, was in gone if was)
        return found

    def _how(self, path: str, text: str, was: str, today: Mapping[str, str]) -> str | None:
        """Return the kind of change: one that undone gives the sent value, or a visible damage."""
        for how, undo in _UNDONE.items():
            if any(self._hash_of(path, one) == was for one in undo(text)):
                return how
        for other, value in today.items():
            if other != path and self._hash_of(path, value) == was:
                return SWAPPED + other
        return DAMAGED if _is_damaged(text) else None

    def _hash_of(self, path: str, text: str) -> str:
        return self._path(path) + salted_hash(f"{path}\1{text}", self._key)[:_VALUE]

    def _path_of(self, path: str) -> str:
        return salted_hash(path, self._key)[:_PATH]


def _texts(fields: Mapping[str, JsonValue]) -> Iterator[tuple[str, str]]:
    for path, value in walk_leaves(fields):
        if value not in (None, "", [], {}):
            yield path, value if isinstance(value, str) else canonical_json(value).decode()


def _each(text: str) -> Iterator[str]:
    return (text[at : at + _SIZE] for at in range(0, len(text) - _SIZE + 1, _SIZE))


def _is_damaged(text: str) -> bool:
    """Return whether letters of a value were lost: `?` inside or before a word, or U+FFFD."""
    lost = any(mark == "?" and text[at + 1 : at + 2].isalpha() for at, mark in enumerate(text)) or (
        text.endswith("?") and " " not in text
    )
    return lost or any(one in text for one in _DAMAGE)


def _with_zeros(text: str) -> Iterator[str]:
    if text[:1].isdigit() or text[:2].lstrip("-").isdigit():
        yield from ("0" + text, "00" + text, "000" + text)
        yield from (text.zfill(size) for size in range(len(text) + 4, 19))


def _without_zeros(text: str) -> Iterator[str]:
    if text.startswith("0"):
        yield text.lstrip("0")


def _in_other_letters(text: str) -> Iterator[str]:
    yield from (text.title(), text.capitalize(), text.lower(), text.upper(), text.casefold())


def _scaled(text: str) -> Iterator[str]:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return
    if not number.is_finite() or len(text) > 30:
        return
    for factor in _FACTORS:
        scaled = number * factor
        plain = format(scaled.normalize(), "f")
        yield from (plain, format(scaled, "f"), f"{plain}.0", f"{scaled:.2f}")


def _day_and_month(text: str) -> Iterator[str]:
    day = text[:_ISO_DAY]
    if len(day) == _ISO_DAY and day[4] == day[7] == "-":
        yield f"{day[:5]}{day[8:]}-{day[5:7]}{text[_ISO_DAY:]}"


def _read_as(text: str) -> Iterator[str]:
    if text.isascii():
        return
    for encoding in _ENCODINGS:
        for write, read in ((encoding, "utf-8"), ("utf-8", encoding)):
            try:
                yield text.encode(write).decode(read)
            except UnicodeError:
                continue


_UNDONE: Mapping[str, Callable[[str], Iterator[str]]] = {
    "zeros": _with_zeros,
    "no_zeros": _without_zeros,
    "letters": _in_other_letters,
    "encoding": _read_as,
    "scaled": _scaled,
    "day_month": _day_and_month,
}
"""Functions that undo a change, by the kind of the change."""
