"""Collects the rows behind the numbers of a check, for people to look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from importer.core.records import Outcome, Row, RowIdentity, Status
from importer.run.survey import Survey

MOST_KEPT = 1_000
"""So many rows of each kind are kept with their cells; the report counts all of them."""

_RESEMBLING = (Status.POSSIBLE_DUPLICATE, Status.DUPLICATE)


@dataclass(slots=True, kw_only=True)
class Resemblance:
    """
    A repeat or a possible duplicate, as a run would find it.

    `outcome` is what would become of the `row`. `of` is the row of the list that it repeats or
    resembles, at this `place`; it is None if that row is not in the list, or equal in all its
    cells.
    """

    outcome: Outcome
    row: Row
    place: int | None
    of: Row | None = None


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
    _kept: Counter[tuple[str, ...]] = field(default_factory=Counter)

    def has_room(self, *kind: str) -> int:
        """Return how many more rows are kept that lack a field so, or have a status."""
        return MOST_KEPT - self._kept[kind]

    def lacks(self, one: LackingRow) -> None:
        """Keep a row that lacks a field."""
        if self.has_room(one.field, one.what) > 0:
            self._kept[one.field, one.what] += 1
            self.lacking.append(one)

    def resembles(self, one: Resemblance) -> None:
        """Keep a row that repeats or resembles another one."""
        status = one.outcome.status
        if status in _RESEMBLING and self.has_room(status) > 0:
            self._kept[(status,)] += 1
            self.resembling.append(one)

    def find_others(self, survey: Survey) -> None:
        """Read the rows of the list that kept ones repeat or resemble."""
        self.columns, self.has_objects = survey.columns, survey.dialect.has_objects
        places = sorted({one.place for one in self.resembling if one.place is not None})
        rows = {
            at: batch.row(at - first)
            for first, batch, here in survey.batches_with(places)
            for at in here
        }
        for one in self.resembling:
            of = None if one.place is None else rows.get(one.place)
            one.of = of if isinstance(of, Row) else None
