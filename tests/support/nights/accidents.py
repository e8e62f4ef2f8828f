"""What can go wrong with a nightly import."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nights.clinic import COLUMNS, Clinic

__all__ = ["ACCIDENTS", "Accident"]


@dataclass(frozen=True)
class Accident:
    """
    An accident: what the export looks like that night, or what is wrong with its surroundings.

    `spoil` makes the text of the export; `encoding` is how it is saved. `trouble` is one of
    "overlap", "disk", "key", "outage", or None if only the list is wrong. `codes` are the exit
    codes with which the run may tell of it; 0 is right only if `vanished` records tell of it.
    """

    spoil: Callable[[Clinic], str] = Clinic.export
    encoding: str = "utf-8"
    trouble: str | None = None
    codes: frozenset[int] = frozenset({7})


def _shifted(clinic: Clinic) -> str:
    return clinic.export([[one[0], *one[2:6], one[1], one[6]] for one in clinic.people])


def _reformatted(clinic: Clinic) -> str:
    return clinic.export([[one[0].removeprefix("C-00"), *one[1:]] for one in clinic.people])


ACCIDENTS: Mapping[str, Accident] = {
    "the header alone": Accident(lambda clinic: clinic.export([])),
    "half the file": Accident(lambda c: c.export(c.people[: len(c.people) // 2])),
    "another delimiter": Accident(lambda clinic: clinic.export(mark=";")),
    "shifted columns": Accident(_shifted),
    "another encoding": Accident(encoding="utf-16"),
    "ids written otherwise": Accident(_reformatted),
    "a renamed column": Accident(lambda c: c.export().replace(COLUMNS[3], "Mail box", 1)),
    "an old file again": Accident(codes=frozenset({0, 6, 7})),
    "two runs at once": Accident(trouble="overlap", codes=frozenset({2, 8})),
    "a full disk": Accident(trouble="disk", codes=frozenset({3})),
    "a revoked key": Accident(trouble="key", codes=frozenset({3})),
    "a week's outage": Accident(trouble="outage", codes=frozenset({0, 6})),
}
"""Each of them, and with which exit code a run may end that night."""
