"""Writes docs/commands.md from the help of the commands; `make help-pages` runs it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from commands.process import vorel_import
from importer.cli import cli

__all__ = ["PAGE", "render"]

PAGE = Path(__file__).parents[3] / "docs" / "commands.md"
_INTRO = """\
# Commands

Each command's own help. Exit codes are in the [README](../README.md#exit-codes). Messages go to
standard error; standard output has only what was asked for (`check`, `status`, `export`, `schema`,
and `--json`).

`VOREL_API_KEY` holds the API key, `VOREL_BASE_URL` the service's address.
"""


def _names() -> Iterator[str]:
    """Yield the names of all commands, those of a group behind it."""
    context = click.Context(cli)
    yield ""
    for name in cli.list_commands(context):
        yield name
        command = cli.get_command(context, name)
        if isinstance(command, click.Group):
            yield from (f"{name} {one}" for one in command.list_commands(context))


def render() -> str:
    """Return the page as it must be."""
    parts = [_INTRO]
    for name in _names():
        words = [*name.split(), "--help"]
        # In a process of its own: click keeps a command's help option as it was first called.
        shown = vorel_import(*words, cwd=PAGE.parent, env={"COLUMNS": "80"})
        assert shown.returncode == 0, shown.stderr
        title = f"{'###' if ' ' in name else '##'} {name}\n\n" if name else ""
        usage = shown.stdout.replace("python -m importer", "vorel-import")
        text = "\n".join(line.rstrip() for line in usage.rstrip().splitlines())
        parts.append(f"{title}```text\n$ vorel-import {' '.join(words)}\n{text}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
