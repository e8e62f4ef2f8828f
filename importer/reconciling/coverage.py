"""Judges whether a record that an export lacks is not in the CRM."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path

from importer.reconciling.export import Export
from importer.reconciling.findings import Coverage
from importer.writer import Made, OpenRequest

__all__ = ["ExportJudge"]

_NEWEST = 5
_NEIGHBOURS = 3
_ONE_IN = 50
"""At most one in so many known records may be missing, or one. More may be a filter."""


class ExportJudge:
    """
    Compares an export that was read with what is known to be in the CRM.

    `present` are the known ids that are in it.
    """

    def __init__(self, export: Export, made: Made, present: Collection[str]) -> None:
        self._export = export
        self._order = sorted(made.records.values(), key=lambda one: one.offset)
        self._offsets = [one.offset for one in self._order]
        self._present = present
        self.coverage = Coverage(
            known=len(self._order), present=len(present), faults=tuple(self._faults())
        )

    def _faults(self) -> list[str]:
        known, export = len(self._order), self._export
        missing = known - len(self._present)
        faults = []
        if not known:
            faults.append("no record is on record yet by which it could be checked")
        newest = [one for one in self._order[-_NEWEST:] if one.external_id not in self._present]
        if newest:
            last = min(known, _NEWEST)
            faults.append(f"{len(newest)} of the {last} records that were made last are not in it")
        if missing > max(1, known // _ONE_IN):
            faults.append(f"{missing:,} of {known:,} known records are not in it")
        if export.refused:
            faults.append(f"{export.refused:,} of its rows cannot be read")
        if export.without_id:
            faults.append(f"{export.without_id:,} of its rows have no id")
        if export.survey.changed():
            faults.append("it was written to while it was read")
        return faults

    def why_not_covered(self, request: OpenRequest, texts: Mapping[str, str]) -> str | None:
        """
        Return why the record of a request could be in the CRM and not in the export, or None.

        The export has to be complete, and made after the request. The records that were made right
        before and after it have to be in it. If any record is missing, the row may not belong
        behind the end of a sorted export, which may be cut there.
        """
        if self.coverage.faults:
            return f"the export is not proven to be complete: {self.coverage.faults[0]}"
        if request.offset is None:
            return "when it was sent is not on record"
        at = bisect(self._offsets, request.offset)
        near = self._order[max(0, at - _NEIGHBOURS) : at + _NEIGHBOURS]
        if any(one.external_id not in self._present for one in near):
            return "a record that was made right before or after it is not in the export"
        if at == len(self._order) and not self._is_later_than(request.sent_at):
            return "the export is not younger than the request"
        if self.coverage.present < self.coverage.known and self._is_behind_end(texts):
            return "the export is sorted, and may end before the place of this row"
        return None

    def _is_later_than(self, sent_at: str | None) -> bool:
        """Return whether the file was written after a request."""
        try:
            sent = datetime.fromisoformat(sent_at or "")
        except ValueError:
            return False
        path = Path(self._export.survey.files[0][0].path)
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        return written > (sent if sent.tzinfo else sent.replace(tzinfo=UTC))

    def _is_behind_end(self, texts: Mapping[str, str]) -> bool:
        return any(
            (text > last) is ascends and text != last
            for name, text in texts.items()
            if (end := self._export.ends.get(name)) is not None
            for ascends, last in [end]
        )
