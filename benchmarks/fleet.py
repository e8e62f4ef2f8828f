"""
What journals in a database cost. It needs one that is empty:

    python -m benchmarks.fleet postgresql:///empty [--rows 1000000] [--tenants 1000]

First a list of which all rows were created is imported again: on a computer that has no copy of the
journal, and once more. Then as many tenants as stated add lines at 200 requests a minute each, from
one process, for some seconds: the time until they are durable, CPU, and commits.
"""

from __future__ import annotations

import argparse
import os
import secrets
import statistics
import sys
import tempfile
import time
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path

import anyio

from benchmarks.created_rows import write
from benchmarks.resuming import measure
from benchmarks.sending import KEY
from importer.fleet.database.connecting import Connection, connect
from importer.fleet.database.migrating import migrate
from importer.fleet.journal import blocks
from importer.fleet.journal.appender import Appender
from importer.fleet.leases.lease import Lease, LeaseRenewer, key_digest, new_owner, take

NOBODY = "http://127.0.0.1:9"
GAP = 0.3
SECONDS = 20
JOB = f"""\
object = "contact"
[fields]
first_name = "first_name"
last_name = "last_name"
email = "email"
[job]
sources = "people.csv"
results = "elsewhere.results.jsonl"
base_url = "{NOBODY}"
api_key = {{ env = "VOREL_API_KEY" }}
"""
COPY = "COPY vorel_fleet.block (job, first_line, line_count, lines, head, sent) FROM STDIN"
PAIR = [
    b'{"kind":"row","status":"created","padding":"%s"}\n' % (b"x" * 440),
    b'{"kind":"sent","padding":"%s"}\n' % (b"x" * 300),
]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("database")
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--tenants", type=int, default=1000)
    asked = arguments.parse_args()
    with closing(connect(asked.database)) as connection:
        migrate(connection)
        with tempfile.TemporaryDirectory() as folder:
            rerun(connection, asked.database, Path(folder), asked.rows)
        many(connection, asked.database, asked.tenants)


def rerun(connection: Connection, url: str, folder: Path, rows: int) -> None:
    """Import a list again of which all rows were created, two lines a block."""
    _, results = write(folder, rows, NOBODY)
    (folder / "people.toml").write_text(JOB)
    job, head = blocks.add_job(connection, "people"), blocks.EMPTY
    with results.open("rb") as lines, connection.cursor().copy(COPY) as copy:
        while pair := [*islice(lines, 2)]:
            block = head.followed_by(pair)
            head = block.head
            place = (job, block.first_line, block.line_count)
            copy.write_row((*place, block.lines, block.digest, block.sent))
    connection.execute("ANALYZE vorel_fleet.block")
    query = "SELECT pg_total_relation_size('vorel_fleet.block') / 1e6"
    (size,) = connection.execute(query).fetchone() or (0,)
    print(f"{rows:,} rows: {results.stat().st_size / 1e6:.0f} MB of lines, {size:.0f} MB in tables")
    results.unlink()
    connection.execute(
        "INSERT INTO vorel_fleet.lease VALUES (%s, '', 0, clock_timestamp(), 0, '{}')",
        (key_digest(KEY),),
    )
    os.environ["VOREL_FLEET_DATABASE"] = url
    command = [sys.executable, "-m", "importer", "fleet", "run", "people.toml", "--json"]
    program = Path(__file__).parents[1]
    for name in ("at first", "with a copy"):
        found = measure(command, folder, program)
        print(f"  {name}: {found.seconds:.1f} s, CPU {found.cpu:.1f} s, {found.megabytes:.0f} MB")


def many(connection: Connection, url: str, tenants: int) -> None:
    """Let many tenants add the lines of their requests from one process."""
    leases = [_lease(connection, number) for number in range(tenants)]
    began, cpu, commits = time.perf_counter(), time.process_time(), _commits(connection)
    took: list[float] = []
    with Appender(url) as appender, LeaseRenewer(url) as renewer:
        for lease in leases:
            renewer.renewing(lease).__enter__()
        anyio.run(partial(_append_all, appender, leases, took))
    seconds = time.perf_counter() - began
    cpu, commits = time.process_time() - cpu, _commits(connection) - commits
    took.sort()
    print(
        f"{tenants:,} tenants: {len(took) / seconds:,.0f} blocks a second of "
        f"{tenants / GAP:,.0f} wanted, CPU {cpu / len(took) * 1000:.2f} ms a block, "
        f"{commits / seconds:,.0f} commits a second, durable after "
        f"{statistics.median(took) * 1000:.0f} ms (p99 {took[len(took) * 99 // 100] * 1000:.0f} ms)"
    )


def _lease(connection: Connection, number: int) -> Lease:
    job = blocks.add_job(connection, f"tenant {number}")
    key = key_digest(secrets.token_hex(8))
    return take(connection, key, owner=new_owner(), job=job, rate=200)


def _commits(connection: Connection) -> int:
    query = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"
    row = connection.execute(query).fetchone()
    return int(str(row[0])) if row else 0


async def _append_all(appender: Appender, leases: list[Lease], took: list[float]) -> None:
    async with anyio.create_task_group() as tasks:
        for number, lease in enumerate(leases):
            tasks.start_soon(_append, appender, lease, number * GAP / len(leases), took)


async def _append(appender: Appender, lease: Lease, first: float, took: list[float]) -> None:
    head, at = blocks.EMPTY, anyio.current_time() + first
    end = at + SECONDS
    while at < end:
        await anyio.sleep_until(at)
        block = head.followed_by(PAIR)
        began = time.perf_counter()
        await appender.append(lease, block)
        took.append(time.perf_counter() - began)
        head, at = block.head, max(at + GAP, anyio.current_time() - GAP)


if __name__ == "__main__":
    main()
