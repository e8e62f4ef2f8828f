"""
Runs workers of a fleet against a sandbox, and makes them fail; `make fleet-faults` runs it.

Workers are killed, told to end, and stopped for longer than a lease; connections are cut, the
database crashes, and jobs are stopped and resumed. Hosts lose their lists, keys, a package, rights
and room on their disks, or have a wrong clock, and are mended a while later. At the end the
sandbox's own records are audited: nobody twice, nobody lost, and no key above its rate in any 60 s;
and each job has ended well, or is named with hosts and reasons: two jobs cannot be run anywhere.
How long it took until another worker had the keys of one that had died is measured.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import psycopg
from postgres import NOT_HERE, Server, find_binaries, server

from commands.fleet_hosts import FAULTS, Host
from commands.process import vorel_import
from importer.core.errors import ConfigError
from importer.fleet.database.connecting import Connection, connect
from importer.fleet.database.migrating import migrate
from importer.fleet.showing.overview import JobState, job_states
from importer.fleet.work.orders import Change, change
from importer.sandbox import Sandbox, SandboxConfig, running
from importer.writer.lines.run_line import EndLine

_JOB = """
object = "contact"

[fields]
first_name = "Name"
email = "Email"

[job]
sources = ["{list}"]
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
_BAD_SECONDS = (15.0, 45.0)
_BAD_AT_ONCE = 3
_FEWEST_RUNNING = 2
_STARTED_AGAIN_SECONDS = 5.0
_RETRIED_SECONDS = 20.0
_NOWHERE = ("no-list", "no-key")
"""Jobs that no host can run."""
_KINDS = ("kill", "kill", "kill", "stop", "stop", "cut", "crash", "term", "order", *FAULTS)
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
    """Hosts with a worker each that carry the same jobs, and what is done to them."""

    def __init__(self, database: Server, hosts: Sequence[Host], tenants: int, seed: int) -> None:
        self._database = database
        self._hosts = hosts
        self._tenants = tenants
        self._chance = random.Random(seed)
        self._later: list[tuple[float, Callable[[], object]]] = []
        self._stopped: set[Host] = set()
        self._looked_at = 0.0
        self.takeovers = Takeovers(database.url)
        self.done = Counter[str]()
        self.named = Counter[str]()
        self.unnamed: list[str] = []

    def keep(self) -> None:
        """Start workers where some have ended, and do what is due."""
        now = time.monotonic()
        due = [one for one in self._later if one[0] <= now]
        self._later = [one for one in self._later if one[0] > now]
        for _, then in due:
            then()
        for host in self._hosts:
            if host.is_running or now < host.not_before:
                continue
            if host.process is not None and host.process.returncode > 0 and not host.not_before:
                host.not_before = now + _STARTED_AGAIN_SECONDS  # as a supervisor does
                continue
            host.not_before = 0.0
            self._stopped.discard(host)
            host.start()
        self.takeovers.look()
        if now - self._looked_at > _RETRIED_SECONDS:
            self._looked_at = now
            self._retry()

    def _retry(self) -> None:
        """Do what a person does with a job that has ended without success, if it names a host."""
        with suppress(ConfigError):  # the database is away
            for job in job_states(self._database.url, []):
                if job.order != "ended" or job.name in _NOWHERE or _is_done(job):
                    continue
                said = str(job.problem or (job.end and _why(job.end)) or "no reason")
                hosts = said.rpartition(" (on ")[2]
                if hosts != said and any(host.name in hosts for host in self._hosts):
                    self.named[said.rpartition(" (on ")[0]] += 1
                else:
                    self.unnamed.append(f"{job.name}: {said}")
                change(self._database.url, "retry", [job.name])

    def is_over(self) -> bool:
        """Whether each job has ended, with success or because no host can run it."""
        try:
            found = job_states(self._database.url, [])
        except ConfigError:
            return False
        return all(
            job.state == "faulty"
            if job.name in _NOWHERE
            else job.state == "ended" and _is_done(job)
            for job in found
        )

    def fault(self) -> None:
        victims = [one for one in self._hosts if one.is_running and one not in self._stopped]
        good = [one for one in victims if one.bad is None]
        bad = sum(one.bad is not None for one in self._hosts)
        left_out = {"kill", "stop", "term"} if len(victims) < _FEWEST_RUNNING else set()
        left_out |= FAULTS.keys() if not good or bad >= _BAD_AT_ONCE else set()
        kind = self._chance.choice([one for one in _KINDS if one not in left_out])
        self.done[kind] += 1
        self.takeovers.also(kind)
        if kind in FAULTS:
            self._make_bad(self._chance.choice(good), kind)
        else:
            getattr(self, f"_{kind}")(*([self._chance.choice(victims)] if victims else []))

    def _make_bad(self, host: Host, kind: str) -> None:
        host.bad = kind
        FAULTS[kind](host)
        self._in(self._chance.uniform(*_BAD_SECONDS), host.mend)

    def _kill(self, victim: Host) -> None:
        assert victim.process is not None
        self.takeovers.died(victim.process.pid)
        victim.process.kill()

    def _term(self, victim: Host) -> None:
        assert victim.process is not None
        victim.process.terminate()

    def _stop(self, victim: Host) -> None:
        process = victim.process
        assert process is not None
        self.takeovers.died(process.pid)
        process.send_signal(signal.SIGSTOP)
        self._stopped.add(victim)

        def go_on() -> None:
            self._stopped.discard(victim)
            process.send_signal(signal.SIGCONT)

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
        name = f"tenant{self._chance.randrange(min(3, self._tenants))}"

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
        for host in self._hosts:
            if host.process is not None:
                host.process.send_signal(signal.SIGCONT)
                host.process.kill()
                host.process.wait()


