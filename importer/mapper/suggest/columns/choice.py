"""Suggestions: the field a column probably is, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from importer.core.locale.message import Message

__all__ = ["LIKELY", "Choice", "Confidence", "Suggestion"]

Confidence = Literal["certain", "likely", "unsure"]

LIKELY = 0.55
"""The lowest score of a likely choice. Below it a person has to decide."""
_CERTAIN = 0.95


_NO_REASON = Message("")


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
    its row. `refuted` is the field that the header means and the values do not fit.
    """

    column: str
    field: str | None = None
    role: str | None = None
    score: float = 0.0
    hedged: bool = False
    sensitive: bool = False
    in_texts: bool = False
    of_other: bool = False
    refuted: str | None = None
    reason: Message = _NO_REASON

    @property
    def confidence(self) -> Confidence:
        """How sure the choice is, from its score. A sensitive column is certainly left out."""
        if self.sensitive or (self.score >= _CERTAIN and not self.hedged):
            return "certain"
        return "likely" if self.score >= LIKELY else "unsure"

    def drop(self, reason: Message) -> Choice:
        """Return the choice to leave the column out, with the reason."""
        return replace(self, field=None, score=0.0, reason=reason)
