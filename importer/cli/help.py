"""Commands that share flags, and whose help has its options in groups, and examples."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import click

from importer.cli.terminal_text import HEARD

_EXAMPLES = Path(__file__).parent / "examples.txt"
"""Examples of all commands; the help of each shows its first two."""
_OTHERS = "Questions and output"
_WITHOUT_LIST = frozenset({"run", "check"})
_WITH_ROWS = frozenset({"run", "check", "demo", "worker"})
"""Commands that print each row's outcome with `-v`."""
_FEW = 8
"""So many options need no groups."""
_WIDTH = 78


def _note(_: click.Context, param: click.Parameter, value: bool) -> None:
    """Note a flag for `is_quiet` and `is_verbose`, until the next command."""
    HEARD[str(param.name)].set(value)


def shared_options(*, has_rows: bool) -> list[click.Parameter]:
    """Return the flags that all commands take. Those that change nothing are not listed."""
    return [
        click.Option(
            ["-q", "--quiet"],
            is_flag=True,
            expose_value=False,
            callback=_note,
            help="Print no messages but errors.",
        ),
        click.Option(
            ["-v", "--verbose"],
            is_flag=True,
            expose_value=False,
            callback=_note,
            help="Print each row's outcome.",
            hidden=not has_rows,
        ),
        click.Option(["--no-color"], is_flag=True, expose_value=False, hidden=True),
    ]


class GroupedOption(click.Option):
    """
    An option of `run` or `check` that is listed under the heading `group`.

    Without one, few need it: it is accepted and only named, and usually a key of the mapping or job
    file.
    """

    def __init__(self, *args: Any, group: str | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.group = group


def unlisted(command: click.Command) -> list[GroupedOption]:
    """Return the options that the help of `run` or `check` only names, sorted by their flags."""
    found = [one for one in command.params if isinstance(one, GroupedOption) and not one.group]
    return sorted(found, key=lambda one: one.opts[-1])


class HelpfulCommand(click.Command):
    """
    A command that takes `-q`, `-v` and `--no-color`, and whose help has groups and examples.

    `-q` prints no messages but errors; what was asked for is still printed on standard output, and
    a person is still asked. `-v` prints each row's outcome on standard error. Nothing is coloured:
    `--no-color` is for scripts that give it to every program.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params += shared_options(has_rows=self.name in _WITH_ROWS)
        if self.name in _WITHOUT_LIST:
            for one in unlisted(self):
                one.hidden = True

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options in groups, if there are many, and name those that are not listed."""
        records = [
            (getattr(one, "group", _OTHERS), record)
            for one in self.get_params(ctx)
            if isinstance(one, click.Option) and (record := one.get_help_record(ctx)) is not None
        ]
        has_groups = len(records) > _FEW and self.name in _WITHOUT_LIST
        for title in _headings() if has_groups else ["Options"]:
            if shown := [record for group, record in records if not has_groups or group == title]:
                with formatter.section(title):
                    formatter.write_dl(shown)
        if self.name in _WITHOUT_LIST:
            _name_unlisted(self, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        super().format_epilog(ctx, formatter)
        _write_examples(ctx, formatter)


class HelpfulGroup(click.Group):
    """A group of such commands."""

    command_class = HelpfulCommand

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        super().format_epilog(ctx, formatter)
        _write_examples(ctx, formatter)


def _headings() -> Sequence[str]:
    from importer.core.settings import HelpGroup  # the help of other commands needs no pydantic

    return [*HelpGroup, _OTHERS]


def _name_unlisted(command: click.Command, formatter: click.HelpFormatter) -> None:
    """Write the names of the options that are accepted and have no line of their own."""
    names = [one.opts[-1] for one in unlisted(command)]
    if not names:
        return
    with formatter.section("Also accepted, and usually keys of the mapping or job file"):
        for line in textwrap.wrap(" ".join(names), _WIDTH - 2, break_on_hyphens=False):
            formatter.write_text(line)


def examples_of(command: str) -> Sequence[str]:
    """
    Return two examples of a command; "" is the command line itself.

        >>> examples_of("ui")
        ['vorel-import ui', 'vorel-import ui --port 8080 --no-browser']
    """
    words = command.split()
    lines = _EXAMPLES.read_text(encoding="utf-8").splitlines()
    found = (one for one in lines if one.split()[: len(words)] == words)
    return [f"vorel-import {one}" for one in islice(found, 2)]


def _write_examples(ctx: click.Context, formatter: click.HelpFormatter) -> None:
    """Write the examples of a command, each on a line of its own that can be copied."""
    name = ctx.command_path.partition(" ")[2]
    with formatter.section("Examples"):
        for example in examples_of(name):
            formatter.write(f"{'':>{formatter.current_indent}}{example}\n")
