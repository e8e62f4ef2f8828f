"""Leases and stores of a fleet, for tests."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from commands.inside import vorel_import
from commands.process import start

from importer.fleet.database.connecting import Connection
from importer.fleet.journal.appender import Appender
from importer.fleet.journal.blocks import add_job, find_job, unpacked
from importer.fleet.journal.store import DatabaseStore
from importer.fleet.leases.lease import Lease, key_digest, new_owner, take
from importer.sandbox import Sandbox

__all__ = [
    "LINES",
    "ROWS",
    "Client",
    "blocks_of",
    "expire",
    "lease_of",
    "lines_of",
    "noted",
    "store_of",
    "wait_for",
]

LINES: list[dict[str, Any]] = [
    {"kind": "run", "run": "r1", "note": "ليلى"},
    {"kind": "sent", "row": 1},
    {"kind": "row", "row": 1, "text": 'a "b"\n\u2028\\x00'},
]


def expire(connection: Connection, seconds: float = 1) -> None:
    """Let all leases have expired, as if their owners had stopped to renew them."""
    connection.execute(
        "UPDATE vorel_fleet.lease SET expires_at = vorel_fleet.clock() - %s * interval '1 second'",
        (seconds,),
    )


def lease_of(connection: Connection, job: str = "clinic", key: str | None = None) -> Lease:
    """Take the lease of a key, which is a new one unless it is given, for a job."""
    number = find_job(connection, job) or add_job(connection, job)
    digest = key_digest(key or secrets.token_hex(8))
    return take(connection, digest, owner=new_owner(), job=number, rate=200)


def store_of(folder: Path, url: str, appender: Appender, lease: Lease) -> DatabaseStore:
    return DatabaseStore(
        folder / f"{lease.job}.results.jsonl", database=url, appender=appender, lease=lease
    )


def blocks_of(connection: Connection) -> list[tuple[object, ...]]:
    query = "SELECT first_line, line_count, sent FROM vorel_fleet.block ORDER BY job, first_line"
    return connection.execute(query).fetchall()


def lines_of(connection: Connection) -> bytes:
    query = "SELECT lines, is_packed FROM vorel_fleet.block ORDER BY job, first_line"
    rows = connection.execute(query).fetchall()
    return b"".join(unpacked(one, is_packed=bool(packed)) for one, packed in rows)  # type: ignore[arg-type]


FIGURES = {
    "rows": 1000,
    "before": 300,
    "counts": {"created": 95, "failed": 5},
    "requests": 101,
    "pace": 120.0,
    "causes": [["validation_error", None, 5]],
}


def noted(connection: Connection, lease: Lease, *, seconds: float = 0, **more: Any) -> None:
    """Note what the owner of a lease has done, as it does now and then."""
    connection.execute(
        "INSERT INTO vorel_fleet.progress "
        "VALUES (%s, %s, %s, %s, clock_timestamp() - %s::interval)",
        (lease.job, lease.owner, lease.epoch, json.dumps(FIGURES | more), f"{seconds} seconds"),
    )


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait for what a thread brings about."""
    until = time.monotonic() + 90
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


ROWS = 40
JOB = """
object = "contact"

[fields]
first_name = "Name"
email = "Email"

[job]
sources = ["people.csv"]
api_key = { file = "key" }
base_url = "URL"
rate = 1200
concurrency = 4
"""


class Client:
    """A job of one client in a folder, and the commands that concern it."""

    def __init__(self, folder: Path, database: str, sandbox: Sandbox) -> None:
        self.folder = folder
        self._sandbox = sandbox
        self.environment = {
            "VOREL_FLEET_DATABASE": database,
            "XDG_STATE_HOME": str(folder / "state"),
        }
        self.results = folder / "clinic.results.jsonl"
        (folder / "clinic.toml").write_text(JOB.replace("URL", sandbox.url), encoding="utf-8")
        (folder / "key").write_text(sandbox.api_key, encoding="utf-8")
        people = "".join(f"Ada {n},ada{n}@example.com\n" for n in range(ROWS))
        path = folder / "people.csv"
        path.write_text("Name,Email\n" + people, encoding="utf-8")
        os.utime(path, (1, 1))  # else a process of its own waits until nobody writes to it

    def do(self, *words: str) -> subprocess.CompletedProcess[str]:
        return vorel_import(*words, cwd=self.folder, env=self.environment)

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start `fleet run` in a process of its own, or another command of a fleet."""
        words = words or ("run", "clinic.toml")
        return start("fleet", *words, cwd=self.folder, env=self.environment)

    def records(self) -> list[dict[str, Any]]:
        """Return the records of the CRM, oldest first."""
        return self._sandbox.records()

    def forget_copies(self) -> None:
        """Delete the copies of journals, as if this were another computer."""
        shutil.rmtree(self.folder / "state", ignore_errors=True)

    def made(self) -> Counter[str]:
        """Return how many records there are of each person."""
        return Counter(str(one["fields"]["email"]) for one in self.records())
