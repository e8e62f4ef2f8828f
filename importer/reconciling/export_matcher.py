"""Finds the records of an export that may belong to rows of the list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from importer.core.shared import JsonValue
from importer.matching.hashes import Hasher, MatchHashes
from importer.reconciling.crm_export import ExportRecord
from importer.reconciling.list_rows import ListedRow, RowForms, identity_print, print_of
from importer.writer.created_records import OpenRequest


class ExportMatcher:
    """
    Compares the records of an export with the rows of the list.

    A record is the same as a row if it has the row's identity, or all its values in the export.
    `edited` has the fields whose values differ in the export, for each known record; `twice` has
    the ids of further records with the content of a known one. `same` has the records that are the
    same as a row with an open request, by their ids, each with the days in its cells; `rivals` are
    known records with the content of one of these rows.
    """

    def __init__(self, rows: Iterable[ListedRow], forms: RowForms) -> None:
        self.rows = list(rows)
        self.edited: dict[str, list[str]] = {}
        self.twice: dict[str, list[str]] = defaultdict(list)
        self.same: dict[int, dict[str, Mapping[str, date]]] = {}
        self.rivals: dict[str, list[str]] = {}
        self._forms = forms
        self._by_id = {row.made: at for at, row in enumerate(self.rows) if row.made is not None}
        self._index: dict[int, list[int]] = defaultdict(list)
        for at, row in enumerate(self.rows):
            for one in {*row.identifying, *([] if row.identity is None else [row.identity])}:
                self._index[one].append(at)
            if row.request is not None:
                self.same[at] = {}

    def see(self, record: ExportRecord) -> None:
        """Compare one record of the export."""
        prints = [print_of(name, record.texts.get(name, "")) for name in self._forms.fields]
        if record.known is not None:
            self._compare(record.known, prints)
            return
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


class RequestMatcher:
    """
    Compares the records of an export with open requests, by their match hashes alone.

    `alike` are the ids of the records that share an address, a number, an id, a name or a title
    with what a request has sent, by the key of the request.
    """

    def __init__(
        self, requests: Iterable[OpenRequest], object_: str, identity: Sequence[str] | None
    ) -> None:
        self.alike: dict[str, dict[str, None]] = defaultdict(dict)
        self._object = object_
        self._identity = identity
        self._found: dict[str, dict[str, list[str]]] = {}
        for request in requests:
            if request.hashes is not None and request.salt is not None:
                with_salt = self._found.setdefault(request.salt, defaultdict(list))
                for one in MatchHashes.parse(request.hashes).findable():
                    with_salt[one].append(request.base)

    def see(self, record: ExportRecord) -> None:
        """Compare one record of the export."""
        identity = self._identity_of(record)
        for salt, with_salt in self._found.items():
            for one in Hasher(salt).hashes(self._object, record.fields, identity).findable():
                for base in with_salt.get(one, ()):
                    self.alike[base][record.external_id] = None

    def _identity_of(self, record: ExportRecord) -> list[JsonValue] | None:
        if self._identity is None or not all(name in record.fields for name in self._identity):
            return None
        return [record.fields[name] for name in self._identity]
