"""The mapping and the flags of a run, how they change, and what they make of a row."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from stories.people import Row

__all__ = ["Settings", "changed"]

_FIELDS = {"First": "first_name", "Last": "last_name", "Mail": "email", "Tel": "phone"} | {
    "Ref": "external_ref",
    "Budget": "attributes.budget",
    "Note": "notes",
}
_ALWAYS = ("First", "Last", "Mail")
_IDENTITIES = (None, None, ("Mail",), ("First", "Last"), ("Ref",), ("Last",))
_COPIES = ("skip", "skip", "send")
_ON_CHANGE = ("report", "report", "report", "send")


@dataclass(frozen=True)
class Settings:
    """
    What is sent of a row, and what is done with copies and changes.

    `more` are the columns that are mapped besides names and addresses, and `typed` those whose type
    the mapping file names.
    """

    more: frozenset[str] = frozenset({"Tel"})
    typed: frozenset[str] = frozenset({"Mail", "Tel"})
    region: str = "AE"
    constant: str | None = None
    identity: tuple[str, ...] | None = None
    on_duplicate: str = "skip"
    on_change: str = "report"
    namespace: str = ""
    as_job: bool = False

    @property
    def mapped(self) -> tuple[str, ...]:
        """The columns that are mapped."""
        return (*_ALWAYS, *sorted(self.more))

    @property
    def sends_all(self) -> bool:
        """Whether each of several equal rows is to become a record."""
        return self.on_duplicate == "send"

    def text(self, headers: Mapping[str, str]) -> str:
        """Return the mapping file of a list with these headers."""
        lines = ['object = "contact"']
        if self.identity is not None:
            fields = [_FIELDS[column] for column in self.identity]
            lines.append(f"identity = {json.dumps(fields)}")
        lines.append("[fields]")
        lines += [f'"{_FIELDS[column]}" = {self._line(column, headers)}' for column in self.mapped]
        if self.constant is not None:
            lines.append(f'source = {{ const = "{self.constant}" }}')
        return "\n".join([*lines, ""])

    def _line(self, column: str, headers: Mapping[str, str]) -> str:
        header = json.dumps(headers[column])
        types = {
            "Mail": 'type = "email"',
            "Tel": f'type = "phone", region = "{self.region}"',
            "Budget": 'type = "decimal"',
        }
        if column not in types or column not in self.typed:
            return header
        return f"{{ column = {header}, {types[column]} }}"

    def arguments(self) -> tuple[str, ...]:
        """Return the flags of a run."""
        flags: tuple[str, ...] = ()
        for name in ("on_duplicate", "on_change", "namespace"):
            if (text := getattr(self, name)) != getattr(Settings, name):
                flags = (*flags, f"--{name.replace('_', '-')}", text)
        return flags

    def content(self, row: Row) -> tuple[str, ...]:
        """Return what is sent of a row: its mapped cells, and the constant."""
        return (*(row.cells[column] for column in self.mapped), self.constant or "")

    def record(self, row: Row) -> tuple[str, ...]:
        """Return what is equal for the rows of one person that are one record."""
        if self.identity is None:
            return self.content(row)
        return tuple(_plain(row.cells[column]) for column in self.identity)

    def is_same(self, row: Row, other: Row) -> bool:
        """Return whether two rows of two people are the same record."""
        if self.identity is None:
            return False
        return all(_plain(row.cells[one]) == _plain(other.cells[one]) for one in self.identity)


def _plain(text: str) -> str:
    return text.strip().casefold()


def changed(settings: Settings, chance: Random, *, needs_numbers: bool) -> tuple[str, Settings]:
    """
    Return what a person changes in a mapping or in the flags, and what they are then.

    With `needs_numbers` the phone numbers stay mapped.
    """
    what = chance.choice([*_CHANGES])
    new = replace(settings, **_CHANGES[what](settings, chance))
    if needs_numbers:
        new = replace(new, more=new.more | {"Tel"})
    if not {*(new.identity or ())} <= {*new.mapped}:
        new = replace(new, identity=None)
    return what, new


def _more(settings: Settings, chance: Random) -> dict[str, Any]:
    return {"more": settings.more ^ {chance.choice(["Tel", "Ref", "Ref", "Budget", "Note"])}}


def _typed(settings: Settings, chance: Random) -> dict[str, Any]:
    return {"typed": settings.typed ^ {chance.choice(["Mail", "Tel", "Budget"])}}


_CHANGES: dict[str, Callable[[Settings, Random], dict[str, Any]]] = {
    "the constant": lambda _, chance: {"constant": chance.choice([None, "old list", "bought"])},
    "the identity": lambda _, chance: {"identity": chance.choice(_IDENTITIES)},
    "a field": _more,
    "a type": _typed,
    "the region": lambda _, chance: {"region": chance.choice(["AE", "SA"])},
    "what is done with copies": lambda _, chance: {"on_duplicate": chance.choice(_COPIES)},
    "what is done with changes": lambda _, chance: {"on_change": chance.choice(_ON_CHANGE)},
    "the namespace": lambda _, chance: {"namespace": chance.choice(["", "", "spring"])},
    "whether there is a job file": lambda settings, _: {"as_job": not settings.as_job},
}
