"""Shows what the jobs of a process are doing: to other threads, and in the database."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass

import psycopg

from importer.core.errors import ConfigError
from importer.fleet.database.connecting import connect
from importer.fleet.leases.lease import Lease
from importer.fleet.periodic import Periodic
from importer.jobs.monitoring.figures import Figures, Meter

_EVERY_SECONDS = 10.0
# One statement for all jobs of a process: at 1,000 jobs 100 rows a second.
_NOTE = """
INSERT INTO vorel_fleet.progress (job, owner, epoch, figures)
SELECT * FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::jsonb[])
ON CONFLICT (job) DO UPDATE
SET owner = excluded.owner, epoch = excluded.epoch, figures = excluded.figures, at = excluded.at
"""


@dataclass(frozen=True, slots=True)
class _Shown:
    lease: Lease
    meter: Meter


class JobMeters(Periodic):
    """
    Knows the figures of all jobs that run in this process. Use it in `with`.

    They are noted in the database every ten seconds, for `fleet status`. If that is not possible,
    nothing else is affected.
    """

    def __init__(self, url: str, *, every: float = _EVERY_SECONDS) -> None:
        super().__init__("vorel-progress", every)
        self._url = url
        self._shown: dict[str, _Shown] = {}
        self._left: list[_Shown] = []
        self._lock = threading.Lock()

    @contextmanager
    def shown(self, job: str, lease: Lease, rate: int) -> Iterator[Meter]:
        """Show a job with its rate as long as the context lasts. Yields what counts for it."""
        one = _Shown(lease, Meter(rate=rate))
        with self._lock:
            self._shown[job] = one
        try:
            yield one.meter
        finally:
            with self._lock:
                self._left.append(self._shown.pop(job))

    def figures(self) -> Mapping[str, Figures]:
        """Return the figures of each job that is running."""
        return {job: one.meter.figures() for job, one in self._now().items()}

    def _now(self) -> dict[str, _Shown]:
        with self._lock:
            return {job: self._shown[job] for job in sorted(self._shown)}

    def _act(self) -> None:
        """Note the figures of all jobs, and the last ones of those that have ended since."""
        with self._lock:
            left, self._left = self._left, []
        of_jobs = {one.lease.job: one for one in (*left, *self._now().values())}
        with suppress(psycopg.Error, ConfigError):
            self._note([*of_jobs.values()])

    def _note(self, shown: list[_Shown]) -> None:
        if not shown:
            return
        # Everybody locks rows in the same order.
        shown.sort(key=lambda one: one.lease.job)
        leases = [one.lease for one in shown]
        values = (
            [lease.job for lease in leases],
            [lease.owner for lease in leases],
            [lease.epoch for lease in leases],
            [json.dumps(one.meter.figures().to_json()) for one in shown],
        )
        with closing(connect(self._url)) as connection:
            connection.execute(_NOTE, values)
