"""`vorel-import ui`: the page on this computer with which people import a list."""

from __future__ import annotations

from pathlib import Path

import click

from importer.cli.interrupts import until_ended
from importer.cli.options import json_option
from importer.cli.text import say, say_json

__all__ = ["ui"]


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=0,
    metavar="N",
    help="Port on this computer.  [default: a free one]",
)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where lists and results are kept.  [default: a private folder of yours]",
)
@click.option("--no-browser", is_flag=True, help="Print the address instead of opening it.")
@json_option
def ui(*, port: int, folder: Path | None, no_browser: bool, as_json: bool) -> int:
    """
    Import lists with a page in the browser, on this computer alone.

    The page does what map, check, run and report do, step by step. It answers only the browser that
    opens the address with its token. Ctrl-C ends it: an import under way is stopped cleanly, and
    can be continued the next time.
    """
    from importer.ui.server import serving_page

    with until_ended() as stop, serving_page(folder, port=port) as page:
        if as_json:
            say_json({"url": page.url, "start": page.start})
        else:
            say(
                f"The page is at\n\n  {page.start}\n\n"
                "It is open to this computer only. Ctrl-C ends it."
            )
        if not no_browser and not as_json:
            import webbrowser

            webbrowser.open(page.start)
        stop.wait()
        say("The page ends. What is being sent is stopped cleanly.", err=True)
    return 0
