"""`vorel-import status`: where an import stands, and the exact next command."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from importer.cli.options import json_option
from importer.cli.text import say, say_json

__all__ = ["status"]


@click.command()
@click.argument("results", type=click.Path(), metavar="RESULTS")
@json_option
def status(*, results: str, as_json: bool) -> int:
    """Show where an import stands, its errors grouped, and the exact next command."""
    from importer.cli.render import render_status
    from importer.status import import_status

    found = import_status(Path(results))
    command = next_command(found.last_run, results)
    if as_json:
        content = {**asdict(found), "open_rows": found.open_rows, "next": command}
        say_json(content)
    else:
        say(render_status(found, command=command))
    return 0


def next_command(run: Mapping[str, Any], results: str) -> str:
    """Return the command that goes on: that of the last run, with the results file named."""
    settings = dict(run.get("settings", {}))
    sources = settings.pop("sources", ["SOURCE"])
    settings["results"] = results
    settings.pop("resend_unknown", None)  # a person's word about rows that were looked up then
    words = ["vorel-import", "run", *map(str, sources)]
    for name, value in sorted(_flags(settings)):
        words += [f"--{name.replace('_', '-')}"] + ([] if value is True else [value])
    return shlex.join(words)


def _flags(settings: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in settings.items():
        if name == "read":
            # `null` has no flag: it comes from the mapping file.
            yield from ((n, str(v)) for n, v in value.items() if v is not None and n != "null")
        elif name == "max_errors":
            share, count = value.get("share"), value.get("count")
            yield name, f"{share * 100:g}%" if share is not None else str(count)
        elif isinstance(value, bool):
            if value:
                yield name, True
        elif value is not None:
            yield name, f"{value:g}" if isinstance(value, float) else str(value)
