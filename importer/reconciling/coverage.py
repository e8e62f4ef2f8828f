"""Judges whether an export is complete: then a record that it lacks is not in the CRM."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from importer.core.clock import instant
from importer.reconciling.crm_export import Export
from importer.reconciling.findings import Coverage
from importer.writer.created_records import CreatedRecords, OpenRequest

_NEWEST = 5
_NEIGHBOURS = 3
_ONE_IN = 50
"""At most one in so many known records may be missing: more may be a filter, not deletions."""
_SHEETS = frozenset({65_535, 65_536, 1_048_575, 1_048_576})
"""The row limits of sheets, with and without the header."""
_ROUND = 100
_IN_ORDER = 0.8
"""The share of known records in the order of creation, from which an export counts as sorted."""


class ExportJudge:
    """
    Compares an export with the records that are known to be in the CRM.

    `present` are the known ids that the export has.
    """

    def __init__(self, export: Export, made: CreatedRecords, present: Collection[str]) -> None:
        self._export = export
        self._order = sorted(made.records.values(), key=lambda one: one.offset)
        self._offsets = [one.offset for one in self._order]
        self._present = present
        self._is_by_making = _is_in_order([made.records[one].offset for one in present])
        known, missing = len(self._order), len(self._order) - len(present)
        faults = [*self._faults()]
        self.coverage = Coverage(
            known=known,
            present=len(present),
            lists_deleted=not faults and missing <= max(1, known // _ONE_IN),
            faults=(
                *faults,
                *(
                    [f"{missing:,} of {known:,} known records are not in it"]
                    if missing > known // _ONE_IN
                    else []
                ),
            ),
        )

    def _faults(self) -> Iterator[str]:
        known, export = len(self._order), self._export
        if not known:
            yield "no record is on record yet by which it could be checked"
        newest = [one for one in self._order[-_NEWEST:] if one.external_id not in self._present]
        if newest:
            last = min(known, _NEWEST)
            yield f"{len(newest)} of the {last} records that were made last are not in it"
        if export.ids in _SHEETS or (export.ids and export.ids % _ROUND == 0):
            yield f"it has exactly {export.ids:,} records, so it may be cut there"
        if export.refused:
            yield f"{export.refused:,} of its rows cannot be read"
        if export.without_id:
            yield f"{export.without_id:,} of its rows have no id"
        if export.survey.changed():
            yield "it was written to while it was read"

    def why_not_covered(self, request: OpenRequest, texts: Mapping[str, str]) -> str | None:
        """
        Return why the record of a request could be in the CRM and not in the export, or None.

        The export has to be complete and made after the request, and has to have the records that
        were made right before and after the request. If it is sorted, the row has to belong before
        its end, since the export may be cut off there; but not if it is sorted by creation and no
        record is missing.
        """
        if self.coverage.faults:
            return f"the export is not proven to be complete: {self.coverage.faults[0]}"
        if request.offset is None or request.hashes is None:
            return "when it was sent, or what, is not on record"
        at = bisect(self._offsets, request.offset)
        near = self._order[max(0, at - _NEIGHBOURS) : at + _NEIGHBOURS]
        if any(one.external_id not in self._present for one in near):
            return "a record that was made right before or after it is not in the export"
        if at == len(self._order) and not self._is_later_than(request.sent_at):
            return "the export is not newer than the request"
        is_sure_of_end = self._is_by_making and self.coverage.present == self.coverage.known
        if not is_sure_of_end and self._is_behind_end(texts):
            return "the export is sorted, and may end before the place of this row"
        return None

    def _is_later_than(self, sent_at: str | None) -> bool:
        """Return whether the file was written after a request."""
        sent = instant(sent_at)
        if sent is None:
            return False
        path = Path(self._export.survey.files[0][0].path)
        return datetime.fromtimestamp(path.stat().st_mtime, UTC) > sent

    def _is_behind_end(self, texts: Mapping[str, str]) -> bool:
        return any(
            (text > last) is ascends and text != last
            for name, text in texts.items()
            if (end := self._export.ends.get(name)) is not None
            for ascends, last in [end]
        )


def _is_in_order(offsets: Sequence[int]) -> bool:
    """Return whether most records come in the order of creation, forwards or backwards."""
    if len(offsets) < 2:
        return True
    rising = sum(one < other for one, other in pairwise(offsets)) / (len(offsets) - 1)
    return not 1 - _IN_ORDER < rising < _IN_ORDER
