"""The mapping: frozen values that say where each field comes from and how it is read."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from importer.core.errors import MappingError
from importer.core.settings import ReadOptions
from importer.core.shared import ObjectName
from importer.mapper.kinds import OPTIONS
from importer.mapper.mapping.template import parse_template
from importer.mapper.schema.own_fields import OwnFields
from importer.mapper.values.kind import FromColumn

Take = Literal["first", "first valid", "joined"]
"""How one value is made from several columns."""
Rest = Literal["attributes", "notes"]
"""The field for columns that no line names."""
_LISTS = ("identity", "leave_out", "without")


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldMapping:
    """
    Where the value of one canonical field comes from, and how it is read.

    Exactly one of `columns`, `template`, `const` and `after` is set. If there are several columns,
    `take` says how they become one value: the first that is not empty, the first that can be sent,
    or all joined by `separator`, with the name of the column before each if they are `labelled`.
    `after` is the field of a time to which minutes are added: those in `columns`, or `default`.

    `type` is None if the kind in the schema decides. `values` holds the entries of the table that
    `codes` names, too. `options` are the keys of kinds
    (`kinds.OPTIONS`), without those that have their default. `default` is sent if there is no
    value. A value that cannot be sent is left out if `on_error` is "omit", and sent as written if
    it is "keep". Nothing is sent in rows in which a column in `unless` has a value. Values that are
    extra (`is_extra`) are not enough for a row. `docs/mapping.md` describes the rest.
    """

    field: str
    columns: tuple[str, ...] = ()
    take: Take = "first"
    separator: str = "; "
    labelled: tuple[str, ...] = ()
    template: str | None = None
    const: Any = None
    after: str | None = None
    default: Any = None
    type: str | None = None
    replace: tuple[tuple[str, str], ...] = ()
    values: Mapping[str, Any] | None = None
    codes: str | None = None
    split: tuple[str, ...] = ()
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    on_error: Literal["refuse", "omit", "keep"] = "refuse"
    unless: tuple[str, ...] = ()
    is_extra: bool = False

    @property
    def holds(self) -> tuple[str, ...]:
        """The columns from which the value is taken, in order, each once."""
        if self.template is None:
            return self.columns
        parts = parse_template(self.template)
        return tuple(dict.fromkeys(part.text for part in parts if part.is_column))

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns on which the value depends, in order, each once."""
        return tuple(dict.fromkeys((*self.holds, *self.unless, *self.deciding)))

    @property
    def deciding(self) -> tuple[str, ...]:
        """The columns that decide how the value is read."""
        return tuple(one.column for one in self.options.values() if isinstance(one, FromColumn))

    def to_json(self) -> dict[str, Any]:
        """Return the line as JSON values, without those that have their default."""
        form = {key: _plain(value) for key, value in _changed(self).items() if key != "options"}
        if self.options:
            form["options"] = {
                key: OPTIONS[key].model_validate({key: value}).model_dump(mode="json")[key]
                for key, value in self.options.items()
            }
        return form

    @classmethod
    def from_json(cls, form: Mapping[str, Any]) -> FieldMapping:
        """Return the line for a `form` that `to_json` returned."""
        options: dict[str, Any] = {}
        for key, value in form.get("options", {}).items():
            options |= OPTIONS[key].model_validate({key: value}).changed()
        given = {key: _typed(value) for key, value in form.items() if key != "options"}
        pairs = tuple(map(tuple, given.get("replace", ())))
        lists = _tuples(given, "columns", "labelled", "split", "unless")
        return cls(**{**given, **lists, "replace": pairs, "options": options})


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldMap:
    """
    A whole mapping. `object` is None if the file leaves it to the caller.

    `sha256` is the hash of the file, with its tables of codes and the schema file if there are
    any. `path` is None for a mapping without a file. `own` are fields in addition to those of the
    object; later ones take precedence. `rest` is the field for all columns that no line names,
    except those in `leave_out`. `without` are the parts of a record
    (`ObjectFacts.parts`) that nobody on the list has, as a person has said: that is not asked
    again.
    """

    fields: tuple[FieldMapping, ...]
    sha256: str
    object: ObjectName | None = None
    identity: tuple[str, ...] | None = None
    rest: Rest | None = None
    leave_out: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    read: ReadOptions = dataclasses.field(default_factory=ReadOptions)
    own: tuple[OwnFields, ...] = ()
    path: Path | None = None

    @property
    def name(self) -> str:
        """The name of the mapping in messages."""
        return str(self.path) if self.path is not None else "the mapping by headers"

    @property
    def columns_of_fields(self) -> dict[str, tuple[str, ...]]:
        """The columns from which the value of each field is taken."""
        return {one.field: one.holds for one in self.fields}

    def with_fields(self, own: OwnFields) -> FieldMap:
        """Return the mapping with the fields of a schema file; its own fields take precedence."""
        both = hashlib.sha256(f"{self.sha256} {own.sha256}".encode()).hexdigest()
        return replace(self, own=(own, *self.own), sha256=both)

    def to_json(self) -> dict[str, Any]:
        """
        Return the mapping as JSON values, from which `from_json` builds an equal one.

        Numbers with a fraction are objects, `{"decimal": "1.50"}`, so that no digit is lost.
        """
        form = _changed(self)
        form["fields"] = [field.to_json() for field in self.fields]
        form["read"] = self.read.model_dump(mode="json", exclude_unset=True)
        form["own"] = [dataclasses.asdict(own) for own in self.own]
        form |= {name: list(form[name]) for name in _LISTS if name in form}
        if self.path is not None:
            form["path"] = str(self.path)
        return form

    @classmethod
    def on_record(cls, form: Mapping[str, Any]) -> FieldMap | None:
        """Return the mapping for a `form` on record, or None if this version cannot read it."""
        try:
            return cls.from_json(form)
        except (MappingError, TypeError, KeyError, ValueError):
            return None

    @classmethod
    def from_json(cls, form: Mapping[str, Any]) -> FieldMap:
        """
        Return the mapping for a `form` that `to_json` returned.

        Raises `TypeError`, `KeyError` or `ValueError` for any other form.
        """
        path = form.get("path")
        return cls(
            **{
                **form,
                **_tuples(form, *_LISTS),
                "fields": tuple(map(FieldMapping.from_json, form["fields"])),
                "read": ReadOptions(**form["read"]),
                "own": tuple(
                    OwnFields(**{**one, **_tuples(one, "required")}) for one in form["own"]
                ),
                "path": Path(path) if path is not None else None,
            }
        )


def _changed(one: Any) -> dict[str, Any]:
    """Return the fields of a dataclass that do not have their default."""
    given = {member.name: getattr(one, member.name) for member in dataclasses.fields(one)}
    defaults = {member.name: member.default for member in dataclasses.fields(one)}
    return {name: value for name, value in given.items() if value != defaults[name]}


def _plain(value: Any) -> Any:
    """Return a value of a line as JSON."""
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, Mapping):
        return {"table": {key: _plain(one) for key, one in value.items()}}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def _typed(value: Any) -> Any:
    """Return the value that `_plain` wrote as JSON."""
    if isinstance(value, Mapping):
        if "decimal" in value:
            return Decimal(value["decimal"])
        return {key: _typed(one) for key, one in value.get("table", {}).items()}
    return [_typed(one) for one in value] if isinstance(value, list) else value


def _tuples(form: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: tuple(form[name]) for name in names if form.get(name) is not None}
