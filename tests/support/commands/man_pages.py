"""Writes a manual page of each command into a folder, from its help; `make help-pages` runs it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from importer.cli import cli

__all__ = ["FOLDER", "write_man_pages"]

FOLDER = Path(__file__).parents[3] / "man"
_PROGRAM = "vorel-import"
_WIDE = 1000


class _Roff(click.HelpFormatter):
    """Takes what a command says of itself, as for its help, and writes it as roff."""

    def __init__(self) -> None:
        super().__init__(width=_WIDE)

    def add(self, *lines: str) -> None:
        self.buffer += (f"{line}\n" for line in lines)

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        del prefix
        self.add(".SH SYNOPSIS", f".B {_text(prog)}", _text(args), ".SH DESCRIPTION")

    def write_heading(self, heading: str) -> None:
        self.add(f'.SH "{_text(heading).upper()}"')

    def write_paragraph(self) -> None:
        """Do nothing: each paragraph and each heading begins itself."""

    def write_text(self, text: str) -> None:
        for paragraph in text.split("\n\n"):
            self._begin_paragraph()
            self.add(_text(paragraph))

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 0, col_spacing: int = 0
    ) -> None:
        del col_max, col_spacing
        for term, what in rows:
            self.add(".TP", f".B {_text(term)}", _text(what))

    def write(self, string: str) -> None:
        """Write a line as it is: an example."""
        self._begin_paragraph()
        self.add(".nf", _text(string), ".fi")

    def _begin_paragraph(self) -> None:
        if not self.buffer[-1].startswith(".SH"):
            self.add(".PP")


def _text(text: str) -> str:
    """Return a text on one line, of which roff takes nothing for a request."""
    plain = " ".join(text.split()).replace("\\", "\\e").replace("-", "\\-").replace('"', "\\(dq")
    return f"\\&{plain}" if plain.startswith((".", "'")) else plain


def _contexts(context: click.Context) -> Iterator[click.Context]:
    """Yield the context of a command, and those of the commands below it."""
    yield context
    command = context.command
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from _contexts(click.Context(below, context, name))


def write_man_pages(folder: Path) -> None:
    """Write `vorel-import.1`, `vorel-import-run.1` and so on. The folder has nothing else."""
    top = click.Context(cli, info_name=_PROGRAM, **cli.context_settings)
    names = {one: one.command_path.replace(" ", "-") for one in _contexts(top)}
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.1"):
        old.unlink()
    for context, name in names.items():
        page = _Roff()
        about = context.command.get_short_help_str(limit=_WIDE).rstrip(".")
        page.add(f'.TH "{_text(name).upper()}" "1" "" "Vorel importer" ""', ".nh")
        page.add(".SH NAME", f"{_text(name)} \\- {_text(about)}")
        context.command.format_help(context, page)
        others = [one for one in names.values() if one != name] if context is top else [_PROGRAM]
        page.add('.SH "SEE ALSO"', ",\n".join(f".BR {_text(one)} (1)" for one in sorted(others)))
        (folder / f"{name}.1").write_text(page.getvalue(), encoding="utf-8")


if __name__ == "__main__":
    write_man_pages(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
