"""Finds the layout of a file: its encoding, its format, and the details of the format."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from typing import IO

from importer.core.errors import SourceError
from importer.core.locale.message import Message
from importer.core.settings import ReadOptions
from importer.core.shared import FormatName
from importer.reader.encoding.decide import STATE_ENCODING, detect_encoding
from importer.reader.files.source_file import SourceFile
from importer.reader.foreign import refuse_foreign
from importer.reader.formats import format_of
from importer.reader.protocol import FormatLayout, SourceSample
from importer.reader.text.chunks import SMALL_BYTES, ChunkStream, is_bytewise

_SAMPLE_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """
    The layout of a file: its format, its encoding, and the details of the format.

    `sheet` is the name of the sheet in a workbook. `notices` are about the source and its encoding.
    """

    format: FormatName
    encoding: str
    details: FormatLayout
    sheet: str | None = None
    notices: tuple[Message, ...] = ()

    @property
    def delimiter(self) -> str:
        """What separates the cells of a row, or "" where rows are JSON objects."""
        return self.details.delimiter

    @property
    def evidence(self) -> tuple[Message, ...]:
        """What was found in the file and why, as `check` prints it."""
        return self.details.evidence


def detect_layout(file: SourceFile, options: ReadOptions) -> Layout:
    """
    Find the layout of a file. Stated `options` are used as they are.

    Only a byte order mark overrides a stated encoding, since the program that saved the file wrote
    it. Raises `SourceError` for a file that is empty or not text, and for a file that is not UTF-8
    if no encoding is stated and its letters do not prove one.
    """
    with file.path.open("rb") as stream:
        sample = stream.read(_SAMPLE_BYTES)
    refuse_foreign(file, sample)
    options = file.options(options)
    decided = detect_encoding(file, options.encoding)
    encoding, notices = decided.name, (*file.notices, *decided.notices)
    found = SourceSample(file=file, text=_decode_lines(file, sample, encoding), options=options)
    format_ = format_of(found)
    return Layout(
        format=format_.name,
        encoding=encoding,
        details=format_.find_layout(found),
        sheet=file.sheet,
        notices=notices,
    )


def _decode_lines(file: SourceFile, sample: bytes, encoding: str) -> str:
    """Decode whole lines only: the sample may end inside a character or a quoted cell."""
    try:
        text = sample.decode(encoding, "vorel-keep")
    except UnicodeError as error:
        raise SourceError(
            "%(name)s: cannot be read as %(encoding)s (%(text)s)",
            name=file.name,
            encoding=encoding,
            text=error,
            hint=STATE_ENCODING,
        ) from None
    whole = max(text.rfind("\n"), text.rfind("\r")) + 1
    return text[:whole] if whole and len(sample) == _SAMPLE_BYTES else text


@contextmanager
def open_text(file: SourceFile, layout: Layout) -> Iterator[IO[str] | ChunkStream]:
    """
    Open a file as text, with its line ends kept and undecodable bytes marked.

    Formats that are read in chunks come as a `ChunkStream` where their encoding allows it.
    """
    with file.path.open("rb") as stream:
        if (chunk_end := layout.details.chunk_end) and is_bytewise(layout.encoding):
            marked = layout.encoding == "utf-8-sig" and stream.peek(3).startswith(codecs.BOM_UTF8)
            while marked and stream.peek(3).startswith(codecs.BOM_UTF8):
                stream.read(len(codecs.BOM_UTF8))  # some programs write it twice
            yield ChunkStream(
                stream,
                layout.encoding.removesuffix("-sig"),
                cut=chunk_end,
                is_small=file.path.stat().st_size <= SMALL_BYTES,
            )
        else:
            yield TextIOWrapper(stream, encoding=layout.encoding, errors="vorel-keep", newline="")
