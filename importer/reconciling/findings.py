"""What a comparison of an import with the CRM has found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from importer.records import Outcome
from importer.shared import JsonValue

__all__ = ["Coverage", "Finding", "Kind", "Reconciliation"]


class Kind(StrEnum):
    """What was found out about a row; `docs/reconcile.md` describes each."""

    FOUND = "found"
    NOT_THERE = "not_there"
    UNCLEAR = "unclear"
    TWICE = "twice"
    DELETED = "deleted"
    EDITED = "edited"

    @property
    def is_open(self) -> bool:
        """Whether a person has to do something, whatever is recorded."""
        return self in {Kind.UNCLEAR, Kind.TWICE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """
    One finding: about which row, and which record.

    `details` says why, in words. `outcome` is what `--apply` records, or None for
    nothing, for example if an earlier comparison has recorded it.
    """

    kind: Kind
    row: int | None
    external_id: str | None = None
    details: str = ""
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """
    How many of the known records an export has.

    `known` are the records that the results file knows, `present` are those of them in the export.
    `faults` say why a record that is not in it may be in the CRM all the same; without any, the
    export is complete. If `lists_deleted`, few enough are missing that they were probably deleted.
    """

    known: int
    present: int
    faults: Sequence[str] = ()
    lists_deleted: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether a record that is not in the export is not in the CRM."""
        return not self.faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """
    What a comparison has found.

    `records` is the number of records in the export, `fields` are those that were compared.
    `is_list_there` is False if the list was not found, so that only marks could be compared.
    `file` is the path of the file with all findings, or None if there are none. With
    `is_applied`, the certain ones are on record.
    """

    export: str
    id_column: str
    records: int
    fields: Sequence[str]
    coverage: Coverage
    findings: Sequence[Finding]
    is_list_there: bool = True
    is_applied: bool = False
    file: str | None = None
    notices: Sequence[str] = field(default=())

    @property
    def counts(self) -> Mapping[str, int]:
        """The number of findings by kind."""
        found = Counter(one.kind for one in self.findings)
        return {kind.value: found[kind] for kind in Kind}

    @property
    def recordable(self) -> Sequence[Finding]:
        """The findings that `--apply` records, and that are not on record yet."""
        return [one for one in self.findings if one.outcome is not None]

    @property
    def is_open(self) -> bool:
        """Whether anything is left to do: for a person, or for `--apply`."""
        waiting = bool(self.recordable) and not self.is_applied
        return waiting or any(one.kind.is_open for one in self.findings)

    def as_dict(self) -> dict[str, JsonValue]:
        """Return the comparison as plain JSON values, as `--json` prints it."""
        return {
            "exit_code": int(self.is_open),
            "export": self.export,
            "id_column": self.id_column,
            "records": self.records,
            "fields": list(self.fields),
            "known": self.coverage.known,
            "known_in_export": self.coverage.present,
            "is_complete": self.coverage.is_complete,
            "incomplete_because": list(self.coverage.faults),
            "is_list_there": self.is_list_there,
            "counts": dict(self.counts),
            "recorded": len(self.recordable) if self.is_applied else 0,
            "file": self.file,
            "notices": list(self.notices),
        }
