"""The brake of a run."""

from __future__ import annotations

import anyio
import pytest

from importer.core.control import StopControl
from importer.core.errors import Interrupted, RefusedError


def test_a_run_goes_on_until_it_is_stopped() -> None:
    control = StopControl()
    assert not control.stopped
    control.stop(Interrupted("enough"))
    assert control.stopped


def test_the_first_reason_holds() -> None:
    control = StopControl()
    first = RefusedError("401")
    control.stop(first)
    control.stop(Interrupted("later"))
    assert control.reason is first


async def test_a_stop_wakes_every_wait() -> None:
    control = StopControl()
    woken = []

    async def wait(name: str) -> None:
        with control.interruptible():
            await anyio.sleep_forever()
        woken.append(name)

    async with anyio.create_task_group() as tasks:
        for name in ("one", "two"):
            tasks.start_soon(wait, name)
        await anyio.wait_all_tasks_blocked()
        control.stop(Interrupted("enough"))
    assert sorted(woken) == ["one", "two"]


async def test_a_wait_after_a_stop_ends_at_once() -> None:
    control = StopControl()
    control.stop(Interrupted("enough"))
    with control.interruptible():
        await anyio.sleep_forever()
    assert control.stopped


async def test_what_is_not_a_wait_is_left_alone_by_a_stop() -> None:
    control = StopControl()
    with control.interruptible():
        pass
    control.stop(Interrupted("enough"))
    with anyio.move_on_after(5) as scope:
        await anyio.lowlevel.checkpoint()
    assert not scope.cancelled_caught


async def test_an_error_in_a_wait_comes_through() -> None:
    control = StopControl()
    with pytest.raises(LookupError), control.interruptible():
        raise LookupError
    assert not control._scopes
