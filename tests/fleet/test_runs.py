"""Whole imports whose journal is in the database: what decides is the same as with a file."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from fleets import expire, lease_of, lines_of, store_of

from importer import ImportConfig, Summary
from importer.fleet.database.connecting import Connection
from importer.fleet.journal.appender import Appender
from importer.fleet.journal.store import DatabaseStore
from importer.fleet.leases.lease import Lease
from importer.run.pipeline import run_import
from importer.run.run_environment import RunEnvironment
from importer.sandbox import Sandbox

KEY = "vk_test"


def config(folder: Path, job: int, sandbox: Sandbox) -> ImportConfig:
    (folder / "people.csv").write_text(
        "first_name,last_name,email\n"
        + "".join(f"Ada {n},Lovelace,ada{n}@example.com\n" for n in range(20))
        + "Bob,Bad,not an address\n",
        encoding="utf-8",
    )
    return ImportConfig(
        sources=str(folder / "people.csv"),
        object="contact",
        results=folder / f"{job}.results.jsonl",
        base_url=sandbox.url,
        api_key=sandbox.api_key,
        rate=100_000,
    )


def _open(url: str, appender: Appender, lease: Lease, path: Path) -> DatabaseStore:
    return store_of(path.parent, url, appender, lease)


async def test_a_rerun_on_another_machine_goes_on(
    database: str, connection: Connection, appender: Appender, tmp_path: Path, sandbox: Sandbox
) -> None:
    ended: list[Summary] = []
    lease = lease_of(connection, key=KEY)
    expire(connection)
    for machine, limit in (("a", 8), ("b", None), ("a", None)):
        folder = tmp_path / machine
        folder.mkdir(exist_ok=True)
        lease = lease_of(connection, key=KEY)
        settings = config(folder, lease.job, sandbox).replace(limit=limit)
        ended.append(
            await run_import(
                settings,
                environment=RunEnvironment(partial(_open, database, appender, lease)),
            )
        )
        assert settings.results is not None
        assert settings.results.read_bytes() == lines_of(connection)
        expire(connection)
    assert [one.counts["created"] for one in ended] == [8, 12, 0]
    assert [one.before for one in ended] == [0, 8, 20]
    # The results file alone goes on as well.
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / f"{lease.job}.results.jsonl").write_bytes(lines_of(connection))
    summary = await run_import(config(alone, lease.job, sandbox))
    assert (summary.before, summary.counts["created"]) == (20, 0)


async def test_a_run_whose_key_is_taken_over_sends_nothing_more(
    database: str, connection: Connection, appender: Appender, tmp_path: Path, sandbox: Sandbox
) -> None:
    lease = lease_of(connection, key=KEY)
    settings = config(tmp_path, lease.job, sandbox)

    def taken(event: object) -> None:
        del event
        connection.execute("UPDATE vorel_fleet.lease SET epoch = epoch + 1, owner = 'other'")

    summary = await run_import(
        settings.replace(concurrency=1),
        hooks=[taken],
        environment=RunEnvironment(partial(_open, database, appender, lease)),
    )
    assert "has taken over" in (summary.stopped or "")
    assert summary.exit_code == 3
    assert summary.counts["created"] <= 1
