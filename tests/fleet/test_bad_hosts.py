"""What one host lacks ends no job: others try it, and only then it cannot be run."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fleets import ROWS, Client
from slicing import Here, joined

from importer.core.errors import JournalError
from importer.fleet.database.connecting import Connection, DatabaseAway, connect
from importer.fleet.showing.overview import job_states
from importer.fleet.work import orders, slices
from importer.run import pipeline
from importer.run.plan_execution import PlanExecution
from importer.run.planning import make_plan

pytestmark = pytest.mark.slow

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


def alive(connection: Connection, name: str) -> None:
    """Let there be one more worker that was seen just now."""
    connection.execute("INSERT INTO vorel_fleet.worker VALUES (%s, clock_timestamp())", (name,))


@contextmanager
def host(client: Client, name: str, spoil: Spoil | None = None, **more: Any) -> Iterator[Here]:
    """Return a worker of the fleet on a host of its own, with its own copy of the job files."""
    folder = client.folder / f"on-{name}"
    if not folder.exists():
        folder.mkdir()
        for file in ("clinic.toml", "key", "people.csv"):
            shutil.copy2(client.folder / file, folder)
        if spoil is not None:
            spoil(folder)
    with (
        joined(client, name, files=folder, host=name, **more) as here,
        connect(here.database) as connection,
    ):
        alive(connection, here.name)
        yield here
        connection.execute("DELETE FROM vorel_fleet.worker WHERE name = %s", (here.name,))


@pytest.mark.parametrize("what", SPOILT)
async def test_a_job_that_one_host_cannot_run_is_run_by_another(client: Client, what: str) -> None:
    client.do("fleet", "add", "clinic.toml")
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
    client: Client, tmp_path: Path
) -> None:
    client.do("fleet", "add", "clinic.toml")
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
        said = client.do("fleet", "status").stdout
        assert said.count("people.csv: no such file") == 1
        assert "cannot be run on a: " in said
        assert said.count("key: cannot be read") == 1
    assert "clinic" in news.read_text()
    assert not client.made()
    done = client.do("fleet", "report", "-o", "fleet.html")
    assert done.returncode == 0, done.stderr
    assert "(on a, b)" in (client.folder / "fleet.html").read_text(encoding="utf-8")
    client.do("fleet", "retry", "clinic")
    (state,) = job_states(b.database, ["clinic"])
    assert state.hindered == {}


async def test_after_a_while_it_is_not_waited_for_others(
    client: Client, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.do("fleet", "add", "clinic.toml")
    alive(connection, "other")
    monkeypatch.setattr(slices, "_TRIES_AGAIN_SECONDS", 0)
    with host(client, "a", no_list) as a:
        assert await a.slice(60)
        monkeypatch.setattr(orders, "_LONG_ENOUGH_SECONDS", 0)
        assert not await a.slice(60)
        assert a.state() == "faulty"


async def test_workers_that_have_died_do_not_stand_for_those_that_are_alive(client: Client) -> None:
    """A worker that is started again and again on a bad host is one host that has tried it."""
    client.do("fleet", "add", "clinic.toml")
    with host(client, "good") as good:
        for _ in range(3):
            with host(client, "bad", no_list) as bad:
                assert await bad.slice(60)
                assert not bad.ends
        assert not await good.slice(60)
    assert len(client.made()) == ROWS


async def test_who_can_run_a_job_wipes_out_who_could_not(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even if it does not come to the end: tries before that are no part of the next failure."""

    async def fails(*_: Any, **__: Any) -> None:
        raise JournalError("the success, failed and unsent files cannot be written: it is full")

    client.do("fleet", "add", "clinic.toml")
    with host(client, "bad", no_list) as bad, host(client, "good") as good:
        assert await bad.slice(60)
        monkeypatch.setattr(pipeline, "update_exports", fails)
        assert await good.slice(60)
        (state,) = job_states(bad.database, ["clinic"])
        assert state.hindered == {}


async def test_nothing_is_final_while_nobody_knows_who_has_tried(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise DatabaseAway("the connection to the database has broken")

    client.do("fleet", "add", "clinic.toml")
    with host(client, "bad", no_list) as bad:
        monkeypatch.setattr(orders, "hinder", away)
        assert await bad.slice(60)
        assert not bad.ends
        assert bad.state() == "new"


async def test_a_worker_that_is_alone_for_a_moment_does_not_decide_for_all(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first one that is started may be the bad one."""
    client.do("fleet", "add", "clinic.toml")
    monkeypatch.setattr(orders, "_AT_LEAST_SECONDS", 30)
    with host(client, "bad", no_list) as bad:
        assert await bad.slice(60)
        assert not bad.ends
        with host(client, "good") as good:
            assert not await good.slice(60)
    assert len(client.made()) == ROWS


def grows(folder: Path) -> None:
    with (folder / "people.csv").open("a") as stream:
        stream.write("Zoë,zoe@example.com\n")


def is_gone(_: Path) -> None:
    raise FileNotFoundError(errno.ENOENT, "No such file or directory")


def is_replaced(folder: Path) -> None:
    new = folder / "new"
    new.write_bytes((folder / "people.csv").read_bytes())
    new.replace(folder / "people.csv")


@pytest.mark.parametrize(
    ("step", "happens", "made"),
    [
        (make_plan, grows, 0),
        (make_plan, is_gone, 0),
        (PlanExecution, is_replaced, ROWS),
    ],
)
async def test_a_list_that_is_lost_while_it_is_read_is_read_elsewhere(
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    step: Callable[..., Any],
    happens: Spoil,
    made: int,
) -> None:
    def disturbed(*arguments: Any, **details: Any) -> Any:
        done = step(*arguments, **details)
        happens(client.folder / "on-bad")
        return done

    client.do("fleet", "add", "clinic.toml")
    with host(client, "bad") as bad, host(client, "good") as good:
        with monkeypatch.context() as patched:
            patched.setattr(pipeline, step.__name__, disturbed)
            assert await bad.slice(60)
        assert not bad.ends
        (state,) = job_states(bad.database, ["clinic"])
        assert state.hindered.keys() == {"bad"}
        assert len(client.made()) == made
        assert not await good.slice(60)
        assert [one.exit_code for one in good.ends] == [0]
    assert client.made() == {f"ada{n}@example.com": 1 for n in range(ROWS)}


async def test_what_has_failed_long_ago_is_tried_again_before_it_is_final(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list was missing on one host first, and then on the other."""
    client.do("fleet", "add", "clinic.toml")
    monkeypatch.setattr(slices, "_TRIES_AGAIN_SECONDS", 0)
    with host(client, "a", no_list) as a, host(client, "b", no_list) as b:
        assert await a.slice(60)
        shutil.copy2(client.folder / "people.csv", client.folder / "on-a")
        monkeypatch.setattr(orders, "_TRIED_SECONDS", 0)
        assert await b.slice(60)
        assert not b.ends
        assert not await a.slice(60)
        assert [one.exit_code for one in a.ends] == [0]


async def test_a_job_whose_file_no_host_has_says_so(client: Client) -> None:
    client.do("fleet", "add", "clinic.toml")
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
