"""Lists of people, and mappings of them: good ones, poor ones, one with a wrong identity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from importer.core import keys

__all__ = ["COLUMNS", "MAPPINGS", "Line", "ListMapping", "csv_text"]

COLUMNS = {
    "ref": "Id",
    "first": "First Name",
    "last": "Last Name",
    "email": "E-mail",
    "note": "Note",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A row of a list. `who` it is about nobody is told: it is not in the file."""

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    who: int
    ref: str
    first: str
    last: str
    email: str
    note: str = ""

    def values(self) -> dict[str, str]:
        """Return the row by its columns."""
        return {column: getattr(self, name) for name, column in self.columns.items()}

    def source_hash(self) -> str:
        """Return the hash that the results file knows it by."""
        return keys.source_hash(self.values())


def csv_text(lines: Iterable[Line]) -> str:
    """Return a list as it stands in its file."""
    rows = [COLUMNS.values(), *(line.values().values() for line in lines)]
    return "".join(f"{','.join(row)}\n" for row in rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListMapping:
    """
    What is sent of a row: fields by what they are made of, constants, and the identity.

    `types` are those of fields for which the mapping file names one.
    """

    fields: Mapping[str, str]
    types: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    identity: str | None = None

    def made_of(self, line: Line) -> dict[str, str]:
        """Return the fields that are sent."""
        fields = {name: getattr(line, source) for name, source in self.fields.items()}
        return {name: text for name, text in {**fields, **self.constants}.items() if text}

    def same(self, line: Line) -> tuple[str, ...]:
        """Return what is equal for two rows that are one record by this mapping."""
        if self.identity is not None:
            return ("identity", self.made_of(line)[self.identity])
        return ("row", *(part for item in sorted(self.made_of(line).items()) for part in item))

    def text(self, columns: Mapping[str, str] = COLUMNS) -> str:
        """Return the mapping file of a list with these columns."""
        identity = [f'identity = ["{self.identity}"]'] if self.identity else []
        fields = [
            f'"{name}" = {{ column = "{columns[source]}", type = "{self.types[name]}" }}'
            if name in self.types
            else f'{name} = "{columns[source]}"'
            for name, source in self.fields.items()
        ]
        constants = [f'{name} = {{ const = "{text}" }}' for name, text in self.constants.items()]
        return "\n".join(['object = "contact"', *identity, "[fields]", *fields, *constants, ""])


_NAMES = {"first_name": "first", "last_name": "last"}
_PEOPLE = {**_NAMES, "email": "email", "external_ref": "ref"}

MAPPINGS = {
    "full": ListMapping(fields=_PEOPLE),
    "first names alone": ListMapping(fields={"first_name": "first"}),
    "names alone": ListMapping(fields=_NAMES),
    "no ids": ListMapping(fields={**_NAMES, "email": "email"}),
    "with a constant": ListMapping(fields=_PEOPLE, constants={"source": "old list"}),
    "with notes": ListMapping(fields={**_PEOPLE, "notes": "note"}),
    "by id": ListMapping(fields=_PEOPLE, identity="external_ref"),
    "by family": ListMapping(fields=_PEOPLE, identity="last_name"),
}
