"""Writes a list in any format that is read, and edits the files that a run has written."""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from referee.workbook import save_workbook

__all__ = ["FORMATS", "Table", "save_list"]

FORMATS = ("csv", "semicolon", "utf-16", "tsv", "xlsx", "jsonl", "json")
_DELIMITERS = {"semicolon": ";", "tsv": "\t"}
_SUFFIXES = {"semicolon": "csv", "utf-16": "csv"}


def save_list(
    folder: Path, stem: str, format_: str, columns: Sequence[str], rows: Iterable[Mapping[str, str]]
) -> str:
    """Write a list with these columns. Returns the name of its file."""
    path = folder / f"{stem}.{_SUFFIXES.get(format_, format_)}"
    cells = [[row[column] for column in columns] for row in rows]
    objects = [dict(zip(columns, row, strict=True)) for row in cells]
    text = _csv_text([[*columns], *cells], _DELIMITERS.get(format_, ","))
    if format_ == "xlsx":
        save_workbook(text, path)
    elif format_ == "json":
        path.write_text(json.dumps(objects), encoding="utf-8")
    elif format_ == "jsonl":
        path.write_text("".join(f"{json.dumps(one)}\n" for one in objects), encoding="utf-8")
    else:
        path.write_bytes(text.encode("utf-16" if format_ == "utf-16" else "utf-8"))
    return path.name


def _csv_text(rows: Iterable[Sequence[str]], delimiter: str) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return text.getvalue()


@dataclass
class Table:
    """The rows of a derived file, which are saved as they were read: encoding and delimiter too."""

    path: Path
    rows: list[dict[str, Any]]
    encoding: str = "utf-8"
    delimiter: str = ","

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a derived file, CSV or JSON Lines."""
        content = path.read_bytes()
        if path.suffix == ".jsonl":
            return cls(path, [json.loads(line) for line in content.decode().splitlines()])
        encoding = "utf-8"
        if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            encoding = "utf-16"
        elif content.startswith(codecs.BOM_UTF8):
            encoding = "utf-8-sig"
        text = content.decode(encoding)
        header = text.splitlines()[0]
        delimiter = max(",;\t", key=header.count)
        rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))
        return cls(path, rows, encoding, delimiter)

    def save(self, name: str | None = None) -> str:
        """Write the rows to the same file, or under another name. Returns the name."""
        path = self.path if name is None else self.path.with_name(name)
        if path.suffix == ".jsonl":
            path.write_text("".join(f"{json.dumps(row)}\n" for row in self.rows), encoding="utf-8")
            return path.name
        columns = [*dict.fromkeys(column for row in self.rows for column in row)]
        cells = [[str(row.get(column) or "") for column in columns] for row in self.rows]
        text = _csv_text([columns, *cells], self.delimiter)
        if path.suffix == ".xlsx":
            save_workbook(_csv_text([columns, *cells], ","), path)
        else:
            path.write_bytes(text.encode(self.encoding))
        return path.name
