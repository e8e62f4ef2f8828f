"""The protocols between stages and formats: batches of rows, readers, and formats."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, runtime_checkable

from importer.core.locale.message import Message
from importer.core.records import Rejected, Row
from importer.core.row_marks import RowMark
from importer.core.settings import ReadOptions
from importer.core.shared import FormatName, JsonValue
from importer.reader.files.source_file import SourceFile
from importer.reader.text.chunks import ChunkStream


class Batch(Protocol):
    """Consecutive rows, with all their source hashes; each row is made when it is needed."""

    def __len__(self) -> int:
        """Return the number of rows."""

    @property
    def hashes(self) -> Sequence[str]:
        """The source hash of each row."""

    @property
    def marks(self) -> Mapping[int, RowMark]:
        """The marks of rows from a derived file, by index; mostly empty."""

    def row(self, index: int) -> Row | Rejected:
        """Return one row; `index` counts from 0."""

    def number_of(self, index: int) -> int:
        """Return the number of one row."""

    def key_samples(self) -> Iterable[Mapping[str, JsonValue]]:
        """Return objects that together have all the names that the rows have."""


class ChunkBatch(Batch, Protocol):
    """
    The rows of one chunk of a file, read together.

    `number` and `line` are those of its first row. They are set when the batch is yielded, since
    chunks are read ahead, before the rows in front of them are counted.
    """

    number: int
    line: int

    @property
    def lines(self) -> int:
        """The number of physical lines that the rows take."""


class ChunkSize(NamedTuple):
    """
    The number of rows in a chunk that was read whole, and of the physical lines they take.

    `number` is that of its first row in the file, from 1.
    """

    rows: int
    lines: int
    number: int = 1


ReadChunk = Callable[[bytes], ChunkBatch | None]
"""Reads a whole chunk at once; returns None if only reading row by row is certain to be right."""


class RowReader(Protocol):
    """Reads one open source. Iterating yields its rows in order, each exactly once."""

    def __iter__(self) -> Iterator[Row | Rejected]:
        """Yield the rows that are still to be read."""

    @property
    def columns(self) -> Sequence[str] | None:
        """The names of the columns, or None if each row brings its own names."""

    @property
    def is_derived(self) -> bool:
        """Whether the header has columns of a derived file of the importer."""

    @property
    def notices(self) -> Sequence[Message]:
        """What people should know about the source; complete once all rows are read."""


@runtime_checkable
class ChunkReader(RowReader, Protocol):
    """
    A reader whose source may come in chunks that are read whole (`importer.reader.batches`).

    Between two chunks, `read_chunk` makes a batch of the next one and `continue_after` counts its
    rows.
    """

    @property
    def chunks(self) -> ChunkStream | None:
        """The source where it comes in chunks, else None."""

    @property
    def read_chunk(self) -> ReadChunk | None:
        """A function that reads one chunk, in any thread; None if rows are read one by one."""

    def is_between_chunks(self) -> bool:
        """Return whether all rows of the chunks so far are handed out, and none has begun."""

    def continue_after(self, size: ChunkSize) -> tuple[int, int]:
        """Continue behind the rows of the next chunk. Returns number and line of its first row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSample:
    """The beginning of a source, about the first MiB as `text`: by it the format is recognized."""

    file: SourceFile
    text: str
    options: ReadOptions

    @property
    def suffix(self) -> str:
        """The file name's ending in lower case, such as `.csv`, or ""."""
        return self.file.path.suffix.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatLayout:
    """
    How one source of a format is written, and how to open it.

    `open` returns the `RowReader` of an open source; it is mostly the class of a reader, such as
    `CsvReader`, and takes its arguments. `delimiter` separates the cells of a row; it is "" where
    rows are JSON objects. `evidence` is the layout and the reasons for it, as `check` prints them.
    `chunk_end` finds where in some bytes the last whole row ends; it is None for sources that are
    read as a whole. `doubt` is what only a person can say about the layout, before any row is sent.
    """

    open: Callable[..., RowReader]
    delimiter: str = ""
    evidence: tuple[Message, ...] = ()
    chunk_end: Callable[[bytes], int] | None = None
    doubt: Message | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFormat:
    """
    One format of sources: a row of the table `importer.reader.formats.FORMATS`.

    `recognizes` returns whether a sample is of this format, `find_layout` how it is written;
    both raise `SourceError` for what cannot be right. `claims` returns whether the options include
    one that only this format has: then no other format is tried.
    """

    name: FormatName
    recognizes: Callable[[SourceSample], bool]
    find_layout: Callable[[SourceSample], FormatLayout]
    claims: Callable[[SourceSample], bool] = lambda _: False
