"""What commands print with `--json`: one dataclass for each kind of object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

from importer.errors import ImporterError
from importer.records import Status, Summary
from importer.verdict import Verdict

__all__ = [
    "DecisionsDocument",
    "DemoDocument",
    "Failed",
    "FilesDocument",
    "FolderDocument",
    "JournalDocument",
    "ListsDocument",
    "PageDocument",
    "ReportDocument",
    "RunDocument",
    "SandboxDocument",
    "ScheduleDocument",
    "UndoDocument",
    "UpdatesDocument",
    "fields_of",
    "nothing_done",
]


def fields_of(value: Any) -> dict[str, Any]:
    """Return the fields of a dataclass by name, for a document that has them too."""
    return {one.name: getattr(value, one.name) for one in fields(value)}


def nothing_done(error: ImporterError) -> dict[str, Any]:
    """Return what `run` and `check` both say of an import that has not begun."""
    return {
        "exit_code": error.exit_code,
        "stopped": error.message,
        "hint": error.hint,
        "object": "",
        "read": 0,
        "before": 0,
        "counts": dict.fromkeys((status.value for status in Status), 0),
        "requests": 0,
        "seconds": 0.0,
        "results": "",
        "verdict": Verdict(object="", why=error.message),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A command that did not do what was asked: why, and what to do next."""

    exit_code: int
    stopped: str
    hint: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDocument(Summary):
    """A run, as the `Summary` of the library has it. `next` is the command to go on with."""

    next: str | None

    @classmethod
    def of(cls, summary: Summary, following: str | None) -> Self:
        """Return the document of a run, and of the command to go on with."""
        return cls(**fields_of(summary), next=following)

    @classmethod
    def failed(cls, error: ImporterError) -> Self:
        """Return the document of a run that has not begun."""
        return cls(run="", unsent=0, next=None, **nothing_done(error))


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderDocument:
    """The runs of a folder of jobs, by the names of the jobs, and the most serious exit code."""

    exit_code: int
    jobs: Mapping[str, RunDocument]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesDocument:
    """The derived files: a path, or null where a file would have no rows."""

    success: str | None = None
    failed: str | None = None
    unsent: str | None = None
    changed: str | None = None
    vanished: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalDocument:
    """The results file of a job of a fleet, and its size in bytes."""

    results: str
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDocument:
    """The path of a report."""

    report: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionsDocument:
    """
    What a person has decided.

    `changes` is true if all changes are dealt with. `same` and `new` count rows, `undecided` the
    possible duplicates that are left. `files` is null if the next run writes them, and `next` is
    the command to go on with.
    """

    changes: bool
    same: int
    new: int
    undecided: int
    files: Mapping[str, str | None] | None
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatesDocument:
    """
    The file of changes, or null if there are none, and how many records and values it has.

    `fields` counts the values by field. `emptied` records have a field that is empty now, `whole`
    records have all fields.
    """

    updates: str | None
    records: int
    fields: Mapping[str, int]
    emptied: int
    whole: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoDocument:
    """
    The list of records to delete, or null if there are none, and how many it has.

    `unclear` requests may have made a record that is not in it.
    """

    undo: str | None
    records: int
    unclear: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleDocument:
    """The files that start a job, with their text, by name: by path if they were written."""

    files: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxDocument:
    """Where a sandbox listens, and with which keys."""

    url: str
    endpoint: str
    api_key: str
    api_key_without_scope: str
    crm: str
    db: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageDocument:
    """Where the page is: `start` works once, `file` is a file that leads to it again."""

    url: str
    start: str
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoDocument:
    """The imports of the demo by list, and how many records the sandbox has. `folder` has all."""

    lists: Mapping[str, Summary]
    records: int
    folder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListsDocument:
    """The paths of the sample lists."""

    lists: Sequence[str]
