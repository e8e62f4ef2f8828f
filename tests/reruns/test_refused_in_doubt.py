"""A row that was sent without a clear answer, and that reader or mapper refuse afterwards."""

from __future__ import annotations

import json

from referee import World, dropped, lost
from referee.fixtures import beginning
from referee.in_doubt import NO, RUN, lists, maps
from referee.open_rows import export, reconcile


class TestARowThatCannotBeSentAnyMore:
    """Two had no clear answer, and then the mapping gets a date, which is wrong in one row."""

    @beginning
    def world(self, world: World) -> None:
        world.remembers = True
        maps(world, "first", "mail")
        lists(world, "Ada,ada@x.com,,2001-02-03", "Bo,bo@x.com,,3.2.2001x")
        world.crm.script("Ada", dropped, NO)
        world.crm.script("Bo", lost, NO)
        world.run(*RUN).ended(1, unknown=2)
        maps(world, "first", "mail", "born")

    def test_is_told_of_as_in_doubt(self, world: World) -> None:
        world.run(*RUN).ended(1, unknown=2)
        error = world.outcomes("people.results.jsonl")[2]["error"]
        assert (error["code"], error["field"]) == ("invalid_value", "birthdate")
        assert "3.2.2001x" in error["message"]
        assert error["hint"].startswith("An earlier request for this row had no clear answer")

    def test_is_told_of_by_check_too(self, world: World) -> None:
        code, out, _ = world.command("check", *RUN, "--json")
        assert (code, json.loads(out)["counts"]["unknown"]) == (1, 2)

    def test_is_told_of_if_another_column_has_changed(self, world: World) -> None:
        world.edit("people.csv", ("Bo,bo@x.com,,", "Bo,bo@x.com,seen,"))
        world.run(*RUN).ended(1, unknown=2)

    def test_has_a_copy_that_is_told_of(self, world: World) -> None:
        """One request made one record at most: of the two, the one that was sent is in doubt."""
        world.edit("people.csv", ("Bo,bo@x.com,,", "Bo,bo@x.com,seen,3.2.2001x\nBo,bo@x.com,,"))
        world.run(*RUN).ended(1, invalid=1, unknown=2)
        statuses = {at: one["status"] for at, one in world.outcomes("people.results.jsonl").items()}
        assert statuses == {1: "unknown", 2: "invalid", 3: "unknown"}

    def test_stays_in_doubt_once_it_is_corrected(self, world: World) -> None:
        world.run(*RUN).ended(1, unknown=2)
        world.edit("people.failed.csv", ("3.2.2001x", "2001-02-03"))
        world.run("people.failed.csv", "--mapping", "mapping.toml").ended(1, unknown=2)
        world.holds(Bo=1)

    def test_is_settled_by_an_export_of_the_crm(self, world: World) -> None:
        world.run(*RUN).ended(1, unknown=2)
        columns = ("--id-column", "Record ID")
        _, found = reconcile(world, export(world), "--apply", *columns)
        assert (found["counts"]["found"], found["recorded"]) == (1, 1)
        world.run(*RUN).ended(1, before=1, unknown=1)
        world.holds(Bo=1)

    def test_is_known_once_the_mapping_is_mended(self, world: World) -> None:
        world.run(*RUN).ended(1, unknown=2)
        assert world.command("compact", "people.results.jsonl")[0] == 0
        maps(world, "first", "mail")
        world.run(*RUN).ended(0, created=2)
        world.holds(Ada=1, Bo=1)

    def test_keeps_no_value_where_values_are_forgotten(self, world: World) -> None:
        world.run(*RUN).ended(1, unknown=2)
        assert world.command("forget", "people.results.jsonl", "--row", "2")[0] == 0
        assert "3.2.2001x" not in world.read("people.results.jsonl")
        world.run(*RUN).ended(1, unknown=2)
        world.holds(Bo=1)

    def test_is_refused_once_a_person_has_looked(self, world: World) -> None:
        world.run(*RUN, "--resend-unknown").ended(1, created=1, invalid=1)
        world.holds(Ada=1, Bo=1)
