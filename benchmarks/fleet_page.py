"""
How quick the page of a fleet is. It needs a database that is empty:

    python -m benchmarks.fleet_page postgresql:///empty [--jobs 5000]

Four of five jobs are running, with twenty causes each; the others have ended, and some of them
cannot be run. The page is asked as quickly as it answers, while it asks the database every five
seconds: size, median and slowest answer. Then without the database: processor time a page, with
that of the client.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from contextlib import closing

import httpx

from importer.fleet.database.connecting import Connection, connect
from importer.fleet.database.migrating import migrate
from importer.fleet.page.pages import serving_fleet
from importer.fleet.showing.overview import job_states

SECONDS = 25
ROUNDS = 100
PATHS = (
    "/",
    "/?q=agency&from=2500",
    "/?state=running&from=3900",
    "/?state=faulty",
    "/?q=nobody",
    "/job?name=tenant-of-the-agency-00017",
)
FIGURES = {
    "rows": 50_000,
    "before": 300,
    "counts": {"created": 12_000, "failed": 14, "invalid": 3},
    "requests": 101,
    "pace": 198.0,
    "causes": {f"validation_error (custom_field_{n})": 100 - n for n in range(20)},
}
LINES = b'{"kind":"sent","row":1}\n{"kind":"row","row":1,"status":"created"}\n'
END = b'{"kind":"end","run":"r","before":300,"counts":{"created":95},"unsent":0,"exit_code":1}\n'
FILL = (
    (
        "INSERT INTO vorel_fleet.job (name) "
        "SELECT 'tenant-of-the-agency-' || to_char(n, 'FM00000') "
        "FROM generate_series(1, %(jobs)s) n"
    ),
    (
        "INSERT INTO vorel_fleet.lease SELECT encode(sha256(id::text::bytea), 'hex'), "
        "'imports-' || id %% 9, 1, clock_timestamp() + interval '1 hour', id, '{}' "
        "FROM vorel_fleet.job WHERE id %% 5 <> 0"
    ),
    (
        "INSERT INTO vorel_fleet.progress "
        "SELECT id, 'imports-' || id %% 9, 1, %(figures)s FROM vorel_fleet.job"
    ),
    (
        "INSERT INTO vorel_fleet.block SELECT id, n * 2 + 1, 2, "
        "CASE WHEN n = 9 AND id %% 5 = 0 THEN %(end)s::bytea ELSE %(lines)s::bytea END, "
        "sha256('x'), 1 FROM vorel_fleet.job, generate_series(0, 9) n"
    ),
    (
        "INSERT INTO vorel_fleet.work (job, state, problem) "
        "SELECT id, CASE WHEN id %% 5 = 0 THEN 'ended' ELSE 'wanted' END, "
        "CASE WHEN id %% 50 = 0 THEN 'people.csv: no such file' END FROM vorel_fleet.job"
    ),
)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("database")
    arguments.add_argument("--jobs", type=int, default=5000)
    asked = arguments.parse_args()
    with closing(connect(asked.database)) as connection:
        migrate(connection)
        fill(connection, asked.jobs)
    began, cpu = time.perf_counter(), time.process_time()
    count = len(job_states(asked.database, ()))
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    print(f"asking for {count:,} jobs: {took:.2f} s, {cpu:.2f} s of processor time here")
    under_way(asked.database)
    alone(asked.database)


def fill(connection: Connection, jobs: int) -> None:
    """Make the jobs."""
    values = {"jobs": jobs, "figures": json.dumps(FIGURES), "end": END, "lines": LINES}
    with connection.transaction():
        for statement in FILL:
            connection.execute(statement.encode(), values)


def under_way(database: str) -> None:
    """Ask for pages while the database is asked as well."""
    took: dict[tuple[str, str], list[float]] = {}
    size: dict[tuple[str, str], int] = {}
    with (
        serving_fleet(lambda: job_states(database, ())) as page,
        httpx.Client(base_url=page.url, timeout=60) as client,
    ):
        client.get(page.start)
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            for one in ((path, code) for path in PATHS for code in ("en", "ar")):
                began = time.perf_counter()
                answer = client.get(one[0], headers={"Accept-Language": one[1]})
                took.setdefault(one, []).append(time.perf_counter() - began)
                size[one] = len(answer.raise_for_status().content)
    for one, times in took.items():
        median, slowest = 1000 * statistics.median(times), 1000 * max(times)
        print(f"{one[0]} ({one[1]}): {size[one]:,} bytes, {median:.0f} ms, at most {slowest:.0f}")
    everything = sorted(1000 * one for times in took.values() for one in times)
    share = everything[int(len(everything) * 0.99)]
    print(f"all {len(everything):,}: 99 % within {share:.0f} ms, at most {everything[-1]:.0f}")


def alone(database: str) -> None:
    """Ask for pages while the database is not asked."""
    with (
        serving_fleet(lambda: job_states(database, ()), every=3600) as page,
        httpx.Client(base_url=page.url, timeout=60) as client,
    ):
        client.get(page.start)
        client.get("/")
        for path, code in ((path, code) for path in PATHS for code in ("en", "ar")):
            began = time.process_time()
            for _ in range(ROUNDS):
                client.get(path, headers={"Accept-Language": code})
            cpu = 1000 * (time.process_time() - began) / ROUNDS
            print(f"{path} ({code}): {cpu:.1f} ms of processor time")


if __name__ == "__main__":
    main()
