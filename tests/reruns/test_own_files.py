"""The files of an import: what a run may write, replace, leave and show to others."""

from __future__ import annotations

import pytest
from referee import World, refusal
from referee.three_people import (
    ADA,
    BAD_CYD,
    BO,
    CYD,
    EVERYBODY,
    HEADER,
    RUN,
    TOO_LONG,
)


class TestWhatARunMayTouch:
    @pytest.mark.parametrize(
        "content", [HEADER + ADA, '{"name": "Ada"}\n', "\n", "kind\n"], ids=repr
    )
    def test_no_results_file_that_is_none_of_ours(self, world: World, content: str) -> None:
        world.write("people.csv", HEADER + ADA + BO)
        world.write("list.csv", content)
        world.run(*RUN, "--results", "list.csv").refused("list.csv")
        assert world.read("list.csv") == content

    def test_not_the_list_itself(self, world: World) -> None:
        world.write("people.csv", HEADER + ADA + BO)
        world.run(*RUN, "--results", "people.csv").refused("people.csv")
        assert world.read("people.csv") == HEADER + ADA + BO

    def test_an_empty_file(self, world: World) -> None:
        world.write("people.csv", HEADER + ADA + BO)
        world.write("people.results.jsonl", "")
        world.run(*RUN).ended(0, created=2)
        world.settled(Ada=1, Bo=1)

    @pytest.mark.parametrize("kind", ["success", "failed"])
    def test_no_derived_file_that_is_none_of_ours(self, world: World, kind: str) -> None:
        name = f"people.{kind}.csv"
        own = "whatever,I keep\n1,2\n"
        world.write("people.csv", HEADER + ADA + BAD_CYD)
        world.write(name, own)
        run = world.run(*RUN).ended(1, created=1, invalid=1)
        assert world.read(name) == own
        assert name in run.stderr
        assert len(world.names(f"people*{kind}*.csv")) == 2

    def test_files_of_one_results_file_only(self, world: World) -> None:
        world.write("people.csv", HEADER + ADA + BO)
        world.run(*RUN, "--results", "may.results.jsonl").ended(0, created=2)
        world.write("people.csv", HEADER + CYD)
        world.run(*RUN, "--results", "june.results.jsonl").ended(0, created=1)
        assert [row["first_name"] for row in world.rows("may.success.csv")] == ["Ada", "Bo"]
        assert [row["first_name"] for row in world.rows("june.success.csv")] == ["Cyd"]
        assert not world.has("people.success.csv")

    def test_nothing_that_others_may_read(self, imported: World) -> None:
        made = [path for path in imported.folder.iterdir() if path.name != "people.csv"]
        assert len(made) >= 3
        assert {path.stat().st_mode & 0o777 for path in made} == {0o600}

    def test_nothing_empty_is_left(self, imported: World) -> None:
        imported.reports = True
        imported.run(*RUN).ended(1, before=2, invalid=1)
        assert imported.names("people.*") == {
            "people.csv", "people.results.jsonl", "people.success.csv", "people.failed.csv",
            "people.report.html",
        }  # fmt: skip
        imported.edit("people.csv", (TOO_LONG, "cyd"))
        imported.run(*RUN).ended(0, before=2, created=1)
        assert imported.names("people.*") == {
            "people.csv", "people.results.jsonl", "people.success.csv", "people.report.html"
        }  # fmt: skip

    def test_no_edited_copy_of_what_nobody_edited(self, imported: World) -> None:
        imported.edit("people.csv", (BAD_CYD, CYD + BAD_CYD.replace("Cyd", "Dan")))
        imported.crm.script("Cyd", refusal("unauthorized", 401))
        assert imported.run(*RUN).exit_code == 3
        imported.run(*RUN).ended(1, before=2, created=1, invalid=1)
        assert not imported.names("*edited*")
        imported.settled(**EVERYBODY)


def test_one_json_object_where_a_run_is_refused(world: World) -> None:
    world.write("people.csv", HEADER + ADA)
    world.write("list.csv", HEADER)
    run = world.run(*RUN, "--results", "list.csv").refused("list.csv")
    assert run.report["exit_code"] == 2
