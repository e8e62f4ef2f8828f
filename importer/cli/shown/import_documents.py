"""What commands about an import on record print with `--json`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from importer.cli.documents import document_of
from importer.reconciling.findings import Reconciliation
from importer.report.import_status import ImportStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusDocument(ImportStatus):
    """
    The state of an import, as the `ImportStatus` of the library has it.

    `rows` is the number of rows of the list, and `next` the command to go on with. `last_run` and
    `last_end` are lines of the results file, as they are.
    """

    also_printed: ClassVar = ("rows",)

    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationDocument:
    """
    What a comparison with an export of the CRM has found.

    `records` is the number of records in the export, `fields` are those that were compared. Of the
    `known` records of the import, the export has `known_in_export`. It `is_complete` unless
    something in `incomplete_because` speaks against it. `counts` are findings by kind, `recorded`
    of them were put on record, and `file` has all, or is null if there are none.
    """

    exit_code: int
    export: str
    id_column: str
    records: int
    fields: Sequence[str]
    known: int
    known_in_export: int
    is_complete: bool
    incomplete_because: Sequence[str]
    is_list_there: bool
    counts: Mapping[str, int]
    recorded: int
    file: str | None
    notices: Sequence[str]

    @classmethod
    def of(cls, found: Reconciliation) -> Self:
        """Return the document of a comparison."""
        coverage = found.coverage
        return document_of(
            cls,
            found,
            exit_code=int(found.is_open),
            known=coverage.known,
            known_in_export=coverage.present,
            is_complete=coverage.is_complete,
            incomplete_because=coverage.faults,
            recorded=len(found.recordable) if found.is_applied else 0,
        )
