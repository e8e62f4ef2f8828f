"""Watches one run, and reports its beginning and its end to the configured recipients."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import ExitStack, suppress
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from importer.core.clock import NANOSECONDS, Clock
from importer.core.errors import ImporterError, ResultsInUse, UsageError
from importer.core.events import Event, Hook, RunStarted
from importer.core.locale.message import Message
from importer.core.logs.event_log import log_failure, log_notice
from importer.core.logs.handlers import logged
from importer.core.records import Status, Summary
from importer.core.shared import FINISHED
from importer.jobs.monitoring.messages import message
from importer.jobs.monitoring.metrics import EarlierMetrics, Metrics, read_metrics, write_metrics
from importer.jobs.monitoring.monitoring_settings import MonitoringSettings
from importer.jobs.monitoring.notifiers import Call, email, notify, notify_command, ping
from importer.jobs.monitoring.run_state import ReportedFailure, RunState, news
from importer.run.config import ImportConfig
from importer.run.file_names import results_path
from importer.run.memory.known_records import KnownRecords, seconds_of
from importer.run.memory.lost_results import Claim, find_claims, refuse_claims
from importer.writer.line_reader import last_lines
from importer.writer.lines.run_line import EndLine


class RunMonitor:
    """
    Logs one run, and tells how it began and ended. It is a context manager, and a hook of the run.

        with RunMonitor(settings, job="clinic", tell=print) as monitor:
            monitor.started(config)
            monitor.ended(await run_import(config, hooks=[monitor]))

    Without a summary call `failed` instead of `ended`. Both return when all messages are sent, or
    after half a minute at most; call them in a thread if others must not wait.

    `job` names the run in all that is sent. `tell` is called with what a person should know: who
    could not be told. With `log_format` "json" it is not called, and lines of JSON are written to
    `console` instead. `publish` is called with the figures of a run when it has ended, `each` with
    each event.
    """

    def __init__(
        self,
        settings: MonitoringSettings,
        *,
        job: str,
        tell: Callable[[str], None],
        console: TextIO | None = None,
        is_quiet: bool = False,
        publish: Callable[[Metrics], None] | None = None,
        each: Hook | None = None,
    ) -> None:
        self._settings = settings
        self._job = job
        self._tell = tell
        self._console = console if settings.log_format == "json" else None
        self._level = logging.ERROR if is_quiet else logging.INFO
        self._clock = Clock()
        self._publish = publish
        self._each = each
        self._wants_metrics = settings.metrics_file is not None or publish is not None
        self._stack = ExitStack()
        self._began = self._clock.monotonic_ns()
        self._object = ""
        self._results: Path | None = None
        self._earlier = EarlierMetrics()
        self._told = ReportedFailure(job, *settings.recipients)
        self._before: RunState | None = None
        self._last_success: float | None = None
        self._start: Call | None = None
        self._goes_on = False

    def __enter__(self) -> Self:
        """Open the log. Raises `ConfigError` if it cannot be opened."""
        self._stack.enter_context(
            logged(
                path=self._settings.log_file,
                log_format=self._settings.log_format,
                job=self._job,
                console=self._console,
                level=self._level,
                on_failure=self._tell_person,
            )
        )
        self._look_at_metrics()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.close()

    def started(self, config: ImportConfig) -> None:
        """Note how the last run of this import ended, before the next one begins."""
        self._object = config.object or self._object
        if not self._settings.tells_anybody and not self._wants_metrics:
            return
        with suppress(UsageError, OSError):  # the run itself says what is wrong with the path
            self._results = results_path(config)
            self._look_at_results(self._results)

    def refuse_lost_memory(self, config: ImportConfig) -> None:
        """
        Raise `MemoryLost` if the metrics file of the job has more records than its results file.

        A run with `--new-import` is not stopped, and the file of another job does not count.
        """
        path = self._settings.metrics_file
        if path is None or config.new_import:
            return
        with suppress(UsageError, OSError):  # the run itself says what is wrong with the path
            earlier = read_metrics(path)
            rows = earlier.list.get(Status.CREATED, 0)
            known = KnownRecords(results_path(config))
            if earlier.job != self._job or known.is_foreign or known.has_records(rows):
                return
            says = Message(
                "%(path)s: %(rows)s rows of the last list had a record; %(name)s knows %(count)s "
                "records"
                if known.is_there
                else "%(path)s: %(rows)s rows of the last list had a record; %(name)s is not there",
                path=path,
                rows=f"{rows:,}",
                name=known.path.name,
                count=f"{known.created:,}",
            )
            claims = [*find_claims(known, config), Claim(says=says, at=earlier.ended)]
            refuse_claims(known, claims, config)

    def __call__(self, event: Event) -> None:
        """
        Send the first ping after the run has locked the results file.

        Before that, another run could be using the file, and the ping would look like the end of
        that run. A run that continues in another slice of time sends none.
        """
        if self._each is not None:
            self._each(event)
        if isinstance(event, RunStarted) and self._settings.ping and not self._goes_on:
            self._start = ping(self._settings.ping, "start", "")

    def ended(self, summary: Summary) -> None:
        """Report how the run ended."""
        self._object = summary.object or self._object
        state = RunState.of_summary(summary)
        self._results = Path(summary.results)
        self._finish(state, summary.cause, summary.hint, summary)
        self._told.forget()

    def failed(self, error: ImporterError, *, is_told: bool = True) -> None:
        """
        Report that the run has failed without a summary.

        No message is sent if another run is still using the results file: that run reports its end.
        Without `is_told` the error is only logged.
        """
        log_failure(error)
        if not is_told or isinstance(error, ResultsInUse):
            return
        self._finish(RunState(exit_code=error.exit_code), error.cause, error.hint)
        if self._settings.notifies:
            self._told.note(error.exit_code, self._clock.now().timestamp())

    @property
    def logs_text(self) -> bool:
        """Whether messages are texts for people, and not lines of JSON."""
        return self._console is None

    def note(self, text: Message) -> None:
        """Log a notice for a person, and pass it to `tell` unless the log is JSON."""
        log_notice(text)
        self._tell_person(f"note: {text}")

    def _tell_person(self, text: str) -> None:
        if self.logs_text:
            self._tell(text)

    def _look_at_metrics(self) -> None:
        """Find the end of the last run without a results file, in its metrics or its note."""
        if self._settings.metrics_file is not None:
            with suppress(OSError):
                self._earlier = read_metrics(self._settings.metrics_file)
        elif self._settings.notifies and (failure := self._told.read()) is not None:
            self._earlier = EarlierMetrics(exit_code=failure[0], ended=failure[1])
        earlier = self._earlier
        self._object = earlier.object
        self._last_success = earlier.last_success
        if earlier.exit_code is not None:
            self._before = RunState(exit_code=earlier.exit_code)

    def _look_at_results(self, results: Path) -> None:
        """Find the last end in a results file, and the last good one unless it is known."""
        ends = last_lines(results, EndLine)
        last = next(ends, None)
        self._goes_on = last is not None and last.is_of_slice
        told = (end for end in chain(filter(None, [last]), ends) if not end.is_of_slice)
        for number, end in enumerate(told):
            ended = seconds_of(end.at)
            # The results file does not have a run that failed before it was opened.
            is_last = end.exit_code == self._earlier.exit_code or ended >= self._earlier.ended
            if number == 0 and is_last:
                self._before = RunState.of_end(end)
            if self._last_success is None and end.exit_code in FINISHED:
                self._last_success = ended
            if self._last_success is not None:
                return

    def _finish(
        self,
        state: RunState,
        cause: Message | None,
        hint: Message | None,
        summary: Summary | None = None,
    ) -> None:
        code, settings = state.exit_code, self._settings
        self._write_metrics(code, summary)
        kind = news(state, self._before)
        text = message(
            self._job,
            state,
            kind,
            summary=summary,
            why=[cause, None if hint is None else hint.without_values()],
            results=None if self._results is None else str(self._results.absolute()),
            last_success=self._last_success,
        )
        calls: list[Call] = []
        if settings.ping is not None:
            calls.append(ping(settings.ping, str(code), text, after=self._start))
        if kind is not None and settings.notify is not None:
            address = settings.notify
            calls.append(notify(address, text, exit_code=code, job=self._job))
        if kind is not None and settings.notify_command is not None:
            line = settings.notify_command
            calls.append(notify_command(line, text, exit_code=code, job=self._job))
        if kind is not None and settings.email is not None:
            calls.append(email(settings.email, text))
        for call in calls:
            if (failure := call.wait()) is not None:
                self.note(Message("%(fault)s", fault=failure))

    def _write_metrics(self, code: int, summary: Summary | None) -> None:
        if not self._wants_metrics:
            return
        now = self._clock.now().timestamp()
        metrics = Metrics(
            job=self._job,
            object=self._object,
            exit_code=code,
            ended=now,
            last_success=now if code in FINISHED else self._last_success,
            duration=(self._clock.monotonic_ns() - self._began) / NANOSECONDS,
            summary=summary,
            list=self._earlier.list,
        )
        if self._publish is not None:
            self._publish(metrics)
        if self._settings.metrics_file is not None:
            failure = write_metrics(self._settings.metrics_file, metrics)
            if failure is not None:
                self.note(Message("--metrics-file: %(fault)s", fault=failure))
