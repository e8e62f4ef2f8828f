"""How a worker ends when something has failed: nothing of it goes on by itself."""

from __future__ import annotations

from unittest.mock import Mock

import anyio
import pytest

from importer.fleet.database.connecting import Connection
from importer.fleet.journal import blocks
from importer.fleet.work import orders, queue
from importer.fleet.work.queue import SliceQueue
from importer.fleet.work.worker import WorkerStop, work


@pytest.fixture(autouse=True)
def _job(connection: Connection) -> None:
    orders.give(connection, blocks.add_job(connection, "a"))


def queue_of(database: str, run_slice: queue.RunSlice) -> SliceQueue:
    return SliceQueue(
        database,
        run_slice,
        worker="here",
        names=lambda: ("a",),
        at_once=2,
        tell=Mock(),
        seconds=60,
    )


async def test_a_worker_that_is_cancelled_ends(database: str, connection: Connection) -> None:
    began = anyio.Event()

    async def run_slice(_job: str, _deadline: float) -> bool:
        began.set()
        await anyio.sleep_forever()
        return True

    with anyio.fail_after(30):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(queue_of(database, run_slice).serve, anyio.Event())
            await began.wait()
            tasks.cancel_scope.cancel()
    assert connection.execute("SELECT * FROM vorel_fleet.worker").fetchall() == []


async def test_a_worker_stops_its_slices_when_it_fails(
    database: str,
) -> None:
    began, stop = anyio.Event(), WorkerStop(Mock())

    async def run_slice(_job: str, _deadline: float) -> bool:
        with stop.control() as control, control.interruptible():
            began.set()
            await anyio.sleep_forever()
        return True

    async def watch_orders() -> None:
        await began.wait()
        raise RuntimeError

    slices = Mock(watch_orders=watch_orders, watch_tables=anyio.sleep_forever)
    with anyio.fail_after(30), pytest.raises(ExceptionGroup) as raised:
        await work(slices, queue_of(database, run_slice), stop)
    assert raised.group_contains(RuntimeError, depth=1)
