"""Reads JSON Lines: one object per line. A bad line is one error, and the next line is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from importer.core.locale.message import Message
from importer.core.records import Rejected, Row
from importer.reader.json.row_parser import RowParser
from importer.reader.protocol import ChunkBatch, ChunkSize, ReadChunk
from importer.reader.row_maker import RowMaker
from importer.reader.text.chunks import ChunkStream
from importer.reader.text.lines import LineReader, TextSource

_BLANK = " \t\r\n"


class JsonlReader:
    """
    Iterates over the objects of one JSON Lines stream as `Row` or `Rejected`, in order.

    Numbers keep all their digits; names that begin with `vorel_` are left out. Blank lines are
    skipped. Memory is bounded by `max_row_bytes` (characters of one
    line).
    """

    columns: list[str] | None = None
    is_derived = False

    def __init__(
        self,
        stream: TextSource,
        *,
        source: str,
        max_row_bytes: int,
        notices: Sequence[Message] = (),
    ) -> None:
        self.chunks = stream if isinstance(stream, ChunkStream) else None
        self.notices = [*notices]
        self._lines = LineReader(stream, max_row_bytes)
        self._parser = RowParser(
            maker=RowMaker(source),
            max_row_bytes=max_row_bytes,
            hint=Message("Write one JSON object on this line."),
        )
        self._number = self._line = 0

    def __iter__(self) -> Iterator[Row | Rejected]:
        while text := self._lines.read():
            self._line += 1
            if not text.strip(_BLANK):
                continue
            self._number += 1
            yield self._parser.parse(self._number, self._line, text.rstrip("\r\n"))

    @property
    def read_chunk(self) -> ReadChunk | None:
        """Reads a chunk of this source column by column; None if the source has no chunks."""
        if self.chunks is None:
            return None
        encoding = self.chunks.encoding

        def read(chunk: bytes) -> ChunkBatch | None:
            # A short list does without polars.
            from importer.reader.json.json_block import read_json_block

            return read_json_block(
                chunk,
                encoding=encoding,
                max_row_bytes=self._parser.max_row_bytes,
                parse=self._parser.parse,
            )

        return read

    def is_between_chunks(self) -> bool:
        """Return whether all rows of the chunks so far are handed out, and none has begun."""
        return self._lines.is_empty() and self.chunks is not None and self.chunks.used_up()

    def continue_after(self, size: ChunkSize) -> tuple[int, int]:
        """Continue behind the rows of the next chunk. Returns number and line of its first row."""
        first = self._number + 1, self._line + 1
        self._number += size.rows
        self._line += size.lines
        return first
