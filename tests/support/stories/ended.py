"""How a story ended."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

__all__ = ["Ended"]

_FAULT_LETTERS = 2000


@dataclass
class Ended:
    """
    How a story ended. `told` is what happened, in order.

    `faults` are pairs of a sort and a sentence. `counts` are figures that add up over stories,
    `needless` the versions of rows that were held back needlessly, by what was done to them, and
    `played` all versions.
    """

    seed: int
    kind: str
    faults: list[tuple[str, str]] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    needless: Counter[str] = field(default_factory=Counter)
    played: Counter[str] = field(default_factory=Counter)

    @property
    def fault(self) -> str | None:
        """What was wrong first, or None."""
        return self.faults[0][1] if self.faults else None

    @property
    def kills(self) -> int:
        """How many processes were killed."""
        return self.counts["kills"]

    def __str__(self) -> str:
        found = "; ".join(what for _, what in self.faults)
        lines = [f"story {self.seed} ({self.kind}): {found}"[:_FAULT_LETTERS], *self.told]
        return "\n    ".join(lines)
