"""
Runs workers of a fleet against a sandbox, and makes them fail; `make fleet-faults` runs it.

Workers are killed, told to end, and stopped for longer than a lease; connections are cut, the
database crashes, and jobs are stopped and resumed. At the end the sandbox's own records are
audited: nobody twice, nobody lost, and no key above its rate in any 60 s. How long it took until
another worker had the keys of one that had died is measured.
"""

from __future__ import annotations

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from postgres import NOT_HERE, Server, find_binaries, server

from commands.process import start, vorel_import
from importer.core.errors import ConfigError
from importer.fleet.database.connecting import Connection, connect
from importer.fleet.database.migrating import migrate, prepare_queue
from importer.fleet.work.orders import Change, change
from importer.sandbox import Sandbox, SandboxConfig, running

_JOB = """
object = "contact"

[fields]
first_name = "Name"
email = "Email"

[job]
sources = ["{name}.csv"]
api_key = {{ file = "{name}.key" }}
base_url = "{url}"
max_errors = "100%"
"""
_STOPPED_SECONDS = 27
_ORDERED_SECONDS = 4
_LATE_SECONDS = 30
_TICK_SECONDS = 0.25
_PROGRESS_EVERY = 50
_RATE = 200
_RATE_REFUSED = "rate_limited"
_KINDS = ("kill", "kill", "kill", "stop", "stop", "cut", "crash", "term", "order")
_LEASES = "SELECT key, epoch, expires_at > now() FROM vorel_fleet.lease"
_HELD = "SELECT key, epoch, job FROM vorel_fleet.lease WHERE owner LIKE %s AND expires_at > now()"


class Takeovers:
    """How long it takes until somebody else has the keys of a process that has died."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: Connection | None = None
        self._waiting: dict[str, tuple[int, int, float, list[str]]] = {}
        self.took: list[float] = []
        self.late: list[str] = []

    def also(self, kind: str) -> None:
        """Note what else fails meanwhile."""
        for _, _, _, meanwhile in self._waiting.values():
            meanwhile.append(kind)

    def died(self, pid: int) -> None:
        """Note which keys a process has: it will not renew them."""
        for key, epoch, job in self._ask(_HELD, f"%/{pid}/%"):
            self._waiting.setdefault(str(key), (int(epoch), int(job), time.monotonic(), []))

    def look(self) -> None:
        """Note which keys somebody has taken since, and forget jobs that nobody is to take."""
        if not self._waiting:
            return
        for key, epoch, is_held in self._ask(_LEASES):
            if key not in self._waiting:
                continue
            before, _, since, meanwhile = self._waiting[key]
            seconds = time.monotonic() - since
            if epoch > before:
                self.took.append(seconds)
                if seconds > _LATE_SECONDS:
                    self.late.append(f"{seconds:.0f} s ({', '.join(meanwhile)})")
            if epoch > before or (is_held and seconds > _STOPPED_SECONDS):
                del self._waiting[key]  # in the second case who was stopped has gone on
        wanted = {
            row[0] for row in self._ask("SELECT job FROM vorel_fleet.work WHERE state = 'wanted'")
        }
        for key, (_, job, *_) in [*self._waiting.items()]:
            if wanted and job not in wanted:
                del self._waiting[key]

    def _ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        try:
            if self._connection is None:
                self._connection = connect(self._url)
            return self._connection.execute(query.encode(), values or None).fetchall()
        except psycopg.Error:
            self._connection = None
            return []

    def __str__(self) -> str:
        took = sorted(self.took)
        if not took:
            return "no takeovers"
        p50, p99 = took[len(took) // 2], took[min(len(took) * 99 // 100, len(took) - 1)]
        late = (
            f"; late, and what else failed meanwhile: {'; '.join(self.late)}" if self.late else ""
        )
        return f"{len(took)} takeovers after {p50:.1f} s (p99 {p99:.1f} s){late}"


class Faults:
    """Workers that carry the same jobs, and what is done to them."""

    def __init__(self, database: Server, folder: Path, seed: int) -> None:
        self._database = database
        self._folder = folder
        self._chance = random.Random(seed)
        self._processes: list[subprocess.Popen[str]] = []
        self._later: list[tuple[float, Callable[[], object]]] = []
        self._stopped: set[subprocess.Popen[str]] = set()
        self.takeovers = Takeovers(database.url)
        self.done = Counter[str]()

    def environment(self) -> dict[str, str]:
        state = str(self._folder / "state")
        return {"VOREL_FLEET_DATABASE": self._database.url, "XDG_STATE_HOME": state}

    def keep(self, processes: int) -> None:
        """Start workers where some have ended, and do what is due."""
        now = time.monotonic()
        due = [one for one in self._later if one[0] <= now]
        self._later = [one for one in self._later if one[0] > now]
        for _, then in due:
            then()
        self._processes = [one for one in self._processes if one.poll() is None]
        while len(self._processes) < processes:
            words = ("fleet", "worker", "jobs", "--quiet", "--slice", "60", "--at-once", "12")
            self._processes.append(start(*words, cwd=self._folder, env=self.environment()))
        self.takeovers.look()

    def fault(self) -> None:
        kind = self._chance.choice(_KINDS)
        victims = [one for one in self._processes if one not in self._stopped]
        if kind in {"kill", "stop", "term"} and len(victims) < 2:
            return
        self.done[kind] += 1
        self.takeovers.also(kind)
        getattr(self, f"_{kind}")(*([self._chance.choice(victims)] if victims else []))

    def _kill(self, victim: subprocess.Popen[str]) -> None:
        self.takeovers.died(victim.pid)
        victim.kill()

    def _term(self, victim: subprocess.Popen[str]) -> None:
        victim.terminate()

    def _stop(self, victim: subprocess.Popen[str]) -> None:
        self.takeovers.died(victim.pid)
        victim.send_signal(signal.SIGSTOP)
        self._stopped.add(victim)

        def go_on() -> None:
            self._stopped.discard(victim)
            victim.send_signal(signal.SIGCONT)

        self._in(_STOPPED_SECONDS, go_on)

    def _crash(self, _victim: object = None) -> None:
        self._database.stop("immediate")
        time.sleep(self._chance.uniform(0, 5))
        self._database.start()

    def _cut(self, _victim: object = None) -> None:
        query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        with suppress(psycopg.Error), closing(connect(self._database.url)) as connection:
            connection.execute(f"{query} WHERE pid <> pg_backend_pid()")

    def _order(self, _victim: object = None) -> None:
        name = f"tenant{self._chance.randrange(3)}"

        def order(what: Change) -> None:
            try:
                change(self._database.url, what, [name])
            except ConfigError:  # the database is away
                self._in(1, partial(order, what))

        order("stop")
        self._in(_ORDERED_SECONDS, partial(order, "resume"))

    def _in(self, seconds: float, then: Callable[[], object]) -> None:
        self._later.append((time.monotonic() + seconds, then))

    def end(self) -> None:
        for process in self._processes:
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.communicate()


def main() -> int:
    """Cause faults, wait until everything is imported, and audit."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--faults", type=int, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tenants", type=int, default=12)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--rows", type=int, default=900)
    parser.add_argument("--gap", type=float, default=7.0, help="seconds between faults, on average")
    asked = parser.parse_args()
    binaries = find_binaries()
    if binaries is None:
        raise SystemExit(NOT_HERE)
    with (
        server(binaries) as database,
        running(SandboxConfig()) as sandbox,
        tempfile.TemporaryDirectory() as name,
    ):
        folder = Path(name)
        with closing(connect(database.url)) as connection:
            migrate(connection)
            prepare_queue(connection)
        _write_jobs(folder / "jobs", sandbox, asked.tenants, asked.rows)
        faults = Faults(database, folder, asked.seed)
        added = vorel_import("fleet", "add", "jobs", cwd=folder, env=faults.environment())
        assert added.returncode == 0, added.stderr
        began = time.monotonic()
        try:
            _cause(faults, sandbox, asked)
        finally:
            faults.end()
        return _audit(sandbox, asked.tenants * asked.rows, faults, time.monotonic() - began)


