"""Renews the leases of a process, in a thread that no event loop can hold up."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from importer.fleet.database.connecting import AWAY, Connection, connect
from importer.fleet.leases.lease import LEASE_SECONDS, Lease, hand_back, renew_all
from importer.fleet.periodic import Periodic

__all__ = ["Keeper"]

_EVERY_SECONDS = LEASE_SECONDS / 4
# One statement for each of 500 leases took too long while the event loop of the process was busy:
# some had expired before their turn came.
_AT_ONCE = 100


class Keeper(Periodic):
    """
    Renews leases every 5 s as long as they are held. Use it in `with`.

    If the database is away, it tries again. A lease that somebody else has taken is not renewed:
    its owner learns of it from the next line that it adds.
    """

    def __init__(self, url: str, *, every: float = _EVERY_SECONDS) -> None:
        super().__init__("vorel-lease", every)
        self._url = url
        self._leases: dict[str, Lease] = {}
        self._lock = threading.Lock()
        self._connection: Connection | None = None

    @contextmanager
    def kept(self, lease: Lease) -> Iterator[None]:
        """Renew a lease as long as the context lasts."""
        with self._lock:
            self._leases[lease.key] = lease
        try:
            yield
        finally:
            with self._lock:
                del self._leases[lease.key]

    def _act(self) -> None:
        with self._lock:
            leases = [self._leases[key] for key in sorted(self._leases)]
        if leases:
            with contextlib.suppress(*AWAY, psycopg.Error):
                self._renew(leases)
                return
        self._end()

    def _renew(self, leases: list[Lease]) -> None:
        if self._connection is None:
            self._connection = connect(self._url)
        for first in range(0, len(leases), _AT_ONCE):
            renew_all(self._connection, leases[first : first + _AT_ONCE])
        with self._lock:
            over = [lease for lease in leases if self._leases.get(lease.key) is not lease]
        for lease in over:  # handed back meanwhile, and renewed after that: nobody could take it
            hand_back(self._connection, lease)

    def _end(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(psycopg.Error):
                connection.close()
