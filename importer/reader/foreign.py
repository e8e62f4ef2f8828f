"""Refuses files that are not lists: archives, documents, databases, web pages."""

from __future__ import annotations

import re

from importer.core.errors import SourceError
from importer.core.locale.message import Message
from importer.reader.files.source_file import SourceFile

_MAGIC = (
    (b"Rar!\x1a\x07", Message("a rar archive"), Message("Unpack it first.")),
    (b"7z\xbc\xaf\x27\x1c", Message("a 7z archive"), Message("Unpack it first.")),
    (b"\x04\x22\x4d\x18", Message("lz4-compressed"), Message("Unpack it first.")),
    (b"\x1f\x9d", Message("compressed"), Message("Unpack it first.")),
    (b"%PDF-", Message("a PDF"), Message("Export the list as CSV from where it came from.")),
    (b"SQLite format 3\0", Message("a SQLite database"), Message("Export its table as CSV.")),
    (b"\0\1\0\0Standard ", Message("an Access database"), Message("Export its table as CSV.")),
    (b"\x89PNG\r\n", Message("a picture"), Message("Choose the list itself.")),
    (b"\xff\xd8\xff", Message("a picture"), Message("Choose the list itself.")),
    (b"GIF8", Message("a picture"), Message("Choose the list itself.")),
    (b"PAR1", Message("a Parquet file"), Message("Export it as CSV or JSON Lines.")),
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
        Message("a results file of the importer"),
        Message("Name the list itself, or one of the files that were written beside it."),
    ),
    (
        re.compile(
            rb"(?:[ \t\r]*(?:#[^\n]*)?\n)*[ \t]*"
            rb'(?:(?:object|rest)\s*=\s*"|\[(?:fields|job|read)\]\s*\n)'
        ),
        Message("a mapping or job file"),
        Message("Name the list itself; a mapping goes with --mapping, a job with --job."),
    ),
)
_LOOK_AT_IT = Message(
    "Open it: if it has a table, save that as CSV (UTF-8); if it tells of an error, export the "
    "list again."
)


def refuse_foreign(file: SourceFile, sample: bytes) -> None:
    """Raise `SourceError` for a file that is empty or recognized as no list."""
    if not sample:
        raise SourceError("%(name)s is empty", name=file.name, hint="Export the list again.")
    found = next(((what, hint) for magic, what, hint in _MAGIC if sample.startswith(magic)), None)
    if sample[257:262] == b"ustar":
        found = Message("a tar archive"), Message("Unpack it first.")
    text = sample[:1024].removeprefix(b"\xef\xbb\xbf")
    if _MARKUP.match(text):
        found = Message("a web page or XML, whatever its name says"), _LOOK_AT_IT
    elif own := [(what, hint) for begin, what, hint in _OWN if begin.match(text)]:
        found = own[0]
    elif _VCARD.match(text):
        found = Message("a list of vCards"), Message("Export it as CSV, or convert it first.")
    elif _SQL_BEGINS.match(text) and _SQL.search(sample[:_SQL_LOOKED_AT]):
        found = Message("SQL statements"), Message("Export the table itself as CSV.")
    if found is not None:
        raise SourceError(
            "%(name)s is %(what)s, not CSV or JSON", name=file.name, what=found[0], hint=found[1]
        )
