"""Finds rows that somebody has corrected in a derived file of a list, or added to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from importer.records import Outcome, Rejected, Row, Status
from importer.row_marks import RowRef
from importer.running.survey import Survey
from importer.writer import OutcomeIndex

__all__ = ["Corrections", "OwnRow", "find_corrections"]


@dataclass(frozen=True, slots=True)
class OwnRow:
    """A row of a derived file that is not in the list, with its outcome."""

    row: Row | Rejected
    source_hash: str
    occurrence: int
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class Corrections:
    """
    The rows that derived files have to show in addition to, or in place of, rows of the list.

    `instead` are corrected rows without a record, by the source hash and the occurrence of their
    original rows. `beside` are rows that somebody has added.
    """

    instead: Mapping[tuple[str, int], Row | Rejected] = field(default_factory=dict)
    beside: Sequence[OwnRow] = ()


def find_corrections(index: OutcomeIndex, survey: Survey) -> Corrections:
    """Search derived files for rows that somebody has corrected or added."""
    instead: dict[tuple[str, int], Row | Rejected] = {}
    beside: list[OwnRow] = []
    names = {file.name for file, _ in survey.files}
    for row, source_hash, nth, ref in _rows(survey):
        if ref is None:
            outcome = index.outcome(source_hash, nth)
            is_here = outcome is None or not outcome.is_settled() or outcome.source in names
            if is_here and not (row.mark is not None and row.mark.has_record):
                beside.append(OwnRow(row, source_hash, nth, outcome))
        elif ref.source_hash != source_hash:
            again = index.outcome(source_hash, nth)
            if again is not None and again.status is Status.CHANGED:
                beside.append(OwnRow(row, source_hash, nth, again))
                continue
            outcome = index.outcome(ref.source_hash, ref.occurrence)
            if outcome is None or (not outcome.is_settled() and outcome.corrected == source_hash):
                instead[ref.source_hash, ref.occurrence] = row
    return Corrections(instead, beside)


def _rows(survey: Survey) -> Iterator[tuple[Row | Rejected, str, int, RowRef | None]]:
    """Yield each row, its hash, its number among equal rows, and its original row, if any."""
    seen: Counter[str] = Counter()
    taken: set[tuple[str, int]] = set()
    for batch in survey.batches():
        for at, source_hash in enumerate(batch.hashes):
            seen[source_hash] += 1
            row = batch.row(at)
            ref = row.mark.ref if row.mark is not None else None
            if ref is not None and (ref.source_hash, ref.occurrence) in taken:
                ref = None
            if ref is not None:
                taken.add((ref.source_hash, ref.occurrence))
            yield row, source_hash, seen[source_hash], ref
