"""
Reads a list and hashes each row, with the importer and with what people would use instead.

    python -m benchmarks.reading [--rows 1000000]

Every variant runs in a process of its own and must come to the same hashes. What counts is the
ratio within one run: machines differ, and are shared.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

COLUMNS = [
    "First Name", "Last Name", "E-mail", "Phone", "Mobile", "Company",
    "Street", "City", "Country", "Created", "Source", "Notes",
]  # fmt: skip


def write_list(path: Path, rows: int) -> None:
    """Twelve text columns; one note in a hundred has a line break, and so quotes."""
    chance = random.Random(1)
    first = ["Aisha", "Omar", "Lina", "Karl", "Chloé", "Mona", "Jürgen", "Sara"]
    last = ["Haddad", "Noor", "Stone", "Müller", "Lefèvre", "Khan"]
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        for number in range(rows):
            broken = chance.random() < 0.01
            writer.writerow([
                chance.choice(first), chance.choice(last), f"p{number}@example.com",
                f"050-{chance.randint(1000000, 9999999)}",
                f"+97150{chance.randint(1000000, 9999999)}", f"Company {number % 5000}",
                f"{number % 900} Main Street", chance.choice(["Dubai", "Sharjah", "Berlin"]),
                "AE", f"2019-03-{number % 28 + 1:02}", "legacy",
                f"line one\nline two {number}" if broken else f"met at fair {number}",
            ])  # fmt: skip


def importer_batches(path: Path) -> Iterator[str]:
    from importer.config import ReadOptions
    from importer.reader import SourceFile, batches, detect_layout, open_source

    file, options = SourceFile(name=path.name, path=path), ReadOptions()
    with open_source(file, detect_layout(file, options), options) as rows:
        for batch in batches(rows):
            yield from batch.hashes


def usual_script(path: Path) -> Iterator[str]:
    with path.open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            text = json.dumps(row, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
            yield hashlib.sha256(text.encode()).hexdigest()


def tuned_csv_module(path: Path) -> Iterator[str]:
    dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    with path.open(newline="", encoding="utf-8") as stream:
        reader = csv.reader(stream)
        header = next(reader)
        order = sorted(range(len(header)), key=header.__getitem__)
        names = [header[place] for place in order]
        for row in reader:
            text = dumps(dict(zip(names, [row[place] for place in order], strict=True)))
            yield hashlib.sha256(text.encode()).hexdigest()


def polars_rows(path: Path) -> Iterator[str]:
    import polars as pl

    table = pl.read_csv(path, infer_schema=False, empty_string_is_null=False)
    names = sorted(table.columns)
    dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    for row in table.select(names).iter_rows():
        yield hashlib.sha256(dumps(dict(zip(names, row, strict=True))).encode()).hexdigest()


VARIANTS: dict[str, Callable[[Path], Iterator[str]]] = {
    "importer": importer_batches,
    "usual script (DictReader, json, sha256)": usual_script,
    "csv.reader, tuned": tuned_csv_module,
    "polars, rows into Python": polars_rows,
}


def run_one(name: str, path: Path) -> None:
    """Run one variant and print what came of it as JSON."""
    began = time.perf_counter()
    total = hashlib.sha256()
    rows = 0
    for digest in VARIANTS[name](path):
        rows += 1
        total.update(digest.encode())
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"rows": rows, "seconds": seconds, "peak": peak, "all": total.hexdigest()}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--one", nargs=2, metavar=("VARIANT", "FILE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        run_one(options.one[0], Path(options.one[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.csv"
        write_list(path, options.rows)
        megabytes = path.stat().st_size / 1e6
        print(f"{options.rows:,} rows, {megabytes:.0f} MB, best of {options.repeat}\n")
        compare(path, options.repeat)


def compare(path: Path, repeat: int) -> None:
    best: dict[str, dict[str, float]] = {}
    hashes: set[str] = set()
    for _ in range(repeat):
        for name in VARIANTS:
            command = [sys.executable, "-m", "benchmarks.reading", "--one", name, str(path)]
            ended = subprocess.run(command, capture_output=True, text=True, check=True)
            found = json.loads(ended.stdout)
            hashes.add(found["all"])
            if name not in best or found["seconds"] < best[name]["seconds"]:
                best[name] = found
    assert len(hashes) == 1, "the variants do not agree"
    script = best["usual script (DictReader, json, sha256)"]["seconds"]
    for name, found in best.items():
        rate, ratio = found["rows"] / found["seconds"], script / found["seconds"]
        print(f"{name:<42}{rate:>10,.0f} rows/s {ratio:>6.1f} x {found['peak']:>5} MB")


if __name__ == "__main__":
    main()
