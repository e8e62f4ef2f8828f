"""Creates the tables of a fleet, and brings older ones up to date."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from importlib import resources

import psycopg
from psycopg import sql

from importer.core.errors import ConfigError
from importer.fleet.database.connecting import Connection, connect_first

_LOCK = 7_301_118_205_422_117
"""A number of our own, for the lock that lets one migration at a time through."""
_FOLDER = resources.files("importer.fleet.database") / "schema"
_BEGIN = """
CREATE SCHEMA IF NOT EXISTS vorel_fleet;
CREATE TABLE IF NOT EXISTS vorel_fleet.version (
    number integer PRIMARY KEY,
    name text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
"""
_QUEUE = """
DROP SCHEMA IF EXISTS vorel_queue CASCADE;
CREATE SCHEMA vorel_queue;
SET LOCAL search_path TO vorel_queue;
"""
_QUEUE_NOTE = "SELECT obj_description(to_regnamespace('vorel_queue'), 'pg_namespace')"
_MADE_AT = """
SELECT (extract(epoch FROM at) * 1000000)::bigint FROM vorel_fleet.version WHERE number = 1
"""
# A worker may add lines, and may neither change nor remove any. It cannot say either that lines
# which a restore has lost are on record, or that none were.
_RIGHTS = {
    "version": ("SELECT",),
    "job": ("SELECT", "INSERT"),
    "block": ("SELECT", "INSERT"),
    "lease": ("SELECT", "INSERT", "UPDATE"),
    "work": ("SELECT", "INSERT", "UPDATE"),
    "progress": ("SELECT", "INSERT", "UPDATE"),
    "place": ("SELECT",),
}
_COLUMNS = {
    ("work", "UPDATE"): (
        "state", "problem", "not_before", "waits_for", "waits_since", "hindered", "accepts_list",
        "last_success",
    ),
}  # fmt: skip
"""Where a right is for some columns alone."""
_QUEUE_RIGHTS = {
    "procrastinate_jobs": ("SELECT", "INSERT", "UPDATE", "DELETE"),
    "procrastinate_workers": ("SELECT", "INSERT", "UPDATE", "DELETE"),
    "procrastinate_events": ("SELECT", "INSERT"),
    "procrastinate_periodic_defers": ("SELECT", "INSERT", "UPDATE", "DELETE"),
}
_ARE_GIVEN = """
SELECT bool_and(
    has_schema_privilege(named.oid, 'USAGE') AND CASE
        WHEN may = 'DELETE' THEN has_table_privilege(one.oid, may)
        ELSE has_any_column_privilege(one.oid, may)
    END
)
FROM unnest(%s::text[], %s::text[]) AS wanted (name, may)
JOIN pg_class AS one ON one.relname = wanted.name
JOIN pg_namespace AS named ON named.oid = one.relnamespace AND named.nspname = %s
"""
_QUEUE_GRANTS = """
GRANT USAGE ON SCHEMA vorel_queue TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA vorel_queue TO {role};
GRANT USAGE ON ALL SEQUENCES IN SCHEMA vorel_queue TO {role};
"""


def _migrations() -> Sequence[tuple[int, str, str]]:
    """Return number, name and SQL of each migration, in order."""
    files = sorted(
        (one for one in _FOLDER.iterdir() if one.name.endswith(".sql")), key=lambda one: one.name
    )
    return [(int(one.name[:4]), one.name, one.read_text(encoding="utf-8")) for one in files]


def migrate(connection: Connection) -> list[str]:
    """
    Apply the migrations that the database does not have yet, all of them or none.

    Returns their names. Raises `ConfigError` if the database was made by a newer importer.
    """
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        connection.execute(_BEGIN)
        there = _version(connection)
        missing = [one for one in _migrations() if one[0] > there]
        _refuse_newer(there)
        for number, name, text in missing:
            connection.execute(text.encode())
            connection.execute(
                "INSERT INTO vorel_fleet.version (number, name) VALUES (%s, %s)", (number, name)
            )
    return [name for _, name, _ in missing]


def check_version(connection: Connection) -> None:
    """Raise `ConfigError` unless the tables are those that this importer works with."""
    try:
        found = connection.execute("SELECT to_regclass('vorel_fleet.version')").fetchone()
        there = 0 if found is None or found[0] is None else _version(connection)
    except psycopg.errors.InsufficientPrivilege:
        raise _without_rights() from None
    _refuse_newer(there)
    if there < _migrations()[-1][0]:
        raise ConfigError(
            "the database has no tables of this version",
            hint="Run: vorel-import fleet init",
        )


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """Connect like `connect_first`, to tables of this version. Raises `ConfigError` for others."""
    with closing(connect_first(url)) as connection:
        check_version(connection)
        yield connection


def refuse_newer(connection: Connection) -> None:
    """Raise `ConfigError` if the tables were made by a newer importer since this one has begun."""
    _refuse_newer(_version(connection))


def check_rights(connection: Connection) -> None:
    """Raise `ConfigError` unless the role may do with the tables what a worker does."""
    _refuse_without(connection, "vorel_fleet", _RIGHTS)


def _refuse_without(
    connection: Connection, schema: str, rights: Mapping[str, Sequence[str]]
) -> None:
    wanted = [(table, right) for table, of_table in rights.items() for right in of_table]
    names, may = zip(*wanted, strict=True)
    if connection.execute(_ARE_GIVEN, ([*names], [*may], schema)).fetchone() == (False,):
        raise _without_rights()


def _without_rights() -> ConfigError:
    return ConfigError(
        "this role of the database may not use all tables of the fleet",
        hint="Run as the owner of the database: vorel-import fleet init --grant ROLE",
    )


def prepare_queue(connection: Connection) -> bool:
    """
    Make the tables of the queue, or make them anew for another version of procrastinate.

    Workers fill the queue from what is wanted, so nothing is lost with it. Returns whether the
    tables were made.
    """
    note, text = _queue_note()
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        if connection.execute(_QUEUE_NOTE).fetchone() == (note,):
            return False
        connection.execute(_QUEUE)
        connection.execute(text.encode())
        comment = sql.SQL("COMMENT ON SCHEMA vorel_queue IS {note}").format(note=note)
        connection.execute(comment)
    return True


def check_queue(connection: Connection) -> None:
    """
    Raise `ConfigError` unless the queue has the tables of this version of procrastinate.

    It is also raised if the role may not use them.
    """
    if connection.execute(_QUEUE_NOTE).fetchone() != (_queue_note()[0],):
        raise ConfigError(
            "the database has no queue of this version of procrastinate",
            hint="Stop all workers, then run: vorel-import fleet init",
        )
    _refuse_without(connection, "vorel_queue", _QUEUE_RIGHTS)


def _queue_note() -> tuple[str, str]:
    """Return what the queue's schema is marked with, and procrastinate's SQL for its tables."""
    from procrastinate.schema import SchemaManager  # heavy, and for a queue alone

    text = SchemaManager.get_schema()
    return f"procrastinate {hashlib.sha256(text.encode()).hexdigest()}", text


def made_at(connection: Connection) -> str:
    """Return when the first table was made: a name for a fleet, which a restored one has too."""
    row = connection.execute(_MADE_AT).fetchone()
    return str(row[0]) if row else "0"


def _version(connection: Connection) -> int:
    query = "SELECT coalesce(max(number), 0) FROM vorel_fleet.version"
    row = connection.execute(query).fetchone()
    return int(str(row[0])) if row else 0


def _refuse_newer(there: int) -> None:
    latest = _migrations()[-1][0]
    if there > latest:
        raise ConfigError(
            "the tables of the database are of a newer importer (version %(number)s, not "
            "%(number_2)s)",
            number=there,
            number_2=latest,
            hint="Update this importer.",
        )


def grant(connection: Connection, role: str) -> None:
    """
    Let a role do what a worker needs, and no more: it cannot change or remove lines.

    What it was given before is taken back.
    """
    identifier = sql.Identifier(role)
    revoke = sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA vorel_fleet FROM {}")
    connection.execute(revoke.format(identifier))
    connection.execute(sql.SQL("GRANT USAGE ON SCHEMA vorel_fleet TO {}").format(identifier))
    for table, rights in _RIGHTS.items():
        given = sql.SQL(", ").join(_right(table, right) for right in rights)
        named = sql.Identifier("vorel_fleet", table)
        connection.execute(sql.SQL("GRANT {} ON {} TO {}").format(given, named, identifier))
    if connection.execute(_QUEUE_NOTE).fetchone() != (None,):
        connection.execute(sql.SQL(_QUEUE_GRANTS).format(role=identifier))


def _right(table: str, right: str) -> sql.Composable:
    """Return a right, with the columns that it is for if it is not for all."""
    if (columns := _COLUMNS.get((table, right))) is None:
        return sql.SQL(right)
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL("{} ({})").format(sql.SQL(right), listed)
