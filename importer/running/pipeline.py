"""Runs an import: reader to mapper to sender to writer, with every row accounted for."""

from __future__ import annotations

import os
import uuid
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import anyio
from anyio.abc import TaskGroup

from importer.clock import Clock, Durations
from importer.config import ImportConfig
from importer.control import StopControl, stop_after
from importer.errors import JournalError, ListDiffers, SourceError, SourceLost, StopRun
from importer.events import Hook, Notifier
from importer.guards import Guard, check_approved, compare, list_news, prepare_for_run
from importer.logs import EventLog
from importer.reader.spool import spool_folder
from importer.records import Known, Outcome, Send, Summary
from importer.running.carrying_out import CarryingOut
from importer.running.deciding import DecidedRows
from importer.running.exporting import Exported, update_exports
from importer.running.file_names import output_stem
from importer.running.job import Job
from importer.running.journal import Journal
from importer.running.plan import Plan
from importer.running.planning import make_plan
from importer.running.recall import Place, Recalled, open_results
from importer.running.reporting import write_report_of
from importer.running.summing import summary_of, verdict_of
from importer.running.tally import Tally
from importer.shared import UpdateForm
from importer.verdict import Verdict
from importer.writer import LineStore

if TYPE_CHECKING:  # what sends takes long to load, and most nights have nothing to send
    from importer.running.sending import Sending

__all__ = ["run_import"]

_DECIDED_BATCH = 256


async def run_import(
    config: ImportConfig,
    *,
    hooks: Sequence[Hook] = (),
    control: StopControl | None = None,
    clock: Clock | None = None,
    place: Place | None = None,
) -> Summary:
    """
    Import the sources, or continue where an earlier run with the same results file stopped.

        >>> config = ImportConfig(sources="contacts.csv", object="lead", base_url=url, api_key=key)
        >>> anyio.run(run_import, config).counts["created"]
        2

    `hooks` are called with each event (`importer.events`) on the event loop of the run. `control`
    lets the caller stop the run; requests in flight are waited for. A run that stops early returns
    a `Summary` too, with `stopped` and the exit code set. `place` says where its lines are kept.

    Raises `UsageError`, before anything is sent, for what the caller has to correct, and `StopRun`
    if the run is stopped before its first row.
    """
    config.required_api_key()  # it raises before anything is read
    if os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR"):
        from importer.sender import shared_ssl_context

        shared_ssl_context(config.base_url)  # certificates that somebody has named: it raises too
    control, clock, place = control or StopControl(), clock or Clock(), place or Place()
    durations = Durations(clock)
    with spool_folder() as spool:
        with durations.during("reading"):
            job = await prepare_for_run(config, spool, control, place.open_store)
        with durations.during("loading"):
            results, recalled, aside = await anyio.to_thread.run_sync(
                partial(open_results, job, place.open_store, salt=uuid.uuid4().hex)
            )
        with closing(results), recalled:
            run = _Run(job, place, results, recalled, hooks, control, durations)
            with closing(run):
                if aside is not None:
                    run.notifier.notice(f"another import's results file was set aside as {aside}")
                return await run.run()


