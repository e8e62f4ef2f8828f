"""
How a results file grows that is used each night, and what the nightly run costs then.

    python -m benchmarks.growth [--rows 1000] [--nights 365] [--time-stamp]

A list of people is imported, and from then on again each night. Before each night one row in a
hundred is another: of ten rows, five have another value in a column that is not imported, four in
one that is (the service can only create, so these are reported as changed), and one is new. With
`--time-stamp` every row differs each night, in the column that is not imported. There are two such
imports: one whose results file is only added to, and one that `vorel-import compact` makes smaller
after each night.

The runs of the nights that are shown are measured in a process of their own, and so is one more
run that finds nothing to do. The runs between them are made in this process.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import sys
import tempfile
from pathlib import Path

import anyio
from pydantic import SecretStr

from benchmarks.resuming import Measured, measure
from benchmarks.sending import KEY, canned_server
from importer import ImportConfig, run_import
from importer.writer.rewriting.compaction import compact

SHOWN = (1, 30, 107, 365)
ENDED = (0, 6)
PARTS = {"unmapped": 5, "mapped": 4, "new": 1}
"""How many of ten rows that are other ones are so in which way."""
HEADER = ("Id", "First Name", "Last Name", "E-mail", "Phone", "Company", "Visits")
MAPPING = """\
object = "contact"
identity = ["external_ref"]

[fields]
external_ref = "Id"
first_name = "First Name"
last_name = "Last Name"
email = "E-mail"
phone = "Phone"
company = "Company"
"""


class People:
    """A list that is edited each day."""

    def __init__(self, path: Path, rows: int, *, are_stamped: bool = False) -> None:
        self._path = path
        self._are_stamped = are_stamped
        self._chance = random.Random(rows)
        self._rows = [self._person(number) for number in range(rows)]
        self._save()

    def edit(self) -> None:
        """Edit one row in a hundred."""
        ways = [way for way, times in PARTS.items() for _ in range(times)]
        for number in range(len(self._rows) // 100):
            row, way = self._chance.choice(self._rows), ways[number % len(ways)]
            if way == "new":
                self._rows.append(self._person(len(self._rows)))
            else:
                column = HEADER.index("Visits" if way == "unmapped" else "Company")
                row[column] = f"{row[column]} {self._chance.randint(1, 9)}"[-40:]
        for row in self._rows if self._are_stamped else ():
            row[-1] = f"export {self._chance.random()}"
        self._save()

    def _save(self) -> None:
        with self._path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream)
            writer.writerow(HEADER)
            writer.writerows(self._rows)

    @staticmethod
    def _person(number: int) -> list[str]:
        name = f"person.{number}@example.com"
        phone = f"+97150{number:07d}"
        return [f"R{number}", f"Person {number}", "Haddad", name, phone, "Example LLC", "1"]


class Nights:
    """One import that is run again each night."""

    def __init__(
        self, folder: Path, rows: int, base_url: str, *, compacts: bool, are_stamped: bool
    ) -> None:
        folder.mkdir()
        self.compacts = compacts
        self._folder = folder
        self._results = folder / "people.results.jsonl"
        (folder / "mapping.toml").write_text(MAPPING, encoding="utf-8")
        self._people = People(folder / "people.csv", rows, are_stamped=are_stamped)
        self._base_url = base_url
        self._run()

    def night(self, number: int) -> None:
        """Let a day and a night pass; print what the night took if it is one of those shown."""
        self._people.edit()
        if number not in SHOWN:
            self._run()
            self._compact()
            return
        command = [
            *(sys.executable, "-m", "importer", "run", "people.csv", "--mapping", "mapping.toml"),
            *("--base-url", self._base_url, "--rate", "1000000", "--no-input", "--json"),
        ]
        program = Path(__file__).parents[1]
        run = measure(command, self._folder, program, ENDED)
        size = self._results.stat().st_size
        again = measure(command, self._folder, program, ENDED)
        self._compact()
        self._print(number, size, run, again)

    def _print(self, number: int, size: int, run: Measured, again: Measured) -> None:
        how = "compacted" if self.compacts else "added to"
        print(
            f"  night {number:3}, {how}: {size / 1e6:6.2f} MB, "
            f"run {run.cpu:5.2f} s of CPU in {run.seconds:5.2f} s, "
            f"nothing to do {again.cpu:5.2f} s in {again.seconds:5.2f} s"
            + (f"; {self._results.stat().st_size / 1e6:.2f} MB after compact" * self.compacts),
            flush=True,
        )

    def _run(self) -> None:
        config = ImportConfig(
            sources=str(self._folder / "people.csv"),
            mapping=self._folder / "mapping.toml",
            base_url=self._base_url,
            api_key=SecretStr(KEY),
            rate=1_000_000,
        )
        summary = anyio.run(run_import, config)
        assert summary.exit_code in ENDED, summary

    def _compact(self) -> None:
        if self.compacts:
            compact(self._results)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--nights", type=int, default=max(SHOWN))
    parser.add_argument("--time-stamp", action="store_true", help="all rows differ each night")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name, canned_server() as base_url:
        os.environ["XDG_STATE_HOME"] = str(Path(name) / "state")
        imports = [
            Nights(
                Path(name) / f"{compacts}",
                given.rows,
                base_url,
                compacts=compacts,
                are_stamped=given.time_stamp,
            )
            for compacts in (False, True)
        ]
        stamped = ", with a time stamp" if given.time_stamp else ""
        print(f"{given.rows:,} rows{stamped}, one in a hundred another one each night:")
        for number in range(1, given.nights + 1):
            for one in imports:
                one.night(number)
    return 0


if __name__ == "__main__":
    sys.exit(main())
