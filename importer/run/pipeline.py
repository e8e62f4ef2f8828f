"""Runs an import: reader to mapper to sender to writer, with every row accounted for."""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import anyio
import anyio.lowlevel
import anyio.to_thread
from anyio.abc import TaskGroup

from importer.core.clock import Clock, Durations
from importer.core.control import StopControl, stop_after
from importer.core.errors import (
    ImporterError,
    JournalError,
    ListDiffers,
    SourceError,
    SourceLost,
    StopRun,
)
from importer.core.events import Hook, Notifier
from importer.core.locale.message import Message
from importer.core.logs.event_log import EventLog
from importer.core.records import (
    AlreadyCreated,
    Decision,
    KnownRow,
    Outcome,
    RowReading,
    Send,
    Status,
    Summary,
)
from importer.core.shared import DEALT_WITH, UpdateForm
from importer.core.verdict import Verdict
from importer.reader.spool import spool_folder
from importer.report.report_file import begin_report, update_report
from importer.run.config import ImportConfig
from importer.run.derived_files import Exported, update_exports
from importer.run.guards.list_guard import ListGuard
from importer.run.guards.list_news import compare, list_news
from importer.run.guards.plan_approval import check_approved
from importer.run.guards.preparation import prepare_for_run
from importer.run.job import Job
from importer.run.journal import Journal
from importer.run.loaded_import import LoadedImport, open_results
from importer.run.plan import Plan
from importer.run.plan_execution import PlanExecution
from importer.run.planning import make_plan
from importer.run.run_environment import RunEnvironment
from importer.run.tally import Tally, exit_code_of
from importer.writer.index_file import beside, forget
from importer.writer.list_status import ListStatus
from importer.writer.results import LineStore

if TYPE_CHECKING:  # the sender takes long to load, and most nights have nothing to send
    from concurrent.futures import Future

    from importer.core.systems.contents import PrefixDigest
    from importer.run.row_sender import RowSender

_DECIDED_BATCH = 256
_PAUSE_ROWS = 256


async def run_import(
    config: ImportConfig,
    *,
    hooks: Sequence[Hook] = (),
    control: StopControl | None = None,
    clock: Clock | None = None,
    environment: RunEnvironment | None = None,
) -> Summary:
    """
    Import the sources, or continue where an earlier run with the same results file stopped.

        >>> config = ImportConfig(sources="contacts.csv", object="lead", base_url=url, api_key=key)
        >>> anyio.run(run_import, config).counts["created"]
        2

    `hooks` are called with each event (`importer.core.events`) on the event loop of the run.
    `control` lets the caller stop the run; requests in flight are waited for. A run that stops
    early returns a `Summary` too, with `stopped` and the exit code set. `environment` says
    where the lines of the run are kept.

    Raises `UsageError`, before anything is sent, for what the caller has to correct, and `StopRun`
    if the run is stopped before its first row.
    """
    config.required_api_key()  # it raises before anything is read
    if os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR"):
        from importer.sender.vorel.tls import shared_ssl_context

        shared_ssl_context(config.base_url)  # certificates that somebody has named: it raises too
    control, clock, environment = (
        control or StopControl(),
        clock or Clock(),
        environment or RunEnvironment(),
    )
    durations = Durations(clock)
    with spool_folder() as spool:
        with durations.during("reading"):
            job = await prepare_for_run(
                config, spool, control, finds_losses=environment.has_results_file
            )
        with durations.during("loading"):
            results, loaded, aside = await anyio.to_thread.run_sync(
                partial(open_results, job, environment.open_store, salt=uuid.uuid4().hex)
            )
        with closing(results), loaded:
            run = _Run(job, environment, results, loaded, hooks, control, durations)
            with closing(run):
                if aside is not None:
                    run.notifier.notice(
                        Message(
                            "another import's results file was set aside as %(path)s", path=aside
                        )
                    )
                return await run.run()


