"""Appending to a results file: on disk before what depends on it goes on, or never again."""

from __future__ import annotations

import errno
import json
import os
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from importer.core.errors import JournalError
from importer.writer.results import ResultsFile

LINES: list[dict[str, Any]] = [
    {"kind": "run", "run": "r1"},
    {"kind": "sent", "row": 1, "note": "ليلى"},
    {"kind": "row", "row": 1, "text": 'a "b"\n\u2028'},
]


def content(path: Path) -> bytes:
    return path.read_bytes()


def objects(path: Path) -> list[dict[str, Any]]:
    """Return the complete lines as objects."""
    return [json.loads(text) for text in content(path).split(b"\n")[:-1]]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def torn_at_opening(path: Path) -> bytes | None:
    file = ResultsFile(path)
    file.close()
    return file.torn.read_bytes() if file.torn else None


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "list.results.jsonl"


class Disk:
    """Stands for fdatasync: counts, fails when told to."""

    def __init__(self) -> None:
        self.syncs = 0
        self.error: BaseException | None = None
        self.during: Callable[[], object] = lambda: None

    def sync(self, fd: int) -> None:
        assert fd > 0
        self.syncs += 1
        self.during()
        if self.error is not None:
            raise self.error


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def watched(path: Path, disk: Disk) -> Iterator[ResultsFile]:
    file = ResultsFile(path, sync=disk.sync)
    yield file
    file.close()


async def test_what_is_appended_is_read_back(path: Path, watched: ResultsFile) -> None:
    await watched.append(LINES[0])
    await watched.append(*LINES[1:])
    assert objects(path) == LINES
    assert content(path).count(b"\n") == 3


async def test_lines_are_utf8_and_others_of_the_machine_cannot_read_them(
    path: Path, watched: ResultsFile
) -> None:
    await watched.append(LINES[1])
    assert "ليلى" in content(path).decode()
    assert mode(path) == 0o600


async def test_half_a_surrogate_pair_is_kept_as_its_escape(
    path: Path, watched: ResultsFile
) -> None:
    await watched.append({"kind": "row", "source": "na\udce9me.csv"})
    assert objects(path) == [{"kind": "row", "source": "na\udce9me.csv"}]
    content(path).decode()


async def test_a_second_opening_goes_on_behind_the_first(path: Path) -> None:
    for line in LINES:
        file = ResultsFile(path)
        await file.append(line)
        file.close()
    assert objects(path) == LINES


async def test_an_append_is_synced_before_it_returns(watched: ResultsFile, disk: Disk) -> None:
    await watched.append(LINES[0])
    assert disk.syncs == 1
    await watched.append(LINES[1], LINES[2])
    assert disk.syncs == 2


async def test_lines_appended_at_once_share_a_sync(
    path: Path, watched: ResultsFile, disk: Disk
) -> None:
    async with anyio.create_task_group() as tasks:
        for number in range(50):
            tasks.start_soon(watched.append, {"kind": "sent", "row": number})
    assert disk.syncs < 5
    assert sorted(line["row"] for line in objects(path)) == list(range(50))


async def test_lines_that_arrive_while_a_sync_runs_share_the_next(path: Path, disk: Disk) -> None:
    """With no patience every sync but the first runs in a thread, and the loop goes on."""
    file = ResultsFile(path, sync=disk.sync, patience=-1)
    running, go_on = threading.Event(), threading.Event()

    def held() -> None:
        running.set()
        go_on.wait(5)

    try:
        async with anyio.create_task_group() as tasks:
            disk.during = held
            tasks.start_soon(file.append, LINES[0])
            with anyio.fail_after(5):
                while not running.is_set():
                    await anyio.lowlevel.checkpoint()
            for number in range(20):
                tasks.start_soon(file.append, {"kind": "sent", "row": number})
            await anyio.lowlevel.checkpoint()
            go_on.set()
    finally:
        file.close()
    assert disk.syncs == 2
    assert len(objects(path)) == 21


async def test_lines_that_are_put_go_with_the_next_append(
    path: Path, watched: ResultsFile, disk: Disk
) -> None:
    told: list[Any] = []
    watched.put(LINES[0], then=told.append)
    watched.put(LINES[1], then=told.append)
    assert (disk.syncs, told) == (0, [])
    await watched.append(LINES[2])
    assert (disk.syncs, told) == (1, [None, None])
    assert objects(path) == LINES


