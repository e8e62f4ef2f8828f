"""Reads one CSV source: its header first, then its rows, one by one or a chunk at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from importer.core.errors import SourceError
from importer.core.locale.message import Message
from importer.core.records import Rejected, Row
from importer.reader.csv.dialect import CsvDialect
from importer.reader.csv.header import Header, SkippedLines
from importer.reader.csv.record_reader import RecordReader
from importer.reader.csv.structure import Structure
from importer.reader.csv.tables import Footers, footer_notice
from importer.reader.protocol import ChunkBatch, ChunkSize, ReadChunk
from importer.reader.text.chunks import ChunkStream
from importer.reader.text.lines import RecordLines, TextSource


class CsvReader:
    """
    Reads the rows of one CSV source (`importer.reader.protocol.RowReader`).

    Each record comes out exactly as written, or as `Rejected` with its line; a damaged one is
    repaired only if there is just one way to read it, and a notice says so.

    `columns` are the header's names, made distinct, without those that begin `vorel_`. `starts` are
    those of a spreadsheet (`SourceFile`). Memory is bounded by `max_row_bytes` (characters of one
    record). Raises `SourceError` for a source without a header that can be read.
    """

    def __init__(
        self,
        stream: TextSource,
        *,
        source: str,
        max_row_bytes: int,
        dialect: CsvDialect | None = None,
        structure: Structure | None = None,
        notices: Sequence[Message] = (),
        starts: Sequence[int] = (),
    ) -> None:
        self.starts = starts
        self.chunks = stream if isinstance(stream, ChunkStream) else None
        self._source = source
        self._limit = max_row_bytes
        self._dialect = dialect or CsvDialect()
        self._structure = structure or Structure()
        self._lines = RecordLines(stream, max_row_bytes, comment=self._dialect.comment)
        self._header = Header(self._lines, self._dialect, self._structure)
        if self._header.error:
            raise SourceError(
                "%(name)s: %(what)s",
                name=source,
                what=self._header.error,
                hint="The first line that is not blank must hold the column names; state the "
                "encoding with --encoding if it does.",
            )
        self.columns = self._header.own_columns
        self.notices = [*notices, *self._structure.notices, *self._header.notices]
        self._footers = Footers(self._dialect, len(self._header.columns))
        self._records = RecordReader(
            self._lines,
            self._header,
            source=source,
            limit=max_row_bytes,
            dialect=self._dialect,
            structure=self._structure,
        )

    def __iter__(self) -> Iterator[Row | Rejected]:
        for row in self._records:
            if self._records.is_in_other_table() or not self._footers.hold(row):
                yield from self._footers.release()
                yield row
        footers = self._footers.drop()
        self._records.count_as_footers(footers)
        self.notices += (footer_notice(row, self.starts) for row in footers)
        self.notices += self._records.take_notices()

    @property
    def is_derived(self) -> bool:
        """Whether the header has columns of a derived file of the importer."""
        return len(self.columns) < len(self._header.columns)

    @property
    def skipped(self) -> SkippedLines:
        """How many lines so far are not in a row, by what they are."""
        return self._records.skipped.with_comments(self._lines.comments)

    @property
    def read_chunk(self) -> ReadChunk | None:
        """A function that reads one chunk, in any thread; None if rows are read one by one."""
        if self.chunks is None or self.is_derived or not self._dialect.is_plain:
            return None
        encoding, profile = self.chunks.encoding, self._structure.profile

        def read(chunk: bytes) -> ChunkBatch | None:
            # A short list does without polars.
            from importer.reader.csv.csv_block import read_block

            return read_block(
                chunk,
                source=self._source,
                header=self.columns,
                delimiter=self._dialect.delimiter,
                encoding=encoding,
                max_row_bytes=self._limit,
                outside=(self._header.raw, self._dialect.comment),
                names=self._header.names,
                marker_column=profile.marker_column if profile else None,
            )

        return read

    def is_between_chunks(self) -> bool:
        """Return whether all rows of the chunks so far are handed out, and none has begun."""
        return (
            self.chunks is not None
            and self._records.is_between_records()
            and not self._footers.is_holding()
            and self.chunks.used_up()
        )

    def continue_after(self, size: ChunkSize) -> tuple[int, int]:
        """Continue behind the rows of the next chunk. Returns number and line of its first row."""
        return self._records.continue_after(size)
