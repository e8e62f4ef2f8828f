"""Writes docs/commands.md from the commands' own help: `python tests/support/help_pages.py`."""

from __future__ import annotations

from pathlib import Path

import click
from click.testing import CliRunner

from importer.cli import cli

__all__ = ["PAGE", "render"]

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"
_INTRO = """\
# Commands

Each command's own help. Exit codes are in the [README](../README.md#exit-codes). Messages go to
standard error; standard output has only what was asked for (`check`, `status`, `export`, `schema`,
and `--json`).

`VOREL_API_KEY` holds the API key, `VOREL_BASE_URL` the service's address.
"""


def render() -> str:
    """Return the page as it must be."""
    parts = [_INTRO]
    runner = CliRunner()
    for name in ("", *cli.list_commands(click.Context(cli))):
        words = [name, "--help"] if name else ["--help"]
        shown = runner.invoke(cli, words, prog_name="vorel-import", terminal_width=80)
        assert shown.exit_code == 0, shown.output
        title = f"## {name}\n\n" if name else ""
        text = "\n".join(line.rstrip() for line in shown.output.rstrip().splitlines())
        parts.append(f"{title}```text\n$ vorel-import {' '.join(words)}\n{text}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
