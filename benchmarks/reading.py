"""
Reads a list and hashes each row, with the importer and with what people would use instead.

    python -m benchmarks.reading [--rows 1000000] [--format csv|jsonl] [--only VARIANT]

Every variant runs in a process of its own and must come to the same hashes. What counts is the
ratio within one run: machines differ, and are shared. With `--rows 5000000 --only importer` it
shows that memory does not grow with the list.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.readers import READERS, measure

COLUMNS = [
    "First Name", "Last Name", "E-mail", "Phone", "Mobile", "Company",
    "Street", "City", "Country", "Created", "Source", "Notes",
]  # fmt: skip


def write_list(path: Path, rows: int) -> None:
    """Twelve text columns; one note in a hundred has a line break, and so quotes in CSV."""
    chance = random.Random(1)
    first = ["Aisha", "Omar", "Lina", "Karl", "Chloé", "Mona", "Jürgen", "Sara"]
    last = ["Haddad", "Noor", "Stone", "Müller", "Lefèvre", "Khan"]
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        is_csv = path.suffix == ".csv"
        if is_csv:
            writer.writerow(COLUMNS)
        for number in range(rows):
            broken = chance.random() < 0.01
            row = [
                chance.choice(first), chance.choice(last), f"p{number}@example.com",
                f"050-{chance.randint(1000000, 9999999)}",
                f"+97150{chance.randint(1000000, 9999999)}", f"Company {number % 5000}",
                f"{number % 900} Main Street", chance.choice(["Dubai", "Sharjah", "Berlin"]),
                "AE", f"2019-03-{number % 28 + 1:02}", "legacy",
                f"line one\nline two {number}" if broken else f"met at fair {number}",
            ]  # fmt: skip
            if is_csv:
                writer.writerow(row)
            else:
                stream.write(json.dumps(dict(zip(COLUMNS, row, strict=True))) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--format", choices=list(READERS), action="append")
    parser.add_argument("--only", action="append", metavar="VARIANT")
    parser.add_argument("--one", nargs=2, metavar=("VARIANT", "FILE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.one[0], Path(options.one[1]))))
        return
    for format_ in options.format or READERS:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"list.{format_}"
            write_list(path, options.rows)
            megabytes = path.stat().st_size / 1e6
            print(f"\n{options.rows:,} rows of {format_}, {megabytes:.0f} MB, "
                  f"best of {options.repeat}\n")  # fmt: skip
            compare(path, options.only or list(READERS[format_]), options.repeat)


def compare(path: Path, names: list[str], repeat: int) -> None:
    """Run the variants in turn, so that each has its share of what else the machine does."""
    best: dict[str, dict[str, float]] = {}
    hashes: set[str] = set()
    missing: dict[str, str] = {}
    for _ in range(repeat):
        for name in names:
            command = [sys.executable, "-m", "benchmarks.reading", "--one", name, str(path)]
            ended = subprocess.run(command, capture_output=True, text=True, check=True)
            found = json.loads(ended.stdout)
            if "missing" in found:
                missing[name] = found["missing"]
                continue
            hashes.add(found["all"])
            if name not in best or found["seconds"] < best[name]["seconds"]:
                best[name] = found
    assert len(hashes) <= 1, "the variants do not agree"
    script = best.get("usual script")
    for name, found in best.items():
        ratio = f"{script['seconds'] / found['seconds']:6.1f} x" if script else ""
        rate = found["rows"] / found["seconds"]
        print(f"{name:<36}{rate:>10,.0f} rows/s {ratio} {found['peak']:>5.0f} MB")
    for name, module in missing.items():
        print(f"{name:<36} left out: {module} is not installed (pip install -e '.[bench]')")


if __name__ == "__main__":
    main()
