"""Yields rows in batches: whole chunks if that gives the same rows, else row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from functools import cached_property
from typing import Generic, Self, TypeVar

from importer.core.keys import source_hash_of
from importer.core.records import Rejected, Row
from importer.core.row_marks import RowMark
from importer.core.shared import JsonValue
from importer.reader.protocol import Batch, ChunkBatch, ChunkReader, ChunkSize, RowReader
from importer.reader.text.chunks import ChunkStream

_BATCH_ROWS = 4096

T = TypeVar("T")
# Not all work on a chunk is done by polars, without the interpreter's lock: three threads keep two
# cores busy and are a seventh faster than two (measured). More threads only cost memory.
_AT_ONCE = 3


class _ParsedRows:
    """A batch of rows that were read one by one."""

    def __init__(self, rows: Sequence[Row | Rejected]) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    @cached_property
    def hashes(self) -> list[str]:
        return [source_hash_of(row) for row in self._rows]

    @cached_property
    def marks(self) -> dict[int, RowMark]:
        return {at: row.mark for at, row in enumerate(self._rows) if row.mark is not None}

    def row(self, index: int) -> Row | Rejected:
        return self._rows[index]

    def number_of(self, index: int) -> int:
        return self._rows[index].number

    def key_samples(self) -> Iterator[Mapping[str, JsonValue]]:
        return (row.values for row in self._rows if isinstance(row, Row))


def batch_of(rows: Sequence[Row | Rejected]) -> Batch:
    """Return rows as a batch."""
    return _ParsedRows(rows)


def batches(reader: RowReader) -> Iterator[Batch]:
    """
    Yield all rows of `reader` in batches, in order.

    Iterating over the reader yields the same rows.
    """
    whole = batches_but(reader, {}, {})
    return (batch for batch in whole if not isinstance(batch, ChunkSize))


def batches_but(
    reader: RowReader, sizes: dict[int, ChunkSize], without: Mapping[int, ChunkSize]
) -> Iterator[Batch | ChunkSize]:
    """
    Yield the rows of `reader` in batches, and of the chunks `without` only their sizes.

    It adds to `sizes` those of chunks that it reads whole, by their numbers: a later pass over the
    same file can leave them out.
    """
    rows: list[Row | Rejected] = []
    records = iter(reader)
    chunked = reader if isinstance(reader, ChunkReader) else None
    with _prefetcher(chunked, without) as prefetcher:
        while True:
            if chunked is not None and prefetcher is not None and chunked.is_between_chunks():
                if rows:
                    yield _ParsedRows(rows)
                    rows = []
                while (block := prefetcher.take()) is not None:
                    number = prefetcher.taken
                    if isinstance(block, ChunkSize):
                        chunked.continue_after(block)
                    else:
                        size = ChunkSize(len(block), block.lines)
                        block.number, block.line = chunked.continue_after(size)
                        sizes[number] = size._replace(number=block.number)
                    yield block
            row = next(records, None)
            if row is not None:
                rows.append(row)
            if rows and (row is None or len(rows) >= _BATCH_ROWS):
                yield _ParsedRows(rows)
                rows = []
            if row is None:
                return


def _prefetcher(
    reader: ChunkReader | None, without: Mapping[int, ChunkSize]
) -> Prefetcher[ChunkBatch] | nullcontext[None]:
    if reader is None or reader.chunks is None or (read := reader.read_chunk) is None:
        return nullcontext()
    return Prefetcher(reader.chunks, read, without)


class Prefetcher(Generic[T]):
    """
    Runs `read` over the next chunks of a source in threads, before the results are needed.

    Only `take` reads the source itself, in the caller's thread; `read` gets bytes. `take` raises
    the exceptions of `read`; if `read` returns None, the chunk has to be read row by row. Leaving
    the `with` block waits for running threads and drops their results. `without` has the sizes of
    chunks that need not be read, by their numbers; `take` returns them instead.
    """

    def __init__(
        self,
        chunks: ChunkStream,
        read: Callable[[bytes], T | None],
        without: Mapping[int, ChunkSize] | None = None,
    ) -> None:
        self.taken = -1
        """The number of the last chunk that was taken."""
        self._chunks = chunks
        self._read = read
        self._without = without or {}
        self._begun: dict[int, Future[T | None]] = {}
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="vorel-read")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._threads.shutdown(cancel_futures=True)

    def take(self) -> T | ChunkSize | None:
        """Return the result of `read` for the next chunk, and skip it; None skips nothing."""
        here = self._chunks.passed
        if here in self._without and self._chunks.ahead(1):
            self._skip()
            return self._without[here]
        for passed in [place for place in self._begun if place < here]:
            del self._begun[passed]  # it was read row by row
        for place, chunk in enumerate(self._chunks.ahead(_AT_ONCE), here):
            if place not in self._begun and place not in self._without:
                self._begun[place] = self._threads.submit(self._read, chunk)
        if here not in self._begun:
            return None
        made = self._begun.pop(here).result()
        if made is not None:
            self._skip()
        return made

    def _skip(self) -> None:
        self.taken = self._chunks.passed
        self._chunks.skip()