def _is_done(job: JobState) -> bool:
    return job.problem is None and job.end is not None and job.end.exit_code == 0


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
        folder.chmod(0o711)
        with closing(connect(database.url)) as connection:
            migrate(connection)
        keys = {name: sandbox.new_key(tenant=name) for name in _names(asked.tenants)}
        hosts = [_host(folder, n, database, sandbox, keys, asked) for n in range(asked.workers)]
        faults = Faults(database, hosts, asked.tenants, asked.seed)
        given = {"VOREL_FLEET_DATABASE": database.url, "XDG_STATE_HOME": str(folder)}
        added = vorel_import("fleet", "add", str(hosts[0].jobs), cwd=folder, env=given)
        assert added.returncode == 0, added.stderr
        began = time.monotonic()
        try:
            _cause(faults, sandbox, asked)
            failed = _audit(sandbox, asked.tenants * asked.rows, faults, time.monotonic() - began)
            failed |= _say_states(faults, folder, given)
        finally:
            faults.end()
        if failed:
            sys.stdout.write("".join(f"--- {one.name}\n{one.log.read_text()}" for one in hosts))
        return int(failed)


def _cause(faults: Faults, sandbox: Sandbox, asked: argparse.Namespace) -> None:
    """Let things fail one after the other until everything is imported, or an hour later."""
    wanted = asked.tenants * asked.rows
    until = time.monotonic() + asked.faults * asked.gap + 3600
    next_at: float | None = None
    while time.monotonic() < until:
        made = sandbox.counters["created"]
        if made >= wanted and faults.is_over():
            return
        faults.keep()
        time.sleep(_TICK_SECONDS)
        now = time.monotonic()
        if next_at is None:
            next_at = now if made > asked.tenants else None
        elif now >= next_at and faults.done.total() < asked.faults and made < wanted:
            faults.fault()
            if faults.done.total() % _PROGRESS_EVERY == 0:
                sys.stdout.write(f"{faults.done.total()} faults, {made:,} of {wanted:,} made\n")
                sys.stdout.flush()
            next_at = time.monotonic() + asked.gap * random.uniform(0.3, 1.7)


def _names(tenants: int) -> list[str]:
    return [*(f"tenant{number}" for number in range(tenants)), *_NOWHERE]


def _host(
    folder: Path,
    number: int,
    database: Server,
    sandbox: Sandbox,
    keys: Mapping[str, str],
    asked: argparse.Namespace,
) -> Host:
    """Return a host with its own copies of job files, lists and keys."""
    own = folder / f"host-{number}"
    own.mkdir()
    host = Host(own, own.name, database.url, database.folder.stat().st_uid)
    host.jobs.mkdir()
    for place, (name, key) in enumerate(keys.items()):
        list_name = f"{name}.{'xlsx' if place % 3 == 1 else 'csv'}"
        text = _JOB.format(name=name, list=list_name, url=sandbox.url)
        (host.jobs / f"{name}.toml").write_text(text)
        if name != "no-key":
            (host.jobs / f"{name}.key").write_text(key)
        if name == "no-list":
            continue
        people = [(f"Ada {n}", f"{name}.{n}@example.com") for n in range(asked.rows)]
        frame = pl.DataFrame(people, schema=["Name", "Email"], orient="row")
        path = host.jobs / list_name
        frame.write_excel(path) if path.suffix == ".xlsx" else frame.write_csv(path)
        os.utime(path, (1, 1))  # nobody writes to it
    host.settle()
    return host


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


def _audit(sandbox: Sandbox, wanted: int, faults: Faults, seconds: float) -> bool:
    """Print what was found. Returns whether anything is not as it must be."""
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
    return bool(twice or refused or busiest > _RATE or len(made) != wanted)


def _say_states(faults: Faults, folder: Path, given: Mapping[str, str]) -> bool:
    """Print what `fleet status` says, and which jobs have ended meanwhile for want of a host."""
    said = vorel_import("fleet", "status", cwd=folder, env=given).stdout
    sys.stdout.write(said)
    for problem, count in faults.named.most_common():
        sys.stdout.write(f"{count} x ended on all hosts, named, and retried: {problem}\n")
    for text in faults.unnamed:
        sys.stdout.write(f"FAILED, ended without the name of a host: {text}\n")
    lost = [
        name for name in _NOWHERE if not any(_names_a_host(one, name) for one in said.splitlines())
    ]
    for name in lost:
        sys.stdout.write(f"FAILED, no host is named with the reason of {name}\n")
    return bool(faults.unnamed or lost or not faults.is_over())


def _why(end: EndLine) -> str:
    """Return why a job has not ended with success: why it was stopped, or what rows lack."""
    if end.stopped is not None:
        return str(end.stopped)
    seen = end.exports.list_status if end.exports else None
    problems = [f"{one.count} {one.status}: {one.message}" for one in seen.problems] if seen else []
    return f"exit code {end.exit_code}, {'; '.join(problems) or dict(end.counts)}"


def _names_a_host(line: str, job: str) -> bool:
    return line.startswith(f"{job}: ") and "cannot be run" in line and "host-" in line


if __name__ == "__main__":
    raise SystemExit(main())
