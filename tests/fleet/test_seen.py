"""What can be seen of a fleet from outside: JSON logs, health, figures, exit codes."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from commands.process import wait_until
from fleets import ROWS, Client, expire, lease_of, wait_for
from slicing import joined

from importer.fleet.database.connecting import Connection, connect
from importer.fleet.journal import blocks
from importer.fleet.journal.appender import Appender
from importer.fleet.leases.lease import hand_back
from importer.fleet.reporting.fleet_facts import figures_of_fleet
from importer.fleet.showing.overview import job_states

pytestmark = pytest.mark.slow


def checked(client: Client, *words: str) -> tuple[int, dict[str, Any]]:
    done = client.do("fleet", "status", "--check", "--json", *words)
    return done.returncode, json.loads(done.stdout)


def test_a_check_names_the_jobs_that_need_somebody(client: Client, connection: Connection) -> None:
    client.do("fleet", "add", "clinic.toml")
    assert checked(client)[0] == 0
    assert client.do("fleet", "status", "--check").stdout == "1 job: none needs anybody.\n"
    code, found = checked(client, "--max-age", "26h")
    assert (code, found["wrong"]) == (1, {"clinic": "was never imported to its end"})
    assert client.do("fleet", "run", "clinic.toml").returncode == 0
    code, found = checked(client, "--max-age", "26h")
    assert (code, found["wrong"]) == (0, {})
    at = datetime.fromisoformat(found["jobs"]["clinic"]["last_success"])
    assert abs((datetime.now(UTC) - at).total_seconds()) < 60
    connection.execute("UPDATE vorel_fleet.work SET last_success = last_success - interval '30 h'")
    assert checked(client, "--max-age", "26h")[1]["wrong"] == {
        "clinic": "was last imported to its end 30.0 h ago"
    }
    connection.execute("UPDATE vorel_fleet.work SET state = 'ended', problem = 'no key'")
    done = client.do("fleet", "status", "--check")
    assert done.returncode == 1
    assert done.stdout.startswith("clinic: cannot be run")
    assert client.do("fleet", "status", "--max-age", "26h").returncode == 2


def test_the_figures_of_a_fleet_are_those_of_its_database(
    database: str, connection: Connection
) -> None:
    held = lease_of(connection, "first")
    for name in ("first", "second"):
        number = blocks.find_job(connection, name) or blocks.add_job(connection, name)
        connection.execute(
            "INSERT INTO vorel_fleet.work (job, state, not_before, last_success) "
            "VALUES (%s, 'wanted', clock_timestamp() - interval '100 s', to_timestamp(1e9))",
            (number,),
        )
    found = figures_of_fleet(database)
    assert found["fleet_waiting"] == [({}, 1)]
    assert found["fleet_oldest_wait_seconds"][0][1] == pytest.approx(100, abs=20)
    assert found["fleet_takeovers"] == [({}, 0)]
    assert found["last_success_timestamp_seconds"] == [
        ({"job": "first"}, 1e9),
        ({"job": "second"}, 1e9),
    ]
    assert found["fleet_in_trouble"] == []
    expire(connection)
    key = connection.execute("SELECT key FROM vorel_fleet.lease").fetchone()
    assert key == (held.key,)
    assert figures_of_fleet("postgresql:///nowhere?host=/nowhere") == {"database_up": [({}, 0)]}


def test_a_key_that_ran_out_was_taken_over(database: str, connection: Connection) -> None:
    first = lease_of(connection, key="k")
    assert first.taken_from is None
    hand_back(connection, first)
    second = lease_of(connection, key="k")
    assert second.taken_from is None
    expire(connection)
    third = lease_of(connection, key="k")
    assert third.taken_from is not None
    assert third.taken_from.split("/")[0] == second.owner.split("/")[0]
    assert figures_of_fleet(database)["fleet_takeovers"] == [({}, 1)]


async def test_a_takeover_is_told(client: Client, connection: Connection) -> None:
    client.do("fleet", "add", "clinic.toml")
    key = (client.folder / "key").read_text(encoding="utf-8")
    lease_of(connection, "clinic", key=key)
    expire(connection)
    with joined(client, "a") as here:
        assert not await here.slice(60)
        (told,) = here.told
        assert told.startswith("clinic: its API key was taken over from ")


def test_a_database_that_is_away_is_told_once_and_when_it_is_back(
    database: str, connection: Connection
) -> None:
    told: list[str] = []
    failures = 3

    def opened(url: str) -> Connection:
        nonlocal failures
        failures -= 1
        return connect(url if failures < 0 else "postgresql:///nowhere?host=/nowhere")

    import anyio

    with Appender(database, opened=opened, tell=told.append) as appender:
        lease = lease_of(connection)
        block = blocks.EMPTY.followed_by([b'{"kind":"run"}\n'])
        anyio.run(appender.append, lease, block)
        assert appender.failures == 3
    assert told[0].startswith("the database cannot be reached (")
    assert told[1:] == ["the database is back"]


def test_a_worker_logs_in_json_what_it_says(client: Client, connection: Connection) -> None:
    client.do("fleet", "add", "clinic.toml")
    key = (client.folder / "key").read_text(encoding="utf-8")
    lease_of(connection, "clinic", key=key)
    expire(connection)
    process = client.start("worker", ".", "--metrics", "0", "--log-format", "json")
    assert process.stderr is not None
    try:
        first = json.loads(process.stderr.readline())
        assert first["event"] == "notice"
        url = first["message"].removeprefix("metrics: ").removesuffix("/metrics")
        assert httpx.get(f"{url}/healthz", trust_env=False).status_code == 200
        assert httpx.get(f"{url}/other", trust_env=False).status_code == 404

        def is_ready() -> bool:
            return httpx.get(f"{url}/readyz", trust_env=False).status_code == 200

        wait_until(is_ready, process)
        wait_until(lambda: len(client.made()) == ROWS, process)
        state = client.environment["VOREL_FLEET_DATABASE"]
        wait_for(lambda: job_states(state, ["clinic"])[0].state == "ended")
        text = httpx.get(f"{url}/metrics", trust_env=False).text
        assert "\nvorel_import_database_up 1" in text
        assert "\nvorel_import_fleet_takeovers 1" in text
        assert "\nvorel_import_database_errors 0" in text
        assert text.count('vorel_import_last_success_timestamp_seconds{job="clinic"}') == 1
    finally:
        process.send_signal(signal.SIGTERM)
        _, rest = process.communicate(timeout=30)
    lines = [json.loads(line) for line in rest.splitlines()]
    (takeover,) = (line for line in lines if line["event"] == "takeover")
    assert takeover["job"] == "clinic"
    assert takeover["host"]
    ended = [line for line in lines if line["event"] == "run_ended"]
    assert [(line["job"], line["exit_code"]) for line in ended] == [("clinic", 0)]
    assert key not in rest
    assert any("SIGTERM" in line.get("message", "") for line in lines)


def test_a_worker_that_cannot_begin_says_so_in_json(client: Client, connection: Connection) -> None:
    connection.execute("ALTER SCHEMA vorel_fleet RENAME TO away")
    try:
        ended = client.do("fleet", "worker", ".", "--log-format", "json")
    finally:
        connection.execute("ALTER SCHEMA away RENAME TO vorel_fleet")
    assert ended.returncode == 2
    (line,) = map(json.loads, ended.stderr.splitlines())
    assert (line["event"], line["exit_code"]) == ("failed", 2)
    assert "the database has no tables" in line["message"]


def test_a_worker_that_is_refused_its_rights_says_so_in_json(
    client: Client, connection: Connection
) -> None:
    process: subprocess.Popen[str] | None = None
    lines: list[dict[str, Any]] = []
    try:
        process = client.start("worker", ".", "--log-format", "json")
        wait_for(lambda: _workers(connection) > 0)
        connection.execute("ALTER TABLE vorel_fleet.worker RENAME TO away")
        assert process.stderr is not None
        stream = process.stderr
        reader = threading.Thread(target=lambda: lines.append(json.loads(stream.readline())))
        reader.start()
        reader.join(timeout=30)
    finally:
        connection.execute("ALTER TABLE IF EXISTS vorel_fleet.away RENAME TO worker")
        if process is not None:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)
    (line,) = lines
    assert (line["event"], line["level"]) == ("notice", "warning")
    assert "the queue cannot be" in line["message"]


def _workers(connection: Connection) -> int:
    query = "SELECT count(*) FROM vorel_fleet.worker"
    (count,) = connection.execute(query).fetchone() or (0,)
    return int(str(count))
