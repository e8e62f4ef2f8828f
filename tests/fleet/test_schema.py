"""The tables of a fleet: made once, kept up to date, and no worker can change a line."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest
from fleets import wait_for
from postgres import Server

from importer.core.errors import ConfigError
from importer.fleet.database.connecting import Connection, connect, connect_first
from importer.fleet.database.migrating import (
    check_rights,
    check_version,
    grant,
    migrate,
)
from importer.fleet.journal import blocks, losses

FIRST = "0001_tables.sql"


@pytest.fixture
def empty(postgres: Server) -> Iterator[str]:
    """Return the address of a database without any table."""
    with connect(postgres.url) as connection:
        connection.execute("DROP DATABASE IF EXISTS new WITH (FORCE)")
        connection.execute("CREATE DATABASE new")
        yield postgres.url_of("new")
        connection.execute("DROP DATABASE new WITH (FORCE)")


def test_the_tables_are_made_once(empty: str) -> None:
    with closing(connect(empty)) as connection:
        with pytest.raises(ConfigError, match="no tables of this version"):
            check_version(connection)
        assert migrate(connection)[0] == FIRST
        assert migrate(connection) == []
        check_version(connection)


def test_two_at_once_make_them_once(empty: str) -> None:
    made: list[str] = []

    def init() -> None:
        with closing(connect(empty)) as connection:
            made.extend(migrate(connection))

    threads = [threading.Thread(target=init) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made.count(FIRST) == 1


def test_tables_of_a_newer_importer_are_left_alone(empty: str) -> None:
    with closing(connect(empty)) as connection:
        migrate(connection)
        connection.execute("INSERT INTO vorel_fleet.version (number, name) VALUES (999, 'later')")
        for function in (migrate, check_version):
            with pytest.raises(ConfigError, match="newer importer"):
                function(connection)


@pytest.fixture
def worker(postgres: Server, connection: Connection) -> Iterator[Connection]:
    """Return a connection with the rights of a worker."""
    connection.execute('DROP ROLE IF EXISTS "a worker\'s role"')
    connection.execute('CREATE ROLE "a worker\'s role" LOGIN')
    grant(connection, "a worker's role")
    with closing(connect(postgres.url_of("fleet", "a%20worker's%20role"))) as opened:
        yield opened
    connection.execute('DROP OWNED BY "a worker\'s role"')
    connection.execute('DROP ROLE "a worker\'s role"')


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM vorel_fleet.block",
        "TRUNCATE vorel_fleet.block",
        "UPDATE vorel_fleet.block SET lines = ''",
        "DELETE FROM vorel_fleet.lease",
        "DELETE FROM vorel_fleet.work",
        "DELETE FROM vorel_fleet.job",
        "DROP TABLE vorel_fleet.block",
        "CREATE TABLE vorel_fleet.other ()",
        "UPDATE vorel_fleet.version SET number = 2",
        "UPDATE vorel_fleet.place SET lost_at = NULL",
        "UPDATE vorel_fleet.work SET restored_at = now()",
    ],
)
def test_a_worker_cannot_take_lines_away(worker: Connection, change: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        worker.execute(change.encode())


def test_a_worker_can_see_and_add(worker: Connection) -> None:
    check_version(worker)
    check_rights(worker)
    number = blocks.add_job(worker, "clinic")
    assert worker.execute("SELECT name FROM vorel_fleet.job").fetchall() == [("clinic",)]
    assert not losses.is_lost(worker, number)
    with pytest.raises(ConfigError, match="address of the owner"):
        losses.check_may_restore(worker)


@pytest.mark.parametrize(
    "taken",
    [
        "SELECT ON vorel_fleet.work",
        "INSERT ON vorel_fleet.progress",
        "USAGE ON SCHEMA vorel_fleet",
    ],
)
def test_a_worker_without_its_rights_says_how_to_get_them(
    worker: Connection, connection: Connection, taken: str
) -> None:
    check_rights(worker)
    connection.execute(f'REVOKE {taken} FROM "a worker\'s role"'.encode())
    with pytest.raises(ConfigError, match="init --grant ROLE"):
        check_rights(worker)


def test_a_grant_takes_back_what_was_given_before(
    worker: Connection, connection: Connection
) -> None:
    connection.execute('GRANT ALL ON vorel_fleet.block TO "a worker\'s role"')
    grant(connection, "a worker's role")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        worker.execute("DELETE FROM vorel_fleet.block")


@pytest.mark.parametrize("taken", ["USAGE ON SCHEMA vorel_fleet", "SELECT ON vorel_fleet.version"])
def test_a_role_without_any_right_says_how_to_get_them(
    worker: Connection, connection: Connection, taken: str
) -> None:
    connection.execute(f'REVOKE {taken} FROM "a worker\'s role"'.encode())
    with pytest.raises(ConfigError, match="init --grant ROLE"):
        check_version(worker)


@pytest.mark.parametrize(
    "url", ["postgresql://user:se%cret@host/database", "postgresql://user:a@secret@localhost/x"]
)
def test_a_mistyped_address_is_not_quoted(url: str) -> None:
    with pytest.raises(ConfigError) as raised:
        connect_first(url)
    assert "cret" not in str(raised.value)


def test_what_the_server_says_is_told(postgres: Server) -> None:
    with pytest.raises(ConfigError, match=r'\(database "nowhere" does not exist\)'):
        connect_first(postgres.url_of("nowhere"))


def test_a_commit_survives_a_crash_whatever_the_database_is_set_to(
    postgres: Server, connection: Connection
) -> None:
    connection.execute("ALTER DATABASE fleet SET synchronous_commit = off")
    try:
        with closing(connect(postgres.url)) as opened:
            assert opened.execute("SHOW synchronous_commit").fetchone() == ("on",)
    finally:
        connection.execute("ALTER DATABASE fleet RESET synchronous_commit")


def test_a_server_that_may_lose_what_it_has_confirmed_is_refused(
    postgres: Server, connection: Connection
) -> None:
    def turn(setting: str) -> None:
        connection.execute(f"ALTER SYSTEM SET fsync = {setting}".encode())
        connection.execute("SELECT pg_reload_conf()")
        wait_for(lambda: connection.execute("SHOW fsync").fetchone() == (setting,))

    turn("off")
    try:
        with pytest.raises(ConfigError, match="fsync = off"):
            connect(postgres.url)
    finally:
        turn("on")
