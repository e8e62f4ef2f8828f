"""
What many jobs side by side cost: their share of a core, their pace, and their memory.

`python -m benchmarks.jobs` starts a server in a process of its own that gives every request the
same answer, writes job files with a key and a list each, and runs all of them in one process at the
real pace for some seconds. The same time with one job alone is beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.sending import canned_server

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
    """What the runs of `jobs` jobs took: seconds of CPU and wall time, MB, rows of each job."""

    jobs: int
    cpu: float
    wall: float
    memory: float
    rows: list[int]


def main() -> None:
    """Measure many jobs and one, and print both."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--jobs", type=int, default=50)
    options.add_argument("--rows", type=int, default=2000)
    options.add_argument("--seconds", type=int, default=60)
    given = options.parse_args()
    with canned_server() as url:
        for jobs in (1, given.jobs):
            print(_shown(_measured(url, jobs, given.rows, given.seconds)))


def _measured(url: str, jobs: int, rows: int, seconds: int) -> Cost:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in range(jobs):
            _write_job(folder, f"client{number:03}", url, number, rows)
        command = [sys.executable, "-m", "importer", "run", "--job", str(folder)]
        command += ["--no-input", "--json", "--quiet", "--time-limit", str(seconds)]
        with (folder / "out.json").open("wb") as out:
            begun = time.perf_counter()
            child = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL)
            _, _, used = os.wait4(child.pid, 0)
            wall = time.perf_counter() - begun
        ends = json.loads((folder / "out.json").read_bytes())["jobs"].values()
    return Cost(
        jobs=jobs,
        cpu=used.ru_utime + used.ru_stime,
        wall=wall,
        memory=used.ru_maxrss / 1024,
        rows=[end["counts"]["created"] for end in ends],
    )


def _write_job(folder: Path, name: str, url: str, number: int, rows: int) -> None:
    (folder / f"{name}.toml").write_text(JOB.format(name=name, url=url))
    (folder / f"{name}.key").write_text(f"vapk_test_{number:048x}")
    lines = (f"{n},Person{n},p{n}.{number}@example.com\n" for n in range(rows))
    (folder / f"{name}.csv").write_text("Id,Name,E-mail\n" + "".join(lines))


def _shown(cost: Cost) -> str:
    sent = sum(cost.rows)
    return (
        f"{cost.jobs:3} jobs: {100 * cost.cpu / cost.wall:5.1f} % of a core, "
        f"{1000 * cost.cpu / sent if sent else 0:.2f} ms of CPU a request, {cost.memory:.0f} MB, "
        f"{min(cost.rows)} to {max(cost.rows)} rows each in {cost.wall:.0f} s"
    )


if __name__ == "__main__":
    main()
