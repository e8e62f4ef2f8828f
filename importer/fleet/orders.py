"""What workers are to do with each job: run it, leave it alone, or nothing more."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import closing
from typing import Literal, cast

from importer.errors import ConfigError
from importer.fleet.database import Connection, connect_first
from importer.fleet.lease import Lease
from importer.fleet.migrating import check_version

__all__ = [
    "Change",
    "change",
    "end",
    "end_without_line",
    "give",
    "is_lost",
    "is_wanted",
    "note_moved",
    "note_restored",
    "put_off",
    "restored_at",
    "stopped",
]

Change = Literal["stop", "resume", "retry"]
State = Literal["wanted", "stopped", "ended", "new"]

_FROM: dict[Change, tuple[State, State]] = {
    "stop": ("wanted", "stopped"),
    "resume": ("stopped", "wanted"),
    "retry": ("ended", "wanted"),
}
# `new` is a job that workers were never given: it can be resumed as well as tried.
_CHANGE = """
WITH asked AS (
    SELECT job.id, job.name, coalesce(work.state, 'new') AS state
    FROM vorel_fleet.job LEFT JOIN vorel_fleet.work ON work.job = job.id
    WHERE %(names)s::text[] IS NULL OR job.name = ANY(%(names)s::text[])
), changed AS (
    INSERT INTO vorel_fleet.work AS work (job, state)
    SELECT id, %(to)s FROM asked WHERE state IN (%(from)s, 'new')
    ON CONFLICT (job) DO UPDATE
    SET state = excluded.state, problem = NULL, not_before = excluded.not_before
    WHERE work.state = %(from)s
)
SELECT name, state FROM asked ORDER BY name
"""
_GIVE = "INSERT INTO vorel_fleet.work (job, state) VALUES (%s, 'wanted') ON CONFLICT DO NOTHING"
# The lease is held by whoever ends the job: so nobody else can have begun it anew.
_END = """
UPDATE vorel_fleet.work SET state = 'ended', problem = NULL
WHERE job = %s AND state = 'wanted' AND EXISTS (
    SELECT FROM vorel_fleet.lease
    WHERE key = %s AND owner = %s AND epoch = %s AND expires_at > vorel_fleet.clock()
)
"""
_END_WITHOUT_LINE = """
UPDATE vorel_fleet.work SET state = 'ended', problem = %s
WHERE state = 'wanted' AND job = (SELECT id FROM vorel_fleet.job WHERE name = %s)
    AND NOT EXISTS (
        SELECT FROM vorel_fleet.lease WHERE job = work.job AND expires_at > vorel_fleet.clock()
    )
"""
_PUT_OFF = """
UPDATE vorel_fleet.work SET not_before = vorel_fleet.clock() + %s * interval '1 second'
WHERE job = (SELECT id FROM vorel_fleet.job WHERE name = %s)
"""
_RESTORED = """
UPDATE vorel_fleet.work SET restored_at = vorel_fleet.clock() WHERE job = %s
"""
_SEE_PLACE = """
UPDATE vorel_fleet.place SET tables = vorel_fleet.tables(), lost_at = vorel_fleet.clock()
WHERE tables <> vorel_fleet.tables()
"""
# A job has lost no lines if it was added after the restore, or if somebody has said it since.
_IS_LOST = """
SELECT FROM vorel_fleet.job LEFT JOIN vorel_fleet.work ON work.job = job.id, vorel_fleet.place
WHERE job.id = %s AND greatest(job.added_at, work.restored_at) <= place.lost_at
"""
_MOVED = "UPDATE vorel_fleet.place SET tables = vorel_fleet.tables(), lost_at = NULL"
_RESTORED_AT = """
SELECT extract(epoch FROM restored_at)::float8 FROM vorel_fleet.work
WHERE job = %s AND restored_at IS NOT NULL
"""
_IN_STATE = """
SELECT job.name FROM vorel_fleet.work JOIN vorel_fleet.job ON job.id = work.job
WHERE work.state = %s AND job.name = ANY(%s::text[])
"""


def give(connection: Connection, job: int) -> None:
    """Give a job to the workers, unless they had it before."""
    connection.execute(_GIVE, (job,))


def change(database: str, what: Change, names: Sequence[str] | None) -> dict[str, State]:
    """
    Stop jobs, let stopped ones go on, or let those that have ended run once more.

    `names` are those of the jobs; None stands for all. Jobs to which it does not apply are left as
    they are. Returns the state that each was in. Raises `ConfigError` if there is no such job.
    """
    before, after = _FROM[what]
    given = None if names is None else list(names)
    with closing(connect_first(database)) as connection:
        check_version(connection)
        rows = connection.execute(_CHANGE, {"names": given, "from": before, "to": after})
        found = {str(name): cast("State", state) for name, state in rows}
    if missing := sorted({*(names or ())} - found.keys()):
        raise ConfigError(f"the fleet has no job {', '.join(missing)}")
    return found


def end(connection: Connection, lease: Lease) -> None:
    """Note that the job of a lease, which is still held, has ended."""
    connection.execute(_END, (lease.job, lease.key, lease.owner, lease.epoch))


def end_without_line(connection: Connection, name: str, problem: str) -> None:
    """Note why a job cannot be run, which is not in its journal."""
    connection.execute(_END_WITHOUT_LINE, (problem, name))


def put_off(connection: Connection, name: str, seconds: float) -> None:
    """Let no slice of a job begin for some seconds."""
    connection.execute(_PUT_OFF, (seconds, name))


def note_restored(connection: Connection, job: int) -> None:
    """Note that somebody has said that lines of a journal are lost, which is on record now."""
    connection.execute(_RESTORED, (job,))


def restored_at(connection: Connection, job: int) -> float:
    """Return when `note_restored` was called last for a job, in seconds since 1970, or 0."""
    row = connection.execute(_RESTORED_AT, (job,)).fetchone()
    return float(str(row[0])) if row else 0.0


def is_lost(connection: Connection, job: int) -> bool:
    """
    Return whether a dump was restored, and nobody has said since then that lines are lost.

    The first call after a restore notes the time of it, so call it before `note_restored`.
    """
    connection.execute(_SEE_PLACE)
    return connection.execute(_IS_LOST, (job,)).fetchone() is not None


def note_moved(connection: Connection) -> None:
    """Note that the tables were moved to where they are, and no line was lost."""
    connection.execute(_MOVED)


def is_wanted(connection: Connection, name: str) -> bool:
    """Return whether workers are to run a job."""
    return connection.execute(_IN_STATE, ("wanted", [name])).fetchone() is not None


def stopped(connection: Connection, names: Collection[str]) -> set[str]:
    """Return which of these jobs somebody has stopped."""
    return {str(row[0]) for row in connection.execute(_IN_STATE, ("stopped", list(names)))}
