"""`vorel-import export`: writes the success, failed and unsent files again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from importer.cli.options import build_config, json_option, read_options
from importer.cli.text import say, say_json

__all__ = ["export"]


@click.command()
@click.argument("results", type=click.Path(), metavar="RESULTS")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option(
    "--mapping", type=click.Path(), metavar="FILE", help="The mapping file, for its [read]."
)
@read_options
@json_option
def export(*, results: str, mapping: str | None, as_json: bool, **flags: Any) -> int:
    """
    Write the success, failed and unsent files of an import again.

    The sources are read as the last run read them, unless flags say otherwise.
    """
    import anyio

    from importer.mapper import load_mapping
    from importer.running.exporting import export_again

    config = build_config(**flags)
    options = config.read
    if mapping:
        options = options.over(load_mapping(Path(mapping)).read)
    found = anyio.run(export_again, Path(results), config.sources, options)
    for notice in found.notices:
        say(f"note: {notice}", err=True)
    if as_json:
        say_json(found.files)
    else:
        for name, path in found.files.items():
            if path is not None:
                say(f"{name.partition('_')[0].capitalize():<7}  {path}")
    return 0
