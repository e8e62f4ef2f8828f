"""Rows that are refused night after night: since when, in the files and in what is shown."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from referee import World, refusal

from importer.writer.rewriting.compaction import compact

pytestmark = pytest.mark.slow

MAPPING = """\
    object = "contact"
    [fields]
    first_name = "First"
    email = "Mail"
    birthday = { column = "Born", type = "date" }
    """
LIST = """\
    First,Mail,Born
    Ada,ada@example.com,
    Bo,bo@example.com,the 5th
    Cyd,cyd@example.com,
    """
RUN = ("people.csv", "--mapping", "mapping.toml")
RESULTS = "people.results.jsonl"


class Nights:
    """Runs an import on one day after the other, the last of which is today."""

    def __init__(self, world: World) -> None:
        self.world = world
        world.write("mapping.toml", MAPPING)
        world.write("people.csv", LIST)

    def run(self, days_ago: int, *more: str) -> dict[str, Any]:
        """Run, and put its lines on record as if they were so many days old."""
        results = self.world.folder / RESULTS
        old = results.read_bytes() if results.exists() else b""
        _, out, _ = self.world.command("run", *(more or RUN), *RUN[1:], "--no-input", "--json")
        new = results.read_bytes()[len(old) :].decode()
        for offset in (1, 0):  # a run may begin right before midnight
            day = datetime.now(UTC).date() - timedelta(days=offset)
            new = new.replace(f'"at":"{day}', f'"at":"{day - timedelta(days=days_ago)}')
        results.write_bytes(old + new.encode())
        found: dict[str, Any] = json.loads(out)
        return found

    def since(self) -> dict[str, str]:
        """Return since when each row of the failed file has been failing."""
        with (self.world.folder / "people.failed.csv").open(encoding="utf-8", newline="") as file:
            return {row["First"]: row["vorel_failing_since"][:10] for row in csv.DictReader(file)}


@pytest.fixture
def nights(world: World) -> Nights:
    return Nights(world)


def day(days_ago: int) -> str:
    return str(datetime.now(UTC).date() - timedelta(days=days_ago))


@pytest.mark.parametrize("is_compacted", [False, True])
def test_a_row_that_fails_each_night_is_failing_since_the_first(
    nights: Nights, *, is_compacted: bool
) -> None:
    world = nights.world
    world.crm.script("Cyd", *[refusal("validation_error")] * 9)
    nights.run(12)
    for days_ago in (11, 9, 4):
        nights.run(days_ago)
        if is_compacted:
            compact(world.folder / RESULTS)

    found = nights.run(0)

    assert nights.since() == {"Bo": day(12), "Cyd": day(12)}
    assert {one["failing_since"][:10] for one in found["problems"]} == {day(12)}
    _, out, _ = world.command("status", RESULTS)
    assert out.count(f"failing since {day(12)}, 12 nights") == 2
    stored = json.loads(world.command("status", RESULTS, "--json")[1])
    assert [one["failing_since"][:10] for one in stored["problems"]] == [day(12)] * 2
    assert world.read("people.report.html").count("failing since") == 2


def test_a_row_that_passed_or_is_new_is_not_failing_since_long(nights: Nights) -> None:
    world = nights.world
    world.crm.script("Cyd", *[refusal("validation_error")] * 2)
    nights.run(5)
    nights.run(4)
    assert "Cyd" in nights.since()
    nights.run(3)  # it passes
    world.edit("people.csv", ("cyd@example.com,", "cyd@example.com,\nDee,dee@example.com,soon"))

    nights.run(0)

    assert nights.since() == {"Bo": day(5), "Dee": day(0)}
    _, out, _ = world.command("status", RESULTS)
    assert out.count("failing since") == 1


def test_a_correction_that_fails_again_is_failing_since_the_first_night(nights: Nights) -> None:
    world = nights.world
    nights.run(6)
    world.edit("people.failed.csv", ("the 5th", "the 6th"))
    nights.run(2, "people.failed.csv")
    compact(world.folder / RESULTS)
    nights.run(0)
    assert nights.since() == {"Bo": day(6)}
    world.edit("people.failed.csv", ("the 5th", "1970-01-05"))
    nights.run(0, "people.failed.csv")
    assert not world.has("people.failed.csv")
    world.settled(Ada=1, Bo=1, Cyd=1)


def test_compaction_keeps_the_first_and_the_last_line_of_a_failing_row(nights: Nights) -> None:
    world = nights.world
    world.crm.script("Cyd", *[refusal("validation_error")] * 5)
    for days_ago in (5, 4, 3, 2, 1):
        nights.run(days_ago)
    compact(world.folder / RESULTS)
    found = map(json.loads, world.read(RESULTS).splitlines())
    lines = [one["at"][:10] for one in found if one["kind"] == "row" and one["row"] == 3]
    assert lines == [day(5), day(1)]
