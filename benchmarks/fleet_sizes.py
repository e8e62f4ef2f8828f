"""
What many tenants at 200 requests a minute each cost, with workers as they are run for real.

    python -m benchmarks.fleet_sizes postgresql:///empty --tenants 50 --tenants 1000

For each number of tenants it starts workers on this computer (`--workers`), gives each tenant a key
and a list, and a server answers every request as soon as it comes (`--latency`). After a key's
first minute, which counts as used, it measures for `--seconds`: requests of each tenant, and
processor time, memory, open files and connections of the workers, of PostgreSQL and of the server
that answers. At the end the workers are told to stop, and the requests that the server has counted
are compared with those on record. The database has to be empty, and on this computer if its
processor time is to be seen.
Processor time a request means something on a busy computer too; the share of the pace does not.
"""

from __future__ import annotations

import argparse
import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.counting_server import RATE, CountingServer, counting_server
from benchmarks.processes import cpu, cpu_of_database, entries, megabytes
from importer.fleet.database.connecting import Connection, connect
from importer.fleet.database.migrating import migrate

PROGRAM = Path(__file__).parents[1]
JOB = """\
object = "contact"
[fields]
first_name = "First Name"
last_name = "Last Name"
email = "E-mail"
phone = {{ column = "Phone", type = "phone", region = "AE" }}
company = "Company"
"attributes.city" = "City"
[job]
sources = ["../people.csv"]
api_key = {{ file = "{name}.key" }}
base_url = "{url}"
"""
SETTLING = 15.0
"""Seconds after the first requests of all keys: then all connections there will be are open."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was counted until an instant: processor time in seconds, requests by key, the log."""

    at: float
    requests: Mapping[str, int]
    workers: float
    server: float
    database: float
    commits: int
    wal: int
    sent: int

    @property
    def total(self) -> int:
        return sum(self.requests.values())


@dataclass(slots=True)
class Peaks:
    """The most that was seen at any time."""

    connections: int = 0
    files: int = 0
    threads: int = 0
    slowest_status: float = 0.0
    memory: list[float] = field(default_factory=list)


class Fleet:
    """The processes that work for some number of tenants, and what they have used."""

    def __init__(
        self, folder: Path, database: str, connection: Connection, server: CountingServer
    ) -> None:
        self._folder = folder
        self._connection = connection
        self._server = server
        state = str(folder / "state")
        given = {"VOREL_FLEET_DATABASE": database, "XDG_STATE_HOME": state}
        self._environment = {**os.environ, **given, "PYTHONPATH": str(PROGRAM)}
        self.workers: list[subprocess.Popen[bytes]] = []

    def call(self, *words: str) -> float:
        """Run a command of the fleet. Returns its seconds."""
        began = time.perf_counter()
        command = [sys.executable, "-m", "importer", "fleet", *words]
        subprocess.run(
            command, cwd=self._folder, env=self._environment, check=True, stdout=subprocess.DEVNULL
        )
        return time.perf_counter() - began

    def start(self, workers: int, at_once: int) -> None:
        for number in range(workers):
            words = ("worker", "jobs", "--at-once", str(at_once), "--work", f"copies{number}")
            with (self._folder / f"worker{number}.log").open("wb") as log:
                self.workers.append(
                    subprocess.Popen(
                        [sys.executable, "-m", "importer", "fleet", *words],
                        cwd=self._folder,
                        env=self._environment,
                        stderr=log,
                    )
                )

    def seen(self) -> Seen:
        commits, wal, sent, pid = self._row(
            "SELECT (SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()),"
            " pg_current_wal_lsn() - '0/0', (SELECT coalesce(sum(sent), 0) FROM vorel_fleet.block),"
            " pg_backend_pid()"
        )
        return Seen(
            at=time.monotonic(),
            requests=self._server.audit().counts,
            workers=sum(cpu(one.pid) for one in self.workers),
            server=cpu(self._server.pid),
            database=cpu_of_database(pid),
            commits=commits,
            wal=wal,
            sent=sent,
        )

    def look(self, peaks: Peaks) -> None:
        query = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'vorel%'"
        peaks.connections = max(peaks.connections, self._row(query)[0] - 1)
        pids = [one.pid for one in self.workers]
        peaks.files = max([peaks.files, *(entries(pid, "fd") for pid in pids)])
        peaks.threads = max([peaks.threads, *(entries(pid, "task") for pid in pids)])
        peaks.memory.append(sum(megabytes(pid) for pid in pids))

    def takeovers(self) -> int:
        """Return how often a lease was taken that somebody had before."""
        return self._row("SELECT coalesce(sum(epoch - 1), 0) FROM vorel_fleet.lease")[0]

    def stop(self) -> tuple[float, list[int], str]:
        """Tell all workers to end. Returns the seconds, their exit codes, and what they said."""
        began = time.perf_counter()
        for one in self.workers:
            one.send_signal(signal.SIGTERM)
        codes = [one.wait(300) for one in self.workers]
        said = "".join(
            (self._folder / f"worker{number}.log").read_text() for number in range(len(codes))
        )
        return time.perf_counter() - began, codes, said

    def kill(self) -> None:
        for one in self.workers:
            one.kill()
            one.wait()

    def sizes(self) -> tuple[int, int, int, int]:
        """Return blocks, lines, lines of rows, and bytes of the journals with their index."""
        self._connection.execute("VACUUM ANALYZE vorel_fleet.block")
        blocks, lines, sent, size = self._row(
            "SELECT count(*), coalesce(sum(line_count), 0), coalesce(sum(sent), 0),"
            " pg_total_relation_size('vorel_fleet.block') FROM vorel_fleet.block"
        )
        return blocks, lines, sent, size

    def _row(self, query: str) -> list[int]:
        row = self._connection.execute(query.encode()).fetchone()
        return [int(str(one)) for one in row or ()]


