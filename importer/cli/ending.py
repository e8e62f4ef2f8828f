"""How a command ends: every error gets a message and an exit code, and nothing hangs."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Never

import click

from importer.cli.interrupts import CommandSignals, SignalReceived
from importer.cli.terminal_text import say, say_json
from importer.core.errors import ImporterError
from importer.core.locale.message import Message, foreign
from importer.jobs.unexpected import EndedByOthers, explained

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from importer.jobs.monitoring.monitor import RunMonitor


def hold_standard_streams() -> None:
    """
    Open /dev/null for each standard stream that is closed.

    Otherwise the next file that is opened, such as the results file, would get the number of the
    stream, and whatever a library prints would be written to it.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free: this one
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):
            encoding = "utf-8" if os.name == "nt" else None  # else a code page without Arabic
            stream.reconfigure(encoding=encoding, errors="backslashreplace")  # type: ignore[union-attr]


def explain(error: BaseException) -> ImporterError:
    """Return an error with a message for a person and an exit code other than 1."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    match error:
        case click.Abort():
            return EndedByOthers(Message("stopped; nothing was sent"), code=130)
        case SignalReceived():
            stopped = Message("stopped by %(name)s; nothing was sent", name=str(error))
            return EndedByOthers(stopped, code=error.exit_code)
        case click.ClickException():
            # click puts each choice of an option on a line of its own, behind a tab.
            said = re.sub(r"\n\t", " ", error.format_message())
            kind = Message("the command line is not right")
            return EndedByOthers(foreign(said), code=error.exit_code, kind=kind)
        case _:
            return explained(error)


def failed(error: ImporterError, *, command: str) -> DataclassInstance:
    """Return what `--json` prints for a command that failed; `run` and `check` print all keys."""
    # Imported here, so that `--help` is quick.
    from importer.cli.documents import Failed, RunDocument, document_of, nothing_done

    if command == "run":
        return RunDocument.failed(error)
    if command == "check":
        from importer.run.checking.check_report import CheckReport

        return CheckReport(to_send=0, **nothing_done(error))
    return document_of(Failed, error, stopped=error.message)


def monitored(monitor: RunMonitor, work: Callable[[], int], *, shows_json: bool) -> int:
    """
    Do the work of `run`, and tell `monitor` of an error. Returns the exit code.

    Where the log is JSON, an error is a line of it, and is not raised.
    """
    with monitor:
        try:
            return work()
        except BaseException as found:
            error = explain(found)
            with suppress(SignalReceived):  # whoever sends one now does not want to wait
                # A person who said no knows it.
                monitor.failed(error, is_told=not isinstance(found, click.Abort))
            if monitor.logs_text:
                raise
    if shows_json:
        say_result(failed(error, command="run"))
    return error.exit_code


def ignore_signals() -> CommandSignals | None:
    """
    Ignore a first signal from now on: the work of the command is done, and is to be shown.

    Returns None outside of a command of `main`.
    """
    context = click.get_current_context(silent=True)
    signals = None if context is None else context.find_object(CommandSignals)
    if signals is not None:
        signals.are_ignored = True
    return signals


def say_result(document: DataclassInstance) -> None:
    """
    Print what a command found, as `say_json` does, and ignore a first signal from then on.

    The command is over, and a script that reads it expects one object and the exit code in it: a
    signal that arrives now can change neither. Raises `OutputError`.
    """
    if (signals := ignore_signals()) is not None:
        signals.is_answered = True
    say_json(document)


def answer(document: DataclassInstance, *lines: str, as_json: bool) -> int:
    """Print what a command found: as a document, or as lines for a person. Returns 0."""
    if as_json:
        say_result(document)
    elif lines:
        say("\n".join(lines))
    return 0


def end(code: int) -> Never:
    """
    End the process at once.

    Python itself would wait for every thread, such as one that still reads a list for a run that is
    over, and a signal during that time would change the exit code. There is nothing left to do.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):  # there is nowhere left to print to
            stream.flush()
    os._exit(code)
