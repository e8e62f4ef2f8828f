"""
What many jobs side by side cost: their share of a core, their pace, and their memory.

`python -m benchmarks.jobs` starts a server in a process of its own that gives every request the
same answer, writes job files with a key and a list each, and runs all of them in one process at the
real pace for some seconds. The share of a core is that of the time in which all of them send; what
it takes to prepare them is measured by itself. Bare httpx clients send as many requests at the same
pace before and after, in a process of their own: other work on the machine makes all of them
dearer.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import anyio
import httpx

from benchmarks.processes import cpu
from benchmarks.sending import PATH, canned_server, people

GAP = 0.3
"""Seconds between two requests of a job: 200 a minute."""

JOB = """\
object = "contact"
identity = ["external_ref"]
[fields]
external_ref = "Id"
first_name = "Name"
email = "E-mail"
[job]
sources = "{name}.csv"
base_url = "{url}"
api_key = {{ file = "{name}.key" }}
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What `requests` took, in seconds of CPU and of wall time."""

    requests: int
    cpu: float
    wall: float

    def __str__(self) -> str:
        each = 1000 * self.cpu / self.requests if self.requests else 0
        return (
            f"{self.requests / self.wall:4.0f} requests a second, {100 * self.cpu / self.wall:5.1f}"
            f" % of a core, {each:.2f} ms of CPU a request"
        )


def main() -> None:
    """Measure many jobs and one, with bare clients before and after, and print all."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--jobs", type=int, default=50)
    options.add_argument("--rows", type=int, default=2000)
    options.add_argument("--seconds", type=int, default=60)
    options.add_argument("--bare", metavar="URL", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.bare:
        print(json.dumps(bare(given.bare, given.jobs, given.seconds)))
        return
    with canned_server() as url:
        for jobs in (given.jobs, 1):
            before = _bare_apart(url, jobs, given.seconds // 3)
            cost = _measured(url, jobs, given.rows, given.seconds)
            after = _bare_apart(url, jobs, given.seconds // 3)
            for one in (before, after):
                print(f"{jobs:3} bare clients: {one}")
            floor = Cost(before.requests + after.requests, before.cpu + after.cpu, 1)
            ratio = (cost.cpu / cost.requests) / (floor.cpu / floor.requests)
            print(f"  {ratio:.1f} times a bare client", flush=True)


def bare(url: str, clients: int, seconds: float) -> tuple[int, float, float]:
    """Post records over a client each, at the pace of a job. Returns the values of a `Cost`."""
    record = people(1)[0]
    sent = 0

    async def post(number: int, until: float) -> None:
        nonlocal sent
        headers = {"Authorization": "Bearer none"}
        async with httpx.AsyncClient(headers=headers, trust_env=False) as client:
            await anyio.sleep(GAP * number / clients)
            while time.perf_counter() < until:
                body = {"object": "contact", "fields": record, "idempotency_key": f"k{sent}"}
                began = time.perf_counter()
                await client.post(url + PATH, json=body)
                sent += 1
                await anyio.sleep(max(0.0, began + GAP - time.perf_counter()))

    async def post_all() -> None:
        async with anyio.create_task_group() as tasks:
            for number in range(clients):
                tasks.start_soon(post, number, time.perf_counter() + seconds)

    used, began = _cpu_of(resource.getrusage(resource.RUSAGE_SELF)), time.perf_counter()
    anyio.run(post_all)
    cpu = _cpu_of(resource.getrusage(resource.RUSAGE_SELF)) - used
    return sent, cpu, time.perf_counter() - began


def _bare_apart(url: str, clients: int, seconds: int) -> Cost:
    command = [sys.executable, "-m", "benchmarks.jobs", "--bare", url]
    command += ["--jobs", str(clients), "--seconds", str(max(1, seconds))]
    return Cost(*json.loads(subprocess.run(command, capture_output=True, check=True).stdout))


def _measured(url: str, jobs: int, rows: int, seconds: int) -> Cost:
    """Run jobs for so many seconds. Prints all it took, and returns what sending took."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in range(jobs):
            _write_job(folder, f"client{number:03}", url, number, rows)
        command = [sys.executable, "-m", "importer", "run", "--job", str(folder)]
        command += ["--no-input", "--json", "--quiet", "--time-limit", str(seconds)]
        with (folder / "out.json").open("wb") as out:
            child = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL)
            while sum(_sent(folder, least=1)) < jobs and child.poll() is None:
                time.sleep(0.1)
            prepared = cpu(child.pid)
            first, began = sum(_sent(folder)), time.perf_counter()
            time.sleep(seconds * 0.6)
            cost = Cost(
                requests=sum(_sent(folder)) - first,
                cpu=cpu(child.pid) - prepared,
                wall=time.perf_counter() - began,
            )
            _, _, used = os.wait4(child.pid, 0)
        ends = json.loads((folder / "out.json").read_bytes())["jobs"].values()
    each = [end["counts"]["created"] for end in ends]
    print(
        f"{jobs:3} jobs:         {cost}; {prepared / jobs:.2f} s of CPU a job to begin, "
        f"{used.ru_maxrss / 1024:.0f} MB, {min(each)} to {max(each)} rows each"
    )
    return cost


def _sent(folder: Path, least: int = 0) -> list[int]:
    """Return the number of requests on record in each results file, `least` at most if given."""
    found = (path.read_bytes().count(b'{"kind":"sent"') for path in folder.glob("*.results.jsonl"))
    return [min(one, least) if least else one for one in found]


def _cpu_of(usage: resource.struct_rusage) -> float:
    return usage.ru_utime + usage.ru_stime


def _write_job(folder: Path, name: str, url: str, number: int, rows: int) -> None:
    (folder / f"{name}.toml").write_text(JOB.format(name=name, url=url))
    (folder / f"{name}.key").write_text(f"vapk_test_{number:048x}")
    lines = (f"{n},Person{n},p{n}.{number}@example.com\n" for n in range(rows))
    (folder / f"{name}.csv").write_text("Id,Name,E-mail\n" + "".join(lines))


if __name__ == "__main__":
    main()
