"""Writes all findings as a table next to the results file."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from importer.core.locale.message import Message
from importer.reconciling.findings import Finding, FindingKind
from importer.run.file_names import output_stem
from importer.writer import ExportsLine, LineStore, PendingTextFile, read_lines
from importer.writer.placement import write_table

_COLUMNS = ("row", "external_id", "finding", "action", "details")
ACTIONS = {
    FindingKind.FOUND: "record the row as created, with this id",
    FindingKind.NOT_THERE: "let the next run send the row again, with the same key",
    FindingKind.UNCLEAR: "nothing: look it up in the CRM",
    FindingKind.TWICE: "nothing: merge or delete one of the two in the CRM",
    FindingKind.DELETED: "nothing: the row counts as created, and is not sent again",
    FindingKind.EDITED: "nothing: the values of the CRM stay",
}
"""What `--apply` does with each kind of finding."""


async def place_table(
    opened: LineStore, findings: Sequence[Finding]
) -> tuple[Path | None, Sequence[Message]]:
    """
    Write `<stem>.reconcile.csv`, or remove an earlier one if there are no findings.

    Returns its path, and notices. Raises `JournalError`.
    """

    def fill(pending_file: PendingTextFile) -> None:
        writer = csv.writer(pending_file)
        if findings:
            writer.writerow(_COLUMNS)
        for one in findings:
            row = "" if one.row is None else one.row
            writer.writerow(
                [row, one.external_id or "", one.kind.value, ACTIONS[one.kind], one.details]
            )

    stem = output_stem(opened.path)
    return await write_table(opened, "reconcile", stem, fill, written=_written(opened.path))


def _written(results: Path) -> dict[str, set[str]]:
    """Return the SHA-256 of the files that are on record, by name."""
    written: dict[str, set[str]] = {}
    for line in read_lines(results, ExportsLine):
        for name, one in line.files.items():
            written.setdefault(name, set()).add(one.sha256)
    return written
