"""Job files: what is in them, what is wrong with them, and what flags change."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from referee import World

from importer.core.errors import ConfigError, SourceError
from importer.jobs.job_file import find_jobs, load_job
from importer.jobs.lists import ListSource

FIELDS = """\
object = "contact"
identity = ["external_ref"]
[fields]
external_ref = "Id"
first_name = "Name"
email = { column = "E-mail", type = "email" }
"""
JOB = f"""{FIELDS}
[job]
sources = "people.csv"
api_key = {{ file = "key" }}
rate = 100000
"""
LIST = "Id,Name,E-mail\n1,Omar,omar@example.com\n2,Lina,lina@example.com\n"


@pytest.fixture
def clinic(world: World) -> World:
    """A folder with a job, its key and its list."""
    world.write("clinic.toml", f'{JOB}base_url = "{world.url}"\npace = "burst"\n')
    world.write("key", world.api_key)
    world.write("people.csv", LIST)
    return world


def test_a_job_needs_no_flag(clinic: World) -> None:
    clinic.run("--job", "clinic.toml").ended(0, created=2)
    clinic.holds(Omar=1, Lina=1)
    assert {"clinic.results.jsonl", "clinic.success.csv"} <= clinic.names()
    clinic.run("--job", "clinic.toml").ended(0, before=2)


def test_it_is_the_same_import_from_another_folder(clinic: World) -> None:
    clinic.run("--job", "clinic.toml")
    whole = str(clinic.folder / "clinic.toml")
    clinic.run("--job", whole).ended(0, before=2)


def test_check_knows_jobs(clinic: World) -> None:
    code, out, _ = clinic.command("check", "--job", "clinic.toml", "--json")
    assert (code, json.loads(out)["to_send"]) == (0, 2)


def test_flags_take_precedence(clinic: World) -> None:
    clinic.run("--job", "clinic.toml", "--limit", "1").ended(0, created=1)
    assert clinic.run("--job", "clinic.toml", "--max-new", "0", "--json").exit_code == 0


def test_the_next_command_names_the_job_and_what_differs_from_it(clinic: World) -> None:
    clinic.edit("people.csv", ("lina@example.com", "no address"))
    clinic.run("--job", "clinic.toml", "--on-duplicate", "send").ended(1, created=1, invalid=1)
    status = json.loads(clinic.command("status", "clinic.results.jsonl", "--json")[1])
    assert status["next"] == (
        "vorel-import run clinic.failed.csv --job clinic.toml --on-duplicate send"
    )
    clinic.edit("clinic.failed.csv", ("no address", "lina@example.com"))
    clinic.run(*status["next"].split()[2:]).ended(0, created=1)
    clinic.holds(Omar=1, Lina=1)


def test_the_next_command_is_right_in_the_folder_of_the_job(clinic: World) -> None:
    clinic.edit("people.csv", ("lina@example.com", "no address"))
    above = replace(clinic, folder=clinic.folder.parent)
    above.run("--job", f"{clinic.folder.name}/clinic.toml").ended(1, created=1, invalid=1)
    status = json.loads(clinic.command("status", "clinic.results.jsonl", "--json")[1])
    assert status["next"] == "vorel-import run clinic.failed.csv --job clinic.toml"


def test_the_next_command_after_a_corrected_file_names_the_job(clinic: World) -> None:
    clinic.edit("people.csv", ("omar@example.com", "nowhere"), ("lina@example.com", "no address"))
    clinic.run("--job", "clinic.toml").ended(1, invalid=2)
    clinic.edit("clinic.failed.csv", ("nowhere", "omar@example.com"))
    again = clinic.run("clinic.failed.csv", "--job", "clinic.toml").ended(1, created=1, invalid=1)
    status = json.loads(clinic.command("status", "clinic.results.jsonl", "--json")[1])
    assert status["next"] == again.report["next"]
    assert status["next"] == "vorel-import run clinic.failed.csv --job clinic.toml"
    clinic.edit("clinic.failed.csv", ("no address", "lina@example.com"))
    clinic.run(*status["next"].split()[2:]).ended(0, created=1)
    clinic.holds(Omar=1, Lina=1)


def test_the_key_is_on_record_nowhere(clinic: World) -> None:
    clinic.run("--job", "clinic.toml")
    texts = [path.read_text("utf-8") for path in clinic.folder.iterdir() if path.name != "key"]
    assert not any(clinic.api_key in text for text in texts)


def test_another_setting_is_no_other_mapping(clinic: World) -> None:
    clinic.run("--job", "clinic.toml")
    clinic.edit("clinic.toml", ("rate = 100000", "rate = 90000"))
    run = clinic.run("--job", "clinic.toml")
    assert not [one for one in run.report["notices"] if "mapping" in one]


def test_a_new_list_is_no_news_in_a_job(clinic: World) -> None:
    clinic.run("--job", "clinic.toml")
    clinic.write("people.csv", clinic.read("people.csv") + "3,Zoe,zoe@example.com\n")
    notices = clinic.run("--job", "clinic.toml").report["notices"]
    assert not [one for one in notices if "since the last run" in one]


def test_the_mapping_may_be_another_file(clinic: World) -> None:
    clinic.write("mapping.toml", FIELDS)
    clinic.write("clinic.toml", f'[job]\nmapping = "mapping.toml"\n{JOB.partition("[job]")[2]}')
    clinic.run("--job", "clinic.toml").ended(0, created=2)


def test_map_writes_one_that_reads_the_list_of_another_day(clinic: World) -> None:
    today, tomorrow = date.today(), date.today() + timedelta(days=1)  # noqa: DTZ011 - as the run does
    people = clinic.read("people.csv")
    clinic.write(f"people-{today}.csv", people)
    clinic.write(f"people_{today - timedelta(days=2):%d.%m.%Y}.csv", people)

    words = ("--object", "contact", "--as-job", "-o")
    clinic.command("map", f"people-{today}.csv", *words, "daily.toml")
    _, _, told = clinic.command(
        "map", f"people_{today - timedelta(days=2):%d.%m.%Y}.csv", *words, "newest.toml"
    )
    daily = load_job(clinic.folder / "daily.toml").source
    newest = load_job(clinic.folder / "newest.toml").source
    clinic.write(f"people_{tomorrow:%d.%m.%Y}.csv", people)

    assert daily.sources == ("people-%Y-%m-%d.csv",)
    at = datetime.combine(tomorrow, time(2))
    with daily.found(clinic.folder, lambda: at) as (path,):
        assert Path(path).name == f"people-{tomorrow}.csv"
    assert newest.sources == ("people_??.??.????.csv",)
    with newest.found(clinic.folder) as (path,):
        assert Path(path).name == f"people_{tomorrow:%d.%m.%Y}.csv"
    assert "  vorel-import check --job newest.toml" in told.splitlines()
    checked = clinic.command("check", "--job", "daily.toml")
    assert checked[0] == 0, checked


def test_check_of_a_job_needs_no_key(clinic: World) -> None:
    clinic.edit("clinic.toml", ('file = "key"', 'file = "there-is-none"'))
    checked = clinic.command("check", "--job", "clinic.toml")
    assert checked[0] == 0, checked
    clinic.run("--job", "clinic.toml").refused("there-is-none")


def test_map_writes_one(clinic: World) -> None:
    written = clinic.command(
        "map", "people.csv", "--object", "contact", "-o", "new.toml", "--as-job"
    )
    assert written[0] == 0, written
    clinic.run("--job", "new.toml").ended(0, created=2)


def test_a_list_from_a_command(clinic: World) -> None:
    clinic.edit("clinic.toml", ('sources = "people.csv"', 'command = ["cat", "people.csv"]'))
    clinic.run("--job", "clinic.toml").ended(0, created=2)
    clinic.edit("people.csv", ("Lina", "Lena"))
    clinic.run("--job", "clinic.toml").ended(6, before=1, changed=1)


def test_a_command_that_fails_sends_nothing(clinic: World) -> None:
    command = 'command = ["sh", "-c", "cat people.csv; echo the database is away >&2; exit 3"]'
    clinic.edit("clinic.toml", ('sources = "people.csv"', command))
    clinic.run("--job", "clinic.toml").refused("ended with 3", "the database is away")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("object = 3", "it has no table [job]"),
        ("[job]", "either sources or a command must be given"),
        (
            '[job]\nsources = "a.csv"\nrats = 7',
            "job.rats: there is no such key. Did you mean 'rate'",
        ),
        ('[job]\nsources = "a.csv"\naccept_list = true', "job.accept_list: it is for one run"),
        ('[job]\nsources = "a.csv"\nrate = 0', "job.rate: Input should be greater than or equal"),
        (
            '[job]\nsources = "a.csv"\nmax_new = "many"',
            "max_new: 'many' is neither a number of rows",
        ),
        ('[job]\nsources = "a.csv"\napi_key = "secret"', "job.api_key"),
        ('[job]\nsources = "a.csv"\napi_key = { env = "A", file = "b" }', "it must be one of"),
    ],
)
def test_a_mistake_is_named(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "clinic.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_job(path)
    assert message in caught.value.message
    assert "clinic.toml" in caught.value.message
    assert "secret" not in caught.value.message


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ('{ env = "NO_SUCH_KEY" }', "the environment has no variable NO_SUCH_KEY"),
        ('{ file = "nowhere" }', "cannot be read"),
        ('{ credential = "clinic" }', "this is no unit of systemd"),
    ],
)
def test_a_key_that_is_not_there(source: str, message: str, clinic: World) -> None:
    clinic.edit("clinic.toml", ('{ file = "key" }', source))
    clinic.run("--job", "clinic.toml").refused(message)


def test_a_credential_of_systemd(clinic: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(clinic.folder))
    job = clinic.folder / "clinic.toml"
    clinic.edit("clinic.toml", ('{ file = "key" }', '{ credential = "key" }'))
    key = load_job(job).run_config(["people.csv"]).required_api_key()
    assert key.get_secret_value() == clinic.api_key


class TestLists:
    def test_the_day_is_filled_in(self, tmp_path: Path) -> None:
        source = ListSource(sources=("people-%Y-%m-%d.csv",))
        with source.found(tmp_path, lambda: datetime(2026, 3, 9, tzinfo=UTC)) as files:
            assert files == (str(tmp_path / "people-2026-03-09.csv"),)

    def test_the_newest_file(self, tmp_path: Path) -> None:
        for name, age in (("people-a.csv", 30), ("people-b.csv", 10), ("people-c.csv", 20)):
            (tmp_path / name).write_text(LIST)
            written = 1_700_000_000 - age
            __import__("os").utime(tmp_path / name, (written, written))
        with ListSource(sources=("people-*.csv",), newest=True).found(tmp_path) as files:
            assert files == (str(tmp_path / "people-b.csv"),)

    def test_no_file_at_all(self, tmp_path: Path) -> None:
        source = ListSource(sources=("people-*.csv",), newest=True)
        with pytest.raises(SourceError, match="there is no such file"), source.found(tmp_path):
            pass

    def test_what_a_command_prints_is_removed(self, tmp_path: Path) -> None:
        with ListSource(command=("echo", "Id")).found(tmp_path) as files:
            assert Path(files[0]).read_text() == "Id\n"
            assert Path(files[0]).parent.stat().st_mode & 0o777 == 0o700
        assert not Path(files[0]).exists()


def test_a_folder_without_jobs(tmp_path: Path) -> None:
    (tmp_path / "mapping.toml").write_text(FIELDS)
    with pytest.raises(ConfigError, match="the folder has no job file"):
        find_jobs(tmp_path)


def test_an_overlap_has_an_exit_code_of_its_own(clinic: World) -> None:
    from contextlib import closing

    from importer.writer.results import ResultsFile

    with closing(ResultsFile(clinic.folder / "clinic.results.jsonl")):
        run = clinic.run("--job", "clinic.toml")
        assert (run.exit_code, run.requests) == (8, 0)
        assert "is in use by another run" in run.stderr
    clinic.run("--job", "clinic.toml").ended(0, created=2)
