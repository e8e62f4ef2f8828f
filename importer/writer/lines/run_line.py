"""The lines at the beginning of a run: its sources, target, settings and mapping."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

from importer.core.shared import JsonValue
from importer.writer.lines.lenient_values import integer, text, texts


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRecord:
    """
    The sources of a run: their names, total size, hash and number of rows.

    With `is_about` the number of rows is an estimate. With `is_derived` the sources are derived
    files of an import, and not the list itself. `columns` are the names of all columns, or empty if
    they are not on record.
    """

    name: str | None
    bytes: int | None
    sha256: str | None
    rows: int | None
    is_about: bool = False
    is_derived: bool = False
    columns: tuple[str, ...] = ()

    def to_json(self) -> dict[str, JsonValue]:
        """Return the value of `source` in a `run` line."""
        values: dict[str, JsonValue] = {
            "name": self.name,
            "bytes": self.bytes,
            "sha256": self.sha256,
            "rows": self.rows,
        }
        values |= {"is_about": True} if self.is_about else {}
        values |= {"is_derived": True} if self.is_derived else {}
        return values | ({"columns": list(self.columns)} if self.columns else {})

    @classmethod
    def from_json(cls, value: object) -> Self | None:
        """Return the sources of a `run` line, or None if it does not name them."""
        if not isinstance(value, Mapping):
            return None
        return cls(
            name=text(value.get("name")),
            bytes=integer(value.get("bytes")),
            sha256=text(value.get("sha256")),
            rows=integer(value.get("rows")),
            is_about=value.get("is_about") is True,
            is_derived=value.get("is_derived") is True,
            columns=texts(value.get("columns")),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLine:
    """
    A run begins. Later runs compare themselves with this line. It contains no secret.

    `salt` is that of the hashes in this results file (`importer.matching.hashes`). `command` is the
    command that has written the lines of this run, or None for an import.
    """

    kind: ClassVar[str] = "run"
    run: str | None
    at: str | None
    version: str | None
    object: str | None
    base_url: str | None
    source: SourceRecord | None
    mapping_sha256: str | None
    api_key_sha256_8: str | None
    settings: Mapping[str, JsonValue] = field(default_factory=dict)
    pid: int | None = None
    host: str | None = None
    salt: str | None = None
    command: str | None = None

    @property
    def list_name(self) -> str | None:
        """The name of the list for people: its address, if its files were copies."""
        called = self.settings.get("called")
        if isinstance(called, list) and called:
            return ", ".join(map(str, called))
        return self.source.name if self.source else None

    def to_json(self) -> dict[str, JsonValue]:
        """Return the line as JSON."""
        line: dict[str, JsonValue] = {
            "kind": self.kind,
            "run": self.run,
            "at": self.at,
            "version": self.version,
            "object": self.object,
            "base_url": self.base_url,
            "source": self.source.to_json() if self.source else None,
            "mapping_sha256": self.mapping_sha256,
            "api_key_sha256_8": self.api_key_sha256_8,
            "settings": self.settings,
            "pid": self.pid,
            "host": self.host,
            "salt": self.salt,
        }
        return line if self.command is None else {**line, "command": self.command}

    @classmethod
    def from_json(cls, line: Mapping[str, Any]) -> Self:
        """Return the line; missing values are None."""
        settings = line.get("settings")
        return cls(
            run=text(line.get("run")),
            at=text(line.get("at")),
            version=text(line.get("version")),
            object=text(line.get("object")),
            base_url=text(line.get("base_url")),
            source=SourceRecord.from_json(line.get("source")),
            mapping_sha256=text(line.get("mapping_sha256")),
            api_key_sha256_8=text(line.get("api_key_sha256_8")),
            settings=settings if isinstance(settings, Mapping) else {},
            pid=integer(line.get("pid")),
            host=text(line.get("host")),
            salt=text(line.get("salt")),
            command=text(line.get("command")),
        )

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


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingLine:
    """
    The mapping of a run, recorded once, so that later runs can recognise its rows.

    `mapping` is a `FieldMap` as JSON; `null` are the additional texts that meant "empty".
    """

    kind: ClassVar[str] = "mapping"
    at: str | None
    object: str
    mapping: Mapping[str, Any]
    null: tuple[str, ...] = ()
    namespace: str = ""

    def to_json(self) -> dict[str, JsonValue]:
        """Return the line as JSON."""
        return {
            "kind": self.kind,
            "at": self.at,
            "object": self.object,
            "mapping": self.mapping,
            "null": list(self.null),
            "namespace": self.namespace,
        }

    @classmethod
    def from_json(cls, line: Mapping[str, Any]) -> Self | None:
        """Return the line, or None if it has no mapping."""
        mapping, object_ = line.get("mapping"), text(line.get("object"))
        if not isinstance(mapping, Mapping) or object_ is None:
            return None
        return cls(
            at=text(line.get("at")),
            object=object_,
            mapping=mapping,
            null=tuple(map(str, line.get("null") or ())),
            namespace=text(line.get("namespace")) or "",
        )

    def makes_the_same(self, other: MappingLine) -> bool:
        """Return whether both give the same records and keys for the same rows."""
        return replace(self, at=None) == replace(other, at=None)
