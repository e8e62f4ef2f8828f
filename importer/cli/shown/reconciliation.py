"""Shows what a comparison with an export of the CRM has found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from importer.cli.text import LONGEST, counted, cut

if TYPE_CHECKING:
    from importer.reconciling import Finding, Reconciliation

__all__ = ["render_reconciliation"]

_SHOWN = 5
"""How many findings of a kind are shown; all of them are in the file."""


def render_reconciliation(found: Reconciliation, results: str) -> str:
    """Return the findings as text for a person."""
    return "\n".join([*_head(found), *_table(found), *_end(found, results)])


def _head(found: Reconciliation) -> Iterator[str]:
    coverage = found.coverage
    records = counted(found.records, "record")
    yield f"Export   {found.export}: {records}, their ids in {found.id_column!r}"
    yield f"Compared {', '.join(found.fields) or 'nothing but ids'}"
    yield f"Known    {coverage.present:,} of the {coverage.known:,} records on record are in it"
    for fault in coverage.faults:
        yield f"note: no row is taken to be missing in the CRM: {cut(fault, LONGEST)}"
    if not found.is_list_there and found.counts["unclear"]:
        yield "note: the list is not there unchanged, so nothing is certain: name it with --source"


def _table(found: Reconciliation) -> Iterator[str]:
    from importer.reconciling import ACTIONS, FindingKind

    if not found.findings:
        yield ""
        yield "Every row has a clear answer, and the CRM has what was made."
        return
    for kind in FindingKind:
        of_kind = [one for one in found.findings if one.kind is kind]
        if of_kind:
            yield ""
            yield f"{len(of_kind):>9,} {kind.replace('_', ' ')}: {ACTIONS[kind]}"
            yield from (f"          {_line(one)}" for one in of_kind[:_SHOWN])
            if len(of_kind) > _SHOWN:
                yield f"          and {len(of_kind) - _SHOWN:,} more"


def _line(one: Finding) -> str:
    row = "a row" if one.row is None else f"row {one.row}"
    record = f" {one.external_id}" if one.external_id is not None else ""
    return cut(f"{row}{record}: {one.details}", LONGEST)


def _end(found: Reconciliation, results: str) -> Iterator[str]:
    if found.file is not None:
        yield ""
        yield f"Findings {found.file}"
    recordable = len(found.recordable)
    if found.is_applied and recordable:
        yield f"Recorded {recordable:,} findings in {results}"
    elif recordable:
        yield f"Nothing is recorded yet: add --apply to record the {recordable:,} that are certain."
