"""
How the database of a fleet grows whose jobs run each night. It needs one that is empty:

    python -m benchmarks.fleet_growth postgresql:///empty [--tenants 20] [--nights 30] [--rows 1000]

Each tenant has a list that is edited as in `benchmarks.growth`: one row in a hundred is another one
each night. All lists are imported each night, and then `fleet compact --all` makes journals smaller
that have grown; with `--no-compacts` nothing does. Two sizes are shown: that of all tables of the
fleet with their indexes, after a plain VACUUM, in which what is free counts; and that of the blocks
in them, from which the growth is computed. All journals are made smaller at the first and the last
of the nights, so that like is compared with like.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from contextlib import closing
from functools import partial
from pathlib import Path

import anyio

from benchmarks.growth import ENDED, MAPPING, People
from benchmarks.sending import canned_server
from importer.core.control import StopGroup
from importer.fleet.database.connecting import Connection, connect
from importer.fleet.database.migrating import migrate
from importer.fleet.journal.rewriting import journals, rewrite
from importer.fleet.leases.lease import key_digest
from importer.fleet.moving import add_to_fleet
from importer.fleet.work.running import Fleet, opened_fleet
from importer.jobs.job_file import JobFile, load_job
from importer.jobs.monitoring.monitor import RunMonitor
from importer.jobs.monitoring.monitoring_settings import MonitoringSettings
from importer.run.guards import preparation
from importer.writer.rewriting.compaction import compact

JOB = """
[job]
sources = "people.csv"
base_url = "{url}"
api_key = {{ file = "key" }}
rate = 100000
report = false
"""
SIZE = """
SELECT sum(pg_total_relation_size(oid))::bigint FROM pg_class
WHERE relnamespace = 'vorel_fleet'::regnamespace AND relkind = 'r'
"""
STORED = "SELECT sum(pg_column_size(block.*))::bigint FROM vorel_fleet.block"
SHOWN_EVERY = 10


class Tenant:
    """The list and the job of one tenant."""

    def __init__(
        self, folder: Path, number: int, rows: int, url: str, connection: Connection
    ) -> None:
        folder.mkdir()
        key = f"key-{number}"
        path = folder / f"tenant-{number}.toml"
        path.write_text(MAPPING + JOB.format(url=url), encoding="utf-8")
        (folder / "key").write_text(key, encoding="utf-8")
        self.people = People(folder / "people.csv", rows)
        self.job: JobFile = load_job(path)
        connection.execute(  # a key that was at rest: else its first minute would count as used
            "INSERT INTO vorel_fleet.lease VALUES (%s, '', 0, clock_timestamp(), 0, '{}')",
            (key_digest(key),),
        )

    async def run(self, fleet: Fleet) -> None:
        settings = MonitoringSettings()
        with RunMonitor(settings, job=self.job.name, tell=print) as watch:
            summary = await fleet.run(
                self.job,
                {},
                watch,
                StopGroup(),
            )
        assert summary.exit_code in ENDED, summary


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("database")
    arguments.add_argument("--tenants", type=int, default=20)
    arguments.add_argument("--nights", type=int, default=30)
    arguments.add_argument("--rows", type=int, default=1000)
    arguments.add_argument("--compacts", action=argparse.BooleanOptionalAction, default=True)
    asked = arguments.parse_args()
    preparation.STILL_SECONDS = 0.0  # nobody writes to the lists
    with (
        tempfile.TemporaryDirectory() as name,
        canned_server() as url,
        closing(connect(asked.database)) as connection,
    ):
        migrate(connection)
        tenants = [
            Tenant(Path(name) / str(number), number, asked.rows, url, connection)
            for number in range(asked.tenants)
        ]
        for one in tenants:
            add_to_fleet(asked.database, one.job)
        with opened_fleet(asked.database, Path(name) / "work") as fleet:
            run_all = partial(
                _night, fleet, tenants, asked.database, connection, compacts=asked.compacts
            )
            sizes = [run_all(every=True)]
            _show(0, sizes, len(tenants))
            for night in range(1, asked.nights + 1):
                for one in tenants:
                    one.people.edit()
                sizes.append(run_all(every=night == asked.nights))
                if night % SHOWN_EVERY == 0 or night == asked.nights:
                    _show(night, sizes, len(tenants))


def _night(
    fleet: Fleet,
    tenants: list[Tenant],
    database: str,
    connection: Connection,
    *,
    compacts: bool,
    every: bool = False,
) -> tuple[int, int]:
    for one in tenants:
        anyio.run(partial(one.run, fleet))
    if compacts:
        for journal in journals(database, None):
            if every or journal.may_pay:
                rewrite(database, journal.job, compact)
    connection.execute("VACUUM")
    size, stored = (connection.execute(query).fetchone() for query in (SIZE, STORED))
    assert size is not None
    assert stored is not None
    return int(str(size[0])), int(str(stored[0]))


def _show(night: int, sizes: list[tuple[int, int]], tenants: int) -> None:
    size, stored = sizes[-1]
    text = f"night {night:3}: {size / tenants / 1000:7.0f} KB a tenant in tables"
    text += f", {stored / tenants / 1000:6.0f} KB in blocks"
    if night:
        growth = (stored - sizes[0][1]) / night / tenants
        text += (
            f", {growth / 1000:5.2f} KB more a night: 1,000 tenants grow by "
            f"{growth * 365 * 1000 / 1e9:.2f} GB a year"
        )
    print(text, time.strftime("%H:%M:%S"), flush=True)


if __name__ == "__main__":
    main()
