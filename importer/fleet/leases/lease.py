"""Leases of API keys: who may send with a key, and what it has sent in the last minute."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg

from importer.core.clock import NANOSECONDS
from importer.core.errors import JournalError, ResultsInUse
from importer.fleet.database.connecting import AWAY, Connection, connect
from importer.fleet.periodic import Periodic

LEASE_SECONDS = 20
_MARGIN_SECONDS = 5
"""A request that leaves at the last moment is counted by the service so much later at most."""
_COUNTED_SECONDS = 7
"""A request leaves at most 2 s after its line was added, and is counted at most 5 s later."""
_WINDOW_SECONDS = 60
KEPT_SECONDS = _WINDOW_SECONDS + _COUNTED_SECONDS
"""For so long what was sent counts for whoever takes a key next."""
_BLOCKS_SEEN = 4096

JOURNAL_LOCK = "hashtextextended('vorel_fleet.journal', %s::bigint)"
"""The lock on the journal of a job, as SQL: whoever replaces its lines holds it alone."""
_NOT_REPLACED = f"SELECT pg_advisory_xact_lock_shared({JOURNAL_LOCK})"
_LOCK = """
SELECT epoch, expires_at <= vorel_fleet.clock(),
       extract(epoch FROM expires_at - vorel_fleet.clock())::float8, owner, job,
    is_handed_back
FROM vorel_fleet.lease WHERE key = %s FOR UPDATE
"""
_FIRST = """
INSERT INTO vorel_fleet.lease (key, owner, epoch, expires_at, job, sends)
VALUES (%s, '', 0, vorel_fleet.clock(), 0, array_fill(vorel_fleet.clock(), ARRAY[%s::integer]))
ON CONFLICT DO NOTHING
"""
# The lines of the owner before say when its requests left: it may have died without another word.
# If its latest blocks do not reach back far enough, the whole minute counts as used.
_TAKE = """
WITH latest AS (
    SELECT at, sent FROM vorel_fleet.block WHERE job = %(before)s
    ORDER BY first_line DESC LIMIT %(seen)s::bigint
), sends AS (
    SELECT unnest(lease.sends) AS at FROM vorel_fleet.lease WHERE key = %(key)s
    UNION ALL
    SELECT at FROM latest, generate_series(1, sent)
    UNION ALL
    SELECT vorel_fleet.clock() FROM generate_series(1, %(rate)s::integer)
    WHERE (
        SELECT count(*) = %(seen)s::bigint
            AND min(at) > vorel_fleet.clock() - %(kept)s::interval
        FROM latest
    )
)
UPDATE vorel_fleet.lease SET
    owner = %(owner)s, epoch = epoch + 1, job = %(job)s,
    takeovers = takeovers + (NOT is_handed_back)::integer, is_handed_back = false,
    expires_at = vorel_fleet.clock() + %(ttl)s::interval,
    sends = ARRAY(
        SELECT at FROM sends WHERE at > vorel_fleet.clock() - %(kept)s::interval ORDER BY at
    )