@contextmanager
def fleet(asked: argparse.Namespace, tenants: int) -> Iterator[tuple[Fleet, CountingServer]]:
    """Add jobs of that many tenants to the database, emptied before."""
    with (
        tempfile.TemporaryDirectory(dir=asked.folder) as name,
        closing(connect(asked.database)) as connection,
        counting_server(asked.latency) as server,
    ):
        connection.execute("DROP SCHEMA IF EXISTS vorel_fleet CASCADE")
        migrate(connection)
        folder = Path(name)
        _write(folder, server.url, tenants, asked.rows)
        running = Fleet(folder, asked.database, connection, server)
        print(f"  adding the jobs took {running.call('add', 'jobs'):.1f} s", flush=True)
        try:
            yield running, server
        finally:
            running.kill()


def _write(folder: Path, url: str, tenants: int, rows: int) -> None:
    with (folder / "people.csv").open("w") as people:
        people.write("First Name,Last Name,E-mail,Phone,Company,City\n")
        people.writelines(
            f"Person {n},Al Mansouri,person.{n}@example.com,+97150{n:07d},Example Ltd,Dubai\n"
            for n in range(rows)
        )
    jobs = folder / "jobs"
    jobs.mkdir()
    for number in range(tenants):
        name = f"tenant{number:04d}"
        (jobs / f"{name}.toml").write_text(JOB.format(name=name, url=url))
        (jobs / f"{name}.key").write_text(f"vapk_test_{number:048x}")


