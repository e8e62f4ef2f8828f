"""The line about records whose rows are not in the list any more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from importer.core.shared import JsonValue
from importer.writer.lines.lenient_values import text, texts


@dataclass(frozen=True, slots=True, kw_only=True)
class VanishedLine:
    """The rows of these records have vanished from the list, and a run has reported it."""

    kind: ClassVar[str] = "vanished"
    run: str | None
    at: str | None
    external_ids: tuple[str, ...]

    def to_json(self) -> dict[str, JsonValue]:
        """Return the line as it is written."""
        return {
            "kind": self.kind,
            "run": self.run,
            "at": self.at,
            "external_ids": list(self.external_ids),
        }

    @classmethod
    def from_json(cls, line: Mapping[str, Any]) -> Self:
        """Return the line."""
        return cls(
            run=text(line.get("run")),
            at=text(line.get("at")),
            external_ids=texts(line.get("external_ids")),
        )
