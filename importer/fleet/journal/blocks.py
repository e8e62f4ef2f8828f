"""Blocks of lines: how they follow each other, and how they are read and added."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from importer.core.errors import ConfigError, ResultsError
from importer.core.locale.message import Message
from importer.fleet.database.connecting import Connection

_SENT = b'{"kind":"sent",'
# COPY costs the server a third of what it takes to select the lines, joined or not (measured).
_COPY = """
COPY (
    SELECT first_line, line_count, head, lines, is_packed FROM vorel_fleet.block
    WHERE job = %s AND first_line > %s AND first_line <= %s ORDER BY first_line
) TO STDOUT (FORMAT BINARY)
"""
_INSERT = """
INSERT INTO vorel_fleet.block (job, first_line, line_count, lines, head, sent, at, is_packed)
VALUES (%s, %s, %s, %s, %s, %s, coalesce(%s, vorel_fleet.clock()), %s)
"""
_BLOCK_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Head:
    """
    The end of a journal: how many lines it has, where its last block begins, and its digest.

    The digest of a block is the SHA-256 of the digest before and its lines, so it stands for all
    lines up to there.
    """

    lines: int
    last_block: int
    digest: bytes

    def followed_by(self, lines: Sequence[bytes]) -> Block:
        """Return the block that has these lines, each with its line end."""
        data = b"".join(lines)
        return Block(
            first_line=self.lines + 1,
            line_count=len(lines),
            lines=data,
            digest=hashlib.sha256(self.digest + data).digest(),
            sent=sum(line.startswith(_SENT) for line in lines),
            previous=self,
        )


EMPTY = Head(lines=0, last_block=0, digest=b"")
"""The head of a journal without lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Whole lines that are added at once; `sent` of them say that a request is about to leave."""

    first_line: int
    line_count: int
    lines: bytes
    digest: bytes
    sent: int
    previous: Head

    @property
    def head(self) -> Head:
        """The head of the journal behind this block."""
        last = self.first_line + self.line_count - 1
        return Head(lines=last, last_block=self.first_line, digest=self.digest)


def find_job(connection: Connection, name: str) -> int | None:
    """Return the number of a job, or None if there is none with this name."""
    query = "SELECT id FROM vorel_fleet.job WHERE name = %s"
    row = connection.execute(query, (name,)).fetchone()
    return int(str(row[0])) if row else None


def job_number(connection: Connection, name: str) -> int:
    """Return the number of a job. Raises `ConfigError` if there is none with this name."""
    if (number := find_job(connection, name)) is None:
        raise _unknown([name])
    return number


def refuse_unknown(names: Iterable[str], known: Collection[str]) -> None:
    """Raise `ConfigError` for names that no job of the fleet has, if there are any."""
    if missing := sorted({*names} - {*known}):
        raise _unknown(missing)


def _unknown(names: Sequence[str]) -> ConfigError:
    return ConfigError("the fleet has no job %(names)s", names=", ".join(names))


def add_job(connection: Connection, name: str) -> int:
    """Add a job, and return its number. Raises `psycopg.errors.UniqueViolation` if it is there."""
    query = "INSERT INTO vorel_fleet.job (name) VALUES (%s) RETURNING id"
    row = connection.execute(query, (name,)).fetchone()
    assert row is not None  # noqa: S101 - RETURNING returns what was inserted
    return int(str(row[0]))


def insert(
    connection: Connection, job: int, block: Block, *, at: object = None, is_packed: bool = False
) -> None:
    """
    Add a block of a job that nobody runs, as if at a time.

    A block `is_packed`, to a quarter of its bytes, if nobody adds lines to it any more.
    """
    lines = zlib.compress(block.lines, 9) if is_packed else block.lines
    place = (job, block.first_line, block.line_count)
    values = (*place, lines, block.digest, block.sent, at, is_packed)
    connection.execute(_INSERT, values, binary=True)


def pieces(stream: BinaryIO) -> Iterator[list[bytes]]:
    """Yield the lines of a file, some at a time, and the last one alone, for `fleet status`."""
    held: list[bytes] = []
    while lines := stream.readlines(_BLOCK_BYTES):
        yield from [held] if held else []
        held = lines
    yield from filter(None, (held[:-1], held[-1:]))


def unpacked(stored: bytes, *, is_packed: bool) -> bytes:
    """Return the lines of a block. Those that are damaged are not the ones of its digest."""
    if not is_packed:
        return stored
    try:
        return zlib.decompress(stored)
    except zlib.error:
        return b""


def read_head(connection: Connection, job: int) -> Head:
    """Return where the journal of a job ends."""
    row = connection.execute(
        "SELECT first_line, line_count, head FROM vorel_fleet.block"
        " WHERE job = %s ORDER BY first_line DESC LIMIT 1",
        (job,),
        binary=True,
    ).fetchone()
    if row is None:
        return EMPTY
    first, count, digest = row
    assert isinstance(first, int) and isinstance(count, int) and isinstance(digest, bytes)  # noqa: S101, PT018
    return Head(lines=first + count - 1, last_block=first, digest=digest)


def holds(connection: Connection, job: int, head: Head) -> bool:
    """Return whether the journal of a job has all lines up to a head, just as they were."""
    query = "SELECT 1 FROM vorel_fleet.block WHERE job = %s AND first_line = %s AND head = %s"
    found = connection.execute(query, (job, head.last_block, head.digest)).fetchone()
    return found is not None


def read_lines(
    connection: Connection, job: int, since: Head = EMPTY, until: Head | None = None
) -> Iterator[bytes]:
    """
    Yield the lines of each block between two heads, until the end without `until`.

    Nobody replaces lines while the lease of their job is held, so that no transaction has to hold
    them then. Raises `ResultsError` where the digests tell that a block is missing or was changed.
    """
    until = until or read_head(connection, job)
    line, digest = since.lines, since.digest
    with connection.cursor().copy(_COPY, (job, line, until.last_block)) as copy:
        copy.set_types(["int8", "int4", "bytea", "bytea", "bool"])
        for first, count, head, stored, is_packed in copy.rows():
            lines = unpacked(stored, is_packed=is_packed)
            if first != line + 1:
                raise _damaged(line, Message("it is missing"))
            digest = hashlib.sha256(digest + lines).digest()
            if digest != head or lines.count(b"\n") != count:
                raise _damaged(line, Message("it was changed, or one behind it"))
            line += count
            yield lines
    if (line, digest) != (until.lines, until.digest):
        raise _damaged(line, Message("it is missing"))


def copy_lines(connection: Connection, job: int, stream: BinaryIO) -> Head:
    """Write the lines of a journal, all as they are at one moment. Returns its head."""
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        head = read_head(connection, job)
        stream.writelines(read_lines(connection, job, until=head))
    return head


def _damaged(lines: int, what: Message) -> ResultsError:
    return ResultsError(
        "the journal is damaged at line %(line)s: %(what)s",
        line=f"{lines + 1:,}",
        what=what,
        hint="Restore the database from a backup before the job is run again.",
    )
