"""Refuses files that are not lists: archives, documents, databases, web pages."""

from __future__ import annotations

import re

from importer.core.errors import SourceError
from importer.reader.files.source import SourceFile

_MAGIC = (
    (b"Rar!\x1a\x07", "a rar archive", "Unpack it first."),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "Unpack it first."),
    (b"\x04\x22\x4d\x18", "lz4-compressed", "Unpack it first."),
    (b"\x1f\x9d", "compressed", "Unpack it first."),
    (b"%PDF-", "a PDF", "Export the list as CSV from where it came from."),
    (b"SQLite format 3\0", "a SQLite database", "Export its table as CSV."),
    (b"\0\1\0\0Standard ", "an Access database", "Export its table as CSV."),
    (b"\x89PNG\r\n", "a picture", "Choose the list itself."),
    (b"\xff\xd8\xff", "a picture", "Choose the list itself."),
    (b"GIF8", "a picture", "Choose the list itself."),
    (b"PAR1", "a Parquet file", "Export it as CSV or JSON Lines."),
)
_MARKUP = re.compile(rb"\s*<(?:!doctype html|html|head|body|table|\?xml|meta)\b", re.IGNORECASE)
_VCARD = re.compile(rb"\s*BEGIN:VCARD\b", re.IGNORECASE)
_SQL = re.compile(
    rb"""^\s*(?:
        INSERT\s+(?:IGNORE\s+)?INTO\s+[^\s()]{1,200}\s*(?:\([^()]{1,2000}\))?\s*(?:VALUES|SELECT)\b
        | COPY\s[^\r\n]{1,2000}\sFROM\s+stdin;
    )""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
_SQL_BEGINS = re.compile(
    rb"\s*(?:--|/\*|#|(?:INSERT|CREATE|DROP|SET|USE|BEGIN|START|LOCK|COPY|PRAGMA|DELETE|TRUNCATE)\b)",
    re.IGNORECASE,
)
_SQL_LOOKED_AT = 64 * 1024
_OWN = (
    (
        re.compile(
            rb'\{"kind":"(?:run|row|sent|mapping|known|end|list)","(?:run|at|idempotency_key)":'
        ),
        "a results file of the importer",
        "Name the list itself, or one of the files that were written beside it.",
    ),
    (
        re.compile(
            rb"(?:[ \t\r]*(?:#[^\n]*)?\n)*[ \t]*"
            rb'(?:(?:object|rest)\s*=\s*"|\[(?:fields|job|read)\]\s*\n)'
        ),
        "a mapping or job file",
        "Name the list itself; a mapping goes with --mapping, a job with --job.",
    ),
)
_LOOK_AT_IT = (
    "Open it: if it has a table, save that as CSV (UTF-8); if it tells of an error, export the "
    "list again."
)


def refuse_foreign(file: SourceFile, sample: bytes) -> None:
    """Raise `SourceError` for a file that is empty or recognized as no list."""
    if not sample:
        raise SourceError(f"{file.name} is empty", hint="Export the list again.")
    found = next(((what, hint) for magic, what, hint in _MAGIC if sample.startswith(magic)), None)
    if sample[257:262] == b"ustar":
        found = "a tar archive", "Unpack it first."
    text = sample[:1024].removeprefix(b"\xef\xbb\xbf")
    if _MARKUP.match(text):
        found = "a web page or XML, whatever its name says", _LOOK_AT_IT
    elif own := [(what, hint) for begin, what, hint in _OWN if begin.match(text)]:
        found = own[0]
    elif _VCARD.match(text):
        found = "a list of vCards", "Export it as CSV, or convert it first."
    elif _SQL_BEGINS.match(text) and _SQL.search(sample[:_SQL_LOOKED_AT]):
        found = "SQL statements", "Export the table itself as CSV."
    if found is not None:
        raise SourceError(f"{file.name} is {found[0]}, not CSV or JSON", hint=found[1])
