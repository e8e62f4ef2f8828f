"""What a seed came to: figures, or the promises it found broken."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Failure", "Report"]


class Failure(AssertionError):  # noqa: N818 - it is the seed that failed
    """A promise that a seed found broken."""

    def __init__(self, seed: int, broken: list[str]) -> None:
        super().__init__(seed, broken)  # as it was called, so that it can go between processes
        self.seed = seed
        self.broken = broken

    def __str__(self) -> str:
        return f"seed {self.seed}: {'; '.join(dict.fromkeys(self.broken))}"


@dataclass(frozen=True, slots=True)
class Report:
    """What one seed went through; `excused` counts twins of keys that the server forgot."""

    runs: int
    deaths: int
    requests: int
    records: int
    excused: int
    hours: float

    def counts(self) -> dict[str, int]:
        """Return the figures that add up over seeds, by what they count."""
        return {
            "runs": self.runs,
            "deaths": self.deaths,
            "requests": self.requests,
            "records": self.records,
            "twins by forgotten keys": self.excused,
            "minutes": round(self.hours * 60),
        }
