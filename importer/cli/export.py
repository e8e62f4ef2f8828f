"""`vorel-import export`: writes the success, failed and unsent files again."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
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
    from importer.mapper import load_mapping
    from importer.running.exporting import write_exports
    from importer.running.job import read_survey
    from importer.settings import ReadOptions
    from importer.status import import_status

    settings = import_status(Path(results)).last_run.get("settings", {})
    mapping = mapping or settings.get("mapping")
    config = build_config(**flags)
    options = config.read.over(ReadOptions(**settings.get("read", {})))
    if mapping and Path(mapping).exists():
        options = options.over(load_mapping(Path(mapping)).read)
    with TemporaryDirectory(prefix="vorel-import-") as spool:
        survey = read_survey(config.sources, options, spool=Path(spool))
        files, _ = write_exports(Path(results), survey, config.sources)
    if as_json:
        say_json(files)
    else:
        for name, path in files.items():
            say(f"{name.capitalize().replace('_', ' '):<12} {path}")
    return 0
