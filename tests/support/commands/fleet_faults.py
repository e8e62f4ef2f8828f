"""
Runs processes of a fleet against a sandbox, and makes them fail; `make fleet-faults` runs it.

Processes are killed and stopped for longer than a lease, connections are cut, the database crashes.
At the end the sandbox's own records are audited, and what it has refused for the rate.
"""

from __future__ import annotations

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path

import psycopg
from postgres import NOT_HERE, Server, find_binaries, server

from commands.process import start, vorel_import
from importer.fleet.database import connect
from importer.fleet.migrating import migrate
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
_RATE_REFUSED = "rate_limited"


class Faults:
    """Processes that all want to run the same jobs, and what is done to them."""

    def __init__(self, database: Server, folder: Path, seed: int) -> None:
        self._database = database
        self._folder = folder
        self._chance = random.Random(seed)
        self._processes: list[subprocess.Popen[str]] = []
        self._stopped: dict[subprocess.Popen[str], float] = {}
        self._states = 0
        self.done = Counter[str]()

    def environment(self) -> dict[str, str]:
        state = str(self._folder / "state")
        return {"VOREL_FLEET_DATABASE": self._database.url, "XDG_STATE_HOME": state}

    def keep(self, processes: int) -> None:
        """Start processes where some have ended, and let stopped ones go on after a while."""
        now = time.monotonic()
        for process, since in [*self._stopped.items()]:
            if now - since > _STOPPED_SECONDS:
                process.send_signal(signal.SIGCONT)
                del self._stopped[process]
        self._processes = [one for one in self._processes if one.poll() is None]
        while len(self._processes) < processes:
            words = ("fleet", "run", "jobs", "--quiet")
            self._processes.append(start(*words, cwd=self._folder, env=self.environment()))

    def fault(self) -> None:
        kind = self._chance.choice(("kill", "kill", "stop", "stop", "cut", "crash", "term"))
        victims = [one for one in self._processes if one not in self._stopped]
        if kind in {"kill", "stop", "term"} and not victims:
            return
        self.done[kind] += 1
        if kind == "kill":
            self._chance.choice(victims).kill()
        elif kind == "term":
            self._chance.choice(victims).terminate()
        elif kind == "stop":
            victim = self._chance.choice(victims)
            victim.send_signal(signal.SIGSTOP)
            self._stopped[victim] = time.monotonic()
        elif kind == "crash":
            self._database.stop("immediate")
            time.sleep(self._chance.uniform(0, 5))
            self._database.start()
        else:
            query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            with suppress(psycopg.Error), closing(connect(self._database.url)) as connection:
                connection.execute(f"{query} WHERE pid <> pg_backend_pid()")

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
    parser.add_argument("--tenants", type=int, default=4)
    parser.add_argument("--processes", type=int, default=3)
    parser.add_argument("--rows", type=int, default=600)
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
        _write_jobs(folder / "jobs", sandbox, asked.tenants, asked.rows)
        faults = Faults(database, folder, asked.seed)
        added = vorel_import("fleet", "add", "jobs", cwd=folder, env=faults.environment())
        assert added.returncode == 0, added.stderr
        wanted = asked.tenants * asked.rows
        began = time.monotonic()
        try:
            while len(sandbox.records()) < wanted and time.monotonic() - began < 3600:
                faults.keep(asked.processes)
                time.sleep(1)
                if faults.done.total() < asked.faults and len(sandbox.records()) > asked.rows // 10:
                    faults.fault()
                    time.sleep(random.uniform(2, 12))
        finally:
            faults.end()
        return _audit(sandbox, wanted, faults, time.monotonic() - began)


def _write_jobs(folder: Path, sandbox: Sandbox, tenants: int, rows: int) -> None:
    folder.mkdir()
    for number in range(tenants):
        name = f"tenant{number}"
        people = "".join(f"Ada {n},{name}.{n}@example.com\n" for n in range(rows))
        (folder / f"{name}.toml").write_text(_JOB.format(name=name, url=sandbox.url))
        (folder / f"{name}.csv").write_text("Name,Email\n" + people)
        (folder / f"{name}.key").write_text(sandbox.new_key(tenant=name))


def _audit(sandbox: Sandbox, wanted: int, faults: Faults, seconds: float) -> int:
    made = Counter(str(one["fields"]["email"]) for one in sandbox.records())
    twice = sum(count > 1 for count in made.values())
    refused = sum(one["code"] == _RATE_REFUSED for one in sandbox.refusals())
    words = ", ".join(f"{count} {kind}" for kind, count in sorted(faults.done.items()))
    sys.stdout.write(
        f"{faults.done.total()} faults ({words}) in {seconds:.0f} s: {len(made):,} of {wanted:,} "
        f"people made, {twice} of them twice, {refused} requests above the rate\n"
    )
    return 1 if twice or refused or len(made) != wanted else 0


if __name__ == "__main__":
    raise SystemExit(main())