class _Run:
    """The state of one run: its counts, its journal, and the hooks to notify."""

    def __init__(
        self,
        job: Job,
        place: Place,
        results: LineStore,
        recalled: Recalled,
        hooks: Sequence[Hook],
        control: StopControl,
        durations: Durations,
    ) -> None:
        self._job = job
        self._place = place
        self._config = job.config
        self._results = results
        self._control = control
        self._clock = clock = durations.clock
        self._durations = durations
        self._journal = Journal(results, uuid.uuid4().hex[:12], clock)
        self._log = EventLog(self._journal.run_id)
        self.notifier = Notifier((self._log, *hooks))
        self._tally = Tally(job.object)
        self._decided: list[Outcome] = []
        self._known: list[Known | Outcome] = []
        self._recalled = recalled
        self._carrying_out: CarryingOut | None = None
        self._news: list[str] = []
        self._guard = Guard(job, recalled.history, clock.now())
        self._sending: Sending | None = None

    def close(self) -> None:
        """Release what is shared with other runs."""
        if self._sending is not None:
            self._sending.close()

    async def run(self) -> Summary:
        notices = compare(self._job, self._results, self._recalled.history)
        self._news += list_news(self._job, self._recalled.history, self._clock.now())
        for notice in (*self._job.notices, *notices, *self._news):
            self.notifier.notice(notice)
        plan = await self._plan()
        if isinstance(self._control.reason, ListDiffers):
            return await self._refuse_list(self._control.reason)
        state = self._recalled.state
        try:
            await self._journal.begin(self._job, salt=state.salt, mapping=self._recalled.mapping)
        except JournalError as error:
            self._control.stop(error)
            return await self._finish()
        survey = self._job.survey
        self.notifier.started(self._journal.run_id, survey.rows, is_about=survey.is_about)
        async with anyio.create_task_group() as tasks:
            if (limit := self._config.limits.time_limit) is not None:
                tasks.start_soon(stop_after, self._control, limit, self._clock.sleep)
            if plan is not None:
                self._tally.undecided_before = plan.undecided
                carrying_out = self._carrying_out = CarryingOut(self._job, plan, state)
                rows = DecidedRows(
                    carrying_out.decisions(),
                    self._tally,
                    self._control,
                    self._durations,
                    self.notifier,
                )
                with self._control.work(), self._durations.during("sending"):
                    await self._pump(rows)
            tasks.cancel_scope.cancel()
        return await self._finish()

    async def _plan(self) -> Plan | None:
        """
        Make the plan, and have the guards judge it. Returns None if the run is to stop.

        The list is looked at first where a guard compares it with the last one: rows whose ids or
        columns have changed would take long to match.
        """
        plan = None
        run_sync = partial(anyio.to_thread.run_sync, abandon_on_cancel=True)
        with self._control.work(), self._control.interruptible(), self._control.stop_on_error():
            with self._durations.during("deciding"):
                try:
                    self._tally.read = await run_sync(self._guard.look)
                    self._tally.undecided = self._tally.read
                    plan = await run_sync(self._make_plan)
                except (OSError, SourceError) as error:
                    raise SourceLost.of(error) from error
            self._tally.read = self._tally.undecided = plan.rows
            check_approved(self._job, plan, self._recalled.history)
            self._guard.check(plan)
            self._tally.read = self._tally.undecided = 0
            told = [*self._guard.news()]
            self._news += told
            for notice in (*plan.notices(), *told):
                self.notifier.notice(notice)
        return plan

    def _make_plan(self) -> Plan:
        now = self._clock.now()
        make = partial(make_plan, self._job, self._recalled, now=now, see=self._guard.see)
        return self._guard.planned(make)

    async def _refuse_list(self, stop: StopRun) -> Summary:
        """End the run without a request. The derived files stay those of the last list."""
        self._tally.prove()
        exported = Exported(files={}, record=None)
        try:
            await self._journal.refuse_list(
                self._job,
                self._tally,
                stop,
                self._verdict(exported, stop),
                self._recalled.state.salt,
            )
        except JournalError as error:
            stop = error
        return self._sum_up(exported, stop)

    def _verdict(self, exported: Exported, stop: StopRun | None) -> Verdict:
        ends = self._recalled.history.ends
        return verdict_of(
            self._job,
            self._tally,
            exported,
            ends[-1] if ends else None,
            stop=stop,
        )

    async def _pump(self, rows: DecidedRows) -> None:
        """Run one producer that fills a bounded queue, and the workers that empty it."""
        async with anyio.create_task_group() as workers:
            await self._produce(rows, workers)
            if self._sending is not None:
                self._sending.end()
        with suppress(JournalError):  # it has stopped the run already
            await self._journal.flush()

    def _begin_sending(self, workers: TaskGroup) -> Sending:
        from importer.running.sending import Sending

        return Sending(
            self._config,
            self._place,
            self._control,
            self._journal,
            self.notifier,
            self._settle,
            workers,
        )

    async def _produce(self, rows: DecidedRows, workers: TaskGroup) -> None:
        """Take what the plan says of each row; queue those that are to be sent."""
        left = self._config.limits.limit
        while not self._control.stopped and left != 0:
            decision = await rows.take()
            if decision is None:
                break
            if isinstance(decision, Send):
                self._tally.changes.sent(decision, self._job.changes(decision))
                left = None if left is None else left - 1
                await self._record_decided()
                self._sending = self._sending or self._begin_sending(workers)
                await self._sending.put(decision)
            elif isinstance(decision, Outcome):
                self._decided.append(decision)
            else:
                self._known += filter(None, (decision.known, decision.reported))
            if len(self._decided) + len(self._known) >= _DECIDED_BATCH:
                await self._record_decided()
        await self._record_decided()
        self.notifier.before(self._tally.before)
        changed = self._job.survey.change_notices()
        self._tally.is_whole = not changed
        for notice in (*self._job.survey.found, *changed):
            if notice not in self.notifier.notices:
                self.notifier.notice(notice)

    async def _settle(self, outcome: Outcome | None) -> None:
        """Record the outcome of a queued row, or count the row as undecided."""
        if outcome is None:
            self._tally.undecided += 1
            return
        assert self._carrying_out is not None  # noqa: S101 - it has queued the row
        duplicates = self._carrying_out.settle(outcome)
        self._tally.pending -= len(duplicates)
        outcomes = (outcome, *duplicates)
        if self._sending is not None and self._sending.can_send_next_at_once:
            # Written together with the line of the next request: one sync for both.
            self._tally.has_news = True
            self._journal.record_along(*outcomes, then=partial(self._count, outcomes))
        else:
            await self._record(*outcomes)

    @property
    def _requests(self) -> int:
        return 0 if self._sending is None else self._sending.requests

    async def _record_decided(self) -> None:
        decided, self._decided = self._decided, []
        known, self._known = self._known, []
        if decided:
            await self._record(*decided)
        if known:
            with self._control.stop_on_error():
                self._tally.has_news = True
                await self._journal.known(*known)

    async def _record(self, *outcomes: Outcome) -> None:
        """Write outcomes to disk, count them, notify the hooks. Stops the run if that fails."""
        failure = None
        news = [one for one in outcomes if not self._recalled.state.says(one)]
        if news:
            self._tally.has_news = True
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
        if (too_many := self._tally.too_many(self._config.limits.max_errors)) is not None:
            self._control.stop(too_many)

    async def _finish(self) -> Summary:
        """Prove that the rows add up, write the derived files and end the results file."""
        if self._control.is_at_once:
            with suppress(JournalError):
                await self._journal.flush()
            self._tally.give_up()
        self._tally.prove()
        exported, stop = await self._update_exports()
        has_failed = isinstance(stop, JournalError)
        if not (has_failed and (self._place.in_slices or self._control.stopped)):
            try:
                await self._journal.end(
                    self._tally,
                    stop=stop,
                    requests=self._requests,
                    exports=exported.record,
                    verdict=self._verdict(exported, stop),
                    vanished=exported.vanished,
                    shape=self._guard.shape() if self._tally.rows is not None else None,
                )
            except JournalError as error:
                stop = error
        if not self._place.is_left(stop):
            exported = await write_report_of(
                self._job,
                self._tally,
                exported,
                self._recalled.history,
                stop=stop,
                control=self._control,
                tell=self.notifier.notice,
            )
        return self._sum_up(exported, stop)

    def _sum_up(self, exported: Exported, stop: StopRun | None) -> Summary:
        summary = summary_of(
            self._journal.run_id,
            self._job,
            self._tally,
            exported,
            requests=self._requests,
            durations=self._durations,
            stop=stop,
            notices=self.notifier.notices,
            news=self._news,
            verdict=self._verdict(exported, stop),
        )
        self._log.ended(summary, stop)
        return summary

    async def _update_exports(self) -> tuple[Exported, StopRun | None]:
        """Write the derived files, unless others will. Returns why the run stops, too."""
        exported, stop = Exported(files={}, record=None), self._control.reason
        if isinstance(stop, JournalError) or self._place.is_left(stop):
            return exported, stop
        try:
            with self._control.work(), self._durations.during("writing"):
                exported = await update_exports(
                    self._job,
                    runs=self._recalled.history.runs,
                    left=None if self._tally.has_news else self._recalled.history.exports,
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
        """Write what has changed for the CRM's own import, if anything has, or had before."""
        path = self._job.results.with_name(f"{output_stem(self._job.results)}.updates.csv")
        is_there = path.exists()
        has_changes = exported.files.get("changed") is not None
        if self._job.survey.is_derived or not (is_there or has_changes):
            return exported
        from importer.running.updates import write_updates  # polars, which quiet nights do without

        made = await write_updates(self._results, self._job.survey, self._job.mapper, form)
        files = {**exported.files, "updates": None if made.path is None else str(made.path)}
        return replace(exported, files=files, notices=(*exported.notices, *made.notices))
