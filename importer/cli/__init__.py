"""The command line: parses, asks, calls the library and prints. Nothing else prints."""

from __future__ import annotations

import importlib
import sys
from contextlib import suppress
from pathlib import Path

import click

from importer._version import __version__
from importer.cli.help import HelpfulGroup
from importer.cli.terminal_text import LONGEST, OutputError, cut, say, say_json
from importer.core.errors import ImporterError

_COMMANDS = {
    "run": "Import lists; run again, it continues.",
    "check": "Say what run would do with each row; send nothing.",
    "ui": "Import lists on a page in the browser.",
    "map": "Suggest a field for each column; write a mapping file.",
    "status": "Show the state of an import and the next command.",
    "export": "Write the success, failed and unsent files again.",
    "report": "Write an HTML report about an import.",
    "acknowledge": "Close changes; decide about possible duplicates.",
    "updates": "Write changes for the CRM's own update import.",
    "undo": "Write the list of records to delete.",
    "reconcile": "Settle unclear rows with an export of the CRM.",
    "recover": "Rebuild a lost results file from success files.",
    "compact": "Make a results file smaller.",
    "forget": "Remove values of rows from a results file.",
    "schedule": "Print what starts a job every night.",
    "fleet": "Import for many API keys on many machines.",
    "schema": "Show the canonical fields of an object.",
    "sandbox": "Run a local Vorel to develop against.",
    "demo": "Import the sample lists into a sandbox.",
    "completion": "Print what a shell needs for completion.",
}


PROGRAM = "vorel-import"


class _LazyGroup(HelpfulGroup):
    """Imports the module of a command when it is called, so that `--help` is fast."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take `help COMMAND` for `COMMAND --help`."""
        if args[:1] == ["help"]:
            args = [*args[1:], "--help"]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return super().get_command(ctx, cmd_name)
        module = importlib.import_module(f"importer.cli.commands.{cmd_name}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(
    cls=_LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name=PROGRAM)
@click.pass_context
def cli(ctx: click.Context) -> None:
    """
    Import legacy lists of people (Excel, CSV, JSON Lines) into the CRM behind Vorel.

    Every good row becomes exactly one record, and every bad row is reported with its cause. The
    same command, run again, continues where it stopped.
    """
    if ctx.invoked_subcommand is None:
        say((Path(__file__).parent / "first_steps.txt").read_text(encoding="utf-8"))


def main() -> None:
    """Run the command line and end the process with one of the documented exit codes."""
    from importer.cli.ending import end, explain, failed, hold_standard_streams
    from importer.cli.interrupts import raised

    hold_standard_streams()
    with raised() as signals:
        try:
            code = cli.main(prog_name=PROGRAM, standalone_mode=False, obj=signals)
        except SystemExit as asked:  # the completion of a shell ends like this
            code = asked.code
        except click.exceptions.NoArgsIsHelpError as shown:
            say(shown.format_message())
            code = 0
        except BaseException as found:  # noqa: BLE001 - each has its sentence
            signals.are_ignored = True
            error = explain(found)
            _show(error, found)
            words = sys.argv[1:]
            if "--json" in words and not isinstance(error, OutputError):
                signals.is_answered = True
                with suppress(OutputError):
                    say_json(failed(error, command=words[0]))
            code = error.exit_code
        end(code if isinstance(code, int) else 0)


def _show(error: ImporterError, found: BaseException) -> None:
    """Print what ended the command, and its usage after a wrong call."""
    if isinstance(found, click.UsageError) and found.ctx is not None:
        say(found.ctx.get_usage(), err=True, always=True)
        say(f"Try '{found.ctx.command_path} --help' for help.\n", err=True, always=True)
    for text in (f"Error: {error.message}", error.hint or ""):
        for line in text.splitlines():
            say(cut(line, LONGEST), err=True, always=True)
