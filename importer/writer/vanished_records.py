"""Finds the records whose rows are not in the list any more."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from importer.core.records import Outcome
from importer.writer.index.occurrences import repeated_prefixes
from importer.writer.index.outcome_index import OutcomeIndex
from importer.writer.index.scanning import PREFIX_DIGITS, prefixes_of
from importer.writer.pending_files import PendingFile, PendingTextFile

VANISHED_COLUMNS = ("external_id", "link", "row", "source")


@dataclass(frozen=True, slots=True)
class Vanished:
    """
    The records whose rows are gone, in the order in which they were created.

    `listed` are those that nobody has acknowledged, `news` the ids that no run has reported yet.
    """

    listed: Sequence[Outcome] = ()
    news: tuple[str, ...] = ()

    def write(self, pending_file: PendingTextFile) -> None:
        """Write the file of them; nothing is written if there are none."""
        if not self.listed:
            return
        writer = csv.writer(pending_file)
        writer.writerow(VANISHED_COLUMNS)
        writer.writerows(
            [one.external_id, one.record_url or "", one.number, one.source] for one in self.listed
        )


@contextmanager
def pending_vanished_file(
    folder: Path, results: str, vanished: Vanished
) -> Iterator[list[PendingFile]]:
    """Write the file of vanished records; `results` is the name of the results file."""
    with closing(PendingTextFile(folder, f".{results}.", "utf-8")) as pending_file:
        vanished.write(pending_file)
        yield list(filter(None, [pending_file.finish("vanished", "csv")]))


class VanishedRecords:
    """
    Compares the records that were created from a list with the rows that it has now.

    Call `see` with the source hashes of all rows, then `result`. `is_of_list` returns whether the
    rows of a source belong to the list: a results file may have several lists.
    """

    def __init__(self, index: OutcomeIndex, is_of_list: Callable[[str], bool]) -> None:
        self._index = index
        self._is_of_list = is_of_list
        self._seen: list[pl.Series] = []

    def see(self, hashes: Sequence[str]) -> None:
        """Note rows of the list."""
        self._seen.append(prefixes_of(hashes))

    def result(self, again: Callable[[], Iterable[Sequence[str]]]) -> Vanished:
        """Return the vanished records. `again` yields the source hashes of all rows once more."""
        seen = pl.concat(self._seen) if self._seen else pl.Series("hash", [], pl.Int64)
        gone = {
            outcome.external_id: outcome
            for outcome in self._index.created_without_row(seen)
            if outcome.external_id is not None and self._is_of_list(outcome.source)
        }
        if gone:
            self._leave_changed_rows(gone, again(), repeated_prefixes([seen]))
        return Vanished(
            listed=[one for id_, one in gone.items() if id_ not in self._index.seen_to],
            news=tuple(id_ for id_ in gone if id_ not in self._index.vanished),
        )

    def _leave_changed_rows(
        self,
        gone: dict[str, Outcome],
        hashes: Iterable[Sequence[str]],
        repeated: Collection[int],
    ) -> None:
        """Remove records whose rows are in the list with other content, `repeated` or not."""
        equal = Counter[str]()
        for batch in hashes:
            for source_hash in self._index.not_created(batch):
                is_repeated = bool(repeated) and int(source_hash[:PREFIX_DIGITS], 16) in repeated
                if is_repeated:
                    equal[source_hash] += 1
                outcome = self._index.outcome(source_hash, equal[source_hash] or 1)
                if outcome is not None and outcome.external_id is not None:
                    gone.pop(outcome.external_id, None)
