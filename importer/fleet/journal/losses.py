"""Whether journals have lost lines, because the database was restored from a backup."""

from __future__ import annotations

from importer.core.errors import ConfigError
from importer.fleet.database.connecting import Connection

_RESTORED = """
UPDATE vorel_fleet.work SET restored_at = vorel_fleet.clock() WHERE job = %s
"""
_SEE_PLACE = "SELECT vorel_fleet.see_place()"
# A job has lost no lines if it was added after the restore, or if somebody has said it since.
_IS_LOST = """
SELECT FROM vorel_fleet.job LEFT JOIN vorel_fleet.work ON work.job = job.id, vorel_fleet.place
WHERE job.id = %s AND greatest(job.added_at, work.restored_at) <= place.lost_at
"""
_MAY_RESTORE = "SELECT has_column_privilege('vorel_fleet.work', 'restored_at', 'UPDATE')"
_MOVED = "UPDATE vorel_fleet.place SET tables = vorel_fleet.tables(), lost_at = NULL"
_RESTORED_AT = """
SELECT extract(epoch FROM greatest(restored_at, rewritten_at))::float8 FROM vorel_fleet.work
WHERE job = %s AND coalesce(restored_at, rewritten_at) IS NOT NULL
"""


def check_may_restore(connection: Connection) -> None:
    """Raise `ConfigError` unless the role may say that lines of journals are lost."""
    if connection.execute(_MAY_RESTORE).fetchone() != (True,):
        raise ConfigError(
            "this role of the database may not say that lines are lost",
            hint="Run the command with the address of the owner of the database: workers cannot "
            "say it, so that none of them lets jobs go on that have lost lines.",
        )


def note_restored(connection: Connection, job: int) -> None:
    """Note that somebody has said that lines of a journal are lost, which is on record now."""
    connection.execute(_RESTORED, (job,))


def restored_at(connection: Connection, job: int) -> float:
    """
    Return since when copies of a journal show which lines it has lost, in seconds since 1970, or 0.

    Before that somebody has said that lines were lost, or others took their place.
    """
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
