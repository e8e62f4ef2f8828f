"""Writes docs/commands.md and the manual pages from the help of the commands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from commands.man_pages import FOLDER, write_man_pages
from commands.process import vorel_import
from importer.cli import cli
from importer.cli.help import UNLISTED
from importer.settings import ReadOptions

__all__ = ["PAGE", "render"]

PAGE = Path(__file__).parents[3] / "docs" / "commands.md"
_INTRO = """\
# Commands

Each command's own help. Messages go to standard error; standard output has only what was asked for
(`check`, `status`, `export`, `schema`, and `--json`). With `-q` there are no messages but errors;
with `-v` each row's outcome is one, where a command has rows. Nothing is coloured. Every command
accepts `-q`, `-v` and `--no-color`.
"""
_UNLISTED = """\
### Settings that are not listed

`run` and `check` accept these too. Few imports need them, and those that do need them each time:
then they are keys of the mapping file's table `[read]`, or of the job file's table `[job]`. As a
key, a time is written `"90m"` too.

| flag | key | what it does |
| --- | --- | --- |
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


def _unlisted() -> Iterator[str]:
    """Yield a row for each option that the help of `run` only names."""
    command = cli.get_command(click.Context(cli), "run")
    assert command is not None
    for option in sorted(command.params, key=lambda one: one.opts[-1]):
        if isinstance(option, click.Option) and option.name in UNLISTED:
            what = option.make_metavar(click.Context(command)).replace("|", "\\|")
            flag = option.opts[-1] if option.is_flag else f"{option.opts[-1]} {what}"
            table = "[read]" if option.name in ReadOptions.model_fields else "[job]"
            key = (
                ""
                if option.name in _NO_KEYS
                else f"`{_KEYS.get(option.name, option.name)}` in `{table}`"
            )
            yield f"| `{flag}` | {key} | {option.help} |"


_NO_KEYS = {"at_once"}
_KEYS = {"api_key_file": "api_key"}


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
        if name == "run":
            parts.append(_UNLISTED + "\n".join(_unlisted()) + "\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
    write_man_pages(FOLDER)
