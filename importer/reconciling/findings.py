"""The findings of a comparison of an import with the CRM."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from importer.core.locale.message import Message
from importer.core.records import Outcome


class FindingKind(StrEnum):
    """A kind of finding; `docs/reconcile.md` describes each."""

    FOUND = "found"
    NOT_THERE = "not_there"
    UNCLEAR = "unclear"
    TWICE = "twice"
    DELETED = "deleted"
    EDITED = "edited"

    @property
    def is_open(self) -> bool:
        """Whether a person has to do something, also after `--apply`."""
        return self in {FindingKind.UNCLEAR, FindingKind.TWICE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """
    One finding about a row and a record.

    `details` says why, in words. `--apply` records `outcome`; it is None if there is nothing to
    record, for example because an earlier comparison has done so.
    """

    kind: FindingKind
    row: int | None
    external_id: str | None = None
    details: str = ""
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """
    How many of the known records an export has.

    `known` counts the records of the results file, `present` those of them in the export. `faults`
    say why the CRM may have a record that the export lacks; without faults the export is complete.
    With `lists_deleted` so few records are missing that somebody has probably deleted them.
    """

    known: int
    present: int
    faults: Sequence[str] = ()
    lists_deleted: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether the export has all records of the CRM."""
        return not self.faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """
    The result of a comparison.

    `records` is the number of records in the export, `fields` are the compared fields.
    `is_list_there` is False if the list was not found: then only match hashes were compared. `file`
    is the path of the file with all findings, or None if there are none. With `is_applied`, the
    certain findings are on record.
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
    notices: Sequence[Message] = field(default=())

    @property
    def counts(self) -> Mapping[str, int]:
        """The number of findings by kind."""
        found = Counter(one.kind for one in self.findings)
        return {kind.value: found[kind] for kind in FindingKind}

    @property
    def recordable(self) -> Sequence[Finding]:
        """The findings that `--apply` still has to record."""
        return [one for one in self.findings if one.outcome is not None]

    @property
    def is_open(self) -> bool:
        """Whether anything is left to do: for a person, or for `--apply`."""
        waiting = bool(self.recordable) and not self.is_applied
        return waiting or any(one.kind.is_open for one in self.findings)
