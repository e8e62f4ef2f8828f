"""`vorel-import ui`: the page on this computer with which people import a list."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from importer.cli.fleet_extra import DATABASE_VARIABLE, need_fleet
from importer.cli.help import HelpfulCommand
from importer.cli.interrupts import until_ended
from importer.cli.options import json_option
from importer.cli.setting_options import setting_options
from importer.cli.terminal_text import say, say_json

if TYPE_CHECKING:
    from importer.fleet.page.watching import Ask

_M_ARENA_MAX = -8  # malloc.h of glibc
_ARENAS = 2
_POLARS = f"narenas:{_ARENAS},dirty_decay_ms:0,muzzy_decay_ms:0"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageDocument:
    """Where the page is: `start` works once, `file` is a file that leads to it again."""

    url: str
    start: str
    file: str


@click.command(cls=HelpfulCommand)
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=0,
    metavar="N",
    help="The port.  [default: a free one]",
)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where lists and results are kept.  [default: a private folder]",
)
@setting_options("base_url")
@click.option(
    "--fleet",
    metavar="[URL]",
    is_flag=False,
    flag_value="",
    help=f"Only show the jobs of a fleet. URL is its PostgreSQL database, or {DATABASE_VARIABLE}.",
)
@click.option("--no-browser", is_flag=True, help="Print the address instead of opening it.")
@json_option
def ui(
    *,
    port: int,
    folder: Path | None,
    base_url: str | None,
    fleet: str | None,
    no_browser: bool,
    as_json: bool,
) -> int:
    """
    Import lists on a page in the browser, on this computer alone.

    The page does what map, check, run and report do, step by step. Ctrl-C ends it: an import under
    way stops cleanly, and continues the next time.
    """
    _give_back_memory()
    from importer.ui.server import serving_page

    if fleet is None:
        served = serving_page(folder, port=port, base_url=base_url)
        end = "What is being sent is stopped cleanly."
    else:
        if folder is not None or base_url is not None:
            flag = "--folder" if folder is not None else "--base-url"
            raise click.UsageError(f"{flag} does not go with --fleet: it imports nothing.")
        ask = _asking(fleet)
        from importer.fleet.page.pages import serving_fleet

        served, end = serving_fleet(ask, port=port), "The fleet goes on."
    with until_ended() as wait, served as page:
        if as_json:
            say_json(PageDocument(url=page.url, start=page.start, file=str(page.file)))
        else:
            say(
                f"The page is at\n\n  {page.start}\n\nIt is open to this computer only. This "
                f"address works once; to come back later, open\n\n  {page.file}\n\nCtrl-C ends it."
            )
        if not no_browser and not as_json:
            import webbrowser

            webbrowser.open(page.file.as_uri())
        wait()
        say(f"The page ends. {end}", err=True)
    return 0


def _asking(given: str) -> Ask:
    """Return what asks a database for all jobs, as `fleet status` does."""
    need_fleet()
    from importer.fleet.database.connecting import address
    from importer.fleet.showing.overview import job_states

    database = given or os.environ.get(DATABASE_VARIABLE, "")
    if not database:
        raise click.UsageError(f"Give --fleet the database, or set {DATABASE_VARIABLE}.")
    address(database)  # a mistake in it is said at once, and not as a database that is away
    return lambda: job_states(database, ())


def _give_back_memory() -> None:
    """
    Have memory that is free given back at once, where that can be said, before all else is loaded.

    Else each thread keeps some of its own: of a page that checks 50,000 rows, 30 of 210 MB. What
    somebody has set in the environment stays.
    """
    # It is read when polars is loaded, whose allocator is not that of Python.
    os.environ.setdefault("_RJEM_MALLOC_CONF", _POLARS)
    if sys.platform == "linux" and "MALLOC_ARENA_MAX" not in os.environ:
        import ctypes  # which other commands do without

        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # glibc alone has it
        if mallopt is not None:
            mallopt(_M_ARENA_MAX, _ARENAS)
