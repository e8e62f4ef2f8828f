"""Finds the records whose rows are not in the list any more."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from importer.core.records import Outcome
from importer.core.row_marks import RowRef
from importer.writer.outcome_index import OutcomeIndex
from importer.writer.pending_files import PendingFile, PendingTextFile

VANISHED_COLUMNS = ("external_id", "link", "row", "source", "vorel_status", "vorel_ref")
"""The last two say of each row that it has a record, so that no run imports this file."""


@dataclass(frozen=True, slots=True)
class Vanished:
    """
    The records whose rows are gone, in the order in which they were created.

    `listed` are those that nobody has acknowledged, `news` the ids that no run has reported yet,
    and `returned` those that a run has reported and that have a row again.
    """

    listed: Sequence[Outcome] = ()
    news: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()

    def write(self, file: PendingTextFile, results: str) -> PendingFile | None:
        """
        Write the file of them; returns None, and writes nothing, if there are none.

        `results` is the name of the results file.
        """
        if not self.listed:
            return None
        writer = csv.writer(file)
        writer.writerow(VANISHED_COLUMNS)
        for one in self.listed:
            told = [one.external_id, one.record_url or "", one.number, one.source]
            writer.writerow([*told, one.status.value, RowRef(results=results, where=one.where)])
        return file.finish("vanished", "csv")


def find_vanished(
    index: OutcomeIndex, is_of_list: Callable[[str], bool], *, finds_news: bool
) -> Vanished:
    """
    Return the records whose rows are gone, after `index` has found all rows of the list.

    `is_of_list` returns whether the rows of a source belong to the list: a results file may have
    several lists. Unless it `finds_news`, these are those that a run has told before.
    """
    gone = {
        outcome.external_id: outcome
        for outcome in index.created_without_row()
        if outcome.external_id is not None and is_of_list(index.list_of(outcome))
        if finds_news or outcome.external_id in index.vanished
    }
    return Vanished(
        listed=[one for id_, one in gone.items() if id_ not in index.seen_to],
        news=tuple(id_ for id_ in gone if id_ not in index.vanished),
        returned=tuple(sorted(index.returned)),
    )
