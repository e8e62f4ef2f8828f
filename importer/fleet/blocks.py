"""Blocks of lines: how they follow each other, and how they are read and added."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from importer.errors import ResultsError
from importer.fleet.database import Connection

__all__ = [
    "EMPTY",
    "Block",
    "Head",
    "add_job",
    "find_job",
    "holds",
    "insert",
    "read_head",
    "read_lines",
    "read_proven",
]

_SENT = b'{"kind":"sent",'
_LINES_AT_ONCE = 4096
# In these texts lines are a quarter as expensive for the importer as block by block (measured).
_MANY = """
SELECT min(first_line), max(first_line + line_count - 1), sum(line_count)::bigint,
       string_agg(lines, ''::bytea ORDER BY first_line)
FROM vorel_fleet.block WHERE job = %s AND first_line > %s AND first_line <= %s
"""
_EACH = """
SELECT first_line, line_count, head, lines FROM vorel_fleet.block
WHERE job = %s AND first_line > %s AND first_line <= %s ORDER BY first_line
"""
_INSERT = """
INSERT INTO vorel_fleet.block (job, first_line, line_count, lines, head, sent)
VALUES (%s, %s, %s, %s, %s, %s)
"""


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


def add_job(connection: Connection, name: str) -> int:
    """Add a job, and return its number. Raises `psycopg.errors.UniqueViolation` if it is there."""
    query = "INSERT INTO vorel_fleet.job (name) VALUES (%s) RETURNING id"
    row = connection.execute(query, (name,)).fetchone()
    assert row is not None  # noqa: S101 - RETURNING returns what was inserted
    return int(str(row[0]))


def insert(connection: Connection, job: int, block: Block) -> None:
    """Add a block of a job that nobody runs yet."""
    connection.execute(
        _INSERT,
        (job, block.first_line, block.line_count, block.lines, block.digest, block.sent),
        binary=True,
    )


def read_head(connection: Connection, job: int) -> Head:
    """Return where the journal of a job ends."""
    row = connection.execute(
        "SELECT first_line, line_count, head FROM vorel_fleet.block WHERE job = %s"
        " ORDER BY first_line DESC LIMIT 1",
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


def read_lines(connection: Connection, job: int, since: Head, until: Head) -> Iterator[bytes]:
    """
    Yield all lines between two heads, many in each text.

    A few megabytes are in memory at once. Lines are never changed, so that no transaction has to
    hold them. Raises `ResultsError` if a block is missing.
    """
    begin = since.lines
    while begin < until.lines:
        end = min(begin + _LINES_AT_ONCE, until.last_block)
        row = connection.execute(_MANY, (job, begin, end), binary=True, prepare=True).fetchone()
        first, last, count, lines = row or (None,) * 4
        if first != begin + 1 or not isinstance(last, int) or last - begin != count:
            raise _damaged(f"lines {begin + 1:,} to {end:,}", "some are missing")
        assert isinstance(lines, bytes)  # noqa: S101 - there are some
        yield lines
        begin = last


def read_proven(connection: Connection, job: int) -> Iterator[bytes]:
    """
    Yield all lines of a job, block by block, after proving by its digest that none was changed.

    Raises `ResultsError` at the first block that is missing or was changed.
    """
    until, head = read_head(connection, job), EMPTY
    while head.lines < until.lines:
        end = head.lines + _LINES_AT_ONCE
        for row in connection.execute(_EACH, (job, head.lines, end), binary=True, prepare=True):
            first, count, digest, lines = row
            assert isinstance(count, int) and isinstance(lines, bytes)  # noqa: S101, PT018
            block = head.followed_by(lines.splitlines(keepends=True))
            if first != block.first_line:
                raise _damaged(f"line {block.first_line:,}", "it is missing")
            if (count, digest) != (block.line_count, block.digest):
                raise _damaged(f"line {block.first_line:,}", "it was changed, or one behind it")
            yield lines
            head = block.head
        if head.lines <= end - _LINES_AT_ONCE:
            raise _damaged(f"line {head.lines + 1:,}", "it is missing")


def _damaged(where: str, what: str) -> ResultsError:
    return ResultsError(
        f"the journal is damaged at {where}: {what}",
        hint="Restore the database from a backup before the job is run again.",
    )
