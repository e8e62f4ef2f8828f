"""Puts the rows of a list together that are one record (docs/reliability.md, "Equal rows")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from importer.core.objects import PEOPLE
from importer.matching.open_rows import Candidate, OpenRow
from importer.matching.policy import Policy
from importer.matching.row_ties import Edge
from importer.matching.ties import Tie


@dataclass(eq=False)
class Unit:
    """
    Rows that are one record.

    `shared` are the values by which they are one. `edges` has the ties to each record or request,
    the strongest first. `candidate` is the one that the unit was given, by the tie `edge`.
    `is_copy`: it is a duplicate of a row that has a record.
    """

    rows: list[OpenRow]
    shared: list[object] = field(default_factory=list)
    edges: Mapping[Candidate, Sequence[Edge]] = field(default_factory=dict)
    candidate: Candidate | None = None
    edge: Edge | None = None
    is_copy: bool = False

    @property
    def is_declared_new(self) -> bool:
        """Whether a person has declared one of the rows new, and so all of them."""
        return any(row.is_declared_new for row in self.rows)

    @property
    def first(self) -> OpenRow:
        """The row that the others are equal to."""
        return self.rows[0] if self.edge is None else self.edge.row

    @property
    def tie(self) -> Tie | None:
        """The tie by which it has got its record or request."""
        return None if self.edge is None else self.edge.tie

    def take(self, candidate: Candidate, edge: Edge) -> None:
        """Give a record or a request to the unit."""
        self.candidate, self.edge = candidate, edge
        candidate.holder, candidate.tie = edge.row, edge.tie


def units_of(rows: Sequence[OpenRow], policy: Policy) -> list[Unit]:
    """Return the units of rows, in the order of the list."""
    if policy.sends_all:
        return [Unit([row]) for row in rows]
    unit_of: dict[object, Unit] = {}
    for row in rows:
        values = shared_values(row, policy)
        found = list(dict.fromkeys(unit_of[one] for one in values if one in unit_of))
        unit = found[0] if found else Unit([])
        for other in found[1:]:
            unit.rows += other.rows
            unit.shared += other.shared
        unit.rows.append(row)
        unit.shared += values
        unit_of.update(dict.fromkeys(unit.shared if len(found) > 1 else values, unit))
    units = list(dict.fromkeys(unit_of.values()))
    for unit in units:
        unit.rows.sort(key=lambda row: (not row.is_declared_new, row.at))
    return sorted(units, key=lambda unit: unit.rows[0].at)


def shared_values(row: OpenRow, policy: Policy) -> list[object]:
    """Return the values that rows of one unit have in common."""
    shared: list[object] = [("at", row.at)]
    if row.content.original is not None:
        return shared
    shared += [("row", row.content_hash)]
    says_skip = policy.on_duplicate == "skip"
    if says_skip or row.has_detail:
        shared.append(("sent", row.meaning))
    if row.identity is not None and says_skip:
        shared.append(("identity", row.identity))
    elif row.identity is not None and row.record.object in PEOPLE:
        mine = row.hashes
        forms = mine.names
        if not forms and row.has_detail:
            # Without any name, they have to agree in another detail, if they have one.
            forms = mine.first or mine.details - mine.of_identity or frozenset({""})
        shared += [("identity", row.identity, form) for form in forms]
    return shared
