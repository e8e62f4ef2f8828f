"""The results file was deleted or is an older copy, and what lies beside it knows more."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from referee import Run, World
from referee.three_people import ADA, BO, CYD, HEADER, RESULTS, RUN, SUCCESS

from importer.writer import index_file


def stopped(world: World, *words: str, command: tuple[str, ...] = RUN) -> Run:
    """Check that run and check end with 7 and say so, and that nothing is sent or written."""
    before = {path: path.read_bytes() for path in world.folder.rglob("*") if path.is_file()}
    code, _, told = world.command("check", *command)
    assert code == 7, told
    assert not [word for word in words if word not in told], told
    run = world.run(*command)
    assert (run.exit_code, run.requests) == (7, 0), run.told()
    assert not [word for word in words if word not in run.stderr], run.told()
    assert run.report["exit_code"] == 7
    after = {path: path.read_bytes() for path in world.folder.rglob("*") if path.is_file()}
    assert after == before
    return run


class TestDeleted:
    def test_stops_the_run(self, two: World) -> None:
        two.delete(RESULTS)
        run = stopped(two, SUCCESS, "2 rows with a record", RESULTS, "is not there", "--new-import")
        assert f"vorel-import recover {RESULTS} {SUCCESS}" in run.stderr
        two.holds(Ada=1, Bo=1)

    @pytest.mark.parametrize("kind", ["undo", "success"])
    def test_stops_the_run_also_if_excel_has_saved_what_is_left(
        self, two: World, kind: str
    ) -> None:
        assert two.command("undo", RESULTS)[0] == 0
        left = two.read(f"people.{kind}.csv")
        two.delete(RESULTS, *two.names("people.*.csv"))
        two.write(f"people.{kind}.csv", left.replace(",", ";"))
        stopped(two, f"people.{kind}.csv", "2 rows with a record")

    def test_or_empty_stops_the_run(self, two: World) -> None:
        two.write(RESULTS, "")
        stopped(two, "is not there")

    def test_is_noticed_each_time(self, two: World) -> None:
        two.delete(RESULTS)
        for _ in range(2):
            stopped(two)

    def test_and_put_back_goes_on(self, two: World) -> None:
        text = two.read(RESULTS)
        two.delete(RESULTS)
        stopped(two)
        two.write(RESULTS, text)
        two.run(*RUN).ended(0, before=2)

    def test_goes_on_as_a_new_import(self, two: World) -> None:
        two.delete(RESULTS)
        assert two.command("check", *RUN, "--new-import")[0] == 0
        two.run(*RUN, "--new-import").ended(0, created=2)
        two.run(*RUN).ended(0, before=2)
        two.holds(Ada=2, Bo=2)

    def test_leaves_a_new_import_that_was_stopped_in_peace(self, two: World) -> None:
        """Its files are still those of the import before."""
        success = two.folder / SUCCESS
        content = success.read_bytes()
        two.delete(RESULTS)
        two.run(*RUN, "--new-import", "--limit", "1").ended(0, created=1)
        success.write_bytes(content)
        old = success.stat().st_mtime - 3600
        os.utime(success, (old, old))
        two.run(*RUN).ended(0, before=1, created=1)

    def test_of_a_json_list(self, world: World) -> None:
        world.write("people.jsonl", '{"first_name": "Ada", "email": "ada@example.com"}\n')
        run = ("people.jsonl", "--object", "contact")
        world.run(*run).ended(0, created=1)
        world.delete(RESULTS)
        found = stopped(world, "people.success", command=run)
        assert f"recover {RESULTS} people.success.jsonl" in found.stderr

    @pytest.mark.parametrize("encoding", ["utf-16", "windows-1256"])
    def test_of_a_list_in_another_encoding(self, world: World, encoding: str) -> None:
        world.write("people.csv", (HEADER + ADA).replace("Abboud", "عبود"), encoding)
        run = (*RUN, "--encoding", encoding)
        world.run(*run).ended(0, created=1)
        world.delete(RESULTS)
        stopped(world, "1 row with a record", command=run)

    def test_with_the_list_of_the_records_to_delete(self, two: World) -> None:
        assert two.command("undo", RESULTS)[0] == 0
        two.delete(RESULTS, SUCCESS)
        stopped(two, "people.undo.csv", "2 rows")

    def test_with_a_failed_file_that_lacks_most_rows(self, imported: World) -> None:
        imported.delete(RESULTS, SUCCESS)
        stopped(imported, "people.failed.csv", "2 more rows")


class TestAnOlderCopy:
    @pytest.fixture
    def older(self, two: World) -> World:
        """The results file of a night before; Cyd was made since."""
        before = two.read(RESULTS)
        two.edit("people.csv", (BO, CYD + BO))
        two.run(*RUN).ended(0, before=2, created=1)
        two.write(RESULTS, before)
        return two

    def test_stops_the_run(self, older: World) -> None:
        stopped(older, "3 rows with a record", "does not know 1 of them")
        older.holds(Ada=1, Bo=1, Cyd=1)

    def test_goes_on_as_a_new_import(self, older: World) -> None:
        older.run(*RUN, "--new-import").ended(0, before=2, created=1)
        older.run(*RUN).ended(0, before=3)
        older.holds(Ada=1, Bo=1, Cyd=2)

    def test_is_noticed_where_only_new_people_are_listed(self, two: World) -> None:
        before = two.read(RESULTS)
        two.write("people.csv", HEADER + CYD)
        two.run(*RUN).ended(0, created=1)
        two.write(RESULTS, before)
        stopped(two, "1 row with a record", "does not know 1 of them")

    def test_of_a_night_that_made_nobody_goes_on(self, two: World) -> None:
        """All records are known. The change is reported once more, and nobody is made twice."""
        before = two.read(RESULTS)
        two.edit("people.csv", ("0501110001", "0501119999"))
        two.run(*RUN).ended(6, before=1, changed=1)
        two.write(RESULTS, before)
        two.run(*RUN).ended(6, before=1, changed=1)
        two.settled(Ada=1, Bo=1)


class TestTheIndex:
    """It is kept of larger results files: here of each."""

    @pytest.fixture
    def indexed(self, two: World, monkeypatch: pytest.MonkeyPatch) -> World:
        monkeypatch.setattr(index_file, "_SMALL_BYTES", 0)
        two.run(*RUN).ended(0, before=2)
        assert two.has("people.results.index")
        return two

    def test_knows_more_than_a_file_that_is_gone(self, indexed: World) -> None:
        indexed.delete(RESULTS, SUCCESS)
        stopped(indexed, "people.results.index", "2 records", "is not there")

    def test_knows_more_than_an_older_copy(self, indexed: World) -> None:
        before = indexed.read(RESULTS)
        indexed.edit("people.csv", (BO, BO + CYD))
        indexed.run(*RUN).ended(0, before=2, created=1)
        indexed.run(*RUN).ended(0, before=3)
        indexed.write(RESULTS, before)
        indexed.delete(SUCCESS)
        stopped(indexed, "people.results.index", "3 records", "knows 2")

    def test_does_not_know_more_than_a_file_that_was_made_smaller(self, indexed: World) -> None:
        for night in range(8):
            indexed.write("people.csv", (HEADER + ADA + BO).replace("phone", f"phone{night}"))
            indexed.run(*RUN, "--format", "csv")
        size = (indexed.folder / RESULTS).stat().st_size
        assert indexed.command("compact", RESULTS)[0] == 0
        assert (indexed.folder / RESULTS).stat().st_size < size
        indexed.delete(SUCCESS)
        indexed.run(*RUN)
        indexed.holds(Ada=1, Bo=1)


class TestOrdinaryThings:
    @pytest.mark.parametrize("kinds", [["success"], ["success", "failed"]])
    def test_derived_files_are_deleted(self, imported: World, kinds: list[str]) -> None:
        imported.delete(*(f"people.{kind}.csv" for kind in kinds))
        imported.run(*RUN).ended(1, before=2, invalid=1)

    def test_everything_is_deleted(self, two: World) -> None:
        two.delete(RESULTS, SUCCESS)
        two.run(*RUN).ended(0, created=2)

    @pytest.mark.parametrize(
        "change",
        [("ada@", "ada.abboud@"), ("Bo,Berg", "Bo,Bergmann"), ("\r\n", "\n")],
        ids=["an address", "a name", "line ends"],
    )
    def test_the_success_file_is_edited(self, two: World, change: tuple[str, str]) -> None:
        path = two.folder / SUCCESS
        path.write_bytes(path.read_bytes().replace(change[0].encode(), change[1].encode()))
        two.run(*RUN).ended(0, before=2)

    def test_rows_of_the_success_file_are_deleted(self, two: World) -> None:
        lines = two.read(SUCCESS).splitlines(keepends=True)
        two.write(SUCCESS, "".join(lines[:-1]))
        two.run(*RUN).ended(0, before=2)

    def test_the_success_file_of_another_import_lies_there(self, two: World) -> None:
        content = two.read(SUCCESS)
        two.write("others.csv", HEADER + CYD)
        two.write("others.success.csv", content)
        two.run("others.csv", *RUN[1:]).ended(0, created=1)

    def test_a_table_of_somebody_else_has_that_name(self, world: World) -> None:
        world.write("people.csv", HEADER + ADA)
        world.write(SUCCESS, "name,vorel_external_id\nAda,rec-9\n")
        world.write("people.undo.csv", "who\nme\n")
        world.run(*RUN).ended(0, created=1)

    def test_the_results_file_is_made_smaller(self, two: World) -> None:
        for night in range(3):
            two.edit("people.csv", (f"050111{night}001", f"050111{night + 1}001")) if night else (
                two.edit("people.csv", ("0501110001", "0501111001"))
            )
            two.run(*RUN)
        assert two.command("compact", RESULTS)[0] == 0
        two.run(*RUN).ended(0, before=2)

    def test_messages_are_forgotten(self, imported: World) -> None:
        assert imported.command("forget", RESULTS, "--before", "2999-01-01")[0] == 0
        imported.run(*RUN).ended(1, before=2, invalid=1)

    def test_changes_are_acknowledged(self, two: World) -> None:
        two.edit("people.csv", ("0501110001", "0501119999"))
        two.run(*RUN).ended(6, before=1, changed=1)
        assert two.command("acknowledge", RESULTS)[0] == 0
        two.run(*RUN).ended(0, before=2)

    def test_a_derived_file_is_restored(self, two: World) -> None:
        content = two.read(SUCCESS)
        two.edit("people.csv", (BO, BO + CYD))
        two.run(*RUN).ended(0, before=2, created=1)
        two.write(SUCCESS, content)
        two.run(*RUN).ended(0, before=3)

    def test_results_are_elsewhere(self, two: World) -> None:
        (two.folder / "state").mkdir()
        (two.folder / RESULTS).rename(two.folder / "state" / RESULTS)
        elsewhere = ("--results", f"state/{RESULTS}")
        two.run(*RUN, *elsewhere).ended(0, before=2)
        two.delete(f"state/{SUCCESS}")
        two.run(*RUN, *elsewhere).ended(0, before=2)

    def test_the_results_file_has_another_name_now(self, two: World) -> None:
        (two.folder / RESULTS).rename(two.folder / "2026.results.jsonl")
        two.run(*RUN).refused("2026.results.jsonl")
        two.run(*RUN, "--results", "2026.results.jsonl").ended(0, before=2)

    def test_a_list_from_standard_input(self, two: World) -> None:
        text = two.read("people.csv")
        stdin = ("-", *RUN[1:], "--results", RESULTS)
        two.run(*stdin, stdin=text).ended(0, before=2)

    def test_everything_is_moved_to_another_folder(self, two: World, tmp_path: Path) -> None:
        two.folder = two.folder.rename(tmp_path / "moved")
        two.run(*RUN).ended(0, before=2)


class TestAJob:
    JOB = """\
        object = "contact"
        [fields]
        first_name = "first_name"
        last_name = "last_name"
        email = "email"
        phone = "phone"
        [job]
        sources = "people.csv"
        metrics_file = "clinic.prom"
        output = "runs"
        """
    RUN = ("--job", "clinic.toml")
    FILES = ("clinic.results.jsonl", "clinic.success.csv")

    @pytest.fixture
    def job(self, world: World) -> World:
        world.write("people.csv", HEADER + ADA + BO)
        world.write("clinic.toml", self.JOB)
        world.run(*self.RUN).ended(0, created=2)
        return world

    def stopped(self, world: World, *words: str) -> None:
        code, _, told = world.command("check", *self.RUN)
        assert (code, [word for word in words if word not in told]) == (7, []), told
        for command in (self.RUN, self.RUN, ("--job", ".")):
            code, _, told = world.command("run", *command, "--no-input")
            assert code == 7, told
            assert not [word for word in words if word not in told], told
        world.holds(Ada=1, Bo=1)

    def test_whose_folder_of_runs_knows_more(self, job: World) -> None:
        job.delete(*self.FILES, "clinic.prom")
        self.stopped(job, "runs/", "clinic.success.csv", "by run", "2 rows with a record")

    def test_whose_metrics_know_more(self, job: World) -> None:
        job.delete(*self.FILES)
        (job.folder / "runs").rename(job.folder / "away")
        self.stopped(job, "clinic.prom", "2 rows", "is not there")

    def test_whose_folder_is_that_of_the_night_before(self, job: World) -> None:
        before = {name: (job.folder / name).read_bytes() for name in self.FILES}
        job.edit("people.csv", (BO, BO + CYD))
        job.run(*self.RUN).ended(0, before=2, created=1)
        for name, content in before.items():
            (job.folder / name).unlink()  # the folder of runs has links to it
            (job.folder / name).write_bytes(content)
        code, _, told = job.command("check", *self.RUN)
        assert (code, "3 rows" in told) == (7, True), told
        (job.folder / "clinic.prom").unlink()
        code, _, told = job.command("check", *self.RUN)
        assert (code, "does not know 1 of them" in told) == (7, True), told
        job.run(*self.RUN, "--new-import").ended(0, before=2, created=1)
        job.run(*self.RUN).ended(0, before=3)

    def test_that_nothing_happened_to_goes_on(self, job: World) -> None:
        for _ in range(2):
            job.run(*self.RUN).ended(0, before=2)
        job.edit("people.csv", (BO, CYD))
        job.run(*self.RUN).ended(0, before=1, created=1)
        job.run(*self.RUN).ended(0, before=2)

    def test_beside_the_metrics_of_another_one(self, job: World) -> None:
        job.write("other.toml", self.JOB.replace("people.csv", "others.csv").replace("runs", "r"))
        job.write("others.csv", HEADER + CYD)
        job.run("--job", "other.toml").ended(0, created=1)

    def test_is_not_made_smaller_before_it_is_stopped(self, job: World) -> None:
        job.delete("clinic.results.jsonl")
        self.stopped(job, "clinic.success.csv")
        assert not job.has("clinic.results.jsonl")
