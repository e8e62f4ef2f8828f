"""Reads the sources once, to find their columns and how to read them."""

from __future__ import annotations

import hashlib
import sys
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from importer import reader
from importer.core.errors import UsageError
from importer.core.locale.message import Message
from importer.core.paths import walk_leaves, walk_paths
from importer.core.records import Row
from importer.core.settings import ReadOptions
from importer.mapper.mapping.file import load_mapping
from importer.reader import Batch, ChunkSize, Layout, SourceFile
from importer.run.derived_sources import refuse_crossed_refs
from importer.writer.exporter import ExportDialect
from importer.writer.lines.run_line import RunLine

_COUNTED_BYTES = 8 * 1024 * 1024
"""Files up to this size are counted: it takes a tenth of a second, which nobody notices."""
_KEPT_BYTES = 512 * 1024
"""The rows of sources up to this size are kept for the next passes, in some 5 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """
    The result of the first pass over the sources.

    `columns` are the columns of the sources in order of appearance (for JSONL the dotted paths of
    its leaves). `rows` counts all rows, including refused ones; it is None if large CSV files were
    not counted, and `expected_rows` then an estimate from their size and first lines. `headers` are
    the columns of each file that has a header, by the name of the file. `stamps` show whether a
    file has changed since.

    `refs` are of derived files alone: the results files that the rows of each file name, and
    whether the file is only a view of a JSON list. `found` are the notices of files that were read
    to their end. `kept` are all rows, if there are few. `sizes` are those of the chunks of each
    file that were read, by the place of the file and the number of the chunk.
    """

    files: tuple[tuple[SourceFile, Layout], ...]
    options: ReadOptions
    columns: tuple[str, ...]
    paths: frozenset[str]
    has_header: bool
    rows: int | None
    expected_rows: int
    size: int
    sha256: str
    notices: tuple[Message, ...]
    refs: Sequence[Mapping[str, bool]] = ()
    headers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    stamps: Sequence[tuple[int, ...]] = ()
    found: dict[Message, None] = field(default_factory=dict)
    kept: list[Batch] = field(default_factory=list)
    sizes: dict[int, dict[int, ChunkSize]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of the sources in the results file."""
        return ", ".join(file.name for file, _ in self.files)

    @property
    def dialect(self) -> ExportDialect:
        """How to write derived files so that the same settings can read them."""
        layouts = [layout for _, layout in self.files]
        delimiters = [layout.delimiter for layout in layouts if layout.delimiter]
        # A spreadsheet program recognises UTF-8 only by its byte order mark.
        encodings = {
            "utf-8-sig" if file.is_sheet else layout.encoding
            for file, layout in self.files
            if layout.delimiter
        }
        return ExportDialect(
            # One encoding of several might lack letters that the others have.
            encoding=encodings.pop() if len(encodings) == 1 else "utf-8",
            delimiter=_written_with(delimiters[0]) if delimiters else ",",
            has_objects=len(delimiters) < len(layouts),
            has_sources=len(layouts) > 1,
        )

    def digests(self) -> list[str]:
        """Return the SHA-256 of the sources, and of each workbook as a file."""
        books = [Path(file.name) for file, _ in self.files if file.is_sheet]
        found = (hashlib.sha256(path.read_bytes()).hexdigest() for path in books if path.is_file())
        return [self.sha256, *found]

    def changed(self) -> list[str]:
        """Return the names of the files that have changed since the survey began."""
        return [
            file.name
            for (file, _), stamp in zip(self.files, self.stamps, strict=True)
            if _stamp(file) != stamp
        ]

    @property
    def is_derived(self) -> bool:
        """Whether all sources are derived files of an import."""
        return bool(self.refs) and all(self.refs)

    @property
    def read_as(self) -> tuple[Message, ...]:
        """How each file is read, with the evidence, as `check` prints it."""
        return tuple(
            Message(
                "%(name)s: %(evidence)s",
                name=file.name,
                evidence=[_form_of(layout), *layout.evidence],
            )
            for file, layout in self.files
        )

    def batches(self) -> Iterator[Batch]:
        """Yield the rows of every file, in order, in batches."""
        return (batch for _, batch in self._placed())

    def batches_with(self, places: Sequence[int]) -> Iterator[tuple[int, Batch, Sequence[int]]]:
        """
        Yield (place of its first row, batch, places in it) for each batch with one of `places`.

        `places` are in order. Reading stops after the last one, and leaves out chunks without one
        that an earlier pass has read.
        """
        done = 0
        for first, batch in self._placed(places) if places else ():
            end = bisect_left(places, first + len(batch), done)
            if end > done:
                yield first, batch, places[done:end]
            if end == len(places):
                return
            done = end

    def batches_from(self, place: int) -> Iterator[tuple[int, Batch]]:
        """Yield each batch with rows from this place on, and the index of the first of them."""
        for first, batch, _ in self.batches_with(range(place, sys.maxsize)):
            yield max(0, place - first), batch

    def _placed(self, places: Sequence[int] | None = None) -> Iterator[tuple[int, Batch]]:
        """Yield (place of its first row, batch): all, or at least those with one of `places`."""
        first = 0
        for kept in self.kept:
            yield first, kept
            first += len(kept)
        for at, (file, layout) in enumerate(() if self.kept else self.files):
            sizes = self.sizes.setdefault(at, {})
            without = {
                chunk: size
                for chunk, size in sizes.items()
                if places is not None and _has_none(places, first + size.number - 1, size.rows)
            }
            with reader.open_source(file, layout, self.options) as rows:
                for batch in reader.batches_but(rows, sizes, without):
                    if isinstance(batch, ChunkSize):
                        first += batch.rows
                    else:
                        yield first, batch
                        first += len(batch)
                self.found.update(dict.fromkeys(_notices(file, rows.notices)))

    def first_rows(self, most: int) -> list[Row]:
        """Return the rows that could be read among the first rows of the first file."""
        file, layout = self.files[0]
        with reader.open_source(file, layout, self.options) as rows:
            return [row for row in islice(rows, most) if isinstance(row, Row)]

    def hashed(self) -> Iterator[tuple[str, Batch, int]]:
        """
        Yield (source hash, batch, index) of every row of every file, in order.

        The row itself is `batch.row(index)`: most rows of a nightly list do not need it.
        """
        for batch in self.batches():
            for index, source_hash in enumerate(batch.hashes):
                yield source_hash, batch, index


