"""Decides what became of each row, by an export of the CRM. Does no I/O."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from importer.core.locale.message import Message
from importer.core.records import Origin, Outcome, RowError, Status
from importer.core.row_marks import Where
from importer.reconciling.coverage import ExportJudge
from importer.reconciling.creation_days import day_of
from importer.reconciling.export_matcher import ExportMatcher
from importer.reconciling.findings import Finding, FindingKind
from importer.reconciling.list_rows import ListedRow
from importer.writer.created_records import CreatedRecords, OpenRequest
from importer.writer.state.idempotency_keys import NOT_THERE

_NAMED = 3
"""How many candidates are named."""


@dataclass(frozen=True, slots=True)
class Decider:
    """
    Turns what a matcher has found into findings.

    `export` is the name of the export.
    """

    made: CreatedRecords
    matcher: ExportMatcher
    judge: ExportJudge
    export: str

    def findings(self) -> list[Finding]:
        """Return all findings, those about open requests first."""
        return [*self._about_requests(), *self._twice(), *self._deleted(), *self._edited()]

    # Rows without a clear answer

    def _about_requests(self) -> Iterator[Finding]:
        paired = self._pairs()
        listed = set()
        for at, row in enumerate(self.matcher.rows):
            if row.request is not None:
                listed.add(row.request.base)
                yield self._about(row, self.matcher.same[at], paired.get(at))
        for request in self.made.requests:
            if request.base not in listed:
                why = (
                    "the row it was made for was corrected in a derived file"
                    if request.state.corrected is not None
                    else "the row as it was sent is not in the list"
                )
                yield self._unclear(request, why, self.matcher.alike.get(request.base, ()))

    def _about(
        self, row: ListedRow, same: Mapping[str, Mapping[str, date]], pair: str | None
    ) -> Finding:
        request = row.request
        assert request is not None  # noqa: S101 - only such rows have candidates
        first = day_of(request.state.sent_at)
        if pair is not None and self.matcher.days.was_there(same[pair], first):
            there = "a record has its content, and was there before the request"
            return self._unclear(request, there, [pair])
        if pair is not None:
            return _found(row, request, pair)
        if same:
            return self._unclear(request, "several rows or records have its content", same)
        alike = self.matcher.alike.get(request.base, ())
        why = self._why_not_sure(row, request, alike)
        if request.state.is_cleared or why is not None:
            return self._unclear(request, why or "", alike)
        return _not_there(row, request, self.export)

    def _why_not_sure(
        self, row: ListedRow, request: OpenRequest, alike: Collection[str]
    ) -> str | None:
        """Return why a row may have a record although the export has none for it, or None."""
        if alike:
            return "only some of its values are in the export"
        if row.identity is None and not row.identifying:
            return "the export has no column by which it could be told"
        return self.judge.why_not_covered(request, row.texts)

    def _unclear(self, request: OpenRequest, why: str, candidates: Collection[str]) -> Finding:
        if request.state.is_cleared and not candidates:
            return Finding(
                kind=FindingKind.NOT_THERE,
                row=request.state.row,
                details="it is on record as not there",
            )
        named = [*candidates][:_NAMED]
        more = f" and {len(candidates) - _NAMED} more" if len(candidates) > _NAMED else ""
        seen = f"; it may be {', '.join(named)}{more}" if named else ""
        return Finding(
            kind=FindingKind.UNCLEAR,
            row=request.state.row,
            external_id=named[0] if len(candidates) == 1 else None,
            details=why + seen,
        )

    def _pairs(self) -> dict[int, str]:
        """
        Return the record of each row, by its place, if there is only one way to pair them.

        Equal rows are interchangeable: n equal rows have n equal records in any order.
        """
        takers: dict[str, list[int]] = defaultdict(list)
        for at, same in self.matcher.same.items():
            for one in same:
                takers[one].append(at)
        pairs = {}
        for at, same in self.matcher.same.items():
            records = [*same]
            rows = takers[records[0]] if records else []
            if self._is_one_way(at, rows, records):
                pairs[at] = records[rows.index(at)]
        return pairs

    def _is_one_way(self, at: int, rows: Sequence[int], records: Sequence[str]) -> bool:
        mine = self.matcher.rows[at]
        return (
            bool(records)
            and len(rows) == len(records)
            and all(
                [*self.matcher.same[one]] == [*records]
                and self.matcher.rows[one].prints == mine.prints
                for one in rows
            )
            and len({_place(self.matcher.rows[one]) for one in rows}) == len(rows)
            and all(
                known in self.matcher.present
                for one in records
                for known in self.matcher.rivals.get(one, ())
            )
        )

    # Records that are known

    def _twice(self) -> Iterator[Finding]:
        for known, others in self.matcher.twice.items():
            if known in self.matcher.present:
                for other in others:
                    yield Finding(
                        kind=FindingKind.TWICE,
                        row=self.made.records[known].row,
                        external_id=other,
                        details=f"it has the content of {known}, which was made of this row",
                    )

    def _deleted(self) -> Iterator[Finding]:
        if not self.judge.coverage.lists_deleted:
            return
        for known, record in self.made.records.items():
            if known not in self.matcher.present:
                others = self.matcher.twice.get(known, ())
                again = f"; {', '.join(others)} has its content" if others else ""
                yield Finding(
                    kind=FindingKind.DELETED,
                    row=record.row,
                    external_id=known,
                    details=f"it is not in the CRM any more{again}",
                )

    def _edited(self) -> Iterator[Finding]:
        for known, fields in self.matcher.edited.items():
            yield Finding(
                kind=FindingKind.EDITED,
                row=self.made.records[known].row,
                external_id=known,
                details=", ".join(fields),
            )


def _place(row: ListedRow) -> Where | None:
    request = row.request
    return None if request is None else request.where


def _found(row: ListedRow, request: OpenRequest, record: str) -> Finding:
    outcome = _outcome(row, request, Status.CREATED, external_id=record)
    details = "the record was made; its answer was lost"
    return Finding(
        kind=FindingKind.FOUND, row=row.number, external_id=record, details=details, outcome=outcome
    )


def _not_there(row: ListedRow, request: OpenRequest, export: str) -> Finding:
    error = RowError(
        code=NOT_THERE,
        origin=Origin.TRANSPORT,
        message=Message(
            "a request for this row left at %(at)s and no clear answer came; the CRM has no "
            "record of it (%(name)s)",
            at=request.sent_at,
            name=export,
        ),
        hint=Message("Run the same command again: it is sent with the same key."),
        retryable=True,
    )
    return Finding(
        kind=FindingKind.NOT_THERE,
        row=row.number,
        details="the CRM has no record of it",
        outcome=_outcome(row, request, Status.UNKNOWN, error=error),
    )


def _outcome(
    listed: ListedRow,
    request: OpenRequest,
    status: Status,
    *,
    external_id: str | None = None,
    error: RowError | None = None,
) -> Outcome:
    assert listed.form is not None  # noqa: S101 - a row with a request has it
    record = listed.form.record
    return Outcome(
        number=record.row.number,
        line=record.row.line,
        source=record.row.source,
        source_hash=request.state.source_hash,
        occurrence=request.state.occurrence,
        status=status,
        row_hash=listed.form.row_hash,
        idempotency_key=request.state.key(request.base),
        external_id=external_id,
        error=error,
        left_out=record.left_out,
        kept=record.kept,
    )
