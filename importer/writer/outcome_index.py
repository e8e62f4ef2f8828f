"""Finds the outcomes of rows, without keeping the results in memory."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from importer.core import keys
from importer.core.records import TO_COMPARE, Outcome, Status
from importer.core.row_marks import Where
from importer.writer.index.created_on_list import CreatedOnList
from importer.writer.index.occurrences import Occurrences
from importer.writer.line_reader import Line, read_line, reading
from importer.writer.lines.row_line import KnownLine, RequestLine, RowLine, versions_in
from importer.writer.lines.run_line import (
    AcknowledgedLine,
    EndLine,
    ExportsLine,
    RunLine,
    SourceRecord,
    VanishedLine,
)
from importer.writer.loading import scan_results
from importer.writer.state.failing_rows import FailingRows
from importer.writer.state.record_changes import ReportedChanges

if TYPE_CHECKING:
    import polars as pl

_FEW = 64
"""So few rows are found one by one: a row that was edited costs its neighbours no more."""

_OF_LISTS = (".success.", ".changed.", ".unsent.")
"""Kinds of derived files in which nobody adds rows. New rows are added to failed files."""


class OutcomeIndex:
    """
    Finds the last outcome of a row, without keeping the results in memory.

    It keeps the offset of the last line of each row. `written` are the SHA-256 of the derived files
    that the importer has written, by name, without files that have rows which are nowhere else.
    `corrected` are the SHA-256 of those. `imported` are those of derived files of which a run has
    sent or refused every row. `vanished` are the records whose rows a run has reported to be gone,
    and `seen_to` those of them that a person has acknowledged; the rows taken so far have those in
    `returned`. A row that a person has called
    somebody else has no outcome until a run has sent it. `asked` are rows that were sent and have
    no answer on record. Close it after use.
    """

    def __init__(
        self,
        results: Path,
        *,
        keeps_index: bool = False,
        again: Callable[[], Iterable[Sequence[str]]] | None = None,
    ) -> None:
        """
        Read the file once. Raises `ResultsError` if there is none.

        `keeps_index` is that of `scan_results`, `again` that of `Occurrences`, for `find`.
        """
        self._offsets: dict[Where, int] = {}
        self._settled: set[Where] = set()
        self._occurrences = Occurrences(again)
        self._failing = FailingRows()
        self.written: dict[str, set[str]] = {}
        self.corrected: set[str] = set()
        self.imported: set[str] = set()
        self.asked: set[Where] = set()
        self.vanished: set[str] = set()
        self.seen_to: set[str] = set()
        self.returned: set[str] = set()
        with reading(results):
            self._stream = results.open("rb")
        scanned = scan_results(results, keeps_index=keeps_index)
        self._created, self._known_alone = scanned.created, scanned.known
        self._on_list = CreatedOnList(self._created)
        self._by_key: dict[str, int] = {}
        self._known: dict[Where, str] = {}
        self._changes = ReportedChanges()
        self._change_of: dict[Where, str] = {}
        """By row that was sent since it has changed: the key of the record it had before."""
        self._followed: list[tuple[str, str]] = []
        """The keys of records whose changed row was sent, each with the key it was sent with."""
        self._decided: dict[Where, str] = {}
        self._job: str | None = None
        self._lists: dict[str | None, set[str]] = {}
        self._of_lists: set[str] = set()
        """The derived files that were imported, and have rows of lists alone."""
        self._refused_in: dict[Where, str] = {}
        """By row: the source in which it had no record yet."""
        self._source: SourceRecord | None = None
        for _, offset, line in scanned.lines:
            self._note(line, offset)
        self._unseen = {source_hash for source_hash, _ in self._offsets}
        """The contents of rows read one by one that the list has not had so far."""
        self._ids: set[str] = set()
        """The records that rows of the list have, though by other content."""
        self._rows_of = Counter[str]()
        """How many rows have a record though by other content, by its key, without duplicates."""
        self._later = set(self._not_settled())
        self._ranked = self._rank_settled()

    def _note(self, line: Line | None, offset: int) -> None:
        match line:
            case RowLine(outcome=outcome):
                self._note_row(outcome, offset)
                self._failing.note(outcome, line.at)
            case KnownLine():
                where = line.source_hash, line.occurrence
                self._known[where] = keys.key_base(line.idempotency_key)
                self._settled.add(where)
            case RequestLine():
                self._note_request(line)
            case AcknowledgedLine():
                self._note_decision(line)
            case RunLine():
                self._note_run(line)
                for outcome in self._changes_of(line.undone):
                    self._changes.undo(outcome)
            case EndLine():
                self._note_end(line)
            case VanishedLine():
                self.vanished.update(line.external_ids)
                self.vanished.difference_update(line.returned)
                self.seen_to.difference_update(line.returned)
            case ExportsLine():
                for name, file in line.files.items():
                    written = self.written.setdefault(name, set())
                    (self.corrected if file.is_edited else written).add(file.sha256)

    def _note_request(self, line: RequestLine) -> None:
        where = line.source_hash, line.occurrence or 1
        if line.kind == "sent":
            self.asked.add(where)
        else:
            self.asked.discard(where)
        if line.change_of is not None:
            before = keys.key_base(line.change_of)
            self._change_of[where] = before
            self._followed.append((before, keys.key_base(line.idempotency_key)))

    def _note_decision(self, line: AcknowledgedLine) -> None:
        if line.is_about_changes:
            self._changes.deal_with_all()
            self.seen_to |= self.vanished
        self._changes.deal_with(self._changes_of(line.same))
        self._decided.update(dict.fromkeys(line.same, "same"))
        self._settled.update(line.same)
        self._decided.update(dict.fromkeys(line.new, "new"))

    def _changes_of(self, rows: Iterable[Where]) -> Iterator[Outcome]:
        for where in rows:
            outcome = self._read(self._offsets[where], where[0]) if where in self._offsets else None
            if outcome is not None and outcome.status is Status.CHANGED:
                yield outcome

    def _note_run(self, line: RunLine) -> None:
        job = line.settings.get("job")
        self._job = None if job is None else PurePath(str(job)).name
        self._source = line.source
        if line.source is not None and line.source.name is not None:
            names = line.source.name.split(", ")
            self._lists.setdefault(self._job, set()).update(names)
            if line.source.is_derived:
                is_recovered = line.command is not None
                self._of_lists.update(
                    name for name in names if is_recovered or any(map(name.count, _OF_LISTS))
                )

    def _note_end(self, line: EndLine) -> None:
        source, list_status = self._source, line.list_status
        is_whole = list_status is not None and not list_status.left
        if source is not None and source.is_derived and source.sha256 is not None and is_whole:
            self.imported.add(source.sha256)

    def is_of_last_job(self, source: str) -> bool:
        """Return whether the job of the last run has read a list from this source."""
        return self._job is not None and source in self._lists.get(self._job, ())

    def list_of(self, outcome: Outcome) -> str:
        """Return the source that had the row of a record first: a list, and no correction of it."""
        return self._refused_in.get(outcome.where, outcome.source)

    def has_rows_of_lists(self, source: str) -> bool:
        """Return whether a source is a derived file of this import that has rows of lists alone."""
        return source in self._of_lists

    def _note_row(self, outcome: Outcome, offset: int) -> None:
        self._offsets[outcome.where] = offset
        if outcome.status is not Status.CREATED:
            self._refused_in.setdefault(outcome.where, outcome.source)
        self.asked.discard(outcome.where)
        self._known.pop(outcome.where, None)
        self._decided.pop(outcome.where, None)
        if outcome.is_settled() or outcome.status is Status.CHANGED:
            self._settled.add(outcome.where)
        if outcome.status is Status.CHANGED:
            self._changes.note(outcome)
        if outcome.status is Status.CREATED and keys.is_key(outcome.idempotency_key):
            self._by_key[keys.key_base(outcome.idempotency_key)] = offset

    def _not_settled(self) -> Iterator[str]:
        """Yield the source hashes of rows whose last line does not say `created`."""
        found = self._created.find([source_hash for source_hash, _ in self._offsets])
        for (row, offset), position in zip(self._offsets.items(), found, strict=True):
            if position is None or self._created.offset(position) < offset:
                yield row[0]

    def find(self, hashes: Sequence[str]) -> Iterator[tuple[int, Outcome | None]]:
        """
        Yield the occurrence of each row of a batch, and its last outcome or None.

        Batches have to be in source order: only their order distinguishes equal rows, and settled
        ones come first.
        """
        self._unseen.difference_update(hashes)
        met, known_alone = self._on_list.take(hashes), self._find_alone(hashes)
        for source_hash, (position, is_first) in zip(hashes, met, strict=True):
            occurrence = self._occurrence(source_hash, position, is_first=is_first)
            outcome = self._find(source_hash, occurrence, position, known_alone)
            before = self._change_of.get((source_hash, occurrence))
            for one in (outcome, None if before is None else self._created_with(before)):
                if one is not None and not is_first:
                    self._note_ids(one)
            if outcome is not None and not is_first and keys.is_key(key := _key_of_record(outcome)):
                self._rows_of[keys.key_base(key)] += 1
            self._note_returned(outcome)
            yield occurrence, outcome

    def note_row_of(self, outcome: Outcome) -> None:
        """Note a row that the list lacks, as it is in a derived file: its record has not gone."""
        self._note_ids(outcome)
        self._note_returned(outcome)

    def _note_ids(self, outcome: Outcome) -> None:
        """Note the record that a row has, or may have."""
        self._ids.update(one for one in (outcome.external_id, outcome.may_be) if one is not None)

    def _note_returned(self, outcome: Outcome | None) -> None:
        if outcome is None or outcome.external_id not in self.vanished:
            return
        if outcome.status is not Status.POSSIBLE_DUPLICATE or outcome.is_acknowledged:
            self.returned.add(outcome.external_id)

    def _find(
        self,
        source_hash: str,
        occurrence: int,
        position: int | None,
        known_alone: Mapping[str, str],
    ) -> Outcome | None:
        if (base := self._known.get((source_hash, occurrence))) is not None:
            return self._created_with(base)
        offset = self._offsets.get((source_hash, occurrence), -1)
        if position is not None and occurrence == 1:
            offset = max(offset, self._created.offset(position))
        elif occurrence == 1 and source_hash in known_alone:
            return self._created_with(known_alone[source_hash])
        return self._read(offset, source_hash) if offset >= 0 else None

    def _occurrence(self, source_hash: str, position: int | None, *, is_first: bool) -> int:
        """
        Return the occurrence of the next row with this content; settled ones come first.

        If one of two equal rows was created and either of them is deleted, the other one has its
        outcome.
        """
        number = 1
        if not is_first:
            # The first of the created rows may have been in a whole batch.
            number = self._occurrences.take(source_hash) + (position is not None)
        settled = self._ranked.get(source_hash)
        if settled is None:
            return number
        if number <= len(settled):
            return settled[number - 1]
        left = number - len(settled)
        # The number of settled ones that have fewer than `left` others before them.
        return left + bisect_left(range(len(settled)), left, key=lambda at: settled[at] - at - 1)

    def _rank_settled(self) -> dict[str, list[int]]:
        """Return the settled occurrences of equal rows in order, unless it is the first one."""
        ranked: dict[str, list[int]] = {}
        for source_hash, occurrence in self._settled:
            if occurrence > 1:
                ranked.setdefault(source_hash, []).append(occurrence)
        for (source_hash, later), position in zip(
            ranked.items(), self._created.find([*ranked]), strict=True
        ):
            if position is not None or (source_hash, 1) in self._settled:
                later.append(1)
            later.sort()
        return ranked

    def outcome(self, where: Where) -> Outcome | None:
        """Return the last outcome of one row, wherever it is in the source."""
        source_hash, occurrence = where
        position = self._created.find([source_hash])[0]
        known_alone = self._find_alone([source_hash])
        return self._find(source_hash, occurrence, position, known_alone)

    def parts(self, hashes: Sequence[str]) -> Iterator[tuple[int, int, pl.DataFrame | None]]:
        """
        Yield (begin, end, links) of consecutive parts of a batch.

        A part whose rows all have a record has the links of `find_created`. For the few rows of a
        part without links, call `find` before you take the next part.
        """
        yield from self._parts(hashes, 0, len(hashes))

    def _parts(
        self, hashes: Sequence[str], begin: int, end: int
    ) -> Iterator[tuple[int, int, pl.DataFrame | None]]:
        links = self.find_created(hashes[begin:end])
        if links is not None or end - begin <= _FEW:
            yield begin, end, links
            return
        middle = (begin + end) // 2
        yield from self._parts(hashes, begin, middle)
        yield from self._parts(hashes, middle, end)

    def find_created(self, hashes: Sequence[str]) -> pl.DataFrame | None:
        """
        Return `external_id` and `record_url` of each row of a batch if all of them have a record.

        Returns None if one was not created, or if they were neither created in this order nor all
        recognised by other content: then use `find`.
        """
        if not self._created or not self._later.isdisjoint(hashes):
            return None
        begin = self._on_list.take_whole(hashes)
        found = None
        if begin is not None:
            found = self._created.links(range(begin, begin + len(hashes)))
        elif self._known or self._known_alone:
            found = self._find_known(hashes)
        if found is not None:
            self._unseen.difference_update(hashes)
            self.returned |= self.vanished.intersection(found["external_id"])
        return found

    def _find_alone(self, hashes: Sequence[str]) -> Mapping[str, str]:
        """Return the keys of the records of rows that no other line is about, by source hash."""
        found = self._known_alone.find(hashes)
        return {source_hash: row.base for source_hash, row in found.items()}

    def _find_known(self, hashes: Sequence[str]) -> pl.DataFrame | None:
        """Return the links of rows that were recognised, if all were and no two are equal."""
        may_be = zip(hashes, self._known_alone.have(hashes), strict=True)
        if not all(is_known or (one, 1) in self._known for one, is_known in may_be):
            return None
        found = self._find_alone(hashes)
        bases = [base for one in hashes if (base := found.get(one) or self._known.get((one, 1)))]
        positions = [one for one in self._created.find_keys(bases) if one is not None]
        if len(positions) < len(hashes) or any(
            self._by_key[one] != self._created.offset(position)
            for one, position in zip(bases, positions, strict=True)
            if one in self._by_key
        ):
            return None
        if any(one is not None for one in self._created.find(hashes)):
            return None
        links = self._created.links(positions, bases)
        if links is None or not self._ranked.keys().isdisjoint(hashes):
            return None
        if not self._occurrences.take_new(hashes):
            return None
        self._on_list.hold(positions)
        return links

    def created_without_row(self) -> Iterator[Outcome]:
        """
        Yield the created outcomes of records of which the rows taken so far have none.

        A record whose changed row was sent has a row as long as the record made of that has one.
        """
        offsets = [offset for (one, _), offset in self._offsets.items() if one in self._unseen]
        offsets += map(self._created.offset, self._on_list.left())
        gone: dict[str, Outcome] = {}
        for offset in sorted(offsets):
            outcome = self._read(offset)
            is_created = outcome is not None and outcome.status is Status.CREATED
            if outcome is not None and is_created and outcome.external_id not in self._ids:
                key = outcome.idempotency_key
                gone[keys.key_base(key) if keys.is_key(key) else str(offset)] = outcome
        for before, later in reversed(self._followed):
            if before in gone and later not in gone and self._created_with(later) is not None:
                del gone[before]
        yield from gone.values()

    def shared(self) -> int:
        """Return how many of the rows taken so far have a record that another one of them has."""
        places = self._created.find_keys([*self._rows_of])
        return sum(
            rows - 1 + (place is not None and self._on_list.was_met(place))
            for rows, place in zip(self._rows_of.values(), places, strict=True)
        )

    def not_created(self, hashes: Sequence[str]) -> list[str]:
        """Return the source hashes of a batch that no created row has."""
        found = self._created.find(hashes)
        return [one for one, at in zip(hashes, found, strict=True) if at is None]

    def _created_with(self, base: str) -> Outcome | None:
        """Return the outcome of the row that was created with this key."""
        if base in self._by_key:
            return self._read(self._by_key[base])
        return self._created.find_key(base)

    def _read(self, offset: int, source_hash: str | None = None) -> Outcome | None:
        """Return the outcome in a line, if it has several that of the row with this hash."""
        self._stream.seek(offset)
        line = read_line(self._stream.readline())
        if not isinstance(line, RowLine):
            return None
        outcome = line.outcome
        if source_hash is not None and source_hash in versions_in(line):
            outcome = replace(outcome, source_hash=source_hash)
        if outcome.status not in TO_COMPARE:
            return self._failing.dated(outcome)
        said = self._decided.get(outcome.where)
        if said == "new":  # the next run sends it
            return None
        is_seen_to = outcome.status is Status.CHANGED and self._changes.is_dealt_with(outcome)
        return replace(outcome, is_acknowledged=is_seen_to or said == "same")

    def close(self) -> None:
        """Close the results file."""
        self._stream.close()


def _key_of_record(outcome: Outcome) -> str | None:
    """Return the key of the record that a row has, unless it is a duplicate."""
    if outcome.status is Status.CREATED:
        return outcome.idempotency_key
    is_its_own = outcome.status is Status.CHANGED or outcome.is_acknowledged
    return outcome.record_key if is_its_own or outcome.is_refused_version else None
