"""The line that says what a person has decided about changes and possible duplicates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from importer.core.shared import JsonValue
from importer.writer.lines.lenient_values import text

_NAMES = ("same", "new", "earlier")
_Rows = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgedLine:
    """
    A person has decided about rows on record so far.

    Each row is a source hash and an occurrence. The rows `same` are the records they were compared
    with; the rows `new` are somebody else. `earlier` are older versions of these rows, which need
    no decision any more. Without `same` and `new`, all changes on record are dealt with.
    """

    kind: ClassVar[str] = "acknowledged"
    at: str | None
    same: _Rows = ()
    new: _Rows = ()
    earlier: _Rows = ()

    @property
    def is_about_changes(self) -> bool:
        """Whether it is about all changes, and not about single rows."""
        return not self.same and not self.new

    def to_json(self) -> dict[str, JsonValue]:
        """Return the line as it is written."""
        decided: dict[str, JsonValue] = {
            name: [list(one) for one in rows]
            for name, rows in zip(_NAMES, (self.same, self.new, self.earlier), strict=True)
            if rows
        }
        return {"kind": self.kind, **decided, "at": self.at}

    @classmethod
    def from_json(cls, line: Mapping[str, Any]) -> Self | None:
        """Return the line, or None if what it decides about cannot be read."""
        try:
            same, new, earlier = (
                tuple((str(one), int(nth)) for one, nth in line.get(name) or ()) for name in _NAMES
            )
        except (TypeError, ValueError):
            return None
        return cls(at=text(line.get("at")), same=same, new=new, earlier=earlier)
