"""
What it costs to run an import again whose rows are all created, and what others would take.

    python -m benchmarks.resuming [--rows 1000000] [--repeat 3] [--alone]

A list and its results file are made. These take turns, each in a process of its own:

- `vorel-import run` with nothing to do, as it is each night
- the same without the index beside the results file, as once after somebody has edited that
- the same where the success file has to be written again
- the same with 100 new rows at the end of the list, which a server takes at once
- the same with a time stamp in each row that differs in each run
- a script that does what people write: it loads the results with `json.loads` into a set, reads the
  list with `csv.DictReader` and looks each row's hash up
- DuckDB doing this in SQL: from the results file, and from a table of hashes that it has kept

The list was written a minute before, as by a nightly export: a run waits for one that is younger.
The best of each counts, since other work on the computer only ever slows a run down. `--program`
names another version's Python or folder, to measure both on the same files. `--rows 1000 --alone`
measures a night of a small list, most of which goes into loading modules.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import polars as pl

from benchmarks.created_rows import add_rows, write
from benchmarks.sending import KEY, canned_server

NEW_ROWS = 100
FEW_ROWS = 10_000
"""What a list of so few rows takes in memory, any list takes that is not done without polars."""
LAUNCHER = """
import json, os, subprocess, sys, time
began = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdout=sys.stderr)
_, status, usage = os.wait4(process.pid, 0)
seconds = time.perf_counter() - began
process.returncode = os.waitstatus_to_exitcode(status)
cpu = usage.ru_utime + usage.ru_stime
print(json.dumps([process.returncode, seconds, cpu, usage.ru_maxrss / 1024]))
"""
"""
Measures a command. A process counts the memory of the one that has started it as its own, so it is
started by a small one, and not by the benchmark, which has made the list.
"""
SCRIPT = """
import csv, hashlib, json, sys
done, seen, left = set(), {}, 0
with open(sys.argv[2], encoding="utf-8") as results:
    for text in results:
        line = json.loads(text)
        if line["kind"] == "row" and line["status"] == "created":
            done.add((line["source_hash"], line["occurrence"]))
with open(sys.argv[1], newline="", encoding="utf-8") as source:
    for row in csv.DictReader(source):
        text = json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        digest = hashlib.sha256(text.encode()).hexdigest()
        seen[digest] = seen.get(digest, 0) + 1
        left += (digest, seen[digest]) not in done
assert left == 0, left
"""
SQL = """
import sys, duckdb
con = duckdb.connect(sys.argv[3])
con.execute("set preserve_insertion_order = false")
columns = "{kind: 'VARCHAR', source_hash: 'VARCHAR', status: 'VARCHAR'}"
con.execute(f"create table if not exists done as select source_hash from read_json('{sys.argv[2]}',"
            f" format='newline_delimited', columns={columns}) where status = 'created'")
names = ("city", "company", "email", "first_name", "last_name", "phone")
row = "{" + ", ".join(f"{name}: {name}" for name in names) + "}"
rows = f"read_csv('{sys.argv[1]}', all_varchar=true)"
[(left,)] = con.execute(f"select count(*) from (select sha256(to_json({row})::varchar) as hash "
                        f"from {rows}) where hash not in (select source_hash from done)").fetchall()
