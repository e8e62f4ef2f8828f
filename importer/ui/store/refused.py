"""The rows of a list with problems, page by page, and how a person has corrected them."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from importer.core.locale.message import Message
from importer.core.records import Outcome
from importer.core.row_marks import RowRef
from importer.core.shared import JsonValue
from importer.writer.derived_rows import DerivedFile, DerivedRow
from importer.writer.exporter import flatten

if TYPE_CHECKING:
    from importer.run.checking.shown_rows import LackingRow, ShownRows

RAW = "vorel_raw"
"""The cell of a row that could not be split into cells: its text."""

# Rows that are not refused any more are kept as `gone`: a tab that was opened before may still send
# a correction of one. A row that was corrected is shown with its correction.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS refused (
    id INTEGER PRIMARY KEY, line INTEGER, status TEXT, code TEXT, field TEXT, message TEXT,
    hint TEXT, ref TEXT, cells TEXT, gone INTEGER DEFAULT 0
);
CREATE INDEX IF NOT EXISTS by_problem ON refused (code, field);
CREATE INDEX IF NOT EXISTS by_ref ON refused (ref);
CREATE TABLE IF NOT EXISTS corrected (
    ref TEXT PRIMARY KEY, line INTEGER, cells TEXT, original TEXT, is_sent INTEGER DEFAULT 0
);
CREATE TABLE IF NOT EXISTS noted (place TEXT PRIMARY KEY, message TEXT);
CREATE TABLE IF NOT EXISTS columns (at INTEGER PRIMARY KEY, name TEXT UNIQUE);
CREATE TABLE IF NOT EXISTS undo (step INTEGER, ref TEXT, before TEXT);
"""
_NOTED_AT_ONCE = 10_000
_SENT = "status IN ('failed', 'unknown')"
_LACKING = "code IN ('left_out', 'kept')"
_SHOWN = "(NOT gone OR ref IN (SELECT ref FROM corrected))"
_INSERT = (
    "INSERT INTO refused (line, status, code, field, message, hint, ref, cells) "
    "VALUES (?, ?, ?, ?, coalesce((SELECT message FROM noted WHERE place = ?), ?), ?, ?, ?)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow:
    """
    A row that was refused, that is sent without a value of it, or that a person has corrected.

    `cells` are as they are in the list, or as they were corrected if `is_edited`. A row without
    `ref` cannot be corrected here. One that was corrected and has no problem any more `is_mended`.
    A row that is sent without a value, or with it as written, has the code `left_out` or `kept`,
    and no `message`.
    """

    line: int
    code: str
    field: str
    message: Message
    hint: str
    ref: str
    cells: Mapping[str, str]
    is_edited: bool
    is_mended: bool


class RefusedRows:
    """The refused rows of one import, in a file of its folder."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._noted: list[tuple[str, str]] = []

    def _open(self) -> closing[sqlite3.Connection]:
        connection = sqlite3.connect(self._path, timeout=30, isolation_level=None)
        connection.executescript(_SCHEMA)
        self._path.chmod(0o600)
        return closing(connection)

    def note(self, outcome: Outcome) -> None:
        """Note what is wrong with a row, for `load`: its file has no more than English words."""
        if outcome.error is not None:
            place = f"{outcome.source_hash}-{outcome.occurrence}"
            self._noted.append((place, outcome.error.message.to_text()))
            if len(self._noted) >= _NOTED_AT_ONCE:
                self._write_notes()

    def _write_notes(self) -> None:
        with self._open() as db:
            db.execute("BEGIN")
            db.executemany("INSERT OR REPLACE INTO noted VALUES (?, ?)", self._noted)
            db.execute("COMMIT")
        self._noted.clear()

    def load(
        self,
        failed: Path | None,
        encoding: str,
        *,
        shown: ShownRows | None = None,
        results: str = "",
        is_whole: bool = False,
    ) -> None:
        """
        Take the rows of a failed file instead of those there were; corrections stay.

        `shown` has the rows that are sent without a value; `results` is the name of the results
        file. If the failed file `is_whole`, a run has come to the end of the list: a row that is
        not in it has its record, and can be looked at if it lacks a value. Otherwise rows that were
        sent and refused stay too: no check can find them.
        """
        self._write_notes()
        with self._open() as db:
            db.execute("BEGIN")
            if is_whole:
                db.execute(f"DELETE FROM refused WHERE NOT {_LACKING}")
                db.execute("UPDATE refused SET ref = ''")
            else:
                db.execute(f"UPDATE refused SET gone = 1 WHERE NOT {_SENT}")
            newest = db.execute("SELECT coalesce(max(id), 0) FROM refused").fetchone()[0]
            if failed is not None and (file := DerivedFile(failed, encoding)):
                _take(db, file)
            if shown is not None and shown.lacking:
                _take_lacking(db, shown, results)
            again = "SELECT ref FROM refused WHERE id > ? AND ref <> ''"
            db.execute(f"DELETE FROM refused WHERE id <= ? AND ref IN ({again})", [newest, newest])
            if is_whole:
                db.execute("DELETE FROM corrected WHERE ref NOT IN (SELECT ref FROM refused)")
                db.execute("UPDATE corrected SET is_sent = 1")
                db.execute("DELETE FROM undo")
            db.execute("DELETE FROM noted")
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
            "SELECT line, code, field, message, hint, ref, cells, gone, "
            "(SELECT cells FROM corrected WHERE corrected.ref = refused.ref AND ref <> '') "
            f"FROM refused{where} ORDER BY id LIMIT ? OFFSET ?"
        )
        with self._open() as db:
            found = db.execute(query, [*values, size, start]).fetchall()
        return [
            RefusedRow(
                line=line,
                code=code_,
                field=field_,
                message=Message.from_text(message),
                hint=hint,
                ref=ref,
                cells=dict(flatten(json.loads(edited or cells))),
                is_edited=edited is not None,
                is_mended=edited is not None and bool(gone),
            )
            for line, code_, field_, message, hint, ref, cells, gone, edited in found
        ]

    def now(self, ref: str) -> dict[str, str] | None:
        """Return the cells of a row as they stand now, corrected or not; None if it is gone."""
        with self._open() as db:
            found = _known(db, ref)
        return dict(flatten(found[1])) if found is not None else None

    def causes(self) -> list[tuple[str, str, int]]:
        """Return each error with its field and how many rows have it, the most frequent first."""
        query = (
            f"SELECT code, field, count(*) FROM refused WHERE {_SHOWN} "
            "GROUP BY code, field ORDER BY count(*) DESC, min(id)"
        )
        with self._open() as db:
            return [(code, field, count) for code, field, count in db.execute(query)]

    def correct(self, changes: Mapping[str, Mapping[str, str]]) -> int:
        """
        Keep how rows were corrected: texts by column, by the `ref` of the row.

        Returns how many of them there are still. `undo` takes them back, all at once.
        """
        with self._open() as db:
            db.execute("BEGIN IMMEDIATE")
            count = _correct(db, changes)
            db.execute("COMMIT")
            return count

    def replace(self, column: str, find: str, by: str, code: str = "", field: str = "") -> int:
        """
        Replace a text in a column of all rows, or of those with one error, as one correction.

        Without a text to `find`, empty cells are filled. Returns how many rows have changed.
        """
        where, values = _where(code, field)
        query = f"SELECT ref FROM refused{where} AND ref <> ''"
        with self._open() as db:
            db.execute("BEGIN IMMEDIATE")
            changes: dict[str, dict[str, str]] = {}
            for (ref,) in db.execute(query, values):
                found = _known(db, ref)
                text = dict(flatten(found[1])).get(column, "") if found is not None else ""
                new = text.replace(find, by) if find else text or by
                if new != text:
                    changes[ref] = {column: new}
            count = _correct(db, changes)
            db.execute("COMMIT")
            return count

    def undo(self) -> int:
        """Take back the corrections that were kept together last. Returns how many they were."""
        with self._open() as db:
            db.execute("BEGIN IMMEDIATE")
            query = "SELECT ref, before FROM undo WHERE step = (SELECT max(step) FROM undo)"
            found = db.execute(query).fetchall()
            for ref, before in found:
                known = _known(db, ref)
                if known is not None:
                    _keep(db, ref, known, json.loads(before))
            db.execute("DELETE FROM undo WHERE step = (SELECT max(step) FROM undo)")
            db.execute("COMMIT")
            return len(found)

    def can_undo(self) -> bool:
        """Return whether there is a correction that was not sent yet, and can be taken back."""
        with self._open() as db:
            return db.execute("SELECT 1 FROM undo LIMIT 1").fetchone() is not None

    def edited(self) -> int:
        """Return how many rows a person has corrected and not sent since."""
        with self._open() as db:
            return int(db.execute("SELECT count(*) FROM corrected WHERE NOT is_sent").fetchone()[0])

    def write_corrected(self, folder: Path) -> Path | None:
        """
        Write the corrected rows as a list, which says of each which row it was.

        It is JSON Lines where the list is JSON, else CSV. Returns None if there are none.
        """
        with self._open() as db:
            has_objects = db.execute("PRAGMA user_version").fetchone()[0]
            query = "SELECT ref, line, cells FROM corrected ORDER BY line"
            rows = [(ref, line, json.loads(text)) for ref, line, text in db.execute(query)]
        path = folder / f"corrected.{'jsonl' if has_objects else 'csv'}"
        if not rows:
            return None
        with path.open("w", encoding="utf-8", newline="") as stream:
            if has_objects:
                for ref, line, values in rows:
                    stream.write(_text({**values, "vorel_row": line, "vorel_ref": ref}) + "\n")
            else:
                columns = self.columns()
                writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
                writer.writerow([*columns, "vorel_row", "vorel_ref"])
                for ref, line, values in rows:
                    writer.writerow([*(values.get(name, "") for name in columns), line, ref])
        path.chmod(0o600)
        return path


def _known(
    db: sqlite3.Connection, ref: str
) -> tuple[int, dict[str, JsonValue], dict[str, JsonValue]] | None:
    """Return the line of a row, its values as they stand now, and as they are in the list."""
    found = None
    if ref:
        query = "SELECT line, cells, original FROM corrected WHERE ref = ?"
        found = db.execute(query, [ref]).fetchone()
        query = "SELECT line, cells, cells FROM refused WHERE ref = ?"
        found = found or db.execute(query, [ref]).fetchone()
    return None if found is None else (found[0], json.loads(found[1]), json.loads(found[2]))


def _correct(db: sqlite3.Connection, changes: Mapping[str, Mapping[str, str]]) -> int:
    """Keep corrections, and what was there before as one step to be undone."""
    step = db.execute("SELECT coalesce(max(step), 0) + 1 FROM undo").fetchone()[0]
    count = 0
    for ref, cells in changes.items():
        known = _known(db, ref)
        if known is None:
            continue
        db.execute("INSERT INTO undo VALUES (?, ?, ?)", [step, ref, _text(known[1])])
        _keep(db, ref, known, _with_cells(known[1], cells))
        count += 1
    return count


def _keep(
    db: sqlite3.Connection,
    ref: str,
    known: tuple[int, dict[str, JsonValue], dict[str, JsonValue]],
    changed: Mapping[str, JsonValue],
) -> None:
    """Keep the values that a row has now; as they are in the list, it is not corrected."""
    line, _, original = known
    if changed == original:
        db.execute("DELETE FROM corrected WHERE ref = ?", [ref])
        db.execute("UPDATE refused SET cells = ? WHERE ref = ?", [_text(original), ref])
    else:
        db.execute(
            "INSERT OR REPLACE INTO corrected VALUES (?, ?, ?, ?, 0)",
            [ref, line, _text(changed), _text(original)],
        )


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _with_cells(values: Mapping[str, JsonValue], cells: Mapping[str, str]) -> dict[str, JsonValue]:
    """
    Return values in which some leaves, by their dotted paths, have other texts.

    A number, a list or a truth value stays one if its new text is one too.
    """
    changed: dict[str, JsonValue] = json.loads(json.dumps(values))
    before = dict(flatten(values))
    for path, text in cells.items():
        if text != before.get(path, ""):
            _set_cell(changed, path, text)
    return changed


def _set_cell(values: dict[str, JsonValue], path: str, text: str) -> None:
    inner = next(
        (
            (name, one)
            for name, one in values.items()
            if path.startswith(f"{name}.") and isinstance(one, dict) and one
        ),
        None,
    )
    if path in values or inner is None:
        values[path] = _cell_value(values.get(path), text)
    else:
        _set_cell(inner[1], path.removeprefix(f"{inner[0]}."), text)


def _cell_value(before: JsonValue, text: str) -> JsonValue:
    if before is None or isinstance(before, str):
        return text
    try:
        found: JsonValue = json.loads(text)
    except ValueError:
        return text
    return found


def _where(code: str, field: str) -> tuple[str, list[str]]:
    if not code:
        return f" WHERE {_SHOWN}", []
    return f" WHERE {_SHOWN} AND code = ? AND field = ?", [code, field]


def _take(db: sqlite3.Connection, file: DerivedFile) -> None:
    """Add the rows of a failed file with what was noted of each, and take its columns."""
    columns: dict[str, None] = {}

    def rows() -> Iterator[Sequence[object]]:
        for row in file.rows():
            columns.update(dict.fromkeys(path for path, _ in flatten(row.values)))
            yield _row(row)

    db.executemany(_INSERT, rows())
    db.execute("DELETE FROM columns")
    db.executemany("INSERT INTO columns (name) VALUES (?)", ([name] for name in columns))
    db.execute(f"PRAGMA user_version = {int(file.has_objects)}")


def _take_lacking(db: sqlite3.Connection, shown: ShownRows, results: str) -> None:
    """Add the rows that are sent without a value."""
    db.executemany(_INSERT, (_lacking(one, results) for one in shown.lacking))
    names = ([name] for name in shown.columns)
    db.executemany("INSERT OR IGNORE INTO columns (name) VALUES (?)", names)
    db.execute(f"PRAGMA user_version = {int(shown.has_objects)}")


def _lacking(one: LackingRow, results: str) -> Sequence[object]:
    ref = RowRef(results=results, where=(one.where.source_hash, one.where.occurrence))
    return one.row.line, "", one.what, one.field, "", "", "", str(ref), _text(one.row.values)


def _row(row: DerivedRow) -> Sequence[object]:
    said = row.said
    return (
        int(said.get("vorel_line") or 0),
        said.get("vorel_status", ""),
        said.get("vorel_error_code", ""),
        said.get("vorel_error_field", ""),
        said.get("vorel_ref", "").rpartition("#")[2].removesuffix("-json"),
        said.get("vorel_error_message", ""),
        said.get("vorel_hint", ""),
        row.ref,
        _text(row.values if row.ref else {RAW: said.get("vorel_raw", "")}),
    )
