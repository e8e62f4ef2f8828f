"""What commands need that use the database of a fleet."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from importer.cli.help import HelpfulCommand, HelpfulGroup
from importer.core.errors import ConfigError
from importer.core.systems.folders import state_folder
from importer.core.systems.packages import install_command

_PACKAGE = "psycopg[binary]>=3.2.4"

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
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    default=lambda: state_folder() / "fleet",
    help="Where copies of journals are kept.  [default: in the state folder of this user]",
)


class FleetCommand(HelpfulCommand):
    """A command that needs the package of a fleet; its help does not."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. Raises `ConfigError` if the package is missing."""
        need_fleet()
        return super().invoke(ctx)


class FleetGroup(HelpfulGroup):
    """The commands of a fleet."""

    command_class = FleetCommand


def need_fleet() -> None:
    """Raise `ConfigError` if the extra `fleet` is not installed."""
    if find_spec("psycopg") is None:
        raise ConfigError(
            "a fleet needs more packages, which this adds:\n  %(command)s",
            command=install_command(_PACKAGE),
        )
