"""
How much of a bare HTTP loop's speed a whole import keeps, and what it costs at the real pace.

`python -m benchmarks.sending` starts a server in a process of its own that gives every request the
same answer, and sends it the same records twice over: by a bare loop of one httpx client a worker,
by the same loop with the least that a rerun needs (a line on disk before each request, and one with
its answer), and by `run_import` with its journal on disk, mapper and reader included. They take
turns, and the best of each counts: other work on the machine only ever slows a run down.
`--paced SECONDS` adds a run at 200 a minute and tells its share of a core.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import anyio
import httpx
from pydantic import SecretStr

from importer import ImportConfig, run_import

ROWS = 3000
ROUNDS = 3
WORKERS = 8
PATH = "/api/v1/crm/create-record"
BODY = b'{"ok":true,"external_id":"0033000000abcDE","record_url":"https://crm.test/contacts/1"}'
ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
    b"Date: Mon, 02 Mar 2026 09:30:00 GMT\r\nX-RateLimit-Limit: 9000000\r\n"
    b"X-RateLimit-Remaining: 8999999\r\nX-RateLimit-Reset: 1772443860\r\n\r\n" % len(BODY)
) + BODY
KEY = "vapk_test_" + "0a" * 24


class Canned(asyncio.Protocol):
    """Answers each request as soon as its body is whole, and reads nothing of it."""

    def __init__(self) -> None:
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        self._data += data
        while (end := self._data.find(b"\r\n\r\n")) >= 0:
            head = self._data[:end].lower()
            length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
            if len(self._data) < end + 4 + length:
                return
            self._data = self._data[end + 4 + length :]
            self._transport.write(ANSWER)


def serve(ready: Connection) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(Canned, "127.0.0.1", 0)
        ready.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


@contextmanager
def canned_server() -> Iterator[str]:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,))
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
    finally:
        process.kill()
        process.join()


def people(rows: int) -> list[dict[str, str]]:
    return [
        {
            "first_name": f"Person {number}",
            "last_name": "Al Mansouri",
            "email": f"person.{number}@example.com",
            "phone": f"+97150{number:07d}",
            "company": "Example Trading LLC",
            "city": "Dubai",
        }
        for number in range(rows)
    ]


def bare(base_url: str, rows: int, workers: int, journal: Path | None = None) -> float:
    """
    POST the records with one client a worker. Returns requests a second.

    With `journal`, a line of each request is on disk before it is sent, and one of its answer is
    written afterwards: what a script needs that is started again after a crash.
    """
    left = iter(people(rows))
    log = journal.open("ab", buffering=0) if journal else None

    async def work() -> None:
        headers = {"Authorization": f"Bearer {KEY}"}
        async with httpx.AsyncClient(headers=headers, trust_env=False) as client:
            for number, fields in enumerate(left):
                if log:
                    log.write(b'{"sent":"k%d"}\n' % number)
                    os.fdatasync(log.fileno())
                answer = await client.post(
                    base_url + PATH,
                    json={"object": "contact", "fields": fields, "idempotency_key": f"k{number}"},
                )
                created = answer.json()
                assert created["ok"]
                if log:
                    log.write(
                        b'{"key":"k%d","id":"%s"}\n' % (number, created["external_id"].encode())
                    )

    async def main() -> float:
        began = time.perf_counter()
        async with anyio.create_task_group() as tasks:
            for _ in range(workers):
                tasks.start_soon(work)
        return rows / (time.perf_counter() - began)

    return anyio.run(main)


def whole(base_url: str, rows: int, workers: int, folder: Path, **settings: Any) -> float:
    """Import the records from a file. Returns requests a second of the sending itself."""
    source = folder / "people.jsonl"
    source.write_text("".join(json.dumps(person) + "\n" for person in people(rows)))
    config = ImportConfig(
        sources=(str(source),),
        object="contact",
        base_url=base_url,
        api_key=SecretStr(KEY),
        concurrency=workers,
        **{"rate": 1_000_000, **settings},
    )
    summary = anyio.run(lambda: run_import(config))
    assert summary.counts["created"] == rows, summary
    return rows / summary.seconds


def sync_milliseconds(folder: Path) -> float:
    """Return what one fdatasync of an appended line takes there, the median of 100."""
    took = []
    with (folder / "sync").open("ab", buffering=0) as stream:
        for _ in range(100):
            stream.write(b"x" * 300)
            began = time.perf_counter()
            os.fdatasync(stream.fileno())
            took.append(time.perf_counter() - began)
    return sorted(took)[50] * 1000


def compare(rows: int, rounds: int, workers: int, place: Path) -> float:
    """Print both speeds and return their ratio."""
    loops, logged, imports = [], [], []
    with canned_server() as base_url:
        bare(base_url, 200, workers)
        for _ in range(rounds):
            loops.append(bare(base_url, rows, workers))
            with tempfile.TemporaryDirectory(dir=place) as folder:
                logged.append(bare(base_url, rows, workers, Path(folder, "log.jsonl")))
                imports.append(whole(base_url, rows, workers, Path(folder)))
    ratio = max(imports) / max(loops)
    with tempfile.TemporaryDirectory(dir=place) as folder:
        sync = sync_milliseconds(Path(folder))
    print(f"{rows} requests, {workers} workers, best of {rounds}, pace off, a canned server:")
    print(f"  bare httpx loop  {max(loops):7.0f} a second")
    print(
        f"  whole import     {max(imports):7.0f} a second; "
        f"one sync of its journal takes {sync:.2f} ms"
    )
    print(f"  a loop with log  {max(logged):7.0f} a second")
    print(f"  ratio            {ratio:7.0%}; to the loop with log {max(imports) / max(logged):.0%}")
    return ratio


def paced(seconds: int, place: Path) -> float:
    """Print and return the share of a core that an import at 200 a minute takes."""
    rows = max(1, seconds * 200 // 60)
    with canned_server() as base_url, tempfile.TemporaryDirectory(dir=place) as folder:
        before = resource.getrusage(resource.RUSAGE_SELF)
        began = time.perf_counter()
        whole(base_url, rows, WORKERS, Path(folder), rate=200)
        took = time.perf_counter() - began
        after = resource.getrusage(resource.RUSAGE_SELF)
    used = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    print(
        f"{rows} requests at 200 a minute: {used:.2f} s of CPU in {took:.0f} s, {used / took:.1%}"
    )
    print(f"  of a core; at most {after.ru_maxrss / 1024:.0f} MB of memory")
    return used / took


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--workers", type=int, default=WORKERS)
    parser.add_argument("--paced", type=int, default=0, metavar="SECONDS")
    place = Path(tempfile.gettempdir())
    parser.add_argument("--folder", type=Path, default=place, help="where the journal lies")
    given = parser.parse_args(arguments)
    compare(given.rows, given.rounds, given.workers, given.folder)
    if given.paced:
        paced(given.paced, given.folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
