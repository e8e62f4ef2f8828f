"""A folder of jobs: each with its own list, key and results; a trouble in one is its own."""

from __future__ import annotations

import json

import pytest
from referee import World

from tests.jobs.test_job_file import JOB, LIST

CLIENTS = ("garage", "salon")


@pytest.fixture
def clients(world: World) -> World:
    (world.folder / "clients").mkdir()
    for key, client in zip(world.crm.accounts, CLIENTS, strict=True):
        world.write(
            f"clients/{client}.toml",
            JOB.replace("people", client).replace('"key"', f'"{client}.key"'),
        )
        world.write(f"clients/{client}.key", key)
        world.write(f"clients/{client}.csv", LIST.replace("Omar", f"{client.title()}"))
    return world


def run(world: World, *flags: str) -> tuple[int, dict[str, dict[str, object]]]:
    code, out, err = world.command("run", "--job", "clients", "--no-input", "--json", *flags)
    assert "Traceback" not in err
    report = json.loads(out)
    assert report["exit_code"] == code
    return code, report["jobs"]


def test_each_client_gets_its_own_people(clients: World) -> None:
    code, jobs = run(clients)
    assert code == 0
    assert [jobs[name]["counts"]["created"] for name in CLIENTS] == [2, 2]  # type: ignore[index]
    for account, client in zip(clients.crm.accounts.values(), CLIENTS, strict=True):
        assert set(clients.crm.people(account)) == {f"{client.title()}", "Lina"}
    assert run(clients)[0] == 0
    assert len(clients.crm.requests) == 4


@pytest.mark.parametrize("trouble", ["list", "key", "file"])
def test_a_trouble_in_one_stops_no_other(trouble: str, clients: World) -> None:
    if trouble == "list":
        (clients.folder / "clients/garage.csv").unlink()
    elif trouble == "key":
        clients.write("clients/garage.key", "a b")
    else:
        clients.write("clients/garage.toml", "[job]\nsources = 3")
    code, jobs = run(clients)
    assert code == 2
    assert (jobs["garage"]["exit_code"], jobs["salon"]["exit_code"]) == (2, 0)
    assert len(clients.crm.requests) == 2


def test_each_job_tells_that_the_key_is_missing(clients: World) -> None:
    code, jobs = run(clients, "--api-key-file", "missing.key")
    assert (code, [jobs[name]["exit_code"] for name in CLIENTS]) == (2, [2, 2])
    run(clients, "--api-key-file", "clients/salon.key")
    assert len({request.account for request in clients.crm.requests}) == 1


def test_each_row_is_told_with_its_job(clients: World) -> None:
    _, _, err = clients.command("run", "--job", "clients", "-v")
    assert "garage: row 1, line 2: created rec-" in err
    assert "salon: row 2, line 3: created rec-" in err
    _, _, err = clients.command("run", "--job", "clients", "-v", "--log-format", "json")
    assert all(line.startswith("{") for line in err.splitlines())


def test_one_after_the_other(clients: World) -> None:
    assert run(clients, "--at-once", "1")[0] == 0
    accounts = [request.account for request in clients.crm.requests]
    assert accounts == sorted(accounts, key=list(clients.crm.accounts.values()).index)


def test_two_jobs_with_one_results_file(clients: World) -> None:
    for client in CLIENTS:
        path = f"clients/{client}.toml"
        clients.write(path, clients.read(path) + 'results = "all.results.jsonl"\n')
    code, _, err = clients.command("run", "--job", "clients", "--no-input")
    assert code == 2
    assert "both jobs have the same results file" in err
    assert not clients.crm.requests


def test_the_files_of_a_run_are_kept_by_date(clients: World) -> None:
    run(clients, "--output", "kept")
    run(clients, "--output", "kept")
    kept = sorted(path.name for path in (clients.folder / "kept").glob("*/*"))
    assert kept == sorted(
        name for client in CLIENTS for name in (f"{client}.success.csv", f"{client}.report.html")
    )
