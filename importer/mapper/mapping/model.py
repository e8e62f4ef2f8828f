"""What a mapping is: frozen values that say where each field comes from and how it is read."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from importer.mapper.mapping.template import parse_template
from importer.mapper.values.kind import FromColumn
from importer.settings import ReadOptions
from importer.shared import ObjectName

if TYPE_CHECKING:
    from importer.mapper.schema.own_fields import OwnFields

__all__ = ["FieldMap", "FieldMapping"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldMapping:
    """
    Where one canonical field's value comes from, and how it is read.

    Exactly one of `columns` (the first that is not empty), `template` and `const` is set.
    `type` is None where the schema's kind decides. `options` are the keys that kinds add
    (`kinds.OPTIONS`), without those that have their default. With `on_error` "omit" a value that
    cannot be sent is left out of its row. `docs/mapping.md` describes the rest.
    """

    field: str
    columns: tuple[str, ...] = ()
    template: str | None = None
    const: Any = None
    type: str | None = None
    values: Mapping[str, Any] | None = None
    split: str | None = None
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    on_error: Literal["refuse", "omit"] = "refuse"

    @property
    def holds(self) -> tuple[str, ...]:
        """The columns the value is taken from, in order, each once."""
        if self.template is None:
            return self.columns
        parts = parse_template(self.template)
        return tuple(dict.fromkeys(part.text for part in parts if part.is_column))

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns the value depends on, in order, each once."""
        deciding = (one.column for one in self.options.values() if isinstance(one, FromColumn))
        return tuple(dict.fromkeys((*self.holds, *deciding)))


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldMap:
    """
    A whole mapping. `object` is None where the file leaves it to the caller.

    `sha256` is that of the file's bytes, or of them and a schema file's. `path` is None for a
    mapping that no file holds. `own` are fields beside the object's; of them the later ones win.
    """

    fields: tuple[FieldMapping, ...]
    sha256: str
    object: ObjectName | None = None
    identity: tuple[str, ...] | None = None
    read: ReadOptions = dataclasses.field(default_factory=ReadOptions)
    own: tuple[OwnFields, ...] = ()
    path: Path | None = None

    @property
    def name(self) -> str:
        """What messages call this mapping."""
        return str(self.path) if self.path is not None else "the mapping by headers"

    def with_fields(self, own: OwnFields) -> FieldMap:
        """Return the mapping with the fields of a schema file, over which its own win."""
        both = hashlib.sha256(f"{self.sha256} {own.sha256}".encode()).hexdigest()
        return replace(self, own=(own, *self.own), sha256=both)
