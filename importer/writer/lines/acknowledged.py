"""The line that marks all reported changes as dealt with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from importer.shared import JsonValue
from importer.writer.lines.values import text

__all__ = ["AcknowledgedLine"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgedLine:
    """A person has dealt with all changes on record so far: they are not listed any more."""

    kind: ClassVar[str] = "acknowledged"
    at: str | None

    def to_json(self) -> dict[str, JsonValue]:
        """Return the line as it is written."""
        return {"kind": self.kind, "at": self.at}

    @classmethod
    def from_json(cls, line: Mapping[str, Any]) -> Self:
        """Return the line."""
        return cls(at=text(line.get("at")))
