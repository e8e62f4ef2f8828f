"""What a mapping is: frozen values that say where each field comes from and how it is read."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from importer.mapper.kinds import OPTIONS
from importer.mapper.mapping.template import parse_template
from importer.mapper.schema.own_fields import OwnFields
from importer.mapper.values.kind import FromColumn
from importer.settings import ReadOptions
from importer.shared import ObjectName

__all__ = ["FieldMap", "FieldMapping", "Rest", "Take"]

Take = Literal["first", "first valid", "joined"]
"""What is taken of several columns."""
Rest = Literal["attributes", "notes"]
"""Where the columns go that no line names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldMapping:
    """
    Where one canonical field's value comes from, and how it is read.

    Exactly one of `columns`, `template`, `const` and `after` is set. Of several columns `take`
    says what is taken: the first that is not empty, the first that can be sent, or all, joined by
    `separator`; those that are `labelled` have their name before them. `after` is the field of a
    time to which minutes are added, those in `columns` or else `default`.
    `type` is None if the schema's kind decides. `options` are the keys that kinds add
    (`kinds.OPTIONS`), without those that have their default. `default` is sent where there is no
    value. With `on_error` "omit" a value that cannot be sent is left out of its row, with "keep"
    it is sent as written. A row that has nothing but values that are extra (`is_extra`) is empty.
    `docs/mapping.md` describes the rest.
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
    split: tuple[str, ...] = ()
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    on_error: Literal["refuse", "omit", "keep"] = "refuse"
    is_extra: bool = False

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

    def to_json(self) -> dict[str, Any]:
        """Return the line as JSON values, without what has its default."""
        form = {key: _plain(value) for key, value in _changed(self).items() if key != "options"}
        if self.options:
            form["options"] = {
                key: OPTIONS[key].model_validate({key: value}).model_dump(mode="json")[key]
                for key, value in self.options.items()
            }
        return form

    @classmethod
    def from_json(cls, form: Mapping[str, Any]) -> FieldMapping:
        """Return the line that `to_json` returned `form` of."""
        options: dict[str, Any] = {}
        for key, value in form.get("options", {}).items():
            options |= OPTIONS[key].model_validate({key: value}).changed()
        given = {key: _typed(value) for key, value in form.items() if key != "options"}
        pairs = tuple(map(tuple, given.get("replace", ())))
        lists = _tuples(given, "columns", "labelled", "split")
        return cls(**{**given, **lists, "replace": pairs, "options": options})


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldMap:
    """
    A whole mapping. `object` is None if the file leaves it to the caller.

    `sha256` is that of the file's bytes, or of them and a schema file's. `path` is None for a
    mapping that no file holds. `own` are fields beside the object's; of them the later ones win.
    `rest` is where the columns go that no line names, but those in `leave_out`.
    """

    fields: tuple[FieldMapping, ...]
    sha256: str
    object: ObjectName | None = None
    identity: tuple[str, ...] | None = None
    rest: Rest | None = None
    leave_out: tuple[str, ...] = ()
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

    def to_json(self) -> dict[str, Any]:
        """
        Return the whole mapping as JSON values, from which `from_json` makes an equal one.

        Numbers with a fraction are objects, `{"decimal": "1.50"}`, so that no digit is lost.
        """
        form = _changed(self)
        form["fields"] = [field.to_json() for field in self.fields]
        form["read"] = self.read.model_dump(mode="json", exclude_unset=True)
        form["own"] = [dataclasses.asdict(own) for own in self.own]
        form |= {name: list(form[name]) for name in ("identity", "leave_out") if name in form}
        if self.path is not None:
            form["path"] = str(self.path)
        return form

    @classmethod
    def from_json(cls, form: Mapping[str, Any]) -> FieldMap:
        """
        Return the mapping that `to_json` returned `form` of.

        Raises `TypeError`, `KeyError` or `ValueError` for what `to_json` did not write.
        """
        path = form.get("path")
        return cls(
            **{
                **form,
                **_tuples(form, "identity", "leave_out"),
                "fields": tuple(map(FieldMapping.from_json, form["fields"])),
                "read": ReadOptions(**form["read"]),
                "own": tuple(
                    OwnFields(**{**one, **_tuples(one, "required")}) for one in form["own"]
                ),
                "path": Path(path) if path is not None else None,
            }
        )


def _changed(one: Any) -> dict[str, Any]:
    """Return the members of a dataclass that do not have their default."""
    given = {member.name: getattr(one, member.name) for member in dataclasses.fields(one)}
    defaults = {member.name: member.default for member in dataclasses.fields(one)}
    return {name: value for name, value in given.items() if value != defaults[name]}


def _plain(value: Any) -> Any:
    """Return a value of a mapping's line as JSON has it."""
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