assert left == 0, left
"""


@dataclass(frozen=True)
class Measured:
    """One run: seconds from start to end, seconds of all cores together, and its most memory."""

    seconds: float
    cpu: float
    megabytes: float


@dataclass(frozen=True)
class Contender:
    """Something to measure: what to do before it, and its command."""

    name: str
    command: list[str]
    before: Callable[[], None] = lambda: None


def measure(
    command: list[str], folder: Path, program: Path, codes: Collection[int] = (0,)
) -> Measured:
    """Run a command to its end, which must be a good one: its exit code is one of these."""
    # As after an installation, modules are compiled once.
    given = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment = {
        **given,
        "VOREL_API_KEY": KEY,
        "XDG_STATE_HOME": str(folder / "state"),
        "PYTHONPATH": str(program),
    }
    launched = [sys.executable, "-S", "-c", LAUNCHER, *command]
    with (folder / "output").open("wb") as output:
        made = subprocess.run(
            launched, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=output, check=True
        )
    code, seconds, cpu, megabytes = json.loads(made.stdout)
    assert code in codes, (folder / "output").read_text()
    return Measured(seconds, cpu, megabytes)


def import_again(base_url: str) -> list[str]:
    """Return the command that imports the list again."""
    return [
        *(sys.executable, "-m", "importer", "run", "people.csv", "--mapping", "people.toml"),
        *("--base-url", base_url, "--rate", "1000000", "--no-input", "--json", "--accept-list"),
    ]


def age(source: Path) -> None:
    """Let a list be a minute old: a run waits until nobody writes to it any more."""
    modified = source.stat().st_mtime - 60
    os.utime(source, (modified, modified))


def contenders(folder: Path, rows: int, base_url: str, *, alone: bool) -> list[Contender]:
    source, results = folder / "people.csv", folder / "people.results.jsonl"
    again = import_again(base_url)
    added = iter(range(rows + 1, 2 * rows, NEW_ROWS))
    stamps = count()

    def forget() -> None:
        (folder / "people.results.index").unlink(missing_ok=True)

    def spoil() -> None:
        (folder / "people.success.csv").unlink(missing_ok=True)

    def add() -> None:
        add_rows(source, next(added), NEW_ROWS)
        age(source)

    def stamp() -> None:
        table = pl.read_csv(source, infer_schema=False)
        table.with_columns(exported=pl.lit(f"night {next(stamps)}")).write_csv(source)
        age(source)

    kept, fresh = folder / "kept.db", folder / "fresh.db"
    ours = [
        Contender("vorel-import run, nothing to do", again),
        Contender("  without the index", again, forget),
        Contender("  and the success file anew", again, spoil),
        Contender(f"  {NEW_ROWS} new rows", again, add),
        Contender("  a time stamp in each row", again, stamp),
    ]
    if alone:
        return ours
    return [
        *ours[:3],
        Contender("script", [sys.executable, "-c", SCRIPT, source.name, results.name]),
        Contender(
            "DuckDB, the results file read",
            [sys.executable, "-c", SQL, source.name, results.name, fresh.name],
            lambda: fresh.unlink(missing_ok=True),
        ),
        Contender(
            "DuckDB, its own table kept",
            [sys.executable, "-c", SQL, source.name, results.name, kept.name],
        ),
        *ours[3:],
    ]


def race(
    folder: Path, rows: int, repeat: int, program: Path, *, alone: bool
) -> Mapping[str, Measured]:
    """Measure all contenders in turn. Returns the best of each."""
    found: dict[str, list[Measured]] = {}
    with canned_server() as base_url:
        write(folder, rows, base_url)
        everyone = contenders(folder, rows, base_url, alone=alone)
        for one in everyone[:-2]:  # files are in the page cache, and what is kept is there
            one.before()
            measure(one.command, folder, program)
        # What changes the list comes last: whoever is after it would have to know the new rows.
        *others, adds, stamps = everyone
        for one in (*others * repeat, *[adds] * repeat, *[stamps] * repeat):
            one.before()
            found.setdefault(one.name, []).append(measure(one.command, folder, program))
    return {name: min(runs, key=lambda run: run.seconds) for name, runs in found.items()}


def bytes_a_row(whole: Measured, folder: Path, rows: int, program: Path) -> float:
    """Return what each row costs in memory beyond what a list of a thousand rows takes."""
    shutil.rmtree(folder)
    folder.mkdir()
    nobody = "http://127.0.0.1:9"
    write(folder, FEW_ROWS, nobody)
    measure(import_again(nobody), folder, program)
    few = measure(import_again(nobody), folder, program)
    return (whole.megabytes - few.megabytes) * 1024 * 1024 / rows


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--program", type=Path, default=Path(__file__).parents[1])
    parser.add_argument("--alone", action="store_true", help="leave the script and DuckDB out")
    given = parser.parse_args(arguments)
    program = given.program.resolve()
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        found = race(Path(name), given.rows, given.repeat, program, alone=given.alone)
        first = next(iter(found.values()))
        is_large = given.rows > FEW_ROWS
        each = bytes_a_row(first, Path(name), given.rows, program) if is_large else 0
    print(f"{given.rows:,} rows, all created before; best of {given.repeat}:")
    for name, best in found.items():
        print(
            f"  {name:34} {best.seconds:7.2f} s  {best.cpu:7.2f} s of CPU {best.megabytes:6.0f} MB"
        )
    if is_large:
        print(f"  memory beyond that of {FEW_ROWS:,} rows: {each:.0f} bytes a row")
    return 0


if __name__ == "__main__":
    sys.exit(main())
