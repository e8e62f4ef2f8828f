"""The line with the status of a list after decisions of people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from importer.core.shared import JsonValue
from importer.writer.lines.lenient_values import text
from importer.writer.list_status import ListStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class ListLine:
    """The status of the list of the last run, after decisions of people since its end."""

    kind: ClassVar[str] = "list"
    at: str | None
    list_status: ListStatus

    def to_json(self) -> dict[str, JsonValue]:
        """Return the line as JSON: `list` and `problems` are those of an `end` line."""
        return {"kind": self.kind, "at": self.at, **self.list_status.to_json()}

    @classmethod
    def from_json(cls, line: Mapping[str, Any]) -> Self | None:
        """Return the line, or None if it has no state."""
        list_status = ListStatus.from_json(line)
        return (
            None if list_status is None else cls(at=text(line.get("at")), list_status=list_status)
        )
