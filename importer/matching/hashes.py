"""Short salted hashes by which two records are compared when no key and no content matches."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Self

from importer.core.shared import JsonValue
from importer.matching.match_texts import PERSON, match_texts

_BYTES = 6  # 8 letters; among a million records and a million rows, about a dozen chance matches
_ONE = re.compile(r"([a-z])([\w-]{8})")


@dataclass(frozen=True, slots=True)
class MatchHashes:
    """
    The hashes by which a record is compared with others.

    `meaning` is the same for records whose values mean the same, however they are written.
    `details` are the email addresses and phone numbers (each begins with "c") and the
    `external_ref` ("r"). `identity` is that of the identity in the mapping, and `of_identity` are
    the details among its values; the latter is not recorded. `names` are the folded forms of the
    whole name, and `first` those of the first name. `topic` is the title of a deal or the subject
    of a case, `start` the time of an appointment, and `values` the other values of such records;
    people have none of these three.
    """

    meaning: str
    identity: str | None = None
    details: frozenset[str] = frozenset()
    of_identity: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    first: frozenset[str] = frozenset()
    topic: str | None = None
    start: str | None = None
    values: frozenset[str] = frozenset()

    def text(self) -> str:
        """
        Return the hashes as in the results file: one letter for the kind and 8 of the hash.

        The findable hashes come before the point, those that are only compared behind it.
        """
        compared = [
            *(f"f{one}" for one in sorted(self.first)),
            *([] if self.start is None else [f"s{self.start}"]),
            *(f"v{one}" for one in sorted(self.values)),
        ]
        return f"{''.join(self.findable())}.{''.join(compared)}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the hashes from what `text` has returned, without those of unknown kinds."""
        found: dict[str, list[str]] = {kind: [] for kind in "micrntfsv"}
        for kind, one in _ONE.findall(text):
            found.setdefault(kind, []).append(one)
        return cls(
            meaning=next(iter(found["m"]), ""),
            identity=next(iter(found["i"]), None),
            details=frozenset(kind + one for kind in "cr" for one in found[kind]),
            names=frozenset(found["n"]),
            first=frozenset(found["f"]),
            topic=next(iter(found["t"]), None),
            start=next(iter(found["s"]), None),
            values=frozenset(found["v"]),
        )

    def findable(self) -> list[str]:
        """Return the hashes to search records by, each with the letter of its kind."""
        return [
            f"m{self.meaning}",
            *([] if self.identity is None else [f"i{self.identity}"]),
            *sorted(self.details),
            *(f"n{one}" for one in sorted(self.names)),
            *([] if self.topic is None else [f"t{self.topic}"]),
        ]

    def compared(self) -> list[str]:
        """Return the hashes of the first name, with the letter of their kind."""
        return [f"f{one}" for one in self.first]


def salted_hash(text: str, salt: bytes) -> str:
    """Return the hash of a text: 8 letters that tell nothing without the salt."""
    made = blake2b(text.encode("utf-8", "replace"), digest_size=_BYTES, key=salt)
    return base64.urlsafe_b64encode(made.digest()).decode("ascii")


class Hasher:
    """
    Makes the hashes of records with the `salt` of a results file.

    >>> hasher = Hasher("salt")
    >>> one = hasher.hashes("contact", {"email": "Rana@Example.com", "phone": "+971501234567"})
    >>> other = hasher.hashes("contact", {"email": "rana@example.com", "phone": "0501234567"})
    >>> one.details == other.details
    True
    """

    def __init__(self, salt: str) -> None:
        self._salt = salt.encode()[:64]

    def hashes(
        self,
        object_: str,
        fields: Mapping[str, JsonValue],
        identity: Sequence[JsonValue] | None = None,
    ) -> MatchHashes:
        """Return the hashes of a record; `identity` are the values of its identity, if any."""
        texts = match_texts(object_, fields, identity)
        return MatchHashes(
            meaning=self._hash(texts.meaning),
            identity=self._or_none(texts.identity),
            details=frozenset(self.findable(texts.details)),
            of_identity=frozenset(self.findable(texts.of_identity)),
            names=self._all(texts.names),
            first=self._all(texts.first),
            topic=self._or_none(texts.topic),
            start=self._or_none(texts.start),
            values=self._all(texts.values),
        )

    def same_fields(
        self, object_: str, fields: Mapping[str, JsonValue], other: MatchHashes
    ) -> set[str]:
        """Return the fields that have a value of another record by which rows are compared."""
        whole = self.hashes(object_, fields).names & other.names
        found = {name for name in PERSON if name in fields and whole}
        for name, value in fields.items():
            one = self.hashes(object_, {name: value})
            shared = (
                *(one.details & other.details, one.names & other.names, one.first & other.first),
                *(one.values & other.values, one.start == other.start and one.start),
                one.topic == other.topic and one.topic,
            )
            if any(shared):
                found.add(name)
        return found

    def findable(self, texts: Iterable[str]) -> list[str]:
        """Return the hashes of texts from `findable_texts`."""
        return [text[0] + self._hash(text[1:]) for text in texts]

    def _all(self, texts: Iterable[str]) -> frozenset[str]:
        return frozenset(map(self._hash, texts))

    def _or_none(self, text: str | None) -> str | None:
        return None if text is None else self._hash(text)

    def _hash(self, text: str) -> str:
        return salted_hash(text, self._salt)


@lru_cache(64)
def hasher_of(salt: str) -> Hasher:
    """Return the hasher with a salt."""
    return Hasher(salt)
