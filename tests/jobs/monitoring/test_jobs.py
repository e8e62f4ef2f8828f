"""Jobs say in their files who is told of them; in a folder each has its own."""

from __future__ import annotations

import json

import pytest
from receiver import Receiver
from referee import World

from importer.core.errors import ConfigError
from importer.jobs.job_file import load_job
from importer.writer.results import ResultsFile

JOB = """\
    object = "contact"
    [fields]
    first_name = "first_name"
    [job]
    sources = "{name}.csv"
    api_key = {{ file = "{name}.key" }}
    ping = "{url}/{name}/SECRET"
    notify = "{url}/{name}/notify"
    metrics_file = "told/{name}.prom"
    log_file = "told/{name}.log"
    log_format = "json"
    """


def job(world: World, receiver: Receiver, name: str, key: str) -> None:
    (world.folder / "jobs/told").mkdir(parents=True, exist_ok=True)
    world.write(f"jobs/{name}.toml", JOB.format(name=name, url=receiver.url))
    world.write(f"jobs/{name}.key", key)
    world.write(f"jobs/{name}.csv", f"first_name\n{name.title()}\n")


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_job_file_says_who_is_told(world: World, receiver: Receiver) -> None:
    job(world, receiver, "salon", world.api_key)

    run = world.run("--job", "jobs/salon.toml").ended(0, created=1)

    assert [one.path for one in receiver.take()] == ["/salon/SECRET/start", "/salon/SECRET/0"]
    assert 'vorel_import_exit_code{job="salon",object="contact"} 0' in world.read(
        "jobs/told/salon.prom"
    )
    assert lines(run.stderr) == lines(world.read("jobs/told/salon.log"))
    assert {line["job"] for line in lines(run.stderr)} == {"salon"}
    assert "SECRET" not in world.read("jobs/salon.results.jsonl") + run.stdout + run.stderr


def test_flags_take_precedence_over_the_file(world: World, receiver: Receiver) -> None:
    job(world, receiver, "salon", world.api_key)

    run = world.run(
        "--job", "jobs/salon.toml", "--ping", f"{receiver.url}/other", "--log-format", "text"
    )

    assert [one.path for one in receiver.take()] == ["/other/start", "/other/0"]
    assert "1 request in" in run.stderr or "1 requests in" in run.stderr


def test_a_job_whose_last_run_is_still_at_work_tells_nothing(
    world: World, receiver: Receiver
) -> None:
    job(world, receiver, "salon", world.api_key)
    world.run("--job", "jobs/salon.toml")
    receiver.take()
    other = ResultsFile(world.folder / "jobs/salon.results.jsonl")
    try:
        run = world.run("--job", "jobs/salon.toml")
    finally:
        other.close()

    assert run.exit_code == 8
    assert receiver.take() == []
    assert lines(run.stderr)[-1]["error"] == "ResultsInUse"


def test_a_job_without_its_list_is_told(world: World, receiver: Receiver) -> None:
    job(world, receiver, "salon", world.api_key)
    (world.folder / "jobs/salon.csv").unlink()

    run = world.run("--job", "jobs/salon.toml")

    assert run.exit_code == 2
    ping, message = sorted(receiver.take(), key=lambda one: one.path)
    assert ping.path == "/salon/SECRET/2"
    assert message.text.startswith("salon: the run did not come to its end (exit code 2)")


def test_each_job_of_a_folder_tells_for_itself(world: World, receiver: Receiver) -> None:
    for name, key in zip(("garage", "salon"), world.crm.accounts, strict=True):
        job(world, receiver, name, key)
    world.write("jobs/garage.key", "vapk_live_" + "c3" * 24)

    code, out, err = world.command("run", "--job", "jobs", "--no-input", "--log-format", "json")

    assert (code, out) == (3, "")
    paths = sorted(one.path for one in receiver.take())
    assert paths == [
        "/garage/SECRET/3", "/garage/SECRET/start", "/garage/notify",
        "/salon/SECRET/0", "/salon/SECRET/start",
    ]  # fmt: skip
    for name, ended in (("garage", 3), ("salon", 0)):
        logged = lines(world.read(f"jobs/told/{name}.log"))
        assert {line["job"] for line in logged} == {name}
        assert logged[-1]["exit_code"] == ended
        assert [line for line in lines(err) if line["job"] == name] == logged


