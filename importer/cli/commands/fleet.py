"""`vorel-import fleet`: many keys on many machines."""

from __future__ import annotations

from importlib.util import find_spec

import click

from importer.cli.text import say
from importer.errors import ConfigError

__all__ = ["fleet"]

_database_option = click.option(
    "--database",
    envvar="VOREL_FLEET_DATABASE",
    metavar="URL",
    required=True,
    help="The PostgreSQL database, or VOREL_FLEET_DATABASE.",
)


@click.group()
def fleet() -> None:
    """
    Keep the journals of imports in a PostgreSQL database.

    docs/fleet.md says how to set one up. It needs the extra `fleet`.
    """
    if find_spec("psycopg") is None:
        raise ConfigError(
            "the extra fleet is not installed", hint="Run: pip install 'vorel-importer[fleet]'"
        )


@fleet.command()
@_database_option
@click.option("--grant", "role", metavar="ROLE", help="Let this role do what a worker needs.")
def init(*, database: str, role: str | None) -> int:
    """
    Create the tables of a fleet, or bring them up to date.

    It is run as the owner of the database. Workers need fewer rights: --grant gives a role that
    exists the right to read and to add, but not to change or remove a line.
    """
    from contextlib import closing

    from importer.fleet.database import connect_first
    from importer.fleet.migrating import grant, migrate

    with closing(connect_first(database)) as connection:
        applied = migrate(connection)
        if role is not None:
            grant(connection, role)
    for name in applied:
        say(f"applied {name}")
    if not applied:
        say("The tables are up to date.")
    return 0
