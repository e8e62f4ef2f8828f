"""The results file of a job is made smaller before a run, when that pays."""

from __future__ import annotations

import json

import pytest
from referee import World

from importer.core.errors import JournalError
from importer.writer.results import ResultsFile
from importer.writer.rewriting import compaction, compaction_policy
from importer.writer.rewriting.compaction import Compacted, compact_if_it_pays
from importer.writer.rewriting.compaction_policy import saves_enough
from tests.jobs.test_job_file import JOB

NIGHTS = 4
RESULTS = "people.results.jsonl"


def export(night: int) -> str:
    """Return a list of which a column changes every night that is not imported."""
    rows = [f"{one},{one.lower()}@example.com,{night}" for one in ("Omar", "Lina")]
    numbered = [f"{number},{row}" for number, row in enumerate(rows, 1)]
    return "\n".join(["Id,Name,E-mail,Seen", *numbered, ""])


@pytest.fixture
def job(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A job in a world where each byte that is saved pays."""
    monkeypatch.setattr(compaction_policy, "_FEW_BYTES", 0)
    monkeypatch.setattr(compaction_policy, "_SHARE", 1_000_000)
    world.write("people.toml", JOB)
    world.write("key", world.api_key)
    return world


def nights(world: World, *arguments: str) -> str:
    """Import the list in some nights. Returns what the results file holds then."""
    for night in range(NIGHTS):
        world.write("people.csv", export(night))
        world.run(*arguments).ended(0, **({"before": 2} if night else {"created": 2}))
    return world.read(RESULTS)


def test_versions_are_packed_before_a_run_of_a_job(job: World) -> None:
    text = nights(job, "--job", "people.toml")
    assert text.count('"versions":') == 2
    job.write("people.csv", export(0))
    job.run("--job", "people.toml").ended(0, before=2)
    job.settled(Omar=1, Lina=1)


def test_each_job_of_a_folder_has_its_own(job: World) -> None:
    (job.folder / "jobs").mkdir()
    for name in ("people.toml", "key"):
        (job.folder / name).rename(job.folder / "jobs" / name)
    for night in range(NIGHTS):
        job.write("jobs/people.csv", export(night))
        code, _, told = job.command("run", "--job", "jobs", "--no-input")
        assert code == 0, told
    assert job.read(f"jobs/{RESULTS}").count('"versions":') == 2


def test_a_job_can_be_left_as_it_is(job: World) -> None:
    assert '"versions":' not in nights(job, "--job", "people.toml", "--no-compact")
    job.edit("people.toml", ("[job]", "[job]\ncompact = false"))
    assert '"versions":' not in nights_again(job)


def nights_again(world: World) -> str:
    world.write("people.csv", export(NIGHTS))
    world.run("--job", "people.toml").ended(0, before=2)
    return world.read(RESULTS)


def test_a_run_without_a_job_does_it_if_it_is_told_to(job: World) -> None:
    run = ("people.csv", "--mapping", "people.toml")
    assert '"versions":' not in nights(job, *run)
    job.run(*run, "--compact").ended(0, before=2)
    assert '"versions":' in job.read(RESULTS)


def test_it_does_not_pay_to_save_little(job: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compaction_policy, "_FEW_BYTES", 1_000_000)
    assert '"versions":' not in nights(job, "--job", "people.toml")
    assert compact_if_it_pays(job.folder / RESULTS) is None
    assert compact_if_it_pays(job.folder / "none.results.jsonl") is None
    assert not saves_enough(spare=2_000_000, size=8_000_000)
    assert saves_enough(spare=2_000_001, size=8_000_000)


def test_a_job_runs_although_its_file_cannot_be_made_smaller(
    job: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> Compacted:
        raise JournalError("people.results.jsonl: cannot be rewritten (No space left on device)")

    nights(job, "--job", "people.toml", "--no-compact")
    monkeypatch.setattr(compaction, "compact_if_it_pays", fail)
    run = job.run("--job", "people.toml")
    run.ended(0, before=2)
    assert "could not be made smaller" in run.stderr
    assert "No space left on device" in run.stderr


def test_a_file_in_use_is_left_to_the_run_that_has_it(job: World) -> None:
    before = nights(job, "--job", "people.toml", "--no-compact")
    other = ResultsFile(job.folder / RESULTS)
    try:
        run = job.run("--job", "people.toml")
    finally:
        other.close()
    assert run.exit_code == 8
    assert "could not be made smaller" not in run.stderr
    assert job.read(RESULTS) == before


def test_a_torn_line_is_left_to_the_run_which_says_so(job: World) -> None:
    before = nights(job, "--job", "people.toml", "--no-compact")
    job.write(RESULTS, before + '{"kind":"sent","idem')
    run = job.run("--job", "people.toml").ended(0, before=2)
    assert "was torn" in run.stdout
    assert job.has(f"{RESULTS}.torn-1")
    assert '"versions":' not in job.read(RESULTS)
    job.run("--job", "people.toml").ended(0, before=2)
    assert '"versions":' in job.read(RESULTS)


def test_the_command_says_that_a_line_was_torn(job: World) -> None:
    before = nights(job, "--job", "people.toml", "--no-compact")
    job.write(RESULTS, before + '{"kind":"sent","idem')
    _, _, told = job.command("compact", RESULTS)
    assert "was torn" in told
    job.write(RESULTS, job.read(RESULTS) + '{"kind":"sent","idem')
    _, out, _ = job.command("compact", RESULTS, "--json")
    assert json.loads(out)["torn"].endswith(f"{RESULTS}.torn-2")
