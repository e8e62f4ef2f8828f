"""The lines and records of derived files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from importer.core.shared import JsonValue
from importer.writer.lines.lenient_values import text
from importer.writer.list_status import ListStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRecord:
    """
    A derived file that the importer has written: its SHA-256 in hex, and its size in bytes.

    With `is_edited` it has corrected or added rows that are nowhere else.
    """

    sha256: str
    bytes: int
    is_edited: bool = False

    def to_json(self) -> dict[str, JsonValue]:
        """Return the value of a file in an `exports` line."""
        values: dict[str, JsonValue] = {"sha256": self.sha256, "bytes": self.bytes}
        return values | ({"is_edited": True} if self.is_edited else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportsLine:
    """
    Derived files, by name, that a run is about to move into the folder of the results file.

    By this line a later run recognises the importer's files, and whether somebody has edited them.
    """

    kind: ClassVar[str] = "exports"
    run: str | None
    at: str | None
    files: Mapping[str, FileRecord]

    def to_json(self) -> dict[str, JsonValue]:
        """Return the line as JSON."""
        files: dict[str, JsonValue] = {name: one.to_json() for name, one in self.files.items()}
        return {"kind": self.kind, "run": self.run, "at": self.at, "files": files}

    @classmethod
    def from_json(cls, line: Mapping[str, Any]) -> Self | None:
        """Return the line, or None if it names no files."""
        try:
            files = {
                str(name): FileRecord(
                    sha256=str(one["sha256"]),
                    bytes=int(one["bytes"]),
                    is_edited=one.get("is_edited") is True,
                )
                for name, one in line["files"].items()
            }
        except (KeyError, TypeError, ValueError, OverflowError, AttributeError):
            return None
        return cls(run=text(line.get("run")), at=text(line.get("at")), files=files)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportsRecord:
    """
    The derived files of a run.

    `made_of` is a hash of everything that their content depends on. `rows` has the number of rows
    by kind, `files` the name, size in bytes and time of change in nanoseconds by kind.
    `list_status` is the status of the list at that time.
    """

    made_of: str
    rows: Mapping[str, int]
    files: Mapping[str, tuple[str, int, int]]
    list_status: ListStatus | None = None

    def to_json(self) -> dict[str, JsonValue]:
        """Return the value of `exports` in an `end` line."""
        return {
            "made_of": self.made_of,
            "rows": dict(self.rows),
            "files": {kind: list(found) for kind, found in self.files.items()},
        }

    @classmethod
    def from_json(cls, value: object, list_status: ListStatus | None = None) -> Self | None:
        """Return the record, or None if the files have to be written again."""
        if not isinstance(value, Mapping):
            return None
        try:
            return cls(
                made_of=str(value["made_of"]),
                rows={str(name): int(count) for name, count in value["rows"].items()},
                files={
                    str(kind): (str(name), int(size), int(changed))
                    for kind, (name, size, changed) in value["files"].items()
                },
                list_status=list_status,
            )
        except (KeyError, TypeError, ValueError, OverflowError, AttributeError):
            return None
