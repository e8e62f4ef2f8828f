"""Writes docs/commands.md and the manual pages from the help of the commands."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from copy import copy
from pathlib import Path

import click

from commands.man_pages import FOLDER, write_man_pages
from importer.cli import cli
from importer.cli.fleet_extra import database_option, work_option
from importer.cli.help import shared_options, unlisted
from importer.cli.options import json_option
from importer.core.settings import READING
from importer.jobs.job_file import KEYS
from importer.jobs.monitoring.monitoring_settings import MONITORING
from importer.run.config import SETTINGS

__all__ = ["PAGE", "render"]

PAGE = Path(__file__).parents[3] / "docs" / "commands.md"
_WIDTH = 80
_INTRO = """\
# Commands

Messages go to standard error, and what was asked for to standard output. An option of several
commands is described once: here, or at [run](#run).

| option | what it does |
| --- | --- |
"""
_READING = """\
### Options about reading

They can be written into the mapping file's table `[read]` instead: `--skip-lines` is `skip_lines`.
What is not stated is found in the list ([how](reading.md)).

| option | what it does |
| --- | --- |
"""
_SYSTEM = """\
### Options about a system

They can be written into a job file's table `[job]` instead, except `--at-once`. There,
`--api-key-file` is `api_key`, and `--schema` is `schema_file`.

| option | what it does |
| --- | --- |
"""
_SETTINGS = """\
### All settings

A program gives them to `ImportConfig` by their names, those of `[read]` in its `read`. `[read]` is
a table of mapping and job files, `[job]` one of job files. Flags take precedence over files, and
files over environment variables.

| name | flag | also | default |
| --- | --- | --- | --- |
"""


def _all_commands() -> Iterator[tuple[str, click.Command]]:
    """Yield each command by its words, those of a group behind it."""
    context = click.Context(cli)
    yield "", cli
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        yield name, command
        if isinstance(command, click.Group):
            yield from (
                (f"{name} {one}", command.commands[one]) for one in sorted(command.commands)
            )


def _options(command: click.Command) -> dict[str, click.Option]:
    return {one.opts[-1]: one for one in command.params if isinstance(one, click.Option)}


def _made(*decorators: object) -> dict[str, click.Option]:
    """Return the options that decorators add to a command."""

    @click.command()
    def command() -> None: ...

    for decorate in decorators:
        assert callable(decorate)
        decorate(command)
    command.params += shared_options(has_rows=True)
    return _options(command)


_SHARED = _made(json_option, database_option, work_option)


def _shared_table() -> Iterator[str]:
    yield "| `-h`, `--help` | Show the help of a command. |"
    for flag, option in sorted(_SHARED.items()):
        where = " (`fleet`)" if flag in {"--database", "--work"} else ""
        yield f"| {_flag(option)}{where} | {option.help or 'Nothing is coloured anyway.'} |"


def _flag(option: click.Option) -> str:
    what = option.make_metavar(click.Context(cli)).replace("|", "\\|")
    flags = [*option.opts[:-1], option.opts[-1] if option.is_flag else f"{option.opts[-1]} {what}"]
    return ", ".join(f"`{one}`" for one in flags)


def _unlisted(run: click.Command, *, is_about_reading: bool) -> Iterator[str]:
    """Yield a row for each option that the help of `run` only names."""
    for option in unlisted(run):
        if (option.name in READING) is is_about_reading:
            yield f"| {_flag(option)} | {option.help} |"


def _settings_table() -> Iterator[str]:
    """Yield a row for each setting: where it can be given, and its default."""
    for name, one in sorted({**SETTINGS, **READING, **MONITORING}.items()):
        flag = one.flag and f"`{one.flag.replace('/', '`, `')}`"
        table = "`[read]`" if name in READING else "`[job]`" if name in KEYS else None
        also = ", ".join(filter(None, (table, one.variable and f"`{one.variable}`")))
        default = (one.default_text or "").replace("<", "&lt;")
        yield f"| `{name}` | {flag or ''} | {also} | {default} |"


def _is_same(option: click.Option, others: dict[str, click.Option]) -> bool:
    return option.help == others[option.opts[-1]].help


def _help(name: str, command: click.Command, run: dict[str, click.Option]) -> str:
    """Return the help of a command without the options that are described elsewhere on the page."""
    options = _options(command)
    shared = [flag for flag, one in options.items() if flag in _SHARED and _is_same(one, _SHARED)]
    of_run = [
        flag
        for flag, one in options.items()
        if name != "run" and flag not in shared and not one.hidden | one.required
        if flag in run and _is_same(one, run)
    ]
    left_out = {*shared, *of_run, "--version"}
    shown = copy(command)
    shown.add_help_option = False
    shown.params = [one for one in command.params if one.opts[-1] not in left_out]
    parent = None
    for word in ("vorel-import", *name.split()[:-1]):
        parent = click.Context(cli, info_name=word, parent=parent)
    last = name.rsplit(maxsplit=1)[-1] if name else "vorel-import"
    context = click.Context(
        shown, info_name=last, parent=parent if name else None, terminal_width=_WIDTH
    )
    text = "\n".join(line.rstrip() for line in shown.get_help(context).rstrip().splitlines())
    if not of_run:
        return text
    flags = textwrap.wrap(" ".join(of_run), _WIDTH - 2, break_on_hyphens=False)
    above, examples, below = text.rpartition("\nExamples:\n")
    return "\n".join([above, "As in run:", *(f"  {line}" for line in flags), examples + below])


def render() -> str:
    """Return the page as it must be."""
    commands = dict(_all_commands())
    run = _options(commands["run"])
    parts = [_INTRO + "\n".join(_shared_table()) + "\n"]
    for name, command in commands.items():
        title = f"{'###' if ' ' in name else '##'} {name}\n\n" if name else ""
        parts.append(f"{title}```text\n{_help(name, command, run)}\n```\n")
        if name == "run":
            for intro, is_about_reading in ((_READING, True), (_SYSTEM, False)):
                rows = _unlisted(command, is_about_reading=is_about_reading)
                parts.append(intro + "\n".join(rows) + "\n")
            parts.append(_SETTINGS + "\n".join(_settings_table()) + "\n")
    return "\n".join(parts)


if __name__ == "__main__":
    write_man_pages(FOLDER)
    PAGE.write_text(render(), encoding="utf-8")