class _Run:
    """The state of one run: its counts, its journal, and the hooks to notify."""

    def __init__(
        self,
        job: Job,
        environment: RunEnvironment,
        results: LineStore,
        loaded: LoadedImport,
        hooks: Sequence[Hook],
        control: StopControl,
        durations: Durations,
    ) -> None:
        self._job = job
        self._environment = environment
        self._config = job.config
        self._results = results
        self._control = control
        self._clock = clock = durations.clock
        self._durations = durations
        self._journal = Journal(results, uuid.uuid4().hex[:12], clock)
        self._log = EventLog(self._journal.run_id)
        self.notifier = Notifier((self._log, *hooks))
        self._tally = Tally(job.object)
        self._decided: list[Outcome | AlreadyCreated] = []
        """What is decided and not recorded yet, in the order of the rows."""
        self._changed_sources: Sequence[str] = ()
        self._loaded = loaded
        self._execution: PlanExecution | None = None
        self._news: list[Message] = []
        self._guard = ListGuard(job, loaded.history, clock.now())
        self._sender: RowSender | None = None
        self._report: Future[PrefixDigest] | None = None
        self._new_from = sys.maxsize
        """From which row on the plan has only new ones; before there is a plan, from none."""

    def close(self) -> None:
        """Release what is shared with other runs, and memory."""
        forget()
        if self._sender is not None:
            self._sender.close()

    async def run(self) -> Summary:
        notices = compare(self._job, self._results, self._loaded.history)
        self._news += list_news(
            self._job, self._guard.earlier, self._loaded.history, self._clock.now()
        )
        for notice in (*self._job.notices, *notices, *self._news):
            self.notifier.notice(notice)
        plan = await self._plan()
        counted = self._guard.rows if plan is None else plan.rows
        rows = self._job.survey.rows if counted is None else counted
        if isinstance(self._control.reason, ListDiffers):
            return await self._refuse_list(self._control.reason, rows)
        state = self._loaded.state
        try:
            await self._journal.begin(
                self._job,
                salt=state.salt,
                mapping=self._loaded.mapping,
                rows=rows,
                undone=() if plan is None else plan.undone,
            )
        except JournalError as error:
            self._control.stop(error)
            return await self._finish()
        self.notifier.started(self._journal.run_id, rows)
        async with anyio.create_task_group() as tasks:
            if (limit := self._config.time_limit) is not None:
                tasks.start_soon(stop_after, self._control, limit, self._clock.sleep)
            if plan is not None:
                self._new_from = plan.new_from
                self._tally.undecided_before = plan.undecided
                self._execution = PlanExecution(self._job, plan, state)
                with self._control.work(), self._durations.during("sending"):
                    await self._pump(self._execution.decisions())
                plan = self._execution = None  # the files at the end need its memory
            tasks.cancel_scope.cancel()
        return await self._finish()

    async def _plan(self) -> Plan | None:
        """Make the plan, and have the guards judge it. Returns None if the run is to stop."""
        plan = None
        make = partial(self._guard.plan, self._make_plan, stops_at_once=True)
        with self._control.work(), self._control.interruptible(), self._control.stop_on_error():
            with self._durations.during("deciding"):
                try:
                    found, refusal = await anyio.to_thread.run_sync(make, abandon_on_cancel=True)
                except (OSError, SourceError) as error:
                    raise SourceLost.of(error) from error
            plan = found
            if refusal is not None:
                raise refusal
            self._tally.read = self._tally.undecided = 0
            told = [*self._guard.news()]
            self._news += told
            for notice in (*plan.notices(), *told):
                self.notifier.notice(notice)
        return plan

    def _make_plan(self) -> Plan:
        self._tally.read = self._tally.undecided = self._guard.rows or 0
        now = self._clock.now()
        plan = make_plan(self._job, self._loaded, now=now, see=self._guard.see)
        self._tally.read = self._tally.undecided = plan.rows
        check_approved(self._job, plan, self._loaded.history)
        return plan

    async def _refuse_list(self, stop: StopRun, rows: int | None) -> Summary:
        """End the run without a request. The derived files of the last list stay."""
        self._tally.prove()
        exported = Exported(files={}, record=None)
        try:
            await self._journal.refuse_list(
                self._job,
                self._tally,
                stop,
                self._verdict(exported, stop),
                self._loaded.state.salt,
                rows,
            )
        except JournalError as error:
            stop = error
        return self._sum_up(exported, stop)

    def _verdict(self, exported: Exported, stop: StopRun | None) -> Verdict:
        """Return the verdict on the list."""
        tally, ends = self._tally, self._loaded.history.ends
        list_status = exported.list_status
        if list_status is None:
            made = tally.counts[Status.CREATED] + tally.before
            counts = {**tally.counts, Status.CREATED.value: made, DEALT_WITH: 0}
            list_status = ListStatus(counts=counts, left=tally.unsent)
        was_sent = any(tally.counts[one] for one in (Status.CREATED, Status.UNKNOWN, Status.FAILED))
        verdict = list_status.verdict(
            self._job.object,
            tally.changes.parts,
            undecided=tally.undecided_before,
            why=stop.cause.first_line() if stop is not None and not was_sent else None,
        )
        verdict = replace(verdict, whole=not isinstance(stop, SourceLost))
        return verdict.with_parts_of(ends[-1].verdict if ends else None)

    async def _pump(self, decisions: Iterator[Decision]) -> None:
        """Run the producer that fills a bounded queue, and the workers that empty it."""
        async with anyio.create_task_group() as workers:
            await self._produce(decisions, workers)
            if self._sender is not None:
                self._sender.queue.end()
        with suppress(JournalError):  # it has stopped the run already
            await self._journal.flush()

    def _start_sender(self, workers: TaskGroup) -> RowSender:
        from importer.run.row_sender import RowSender

        self._begin_report()
        return RowSender(
            self._config,
            self._environment,
            self._control,
            self._journal,
            self.notifier,
            self._settle,
            workers,
        )

    async def _produce(self, decisions: Iterator[Decision], workers: TaskGroup) -> None:
        """Carry out the decision about each row: queue it or record it."""
        left, paused_at = self._config.limit, 0
        while not self._control.stopped and left != 0:
            decision = self._next(decisions)
            if decision is None:
                break
            if self._tally.read - paused_at >= _PAUSE_ROWS:
                paused_at = self._tally.read
                self.notifier.before(self._tally.before)
                await anyio.lowlevel.checkpoint()
            if isinstance(decision, Send):
                self._tally.changes.sent(decision)
                self._tally.note_news(decision.record.row.number)
                left = None if left is None else left - 1
                await self._record_decided()
                self._sender = self._sender or self._start_sender(workers)
                await self._sender.queue.put(decision)
            elif isinstance(decision, Outcome | AlreadyCreated):
                self._decided.append(decision)
            if len(self._decided) >= _DECIDED_BATCH:
                await self._record_decided()
        await self._record_decided()
        self.notifier.before(self._tally.before)
        self._changed_sources = self._job.survey.changed()
        for notice in self._job.survey.found:
            if notice not in self.notifier.notices:
                self.notifier.notice(notice)

    def _next(self, decisions: Iterator[Decision]) -> Decision | None:
        """Return the next decision, and count its rows; None at the end, or if reading failed."""
        try:
            with self._durations.during("deciding"):
                decision = next(decisions, None)
        except (OSError, SourceError) as error:
            self._control.stop(SourceLost.of(error))
            return None
        if decision is None:
            self._tally.rows = self._tally.read
        else:
            self._tally.count(decision)
        return decision

    async def _settle(self, outcome: Outcome | None) -> None:
        """Record the outcome of a queued row, or count the row as undecided."""
        if outcome is None:
            self._tally.undecided += 1
            return
        assert self._execution is not None  # noqa: S101 - it has queued the row
        duplicates = self._execution.settle(outcome)
        self._tally.pending -= len(duplicates)
        outcomes = (outcome, *duplicates)
        if self._sender is not None and self._sender.can_send_next_at_once:
            # Written together with the line of the next request: one sync for both.
            for one in outcomes:
                self._tally.note_news(one.number)
            self._journal.record_along(*outcomes, then=partial(self._count, outcomes))
        else:
            await self._record(*outcomes)

    @property
    def _requests(self) -> int:
        return 0 if self._sender is None else self._sender.requests

    async def _record_decided(self) -> None:
        decided, self._decided = self._decided, []
        await self._record(*decided)

    async def _record(self, *decided: Outcome | AlreadyCreated) -> None:
        """
        Write to disk what is new, count the outcomes, notify the hooks.

        Stops the run if writing fails.
        """
        failure = None
        outcomes = [one for one in decided if isinstance(one, Outcome)]
        news: list[KnownRow | RowReading | Outcome] = []
        for one in decided:
            if isinstance(one, Outcome):
                news += [] if self._loaded.state.says(one) else [one]
            elif one.known is not None:
                news.append(one.known)
        for told in news:
            self._tally.note_news(told.number)
        if news:
            try:
                await self._journal.record(*news)
            except JournalError as error:
                failure = error
        self._count(outcomes, failure)

    def _count(self, outcomes: Sequence[Outcome], failure: JournalError | None) -> None:
        if failure is not None:
            self._control.stop(failure)
            self._tally.undecided += len(outcomes)
            return
        for outcome in outcomes:
            self._tally.add(outcome)
            self.notifier.done(outcome)
        if (too_many := self._tally.too_many(self._config.max_errors)) is not None:
            self._control.stop(too_many)

    async def _finish(self) -> Summary:
        """Prove that the rows add up, write the derived files and end the results file."""
        if self._control.is_at_once:
            with suppress(JournalError):
                await self._journal.flush()
            self._tally.give_up()
        if self._changed_sources:  # what was read of it is sent by now
            lost = SourceLost.changed(self._changed_sources)
            if self._control.stopped:
                self.notifier.notice(lost.message)
            self._control.stop(lost)
        self._tally.prove()
        if self._tally.has_news:
            self._begin_report()
        exported, stop = await self._update_exports()
        has_failed = isinstance(stop, JournalError)
        if not (has_failed and (self._environment.in_slices or self._control.stopped)):
            try:
                await self._journal.end(
                    self._tally,
                    stop=stop,
                    requests=self._requests,
                    exports=exported.record,
                    changes=self._tally.changes.counts,
                    verdict=self._verdict(exported, stop),
                    vanished=exported.vanished,
                    returned=exported.returned,
                    shape=self._guard.shape() if self._tally.rows is not None else None,
                )
            except JournalError as error:
                stop = error
        if not self._environment.is_left(stop):
            exported = await self._with_report(exported, stop)
        return self._sum_up(exported, stop)

    def _sum_up(self, exported: Exported, stop: StopRun | None) -> Summary:
        """Return what the run did: its counts, the state of the list, and the files it left."""
        tally, list_status = self._tally, exported.list_status
        summary = Summary(
            run=self._journal.run_id,
            object=self._job.object,
            exit_code=exit_code_of(tally.counts, tally.undecided_before, stop),
            read=tally.read,
            before=tally.before,
            unsent=tally.unsent,
            left=list_status.left if list_status else None,
            counts=dict(tally.counts),
            requests=self._requests,
            seconds=self._durations.seconds("deciding", "sending"),
            durations=self._durations.by_phase(),
            results=str(self._job.results),
            success_file=exported.files.get("success"),
            failed_file=exported.files.get("failed"),
            unsent_file=exported.files.get("unsent"),
            vanished=len(exported.vanished),
            undecided_before=tally.undecided_before,
            changed_file=exported.files.get("changed"),
            files=exported.files,
            list=list_status.by_name() if list_status else None,
            problems=list_status.problems if list_status else tally.problems.result(),
            stopped=stop.message if stop else None,
            hint=stop.hint if stop else None,
            cause=stop.cause if stop else None,
            notices=tuple(self.notifier.notices),
            news=tuple(self._news),
            verdict=self._verdict(exported, stop),
            changed_fields=dict(tally.changed_fields),
        )
        self._log.ended(summary, stop)
        return summary

    async def _update_exports(self) -> tuple[Exported, StopRun | None]:
        """Write the derived files, unless another worker will. Returns them and a stop, if any."""
        exported, stop = Exported(files={}, record=None), self._control.reason
        if isinstance(stop, JournalError) or self._environment.is_left(stop):
            return exported, stop
        try:
            with self._control.work(), self._durations.during("writing"):
                exported = await update_exports(
                    self._job,
                    runs=self._loaded.history.runs,
                    left=self._loaded.history.exports,
                    has_news=self._tally.has_news,
                    unchanged=self._tally.unchanged(self._new_from),
                    record=self._journal.exports,
                )
                if exported.record is not None and self._config.updates is not None:
                    exported = await self._with_updates(exported, self._config.updates)
        except JournalError as error:
            stop = error
        for notice in exported.notices:
            self.notifier.notice(notice)
        return exported, self._control.reason or stop

    async def _with_updates(self, exported: Exported, form: UpdateForm) -> Exported:
        """Write the changes as a file for the CRM's own import; an old file is updated too."""
        path = beside(self._job.results, "updates.csv")
        is_there = path.exists()
        has_changes = exported.files.get("changed") is not None
        if self._job.survey.is_derived or not (is_there or has_changes):
            return exported
        from importer.run.update_file import (
            write_updates,  # polars, which quiet nights do without
        )

        made = await write_updates(self._results, self._job.survey, self._job.mapper, form)
        files = {**exported.files, "updates": None if made.path is None else str(made.path)}
        return replace(exported, files=files, notices=(*exported.notices, *made.notices))

    def _begin_report(self) -> None:
        """Begin the report in a thread, once it is known that there is news."""
        is_written = self._config.report and not self._environment.in_slices
        if is_written and self._report is None:
            self._report = begin_report(self._job.results)

    async def _with_report(self, exported: Exported, stop: StopRun | None) -> Exported:
        """
        Write the report, unless nothing has changed since the last one.

        If it cannot be written, a notice says so, and the import does not fail.
        """
        if not self._config.report:
            return exported
        results, before = self._job.results, self._loaded.history
        was_stopped = bool(before.ends) and before.ends[-1].stopped is not None
        is_other = was_stopped or before.exports is None or exported.record != before.exports
        is_changed = self._tally.has_news or stop is not None or is_other
        update = partial(update_report, results, is_changed=is_changed, begun=self._report)
        notices: list[Message] = []
        with self._control.work():
            try:
                path, notices = await anyio.to_thread.run_sync(update, abandon_on_cancel=True)
                exported = replace(exported, files={**exported.files, "report": str(path)})
            except Exception as error:  # noqa: BLE001 - the import has ended well without it
                what = error if isinstance(error, OSError | ImporterError) else repr(error)
                notices = [Message("the report cannot be written: %(what)s", what=what)]
        for notice in notices:
            self.notifier.notice(notice)
        return exported
