"""Shows the progress of a run on standard error, and optionally logs it to a file."""

from __future__ import annotations

import re
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Never, Self

from importer.cli.ending import explain
from importer.cli.text import LONGEST, cut, duration, one_line, say
from importer.errors import ConfigError
from importer.events import Event, Notice, RowDone, RowsBefore, RunStarted, Waiting
from importer.records import Outcome, Status, Summary

if TYPE_CHECKING:
    from tqdm import tqdm

__all__ = ["LogFile", "Progress"]

_PLAIN_EVERY = 15.0
_QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|“[^”]*”""")
"""Values of the list are in quotes in messages."""
_GOOD = {Status.CREATED, Status.DUPLICATE}


class Progress:
    """
    A hook that draws a bar on a terminal, and otherwise prints a line now and then.

    The time left is calculated from the pace; rows that were created before are not included.
    `rate` is in requests a minute.
    """

    def __init__(self, *, quiet: bool, verbose: bool, rate: int) -> None:
        self._quiet = quiet
        self._verbose = verbose
        self._rate = rate
        self._terminal = sys.stderr.isatty()
        self._bar: tqdm[Never] | None = None
        self._about = ""
        self._total = self._done = self._good = self._bad = self._sent = 0
        self._began = self._printed = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def __call__(self, event: Event) -> None:
        """Handle one event."""
        if self._quiet:
            return
        if isinstance(event, RowDone):
            self._row(event.outcome)
        elif isinstance(event, RowsBefore):
            self._good += event.count
            self._advance(event.count)
        elif isinstance(event, RunStarted):
            self._start(event)
        elif isinstance(event, Waiting):
            if event.seconds >= 1:
                self._say(f"waiting {event.seconds:.0f} s: {event.reason}")
        elif isinstance(event, Notice):
            self._say(f"note: {cut(event.message, LONGEST)}")

    def _start(self, event: RunStarted) -> None:
        self._total = event.total or 0
        self._about = "about " if event.is_about else ""
        self._began = self._printed = time.monotonic()
        if self._terminal:
            from tqdm import tqdm  # a run without a terminal need not load it

            self._bar = tqdm(
                total=event.total,
                file=sys.stderr,
                dynamic_ncols=True,
                mininterval=0.2,
                bar_format="{percentage:3.0f}%|{bar}| {n_fmt}/"
                + self._about
                + "{total_fmt} rows{postfix}",
            )

    def _row(self, outcome: Outcome) -> None:
        good = outcome.status in _GOOD
        self._good, self._bad = self._good + good, self._bad + (not good)
        self._sent += outcome.attempts > 0
        if self._verbose:
            self._tell_row(outcome)
        self._advance(1)

    def _advance(self, rows: int) -> None:
        self._done += rows
        self._total = max(self._total, self._done)
        if self._bar is not None:
            self._bar.total = self._total
            self._bar.set_postfix_str(self._figures(), refresh=False)
            self._bar.update(rows)
        elif time.monotonic() - self._printed >= _PLAIN_EVERY:
            self._printed = time.monotonic()
            self._say(f"{self._done}/{self._about}{self._total} rows, {self._figures()}")

    def _tell_row(self, outcome: Outcome) -> None:
        what = outcome.external_id or (outcome.error.message if outcome.error else "")
        self._say(f"row {outcome.number}, line {outcome.line}: {outcome.status} {what}")

    def _figures(self) -> str:
        minutes = (time.monotonic() - self._began) / 60
        pace = f"{self._sent / minutes:.0f}/min, " if self._sent > 1 and minutes > 0 else ""
        left = max(0, self._total - self._done) / self._rate * 60
        return f"{self._good} ok, {self._bad} failed, {pace}{duration(left)} left"

    def _say(self, text: str) -> None:
        if self._bar is not None:
            self._bar.write(one_line(text), file=sys.stderr)
        else:
            say(one_line(text), err=True)


class LogFile:
    """
    A hook that appends a line per event to a file: ids and codes, no values of a list.

    As a context manager it also logs how the command ended, whatever ends it. If the file cannot be
    written any more, that is reported once, and the run continues.
    """

    def __init__(self, path: str) -> None:
        """Open the file. Raises `ConfigError` if it cannot be opened."""
        self._path = path
        self._is_full = False
        try:
            self._stream = Path(path).open("a", encoding="utf-8", buffering=1)  # noqa: SIM115
        except OSError as error:
            raise ConfigError(f"--log-file {path}: {error.strerror}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is not None:
            failure = explain(error)
            self._write(f"ended, exit code {failure.exit_code}: {failure.message}")
        with suppress(OSError):
            self._stream.close()

    def ended(self, summary: Summary) -> None:
        """Log how a run ended."""
        counts = ", ".join(f"{count} {name}" for name, count in summary.counts.items() if count)
        self._write(
            f"run {summary.run} ended, exit code {summary.exit_code}: {summary.read} rows read, "
            f"{summary.before} created before, {counts or 'no outcomes'}"
        )

    def __call__(self, event: Event) -> None:
        """Handle one event."""
        self._write(self._text(event))

    def _write(self, text: str) -> None:
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        try:
            self._stream.write(f"{at} {one_line(_QUOTED.sub('…', text))}\n")
        except OSError as error:
            if not self._is_full:
                self._is_full = True
                say(f"--log-file {self._path}: cannot be written ({error.strerror})", err=True)

    def _text(self, event: Event) -> str:
        if isinstance(event, RunStarted):
            about = "about " if event.is_about else ""
            return f"run {event.run} started, {about}{event.total} rows"
        if isinstance(event, Waiting):
            return f"waiting {event.seconds:.1f} s: {event.reason}"
        if isinstance(event, Notice):
            return f"note: {event.message}"
        if isinstance(event, RowsBefore):
            return f"{event.count} rows created by an earlier run"
        outcome = event.outcome
        code = f" {outcome.error.code}" if outcome.error else ""
        where = f"row {outcome.number} line {outcome.line}"
        return f"{where} {outcome.status}{code} {outcome.external_id or ''}".rstrip()
