"""
What it costs to run an import again whose rows are all created, and what a script would take.

    python -m benchmarks.resuming [--rows 1000000] [--repeat 3]

A list and its results file are made. Then `vorel-import run` is started against a port where
nobody listens, and a script that does what people write: it loads the results with `json.loads`
into a set, reads the list with `csv.DictReader` and looks each row's hash up. Both take turns,
each in a process of its own, and the best of each counts; what counts is their ratio.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from importer.keys import row_hash, row_key, source_hash
from importer.records import Outcome, Status
from importer.writer import RowLine

COLUMNS = ("first_name", "last_name", "email", "phone", "company", "city")
NOWHERE = "http://127.0.0.1:9"
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


def write(folder: Path, rows: int) -> tuple[Path, Path]:
    """Make a list, and the results file of its import: each row sent and created."""
    source, results = folder / "people.csv", folder / "people.results.jsonl"
    with source.open("w", newline="") as table, results.open("w") as journal:
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow(COLUMNS)

        def note(line: Mapping[str, object]) -> None:
            journal.write(json.dumps(line, separators=(",", ":")) + "\n")

        note({"kind": "run", "run": "0123456789ab", "object": "contact", "base_url": NOWHERE})
        for number in range(1, rows + 1):
            cells = (
                f"Person {number}",
                "Al Mansouri",
                f"person.{number}@example.com",
                f"+97150{number:07d}",
                "Example Trading LLC",
                "Dubai",
            )
            writer.writerow(cells)
            outcome, at = _created(number, dict(zip(COLUMNS, cells, strict=True)))
            sent = {"kind": "sent", "idempotency_key": outcome.idempotency_key, "row": number}
            note({**sent, "source_hash": outcome.source_hash, "occurrence": 1, "at": at})
            note(RowLine(outcome=outcome, run="0123456789ab", at=at).to_json())
    return source, results


def _created(number: int, fields: dict[str, str]) -> tuple[Outcome, str]:
    seconds, thousandths = divmod(number * 300, 1000)
    at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(1_767_225_600 + seconds))
    digest = row_hash("contact", fields)
    outcome = Outcome(
        number=number,
        line=number + 1,
        source="people.csv",
        source_hash=source_hash(fields),
        occurrence=1,
        row_hash=digest,
        idempotency_key=row_key("contact", digest),
        status=Status.CREATED,
        external_id=f"0033{number:011d}abCDE",
        record_url=f"https://crm.example/contacts/0033{number:011d}abCDE",
        attempts=1,
    )
    return outcome, f"{at}.{thousandths:03d}Z"


@dataclass(frozen=True)
class Measured:
    """The best of several runs: `seconds` from start to end, and the most memory it had."""

    seconds: float
    megabytes: float


def measure(command: list[str], folder: Path) -> Measured:
    """Run a command to its end, which must be a good one."""
    environment = {
        **os.environ,
        "VOREL_API_KEY": "vapk_test_" + "0a" * 24,
        "XDG_STATE_HOME": str(folder / "state"),
        "PYTHONPATH": str(Path(__file__).parents[1]),
    }
    with (folder / "output").open("wb") as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=output, stderr=output
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, (folder / "output").read_text()
    return Measured(seconds, usage.ru_maxrss / 1024)


def best(runs: list[Measured]) -> Measured:
    return min(runs, key=lambda run: run.seconds)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--alone", action="store_true", help="leave the script out")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        folder = Path(name)
        source, results = write(folder, given.rows)
        run = [sys.executable, "-m", "importer", "run", source.name, "--object", "contact",
               "--base-url", NOWHERE, "--no-input", "--json"]  # fmt: skip
        script = [sys.executable, "-c", SCRIPT, source.name, results.name]
        first = measure(run, folder)  # writes the success file
        ours, theirs = [], []
        for _ in range(given.repeat):
            ours.append(measure(run, folder))
            if not given.alone:
                theirs.append(measure(script, folder))
        half = folder / "half"
        half.mkdir()
        write(half, given.rows // 2)
        measure(run, half)
        fewer = measure(run, half)
    _say(given.rows, first, best(ours), fewer, theirs)
    return 0


def _say(
    rows: int, first: Measured, ours: Measured, fewer: Measured, theirs: list[Measured]
) -> None:
    each = (ours.megabytes - fewer.megabytes) * 1024 * 1024 / (rows - rows // 2)
    print(f"{rows:,} rows, all created before, nobody listens:")
    print(f"  vorel-import run  {ours.seconds:7.2f} s  {ours.megabytes:6.0f} MB")
    print(f"  memory beyond that of half the list: {each:.0f} bytes a row")
    print(f"  the run before it, which wrote the success file: {first.seconds:.2f} s")
    if theirs:
        script = best(theirs)
        print(f"  script            {script.seconds:7.2f} s  {script.megabytes:6.0f} MB")
        print(f"  ratio             {script.seconds / ours.seconds:7.1f}")


if __name__ == "__main__":
    sys.exit(main())
