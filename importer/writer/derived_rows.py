"""Reads the derived files that the exporter writes."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from importer.core.shared import OWN_PREFIX, JsonValue

_BEFORE_OWN = re.compile(r'(.)"?vorel_(?:row|status)')
_HEADER_LINES = 100
"""The names of columns may have line ends."""
_LONGEST_CELL = 2**31 - 1


@dataclass(frozen=True, slots=True)
class DerivedRow:
    """
    A row of a derived file: its values, and what the importer `said` in columns of its own.

    `ref` is empty if the row has no values that could be corrected.
    """

    said: Mapping[str, str]
    values: Mapping[str, JsonValue]

    @property
    def ref(self) -> str:
        """Which row of which import it is."""
        return "" if self.said.get("vorel_raw") else self.said.get("vorel_ref", "")


class DerivedFile:
    """
    A derived file: CSV, or JSON Lines where the list is JSON (`has_objects`).

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

    def rows(self) -> Iterator[DerivedRow]:
        """Yield the rows."""
        return self._objects() if self.has_objects else self._table()

    def _objects(self) -> Iterator[DerivedRow]:
        with self._path.open(encoding="utf-8", errors="replace") as stream:
            for line in stream:
                values = json.loads(line)
                own = [name for name in values if name.startswith(OWN_PREFIX)]
                said = {name: str(values.pop(name)) for name in own}
                yield DerivedRow(said, values)

    def _table(self) -> Iterator[DerivedRow]:
        table = table_of(self._path, self._encoding)
        header = next(table, [])
        for row in table:
            named = dict(zip(header, row, strict=False))
            said = {name: named.pop(name) for name in header if name.startswith(OWN_PREFIX)}
            yield DerivedRow(said, named)


def table_of(path: Path, encoding: str, *, errors: str = "replace") -> Iterator[list[str]]:
    """
    Yield the rows of a derived CSV file, its header first.

    `encoding` is that of the list; `errors` says what becomes of bytes that do not fit it. The
    delimiter is the character before the columns that the exporter adds.
    """
    csv.field_size_limit(_LONGEST_CELL)
    encoding = {"utf-8": "utf-8-sig"}.get(encoding, encoding)
    with path.open(encoding=encoding, errors=errors, newline="") as stream:
        header = map(_BEFORE_OWN.search, islice(stream, _HEADER_LINES))
        found = next(filter(None, header), None)
        stream.seek(0)
        yield from csv.reader(stream, delimiter=found[1] if found else ",")
