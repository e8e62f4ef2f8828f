"""What commands need that use the database of a fleet."""

from __future__ import annotations

from importlib.util import find_spec

import click

from importer.errors import ConfigError

__all__ = ["DATABASE_VARIABLE", "database_option", "need_fleet", "work_option"]

DATABASE_VARIABLE = "VOREL_FLEET_DATABASE"
database_option = click.option(
    "--database",
    envvar=DATABASE_VARIABLE,
    metavar="URL",
    required=True,
    help=f"The PostgreSQL database, or {DATABASE_VARIABLE}.",
)

work_option = click.option(
    "--work",
    type=click.Path(file_okay=False),
    metavar="DIR",
    help="Where copies of journals are kept.  [default: in the state folder of this user]",
)


def need_fleet(*, queue: bool = False) -> None:
    """Raise `ConfigError` if the extra `fleet` is not installed, of which a `queue` needs more."""
    for package, wanted in (("psycopg", "'psycopg[binary]'"), ("procrastinate", "procrastinate")):
        if find_spec(package) is None and (queue or package == "psycopg"):
            raise ConfigError(
                "a fleet needs one more package",
                hint="Install the importer with it, uv tool install '.[fleet]' in a checkout; "
                f"or add it: pip install {wanted}",
            )