def _cause(faults: Faults, sandbox: Sandbox, asked: argparse.Namespace) -> None:
    """Let things fail one after the other until everything is imported, or an hour later."""
    wanted = asked.tenants * asked.rows
    until = time.monotonic() + asked.faults * asked.gap + 3600
    next_at: float | None = None
    while (made := sandbox.counters["created"]) < wanted and time.monotonic() < until:
        faults.keep(asked.workers)
        time.sleep(_TICK_SECONDS)
        now = time.monotonic()
        if next_at is None:
            next_at = now if made > asked.tenants else None
        elif now >= next_at and faults.done.total() < asked.faults:
            faults.fault()
            if faults.done.total() % _PROGRESS_EVERY == 0:
                sys.stdout.write(f"{faults.done.total()} faults, {made:,} of {wanted:,} made\n")
                sys.stdout.flush()
            next_at = time.monotonic() + asked.gap * random.uniform(0.3, 1.7)


def _write_jobs(folder: Path, sandbox: Sandbox, tenants: int, rows: int) -> None:
    folder.mkdir()
    for number in range(tenants):
        name = f"tenant{number}"
        people = "".join(f"Ada {n},{name}.{n}@example.com\n" for n in range(rows))
        (folder / f"{name}.toml").write_text(_JOB.format(name=name, url=sandbox.url))
        (folder / f"{name}.csv").write_text("Name,Email\n" + people)
        (folder / f"{name}.key").write_text(sandbox.new_key(tenant=name))


def _busiest(sandbox: Sandbox) -> int:
    """Return the most records that any key has made in 60 s."""
    made: dict[object, list[float]] = defaultdict(list)
    for one in sandbox.records():
        made[one["api_key_id"]].append(float(one["created_at"]))
    most = 0
    for times in made.values():
        times.sort()
        first = 0
        for index, at in enumerate(times):
            while times[first] <= at - 60:
                first += 1
            most = max(most, index - first + 1)
    return most


def _audit(sandbox: Sandbox, wanted: int, faults: Faults, seconds: float) -> int:
    made = Counter(str(one["fields"]["email"]) for one in sandbox.records())
    twice = sum(count > 1 for count in made.values())
    refused = sum(one["code"] == _RATE_REFUSED for one in sandbox.refusals())
    busiest = _busiest(sandbox)
    words = ", ".join(f"{count} {kind}" for kind, count in sorted(faults.done.items()))
    sys.stdout.write(
        f"{faults.done.total()} faults ({words}) in {seconds:.0f} s: {len(made):,} of {wanted:,} "
        f"people made, {twice} of them twice, {refused} requests above the rate, at most {busiest} "
        f"by a key in 60 s; {faults.takeovers}\n"
    )
    return 1 if twice or refused or busiest > _RATE or len(made) != wanted else 0


if __name__ == "__main__":
    raise SystemExit(main())
