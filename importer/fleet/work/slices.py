"""Runs jobs in slices of time: the seam between what a worker carries and what hands it out."""

from __future__ import annotations

import errno
import shlex
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial
from typing import TypeVar

import anyio
import anyio.to_thread
import psycopg

from importer.core.control import StopControl, StopGroup
from importer.core.errors import (
    ConfigError,
    ImporterError,
    Interrupted,
    JournalError,
    ListDiffers,
    MemoryLost,
    OutageError,
    ResultsInUse,
)
from importer.core.events import Event, RunStarted
from importer.core.locale.message import Message
from importer.core.records import Summary
from importer.fleet.database.connecting import AWAY, Connection, DatabaseAway, connect, reason_of
from importer.fleet.database.migrating import refuse_newer
from importer.fleet.leases.lease import KeyInUse
from importer.fleet.telling import Trouble
from importer.fleet.work import orders
from importer.fleet.work.job_files import JobFiles
from importer.fleet.work.running import LIST_LOST, Fleet, is_left
from importer.jobs.job_file import JobFile
from importer.jobs.job_folder import JobEnd
from importer.jobs.monitoring.monitor import RunMonitor
from importer.jobs.monitoring.monitoring_settings import MonitoringSettings
from importer.jobs.unexpected import explained
from importer.run.guards.list_guard import WAYS_ON, WAYS_ON_OF_JOB
from importer.writer.lines.run_line import SLICE_OVER

_AT_LEAST_SECONDS = 90.0
"""The first request with a key that was never used in the fleet leaves after 67 s."""
_LOOKS_EVERY_SECONDS = 2.0
_LOOKS_AT_TABLES_SECONDS = 15.0
_SETTLES_SECONDS = 30.0
"""One question that is answered does not mean that all are."""
_NO_FILE_SECONDS = 15.0
_IN_TROUBLE_SECONDS = 10.0
_FOR_OTHERS_SECONDS = 2.0
_TRIES_AGAIN_SECONDS = 60.0
"""Until then a worker leaves a job to others that it could not run."""
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_Answer = TypeVar("_Answer")


class SliceOver(Interrupted):
    """
    The reason to stop a run at the end of its slice: it goes on in another one.

    `why` says what has ended the slice before its time.
    """

    is_expected = True

    def __init__(self, why: Message | None = None) -> None:
        super().__init__(
            SLICE_OVER if why is None else Message("%(what)s: %(why)s", what=SLICE_OVER, why=why),
            hint="Workers go on with the job in another one.",
            exit_code=OutageError.exit_code,
        )


