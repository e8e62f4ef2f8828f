"""The lines about runs: their beginnings, mappings and ends, files, and decisions of people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

import msgspec
from msgspec import field
from msgspec.structs import replace

from importer.core.locale.message import Message, of_parts, with_parts
from importer.core.row_marks import Where
from importer.core.shared import JsonValue, fitting
from importer.core.verdict import Verdict
from importer.writer.lines.line import ResultLine, written
from importer.writer.list_status import ListStatus

SLICE_OVER = Message("the slice of time was over")
"""In the reason for a stop after which another worker of a fleet goes on."""

_Rows = tuple[Where, ...]


class _LineValue(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A value in a line."""


class SourceRecord(_LineValue, frozen=True, kw_only=True):
    """
    The sources of a run: their names, total size, hash and number of rows.

    With `is_derived` the sources are derived files of an import, and not the list itself. `columns`
    are the names of all columns, or empty if they are not on record.
    """

    name: str | None
    bytes: int | None
    sha256: str | None
    rows: int | None
    is_derived: bool = False
    columns: tuple[str, ...] = ()


class RunLine(ResultLine, frozen=True, kw_only=True):
    """
    A run begins. Later runs compare themselves with this line. It contains no secret.

    `salt` is that of the hashes in this results file (`importer.matching.hashes`). `command` is the
    command that has written the lines of this run, or None for an import.
    """

    run: str | None
    at: str | None
    version: str | None
    object: str | None
    base_url: str | None
    source: SourceRecord | None
    mapping_sha256: str | None
    api_key_sha256_8: str | None
    settings: Mapping[str, Any]
    pid: int | None
    host: str | None
    salt: str | None
    command: str | None = None
    undone: _Rows = ()

    @classmethod
    def from_json(cls, line: Mapping[str, Any]) -> Self | None:
        """Return the line; missing values are None."""
        settings = line.get("settings")
        return super().from_json(
            {**line, "settings": settings if isinstance(settings, dict) else {}}
        )

    @property
    def is_of_list(self) -> bool:
        """Whether its sources are a list, and not derived files of an import."""
        return self.source is not None and not self.source.is_derived

    @property
    def list_name(self) -> str | None:
        """The name of the list for people: its address, if its files were copies."""
        called = self.settings.get("called")
        if isinstance(called, list) and called:
            return ", ".join(map(str, called))
        return self.source.name if self.source else None

    @property
    def decides(self) -> str:
        """A text of all settings that decided which rows were the same record."""
        return self.decided_by(self.object, self.mapping_sha256, self.settings)

    @staticmethod
    def decided_by(
        object_: str | None, mapping_sha256: str | None, settings: Mapping[str, Any]
    ) -> str:
        """Return `decides` of a run with this object, mapping and settings."""
        read = settings.get("read")
        nulls = read.get("null") if isinstance(read, Mapping) else None
        namespace, on_duplicate = (
            settings.get("namespace", ""),
            settings.get("on_duplicate", "skip"),
        )
        return json.dumps([object_, mapping_sha256, nulls or [], namespace, on_duplicate])


_OF_THE_FILE = {"sha256", "path"}
"""What a mapping says of its file, which may be moved, or get a comment."""


class MappingLine(ResultLine, frozen=True, kw_only=True):
    """
    The mapping of a run, recorded once for each file, so that later runs can recognise its rows.

    `mapping` is a `FieldMap` as JSON; `null` are the additional texts that meant "empty".
    """

    at: str | None
    object: str
    mapping: Mapping[str, Any]
    null: tuple[str, ...] = written(())
    namespace: str = written("")

    @property
    def sha256(self) -> str | None:
        """The SHA-256 of the mapping's file, as in the lines of its runs."""
        found = self.mapping.get("sha256")
        return found if isinstance(found, str) else None

    def is_of_the_same_file(self, other: MappingLine) -> bool:
        """Return whether both are what is to be recorded of one file."""
        return self.sha256 == other.sha256 and self.makes_the_same(other)

    def makes_the_same(self, other: MappingLine) -> bool:
        """Return whether both give the same records and keys for the same rows."""
        return self._rules == other._rules

    @property
    def _rules(self) -> tuple[Any, ...]:
        rules = {name: one for name, one in self.mapping.items() if name not in _OF_THE_FILE}
        return self.object, rules, self.null, self.namespace


class FileRecord(_LineValue, frozen=True, kw_only=True):
    """
    A derived file that the importer has written: its SHA-256 in hex, and its size in bytes.

    With `is_edited` it has corrected or added rows that are nowhere else.
    """

    sha256: str
    bytes: int
    is_edited: bool = False


class ExportsLine(ResultLine, frozen=True, kw_only=True):
    """
    Derived files, by name, that a run is about to move into the folder of the results file.

    By this line a later run recognises the importer's files, and whether somebody has edited them.
    """

    run: str | None
    at: str | None
    files: Mapping[str, FileRecord]


class ExportsRecord(_LineValue, frozen=True, kw_only=True):
    """
    The derived files of a run.

    `made_of` is a hash of everything that their content depends on. `rows` has the number of rows
    by kind, `files` the name, size in bytes and time of change in nanoseconds by kind.
    `list_status` is the status of the list at that time, which has its own names in the line.
    """

    made_of: str
    rows: Mapping[str, int]
    files: Mapping[str, tuple[str, int, int]]
    list_status: ListStatus | None = None

    def paths(self, folder: Path) -> dict[str, Path]:
        """
        Return the files that are there, by kind.

        `export` may have written the failed file in the other form since.
        """
        found = {kind: folder / name for kind, (name, _, _) in self.files.items()}
        failed = found.get("failed")
        if failed is not None and not failed.exists():
            found["failed"] = failed.with_suffix(".csv" if failed.suffix == ".xlsx" else ".xlsx")
        return {kind: path for kind, path in found.items() if path.exists()}


