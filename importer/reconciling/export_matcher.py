"""Finds the records of an export that may belong to rows of the list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from importer.core.shared import JsonValue
from importer.matching.hashes import Hasher, MatchHashes
from importer.matching.ties import tie_of
from importer.reconciling.crm_export import ExportRecord
from importer.reconciling.list_rows import ListedRow, RowForms, identity_print, print_of
from importer.writer.created_records import OpenRequest


@dataclass(slots=True)
class Candidates:
    """
    The records that may belong to a row, by id, without those of other rows.

    `same` have its identity, or all its values in the export; each comes with the days in its
    cells. `alike` share an id, an address, a number or a name with it.
    """

    same: dict[str, Mapping[str, date]] = field(default_factory=dict)
    alike: dict[str, None] = field(default_factory=dict)


class ExportMatcher:
    """
    Compares the records of an export with the rows of the list.

    `edited` has the fields whose values differ in the export, for each known record; `twice` has
    the ids of further records with the content of a known one. `candidates` are for the rows with
    an open request, and `rivals` are known records with the content of one of these rows.
    """

    def __init__(self, rows: Iterable[ListedRow], forms: RowForms) -> None:
        self.rows = list(rows)
        self.edited: dict[str, list[str]] = {}
        self.twice: dict[str, list[str]] = defaultdict(list)
        self.candidates: dict[int, Candidates] = {}
        self.rivals: dict[str, list[str]] = {}
        self._forms = forms
        self._by_id = {row.made: at for at, row in enumerate(self.rows) if row.made is not None}
        self._index: dict[int, list[int]] = defaultdict(list)
        for at, row in enumerate(self.rows):
            for one in {*row.identifying, *([] if row.identity is None else [row.identity])}:
                self._index[one].append(at)
            if row.request is not None:
                self.candidates[at] = Candidates()

    @property
    def identity(self) -> tuple[str, ...] | None:
        """The identity fields of the latest mapping, if it names any."""
        mappers = self._forms.mappers
        return mappers[0][0].mapping.identity if mappers else None

    def see(self, record: ExportRecord) -> None:
        """Compare one record of the export."""
        prints = [print_of(name, record.texts.get(name, "")) for name in self._forms.fields]
        if record.known is not None:
            self._compare(record.known, prints)
            return
        is_of_request = False
        same_as: list[str] = []
        for at, is_same in self._like(record, prints):
            row = self.rows[at]
            if row.request is not None:
                found = self.candidates[at]
                if is_same:
                    found.same[record.external_id] = record.days
                else:
                    found.alike[record.external_id] = None
                is_of_request |= is_same
            elif is_same and row.made is not None:
                same_as.append(row.made)
        if is_of_request:
            self.rivals[record.external_id] = same_as
        elif same_as:
            self.twice[same_as[0]].append(record.external_id)

    def _compare(self, known: str, prints: Sequence[int]) -> None:
        at = self._by_id.get(known)
        if at is None:
            return
        pairs = zip(self._forms.fields, self.rows[at].prints, prints, strict=True)
        edited = [name for name, before, now in pairs if before and before != now]
        if edited:
            self.edited[known] = edited

    def _like(self, record: ExportRecord, prints: Sequence[int]) -> Iterator[tuple[int, bool]]:
        """Yield each row that a record resembles, and whether it is the same."""
        identities = {
            found
            for names in self._forms.identities
            if (found := identity_print(names, record.texts, self._forms.fields)) is not None
        }
        shared: dict[int, bool] = {}
        for one in (*identities, *filter(None, prints)):
            for at in self._index.get(one, ()):
                row = self.rows[at]
                shared[at] = row.identity in identities or _has_all(row, prints)
        yield from shared.items()


def _has_all(row: ListedRow, prints: Sequence[int]) -> bool:
    """Return whether a record has all values of a row, one of them an identifying one."""
    return bool(row.identifying) and all(
        mine in {0, other} for mine, other in zip(row.prints, prints, strict=True)
    )


class MarkedRequests:
    """The open requests by their match hashes, which recognise a record without the list."""

    def __init__(
        self, requests: Iterable[OpenRequest], object_: str, identity: Sequence[str] | None
    ) -> None:
        self._object = object_
        self._identity = identity
        self._found: dict[str, dict[str, list[tuple[OpenRequest, MatchHashes]]]] = {}
        for request in requests:
            hashes = None if request.line is None else request.line.hashes
            if hashes is not None and request.salt is not None:
                marks = MatchHashes.parse(hashes)
                by_mark = self._found.setdefault(request.salt, defaultdict(list))
                for one in marks.findable():
                    by_mark[one].append((request, marks))

    def like(self, record: ExportRecord) -> Iterator[OpenRequest]:
        """Yield each request that may have made a record."""
        for salt, by_mark in self._found.items():
            identity = self._identity_of(record)
            marks = Hasher(salt).hashes(self._object, record.fields, identity)
            seen = set()
            for one in marks.findable():
                for request, sent in by_mark.get(one, ()):
                    tie = tie_of(self._object, marks, sent, lambda _: True)
                    if request.base not in seen and tie is not None:
                        seen.add(request.base)
                        yield request

    def _identity_of(self, record: ExportRecord) -> list[JsonValue] | None:
        if self._identity is None or not all(name in record.fields for name in self._identity):
            return None
        return [record.fields[name] for name in self._identity]
