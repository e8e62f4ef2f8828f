"""The journal of a job in the database: the same lines as in a results file, by its owner alone."""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest
from fleets import LINES, blocks_of, expire, lease_of, lines_of, store_of

from importer.core.errors import JournalError, ResultsError, ResultsInUse
from importer.fleet.database.connecting import Connection, connect
from importer.fleet.journal import blocks
from importer.fleet.journal.appender import Appender
from importer.writer.results import LineStore, ResultsFile


async def test_it_has_the_bytes_of_a_results_file(
    database: str, connection: Connection, appender: Appender, tmp_path: Path
) -> None:
    told: list[JournalError | None] = []
    lease = lease_of(connection)

    async def write(store: LineStore) -> None:
        with closing(store):
            await store.append(LINES[0])
            store.put(LINES[2], then=told.append)
            await store.append(LINES[1])
            await store.append()

    await write(store_of(tmp_path, database, appender, lease))
    await write(ResultsFile(tmp_path / "file.results.jsonl"))
    file = (tmp_path / "file.results.jsonl").read_bytes()
    assert lines_of(connection) == file
    assert (tmp_path / f"{lease.job}.results.jsonl").read_bytes() == file
    assert blocks_of(connection) == [(1, 1, 0), (2, 2, 1)]
    assert told == [None, None]
    assert b"".join(blocks.read_lines(connection, lease.job)) == file