class Slices:
    """
    Runs slices of the jobs of one process, any number side by side in its event loop.

    `monitor` makes what watches a job, for its settings and its name. `ended` is called when a job
    has ended, which it has not with a slice that leaves rows to others. `tell` is called with what
    a person should know, maybe in a thread. A slice sends for `at_least` seconds, even if it took
    until its deadline to read the list.
    """

    def __init__(
        self,
        database: str,
        fleet: Fleet,
        files: JobFiles,
        *,
        monitor: Callable[[MonitoringSettings, str], RunMonitor],
        ended: Callable[[JobEnd], None],
        group: StopGroup,
        tell: Callable[[Message], None],
        at_least: float = _AT_LEAST_SECONDS,
    ) -> None:
        self._database = database
        self._fleet = fleet
        self._files = files
        self._monitor = monitor
        self._ended = ended
        self._group = group
        self._hindered = Trouble(
            tell,
            Message("a job cannot go on here"),
            Message("jobs go on here again"),
            seconds=_SETTLES_SECONDS,
        )
        self._at_least = at_least
        self._unknown = Trouble(
            tell,
            Message("the state of jobs is not known"),
            Message("the state of jobs is known again"),
            seconds=_SETTLES_SECONDS,
        )
        self._running: dict[str, StopControl] = {}
        self._tell = tell
        self._failed: dict[str, ImporterError] = {}

    async def run_slice(self, job: str, deadline: float) -> bool:
        """
        Run a job until `deadline`, an instant of the event loop's clock, at most.

        Returns whether rows are left, for another slice here or elsewhere. What keeps
        the job from being run is passed to `ended`, and shown by `fleet status`.
        """
        order = await self._ask(partial(orders.order_of, name=job, worker=self._fleet.owner))
        if order is None or not order.is_wanted or job in self._running:
            return order is None or order.is_wanted
        found = await self._found(job, order)
        if found is None:
            return True
        with self._group.control() as control:
            if control.stopped:
                return True
            self._running[job] = control
            try:
                end, left = await self._run(found, order, control, deadline)
            finally:
                del self._running[job]
        return await self._after(end, control, left=left)

    async def _found(self, job: str, order: orders.Order) -> JobFile | None:
        """Return the job with a name, or None if others are to run it: then it is put off."""
        found = await anyio.to_thread.run_sync(self._files.find, job)
        if found is None:
            problem = Message("no job file with the name %(job)s", job=job)
            await self._hinder(job, problem, seconds=_NO_FILE_SECONDS)
            return None
        since = order.hindered_since
        if since is not None and since < _TRIES_AGAIN_SECONDS:
            await self._ask(partial(orders.put_off, name=job, seconds=_FOR_OTHERS_SECONDS))
            return None
        return found

    async def _after(self, end: JobEnd, control: StopControl, *, left: bool) -> bool:
        """Note what follows from the end of a slice. Returns whether rows are left."""
        if end.error is None:
            self._failed.pop(end.name, None)
        if not left:
            self._ended(end)
        elif end.error is not None and self._failed.get(end.name) is end.error:
            return True  # others try it
        elif isinstance(end.error, KeyInUse):
            return True  # the queue hands it out when the key is free
        elif not isinstance(control.reason, Interrupted):
            self._tell_of_trouble(end)
            await self._ask(partial(orders.put_off, name=end.name, seconds=_IN_TROUBLE_SECONDS))
            return True
        self._hindered.over()
        return left

    async def _hinder(
        self, job: str, problem: Message, *, seconds: float
    ) -> orders.Hindrance | None:
        """Note why a job cannot be run here, and let others try it."""
        return await self._ask(
            partial(
                orders.hinder,
                name=job,
                worker=self._fleet.owner,
                problem=problem,
                seconds=seconds,
            )
        )

    async def _failed_on(self, end: JobEnd) -> Sequence[str] | None:
        """
        Return the hosts that could not run a job, or None if others are to try it first.

        What is missing may be missing here alone: a file, a key, a package, a right, the end of a
        list. What a guard has found is in the list.
        """
        error = end.error
        if error is None:
            return ()
        if isinstance(error, ListDiffers | MemoryLost) and not isinstance(error, LIST_LOST):
            return ()
        found = await self._hinder(end.name, error.cause, seconds=_FOR_OTHERS_SECONDS)
        if found is None:
            return None  # the database is away, or somebody has stopped the job meanwhile
        if found.is_everywhere:
            return found.hosts
        if end.name not in self._failed:
            self._tell(
                Message(
                    "%(name)s: cannot be run here, others try it: %(what)s",
                    name=end.name,
                    what=error.message,
                )
            )
        self._failed[end.name] = error
        return None

    def hindered(self) -> Mapping[str, str]:
        """Return the kind of error of each job that cannot be run here, and that others try."""
        return {job: type(error).__name__ for job, error in [*self._failed.items()]}

    def _tell_of_trouble(self, end: JobEnd) -> None:
        """Tell what keeps a job from going on here, unless that is usual in a fleet."""
        if end.summary is not None:
            self._hindered.found(
                Message("%(name)s: %(what)s", name=end.name, what=end.summary.stopped)
            )
        elif isinstance(end.error, JournalError):
            self._hindered.found(
                Message("%(name)s: %(what)s", name=end.name, what=end.error.message)
            )

    async def watch_orders(self) -> None:
        """Stop the runs of jobs that somebody has stopped, until it is cancelled."""
        while True:
            await anyio.sleep(_LOOKS_EVERY_SECONDS)
            if not self._running:
                continue
            for name in await self._ask(partial(orders.stopped, names=[*self._running])) or ():
                if (control := self._running.get(name)) is not None:
                    control.stop(SliceOver(Message("stopped with `fleet stop`")))

    async def watch_tables(self) -> None:
        """Wait until the tables are those of a newer importer, and raise `ConfigError`."""
        while True:
            await anyio.sleep(_LOOKS_AT_TABLES_SECONDS)
            await anyio.to_thread.run_sync(self._see_tables)

    def _see_tables(self) -> None:
        with suppress(psycopg.Error), closing(connect(self._database)) as connection:
            refuse_newer(connection)

    async def _run(
        self, job: JobFile, order: orders.Order, control: StopControl, deadline: float
    ) -> tuple[JobEnd, bool]:
        """Run a job. Returns how the run ended and whether rows are left; reports a job's end."""
        hosts: Sequence[str] | None = ()
        try:
            with self._monitor(job.monitoring, job.name) as watch:
                end = await self._until(job, order, watch, control, deadline)
                left = _is_left(end, control)
                if not left:
                    hosts = await self._failed_on(end)
                    left = hosts is None
                if left and isinstance(end.error, KeyInUse):
                    pass  # it waits for its turn, which is no failure
                elif end.error is not None:
                    tell = partial(watch.failed, end.error, is_told=not left)
                    await anyio.to_thread.run_sync(tell)
                elif end.summary is not None and not left:
                    await anyio.to_thread.run_sync(watch.ended, _in_fleet(end.summary, job))
        except Exception as error:  # noqa: BLE001 - other jobs go on
            end = JobEnd(name=job.name, error=explained(error))
            hosts = await self._failed_on(end)
            left = hosts is None
        if end.error is not None and not left:
            problem = end.error.cause
            if hosts:
                problem = Message("%(what)s (on %(host)s)", what=problem, host=hosts)
            self._failed.pop(job.name, None)
            await self._ask(partial(orders.end_without_line, name=job.name, problem=problem))
        return end, left

    async def _until(
        self,
        job: JobFile,
        order: orders.Order,
        watch: RunMonitor,
        control: StopControl,
        deadline: float,
    ) -> JobEnd:
        """Run a job, and stop it at the deadline."""
        begun = anyio.Event()

        def on_event(event: Event) -> None:
            if isinstance(event, RunStarted):
                begun.set()

        async def stop() -> None:
            await begun.wait()
            await self._ask(partial(orders.unhinder, name=job.name))
            await anyio.sleep_until(max(deadline, anyio.current_time() + self._at_least))
            control.stop(SliceOver())

        settings = {"accept_list": True} if order.accepts_list else {}
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(stop)
            try:
                summary = await self._fleet.carry(
                    job, settings, watch, control, on_event, in_slices=True
                )
                lost = control.reason if isinstance(control.reason, LIST_LOST) else None
                end = JobEnd(name=job.name, summary=None if lost else summary, error=lost)
            except AWAY:
                end = JobEnd(name=job.name, error=DatabaseAway("a connection has broken"))
            except Exception as error:  # noqa: BLE001 - it is told, and other jobs go on
                found = _disk_is_full() if _has_no_room(error) else explained(error)
                end = JobEnd(name=job.name, error=found)
            tasks.cancel_scope.cancel()
        return end

    async def _ask(self, question: Callable[[Connection], _Answer]) -> _Answer | None:
        """Ask the database, in a thread. Returns None if there is no answer."""
        return await anyio.to_thread.run_sync(partial(self._asked, question))

    def _asked(self, question: Callable[[Connection], _Answer]) -> _Answer | None:
        try:
            with closing(connect(self._database)) as connection:
                answer = question(connection)
        except AWAY:
            return None
        except (psycopg.Error, ConfigError) as error:
            self._unknown.found(reason_of(error))
            return None
        self._unknown.over()
        return answer


def _has_no_room(error: BaseException | None) -> bool:
    """Return whether an error comes from a disk that is full."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            return True
        inner = error.exceptions[0] if isinstance(error, BaseExceptionGroup) else None
        error = inner or error.__cause__ or error.__context__
    return False


def _disk_is_full() -> JournalError:
    return JournalError(
        "the disk is full", hint="Make room: the job goes on here, or elsewhere before that."
    )


def _in_fleet(summary: Summary, job: JobFile) -> Summary:
    """Return a summary whose hint names the commands of a fleet."""
    if summary.hint is None or summary.hint.code not in {WAYS_ON, WAYS_ON_OF_JOB}:
        return summary
    again = f"vorel-import fleet retry {shlex.quote(job.name)}"
    return replace(summary, hint=Message(WAYS_ON_OF_JOB, command=again))


def _is_left(end: JobEnd, control: StopControl) -> bool:
    if end.summary is not None:
        return is_left(end.summary, control)
    return isinstance(end.error, (Interrupted, JournalError, ResultsInUse, DatabaseAway))
