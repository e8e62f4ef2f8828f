"""Finds the records of an export that may belong to rows of the list, or to open requests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from importer.matching.hashes import Hasher, MatchHashes
from importer.reconciling.creation_days import CreationDays, day_of
from importer.reconciling.crm_export import ExportRecord
from importer.reconciling.list_rows import ListedRow, RowForms, identity_print, print_of
from importer.writer.created_records import CreatedRecords


class ExportMatcher:
    """
    Compares the records of an export with the rows of the list, and with open requests.

    A record is the same as a row if it has the row's identity, or all its values in the export.
    `present` are the known records that the export has, and `days` show when records were created.
    `edited` has the fields whose values differ in the export, for each known record; `twice` has
    the ids of further records with the content of a known one. `same` has the records that are the
    same as a row with an open request, by their ids, each with the days in its cells; `rivals` are
    known records with the content of one of these rows. `alike` are the ids of the records that
    share an address, a number, an id, a name or a title with what a request has sent, by its key:
    they are found by match hashes alone.
    """

    def __init__(
        self, made: CreatedRecords, rows: Iterable[ListedRow], forms: RowForms, object_: str
    ) -> None:
        self.rows = list(rows)
        self.present: dict[str, None] = {}
        self.days = CreationDays()
        self.edited: dict[str, list[str]] = {}
        self.twice: dict[str, list[str]] = defaultdict(list)
        self.same: dict[int, dict[str, Mapping[str, date]]] = {}
        self.rivals: dict[str, list[str]] = {}
        self.alike: dict[str, dict[str, None]] = defaultdict(dict)
        self._made = made
        self._forms = forms
        self._object = object_
        self._by_id = {row.made: at for at, row in enumerate(self.rows) if row.made is not None}
        self._index: dict[int, list[int]] = defaultdict(list)
        for at, row in enumerate(self.rows):
            for one in {*row.identifying, *([] if row.identity is None else [row.identity])}:
                self._index[one].append(at)
            if row.request is not None:
                self.same[at] = {}
        self._requests: dict[str, dict[str, list[str]]] = {}
        """By salt, and by match hash with it: the keys of open requests."""
        for request in made.requests:
            if request.hashes is not None and request.salt is not None:
                with_salt = self._requests.setdefault(request.salt, defaultdict(list))
                for findable in MatchHashes.parse(request.hashes).findable():
                    with_salt[findable].append(request.base)

    def see(self, record: ExportRecord) -> None:
        """Compare one record of the export."""
        prints = [print_of(name, record.texts.get(name, "")) for name in self._forms.fields]
        if record.known is not None:
            self.present[record.known] = None
            self.days.see(record.days, day_of(self._made.records[record.known].at))
            self._compare(record.known, prints)
            return
        self._note_alike(record)
        is_of_request = False
        same_as: list[str] = []
        for at in self._same(record, prints):
            row = self.rows[at]
            if row.request is not None:
                self.same[at][record.external_id] = record.days
                is_of_request = True
            elif row.made is not None:
                same_as.append(row.made)
        if is_of_request:
            self.rivals[record.external_id] = same_as
        elif same_as:
            self.twice[same_as[0]].append(record.external_id)

    def _note_alike(self, record: ExportRecord) -> None:
        """Note the open requests that have sent something of this record."""
        names = next((one.mapper.mapping.identity for one in self._forms.mappings), None)
        has_all = names is not None and all(name in record.fields for name in names)
        identity = [record.fields[name] for name in names or ()] if has_all else None
        for salt, with_salt in self._requests.items():
            for one in Hasher(salt).hashes(self._object, record.fields, identity).findable():
                for base in with_salt.get(one, ()):
                    self.alike[base][record.external_id] = None

    def _compare(self, known: str, prints: Sequence[int]) -> None:
        at = self._by_id.get(known)
        if at is None:
            return
        pairs = zip(self._forms.fields, self.rows[at].prints, prints, strict=True)
        edited = [name for name, before, now in pairs if before and before != now]
        if edited:
            self.edited[known] = edited

    def _same(self, record: ExportRecord, prints: Sequence[int]) -> list[int]:
        """Return each row that a record is the same as."""
        identities = {
            found
            for names in self._forms.identities
            if (found := identity_print(names, record.texts, self._forms.fields)) is not None
        }
        shared = dict.fromkeys(
            at for one in (*identities, *filter(None, prints)) for at in self._index.get(one, ())
        )
        return [
            at
            for at in shared
            if self.rows[at].identity in identities or _has_all(self.rows[at], prints)
        ]


def _has_all(row: ListedRow, prints: Sequence[int]) -> bool:
    """Return whether a record has all values of a row, one of them an identifying one."""
    return bool(row.identifying) and all(
        mine in {0, other} for mine, other in zip(row.prints, prints, strict=True)
    )
