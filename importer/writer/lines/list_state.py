"""The line that says where the list stands once a person has decided about rows of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from importer.shared import JsonValue
from importer.writer.lines.values import text
from importer.writer.standing import Standing

__all__ = ["ListLine"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListLine:
    """The state of the list of the last run, after what people have decided since its end."""

    kind: ClassVar[str] = "list"
    at: str | None
    standing: Standing

    def to_json(self) -> dict[str, JsonValue]:
        """Return the line as JSON: `list` and `problems` are those of an `end` line."""
        return {"kind": self.kind, "at": self.at, **self.standing.to_json()}

    @classmethod
    def from_json(cls, line: Mapping[str, Any]) -> Self | None:
        """Return the line, or None if it has no state."""
        standing = Standing.from_json(line)
        return None if standing is None else cls(at=text(line.get("at")), standing=standing)
