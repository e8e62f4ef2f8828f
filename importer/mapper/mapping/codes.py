"""Reads tables of codes: CSV files of two columns beside a mapping file."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

from importer.core.errors import MappingError
from importer.mapper.schema.text_file import utf8_text

_MOST = 10_000
_DELIMITERS = (",", ";", "\t")


class CodeFiles:
    """The tables of codes that a mapping names, each read once. Paths begin at `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tables: dict[str, dict[str, str]] = {}
        self._digests: dict[str, str] = {}

    @property
    def digests(self) -> tuple[str, ...]:
        """The hashes of the files that were read, in the order of their names."""
        return tuple(self._digests[name] for name in sorted(self._digests))

    def table(self, name: str, faults: list[str]) -> dict[str, str]:
        """Return the replacement of each code, and add each fault of the file to `faults`."""
        if name not in self._tables:
            found: list[str] = []
            self._tables[name] = self._read(name, found)
            faults += (f"codes: {fault}" for fault in found)
        return self._tables[name]

    def _read(self, name: str, faults: list[str]) -> dict[str, str]:
        path = self._folder / name
        try:
            content = path.read_bytes()
            text = utf8_text(content, str(path), "codes")
        except OSError as error:
            faults.append(f"{path} cannot be read: {error.strerror or error}.")
            return {}
        except MappingError as error:
            faults.append(f"{error.message} {error.hint}")
            return {}
        self._digests[name] = hashlib.sha256(content).hexdigest()
        return _table(path, text, faults)


def _table(path: Path, text: str, faults: list[str]) -> dict[str, str]:
    table: dict[str, str] = {}
    lines: dict[str, int] = {}
    try:
        for line, cells in _rows(text):
            where = f"{path}, line {line}"
            if len(cells) != 2:
                faults.append(f"{where}: it has {len(cells)} cells; a code and its value are two.")
            elif not cells[0]:
                faults.append(f"{where}: there is no code.")
            elif table.setdefault(cells[0], cells[1]) != cells[1]:
                first = lines[cells[0]]
                faults.append(f"{where}: {cells[0]!r} has another replacement on line {first}.")
            lines.setdefault(cells[0], line)
    except csv.Error as error:
        faults.append(f"{path}: it is not a CSV file ({error}).")
    if not table and not faults:
        faults.append(f"{path}: there is no code below its header.")
    if len(table) > _MOST:
        faults.append(f"{path}: it has {len(table):,} codes; {_MOST:,} are the most.")
    return table


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows below the header that are not blank, each with its line."""
    first = text.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    before = 0
    for number, cells in enumerate(rows):
        line, before = before + 1, rows.line_num
        if number and any(map(str.strip, cells)):
            yield line, [cell.strip() for cell in cells]
