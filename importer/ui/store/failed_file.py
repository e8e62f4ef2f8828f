"""Reads the derived files of an import: the failed rows are shown on the page to be corrected."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from importer.core.shared import OWN_PREFIX, JsonValue
from importer.writer.exporter import flatten

_BEFORE_OWN = re.compile(r'(.)"?vorel_row')
_LONGEST_CELL = 2**31 - 1


@dataclass(frozen=True, slots=True)
class FailedRow:
    """
    A row of a failed file: its values, and what the importer `said` in columns of its own.

    `ref` is empty if the row has no values that could be corrected.
    """

    said: Mapping[str, str]
    values: Mapping[str, JsonValue]

    @property
    def ref(self) -> str:
        """Which row of which import it is."""
        return "" if self.said.get("vorel_raw") else self.said.get("vorel_ref", "")


class FailedFile:
    """
    A failed file: CSV, or JSON Lines where the list is JSON (`has_objects`).

    `path` is that of the CSV file; rows of JSON lists are read from the one beside it, which has
    their values unchanged.
    """

    def __init__(self, path: Path, encoding: str) -> None:
        objects = path.with_suffix(".jsonl")
        self.has_objects = objects.exists()
        self._path = objects if self.has_objects else path
        self._encoding = encoding

    def __bool__(self) -> bool:
        return self._path.exists()

    def rows(self) -> Iterator[FailedRow]:
        """Yield the rows."""
        return self._objects() if self.has_objects else self._table()

    def _objects(self) -> Iterator[FailedRow]:
        with self._path.open(encoding="utf-8", errors="replace") as stream:
            for line in stream:
                values = json.loads(line)
                own = [name for name in values if name.startswith(OWN_PREFIX)]
                said = {name: str(values.pop(name)) for name in own}
                yield FailedRow(said, values)

    def _table(self) -> Iterator[FailedRow]:
        table = table_of(self._path, self._encoding)
        header = next(table, [])
        for row in table:
            named = dict(zip(header, row, strict=False))
            said = {name: named.pop(name) for name in header if name.startswith(OWN_PREFIX)}
            yield FailedRow(said, named)


def table_of(path: Path, encoding: str) -> Iterator[list[str]]:
    """Yield the rows of a derived CSV file, its header first. `encoding` is that of the list."""
    csv.field_size_limit(_LONGEST_CELL)
    encoding = {"utf-8": "utf-8-sig"}.get(encoding, encoding)
    with path.open(encoding=encoding, errors="replace", newline="") as stream:
        first = stream.readline()
        stream.seek(0)
        found = _BEFORE_OWN.search(first)
        yield from csv.reader(stream, delimiter=found[1] if found else ",")


def with_cells(values: Mapping[str, JsonValue], cells: Mapping[str, str]) -> dict[str, JsonValue]:
    """
    Return values in which some leaves, by their dotted paths, have other texts.

    A number, a list or a truth value stays one if its new text is one too.
    """
    changed: dict[str, JsonValue] = json.loads(json.dumps(values))
    before = dict(flatten(values))
    for path, text in cells.items():
        if text != before.get(path, ""):
            _set(changed, path, text)
    return changed


def _set(values: dict[str, JsonValue], path: str, text: str) -> None:
    inner = next(
        (
            (name, one)
            for name, one in values.items()
            if path.startswith(f"{name}.") and isinstance(one, dict) and one
        ),
        None,
    )
    if path in values or inner is None:
        values[path] = _value(values.get(path), text)
    else:
        _set(inner[1], path.removeprefix(f"{inner[0]}."), text)


def _value(before: JsonValue, text: str) -> JsonValue:
    if before is None or isinstance(before, str):
        return text
    try:
        found: JsonValue = json.loads(text)
    except ValueError:
        return text
    return found
