"""Records that rows may have been sent, after a journal has lost lines."""

from __future__ import annotations

import uuid
from contextlib import closing
from functools import partial
from itertools import islice

import anyio.to_thread

from importer.core.clock import Clock
from importer.core.control import StopControl
from importer.core.errors import JournalError, SourceError, SourceLost
from importer.core.records import Send
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
            tally, count = Tally(), 0
            since = (loaded.history.runs[-1].at if loaded.history.runs else None) or _LONG_AGO
            decisions = PlanExecution(job, plan, loaded.state).decisions()
            try:
                while not control.stopped and (some := [*islice(decisions, _BATCH)]):
                    for decision in some:
                        tally.count(decision)
                    sends = [one for one in some if isinstance(one, Send)]
                    await journal.presumed(sends, since=since)
                    count += len(sends)
            except (OSError, SourceError) as error:
                control.stop(SourceLost.of(error))
            if control.reason is None:
                tally.rows = tally.read
            tally.give_up()
            stop = control.reason or JournalError(
                "lines may be lost: %(count)s rows without a record may have been sent",
                count=f"{count:,}",
            )
            await journal.end(tally, stop=stop)
            if control.reason is not None:
                raise control.reason
            return count
