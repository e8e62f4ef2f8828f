"""`JobFolder`: programs run the jobs of a folder as the command line does."""

from __future__ import annotations

from pathlib import Path

import pytest

from importer import ConfigError, Event, Hook, JobFolder, RowDone
from importer.core.control import StopGroup
from importer.core.errors import StopRun
from importer.jobs.job_file import JobFile
from importer.sandbox import Sandbox

JOB = """\
object = "contact"
[fields]
first_name = "Name"
email = { column = "E-mail", type = "email" }
[job]
sources = "%s.csv"
api_key = { file = "key" }
rate = 6000
"""
LIST = "Name,E-mail\nOmar,omar@{0}.example\n{0},info@{0}.example\n"
NAMES = ("garage", "salon")


@pytest.fixture
def folder(tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VOREL_BASE_URL", sandbox.url)
    (tmp_path / "key").write_text(sandbox.api_key, encoding="utf-8")
    for name in NAMES:
        (tmp_path / f"{name}.toml").write_text(JOB % name, encoding="utf-8")
        (tmp_path / f"{name}.csv").write_text(LIST.format(name), encoding="utf-8")
    return tmp_path


async def test_each_job_has_its_own_end(folder: Path, sandbox: Sandbox) -> None:
    seen: list[str] = []
    ended: list[str] = []

    def watch(job: JobFile) -> Hook:
        def hook(event: Event) -> None:
            if isinstance(event, RowDone):
                seen.append(f"{job.name} {event.outcome.number} {event.outcome.status}")

        return hook

    jobs = JobFolder(folder)
    ends = await jobs.run(watch=watch, ended=lambda end: ended.append(end.name))

    assert [job.name for job in jobs.jobs] == [end.name for end in ends] == [*NAMES]
    for end in ends:
        assert end.error is None
        assert end.summary is not None
        assert (end.exit_code, end.summary.counts["created"]) == (0, 2)
        assert Path(end.summary.results) == folder / f"{end.name}.results.jsonl"
    assert sorted(seen) == [f"{name} {row} created" for name in NAMES for row in (1, 2)]
    assert sorted(ended) == [*NAMES]
    assert len(sandbox.records()) == 4
    assert [end.exit_code for end in await jobs.run()] == [0, 0]
    assert len(sandbox.records()) == 4


async def test_a_broken_job_is_named_and_stops_no_other(folder: Path, sandbox: Sandbox) -> None:
    path = folder / "garage.toml"
    path.write_text("[job]\nsources = 3\n", encoding="utf-8")

    jobs = JobFolder(folder)
    garage, salon = await jobs.run()

    assert [job.name for job in jobs.jobs] == ["salon"]
    assert [*jobs.broken] == [path]
    assert garage.error is jobs.broken[path]
    assert garage.exit_code == 2
    assert "sources" in garage.error.message
    assert salon.exit_code == 0
    assert len(sandbox.records()) == 2
    with pytest.raises(ConfigError, match="sources"):
        jobs.sound()


async def test_settings_take_precedence_over_the_files(folder: Path, sandbox: Sandbox) -> None:
    ends = await JobFolder(folder).run(at_once=1, limit=1, api_key="vapk_test_" + "0" * 48)

    assert [end.exit_code for end in ends] == [3, 3], "the service knows no such key"
    assert sandbox.records() == []
    ends = await JobFolder(folder).run(at_once=1, limit=1)
    assert [end.summary and end.summary.requests for end in ends] == [1, 1]


async def test_one_stop_ends_all(folder: Path, sandbox: Sandbox) -> None:
    group = StopGroup()
    group.stop(StopRun("enough for today"))

    ends = await JobFolder(folder).run(group=group)

    assert [end.error and end.error.message for end in ends] == ["enough for today"] * 2
    assert sandbox.records() == []


async def test_an_error_of_the_caller_is_the_end_of_its_job(folder: Path) -> None:
    def watch(job: JobFile) -> Hook:
        if job.name == "garage":
            raise LookupError(job.name)
        return print

    garage, salon = await JobFolder(folder).run(watch=watch)

    assert garage.error is not None
    assert isinstance(garage.error.__cause__, LookupError)
    assert (garage.exit_code, salon.exit_code) == (3, 0)


def test_without_an_event_loop(folder: Path, sandbox: Sandbox) -> None:
    assert [end.exit_code for end in JobFolder(str(folder)).run_sync()] == [0, 0]
    assert len(sandbox.records()) == 4


def test_a_single_job_file(folder: Path, sandbox: Sandbox) -> None:
    (end,) = JobFolder(folder / "salon.toml").run_sync()

    assert (end.name, end.exit_code) == ("salon", 0)
    assert len(sandbox.records()) == 2


async def test_in_an_event_loop_one_waits_for_it(folder: Path) -> None:
    with pytest.raises(ConfigError, match="event loop") as found:
        JobFolder(folder).run_sync()
    assert "await folder.run(" in (found.value.hint or "")


@pytest.mark.parametrize("what", ["missing", "empty"])
def test_a_folder_without_jobs_is_refused(what: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    with pytest.raises(ConfigError, match=what):
        JobFolder(tmp_path / what)


def test_two_jobs_with_one_results_file_are_refused(folder: Path) -> None:
    for name in NAMES:
        path = folder / f"{name}.toml"
        text = path.read_text(encoding="utf-8") + 'results = "all.results.jsonl"\n'
        path.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError, match="both jobs have the same results file"):
        JobFolder(folder)
