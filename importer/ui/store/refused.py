"""The refused rows of a list, page by page, and how a person has corrected them."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from importer.shared import OWN_PREFIX

__all__ = ["RefusedRow", "RefusedRows"]

_BEFORE_OWN = re.compile(r'(.)"?vorel_row')
_LONGEST_CELL = 2**31 - 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS refused (
    id INTEGER PRIMARY KEY, line INTEGER, status TEXT, code TEXT, field TEXT, message TEXT,
    hint TEXT, ref TEXT, cells TEXT
);
CREATE INDEX IF NOT EXISTS by_problem ON refused (status, code, field);
CREATE TABLE IF NOT EXISTS edits (ref TEXT PRIMARY KEY, line INTEGER, cells TEXT);
CREATE TABLE IF NOT EXISTS columns (at INTEGER PRIMARY KEY, name TEXT);
"""
_SENT = "status IN ('failed', 'unknown')"
_FOUND_AGAIN = f"ref IN (SELECT ref FROM refused WHERE NOT {_SENT} AND ref <> '')"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow:
    """
    A row that was refused, or one that a person has corrected since.

    `cells` are as they are in the list, or as they were corrected if `is_edited`. A row without
    `ref` cannot be corrected here.
    """

    line: int
    code: str
    field: str
    message: str
    hint: str
    ref: str
    cells: Mapping[str, str]
    is_edited: bool


class RefusedRows:
    """The refused rows of one import, in a file of its folder."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def _open(self) -> closing[sqlite3.Connection]:
        connection = sqlite3.connect(self._path, timeout=30, isolation_level=None)
        connection.executescript(_SCHEMA)
        self._path.chmod(0o600)
        return closing(connection)

    def load(self, failed: Path | None, encoding: str, *, is_check: bool = False) -> None:
        """
        Take the rows of a failed file instead of those there were; corrections stay.

        If the file `is_check`, rows that were sent and refused stay too: no check can find them.
        """
        with self._open() as db:
            db.execute("BEGIN")
            db.execute(f"DELETE FROM refused{f' WHERE NOT {_SENT}' if is_check else ''}")
            if failed is not None and failed.exists():
                rows = _rows(failed, encoding)
                columns = next(rows, [])
                db.execute("DELETE FROM columns")
                db.executemany("INSERT INTO columns (name) VALUES (?)", ([one] for one in columns))
                db.executemany("INSERT INTO refused VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
                db.execute(f"DELETE FROM refused WHERE {_SENT} AND {_FOUND_AGAIN}")
            db.execute("COMMIT")

    def columns(self) -> list[str]:
        """Return the columns of the list."""
        with self._open() as db:
            return [name for (name,) in db.execute("SELECT name FROM columns ORDER BY at")]

    def count(self, code: str = "", field: str = "") -> int:
        """Return how many rows were refused, with this error if one is given."""
        where, values = _where(code, field)
        with self._open() as db:
            return int(db.execute(f"SELECT count(*) FROM refused{where}", values).fetchone()[0])

    def page(self, start: int, size: int, code: str = "", field: str = "") -> list[RefusedRow]:
        """Return some of the rows: in the order of the list, those that were sent first."""
        where, values = _where(code, field)
        query = (
            "SELECT refused.line, code, field, message, hint, refused.ref, refused.cells, "
            f"edits.cells FROM (SELECT * FROM refused{where} ORDER BY id LIMIT ? OFFSET ?) AS "
            "refused LEFT JOIN edits ON edits.ref = refused.ref AND edits.ref <> '' ORDER BY id"
        )
        with self._open() as db:
            found = db.execute(query, [*values, size, start]).fetchall()
        return [
            RefusedRow(
                line=line,
                code=code_,
                field=field_,
                message=message,
                hint=hint,
                ref=ref,
                cells=json.loads(edited or cells),
                is_edited=edited is not None,
            )
            for line, code_, field_, message, hint, ref, cells, edited in found
        ]

    def correct(self, ref: str, cells: Mapping[str, str]) -> bool:
        """Keep how a refused row was corrected. Returns False if there is no such row."""
        with self._open() as db:
            found = db.execute("SELECT line, cells FROM refused WHERE ref = ?", [ref]).fetchone()
            if found is None or not ref:
                return False
            line, before = found[0], json.loads(found[1])
            known = {name: text for name, text in cells.items() if name in before}
            changed = {**before, **known}
            if changed == before:
                db.execute("DELETE FROM edits WHERE ref = ?", [ref])
            else:
                text = json.dumps(changed, ensure_ascii=False)
                db.execute("INSERT OR REPLACE INTO edits VALUES (?, ?, ?)", [ref, line, text])
            return True

    def edited(self) -> int:
        """Return how many rows a person has corrected."""
        with self._open() as db:
            return int(db.execute("SELECT count(*) FROM edits").fetchone()[0])

    def forget_edits(self) -> None:
        """Forget all corrections: they were sent."""
        with self._open() as db:
            db.execute("DELETE FROM edits")

    def write_corrected(self, path: Path) -> int:
        """Write the corrected rows as a list, which says of each which row it was. Count them."""
        columns = self.columns()
        count = 0
        with self._open() as db, path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
            writer.writerow([*columns, "vorel_row", "vorel_ref"])
            for ref, line, text in db.execute("SELECT ref, line, cells FROM edits ORDER BY line"):
                cells = json.loads(text)
                writer.writerow([*(cells.get(name, "") for name in columns), line, ref])
                count += 1
        path.chmod(0o600)
        return count


def _where(code: str, field: str) -> tuple[str, list[str]]:
    return (" WHERE code = ? AND field = ?", [code, field]) if code else ("", [])


def _rows(failed: Path, encoding: str) -> Iterator[Sequence[object]]:
    """Yield the columns of the list, then a tuple for each row of a failed file."""
    csv.field_size_limit(_LONGEST_CELL)
    encoding = {"utf-8": "utf-8-sig"}.get(encoding, encoding)
    with failed.open(encoding=encoding, errors="replace", newline="") as stream:
        first = stream.readline()
        stream.seek(0)
        found = _BEFORE_OWN.search(first)
        table = csv.reader(stream, delimiter=found[1] if found else ",")
        header = next(table, [])
        own = {name: at for at, name in enumerate(header) if name.startswith(OWN_PREFIX)}
        columns = [(at, name) for at, name in enumerate(header) if at not in own.values()]
        yield [name for _, name in columns]
        for row in table:
            said = {name: row[at] for name, at in own.items() if at < len(row)}
            cells = {name: row[at] for at, name in columns if at < len(row)}
            ref = said.get("vorel_ref", "")
            yield (
                int(said.get("vorel_line") or 0),
                said.get("vorel_status", ""),
                said.get("vorel_error_code", ""),
                said.get("vorel_error_field", ""),
                said.get("vorel_error_message", ""),
                said.get("vorel_hint", ""),
                # A row that could not be read has no cells to correct.
                "" if said.get("vorel_raw") or ref.endswith("-json") else ref,
                json.dumps(cells, ensure_ascii=False),
            )
