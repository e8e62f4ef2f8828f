"""Sends the rows of a list, and says how far it is."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import anyio
from pydantic import SecretStr

from importer.core.control import StopControl
from importer.core.errors import (
    ImporterError,
    Interrupted,
    OutageError,
    QuestionError,
    TooManyErrors,
)
from importer.core.events import Event, RowDone, RowsBefore, RunStarted, Waiting
from importer.core.locale.language import N_
from importer.core.locale.message import Message
from importer.core.records import Status, Summary
from importer.core.shared import GUARD_EXIT
from importer.run.config import ImportConfig
from importer.run.pilot import write_pilot
from importer.run.pipeline import run_import
from importer.sender.delivery.breaker import NEVER_REACHED
from importer.sender.vorel.answers import KEY_REFUSALS
from importer.ui.store.folder import Import
from importer.ui.store.refused import RefusedRows
from importer.ui.work.deciding import PAIRS
from importer.ui.work.list_checking import (
    ACCEPT_LIST,
    guard_question,
    keep_question,
    refused_rows,
)
from importer.ui.work.list_reading import encoding_of
from importer.ui.work.page_config import config_of, config_of_corrected
from importer.ui.work.tasks import Cancelled, Task, unexpected

What = Literal["pilot", "all", "corrected"]
PILOT_ROWS = 20
Stop = Literal["", "key", "unreached", "outage", "errors"]
"""Why a run has stopped, as far as the page says by itself what to do: else empty."""

STOP_HINTS: Mapping[str, str] = {
    "key": N_(
        "You get a key in Vorel, under Settings > Integrations > API keys. It needs the scope "
        "crm:write."
    ),
    "unreached": N_(
        "Check the internet connection, and the address of the service. Then continue."
    ),
    "outage": N_("The service did not answer for a long time. Continue once it does."),
    "errors": N_("Look at the rows with problems before you continue."),
}


class Sending(Task):
    """
    A task that sends rows. `counts` has the rows by their outcome, `before` those done before.

    `expected` is the number of requests that the check has foreseen.
    """

    def __init__(self, what: What, expected: int, rate: int) -> None:
        super().__init__("send")
        self.what = what
        self.expected = expected
        self.rate = rate
        self.counts: Counter[str] = Counter()
        self.before = self.sent = 0
        self.waiting: tuple[float, Message] | None = None
        self.stopping = ""
        self.refused: RefusedRows | None = None
        self._control: StopControl | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def __call__(self, event: Event) -> None:
        """Take in one event of the run."""
        if isinstance(event, RowDone):
            self.counts[event.outcome.status.value] += 1
            if self.refused is not None:
                self.refused.note(event.outcome)
            self.sent += event.outcome.attempts > 0
            self.done += 1
            self.waiting = None
        elif isinstance(event, RowsBefore):
            self.before += event.count
            self.done += event.count
        elif isinstance(event, RunStarted):
            self.total, self.done = event.total, 0
        elif isinstance(event, Waiting) and event.seconds >= 1:
            self.waiting = time.monotonic() + event.seconds, event.reason

    def run(self, config: ImportConfig) -> Summary:
        """Run an import in this thread, with an event loop of its own."""
        if self.is_cancelled:
            raise Cancelled
        self._control = StopControl()

        async def main() -> Summary:
            self._loop = asyncio.get_running_loop()
            return await run_import(config, hooks=[self], control=self._control)

        try:
            return anyio.run(main)
        finally:
            self._loop = None

    def stop(self, why: str) -> None:
        """Stop cleanly: nothing more is sent, and what is under way is waited for."""
        self.stopping = why
        self.is_cancelled = True
        loop, control = self._loop, self._control
        if loop is not None and control is not None:
            loop.call_soon_threadsafe(control.stop, Interrupted(why))

    def cancel(self) -> None:
        """Stop cleanly, as at the end of the program."""
        self.stop(Message("the program was ended"))

    def shown(self) -> dict[str, Any]:
        """Return how far the task is, as the page shows it."""
        left = max(0, self.expected - self.sent)
        waiting = None
        if self.waiting is not None and self.waiting[0] > time.monotonic():
            waiting = {
                "seconds": max(1, round(self.waiting[0] - time.monotonic())),
                "why": self.waiting[1],
            }
        return {
            "stopping": self.stopping,
            "done": self.done,
            "total": max(self.total or self.expected, self.done),
            "before": self.before,
            "counts": {name: self.counts[name] for name in Status},
            "waiting": waiting,
            "seconds_left": left * 60 / self.rate,
        }


def send_rows(one: Import, sending: Sending, key: SecretStr) -> None:
    """Send what was asked for, and keep how it ended."""
    try:
        _begin(one, sending.what)
        sending.refused = refused_rows(one)
        summary = sending.run(_settings(one, sending, key))
        if summary.exit_code == GUARD_EXIT and summary.stopped is not None:
            _ask(one, guard_question(summary.stopped))
        else:
            _keep(one, sending, summary)
    except QuestionError as question:
        _ask(one, question)
    except ImporterError as error:
        _note(one, stopped=error.message, hint=error.hint)
        raise
    except BaseException as error:
        _note(one, stopped=unexpected(error), hint=None)
        raise


def _settings(one: Import, sending: Sending, key: SecretStr) -> ImportConfig:
    """Return the settings of the run: corrected rows are sent in place of their originals."""
    corrected = refused_rows(one).write_corrected(one.folder)
    whole = config_of(one, api_key=key, corrections=corrected)
    if sending.what == "pilot":
        pilot = write_pilot(whole, one.folder, rows=PILOT_ROWS)
        sending.expected = pilot.rows
        return config_of(one, api_key=key, source=pilot.path, read=pilot.read)
    if sending.what == "corrected" and corrected is not None:
        return config_of_corrected(one, corrected, api_key=key)
    return whole


def _begin(one: Import, what: What) -> None:
    with one.update() as state:
        state.run.phase, state.run.what = "running", what
        state.run.stopped = state.run.hint = None
        state.run.stop = ""


def _keep(one: Import, sending: Sending, summary: Summary) -> None:
    """Keep how a run ended, and which rows are refused now."""
    with one.update() as state:
        state.run.phase = "ended"
        state.run.stop = _stop_of(summary)
        state.run.stopped, state.run.hint = summary.stopped, summary.hint
        if sending.what == "pilot":
            if not state.run.is_key_refused:
                state.run.pilot = summary.as_dict()
            return
        state.run.summary = summary.as_dict()
        failed = Path(summary.failed_file) if summary.failed_file else None
        is_whole = not summary.stopped
        rows = sending.refused or refused_rows(one)
        rows.load(failed, encoding_of(one), is_whole=is_whole)
    if is_whole:
        one.drop("edits", PAIRS)
        with one.update() as state:
            state.rerun.pop(ACCEPT_LIST, None)


def _ask(one: Import, question: QuestionError) -> None:
    """Let the check ask a question that only a person can answer. Nothing was sent."""
    keep_question(one, question)
    _note(one, stopped=None, hint=None)


def _note(one: Import, *, stopped: str | None, hint: str | None) -> None:
    with one.update() as state:
        state.run.phase = "ended"
        state.run.stopped, state.run.hint = stopped, hint


def _stop_of(summary: Summary) -> Stop:
    """Return why a run has stopped."""
    if not summary.stopped:
        return ""
    if summary.cause in KEY_REFUSALS:
        return "key"
    if summary.cause == NEVER_REACHED:
        return "unreached"
    ends: Mapping[int, Stop] = {OutageError.exit_code: "outage", TooManyErrors.exit_code: "errors"}
    return ends.get(summary.exit_code, "")
