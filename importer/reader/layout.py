"""Tells what is in a file: its encoding, its format and its delimiter."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import TextIOWrapper
from typing import IO

from importer.config import ReadOptions
from importer.errors import SourceError
from importer.reader.csv.detect import csv_form
from importer.reader.csv.dialect import CsvDialect
from importer.reader.csv.structure import Structure
from importer.reader.encoding.decide import STATE_ENCODING, tell_encoding
from importer.reader.files.source import SourceFile
from importer.reader.format import Format, may_hold_list, refuse_foreign, tell_format
from importer.reader.text.chunks import ChunkStream, is_bytewise, line_end, regular_end

__all__ = ["Layout", "detect_layout", "open_text"]

_SAMPLE_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """
    What is in a file: `delimiter` is "" for JSON, `record_path` where the list is in an object.

    `notices` are what people should know about its source and encoding; `evidence`
    says what was found in a CSV file and what speaks for it.
    """

    format: Format
    encoding: str
    delimiter: str
    dialect: CsvDialect | None = None
    structure: Structure | None = None
    record_path: str | None = None
    evidence: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()


def detect_layout(file: SourceFile, options: ReadOptions) -> Layout:
    """
    Tell what is in a file; what `options` state is taken as said.

    A byte order mark tells the encoding whatever is stated: it is written by the program that
    saved the file. Raises `SourceError` for an empty file, one that is no text, and one that is
    not UTF-8 while no encoding is stated and its letters do not tell it for sure.
    """
    with file.path.open("rb") as stream:
        sample = stream.read(_SAMPLE_BYTES)
    refuse_foreign(file, sample)
    options = file.options(options)
    told = tell_encoding(file, options.encoding)
    encoding, notices = told.name, (*file.notices, *told.notices)
    text = _decode_lines(file, sample, encoding)
    path = options.record_path if may_hold_list(text) else None
    kind = "json" if path else options.format or tell_format(file, text)
    if kind != "csv":
        return Layout(
            format=kind, encoding=encoding, delimiter="", record_path=path, notices=notices
        )
    dialect, structure, evidence = csv_form(text, options)
    dialect = replace(dialect, is_trusted=bool(file.known))
    return Layout(
        format=kind,
        encoding=encoding,
        delimiter=dialect.delimiter,
        dialect=dialect,
        structure=structure,
        evidence=evidence,
        notices=notices,
    )


def _decode_lines(file: SourceFile, sample: bytes, encoding: str) -> str:
    """Decode whole lines only: the sample may end inside a character or a quoted field."""
    try:
        text = sample.decode(encoding, "vorel-keep")
    except UnicodeError as error:
        raise SourceError(
            f"{file.name}: cannot be read as {encoding} ({error})", hint=STATE_ENCODING
        ) from None
    whole = max(text.rfind("\n"), text.rfind("\r")) + 1
    return text[:whole] if whole and len(sample) == _SAMPLE_BYTES else text


@contextmanager
def open_text(file: SourceFile, layout: Layout) -> Iterator[IO[str] | ChunkStream]:
    """
    Open a file as text with its line ends kept and undecodable bytes marked.

    CSV and JSON Lines are fed chunk by chunk where their encoding allows, so that regular parts
    are read fast.
    """
    with file.path.open("rb") as stream:
        if layout.format != "json" and is_bytewise(layout.encoding):
            marked = layout.encoding == "utf-8-sig" and stream.peek(3).startswith(codecs.BOM_UTF8)
            while marked and stream.peek(3).startswith(codecs.BOM_UTF8):
                stream.read(len(codecs.BOM_UTF8))  # some programs write it twice
            cut = regular_end if layout.format == "csv" else line_end
            yield ChunkStream(stream, layout.encoding.removesuffix("-sig"), cut=cut)
        else:
            yield TextIOWrapper(stream, encoding=layout.encoding, errors="vorel-keep", newline="")
