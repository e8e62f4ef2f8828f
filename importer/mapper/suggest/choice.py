"""What a column probably is, and how sure the suggestion is of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

__all__ = ["LIKELY", "Choice", "Confidence", "Suggestion"]

Confidence = Literal["certain", "likely", "unsure"]

LIKELY = 0.55
"""The least score of a choice that is likely. Below it a person has to decide."""
_CERTAIN = 0.95


@dataclass(frozen=True, slots=True)
class Suggestion:
    """
    What a column probably is.

    `field` is None where it should be left out. `certain` is right but for freak cases, `likely`
    is worth a look, `unsure` is to be decided by a person. `reason` says in a sentence why.
    """

    column: str
    field: str | None
    confidence: Confidence
    reason: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A suggestion on its way: with the header's role, and how well the column fits its field."""

    column: str
    field: str | None = None
    role: str | None = None
    score: float = 0.0
    hedged: bool = False
    sensitive: bool = False
    reason: str = ""

    @property
    def confidence(self) -> Confidence:
        """How sure the suggestion is."""
        if self.sensitive or (self.score >= _CERTAIN and not self.hedged):
            return "certain"
        return "likely" if self.score >= LIKELY else "unsure"

    def drop(self, reason: str) -> Choice:
        """Return the choice to leave the column out."""
        return replace(self, field=None, score=0.0, reason=reason)
