"""The files of an import given to `run`: they say whose they are, and nobody is made again."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import pytest
from referee import World, lost, refusal

HEADER = "first_name,last_name,email,phone\n"
ADA = "Ada,Abboud,ada@example.com,0501110001\n"
BO = "Bo,Berg,bo@example.com,0501110002\n"
CYD = "Cyd,Cohen,cyd@example.com,0501110003\n"
TOO_LONG = "x" * 300
BAD_CYD = CYD.replace("cyd@", f"{TOO_LONG}@")
OBJECT = ("--object", "contact")
RUN = ("people.csv", *OBJECT)
EVERYBODY = {"Ada": 1, "Bo": 1, "Cyd": 1}


@pytest.fixture
def imported(world: World) -> World:
    """Two people created, and one refused here for an address that is too long."""
    world.write("people.csv", HEADER + ADA + BO + BAD_CYD)
    world.run(*RUN).ended(1, created=2, invalid=1)
    return world


def rewrite(
    world: World, name: str, to: str, edit: Callable[[dict[str, str]], dict[str, str]]
) -> None:
    """Save a derived file under a name, as a spreadsheet would after an edit of its rows."""
    save(world, to, [edit(row) for row in world.rows(name)])


def save(world: World, name: str, rows: list[dict[str, str]]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    world.write(name, text.getvalue())


def corrected(row: dict[str, str]) -> dict[str, str]:
    return {**row, "email": row["email"].replace(TOO_LONG, row["first_name"].lower())}


def cleaned(row: dict[str, str]) -> dict[str, str]:
    """Return a row without what a person thinks nobody needs."""
    return {name: value for name, value in row.items() if name != "vorel_ref"}


def status(world: World) -> dict[str, object]:
    code, out, told = world.command("status", "people.results.jsonl", "--json")
    assert code == 0, told
    return dict(json.loads(out))


class TestASuccessFileAsASource:
    def test_goes_on_with_its_own_results(self, imported: World) -> None:
        imported.run("people.success.csv", *OBJECT).ended(0, before=2)
        imported.holds(Ada=1, Bo=1)

    @pytest.mark.parametrize("edit", [dict, cleaned], ids=["as it is", "cleaned"])
    def test_under_another_name_is_never_sent(
        self, imported: World, edit: Callable[[dict[str, str]], dict[str, str]]
    ) -> None:
        rewrite(imported, "people.success.csv", "clients.csv", edit)
        run = imported.run("clients.csv", *OBJECT)
        assert run.requests == 0, run.told()
        imported.run("clients.csv", *OBJECT, "--new-import")
        imported.holds(Ada=1, Bo=1)

    @pytest.mark.parametrize("edit", [dict, cleaned], ids=["as it is", "cleaned"])
    def test_in_another_folder_is_never_sent(
        self, imported: World, edit: Callable[[dict[str, str]], dict[str, str]]
    ) -> None:
        (imported.folder / "june").mkdir()
        rewrite(imported, "people.success.csv", "june/clients.csv", edit)
        run = imported.run("june/clients.csv", *OBJECT)
        assert run.requests == 0, run.told()

    def test_whose_results_file_is_gone_is_refused(self, imported: World) -> None:
        (imported.folder / "people.results.jsonl").unlink()
        imported.run("people.success.csv", *OBJECT).refused("people.results.jsonl")

    def test_with_somebody_added(self, imported: World) -> None:
        text = imported.read("people.success.csv").rstrip("\n")
        columns = text.splitlines()[0].count(",") + 1
        dan = "Dan,Dahl,dan@example.com,0501110004" + "," * (columns - 4)
        imported.write("people.success.csv", f"{text}\n{dan}\n")
        imported.run("people.success.csv", *OBJECT).ended(0, before=2, created=1)
        imported.settled(Ada=1, Bo=1, Dan=1)


def test_a_row_of_a_success_file_copied_to_be_somebody_else_is_sent(imported: World) -> None:
    """As people do in a spreadsheet: the copy still has the marks of the row it was made of."""
    ada, bo = imported.rows("people.success.csv")
    dee = {**ada, "first_name": "Dee", "last_name": "Diaz", "email": "dee@example.com", "phone": ""}
    save(imported, "people.success.csv", [ada, bo, dee, bo])
    success = ("people.success.csv", *OBJECT)
    imported.run(*success).ended(0, before=3, created=1)
    imported.run(*RUN).ended(1, before=2, invalid=1)
    save(imported, "mine.success.csv", [ada, bo, dee, bo])
    imported.run("mine.success.csv", *OBJECT).ended(0, before=4)
    imported.holds(Ada=1, Bo=1, Dee=1)


class TestAnUnsentFileAsASource:
    @pytest.fixture
    def pilot(self, world: World) -> World:
        world.write("people.csv", HEADER + ADA + BO + CYD)
        world.run(*RUN, "--limit", "1")
        return world

    def test_brings_in_the_rest(self, pilot: World) -> None:
        pilot.run("people.unsent.csv", *OBJECT).ended(0, created=2)
        pilot.run(*RUN).ended(0, before=3)
        assert not pilot.has("people.unsent.csv")
        pilot.settled(**EVERYBODY)

    def test_after_the_list_was_finished_makes_nobody(self, pilot: World) -> None:
        pilot.write("rest.csv", pilot.read("people.unsent.csv"))
        pilot.run(*RUN).ended(0, before=1, created=2)
        run = pilot.run("rest.csv", *OBJECT)
        assert run.requests == 0, run.told()
        pilot.holds(**EVERYBODY)


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
        text = io.StringIO()
        writer = csv.DictWriter(text, list(row))
        writer.writeheader()
        writer.writerows(rows)
        imported.write("two.csv", text.getvalue())
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
        (imported.folder / "people.results.jsonl").unlink()
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


def test_a_changed_file_is_sent_once(imported: World) -> None:
    imported.write("people.csv", HEADER + ADA.replace("Abboud", "Abboud-Berg") + BO)
    imported.run(*RUN).ended(6, before=1, changed=1)
    imported.run("people.changed.csv", *OBJECT, "--on-change", "send").ended(0, created=1)
    imported.run(*RUN).ended(0, before=2)
    imported.settled(Ada=2, Bo=1)


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

    @pytest.fixture
    def imported(self, world: World) -> World:
        world.write("mapping.toml", self.MAPPING)
        world.write("people.jsonl", f"{json.dumps(ADA_AS_OBJECT)}\n{json.dumps(BO_AS_OBJECT)}\n")
        world.run(*self.RUN).ended(1, created=1, invalid=1)
        return world

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


class TestACorrectedRowWhoseUnmappedColumnDiffersLater:
    """The list still has the bad value; only what nobody sends has changed in it."""

    HEADER = "First,Mail,Exported\n"
    MAPPING = 'object = "contact"\n[fields]\nfirst_name = "First"\nemail = "Mail"\n'
    ADA, BAD_BO = "Ada,ada@example.com,monday\n", f"Bo,{TOO_LONG}@example.com,monday\n"
    RUN = ("people.csv", "--mapping", "mapping.toml")

    def people(self, world: World, *rows: str) -> None:
        world.write("people.csv", self.HEADER + "".join(rows))

    def correct(self, world: World) -> None:
        rewrite(world, "people.failed.csv", "people.failed.csv", self.corrected)
        world.run("people.failed.csv", *self.RUN[1:]).ended(0, created=1)

    @staticmethod
    def corrected(row: dict[str, str]) -> dict[str, str]:
        return {**row, "Mail": f"{row['First'].lower()}@example.com"}

    @pytest.fixture
    def imported(self, world: World) -> World:
        world.write("mapping.toml", self.MAPPING)
        self.people(world, self.ADA, self.BAD_BO)
        world.run(*self.RUN).ended(1, created=1, invalid=1)
        return world

    @pytest.mark.parametrize("compacted", [False, True])
    def test_is_still_corrected(self, imported: World, *, compacted: bool) -> None:
        self.correct(imported)
        for day in ("tuesday", "friday"):
            if compacted:
                assert imported.command("compact", "people.results.jsonl")[0] == 0
            imported.edit("people.csv", (imported.rows("people.csv")[0]["Exported"], day))
            code, out, _ = imported.command("check", *self.RUN, "--json")
            assert (code, json.loads(out)["before"]) == (0, 2)
            imported.run(*self.RUN).ended(0, before=2)
        imported.settled(Ada=1, Bo=1)

    def test_after_a_first_correction_that_was_not_good(self, imported: World) -> None:
        bad = f"{'y' * 300}@example.com"
        imported.edit("people.failed.csv", (f"{TOO_LONG}@example.com", bad))
        imported.run("people.failed.csv", *self.RUN[1:]).ended(1, invalid=1)
        self.correct(imported)
        assert imported.command("compact", "people.results.jsonl")[0] == 0
        imported.edit("people.csv", ("monday", "tuesday"))
        imported.run(*self.RUN).ended(0, before=2)
        imported.settled(Ada=1, Bo=1)

    def test_another_row_with_another_bad_value_is_not(self, imported: World) -> None:
        self.correct(imported)
        self.people(imported, self.ADA, self.BAD_BO.replace("xx@", "yy@"))
        imported.run(*self.RUN).ended(1, before=1, invalid=1)

    def test_a_second_row_with_the_same_bad_value_is_not(self, imported: World) -> None:
        self.correct(imported)
        self.people(imported, self.ADA, self.BAD_BO, self.BAD_BO.replace("monday", "friday"))
        imported.run(*self.RUN).ended(1, before=2, invalid=1)

    def test_a_row_that_was_refused_beside_it_is_not(self, world: World) -> None:
        world.write("mapping.toml", self.MAPPING)
        other = self.BAD_BO.replace("monday", "friday")
        self.people(world, self.ADA, self.BAD_BO, other)
        world.run(*self.RUN).ended(1, created=1, invalid=2)
        first, _ = world.rows("people.failed.csv")
        rewrite(
            world,
            "people.failed.csv",
            "people.failed.csv",
            lambda row: self.corrected(row) if row == first else row,
        )
        world.run("people.failed.csv", *self.RUN[1:]).ended(1, created=1, invalid=1)
        self.people(world, self.ADA, other)
        world.run(*self.RUN).ended(1, before=1, invalid=1)

    @pytest.mark.parametrize("more", [(), ("--on-duplicate", "send")])
    def test_where_the_crm_had_refused_it(self, world: World, more: tuple[str, ...]) -> None:
        world.write("mapping.toml", self.MAPPING)
        self.people(world, self.ADA, "Bo,wrong@example.com,monday\n")
        world.crm.script("Bo", refusal("validation_error"))
        world.run(*self.RUN, *more).ended(1, created=1, failed=1)
        rewrite(world, "people.failed.csv", "people.failed.csv", self.corrected)
        world.run("people.failed.csv", *self.RUN[1:], *more).ended(0, created=1)
        world.edit("people.csv", ("monday", "tuesday"))
        world.run(*self.RUN, *more).ended(0, before=2)
        world.settled(Ada=1, Bo=1)
