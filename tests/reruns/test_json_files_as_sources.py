"""The files of an import of JSON Lines given to `run`."""

from __future__ import annotations

import json

import pytest
from referee import World
from referee.fixtures import beginning
from referee.three_people import (
    TOO_LONG,
)

ADA_AS_OBJECT = {
    "name": {"first": "Ada"},
    "email": "ada@example.com",
    "points": 7,
    "tags": ["a", "b; c"],
}
BO_AS_OBJECT = {
    "name": {"first": "Bo"},
    "email": f"{TOO_LONG}@example.com",
    "points": 8,
    "tags": ["d"],
}


class TestTheFilesOfAJsonList:
    MAPPING = """\
        object = "contact"
        [fields]
        first_name = "name.first"
        email = "email"
        points = "points"
        tags = "tags"
        """
    RUN = ("people.jsonl", "--mapping", "mapping.toml")

    @beginning
    def imported(self, world: World) -> None:
        world.write("mapping.toml", self.MAPPING)
        world.write("people.jsonl", f"{json.dumps(ADA_AS_OBJECT)}\n{json.dumps(BO_AS_OBJECT)}\n")
        world.run(*self.RUN).ended(1, created=1, invalid=1)

    @staticmethod
    def settled(world: World) -> None:
        world.settled(Ada=1, Bo=1)
        [bo] = world.crm.of("Bo")
        assert bo.fields == {
            "first_name": "Bo", "email": "bo@example.com", "points": 8, "tags": ["d"]
        }  # fmt: skip

    def test_the_failed_rows_corrected(self, imported: World) -> None:
        imported.edit("people.failed.jsonl", (TOO_LONG, "bo"))
        imported.run("people.failed.jsonl", *self.RUN[1:]).ended(0, created=1)
        imported.run(*self.RUN).ended(0, before=2)
        self.settled(imported)

    def test_the_success_file_makes_nobody(self, imported: World) -> None:
        imported.run("people.success.jsonl", *self.RUN[1:]).ended(0, before=1)
        imported.holds(Ada=1)

    @pytest.mark.parametrize("kind", ["success", "failed"])
    def test_the_view_for_people_is_refused(self, imported: World, kind: str) -> None:
        imported.run(f"people.{kind}.csv", *self.RUN[1:]).refused(f"people.{kind}.jsonl")
        imported.write("mine.csv", imported.read(f"people.{kind}.csv"))
        imported.run("mine.csv", *self.RUN[1:]).refused(".jsonl")

    def test_the_rest_after_a_pilot(self, world: World) -> None:
        world.write("mapping.toml", self.MAPPING)
        bo = {**BO_AS_OBJECT, "email": "bo@example.com"}
        world.write("people.jsonl", f"{json.dumps(ADA_AS_OBJECT)}\n{json.dumps(bo)}\n")
        world.run(*self.RUN, "--limit", "1")
        world.run("people.unsent.jsonl", *self.RUN[1:]).ended(0, created=1)
        world.run(*self.RUN).ended(0, before=2)
        self.settled(world)

    def test_corrected_twice_is_a_change(self, imported: World) -> None:
        imported.edit("people.failed.jsonl", (TOO_LONG, "bo"))
        imported.write("mended.jsonl", imported.read("people.failed.jsonl"))
        imported.run("mended.jsonl", *self.RUN[1:]).ended(0, created=1)
        imported.edit("mended.jsonl", ("bo@example.com", "berg@example.org"))
        imported.run("mended.jsonl", *self.RUN[1:]).ended(6, changed=1)
        imported.run(*self.RUN).ended(0, before=2)
        self.settled(imported)