class EndLine(ResultLine, frozen=True, kw_only=True):
    """
    A run ended: `read` is `before` + the sum of `counts` + `unsent`.

    `rows` is the number of rows in the source, or None if not all were read. `left` is the number
    of rows without an outcome. `changes` counts values that were sent in another form than in the
    source, by field and change, among the created rows; None if that is not on record. `shape`
    describes the list (`importer.run.guards`); None if no guard has sampled it. `verdict` is that
    on the list; None in lines of earlier versions.
    """

    run: str | None
    at: str | None
    exit_code: int | None = None
    read: int | None = None
    rows: int | None = None
    before: int | None = None
    unsent: int | None = None
    left: int | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    requests: int | None = None
    stopped: Message | None = None
    exports: ExportsRecord | None = None
    changes: Mapping[tuple[str, str], int] | None = None
    shape: Mapping[str, Any] | None = None
    verdict: Verdict | None = None

    @property
    def list_status(self) -> ListStatus | None:
        """The status of the list at the end of the run, if it is on record."""
        return self.exports.list_status if self.exports else None

    @property
    def adds_up(self) -> bool | None:
        """Whether each row that was read is accounted for, or None if that is not known."""
        if self.read is None or self.before is None or self.unsent is None:
            return None
        return self.read == self.before + sum(self.counts.values()) + self.unsent

    @property
    def is_of_slice(self) -> bool:
        """Whether a worker has only handed the rows to others; nobody is notified of that."""
        return self.stopped is not None and SLICE_OVER.code in self.stopped.codes()

    def to_json(self) -> dict[str, JsonValue]:
        """Return the line as JSON."""
        list_status = self.list_status
        form: dict[str, JsonValue] = {
            "kind": self.kind,
            "run": self.run,
            "at": self.at,
            "exit_code": self.exit_code,
            "read": self.read,
            "rows": self.rows,
            "before": self.before,
            "unsent": self.unsent,
            "left": self.left,
            "counts": dict(self.counts),
            "requests": self.requests,
            "stopped": self.stopped,
            "exports": _exports_to_json(self.exports),
            **({} if self.changes is None else {"changes": _changes_to_json(self.changes)}),
            **({} if self.shape is None else {"shape": self.shape}),
            **({} if self.verdict is None else {"verdict": self.verdict.to_json()}),
            **(list_status.to_json() if list_status else {"list": None, "problems": None}),
        }
        return with_parts(form)

    @classmethod
    def from_json(cls, line: Mapping[str, Any]) -> Self | None:
        """Return the line; missing values are None."""
        parts = {
            "stopped": _stopped(line),
            "exports": _exports(line),
            "changes": _changes(line.get("changes")),
            "verdict": Verdict.from_json(line.get("verdict")),
        }
        return super().from_json({**line, **parts})


def _stopped(line: Mapping[str, Any]) -> Message | None:
    if not isinstance(line.get("stopped"), str):
        return None
    return of_parts(line, "stopped")["stopped"]


def _exports(line: Mapping[str, Any]) -> ExportsRecord | None:
    """Return the record of the derived files, or None if they have to be written again."""
    exports = fitting(line.get("exports"), ExportsRecord)
    return exports and replace(exports, list_status=ListStatus.from_json(line))


def _exports_to_json(exports: ExportsRecord | None) -> JsonValue:
    form: JsonValue = msgspec.to_builtins(exports and replace(exports, list_status=None))
    return form


class _CountedChange(_LineValue, frozen=True, kw_only=True):
    field: str
    what: str
    count: int


def _changes_to_json(changes: Mapping[tuple[str, str], int]) -> JsonValue:
    return [
        {"field": field, "what": what, "count": count} for (field, what), count in changes.items()
    ]


def _changes(form: object) -> Mapping[tuple[str, str], int] | None:
    found = fitting(form, list[_CountedChange])
    return None if found is None else {(one.field, one.what): one.count for one in found}


class ListLine(ResultLine, frozen=True, kw_only=True):
    """The status of the list of the last run, after decisions of people since its end."""

    at: str | None
    list_status: ListStatus = field(name="list")

    def to_json(self) -> dict[str, JsonValue]:
        """Return the line as JSON: `list` and `problems` are those of an `end` line."""
        return {"kind": self.kind, "at": self.at, **self.list_status.to_json()}

    @classmethod
    def from_json(cls, line: Mapping[str, Any]) -> Self | None:
        """Return the line, or None if it has no status."""
        return super().from_json({**line, "list": ListStatus.from_json(line)})


class AcknowledgedLine(ResultLine, frozen=True, kw_only=True):
    """
    A person has decided about rows on record so far.

    Each row is a source hash and an occurrence. The rows `same` are the records they were compared
    with; the rows `new` are somebody else. `earlier` are older versions of these rows, which need
    no decision any more. Without `same` and `new`, all changes on record are dealt with.
    """

    must_fit: ClassVar = frozenset({"same", "new", "earlier"})

    same: _Rows = ()
    new: _Rows = ()
    earlier: _Rows = ()
    at: str | None

    @property
    def is_about_changes(self) -> bool:
        """Whether it is about all changes, and not about single rows."""
        return not self.same and not self.new


class VanishedLine(ResultLine, frozen=True, kw_only=True):
    """
    The rows of these records have vanished from the list, and a run has reported it.

    The records in `returned` have a row again.
    """

    run: str | None
    at: str | None
    external_ids: tuple[str, ...]
    returned: tuple[str, ...] = ()
