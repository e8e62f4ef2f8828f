"""Runs the nights of a year through the command line, and checks what each has done."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from referee import World

from nights.accidents import ACCIDENTS
from nights.clinic import COLUMNS, Clinic
from nights.one_night import spoilt, wrong_records
from nights.surroundings import Surroundings

__all__ = ["Night", "Year"]

_OUTAGE = 7
_DECIDES_EVERY = 30
_FEWEST_DAYS = 2


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

    Once a month somebody settles the changes, and says of possible duplicates that they are other
    people. `decided` counts these. `unknowable` are the wrong records of accidents that nobody can
    know of. `failures` has a sentence for each thing that is not as it must be.
    """

    world: World
    clinic: Clinic
    planted: dict[int, str]
    nights: list[Night] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    unknowable: set[str] = field(default_factory=set)
    decided: int = 0
    false_stops: int = 0
    _old: bytes = b""

    def __post_init__(self) -> None:
        """Write the job file."""
        self._around = Surroundings(self.world)

    @classmethod
    def of(cls, world: World, *, seed: int, rows: int, days: int, accidents: int) -> Year:
        """Plan a year: accidents of each kind in turn, on days apart from each other."""
        chance = Random(seed)
        step = max(_FEWEST_DAYS, (days - 12) // max(1, accidents))
        first = 9
        names = list(ACCIDENTS)
        planted = {first + n * step: names[n % len(names)] for n in range(accidents)}
        return cls(world, Clinic(chance, rows), planted)

    def run(self, days: int) -> Iterator[Night]:
        """Run the nights, and yield each."""
        away = 0
        for day in range(days):
            if day:
                self.clinic.pass_a_day(day)
            accident = self.planted.get(day)
            if accident is not None and ACCIDENTS[accident].trouble == "outage":
                away = _OUTAGE
            if away and accident is None:
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
            if day % _DECIDES_EVERY == _DECIDES_EVERY - 1:
                self._decide()
            if day % 7 == 0:
                self._old = self.clinic.export().encode()
        self.check_records()

    def _night(self, day: int, accident: str | None) -> Night:
        planned = ACCIDENTS.get(accident or "")
        content = self.clinic.export().encode()
        self._around.save(spoilt(self.clinic, planned, self._old) if planned else content)
        begun = time.perf_counter()
        report = self._around.run(planned.trouble if planned else None)
        seconds = time.perf_counter() - begun
        if accident is not None:
            self._check_told(day, accident, report)
        return Night(
            day=day,
            accident=accident,
            exit_code=report["exit_code"],
            created=report["counts"]["created"],
            requests=report["requests"],
            seconds=seconds,
            size=self._around.results.stat().st_size,
        )

    def _check_told(self, day: int, accident: str, report: dict[str, Any]) -> None:
        """Check that an accident was told, or had nothing to make a difference to."""
        planned = ACCIDENTS[accident]
        wrong = wrong_records(self.clinic, self.world.crm) - self.unknowable
        if planned.nobody_can_know:
            self.unknowable |= wrong
        elif wrong:
            self.failures.append(f"day {day}: {accident} made {len(wrong)} wrong records")
        is_told = report["told"] or report["exit_code"] not in {0, 6}
        needs_it = not planned.makes_no_difference and planned.trouble not in {"key", "service"}
        if needs_it and not is_told:
            self.failures.append(f"day {day}: nobody was told of {accident}")

    def _check_accident(self, night: Night) -> None:
        planned = ACCIDENTS[night.accident or ""]
        # Without anybody to send, no request is refused, and nothing has to be written.
        is_unused = planned.trouble in {"key", "service", "disk"} and not night.requests
        allowed = planned.codes | {0, 6} if is_unused else planned.codes
        if night.exit_code not in allowed:
            self.failures.append(
                f"day {night.day}: {night.accident} ended with exit code {night.exit_code}"
            )

    def _check_honest(self, night: Night) -> None:
        self.false_stops += night.exit_code == 7
        if night.exit_code not in {0, 6, 7}:
            self.failures.append(f"day {night.day} ended with exit code {night.exit_code}")
        if night.exit_code == 7:  # a person says that the list is right
            self._around.run(None, "--accept-list")

    def _decide(self) -> None:
        """Settle what has changed, and say that possible duplicates are other people."""
        waiting = len(self.world.possible_duplicates())
        self.world.acknowledge()
        if waiting:
            self.world.acknowledge("--new", "all")
            self.decided += waiting

    def check_records(self) -> None:
        """
        Check that each person of the list has one record, with what the list said of them.

        Of namesakes somebody has to decide: each must be named.
        """
        crm = self.world.crm
        records = {name: one.fields for name, one in crm.records.items()}
        known = {name: one for name, one in records.items() if name not in self.unknowable}
        counts = Counter(str(fields.get("external_ref")) for fields in known.values())
        twice = [one for one, count in counts.items() if count > 1]
        waiting = {row[COLUMNS[0]] for row in self.world.possible_duplicates()}
        made = {str(fields.get("external_ref")) for fields in records.values()}
        people = [person[0] for person in self.clinic.people]
        lost = [one for one in people if one not in made and one not in waiting]
        wrong = [fields for fields in known.values() if not self.clinic.has_told(fields)]
        for what, found in (("twice", twice), ("lost", lost), ("wrong", wrong)):
            if found:
                self.failures.append(f"{len(found)} {what}, e.g. {found[0]}")