WHERE key = %(key)s
RETURNING epoch, ARRAY(
    SELECT extract(epoch FROM vorel_fleet.clock() - at)::float8 FROM unnest(sends) AS at
)
"""
# Locked in the order in which whoever adds lines of several jobs locks them.
_RENEW_ALL = """
WITH held AS (
    SELECT lease.key FROM vorel_fleet.lease
    JOIN unnest(%(keys)s::text[], %(owners)s::text[], %(epochs)s::bigint[])
        AS mine (key, owner, epoch) USING (key, owner, epoch)
    ORDER BY lease.key COLLATE "C" FOR NO KEY UPDATE OF lease
)
UPDATE vorel_fleet.lease SET expires_at = vorel_fleet.clock() + %(ttl)s::interval
FROM held WHERE lease.key = held.key RETURNING lease.key, lease.epoch
"""
_HAND_BACK = """
UPDATE vorel_fleet.lease SET expires_at = vorel_fleet.clock(), is_handed_back = true
WHERE key = %s AND owner = %s AND epoch = %s
"""


class KeyInUse(ResultsInUse):
    """Raised for a key whose lease another job has."""


@dataclass(slots=True, eq=False)
class Lease:
    """
    The right of `owner` to send with a key, until somebody else takes it, which raises the epoch.

    `valid_until` is an instant of this computer's monotonic clock: until then nobody else can
    have taken it. `sends` are the instants by which requests of owners before are counted.
    `taken_from` is the process that had the key and did not renew it, if it was not handed back.
    """

    key: str
    owner: str
    epoch: int
    job: int
    valid_until: int
    sends: tuple[int, ...] = ()
    taken_from: str | None = None
    clock: Callable[[], int] = field(default=time.monotonic_ns)

    def is_valid(self) -> bool:
        """Return whether nobody else can have the key now."""
        return self.clock() < self.valid_until


def key_digest(api_key: str) -> str:
    """
    Return what stands for a key in the database; it does not reveal the key.

    The address of the service is not in it: however it is spelt, a key has one lease.
    """
    return hashlib.sha256(f"vorel-lease\n{api_key}".encode()).hexdigest()


def new_owner() -> str:
    """Return a name for this process that no other one has, now or later."""
    return f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(8)}"


def take(
    connection: Connection,
    key: str,
    *,
    owner: str,
    job: int,
    rate: int,
    clock: Callable[[], int] = time.monotonic_ns,
) -> Lease:
    """
    Take the lease of a key that is free, or whose owner has not renewed it in time.

    `rate` is that of the key. If it is not on record what was sent in the last minute, all of it
    counts as used. Raises `KeyInUse` if another owner has the lease.
    """
    with connection.transaction():
        connection.execute(_NOT_REPLACED, (job,))
        connection.execute(_FIRST, (key, rate))
        found = connection.execute(_LOCK, (key,), binary=True).fetchone()
        assert found is not None  # noqa: S101 - it was inserted if it was not there
        _, is_free, left, holder, before, is_handed_back = found
        if not is_free:
            host = str(holder).rpartition("/")[0]
            raise KeyInUse(
                "the API key is in use by %(host)s for another %(seconds)s s",
                host=host,
                seconds=f"{max(0.0, float(str(left))):.0f}",
                hint="Wait until it ends: two runs with one key would exceed its rate.",
            )
        asked_at = clock()
        row = connection.execute(
            _TAKE,
            {
                "key": key,
                "owner": owner,
                "job": job,
                "before": before,
                "seen": _BLOCKS_SEEN,
                "rate": rate,
                "kept": _interval(KEPT_SECONDS),
                "ttl": _interval(LEASE_SECONDS),
            },
        ).fetchone()
    assert row is not None  # noqa: S101 - its row is locked
    epoch, ages = row
    now = clock()
    assert isinstance(epoch, int) and isinstance(ages, list)  # noqa: S101, PT018
    return Lease(
        key=key,
        owner=owner,
        epoch=epoch,
        job=job,
        valid_until=_valid_until(asked_at),
        taken_from=None if is_handed_back else str(holder).rpartition("/")[0],
        sends=tuple(now + int((_COUNTED_SECONDS - age) * NANOSECONDS) for age in ages),
        clock=clock,
    )


def _interval(seconds: int) -> str:
    return f"{seconds} seconds"


def _valid_until(asked_at: int) -> int:
    return asked_at + (LEASE_SECONDS - _MARGIN_SECONDS) * NANOSECONDS


def renew(connection: Connection, lease: Lease) -> None:
    """
    Renew a lease, even if it has expired: nobody has taken it as long as its epoch is the same.

    Raises `JournalError` if somebody has.
    """
    renew_all(connection, [lease])
    if not lease.valid_until:
        raise lease_lost()


def renew_all(connection: Connection, leases: Sequence[Lease]) -> None:
    """
    Renew leases like `renew`, all in one transaction, but raise nothing.

    The `valid_until` of one that somebody has taken is 0: its owner learns it with its next line.
    """
    clocks = [lease.clock() for lease in leases]
    found = connection.execute(
        _RENEW_ALL,
        {
            "keys": [lease.key for lease in leases],
            "owners": [lease.owner for lease in leases],
            "epochs": [lease.epoch for lease in leases],
            "ttl": _interval(LEASE_SECONDS),
        },
    ).fetchall()
    renewed = set(found)
    for lease, asked_at in zip(leases, clocks, strict=True):
        if (lease.key, lease.epoch) in renewed:
            lease.valid_until = max(lease.valid_until, _valid_until(asked_at))
        else:
            lease.valid_until = 0


def hand_back(connection: Connection, lease: Lease) -> None:
    """Let others take the lease at once. No request may be in flight."""
    lease.valid_until = 0
    connection.execute(_HAND_BACK, (lease.key, lease.owner, lease.epoch))


def lease_lost() -> JournalError:
    """Return the error of an owner whose lease somebody else has taken."""
    return JournalError(
        "another process has taken over the API key of this run",
        hint="It continues the import. Nothing more was sent here.",
    )


_EVERY_SECONDS = LEASE_SECONDS / 4
# One statement for each of 500 leases took too long while the event loop of the process was busy:
# some had expired before their turn came.
_AT_ONCE = 100


class LeaseRenewer(Periodic):
    """
    Renews leases every 5 s as long as they are held. Use it in `with`.

    If the database is away, it tries again. A lease that somebody else has taken is not renewed:
    its owner learns of it from the next line that it adds.
    """

    def __init__(self, url: str, *, every: float = _EVERY_SECONDS) -> None:
        super().__init__("vorel-lease", every)
        self._url = url
        self._leases: set[Lease] = set()
        self._lock = threading.Lock()
        self._connection: Connection | None = None

    @contextmanager
    def renewing(self, lease: Lease) -> Iterator[None]:
        """Renew a lease as long as the context lasts."""
        with self._lock:
            self._leases.add(lease)
        try:
            yield
        finally:
            with self._lock:
                self._leases.remove(lease)

    def _act(self) -> None:
        with self._lock:
            leases = sorted(self._leases, key=lambda lease: lease.key)
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
            over = [lease for lease in leases if lease not in self._leases]
        for lease in over:  # handed back meanwhile, and renewed after that: nobody could take it
            hand_back(self._connection, lease)

    def _end(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(psycopg.Error):
                connection.close()
