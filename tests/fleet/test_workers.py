"""`fleet worker` in processes of its own: what one hands back another goes on with."""

from __future__ import annotations

import signal
import subprocess
import threading
from collections.abc import Iterator

import httpx
import pytest
from commands.process import wait_until
from fleets import ROWS, Client, lines_of, wait_for

from importer.fleet.database.connecting import Connection
from importer.fleet.work import slices

pytestmark = pytest.mark.slow

OWNER = "SELECT owner FROM vorel_fleet.lease WHERE expires_at > clock_timestamp()"


@pytest.fixture
def workers(client: Client) -> Iterator[list[subprocess.Popen[str]]]:
    """Return two workers of a fleet that has one job."""
    client.do("fleet", "add", "clinic.toml")
    started = [client.start("worker", ".") for _ in range(2)]
    yield started
    for process in started:
        if process.poll() is None:
            process.kill()
            process.communicate()


def at_work(workers: list[subprocess.Popen[str]], connection: Connection) -> int:
    """Return which worker has the lease, once one has."""
    found: list[object] = []

    def has_begun() -> bool:
        found[:] = connection.execute(OWNER).fetchall()
        return bool(found)

    wait_until(has_begun, workers[0])
    pid = int(str(found[0]).split("/")[1])
    return [process.pid for process in workers].index(pid)


def test_what_a_worker_hands_back_another_goes_on_with(
    client: Client, connection: Connection, workers: list[subprocess.Popen[str]]
) -> None:
    first = workers.pop(at_work(workers, connection))
    wait_until(lambda: len(client.made()) > 5, first)
    first.send_signal(signal.SIGTERM)
    _, said = first.communicate(timeout=30)
    assert first.returncode == 0, said
    assert "SIGTERM: waiting for the requests in flight" in said
    made = len(client.made())
    assert made < ROWS
    (second,) = workers
    wait_until(lambda: len(client.made()) == ROWS, second)
    wait_until(lambda: "exit code 0" in client.do("fleet", "status").stdout, second)
    second.send_signal(signal.SIGTERM)
    _, said = second.communicate(timeout=30)
    assert second.returncode == 0, said
    assert f"clinic: exit code 0, {ROWS} rows, {ROWS - made} created" in said
    assert client.made() == {f"ada{n}@example.com": 1 for n in range(ROWS)}


def test_tables_that_were_not_made_are_said(client: Client, connection: Connection) -> None:
    connection.execute("ALTER SCHEMA vorel_fleet RENAME TO away")
    try:
        ended = client.do("fleet", "worker", ".")
    finally:
        connection.execute("ALTER SCHEMA away RENAME TO vorel_fleet")
    assert ended.returncode == 2
    assert "un: vorel-import fleet init" in ended.stderr


def test_a_worker_ends_when_the_tables_are_of_a_newer_importer(
    client: Client, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "_LOOKS_AT_TABLES_SECONDS", 0.1)
    client.do("fleet", "add", "clinic.toml")
    insert = "INSERT INTO vorel_fleet.version (number, name) VALUES (999, 'later')"

    def newer() -> None:
        wait_until_made(client)
        connection.execute(insert)

    thread = threading.Thread(target=newer)
    thread.start()
    try:
        ended = client.do("fleet", "worker", ".")
    finally:
        thread.join()
        connection.execute("DELETE FROM vorel_fleet.version WHERE number = 999")
    assert ended.returncode == 2
    assert "the tables of the database are of a newer importer" in ended.stderr
    made = client.made()  # what was in flight was waited for, and is on record
    assert set(made.values()) == {1}
    assert lines_of(connection).count(b'"status":"created"') == len(made)


def wait_until_made(client: Client) -> None:
    wait_for(lambda: len(client.made()) > 3)


def test_orders_say_what_they_change(client: Client) -> None:
    client.do("fleet", "add", "clinic.toml")

    def told(*words: str) -> str:
        return client.do("fleet", *words).stdout

    assert told("resume", "clinic") == "clinic: workers run it until it has ended\n"
    assert told("stop", "--all") == "clinic: is stopped\n"
    assert told("status") == "clinic: stopped\n"
    assert told("stop", "clinic") == "clinic: is stopped; `fleet resume` lets it go on\n"
    assert told("retry", "clinic") == "clinic: is stopped; `fleet resume` lets it go on\n"
    assert told("resume", "clinic") == "clinic: goes on\n"
    missing = client.do("fleet", "stop", "other")
    assert (missing.returncode, missing.stderr.count("the fleet has no job other")) == (2, 1)
    assert client.do("fleet", "stop").returncode == 2


def test_prometheus_sees_what_a_worker_does(client: Client) -> None:
    path = client.folder / "clinic.toml"  # its run takes eight seconds, to be seen on the way
    path.write_text(path.read_text("utf-8").replace("rate = 1200", "rate = 300"), "utf-8")
    client.do("fleet", "add", "clinic.toml")
    process = client.start("worker", ".", "--metrics", "0")
    assert process.stderr is not None
    try:
        url = process.stderr.readline().removeprefix("metrics: ").strip()
        seen: dict[str, float] = {}
        texts = []

        def sees(name: str, value: float) -> bool:
            texts.append(httpx.get(url, trust_env=False).text)
            lines = (line.rpartition(" ") for line in texts[-1].splitlines() if line[0] != "#")
            seen.clear()
            seen.update({line.removeprefix("vorel_import_"): float(one) for line, _, one in lines})
            return seen.get(name, -1) >= value

        wait_until(lambda: sees('rows{job="clinic",outcome="created"}', 5), process)
        assert seen['running{job="clinic"}'] == 1
        made, left = seen['rows{job="clinic",outcome="created"}'], seen['left{job="clinic"}']
        assert made + left == ROWS
        wait_until(lambda: sees('last_run_timestamp_seconds{job="clinic"}', 1), process)
        assert seen['exit_code{job="clinic"}'] == 0
        assert seen['list_rows{job="clinic",state="created"}'] == ROWS
        assert 'running{job="clinic"}' not in seen
        assert "example.com" not in "".join(texts)
        key = (client.folder / "key").read_text(encoding="utf-8")
        assert key not in "".join(texts)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


@pytest.mark.parametrize("address", ["x", "127.0.0.1"])
def test_metrics_need_a_port(client: Client, address: str) -> None:
    ended = client.do("fleet", "worker", ".", "--metrics", address)
    assert ended.returncode == 2
    assert f"--metrics {address}: it is not a port" in ended.stderr
