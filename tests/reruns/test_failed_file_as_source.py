"""A file of failed rows given to `run`: its corrected rows finish the list they came from."""

from __future__ import annotations

import json

import pytest
from referee import World, lost, refusal
from referee.three_people import (
    ADA,
    BAD_CYD,
    BO,
    CYD,
    DAN,
    EVERYBODY,
    HEADER,
    OBJECT,
    RUN,
    TOO_LONG,
    corrected,
    rewrite,
    save,
    status,
)


class TestAFailedFileAsASource:
    RESULTS = ("", "--results people.results.jsonl")

    @pytest.mark.parametrize("results", RESULTS, ids=["alone", "with its results"])
    def test_corrected_finishes_the_list(self, imported: World, results: str) -> None:
        rewrite(imported, "people.failed.csv", "people.failed.csv", corrected)
        imported.run("people.failed.csv", *OBJECT, *results.split()).ended(0, created=1)
        imported.run(*RUN).ended(0, before=3)
        assert not imported.has("people.failed.csv")
        shown = status(imported)
        assert (shown["before"], shown["left"]) == (3, 0), shown
        imported.settled(**EVERYBODY)

    def test_corrected_under_another_name(self, imported: World) -> None:
        rewrite(imported, "people.failed.csv", "mended.csv", corrected)
        imported.run("mended.csv", *OBJECT).ended(0, created=1)
        imported.run(*RUN).ended(0, before=3)
        imported.settled(**EVERYBODY)

    @pytest.mark.parametrize("then", ["added to", "moved away"])
    def test_corrected_once_the_list_is_another(self, imported: World, then: str) -> None:
        """Each morning's list is in the place of the last one."""
        rewrite(imported, "people.failed.csv", "people.failed.csv", corrected)
        if then == "added to":
            imported.write("people.csv", HEADER + ADA + BO + BAD_CYD + DAN)
        else:
            (imported.folder / "people.csv").rename(imported.folder / "before.csv")
        imported.run("people.failed.csv", *OBJECT).ended(0, created=1)
        for _ in range(2):
            shown = status(imported)
            assert (shown["counts"]["created"], shown["left"], shown["next"]) == (1, 0, None)
            assert not imported.has("people.failed.unsent.csv")
            [row] = imported.rows("people.failed.success.csv")
            assert row["vorel_external_id"] == imported.crm.of("Cyd")[0].record
            imported.run("people.failed.csv", *OBJECT).ended(0, before=1)
        imported.write("people.csv", HEADER + ADA + BO + BAD_CYD + DAN)
        run = imported.run(*RUN).ended(0, before=3, created=1)
        assert "has not been imported" not in run.stderr
        assert not imported.has("people.failed.csv")
        imported.settled(**EVERYBODY, Dan=1)

    def test_corrected_in_part_once_the_list_is_another(self, imported: World) -> None:
        save(imported, "people.failed.csv", imported.rows("people.failed.csv"))
        imported.write("people.csv", HEADER + ADA + BO + BAD_CYD + DAN)
        imported.run("people.failed.csv", *OBJECT).ended(1, invalid=1)
        shown = status(imported)
        assert (shown["counts"]["invalid"], shown["left"]) == (1, 0)
        rewrite(imported, "people.failed.failed.csv", "people.failed.failed.csv", corrected)
        imported.run("people.failed.failed.csv", *OBJECT).ended(0, created=1)
        imported.run(*RUN).ended(0, before=3, created=1)
        imported.settled(**EVERYBODY, Dan=1)

    def test_corrected_before_the_list_is_done_goes_on_with_the_rest(self, world: World) -> None:
        """What is printed as the next command is run to the letter: the failed file is gone."""
        world.write("people.csv", HEADER + BAD_CYD + ADA + BO + DAN)
        world.run(*RUN, "--limit", "1").ended(1, created=1, invalid=1)
        rewrite(world, "people.failed.csv", "people.failed.csv", corrected)
        step = world.run("people.failed.csv", *OBJECT).ended(0, created=1).report["next"]
        assert status(world)["next"] == step
        assert step.split()[:3] == ["vorel-import", "run", "people.unsent.csv"]
        world.run(*step.split()[2:]).ended(0, created=2)
        assert status(world)["next"] is None
        world.run(*RUN).ended(0, before=4)
        world.settled(**EVERYBODY, Dan=1)

    def test_corrected_twice_is_a_change(self, imported: World) -> None:
        rewrite(imported, "people.failed.csv", "mended.csv", corrected)
        imported.run("mended.csv", *OBJECT).ended(0, created=1)
        imported.edit("mended.csv", ("Cohen,cyd@example.com,0501110003", "Kohn,c@x.org,0509990009"))
        imported.run("mended.csv", *OBJECT).ended(6, changed=1)
        imported.run(*RUN).ended(0, before=3)
        imported.settled(**EVERYBODY)

    def test_corrected_here_and_later_in_the_list(self, imported: World) -> None:
        rewrite(imported, "people.failed.csv", "people.failed.csv", corrected)
        imported.run("people.failed.csv", *OBJECT).ended(0, created=1)
        imported.edit("people.csv", (TOO_LONG, "cyd"))
        imported.run(*RUN).ended(0, before=3)
        imported.settled(**EVERYBODY)

    def test_corrected_after_the_list_was(self, imported: World) -> None:
        rewrite(imported, "people.failed.csv", "old.csv", corrected)
        imported.edit("people.csv", (TOO_LONG, "cyd.cohen"))
        imported.run(*RUN).ended(0, before=2, created=1)
        run = imported.run("old.csv", *OBJECT)
        assert run.requests == 0, run.told()
        imported.holds(**EVERYBODY)

    def test_with_a_row_that_a_spreadsheet_bent(self, world: World) -> None:
        other = BO.replace("bo@", f"{TOO_LONG}@")
        world.write("people.csv", HEADER + ADA + other + BAD_CYD)
        world.run(*RUN).ended(1, created=1, invalid=2)

        def bent(row: dict[str, str]) -> dict[str, str]:
            row = corrected(row) if row["first_name"] == "Cyd" else row
            return {**row, "phone": row["phone"].removeprefix("0")}

        rewrite(world, "people.failed.csv", "people.failed.csv", bent)
        world.run("people.failed.csv", *OBJECT).ended(1, created=1, invalid=1)
        world.run(*RUN).ended(1, before=2, invalid=1)
        shown = status(world)
        assert (shown["before"], shown["left"]) == (2, 0), shown
        assert [row["first_name"] for row in world.rows("people.failed.csv")] == ["Bo"]
        world.holds(Ada=1, Cyd=1)

    def test_of_rows_that_the_crm_refused(self, world: World) -> None:
        world.write("people.csv", HEADER + ADA + BO + CYD)
        world.crm.script("Bo", refusal("validation_error", kept=True))
        world.run(*RUN).ended(1, created=2, failed=1)

        def mended(row: dict[str, str]) -> dict[str, str]:
            return {**row, "phone": "+971501110002"}

        rewrite(world, "people.failed.csv", "people.failed.csv", mended)
        world.run("people.failed.csv", *OBJECT).ended(0, created=1)
        world.run(*RUN).ended(0, before=3)
        world.settled(**EVERYBODY)

    def test_sorted_and_with_columns_taken_out(self, world: World) -> None:
        worse = [row.replace("@example", f"@{TOO_LONG}.example") for row in (BO, CYD)]
        world.write("people.csv", HEADER + ADA + "".join(worse))
        world.run(*RUN).ended(1, created=1, invalid=2)

        def few(row: dict[str, str]) -> dict[str, str]:
            kept = [*HEADER.strip().split(","), "vorel_ref"]
            return {name: row[name].replace(f"{TOO_LONG}.", "") for name in reversed(kept)}

        rewrite(world, "people.failed.csv", "people.failed.csv", few)
        world.sort("people.failed.csv", reverse=True)
        world.run("people.failed.csv", *OBJECT).ended(0, created=2)
        world.run(*RUN).ended(0, before=3)
        world.settled(**EVERYBODY)

    def test_corrected_in_part_stays_as_it_was_corrected(self, world: World) -> None:
        other = BO.replace("bo@", f"{TOO_LONG}@")
        world.write("people.csv", HEADER + ADA + other + BAD_CYD)
        world.run(*RUN).ended(1, created=1, invalid=2)

        def in_part(row: dict[str, str]) -> dict[str, str]:
            if row["first_name"] == "Cyd":
                return corrected(row)
            return {**row, "last_name": "Bergen", "email": f"b.{row['email']}"}

        rewrite(world, "people.failed.csv", "people.failed.csv", in_part)
        world.run("people.failed.csv", *OBJECT).ended(1, created=1, invalid=1)
        [left] = world.rows("people.failed.csv")
        assert (left["last_name"], left["email"]) == ("Bergen", f"b.{TOO_LONG}@example.com")
        assert not world.names("*edited*")

        world.run(*RUN).ended(1, before=2, invalid=1)
        [kept] = world.rows("people.edited-1.failed.csv")
        assert kept["last_name"] == "Bergen", "it is nowhere else"
        rewrite(world, "people.edited-1.failed.csv", "people.failed.csv", corrected)
        world.edit("people.failed.csv", ("b.bo@", "bo@"))
        world.run("people.failed.csv", *OBJECT).ended(0, created=1)
        world.run(*RUN).ended(0, before=3)
        world.settled(**EVERYBODY)

    def test_with_one_row_made_two(self, imported: World) -> None:
        [row] = imported.rows("people.failed.csv")
        rows = [
            corrected(row),
            {**corrected(row), "first_name": "Dan", "email": "dan@example.com", "phone": ""},
        ]
        save(imported, "two.csv", rows)
        imported.run("two.csv", *OBJECT).ended(0, created=2)
        imported.sort("two.csv", reverse=True)
        imported.run("two.csv", *OBJECT).ended(0, before=2)
        imported.run(*RUN).ended(0, before=3)
        imported.settled(**EVERYBODY, Dan=1)

    def test_corrected_to_be_somebody_of_the_list(self, imported: World) -> None:
        def as_bo(row: dict[str, str]) -> dict[str, str]:
            bo = dict(zip(HEADER.strip().split(","), BO.strip().split(","), strict=True))
            return {**row, **bo}

        rewrite(imported, "people.failed.csv", "people.failed.csv", as_bo)
        run = imported.run("people.failed.csv", *OBJECT)
        assert (run.exit_code, run.requests) == (0, 0), run.told()
        imported.run(*RUN).ended(0, before=3)
        imported.settled(Ada=1, Bo=1)

    def test_with_an_equal_row_of_two_that_are_both_sent(self, world: World) -> None:
        world.write("people.csv", HEADER + ADA + ADA)
        both = ("--on-duplicate", "send")
        world.run(*RUN, *both, "--limit", "1")
        world.run("people.unsent.csv", *OBJECT, *both).ended(0, created=1)
        world.run(*RUN, *both).ended(0, before=2)
        world.settled(Ada=2)

    def test_whose_answer_is_lost(self, imported: World) -> None:
        rewrite(imported, "people.failed.csv", "people.failed.csv", corrected)
        imported.remembers = True
        imported.crm.script("Cyd", lost, *[refusal("validation_error")] * 6)
        imported.run("people.failed.csv", *OBJECT).ended(1, unknown=1)
        imported.crm.script("Cyd")
        imported.run("people.failed.csv", *OBJECT).ended(0, created=1)
        imported.run(*RUN).ended(0, before=3)
        imported.settled(**EVERYBODY)

    def test_checked_before_it_is_run(self, imported: World) -> None:
        rewrite(imported, "people.failed.csv", "mended.csv", corrected)
        code, out, told = imported.command("check", "mended.csv", *OBJECT, "--json")
        assert (code, json.loads(out)["unsent"]) == (0, 1), told
        imported.run("mended.csv", *OBJECT).ended(0, created=1)
        code, out, told = imported.command("check", "mended.csv", *OBJECT, "--json")
        assert (code, json.loads(out)["before"]) == (0, 1), told

    def test_that_was_edited_and_not_imported_is_kept(self, imported: World) -> None:
        rewrite(imported, "people.failed.csv", "people.failed.csv", corrected)
        edited = imported.read("people.failed.csv")
        imported.run(*RUN).ended(1, before=2, invalid=1)
        assert imported.read("people.edited-1.failed.csv") == edited
        imported.run("people.edited-1.failed.csv", *OBJECT).ended(0, created=1)
        imported.run(*RUN).ended(0, before=3)
        imported.settled(**EVERYBODY)

    def test_together_with_its_list_is_refused(self, imported: World) -> None:
        rewrite(imported, "people.failed.csv", "people.failed.csv", corrected)
        both = ("people.csv", "people.failed.csv", *OBJECT, "--results", "people.results.jsonl")
        imported.run(*both).refused("people.failed.csv", "people.csv", "by itself")
        imported.run("people.failed.csv", *OBJECT).ended(0, created=1)
        imported.run(*RUN).ended(0, before=3)
        imported.settled(**EVERYBODY)

    def test_whose_results_file_is_gone_is_refused(self, imported: World) -> None:
        rewrite(imported, "people.failed.csv", "people.failed.csv", corrected)
        imported.delete("people.results.jsonl")
        imported.run("people.failed.csv", *OBJECT).refused("people.results.jsonl")


@pytest.mark.parametrize("sorted_", ["the references alone", "all but the references"])
def test_a_failed_file_of_which_only_some_columns_were_sorted_is_refused(
    world: World, sorted_: str
) -> None:
    """A row would be imported in place of another one, and nobody would miss that one."""
    bad_bo = BO.replace("bo@", f"{TOO_LONG}@")
    world.write("people.csv", HEADER + ADA + bad_bo + BAD_CYD)
    world.run(*RUN).ended(1, created=1, invalid=2)
    bo, cyd = world.rows("people.failed.csv")
    if sorted_ == "the references alone":
        rows = [{**bo, "vorel_ref": cyd["vorel_ref"]}, {**cyd, "vorel_ref": bo["vorel_ref"]}]
    else:
        own = [{name: row[name] for name in row if name.startswith("vorel_")} for row in (bo, cyd)]
        rows = [{**cyd, **own[0]}, {**bo, **own[1]}]
    rows[0] = corrected(rows[0])
    save(world, "people.failed.csv", rows)
    for command in ("run", "check"):
        code, _, told = world.command(command, "people.failed.csv", *OBJECT)
        assert (code, "row 2 is the row that the vorel_ref of row 1 names" in told) == (2, True), (
            told
        )
    world.holds(Ada=1)
