"""Writes the derived files: every row is in one of them, as it is in the source."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from importer.core.keys import canonical_json
from importer.core.paths import walk_leaves
from importer.core.records import TO_COMPARE, Outcome, Rejected, Row
from importer.core.row_marks import RowRef, Where
from importer.core.shared import JsonValue
from importer.writer.lines.run_line import ExportsRecord
from importer.writer.list_status import ListStatusCounter
from importer.writer.pending_files import PendingFile, PendingTextFile

if TYPE_CHECKING:
    import polars as pl

EXPORTS = ("success", "failed", "unsent", "changed")
"""The kinds of derived files. Each row of a source is in exactly one of them."""
_OWN_COLUMNS = (
    "vorel_row",
    "vorel_line",
    "vorel_status",
    "vorel_external_id",
    "vorel_record_url",
    "vorel_error_code",
    "vorel_error_field",
    "vorel_error_message",
    "vorel_hint",
    "vorel_failing_since",
    "vorel_raw",
    "vorel_left_out",
)

_OF_OBJECTS = "_jsonl"
_UNREAD = "sent as written"
"""The note for a field whose value could not be read, and was sent unchanged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportDialect:
    """
    How derived files are written: like the source, so that the same mapping can read them.

    With `has_objects` the source has JSON objects: the rows are also written as JSON Lines, and the
    CSV file is a view of them for people. With `has_sources` there are several sources, and each
    row names its own.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    has_objects: bool = False
    has_sources: bool = False


def flatten(values: Mapping[str, JsonValue]) -> Iterator[tuple[str, str]]:
    """
    Yield each leaf of a JSON object as (dotted path, text).

    Texts are unchanged and null is empty; numbers, booleans and lists are JSON.
    """
    for path, value in walk_leaves(values):
        if value is None:
            yield path, ""
        elif isinstance(value, str):
            yield path, value
        else:
            yield path, canonical_json(value).decode()


class Exporter:
    """
    Writes the rows of an import to a file for each kind of outcome, all in one folder.

    Use it as a context manager, call `add` for each row in source order, then `finish`. Files
    without rows are not created. The end removes files that were not moved into place. `edited` are
    the kinds of files with rows that the list lacks, or has in another form.
    """

    def __init__(
        self, folder: Path, columns: Sequence[str], dialect: ExportDialect, *, results: str
    ) -> None:
        """Write rows of `columns`; `results` is the name of the results file in `vorel_ref`."""
        self.counts = dict.fromkeys(EXPORTS, 0)
        self.list_status = ListStatusCounter()
        self.edited: set[str] = set()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="vorel-export")
        self._writing: Future[None] | None = None
        self._columns = list(columns)
        self._own = [*_OWN_COLUMNS, *(["vorel_source"] if dialect.has_sources else []), "vorel_ref"]
        self._dialect = dialect
        self._results = results
        prefix = f".{results}."
        self._tables = {
            kind: PendingTextFile(folder, prefix, dialect.encoding, "backslashreplace")
            for kind in EXPORTS
        }
        self._writers = {
            kind: csv.writer(table, delimiter=dialect.delimiter)
            for kind, table in self._tables.items()
        }
        self._objects = (
            {kind: PendingTextFile(folder, prefix, "utf-8", "surrogateescape") for kind in EXPORTS}
            if dialect.has_objects
            else {}
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown()
        for file in (*self._tables.values(), *self._objects.values()):
            file.close()

    def begin_with(self, left: ExportsRecord, folder: Path) -> Mapping[str, str]:
        """
        Begin with the files that an earlier run has `left` in a folder.

        Returns the SHA-256 of each by its name.
        """
        self.counts.update(left.rows)
        if left.list_status is not None:
            self.list_status.begin_with(left.list_status)
        digests = {}
        for kind, (name, _, _) in left.files.items():
            files = self._objects if kind.endswith(_OF_OBJECTS) else self._tables
            digests[name] = files[kind.removesuffix(_OF_OBJECTS)].begin_with(folder / name)
        return digests

    def finish(self) -> list[PendingFile]:
        """Return the complete files, which are on disk."""
        self._wait()
        files = [(kind, "csv", table) for kind, table in self._tables.items()]
        files += [(kind, "jsonl", objects) for kind, objects in self._objects.items()]
        pending_files = (file.finish(kind, ending) for kind, ending, file in files)
        return [pending_file for pending_file in pending_files if pending_file is not None]

    def add(
        self,
        row: Row | Rejected,
        where: Where,
        outcome: Outcome | None,
        *,
        kind: str | None = None,
        corrected: Row | Rejected | None = None,
        was_sent: bool = False,
    ) -> None:
        """
        Write a row of the list to the file for its outcome.

        It is written as in the source, or in its `corrected` form from a derived file. A row
        without an outcome may have been sent.
        """
        self.list_status.add(outcome, row, was_sent=was_sent)
        kind = kind or _kind_of(outcome)
        if corrected is not None:
            self.edited.add(kind)
            corrected = replace(corrected, number=row.number, line=row.line, source=row.source)
        self._write(kind, corrected or row, where, outcome)

    def add_beside(self, row: Row | Rejected, where: Where, outcome: Outcome | None) -> None:
        """Write a row that somebody has added to a derived file; the list does not have it."""
        kind = _kind_of(outcome)
        self.edited |= {kind} - {"success"}
        self._write(kind, row, where, outcome)

    def _write(
        self,
        kind: str,
        row: Row | Rejected,
        where: Where,
        outcome: Outcome | None,
    ) -> None:
        ref = RowRef(results=self._results, where=where)
        self._wait()
        own = _details(row, outcome)
        own += [row.source] if self._dialect.has_sources else []
        self._begin(kind)
        shown = f"{ref}-json" if self._dialect.has_objects else str(ref)
        self._writers[kind].writerow([*self._cells(row), *own, shown])
        if kind in self._objects:
            named = dict(zip(self._own, [*own, str(ref)], strict=True))
            self._objects[kind].write(_object_line(row, named))

    def add_created(
        self,
        cells: pl.DataFrame,
        number: int,
        lines: Sequence[int],
        links: pl.DataFrame,
        *,
        hashes: Sequence[str],
        source: str = "",
    ) -> None:
        """
        Write CSV rows that were all created, the first of which has this `number`.

        This is `add` for many rows at once: `links` are their `external_id` and `record_url`,
        `lines` the lines on which they begin, `hashes` their source hashes. The occurrence of each
        row is 1. A thread writes them while the next ones are read.
        """
        self._wait()
        self.list_status.add_created(len(cells))
        self._begin("success", len(cells))
        self._writing = self._thread.submit(
            self._write_created, cells, number, lines, links, hashes, source
        )

    def _wait(self) -> None:
        """Wait for the writing thread, so that rows keep their order. Raises `OSError`."""
        if self._writing is not None:
            writing, self._writing = self._writing, None
            writing.result()

    def _write_created(
        self,
        cells: pl.DataFrame,
        number: int,
        lines: Sequence[int],
        links: pl.DataFrame,
        hashes: Sequence[str],
        source: str,
    ) -> None:
        import polars as pl

        ending = "-1-json" if self._dialect.has_objects else "-1"
        refs = pl.Series("ref", list(hashes), pl.String)
        texts = {name: cells[name] for name in self._columns if name in cells.columns} | {
            "vorel_row": pl.Series(range(number, number + len(cells))).cast(pl.String),
            "vorel_line": pl.Series(lines).cast(pl.String),
            "vorel_status": pl.repeat("created", len(cells), eager=True),
            "vorel_external_id": links["external_id"],
            "vorel_record_url": links["record_url"],
            "vorel_source": pl.repeat(source, len(cells), eager=True),
            "vorel_ref": pl.select(
                pl.concat_str(pl.lit(f"{self._results}#"), refs, pl.lit(ending))
            ).to_series(),
        }
        empty = pl.repeat("", len(cells), eager=True)
        table = pl.DataFrame(
            texts.get(name, empty).alias(str(place))
            for place, name in enumerate([*self._columns, *self._own])
        )
        # polars would write an empty text in quotes, and the csv module does not.
        shown = table.select(pl.when(pl.all() != "").then(pl.all()))
        self._tables["success"].write(
            shown.write_csv(
                include_header=False,
                separator=self._dialect.delimiter,
                line_terminator="\r\n",
                quote_style="necessary",
            )
        )

    def _begin(self, kind: str, rows: int = 1) -> None:
        """Count rows of a kind, and write the header before the first one."""
        if not self.counts[kind]:
            self._writers[kind].writerow([*self._columns, *self._own])
        self.counts[kind] += rows

    def _cells(self, row: Row | Rejected) -> list[str]:
        if isinstance(row, Rejected):
            return [""] * len(self._columns)
        texts = dict(flatten(row.values))
        return [texts.get(name, "") for name in self._columns]


def _object_line(row: Row | Rejected, own: Mapping[str, str | int]) -> str:
    """
    Return a row as a line of a JSON Lines file, which the reader reads as the same row.

    Names keep their order. If the row was not an object, its text is in `vorel_raw`.
    """
    values = row.values if isinstance(row, Row) else {}
    named = {**values, **{name: text for name, text in own.items() if text != ""}}
    members = (
        f"{canonical_json(name).decode()}:{_json_text(value)}" for name, value in named.items()
    )
    return "{" + ",".join(members) + "}\n"


def _json_text(value: JsonValue) -> str:
    try:
        return canonical_json(value).decode()
    except ValueError:  # half a surrogate pair, in the raw text of a refused line
        return canonical_json(str(value).encode("utf-8", "backslashreplace").decode()).decode()


def _kind_of(outcome: Outcome | None) -> str:
    if outcome is None:
        return "unsent"
    if outcome.status in TO_COMPARE:
        return "success" if outcome.is_acknowledged else "changed"
    return "success" if outcome.is_settled() else "failed"


def _details(row: Row | Rejected, outcome: Outcome | None) -> list[str | int]:
    raw = row.raw if isinstance(row, Rejected) else ""
    if outcome is None:
        return [row.number, row.line, "unsent", "", "", "", "", "", "", "", raw, ""]
    error = None if outcome.is_acknowledged else outcome.error
    return [
        row.number,
        row.line,
        outcome.status.value,
        outcome.external_id or "",
        outcome.record_url or "",
        *((error.code, error.field or "", error.message, error.hint or "") if error else [""] * 4),
        outcome.failing_since or "",
        raw,
        "; ".join((*outcome.left_out, *(f"{name} ({_UNREAD})" for name in outcome.kept))),
    ]