async def test_who_put_lines_hears_why_they_are_not_on_disk(
    watched: ResultsFile, disk: Disk
) -> None:
    told: list[Any] = []
    disk.error = OSError(errno.EIO, "Input/output error")
    watched.put(LINES[0], then=told.append)
    with pytest.raises(JournalError) as caught:
        await watched.append(LINES[1])
    watched.put(LINES[0], then=told.append)
    with pytest.raises(JournalError):
        await watched.append()
    assert told == [caught.value, caught.value]


@pytest.mark.parametrize("patience", [-1, 60])
@pytest.mark.parametrize("error", [OSError(errno.EIO, "Input/output error"), OSError("odd")])
async def test_a_failed_sync_is_final(
    path: Path, disk: Disk, error: OSError, patience: float
) -> None:
    watched = ResultsFile(path, sync=disk.sync, patience=patience)
    await watched.append(LINES[0])
    disk.error = error
    with pytest.raises(JournalError, match="cannot be written") as caught:
        await watched.append(LINES[1])
    assert caught.value.exit_code == 3
    disk.error = None
    with pytest.raises(JournalError):
        await watched.append(LINES[2])
    assert disk.syncs == 2
    watched.close()


async def test_a_failed_sync_reaches_all_who_shared_it(watched: ResultsFile, disk: Disk) -> None:
    disk.error = OSError(errno.EIO, "Input/output error")
    refused = []

    async def append(number: int) -> None:
        try:
            await watched.append({"kind": "sent", "row": number})
        except JournalError:
            refused.append(number)

    async with anyio.create_task_group() as tasks:
        for number in range(10):
            tasks.start_soon(append, number)
    assert sorted(refused) == list(range(10))


async def test_an_interrupt_while_syncing_leaves_nobody_waiting(
    watched: ResultsFile, disk: Disk
) -> None:
    disk.error = KeyboardInterrupt()
    outcomes = []

    async def append(number: int) -> None:
        try:
            await watched.append({"kind": "sent", "row": number})
        except (JournalError, KeyboardInterrupt) as error:
            outcomes.append(type(error).__name__)

    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            for number in range(5):
                tasks.start_soon(append, number)
    assert sorted(outcomes) == ["JournalError"] * 4 + ["KeyboardInterrupt"]


async def test_a_full_disk_leaves_a_file_that_is_repaired_at_the_next_opening(
    path: Path, watched: ResultsFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    await watched.append(LINES[0])
    write, room = os.write, 10

    def nearly_full(fd: int, data: Any) -> int:
        nonlocal room
        if room <= 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        room -= (written := write(fd, bytes(data[:room])))
        return written

    monkeypatch.setattr(os, "write", nearly_full)
    with pytest.raises(JournalError, match="No space left on device"):
        await watched.append(LINES[1])
    monkeypatch.undo()
    assert content(path).count(b"\n") == 1
    assert objects(path) == LINES[:1]
    watched.close()
    assert torn_at_opening(path) == b'{"kind":"s'
    assert objects(path) == LINES[:1]


async def test_short_writes_are_carried_on(
    path: Path, watched: ResultsFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: write(fd, bytes(data[:3])))
    await watched.append(*LINES)
    monkeypatch.undo()
    assert objects(path) == LINES


async def test_who_is_cancelled_while_flushing_takes_nobody_along(
    path: Path, watched: ResultsFile, disk: Disk
) -> None:
    """The first to append flushes for all: its cancellation must not leave them waiting."""
    with anyio.fail_after(5):
        async with anyio.create_task_group() as others:
            async with anyio.create_task_group() as first:
                first.start_soon(watched.append, LINES[0])
                others.start_soon(watched.append, LINES[1])
                first.cancel_scope.cancel()
            await watched.append(LINES[2])
    assert {line["kind"] for line in objects(path)} >= {"sent", "row"}
    assert disk.syncs >= 1


async def test_an_append_in_a_cancelled_task_is_still_written(
    path: Path, watched: ResultsFile
) -> None:
    with anyio.CancelScope() as scope:
        scope.cancel()
        await watched.append(LINES[0])
    assert objects(path) == LINES[:1]
