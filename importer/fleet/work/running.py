"""Runs jobs whose journals are in the database, each as the owner of its key's lease."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager, suppress
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

import anyio
import anyio.to_thread

from importer.core import systems
from importer.core.addresses import Address
from importer.core.control import StopControl, StopGroup
from importer.core.errors import (
    ConfigError,
    Interrupted,
    JournalError,
    ListGrows,
    ResultsError,
    SourceLost,
)
from importer.core.events import Hook
from importer.core.records import Summary
from importer.core.shared import FINISHED
from importer.core.systems import OPEN_FLAGS
from importer.fleet.database.connecting import AWAY, connect, connect_first
from importer.fleet.database.migrating import check_rights, connected, made_at
from importer.fleet.journal import losses
from importer.fleet.journal.appender import Appender
from importer.fleet.journal.blocks import find_job
from importer.fleet.journal.store import DatabaseStore
from importer.fleet.leases.lease import Lease, LeaseRenewer
from importer.fleet.showing.job_meters import JobMeters
from importer.fleet.telling import Tell, tell_nobody
from importer.fleet.work import orders
from importer.fleet.work.turns import Turns
from importer.jobs.job_file import JobFile
from importer.jobs.monitoring.monitor import RunMonitor
from importer.jobs.output import check_output, keep_files
from importer.run.config import ImportConfig
from importer.run.pipeline import run_import
from importer.run.run_environment import RunEnvironment

if TYPE_CHECKING:
    from importer.reconciling.findings import Reconciliation
    from importer.reconciling.reconcile_export import ReconcileSettings


_WRITERS = 32
"""From its place in the pace until it leaves, a request takes some eight turns of the event loop.
In each of them, so many cost 0.1 s at most: together less than the 2 s after which it is late."""
_CONNECTIONS = 40
"""Threads for lists and files at addresses, apart from those that everything else needs."""
_T = TypeVar("_T")
LIST_LOST = (ListGrows, SourceLost)
"""What happens to a list on one host: it is written to, or gone, while it is read."""


def is_left(summary: Summary, control: StopControl) -> bool:
    """Return whether a run was only cut off: by whoever asked, or with its journal or its list."""
    if summary.stopped is None:
        return False
    # Without a reason, it was its last line that could not be added.
    return isinstance(control.reason, (Interrupted, JournalError, *LIST_LOST, type(None)))


@contextmanager
def opened_fleet(database: str, work: Path, *, tell: Tell = tell_nobody) -> Iterator[Fleet]:
    """
    Join a fleet as a new owner of leases, with copies of journals in `work`.

    `tell` is called, in any thread, when a key was taken from a process that has died, and when the
    database is away or back. Raises `ConfigError` if the database is away, has no tables of this
    version, or does not let this role use them.
    """
    with connected(database) as connection:
        check_rights(connection)
        name = made_at(connection)
    with (
        own_folder(work) as folder,
        Appender(database, tell=tell) as appender,
        LeaseRenewer(database) as renewer,
        JobMeters(database) as meters,
    ):
        # What this computer has copied of another fleet says nothing about this one.
        yield Fleet(database, folder / name, appender, renewer, meters, tell)


class Fleet:
    """What the runs of one process share; `meters` knows what they are doing."""

    def __init__(
        self,
        database: str,
        folder: Path,
        appender: Appender,
        renewer: LeaseRenewer,
        meters: JobMeters,
        tell: Tell,
    ) -> None:
        self._database = database
        self._folder = folder
        self._appender = appender
        self._turns = Turns(database, renewer, tell)
        self._writers = anyio.Semaphore(_WRITERS)
        self._connections = anyio.CapacityLimiter(_CONNECTIONS)
        self.meters = meters

    @property
    def owner(self) -> str:
        """The name that this process has as an owner of leases; its host stands before `/`."""
        return self._turns.owner

    @property
    def database_errors(self) -> int:
        """How often a connection has failed over which lines are added."""
        return self._appender.failures

    def give_up(self) -> None:
        """Let no run wait any longer for a database that is away."""
        self._appender.give_up()

    async def run(
        self,
        job: JobFile,
        settings: Mapping[str, Any],
        watch: RunMonitor,
        group: StopGroup,
    ) -> Summary:
        """
        Run a job from its journal in the database. Jobs with the same key run one by one.

        Raises `ConfigError` if the job was not added, and `ResultsInUse` if another process has
        the lease of its key.
        """
        with group.control() as control:
            return await self.carry(job, settings, watch, control)

    async def carry(
        self,
        job: JobFile,
        settings: Mapping[str, Any],
        watch: RunMonitor,
        control: StopControl,
        *hooks: Hook,
        in_slices: bool = False,
    ) -> Summary:
        """
        Run a job like `run`, with a control of its own, and more hooks than its watcher.

        With `in_slices`, which is as in `RunEnvironment`, it does not wait for its key: it raises
        `KeyInUse`, and the queue hands it out again once the key is free.
        """
        opened = self._opened(job, control, settings, in_slices=in_slices)
        async with opened as (config, store, lease):
            await self._elsewhere(check_output, config, watch.note, is_elsewhere=_is_copied(config))
            await anyio.to_thread.run_sync(watch.started, config)
            environment = RunEnvironment(
                open_store=lambda _path: store,
                sent_before=lease.sends,
                counts_by_lines=True,
                writers=self._writers,
                in_slices=in_slices,
            )
            with self.meters.shown(job.name, lease, config.rate) as meter:
                summary = await run_import(
                    config, hooks=[watch, meter, *hooks], control=control, environment=environment
                )
            await anyio.to_thread.run_sync(store.note)
            if not is_left(summary, control):
                await anyio.to_thread.run_sync(self._end, lease, summary.exit_code in FINISHED)
        if is_left(summary, control):
            return summary
        return await self._elsewhere(
            keep_files, config, summary, watch.note, is_elsewhere=_is_copied(config)
        )

    async def presume_sent(self, job: JobFile) -> int:
        """Record which rows may have been sent (`importer.reconciling.presumed_requests`)."""
        from importer.reconciling.presumed_requests import presume_sent  # no run needs it

        control = StopControl()
        opened = self._opened(job, control, accepts_loss=True)
        async with opened as (config, store, lease):
            environment = RunEnvironment(open_store=lambda _path: store)
            count = await presume_sent(config, environment=environment, control=control)
            await anyio.to_thread.run_sync(self._note_restored, lease)
            await anyio.to_thread.run_sync(store.note)
        return count

    async def reconcile(self, job: JobFile, settings: ReconcileSettings) -> Reconciliation:
        """Compare the journal of a job with an export of the CRM (`importer.reconciling`)."""
        from importer.reconciling.reconcile_export import reconcile

        async with self._opened(job, StopControl()) as (config, store, _):
            if job.source.is_elsewhere and not settings.sources:  # it is only here now
                settings = replace(settings, sources=config.sources)
            found = await reconcile(store.path, settings, open_store=lambda _path: store)
            await anyio.to_thread.run_sync(store.note)
        return found

    @asynccontextmanager
    async def _opened(
        self,
        job: JobFile,
        control: StopControl,
        settings: Mapping[str, Any] = MappingProxyType({}),
        *,
        in_slices: bool = False,
        accepts_loss: bool = False,
    ) -> AsyncIterator[tuple[ImportConfig, DatabaseStore, Lease]]:
        """Hold the lease of a job's key, and open its list and journal."""
        number = await anyio.to_thread.run_sync(
            partial(self._number, job.name, accepts_loss=accepts_loss)
        )
        # The list is not looked for, or made by a command, before the key is free.
        config = job.run_config(job.source.patterns(job.folder), **settings)
        async with self._turns.held(
            config, job.name, number, control, in_slices=in_slices
        ) as lease:
            with ExitStack() as stack:
                found = job.source.found(job.folder)
                # One that is still written to is waited for, like one from elsewhere.
                files = await self._elsewhere(stack.enter_context, found, is_elsewhere=True)
                open_ = partial(self._open, job, lease, accepts_loss=accepts_loss)
                store = await anyio.to_thread.run_sync(open_)
                stack.enter_context(closing(store))
                yield config.replace(sources=files, results=store.path), store, lease

    async def _elsewhere(self, call: Callable[..., _T], *values: Any, is_elsewhere: bool) -> _T:
        """Call what may talk to a server that does not answer: keys are handed back meanwhile."""
        limiter = self._connections if is_elsewhere else None
        return await anyio.to_thread.run_sync(call, *values, limiter=limiter)

    def _number(self, name: str, *, accepts_loss: bool) -> int:
        with closing(connect_first(self._database)) as connection:
            number = find_job(connection, name)
            has_lost = number is not None and losses.is_lost(connection, number)
            if has_lost and not accepts_loss:
                raise ResultsError(
                    "the tables were restored from a dump, and lines since then are lost: "
                    "`vorel-import fleet restored` comes first",
                    hint="Nothing was sent. Run: vorel-import fleet restored JOB. If the tables "
                    "were moved while nothing ran: vorel-import fleet init --moved",
                )
            if accepts_loss:
                losses.check_may_restore(connection)
        if number is None:
            raise ConfigError(
                "the fleet has no job %(name)s",
                name=name,
                hint="Add it, with what it has imported so far: vorel-import fleet add JOB",
            )
        return number

    def _open(self, job: JobFile, lease: Lease, *, accepts_loss: bool) -> DatabaseStore:
        folder = self._folder / str(lease.job)
        folder.mkdir(exist_ok=True, parents=True, mode=0o700)
        return DatabaseStore(
            folder / f"{job.name}.results.jsonl",
            database=self._database,
            appender=self._appender,
            lease=lease,
            accepts_loss=accepts_loss,
        )

    def _note_restored(self, lease: Lease) -> None:
        with closing(connect_first(self._database)) as connection:
            losses.note_restored(connection, lease.job)

    def _end(self, lease: Lease, succeeded: bool) -> None:
        """Let workers know that nothing is left to do. They see it for themselves otherwise."""
        with suppress(*AWAY), closing(connect(self._database)) as connection:
            orders.end(connection, lease, succeeded=succeeded)


def _is_copied(config: ImportConfig) -> bool:
    """Return whether the files of a run are copied to an address."""
    return isinstance(config.output, Address)


@contextmanager
def own_folder(work: Path) -> Iterator[Path]:
    """
    Return a folder in `work` that no other process uses, and that was used before if possible.

    So a journal that this computer has read before is not read again from its beginning. Raises
    `ConfigError` if there can be no folder.
    """
    try:
        folder, fd, held = next(filter(None, map(_locked, (work / str(n) for n in count()))))
    except OSError as error:
        raise ConfigError(
            "%(path)s: cannot be used for copies (%(fault)s)", path=work, fault=error.strerror
        ) from error
    try:
        yield folder
    finally:
        if held != fd:
            systems.current.unlock(fd, held)
        os.close(fd)


def _locked(folder: Path) -> tuple[Path, int, int] | None:
    """Lock a folder, and return it with what has to be closed; None if another process uses it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / "lock"
    fd = os.open(path, os.O_RDWR | os.O_CREAT | OPEN_FLAGS, 0o600)
    try:
        return folder, fd, systems.current.lock(fd, path)
    except BlockingIOError:
        os.close(fd)
        return None
