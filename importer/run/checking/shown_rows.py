"""Collects the rows behind the numbers of a check, for people to look at."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from importer.core.records import Outcome, Row, RowIdentity, Status
from importer.reader import Batch
from importer.run.plan import Plan

MOST_KEPT = 1_000
"""So many rows of each kind are kept with their cells; the report counts all of them."""

_RESEMBLING = (Status.POSSIBLE_DUPLICATE, Status.DUPLICATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resemblance:
    """
    A repeat or a possible duplicate, as a run would find it.

    `outcome` is what would become of the `row`. `of` is the row of the list that it repeats or
    resembles; it is None if that row is not in the list, or equal in all its cells.
    """

    outcome: Outcome
    row: Row
    of: Row | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LackingRow:
    """A row whose record would lack a `field`, or have it as written: see `Lack`."""

    row: Row
    where: RowIdentity
    field: str
    what: Literal["left_out", "kept"]


@dataclass(slots=True)
class ShownRows:
    """
    The rows that a check has shown, at most `MOST_KEPT` of each kind, in the order of the list.

    `columns` are those of the list; with `has_objects` it is JSON.

        >>> from importer.run.checking.dry_run import check
        >>> from importer.run.config import ImportConfig
        >>> shown = ShownRows()
        >>> config = ImportConfig(sources="contacts.csv", object="lead")
        >>> report = check(config, shown=shown)
        >>> [one.outcome.line for one in shown.resembling]
        []
    """

    resembling: list[Resemblance] = field(default_factory=list)
    lacking: list[LackingRow] = field(default_factory=list)
    columns: Sequence[str] = ()
    has_objects: bool = False
    _kept: Counter[tuple[str, str]] = field(default_factory=Counter)

    def has_room(self, field_: str, what: str) -> int:
        """Return how many more rows that lack this field are kept."""
        return MOST_KEPT - self._kept[field_, what]

    def lacks(self, one: LackingRow) -> None:
        """Keep a row that lacks a field."""
        if self.has_room(one.field, one.what) > 0:
            self._kept[one.field, one.what] += 1
            self.lacking.append(one)


class Resemblances:
    """Collects the first repeats and possible duplicates of a plan, as the list is read again."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._kept: dict[int, tuple[Outcome, Row]] = {}
        self._others: dict[int, Row] = {}
        self._wanted: set[int] = set()
        left = {status.value: MOST_KEPT for status in _RESEMBLING}
        places: set[int] = set()
        for at, planned in plan.planned.items():
            if left.get(planned.say.value, 0):
                left[planned.say.value] -= 1
                self._wanted.add(at)
                places |= {at if planned.of is None else planned.of}
        self._places = sorted(places)

    def see(self, batch: Batch, first: int) -> None:
        """Keep the rows of a batch that others are like; `first` is the place of its first row."""
        begin = bisect_left(self._places, first)
        end = bisect_left(self._places, first + len(batch))
        for at in self._places[begin:end]:
            row = batch.row(at - first)
            if isinstance(row, Row):
                self._others[at] = row

    def note(self, at: int, row: Row, outcome: Outcome) -> None:
        """Note what would become of a row."""
        if at in self._wanted and outcome.status in _RESEMBLING:
            self._kept[at] = outcome, row

    def result(self) -> list[Resemblance]:
        """Return what was found, in the order of the list."""
        found = []
        for at, (outcome, row) in sorted(self._kept.items()):
            of = self._plan.planned[at].of
            other = None if of is None else self._others.get(of)
            found.append(Resemblance(outcome=outcome, row=row, of=other))
        return found