@pytest.mark.parametrize(
    "mistake",
    [("[job]", "[job]\nratte = 5"), ("[fields]", "[fields"), ('ping = "http:', 'ping = "ftp:')],
    ids=["a key", "the syntax", "an address"],
)
@pytest.mark.parametrize("where", ["jobs", "jobs/salon.toml"])
def test_a_mistake_in_a_job_file_is_told_to_whom_it_names(
    world: World, receiver: Receiver, mistake: tuple[str, str], where: str
) -> None:
    for name, key in zip(("garage", "salon"), world.crm.accounts, strict=True):
        job(world, receiver, name, key)
    world.edit("jobs/salon.toml", mistake)

    code, _, err = world.command("run", "--job", where, "--no-input")

    assert code == 2
    told = {one.path: one for one in receiver.take() if one.path.startswith("/salon")}
    pinged = set() if "ftp" in mistake[1] else {"/salon/SECRET/2"}
    assert told.keys() == {"/salon/notify", *pinged}
    message = told["/salon/notify"].text
    assert message.startswith("salon: the run did not come to its end (exit code 2)")
    assert "salon.toml" in message
    assert 'vorel_import_exit_code{job="salon",object=""} 2' in world.read("jobs/told/salon.prom")
    assert len(world.crm.records) == (where == "jobs")
    assert "SECRET" not in err + message


def test_a_mistake_in_a_file_that_names_nobody_is_told_to_whom_the_flags_name(
    world: World, receiver: Receiver
) -> None:
    job(world, receiver, "salon", world.api_key)
    world.write("jobs/garage.toml", "[job]\nsources = people.csv\n")

    world.command("run", "--job", "jobs", "--no-input", "--notify", f"{receiver.url}/all")

    (message,) = [one.text for one in receiver.take() if one.path == "/all"]
    assert message.startswith("garage: the run did not come to its end (exit code 2)")


@pytest.mark.parametrize("log", [(), ("--log-format", "json")], ids=["text", "json"])
def test_a_folder_in_which_no_job_can_run_is_told_to_whom_the_flags_name(
    world: World, receiver: Receiver, log: tuple[str, ...]
) -> None:
    (world.folder / "jobs").mkdir()
    run = ("run", "--job", "jobs", "--no-input", "--json", "--notify", receiver.url, *log)
    code, out, err = world.command(*run)
    (message,) = [one.text for one in receiver.take()]
    assert message.startswith("jobs: the run did not come to its end (exit code 2)")
    assert "the folder has no job file" in message
    assert (code, json.loads(out)["exit_code"]) == (2, 2)
    assert "the folder has no job file" in err

    job(world, receiver, "salon", world.api_key)
    world.write(
        "jobs/other.toml", world.read("jobs/salon.toml").replace("[job]", '[job]\nname = "salon"')
    )
    assert world.command(*run)[0] == 2
    (message,) = [one.text for one in receiver.take()]
    assert "both jobs have the same name" in message
    assert not world.crm.requests


@pytest.mark.parametrize("flag", ["--ping", "--metrics-file", "--log-file"])
def test_what_is_of_one_job_is_no_flag_for_a_folder(
    world: World, receiver: Receiver, flag: str
) -> None:
    job(world, receiver, "salon", world.api_key)

    code, _, err = world.command("run", "--job", "jobs", "--no-input", flag, receiver.url)

    assert code == 2
    assert f"{flag}: each job of a folder needs its own" in err
    assert not world.crm.requests


def test_a_key_that_cannot_be_used_is_named_and_not_quoted(
    world: World, receiver: Receiver
) -> None:
    job(world, receiver, "salon", world.api_key)
    world.edit("jobs/salon.toml", (receiver.url, "http://example.com"))

    with pytest.raises(ConfigError) as found:
        load_job(world.folder / "jobs/salon.toml")

    assert "salon.toml: job.ping: http would show the address" in found.value.message
    assert "SECRET" not in found.value.message
