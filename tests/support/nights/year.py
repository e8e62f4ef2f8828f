"""Runs the nights of a year through the command line, and checks what each has done."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from random import Random
from typing import Any

from referee import World

from importer.writer import ResultsFile
from nights.accidents import ACCIDENTS
from nights.clinic import COLUMNS, MAPPING, Clinic

__all__ = ["Night", "Year"]

_RUN = (
    "people.csv",
    "--mapping",
    "mapping.toml",
    "--pace",
    "burst",
    "--rate",
    "1000000",
    "--compact",
)
_FIELDS = ("external_ref", "first_name", "last_name", "email", "phone", "notes")
_OUTAGE = 7


@dataclass(frozen=True)
class Night:
    """What happened in a night: the `seconds` of its run, the `size` of the results in bytes."""

    day: int
    accident: str | None
    exit_code: int
    created: int
    requests: int
    seconds: float
    size: int


@dataclass
class Year:
    """
    Many nights of one list. `planted` are the accidents by their day.

    `failures` has a sentence for each thing that is not as it must be.
    """

    world: World
    clinic: Clinic
    planted: dict[int, str]
    nights: list[Night] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    false_stops: int = 0
    _old: str = ""

    @classmethod
    def of(cls, world: World, *, seed: int, rows: int, days: int, accidents: int) -> Year:
        """Plan a year: accidents of each kind in turn, on days apart from each other."""
        chance = Random(seed)
        step = max(2, (days - 12) // max(1, accidents))
        first = 9
        names = list(ACCIDENTS)
        planted = {first + n * step: names[n % len(names)] for n in range(accidents)}
        return cls(world, Clinic(chance, rows), planted)

    def run(self, days: int) -> Iterator[Night]:
        """Run the nights, and yield each."""
        self.world.write("mapping.toml", MAPPING)
        away = 0
        for day in range(days):
            if day:
                self.clinic.pass_a_day(day)
            accident = self.planted.get(day)
            if accident is not None and ACCIDENTS[accident].trouble == "outage":
                away = _OUTAGE
            if away:
                away -= 1
                continue
            night = self._night(day, accident)
            self.nights.append(night)
            yield night
            if accident is not None:
                self._check_accident(night)
                night = self._night(day, None)  # the export is repaired, and run again
                self.nights.append(night)
                yield night
            self._check_honest(night)
            if day % 7 == 0:
                self._old = self.clinic.export()
        self.check_records()

    def _night(self, day: int, accident: str | None) -> Night:
        planned = ACCIDENTS.get(accident or "")
        text = planned.spoil(self.clinic) if planned else self.clinic.export()
        if accident == "an old file again":
            text = self._old
        encoding = planned.encoding if planned else "utf-8"
        (self.world.folder / "people.csv").write_bytes(text.encode(encoding))
        begun = time.perf_counter()
        report = self._start(planned.trouble if planned else None)
        results = self.world.folder / "people.results.jsonl"
        if accident == "an old file again" and not report.get("vanished"):
            self.failures.append(f"day {day}: nobody was told of {accident}")
        return Night(
            day=day,
            accident=accident,
            exit_code=report["exit_code"],
            created=report["counts"]["created"],
            requests=report["requests"],
            seconds=time.perf_counter() - begun,
            size=results.stat().st_size,
        )

    def _start(self, trouble: str | None) -> dict[str, Any]:
        arguments = ("run", *_RUN, "--no-input", "--json", "--no-report")
        if trouble == "disk":
            return self._on_a_full_disk(arguments)
        if trouble == "overlap":
            with closing(ResultsFile(self.world.folder / "people.results.jsonl")):
                code, out, _ = self.world.command(*arguments)
        elif trouble == "key":
            account = self.world.crm.accounts.pop(self.world.api_key)
            code, out, _ = self.world.command(*arguments)
            self.world.crm.accounts[self.world.api_key] = account
        else:
            code, out, _ = self.world.command(*arguments)
        report: dict[str, Any] = json.loads(out)
        assert report["exit_code"] == code, report
        return report

    def _on_a_full_disk(self, arguments: tuple[str, ...]) -> dict[str, Any]:
        """Run in a process that can make the results file no larger than it is, nor smaller."""
        limit = (self.world.folder / "people.results.jsonl").stat().st_size + 64

        def fill() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        done = subprocess.run(
            [sys.executable, "-m", "importer", *arguments, "--no-compact"],
            cwd=self.world.folder,
            env={**self.world.environment, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=fill,
        )
        report: dict[str, Any] = json.loads(done.stdout)
        return report

    def _check_accident(self, night: Night) -> None:
        planned = ACCIDENTS[night.accident or ""]
        is_unused = planned.trouble == "key" and not night.requests  # there was nothing to send
        if night.exit_code not in (planned.codes | {0, 6} if is_unused else planned.codes):
            self.failures.append(
                f"day {night.day}: {night.accident} ended with exit code {night.exit_code}"
            )
        if night.created and planned.trouble is None and night.accident != "an old file again":
            self.failures.append(f"day {night.day}: {night.accident} made {night.created} records")

    def _check_honest(self, night: Night) -> None:
        self.false_stops += night.exit_code == 7
        if night.exit_code not in {0, 6, 7}:
            self.failures.append(f"day {night.day} ended with exit code {night.exit_code}")
        if night.exit_code == 7:  # a person says that the list is right
            self.world.command("run", *_RUN, "--no-input", "--accept-list", "--no-report")

    def check_records(self) -> None:
        """
        Check that each person of the list has one record, with what the list said of them.

        Of namesakes of people who left, somebody has to decide: each must be named.
        """
        records = [request.fields for request in self.world.crm.records.values()]
        counts = Counter(str(fields.get("external_ref")) for fields in records)
        twice = [one for one, count in counts.items() if count > 1]
        waiting = {row[COLUMNS[0]] for row in self.world.possible_duplicates()}
        people = [person[0] for person in self.clinic.people]
        lost = [one for one in people if one not in counts and one not in waiting]
        wrong = [fields for fields in records if not self._is_right(fields)]
        for what, found in (("twice", twice), ("lost", lost), ("wrong", wrong)):
            if found:
                self.failures.append(f"{len(found)} {what}, e.g. {found[0]}")

    def _is_right(self, fields: dict[str, Any]) -> bool:
        told = self.clinic.told.get(str(fields.get("external_ref")), set())
        return tuple(str(fields.get(name) or "") for name in _FIELDS) in told
