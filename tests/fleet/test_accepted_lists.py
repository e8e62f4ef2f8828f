"""A list that a guard has refused is taken once somebody has said that it is right."""

from __future__ import annotations

import pytest
from fleets import Client
from slicing import joined

from importer.fleet.database.connecting import Connection

pytestmark = pytest.mark.slow

ROWS = 120


def write(client: Client, rows: int) -> None:
    people = "".join(f"Ada {n},ada{n}@example.com\n" for n in range(rows))
    (client.folder / "people.csv").write_text("Name,Email\n" + people, encoding="utf-8")


def accepts(connection: Connection) -> list[object]:
    return [row[0] for row in connection.execute("SELECT accepts_list FROM vorel_fleet.work")]


async def test_a_refused_list_is_accepted_once(client: Client, connection: Connection) -> None:
    write(client, ROWS)
    client.do("fleet", "add", "clinic.toml")
    news = client.folder / "news"
    with joined(client, "a", notify_command=f"tee {news}") as here:
        assert not await here.slice(600)
        write(client, ROWS // 2)
        client.do("fleet", "retry", "clinic")
        assert not await here.slice(600)
        assert here.ends[-1].exit_code == 7
        ways = "vorel-import fleet retry clinic --accept-list"
        assert ways in news.read_text(encoding="utf-8")
        assert ways in client.do("fleet", "status").stdout
        client.do("fleet", "retry", "clinic", "--accept-list")
        assert accepts(connection) == [True]
        assert not await here.slice(600)
        assert here.ends[-1].exit_code == 0
        assert accepts(connection) == [False]
        assert ways not in client.do("fleet", "status").stdout
        write(client, ROWS // 4)  # what was accepted was one list
        client.do("fleet", "retry", "clinic")
        assert not await here.slice(600)
        assert here.ends[-1].exit_code == 7


def test_lists_that_nobody_has_looked_at_are_not_accepted(client: Client) -> None:
    client.do("fleet", "add", "clinic.toml")
    refused = client.do("fleet", "retry", "--all", "--accept-list")
    assert refused.returncode == 2
    assert "--accept-list: name the jobs" in refused.stderr


def test_a_list_is_accepted_in_one_run_here(client: Client) -> None:
    write(client, ROWS)
    client.do("fleet", "add", "clinic.toml")
    assert client.do("fleet", "run", "clinic.toml").returncode == 0
    write(client, ROWS // 2)
    assert client.do("fleet", "run", "clinic.toml").returncode == 7
    assert client.do("fleet", "run", "clinic.toml", "--accept-list").returncode == 0
