"""Logs the events of a run with the logger `importer`. Without a handler nothing is printed."""

from __future__ import annotations

import logging
import re

from importer.core.errors import ImporterError, StopRun
from importer.core.events import Event, Notice, RowsBefore, RunStarted, Waiting
from importer.core.locale.message import Message
from importer.core.records import Outcome, Status, Summary

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}", re.ASCII)


def known_word(word: str | None) -> str | None:
    """
    Return an error code or the name of a field, or "other" if it could be anything else.

    A CRM chooses its own words, and could quote a value instead.

        >>> known_word("validation_error"), known_word("omar@example.com is taken")
        ('validation_error', 'other')
    """
    return word if word is None or _WORD.fullmatch(word) else "other"


LOGGER = logging.getLogger("importer")
LOGGER.addHandler(logging.NullHandler())
_SILENT = list(LOGGER.handlers)

FIELDS = (
    "event", "run", "job", "row", "line", "source", "status", "code", "field", "error", "exit_code",
    "told", "hint", "rows", "read", "before", "left", "counts", "requests", "seconds",
)  # fmt: skip
"""
The attributes that a log record may have besides those of `logging`.

`told` is the message for a person, without values of a list.
"""

_GOOD = {Status.CREATED, Status.DUPLICATE}


class EventLog:
    """A hook that logs each event of one run. Attributes of the log records hold the details."""

    def __init__(self, run: str) -> None:
        self._run = run

    def __call__(self, event: Event) -> None:
        """Handle one event."""
        if isinstance(event, RunStarted):
            rows = "" if event.total is None else f", {event.total} rows"
            self._log(
                logging.INFO,
                f"run {self._run} started{rows}",
                event="run_started",
                rows=event.total,
            )
        elif isinstance(event, Waiting):
            seconds = round(event.seconds, 3)
            text = f"waiting {event.seconds:.1f} s: {event.reason.without_values()}"
            self._log(logging.INFO, text, event="waiting", seconds=seconds)
        elif isinstance(event, Notice):
            log_notice(event.message, run=self._run)
        elif isinstance(event, RowsBefore):
            text = f"{event.count} rows with a record already"
            self._log(logging.INFO, text, event="rows_before", rows=event.count)
        else:
            self._row(event.outcome)

    def _row(self, outcome: Outcome) -> None:
        level = logging.INFO if outcome.status in _GOOD else logging.WARNING
        if not _is_heard(level):
            return
        error = outcome.error
        code = known_word(error.code) if error else None
        texts = [f"row {outcome.number} line {outcome.line} {outcome.status}", code]
        self._log(
            level,
            " ".join(filter(None, [*texts, outcome.external_id])),
            event="row",
            row=outcome.number,
            line=outcome.line,
            source=outcome.source,
            status=outcome.status.value,
            code=code,
            field=known_word(error.field) if error else None,
        )

    def ended(self, summary: Summary, stop: StopRun | None) -> None:
        """Log why the run was stopped, if it was, and then how it ended."""
        if stop is not None:
            text = f"run {self._run} stopped: {stop.cause}"
            level = logging.INFO if stop.is_expected else logging.ERROR
            self._log(level, text, event="stopped", **_details(stop))
        counts = {name: count for name, count in summary.counts.items() if count}
        listed = ", ".join(f"{count} {name}" for name, count in counts.items())
        self._log(
            logging.INFO,
            f"run {self._run} ended, exit code {summary.exit_code}: {summary.read} rows read, "
            f"{summary.before} created before, {listed or 'no outcomes'}",
            event="run_ended",
            exit_code=summary.exit_code,
            read=summary.read,
            before=summary.before,
            left=summary.left,
            counts=counts,
            requests=summary.requests,
            seconds=round(sum(summary.durations.values()), 3),
        )

    def _log(self, level: int, text: str, **fields: object) -> None:
        LOGGER.log(level, "%s", text, extra={**fields, "run": self._run})


def _is_heard(level: int) -> bool:
    """Return whether anybody listens: a list may have a million bad rows, at 9 µs each."""
    has_handler = LOGGER.handlers != _SILENT or bool(logging.root.handlers)
    return has_handler and LOGGER.isEnabledFor(level)


def _details(error: ImporterError) -> dict[str, object]:
    return {
        "error": type(error).__name__,
        "exit_code": error.exit_code,
        "told": str(error.cause),
        "hint": None if error.hint is None else str(error.hint.without_values()),
    }


def log_notice(
    message: Message, *, event: str = "notice", run: str | None = None, job: str | None = None
) -> None:
    """Log what a run, or a process that runs many jobs, has to say, without quoted values."""
    told = str(message.without_values())
    extra = {"event": event, "run": run, "job": job, "told": told}
    LOGGER.warning("note: %s", told, extra=extra)


def log_failure(error: ImporterError) -> None:
    """Log an error that ended a command without a run, or in the middle of one."""
    extra = {"event": "failed", **_details(error)}
    LOGGER.error("ended, exit code %d: %s", error.exit_code, extra["told"], extra=extra)
