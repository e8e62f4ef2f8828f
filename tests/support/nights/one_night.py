"""One night with an accident, after some honest ones: what was sent, and what somebody was told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from referee import Crm, World, serving

from nights.accidents import ACCIDENTS, Accident
from nights.clinic import Clinic
from nights.surroundings import Surroundings

__all__ = ["Before", "Seen", "honest_nights", "play", "played", "wrong_records"]

_HONEST_NIGHTS = 3
_NEW = 10


@dataclass(frozen=True)
class Seen:
    """
    What an accident did.

    `wrong` of the `created` records have what no honest list has said, or are of somebody who had
    one. `told` is the message of that night, or, if there was none, what `run` printed as its end.
    `after` is the exit code of the next night, whose list is right, and `missing` how many people
    had no record then.
    """

    name: str
    exit_code: int
    requests: int
    created: int
    wrong: int
    told: str
    is_news: bool
    after: int
    missing: int

    @property
    def failures(self) -> Iterator[str]:
        """Yield what is not as it must be."""
        accident = ACCIDENTS[self.name]
        if self.exit_code not in accident.codes:
            yield f"exit code {self.exit_code}"
        if self.wrong and not accident.nobody_can_know:
            yield f"{self.wrong} wrong records"
        if not self.told and not accident.makes_no_difference:
            yield "nobody was told"
        if self.after not in {0, 6}:
            yield f"the next night ended with exit code {self.after}"
        if self.missing:
            yield f"{self.missing} people are missing after the next night"


@dataclass
class Before:
    """The nights before: the clinic, its first export, and an older copy of the results file."""

    clinic: Clinic
    first: bytes
    earlier: bytes


def wrong_records(clinic: Clinic, crm: Crm) -> set[str]:
    """Return the ids of records with what no honest list has said, or of somebody with two."""
    seen: Counter[str] = Counter()
    wrong = set()
    for name, record in crm.records.items():
        person = str(record.fields.get("external_ref"))
        seen[person] += 1
        if seen[person] > 1 or not clinic.has_told(record.fields):
            wrong.add(name)
    return wrong


def honest_nights(world: World, *, rows: int, honest: int = _HONEST_NIGHTS) -> Before:
    """Import a list of so many rows, and again on `honest` nights."""
    clinic = Clinic(Random(1), rows)
    around = Surroundings(world)
    old = clinic.export().encode()
    around.save(old)
    assert around.run()["exit_code"] == 0
    for day in range(1, honest + 1):
        clinic.pass_a_day(day)
        around.save(clinic.export().encode())
        report = around.run()
        assert report["exit_code"] in {0, 6}, report
    return Before(clinic, old, around.earlier)


def played(folder: Path, name: str, *, rows: int) -> Seen:
    """Play an accident with a list of so many rows, after some honest nights, in a new folder."""
    crm = Crm()
    folder.mkdir(parents=True, exist_ok=True)
    with serving(crm) as url:
        world = World(folder, url, crm)
        return play(world, name, honest_nights(world, rows=rows))


def play(world: World, name: str, before: Before) -> Seen:
    """Play an accident in a world as the nights before have left it, and the night after it."""
    accident, clinic, crm = ACCIDENTS[name], before.clinic, world.crm
    around = Surroundings(world, before.earlier)
    clinic.register(_NEW)
    records = len(crm.records)
    around.save(spoilt(clinic, accident, before.first))
    report = around.run(accident.trouble)
    wrong = wrong_records(clinic, crm)
    created = len(crm.records) - records
    around.save(clinic.export().encode())
    after = around.run()
    waiting = {row["Id"] for row in world.possible_duplicates()}
    made = {str(one.fields.get("external_ref")) for one in crm.records.values()}
    people = {one[0] for one in clinic.people}
    return Seen(
        name=name,
        exit_code=report["exit_code"],
        requests=report["requests"],
        created=created,
        wrong=len(wrong),
        told=report["told"] or _printed(report),
        is_news=bool(report["told"]),
        after=after["exit_code"],
        missing=len(people - made - waiting),
    )


def spoilt(clinic: Clinic, accident: Accident, old: bytes) -> bytes:
    """Return the export of a night with an accident."""
    if accident.trouble == "old list":
        return old
    text = accident.spoil(clinic)
    return text if isinstance(text, bytes) else text.encode(accident.encoding)


def _printed(report: dict[str, Any]) -> str:
    """Return what a run that told nobody has printed as its reason, or nothing."""
    parts = [report.get("stopped"), report.get("hint")]
    return "\n".join(part for part in parts if part)
