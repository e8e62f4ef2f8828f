"""The columns of a list, and the field that each of them probably is."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

from importer.core.locale.message import Message
from importer.mapper.headers.words import Parsed
from importer.mapper.schema.object_schema import ObjectSchema
from importer.mapper.suggest.columns.looks import Looks

__all__ = ["LIKELY", "UNSURE", "Choice", "Columns", "Confidence", "Suggestion"]

Confidence = Literal["certain", "likely", "unsure"]

LIKELY = 0.55
"""The lowest score of a likely choice. Below it a person has to decide."""
UNSURE = 0.4
"""The score of a choice that a person has to decide."""
_CERTAIN = 0.95

FLAG = "flag"
"""The role of a column whose header is one of the words of a field, and its values yes or no."""

BOTH = "both"
"""The role of a column that has a name and a phone number in each cell."""

CITY_AND_STATE = "city_and_state"
"""The role of a column that has a city and the code of its state in each cell."""

PERSON = frozenset({"fullname", "first", "last"})
"""The roles of fields for the name of a person."""

ADDRESS = frozenset({"street", "city", "state", "postal", "country"})
"""The roles of fields for an address."""

# Meanings of headers that do not say what kind of values the column has.
VAGUE = frozenset(
    {"number", "value", "contact", "reach", "customer", "person", "lead", "home", "work", "primary"}
    | {"other", "name", "fullname", "phone", "mobile", "email", "address"}
)


NO_REASON = Message("")
OF_ANOTHER = Message("it is not about the person of the row")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """
    The field a column probably is.

    `field` is None if the column should be left out. A `certain` suggestion is right except in
    freak cases, a `likely` one is worth a look, and an `unsure` one needs a person to decide.
    `reason` says why, in one sentence.
    """

    column: str
    field: str | None
    confidence: Confidence
    reason: Message


@dataclass(frozen=True, slots=True)
class Choice:
    """
    A suggestion that is still being worked on.

    `role` is what the header means on this kind of list (`fullname`, `start_day`), before the
    neighbours are looked at. `score` says how well the column fits the field, from 0 to 1.
    A `hedged` choice has a rival of the same kind and is never certain. A `sensitive` column must
    not be sent unless a person maps it; with `in_texts` it is some words of its texts that must
    not, and the others may be worth sending. `of_other` says that it is about another person than
    its row.
    """

    column: str
    field: str | None = None
    role: str | None = None
    score: float = 0.0
    hedged: bool = False
    sensitive: bool = False
    in_texts: bool = False
    of_other: bool = False
    reason: Message = NO_REASON

    @property
    def confidence(self) -> Confidence:
        """How sure the choice is, from its score. A sensitive column is certainly left out."""
        if self.sensitive or (self.score >= _CERTAIN and not self.hedged):
            return "certain"
        return "likely" if self.score >= LIKELY else "unsure"

    def drop(self, reason: Message) -> Choice:
        """Return the choice to leave the column out, with the reason."""
        return replace(self, field=None, score=0.0, reason=reason)


_NAMELESS = re.compile(r"column \d+")  # what the reader calls the columns of such a list


@dataclass(kw_only=True)
class Columns:
    """
    The columns of a list, in order: what is known of each, and the choice for it so far.

    `parsed` has the meanings of their headers, `looks` the forms of their values, and `values` the
    values themselves, row by row. `region` is the country of phone numbers without a country code.
    """

    schema: ObjectSchema
    choices: list[Choice]
    parsed: Sequence[Parsed]
    looks: Sequence[Looks]
    values: Sequence[Sequence[str]]
    region: str | None = None

    @cached_property
    def are_nameless(self) -> bool:
        """Whether the list has no header, so that the reader has numbered its columns."""
        return are_nameless([one.column for one in self.choices])

    def free(self) -> Iterator[int]:
        """Yield the columns without a field that may be sent and are about the row's person."""
        for at, one in enumerate(self.choices):
            if one.field is None and not (one.sensitive or one.of_other):
                yield at

    def of(self, fields: Container[str | None]) -> list[int]:
        """Return the columns that have one of some fields."""
        return [at for at, one in enumerate(self.choices) if one.field in fields]

    def drop(self, at: int, reason: Message) -> None:
        """Leave a column out."""
        self.choices[at] = self.choices[at].drop(reason)

    def leave_to_another(self, at: int, reason: Message = OF_ANOTHER) -> None:
        """Leave a column out since it is about another person than its row."""
        self.choices[at] = replace(self.choices[at].drop(reason), of_other=True)

    def choose(self, at: int, field: str | None, reason: Message, **more: Any) -> None:
        """Choose a field for a column; it is likely, unless a `score` is given."""
        given = {"score": LIKELY, **more}
        self.choices[at] = replace(self.choices[at], field=field, reason=reason, **given)


def are_nameless(columns: Sequence[str]) -> bool:
    """Return whether a list has no header, so that the reader has numbered its columns."""
    return bool(columns) and all(map(_NAMELESS.fullmatch, columns))
