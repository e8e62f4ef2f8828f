"""Replaces the journal of a job by a smaller one, or takes a job out of the fleet."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar, cast

from importer.core.errors import ConfigError, ResultsInUse
from importer.core.locale.message import Message
from importer.core.systems.contents import sha256_of
from importer.fleet.database.connecting import Connection
from importer.fleet.database.migrating import connected
from importer.fleet.journal import blocks
from importer.fleet.journal.blocks import EMPTY, Head
from importer.fleet.leases.lease import JOURNAL_LOCK, KEPT_SECONDS

_T = TypeVar("_T")
_GROWN = 1.05
_FEW_LINES = 50
"""A journal is looked at again once it has grown by a twentieth, and so many lines."""

_JOURNALS = """
SELECT job.name, coalesce(latest.first_line + latest.line_count - 1, 0), work.compact_at
FROM vorel_fleet.job
LEFT JOIN vorel_fleet.work ON work.job = job.id
LEFT JOIN LATERAL (
    SELECT first_line, line_count FROM vorel_fleet.block
    WHERE job = job.id ORDER BY first_line DESC LIMIT 1
) AS latest ON true
WHERE %(names)s::text[] IS NULL OR job.name = ANY(%(names)s::text[])
ORDER BY job.name
"""
_MAY = "SELECT has_table_privilege('vorel_fleet.block', 'DELETE')"
# Whoever takes a lease for the job holds this lock meanwhile. So nobody begins to read the lines,
# and none that has read them before can add any: the epoch of its lease is over.
_LOCK = f"SELECT pg_advisory_xact_lock({JOURNAL_LOCK})"
_LEASES = """
SELECT owner, expires_at > vorel_fleet.clock() FROM vorel_fleet.lease
WHERE job = %s ORDER BY key COLLATE "C" FOR UPDATE
"""
_END_LEASES = "UPDATE vorel_fleet.lease SET epoch = epoch + 1, owner = '' WHERE job = %s"
_LATEST = """
SELECT max(at), coalesce(sum(sent) FILTER (
    WHERE at > vorel_fleet.clock() - %(kept)s * interval '1 second'
), 0)
FROM vorel_fleet.block WHERE job = %(job)s
"""
_SIZE = """
SELECT coalesce(sum(octet_length(lines)), 0)::bigint, coalesce(bool_and(is_packed), true)
FROM vorel_fleet.block WHERE job = %s
"""
_NOTE_REWRITTEN = """
UPDATE vorel_fleet.work SET rewritten_at = vorel_fleet.clock(), compact_at = %s WHERE job = %s
"""
_NOTE_LOOKED_AT = "UPDATE vorel_fleet.work SET compact_at = %s WHERE job = %s"
_TABLES_OF_A_JOB = ("block", "progress", "work", "lease")


class JobJournal(NamedTuple):
    """The journal of a job: its `lines`, and from how many on it may be made smaller."""

    job: str
    lines: int
    compact_at: int | None

    @property
    def may_pay(self) -> bool:
        """Whether it has grown since somebody tried last to make it smaller."""
        return self.lines >= max(_FEW_LINES, self.compact_at or 0)


def journals(database: str, names: list[str] | None) -> list[JobJournal]:
    """
    Return the journals of jobs with these names, or of all, by name.

    Raises `ConfigError` if there is no such job, or if the role may not remove lines.
    """
    with _allowed(database) as connection:
        rows = connection.execute(_JOURNALS, {"names": names}).fetchall()
    found = [JobJournal(*cast("tuple[str, int, int | None]", row)) for row in rows]
    blocks.refuse_unknown(names or (), {one.job for one in found})
    return found


class Rewritten(NamedTuple, Generic[_T]):
    """What was `done` to the lines, and the bytes that they took in the database and take now."""

    done: _T
    before: int
    after: int


def rewrite(database: str, name: str, change: Callable[[Path], _T]) -> Rewritten[_T]:
    """
    Let `change` rewrite the lines of a job as a results file, and put them in the journal, packed.

    It is called with a file that nobody else uses, and has to prove that the new lines lead to the
    same decisions, as `importer.writer.rewriting` does. Raises `ResultsInUse` if the job is running
    or was run meanwhile.
    """
    with _allowed(database) as connection, tempfile.TemporaryDirectory() as folder:
        number = blocks.job_number(connection, name)
        path = Path(folder) / f"{name}.results.jsonl"
        _refuse_running(connection, number, name)
        with path.open("wb") as stream:
            head = blocks.copy_lines(connection, number, stream)
        before = sha256_of(path)
        size, is_packed = _size(connection, number)
        done = change(path)
        if is_packed and sha256_of(path) == before:
            connection.execute(_NOTE_LOOKED_AT, (_next_look(head.lines), number))
            return Rewritten(done, size, size)
        _replace(connection, number, name, head, path)
        return Rewritten(done, size, _size(connection, number)[0])


def remove(database: str, name: str) -> int:
    """
    Take a job out of the fleet, with its journal. Returns how many lines it had.

    A key that only this job has had begins anew, with a minute that counts as used. Raises
    `ResultsInUse` if the job is running.
    """
    with _allowed(database) as connection, connection.transaction():
        number = blocks.job_number(connection, name)
        lines = blocks.read_head(connection, number).lines
        _stop_others(connection, number, name)
        for table in _TABLES_OF_A_JOB:
            connection.execute(
                f"DELETE FROM vorel_fleet.{table} WHERE job = %s".encode(), (number,)
            )
        connection.execute("DELETE FROM vorel_fleet.job WHERE id = %s", (number,))
    return lines


@contextmanager
def _allowed(database: str) -> Iterator[Connection]:
    """Connect as a role that may remove lines."""
    with connected(database) as connection:
        if connection.execute(_MAY).fetchone() != (True,):
            raise ConfigError(
                "this role of the database may not remove lines",
                hint="Run the command with the address of the owner of the database.",
            )
        yield connection


def _size(connection: Connection, number: int) -> tuple[int, bool]:
    """Return the bytes that the lines of a journal take, and whether all are packed."""
    row = connection.execute(_SIZE, (number,)).fetchone()
    return cast("tuple[int, bool]", row)


def _replace(connection: Connection, number: int, name: str, head: Head, path: Path) -> None:
    """Put the lines of a file in place of a journal that ends with `head`."""
    with connection.transaction():
        _stop_others(connection, number, name)
        if blocks.read_head(connection, number) != head:
            raise _in_use(name, "it was run meanwhile")
        # What was sent in the last minute still counts for whoever takes the key next.
        latest = connection.execute(_LATEST, {"job": number, "kept": KEPT_SECONDS}).fetchone()
        at, sent = cast("tuple[object, int]", latest)
        connection.execute("DELETE FROM vorel_fleet.block WHERE job = %s", (number,))
        new = EMPTY
        with path.open("rb") as stream:
            for lines in blocks.pieces(stream):
                block = replace(new.followed_by(lines), sent=sent)
                blocks.insert(connection, number, block, at=at, is_packed=True)
                new, sent = block.head, 0
        connection.execute(_NOTE_REWRITTEN, (_next_look(new.lines), number))


def _stop_others(connection: Connection, number: int, name: str) -> None:
    """Keep everybody from the journal until the end of the transaction."""
    connection.execute(_LOCK, (number,))
    _refuse_running(connection, number, name)
    connection.execute(_END_LEASES, (number,))


def _refuse_running(connection: Connection, number: int, name: str) -> None:
    for owner, is_held in connection.execute(_LEASES, (number,)).fetchall():
        if is_held:
            raise _in_use(name, f"it is running on {str(owner).partition('/')[0]}")


def _in_use(name: str, why: str) -> ResultsInUse:
    return ResultsInUse(
        "%(name)s: %(why)s; nothing was changed",
        name=name,
        why=why,
        hint=Message(
            "Wait until its run ends, or stop it first: vorel-import fleet stop %(name)s", name=name
        ),
    )


def _next_look(lines: int) -> int:
    return int(lines * _GROWN) + _FEW_LINES