def _has_none(places: Sequence[int], first: int, rows: int) -> bool:
    """Return whether none of some places, in order, is one of the rows from `first` on."""
    return bisect_left(places, first) == bisect_left(places, first + rows)


def _written_with(delimiter: str) -> str:
    """Return the delimiter to write with: one character, also where the list has several."""
    return next((one for one in delimiter if not one.isspace()), delimiter[0])


def _note_keys(batch: Batch, columns: dict[str, None], paths: set[str]) -> None:
    """Add the paths of the leaves in a batch's objects to `columns`, and all paths to `paths`."""
    for form in batch.key_samples():
        columns |= dict.fromkeys(path for path, _ in walk_leaves(form))
        paths |= {path for path, _ in walk_paths(form)}


def read_survey(sources: tuple[str, ...], options: ReadOptions, *, spool: Path) -> Survey:
    """
    Read all sources once and return what is in them. Raises `SourceError`.

    The rows of large CSV files are not counted: the plan does that. Every byte is still read, to
    make sure that it can be decoded.
    """
    files = reader.find_sources(sources, spool=spool, options=options)
    stamps = [_stamp(file) for file in files]
    size, sha256 = reader.fingerprint(files)
    found: list[tuple[SourceFile, Layout]] = []
    columns: dict[str, None] = {}
    paths: set[str] = set()
    notices: list[Message] = []
    refs: list[dict[str, bool]] = []
    headers: dict[str, Sequence[str]] = {}
    kept: list[Batch] = []
    rows, has_header, is_counted = 0, False, True
    for file in files:
        found.append((file, layout := reader.detect_layout(file, options)))
        refs.append({})
        with reader.open_source(file, layout, options) as stream:
            if stream.columns is not None:
                has_header = True
                headers[file.name] = stream.columns
                columns |= dict.fromkeys(stream.columns)
            is_small = file.content.size <= _COUNTED_BYTES
            if is_small or stream.columns is None or stream.is_derived:
                for batch in refuse_crossed_refs(reader.batches(stream), file.name):
                    rows += len(batch)
                    kept += [batch] if size <= _KEPT_BYTES else []
                    _note_refs(batch, refs[-1])
                    if stream.columns is None:
                        _note_keys(batch, columns, paths)
            else:
                rows += file.content.estimated_lines
                is_counted = False
            notices += _notices(file, stream.notices)
    return Survey(
        files=tuple(found),
        options=options,
        columns=tuple(columns),
        paths=frozenset(paths),
        has_header=has_header,
        rows=rows if is_counted else None,
        expected_rows=rows,
        size=size,
        sha256=sha256,
        notices=tuple(notices),
        refs=tuple(refs),
        headers=headers,
        stamps=stamps,
        kept=kept,
    )


def survey_of_list(results: Path, runs: Sequence[RunLine], spool: Path) -> Survey | None:
    """Return the list of the last run that had one, or None if it has changed or is gone."""
    run = next((one for one in reversed(runs) if one.is_of_list), None)
    sources = run.settings.get("sources") if run else None
    if run is None or run.source is None or not isinstance(sources, list):
        return None
    for folder in (Path(), results.parent):
        names = tuple(str(folder / str(source)) for source in sources)
        if "-" in sources or not all(Path(name).exists() for name in names):
            continue
        try:
            survey = read_survey(names, read_options_of(run), spool=spool)
        except UsageError:
            continue
        if survey.sha256 == run.source.sha256:
            return survey
    return None


def read_options_of(run: RunLine) -> ReadOptions:
    """Return how a run read its sources, from its flags and the `[read]` of its mapping."""
    stated, mapping = run.settings.get("read"), run.settings.get("mapping")
    stated = stated if isinstance(stated, dict) else {}
    known = {name: value for name, value in stated.items() if name in ReadOptions.model_fields}
    options = ReadOptions.model_validate(known)
    if isinstance(mapping, str) and Path(mapping).exists():
        options = options.over(load_mapping(Path(mapping)).read)
    return options


def _stamp(file: SourceFile) -> tuple[int, ...]:
    """Return a stamp that changes when a file is written to or replaced."""
    try:
        found = file.path.stat()
    except OSError:
        return ()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _note_refs(batch: Batch, refs: dict[str, bool]) -> None:
    """Note the results files that rows name, and whether the file is only a view."""
    for mark in batch.marks.values():
        if mark.ref is not None:
            refs[mark.ref.results] = refs.get(mark.ref.results, False) or mark.ref.is_view


def _notices(file: SourceFile, notices: Sequence[Message]) -> list[Message]:
    return [Message("%(name)s: %(what)s", name=file.name, what=one) for one in notices]


def _form_of(layout: Layout) -> Message:
    if layout.sheet is not None:
        return Message("sheet %(column)s of a workbook", column=layout.sheet)
    return Message("%(encoding)s", encoding=layout.encoding.upper())
