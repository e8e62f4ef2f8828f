"""Tells the form of a CSV file from a sample: its dialect and where its rows begin."""

from __future__ import annotations

from io import StringIO

from importer.config import ReadOptions
from importer.errors import ConfigError
from importer.reader.csv.dialect import CsvDialect
from importer.reader.csv.sniff import detect_dialect
from importer.reader.csv.structure import Structure, find_structure

__all__ = ["csv_form"]

_OWN_COLUMN = "vorel_row"


def csv_form(text: str, options: ReadOptions) -> tuple[CsvDialect, Structure, tuple[str, ...]]:
    """
    Return a file's dialect, its structure, and what speaks for them.

    What `options` state is taken as said, but for a file the importer wrote itself: its failed
    file has one header row and the usual quotes, whatever the source had.
    Raises `ConfigError` for characters that cannot be what they are stated to be.
    """
    _refuse_clashes(options)
    if _OWN_COLUMN in StringIO(text, newline="").readline():
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
    return detected.dialect, structure, (*detected.evidence, structure.evidence)


def _single(delimiter: str | None) -> str | None:
    return delimiter if delimiter is not None and len(delimiter) == 1 else None


def _refuse_clashes(options: ReadOptions) -> None:
    quote = '"' if options.quote is None else options.quote
    for name in ("delimiter", "quote", "escape"):
        value = getattr(options, name) or ""
        if set(value) & set("\r\n\0"):
            raise ConfigError(f"{name}: a line end separates rows, nothing else")
    if quote and quote in (options.delimiter or ""):
        raise ConfigError("delimiter: a quote or a line end separates no cells")
    if options.escape and options.escape in {quote, options.delimiter}:
        raise ConfigError("escape: it must differ from the quote and the delimiter")
