"""`vorel-import completion`: prints what a shell needs to complete commands and flags."""

from __future__ import annotations

import click

from importer.cli.help import HelpfulCommand
from importer.cli.terminal_text import say


@click.command(cls=HelpfulCommand)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(*, shell: str) -> int:
    """
    Print what a shell needs to complete commands, flags and files.

    Bash and zsh read it from ~/.bashrc and ~/.zshrc (below compinit), fish from a folder. Open a
    new terminal afterwards.
    """
    from click.shell_completion import get_completion_class

    from importer.cli import PROGRAM, cli

    made = get_completion_class(shell)
    if made is None:
        raise click.UsageError(f"{shell}: no completion is known for it.")
    variable = f"_{PROGRAM.replace('-', '_').upper()}_COMPLETE"
    say(made(cli, {}, PROGRAM, variable).source())
    return 0
