"""Rows that somebody has corrected, or added to a derived file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from importer.core.records import Outcome, Rejected, Row, RowIdentity, Status
from importer.core.row_marks import RowRef, Where
from importer.core.settings import PLAIN_LIST, PLAIN_OBJECTS
from importer.run.derived_sources import outcome_of_mark
from importer.run.survey import Survey, read_survey

if TYPE_CHECKING:
    from importer.writer.exporter import Exporter
    from importer.writer.outcome_index import OutcomeIndex


class CorrectedRows:
    """Corrected rows; `survey` describes the file of them, and is None if there is none."""

    def __init__(self, survey: Survey | None = None) -> None:
        self.survey = survey
        self._rows = {} if survey is None else dict(_corrected(survey))
        self._originals = {source_hash for source_hash, _ in self._rows}

    def __bool__(self) -> bool:
        return bool(self._rows)

    def has_row_of(self, source_hash: str) -> bool:
        """Return whether a row with this content was corrected."""
        return source_hash in self._originals

    def in_place_of(
        self, row: Row | Rejected, identity: RowIdentity
    ) -> tuple[Row | Rejected, RowIdentity]:
        """Return the correction of a row, or the row itself if nobody has corrected it."""
        found = self._rows.get(identity.of_list)
        if found is None or identity.made_as is not None:
            return row, identity
        corrected, source_hash = found
        corrected = replace(corrected, number=row.number, line=row.line, source=row.source)
        return corrected, identity._replace(corrected=source_hash)


def read_corrected(path: Path, *, spool: Path) -> CorrectedRows:
    """
    Read corrected rows from a file; the column `vorel_ref` names the original of each.

    The file is JSON Lines if its name says so, else CSV as `PLAIN_LIST`. Raises `UsageError`.
    """
    options = PLAIN_OBJECTS if path.suffix == ".jsonl" else PLAIN_LIST
    return CorrectedRows(read_survey((str(path),), options, spool=spool))


def _corrected(survey: Survey) -> Iterator[tuple[Where, tuple[Row | Rejected, str]]]:
    """Yield the source hash and occurrence of each original, with the row and its source hash."""
    for source_hash, batch, at in survey.hashed():
        row = batch.row(at)
        ref = row.mark.ref if row.mark is not None else None
        if ref is not None and ref.source_hash != source_hash:
            yield ref.where, (row, source_hash)


@dataclass(frozen=True, slots=True)
class EditedRow:
    """
    A row of a derived file that somebody has corrected or added, with an `outcome` of its own.

    `where` is which row of the list it corrects, or which row it is; `source_hash` is its own.
    """

    row: Row | Rejected
    where: Where
    source_hash: str
    outcome: Outcome | None = None

    def outcome_at(self, original: Outcome | None) -> Outcome | None:
        """Return its outcome; `original` is that of the row `where`."""
        is_of_row = original is not None and original.corrected == self.source_hash
        return original if self.outcome is None and is_of_row else self.outcome


@dataclass(slots=True)
class Corrections:
    """
    The rows that derived files show in addition to, or instead of, rows of the list.

    `instead` are corrections without a record, and edited rows of a changed file, by the source
    hash and occurrence of their originals; `add_each` takes those of the rows it adds. `added` are
    rows that somebody has added.
    """

    instead: dict[Where, EditedRow] = field(default_factory=dict)
    added: list[EditedRow] = field(default_factory=list)


def find_corrections(index: OutcomeIndex, survey: Survey) -> Corrections:
    """Search derived files for rows that somebody has corrected or added."""
    found = Corrections()
    names = {file.name for file, _ in survey.files}
    for row, where, ref in _rows(survey):
        source_hash = where[0]
        if ref is None:
            outcome = index.outcome(where)
            is_here = outcome is None or not outcome.is_settled() or outcome.source in names
            if is_here and not _is_unedited_with_record(row, source_hash):
                found.added.append(EditedRow(row, where, source_hash, outcome))
        elif ref.source_hash != source_hash:
            again, outcome = index.outcome(where), index.outcome(ref.where)
            is_changed = again is not None and again.status is Status.CHANGED
            if is_changed and outcome is not None and outcome.status is Status.CHANGED:
                found.instead[ref.where] = EditedRow(row, ref.where, source_hash, again)
            elif is_changed:
                found.added.append(EditedRow(row, where, source_hash, again))
            elif outcome is None or not outcome.is_settled():
                found.instead[ref.where] = EditedRow(row, ref.where, source_hash)
    return found


def _is_unedited_with_record(row: Row | Rejected, source_hash: str) -> bool:
    """Return whether a row states that it has a record, and nobody has edited it since."""
    mark = row.mark
    if mark is None or not mark.has_record:
        return False
    return mark.ref is None or mark.ref.source_hash == source_hash


def _rows(survey: Survey) -> Iterator[tuple[Row | Rejected, Where, RowRef | None]]:
    """Yield each row with which one it is, and its original, if any."""
    seen: Counter[str] = Counter()
    taken: set[Where] = set()
    for batch in survey.batches():
        for at, source_hash in enumerate(batch.hashes):
            seen[source_hash] += 1
            row = batch.row(at)
            ref = row.mark.ref if row.mark is not None else None
            if ref is not None and ref.where in taken:
                ref = None
            if ref is not None:
                taken.add(ref.where)
            yield row, (source_hash, seen[source_hash]), ref


def add_derived(exporter: Exporter, survey: Survey, index: OutcomeIndex) -> None:
    """Add the rows of derived files, whose list has changed or is gone, each with its outcome."""
    for row, own, ref in _rows(survey):
        source_hash, where, outcome = own[0], own, index.outcome(own)
        if ref is not None and (outcome is None or ref.source_hash == source_hash):
            where = ref.where
            original = index.outcome(where)
            is_of_row = source_hash == ref.source_hash or (
                original is not None and original.corrected == source_hash
            )
            outcome = original if is_of_row else None
        _add(exporter, row, where, outcome, index)


def add_each(
    exporter: Exporter,
    rows: Iterable[Row | Rejected],
    hashes: Sequence[str],
    index: OutcomeIndex,
    found: Corrections,
) -> None:
    """Add rows of a list, or their corrections, to its derived files, each with its outcome."""
    for row, source_hash, (nth, outcome) in zip(rows, hashes, index.find(hashes), strict=True):
        where = source_hash, nth
        one = found.instead.pop(where, None)
        if one is None:
            _add(exporter, row, where, outcome, index)
        else:
            _add(exporter, row, where, one.outcome_at(outcome), index, one.row)


def _add(
    exporter: Exporter,
    row: Row | Rejected,
    where: Where,
    outcome: Outcome | None,
    index: OutcomeIndex,
    corrected: Row | Rejected | None = None,
) -> None:
    """Add a row with its outcome on record, or else with that which a derived file states."""
    if outcome is None and row.mark is not None and row.mark.has_record:
        made = outcome_of_mark(row, row.mark)
        exporter.add(row, where, made, kind="success")
    else:
        was_sent = where in index.asked
        exporter.add(row, where, outcome, corrected=corrected, was_sent=was_sent)
