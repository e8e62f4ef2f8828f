"""Finds how a CSV file is written and where its rows begin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from io import StringIO

from importer.core.errors import ConfigError
from importer.core.settings import ReadOptions
from importer.reader.csv.reader import CsvReader
from importer.reader.csv.sniff import detect_dialect
from importer.reader.csv.structure import find_structure
from importer.reader.protocol import FormatLayout, SourceFormat
from importer.reader.text.chunks import regular_end

_OWN_COLUMNS = ("vorel_row", "vorel_status", "vorel_ref")


def csv_layout(
    text: str, options: ReadOptions, *, is_own: bool = False, starts: Sequence[int] = ()
) -> FormatLayout:
    """
    Return how the CSV file that begins with `text` is written.

    Stated `options` are used as they are, except for a failed file of the importer's: it has one
    header row and the usual quotes, whatever its source had. With `is_own` the importer wrote the
    text itself, so none of its quotes is damaged; `starts` are those of a spreadsheet. Raises
    `ConfigError` for impossible characters.
    """
    _refuse_clashes(options)
    first = StringIO(text, newline="").readline()
    if any(name in first for name in _OWN_COLUMNS):
        options = options.model_copy(
            update={"quote": '"', "escape": "", "comment": None, "skip_lines": 0, "header_rows": 1,
                    "no_header": False, "delimiter": _single(options.delimiter)}
        )  # fmt: skip
    detected = detect_dialect(
        text,
        delimiter=options.delimiter,
        quote=options.quote,
        escape=options.escape,
        comment=options.comment or "",
    )
    structure = find_structure(
        detected,
        skip_lines=options.skip_lines,
        header_rows=0 if options.no_header else options.header_rows,
    )
    dialect = replace(detected.dialect, is_trusted=is_own)
    return FormatLayout(
        open=partial(CsvReader, dialect=dialect, structure=structure, starts=starts),
        delimiter=dialect.delimiter,
        chunk_end=regular_end,
        evidence=(*(() if is_own else detected.evidence), structure.evidence),
        doubt=structure.doubt,
    )


def _single(delimiter: str | None) -> str | None:
    return delimiter if delimiter is not None and len(delimiter) == 1 else None


def _refuse_clashes(options: ReadOptions) -> None:
    quote = '"' if options.quote is None else options.quote
    for name in ("delimiter", "quote", "escape"):
        value = getattr(options, name) or ""
        if set(value) & set("\r\n\0"):
            raise ConfigError("%(name)s: cannot be a line end or NUL", name=name)
    if quote and quote in (options.delimiter or ""):
        raise ConfigError("delimiter: must differ from the quote")
    if options.escape and options.escape in {quote, options.delimiter}:
        raise ConfigError("escape: must differ from the quote and the delimiter")


CSV = SourceFormat(
    name="csv",
    recognizes=lambda _: True,
    find_layout=lambda sample: csv_layout(
        sample.text, sample.options, is_own=sample.file.is_sheet, starts=sample.file.starts
    ),
)
"""Any text may be CSV, if only with one column: it is tried last."""
