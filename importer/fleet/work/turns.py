"""Hands the keys of a process to its jobs, one after the other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from functools import partial

import anyio
import anyio.to_thread

from importer.config import ImportConfig
from importer.control import StopControl
from importer.errors import ResultsInUse
from importer.fleet.database.connecting import AWAY, connect, connect_first
from importer.fleet.leases.keeper import Keeper
from importer.fleet.leases.lease import (
    LEASE_SECONDS,
    Lease,
    hand_back,
    key_digest,
    new_owner,
    take,
)
from importer.fleet.work import orders
from importer.shared import OVERLAP_EXIT

__all__ = ["Turns"]

_PATIENCE_SECONDS = LEASE_SECONDS + 5
"""A lease whose owner has died is free by then."""
_ASKS_EVERY_SECONDS = 2.0
_TURN_SECONDS = 15.0
"""By then the queue has handed out the next job of the key."""


class Turns:
    """Holds the lease of each key that a job of this process has, as one owner."""

    def __init__(self, database: str, keeper: Keeper) -> None:
        self._database = database
        self._keeper = keeper
        self._owner = new_owner()
        self._keys: dict[str, anyio.Lock] = {}
        self._waiting: dict[str, dict[str, None]] = {}

    @asynccontextmanager
    async def held(
        self, config: ImportConfig, job: int, control: StopControl, turn: str | None
    ) -> AsyncIterator[Lease]:
        """
        Hold the lease of a key, and hand it back when the run is over, however it ended.

        The job named `turn` takes turns with others that have the key: it does not wait for one
        that runs here. Raises `ResultsInUse` then, and if another process has the lease.
        """
        key = key_digest(config.base_url, config.required_api_key().get_secret_value())
        lock, waiting = self._keys.setdefault(key, anyio.Lock()), self._waiting.setdefault(key, {})
        if turn is not None and lock.locked():
            waiting[turn] = None
            raise ResultsInUse("another job with its API key is running in this process")
        async with lock:
            if turn is not None:
                waiting.pop(turn, None)
            lease = await self._take(key, job, config.pacing.rate, control)
            try:
                with self._keeper.kept(lease):
                    yield lease
            finally:
                with anyio.CancelScope(shield=True):
                    await anyio.to_thread.run_sync(self._hand_back, lease)
                    if turn is not None and (others := [*waiting]):
                        await anyio.to_thread.run_sync(self._let_next, turn, others[0])

    async def _take(self, key: str, job: int, rate: int, control: StopControl) -> Lease:
        """Take a lease, after waiting for one whose owner may have died."""
        until = anyio.current_time() + _PATIENCE_SECONDS
        while True:
            try:
                return await anyio.to_thread.run_sync(partial(self._try, key, job, rate))
            except ResultsInUse as error:
                if anyio.current_time() >= until:
                    error.exit_code = OVERLAP_EXIT
                    raise
            with control.interruptible():
                await anyio.sleep(_ASKS_EVERY_SECONDS)
            if control.reason is not None:
                raise control.reason

    def _try(self, key: str, job: int, rate: int) -> Lease:
        with closing(connect_first(self._database)) as connection:
            return take(connection, key, owner=self._owner, job=job, rate=rate)

    def _hand_back(self, lease: Lease) -> None:
        with suppress(*AWAY), closing(connect(self._database)) as connection:
            hand_back(connection, lease)

    def _let_next(self, turn: str, following: str) -> None:
        """Let another job with the same key be run before this one is again."""
        with suppress(*AWAY), closing(connect(self._database)) as connection:
            orders.put_off(connection, turn, _TURN_SECONDS)
            orders.put_off(connection, following, 0)
