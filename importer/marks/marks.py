"""Marks: short salted hashes that recognise a record again when no key matches any more."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Self

from importer.marks.texts import mark_texts
from importer.shared import JsonValue

__all__ = ["Marker", "Marks"]

_BYTES = 6  # 8 letters; among a million records and a million rows, about a dozen chance matches
_WORD_LETTERS = 4  # only compared after another mark has found the record
_FOUND_BY = re.compile(r"([mtrcn])([\w-]{8})")


@dataclass(frozen=True, slots=True)
class Marks:
    """
    The hashes by which a record can be recognised.

    `meaning` is the same for records whose values mean the same, however they are written. `topic`
    tells the records of one person apart (None for people themselves). `refs` are hashes of ids in
    other systems, `contacts` of addresses and phone numbers, `words` of the words in names, and
    `name` of a whole name of two words or more.
    """

    meaning: str
    topic: str | None = None
    refs: frozenset[str] = frozenset()
    contacts: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    name: str | None = None

    def text(self) -> str:
        """
        Return the marks as the results file has them.

        Each mark that records are searched by is 9 letters: one for its kind and 8 of the hash. The
        words follow after a point, 4 letters each.
        """
        topic = [f"t{self.topic}"] if self.topic else []
        refs, contacts = ([f"r{one}" for one in sorted(self.refs)], sorted(self.contacts))
        found_by = [f"m{self.meaning}", *topic, *refs, *(f"c{one}" for one in contacts)]
        found_by += [f"n{self.name}"] if self.name else []
        return "".join([*found_by, ".", *sorted(self.words)])

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the marks from what `text` has returned."""
        found: dict[str, list[str]] = {"m": [""], "t": [], "r": [], "c": [], "n": []}
        found_by, _, words = text.partition(".")
        for letter, mark in _FOUND_BY.findall(found_by):
            found[letter].append(mark)
        return cls(
            meaning=found["m"][-1],
            topic=found["t"][0] if found["t"] else None,
            refs=frozenset(found["r"]),
            contacts=frozenset(found["c"]),
            name=found["n"][0] if found["n"] else None,
            words=frozenset(
                words[at : at + _WORD_LETTERS] for at in range(0, len(words), _WORD_LETTERS)
            ),
        )

    def findable(self) -> list[str]:
        """Return the marks that records are searched by, each with the letter of its kind."""
        topic = [] if self.topic is None or self.refs or self.contacts else [f"t{self.topic}"]
        return [
            f"m{self.meaning}",
            *topic,
            *(f"r{mark}" for mark in self.refs),
            *(f"c{mark}" for mark in self.contacts),
            *([] if self.name is None else [f"n{self.name}"]),
        ]

    def has_name_of(self, record: Marks) -> bool:
        """Return whether all words of one name are in the other, or one has no name."""
        return self.words <= record.words or record.words <= self.words

    def is_as_telling_as(self, other: Marks) -> bool:
        """Return whether these have the whole name of the other ones, or else all its contacts."""
        if not other.words:
            return self.contacts >= other.contacts
        return self.words >= other.words

    def may_be(
        self, record: Marks, *, is_gone: Callable[[], bool], is_same_list: bool = False
    ) -> bool:
        """
        Return whether `record` may have been created from a row with these marks.

        People who share an address or a number but not the name are different people. If the row
        of the record is gone from a list that is still in use, one common word of the name is
        enough: a correction is more likely than a namesake who took over the number. If the same
        file is read in another way (`is_same_list`), names prove nothing.
        """
        shared = len(self.contacts & record.contacts)
        has_common_word = not self.words.isdisjoint(record.words)
        if not self.refs.isdisjoint(record.refs):
            return bool(shared or has_common_word or not self.words or not record.words)
        if self.topic != record.topic:
            return False
        has_other_id = bool(self.refs and record.refs)
        if shared:
            is_same_name = self.has_name_of(record)
            is_likely = (has_common_word and not has_other_id) or is_same_list
            return is_same_name or (shared > 1 and has_common_word) or (is_likely and is_gone())
        if self.words != record.words:
            return False
        nobody_can_be_reached = not self.contacts and not record.contacts
        if nobody_can_be_reached and not has_other_id:
            return self.topic is not None or self.name is not None
        return self.name is not None and not has_other_id and is_gone()


class Marker:
    """
    Creates the marks of records with the `salt` of a results file.

    >>> marker = Marker("salt")
    >>> one = marker.marks("contact", {"email": "Rana@Example.com", "phone": "+971501234567"})
    >>> other = marker.marks("contact", {"email": "rana@example.com", "phone": "0501234567"})
    >>> one.contacts == other.contacts
    True
    """

    def __init__(self, salt: str) -> None:
        self._salt = salt.encode()[:64]

    def marks(
        self,
        object_: str,
        fields: Mapping[str, JsonValue],
        identity: Sequence[JsonValue] | None = None,
    ) -> Marks:
        """Return the marks of a record; `identity` are the values of its identity, if any."""
        texts = mark_texts(object_, fields, identity)
        return Marks(
            meaning=self._hash(texts.meaning),
            topic=self._hash(texts.topic) if texts.topic is not None else None,
            refs=frozenset(map(self._hash, texts.refs)),
            contacts=frozenset(map(self._hash, texts.contacts)),
            words=frozenset(self._hash(word)[:_WORD_LETTERS] for word in texts.words),
            name=self._hash(texts.name) if texts.name is not None else None,
        )

    def findable(self, texts: Iterable[str]) -> list[str]:
        """Return the marks with these texts, which `findable_texts` has returned."""
        return [text[0] + self._hash(text[1:]) for text in texts]

    def _hash(self, text: str) -> str:
        made = blake2b(text.encode("utf-8", "replace"), digest_size=_BYTES, key=self._salt)
        return base64.urlsafe_b64encode(made.digest()).decode("ascii")
