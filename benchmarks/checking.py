"""
Checks a list, whole, and compares with mapping it as `run` does and with the libraries alone.

    python -m benchmarks.checking [--rows 100000] [--spoiled]

Every variant runs in a process of its own. `--spoiled` checks a list of which one row in a hundred
has a problem, of fifteen kinds, and prints what `check` says of it.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from benchmarks.reading import COLUMNS, write_list

TOGETHER = 1024
MAPPING = """\
object = "contact"
[fields]
first_name = "First Name"
last_name = "Last Name"
email = { column = "E-mail", type = "email" }
phone = { column = "Phone", type = "phone", region = "AE" }
mobile_phone = { column = "Mobile", type = "phone", region = "AE" }
company = "Company"
street = "Street"
city = "City"
country = { column = "Country", type = "country" }
created_at = { column = "Created", type = "datetime", formats = ["%Y-%m-%d"], timezone = "UTC" }
source = { column = "Source", values = { "legacy" = "old list", "fair" = "fair" } }
notes = "Notes"
"""

# What stands in the place of a cell, by column: each is a problem of another kind.
SPOILED_CELLS = [
    ("E-mail", "not known"),
    ("E-mail", "rana@example,com"),
    ("E-mail", "rana@example.com; rana@example.org"),
    ("E-mail", "rana@@example.com"),
    ("Phone", "050-12"),
    ("Phone", "ask Rana"),
    ("Phone", "9.71501E+11"),
    ("Mobile", "050-1234567 / 055-1234567"),
    ("Mobile", "050-1234567 ext. 12"),
    ("Country", "Untied Arab Emirates"),
    ("Created", "2019-02-30"),
    ("Created", "03/04/2019"),
    ("Source", "found"),
]


def write_spoiled_list(path: Path, rows: int, share: float = 0.01) -> None:
    """Write the list with a problem in `share` of its rows: a cell, or the row's form."""
    chance = random.Random(2)
    write_list(path, rows)
    with path.open(newline="", encoding="utf-8") as stream:
        header, *records = csv.reader(stream)
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        for record in records:
            writer.writerow(_spoiled(record, chance) if chance.random() < share else record)


def _spoiled(record: list[str], chance: random.Random) -> list[str]:
    kind = chance.randrange(len(SPOILED_CELLS) + 2)
    if kind == len(SPOILED_CELLS):
        return [*record, "one", "two", "three"]
    if kind > len(SPOILED_CELLS):
        return [""] * len(record)
    column, cell = SPOILED_CELLS[kind]
    record[COLUMNS.index(column)] = cell
    return record


def importer_check(source: Path, mapping: Path) -> int:
    from importer.run.checking.dry_run import check
    from importer.run.config import ImportConfig

    return check(ImportConfig(sources=(str(source),), mapping=mapping)).counts["invalid"]


def importer_rows(source: Path, mapping: Path) -> int:
    """Map the rows as a run maps those that it sends: a thousand at a time, each a record."""
    from importer.core.keys import row_hash
    from importer.core.records import Record, Row
    from importer.mapper.mapper import Mapper
    from importer.mapper.mapping.file import load_mapping
    from importer.reader import read_rows

    mapper = Mapper(load_mapping(mapping), "contact")
    refused = 0
    rows = read_rows(source)
    while some := [*islice(rows, TOGETHER)]:
        read = [row for row in some if isinstance(row, Row)]
        records = [one for one in mapper.map_rows(read) if isinstance(one, Record)]
        for record in records:
            row_hash(record.object, record.fields)
        refused += len(some) - len(records)
    return refused


def libraries_alone(source: Path, _: Path) -> int:
    """Do what a script does that only asks whether email and phones are valid."""
    import phonenumbers
    from email_validator import EmailNotValidError, validate_email

    refused = 0
    with source.open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            try:
                validate_email(row["E-mail"], check_deliverability=False)
                for name in ("Phone", "Mobile"):
                    number = phonenumbers.parse(row[name], "AE")
                    refused += not phonenumbers.is_valid_number(number)
            except (EmailNotValidError, phonenumbers.NumberParseException):
                refused += 1
    return refused


VARIANTS: dict[str, Callable[[Path, Path], int]] = {
    "importer check": importer_check,
    "importer, rows as they are sent": importer_rows,
    "email-validator and phonenumbers alone": libraries_alone,
}


def run_one(name: str, source: Path, mapping: Path) -> None:
    """Run one variant and print what came of it as JSON."""
    began = time.perf_counter()
    refused = VARIANTS[name](source, mapping)
    seconds = time.perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({
        "refused": refused, "seconds": seconds, "peak": used.ru_maxrss // 1024,
        "cpu": used.ru_utime + used.ru_stime,
    }))  # fmt: skip


def compare(source: Path, mapping: Path, rows: int, repeat: int) -> None:
    best: dict[str, dict[str, float]] = {}
    for _ in range(repeat):
        for name in VARIANTS:
            command = [sys.executable, "-m", "benchmarks.checking"]
            command += ["--one", name, str(source), str(mapping)]
            ended = subprocess.run(command, capture_output=True, text=True, check=True)
            found = json.loads(ended.stdout)
            if name not in best or found["seconds"] < best[name]["seconds"]:
                best[name] = found
    whole, single = best["importer check"], best["importer, rows as they are sent"]
    assert whole["refused"] == single["refused"], "the variants do not agree"
    for name, found in best.items():
        ratio = found["seconds"] / whole["seconds"]
        print(
            f"{name:<40}{rows / found['seconds']:>9,.0f} rows/s {ratio:>6.1f} x the time"
            f" {found['cpu']:>7.1f} s of CPU {found['peak']:>5} MB"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--spoiled", action="store_true")
    parser.add_argument("--one", nargs=3, metavar=("VARIANT", "FILE", "MAPPING"))
    options = parser.parse_args()
    if options.one:
        run_one(options.one[0], Path(options.one[1]), Path(options.one[2]))
        return
    with tempfile.TemporaryDirectory() as folder:
        source, mapping = Path(folder) / "list.csv", Path(folder) / "list.toml"
        mapping.write_text(MAPPING, encoding="utf-8")
        (write_spoiled_list if options.spoiled else write_list)(source, options.rows)
        print(f"{options.rows:,} rows, best of {options.repeat}\n")
        compare(source, mapping, options.rows, options.repeat)
        if options.spoiled:
            command = [sys.executable, "-m", "importer", "check", str(source)]
            subprocess.run([*command, "--mapping", str(mapping)], check=False)


if __name__ == "__main__":
    main()
