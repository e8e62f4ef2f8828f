"""Reads the rows of success files: which rows of the list they are, and their records."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from importer.core.errors import UsageError
from importer.core.records import Row, Status
from importer.core.row_marks import RowMark, Where
from importer.run.survey import Survey

_WITHOUT_RECORD = {Status.INVALID, Status.POSSIBLE_DUPLICATE}


@dataclass(frozen=True, slots=True, kw_only=True)
class SuccessRow:
    """
    A row of the list with its record: it is the `occurrence`-th row with this source hash.

    It `is_edited` if it has another content than it had in the list, and `is_changed` if it was
    reported as changed since it was sent.
    """

    row: Row
    source_hash: str
    occurrence: int
    external_id: str
    record_url: str | None
    is_edited: bool
    is_changed: bool


@dataclass(slots=True)
class RowsRead:
    """
    The `rows` with a record, each once.

    `without_record` counts the rows that have none, or only maybe one, `copies` those that name
    another row's.
    """

    rows: list[SuccessRow] = field(default_factory=list)
    without_record: int = 0
    copies: int = 0


def success_rows(survey: Survey, results: str) -> RowsRead:
    """
    Return the rows with a record in success and changed files of the results file with this name.

    Several files may have the same rows. Raises `UsageError` if a file is no success file, or of
    another import, or if two of them name different records for a row.
    """
    _refuse_others(survey, results)
    found, seen, known = RowsRead(), Counter[str](), dict[Where, SuccessRow]()
    source = ""
    for batch in survey.batches():
        for index, content in enumerate(batch.hashes):
            row, mark = batch.row(index), batch.marks.get(index)
            if row.source != source:
                source, seen = row.source, Counter()
            seen[content] += 1
            has_none = mark is None or not mark.external_id or mark.status in _WITHOUT_RECORD
            if mark is None or has_none or not isinstance(row, Row):
                found.without_record += 1
                continue
            one = _success_row(row, mark, content, seen[content])
            _add(one, found, known)
    if not found.rows:
        raise UsageError(
            "%(name)s: no row has a record",
            name=survey.name,
            hint="Name the success file of the import.",
        )
    return found


def _refuse_others(survey: Survey, results: str) -> None:
    for (file, _), refs in zip(survey.files, survey.refs, strict=True):
        if refs and results not in refs:
            raise UsageError(
                "%(name)s has rows of %(names)s, and not of %(path)s",
                name=file.name,
                names=", ".join(sorted(refs)),
                path=results,
                hint="Recover the results file with that name; it can be renamed afterwards.",
            )
        if ".failed." in file.name:
            raise UsageError(
                "%(name)s is no success file",
                name=file.name,
                hint="Name the success file of the import.",
            )


def _success_row(row: Row, mark: RowMark, content: str, nth: int) -> SuccessRow:
    ref = mark.ref
    return SuccessRow(
        row=row,
        source_hash=content if ref is None else ref.source_hash,
        occurrence=nth if ref is None else ref.occurrence,
        external_id=mark.external_id,
        record_url=mark.record_url or None,
        is_edited=ref is not None and ref.source_hash != content,
        is_changed=mark.status == Status.CHANGED,
    )


def _add(one: SuccessRow, found: RowsRead, known: dict[Where, SuccessRow]) -> None:
    """Add a row, unless an earlier file has it, or it is a copy of another row."""
    where = one.source_hash, one.occurrence
    first = known.setdefault(where, one)
    if first is one:
        found.rows.append(one)
    elif first.row.source == one.row.source:
        found.copies += 1
    elif first.external_id != one.external_id:
        raise UsageError(
            "%(name)s, row %(number)s: its record is %(value)s, and %(value_2)s in %(name_2)s",
            name=one.row.source,
            number=one.row.number,
            value=one.external_id,
            value_2=first.external_id,
            name_2=first.row.source,
            hint="They are success files of different imports: recover each by itself.",
        )
