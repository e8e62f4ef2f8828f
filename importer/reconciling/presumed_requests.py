"""Records that rows may have been sent, after a journal has lost lines."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import closing
from functools import partial

import anyio.to_thread

from importer.core.clock import Clock
from importer.core.control import StopControl
from importer.core.errors import JournalError, SourceError, SourceLost
from importer.core.records import Decision, Send
from importer.reader.spool import spool_folder
from importer.run.config import ImportConfig
from importer.run.guards.preparation import prepare_for_run
from importer.run.journal import Journal
from importer.run.loaded_import import open_results
from importer.run.plan_execution import PlanExecution
from importer.run.planning import make_plan
from importer.run.run_environment import RunEnvironment
from importer.run.tally import Tally

_COMMAND = "fleet restored"
_LONG_AGO = "1970-01-01T00:00:00.000Z"
"""The time since when lines may be lost, if no run is on record."""
_BATCH = 256


async def presume_sent(
    config: ImportConfig,
    *,
    environment: RunEnvironment,
    control: StopControl | None = None,
) -> int:
    """
    Record that each row that a run would send now may have been sent already.

    After a restore from a backup, the lines about that may be lost. Nothing is sent. Later runs
    send these rows only after an export of the CRM has shown that they have no record: the key
    proves nothing, since an edited row had another one. Returns the number of rows.

    Raises what `run_import` raises, and `JournalError` if a line cannot be added.
    """
    control, clock = control or StopControl(), Clock()
    with spool_folder() as spool:
        job = await prepare_for_run(config, spool, control, finds_losses=False)
        salt = uuid.uuid4().hex
        results, loaded, _ = await anyio.to_thread.run_sync(
            partial(open_results, job, environment.open_store, salt=salt)
        )
        with closing(results), loaded:
            journal = Journal(results, uuid.uuid4().hex[:12], clock, command=_COMMAND)
            plan = await anyio.to_thread.run_sync(partial(make_plan, job, loaded, now=clock.now()))
            await journal.begin(job, salt=loaded.state.salt, mapping=loaded.mapping)
            tally = Tally()
            decisions = PlanExecution(job, plan, loaded.state).decisions()
            count = await _presume(
                decisions,
                tally,
                control,
                journal,
                ((loaded.history.runs[-1].at if loaded.history.runs else None) or _LONG_AGO),
            )
            tally.give_up()
            stop = control.reason or JournalError(
                "lines may be lost: %(count)s rows without a record may have been sent",
                count=f"{count:,}",
            )
            await journal.end(tally, stop=stop)
            if control.reason is not None:
                raise control.reason
            return count


async def _presume(
    decisions: Iterator[Decision],
    tally: Tally,
    control: StopControl,
    journal: Journal,
    since: str,
) -> int:
    """Record all rows that would be sent. Returns how many there are."""
    count, sends = 0, list[Send]()
    try:
        for decision in decisions:
            tally.count(decision)
            if isinstance(decision, Send):
                sends.append(decision)
                count += 1
            if len(sends) >= _BATCH:
                await journal.presumed(sends, since=since)
                sends = []
            if control.stopped:
                break
        else:
            tally.rows = tally.read
    except (OSError, SourceError) as error:
        control.stop(SourceLost.of(error))
    await journal.presumed(sends, since=since)
    return count