def measure(asked: argparse.Namespace, tenants: int) -> None:
    """Run workers for some tenants, and print what was seen."""
    workers = min(asked.workers, tenants)
    print(f"{tenants:,} tenants, {workers} workers, {time.strftime('%H:%M:%S')}:", flush=True)
    with fleet(asked, tenants) as (running, server):
        before = running.seen()
        running.start(workers, -(-tenants // workers))
        _until_begun(running, server, tenants, before, asked.warm_up)
        _report(running, server, tenants, asked.seconds)


def _until_begun(
    running: Fleet, server: CountingServer, tenants: int, before: Seen, longest: float
) -> None:
    """Wait until each key has sent, or for so many seconds: with too many, some wait for others."""
    began = time.monotonic()
    idle, is_quiet = before, True
    while len(server.audit().counts) < tenants and time.monotonic() - began < longest:
        time.sleep(1)
        if is_quiet:
            now = running.seen()
            is_quiet = not now.total
            idle = now if is_quiet else idle
    first = time.monotonic() - began
    cost = (idle.workers - before.workers) / tenants * 1000
    in_database = (idle.database - before.database) / tenants * 1000
    count = len(server.audit().counts)
    print(
        f"  {count:,} have sent after {first:.0f} s; until the first request: "
        f"{cost:.0f} ms of processor time a job, {in_database:.0f} ms in the database",
        flush=True,
    )
    time.sleep(SETTLING)


def _report(running: Fleet, server: CountingServer, tenants: int, seconds: float) -> None:
    peaks, lost = Peaks(), running.takeovers()
    began = running.seen()
    while time.monotonic() - began.at < seconds:
        time.sleep(min(10.0, seconds))
        running.look(peaks)
    ended = running.seen()
    _say_pace(began, ended, tenants)
    _say_costs(began, ended)
    lost = running.takeovers() - lost
    peaks.slowest_status = running.call("status")
    print(
        f"  workers: {peaks.memory[-1]:,.0f} MB, at most {peaks.files:,} open files and "
        f"{peaks.threads} threads in one; {peaks.connections} connections to the database; "
        f"`fleet status` takes {peaks.slowest_status:.1f} s"
    )
    took, codes, said = running.stop()
    audit = server.audit(whole=True)
    blocks, lines, sent, size = running.sizes()
    print(
        f"  SIGTERM: ended after {took:.1f} s, exit codes {codes}; {lost} leases changed hands; "
        f"{audit.twice} requests with a key seen before, at most {audit.busiest} by a key in 60 s"
    )
    total = sum(audit.counts.values())
    print(
        f"  {total:,} requests: {sent / total:.3f} lines `sent` each, {lines / blocks:.2f} lines a "
        f"block; a million rows take {size / total:,.0f} MB",
        flush=True,
    )
    for text in [one for one in said.splitlines() if one][:5]:
        print(f"    a worker said: {text}")


def _say_pace(began: Seen, ended: Seen, tenants: int) -> None:
    minutes = (ended.at - began.at) / 60
    paces = sorted(
        (count - began.requests.get(name, 0)) / minutes for name, count in ended.requests.items()
    )
    paces = [0.0] * (tenants - len(paces)) + paces
    each, worst = statistics.median(paces), paces[len(paces) // 100]
    print(
        f"  {(ended.total - began.total) / minutes / 60:,.0f} requests a second; a minute of a "
        f"tenant: median {each:.0f} ({each / RATE:.0%}), worst 1 % {worst:.0f}, least "
        f"{paces[0]:.0f}, most {paces[-1]:.0f}",
        flush=True,
    )


def _say_costs(began: Seen, ended: Seen) -> None:
    requests, seconds = max(1, ended.total - began.total), ended.at - began.at
    names = ("workers", "database", "server")
    used = {name: getattr(ended, name) - getattr(began, name) for name in names}
    each = ", ".join(f"{name} {spent / requests * 1000:.3f} ms" for name, spent in used.items())
    cores = ", ".join(f"{name} {spent / seconds:.2f}" for name, spent in used.items())
    print(f"  processor time a request: {each}; cores: {cores}")
    print(
        f"  {(ended.commits - began.commits) / seconds:,.0f} commits a second, "
        f"{(ended.wal - began.wal) / requests:,.0f} bytes of WAL a request, "
        f"{(ended.sent - began.sent) / requests:.3f} lines `sent` a request",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database")
    parser.add_argument("--tenants", type=int, action="append")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--warm-up", type=float, default=150, help="longest wait until all send")
    parser.add_argument("--rows", type=int, default=2000, help="of each list")
    parser.add_argument("--latency", type=float, default=0.1, help="seconds until an answer")
    parser.add_argument("--folder", type=Path, help="where job files and copies lie")
    asked = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    for tenants in asked.tenants or (50, 200, 500, 1000):
        measure(asked, tenants)


if __name__ == "__main__":
    main()
