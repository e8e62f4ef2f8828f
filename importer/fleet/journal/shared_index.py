"""Hands the index of a journal on to whoever reads it for the first time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from importer.core.systems.contents import PrefixDigest
from importer.fleet.database.connecting import Connection
from importer.fleet.journal.blocks import Head, head_at, holds
from importer.writer.index_file import StoredIndex, adopt, index_path, made_by

_PIECE_BYTES = 4 * 1024 * 1024
_GROWN = 0.9
"""An index is handed on again when its journal has grown by a tenth: a rest is read in no time."""

_FIND = """
SELECT lines, last_block, head, sha256 FROM vorel_fleet.journal_index
WHERE job = %s AND made_by = %s AND piece = 0
"""
_PIECE = """
SELECT data FROM vorel_fleet.journal_index WHERE job = %s AND head = %s AND piece = %s
"""
# A process that was paused while it handed an index on may still be about to commit its own.
_BEGIN = """
SELECT pg_try_advisory_xact_lock(hashtextextended('vorel_fleet.journal_index', %s::bigint))
"""
_ADD = """
INSERT INTO vorel_fleet.journal_index
    (job, piece, made_by, lines, last_block, head, sha256, data)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""


@dataclass(frozen=True, slots=True)
class SharedIndex:
    """An index in the database: it goes up to `head`, and the lines there have this `sha256`."""

    head: Head
    sha256: bytes


def find(connection: Connection, job: int) -> SharedIndex | None:
    """Return the index of a journal, if there is one of these lines that can be read here."""
    row = connection.execute(_FIND, (job, made_by()), binary=True).fetchone()
    if row is None:
        return None
    lines, last_block, digest, sha256 = row
    assert isinstance(lines, int) and isinstance(last_block, int)  # noqa: S101, PT018
    assert isinstance(digest, bytes) and isinstance(sha256, bytes)  # noqa: S101, PT018
    head = Head(lines=lines, last_block=last_block, digest=digest)
    return SharedIndex(head, sha256) if holds(connection, job, head) else None


def write(connection: Connection, job: int, shared: SharedIndex, copy: Path) -> None:
    """
    Write an index from the database beside a copy that begins with its lines.

    If it is damaged, it is not used, like any damaged index.
    """
    adopt(copy, _pieces(connection, job, shared.head))


def _pieces(connection: Connection, job: int, head: Head) -> Iterator[bytes]:
    number = 0
    while row := connection.execute(_PIECE, (job, head.digest, number), binary=True).fetchone():
        assert isinstance(row[0], bytes)  # noqa: S101 - so the table is defined
        yield row[0]
        number += 1


def is_worth_it(copy: Path, shared: SharedIndex | None) -> bool:
    """Return whether a copy's index has much more than `shared`, the one in the database."""
    index = StoredIndex.read(copy, ())
    known = 0 if shared is None else shared.head.lines
    return index is not None and known < index.about["lines"] * _GROWN


def publish(connection: Connection, job: int, copy: Path) -> None:
    """
    Put the index of a copy, which nobody else writes to, in place of the one in the database.

    Nothing happens if another process is about to do the same for this journal.
    """
    index = StoredIndex.read(copy, ())
    head = None if index is None else head_at(connection, job, index.about["lines"])
    if index is None or head is None:
        return
    sha256 = bytes.fromhex(PrefixDigest(copy).of_first(index.about["size"]))
    with index_path(copy).open("rb") as stream, connection.transaction():
        if connection.execute(_BEGIN, (job,)).fetchone() != (True,):
            return
        connection.execute("DELETE FROM vorel_fleet.journal_index WHERE job = %s", (job,))
        number = 0
        while data := stream.read(_PIECE_BYTES):
            place = (job, number, made_by(), head.lines, head.last_block, head.digest)
            connection.execute(_ADD, (*place, sha256, data), binary=True)
            number += 1
