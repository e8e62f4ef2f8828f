"""The figures of a fleet for Prometheus, as the database has them."""

from __future__ import annotations

from collections import Counter

from importer.core.errors import ConfigError
from importer.fleet.reporting.facts import trouble_of
from importer.fleet.showing.overview import FleetState, job_states, takeovers
from importer.jobs.monitoring.metrics import Samples

__all__ = ["figures_of_fleet"]


def figures_of_fleet(database: str) -> Samples:
    """
    Return the figures of all jobs of a fleet: how many wait, and when each succeeded last.

    They outlive a worker. While the database is away, only that is in them.
    """
    try:
        jobs = job_states(database, ())
        whole = FleetState.of(jobs, takeovers(database))
    except ConfigError:
        return {"database_up": [({}, 0)]}
    states = Counter(job.state for job in jobs)
    return {
        "database_up": [({}, 1)],
        "fleet_jobs": [({"state": state}, count) for state, count in sorted(states.items())],
        "fleet_in_trouble": [({"job": job.name}, 1) for job in jobs if trouble_of(job) is not None],
        "fleet_waiting": [({}, whole.waiting)],
        "fleet_oldest_wait_seconds": [({}, round(whole.oldest_wait, 3))],
        "fleet_takeovers": [({}, whole.takeovers)],
        "last_success_timestamp_seconds": [
            ({"job": job.name}, round(job.last_success.timestamp(), 3))
            for job in jobs
            if job.last_success is not None
        ],
    }
