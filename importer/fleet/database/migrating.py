"""Creates the tables of a fleet, and brings older ones up to date."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
_MADE_AT = """
SELECT (extract(epoch FROM at) * 1000000)::bigint FROM vorel_fleet.version WHERE number = 1
"""
_OF_WORK = "state, problem, not_before, taken_by, key, hindered, accepts_list, last_success"
# A worker may add lines, and may neither change nor remove any. It cannot say either that lines
# which a restore has lost are on record, or that none were.
_RIGHTS = {
    "version": ("SELECT",),
    "job": ("SELECT", "INSERT"),
    "block": ("SELECT", "INSERT"),
    "lease": ("SELECT", "INSERT", "UPDATE"),
    "work": ("SELECT", "INSERT", f"UPDATE ({_OF_WORK})"),
    "worker": ("SELECT", "INSERT", "UPDATE", "DELETE"),
    "night": ("SELECT", "INSERT"),
    "progress": ("SELECT", "INSERT", "UPDATE"),
    "place": ("SELECT",),
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
JOIN pg_namespace AS named ON named.oid = one.relnamespace AND named.nspname = 'vorel_fleet'
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
    wanted = [(table, right.partition(" ")[0]) for table in _RIGHTS for right in _RIGHTS[table]]
    names, may = zip(*wanted, strict=True)
    if connection.execute(_ARE_GIVEN, ([*names], [*may])).fetchone() == (False,):
        raise _without_rights()


def _without_rights() -> ConfigError:
    return ConfigError(
        "this role of the database may not use all tables of the fleet",
        hint="Run as the owner of the database: vorel-import fleet init --grant ROLE",
    )


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
        query = f"GRANT {', '.join(rights)} ON vorel_fleet.{table} TO {{}}"
        connection.execute(sql.SQL(query).format(identifier))