async def test_a_copy_is_brought_up_to_date(
    database: str, connection: Connection, appender: Appender, tmp_path: Path
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    inode = 0
    for folder in (here, there, here, there, here):
        folder.mkdir(exist_ok=True)
        lease = lease_of(connection, key="k")
        with closing(store_of(folder, database, appender, lease)) as store:
            assert store.path.read_bytes() == lines_of(connection)
            inode = store.path.stat().st_ino
            await store.append(*LINES)
        store.note()
        expire(connection)
    again = store_of(here, database, appender, lease_of(connection, key="k"))
    assert again.path.stat().st_ino == inode  # it was added to, and not written anew
    again.close()


@pytest.mark.parametrize("change", ["edited", "killed", "no note", "an odd note"])
async def test_a_copy_that_may_not_be_whole_is_written_anew(
    database: str, connection: Connection, appender: Appender, tmp_path: Path, change: str
) -> None:
    lease = lease_of(connection)
    store = store_of(tmp_path, database, appender, lease)
    await store.append(*LINES)
    store.close()
    store.note()
    note = store.path.with_name(f"{store.path.name}.head")
    assert note.exists()
    if change == "edited":
        store.path.write_bytes(store.path.read_bytes().replace(b"r1", b"r2"))
    elif change == "killed":
        with store.path.open("ab") as file:
            file.write(b'{"kind":"row"')
    else:
        note.write_text("[1, 2]") if change == "an odd note" else note.unlink()
    with closing(store_of(tmp_path, database, appender, lease)) as again:
        assert again.path.read_bytes() == lines_of(connection)
        assert not note.exists()


async def test_an_owner_whose_key_was_taken_adds_nothing(
    database: str, connection: Connection, appender: Appender, tmp_path: Path
) -> None:
    old = lease_of(connection, key="k")
    with closing(store_of(tmp_path, database, appender, old)) as store:
        await store.append(LINES[0])
        with pytest.raises(ResultsInUse, match="in use by"):
            lease_of(connection, key="k")
        expire(connection)
        new = lease_of(connection, key="k")
        assert new.epoch == old.epoch + 1
        for _ in range(2):
            with pytest.raises(JournalError, match="has taken over"):
                await store.append(LINES[1])
        assert not old.is_valid()
    assert blocks_of(connection) == [(1, 1, 0)]


async def test_a_lease_that_has_expired_and_nobody_wanted_is_renewed(
    database: str, connection: Connection, appender: Appender, tmp_path: Path
) -> None:
    lease = lease_of(connection)
    with closing(store_of(tmp_path, database, appender, lease)) as store:
        expire(connection)
        lease.valid_until = 0
        await store.append(LINES[1])
        assert lease.is_valid()
    assert blocks_of(connection) == [(1, 1, 1)]


def test_a_takeover_waits_for_lines_that_are_being_added(
    database: str, connection: Connection
) -> None:
    from importer.fleet.journal import appender as module

    lease = lease_of(connection, key="k")
    expire(connection, -1)
    block = blocks.EMPTY.followed_by([b'{"kind":"sent","row":1}\n'])
    taken: list[int] = []

    def take_over() -> None:
        with closing(connect(database)) as other:
            while not taken:
                try:
                    taken.append(lease_of(other, key="k").job)
                except ResultsInUse:
                    continue
            taken.append(len(blocks_of(other)))

    thread = threading.Thread(target=take_over)
    with connection.transaction():
        request = module._Request(lease=lease, block=block, token=None)  # type: ignore[arg-type]
        assert module._append(connection, request).fetchone() == (1,)
        thread.start()
        thread.join(1.5)  # longer than the lease
        assert not taken
    thread.join()
    assert taken == [lease.job, 1]


@pytest.mark.parametrize("change", ["restored", "another owner"])
async def test_lines_that_do_not_follow_what_is_there_are_refused(
    database: str, connection: Connection, appender: Appender, tmp_path: Path, change: str
) -> None:
    lease = lease_of(connection)
    with closing(store_of(tmp_path, database, appender, lease)) as store:
        for line in LINES:
            await store.append(line)
        if change == "restored":
            connection.execute("DELETE FROM vorel_fleet.block WHERE first_line > 1")
        else:  # with another key of the same account
            other = lease_of(connection)
            (tmp_path / "other").mkdir()
            with closing(store_of(tmp_path / "other", database, appender, other)) as another:
                await another.append(LINES[2])
        with pytest.raises(JournalError, match="is not the one that this run has read"):
            await store.append(LINES[1])
    with closing(store_of(tmp_path, database, appender, lease)) as again:
        assert again.path.read_bytes() == lines_of(connection)
        await again.append(LINES[1])


async def test_blocks_of_several_jobs_are_added_together(
    database: str, connection: Connection, appender: Appender, tmp_path: Path
) -> None:
    leases = [lease_of(connection, f"job {n}", f"key {n}") for n in range(5)]
    stores = [store_of(tmp_path, database, appender, lease) for lease in leases]
    connection.execute("UPDATE vorel_fleet.lease SET epoch = 9 WHERE key = %s", (leases[3].key,))
    refused: list[int] = []

    async def write(number: int) -> None:
        try:
            await stores[number].append(*LINES)
            await stores[number].append(*LINES)
        except JournalError:
            refused.append(number)

    async with anyio.create_task_group() as tasks:
        for number in range(5):
            tasks.start_soon(write, number)
    for store in stores:
        store.close()
    assert refused == [3]
    assert blocks_of(connection) == [(1, 3, 1), (4, 3, 1)] * 4


async def test_a_copy_that_cannot_be_written_stops_the_run(
    database: str,
    connection: Connection,
    appender: Appender,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lease = lease_of(connection)
    with closing(store_of(tmp_path, database, appender, lease)) as store:

        async def full(_self: object, _lines: object) -> None:
            await anyio.lowlevel.checkpoint()
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(ResultsFile, "write", full)
        with pytest.raises(JournalError, match="No space left"):
            await store.append(LINES[0])
    monkeypatch.undo()
    with closing(store_of(tmp_path, database, appender, lease)) as again:
        assert again.path.read_bytes() == lines_of(connection) != b""


async def test_a_journal_cannot_be_set_aside(
    database: str, connection: Connection, appender: Appender, tmp_path: Path
) -> None:
    with (
        closing(store_of(tmp_path, database, appender, lease_of(connection))) as store,
        pytest.raises(ResultsError, match="another service"),
    ):
        store.set_aside()


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("DELETE FROM vorel_fleet.block WHERE first_line = 4", "line 4: it is missing"),
        ("DELETE FROM vorel_fleet.block WHERE first_line = 1", "line 1: it is missing"),
        ("UPDATE vorel_fleet.block SET lines = 'x' WHERE first_line = 4", "line 4: it was changed"),
    ],
)
async def test_a_damaged_journal_is_not_used(
    database: str,
    connection: Connection,
    appender: Appender,
    tmp_path: Path,
    damage: str,
    words: str,
) -> None:
    lease = lease_of(connection)
    with closing(store_of(tmp_path, database, appender, lease)) as store:
        for _ in range(3):
            await store.append(*LINES)
    connection.execute(damage.encode())
    with pytest.raises(ResultsError, match=words):
        list(blocks.read_lines(connection, lease.job))
    if "missing" in words:
        store.path.unlink()
        with pytest.raises(ResultsError, match="is missing"):
            store_of(tmp_path, database, appender, lease)


def test_a_long_journal_is_read_in_pieces(connection: Connection) -> None:
    job, head = blocks.add_job(connection, "long"), blocks.EMPTY
    for size in (1, 5000, 3, 4095, 4096, 1):
        block = head.followed_by([b'{"kind":"row","row":%d}\n' % n for n in range(size)])
        blocks.insert(connection, job, block)
        head = block.head
    assert blocks.read_head(connection, job) == head
    whole = lines_of(connection)
    assert b"".join(blocks.read_lines(connection, job, blocks.EMPTY, head)) == whole
    assert b"".join(blocks.read_lines(connection, job)) == whole
