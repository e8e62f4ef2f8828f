"""Hands the keys of a process to its jobs, one after the other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from functools import partial

import anyio
import anyio.to_thread

from importer.core.control import StopControl
from importer.core.locale.message import Message
from importer.core.shared import OVERLAP_EXIT
from importer.fleet.database.connecting import AWAY, connect, connect_first
from importer.fleet.leases.lease import (
    LEASE_SECONDS,
    KeyInUse,
    Lease,
    LeaseRenewer,
    hand_back,
    key_digest,
    new_owner,
    take,
)
from importer.fleet.telling import Tell
from importer.fleet.work import orders
from importer.run.config import ImportConfig

_PATIENCE_SECONDS = LEASE_SECONDS + 5
"""A lease whose owner has died is free by then."""
_ASKS_EVERY_SECONDS = 2.0
_TURN_SECONDS = 15.0
"""By then a worker has taken the next job of the key."""


class Turns:
    """Holds the lease of each key that a job of this process has, as one owner."""

    def __init__(self, database: str, renewer: LeaseRenewer, tell: Tell) -> None:
        self._database = database
        self._renewer = renewer
        self._tell = tell
        self.owner = new_owner()
        self._keys: dict[str, anyio.Lock] = {}

    @asynccontextmanager
    async def held(
        self, config: ImportConfig, name: str, job: int, control: StopControl, *, in_slices: bool
    ) -> AsyncIterator[Lease]:
        """
        Hold the lease of the key of a job, and hand it back when the run is over, however it ended.

        If the key is in use, a job that is run `in_slices` does not wait here: the queue hands it
        out again when the key is free. Any other job waits for its turn in this process, and for
        the lease of another process until that would have run out. Raises `KeyInUse` for a job that
        does not get the key.
        """
        key = key_digest(config.required_api_key().get_secret_value())
        if in_slices:
            await anyio.to_thread.run_sync(self._note_key, job, key)
        lock = self._keys.setdefault(key, anyio.Lock())
        if in_slices and lock.locked():
            raise KeyInUse("another job with its API key is running in this process")
        async with lock:
            lease = await self._take(key, job, config.rate, control, in_slices=in_slices)
            if lease.taken_from is not None:
                self._tell(
                    Message(
                        "%(name)s: its API key was taken over from %(host)s, which has not "
                        "renewed it for %(seconds)s s",
                        name=name,
                        host=lease.taken_from,
                        seconds=LEASE_SECONDS,
                    ),
                    event="takeover",
                    job=name,
                )
            try:
                with self._renewer.renewing(lease):
                    yield lease
            finally:
                with anyio.CancelScope(shield=True):
                    await anyio.to_thread.run_sync(self._hand_back, lease)

    async def _take(
        self, key: str, job: int, rate: int, control: StopControl, *, in_slices: bool
    ) -> Lease:
        """Take a lease. Unless `in_slices`, wait for one whose owner may have died."""
        until = anyio.current_time() + _PATIENCE_SECONDS
        while True:
            try:
                return await anyio.to_thread.run_sync(partial(self._try, key, job, rate))
            except KeyInUse as error:
                if in_slices:
                    raise
                if anyio.current_time() >= until:
                    error.exit_code = OVERLAP_EXIT
                    raise
            with control.interruptible():
                await anyio.sleep(_ASKS_EVERY_SECONDS)
            if control.reason is not None:
                raise control.reason

    def _try(self, key: str, job: int, rate: int) -> Lease:
        with closing(connect_first(self._database)) as connection:
            return take(connection, key, owner=self.owner, job=job, rate=rate)

    def _note_key(self, job: int, key: str) -> None:
        with closing(connect_first(self._database)) as connection:
            orders.note_key(connection, job, key)

    def _hand_back(self, lease: Lease) -> None:
        """Hand a lease back, and let the next job with its key be run before this one is again."""
        with suppress(*AWAY), closing(connect(self._database)) as connection:
            hand_back(connection, lease)
            orders.step_back(connection, lease, _TURN_SECONDS)
