"""Writes the success, failed and unsent files: every source row is in exactly one of them."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

import polars as pl

from importer.keys import canonical_json
from importer.paths import walk_leaves
from importer.records import Outcome, Rejected, Row

__all__ = ["EXPORTS", "Dialect", "Exporter", "export_paths", "flatten"]

EXPORTS = ("success", "failed", "unsent")
OBJECTS = "failed_jsonl"
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
    "vorel_raw",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """
    How the files are written: as the source was, so that the same mapping reads them.

    With `has_objects` the source holds JSON objects: the failed ones are written as such too.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    has_objects: bool = False


def flatten(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """
    Yield a JSON object's leaves as (dotted path, text).

    Texts stay as they are; null is empty; numbers, booleans and lists are written as the JSON
    that is sent, so that a field of text is the same whichever of the two files it comes from.
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
    Writes the three files beside each other; they take their names only when all is written.

    Where the source holds objects, a fourth one has the failed rows as JSON Lines. Use it as a
    context manager and call `add` for each row in source order.
    """

    def __init__(self, folder: Path, stem: str, columns: Sequence[str], dialect: Dialect) -> None:
        self.paths = export_paths(folder, stem, dialect)
        self.counts = dict.fromkeys(EXPORTS, 0)
        self._columns = list(columns)
        self._dialect = dialect
        self._stack = ExitStack()
        self._writers: dict[str, Any] = {}
        self._streams: dict[str, IO[str]] = {}

    def __enter__(self) -> Self:
        try:
            for name in EXPORTS:
                self._writers[name] = self._open(name, _temporary(self.paths[name]))
            if OBJECTS in self.paths:
                self._streams[OBJECTS] = self._stack.enter_context(
                    _temporary(self.paths[OBJECTS]).open(
                        "w", encoding="utf-8", errors="surrogateescape", newline=""
                    )
                )
        except BaseException:
            self._discard()
            raise
        return self

    def _open(self, name: str, path: Path) -> Any:
        stream = self._stack.enter_context(
            path.open("w", encoding=self._dialect.encoding, errors="backslashreplace", newline="")
        )
        self._streams[name] = stream
        writer = csv.writer(stream, delimiter=self._dialect.delimiter)
        writer.writerow([*self._columns, *_OWN_COLUMNS])
        return writer

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            if kind is None:
                self._publish()
        finally:
            self._discard()

    def _publish(self) -> None:
        for stream in self._streams.values():
            stream.flush()
            os.fsync(stream.fileno())
        self._stack.close()
        for path in self.paths.values():
            _temporary(path).replace(path)

    def _discard(self) -> None:
        """Remove what has not taken its name."""
        with suppress(OSError):  # a full disk: the error that counts was raised before
            self._stack.close()
        for path in self.paths.values():
            with suppress(OSError):
                _temporary(path).unlink(missing_ok=True)

    def add(self, row: Row | Rejected, outcome: Outcome | None) -> None:
        """Write a row, as it stands in the source, to the file its outcome belongs to."""
        name = _file_of(outcome)
        self.counts[name] += 1
        details = _details(row, outcome)
        self._writers[name].writerow([*self._cells(row), *details])
        if name == "failed" and OBJECTS in self._streams:
            self._streams[OBJECTS].write(_object_line(row, details))

    def add_created(
        self,
        cells: pl.DataFrame,
        number: int,
        lines: Sequence[int],
        links: Sequence[tuple[str, str]],
    ) -> None:
        """
        Write CSV rows that were all created, the first of which has this `number`.

        It writes the same as `add`, many rows at once: `links` are their `external_id` and
        `record_url`, `lines` where they begin.
        """
        self.counts["success"] += len(cells)
        texts = {name: cells[name] for name in self._columns if name in cells.columns} | {
            "vorel_row": pl.Series(range(number, number + len(cells))).cast(pl.String),
            "vorel_line": pl.Series(lines).cast(pl.String),
            "vorel_status": pl.repeat("created", len(cells), eager=True),
            "vorel_external_id": pl.Series([external_id for external_id, _ in links]),
            "vorel_record_url": pl.Series([record_url for _, record_url in links]),
        }
        empty = pl.repeat("", len(cells), eager=True)
        table = pl.DataFrame(
            texts.get(name, empty).alias(str(place))
            for place, name in enumerate([*self._columns, *_OWN_COLUMNS])
        )
        # An empty text would be written in quotes, as the csv module does not.
        shown = table.select(pl.when(pl.all() != "").then(pl.all()))
        self._streams["success"].write(
            shown.write_csv(
                include_header=False,
                separator=self._dialect.delimiter,
                line_terminator="\r\n",
                quote_style="necessary",
            )
        )

    def _cells(self, row: Row | Rejected) -> Iterable[str]:
        if isinstance(row, Rejected):
            return [""] * len(self._columns)
        texts = dict(flatten(row.values))
        return [texts.get(name, "") for name in self._columns]


def export_paths(folder: Path, stem: str, dialect: Dialect) -> dict[str, Path]:
    """Return where the files lie, by name."""
    paths = {name: folder / f"{stem}.{name}.csv" for name in EXPORTS}
    return paths | ({OBJECTS: folder / f"{stem}.failed.jsonl"} if dialect.has_objects else {})


def _object_line(row: Row | Rejected, details: Sequence[str | int]) -> str:
    """
    Return the line of a JSON Lines file that is read as the very same row.

    Names keep their order. A line that is no object stands as it is: it can be corrected there.
    """
    if isinstance(row, Rejected):
        return " ".join(row.raw.splitlines()) + "\n"
    own = {name: text for name, text in zip(_OWN_COLUMNS, details, strict=True) if text != ""}
    members = (
        f"{canonical_json(name).decode()}:{canonical_json(value).decode()}"
        for name, value in {**row.values, **own}.items()
    )
    return "{" + ",".join(members) + "}\n"


def _temporary(path: Path) -> Path:
    return path.with_name(f".{path.name}.partial")


def _file_of(outcome: Outcome | None) -> str:
    if outcome is None:
        return "unsent"
    return "success" if outcome.is_settled() else "failed"


def _details(row: Row | Rejected, outcome: Outcome | None) -> list[str | int]:
    raw = row.raw if isinstance(row, Rejected) else ""
    if outcome is None:
        return [row.number, row.line, "unsent", "", "", "", "", "", "", raw]
    error = outcome.error
    return [
        row.number,
        row.line,
        outcome.status.value,
        outcome.external_id or "",
        outcome.record_url or "",
        *((error.code, error.field or "", error.message, error.hint or "") if error else [""] * 4),
        raw,
    ]
