"""Shows the progress of a run on standard error."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Never

from importer.cli.terminal_text import LONGEST, cut, duration, is_verbose, say
from importer.core.events import Event, Notice, RowDone, RowsBefore, RunStarted, Waiting
from importer.core.records import Outcome, Status
from importer.core.shared import one_line

if TYPE_CHECKING:
    from tqdm import tqdm

_PLAIN_EVERY = 15.0
_GOOD = {Status.CREATED, Status.DUPLICATE}


def row_line(outcome: Outcome) -> str:
    """Return what became of a row, on a line."""
    what = outcome.external_id or (outcome.error.message if outcome.error else "")
    return one_line(f"row {outcome.number}, line {outcome.line}: {outcome.status} {what}")


class Progress:
    """
    A hook that draws a bar on a terminal, and otherwise prints a line now and then.

    The time left is calculated from the pace; rows that were created before are not included.
    `rate` is in requests a minute. Close it after use.
    """

    def __init__(self, *, quiet: bool, rate: int) -> None:
        self._quiet = quiet
        self._verbose = is_verbose()
        self._rate = rate
        self._terminal = sys.stderr.isatty()
        self._bar: tqdm[Never] | None = None
        self._total = self._done = self._good = self._bad = self._sent = 0
        self._began = self._printed = time.monotonic()

    def close(self) -> None:
        """End the bar, if there is one."""
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
        self._began = self._printed = time.monotonic()
        if self._terminal:
            from tqdm import tqdm  # a run without a terminal need not load it

            self._bar = tqdm(
                total=event.total,
                file=sys.stderr,
                dynamic_ncols=True,
                mininterval=0.2,
                bar_format="{percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} rows{postfix}",
            )

    def _row(self, outcome: Outcome) -> None:
        good = outcome.status in _GOOD
        self._good, self._bad = self._good + good, self._bad + (not good)
        self._sent += outcome.attempts > 0
        if self._verbose:
            self._say(row_line(outcome))
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
            self._say(f"{self._done}/{self._total} rows, {self._figures()}")

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
