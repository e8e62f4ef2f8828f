"""Finds the records whose rows are not in the list any more."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from importer.records import Outcome
from importer.writer.drafts import DraftFile, TextDraft
from importer.writer.index.outcome_index import OutcomeIndex
from importer.writer.index.scanning import PREFIX_DIGITS

__all__ = ["VANISHED_COLUMNS", "Vanished", "VanishedRecords", "vanished_draft"]

VANISHED_COLUMNS = ("external_id", "link", "row", "source")


@dataclass(frozen=True, slots=True)
class Vanished:
    """
    The records whose rows are gone, in the order in which they were created.

    `listed` are those that nobody has acknowledged, `news` the ids that no run has told of yet.
    """

    listed: Sequence[Outcome] = ()
    news: tuple[str, ...] = ()

    def write(self, draft: TextDraft) -> None:
        """Write the file of them; nothing is written if there are none."""
        if not self.listed:
            return
        writer = csv.writer(draft)
        writer.writerow(VANISHED_COLUMNS)
        writer.writerows(
            [one.external_id, one.record_url or "", one.number, one.source] for one in self.listed
        )


@contextmanager
def vanished_draft(folder: Path, results: str, vanished: Vanished) -> Iterator[list[DraftFile]]:
    """Write the file of vanished records; `results` is the name of the results file."""
    with closing(TextDraft(folder, f".{results}.", "utf-8")) as draft:
        vanished.write(draft)
        yield list(filter(None, [draft.finish("vanished", "csv")]))


class VanishedRecords:
    """
    Compares the records that were created from a list with the rows that it has now.

    Show it the source hashes of all rows (`see`), then ask for the `result`. `is_of_list` says by
    the name of a source whether its rows belong to the list: a results file may have several.
    """

    def __init__(self, index: OutcomeIndex, is_of_list: Callable[[str], bool]) -> None:
        self._index = index
        self._is_of_list = is_of_list
        self._seen: list[pl.Series] = []

    def see(self, hashes: Sequence[str]) -> None:
        """Note rows of the list."""
        texts = pl.Series("hash", list(hashes), pl.String).str.slice(0, PREFIX_DIGITS)
        self._seen.append(texts.str.to_integer(base=16))

    def result(self, again: Callable[[], Iterable[Sequence[str]]]) -> Vanished:
        """Return what has vanished. `again` yields the source hashes of all rows once more."""
        seen = pl.concat(self._seen) if self._seen else pl.Series("hash", [], pl.Int64)
        gone = {
            outcome.external_id: outcome
            for outcome in self._index.created_without_row(seen)
            if outcome.external_id is not None and self._is_of_list(outcome.source)
        }
        if gone:
            self._leave_changed_rows(gone, again())
        return Vanished(
            listed=[one for id_, one in gone.items() if id_ not in self._index.seen_to],
            news=tuple(id_ for id_ in gone if id_ not in self._index.vanished),
        )

    def _leave_changed_rows(
        self, gone: dict[str, Outcome], hashes: Iterable[Sequence[str]]
    ) -> None:
        """Remove the records that a row of the list stands for with other content now."""
        for batch in hashes:
            for source_hash in self._index.not_created(batch):
                outcome = self._index.outcome(source_hash, 1)
                if outcome is not None and outcome.external_id is not None:
                    gone.pop(outcome.external_id, None)
