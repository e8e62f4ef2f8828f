"""What one host lacks ends no job: others try it, and only then it cannot be run."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fleets import ROWS, Client
from slicing import Here, joined

from importer.fleet.database.connecting import Connection
from importer.fleet.showing.overview import job_states
from importer.fleet.work import orders, slices

Spoil = Callable[[Path], object]


def no_list(folder: Path) -> None:
    (folder / "people.csv").unlink()


def no_key(folder: Path) -> None:
    (folder / "key").unlink()


def no_package(folder: Path) -> None:
    text = (folder / "clinic.toml").read_text(encoding="utf-8")
    at_address = 'sources = ["nowhere://bucket/people.csv"]'
    (folder / "clinic.toml").write_text(text.replace('sources = ["people.csv"]', at_address))


def no_mapping(folder: Path) -> None:
    text = (folder / "clinic.toml").read_text(encoding="utf-8")
    (folder / "clinic.toml").write_text(text.replace("[job]\n", '[job]\nmapping = "gone.toml"\n'))


def no_folder_for_results(folder: Path) -> None:
    text = (folder / "clinic.toml").read_text(encoding="utf-8")
    (folder / "clinic.toml").write_text(f'{text}schema_file = "gone/schema.json"\n')


SPOILT = {
    "list": no_list,
    "key": no_key,
    "package": no_package,
    "mapping": no_mapping,
    "schema": no_folder_for_results,
}


@pytest.fixture
def workers(connection: Connection) -> Callable[[int], None]:
    """Say how many workers there are: each has its heartbeat in the queue."""

    def alive(count: int) -> None:
        for _ in range(count):
            connection.execute("INSERT INTO vorel_queue.procrastinate_workers DEFAULT VALUES")

    return alive


@contextmanager
def host(client: Client, name: str, spoil: Spoil | None = None, **more: Any) -> Iterator[Here]:
    """Return a process of the fleet on a host of its own, with its own copy of the job files."""
    folder = client.folder / f"on-{name}"
    if not folder.exists():
        folder.mkdir()
        for file in ("clinic.toml", "key", "people.csv"):
            shutil.copy(client.folder / file, folder)
        if spoil is not None:
            spoil(folder)
    with joined(client, name, files=folder, host=name, **more) as here:
        yield here


@pytest.mark.parametrize("what", SPOILT)
async def test_a_job_that_one_host_cannot_run_is_run_by_another(
    client: Client, workers: Callable[[int], None], what: str
) -> None:
    client.do("fleet", "add", "clinic.toml")
    workers(2)
    with host(client, "bad", SPOILT[what]) as bad, host(client, "good") as good:
        assert await bad.slice(60), "rows are left to others"
        assert await bad.slice(60), "it does not try again at once"
        assert not bad.ends
        said = client.do("fleet", "status").stdout
        assert "clinic: " in said
        assert "cannot be run on bad: " in said
        assert [one.partition(", others try it")[0] for one in bad.told] == [
            "clinic: cannot be run here"
        ]
        assert [*bad.sliced.hindered()] == ["clinic"]

        assert not await good.slice(60)
        assert [one.exit_code for one in good.ends] == [0]
        assert good.state() == "ended"
    assert client.made() == {f"ada{n}@example.com": 1 for n in range(ROWS)}
    assert "cannot be run" not in client.do("fleet", "status").stdout


async def test_a_job_that_no_host_can_run_is_one_that_cannot_be_run(
    client: Client, workers: Callable[[int], None], tmp_path: Path
) -> None:
    client.do("fleet", "add", "clinic.toml")
    workers(2)
    news = tmp_path / "news"
    command = f"tee {news}"
    with (
        host(client, "a", no_list, notify_command=command) as a,
        host(client, "b", no_key, notify_command=command) as b,
    ):
        assert await a.slice(60)
        assert not news.exists(), "nobody is told before others have tried"
        assert not await b.slice(60)
        assert [one.exit_code for one in b.ends] == [2]
        assert b.state() == "faulty"
        (state,) = job_states(b.database, ["clinic"])
        assert state.problem is not None
        assert state.problem.endswith("(on a, b)")
        assert state.hindered.keys() == {"a", "b"}
    assert "clinic" in news.read_text()
    assert not client.made()
    done = client.do("fleet", "report", "-o", "fleet.html")
    assert done.returncode == 0, done.stderr
    assert "(on a, b)" in (client.folder / "fleet.html").read_text(encoding="utf-8")
    client.do("fleet", "retry", "clinic")
    (state,) = job_states(b.database, ["clinic"])
    assert state.hindered == {}


async def test_after_a_while_it_is_not_waited_for_others(
    client: Client, workers: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    client.do("fleet", "add", "clinic.toml")
    workers(5)
    monkeypatch.setattr(slices, "_TRIES_AGAIN_SECONDS", 0)
    with host(client, "a", no_list) as a:
        assert await a.slice(60)
        monkeypatch.setattr(orders, "_LONG_ENOUGH_SECONDS", 0)
        assert not await a.slice(60)
        assert a.state() == "faulty"


async def test_a_job_whose_file_no_host_has_says_so(
    client: Client, workers: Callable[[int], None]
) -> None:
    client.do("fleet", "add", "clinic.toml")
    workers(1)
    with host(client, "a", lambda folder: (folder / "clinic.toml").unlink()) as a:
        assert await a.slice(60)
        assert not a.ends
    said = client.do("fleet", "status").stdout
    assert "cannot be run on a: no job file with the name clinic" in said


@pytest.mark.parametrize("flag", ["--log-file", "--metrics-file", "--ping"])
def test_a_flag_that_would_end_every_job_is_refused_at_the_start(client: Client, flag: str) -> None:
    client.do("fleet", "add", "clinic.toml")
    done = client.do("fleet", "worker", ".", flag, "https://127.0.0.1:9/x")
    assert done.returncode == 2
    assert f"{flag}: each job of a folder needs its own" in done.stderr
    assert "clinic: new" in client.do("fleet", "status").stdout or not client.made()
