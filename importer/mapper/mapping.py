"""What a mapping is: frozen values that say where each field comes from and how it is read."""

from __future__ import annotations

from collections.abc import Mapping as MappingABC
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from importer.config import ObjectName, ReadOptions
from importer.mapper.template import parse_template

__all__ = ["OWN_PREFIX", "TYPES", "FieldMapping", "Mapping"]

TYPES = ("text", "integer", "decimal", "boolean", "date", "datetime")
"""The types a field can be read as in this version."""

OWN_PREFIX = "vorel_"
"""Begins the columns the importer adds to its success and failed files; they are never read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldMapping:
    """
    Where one canonical field's value comes from, and how it is read.

    Exactly one of `columns` (the first that is not empty), `template` and `const` is set.
    `type` is None where the schema's kind decides.
    """

    field: str
    columns: tuple[str, ...] = ()
    template: str | None = None
    const: Any = None
    type: str | None = None
    values: MappingABC[str, Any] | None = None
    split: str | None = None
    formats: tuple[str, ...] = ()
    timezone: str | None = None
    decimal_mark: str | None = None

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns the value depends on, in order, each once."""
        if self.template is None:
            return self.columns
        parts = parse_template(self.template)
        return tuple(dict.fromkeys(part.text for part in parts if part.is_column))


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """
    A whole mapping. `object` is None where the file leaves it to the caller.

    `sha256` is that of the file's bytes; `path` is None for a mapping that no file holds.
    """

    fields: tuple[FieldMapping, ...]
    sha256: str
    object: ObjectName | None = None
    identity: tuple[str, ...] | None = None
    read: ReadOptions = field(default_factory=ReadOptions)
    path: Path | None = None

    @property
    def name(self) -> str:
        """What messages call this mapping."""
        return str(self.path) if self.path is not None else "the mapping by headers"
